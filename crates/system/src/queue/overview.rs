//! How much waits, and how much was done within the last hour.

use axum::extract::State;
use celery::history;
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_web::{Answer, Result, View};

use crate::Error;

/// The minutes of the chart.
const MINUTES: i64 = 60;

/// The work behind the scenes, in figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueueOverview {
    /// What carries the queue: `sqlite`, `postgresql`.
    broker: String,
    queues: Vec<QueueDepth>,
    /// The last sixty minutes, the present one last.
    minutes: Vec<QueueMinute>,
}

/// How much is in a queue.
#[derive(Serialize, ToSchema)]
struct QueueDepth {
    name: String,
    /// Could run now.
    ready: u64,
    /// Waits for its time.
    scheduled: u64,
    /// In the hands of workers.
    running: u64,
    /// Since when the first of the ready ones could have run.
    oldest_at: Option<DateTime<Utc>>,
}

/// How many calls ended within a minute.
#[derive(Serialize, ToSchema)]
struct QueueMinute {
    /// Its beginning.
    at: DateTime<Utc>,
    /// Well.
    done: u64,
    /// Failed, withdrawn, set aside.
    failed: u64,
}

impl View for QueueOverview {}

/// How much waits, and how much was done within the last hour.
#[utoipa::path(get, path = "/admin/queue", responses((status = 200, body = QueueOverview)))]
pub(crate) async fn handler(State(app): State<App>) -> Result<Answer<QueueOverview>> {
    let now = app.now();
    let broker = app.queue().broker().clone();
    let queues = broker.depth(&[], now).await.map_err(Error::from)?.into_iter().map(|depth| QueueDepth {
        name: depth.queue,
        ready: depth.ready,
        scheduled: depth.scheduled,
        running: depth.running,
        oldest_at: depth.oldest,
    });
    let present = now.timestamp() / 60;
    let first = present - (MINUTES - 1);
    let from = DateTime::from_timestamp(first * 60, 0).unwrap_or(now - Duration::hours(1));
    let counted = history::rates(app.read(), from).await.map_err(Error::from)?;
    let minutes = (first..=present).filter_map(|minute| DateTime::from_timestamp(minute * 60, 0)).map(|at| {
        let found = counted.iter().find(|minute| minute.at == at);
        QueueMinute { at, done: found.map_or(0, |minute| minute.done), failed: found.map_or(0, |minute| minute.failed) }
    });
    Ok(Answer::ok(QueueOverview { broker: broker.kind().to_owned(), queues: queues.collect(), minutes: minutes.collect() }))
}
