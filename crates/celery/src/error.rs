//! What can go wrong between a caller and the queue.

use crate::crontab::CrontabError;

/// An error of the library itself. What goes wrong *inside* a task is a [`TaskError`](crate::TaskError).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database refused a statement or could not be reached.
    #[cfg(feature = "database")]
    #[error("the task queue's database failed")]
    Database(#[from] sea_orm::DbErr),

    /// Redis refused a command or could not be reached.
    #[cfg(feature = "redis")]
    #[error("Redis failed: {0}")]
    Redis(#[from] ::redis::RedisError),

    /// RabbitMQ could not be reached, refused something or did not answer.
    #[cfg(feature = "rabbitmq")]
    #[error("RabbitMQ at {address} failed: {reason}")]
    RabbitMq {
        /// Where it is, without a password.
        address: String,
        /// What it said.
        reason: String,
    },

    /// A URL that names no broker or result backend known here.
    #[error("`{url}` {reason}")]
    Url {
        /// The URL, without a password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A queue holds as much as it may.
    #[error("the queue `{queue}` holds {limit} messages and takes no more now; try again later")]
    Full {
        /// Its name.
        queue: String,
        /// How many it may hold.
        limit: u64,
    },

    /// What this broker cannot do.
    #[error("the broker `{broker}` cannot {what}")]
    NotOffered {
        /// Its kind.
        broker: &'static str,
        /// What was asked.
        what: &'static str,
    },

    /// A chord needs a result backend, which the client has not.
    #[error("a chord waits for results: give the client a result backend")]
    NoResults,

    /// There is no SQL here for this kind of database.
    #[error("the task queue runs on SQLite and PostgreSQL, not on {0}")]
    Unsupported(String),

    /// A message cannot be written as JSON.
    #[error("a message of task `{task}` cannot be written as JSON")]
    Encode {
        /// Name of the task.
        task: String,
        /// What the serialiser said.
        source: serde_json::Error,
    },

    /// Arguments that are neither named nor positional.
    #[error("the arguments of task `{task}` must be a struct, a map, a tuple or nothing, not {found}")]
    Arguments {
        /// Name of the task.
        task: String,
        /// What was given, in JSON's words.
        found: &'static str,
    },

    /// A message longer than [`Message::MAX_BYTES`](crate::Message::MAX_BYTES).
    #[error("a message of task `{task}` has {bytes} bytes, more than the {limit} allowed; store the data and send its key")]
    TooLarge {
        /// Name of the task.
        task: String,
        /// Its length as JSON.
        bytes: usize,
        /// The limit.
        limit: usize,
    },

    /// A queue, priority, name or the like outside what is allowed.
    #[error("{what} {reason}")]
    Invalid {
        /// Which setting.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },

    /// Two tasks with one name in one registry.
    #[error("a task named `{0}` is registered already")]
    Duplicate(String),

    /// Two entries of a schedule with one name.
    #[error("the schedule has an entry named `{0}` already")]
    DuplicateEntry(String),

    /// A crontab line that cannot be read.
    #[error(transparent)]
    Crontab(#[from] CrontabError),

    /// A message that came from elsewhere and cannot be read.
    #[error("a message cannot be read: {0}")]
    Unreadable(String),

    /// A stored row that this version cannot read.
    #[error("row {row} of the queue cannot be read: {reason}")]
    Row {
        /// Which row.
        row: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    pub(crate) fn invalid(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { what, reason: reason.into() }
    }
}
