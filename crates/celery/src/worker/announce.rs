//! What becomes of tasks, told as events, if anybody asked for that.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{Live, Shared};
use crate::broker::Outcome;
use crate::events::{Eventer, HEARTBEAT, machine};
use crate::message::{Message, shortened};
use crate::registry::Entry;
use crate::results::{State, TaskResult};
use crate::run::{EXPIRED, Ended, TERMINATED};

/// Of a result, events tell so much.
const SHOWN: usize = 1_024;

impl<S> Shared<S> {
    /// The eventer, if task events are sent. `None` costs nothing but a look.
    pub(super) fn telling(&self) -> Option<&Eventer> {
        self.eventer.as_deref().filter(|eventer| eventer.tells_tasks())
    }

    /// What a heartbeat tells.
    pub(super) fn pulse(&self) -> Value {
        let mut fields = json!({
            "freq": f64::from(self.parts.settings.heartbeat.unwrap_or(HEARTBEAT)),
            "active": self.active.load(Ordering::Relaxed),
            "processed": self.processed(),
            "loadavg": machine::load(),
        });
        if let Some(fields) = fields.as_object_mut() {
            fields.extend(machine::software().map(|(name, value)| (name.to_owned(), value.into())));
        }
        fields
    }

    /// How many tasks were started.
    pub(super) fn processed(&self) -> u64 {
        self.live.values().map(Live::started).fold(0, u64::saturating_add)
    }

    /// A task begins.
    pub(super) async fn began(&self, entry: &Entry<S>, live: &Live, message: &Message) {
        live.count();
        self.active.fetch_add(1, Ordering::Relaxed);
        if let Some(eventer) = self.telling() {
            eventer.tell("task-started", json!({"uuid": message.headers.id}));
        }
        if entry.policy.track_started
            && !message.headers.ignore_result
            && let Some(backend) = &self.parts.results
        {
            let whose = json!({"pid": std::process::id(), "hostname": self.parts.settings.name});
            let started = TaskResult {
                task: entry.name.to_owned(),
                result: Some(whose),
                retries: message.headers.retries,
                ..TaskResult::new(message.headers.id.as_str(), State::Running)
            };
            // It is only for those who look; the task goes on without.
            if let Err(error) = backend.store(&[started]).await {
                tracing::warn!(%error, id = message.headers.id, "the state STARTED could not be stored");
            }
        }
    }

    /// Tasks have ended, and that is written: who hears it finds the result.
    pub(super) fn announce(&self, ended: &[Ended]) {
        for ended in ended.iter().filter(|ended| !matches!(ended.outcome, Outcome::Retry { .. })) {
            self.announce_one(ended);
        }
    }

    /// A task is to be tried again. That is told before it is written, for once it is, another worker
    /// may tell of the next try.
    pub(super) fn announce_retry(&self, ended: &Ended) {
        if matches!(ended.outcome, Outcome::Retry { .. }) {
            self.announce_one(ended);
        }
    }

    fn announce_one(&self, ended: &Ended) {
        if let Some(eventer) = self.telling()
            && let Some((kind, mut fields)) = self.end_of(ended)
            && let Some(object) = fields.as_object_mut()
        {
            object.insert("uuid".to_owned(), ended.id.as_str().into());
            eventer.tell(kind, fields);
        }
    }

    fn end_of(&self, ended: &Ended) -> Option<(&'static str, Value)> {
        let message = ended.message.as_ref()?;
        Some(match &ended.outcome {
            Outcome::Done(value) => {
                let runtime = ended.runtime.unwrap_or_default().as_secs_f64();
                ("task-succeeded", json!({"result": repr(value.as_ref()), "runtime": runtime}))
            }
            Outcome::Failed(failure) => ("task-failed", json!({"exception": failure.repr(), "traceback": failure.traceback})),
            Outcome::Retry { failure, .. } => ("task-retried", json!({"exception": failure.repr(), "traceback": failure.traceback})),
            Outcome::Revoked(reason) => {
                let terminated = reason == TERMINATED;
                // 15 is SIGTERM, which nobody sends here: a task is no process.
                let signal = terminated.then_some(15);
                ("task-revoked", json!({"terminated": terminated, "signum": signal, "expired": reason == EXPIRED}))
            }
            Outcome::Poison(_) if !self.live.contains_key(message.task()) => {
                let exception = format!("NotRegistered('{}')", message.task());
                ("task-failed", json!({"exception": exception, "traceback": null}))
            }
            Outcome::Poison(_) => ("task-rejected", json!({"requeue": false})),
            Outcome::Release(_) => return None,
        })
    }
}

/// A value as Python would show it, roughly, and not all of a long one.
fn repr(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "None".to_owned(),
        Some(Value::Bool(true)) => "True".to_owned(),
        Some(Value::Bool(false)) => "False".to_owned(),
        Some(Value::String(text)) => shorter(format!("'{text}'")),
        Some(other) => shortened(other),
    }
}

fn shorter(mut text: String) -> String {
    if SHOWN < text.len() {
        text.truncate(text.floor_char_boundary(SHOWN));
        text.push('…');
    }
    text
}
