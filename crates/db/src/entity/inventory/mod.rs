//! Stock and its ledger.

pub mod reservation;
pub mod stock;
pub mod stock_entry;
