//! The consumer's side.
//!
//! One loop fetches; each delivery is a tokio task of its own that waits for its turn, runs and
//! hands its outcome to one settler, which writes whatever has gathered meanwhile in one go. A
//! slot is held from the fetch until the outcome is handed over, so that deliveries are bounded by
//! `concurrency + prefetch`, and outcomes by the settler's channel.

mod announce;
mod crew;
mod follow;
mod held;
mod keep;
mod live;
mod node;
mod pool;
mod rate;
mod revoked;
mod settle;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::crew::{Crew, Pace};
pub(crate) use self::held::Held;
use self::keep::keep;
use self::live::Live;
use self::node::Station;
use self::pool::{MOST, Pool};
use self::rate::{Rate, Turn};
use self::revoked::Revoked;
use self::settle::{acknowledge, settle};
use crate::broker::{Broker, Claim, Delivery, Outcome, Receipt};
use crate::client::Client;
use crate::clock::Clock;
use crate::error::Error;
use crate::events::{Eventer, HEARTBEAT};
use crate::policy::{DEFAULT_QUEUE, RateLimit};
use crate::registry::Registry;
use crate::results::ResultBackend;
use crate::run::Ended;

/// The most that is claimed or settled at once.
const BATCH: u32 = 500;

/// Outcomes waiting to be written; beyond that, tasks wait with theirs.
const OUTCOMES: usize = 1_000;

/// The most deliveries that are kept in memory until their ETA; beyond that nothing is fetched.
const HELD: u32 = 50_000;

/// How long tasks may take to end after they were told at the end of the grace.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Runs tasks. Chained setters change how.
#[derive(Clone, Debug)]
pub struct Worker<S> {
    parts: Parts<S>,
}

#[derive(Clone, Debug)]
struct Parts<S> {
    client: Client,
    broker: Arc<dyn Broker>,
    results: Option<Arc<dyn ResultBackend>>,
    clock: Clock,
    registry: Arc<Registry<S>>,
    state: S,
    settings: Settings,
    /// Kept from one run to the next.
    revoked: Arc<Revoked>,
}

/// What one run works on.
#[derive(Debug)]
struct Shared<S> {
    parts: Parts<S>,
    /// Next free starts of rate-limited tasks. Held for no longer than a look.
    rates: Mutex<HashMap<&'static str, Rate>>,
    /// What this worker holds a lease on. Held for no longer than a look.
    hand: Mutex<BTreeMap<Receipt, Arc<Held>>>,
    /// One at a time writes to the rows in hand: on PostgreSQL, extending and settling the same
    /// rows in two orders at once would deadlock.
    writing: tokio::sync::Mutex<()>,
    /// Places for deliveries that wait for their ETA here.
    held: Arc<Semaphore>,
    pool: Pool,
    /// What changes about the tasks of the registry.
    live: HashMap<&'static str, Live>,
    /// Tells those who wait that a rate limit changed.
    rates_changed: watch::Sender<()>,
    /// The queues served now.
    queues: watch::Sender<Vec<String>>,
    /// How many tasks run.
    active: AtomicU64,
    eventer: Option<Arc<Eventer>>,
    since: Instant,
    /// Ends the run, as `shutdown` of remote control does.
    stop: CancellationToken,
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
    acks_late: Option<bool>,
    events: bool,
    /// Seconds; none: no heartbeats.
    heartbeat: Option<u32>,
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
            acks_late: None,
            events: false,
            heartbeat: Some(HEARTBEAT),
        };
        let parts = Parts {
            client: client.clone(),
            broker: Arc::clone(client.broker()),
            results: client.results().cloned(),
            clock: client.clock().clone(),
            registry: Arc::new(registry),
            state,
            settings,
            revoked: Arc::default(),
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
        self.change(|settings| settings.concurrency = tasks.clamp(1, MOST))
    }

    /// How many more may be fetched ahead. More is faster, and leaves less to other workers.
    #[must_use]
    pub fn prefetch(self, tasks: u32) -> Self {
        self.change(|settings| settings.prefetch = tasks.min(MOST))
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

    /// Acknowledges every task late, or every one early, whatever its policy says.
    #[must_use]
    pub fn acks_late(self, late: bool) -> Self {
        self.change(|settings| settings.acks_late = Some(late))
    }

    /// Tells of each task from the start (`-E` of Celery's worker), not only once remote control asks
    /// for it. The client needs a [bus](Client::with_bus).
    #[must_use]
    pub fn events(self, tell: bool) -> Self {
        self.change(|settings| settings.events = tell)
    }

    /// How often it says that it is there, in seconds; 0: never, where nobody listens to events. Two
    /// seconds unless it is said, as Celery's workers. Whoever asks is answered all the same.
    #[must_use]
    pub fn heartbeat(self, seconds: u32) -> Self {
        self.change(|settings| settings.heartbeat = (seconds != 0).then_some(seconds))
    }

    /// Runs tasks until `shutdown`. Then nothing more is fetched, what has not started is given
    /// back, and what runs may end within the grace; after that it is told
    /// ([`Context::cancelled`](crate::Context::cancelled)), and a second later ended and given back.
    ///
    /// Faults of the broker are logged and waited out.
    pub async fn run(&self, shutdown: CancellationToken) {
        let shared = Arc::new(Shared::new(self.parts.clone(), shutdown.child_token()));
        let settings = &shared.parts.settings;
        tracing::info!(worker = settings.name, queues = ?settings.queues, tasks = ?shared.parts.registry.names().collect::<Vec<_>>(), "worker starts");

        let station = Station::open(&shared).await;
        let (asks, asked) = mpsc::channel(OUTCOMES);
        let crew = Crew { shared: Arc::clone(&shared), asks: Some(asks), stop: shared.stop.clone(), abort: CancellationToken::new() };
        tokio::spawn(acknowledge(Arc::clone(&shared), asked));
        let settled = CancellationToken::new();
        // Whoever drops this future ends everything it started.
        let _ends = (crew.abort.clone().drop_guard(), settled.clone().drop_guard());
        let (outcomes, gathered) = mpsc::channel(OUTCOMES);
        let mut settler = tokio::spawn(settle(Arc::clone(&shared), gathered, crew.stop.clone(), crew.abort.clone()));
        let keeper = tokio::spawn(keep(Arc::clone(&shared), settled.clone()));
        let tracker = TaskTracker::new();

        crew.fetch(&tracker, &outcomes).await;
        if let Err(error) = shared.parts.broker.leave(&settings.name).await {
            tracing::warn!(%error, "what was fetched ahead is given back late, when the connection ends");
        }

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
        station.close(&shared).await;
        tracing::info!(worker = settings.name, "worker has stopped");
    }

    /// Runs all that is due now and all that thereby falls due now, one after the other, and
    /// returns what ran, in order. Rate limits do not apply. For tests and command lines.
    ///
    /// # Errors
    /// [`Error::NotOffered`] for a broker that keeps no time: what is due later would never end this.
    pub async fn run_until_idle(&self) -> Result<Vec<Ran>, Error> {
        if !self.parts.broker.keeps_time() {
            return Err(Error::NotOffered { broker: self.parts.broker.kind(), what: "tell what is due from what is due later" });
        }
        let idle = CancellationToken::new();
        let shared = &Arc::new(Shared::new(self.parts.clone(), idle.clone()));
        let crew = Crew { shared: Arc::clone(shared), asks: None, stop: idle.clone(), abort: idle };
        let mut ran = Vec::new();
        self.parts.broker.sweep(self.parts.clock.now(), self.parts.settings.lease, self.parts.settings.max_deliveries).await?;
        loop {
            let deliveries = shared.claim(1, &self.parts.settings.queues).await?;
            if deliveries.is_empty() {
                return Ok(ran);
            }
            for mut delivery in deliveries {
                let name = delivery.message.as_ref().map_or_else(|_| String::new(), |message| message.headers.task.clone());
                let held = crew.take_up(&mut delivery);
                let ended = crew.work(delivery, &held, Pace::Free).await;
                shared.write(std::slice::from_ref(&ended)).await?;
                ran.push(Ran { task: name, id: ended.id.clone(), outcome: ended.outcome });
            }
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Shared<S> {
    fn new(parts: Parts<S>, stop: CancellationToken) -> Self {
        let Settings { name, queues, concurrency, prefetch, events, .. } = &parts.settings;
        let eventer = parts.client.bus().map(|bus| Eventer::new(Arc::clone(bus), name.clone(), parts.clock.clone(), *events));
        Self {
            rates: Mutex::default(),
            hand: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            held: Arc::new(Semaphore::new(size(HELD))),
            pool: Pool::new(*concurrency, *prefetch),
            live: Live::of(&parts.registry),
            rates_changed: watch::Sender::new(()),
            queues: watch::Sender::new(queues.clone()),
            active: AtomicU64::new(0),
            eventer: eventer.map(Arc::new),
            since: Instant::now(),
            stop,
            parts,
        }
    }
}

impl<S> Shared<S> {
    fn hand(&self) -> MutexGuard<'_, BTreeMap<Receipt, Arc<Held>>> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn let_go(&self, ended: &[Ended]) {
        let mut hand = self.hand();
        for ended in ended {
            hand.remove(&ended.receipt);
        }
    }

    async fn claim(&self, max: u32, queues: &[String]) -> Result<Vec<Delivery>, Error> {
        let settings = &self.parts.settings;
        let claim =
            Claim { worker: &settings.name, queues, max, window: self.pool.window(), now: self.parts.clock.now(), lease: settings.lease };
        self.parts.broker.claim(&claim).await
    }

    fn turn(&self, name: &'static str, limit: RateLimit) -> Turn {
        let hold = !self.parts.broker.keeps_time();
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.entry(name).or_default().turn(limit, Instant::now(), hold)
    }
}

/// 100 ms, twice that, … up to 30 s.
pub(crate) fn pause(failures: &mut u32) -> Duration {
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
    fn pauses_grow_to_half_a_minute() {
        let mut failures = 0;
        let pauses: Vec<u128> = (0..11).map(|_| pause(&mut failures).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    }
}
