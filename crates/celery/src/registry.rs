//! Which tasks a worker knows.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::error::Error;
use crate::message::Message;
use crate::policy::Policy;
use crate::task::{Context, Task, TaskError};

type Run<S> = fn(Context<S>) -> BoxFuture<'static, Result<Value, TaskError>>;

/// The tasks a worker can run, by name. Parts of an application add theirs to it.
#[derive(Debug)]
pub struct Registry<S> {
    entries: BTreeMap<&'static str, Entry<S>>,
}

pub(crate) struct Entry<S> {
    pub(crate) name: &'static str,
    pub(crate) policy: Policy,
    pub(crate) run: Run<S>,
    /// Whether it runs on a thread of its own, which nothing can end.
    pub(crate) blocking: bool,
}

impl<S> std::fmt::Debug for Entry<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl<S: Clone + Send + Sync + 'static> Registry<S> {
    /// Knows nothing yet.
    pub const fn new() -> Self {
        Self { entries: BTreeMap::new() }
    }

    /// Adds a task.
    ///
    /// # Errors
    /// [`Error::Duplicate`], or [`Error::Invalid`] for a policy that cannot be kept: a hard time
    /// limit of a [`BlockingTask`](crate::BlockingTask), for instance.
    pub fn add<T: Task<S>>(&mut self) -> Result<&mut Self, Error> {
        let policy = T::policy();
        if T::BLOCKING && policy.hard_limit.is_some() {
            let reason = format!("of `{}` cannot be kept: a blocking task is a thread, and nothing can end that; {ADVICE}", T::NAME);
            return Err(Error::invalid("the hard time limit", reason));
        }
        policy.check()?;
        let entry = Entry { name: T::NAME, policy, run: erased::<S, T>, blocking: T::BLOCKING };
        if self.entries.insert(T::NAME, entry).is_some() {
            return Err(Error::Duplicate(T::NAME.to_owned()));
        }
        Ok(self)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry<S>> {
        self.entries.values()
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.entries.keys().copied()
    }

    /// The queues that these tasks go to unless a message says otherwise, sorted.
    pub fn queues(&self) -> Vec<&'static str> {
        let mut queues: Vec<_> = self.entries.values().map(|entry| entry.policy.queue).collect();
        queues.sort_unstable();
        queues.dedup();
        queues
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Entry<S>> {
        self.entries.get(name)
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Registry<S> {
    fn default() -> Self {
        Self::new()
    }
}

fn erased<S: Send + Sync + 'static, T: Task<S>>(ctx: Context<S>) -> BoxFuture<'static, Result<Value, TaskError>> {
    Box::pin(async move {
        let Message { body, .. } = Arc::as_ref(&ctx.message);
        let args = T::decode(body.args.clone(), body.kwargs.clone()).map_err(|bad| TaskError::fail(Refused(bad.0)))?;
        let output = T::run(ctx, args).await?;
        serde_json::to_value(output).map_err(|error| TaskError::fail(Unwritable(error)))
    })
}

/// What to do instead of a hard limit.
pub(crate) const ADVICE: &str = "give it a soft limit and let it ask `is_cancelled`";

/// The arguments do not fit: the class Python raises for that is `TypeError`.
#[derive(Debug, thiserror::Error)]
#[error("the arguments do not fit: {0}")]
pub(crate) struct Refused(String);

#[derive(Debug, thiserror::Error)]
#[error("what the task returned cannot be written as JSON")]
pub(crate) struct Unwritable(#[source] serde_json::Error);
