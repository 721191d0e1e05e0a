//! All SQL of the library, in both dialects.

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement, Value as Sql};

use crate::error::Error;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// One statement in both dialects.
#[derive(Clone, Copy)]
pub(crate) struct Two {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl Two {
    pub(crate) const fn same(sql: &'static str) -> Self {
        Self { sqlite: sql, postgres: sql }
    }
}

impl Dialect {
    pub(crate) fn of(connection: &impl ConnectionTrait) -> Result<Self, Error> {
        match connection.get_database_backend() {
            DatabaseBackend::Sqlite => Ok(Self::Sqlite),
            DatabaseBackend::Postgres => Ok(Self::Postgres),
            other => Err(Error::Unsupported(format!("{other:?}"))),
        }
    }

    pub(crate) fn statement(self, sql: Two, values: Vec<Sql>) -> Statement {
        match self {
            Self::Sqlite => Statement::from_sql_and_values(DatabaseBackend::Sqlite, sql.sqlite, values),
            Self::Postgres => Statement::from_sql_and_values(DatabaseBackend::Postgres, sql.postgres, values),
        }
    }
}

// `WHERE true` parts SQLite's ON CONFLICT from a join's ON.
pub(crate) const INSERT: Two = Two {
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

pub(crate) const PROMOTE: Two = Two::same("UPDATE celery_task SET ready = TRUE WHERE state = 'pending' AND NOT ready AND due_at <= $1");

pub(crate) const CLAIM: Two = Two {
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

pub(crate) const EXTEND: Two = Two {
    sqlite: "UPDATE celery_task AS task SET lease_until = $2 FROM json_each($1) AS held
        WHERE task.seq = held.value ->> 0 AND task.tries = held.value ->> 1 AND task.state = 'running'
        RETURNING seq, tries",
    postgres: "UPDATE celery_task AS task SET lease_until = $2 FROM json_array_elements($1::json) AS held
        WHERE task.seq = (held ->> 0)::bigint AND task.tries = (held ->> 1)::bigint AND task.state = 'running'
        RETURNING task.seq, task.tries",
};

pub(crate) const ACKNOWLEDGE: Two = Two {
    sqlite: "UPDATE celery_task AS task SET acked = TRUE FROM json_each($1) AS held
        WHERE task.seq = held.value ->> 0 AND task.tries = held.value ->> 1 AND task.state = 'running'
        RETURNING seq, tries",
    postgres: "UPDATE celery_task AS task SET acked = TRUE FROM json_array_elements($1::json) AS held
        WHERE task.seq = (held ->> 0)::bigint AND task.tries = (held ->> 1)::bigint AND task.state = 'running'
        RETURNING task.seq, task.tries",
};

// The common case, well and with nothing to keep, apart: the row stays small and the JSON short.
pub(crate) const DONE: Two = Two {
    sqlite: "UPDATE celery_task AS task SET state = 'done', finished_at = $2, lease_until = NULL,
            error_kind = NULL, error = NULL, traceback = NULL
        FROM json_each($1) AS held
        WHERE task.seq = held.value ->> 0 AND task.tries = held.value ->> 1 AND task.state = 'running'",
    postgres: "UPDATE celery_task AS task SET state = 'done', finished_at = $2, lease_until = NULL,
            error_kind = NULL, error = NULL, traceback = NULL
        FROM json_array_elements($1::json) AS held
        WHERE task.seq = (held ->> 0)::bigint AND task.tries = (held ->> 1)::bigint AND task.state = 'running'",
};

pub(crate) const SETTLE: Two = Two {
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
pub(crate) const SWEEP: Two = Two::same(
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
pub(crate) const DEPTH: Two = Two::same(
    "SELECT queue, 'ready' AS kind, count(*) AS number, min(due_at) AS oldest
        FROM celery_task WHERE state = 'pending' AND ready GROUP BY queue
    UNION ALL
    SELECT queue, CASE WHEN due_at <= $1 THEN 'ready' ELSE 'scheduled' END AS kind, count(*) AS number, min(due_at) AS oldest
        FROM celery_task WHERE state = 'pending' AND NOT ready GROUP BY 1, 2
    UNION ALL
    SELECT queue, 'running' AS kind, count(*) AS number, min(due_at) AS oldest
        FROM celery_task WHERE state = 'running' GROUP BY queue",
);

pub(crate) const PURGE: Two = Two::same(
    "UPDATE celery_task SET state = 'revoked', error_kind = 'TaskRevokedError', error = 'purged', finished_at = $2
    WHERE state = 'pending' AND queue = $1",
);

pub(crate) const REVOKE: Two = Two::same(
    "UPDATE celery_task SET state = 'revoked', error_kind = 'TaskRevokedError', error = 'revoked', finished_at = $2
    WHERE state = 'pending' AND id = $1",
);

pub(crate) const FORGET: Two = Two::same(
    "DELETE FROM celery_task WHERE seq IN
        (SELECT seq FROM celery_task WHERE finished_at IS NOT NULL AND finished_at < $1 ORDER BY finished_at LIMIT $2)",
);

pub(crate) const WAITING: Two = Two::same("SELECT seq, id, message FROM celery_task WHERE state = 'pending' ORDER BY seq");

pub(crate) const TAKE: Two = Two::same("DELETE FROM celery_task WHERE state = 'pending' AND name = $1 RETURNING seq, id, message");

pub(crate) const FIND: Two = Two::same(
    "SELECT id, name, state, result, error_kind, error, traceback, retries, tries, finished_at
    FROM celery_task WHERE id = $1",
);

// An entry keeps its next time as long as its schedule reads the same.
/// A call's row, without its message.
macro_rules! call_columns {
    () => {
        "seq, id, name, queue, priority, state, retries, tries, worker, due_at, created_at, started_at, finished_at, error_kind, error"
    };
}

pub(crate) const CALLS: Two = Two {
    sqlite: concat!(
        "SELECT ",
        call_columns!(),
        " FROM celery_task
        WHERE ($1 IS NULL OR state IN (SELECT value FROM json_each($1))) AND ($2 IS NULL OR name = $2)
            AND ($3 IS NULL OR queue = $3) AND ($4 IS NULL OR created_at >= $4) AND ($5 IS NULL OR created_at < $5)
            AND seq < $6
        ORDER BY seq DESC LIMIT $7"
    ),
    postgres: concat!(
        "SELECT ",
        call_columns!(),
        " FROM celery_task
        WHERE ($1::text IS NULL OR state IN (SELECT json_array_elements_text($1::json))) AND ($2::text IS NULL OR name = $2)
            AND ($3::text IS NULL OR queue = $3) AND ($4::text IS NULL OR created_at >= $4::timestamptz)
            AND ($5::text IS NULL OR created_at < $5::timestamptz) AND seq < $6
        ORDER BY seq DESC LIMIT $7"
    ),
};

pub(crate) const CALL: Two = Two::same(concat!("SELECT ", call_columns!(), ", message, result, traceback FROM celery_task WHERE id = $1"));

pub(crate) const CALL_RETRY_ROW: Two =
    Two::same("SELECT seq, id, tries, message FROM celery_task WHERE id = $1 AND state IN ('failed', 'revoked', 'poison')");

pub(crate) const CALL_AGAIN: Two = Two::same(
    "UPDATE celery_task SET state = 'pending', ready = TRUE, due_at = $4, message = $3, retries = 0, lost = 0, acked = FALSE,
        worker = NULL, lease_until = NULL, started_at = NULL, finished_at = NULL, result = NULL, error_kind = NULL, error = NULL,
        traceback = NULL
    WHERE seq = $1 AND tries = $2 AND state IN ('failed', 'revoked', 'poison')",
);

pub(crate) const RATES: Two = Two {
    sqlite: "SELECT CAST(strftime('%s', finished_at) AS INTEGER) / 60 AS minute, state, count(*) AS number FROM celery_task
        WHERE finished_at >= $1 GROUP BY 1, 2 ORDER BY 1",
    postgres: "SELECT floor(extract(epoch FROM finished_at) / 60)::bigint AS minute, state, count(*) AS number FROM celery_task
        WHERE finished_at >= $1 GROUP BY 1, 2 ORDER BY 1",
};

pub(crate) const BEAT_DECLARE: Two = Two::same(
    "INSERT INTO celery_beat (name, schedule, next_at) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET schedule = excluded.schedule, next_at = excluded.next_at
    WHERE celery_beat.schedule <> excluded.schedule",
);

pub(crate) const BEAT_READ: Two = Two::same("SELECT name, enabled, next_at FROM celery_beat ORDER BY name");

// The guard that makes one beat among many fire: whoever moves `next_at` first.
pub(crate) const BEAT_FIRE: Two = Two::same(
    "UPDATE celery_beat SET next_at = $3, last_at = $4, runs = runs + 1
    WHERE name = $1 AND next_at = $2 AND enabled",
);

pub(crate) const BEAT_LIST: Two = Two::same("SELECT name, schedule, enabled, next_at, last_at, runs FROM celery_beat ORDER BY name");

pub(crate) const BEAT_SWITCH: Two = Two {
    sqlite: "UPDATE celery_beat SET enabled = $2, next_at = coalesce($3, next_at) WHERE name = $1",
    postgres: "UPDATE celery_beat SET enabled = $2, next_at = coalesce($3::timestamptz, next_at) WHERE name = $1",
};

pub(crate) const CHORD_BEGIN: Two =
    Two::same("INSERT INTO celery_chord (group_id, size, shape, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (group_id) DO NOTHING");

pub(crate) const CHORD_PART: Two = Two::same(
    "INSERT INTO celery_chord_part (group_id, task_id, place, state, value)
    SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT 1 FROM celery_chord WHERE group_id = $1 AND NOT sent)
    ON CONFLICT (group_id, task_id, place) DO NOTHING",
);

// One among many sends the body. Who claimed and was lost is replaced when its part comes again.
pub(crate) const CHORD_CLAIM: Two = Two::same(
    "UPDATE celery_chord SET token = $2, claimed_at = $3
    WHERE group_id = $1 AND NOT sent AND (token IS NULL OR token = $2 OR claimed_at < $4)
        AND size <= (SELECT count(*) FROM celery_chord_part WHERE group_id = $1)
    RETURNING shape",
);

pub(crate) const CHORD_PARTS: Two =
    Two::same("SELECT task_id, state, value FROM celery_chord_part WHERE group_id = $1 ORDER BY place, task_id");

pub(crate) const CHORD_SENT: Two = Two::same("UPDATE celery_chord SET sent = TRUE WHERE group_id = $1 AND token = $2");

pub(crate) const CHORD_CLEAR: Two = Two::same("DELETE FROM celery_chord_part WHERE group_id = $1");

pub(crate) const FORGET_CHORDS: Two = Two::same("DELETE FROM celery_chord WHERE created_at < $1");

// Nothing overwrites a success; and that a call was revoked overwrites no other end of it.
pub(crate) const RESULT_STORE: Two = Two {
    sqlite: "INSERT INTO celery_result (id, meta, finished_at) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET meta = excluded.meta, finished_at = excluded.finished_at
        WHERE celery_result.meta ->> 'status' <> 'SUCCESS'
            AND (celery_result.finished_at IS NULL OR excluded.meta ->> 'status' <> 'REVOKED')",
    postgres: "INSERT INTO celery_result (id, meta, finished_at) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET meta = excluded.meta, finished_at = excluded.finished_at
        WHERE celery_result.meta::json ->> 'status' <> 'SUCCESS'
            AND (celery_result.finished_at IS NULL OR excluded.meta::json ->> 'status' <> 'REVOKED')",
};

pub(crate) const RESULT_FIND: Two = Two::same("SELECT meta FROM celery_result WHERE id = $1");

pub(crate) const RESULT_FORGET: Two = Two::same("DELETE FROM celery_result WHERE finished_at < $1");

pub(crate) const BUS_ADD: Two = Two {
    sqlite: "INSERT INTO celery_bus (kind, address, body, created_at)
        SELECT value ->> 'kind', value ->> 'address', value ->> 'body', value ->> 'created_at' FROM json_each($1) ORDER BY key",
    postgres: "INSERT INTO celery_bus (kind, address, body, created_at)
        SELECT kind, address, body, created_at
        FROM json_to_recordset($1::json) AS new (kind text, address text, body text, created_at timestamptz)",
};

pub(crate) const BUS_LAST: Two = Two::same("SELECT max(seq) FROM celery_bus");

pub(crate) const BUS_READ: Two = Two::same("SELECT seq, body FROM celery_bus WHERE kind = $1 AND address = $2 AND $3 < seq ORDER BY seq");

pub(crate) const BUS_FORGET: Two = Two::same("DELETE FROM celery_bus WHERE created_at < $1");

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, Database};

    use super::super::schema;
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
            (BUS_READ, "celery_bus_kind_idx"),
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
