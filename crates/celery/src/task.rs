//! What a task is.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::message::Message;
use crate::policy::Policy;

/// Something done in the background. `S` is the application's state, cloned for each run.
///
/// With late acknowledgement (the default) a task runs *at least* once: when a worker dies, its
/// tasks are given to another one. Write `run` so that a second run does no harm.
///
/// ```
/// use celery::{Context, Task, TaskError};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Add { x: i64, y: i64 }
///
/// struct AddTask;
///
/// impl<S: Send + Sync + 'static> Task<S> for AddTask {
///     const NAME: &'static str = "sums.add";
///     type Args = Add;
///     type Output = i64;
///     async fn run(_: Context<S>, args: Add) -> Result<i64, TaskError> {
///         args.x.checked_add(args.y).ok_or_else(|| TaskError::fail("the sum is too large"))
///     }
/// }
/// ```
pub trait Task<S>: Send + Sync + 'static {
    /// The name by which producers call it; part of the protocol, so never changed lightly.
    const NAME: &'static str;

    /// Its arguments. A struct or map travels as keyword arguments, a tuple as positional ones,
    /// `()` as none. Either form is accepted by a struct, so that Python may call it as it likes.
    type Args: Serialize + DeserializeOwned + Send;

    /// What it returns, stored as JSON.
    type Output: Serialize + Send;

    /// Whether it runs on a thread that nothing can end: what a [`BlockingTask`] sets.
    #[doc(hidden)]
    const BLOCKING: bool = false;

    /// How it wants to be run.
    fn policy() -> Policy {
        Policy::new()
    }

    /// Does it. An error turned into [`TaskError`] by `?` is tried again as the policy says.
    fn run(ctx: Context<S>, args: Self::Args) -> impl Future<Output = Result<Self::Output, TaskError>> + Send;

    /// Reads the arguments of a message. The default takes positional or keyword arguments, not
    /// both; a task that wants both raw overrides it.
    fn decode(args: Vec<Value>, kwargs: Map<String, Value>) -> Result<Self::Args, BadArguments> {
        decode(args, kwargs)
    }
}

/// A [`Task`] that blocks its thread: one that computes for long, or calls a library that waits.
///
/// Registry and client are given it as [`Blocking<T>`](Blocking). It runs on Tokio's threads for blocking work, as many at once as the worker may run tasks. Nothing
/// can end a thread, so a hard time limit is refused when it is registered; at its soft limit, at the
/// worker's shutdown and when it is terminated by remote control,
/// [`Context::is_cancelled`] becomes true.
///
/// ```
/// use celery::{Blocking, BlockingTask, Context, Registry, TaskError};
///
/// struct Hash;
///
/// impl BlockingTask<()> for Hash {
///     const NAME: &'static str = "files.hash";
///     type Args = (u64,);
///     type Output = u64;
///     fn run(ctx: &Context<()>, (rounds,): (u64,)) -> Result<u64, TaskError> {
///         let mut hash = 7_u64;
///         for round in 0..rounds {
///             if ctx.is_cancelled() {
///                 return Err(TaskError::fail("there was no time left"));
///             }
///             hash = hash.rotate_left(5) ^ round;
///         }
///         Ok(hash)
///     }
/// }
///
/// let mut registry = Registry::new();
/// registry.add::<Blocking<Hash>>().unwrap();
/// ```
pub trait BlockingTask<S>: Send + Sync + 'static {
    /// The name by which producers call it.
    const NAME: &'static str;

    /// Its arguments, as [`Task::Args`].
    type Args: Serialize + DeserializeOwned + Send + 'static;

    /// What it returns, stored as JSON.
    type Output: Serialize + Send + 'static;

    /// How it wants to be run; without a hard time limit.
    fn policy() -> Policy {
        Policy::new()
    }

    /// Does it.
    fn run(ctx: &Context<S>, args: Self::Args) -> Result<Self::Output, TaskError>;

    /// Reads the arguments of a message, as [`Task::decode`].
    fn decode(args: Vec<Value>, kwargs: Map<String, Value>) -> Result<Self::Args, BadArguments> {
        decode(args, kwargs)
    }
}

/// A [`BlockingTask`] as a [`Task`]: what registry and client are given.
#[derive(Debug)]
pub struct Blocking<T>(PhantomData<fn() -> T>);

impl<S: Send + Sync + 'static, T: BlockingTask<S>> Task<S> for Blocking<T> {
    const NAME: &'static str = <T as BlockingTask<S>>::NAME;
    const BLOCKING: bool = true;
    type Args = <T as BlockingTask<S>>::Args;
    type Output = <T as BlockingTask<S>>::Output;

    fn policy() -> Policy {
        <T as BlockingTask<S>>::policy()
    }

    async fn run(ctx: Context<S>, args: Self::Args) -> Result<Self::Output, TaskError> {
        let span = tracing::Span::current();
        let ended = tokio::task::spawn_blocking(move || span.in_scope(|| <T as BlockingTask<S>>::run(&ctx, args))).await;
        match ended {
            Ok(output) => output,
            Err(error) => match error.try_into_panic() {
                // To be caught where those of other tasks are.
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(TaskError::retry(error)),
            },
        }
    }

    fn decode(args: Vec<Value>, kwargs: Map<String, Value>) -> Result<Self::Args, BadArguments> {
        <T as BlockingTask<S>>::decode(args, kwargs)
    }
}

/// What a running task is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context<S> {
    /// The application's state.
    pub state: S,
    /// The id of this call; the same in every retry.
    pub id: String,
    /// How often it was tried again already.
    pub retries: u32,
    /// The message as it came, with all headers and raw arguments.
    pub message: Arc<Message>,
    cancelled: CancellationToken,
}

impl<S> Context<S> {
    pub(crate) fn new(state: S, message: Arc<Message>, cancelled: CancellationToken) -> Self {
        Self { state, id: message.headers.id.clone(), retries: message.headers.retries, message, cancelled }
    }

    /// Resolves when the task should end by itself: its soft time limit passed, the worker is being
    /// shut down, or its lease went to another worker.
    pub async fn cancelled(&self) {
        self.cancelled.cancelled().await;
    }

    /// Whether [`cancelled`](Self::cancelled) has resolved: for loops.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.is_cancelled()
    }
}

/// Any error, as a reason.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// How a task ends other than well.
///
/// It is deliberately no `std::error::Error`, so that `?` can turn every error into a
/// [`Retry`](Self::Retry): what the network or the database refuses now may go through later.
/// What cannot, says [`TaskError::fail`].
#[derive(Debug)]
pub enum TaskError {
    /// Try again, as long as the policy has retries left; then it has failed for this cause.
    Retry {
        /// Wait so long; `None`: as the policy's back-off says.
        after: Option<Duration>,
        /// Why, if there is something to say.
        cause: Option<Cause>,
    },
    /// It has failed; trying again would change nothing.
    Fail(Cause),
    /// Set the message aside unprocessed, for people to look at.
    Reject,
}

impl TaskError {
    /// Failed for good.
    pub fn fail(cause: impl Into<Cause>) -> Self {
        Self::Fail(cause.into())
    }

    /// Try again as the policy says.
    pub fn retry(cause: impl Into<Cause>) -> Self {
        Self::Retry { after: None, cause: Some(cause.into()) }
    }

    /// Try again after `after`.
    pub fn retry_after(after: Duration) -> Self {
        Self::Retry { after: Some(after), cause: None }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for TaskError {
    fn from(error: E) -> Self {
        Self::retry(error)
    }
}

/// A failure with a type that the other side can tell apart: Python sees `kind(message)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The name of the exception's class.
    pub kind: String,
    /// Its message.
    pub message: String,
}

impl Exception {
    /// An exception of class `kind`.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into() }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Exception {}

/// Arguments that do not fit the task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadArguments(pub String);

pub(crate) fn decode<T: DeserializeOwned>(args: Vec<Value>, kwargs: Map<String, Value>) -> Result<T, BadArguments> {
    if !args.is_empty() {
        if !kwargs.is_empty() {
            let reason = "positional and keyword arguments together; this task takes one kind";
            return Err(BadArguments(reason.to_owned()));
        }
        return read(Value::Array(args));
    }
    let none = kwargs.is_empty();
    let named = read(Value::Object(kwargs));
    if named.is_ok() || !none {
        return named;
    }
    // Nothing was given: `()` and an empty tuple read that from `null` and `[]`.
    read(Value::Null).or_else(|_| read(Value::Array(Vec::new()))).or(named)
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, BadArguments> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner();
        BadArguments(if path == "." { reason.to_string() } else { format!("`{path}`: {reason}") })
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sum {
        x: i64,
        y: i64,
    }

    fn from<T: DeserializeOwned>(args: Value, kwargs: Value) -> Result<T, String> {
        let (Value::Array(args), Value::Object(kwargs)) = (args, kwargs) else { unreachable!("given so below") };
        decode(args, kwargs).map_err(|bad| bad.0)
    }

    #[test]
    fn arguments_come_by_name_or_by_place() {
        assert_eq!(from(json!([]), json!({"x": 1, "y": 2})), Ok(Sum { x: 1, y: 2 }));
        assert_eq!(from(json!([1, 2]), json!({})), Ok(Sum { x: 1, y: 2 }));
        assert_eq!(from(json!([]), json!({})), Ok(()));
        assert_eq!(from(json!([1, "a"]), json!({})), Ok((1, "a".to_owned())));
        assert_eq!(from(json!([]), json!({})), Ok(Vec::<i64>::new()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let wrong: Result<Sum, _> = from(json!([]), json!({"x": 1, "y": "two"}));
        assert_eq!(wrong.unwrap_err(), "`y`: invalid type: string \"two\", expected i64");
        let missing: Result<Sum, _> = from(json!([]), json!({}));
        assert_eq!(missing.unwrap_err(), "missing field `x`");
        let unknown: Result<Sum, _> = from(json!([]), json!({"x": 1, "y": 2, "z": 3}));
        assert_eq!(unknown.unwrap_err(), "`z`: unknown field `z`, expected `x` or `y`");
        let both: Result<Sum, _> = from(json!([1]), json!({"y": 2}));
        assert!(both.unwrap_err().contains("together"));
    }
}
