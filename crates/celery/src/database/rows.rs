//! Rows, and what they mean.

use chrono::{DateTime, SecondsFormat, SubsecRound as _, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::{Value, json};

use super::sql::{Dialect, INSERT};
use crate::broker::{Delivery, Malformed, Outcome, Receipt};
use crate::error::Error;
use crate::message::Message;
use crate::results::{Failure, State, TaskResult};

/// Rows a statement, so that a long list does not hold the write lock for long.
pub(super) const CHUNK: usize = 500;

/// Inserts messages on any connection; the caller's transaction as a rule.
pub(crate) async fn insert(connection: &impl ConnectionTrait, messages: &[Message], now: DateTime<Utc>) -> Result<u64, Error> {
    let dialect = Dialect::of(connection)?;
    let mut inserted = 0_u64;
    for chunk in messages.chunks(CHUNK) {
        let rows: Vec<Value> = chunk.iter().map(|message| new_row(message, now)).collect::<Result<_, _>>()?;
        let statement = dialect.statement(INSERT, vec![Value::from(rows).to_string().into()]);
        inserted = inserted.saturating_add(connection.execute_raw(statement).await?.rows_affected());
    }
    Ok(inserted)
}

fn new_row(message: &Message, now: DateTime<Utc>) -> Result<Value, Error> {
    let eta = message.headers.eta.filter(|eta| now < *eta);
    Ok(json!({
        "id": message.headers.id,
        "name": message.headers.task,
        "queue": message.queue,
        "priority": message.properties.priority,
        "ready": eta.is_none(),
        "due_at": text(eta.unwrap_or(now)),
        "message": message.encode()?,
        "retries": message.headers.retries,
        "created_at": text(now),
    }))
}

/// An instant exactly as the SQLite driver writes it, so that texts compare as instants do.
pub(super) fn text(at: DateTime<Utc>) -> String {
    at.trunc_subsecs(6).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// PostgreSQL's texts hold everything but NUL.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(super) struct Claimed {
    pub(super) priority: i64,
    pub(super) delivery: Delivery,
}

impl Claimed {
    pub(super) fn read(row: &QueryResult) -> Result<Self, Error> {
        let id: String = row.try_get("", "id")?;
        let message: String = row.try_get("", "message")?;
        let message = serde_json::from_str(&message).map_err(|error| Malformed { id, reason: error.to_string() });
        let receipt = Receipt { tag: row.try_get("", "seq")?, fence: row.try_get("", "tries")? };
        let delivery = Delivery { receipt, due_at: row.try_get("", "due_at")?, redelivered: 1 < receipt.fence, message };
        Ok(Self { priority: row.try_get("", "priority")?, delivery })
    }
}

pub(super) fn stored(row: &QueryResult) -> Result<(i64, Message), Error> {
    let message: String = row.try_get("", "message")?;
    match serde_json::from_str(&message) {
        Ok(message) => Ok((row.try_get("", "seq")?, message)),
        Err(error) => Err(Error::Row { row: row.try_get("", "id")?, reason: error.to_string() }),
    }
}

pub(super) fn result(row: &QueryResult) -> Result<TaskResult, Error> {
    let id: String = row.try_get("", "id")?;
    let row_id = id.clone();
    let broken = |reason: String| Error::Row { row: row_id.clone(), reason };
    let state: String = row.try_get("", "state")?;
    let kept: Option<String> = row.try_get("", "result")?;
    let kind: Option<String> = row.try_get("", "error_kind")?;
    let failure = match kind {
        None => None,
        Some(kind) => Some(Failure {
            kind,
            message: row.try_get::<Option<String>>("", "error")?.unwrap_or_default(),
            traceback: row.try_get::<Option<String>>("", "traceback")?.unwrap_or_default(),
        }),
    };
    let count = |column: &str| -> Result<u32, DbErr> { Ok(u32::try_from(row.try_get::<i64>("", column)?).unwrap_or(u32::MAX)) };
    Ok(TaskResult {
        task: row.try_get("", "name")?,
        state: State::parse(&state).ok_or_else(|| broken(format!("unknown state `{state}`")))?,
        result: kept.map(|kept| serde_json::from_str(&kept)).transpose().map_err(|error| broken(error.to_string()))?,
        failure,
        retries: count("retries")?,
        tries: count("tries")?,
        finished_at: row.try_get("", "finished_at")?,
        ..TaskResult::new(id, State::Pending)
    })
}

/// `[[seq, tries], …]`
pub(super) fn pairs(receipts: &[Receipt]) -> String {
    receipts.iter().map(|receipt| json!([receipt.tag, receipt.fence])).collect::<Value>().to_string()
}

pub(super) fn ended_row(receipt: Receipt, outcome: &Outcome, now: DateTime<Utc>) -> Result<Value, Error> {
    let (state, at) = match outcome {
        Outcome::Done(_) => (State::Done, None),
        Outcome::Failed(_) => (State::Failed, None),
        Outcome::Retry { at, .. } => (State::Pending, Some(*at)),
        Outcome::Release(at) => (State::Pending, *at),
        Outcome::Revoked(_) => (State::Revoked, None),
        Outcome::Poison(_) => (State::Poison, None),
    };
    let mut row = json!({
        "seq": receipt.tag,
        "tries": receipt.fence,
        "state": state.as_str(),
        "ready": at.is_none_or(|at| at <= now),
        "due_at": at.map(text),
        "finished_at": (state != State::Pending).then(|| text(now)),
    });
    let mut set = |key: &str, value: Value| {
        if let Some(row) = row.as_object_mut() {
            row.insert(key.to_owned(), value);
        }
    };
    match outcome {
        Outcome::Done(None) | Outcome::Release(_) => {}
        Outcome::Done(Some(value)) => set("result", value.to_string().into()),
        Outcome::Failed(failure) | Outcome::Retry { failure, .. } => {
            set("kind", clean(&failure.kind).into());
            set("error", clean(&failure.message).into());
            set("traceback", clean(&failure.traceback).into());
            if let Outcome::Retry { message, .. } = outcome {
                set("message", message.encode()?.into());
                set("retries", message.headers.retries.into());
            }
        }
        Outcome::Revoked(reason) => {
            set("kind", "TaskRevokedError".into());
            set("error", clean(reason).into());
        }
        Outcome::Poison(reason) => {
            set("kind", "Reject".into());
            set("error", clean(reason).into());
        }
    }
    Ok(row)
}
