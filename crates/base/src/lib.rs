//! What every module stands on: the application, the write transaction, and
//! what commits with it (audit, events, tasks, mails).
//!
//! Owns `session`, `api_key`, `setting`, `event`, `audit_entry`, `idempotency_key`,
//! `file`, `mail`, `job`, `channel`, `warehouse`, `tax_class`, `shop_version` and `number_sequence`.
//!
//! What always holds:
//! * a write happens inside a [`Tx`], and only [`App::begin`] makes one;
//! * nothing slow or remote happens inside a transaction: tasks, mails and
//!   events are rows that commit with it;
//! * an event's number is given after its commit, so a reader at 105 never
//!   misses 104.

mod actor;
mod app;
mod audit;
mod clock;
mod error;
mod files;
mod idempotency;
mod proof;
mod reach;
mod relay;
mod rights;
mod sweep;
mod tx;

pub mod api_key;
pub mod channel;
pub mod job;
pub mod last_used;
pub mod mail;
pub mod number;
pub mod one_time;
pub mod password;
pub mod secrets;
pub mod session;
pub mod setting;
pub mod shelf;
pub mod throttle;

pub use actor::{Actor, ActorKind};
pub use app::{App, Parts, Shop};
pub use audit::prove as prove_audit;
pub use clock::Clock;
pub use error::Error;
pub use files::{Arrived, Files, Incoming, ReadSeek, StoredFile, Visibility};
pub use idempotency::{IdempotencyKey, Stored};
pub use proof::Proof;
pub use reach::Reach;
pub use relay::{EVENT_CHANNEL, StoredEvents, relay_once, run as run_relay};
pub use rights::Right;
pub use secrets::Secrets;
pub use sweep::Sweep;
pub use tx::{Event, Tx};

/// The result of an operation of the base.
pub type Result<T, E = Error> = std::result::Result<T, E>;
