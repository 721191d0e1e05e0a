//! The database: every table's entity, connecting, and all that differs between
//! SQLite and PostgreSQL.
//!
//! What always holds: a transaction begins only in [`Databases::begin`]; the
//! reading pool refuses writes; no dialect is named outside [`dialect`].

mod connect;
pub mod dialect;
pub mod dump;
pub mod entity;
pub mod pattern;
mod settling;
mod unique;
mod violated;

pub use connect::{ConnectError, Databases, Options, check_url, connect};
pub use violated::{Violation, ViolationKind, violated};
