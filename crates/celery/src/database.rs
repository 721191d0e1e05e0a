//! The broker that needs nothing but the application's database: SQLite or PostgreSQL.
//!
//! All SQL of the library stands here. Two tables: `celery_task`, one row a call from its sending
//! to the end of its retention, and `celery_beat`, one row a schedule entry.
//!
//! What always holds:
//! * every change of a row is one guarded statement; nothing is read first and written then;
//! * `tries` grows with each claim and fences: only the latest claim can settle or extend;
//! * lists travel as one JSON parameter, so a statement's text never depends on how many there are
//!   and stays prepared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, SubsecRound as _, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _, Value as Sql,
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::beat::{BeatStore, Entry, Fire};
use crate::broker::{
    Broker, Claim, Delivery, Depth, Failure, Malformed, Outcome, Receipt, ResultBackend, Settlement, State, Swept, TaskResult,
};
use crate::clock::later;
use crate::error::Error;
use crate::message::Message;

/// Rows a statement, so that a long list does not hold the write lock for long.
const CHUNK: usize = 500;

/// The database broker. Cheap to clone; clones share their wake-ups.
#[derive(Clone, Debug)]
pub struct DatabaseBroker {
    db: DatabaseConnection,
    dialect: Dialect,
    wakeups: Arc<watch::Sender<u64>>,
}

impl DatabaseBroker {
    /// A broker on a connection that may write. The tables must be there: [`schema::up`].
    ///
    /// # Errors
    /// [`Error::Unsupported`] unless it is SQLite or PostgreSQL.
    pub fn new(db: DatabaseConnection) -> Result<Self, Error> {
        let dialect = Dialect::of(&db)?;
        Ok(Self { db, dialect, wakeups: Arc::new(watch::Sender::new(0)) })
    }

    async fn all(&self, sql: Two, values: Vec<Sql>) -> Result<Vec<QueryResult>, Error> {
        Ok(self.db.query_all_raw(self.dialect.statement(sql, values)).await?)
    }

    async fn run(&self, sql: Two, values: Vec<Sql>) -> Result<u64, Error> {
        Ok(self.db.execute_raw(self.dialect.statement(sql, values)).await?.rows_affected())
    }
}

#[derive(Clone, Copy, Debug)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// One statement in both dialects.
#[derive(Clone, Copy)]
struct Two {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Two {
    const fn same(sql: &'static str) -> Self {
        Self { sqlite: sql, postgres: sql }
    }
}

impl Dialect {
    fn of(connection: &impl ConnectionTrait) -> Result<Self, Error> {
        match connection.get_database_backend() {
            DatabaseBackend::Sqlite => Ok(Self::Sqlite),
            DatabaseBackend::Postgres => Ok(Self::Postgres),
            other => Err(Error::Unsupported(format!("{other:?}"))),
        }
    }

    fn statement(self, sql: Two, values: Vec<Sql>) -> Statement {
        match self {
            Self::Sqlite => Statement::from_sql_and_values(DatabaseBackend::Sqlite, sql.sqlite, values),
            Self::Postgres => Statement::from_sql_and_values(DatabaseBackend::Postgres, sql.postgres, values),
        }
    }
}

/// The tables.
pub mod schema {
    use sea_orm::ConnectionTrait;

    use super::Dialect;
    use crate::error::Error;

    /// Makes the tables and indexes that are not there yet. Call it from a migration.
    pub async fn up(connection: &impl ConnectionTrait) -> Result<(), Error> {
        let tables = match Dialect::of(connection)? {
            Dialect::Sqlite => SQLITE,
            Dialect::Postgres => POSTGRES,
        };
        for statement in tables.iter().chain(INDEXES) {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// Drops the tables, with everything in them.
    pub async fn down(connection: &impl ConnectionTrait) -> Result<(), Error> {
        Dialect::of(connection)?;
        for statement in ["DROP TABLE IF EXISTS celery_task", "DROP TABLE IF EXISTS celery_beat"] {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    const SQLITE: &[&str] = &[
        "CREATE TABLE IF NOT EXISTS celery_task (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL CONSTRAINT celery_task_id_key UNIQUE,
            name TEXT NOT NULL,
            queue TEXT NOT NULL,
            priority INTEGER NOT NULL CONSTRAINT celery_task_priority_check CHECK (priority BETWEEN 0 AND 9),
            state TEXT NOT NULL DEFAULT 'pending' CONSTRAINT celery_task_state_check
                CHECK (state IN ('pending', 'running', 'done', 'failed', 'revoked', 'poison')),
            ready BOOLEAN NOT NULL,
            due_at TEXT NOT NULL,
            message TEXT NOT NULL,
            retries INTEGER NOT NULL DEFAULT 0,
            tries INTEGER NOT NULL DEFAULT 0,
            lost INTEGER NOT NULL DEFAULT 0,
            acked BOOLEAN NOT NULL DEFAULT FALSE,
            worker TEXT,
            lease_until TEXT,
            created_at TEXT NOT NULL,
            started_at TEXT,
            finished_at TEXT,
            result TEXT,
            error_kind TEXT,
            error TEXT,
            traceback TEXT
        )",
        "CREATE TABLE IF NOT EXISTS celery_beat (
            name TEXT PRIMARY KEY NOT NULL,
            schedule TEXT NOT NULL,
            enabled BOOLEAN NOT NULL DEFAULT TRUE,
            next_at TEXT NOT NULL,
            last_at TEXT,
            runs INTEGER NOT NULL DEFAULT 0
        )",
    ];

    const POSTGRES: &[&str] = &[
        "CREATE TABLE IF NOT EXISTS celery_task (
            seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id TEXT NOT NULL CONSTRAINT celery_task_id_key UNIQUE,
            name TEXT NOT NULL,
            queue TEXT NOT NULL,
            priority BIGINT NOT NULL CONSTRAINT celery_task_priority_check CHECK (priority BETWEEN 0 AND 9),
            state TEXT NOT NULL DEFAULT 'pending' CONSTRAINT celery_task_state_check
                CHECK (state IN ('pending', 'running', 'done', 'failed', 'revoked', 'poison')),
            ready BOOLEAN NOT NULL,
            due_at TIMESTAMPTZ NOT NULL,
            message TEXT NOT NULL,
            retries BIGINT NOT NULL DEFAULT 0,
            tries BIGINT NOT NULL DEFAULT 0,
            lost BIGINT NOT NULL DEFAULT 0,
            acked BOOLEAN NOT NULL DEFAULT FALSE,
            worker TEXT,
            lease_until TIMESTAMPTZ,
            created_at TIMESTAMPTZ NOT NULL,
            started_at TIMESTAMPTZ,
            finished_at TIMESTAMPTZ,
            result TEXT,
            error_kind TEXT,
            error TEXT,
            traceback TEXT
        )",
        "CREATE TABLE IF NOT EXISTS celery_beat (
            name TEXT PRIMARY KEY,
            schedule TEXT NOT NULL,
            enabled BOOLEAN NOT NULL DEFAULT TRUE,
            next_at TIMESTAMPTZ NOT NULL,
            last_at TIMESTAMPTZ,
            runs BIGINT NOT NULL DEFAULT 0
        )",
    ];

    const INDEXES: &[&str] = &[
        // claim: one queue, the highest priority first, then the oldest
        "CREATE INDEX IF NOT EXISTS celery_task_ready_idx ON celery_task (queue, priority DESC, seq)
            WHERE state = 'pending' AND ready",
        // what falls due
        "CREATE INDEX IF NOT EXISTS celery_task_due_idx ON celery_task (due_at) WHERE state = 'pending' AND NOT ready",
        // leases that ran out
        "CREATE INDEX IF NOT EXISTS celery_task_lease_idx ON celery_task (lease_until) WHERE state = 'running'",
        // what is kept longer than the retention
        "CREATE INDEX IF NOT EXISTS celery_task_finished_idx ON celery_task (finished_at) WHERE finished_at IS NOT NULL",
    ];
}

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
fn text(at: DateTime<Utc>) -> String {
    at.trunc_subsecs(6).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// PostgreSQL's texts hold everything but NUL.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

// `WHERE true` parts SQLite's ON CONFLICT from a join's ON.
const INSERT: Two = Two {
    sqlite: "INSERT INTO celery_task (id, name, queue, priority, ready, due_at, message, retries, created_at)
        SELECT value ->> 'id', value ->> 'name', value ->> 'queue', value ->> 'priority', value ->> 'ready',
            value ->> 'due_at', value ->> 'message', value ->> 'retries', value ->> 'created_at'
        FROM json_each($1) WHERE true ORDER BY key
        ON CONFLICT (id) DO NOTHING",
    postgres: "INSERT INTO celery_task (id, name, queue, priority, ready, due_at, message, retries, created_at)
        SELECT id, name, queue, priority, ready, due_at, message, retries, created_at
        FROM json_to_recordset($1::json) AS new (id text, name text, queue text, priority bigint, ready boolean,
            due_at timestamptz, message text, retries bigint, created_at timestamptz)
        ON CONFLICT (id) DO NOTHING",
};

const PROMOTE: Two = Two::same("UPDATE celery_task SET ready = TRUE WHERE state = 'pending' AND NOT ready AND due_at <= $1");

const CLAIM: Two = Two {
    sqlite: "UPDATE celery_task
        SET state = 'running', tries = tries + 1, acked = FALSE, worker = $3, started_at = $4, lease_until = $5
        WHERE seq IN (SELECT seq FROM celery_task WHERE state = 'pending' AND ready AND queue = $1
            ORDER BY priority DESC, seq LIMIT $2)
        RETURNING seq, tries, priority, due_at, id, message",
    postgres: "WITH picked AS MATERIALIZED (
            SELECT seq FROM celery_task WHERE state = 'pending' AND ready AND queue = $1
            ORDER BY priority DESC, seq LIMIT $2 FOR UPDATE SKIP LOCKED)
        UPDATE celery_task AS task
        SET state = 'running', tries = tries + 1, acked = FALSE, worker = $3, started_at = $4, lease_until = $5
        FROM picked WHERE task.seq = picked.seq
        RETURNING task.seq, tries, priority, due_at, id, message",
};

const EXTEND: Two = Two {
    sqlite: "UPDATE celery_task AS task SET lease_until = $2 FROM json_each($1) AS held
        WHERE task.seq = held.value ->> 0 AND task.tries = held.value ->> 1 AND task.state = 'running'
        RETURNING seq, tries",
    postgres: "UPDATE celery_task AS task SET lease_until = $2 FROM json_array_elements($1::json) AS held
        WHERE task.seq = (held ->> 0)::bigint AND task.tries = (held ->> 1)::bigint AND task.state = 'running'
        RETURNING task.seq, task.tries",
};

const ACKNOWLEDGE: Two = Two::same("UPDATE celery_task SET acked = TRUE WHERE seq = $1 AND tries = $2 AND state = 'running'");

// The common case, well and with nothing to keep, apart: the row stays small and the JSON short.
const DONE: Two = Two {
    sqlite: "UPDATE celery_task AS task SET state = 'done', finished_at = $2, lease_until = NULL,
            error_kind = NULL, error = NULL, traceback = NULL
        FROM json_each($1) AS held
        WHERE task.seq = held.value ->> 0 AND task.tries = held.value ->> 1 AND task.state = 'running'",
    postgres: "UPDATE celery_task AS task SET state = 'done', finished_at = $2, lease_until = NULL,
            error_kind = NULL, error = NULL, traceback = NULL
        FROM json_array_elements($1::json) AS held
        WHERE task.seq = (held ->> 0)::bigint AND task.tries = (held ->> 1)::bigint AND task.state = 'running'",
};

const SETTLE: Two = Two {
    sqlite: "UPDATE celery_task AS task SET
            state = ended.value ->> 'state',
            ready = ended.value ->> 'ready',
            due_at = coalesce(ended.value ->> 'due_at', task.due_at),
            message = coalesce(ended.value ->> 'message', task.message),
            retries = coalesce(ended.value ->> 'retries', task.retries),
            finished_at = ended.value ->> 'finished_at',
            lease_until = NULL, acked = FALSE,
            result = ended.value ->> 'result',
            error_kind = ended.value ->> 'kind',
            error = ended.value ->> 'error',
            traceback = ended.value ->> 'traceback'
        FROM json_each($1) AS ended
        WHERE task.seq = ended.value ->> 'seq' AND task.tries = ended.value ->> 'tries' AND task.state = 'running'",
    postgres: "UPDATE celery_task AS task SET
            state = ended.state,
            ready = ended.ready,
            due_at = coalesce(ended.due_at, task.due_at),
            message = coalesce(ended.message, task.message),
            retries = coalesce(ended.retries, task.retries),
            finished_at = ended.finished_at,
            lease_until = NULL, acked = FALSE,
            result = ended.result,
            error_kind = ended.kind,
            error = ended.error,
            traceback = ended.traceback
        FROM json_to_recordset($1::json) AS ended (seq bigint, tries bigint, state text, ready boolean,
            due_at timestamptz, message text, retries bigint, finished_at timestamptz, result text,
            kind text, error text, traceback text)
        WHERE task.seq = ended.seq AND task.tries = ended.tries AND task.state = 'running'",
};

// In an UPDATE every right-hand side sees the row as it was before.
const SWEEP: Two = Two::same(
    "UPDATE celery_task SET
        lost = lost + 1,
        state = CASE WHEN acked THEN 'failed' WHEN lost + 1 >= $2 THEN 'poison' ELSE 'pending' END,
        finished_at = CASE WHEN acked OR lost + 1 >= $2 THEN $1 END,
        ready = TRUE,
        lease_until = NULL,
        error_kind = 'WorkerLostError',
        error = CASE WHEN acked THEN 'the worker was lost after it had acknowledged the task'
            WHEN lost + 1 >= $2 THEN 'set aside: its workers were lost ' || CAST(lost + 1 AS TEXT) || ' times while it ran'
            ELSE 'the worker was lost while it ran' END,
        traceback = NULL
    WHERE state = 'running' AND lease_until < $1
    RETURNING state",
);

// Three parts, each over a partial index: finished rows are never looked at.
const DEPTH: Two = Two::same(
    "SELECT queue, 'ready' AS kind, count(*) AS number, min(due_at) AS oldest
        FROM celery_task WHERE state = 'pending' AND ready GROUP BY queue
    UNION ALL
    SELECT queue, CASE WHEN due_at <= $1 THEN 'ready' ELSE 'scheduled' END AS kind, count(*) AS number, min(due_at) AS oldest
        FROM celery_task WHERE state = 'pending' AND NOT ready GROUP BY 1, 2
    UNION ALL
    SELECT queue, 'running' AS kind, count(*) AS number, min(due_at) AS oldest
        FROM celery_task WHERE state = 'running' GROUP BY queue",
);

const PURGE: Two = Two::same(
    "UPDATE celery_task SET state = 'revoked', error_kind = 'TaskRevokedError', error = 'purged', finished_at = $2
    WHERE state = 'pending' AND queue = $1",
);

const REVOKE: Two = Two::same(
    "UPDATE celery_task SET state = 'revoked', error_kind = 'TaskRevokedError', error = 'revoked', finished_at = $2
    WHERE state = 'pending' AND id = $1",
);

const FORGET: Two = Two::same(
    "DELETE FROM celery_task WHERE seq IN
        (SELECT seq FROM celery_task WHERE finished_at IS NOT NULL AND finished_at < $1 ORDER BY finished_at LIMIT $2)",
);

const WAITING: Two = Two::same("SELECT seq, id, message FROM celery_task WHERE state = 'pending' ORDER BY seq");

const TAKE: Two = Two::same("DELETE FROM celery_task WHERE state = 'pending' AND name = $1 RETURNING seq, id, message");

const FIND: Two = Two::same(
    "SELECT id, name, state, result, error_kind, error, traceback, retries, tries, finished_at
    FROM celery_task WHERE id = $1",
);

// An entry keeps its next time as long as its schedule reads the same.
const BEAT_DECLARE: Two = Two::same(
    "INSERT INTO celery_beat (name, schedule, next_at) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET schedule = excluded.schedule, next_at = excluded.next_at
    WHERE celery_beat.schedule <> excluded.schedule",
);

const BEAT_READ: Two = Two::same("SELECT name, enabled, next_at FROM celery_beat ORDER BY name");

// The guard that makes one beat among many fire: whoever moves `next_at` first.
const BEAT_FIRE: Two = Two::same(
    "UPDATE celery_beat SET next_at = $3, last_at = $4, runs = runs + 1
    WHERE name = $1 AND next_at = $2 AND enabled",
);

#[async_trait]
impl Broker for DatabaseBroker {
    async fn publish(&self, messages: &[Message], now: DateTime<Utc>) -> Result<u64, Error> {
        insert(&self.db, messages, now).await
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Vec<Delivery>, Error> {
        self.run(PROMOTE, vec![claim.now.into()]).await?;
        let lease_until = later(claim.now, claim.lease);
        let mut claimed = Vec::new();
        let mut left = i64::from(claim.max);
        for queue in claim.queues {
            if left <= 0 {
                break;
            }
            let values = vec![queue.as_str().into(), left.into(), claim.worker.into(), claim.now.into(), lease_until.into()];
            let mut rows = self.all(CLAIM, values).await?.iter().map(Claimed::read).collect::<Result<Vec<_>, _>>()?;
            // What an UPDATE returns has no order.
            rows.sort_unstable_by_key(|row| (std::cmp::Reverse(row.priority), row.delivery.receipt.tag));
            left = left.saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
            claimed.extend(rows.into_iter().map(|row| row.delivery));
        }
        Ok(claimed)
    }

    async fn extend(&self, receipts: &[Receipt], until: DateTime<Utc>) -> Result<Vec<Receipt>, Error> {
        let mut lost: BTreeSet<Receipt> = receipts.iter().copied().collect();
        for chunk in receipts.chunks(CHUNK) {
            for row in self.all(EXTEND, vec![pairs(chunk).into(), until.into()]).await? {
                lost.remove(&Receipt { tag: row.try_get_by_index(0)?, fence: row.try_get_by_index(1)? });
            }
        }
        Ok(lost.into_iter().collect())
    }

    async fn acknowledge(&self, receipt: Receipt) -> Result<bool, Error> {
        Ok(self.run(ACKNOWLEDGE, vec![receipt.tag.into(), receipt.fence.into()]).await? == 1)
    }

    async fn settle(&self, settlements: &[Settlement], now: DateTime<Utc>) -> Result<(), Error> {
        let mut done = Vec::new();
        let mut rest = Vec::new();
        for settlement in settlements {
            match &settlement.outcome {
                Outcome::Done(None) => done.push(settlement.receipt),
                other => rest.push(ended_row(settlement.receipt, other, now)?),
            }
        }
        for chunk in done.chunks(CHUNK) {
            self.run(DONE, vec![pairs(chunk).into(), now.into()]).await?;
        }
        for chunk in rest.chunks(CHUNK) {
            self.run(SETTLE, vec![Value::from(chunk.to_vec()).to_string().into()]).await?;
        }
        Ok(())
    }

    async fn sweep(&self, now: DateTime<Utc>, max_deliveries: u32) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        for row in self.all(SWEEP, vec![now.into(), i64::from(max_deliveries).into()]).await? {
            let state: String = row.try_get_by_index(0)?;
            let number = match State::parse(&state) {
                Some(State::Poison) => &mut swept.poisoned,
                Some(State::Failed) => &mut swept.lost,
                _ => &mut swept.redelivered,
            };
            *number = number.saturating_add(1);
        }
        Ok(swept)
    }

    async fn depth(&self, now: DateTime<Utc>) -> Result<Vec<Depth>, Error> {
        let mut depths = BTreeMap::<String, Depth>::new();
        for row in self.all(DEPTH, vec![now.into()]).await? {
            let queue: String = row.try_get("", "queue")?;
            let kind: String = row.try_get("", "kind")?;
            let more = u64::try_from(row.try_get::<i64>("", "number")?).unwrap_or(0);
            let depth = depths.entry(queue).or_insert_with_key(|queue| Depth::empty(queue));
            if kind == "ready" {
                let oldest: Option<DateTime<Utc>> = row.try_get("", "oldest")?;
                depth.oldest = depth.oldest.into_iter().chain(oldest).min();
            }
            let number = match kind.as_str() {
                "ready" => &mut depth.ready,
                "scheduled" => &mut depth.scheduled,
                _ => &mut depth.running,
            };
            *number = number.saturating_add(more);
        }
        Ok(depths.into_values().collect())
    }

    async fn purge(&self, queue: &str, now: DateTime<Utc>) -> Result<u64, Error> {
        self.run(PURGE, vec![queue.into(), now.into()]).await
    }

    async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<bool, Error> {
        Ok(self.run(REVOKE, vec![id.into(), now.into()]).await? == 1)
    }

    async fn forget(&self, before: DateTime<Utc>) -> Result<u64, Error> {
        let mut forgotten = 0_u64;
        loop {
            let chunk = self.run(FORGET, vec![before.into(), i64::try_from(CHUNK).unwrap_or(i64::MAX).into()]).await?;
            if chunk == 0 {
                return Ok(forgotten);
            }
            forgotten = forgotten.saturating_add(chunk);
        }
    }

    async fn waiting(&self) -> Result<Vec<Message>, Error> {
        self.all(WAITING, vec![]).await?.iter().map(|row| stored(row).map(|(_, message)| message)).collect()
    }

    async fn take(&self, name: &str) -> Result<Vec<Message>, Error> {
        let rows = self.all(TAKE, vec![name.into()]).await?;
        let mut taken = rows.iter().map(stored).collect::<Result<Vec<_>, Error>>()?;
        taken.sort_unstable_by_key(|(seq, _)| *seq);
        Ok(taken.into_iter().map(|(_, message)| message).collect())
    }

    fn wake(&self) {
        self.wakeups.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn wakeups(&self) -> watch::Receiver<u64> {
        self.wakeups.subscribe()
    }
}

#[async_trait]
impl ResultBackend for DatabaseBroker {
    /// The row of the call keeps its result already: settling wrote it.
    async fn store(&self, _: &[TaskResult]) -> Result<(), Error> {
        Ok(())
    }

    async fn get(&self, id: &str) -> Result<Option<TaskResult>, Error> {
        self.all(FIND, vec![id.into()]).await?.first().map(result).transpose()
    }
}

#[async_trait]
impl BeatStore for DatabaseBroker {
    async fn declare(&self, entries: &[Entry]) -> Result<(), Error> {
        for entry in entries {
            let values = vec![entry.name.as_str().into(), entry.schedule.as_str().into(), entry.next_at.into()];
            self.run(BEAT_DECLARE, values).await?;
        }
        Ok(())
    }

    async fn due(&self) -> Result<Vec<(String, DateTime<Utc>)>, Error> {
        let mut due = Vec::new();
        for row in self.all(BEAT_READ, vec![]).await? {
            if row.try_get("", "enabled")? {
                due.push((row.try_get("", "name")?, row.try_get("", "next_at")?));
            }
        }
        Ok(due)
    }

    async fn fire(&self, fire: &Fire<'_>) -> Result<bool, Error> {
        let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        let transaction = self.db.begin_with_options(options).await?;
        let values = vec![fire.name.into(), fire.due_at.into(), fire.next_at.into(), fire.now.into()];
        let moved = transaction.execute_raw(self.dialect.statement(BEAT_FIRE, values)).await?.rows_affected() == 1;
        if moved {
            insert(&transaction, std::slice::from_ref(fire.message), fire.now).await?;
        }
        transaction.commit().await?;
        Ok(moved)
    }
}

struct Claimed {
    priority: i64,
    delivery: Delivery,
}

impl Claimed {
    fn read(row: &QueryResult) -> Result<Self, Error> {
        let id: String = row.try_get("", "id")?;
        let message: String = row.try_get("", "message")?;
        let message = serde_json::from_str(&message).map_err(|error| Malformed { id, reason: error.to_string() });
        let receipt = Receipt { tag: row.try_get("", "seq")?, fence: row.try_get("", "tries")? };
        let delivery = Delivery { receipt, due_at: row.try_get("", "due_at")?, message };
        Ok(Self { priority: row.try_get("", "priority")?, delivery })
    }
}

fn stored(row: &QueryResult) -> Result<(i64, Message), Error> {
    let message: String = row.try_get("", "message")?;
    match serde_json::from_str(&message) {
        Ok(message) => Ok((row.try_get("", "seq")?, message)),
        Err(error) => Err(Error::Row { row: row.try_get("", "id")?, reason: error.to_string() }),
    }
}

fn result(row: &QueryResult) -> Result<TaskResult, Error> {
    let id: String = row.try_get("", "id")?;
    let broken = |reason: String| Error::Row { row: id.clone(), reason };
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
        id,
    })
}

/// `[[seq, tries], …]`
fn pairs(receipts: &[Receipt]) -> String {
    receipts.iter().map(|receipt| json!([receipt.tag, receipt.fence])).collect::<Value>().to_string()
}

fn ended_row(receipt: Receipt, outcome: &Outcome, now: DateTime<Utc>) -> Result<Value, Error> {
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

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, Database};

    use super::*;

    /// What runs all the time must not grow with the rows that are kept.
    #[tokio::test]
    async fn frequent_statements_use_their_indexes() {
        let db = Database::connect(ConnectOptions::new("sqlite::memory:").max_connections(1).to_owned()).await.unwrap();
        schema::up(&db).await.unwrap();
        let table = [
            (PROMOTE, "celery_task_due_idx"),
            (CLAIM, "celery_task_ready_idx"),
            (SWEEP, "celery_task_lease_idx"),
            (FORGET, "celery_task_finished_idx"),
            (DEPTH, "celery_task_ready_idx"),
            (DEPTH, "celery_task_due_idx"),
            (DEPTH, "celery_task_lease_idx"),
            (EXTEND, "INTEGER PRIMARY KEY"),
            (DONE, "INTEGER PRIMARY KEY"),
            (SETTLE, "INTEGER PRIMARY KEY"),
        ];
        for (statement, index) in table {
            let explain = Statement::from_string(DatabaseBackend::Sqlite, format!("EXPLAIN QUERY PLAN {}", statement.sqlite));
            let plan: Vec<String> = db.query_all_raw(explain).await.unwrap().iter().map(|row| row.try_get("", "detail").unwrap()).collect();
            assert!(plan.iter().any(|step| step.contains(index)), "{index}: {plan:?}");
            let scans = |step: &String| step.starts_with("SCAN") && step.contains("task") && !step.contains("INDEX");
            assert!(!plan.iter().any(scans), "{plan:?}");
        }
    }
}
