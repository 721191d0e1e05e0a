//! P2: live events, tried without sockets and, in `load`, with them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed, also in its helpers")]

mod heartbeat;
mod load;
mod resume;
mod slow;
mod support;
mod topics;
