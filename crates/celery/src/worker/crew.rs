//! Fetching, and the run of one delivery from its arrival to its outcome.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::held::{End, Held};
use super::live::Live;
use super::settle::Ask;
use super::{BATCH, LAST_WORD, Shared, Turn, after, pause, size};
use crate::broker::{Delivery, Malformed, Outcome, Receipt};
use crate::clock::later;
use crate::error::Error;
use crate::events::about;
use crate::message::Message;
use crate::registry::Entry;
use crate::results::State;
use crate::run::{self, Ended, REVOKED, Terms};

/// A place in the line of those who wait to run.
type Ticket = Pin<Box<MaybeDone<BoxFuture<'static, Result<OwnedSemaphorePermit, AcquireError>>>>>;

/// Whether rate limits apply.
pub(super) enum Pace {
    Limited(Option<Ticket>),
    Free,
}

/// What the tasks of one run share.
#[derive(Clone)]
pub(super) struct Crew<S> {
    pub(super) shared: Arc<Shared<S>>,
    /// Where early acknowledgements are asked for; nowhere if there is one task at a time.
    pub(super) asks: Option<mpsc::Sender<Ask>>,
    /// Nothing more starts.
    pub(super) stop: CancellationToken,
    /// What still runs is ended.
    pub(super) abort: CancellationToken,
}

impl<S: Clone + Send + Sync + 'static> Crew<S> {
    pub(super) async fn fetch(&self, tracker: &TaskTracker, outcomes: &mpsc::Sender<Ended>) {
        let settings = &self.shared.parts.settings;
        let slots = &self.shared.pool.slots.free;
        let mut queues = self.shared.queues.subscribe();
        // Below half of the prefetch it is worth asking again; one by one would never be a batch.
        let low_water = (settings.prefetch / 2).clamp(1, BATCH);
        let mut bell = self.shared.parts.broker.bell();
        let mut failures = 0;

        while let Some(mut free) = self.unless_stopped(Arc::clone(slots).acquire_many_owned(low_water)).await.and_then(Result::ok) {
            let more = u32::try_from(slots.available_permits()).unwrap_or(BATCH).min(BATCH.saturating_sub(low_water));
            if let Ok(more) = Arc::clone(slots).try_acquire_many_owned(more) {
                free.merge(more);
            }
            // What is sent from here on wakes the wait below.
            bell.hush();
            let max = u32::try_from(free.num_permits()).unwrap_or(BATCH);
            let served = queues.borrow_and_update().clone();
            match self.shared.claim(max, &served).await {
                Ok(deliveries) => {
                    failures = 0;
                    let full = size(max) <= deliveries.len();
                    for delivery in deliveries {
                        self.start(tracker, outcomes, free.split(1), delivery).await;
                    }
                    drop(free);
                    if !full {
                        tokio::select! {
                            () = self.stop.cancelled() => {}
                            _ = queues.changed() => {}
                            _ = tokio::time::timeout(settings.poll, bell.rung(&served)) => {}
                        }
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

    async fn start(
        &self,
        tracker: &TaskTracker,
        outcomes: &mpsc::Sender<Ended>,
        slot: Option<OwnedSemaphorePermit>,
        mut delivery: Delivery,
    ) {
        let held = self.take_up(&mut delivery);
        let until = self.held_until(&held);
        let ticket = if until.is_none() { self.ticket(&held).await } else { None };
        let (crew, outcomes, mut slot) = (self.clone(), outcomes.clone(), slot);
        tracker.spawn(async move {
            let ended = match until {
                None => crew.work(delivery, &held, Pace::Limited(ticket)).await,
                Some(until) => match crew.hold(until, &mut slot, &held).await {
                    Some(_held) => crew.work(delivery, &held, Pace::Limited(None)).await,
                    None => Ended::released(delivery.receipt, held.message.clone()),
                },
            };
            if let Err(unsent) = outcomes.send(ended).await {
                tracing::error!(id = unsent.0.id, "an outcome comes after the worker's end; the lease will run out");
            }
            if let Some(slot) = slot {
                crew.shared.pool.slots.give_back(slot);
            }
        });
    }

    /// Notes a delivery as one in hand; its message is from here on the one noted.
    pub(super) fn take_up(&self, delivery: &mut Delivery) -> Arc<Held> {
        let nothing = || Malformed { id: String::new(), reason: "it was taken up before".to_owned() };
        let message = match std::mem::replace(&mut delivery.message, Err(nothing())) {
            Ok(message) => Some(Arc::new(message)),
            Err(malformed) => {
                delivery.message = Err(malformed);
                None
            }
        };
        let held = Arc::new(Held::new(delivery, message));
        self.shared.hand().insert(delivery.receipt, Arc::clone(&held));
        // Who revokes remembers the id first and then looks into the hand: one of the two finds it.
        if held.id().is_some_and(|id| self.shared.parts.revoked.has(id)) {
            held.end(End::Revoked);
        }
        if let (Some(eventer), Some(message)) = (self.shared.telling(), &held.message)
            && self.shared.live.contains_key(message.task())
        {
            eventer.tell("task-received", about(message));
        }
        held
    }

    /// The instant to which a delivery is kept here, because its broker does not.
    fn held_until(&self, held: &Held) -> Option<Instant> {
        let parts = &self.shared.parts;
        if parts.broker.keeps_time() {
            return None;
        }
        let eta = held.message.as_ref()?.headers.eta?;
        let wait = eta.signed_duration_since(parts.clock.now()).to_std().ok()?;
        // Beyond what this clock can tell is as good as never; the lease is renewed till then.
        Some(Instant::now().checked_add(wait).unwrap_or_else(|| after(Duration::from_secs(u64::from(u32::MAX)))))
    }

    /// Waits for a delivery's time. Its slot is free for others meanwhile, up to a bound.
    async fn hold(&self, until: Instant, slot: &mut Option<OwnedSemaphorePermit>, held: &Held) -> Option<OwnedSemaphorePermit> {
        held.schedule();
        let place = Arc::clone(&self.shared.held).try_acquire_owned().ok();
        if place.is_some()
            && let Some(slot) = slot.take()
        {
            self.shared.pool.slots.give_back(slot);
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            () = held.cancelled.cancelled() => return None,
            // It goes on, to be found revoked.
            () = held.revoked() => {}
            () = tokio::time::sleep_until(until) => {}
        }
        held.reserve();
        place.or_else(|| slot.take())
    }

    /// A place in the line of those who wait to run, taken here, where deliveries still come one
    /// after the other. `None` for a rate-limited task: its line is another one.
    async fn ticket(&self, held: &Held) -> Option<Ticket> {
        if self.shared.live.get(held.message.as_ref()?.task())?.rate().is_some() {
            return None;
        }
        let turn: BoxFuture<'static, _> = Box::pin(Arc::clone(&self.shared.pool.turns.free).acquire_owned());
        let mut ticket = Box::pin(maybe_done(turn));
        // The first look takes the place; whether it is there already shows when it is awaited.
        let _ = futures_util::poll!(ticket.as_mut());
        Some(ticket)
    }

    pub(super) async fn work(&self, delivery: Delivery, held: &Held, pace: Pace) -> Ended {
        let receipt = delivery.receipt;
        let Some(message) = &held.message else {
            let malformed = delivery.message.err();
            let (id, reason) = malformed.map(|malformed| (malformed.id, malformed.reason)).unwrap_or_default();
            tracing::error!(id, reason, "a message cannot be read; it is set aside");
            let outcome = Outcome::Poison(format!("the message cannot be read: {reason}"));
            return Ended { receipt, message: None, id, outcome, acknowledged: false, runtime: None };
        };
        let (outcome, runtime) = self.outcome(receipt, message, held, pace).await;
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
        held.finish();
        let acknowledged = held.acknowledged();
        let ended = Ended { receipt, id: message.headers.id.clone(), message: Some(Arc::clone(message)), outcome, acknowledged, runtime };
        self.shared.announce_retry(&ended);
        ended
    }

    async fn acknowledge(&self, receipt: Receipt) -> Result<bool, Arc<Error>> {
        let Some(asks) = &self.asks else {
            return Ok(self.shared.parts.broker.acknowledge(&[receipt]).await?.is_empty());
        };
        let (answer, answered) = oneshot::channel();
        match asks.send((receipt, answer)).await {
            Ok(()) => answered.await.unwrap_or(Ok(false)),
            Err(_) => Ok(false),
        }
    }

    /// How it ended, and how long it ran if it did.
    async fn outcome(&self, receipt: Receipt, message: &Arc<Message>, held: &Held, pace: Pace) -> (Outcome, Option<Duration>) {
        let shared = &self.shared;
        let headers = &message.headers;
        let (Some(entry), Some(live)) = (shared.parts.registry.find(&headers.task), shared.live.get(headers.task.as_str())) else {
            tracing::error!(task = headers.task, id = headers.id, "no such task; the message is set aside");
            return (Outcome::Poison(format!("this worker knows no task `{}`", headers.task)), None);
        };
        let turn = match self.admitted(entry, live, held, pace).await {
            Ok(turn) => turn,
            Err(outcome) => return (outcome, None),
        };
        let ended = self.run(receipt, message, held, (entry, live)).await;
        shared.pool.turns.give_back(turn);
        ended
    }

    /// Waits until it may run.
    async fn admitted(&self, entry: &Entry<S>, live: &Live, held: &Held, mut pace: Pace) -> Result<OwnedSemaphorePermit, Outcome> {
        let mut limited = matches!(pace, Pace::Limited(_));
        loop {
            if limited && live.rate().is_some() {
                // Nobody waits for a rate limit in a place that others could run in.
                pace = Pace::Limited(None);
                self.paced(entry.name, live, held).await?;
                limited = false;
            }
            // As a rule its turn is there already, and nothing else need be waited for.
            let turn = tokio::select! {
                biased;
                turn = self.turn(std::mem::replace(&mut pace, Pace::Free)) => turn,
                () = self.stop.cancelled() => None,
                () = self.abort.cancelled() => None,
                () = held.cancelled.cancelled() => None,
                () = held.revoked() => return Err(Outcome::Revoked(REVOKED.to_owned())),
            };
            let Some(turn) = turn.filter(|_| !self.stop.is_cancelled() && !held.cancelled.is_cancelled()) else {
                return Err(Outcome::Release(None));
            };
            if !limited || live.rate().is_none() {
                return Ok(turn);
            }
            // The limit was set while it waited for its turn.
            self.shared.pool.turns.give_back(turn);
        }
    }

    /// Waits as the rate limit says, also while that changes.
    async fn paced(&self, name: &'static str, live: &Live, held: &Held) -> Result<(), Outcome> {
        let shared = &self.shared;
        let mut changes = shared.rates_changed.subscribe();
        while let Some(limit) = live.rate() {
            let at = match shared.turn(name, limit) {
                Turn::At(at) => at,
                Turn::BackIn(wait) => return Err(Outcome::Release(Some(later(shared.parts.clock.now(), wait)))),
            };
            while live.rate() == Some(limit) {
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return Err(Outcome::Release(None)),
                    () = held.revoked() => return Err(Outcome::Revoked(REVOKED.to_owned())),
                    () = tokio::time::sleep_until(at) => return Ok(()),
                    _ = changes.changed() => {}
                }
            }
        }
        Ok(())
    }

    async fn run(
        &self,
        receipt: Receipt,
        message: &Arc<Message>,
        held: &Held,
        (entry, live): (&Entry<S>, &Live),
    ) -> (Outcome, Option<Duration>) {
        let shared = &self.shared;
        let headers = &message.headers;
        let now = shared.parts.clock.now();
        if held.ending().is_some() {
            return (Outcome::Revoked(REVOKED.to_owned()), None);
        }
        if headers.expires.is_some_and(|expires| expires <= now) {
            return (Outcome::Revoked(run::EXPIRED.to_owned()), None);
        }
        if !shared.parts.settings.acks_late.unwrap_or(entry.policy.acks_late) {
            match self.acknowledge(receipt).await {
                Ok(true) => held.acknowledge(),
                Ok(false) => return (Outcome::Release(None), None),
                Err(error) => {
                    tracing::error!(%error, cause = ?error, id = headers.id, "cannot acknowledge before running; the task is given back");
                    return (Outcome::Release(None), None);
                }
            }
        }
        held.begin(now);
        shared.began(entry, live, message).await;
        metrics::gauge!("celery_tasks_running").increment(1);
        let started = Instant::now();
        let terms = Terms { limits: live.limits(headers.timelimit), clock: &shared.parts.clock };
        let outcome = run::run(entry, shared.parts.state.clone(), Arc::clone(message), held, &self.abort, terms).await;
        let runtime = started.elapsed();
        shared.active.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("celery_tasks_running").decrement(1);
        metrics::histogram!("celery_task_seconds", "task" => entry.name).record(runtime);
        if held.ending() == Some(End::Terminated) && entry.blocking {
            tracing::warn!(id = headers.id, "a blocking task was to be terminated; it was told, and has ended by itself");
        }
        (outcome, Some(runtime))
    }

    async fn turn(&self, pace: Pace) -> Option<OwnedSemaphorePermit> {
        let turn = match pace {
            Pace::Limited(Some(mut ticket)) => {
                ticket.as_mut().await;
                ticket.as_mut().take_output()?
            }
            Pace::Limited(None) | Pace::Free => Arc::clone(&self.shared.pool.turns.free).acquire_owned().await,
        };
        turn.ok()
    }

    pub(super) async fn wind_down(&self, tracker: &TaskTracker) {
        let settings = &self.shared.parts.settings;
        if tokio::time::timeout(settings.grace, tracker.wait()).await.is_ok() {
            return;
        }
        tracing::warn!(worker = settings.name, tasks = tracker.len(), "the grace is over; running tasks are told to end");
        for held in self.shared.hand().values() {
            held.cancelled.cancel();
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
