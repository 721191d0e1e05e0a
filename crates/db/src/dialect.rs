//! All that differs between SQLite and PostgreSQL.

use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement};

use crate::Databases;

/// The lock that the relay holds while it numbers events.
pub const RELAY_LOCK: i64 = 0x7a68_6767_0001;
/// The lock that a migration holds.
pub const MIGRATION_LOCK: i64 = 0x7a68_6767_0002;
/// The lock of whoever writes what a shop begins with.
pub const FIRST_ROWS_LOCK: i64 = 0x7a68_6767_0003;

/// Tells other nodes that something was committed, once this transaction is.
/// SQLite has no other nodes.
///
/// # Errors
/// If the database fails.
pub async fn notify(tx: &DatabaseTransaction, channel: &str) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, '')", [channel.into()]);
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// Takes a lock until the transaction ends, if nobody holds it. On SQLite the
/// transaction itself is the lock.
///
/// # Errors
/// If the database fails.
pub async fn try_lock(tx: &DatabaseTransaction, lock: i64) -> Result<bool, DbErr> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_try_advisory_xact_lock($1) AS locked", [lock.into()]);
    let row = tx.query_one_raw(statement).await?;
    row.map_or(Ok(false), |row| row.try_get("", "locked"))
}

/// Wakes when another node committed.
pub struct Listener(Option<PgListener>);

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Listener").field(&self.0.is_some()).finish()
    }
}

/// Listens on a channel. Never wakes on SQLite, nor where PostgreSQL refuses: then
/// the caller's own polling finds what is new.
pub async fn listen(databases: &Databases, channel: &str) -> Listener {
    if databases.write.get_database_backend() != DbBackend::Postgres {
        return Listener(None);
    }
    let listening = async {
        let mut listener = PgListener::connect_with(databases.write.get_postgres_connection_pool()).await?;
        listener.listen(channel).await?;
        Ok::<_, sea_orm::sqlx::Error>(listener)
    };
    match listening.await {
        Ok(listener) => Listener(Some(listener)),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "other nodes' commits are found by polling");
            Listener(None)
        }
    }
}

impl Listener {
    /// Resolves when somebody notified the channel. A lost connection is made anew
    /// by the driver, and counts as news: something may have been missed.
    pub async fn woken(&mut self) {
        match &mut self.0 {
            Some(listener) => {
                if listener.recv().await.is_err() {
                    tracing::warn!("the connection that listens for other nodes was lost");
                    self.0 = None;
                }
            }
            None => std::future::pending().await,
        }
    }
}

/// Makes a table append-only: a trigger refuses every UPDATE and DELETE.
///
/// # Errors
/// If the database fails.
pub async fn append_only(db: &impl ConnectionTrait, table: &str) -> Result<(), DbErr> {
    guard(db, table, &[]).await
}

/// As [`append_only`], but some columns may change: a seal that comes later, values
/// that the law wants erased.
///
/// # Errors
/// If the database fails.
pub async fn append_only_but(db: &impl ConnectionTrait, table: &str, fixed: &[&str]) -> Result<(), DbErr> {
    guard(db, table, fixed).await
}

/// `fixed` are the columns that never change; none means that no column does.
async fn guard(db: &impl ConnectionTrait, table: &str, fixed: &[&str]) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => {
            let changed = fixed.iter().map(|column| format!("NEW.{column} IS DISTINCT FROM OLD.{column}")).collect::<Vec<_>>().join(" OR ");
            // In two steps: in a DELETE there is no NEW to look at.
            let body = if fixed.is_empty() {
                "RAISE EXCEPTION 'append_only';".to_owned()
            } else {
                format!(
                    "IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'append_only'; END IF; IF {changed} THEN RAISE EXCEPTION 'append_only'; END IF; RETURN NEW;"
                )
            };
            db.execute_unprepared(&format!(
                "CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
            ))
            .await?;
            db.execute_unprepared(&format!(
                "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
            ))
            .await?;
        }
        _ => {
            let of = if fixed.is_empty() { String::new() } else { format!(" OF {}", fixed.join(", ")) };
            db.execute_unprepared(&format!(
                "CREATE TRIGGER {table}_no_update BEFORE UPDATE{of} ON {table} BEGIN SELECT RAISE(ABORT, 'append_only'); END"
            ))
            .await?;
            db.execute_unprepared(&format!(
                "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'append_only'); END"
            ))
            .await?;
        }
    }
    Ok(())
}

/// A partial unique index: unique among the rows where a boolean column holds.
///
/// # Errors
/// If the database fails.
pub async fn unique_where(db: &impl ConnectionTrait, name: &str, table: &str, columns: &str, holds: &str) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("CREATE UNIQUE INDEX {name} ON {table} ({columns}) WHERE {holds}")).await?;
    Ok(())
}

/// Of an order more is kept than is due: nothing is due of a cancelled one. A
/// partial index serves it only where a query says it in these very words.
pub const TO_REFUND: &str = "paid_minor - refunded_minor > case when state = 'cancelled' then 0 else total_minor end";

/// A partial index: of the rows for which a condition holds.
///
/// # Errors
/// If the database fails.
pub async fn index_where(db: &impl ConnectionTrait, name: &str, table: &str, columns: &str, holds: &str) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("CREATE INDEX {name} ON {table} ({columns}) WHERE {holds}")).await?;
    Ok(())
}

/// The size of the database on disk, in bytes.
///
/// # Errors
/// If the database fails.
pub async fn size(db: &DatabaseConnection) -> Result<i64, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT pg_database_size(current_database()) AS size",
        _ => "SELECT page_count * page_size AS size FROM pragma_page_count(), pragma_page_size()",
    };
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await?;
    row.map_or(Ok(0), |row| row.try_get("", "size"))
}

/// A lock that nobody else holds while this lives; ended by [`Locked::give_back`].
#[derive(Debug)]
pub struct Locked(Option<DatabaseTransaction>);

impl Locked {
    /// Takes a lock, waiting for it. On SQLite there is nothing to take: each
    /// migration holds the write lock.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn take(db: &DatabaseConnection, lock: i64) -> Result<Self, DbErr> {
        if db.get_database_backend() != DbBackend::Postgres {
            return Ok(Self(None));
        }
        let tx = sea_orm::TransactionTrait::begin_with_options(db, sea_orm::TransactionOptions::default()).await?;
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock($1)", [lock.into()])).await?;
        Ok(Self(Some(tx)))
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn give_back(self) -> Result<(), DbErr> {
        match self.0 {
            Some(tx) => tx.commit().await,
            None => Ok(()),
        }
    }
}
