//! Connecting: a pool for writing, and one for reading that refuses writes.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

use crate::settling::Settling;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not a URL of a database that this program knows.
    #[error("`{0}` is no database: it begins with `sqlite:` and a path, or with `postgres://`")]
    Scheme(String),
    /// A database in memory would be gone with its connection.
    #[error("a SQLite database in memory can't be shared by connections: give a path")]
    Memory,
    /// The file's folder can't be made.
    #[error("the folder of {path} can't be made")]
    Folder {
        /// The database file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database is not there, or refuses.
    #[error("the database can't be reached")]
    Database(#[from] DbErr),
}

/// How to connect.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Connections for reading, and on PostgreSQL as many for writing.
    pub connections: u32,
    /// How long to wait for a free one.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 8, patience: Duration::from_secs(8) }
    }
}

/// SQLite's first looks for a lock are at most so far apart (`sqliteDefaultBusyCallback`).
const ROOM: Duration = Duration::from_millis(25);

/// The two pools.
#[derive(Clone, Debug)]
pub struct Databases {
    /// For writing. On SQLite one connection: writers queue here.
    pub write: DatabaseConnection,
    /// For reading: the database refuses writes through it.
    pub read: DatabaseConnection,
    /// For writes that a power cut may undo. SQLite has one connection for all writes.
    relaxed: DatabaseConnection,
    /// On SQLite commits are brought to the disk together, outside the write lock.
    settling: Option<Arc<Settling>>,
}

impl Databases {
    /// Begins a write transaction: on SQLite with the write lock from the start,
    /// so that it never fails halfway for another writer.
    ///
    /// # Errors
    /// If no connection is free in time.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        begin(&self.write).await
    }

    /// Begins a write transaction whose last moments a power cut may undo; a crash of the
    /// program, or of a node, undoes nothing. For what somebody can simply do again.
    ///
    /// # Errors
    /// If no connection is free in time.
    pub async fn begin_relaxed(&self) -> Result<DatabaseTransaction, DbErr> {
        begin(&self.relaxed).await
    }

    /// Waits until all that was committed before is on the disk. PostgreSQL has seen to it
    /// at the commit. On SQLite many who wait share one synchronisation.
    ///
    /// # Errors
    /// If the disk fails: then a power cut may undo what was committed.
    pub async fn settle(&self) -> Result<(), DbErr> {
        match &self.settling {
            Some(settling) => settling.settle().await,
            None => Ok(()),
        }
    }

    /// One instant of the whole database, to read at leisure while others write.
    ///
    /// # Errors
    /// If no connection is free in time.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = match self.read.get_database_backend() {
            // A reader of SQLite sees the instant at which it began to read.
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            },
        };
        self.read.begin_with_options(options).await
    }

    /// After much was written: PostgreSQL counts its tables anew and drops the plans that it
    /// made when they were small. It would do so by itself within minutes, which is late in
    /// the middle of an import. SQLite plans without counting.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn recount(&self) -> Result<(), DbErr> {
        if self.write.get_database_backend() == DbBackend::Postgres {
            self.write.execute_unprepared("ANALYZE").await?;
        }
        Ok(())
    }

    /// Between two batches of a long job: leaves the write lock to others for a moment. On
    /// SQLite another process that waits for the lock only looks now and then, and would
    /// miss it between two transactions that follow each other at once.
    #[expect(clippy::disallowed_methods, reason = "nothing tells that another process waits")]
    pub async fn make_room(&self) {
        if self.write.get_database_backend() == DbBackend::Sqlite {
            tokio::time::sleep(ROOM).await;
        }
    }

    /// Which database it is: for messages, never for decisions.
    pub fn name(&self) -> &'static str {
        match self.write.get_database_backend() {
            DbBackend::Sqlite => "SQLite",
            _ => "PostgreSQL",
        }
    }

    /// Closes both pools; SQLite folds its log into the file.
    ///
    /// # Errors
    /// If the database fails meanwhile.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.relaxed.close().await?;
        self.write.close().await
    }
}

async fn begin(pool: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    pool.begin_with_options(options).await
}

/// Is this the URL of a database, as far as one can tell without connecting?
///
/// # Errors
/// [`ConnectError::Scheme`], [`ConnectError::Memory`].
pub fn check_url(url: &str) -> Result<(), ConnectError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return if path.is_empty() || path.contains(":memory:") { Err(ConnectError::Memory) } else { Ok(()) };
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return PgConnectOptions::from_str(url).map(|_| ()).map_err(|_| ConnectError::Scheme("postgres".to_owned()));
    }
    Err(ConnectError::Scheme(url.split(':').next().unwrap_or_default().to_owned()))
}

/// Connects to `sqlite:PATH` or `postgres://…`.
///
/// # Errors
/// [`ConnectError`].
pub async fn connect(url: &str, options: Options) -> Result<Databases, ConnectError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        return sqlite(path.strip_prefix("//").unwrap_or(path), options).await;
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return postgres(url, options).await;
    }
    Err(ConnectError::Scheme(url.split(':').next().unwrap_or_default().to_owned()))
}

async fn sqlite(path: &str, options: Options) -> Result<Databases, ConnectError> {
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() || path.contains(":memory:") {
        return Err(ConnectError::Memory);
    }
    let file = PathBuf::from(path);
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| ConnectError::Folder { path: file.clone(), source })?;
    }
    let url = format!("sqlite:{path}?mode=rwc");
    let tuned = |options: SqliteConnectOptions| {
        options
            .journal_mode(SqliteJournalMode::Wal)
            // The log is brought to the disk by `settle`.
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("cache_size", "-8000")
            .pragma("temp_store", "MEMORY")
    };
    let mut write = pool(&url, 1, options.patience);
    write.map_sqlx_sqlite_opts(tuned);
    let write = Database::connect(write).await?;
    let mut read = pool(&url, options.connections, options.patience);
    read.map_sqlx_sqlite_opts(move |options| tuned(options).pragma("query_only", "ON"));
    let settling = Settling::new(PathBuf::from(format!("{path}-wal")));
    Ok(Databases { relaxed: write.clone(), write, read: Database::connect(read).await?, settling: Some(Arc::new(settling)) })
}

async fn postgres(url: &str, options: Options) -> Result<Databases, ConnectError> {
    // Refused here with a clear error rather than deep in the driver.
    PgConnectOptions::from_str(url).map_err(|_| ConnectError::Scheme("postgres".to_owned()))?;
    let write = Database::connect(pool(url, options.connections, options.patience)).await?;
    let mut relaxed = pool(url, options.connections, options.patience);
    relaxed.map_sqlx_postgres_opts(|options| options.options([("synchronous_commit", "off")]));
    let relaxed = Database::connect(relaxed).await?;
    let mut read = pool(url, options.connections, options.patience);
    read.map_sqlx_postgres_opts(|options| options.options([("default_transaction_read_only", "on")]));
    Ok(Databases { write, relaxed, read: Database::connect(read).await?, settling: None })
}

fn pool(url: &str, connections: u32, patience: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).acquire_timeout(patience).sqlx_logging(false).test_before_acquire(false);
    options
}
