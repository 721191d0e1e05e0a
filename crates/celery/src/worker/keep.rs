//! Leases renewed, lost workers' tasks found, queues measured.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Parts, Shared};
use crate::broker::Receipt;
use crate::error::Error;

/// Renews leases, deals with those of lost workers, and measures the queues.
pub(super) async fn keep<S>(shared: Arc<Shared<S>>, end: CancellationToken) {
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
                for lost in broker.extend(&held, clock.now(), settings.lease).await? {
                    // Brokers that are no table forget what was acknowledged; nobody else has it.
                    if !broker.keeps_time() && self.hand().get(&lost).is_some_and(|held| held.acknowledged()) {
                        continue;
                    }
                    tracing::warn!(tag = lost.tag, "a lease was lost to another worker");
                    if let Some(held) = self.hand().remove(&lost) {
                        held.cancelled.cancel();
                    }
                }
            }
        }
        let swept = broker.sweep(clock.now(), settings.lease, settings.max_deliveries).await?;
        if 0 < swept.total() {
            tracing::warn!(swept.redelivered, swept.poisoned, swept.lost, "found tasks of lost workers");
            metrics::counter!("celery_leases_lost_total").increment(swept.total());
            broker.wake();
        }
        let queues = self.queues.borrow().clone();
        let depths = broker.depth(&queues, clock.now()).await?;
        for queue in &queues {
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
