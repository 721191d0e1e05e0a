//! What a database keeps of its calls and of the schedule, for people to look at and to change.
//!
//! Everything here works on any connection: reading on one that may only read, changing within a
//! transaction of the caller's, so that what somebody does and the note of it commit together.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Map, Value};

use super::rows::{result, stored, text};
use super::sql::{BEAT_LIST, BEAT_SWITCH, CALL, CALL_AGAIN, CALL_RETRY_ROW, CALLS, Dialect, RATES, REVOKE, Two};
use crate::error::Error;
use crate::results::{Failure, State};

/// Which calls.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// In one of these states; in any, if there are none.
    pub states: Vec<State>,
    /// Of this task.
    pub task: Option<String>,
    /// Of this queue.
    pub queue: Option<String>,
    /// Sent at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Sent before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Older than the call with this number ([`KeptCall::seq`]): where the page before ended.
    pub before: Option<i64>,
}

/// A call as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptCall {
    /// Its number, in the order of sending.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// The task's name.
    pub task: String,
    /// Where it waits or waited.
    pub queue: String,
    /// 0 to 9, the higher the sooner.
    pub priority: i64,
    /// Where it stands.
    pub state: State,
    /// How often it asked to be tried again.
    pub retries: u32,
    /// How often a worker took it.
    pub tries: u32,
    /// The worker that has it or had it last.
    pub worker: Option<String>,
    /// Not before then.
    pub due_at: DateTime<Utc>,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When a worker took it last.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What went wrong last: kind and message.
    pub error: Option<String>,
}

/// A call with what it was given and what came of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallDetail {
    /// The call.
    pub call: KeptCall,
    /// Its positional arguments.
    pub args: Vec<Value>,
    /// Its arguments by name.
    pub kwargs: Map<String, Value>,
    /// What it returned, if that is kept.
    pub result: Option<Value>,
    /// What went wrong last.
    pub failure: Option<Failure>,
}

/// How many calls ended within a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Minute {
    /// Its beginning.
    pub at: DateTime<Utc>,
    /// Well.
    pub done: u64,
    /// Otherwise: failed, revoked, set aside.
    pub failed: u64,
}

/// An entry of the schedule, as the beats share it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedEntry {
    /// Its name.
    pub name: String,
    /// When it fires, in words.
    pub schedule: String,
    /// It fires at all.
    pub enabled: bool,
    /// When it fires next.
    pub next_at: DateTime<Utc>,
    /// When it fired last.
    pub last_at: Option<DateTime<Utc>>,
    /// How often it has fired.
    pub runs: u64,
}

async fn all(connection: &impl ConnectionTrait, sql: Two, values: Vec<Sql>) -> Result<Vec<QueryResult>, Error> {
    Ok(connection.query_all_raw(Dialect::of(connection)?.statement(sql, values)).await?)
}

async fn changes(connection: &impl ConnectionTrait, sql: Two, values: Vec<Sql>) -> Result<bool, Error> {
    let done = connection.execute_raw(Dialect::of(connection)?.statement(sql, values)).await?;
    Ok(0 < done.rows_affected())
}

/// Calls, the latest first, at most `limit`.
pub async fn calls(connection: &impl ConnectionTrait, which: &CallFilter, limit: u32) -> Result<Vec<KeptCall>, Error> {
    let states =
        (!which.states.is_empty()).then(|| Value::from(which.states.iter().map(|state| state.as_str()).collect::<Vec<_>>()).to_string());
    let values = vec![
        states.into(),
        which.task.clone().into(),
        which.queue.clone().into(),
        which.from.map(text).into(),
        which.until.map(text).into(),
        which.before.unwrap_or(i64::MAX).into(),
        i64::from(limit).into(),
    ];
    all(connection, CALLS, values).await?.iter().map(kept).collect()
}

/// One call, with what it was given and what came of it.
pub async fn call(connection: &impl ConnectionTrait, id: &str) -> Result<Option<CallDetail>, Error> {
    let Some(row) = all(connection, CALL, vec![id.into()]).await?.into_iter().next() else { return Ok(None) };
    let outcome = result(&row)?;
    // What cannot be read was set aside for just that.
    let body = stored(&row).map(|(_, message)| message.body).ok();
    let (args, kwargs) = body.map(|body| (body.args, body.kwargs)).unwrap_or_default();
    Ok(Some(CallDetail { call: kept(&row)?, args, kwargs, result: outcome.result, failure: outcome.failure }))
}

/// Puts a call that failed, was revoked or was set aside back into its queue, as if it were new.
/// `false`: it stands otherwise.
pub async fn run_again(connection: &impl ConnectionTrait, id: &str, now: DateTime<Utc>) -> Result<bool, Error> {
    let Some(row) = all(connection, CALL_RETRY_ROW, vec![id.into()]).await?.into_iter().next() else { return Ok(false) };
    let (seq, mut message) = stored(&row)?;
    message.headers.retries = 0;
    message.headers.eta = None;
    message.headers.expires = None;
    let tries: i64 = row.try_get("", "tries")?;
    changes(connection, CALL_AGAIN, vec![seq.into(), tries.into(), message.encode()?.into(), now.into()]).await
}

/// Withdraws a call that has not started. `false`: it stands otherwise.
pub async fn revoke(connection: &impl ConnectionTrait, id: &str, now: DateTime<Utc>) -> Result<bool, Error> {
    changes(connection, REVOKE, vec![id.into(), now.into()]).await
}

/// How many calls ended in each minute since `from`; minutes in which none did are left out.
pub async fn rates(connection: &impl ConnectionTrait, from: DateTime<Utc>) -> Result<Vec<Minute>, Error> {
    let mut minutes: Vec<Minute> = Vec::new();
    for row in all(connection, RATES, vec![from.into()]).await? {
        let minute: i64 = row.try_get("", "minute")?;
        let Some(at) = minute.checked_mul(60).and_then(|seconds| DateTime::from_timestamp(seconds, 0)) else { continue };
        let state: String = row.try_get("", "state")?;
        let number = u64::try_from(row.try_get::<i64>("", "number")?).unwrap_or(0);
        if minutes.last().is_none_or(|last| last.at != at) {
            minutes.push(Minute { at, ..Minute::default() });
        }
        if let Some(last) = minutes.last_mut() {
            let count = if State::parse(&state) == Some(State::Done) { &mut last.done } else { &mut last.failed };
            *count = count.saturating_add(number);
        }
    }
    Ok(minutes)
}

/// The schedule, by name.
pub async fn schedule(connection: &impl ConnectionTrait) -> Result<Vec<PlannedEntry>, Error> {
    let entry = |row: &QueryResult| -> Result<PlannedEntry, DbErr> {
        Ok(PlannedEntry {
            name: row.try_get("", "name")?,
            schedule: row.try_get("", "schedule")?,
            enabled: row.try_get("", "enabled")?,
            next_at: row.try_get("", "next_at")?,
            last_at: row.try_get("", "last_at")?,
            runs: u64::try_from(row.try_get::<i64>("", "runs")?).unwrap_or(0),
        })
    };
    all(connection, BEAT_LIST, vec![]).await?.iter().map(|row| Ok(entry(row)?)).collect()
}

/// Switches an entry of the schedule on or off, or, with `next_at`, lets it fire then: a beat does
/// so within seconds of that instant. `false`: there is no such entry.
pub async fn switch(connection: &impl ConnectionTrait, name: &str, enabled: bool, next_at: Option<DateTime<Utc>>) -> Result<bool, Error> {
    changes(connection, BEAT_SWITCH, vec![name.into(), enabled.into(), next_at.into()]).await
}

fn kept(row: &QueryResult) -> Result<KeptCall, Error> {
    let id: String = row.try_get("", "id")?;
    let state: String = row.try_get("", "state")?;
    let state = State::parse(&state).ok_or_else(|| Error::Row { row: id.clone(), reason: format!("unknown state `{state}`") })?;
    let count = |column: &str| -> Result<u32, DbErr> { Ok(u32::try_from(row.try_get::<i64>("", column)?).unwrap_or(u32::MAX)) };
    let kind: Option<String> = row.try_get("", "error_kind")?;
    let message: Option<String> = row.try_get("", "error")?;
    Ok(KeptCall {
        seq: row.try_get("", "seq")?,
        task: row.try_get("", "name")?,
        queue: row.try_get("", "queue")?,
        priority: row.try_get("", "priority")?,
        state,
        retries: count("retries")?,
        tries: count("tries")?,
        worker: row.try_get("", "worker")?,
        due_at: row.try_get("", "due_at")?,
        created_at: row.try_get("", "created_at")?,
        started_at: row.try_get("", "started_at")?,
        finished_at: row.try_get("", "finished_at")?,
        error: kind.map(|kind| format!("{kind}: {}", message.unwrap_or_default())),
        id,
    })
}
