//! One run of one task: limits, panics, and what comes of an error.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::broker::{Outcome, Receipt};
use crate::clock::{Clock, later};
use crate::message::{Message, TimeLimit};
use crate::policy::Policy;
use crate::registry::{Entry, Refused, Unwritable};
use crate::results::{Failure, State, TaskResult};
use crate::task::{Cause, Context, Exception, TaskError};
use crate::worker::Held;

/// A delivery that has an outcome.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) receipt: Receipt,
    /// What was to be run; nothing if it could not be read.
    pub(crate) message: Option<Arc<Message>>,
    /// The call's id, also of what could not be read.
    pub(crate) id: String,
    pub(crate) outcome: Outcome,
    /// Whether it was acknowledged before it ran.
    pub(crate) acknowledged: bool,
    /// How long it ran, if it did.
    pub(crate) runtime: Option<Duration>,
}

/// Why a call that was revoked before it began did not run.
pub(crate) const REVOKED: &str = "revoked";

/// Why a call that was ended while it ran did not end by itself.
pub(crate) const TERMINATED: &str = "terminated";

/// Why a call that came too late did not run.
pub(crate) const EXPIRED: &str = "expired before it could start";

impl Ended {
    /// Given back as it came.
    pub(crate) fn released(receipt: Receipt, message: Option<Arc<Message>>) -> Self {
        let id = message.as_ref().map(|message| message.headers.id.clone()).unwrap_or_default();
        Self { receipt, id, message, outcome: Outcome::Release(None), acknowledged: false, runtime: None }
    }

    /// What the broker keeps of it.
    pub(crate) fn outcome_to_keep(&self) -> Outcome {
        match &self.outcome {
            Outcome::Done(result) => Outcome::Done(result.clone().filter(|value| self.keeps() && !value.is_null())),
            other => other.clone(),
        }
    }

    /// Whether what it returned is kept.
    fn keeps(&self) -> bool {
        self.message.as_ref().is_none_or(|message| !message.headers.ignore_result)
    }

    /// For a result backend apart from the broker. `None`: there is nothing to tell.
    pub(crate) fn result(&self, now: DateTime<Utc>) -> Option<TaskResult> {
        let (state, value, failure) = match &self.outcome {
            Outcome::Done(value) => (State::Done, value.clone(), None),
            Outcome::Failed(failure) => (State::Failed, None, Some(failure.clone())),
            Outcome::Retry { failure, .. } => (State::Pending, None, Some(failure.clone())),
            Outcome::Release(_) => return None,
            Outcome::Revoked(reason) => (State::Revoked, None, Some(Failure::new("TaskRevokedError", reason.as_str()))),
            Outcome::Poison(reason) => (State::Poison, None, Some(Failure::new("Reject", reason.as_str()))),
        };
        if !self.keeps() || self.id.is_empty() {
            return None;
        }
        let headers = self.message.as_ref().map(|message| &message.headers);
        let retries = headers.map_or(0, |headers| headers.retries);
        Some(TaskResult {
            task: headers.map(|headers| headers.task.clone()).unwrap_or_default(),
            result: value,
            failure,
            retries,
            tries: retries.saturating_add(1),
            finished_at: state.is_final().then_some(now),
            group: headers.and_then(|headers| headers.group.clone()),
            parent: headers.and_then(|headers| headers.parent_id.clone()),
            ..TaskResult::new(self.id.as_str(), state)
        })
    }
}

/// Why the run was cut short.
enum Cut {
    HardLimit(Duration),
    Terminated,
    Aborted,
}

/// Under which terms it runs.
pub(crate) struct Terms<'a> {
    pub(crate) limits: TimeLimit,
    pub(crate) clock: &'a Clock,
}

/// Runs the task; always comes back with an outcome, whatever the task does but block its thread.
pub(crate) async fn run<S>(
    entry: &Entry<S>,
    state: S,
    message: Arc<Message>,
    held: &Held,
    abort: &CancellationToken,
    terms: Terms<'_>,
) -> Outcome {
    let span = tracing::info_span!("task", name = entry.name, id = message.headers.id, retries = message.headers.retries);
    let context = Context::new(state, Arc::clone(&message), held.cancelled.clone());
    let task = AssertUnwindSafe(async { (entry.run)(context).await }.instrument(span.clone())).catch_unwind();

    // A thread cannot be ended: a blocking task is told, and waited for.
    let hard = terms.limits.hard.filter(|_| !entry.blocking);
    let terminated = async {
        held.terminated().await;
        if entry.blocking {
            held.cancelled.cancel();
            std::future::pending::<()>().await;
        }
    };
    let ended = limited(task, (terms.limits.soft, hard), terminated, &held.cancelled, abort).await;
    let outcome = match ended {
        Ok(Ok(Ok(value))) => Outcome::Done(Some(value)),
        Ok(Ok(Err(error))) => after_error(error, &entry.policy, message, terms.clock.now()),
        Ok(Err(panic)) => Outcome::Failed(panicked(&*panic)),
        Err(Cut::HardLimit(limit)) => Outcome::Failed(Failure::new("TimeLimitExceeded", format!("ended after {limit:?}"))),
        Err(Cut::Terminated) => Outcome::Revoked(TERMINATED.to_owned()),
        Err(Cut::Aborted) if !held.acknowledged() => Outcome::Release(None),
        Err(Cut::Aborted) => {
            Outcome::Failed(Failure::new("WorkerShutdown", "ended by the worker's shutdown after it had been acknowledged"))
        }
    };
    span.in_scope(|| log(&outcome));
    outcome
}

fn log(outcome: &Outcome) {
    match outcome {
        Outcome::Failed(failure) => {
            tracing::error!(kind = failure.kind, error = failure.message, traceback = failure.traceback, "task failed");
        }
        Outcome::Retry { at, failure, .. } => {
            tracing::warn!(kind = failure.kind, error = failure.message, %at, "task will be tried again");
        }
        Outcome::Poison(reason) => tracing::error!(reason, "task rejected its message"),
        Outcome::Done(_) | Outcome::Release(_) | Outcome::Revoked(_) => tracing::debug!("task ended"),
    }
}

async fn limited<T>(
    task: impl Future<Output = T>,
    (soft, hard): (Option<Duration>, Option<Duration>),
    terminated: impl Future<Output = ()>,
    cancelled: &CancellationToken,
    abort: &CancellationToken,
) -> Result<T, Cut> {
    let started = Instant::now();
    let until = |limit: Option<Duration>| async move {
        match limit.and_then(|limit| started.checked_add(limit)) {
            Some(end) => tokio::time::sleep_until(end).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(task, terminated);
    let soft_end = until(soft);
    let hard_end = until(hard);
    tokio::pin!(soft_end, hard_end);
    let mut warned = false;
    loop {
        tokio::select! {
            biased;
            done = &mut task => return Ok(done),
            () = abort.cancelled() => return Err(Cut::Aborted),
            () = &mut terminated => return Err(Cut::Terminated),
            () = &mut hard_end => return Err(Cut::HardLimit(hard.unwrap_or_default())),
            () = &mut soft_end, if !warned => {
                warned = true;
                cancelled.cancel();
            }
        }
    }
}

fn after_error(error: TaskError, policy: &Policy, message: Arc<Message>, now: DateTime<Utc>) -> Outcome {
    let (after, cause) = match error {
        TaskError::Fail(cause) => return Outcome::Failed(failure(&*cause)),
        TaskError::Reject => return Outcome::Poison("rejected by the task itself".to_owned()),
        TaskError::Retry { after, cause } => (after, cause),
    };
    let retries = message.headers.retries;
    let failure = cause.as_ref().map(|cause: &Cause| failure(&**cause));
    if policy.max_retries <= retries {
        let given_up = || Failure::new("MaxRetriesExceededError", format!("gave up after {retries} retries"));
        return Outcome::Failed(failure.unwrap_or_else(given_up));
    }
    let at = later(now, after.unwrap_or_else(|| policy.backoff.wait(retries)));
    let mut message = Box::new(Arc::unwrap_or_clone(message));
    message.headers.retries = retries.saturating_add(1);
    message.headers.eta = Some(at);
    Outcome::Retry { message, at, failure: failure.unwrap_or_else(|| Failure::new("Retry", "the task asked to be tried again")) }
}

fn failure(cause: &(dyn StdError + Send + Sync + 'static)) -> Failure {
    let kind = if let Some(exception) = cause.downcast_ref::<Exception>() {
        exception.kind.as_str()
    } else if cause.is::<Refused>() {
        "TypeError"
    } else if cause.is::<Unwritable>() {
        "EncodeError"
    } else {
        "Error"
    };
    let mut failure = Failure::new(kind, cause.to_string());
    let mut below = cause.source();
    while let Some(error) = below {
        // Writing into a String does not fail.
        let _ = write!(failure.traceback, "\n  caused by: {error}");
        below = error.source();
    }
    failure
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Failure {
    let message = panic
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "with something that is no text".to_owned());
    Failure::new("Panic", message)
}
