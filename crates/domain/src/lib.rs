//! The shop's rules: money, the order machine, pricing, stock, shipping, days.
//!
//! Everything here is a pure function of its arguments: no database, no clock, no
//! HTTP, no randomness, and no arithmetic that can overflow in silence. The same
//! input gives the same output, byte for byte.

pub mod money;
pub mod moved_in;
pub mod order;
pub mod pricing;
pub mod shipping;
pub mod stock;
pub mod text;
pub mod time;

pub use money::{Currency, Money, MoneyError, Ppm, half_up, percent_off, prorate};
pub use text::{Email, Locale, Phone, TextError};
