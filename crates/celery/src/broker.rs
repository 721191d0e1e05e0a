//! What a message broker must do for client and worker.
//!
//! The shape fits a table, Redis lists with a visibility timeout, and an AMQP channel: whoever
//! claims holds a lease, tells by a receipt how it ended, and what is never settled comes back.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::watch;

use crate::error::Error;
use crate::message::Message;

/// Where messages wait, and from where workers fetch them. Everything is batched.
#[async_trait]
pub trait Broker: Debug + Send + Sync {
    /// Hands over messages. An id that is known already is left as it is; the number of new ones
    /// is returned.
    async fn publish(&self, messages: &[Message], now: DateTime<Utc>) -> Result<u64, Error>;

    /// Takes up to `claim.max` messages that are due, the highest priority first.
    async fn claim(&self, claim: &Claim<'_>) -> Result<Vec<Delivery>, Error>;

    /// Moves the end of leases to `until`, and returns the receipts whose lease is lost.
    async fn extend(&self, receipts: &[Receipt], until: DateTime<Utc>) -> Result<Vec<Receipt>, Error>;

    /// Acknowledges before running (early acknowledgement): a lost worker's message is not given
    /// to another one. `false`: the lease was lost before.
    async fn acknowledge(&self, receipt: Receipt) -> Result<bool, Error>;

    /// Says how deliveries ended. A receipt whose lease was lost is passed over.
    async fn settle(&self, settlements: &[Settlement], now: DateTime<Utc>) -> Result<(), Error>;

    /// Deals with leases that ran out before `now`: back into the queue, or aside as poison at the
    /// `max_deliveries`-th loss.
    async fn sweep(&self, now: DateTime<Utc>, max_deliveries: u32) -> Result<Swept, Error>;

    /// How much waits and runs, by queue, sorted by name.
    async fn depth(&self, now: DateTime<Utc>) -> Result<Vec<Depth>, Error>;

    /// Withdraws all that waits in a queue, and returns how many.
    async fn purge(&self, queue: &str, now: DateTime<Utc>) -> Result<u64, Error>;

    /// Withdraws one call that has not started. `false`: it has, or is unknown.
    async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<bool, Error>;

    /// Forgets what ended before `before`, and returns how much.
    async fn forget(&self, before: DateTime<Utc>) -> Result<u64, Error>;

    /// All that waits, due or not, oldest first.
    async fn waiting(&self) -> Result<Vec<Message>, Error>;

    /// Removes what waits for the task `name` and returns it, oldest first: for assertions in tests.
    async fn take(&self, name: &str) -> Result<Vec<Message>, Error>;

    /// Tells the workers of this process that something new may be there.
    fn wake(&self);

    /// Changes at each [`wake`](Self::wake).
    fn wakeups(&self) -> watch::Receiver<u64>;
}

/// Where results are kept when the broker does not keep them itself.
#[async_trait]
pub trait ResultBackend: Debug + Send + Sync {
    /// Keeps results.
    async fn store(&self, results: &[TaskResult]) -> Result<(), Error>;

    /// Finds one, or what is known of a call that has not ended.
    async fn get(&self, id: &str) -> Result<Option<TaskResult>, Error>;
}

/// A request for messages.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Who asks.
    pub worker: &'a str,
    /// From which queues, the first one first.
    pub queues: &'a [String],
    /// How many at most.
    pub max: u32,
    /// The time.
    pub now: DateTime<Utc>,
    /// For how long.
    pub lease: Duration,
}

/// What tells one delivery from every other, also from another one of the same message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt {
    /// The message, as the broker counts (row, delivery tag).
    pub tag: i64,
    /// Which delivery of it; a stale one settles nothing.
    pub fence: i64,
}

/// A message in the hands of a worker.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// To be shown when settling.
    pub receipt: Receipt,
    /// Since when it could have run: what `now` exceeds this by is the wait in the queue.
    pub due_at: DateTime<Utc>,
    /// The message, or why it cannot be read.
    pub message: Result<Message, Malformed>,
}

/// A message that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Its id, if that could be found.
    pub id: String,
    /// What is wrong with it.
    pub reason: String,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// Which delivery.
    pub receipt: Receipt,
    /// How.
    pub outcome: Outcome,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Well, with a result to keep or none.
    Done(Option<Value>),
    /// Failed for good.
    Failed(Failure),
    /// To be tried again: the message with its new count of retries, not before `at`.
    Retry {
        /// What to run then.
        message: Box<Message>,
        /// When.
        at: DateTime<Utc>,
        /// Why.
        failure: Failure,
    },
    /// Given back unstarted, as it was; `Some`: not before then.
    Release(Option<DateTime<Utc>>),
    /// Never to be run: too late or withdrawn.
    Revoked(String),
    /// Set aside for people to look at.
    Poison(String),
}

/// Why a task failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind: an exception's class, as Python would say.
    pub kind: String,
    /// One line.
    pub message: String,
    /// The chain of causes, one a line.
    pub traceback: String,
}

impl Failure {
    pub(crate) fn new(kind: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind: kind.to_owned(), traceback: format!("{kind}: {message}"), message }
    }
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits, or will be tried again.
    Pending,
    /// In the hands of a worker.
    Running,
    /// Ended well.
    Done,
    /// Failed for good.
    Failed,
    /// Withdrawn or expired; never ran.
    Revoked,
    /// Set aside.
    Poison,
}

impl State {
    /// The word used in the table and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Revoked => "revoked",
            Self::Poison => "poison",
        }
    }

    /// The word that Celery's result backends use.
    pub const fn celery(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "STARTED",
            Self::Done => "SUCCESS",
            Self::Failed | Self::Poison => "FAILURE",
            Self::Revoked => "REVOKED",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Running, Self::Done, Self::Failed, Self::Revoked, Self::Poison]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// What is known of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskResult {
    /// The call's id.
    pub id: String,
    /// The task's name.
    pub task: String,
    /// Where it stands.
    pub state: State,
    /// What it returned, if that is kept.
    pub result: Option<Value>,
    /// The last failure, also of a call that will be tried again or was set aside.
    pub failure: Option<Failure>,
    /// How often it was tried again.
    pub retries: u32,
    /// How often it was handed to a worker.
    pub tries: u32,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What a sweep found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Back in the queue.
    pub redelivered: u64,
    /// Set aside: lost too often.
    pub poisoned: u64,
    /// Failed: acknowledged before running, and lost with the worker.
    pub lost: u64,
}

/// The numbers of one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Its name.
    pub queue: String,
    /// Could run now.
    pub ready: u64,
    /// Waits for its time.
    pub scheduled: u64,
    /// In the hands of workers.
    pub running: u64,
    /// Since when the first of the ready ones could have run.
    pub oldest: Option<DateTime<Utc>>,
}

impl Depth {
    pub(crate) fn empty(queue: &str) -> Self {
        Self { queue: queue.to_owned(), ready: 0, scheduled: 0, running: 0, oldest: None }
    }
}
