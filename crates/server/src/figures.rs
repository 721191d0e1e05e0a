//! `/metrics`: what happened, counted where it happens, and how things stand,
//! read from the database when somebody asks.

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use zg_base::App;
use zg_db::entity::{event_outbox, job, mail};

/// The recorder is the process's, as `metrics` has it.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Seconds that answers are counted by.
const SECONDS: [f64; 12] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How often what was measured is put in order when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count. A second call counts on.
pub(crate) fn start() -> anyhow::Result<()> {
    if RECORDER.get().is_some() {
        return Ok(());
    }
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = builder.install_recorder().context("figures are counted elsewhere already")?;
    let upkeep = handle.clone();
    if RECORDER.set(handle).is_err() {
        return Ok(());
    }
    describe();
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(UPKEEP);
        loop {
            tick.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(())
}

fn describe() {
    describe_counter!("http_requests_total", "Requests answered, by method, route and status");
    describe_histogram!("http_request_seconds", "Seconds to answer a request, by route");
    describe_gauge!("zhanggui_info", "Always 1; the labels say what runs");
    describe_gauge!("zhanggui_database_bytes", "Size of the database");
    describe_gauge!("celery_queue_depth", "Tasks, by queue and whether they are ready, scheduled or running");
    describe_gauge!("celery_queue_oldest_seconds", "How long the oldest task that could run has waited");
    describe_gauge!("zhanggui_relay_events", "Events that wait for their number");
    describe_gauge!("zhanggui_relay_lag_seconds", "How long the oldest of them has waited");
    describe_gauge!("zhanggui_jobs", "Jobs, by state");
    describe_gauge!("zhanggui_mails", "Mails, by state");
    describe_gauge!("hub_sessions", "Live connections");
    describe_counter!("hub_events_published_total", "Live events told");
    describe_counter!("hub_frames_sent_total", "Frames given to live connections, heartbeats included");
    describe_counter!("hub_sessions_closed_total", "Live connections closed from here, by reason");
    describe_counter!("hub_resets_total", "Live connections told to start afresh");
}

/// The figures as Prometheus reads them.
pub(crate) async fn handler(State(app): State<App>) -> Response {
    let Some(recorder) = RECORDER.get() else {
        return (StatusCode::NOT_FOUND, "figures are counted by `zhanggui serve` alone\n").into_response();
    };
    if let Err(error) = look(&app).await {
        tracing::warn!(error = &*error, "not every figure could be read");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], recorder.render()).into_response()
}

/// Reads how things stand.
#[expect(clippy::float_arithmetic, reason = "seconds of a metric, which are fractions by nature")]
async fn look(app: &App) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let db = app.read();
    gauge!("zhanggui_info", "version" => env!("CARGO_PKG_VERSION"), "database" => app.databases().name()).set(1.0);
    gauge!("zhanggui_database_bytes").set(float(zg_db::dialect::size(db).await?));
    for depth in app.queue().depth().await? {
        for (state, count) in [("ready", depth.ready), ("scheduled", depth.scheduled), ("running", depth.running)] {
            gauge!("celery_queue_depth", "queue" => depth.queue.clone(), "state" => state).set(float(count.try_into().unwrap_or(i64::MAX)));
        }
        let waited = depth.oldest.map_or(0, |since| (app.now() - since).num_milliseconds().max(0));
        gauge!("celery_queue_oldest_seconds", "queue" => depth.queue).set(float(waited) / 1000.0);
    }
    let waiting = event_outbox::Entity::find().order_by(event_outbox::Column::Id, Order::Asc).one(db).await?;
    let lag = waiting.map_or(0, |row| (app.now() - row.at).num_milliseconds().max(0));
    gauge!("zhanggui_relay_lag_seconds").set(float(lag) / 1000.0);
    let events: Vec<i64> = event_outbox::Entity::find().select_only().expr(event_outbox::Column::Id.count()).into_tuple().all(db).await?;
    gauge!("zhanggui_relay_events").set(float(events.first().copied().unwrap_or(0)));
    let jobs: Vec<(String, i64)> = job::Entity::find()
        .select_only()
        .column(job::Column::State)
        .expr(job::Column::Id.count())
        .group_by(job::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    for state in ["queued", "running", "done", "failed", "cancelled"] {
        let count = jobs.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count);
        gauge!("zhanggui_jobs", "state" => state).set(float(count));
    }
    // Mails sent are many and of no interest here.
    let mails: Vec<(String, i64)> = mail::Entity::find()
        .select_only()
        .column(mail::Column::State)
        .expr(mail::Column::Id.count())
        .filter(mail::Column::State.ne("sent"))
        .group_by(mail::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    for state in ["queued", "paused", "sending", "failed", "bounced"] {
        let count = mails.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count);
        gauge!("zhanggui_mails", "state" => state).set(float(count));
    }
    Ok(())
}

/// Prometheus has no other numbers.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a figure to look at; exact below 2^53")]
fn float(count: i64) -> f64 {
    count as f64
}
