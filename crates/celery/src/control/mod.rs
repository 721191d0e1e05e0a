//! Remote control: commands to workers, and what they answer.
//!
//! [`Control`] is the asking side, for workers of this library and of Celery in Python alike. The
//! answering side is in the worker. Names of commands and arguments are those of Celery 5.7
//! (`celery/app/control.py`).

mod answers;
pub(crate) mod patterns;
pub(crate) mod rates;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub use self::answers::{ActiveQueue, Broker as BrokerStats, Call, Known, Phase, Pool as PoolStats, Scheduled, Stats};
use crate::bus::{Bus, Command, ask};
use crate::error::Error;
use crate::events::Lamport;

/// How long replies are awaited unless it is said, as Celery does.
const PATIENCE: Duration = Duration::from_secs(1);

/// What each worker answered: the worker's name, and what it said or why it refused.
pub type ByNode<T> = BTreeMap<String, Result<T, String>>;

/// Asks workers and tells them what to do. Cheap to clone; the chained setters say whom.
///
/// Replies are awaited for [`patience`](Self::patience), less if all that heard have answered. A
/// worker that does not answer in time is missing in the answer: nobody knows who is there.
///
/// ```no_run
/// # async fn example(bus: std::sync::Arc<dyn celery::Bus>) -> Result<(), celery::Error> {
/// use std::time::Duration;
/// use celery::Control;
///
/// let control = Control::new(bus).patience(Duration::from_millis(500));
/// for (worker, stats) in control.stats().await? {
///     println!("{worker}: {stats:?}");
/// }
/// control.to(["celery@web1"]).pool_grow(2).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Control {
    bus: Arc<dyn Bus>,
    lamport: Arc<Lamport>,
    destination: Option<Vec<String>>,
    pattern: Option<(String, Matcher)>,
    patience: Duration,
    limit: Option<u64>,
}

/// How a pattern for workers' names is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// `*`, `?` and `[…]`, for the whole name.
    Glob,
    /// A regular expression, from the name's start.
    Pcre,
}

impl Matcher {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Glob => "glob",
            Self::Pcre => "pcre",
        }
    }
}

impl Control {
    /// For all workers on a bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus, lamport: Arc::default(), destination: None, pattern: None, patience: PATIENCE, limit: None }
    }

    /// For these workers alone. The answer is there when all of them have answered.
    #[must_use]
    pub fn to<N: Into<String>>(mut self, nodes: impl IntoIterator<Item = N>) -> Self {
        self.destination = Some(nodes.into_iter().map(Into::into).collect());
        self
    }

    /// For workers whose names fit.
    #[must_use]
    pub fn matching(mut self, pattern: impl Into<String>, matcher: Matcher) -> Self {
        self.pattern = Some((pattern.into(), matcher));
        self
    }

    /// How long replies are awaited; one second unless it is said.
    #[must_use]
    pub fn patience(mut self, span: Duration) -> Self {
        self.patience = span;
        self
    }

    /// No more replies are awaited than so many.
    #[must_use]
    pub fn limit(mut self, replies: u64) -> Self {
        self.limit = Some(replies);
        self
    }

    fn command(&self, method: &str, arguments: Value) -> Command {
        let arguments = if let Value::Object(arguments) = arguments { arguments } else { Map::new() };
        Command {
            destination: self.destination.clone(),
            pattern: self.pattern.as_ref().map(|(pattern, _)| pattern.clone()),
            matcher: self.pattern.as_ref().map(|(_, matcher)| matcher.as_str().to_owned()),
            clock: self.lamport.forward(),
            ..Command::new(method, arguments)
        }
    }

    /// Sends any command, and waits for no reply.
    pub async fn tell(&self, method: &str, arguments: Value) -> Result<(), Error> {
        self.bus.broadcast(&self.command(method, arguments)).await?;
        Ok(())
    }

    /// Sends any command, and gathers what is answered, as it came.
    pub async fn ask(&self, method: &str, arguments: Value) -> Result<BTreeMap<String, Value>, Error> {
        if self.destination.as_ref().is_some_and(Vec::is_empty) {
            return Ok(BTreeMap::new());
        }
        let replies = ask(&*self.bus, self.command(method, arguments), self.patience, self.limit).await?;
        let mut answers = BTreeMap::new();
        for reply in replies {
            self.lamport.adjust(reply.clock);
            answers.insert(reply.node, reply.value);
        }
        Ok(answers)
    }

    /// Asks, and reads what is answered.
    async fn read<T: DeserializeOwned>(&self, method: &str, arguments: Value) -> Result<ByNode<T>, Error> {
        let answers = self.ask(method, arguments).await?;
        Ok(answers.into_iter().map(|(node, value)| (node, read(value))).collect())
    }

    /// Tells, and reads what is answered under `ok`.
    async fn change(&self, method: &str, arguments: Value) -> Result<ByNode<String>, Error> {
        let answers = self.ask(method, arguments).await?;
        let said = |value: Value| read::<Value>(value).map(|value| value.get("ok").map(text).unwrap_or_default());
        Ok(answers.into_iter().map(|(node, value)| (node, said(value))).collect())
    }

    /// Who is there.
    pub async fn ping(&self) -> Result<ByNode<String>, Error> {
        self.change("ping", json!({})).await
    }

    /// What runs.
    pub async fn active(&self) -> Result<ByNode<Vec<Call>>, Error> {
        self.read("active", json!({})).await
    }

    /// What was fetched and waits for its turn.
    pub async fn reserved(&self) -> Result<ByNode<Vec<Call>>, Error> {
        self.read("reserved", json!({})).await
    }

    /// What was fetched and waits for its ETA.
    pub async fn scheduled(&self) -> Result<ByNode<Vec<Scheduled>>, Error> {
        self.read("scheduled", json!({})).await
    }

    /// The ids of calls that are not to be started.
    pub async fn revoked(&self) -> Result<ByNode<Vec<String>>, Error> {
        self.read("revoked", json!({})).await
    }

    /// Figures of the workers.
    pub async fn stats(&self) -> Result<ByNode<Stats>, Error> {
        self.read("stats", json!({})).await
    }

    /// The tasks the workers know, each with its rate limit in brackets if it has one.
    pub async fn registered(&self) -> Result<ByNode<Vec<String>>, Error> {
        self.read("registered", json!({})).await
    }

    /// The queues the workers serve.
    pub async fn active_queues(&self) -> Result<ByNode<Vec<ActiveQueue>>, Error> {
        self.read("active_queues", json!({})).await
    }

    /// The workers' settings, by Celery's names.
    pub async fn conf(&self) -> Result<ByNode<Map<String, Value>>, Error> {
        self.read("conf", json!({"with_defaults": false})).await
    }

    /// Where calls stand, among those that workers have in hand; by id.
    pub async fn query_task<I: Into<String>>(&self, ids: impl IntoIterator<Item = I>) -> Result<ByNode<BTreeMap<String, Known>>, Error> {
        self.read("query_task", json!({"ids": strings(ids)})).await
    }

    /// What the workers say of themselves, for a report of a fault.
    pub async fn report(&self) -> Result<ByNode<String>, Error> {
        self.change("report", json!({})).await
    }

    /// The workers' logical clocks.
    pub async fn clock(&self) -> Result<ByNode<u64>, Error> {
        #[derive(serde::Deserialize)]
        struct Clock {
            clock: u64,
        }
        let clocks = self.read::<Clock>("clock", json!({})).await?;
        Ok(clocks.into_iter().map(|(node, clock)| (node, clock.map(|clock| clock.clock))).collect())
    }

    /// These calls are not to be started any more. What runs goes on.
    pub async fn revoke<I: Into<String>>(&self, ids: impl IntoIterator<Item = I>) -> Result<ByNode<String>, Error> {
        self.change("revoke", json!({"task_id": strings(ids), "terminate": false})).await
    }

    /// These calls are not to be started any more, and what runs is ended: an async task at its
    /// next `.await`; a blocking one is told; one of Python's is killed by `SIGTERM`.
    pub async fn terminate<I: Into<String>>(&self, ids: impl IntoIterator<Item = I>) -> Result<ByNode<String>, Error> {
        self.change("revoke", json!({"task_id": strings(ids), "terminate": true, "signal": "SIGTERM"})).await
    }

    /// How often a task may start, as Celery writes it: `10/s`, `30/m`, `100/h`; empty: no limit.
    pub async fn rate_limit(&self, task: &str, rate: &str) -> Result<ByNode<String>, Error> {
        self.change("rate_limit", json!({"task_name": task, "rate_limit": rate})).await
    }

    /// The time limits of a task from now on; `None`: none.
    pub async fn time_limit(&self, task: &str, soft: Option<Duration>, hard: Option<Duration>) -> Result<ByNode<String>, Error> {
        let seconds = |limit: Option<Duration>| limit.map(|limit| limit.as_secs_f64());
        self.change("time_limit", json!({"task_name": task, "soft": seconds(soft), "hard": seconds(hard)})).await
    }

    /// So many more tasks at once.
    pub async fn pool_grow(&self, by: u32) -> Result<ByNode<String>, Error> {
        self.change("pool_grow", json!({"n": by})).await
    }

    /// So many fewer tasks at once, but never none.
    pub async fn pool_shrink(&self, by: u32) -> Result<ByNode<String>, Error> {
        self.change("pool_shrink", json!({"n": by})).await
    }

    /// Serve this queue too.
    pub async fn add_consumer(&self, queue: &str) -> Result<ByNode<String>, Error> {
        self.change("add_consumer", json!({"queue": queue})).await
    }

    /// Serve this queue no more.
    pub async fn cancel_consumer(&self, queue: &str) -> Result<ByNode<String>, Error> {
        self.change("cancel_consumer", json!({"queue": queue})).await
    }

    /// Tell what becomes of tasks.
    pub async fn enable_events(&self) -> Result<ByNode<String>, Error> {
        self.change("enable_events", json!({})).await
    }

    /// Tell no more what becomes of tasks.
    pub async fn disable_events(&self) -> Result<ByNode<String>, Error> {
        self.change("disable_events", json!({})).await
    }

    /// Let workers say at once that they are there.
    pub async fn heartbeat(&self) -> Result<(), Error> {
        self.tell("heartbeat", json!({})).await
    }

    /// Let workers end, as at `SIGTERM`: what runs may end. They do not answer.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.tell("shutdown", json!({})).await
    }
}

fn strings<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Vec<String> {
    ids.into_iter().map(Into::into).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a worker answered, or why it did not do it.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    if let Some(error) = value.get("error") {
        return Err(text(error));
    }
    T::deserialize(value).map_err(|error| format!("the answer cannot be read: {error}"))
}
