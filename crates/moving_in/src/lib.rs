//! Moving in (B17): past orders of another shop, with their dates and the prices as
//! they were sold.
//!
//! A crate of its own, above `orders`, `payments` and `fulfilment`, because a past
//! order is a row in the ledgers of all three, written in one transaction. Nothing
//! else happens: no stock moves, no mail leaves, no event is told, no queue fills.
//!
//! What always holds:
//! * an order is its number: the same order read again changes nothing, another one
//!   under a number that is taken is refused;
//! * a line is its ordinal in the file: the same row twice is two lines;
//! * a line's total is list price × quantity × (1 − discount), half up, by the rule
//!   that prices our own orders; a file that says otherwise is refused, row by row.

mod order;
mod row;

pub use order::Orders;
