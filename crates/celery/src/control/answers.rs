//! What workers answer, as this library and Celery 5.7 send it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A call in a worker's hands: what Celery calls a request.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Call {
    /// Its id.
    pub id: String,
    /// The task's name.
    pub name: String,
    /// Positional arguments: a list, or text if they were asked for as such.
    #[serde(default)]
    pub args: Value,
    /// Keyword arguments: an object, or text.
    #[serde(default)]
    pub kwargs: Value,
    /// The worker that has it.
    #[serde(default)]
    pub hostname: Option<String>,
    /// When it began, in seconds since 1970; nothing: not yet.
    #[serde(default)]
    pub time_start: Option<f64>,
    /// Whether it was acknowledged to the broker.
    #[serde(default)]
    pub acknowledged: bool,
    /// How it came: exchange, routing key, priority, whether it was redelivered.
    #[serde(default)]
    pub delivery_info: Map<String, Value>,
    /// The process that runs it.
    #[serde(default)]
    pub worker_pid: Option<u32>,
}

/// A call that waits for its ETA.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Scheduled {
    /// When, in ISO 8601.
    pub eta: Option<String>,
    /// Its priority in the worker's timer, of no meaning outside.
    #[serde(default)]
    pub priority: i64,
    /// The call.
    pub request: Call,
}

/// Where a call stands in a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Phase {
    /// Runs.
    Active,
    /// Waits for its turn.
    Reserved,
    /// Waits for its ETA.
    Scheduled,
    /// Has ended, and is about to be forgotten.
    Ready,
}

/// What a worker knows of a call: where it stands, and what it is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Known(pub Phase, pub Call);

/// A queue that a worker serves.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ActiveQueue {
    /// Its name.
    pub name: String,
    /// The key under which it is bound.
    #[serde(default)]
    pub routing_key: Option<String>,
    /// Everything else, by Celery's names.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A worker's figures.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Stats {
    /// How many tasks were started, by name.
    #[serde(default)]
    pub total: BTreeMap<String, u64>,
    /// The worker's process.
    pub pid: u32,
    /// Its logical clock, as text.
    #[serde(default)]
    pub clock: String,
    /// For how many seconds it has been running.
    #[serde(default)]
    pub uptime: u64,
    /// How it runs tasks.
    pub pool: Pool,
    /// From where it fetches them.
    #[serde(default)]
    pub broker: Option<Broker>,
    /// How many it may have in hand.
    #[serde(default)]
    pub prefetch_count: Option<u64>,
    /// Everything else, by Celery's names: `rusage` for instance.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// How a worker runs tasks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Pool {
    /// What it is made of.
    #[serde(default)]
    pub implementation: String,
    /// How many at once.
    #[serde(rename = "max-concurrency")]
    pub max_concurrency: u32,
    /// Its processes.
    #[serde(default)]
    pub processes: Vec<u32>,
}

/// A worker's broker.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Broker {
    /// Its kind.
    #[serde(default)]
    pub transport: Option<String>,
    /// The machine it is on.
    #[serde(default)]
    pub hostname: Option<String>,
    /// The port it listens on.
    #[serde(default)]
    pub port: Option<u16>,
    /// Everything else, by Celery's names.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
