//! Tasks by the clock.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::client::{Client, Options};
use crate::crontab::Crontab;
use crate::error::Error;
use crate::message::Message;
use crate::policy::Policy;
use crate::task::Task;

/// The longest nap: another beat may have fired, somebody may have switched an entry, and the
/// clock may have been set.
const NAP: Duration = Duration::from_secs(5);

/// When an entry falls due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At each multiple of a span, counted from when the entry was first seen.
    Every(Duration),
    /// As a crontab says.
    Crontab(Crontab),
}

impl Schedule {
    /// The first time after `now`, for an entry that was due at `due_at`. Times missed in between
    /// are passed over: whatever was missed fires once.
    fn next(&self, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Crontab(crontab) => crontab.next_after(now),
            Self::Every(span) => {
                let span = chrono::Duration::from_std(*span).ok()?.num_microseconds()?;
                let past = now.signed_duration_since(due_at).num_microseconds()?.max(0);
                let steps = past.checked_div(span)?.checked_add(1)?;
                due_at.checked_add_signed(chrono::Duration::microseconds(span.checked_mul(steps)?))
            }
        }
    }

    fn check(&self) -> Result<(), Error> {
        match self {
            Self::Every(span) if span.as_micros() == 0 => {
                Err(Error::invalid("the interval of a schedule entry", "must be at least a microsecond"))
            }
            Self::Every(_) | Self::Crontab(_) => Ok(()),
        }
    }
}

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Every(span) => write!(f, "every {span:?}"),
            Self::Crontab(crontab) => write!(f, "{crontab}"),
        }
    }
}

/// Where the schedule's state lies, shared by all nodes.
#[async_trait]
pub trait BeatStore: Debug + Send + Sync {
    /// Notes entries that are new or whose schedule reads otherwise than before.
    async fn declare(&self, entries: &[Entry]) -> Result<(), Error>;

    /// The entries that are switched on, by name, with their next times.
    async fn due(&self) -> Result<Vec<(String, DateTime<Utc>)>, Error>;

    /// Moves an entry from `due_at` to `next_at` and sends its message, both or neither.
    /// `false`: another node was first, or the entry is switched off.
    async fn fire(&self, fire: &Fire<'_>) -> Result<bool, Error>;
}

/// An entry as the store sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its schedule in words; when they change, so does the next time.
    pub schedule: String,
    /// When it is due first.
    pub next_at: DateTime<Utc>,
}

/// One firing.
#[derive(Clone, Copy, Debug)]
pub struct Fire<'a> {
    /// The entry.
    pub name: &'a str,
    /// The time that fell due.
    pub due_at: DateTime<Utc>,
    /// The time after it.
    pub next_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
    /// What to send.
    pub message: &'a Message,
}

/// Sends tasks by the clock. Any number of nodes may run one: each tick fires once.
#[derive(Debug)]
pub struct Beat {
    client: Client,
    store: Arc<dyn BeatStore>,
    entries: Vec<Planned>,
}

#[derive(Debug)]
struct Planned {
    name: String,
    schedule: Schedule,
    task: String,
    policy: Policy,
    options: Options,
    args: Vec<Value>,
    kwargs: Map<String, Value>,
}

impl Beat {
    /// A beat without entries.
    pub fn new(client: Client, store: Arc<dyn BeatStore>) -> Self {
        Self { client, store, entries: Vec::new() }
    }

    /// Adds an entry: the task `T` with `args`, whenever `schedule` says.
    ///
    /// # Errors
    /// [`Error::DuplicateEntry`]; [`Error::Invalid`] for an empty interval; what
    /// [`Client::message`] says about the arguments.
    pub fn add<T: Task<S>, S>(&mut self, name: &str, schedule: Schedule, args: &T::Args) -> Result<&mut Self, Error> {
        let message = self.client.message::<T, S>(args)?;
        self.plan(name, schedule, (T::NAME, T::policy(), Options::new()), (message.body.args, message.body.kwargs))
    }

    /// Adds an entry for a task known by its name alone; `options` must not name an id, which would
    /// be that of each firing.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_named(
        &mut self,
        name: &str,
        schedule: Schedule,
        task: &str,
        (args, kwargs): (Vec<Value>, Map<String, Value>),
        options: Options,
    ) -> Result<&mut Self, Error> {
        // A message now, so that what cannot be sent is refused here and not when it is due.
        self.client.message_named(task, args.clone(), kwargs.clone(), options.clone())?;
        self.plan(name, schedule, (task, Policy::new(), options), (args, kwargs))
    }

    fn plan(
        &mut self,
        name: &str,
        schedule: Schedule,
        (task, policy, options): (&str, Policy, Options),
        arguments: (Vec<Value>, Map<String, Value>),
    ) -> Result<&mut Self, Error> {
        schedule.check()?;
        if self.entries.iter().any(|entry| entry.name == name) {
            return Err(Error::DuplicateEntry(name.to_owned()));
        }
        let (args, kwargs) = arguments;
        self.entries.push(Planned { name: name.to_owned(), schedule, task: task.to_owned(), policy, options, args, kwargs });
        Ok(self)
    }

    /// Fires what is due now, and returns the names of what *this* beat fired.
    pub async fn tick(&self) -> Result<Vec<String>, Error> {
        self.declare().await?;
        self.fire_due().await
    }

    /// Fires until `shutdown`. Errors of the store are logged, and the work goes on.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut declared = false;
        while !shutdown.is_cancelled() {
            if !declared {
                match self.declare().await {
                    Ok(()) => declared = true,
                    Err(error) => tracing::error!(%error, cause = ?error, "beat cannot note its schedule; it will try again"),
                }
            }
            let nap = if declared {
                match self.fire_due().await {
                    Ok(_) => self.nap().await,
                    Err(error) => {
                        tracing::error!(%error, cause = ?error, "beat cannot fire; it will try again");
                        NAP
                    }
                }
            } else {
                NAP
            };
            // Ends at the shutdown or after the nap: either way there is nothing to tell.
            let _ = tokio::time::timeout(nap, shutdown.cancelled()).await;
        }
    }

    async fn declare(&self) -> Result<(), Error> {
        let now = self.client.clock().now();
        let entries: Vec<Entry> = self
            .entries
            .iter()
            .filter_map(|entry| {
                let next_at = entry.schedule.next(now, now)?;
                Some(Entry { name: entry.name.clone(), schedule: entry.schedule.to_string(), next_at })
            })
            .collect();
        self.store.declare(&entries).await
    }

    async fn fire_due(&self) -> Result<Vec<String>, Error> {
        let now = self.client.clock().now();
        let mut fired = Vec::new();
        for (name, due_at) in self.store.due().await? {
            let Some(entry) = self.entries.iter().find(|entry| entry.name == name) else { continue };
            if now < due_at {
                continue;
            }
            let Some(next_at) = entry.schedule.next(due_at, now) else { continue };
            let message = self.client.build(&entry.task, &entry.policy, entry.args.clone(), entry.kwargs.clone(), entry.options.clone())?;
            if self.store.fire(&Fire { name: &name, due_at, next_at, now, message: &message }).await? {
                tracing::info!(entry = name, task = entry.task, id = message.id(), "beat fired");
                metrics::counter!("celery_beat_fired_total", "entry" => name.clone()).increment(1);
                fired.push(name);
            }
        }
        if !fired.is_empty() {
            self.client.wake();
        }
        Ok(fired)
    }

    /// How long until something is due.
    async fn nap(&self) -> Duration {
        let now = self.client.clock().now();
        let due = self.store.due().await.unwrap_or_default();
        due.iter()
            .filter(|(name, _)| self.entries.iter().any(|entry| entry.name == *name))
            .map(|(_, at)| at.signed_duration_since(now).to_std().unwrap_or_default())
            .min()
            .map_or(NAP, |span| span.min(NAP))
            .max(Duration::from_millis(10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::later;

    #[test]
    fn an_interval_keeps_its_beat_and_skips_what_was_missed() {
        let start: DateTime<Utc> = "2026-11-24T10:00:00Z".parse().unwrap();
        let every = Schedule::Every(Duration::from_mins(1));
        let next = |seconds| every.next(start, later(start, Duration::from_secs(seconds))).unwrap();
        let after = |minutes| later(start, Duration::from_mins(minutes));
        assert_eq!(next(0), after(1));
        assert_eq!(next(59), after(1));
        assert_eq!(next(60), after(2));
        assert_eq!(next(3599), after(60));
    }
}
