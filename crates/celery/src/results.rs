//! What is known of a call, and where that is kept.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::error::Error;

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
    /// Withdrawn or expired; never ran, or was ended.
    Revoked,
    /// Set aside.
    Poison,
}

impl State {
    const ALL: [Self; 6] = [Self::Pending, Self::Running, Self::Done, Self::Failed, Self::Revoked, Self::Poison];

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

    /// Whether nothing more will come.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    #[cfg(feature = "database")]
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Celery's word. What a Python task made up itself counts as running.
    #[cfg(any(feature = "redis", feature = "database"))]
    fn of_celery(word: &str) -> Self {
        match word {
            "PENDING" | "RETRY" | "RECEIVED" => Self::Pending,
            word => Self::ALL.into_iter().find(|state| state.celery() == word).unwrap_or(Self::Running),
        }
    }
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

    /// As Python shows it: `ValueError('too large')`.
    pub fn repr(&self) -> String {
        if self.message.is_empty() {
            return format!("{}()", self.kind);
        }
        let quoted = self.message.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
        format!("{}('{quoted}')", self.kind)
    }

    /// What Celery's JSON serialiser makes of an exception.
    pub(crate) fn to_python(&self) -> Value {
        const OF_CELERY: [&str; 11] = [
            "ChordError",
            "MaxRetriesExceededError",
            "NotRegistered",
            "Reject",
            "Retry",
            "SoftTimeLimitExceeded",
            "TaskRevokedError",
            "Terminated",
            "TimeLimitExceeded",
            "WorkerLostError",
            "WorkerShutdown",
        ];
        let module = if OF_CELERY.contains(&self.kind.as_str()) { "celery.exceptions" } else { "builtins" };
        let args = if self.message.is_empty() { json!([]) } else { json!([self.message]) };
        json!({"exc_type": self.kind, "exc_message": args, "exc_module": module})
    }

    #[cfg(any(feature = "redis", feature = "database"))]
    pub(crate) fn of_python(value: &Value, traceback: Option<&str>) -> Self {
        let kind = value.get("exc_type").and_then(Value::as_str).unwrap_or("Exception").to_owned();
        let message = match value.get("exc_message") {
            Some(Value::Array(parts)) => parts.iter().map(plain).collect::<Vec<_>>().join(", "),
            Some(other) => plain(other),
            None => String::new(),
        };
        Self { kind, message, traceback: traceback.unwrap_or_default().to_owned() }
    }
}

#[cfg(any(feature = "redis", feature = "database"))]
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is known of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskResult {
    /// The call's id.
    pub id: String,
    /// The task's name; empty where the backend does not keep it.
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
    /// The group it is part of.
    pub group: Option<String>,
    /// The call that sent it.
    pub parent: Option<String>,
    /// The calls that were sent because it ended: their ids.
    pub children: Vec<String>,
}

impl TaskResult {
    /// What is known of a call that stands so, and nothing else.
    pub fn new(id: impl Into<String>, state: State) -> Self {
        Self {
            id: id.into(),
            task: String::new(),
            state,
            result: None,
            failure: None,
            retries: 0,
            tries: 0,
            finished_at: None,
            group: None,
            parent: None,
            children: Vec::new(),
        }
    }

    /// The JSON that Celery keeps under `celery-task-meta-<id>`.
    pub fn to_meta(&self) -> Value {
        let retried = self.state == State::Pending && self.failure.is_some();
        let result = self.failure.as_ref().map_or_else(|| self.result.clone().unwrap_or(Value::Null), Failure::to_python);
        let traceback = self.failure.as_ref().map(|failure| failure.traceback.as_str());
        let children: Vec<Value> = self.children.iter().map(|id| json!([[id, null], null])).collect();
        let mut meta = Map::new();
        meta.insert("status".to_owned(), if retried { "RETRY" } else { self.state.celery() }.into());
        meta.insert("result".to_owned(), result);
        meta.insert("traceback".to_owned(), traceback.into());
        meta.insert("children".to_owned(), children.into());
        meta.insert("date_done".to_owned(), self.finished_at.map(|at| at.to_rfc3339()).into());
        if let Some(group) = &self.group {
            meta.insert("group_id".to_owned(), group.as_str().into());
        }
        if let Some(parent) = &self.parent {
            meta.insert("parent_id".to_owned(), parent.as_str().into());
        }
        meta.insert("task_id".to_owned(), self.id.as_str().into());
        Value::Object(meta)
    }

    /// Reads what Celery keeps.
    #[cfg(any(feature = "redis", feature = "database"))]
    pub(crate) fn of_meta(id: &str, meta: &Value) -> Self {
        let text = |key: &str| meta.get(key).and_then(Value::as_str);
        let word = text("status").unwrap_or("PENDING");
        let mut found = Self::new(id, State::of_celery(word));
        let value = meta.get("result").cloned().unwrap_or(Value::Null);
        if matches!(word, "FAILURE" | "REVOKED" | "RETRY") {
            found.failure = Some(Failure::of_python(&value, text("traceback")));
        } else {
            found.result = (found.state == State::Done).then_some(value);
        }
        found.finished_at = text("date_done").and_then(crate::message::parse_instant);
        found.group = text("group_id").map(str::to_owned);
        found.parent = text("parent_id").map(str::to_owned);
        let children = meta.get("children").and_then(Value::as_array).into_iter().flatten();
        found.children = children.filter_map(|child| child.pointer("/0/0").and_then(Value::as_str).map(str::to_owned)).collect();
        found
    }
}

/// One task of a chord's header has ended.
#[derive(Clone, Copy, Debug)]
pub struct ChordPart<'a> {
    /// The header's group.
    pub group: &'a str,
    /// The call that ended.
    pub id: &'a str,
    /// Its place in the header.
    pub index: Option<u64>,
    /// How: what it returned, or why it failed.
    pub ended: Result<&'a Value, &'a Failure>,
}

impl ChordPart<'_> {
    /// The same whenever this part is told, so that one whose answer was lost asks again and is still
    /// the one who sends the body.
    pub(crate) fn token(&self) -> String {
        format!("{}:{}", self.id, self.index.unwrap_or(u64::MAX))
    }
}

/// Where a chord stands after one of its parts has ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Chord {
    /// Others are still to come, or somebody else sends the body.
    Waiting,
    /// All are there; the caller sends the body with these results, then calls
    /// [`ResultBackend::chord_sent`] with the token.
    Ready {
        /// In the header's order.
        results: Vec<Value>,
        /// Who may send the body.
        token: String,
    },
    /// One failed, so the body must not run; the caller says so to whoever waits for it.
    Failed {
        /// The call that failed.
        id: String,
        /// Why.
        failure: Failure,
        /// As above.
        token: String,
    },
}

/// Where results are kept.
#[async_trait]
pub trait ResultBackend: Debug + Send + Sync {
    /// Keeps results. One of a call that is known to have ended well already changes nothing.
    async fn store(&self, results: &[TaskResult]) -> Result<(), Error>;

    /// Finds one, or what is known of a call that has not ended.
    async fn get(&self, id: &str) -> Result<Option<TaskResult>, Error>;

    /// Waits until a call has ended; after `patience` gives what is known then.
    async fn wait(&self, id: &str, patience: Duration) -> Result<Option<TaskResult>, Error>;

    /// Notes how many parts a chord's header has, and the shape of its results if the header
    /// holds groups itself. Before the first part is sent.
    async fn begin_chord(&self, group: &str, size: u64, shape: Option<&Value>) -> Result<(), Error>;

    /// Notes that a part of a chord has ended. The last one is told so, once.
    async fn end_part(&self, part: &ChordPart<'_>) -> Result<Chord, Error>;

    /// Forgets a chord whose body was sent.
    async fn chord_sent(&self, group: &str, token: &str) -> Result<(), Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_reads_as_celery_writes_it() {
        let mut result = TaskResult::new("7f1c", State::Done);
        result.result = Some(json!(3));
        result.finished_at = Some("2026-11-24T10:00:00.5Z".parse().unwrap());
        result.children = vec!["c1".to_owned()];
        let meta = result.to_meta();
        assert_eq!(
            meta,
            json!({"status": "SUCCESS", "result": 3, "traceback": null, "children": [[["c1", null], null]],
                "date_done": "2026-11-24T10:00:00.500+00:00", "task_id": "7f1c"})
        );

        let mut failed = TaskResult::new("7f1d", State::Failed);
        failed.failure = Some(Failure::new("ConformanceError", "no"));
        let meta = failed.to_meta();
        assert_eq!(meta["status"], "FAILURE");
        assert_eq!(meta["result"], json!({"exc_type": "ConformanceError", "exc_message": ["no"], "exc_module": "builtins"}));
        assert_eq!(meta["traceback"], "ConformanceError: no");
        failed.state = State::Pending;
        assert_eq!(failed.to_meta()["status"], "RETRY");
    }

    #[test]
    fn an_exception_shows_as_in_python() {
        assert_eq!(Failure::new("ValueError", "it's\nbad").repr(), "ValueError('it\\'s\\nbad')");
        assert_eq!(Failure::new("Ended", "").repr(), "Ended()");
    }
}
