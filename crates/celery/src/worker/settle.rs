//! Outcomes written, and early acknowledgements asked for, many at a time.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::follow::Following;
use super::{BATCH, Shared, after, pause, size};
use crate::broker::{Outcome, Receipt, Settlement};
use crate::error::Error;
use crate::results::{Failure, TaskResult};
use crate::run::Ended;

/// A delivery that wants to be acknowledged before it runs, and where the answer is awaited.
pub(super) type Ask = (Receipt, oneshot::Sender<Result<bool, Arc<Error>>>);

/// Acknowledges until nobody can ask any more.
pub(super) async fn acknowledge<S>(shared: Arc<Shared<S>>, mut asked: mpsc::Receiver<Ask>) {
    let mut batch = Vec::new();
    while 0 < asked.recv_many(&mut batch, size(BATCH)).await {
        let receipts: Vec<Receipt> = batch.iter().map(|(receipt, _)| *receipt).collect();
        let lost = {
            let _writing = shared.writing.lock().await;
            let lost = shared.parts.broker.acknowledge(&receipts).await;
            if let Ok(lost) = &lost {
                // Noted under the same lock: an acknowledged lease must not look like a lost one.
                let hand = shared.hand();
                for held in receipts.iter().filter(|receipt| !lost.contains(receipt)).filter_map(|receipt| hand.get(receipt)) {
                    held.acknowledge();
                }
            }
            lost
        };
        match lost {
            Ok(lost) => {
                let lost: HashSet<Receipt> = lost.into_iter().collect();
                for (receipt, answer) in batch.drain(..) {
                    // Who asked may be gone; then the lease runs out.
                    let _ = answer.send(Ok(!lost.contains(&receipt)));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for (_, answer) in batch.drain(..) {
                    let _ = answer.send(Err(Arc::clone(&error)));
                }
            }
        }
    }
}

/// Writes outcomes until all senders are gone and the channel is empty, or `abort`.
pub(super) async fn settle<S: Send + Sync>(
    shared: Arc<Shared<S>>,
    mut gathered: mpsc::Receiver<Ended>,
    stop: CancellationToken,
    abort: CancellationToken,
) {
    let mut batch = Vec::new();
    while 0 < gathered.recv_many(&mut batch, size(BATCH)).await {
        if stop.is_cancelled() {
            gather_returns(&mut gathered, &mut batch).await;
        }
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

/// At a worker's end much is given back at once; written together, it keeps its order.
async fn gather_returns(gathered: &mut mpsc::Receiver<Ended>, batch: &mut Vec<Ended>) {
    let more = async { while 0 < gathered.recv_many(batch, size(BATCH)).await {} };
    // It ends when no more comes for this long, or everybody has gone.
    let _ = tokio::time::timeout(Duration::from_millis(30), more).await;
    batch.sort_by_key(|ended| ended.receipt);
}

/// Writes each outcome alone, so that one that the store refuses does not hold up the others. An
/// outcome refused while others go through becomes a failure that says so. Returns what is left.
async fn one_by_one<S: Send + Sync>(shared: &Shared<S>, batch: Vec<Ended>) -> Vec<Ended> {
    let mut left = Vec::new();
    let mut reachable = false;
    for ended in batch {
        match shared.write(std::slice::from_ref(&ended)).await {
            Ok(()) => reachable = true,
            Err(error) => left.push((ended, error)),
        }
    }
    if !reachable && shared.parts.broker.depth(&[], shared.parts.clock.now()).await.is_err() {
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

impl<S> Shared<S> {
    /// Keeps results, sends what follows, settles: in this order, so that a crash repeats a step
    /// rather than losing it.
    pub(super) async fn write(&self, ended: &[Ended]) -> Result<(), Error> {
        let now = self.parts.clock.now();
        let mut results: Vec<TaskResult> = Vec::new();
        let mut settlements = Vec::with_capacity(ended.len());
        let mut chords = Vec::new();
        for ended in ended {
            let Following { result, others, messages, chord } = self.following(ended, now).await?;
            results.extend(result.into_iter().filter(|_| self.parts.results.is_some()));
            results.extend(others);
            chords.extend(chord);
            settlements.push(Settlement {
                receipt: ended.receipt,
                outcome: ended.outcome_to_keep(),
                acknowledged: ended.acknowledged,
                then: messages,
            });
        }
        if let Some(backend) = &self.parts.results
            && !results.is_empty()
        {
            backend.store(&results).await?;
        }
        {
            // Let go under the same lock: a settled lease must not look like a lost one.
            let _writing = self.writing.lock().await;
            self.parts.broker.settle(&settlements, now).await?;
            self.let_go(ended);
        }
        if let Some(backend) = &self.parts.results {
            for (group, token) in chords {
                backend.chord_sent(&group, &token).await?;
            }
        }
        if settlements.iter().any(|settlement| !settlement.then.is_empty()) {
            self.parts.broker.wake();
            for settlement in &settlements {
                self.parts.client.tell(&settlement.then).await;
            }
        }
        self.announce(ended);
        Ok(())
    }
}
