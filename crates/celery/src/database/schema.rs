//! The tables.

use sea_orm::ConnectionTrait;

use super::sql::Dialect;
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
    for statement in [
        "DROP TABLE IF EXISTS celery_task",
        "DROP TABLE IF EXISTS celery_beat",
        "DROP TABLE IF EXISTS celery_chord_part",
        "DROP TABLE IF EXISTS celery_chord",
        "DROP TABLE IF EXISTS celery_result",
        "DROP TABLE IF EXISTS celery_bus",
    ] {
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
    "CREATE TABLE IF NOT EXISTS celery_chord (
        group_id TEXT PRIMARY KEY NOT NULL,
        size INTEGER NOT NULL,
        shape TEXT,
        token TEXT,
        claimed_at TEXT,
        sent BOOLEAN NOT NULL DEFAULT FALSE,
        created_at TEXT NOT NULL
    )",
    "CREATE TABLE IF NOT EXISTS celery_chord_part (
        group_id TEXT NOT NULL REFERENCES celery_chord (group_id) ON DELETE CASCADE,
        task_id TEXT NOT NULL,
        place INTEGER NOT NULL,
        state TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (group_id, task_id, place)
    )",
    "CREATE TABLE IF NOT EXISTS celery_result (
        id TEXT PRIMARY KEY NOT NULL,
        meta TEXT NOT NULL,
        finished_at TEXT
    )",
    "CREATE TABLE IF NOT EXISTS celery_bus (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CONSTRAINT celery_bus_kind_check CHECK (kind IN ('command', 'reply', 'event')),
        address TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at TEXT NOT NULL
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
    "CREATE TABLE IF NOT EXISTS celery_chord (
        group_id TEXT PRIMARY KEY NOT NULL,
        size BIGINT NOT NULL,
        shape TEXT,
        token TEXT,
        claimed_at TIMESTAMPTZ,
        sent BOOLEAN NOT NULL DEFAULT FALSE,
        created_at TIMESTAMPTZ NOT NULL
    )",
    "CREATE TABLE IF NOT EXISTS celery_chord_part (
        group_id TEXT NOT NULL REFERENCES celery_chord (group_id) ON DELETE CASCADE,
        task_id TEXT NOT NULL,
        place BIGINT NOT NULL,
        state TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (group_id, task_id, place)
    )",
    "CREATE TABLE IF NOT EXISTS celery_result (
        id TEXT PRIMARY KEY NOT NULL,
        meta TEXT NOT NULL,
        finished_at TIMESTAMPTZ
    )",
    "CREATE TABLE IF NOT EXISTS celery_bus (
        seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind TEXT NOT NULL CONSTRAINT celery_bus_kind_check CHECK (kind IN ('command', 'reply', 'event')),
        address TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL
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
    // what is new to one who listens
    "CREATE INDEX IF NOT EXISTS celery_bus_kind_idx ON celery_bus (kind, address, seq)",
    // what is forgotten after minutes
    "CREATE INDEX IF NOT EXISTS celery_bus_created_idx ON celery_bus (created_at)",
];
