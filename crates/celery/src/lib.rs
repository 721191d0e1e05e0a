//! Background tasks: typed tasks, workers and beat, in the message protocol of Celery.
//!
//! A [`Task`] is a type with a name, arguments and an async `run`. A [`Client`] makes a
//! [`Message`] of it, and writes that into the caller's own database transaction or sends it to a
//! [`Broker`]. A [`Worker`] fetches messages in batches, runs them with retries, time limits and
//! leases, and [`Beat`] sends them by the clock. [`DatabaseBroker`] is the broker that needs
//! nothing but SQLite or PostgreSQL; [`RedisBroker`] and [`RabbitBroker`] share their queues with
//! Celery in Python.
//! A [`Signature`] describes a call to be sent later, alone or in a chain, a group or a chord.
//! A [`Bus`] beside the broker carries remote control, which [`Control`] asks for, and events.
//!
//! What always holds:
//! * a message written in a transaction exists if and only if the transaction commits;
//! * with late acknowledgement a task runs at least once, without it at most once;
//! * nothing in a message (unknown task, wrong arguments, broken JSON) and nothing in a task
//!   (panic, endless wait) stops a worker;
//! * everything between fetching and settling is bounded.
//!
//! `examples/first_worker.rs` is a whole program.

mod address;
mod beat;
mod beat_file;
mod broker;
mod bus;
mod canvas;
mod client;
mod clock;
mod connect;
mod control;
mod crontab;
#[cfg(feature = "database")]
mod database;
mod error;
mod events;
mod message;
mod policy;
#[cfg(feature = "rabbitmq")]
mod rabbitmq;
#[cfg(feature = "redis")]
mod redis;
mod registry;
mod results;
mod run;
mod task;
#[cfg(any(feature = "redis", feature = "rabbitmq"))]
mod wire;
mod worker;

pub use tokio_util::sync::CancellationToken;

pub use crate::beat::{Beat, BeatStore, Entry, Fire, Schedule};
pub use crate::beat_file::FileBeatStore;
pub use crate::broker::{Bell, Broker, Claim, Delivery, Depth, Malformed, Outcome, Receipt, Settlement, Swept};
pub use crate::bus::{Bus, Command, Post, Reply, ReplyTo};
pub use crate::canvas::{Applied, Signature};
pub use crate::client::{Client, Options};
pub use crate::clock::Clock;
pub use crate::connect::{BrokerOptions, open_broker, open_bus, open_results};
pub use crate::control::{ActiveQueue, BrokerStats, ByNode, Call, Control, Known, Matcher, Phase, PoolStats, Scheduled, Stats};
pub use crate::crontab::{Crontab, CrontabError};
#[cfg(feature = "database")]
pub use crate::database::{DatabaseBroker, DatabaseBus, DatabaseResults, history, schema};
pub use crate::error::Error;
pub use crate::message::{Body, Embed, Headers, Message, Properties, TimeLimit};
pub use crate::policy::{Backoff, DEFAULT_QUEUE, MAX_PRIORITY, Policy, RateLimit};
#[cfg(feature = "rabbitmq")]
pub use crate::rabbitmq::RabbitBroker;
#[cfg(feature = "redis")]
pub use crate::redis::{RedisBroker, RedisBus, RedisResults};
pub use crate::registry::Registry;
pub use crate::results::{Chord, ChordPart, Failure, ResultBackend, State, TaskResult};
pub use crate::task::{BadArguments, Blocking, BlockingTask, Cause, Context, Exception, Task, TaskError};
pub use crate::worker::{Ran, Worker};
