//! What runs by the clock.

use axum::extract::State;
use celery::history;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use zg_base::App;
use zg_web::{Answer, Committed, Page, Path, Result, Staff};

use crate::Error;

/// An entry of the schedule.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleEntry {
    name: String,
    /// When it runs, in words.
    schedule: String,
    /// It runs at all.
    enabled: bool,
    next_at: DateTime<Utc>,
    last_at: Option<DateTime<Utc>>,
    /// How often it has run.
    runs: u64,
}

/// What runs by the clock.
#[utoipa::path(get, path = "/admin/queue/schedule", responses((status = 200, body = Page<ScheduleEntry>)))]
pub(crate) async fn list(State(app): State<App>) -> Result<Answer<Page<ScheduleEntry>>> {
    let entries = history::schedule(app.read()).await.map_err(Error::from)?.into_iter().map(|entry| ScheduleEntry {
        name: entry.name,
        schedule: entry.schedule,
        enabled: entry.enabled,
        next_at: entry.next_at,
        last_at: entry.last_at,
        runs: entry.runs,
    });
    Ok(Answer::ok(Page::whole(entries.collect())))
}

/// Runs an entry now, within seconds, and by the clock again from then on.
#[utoipa::path(post, path = "/admin/queue/schedule/{name}/run", params(("name" = String, Path)), responses((status = 204)))]
pub(crate) async fn run(State(app): State<App>, staff: Staff, Path(name): Path<String>) -> Result<Committed<()>> {
    let now = app.now();
    switch(&app, &staff, "schedule.run", &name, true, Some(now)).await
}

/// Lets an entry run no more until it is resumed.
#[utoipa::path(post, path = "/admin/queue/schedule/{name}/pause", params(("name" = String, Path)), responses((status = 204)))]
pub(crate) async fn pause(State(app): State<App>, staff: Staff, Path(name): Path<String>) -> Result<Committed<()>> {
    switch(&app, &staff, "schedule.pause", &name, false, None).await
}

/// Lets an entry run by the clock again. What it missed runs once.
#[utoipa::path(post, path = "/admin/queue/schedule/{name}/resume", params(("name" = String, Path)), responses((status = 204)))]
pub(crate) async fn resume(State(app): State<App>, staff: Staff, Path(name): Path<String>) -> Result<Committed<()>> {
    switch(&app, &staff, "schedule.resume", &name, true, None).await
}

async fn switch(
    app: &App,
    staff: &Staff,
    what: &'static str,
    name: &str,
    enabled: bool,
    next_at: Option<DateTime<Utc>>,
) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    if !history::switch(tx.db(), name, enabled, next_at).await.map_err(Error::from)? {
        return Err(Error::EntryNotFound.into());
    }
    tx.audit(what, "schedule", 0, None, Some(json!({ "name": name }))).await?;
    Committed::no_content(tx).await
}
