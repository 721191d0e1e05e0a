//! Commands that change something (`celery control`).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Arguments, Shared, ok};
use crate::control::rates;
use crate::error::Error;
use crate::policy::check_queue;
use crate::registry::ADVICE;
use crate::results::{Failure, State, TaskResult};
use crate::run::REVOKED;
use crate::worker::held::{End, Phase};

/// How long broker and result backend may take to note that calls are revoked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a command is not carried out.
pub(super) fn refusal(method: &str) -> String {
    match method {
        "autoscale" => "ValueError('there is no autoscaling here: use pool_grow and pool_shrink')".to_owned(),
        "pool_restart" => "ValueError('there is no pool of processes here that could be restarted')".to_owned(),
        "revoke_by_stamped_headers" => "ValueError('stamped headers are not read here: revoke calls by their ids')".to_owned(),
        "objgraph" | "memsample" | "memdump" => format!("ValueError('{method} looks into Python, which does not run here')"),
        unknown => format!("KeyError('{unknown}')"),
    }
}

impl<S: Clone + Send + Sync + 'static> Shared<S> {
    /// Remembers ids as revoked. What waits here ends at once; what runs ends if it is to be
    /// terminated; what waits elsewhere is marked where that is possible.
    pub(super) async fn revoke(&self, ids: &[String], terminate: bool) -> Value {
        let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        self.parts.revoked.add(ids.iter().copied());
        let mut here = Vec::new();
        for held in self.in_hand() {
            let Some(id) = held.id().filter(|id| ids.contains(id)).map(str::to_owned) else { continue };
            match held.phase() {
                Phase::Active if !terminate => {}
                // Too late.
                Phase::Ready if terminate => continue,
                Phase::Ready => {}
                Phase::Active => held.end(End::Terminated),
                Phase::Reserved | Phase::Scheduled => held.end(if terminate { End::Terminated } else { End::Revoked }),
            }
            here.push(id);
        }
        let elsewhere: Vec<&str> = ids.iter().copied().filter(|id| !here.iter().any(|known| known == id)).collect();
        match tokio::time::timeout(PATIENCE, self.mark_revoked(&elsewhere)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "calls are revoked here, but could not be marked so"),
            Err(_) => tracing::warn!("calls are revoked here, but marking them took too long"),
        }
        tracing::info!(?ids, terminate, "calls are revoked");
        if !terminate {
            let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
            let ids = if ids.is_empty() { "set()".to_owned() } else { format!("{{{}}}", ids.join(", ")) };
            return ok(format!("tasks {ids} flagged as revoked"));
        }
        ok(if here.is_empty() { "terminate: tasks unknown".to_owned() } else { format!("terminate: {}", here.join(", ")) })
    }

    /// In the queue itself where the broker finds it; else in the result, unless that says more.
    async fn mark_revoked(&self, ids: &[&str]) -> Result<(), Error> {
        let now = self.parts.clock.now();
        for id in ids {
            if self.parts.broker.revoke(id, now).await? {
                continue;
            }
            let Some(backend) = &self.parts.results else { continue };
            let waits = match backend.get(id).await? {
                Some(known) => known.state == State::Pending,
                // A broker that finds calls knows it if there is one.
                None => !self.parts.broker.keeps_time(),
            };
            if waits {
                let failure = Some(Failure::new("TaskRevokedError", REVOKED));
                backend.store(&[TaskResult { failure, finished_at: Some(now), ..TaskResult::new(*id, State::Revoked) }]).await?;
            }
        }
        Ok(())
    }

    pub(super) fn rate_limit(&self, given: &Arguments<'_>) -> Result<Value, String> {
        let name = given.need("task_name")?;
        let rate = match given.0.get("rate_limit") {
            None => return Err("TypeError(\"the argument 'rate_limit' is missing\")".to_owned()),
            Some(rate) => rates::parse(rate).map_err(|reason| format!("Invalid rate limit string: ValueError('{reason}')"))?,
        };
        let (known, live) = self.live.get_key_value(name).ok_or("unknown task")?;
        live.set_rate(rate);
        self.rates.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(known);
        self.rates_changed.send_replace(());
        tracing::info!(task = name, ?rate, "a new rate limit");
        Ok(ok(if rate.is_some() { "new rate limit set successfully" } else { "rate limit disabled successfully" }))
    }

    pub(super) fn time_limit(&self, given: &Arguments<'_>) -> Result<Value, String> {
        let name = given.need("task_name")?;
        let limit = |which: &str| match given.0.get(which) {
            None | Some(Value::Null) => Ok(None),
            Some(seconds) => {
                let span = seconds.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                let refused = || format!("ValueError('the {which} time limit must be a number of seconds, not {seconds}')");
                span.map(|span| Some(span).filter(|span| !span.is_zero())).ok_or_else(refused)
            }
        };
        let (soft, hard) = (limit("soft")?, limit("hard")?);
        let live = self.live.get(name).ok_or("unknown task")?;
        if hard.is_some() && self.parts.registry.find(name).is_some_and(|entry| entry.blocking) {
            return Err(format!("ValueError('a blocking task cannot be ended by a hard limit: {ADVICE}')"));
        }
        live.set_limits(soft, hard);
        tracing::info!(task = name, ?soft, ?hard, "new time limits");
        Ok(ok("time limits set successfully"))
    }

    pub(super) fn pool_grow(&self, given: &Arguments<'_>) -> Result<Value, String> {
        let concurrency = self.pool.grow(number(given)?);
        tracing::info!(concurrency, "the pool grows");
        Ok(ok("pool will grow"))
    }

    pub(super) fn pool_shrink(&self, given: &Arguments<'_>) -> Result<Value, String> {
        let concurrency = self.pool.shrink(number(given)?);
        tracing::info!(concurrency, "the pool shrinks");
        Ok(ok("pool will shrink"))
    }

    pub(super) fn add_consumer(&self, given: &Arguments<'_>) -> Result<Value, String> {
        let queue = given.need("queue")?;
        check_queue(queue).map_err(|error| format!("ValueError('{error}')"))?;
        self.queues.send_if_modified(|queues| {
            let new = !queues.iter().any(|served| served == queue);
            if new {
                queues.push(queue.to_owned());
            }
            new
        });
        tracing::info!(queue, "the worker serves one more queue");
        Ok(ok(format!("add consumer {queue}")))
    }

    pub(super) fn cancel_consumer(&self, given: &Arguments<'_>) -> Result<Value, String> {
        let queue = given.need("queue")?;
        self.queues.send_if_modified(|queues| {
            let before = queues.len();
            queues.retain(|served| served != queue);
            queues.len() < before
        });
        tracing::info!(queue, "the worker serves a queue no more");
        Ok(ok(format!("no longer consuming from {queue}")))
    }
}

/// By how many: 1 unless it is said.
fn number(given: &Arguments<'_>) -> Result<u32, String> {
    let number = given.0.get("n").cloned().unwrap_or_else(|| json!(1));
    number.as_u64().and_then(|number| u32::try_from(number).ok()).ok_or_else(|| format!("ValueError('{number} is no number of places')"))
}
