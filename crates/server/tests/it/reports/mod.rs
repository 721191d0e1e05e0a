//! Reports (M9).

mod orders;
mod superstore;
