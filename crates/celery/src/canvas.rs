//! Signatures, and the work-flows made of them: chains, groups and chords.
//!
//! A [`Signature`] is the JSON that Celery's canvas writes, so a chain begun in Python goes on in
//! Rust and the other way round. [`Client::apply`](crate::Client::apply) sends one; a worker sends
//! what follows from a task's end.

mod plan;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) use self::plan::{Call, Plan};
use crate::error::Error;
use crate::task::Task;

/// A call that is described and not yet sent: a task with arguments and options, or a chain, group
/// or chord of such.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// The task's name; `celery.chain`, `celery.group`, `celery.chord` for the combined ones.
    pub task: String,
    /// Positional arguments.
    #[serde(default)]
    pub args: Vec<Value>,
    /// Keyword arguments.
    #[serde(default)]
    pub kwargs: Map<String, Value>,
    /// What Celery's `apply_async` takes: `queue`, `countdown`, `task_id`, `link` …
    #[serde(default)]
    pub options: Map<String, Value>,
    /// `chain`, `group`, `chord`, or nothing for a plain task.
    #[serde(default)]
    pub subtask_type: Option<String>,
    /// Whether the result of what went before is left out of the arguments.
    #[serde(default)]
    pub immutable: bool,
}

impl Signature {
    /// A call of the task `T`, with the options of its policy.
    ///
    /// # Errors
    /// [`Error::Encode`] and [`Error::Arguments`], as [`Client::message`](crate::Client::message).
    pub fn new<T: Task<S>, S>(args: &T::Args) -> Result<Self, Error> {
        let (args, kwargs) = crate::client::arguments(T::NAME, args)?;
        let policy = T::policy();
        let mut signature = Self::named(T::NAME).queue(policy.queue);
        (signature.args, signature.kwargs) = (args, kwargs);
        if policy.priority != 0 {
            signature = signature.priority(policy.priority);
        }
        if policy.ignore_result {
            signature = signature.option("ignore_result", true);
        }
        for (name, limit) in [("time_limit", policy.hard_limit), ("soft_time_limit", policy.soft_limit)] {
            if let Some(limit) = limit {
                signature = signature.option(name, limit.as_secs_f64());
            }
        }
        Ok(signature)
    }

    /// A call of a task known by its name alone.
    pub fn named(task: impl Into<String>) -> Self {
        Self { task: task.into(), args: Vec::new(), kwargs: Map::new(), options: Map::new(), subtask_type: None, immutable: false }
    }

    /// One after the other; each is given the result of the one before as its first argument,
    /// unless it is immutable.
    pub fn chain(tasks: impl IntoIterator<Item = Self>) -> Self {
        Self::combined("chain", [("tasks", list(tasks))])
    }

    /// Side by side.
    pub fn group(tasks: impl IntoIterator<Item = Self>) -> Self {
        Self::combined("group", [("tasks", list(tasks))])
    }

    /// Side by side, and when all have ended well, `body` with the list of their results. If one
    /// fails, the body fails with a `ChordError`. Needs a result backend.
    pub fn chord(header: impl IntoIterator<Item = Self>, body: Self) -> Self {
        Self::combined("chord", [("header", list(header)), ("body", json!(body)), ("kwargs", json!({}))])
    }

    fn combined<const N: usize>(kind: &str, kwargs: [(&str, Value); N]) -> Self {
        let mut signature = Self::named(format!("celery.{kind}"));
        signature.kwargs = kwargs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        signature.subtask_type = Some(kind.to_owned());
        signature
    }

    /// Sets the positional arguments.
    #[must_use]
    pub fn args(mut self, args: Vec<Value>) -> Self {
        self.args = args;
        self
    }

    /// Sets the keyword arguments.
    #[must_use]
    pub fn kwargs(mut self, kwargs: Map<String, Value>) -> Self {
        self.kwargs = kwargs;
        self
    }

    /// Sets an option of Celery's `apply_async`.
    #[must_use]
    pub fn option(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.options.insert(name.to_owned(), value.into());
        self
    }

    /// The queue it goes to.
    #[must_use]
    pub fn queue(self, queue: impl Into<String>) -> Self {
        self.option("queue", queue.into())
    }

    /// 0 to 9.
    #[must_use]
    pub fn priority(self, priority: u8) -> Self {
        self.option("priority", priority)
    }

    /// Not before `span` has passed since it was sent.
    #[must_use]
    pub fn countdown(self, span: Duration) -> Self {
        self.option("countdown", span.as_secs_f64())
    }

    /// Never started after `at`.
    #[must_use]
    pub fn expires(self, at: DateTime<Utc>) -> Self {
        self.option("expires", at.to_rfc3339())
    }

    /// The id of the call.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        self.option("task_id", id.into())
    }

    /// Leaves the result of what went before out of the arguments.
    #[must_use]
    pub fn immutable(mut self) -> Self {
        self.immutable = true;
        self
    }

    /// Sends `next` with the result when this ended well.
    #[must_use]
    pub fn link(self, next: Self) -> Self {
        self.push("link", next)
    }

    /// Sends `next` with this call's id when this failed.
    #[must_use]
    pub fn link_error(self, next: Self) -> Self {
        self.push("link_error", next)
    }

    fn push(mut self, option: &str, next: Self) -> Self {
        let entry = self.options.entry(option.to_owned()).or_insert_with(|| json!([]));
        if let Value::Array(list) = entry {
            list.push(json!(next));
        } else {
            *entry = json!([entry, next]);
        }
        self
    }

    /// Reads what stands in a message or was written by Celery.
    pub(crate) fn read(value: &Value) -> Result<Self, Error> {
        Self::deserialize(value).map_err(|error| Error::invalid("a signature", format!("cannot be read: {error}")))
    }
}

fn list(tasks: impl IntoIterator<Item = Signature>) -> Value {
    tasks.into_iter().map(|task| json!(task)).collect()
}

/// What [`Client::apply`](crate::Client::apply) has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The call whose result is the result of the whole: a chain's last, a chord's body. For a
    /// group the group's own id, which has no result.
    pub id: String,
    /// A group's or a chord's header's calls, in order.
    pub children: Vec<String>,
    /// Whether it is a group, whose result is those of its children.
    pub group: bool,
}

/// The results of a chord's header in the order, and if it held groups in the nesting, in which
/// the header was written. `ids` is the order in which parts stand.
pub(crate) fn arrange(shape: Option<&Value>, ids: &[String], found: &BTreeMap<String, Value>) -> Vec<Value> {
    fn nest(node: &Value, found: &BTreeMap<String, Value>) -> Value {
        // `[[id, parent], null]` is a call, `[[id, parent], [children]]` a group.
        match node.get(1) {
            Some(Value::Array(children)) => children.iter().map(|child| nest(child, found)).collect(),
            _ => node.pointer("/0/0").and_then(Value::as_str).and_then(|id| found.get(id)).cloned().unwrap_or(Value::Null),
        }
    }
    match shape.map(|shape| nest(shape, found)) {
        Some(Value::Array(results)) => results,
        _ => ids.iter().filter_map(|id| found.get(id).cloned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_celery_writes() {
        let tail = Signature::named("conf.tsum").queue("q");
        let signature = Signature::named("conf.add").args(vec![json!(1), json!(2)]).link(tail.clone()).link(tail).immutable();
        assert_eq!(
            json!(signature),
            json!({"task": "conf.add", "args": [1, 2], "kwargs": {}, "subtask_type": null, "immutable": true, "options": {"link": [
                {"task": "conf.tsum", "args": [], "kwargs": {}, "options": {"queue": "q"}, "subtask_type": null, "immutable": false},
                {"task": "conf.tsum", "args": [], "kwargs": {}, "options": {"queue": "q"}, "subtask_type": null, "immutable": false}
            ]}})
        );
    }

    #[test]
    fn results_are_nested_as_the_header_was() {
        let found: BTreeMap<String, Value> = [("a", json!(1)), ("b", json!(2)), ("c", json!(3))].map(|(id, v)| (id.to_owned(), v)).into();
        let ids = ["c", "a"].map(str::to_owned);
        assert_eq!(arrange(None, &ids, &found), [json!(3), json!(1)]);
        let shape = json!([["g", null], [[["a", null], null], [["h", null], [[["b", null], null], [["c", null], null]]]]]);
        assert_eq!(arrange(Some(&shape), &ids, &found), [json!(1), json!([2, 3])]);
    }
}
