//! The payment ledger.

pub mod payment_entry;
pub mod payment_method;
pub mod payment_proof;
pub mod payment_proposal;
