//! Live events over WebSocket, for an application that numbers its events.
//!
//! The application publishes each event once, in the order of its number; the hub
//! encodes it once and hands the same bytes to every session that hears its
//! topic. What always holds:
//!
//! * **No loss, no repeat.** A session that resumes after an id gets every later
//!   event of its topics once, in order, whatever is published meanwhile. Where
//!   the log no longer reaches back, it is told to start afresh (`reset`).
//! * **Nobody is waited for.** A session has a bounded queue; a reader that lets
//!   it fill, or lets the socket stand still, is closed with a code.
//! * **Both ends notice silence.** Each pings the other; two missed beats and
//!   the connection is given up.
//! * **A right taken away works at once**, also for what was queued already.
//!
//! Deliberately absent: sockets (a session runs over any `Stream` and `Sink` of
//! [`Frame`]s), a database (the application implements [`EventLog`]), and a way
//! between nodes (each node publishes what it reads from the log).

mod error;
mod event;
mod frame;
mod hub;
mod log;
mod pages;
mod session;
mod slot;

pub use crate::error::Error;
pub use crate::event::{Event, Topics};
pub use crate::frame::{CloseCode, Frame, Text};
pub use crate::hub::{Config, Counts, Hub};
pub use crate::log::{EventLog, MemoryLog};
pub use crate::session::{End, Session, SessionHandle};
