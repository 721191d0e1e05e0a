//! Customers (M7) and the shopper's account (P15).

mod account;
mod erase;
mod import;
mod merge;
mod records;
