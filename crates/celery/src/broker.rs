//! What a message broker must do for client and worker.
//!
//! The shape fits a table, Redis lists with a visibility timeout, and an AMQP channel: whoever
//! claims holds a lease, tells by a receipt how it ended, and what is never settled comes back.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::error::Error;
use crate::message::Message;
use crate::results::Failure;

/// Where messages wait, and from where workers fetch them. Everything is batched.
#[async_trait]
pub trait Broker: Debug + Send + Sync {
    /// Its kind, for people to read: `redis`.
    fn kind(&self) -> &'static str;

    /// Where it is, without a password.
    fn address(&self) -> String;

    /// Whether it keeps back a message until its ETA. If not, the worker does so in its memory, as
    /// Celery's does.
    fn keeps_time(&self) -> bool;

    /// Hands over messages. Where ids are known to the broker, one that is there already is left
    /// as it is; the number of new ones is returned.
    async fn publish(&self, messages: &[Message], now: DateTime<Utc>) -> Result<u64, Error>;

    /// Takes up to `claim.max` messages that are due, the most urgent first.
    async fn claim(&self, claim: &Claim<'_>) -> Result<Vec<Delivery>, Error>;

    /// This worker fetches no more. A broker that has sent messages ahead takes back those that were
    /// not claimed; what was claimed stays the worker's.
    async fn leave(&self, worker: &str) -> Result<(), Error> {
        let _ = worker;
        Ok(())
    }

    /// Renews leases to `now + lease`, and returns the receipts whose lease is lost.
    async fn extend(&self, receipts: &[Receipt], now: DateTime<Utc>, lease: Duration) -> Result<Vec<Receipt>, Error>;

    /// Acknowledges before running (early acknowledgement): a lost worker's message is not given
    /// to another one. Returns the receipts whose lease was lost before.
    async fn acknowledge(&self, receipts: &[Receipt]) -> Result<Vec<Receipt>, Error>;

    /// Says how deliveries ended, and sends what follows from it, both or neither. A receipt whose
    /// lease was lost is passed over.
    async fn settle(&self, settlements: &[Settlement], now: DateTime<Utc>) -> Result<(), Error>;

    /// Deals with leases that ran out before `now`: back into the queue, or aside as poison at the
    /// `max_deliveries`-th loss.
    async fn sweep(&self, now: DateTime<Utc>, lease: Duration, max_deliveries: u32) -> Result<Swept, Error>;

    /// How much waits and runs in these queues, or in all that are known if none is named; sorted
    /// by name. Empty queues may be left out.
    async fn depth(&self, queues: &[String], now: DateTime<Utc>) -> Result<Vec<Depth>, Error>;

    /// Withdraws all that waits in a queue, and returns how many.
    async fn purge(&self, queue: &str, now: DateTime<Utc>) -> Result<u64, Error>;

    /// Withdraws one call that has not started, where the broker can find it. `false`: it cannot.
    async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<bool, Error>;

    /// Forgets what ended before `before`, and returns how much.
    async fn forget(&self, before: DateTime<Utc>) -> Result<u64, Error>;

    /// All that waits, due or not, oldest first.
    async fn waiting(&self) -> Result<Vec<Message>, Error>;

    /// Removes what waits for the task `name` and returns it, oldest first: for assertions in tests.
    async fn take(&self, name: &str) -> Result<Vec<Message>, Error>;

    /// Rings when something new may be there.
    fn bell(&self) -> Box<dyn Bell>;

    /// Rings the bells of this process.
    fn wake(&self);
}

/// Tells a worker that asking may be worth it.
#[async_trait]
pub trait Bell: Debug + Send {
    /// Forgets what rang before. What comes from here on rings.
    fn hush(&mut self);

    /// Waits until something may be there in one of these queues. Dropping the wait loses nothing.
    async fn rung(&mut self, queues: &[String]);
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
    /// How many the worker will hold at once, at most; for brokers that push.
    pub window: u32,
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
    /// Whether somebody had it before.
    pub redelivered: bool,
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
    /// Whether it was acknowledged before it ran.
    pub acknowledged: bool,
    /// What is to be sent because of it.
    pub then: Vec<Message>,
}

impl Settlement {
    /// How a delivery ended that was not acknowledged before, and nothing follows.
    pub const fn new(receipt: Receipt, outcome: Outcome) -> Self {
        Self { receipt, outcome, acknowledged: false, then: Vec::new() }
    }
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
    /// Never to be run, or ended by hand: too late or withdrawn.
    Revoked(String),
    /// Set aside for people to look at.
    Poison(String),
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

impl Swept {
    pub(crate) const fn total(&self) -> u64 {
        self.redelivered.saturating_add(self.poisoned).saturating_add(self.lost)
    }
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
    /// In the hands of workers, where the broker knows.
    pub running: u64,
    /// Since when the first of the ready ones could have run, where the broker knows.
    pub oldest: Option<DateTime<Utc>>,
}

impl Depth {
    pub(crate) fn empty(queue: &str) -> Self {
        Self { queue: queue.to_owned(), ready: 0, scheduled: 0, running: 0, oldest: None }
    }
}
