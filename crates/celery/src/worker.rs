//! The consumer's side.
//!
//! One loop fetches; each delivery is a tokio task of its own that waits for its turn, runs and
//! hands its outcome to one settler, which writes whatever has gathered meanwhile in one go. A
//! slot is held from the fetch until the outcome is handed over, so that deliveries are bounded by
//! `concurrency + prefetch`, and outcomes by the settler's channel.

use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::broker::{Broker, Claim, Delivery, Failure, Outcome, Receipt, ResultBackend, Settlement, State, TaskResult};
use crate::client::Client;
use crate::clock::{Clock, later};
use crate::error::Error;
use crate::message::Message;
use crate::policy::{DEFAULT_QUEUE, RateLimit};
use crate::registry::Registry;
use crate::run::{self, Ended};

/// The most that is claimed or settled at once.
const BATCH: u32 = 500;

/// Outcomes waiting to be written; beyond that, tasks wait with theirs.
const OUTCOMES: usize = 1_000;

/// A rate-limited delivery that would wait longer is given back until its time.
const HOLD: Duration = Duration::from_secs(1);

/// How long tasks may take to end after they were told at the end of the grace.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Runs tasks. Chained setters change how.
#[derive(Clone, Debug)]
pub struct Worker<S> {
    parts: Parts<S>,
}

#[derive(Clone, Debug)]
struct Parts<S> {
    broker: Arc<dyn Broker>,
    results: Option<Arc<dyn ResultBackend>>,
    clock: Clock,
    registry: Arc<Registry<S>>,
    state: S,
    settings: Settings,
}

/// What one run works on.
#[derive(Debug)]
struct Shared<S> {
    parts: Parts<S>,
    /// Next free starts of rate-limited tasks. Held for no longer than a look.
    rates: Mutex<HashMap<&'static str, Rate>>,
    /// What this worker holds a lease on. Held for no longer than a look.
    hand: Mutex<BTreeMap<Receipt, CancellationToken>>,
    /// One at a time writes to the rows in hand: on PostgreSQL, extending and settling the same
    /// rows in two orders at once would deadlock.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct Settings {
    name: String,
    queues: Vec<String>,
    concurrency: u32,
    prefetch: u32,
    poll: Duration,
    lease: Duration,
    grace: Duration,
    max_deliveries: u32,
}

/// One task that [`Worker::run_until_idle`] ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// The task's name; of a message that cannot be read, empty.
    pub task: String,
    /// The call's id.
    pub id: String,
    /// How it ended. A result is here even if the task asks not to store it.
    pub outcome: Outcome,
}

impl Ran {
    /// Whether it ended well.
    pub fn is_done(&self) -> bool {
        matches!(self.outcome, Outcome::Done(_))
    }
}

impl<S: Clone + Send + Sync + 'static> Worker<S> {
    /// A worker of the client's broker and clock, for all queues its tasks name (and `celery`).
    ///
    /// At first: 8 tasks at once, 32 fetched ahead, a poll each second, leases of 60 seconds, a
    /// grace of 30 seconds, and set aside as poison at the 5th lost worker.
    pub fn new(client: &Client, registry: Registry<S>, state: S) -> Self {
        let mut queues: Vec<String> = registry.queues().into_iter().map(str::to_owned).collect();
        if !queues.iter().any(|queue| queue == DEFAULT_QUEUE) {
            queues.push(DEFAULT_QUEUE.to_owned());
        }
        let settings = Settings {
            name: format!("celery@{}", Uuid::new_v4().simple()),
            queues,
            concurrency: 8,
            prefetch: 32,
            poll: Duration::from_secs(1),
            lease: Duration::from_mins(1),
            grace: Duration::from_secs(30),
            max_deliveries: 5,
        };
        let parts = Parts {
            broker: Arc::clone(client.broker()),
            results: None,
            clock: client.clock().clone(),
            registry: Arc::new(registry),
            state,
            settings,
        };
        Self { parts }
    }

    fn change(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.parts.settings);
        self
    }

    /// A name to be shown; unique among workers, or their leases are told apart by nobody.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.change(|settings| settings.name = name.into())
    }

    /// The queues to serve, the first one first.
    #[must_use]
    pub fn queues<Q: Into<String>>(self, queues: impl IntoIterator<Item = Q>) -> Self {
        self.change(|settings| settings.queues = queues.into_iter().map(Into::into).collect())
    }

    /// How many tasks may run at once, at least 1.
    #[must_use]
    pub fn concurrency(self, tasks: u32) -> Self {
        self.change(|settings| settings.concurrency = tasks.clamp(1, 100_000))
    }

    /// How many more may be fetched ahead. More is faster, and leaves less to other workers.
    #[must_use]
    pub fn prefetch(self, tasks: u32) -> Self {
        self.change(|settings| settings.prefetch = tasks.min(100_000))
    }

    /// How often to look without having been woken.
    #[must_use]
    pub fn poll(self, span: Duration) -> Self {
        self.change(|settings| settings.poll = span.max(Duration::from_millis(1)))
    }

    /// How long a fetched task belongs to this worker unless it renews that, which it does at a
    /// third of the span. When the worker dies, its tasks are back after about this long.
    #[must_use]
    pub fn lease(self, span: Duration) -> Self {
        self.change(|settings| settings.lease = span.max(Duration::from_millis(30)))
    }

    /// How long a shutdown waits for running tasks.
    #[must_use]
    pub fn grace(self, span: Duration) -> Self {
        self.change(|settings| settings.grace = span)
    }

    /// At which lost worker a task is set aside as poison, at least 1.
    #[must_use]
    pub fn max_deliveries(self, times: u32) -> Self {
        self.change(|settings| settings.max_deliveries = times.max(1))
    }

    /// Keeps results in a backend apart from the broker.
    #[must_use]
    pub fn results(mut self, backend: Arc<dyn ResultBackend>) -> Self {
        self.parts.results = Some(backend);
        self
    }

    /// Runs tasks until `shutdown`. Then nothing more is fetched, what has not started is given
    /// back, and what runs may end within the grace; after that it is told
    /// ([`Context::cancelled`](crate::Context::cancelled)), and a second later ended and given back.
    ///
    /// Faults of the broker are logged and waited out.
    pub async fn run(&self, shutdown: CancellationToken) {
        let shared = Arc::new(Shared::new(self.parts.clone()));
        let settings = &shared.parts.settings;
        tracing::info!(worker = settings.name, queues = ?settings.queues, tasks = ?shared.parts.registry.names().collect::<Vec<_>>(), "worker starts");

        let crew = Crew {
            shared: Arc::clone(&shared),
            turns: Arc::new(Semaphore::new(size(settings.concurrency))),
            stop: shutdown,
            abort: CancellationToken::new(),
        };
        let settled = CancellationToken::new();
        // Whoever drops this future ends everything it started.
        let _ends = (crew.abort.clone().drop_guard(), settled.clone().drop_guard());
        let (outcomes, gathered) = mpsc::channel(OUTCOMES);
        let mut settler = tokio::spawn(settle(Arc::clone(&shared), gathered, crew.abort.clone()));
        let keeper = tokio::spawn(keep(Arc::clone(&shared), settled.clone()));
        let tracker = TaskTracker::new();

        crew.fetch(&tracker, &outcomes).await;

        tracker.close();
        crew.wind_down(&tracker).await;
        drop(outcomes);
        let written = tokio::time::timeout(settings.grace.max(LAST_WORD), &mut settler).await;
        if let Ok(ended) = written {
            finished(ended);
        } else {
            crew.abort.cancel();
            finished(settler.await);
        }
        settled.cancel();
        finished(keeper.await);
        tracing::info!(worker = settings.name, "worker has stopped");
    }

    /// Runs all that is due now and all that thereby falls due now, one after the other, and
    /// returns what ran, in order. Rate limits do not apply. For tests and command lines.
    pub async fn run_until_idle(&self) -> Result<Vec<Ran>, Error> {
        let shared = &Arc::new(Shared::new(self.parts.clone()));
        let idle = CancellationToken::new();
        let crew = Crew { shared: Arc::clone(shared), turns: Arc::new(Semaphore::new(1)), stop: idle.clone(), abort: idle };
        let mut ran = Vec::new();
        self.parts.broker.sweep(self.parts.clock.now(), self.parts.settings.max_deliveries).await?;
        loop {
            let deliveries = shared.claim(1).await?;
            if deliveries.is_empty() {
                return Ok(ran);
            }
            for delivery in deliveries {
                let name = delivery.message.as_ref().map_or_else(|_| String::new(), |message| message.headers.task.clone());
                let ended = crew.work(delivery, &CancellationToken::new(), Pace::Free).await;
                shared.write(std::slice::from_ref(&ended)).await?;
                ran.push(Ran { task: name, id: ended.id, outcome: ended.outcome });
            }
        }
    }
}

/// A place in the line of those who wait to run.
type Ticket = Pin<Box<MaybeDone<BoxFuture<'static, Result<OwnedSemaphorePermit, AcquireError>>>>>;

/// Whether rate limits apply.
enum Pace {
    Limited(Option<Ticket>),
    Free,
}

/// What the tasks of one run share.
#[derive(Clone)]
struct Crew<S> {
    shared: Arc<Shared<S>>,
    /// The permits to run.
    turns: Arc<Semaphore>,
    /// Nothing more starts.
    stop: CancellationToken,
    /// What still runs is ended.
    abort: CancellationToken,
}

impl<S: Clone + Send + Sync + 'static> Crew<S> {
    async fn fetch(&self, tracker: &TaskTracker, outcomes: &mpsc::Sender<Ended>) {
        let settings = &self.shared.parts.settings;
        let slots = Arc::new(Semaphore::new(size(settings.concurrency.saturating_add(settings.prefetch))));
        // Below half of the prefetch it is worth asking again; one by one would never be a batch.
        let low_water = (settings.prefetch / 2).clamp(1, BATCH);
        let mut wakeups = self.shared.parts.broker.wakeups();
        let mut failures = 0;

        while let Some(mut free) = self.unless_stopped(Arc::clone(&slots).acquire_many_owned(low_water)).await.and_then(Result::ok) {
            let more = u32::try_from(slots.available_permits()).unwrap_or(BATCH).min(BATCH.saturating_sub(low_water));
            if let Ok(more) = Arc::clone(&slots).try_acquire_many_owned(more) {
                free.merge(more);
            }
            // What is sent from here on wakes the wait below.
            wakeups.mark_unchanged();
            let max = u32::try_from(free.num_permits()).unwrap_or(BATCH);
            match self.shared.claim(max).await {
                Ok(deliveries) => {
                    failures = 0;
                    let full = size(max) <= deliveries.len();
                    for delivery in deliveries {
                        self.start(tracker, outcomes, free.split(1), delivery).await;
                    }
                    drop(free);
                    if !full {
                        let woken = tokio::time::timeout(settings.poll, wakeups.changed());
                        let _ = self.unless_stopped(woken).await;
                    }
                }
                Err(error) => {
                    drop(free);
                    let wait = pause(&mut failures);
                    tracing::error!(%error, cause = ?error, ?wait, "the broker cannot be asked for tasks; trying again");
                    metrics::counter!("celery_broker_errors_total", "what" => "claim").increment(1);
                    let _ = self.unless_stopped(tokio::time::sleep_until(after(wait))).await;
                }
            }
        }
    }

    async fn start(&self, tracker: &TaskTracker, outcomes: &mpsc::Sender<Ended>, slot: Option<OwnedSemaphorePermit>, delivery: Delivery) {
        let cancelled = CancellationToken::new();
        self.shared.hand().insert(delivery.receipt, cancelled.clone());
        let ticket = self.ticket(&delivery).await;
        let (crew, outcomes) = (self.clone(), outcomes.clone());
        tracker.spawn(async move {
            let ended = crew.work(delivery, &cancelled, Pace::Limited(ticket)).await;
            if let Err(unsent) = outcomes.send(ended).await {
                tracing::error!(id = unsent.0.id, "an outcome comes after the worker's end; the lease will run out");
            }
            drop(slot);
        });
    }

    /// A place in the line of those who wait to run, taken here, where deliveries still come one
    /// after the other. `None` for a rate-limited task: its line is another one.
    async fn ticket(&self, delivery: &Delivery) -> Option<Ticket> {
        let task = delivery.message.as_ref().ok()?.task();
        if self.shared.parts.registry.find(task)?.policy.rate_limit.is_some() {
            return None;
        }
        let turn: BoxFuture<'static, _> = Box::pin(Arc::clone(&self.turns).acquire_owned());
        let mut ticket = Box::pin(maybe_done(turn));
        // The first look takes the place; whether it is there already shows when it is awaited.
        let _ = futures_util::poll!(ticket.as_mut());
        Some(ticket)
    }

    async fn work(&self, delivery: Delivery, cancelled: &CancellationToken, pace: Pace) -> Ended {
        let receipt = delivery.receipt;
        let message = match delivery.message {
            Ok(message) => Arc::new(message),
            Err(malformed) => {
                tracing::error!(id = malformed.id, reason = malformed.reason, "a message cannot be read; it is set aside");
                let outcome = Outcome::Poison(format!("the message cannot be read: {}", malformed.reason));
                return Ended { receipt, id: malformed.id, task: String::new(), retries: 0, outcome, keep: false };
            }
        };
        let outcome = self.outcome(receipt, &message, cancelled, pace).await;
        let seen = match &outcome {
            Outcome::Retry { .. } => "retry",
            Outcome::Release(_) => "released",
            Outcome::Done(_) => State::Done.as_str(),
            Outcome::Failed(_) => State::Failed.as_str(),
            Outcome::Revoked(_) => State::Revoked.as_str(),
            Outcome::Poison(_) => State::Poison.as_str(),
        };
        // An unknown name comes from outside: as a label it could grow without bound.
        let label = self.shared.parts.registry.find(&message.headers.task).map_or("unknown", |entry| entry.name);
        metrics::counter!("celery_tasks_total", "task" => label, "outcome" => seen).increment(1);
        if seen == "done" || seen == "failed" {
            let waited = self.shared.parts.clock.now().signed_duration_since(delivery.due_at).to_std().unwrap_or_default();
            metrics::histogram!("celery_task_turnaround_seconds", "task" => label).record(waited);
        }
        let headers = &message.headers;
        Ended {
            receipt,
            id: headers.id.clone(),
            task: headers.task.clone(),
            retries: headers.retries,
            outcome,
            keep: !headers.ignore_result,
        }
    }

    async fn outcome(&self, receipt: Receipt, message: &Arc<Message>, cancelled: &CancellationToken, pace: Pace) -> Outcome {
        let shared = &self.shared;
        let headers = &message.headers;
        let Some(entry) = shared.parts.registry.find(&headers.task) else {
            tracing::error!(task = headers.task, id = headers.id, "no such task; the message is set aside");
            return Outcome::Poison(format!("this worker knows no task `{}`", headers.task));
        };
        if let (Pace::Limited(_), Some(limit)) = (&pace, entry.policy.rate_limit) {
            match shared.turn(entry.name, limit) {
                Turn::At(at) => {
                    if self.unless_stopped(tokio::time::sleep_until(at)).await.is_none() {
                        return Outcome::Release(None);
                    }
                }
                Turn::BackIn(wait) => return Outcome::Release(Some(later(shared.parts.clock.now(), wait))),
            }
        }
        let turn = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = self.abort.cancelled() => None,
            () = cancelled.cancelled() => None,
            turn = self.turn(pace) => turn,
        };
        let Some(_turn) = turn else { return Outcome::Release(None) };

        let now = shared.parts.clock.now();
        if headers.expires.is_some_and(|expires| expires <= now) {
            return Outcome::Revoked("expired before it could start".to_owned());
        }
        if !entry.policy.acks_late {
            match shared.parts.broker.acknowledge(receipt).await {
                Ok(true) => {}
                Ok(false) => return Outcome::Release(None),
                Err(error) => {
                    tracing::error!(%error, cause = ?error, id = headers.id, "cannot acknowledge before running; the task is given back");
                    return Outcome::Release(None);
                }
            }
        }
        metrics::gauge!("celery_tasks_running").increment(1);
        let started = Instant::now();
        let outcome = run::run(entry, shared.parts.state.clone(), Arc::clone(message), cancelled, &self.abort, &shared.parts.clock).await;
        metrics::gauge!("celery_tasks_running").decrement(1);
        metrics::histogram!("celery_task_seconds", "task" => entry.name).record(started.elapsed());
        outcome
    }

    async fn turn(&self, pace: Pace) -> Option<OwnedSemaphorePermit> {
        let turn = match pace {
            Pace::Limited(Some(mut ticket)) => {
                ticket.as_mut().await;
                ticket.as_mut().take_output()?
            }
            Pace::Limited(None) | Pace::Free => Arc::clone(&self.turns).acquire_owned().await,
        };
        turn.ok()
    }

    async fn wind_down(&self, tracker: &TaskTracker) {
        let settings = &self.shared.parts.settings;
        if tokio::time::timeout(settings.grace, tracker.wait()).await.is_ok() {
            return;
        }
        tracing::warn!(worker = settings.name, tasks = tracker.len(), "the grace is over; running tasks are told to end");
        for token in self.shared.hand().values() {
            token.cancel();
        }
        if tokio::time::timeout(LAST_WORD, tracker.wait()).await.is_err() {
            tracing::warn!(worker = settings.name, tasks = tracker.len(), "tasks go on; they are ended and given back");
            self.abort.cancel();
            tracker.wait().await;
        }
    }

    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            done = work => Some(done),
        }
    }
}

impl<S> Shared<S> {
    fn new(parts: Parts<S>) -> Self {
        Self { parts, rates: Mutex::default(), hand: Mutex::default(), writing: tokio::sync::Mutex::default() }
    }

    fn hand(&self) -> MutexGuard<'_, BTreeMap<Receipt, CancellationToken>> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn let_go(&self, ended: &[Ended]) {
        let mut hand = self.hand();
        for ended in ended {
            hand.remove(&ended.receipt);
        }
    }

    async fn claim(&self, max: u32) -> Result<Vec<Delivery>, Error> {
        let settings = &self.parts.settings;
        let claim = Claim { worker: &settings.name, queues: &settings.queues, max, now: self.parts.clock.now(), lease: settings.lease };
        self.parts.broker.claim(&claim).await
    }

    /// Settles, and tells the result backend if there is one.
    async fn write(&self, ended: &[Ended]) -> Result<(), Error> {
        let now = self.parts.clock.now();
        if let Some(results) = &self.parts.results {
            let kept: Vec<TaskResult> = ended.iter().filter_map(|ended| ended.result(now)).collect();
            results.store(&kept).await?;
        }
        let settlements: Vec<Settlement> = ended.iter().map(Ended::settlement).collect();
        // Let go under the same lock: a settled lease must not look like a lost one.
        let _writing = self.writing.lock().await;
        self.parts.broker.settle(&settlements, now).await?;
        self.let_go(ended);
        Ok(())
    }

    fn turn(&self, name: &'static str, limit: RateLimit) -> Turn {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.entry(name).or_default().turn(limit, Instant::now())
    }
}

/// When starts of one task are free again.
#[derive(Debug, Default)]
struct Rate {
    /// The next start here.
    free_at: Option<Instant>,
    /// The next moment for which a delivery was given back: those come back one by one.
    back_at: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
enum Turn {
    At(Instant),
    BackIn(Duration),
}

impl Rate {
    fn turn(&mut self, limit: RateLimit, now: Instant) -> Turn {
        let at = self.free_at.map_or(now, |at| at.max(now));
        if at.duration_since(now) <= HOLD {
            self.free_at = Some(at.checked_add(limit.spacing()).unwrap_or(at));
            return Turn::At(at);
        }
        let back = self.back_at.map_or(at, |back| back.max(at));
        self.back_at = Some(back.checked_add(limit.spacing()).unwrap_or(back));
        Turn::BackIn(back.duration_since(now))
    }
}

/// Writes outcomes until all senders are gone and the channel is empty, or `abort`.
async fn settle<S>(shared: Arc<Shared<S>>, mut gathered: mpsc::Receiver<Ended>, abort: CancellationToken) {
    let mut batch = Vec::new();
    while 0 < gathered.recv_many(&mut batch, size(BATCH)).await {
        let mut failures = 0;
        while let Err(error) = shared.write(&batch).await {
            let wait = pause(&mut failures);
            tracing::error!(%error, cause = ?error, ?wait, tasks = batch.len(), "outcomes cannot be written; trying again");
            metrics::counter!("celery_broker_errors_total", "what" => "settle").increment(1);
            if abort.is_cancelled() && 3 < failures {
                tracing::error!(tasks = batch.len(), "the worker ends without having written outcomes; leases will run out");
                shared.let_go(&batch);
                break;
            }
            if 2 < failures {
                batch = one_by_one(&shared, batch).await;
                if batch.is_empty() {
                    break;
                }
            }
            // A worker that must end does not wait long.
            let wait = if abort.is_cancelled() { wait.min(Duration::from_millis(100)) } else { wait };
            tokio::select! {
                () = tokio::time::sleep_until(after(wait)) => {}
                () = abort.cancelled(), if !abort.is_cancelled() => {}
            }
        }
        batch.clear();
    }
}

/// Writes each outcome alone, so that one that the store refuses does not hold up the others. An
/// outcome refused while others go through becomes a failure that says so. Returns what is left.
async fn one_by_one<S>(shared: &Shared<S>, batch: Vec<Ended>) -> Vec<Ended> {
    let mut left = Vec::new();
    let mut reachable = false;
    for ended in batch {
        match shared.write(std::slice::from_ref(&ended)).await {
            Ok(()) => reachable = true,
            Err(error) => left.push((ended, error)),
        }
    }
    if !reachable && shared.parts.broker.depth(shared.parts.clock.now()).await.is_err() {
        return left.into_iter().map(|(ended, _)| ended).collect();
    }
    let mut still = Vec::new();
    for (mut ended, error) in left {
        ended.outcome = Outcome::Failed(Failure::new("StoreError", format!("the outcome could not be stored: {error}")));
        match shared.write(std::slice::from_ref(&ended)).await {
            Ok(()) => {}
            Err(_) => still.push(ended),
        }
    }
    still
}

/// Renews leases, deals with those of lost workers, and measures the queues.
async fn keep<S>(shared: Arc<Shared<S>>, end: CancellationToken) {
    let settings = &shared.parts.settings;
    let mut ticks = tokio::time::interval(settings.lease / 3);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while let Some(_tick) = end.run_until_cancelled(ticks.tick()).await {
        if let Err(error) = shared.housekeep().await {
            tracing::error!(%error, cause = ?error, "leases cannot be renewed; trying again");
            metrics::counter!("celery_broker_errors_total", "what" => "lease").increment(1);
        }
    }
}

impl<S> Shared<S> {
    async fn housekeep(&self) -> Result<(), Error> {
        let Parts { broker, clock, settings, .. } = &self.parts;
        {
            let _writing = self.writing.lock().await;
            let held: Vec<Receipt> = self.hand().keys().copied().collect();
            if !held.is_empty() {
                for lost in broker.extend(&held, later(clock.now(), settings.lease)).await? {
                    tracing::warn!(tag = lost.tag, "a lease was lost to another worker");
                    if let Some(token) = self.hand().remove(&lost) {
                        token.cancel();
                    }
                }
            }
        }
        let swept = broker.sweep(clock.now(), settings.max_deliveries).await?;
        if 0 < swept.redelivered.saturating_add(swept.poisoned).saturating_add(swept.lost) {
            tracing::warn!(swept.redelivered, swept.poisoned, swept.lost, "found tasks of lost workers");
            metrics::counter!("celery_leases_lost_total")
                .increment(swept.redelivered.saturating_add(swept.poisoned).saturating_add(swept.lost));
            broker.wake();
        }
        let depths = broker.depth(clock.now()).await?;
        for queue in &settings.queues {
            let depth = depths.iter().find(|depth| depth.queue == *queue);
            let numbers = depth.map_or([0; 3], |depth| [depth.ready, depth.scheduled, depth.running]);
            for (state, number) in ["ready", "scheduled", "running"].into_iter().zip(numbers) {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                metrics::gauge!("celery_queue_depth", "queue" => queue.clone(), "state" => state).set(number);
            }
        }
        Ok(())
    }
}

/// 100 ms, twice that, … up to 30 s.
fn pause(failures: &mut u32) -> Duration {
    let wait = 2_u32.saturating_pow((*failures).min(12)).saturating_mul(100);
    *failures = failures.saturating_add(1);
    Duration::from_millis(u64::from(wait)).min(Duration::from_secs(30))
}

fn after(span: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(span).unwrap_or(now)
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn finished(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a part of the worker broke; leases will run out");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_spaced_and_what_would_wait_long_comes_back_one_by_one() {
        let now = Instant::now();
        let ms = Duration::from_millis;
        let mut rate = Rate::default();
        let limit = RateLimit::per_second(2);
        assert_eq!(rate.turn(limit, now), Turn::At(now));
        assert_eq!(rate.turn(limit, now), Turn::At(now + ms(500)));
        assert_eq!(rate.turn(limit, now), Turn::At(now + ms(1_000)));
        assert_eq!(rate.turn(limit, now), Turn::BackIn(ms(1_500)));
        assert_eq!(rate.turn(limit, now), Turn::BackIn(ms(2_000)));
        assert_eq!(rate.turn(limit, now + ms(1_500)), Turn::At(now + ms(1_500)));
    }

    #[test]
    fn pauses_grow_to_half_a_minute() {
        let mut failures = 0;
        let pauses: Vec<u128> = (0..11).map(|_| pause(&mut failures).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    }
}
