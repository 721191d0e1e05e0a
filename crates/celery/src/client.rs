//! The producer's side.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::broker::{Broker, Depth};
use crate::clock::{Clock, later};
use crate::database;
use crate::error::Error;
use crate::message::{Body, Embed, Headers, Message, Properties, TimeLimit, shortened};
use crate::policy::Policy;
use crate::task::Task;

/// Makes and sends messages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    broker: Arc<dyn Broker>,
    clock: Clock,
    origin: String,
}

impl Client {
    /// A client of `broker` that reads the time from `clock`.
    pub fn new(broker: Arc<dyn Broker>, clock: Clock) -> Self {
        let origin = format!("gen{}", std::process::id());
        Self { inner: Arc::new(Inner { broker, clock, origin }) }
    }

    /// The broker.
    pub fn broker(&self) -> &Arc<dyn Broker> {
        &self.inner.broker
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// A message for the task `T`, as its policy says. Nothing is sent yet.
    ///
    /// Write `client.message::<Add, _>(&args)`; the `_` is the worker's state.
    pub fn message<T: Task<S>, S>(&self, args: &T::Args) -> Result<Message, Error> {
        self.message_with::<T, S>(args, Options::new())
    }

    /// The same with options that go before the policy.
    pub fn message_with<T: Task<S>, S>(&self, args: &T::Args, options: Options) -> Result<Message, Error> {
        let encode = |source| Error::Encode { task: T::NAME.to_owned(), source };
        let (args, kwargs) = match serde_json::to_value(args).map_err(encode)? {
            Value::Null => (Vec::new(), Map::new()),
            Value::Object(kwargs) => (Vec::new(), kwargs),
            Value::Array(args) => (args, Map::new()),
            Value::Bool(_) => return Err(not_arguments(T::NAME, "a boolean")),
            Value::Number(_) => return Err(not_arguments(T::NAME, "a number")),
            Value::String(_) => return Err(not_arguments(T::NAME, "a string")),
        };
        self.build(T::NAME, &T::policy(), args, kwargs, options)
    }

    /// A message for a task known by its name alone, in another program for instance.
    pub fn message_named(&self, task: &str, args: Vec<Value>, kwargs: Map<String, Value>, options: Options) -> Result<Message, Error> {
        self.build(task, &Policy::new(), args, kwargs, options)
    }

    pub(crate) fn build(
        &self,
        task: &str,
        policy: &Policy,
        args: Vec<Value>,
        kwargs: Map<String, Value>,
        options: Options,
    ) -> Result<Message, Error> {
        let now = self.inner.clock.now();
        let id = options.id.unwrap_or_else(|| Uuid::now_v7().to_string());
        let message = Message {
            queue: options.queue.unwrap_or_else(|| policy.queue.to_owned()),
            properties: Properties::new(&id, options.priority.unwrap_or(policy.priority)),
            headers: Headers {
                lang: "rust".to_owned(),
                task: task.to_owned(),
                shadow: None,
                eta: options.start.map(|start| start.at(now)),
                expires: options.expires.or_else(|| policy.expires.map(|span| later(now, span))),
                group: None,
                group_index: None,
                retries: 0,
                timelimit: TimeLimit { hard: policy.hard_limit, soft: policy.soft_limit },
                root_id: Some(options.root.unwrap_or_else(|| id.clone())),
                parent_id: options.parent,
                argsrepr: shortened(&args),
                kwargsrepr: shortened(&kwargs),
                origin: self.inner.origin.clone(),
                ignore_result: policy.ignore_result,
                extra: Map::new(),
                id,
            },
            body: Body { args, kwargs, embed: Embed::default() },
        };
        message.encode()?;
        Ok(message)
    }

    /// Writes a message into the queue's table within the caller's transaction: it exists if and
    /// only if that commits. Call [`wake`](Self::wake) after the commit.
    ///
    /// `false`: a call with this id is there already, and nothing was written.
    pub async fn enqueue_in(&self, connection: &impl ConnectionTrait, message: &Message) -> Result<bool, Error> {
        Ok(database::insert(connection, std::slice::from_ref(message), self.inner.clock.now()).await? == 1)
    }

    /// The same for many messages, in few statements; returns how many are new.
    pub async fn enqueue_all_in(&self, connection: &impl ConnectionTrait, messages: &[Message]) -> Result<u64, Error> {
        database::insert(connection, messages, self.inner.clock.now()).await
    }

    /// Sends messages now, in no transaction, and wakes the workers; returns how many are new.
    pub async fn send(&self, messages: &[Message]) -> Result<u64, Error> {
        let sent = self.inner.broker.publish(messages, self.inner.clock.now()).await?;
        self.wake();
        Ok(sent)
    }

    /// Tells the workers of this process that something new may be there; otherwise they find it
    /// at their next poll.
    pub fn wake(&self) {
        self.inner.broker.wake();
    }

    /// Removes the messages waiting for `T` and returns them, oldest first: for assertions in tests.
    pub async fn take<T: Task<S>, S>(&self) -> Result<Vec<Message>, Error> {
        self.inner.broker.take(T::NAME).await
    }

    /// All that waits, due or not, oldest first.
    pub async fn waiting(&self) -> Result<Vec<Message>, Error> {
        self.inner.broker.waiting().await
    }

    /// How much waits and runs, by queue.
    pub async fn depth(&self) -> Result<Vec<Depth>, Error> {
        self.inner.broker.depth(self.inner.clock.now()).await
    }

    /// Withdraws one call that has not started.
    pub async fn revoke(&self, id: &str) -> Result<bool, Error> {
        self.inner.broker.revoke(id, self.inner.clock.now()).await
    }

    /// Withdraws all that waits in a queue.
    pub async fn purge(&self, queue: &str) -> Result<u64, Error> {
        self.inner.broker.purge(queue, self.inner.clock.now()).await
    }

    /// Forgets what ended longer than `retention` ago; returns how much.
    pub async fn forget(&self, retention: Duration) -> Result<u64, Error> {
        let retention = chrono::Duration::from_std(retention).unwrap_or(chrono::Duration::MAX);
        match self.inner.clock.now().checked_sub_signed(retention) {
            Some(before) => self.inner.broker.forget(before).await,
            None => Ok(0),
        }
    }
}

fn not_arguments(task: &str, found: &'static str) -> Error {
    Error::Arguments { task: task.to_owned(), found }
}

/// What a single call wants otherwise than the task's policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    start: Option<Start>,
    priority: Option<u8>,
    queue: Option<String>,
    expires: Option<DateTime<Utc>>,
    id: Option<String>,
    parent: Option<String>,
    root: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    At(DateTime<Utc>),
    In(Duration),
}

impl Start {
    fn at(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::At(at) => at,
            Self::In(span) => later(now, span),
        }
    }
}

impl Options {
    /// Nothing special.
    pub fn new() -> Self {
        Self::default()
    }

    /// Not before `at`. In the past: at once.
    #[must_use]
    pub fn eta(mut self, at: DateTime<Utc>) -> Self {
        self.start = Some(Start::At(at));
        self
    }

    /// Not before `span` has passed.
    #[must_use]
    pub fn countdown(mut self, span: Duration) -> Self {
        self.start = Some(Start::In(span));
        self
    }

    /// 0 to 9, the higher the sooner.
    #[must_use]
    pub fn priority(mut self, priority: u8) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Into another queue.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// Never started after `at`.
    #[must_use]
    pub fn expires(mut self, at: DateTime<Utc>) -> Self {
        self.expires = Some(at);
        self
    }

    /// An id of the caller's; sending it twice sends it once.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sent by the task that `message` called: it stands in the same tree of calls.
    #[must_use]
    pub fn child_of(mut self, message: &Message) -> Self {
        self.parent = Some(message.headers.id.clone());
        self.root.clone_from(&message.headers.root_id);
        self
    }
}
