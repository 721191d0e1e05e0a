//! The payment ledger.

pub mod payment_entry;
pub mod payment_method;
