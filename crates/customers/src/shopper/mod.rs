//! The shopper's own account (P15): what its routes and the storefront's pages call.
//!
//! Nobody learns here whether an address has an account: registering and asking for
//! a new password answer the same for every address, and what they are about goes
//! there by mail. An account comes to life by the link in that mail, so that nobody
//! sees the orders of an address that is not theirs.

mod account;
mod address;
pub(crate) mod api;
mod letter;
mod orders;
mod password;
mod register;
mod session;

pub use account::{Account, ChangeAccount, change, me};
pub use address::{OwnAddress, add_address, addresses, change_address, remove_address};
pub use orders::{OwnOrder, orders};
pub(crate) use password::RESET;
pub use password::{Hashed, PASSWORD_MIN, change_password, forgot, hashed, reset};
pub use register::{Registration, confirm, register};
pub use session::{SignedIn, open, sign_in, sign_out};
