//! Workers: who is there, what each has in hand, and telling them what to do.

use std::collections::BTreeMap;

use axum::extract::State;
use celery::{ByNode, Control};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use zg_base::App;
use zg_web::{Answer, Committed, Json, Page, Path, Result, Staff};

use super::control;
use crate::Error;

/// The most tasks at once that one request adds or takes.
const STEP: i32 = 100;

/// A worker that answered.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueueWorker {
    name: String,
    pid: u32,
    /// For how many seconds it has been running.
    uptime_seconds: u64,
    /// How many tasks it runs at once.
    concurrency: u32,
    /// The queues it serves.
    queues: Vec<String>,
    /// What it runs now.
    active: Vec<ActiveCall>,
    /// How many it has fetched that wait for their turn or their time.
    waiting: u64,
    /// How many it has started, by task.
    started: BTreeMap<String, u64>,
}

/// A call that runs.
#[derive(Serialize, ToSchema)]
struct ActiveCall {
    id: String,
    task: String,
    since: Option<DateTime<Utc>>,
}

/// How many tasks more or fewer at once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResizePool {
    /// From -100 to 100, not 0; one place always stays.
    by: i32,
}

/// How often a task may start.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitRate {
    /// The task's name.
    task: String,
    /// `10/s`, `30/m`, `100/h`; empty: no limit. Until the worker starts anew.
    rate: String,
}

/// The workers that answer within a second.
#[utoipa::path(get, path = "/admin/queue/workers", responses((status = 200, body = Page<QueueWorker>)))]
pub(crate) async fn list(State(app): State<App>) -> Result<Answer<Page<QueueWorker>>> {
    let control = control(&app)?;
    let (stats, active, reserved, scheduled, queues) =
        tokio::join!(control.stats(), control.active(), control.reserved(), control.scheduled(), control.active_queues());
    let (mut active, reserved) = (active.map_err(Error::from)?, reserved.map_err(Error::from)?);
    let (scheduled, mut queues) = (scheduled.map_err(Error::from)?, queues.map_err(Error::from)?);
    let workers = stats.map_err(Error::from)?.into_iter().filter_map(|(name, stats)| {
        let stats = stats.ok()?;
        let runs = answered(&mut active, &name).into_iter().map(|call| ActiveCall {
            since: call.time_start.and_then(instant),
            id: call.id,
            task: call.name,
        });
        Some(QueueWorker {
            pid: stats.pid,
            uptime_seconds: stats.uptime,
            concurrency: stats.pool.max_concurrency,
            queues: answered(&mut queues, &name).into_iter().map(|queue| queue.name).collect(),
            active: runs.collect(),
            waiting: count(&reserved, &name) + count(&scheduled, &name),
            started: stats.total,
            name,
        })
    });
    Ok(Answer::ok(Page::whole(workers.collect())))
}

fn answered<T>(answers: &mut ByNode<Vec<T>>, name: &str) -> Vec<T> {
    answers.remove(name).and_then(Result::ok).unwrap_or_default()
}

fn count<T>(answers: &ByNode<Vec<T>>, name: &str) -> u64 {
    answers.get(name).and_then(|answer| answer.as_ref().ok()).map_or(0, |calls| u64::try_from(calls.len()).unwrap_or(u64::MAX))
}

/// Seconds since 1970, with their fraction.
fn instant(seconds: f64) -> Option<DateTime<Utc>> {
    let since = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    DateTime::from_timestamp(i64::try_from(since.as_secs()).ok()?, since.subsec_nanos())
}

/// Lets a worker run more or fewer tasks at once, until it starts anew.
#[utoipa::path(post, path = "/admin/queue/workers/{name}/pool", params(("name" = String, Path)), request_body = ResizePool, responses((status = 204)))]
pub(crate) async fn pool(
    State(app): State<App>,
    staff: Staff,
    Path(name): Path<String>,
    Json(asked): Json<ResizePool>,
) -> Result<Committed<()>> {
    if asked.by == 0 || asked.by.abs() > STEP {
        return Err(Error::Field("/by".to_owned(), "worker_pool").into());
    }
    let worker = of(&app, &name)?;
    let steps = asked.by.unsigned_abs();
    let said = if asked.by < 0 { worker.pool_shrink(steps).await } else { worker.pool_grow(steps).await };
    obeyed(said.map_err(Error::from)?, &name)?;
    noted(&app, &staff, "worker.pool", json!({ "worker": name, "by": asked.by })).await
}

/// Limits how often a worker starts a task, until it starts anew.
#[utoipa::path(post, path = "/admin/queue/workers/{name}/rate-limit", params(("name" = String, Path)), request_body = LimitRate, responses((status = 204)))]
pub(crate) async fn rate_limit(
    State(app): State<App>,
    staff: Staff,
    Path(name): Path<String>,
    Json(asked): Json<LimitRate>,
) -> Result<Committed<()>> {
    let said = of(&app, &name)?.rate_limit(&asked.task, &asked.rate).await.map_err(Error::from)?;
    obeyed(said, &name)?;
    noted(&app, &staff, "worker.rate_limit", json!({ "worker": name, "task": asked.task, "rate": asked.rate })).await
}

/// Ends a worker when what it runs has ended. One beside a server starts anew at once.
#[utoipa::path(post, path = "/admin/queue/workers/{name}/shutdown", params(("name" = String, Path)), responses((status = 204)))]
pub(crate) async fn shutdown(State(app): State<App>, staff: Staff, Path(name): Path<String>) -> Result<Committed<()>> {
    let worker = of(&app, &name)?;
    obeyed(worker.ping().await.map_err(Error::from)?, &name)?;
    worker.shutdown().await.map_err(Error::from)?;
    noted(&app, &staff, "worker.shutdown", json!({ "worker": name })).await
}

fn of(app: &App, name: &str) -> Result<Control, Error> {
    Ok(control(app)?.to([name]))
}

/// Did the worker answer, and not refuse?
fn obeyed(mut answers: ByNode<String>, name: &str) -> Result<(), Error> {
    match answers.remove(name) {
        None => Err(Error::WorkerAway),
        Some(Ok(_)) => Ok(()),
        Some(Err(reason)) => Err(Error::WorkerRefused(reason)),
    }
}

async fn noted(app: &App, staff: &Staff, what: &'static str, told: Value) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    tx.audit(what, "worker", 0, None, Some(told)).await?;
    Committed::no_content(tx).await
}
