//! Customers.

pub mod customer;
pub mod customer_address;
pub mod customer_note;
pub mod customer_tag;
pub mod tag;
