//! Fetching, and the run of one delivery from its arrival to its outcome.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::settle::Ask;
use super::{BATCH, LAST_WORD, Shared, Turn, after, pause, size};
use crate::broker::{Delivery, Outcome, Receipt};
use crate::clock::later;
use crate::error::Error;
use crate::message::Message;
use crate::results::State;
use crate::run::{self, Ended};

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
    /// The permits to run.
    pub(super) turns: Arc<Semaphore>,
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
        let slots = Arc::new(Semaphore::new(size(settings.concurrency.saturating_add(settings.prefetch))));
        // Below half of the prefetch it is worth asking again; one by one would never be a batch.
        let low_water = (settings.prefetch / 2).clamp(1, BATCH);
        let mut bell = self.shared.parts.broker.bell();
        let mut failures = 0;

        while let Some(mut free) = self.unless_stopped(Arc::clone(&slots).acquire_many_owned(low_water)).await.and_then(Result::ok) {
            let more = u32::try_from(slots.available_permits()).unwrap_or(BATCH).min(BATCH.saturating_sub(low_water));
            if let Ok(more) = Arc::clone(&slots).try_acquire_many_owned(more) {
                free.merge(more);
            }
            // What is sent from here on wakes the wait below.
            bell.hush();
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
                        let woken = tokio::time::timeout(settings.poll, bell.rung(&settings.queues));
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
        let until = self.held_until(&delivery);
        let ticket = if until.is_none() { self.ticket(&delivery).await } else { None };
        let (crew, outcomes, mut slot) = (self.clone(), outcomes.clone(), slot);
        tracker.spawn(async move {
            let ended = match until {
                None => crew.work(delivery, &cancelled, Pace::Limited(ticket)).await,
                Some(until) => match crew.hold(until, &mut slot, &cancelled).await {
                    Some(_held) => crew.work(delivery, &cancelled, Pace::Limited(None)).await,
                    None => Ended::released(&delivery),
                },
            };
            if let Err(unsent) = outcomes.send(ended).await {
                tracing::error!(id = unsent.0.id, "an outcome comes after the worker's end; the lease will run out");
            }
            drop(slot);
        });
    }

    /// The instant to which a delivery is kept here, because its broker does not.
    fn held_until(&self, delivery: &Delivery) -> Option<Instant> {
        let parts = &self.shared.parts;
        if parts.broker.keeps_time() {
            return None;
        }
        let eta = delivery.message.as_ref().ok()?.headers.eta?;
        let wait = eta.signed_duration_since(parts.clock.now()).to_std().ok()?;
        // Beyond what this clock can tell is as good as never; the lease is renewed till then.
        Some(Instant::now().checked_add(wait).unwrap_or_else(|| after(std::time::Duration::from_secs(u64::from(u32::MAX)))))
    }

    /// Waits for a delivery's time. Its slot is free for others meanwhile, up to a bound.
    async fn hold(
        &self,
        until: Instant,
        slot: &mut Option<OwnedSemaphorePermit>,
        cancelled: &CancellationToken,
    ) -> Option<OwnedSemaphorePermit> {
        let held = Arc::clone(&self.shared.held).try_acquire_owned().ok();
        if held.is_some() {
            slot.take();
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = cancelled.cancelled() => None,
            () = tokio::time::sleep_until(until) => held.or_else(|| slot.take()),
        }
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

    pub(super) async fn work(&self, delivery: Delivery, cancelled: &CancellationToken, pace: Pace) -> Ended {
        let receipt = delivery.receipt;
        let message = match delivery.message {
            Ok(message) => Arc::new(message),
            Err(malformed) => {
                tracing::error!(id = malformed.id, reason = malformed.reason, "a message cannot be read; it is set aside");
                let outcome = Outcome::Poison(format!("the message cannot be read: {}", malformed.reason));
                return Ended { receipt, message: None, id: malformed.id, outcome, acknowledged: false };
            }
        };
        let mut acknowledged = false;
        let outcome = self.outcome(receipt, &message, cancelled, pace, &mut acknowledged).await;
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
        Ended { receipt, id: message.headers.id.clone(), message: Some(message), outcome, acknowledged }
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

    async fn outcome(
        &self,
        receipt: Receipt,
        message: &Arc<Message>,
        cancelled: &CancellationToken,
        pace: Pace,
        acknowledged: &mut bool,
    ) -> Outcome {
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
        if !shared.parts.settings.acks_late.unwrap_or(entry.policy.acks_late) {
            match self.acknowledge(receipt).await {
                Ok(true) => *acknowledged = true,
                Ok(false) => return Outcome::Release(None),
                Err(error) => {
                    tracing::error!(%error, cause = ?error, id = headers.id, "cannot acknowledge before running; the task is given back");
                    return Outcome::Release(None);
                }
            }
        }
        metrics::gauge!("celery_tasks_running").increment(1);
        let started = Instant::now();
        let circumstances = (*acknowledged, &shared.parts.clock);
        let outcome = run::run(entry, shared.parts.state.clone(), Arc::clone(message), cancelled, &self.abort, circumstances).await;
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

    pub(super) async fn wind_down(&self, tracker: &TaskTracker) {
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
