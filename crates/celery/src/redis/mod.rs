//! Redis, with the keys and envelopes of kombu's transport, so that Python's workers and senders
//! share its queues.
//!
//! * A queue is four lists, one a step of priority: `q`, `q␆␖3`, `q␆␖6`, `q␆␖9`; the sender pushes
//!   on the left, the worker takes from the right. **0 is the most urgent here**, as in Celery.
//! * What a worker holds lies in the hash `unacked` as `[message, exchange, routing key]`, under a tag
//!   that stands in the sorted set `unacked_index` with the time of its delivery. What is older than
//!   the visibility timeout is put back at the right end.
//! * `_kombu.binding.<exchange>` names the queues of an exchange.
//!
//! Otherwise than kombu, taking a message and noting it as held is one script, so a connection that
//! breaks in between loses nothing; and what a worker holds is renewed while it lives, so that a long
//! task or a far ETA is not given to a second one.
//!
//! Facts from `kombu/transport/redis.py` and `celery/backends/redis.py`, versions 5.7.

mod bell;
mod broker;
mod bus;
mod results;
mod scripts;

use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, IntoConnectionInfo as _};

pub use self::broker::RedisBroker;
pub use self::bus::RedisBus;
pub use self::results::RedisResults;
use crate::address::without_password;
use crate::error::Error;

/// Parts a queue's name from its step of priority.
const SEPARATOR: &str = "\u{6}\u{16}";

/// Kombu's steps of priority, the most urgent first.
const STEPS: [u8; 4] = [0, 3, 6, 9];

/// One server, reached anew whenever the connection is lost.
#[derive(Clone)]
pub(crate) struct Server {
    client: Client,
    connection: ConnectionManager,
    address: String,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Server").field(&self.address).finish()
    }
}

impl Server {
    /// Opens `redis://[user:password@]host[:port][/database]` or `rediss://` for TLS. Nothing is
    /// reached yet: the first command connects.
    fn open(url: &str) -> Result<Self, Error> {
        let refused = |reason: String| Error::Url { url: without_password(url), reason };
        let info = url.into_connection_info().map_err(|error| refused(format!("is no address of a Redis: {error}")))?;
        let client = Client::open(info).map_err(|error| refused(format!("cannot be used: {error}")))?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(Duration::from_secs(30)))
            .set_connection_timeout(Some(Duration::from_secs(5)))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(500));
        let connection = client.get_connection_manager_lazy(config)?;
        Ok(Self { client, connection, address: without_password(url) })
    }

    fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }
}

/// The list in which a message of this priority waits.
fn list_of(queue: &str, priority: u8) -> String {
    match STEPS.into_iter().rev().find(|step| *step <= priority).unwrap_or(0) {
        0 => queue.to_owned(),
        step => format!("{queue}{SEPARATOR}{step}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_kombus_steps() {
        assert_eq!(
            [0, 2, 3, 5, 8, 9, 200].map(|priority| list_of("q", priority)),
            ["q", "q", "q\u{6}\u{16}3", "q\u{6}\u{16}3", "q\u{6}\u{16}6", "q\u{6}\u{16}9", "q\u{6}\u{16}9"]
        );
    }
}
