//! The producer's side.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::broker::{Broker, Depth};
use crate::bus::Bus;
use crate::canvas::{Applied, Call, Plan, Signature};
use crate::clock::{Clock, later};
use crate::error::Error;
use crate::events::Eventer;
use crate::message::{Body, Embed, Headers, Message, Properties, TimeLimit, shortened};
use crate::policy::{DEFAULT_QUEUE, Policy};
use crate::results::ResultBackend;
use crate::task::Task;

/// Makes and sends messages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    broker: Arc<dyn Broker>,
    results: Option<Arc<dyn ResultBackend>>,
    clock: Clock,
    origin: String,
    bound: Option<Bound>,
    routes: Routes,
    bus: Option<Arc<dyn Bus>>,
    /// Tells what is sent, if that was asked for.
    teller: Option<Arc<Eventer>>,
}

/// Where tasks go that do not say so themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes(Vec<(String, String)>);

impl Routes {
    pub(crate) fn queue(&self, task: &str) -> &str {
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => task.starts_with(start),
            None => task == pattern,
        };
        self.0.iter().find(|(pattern, _)| fits(pattern)).map_or(DEFAULT_QUEUE, |(_, queue)| queue)
    }
}

/// How much a queue may hold, and what happens to a sender when it does.
#[derive(Clone, Copy, Debug)]
struct Bound {
    messages: u64,
    patience: Duration,
}

impl Client {
    /// A client of `broker` that reads the time from `clock`.
    pub fn new(broker: Arc<dyn Broker>, clock: Clock) -> Self {
        let origin = format!("gen{}", std::process::id());
        Self {
            inner: Arc::new(Inner {
                broker,
                results: None,
                clock,
                origin,
                bound: None,
                routes: Routes::default(),
                bus: None,
                teller: None,
            }),
        }
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let Inner { broker, results, clock, origin, bound, routes, bus, teller } = &*self.inner;
        let mut inner = Inner {
            broker: Arc::clone(broker),
            results: results.clone(),
            clock: clock.clone(),
            origin: origin.clone(),
            bound: *bound,
            routes: routes.clone(),
            bus: bus.clone(),
            teller: teller.clone(),
        };
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }

    /// The same client with a result backend: for chords, and to wait for results.
    #[must_use]
    pub fn with_results(self, results: Arc<dyn ResultBackend>) -> Self {
        self.with(|inner| inner.results = Some(results))
    }

    /// The same client with a bus: its workers then obey remote control and tell what happens.
    #[must_use]
    pub fn with_bus(self, bus: Arc<dyn Bus>) -> Self {
        self.with(|inner| inner.bus = Some(bus))
    }

    /// The bus.
    pub fn bus(&self) -> Option<&Arc<dyn Bus>> {
        self.inner.bus.as_ref()
    }

    /// The same client, which tells of each message it sends, and whose workers tell of what they
    /// send on: the event `task-sent`. It needs a [bus](Self::with_bus) first. What is written within a transaction of the caller's is not told,
    /// for it may yet be undone.
    #[must_use]
    pub fn tell_sent(self) -> Self {
        self.with(|inner| {
            let name = format!("{}@{}", inner.origin, crate::events::machine::host());
            let teller = inner.bus.as_ref().map(|bus| Eventer::new(Arc::clone(bus), name, inner.clock.clone(), true));
            inner.teller = teller.map(Arc::new);
        })
    }

    /// The same client, for whom a queue is full at so many messages. [`send`](Self::send) then
    /// waits up to `patience` for room, and gives up with [`Error::Full`]; zero gives up at once.
    /// The number is looked at before sending, so several senders may pass it by what each sends.
    #[must_use]
    pub fn bounded(self, messages: u64, patience: Duration) -> Self {
        self.with(|inner| inner.bound = Some(Bound { messages, patience }))
    }

    /// The same client, which sends signatures of tasks with such a name to `queue` unless they say
    /// where they go: Celery's `task_routes`. A `*` at the end stands for anything. The first route
    /// that fits counts; without one, a signature goes to the queue `celery`.
    #[must_use]
    pub fn route(self, pattern: impl Into<String>, queue: impl Into<String>) -> Self {
        self.with(|inner| inner.routes.0.push((pattern.into(), queue.into())))
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.inner.routes
    }

    /// The result backend.
    pub fn results(&self) -> Option<&Arc<dyn ResultBackend>> {
        self.inner.results.as_ref()
    }

    /// Sends a signature: a task, chain, group or chord.
    ///
    /// # Errors
    /// [`Error::NoResults`] for a chord without a result backend; [`Error::Invalid`] for a
    /// signature that cannot be carried out.
    pub async fn apply(&self, signature: Signature) -> Result<Applied, Error> {
        let plan = Call::new(self.clock().now(), &self.inner.origin, self.routes()).plan(signature)?;
        self.begin_chords(&plan).await?;
        let Plan { id, children, group, messages, .. } = plan;
        self.send(&messages).await?;
        Ok(Applied { id, children, group })
    }

    /// Notes the chords of a plan, before its first message leaves.
    pub(crate) async fn begin_chords(&self, plan: &Plan) -> Result<(), Error> {
        for chord in &plan.chords {
            let results = self.results().ok_or(Error::NoResults)?;
            results.begin_chord(&chord.group, chord.size, chord.shape.as_ref()).await?;
        }
        Ok(())
    }

    pub(crate) fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// Waits until the queues of these messages have room.
    async fn room(&self, messages: &[Message]) -> Result<(), Error> {
        let Some(Bound { messages: limit, patience }) = self.inner.bound else { return Ok(()) };
        let mut queues: Vec<String> = messages.iter().map(|message| message.queue.clone()).collect();
        queues.sort_unstable();
        queues.dedup();
        let end = tokio::time::Instant::now().checked_add(patience);
        let mut nap = Duration::from_millis(10);
        loop {
            let depths = self.inner.broker.depth(&queues, self.inner.clock.now()).await?;
            let Some(full) = depths.into_iter().find(|depth| limit <= depth.ready.saturating_add(depth.scheduled)) else { return Ok(()) };
            if end.is_some_and(|end| end <= tokio::time::Instant::now()) {
                metrics::counter!("celery_queue_full_total", "queue" => full.queue.clone()).increment(1);
                return Err(Error::Full { queue: full.queue, limit });
            }
            #[expect(clippy::disallowed_methods, reason = "brokers tell nobody that there is room")]
            tokio::time::sleep(nap).await;
            nap = nap.saturating_mul(2).min(Duration::from_millis(500));
        }
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
        let (args, kwargs) = arguments(T::NAME, args)?;
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
        message.check()?;
        message.check_size()?;
        Ok(message)
    }

    #[cfg(feature = "database")]
    /// Writes a message into the queue's table within the caller's transaction: it exists if and
    /// only if that commits. Call [`wake`](Self::wake) after the commit.
    ///
    /// `false`: a call with this id is there already, and nothing was written.
    pub async fn enqueue_in(&self, connection: &impl sea_orm::ConnectionTrait, message: &Message) -> Result<bool, Error> {
        Ok(crate::database::insert(connection, std::slice::from_ref(message), self.inner.clock.now()).await? == 1)
    }

    #[cfg(feature = "database")]
    /// The same for many messages, in few statements; returns how many are new.
    pub async fn enqueue_all_in(&self, connection: &impl sea_orm::ConnectionTrait, messages: &[Message]) -> Result<u64, Error> {
        crate::database::insert(connection, messages, self.inner.clock.now()).await
    }

    /// Sends messages now, in no transaction, and wakes the workers; returns how many are new.
    pub async fn send(&self, messages: &[Message]) -> Result<u64, Error> {
        self.room(messages).await?;
        let sent = self.inner.broker.publish(messages, self.inner.clock.now()).await?;
        self.wake();
        self.tell(messages).await;
        Ok(sent)
    }

    /// Tells that messages were sent, if that was asked for.
    pub(crate) async fn tell(&self, messages: &[Message]) {
        if let Some(teller) = &self.inner.teller
            && !messages.is_empty()
        {
            teller.sent(messages, "").await;
        }
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
        self.inner.broker.depth(&[], self.inner.clock.now()).await
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

/// Arguments as they travel: a struct by name, a tuple by place.
pub(crate) fn arguments(task: &str, args: &impl Serialize) -> Result<(Vec<Value>, Map<String, Value>), Error> {
    let refused = |found| Err(Error::Arguments { task: task.to_owned(), found });
    match serde_json::to_value(args).map_err(|source| Error::Encode { task: task.to_owned(), source })? {
        Value::Null => Ok((Vec::new(), Map::new())),
        Value::Object(kwargs) => Ok((Vec::new(), kwargs)),
        Value::Array(args) => Ok((args, Map::new())),
        Value::Bool(_) => refused("a boolean"),
        Value::Number(_) => refused("a number"),
        Value::String(_) => refused("a string"),
    }
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
