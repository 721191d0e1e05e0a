//! What happens, told to whoever listens: Celery's events.
//!
//! Workers say that they are there (`worker-online`, `worker-heartbeat` each 2 s, `worker-offline`),
//! and, when asked to, what becomes of each task: `task-received`, `task-started`, `task-succeeded`,
//! `task-failed`, `task-retried`, `task-rejected`, `task-revoked`. A client that was asked to says
//! `task-sent`. Events wait in a bounded buffer until they can be sent; when it is full the oldest
//! are dropped and counted in the metric `celery_events_dropped_total`.
//!
//! Facts from `celery/events` and `celery/worker/heartbeat.py`, version 5.7.

pub(crate) mod machine;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::bus::{Bus, Post};
use crate::clock::Clock;
use crate::error::Error;
use crate::message::Message;

/// The most events that wait to be sent.
const BUFFER: usize = 10_000;

/// The most task events in one message.
const TOGETHER: usize = 100;

/// The most events that are taken out of the buffer at once.
const AT_ONCE: usize = 1_000;

/// The routing key of several task events in one message.
const MULTI: &str = "task.multi";

/// Events gather for so long.
const GATHER: Duration = Duration::from_millis(20);

/// Between heartbeats, in seconds, unless the worker says otherwise: as Celery's.
pub(crate) const HEARTBEAT: u32 = 2;

/// A logical clock, as Lamport describes it: it orders what several machines say.
#[derive(Debug, Default)]
pub(crate) struct Lamport(AtomicU64);

impl Lamport {
    /// One later.
    pub(crate) fn forward(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// Later than here and there.
    pub(crate) fn adjust(&self, other: u64) -> u64 {
        self.0.fetch_max(other, Ordering::Relaxed);
        self.forward()
    }

    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Collects events and sends them.
#[derive(Debug)]
pub(crate) struct Eventer {
    bus: Arc<dyn Bus>,
    hostname: String,
    clock: Clock,
    pub(crate) lamport: Lamport,
    /// Whether task events are sent.
    tasks: AtomicBool,
    /// The machine's distance from UTC, as the bits of a float: looked up at each heartbeat, not for
    /// each task.
    offset: AtomicU64,
    /// Held for no longer than a look.
    buffer: Mutex<VecDeque<Map<String, Value>>>,
    rung: Notify,
}

impl Eventer {
    pub(crate) fn new(bus: Arc<dyn Bus>, hostname: String, clock: Clock, tasks: bool) -> Self {
        let offset = AtomicU64::new(machine::utc_offset(clock.now()).to_bits());
        Self {
            bus,
            hostname,
            clock,
            offset,
            lamport: Lamport::default(),
            tasks: AtomicBool::new(tasks),
            buffer: Mutex::default(),
            rung: Notify::new(),
        }
    }

    pub(crate) fn bus(&self) -> &Arc<dyn Bus> {
        &self.bus
    }

    pub(crate) fn tells_tasks(&self) -> bool {
        self.tasks.load(Ordering::Relaxed)
    }

    /// Sets whether task events are sent, and returns whether that is new.
    pub(crate) fn tell_tasks(&self, tell: bool) -> bool {
        self.tasks.swap(tell, Ordering::Relaxed) != tell
    }

    fn buffer(&self) -> MutexGuard<'_, VecDeque<Map<String, Value>>> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an event; `fields` is what its kind has beside what all have.
    pub(crate) fn tell(&self, kind: &str, fields: Value) {
        let event = self.event(kind, fields);
        let mut buffer = self.buffer();
        if BUFFER <= buffer.len() {
            buffer.pop_front();
            metrics::counter!("celery_events_dropped_total").increment(1);
        }
        buffer.push_back(event);
        drop(buffer);
        self.rung.notify_one();
    }

    fn event(&self, kind: &str, fields: Value) -> Map<String, Value> {
        let Value::Object(mut event) = fields else { return Map::new() };
        let now = self.clock.now();
        if !kind.starts_with("task-") {
            self.offset.store(machine::utc_offset(now).to_bits(), Ordering::Relaxed);
        }
        let mut set = |name: &str, value: Value| event.insert(name.to_owned(), value);
        set("hostname", self.hostname.as_str().into());
        set("utcoffset", f64::from_bits(self.offset.load(Ordering::Relaxed)).into());
        set("pid", std::process::id().into());
        set("clock", self.lamport.forward().into());
        set("timestamp", seconds(now).into());
        set("type", kind.into());
        event
    }

    /// Sends what is noted until `end`, and then what is left, once.
    pub(crate) async fn run(self: Arc<Self>, end: CancellationToken) {
        let mut failures = 0_u32;
        // What was taken out of the buffer and could not be sent.
        let mut unsent = Vec::new();
        loop {
            tokio::select! {
                () = end.cancelled() => break,
                () = self.rung.notified() => {}
            }
            match self.flush(&mut unsent).await {
                Ok(()) => failures = 0,
                Err(error) => {
                    let wait = crate::worker::pause(&mut failures);
                    tracing::warn!(%error, ?wait, "events cannot be sent; trying again");
                    let _ = tokio::time::timeout(wait, end.cancelled()).await;
                    self.rung.notify_one();
                }
            }
            // What happens meanwhile goes together.
            let _ = tokio::time::timeout(GATHER, end.cancelled()).await;
        }
        if let Ok(Err(error)) = tokio::time::timeout(Duration::from_secs(2), self.flush(&mut unsent)).await {
            tracing::warn!(%error, "the last events could not be sent");
        }
    }

    /// Sends what is noted; what cannot be sent stays in `unsent`, and goes first the next time.
    async fn flush(&self, unsent: &mut Vec<Post>) -> Result<(), Error> {
        loop {
            if !unsent.is_empty() {
                self.bus.emit(unsent).await?;
                unsent.clear();
            }
            let events: Vec<Map<String, Value>> = {
                let mut buffer = self.buffer();
                let number = buffer.len().min(AT_ONCE);
                buffer.drain(..number).collect()
            };
            if events.is_empty() {
                return Ok(());
            }
            *unsent = self.posts(events);
        }
    }

    /// Task events many a message, others one each, in their order.
    fn posts(&self, events: Vec<Map<String, Value>>) -> Vec<Post> {
        let mut posts: Vec<Post> = Vec::new();
        for event in events {
            let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
            if !kind.starts_with("task-") {
                let routing_key = kind.replacen('-', ".", 1);
                posts.push(Post { routing_key, hostname: self.hostname.clone(), body: Value::Object(event) });
                continue;
            }
            match posts.last_mut() {
                Some(Post { routing_key, body: Value::Array(list), .. }) if routing_key == MULTI && list.len() < TOGETHER => {
                    list.push(Value::Object(event));
                }
                _ => {
                    let body = Value::from(vec![Value::Object(event)]);
                    posts.push(Post { routing_key: MULTI.to_owned(), hostname: self.hostname.clone(), body });
                }
            }
        }
        posts
    }

    /// Says at once that messages were sent.
    pub(crate) async fn sent(&self, messages: &[Message], exchange: &str) {
        let posts: Vec<Post> = messages
            .iter()
            .map(|message| {
                let mut fields = about(message);
                if let Value::Object(fields) = &mut fields {
                    fields.insert("queue".to_owned(), message.queue.as_str().into());
                    fields.insert("exchange".to_owned(), exchange.into());
                    fields.insert("routing_key".to_owned(), message.queue.as_str().into());
                }
                let body = Value::Object(self.event("task-sent", fields));
                Post { routing_key: "task.sent".to_owned(), hostname: self.hostname.clone(), body }
            })
            .collect();
        // The messages are on their way; that nobody hears of it undoes nothing.
        if let Err(error) = self.bus.emit(&posts).await {
            tracing::warn!(%error, "the event task-sent could not be sent");
        }
    }
}

/// What `task-sent` and `task-received` say of a call.
pub(crate) fn about(message: &Message) -> Value {
    let headers = &message.headers;
    let instant = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Micros, false));
    json!({
        "uuid": headers.id,
        "name": headers.task,
        "args": headers.argsrepr,
        "kwargs": headers.kwargsrepr,
        "root_id": headers.root_id,
        "parent_id": headers.parent_id,
        "retries": headers.retries,
        "eta": instant(headers.eta),
        "expires": instant(headers.expires),
    })
}

/// Seconds since 1970, as Python's `time.time()`.
pub(crate) fn seconds(at: DateTime<Utc>) -> f64 {
    let micros = u64::try_from(at.timestamp_micros()).unwrap_or(0);
    Duration::from_micros(micros).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lamport_clock_is_later_than_all_it_heard() {
        let clock = Lamport::default();
        assert_eq!((clock.forward(), clock.adjust(40), clock.adjust(7), clock.now()), (1, 41, 42, 42));
    }

    #[test]
    fn seconds_are_those_of_python() {
        assert!((seconds("2026-11-25T12:31:57.250Z".parse().unwrap()) - 1_795_609_917.25).abs() < 1e-6);
    }
}
