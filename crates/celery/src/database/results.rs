//! Results in the database.

use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::Value;

use super::DatabaseBroker;
use super::chords::{Chords, poll};
use super::rows::result;
use super::sql::{Dialect, FIND, FORGET_CHORDS, RESULT_FIND, RESULT_FORGET, RESULT_STORE};
use crate::clock::Clock;
use crate::error::Error;
use crate::results::{Chord, ChordPart, ResultBackend, TaskResult};

/// A broker's own calls: their rows keep the results.
#[async_trait]
impl ResultBackend for DatabaseBroker {
    /// The row of a call keeps its result already: settling wrote it. What is left are calls that
    /// were never sent, because something before them failed: they have no row, and no name here.
    async fn store(&self, results: &[TaskResult]) -> Result<(), Error> {
        for result in results.iter().filter(|result| result.task.is_empty()) {
            keep(&self.db, self.dialect, result).await?;
        }
        Ok(())
    }

    async fn get(&self, id: &str) -> Result<Option<TaskResult>, Error> {
        match self.all(FIND, vec![id.into()]).await?.first() {
            Some(row) => result(row).map(Some),
            None => kept(&self.db, self.dialect, id).await,
        }
    }

    async fn wait(&self, id: &str, patience: Duration) -> Result<Option<TaskResult>, Error> {
        poll(patience, || self.get(id)).await
    }

    async fn begin_chord(&self, group: &str, size: u64, shape: Option<&Value>) -> Result<(), Error> {
        self.chords().begin(group, size, shape).await
    }

    async fn end_part(&self, part: &ChordPart<'_>) -> Result<Chord, Error> {
        self.chords().end_part(part).await
    }

    async fn chord_sent(&self, group: &str, token: &str) -> Result<(), Error> {
        self.chords().sent(group, token).await
    }
}

impl DatabaseBroker {
    fn chords(&self) -> Chords<'_> {
        Chords { db: &self.db, dialect: self.dialect, now: Clock::system().now() }
    }
}

/// Results of calls that another broker carries, in the table `celery_result`. Python's database
/// backend keeps pickles, which nothing but Python reads; this keeps the same JSON as on Redis.
#[derive(Clone, Debug)]
pub struct DatabaseResults {
    db: DatabaseConnection,
    dialect: Dialect,
    clock: Clock,
}

impl DatabaseResults {
    /// Results on a connection that may write. The tables must be there: [`schema::up`](super::schema::up).
    ///
    /// # Errors
    /// [`Error::Unsupported`] unless it is SQLite or PostgreSQL.
    pub fn new(db: DatabaseConnection, clock: Clock) -> Result<Self, Error> {
        let dialect = Dialect::of(&db)?;
        Ok(Self { db, dialect, clock })
    }

    /// Forgets what ended longer than `retention` ago.
    pub async fn forget(&self, retention: Duration) -> Result<u64, Error> {
        let retention = chrono::Duration::from_std(retention).unwrap_or(chrono::Duration::MAX);
        let Some(before) = self.clock.now().checked_sub_signed(retention) else { return Ok(0) };
        self.db.execute_raw(self.dialect.statement(FORGET_CHORDS, vec![before.into()])).await?;
        Ok(self.db.execute_raw(self.dialect.statement(RESULT_FORGET, vec![before.into()])).await?.rows_affected())
    }

    fn chords(&self) -> Chords<'_> {
        Chords { db: &self.db, dialect: self.dialect, now: self.clock.now() }
    }
}

/// Writes a row of `celery_result`.
async fn keep(db: &DatabaseConnection, dialect: Dialect, result: &TaskResult) -> Result<(), Error> {
    let values = vec![result.id.as_str().into(), result.to_meta().to_string().into(), result.finished_at.into()];
    db.execute_raw(dialect.statement(RESULT_STORE, values)).await?;
    Ok(())
}

/// Reads a row of `celery_result`.
async fn kept(db: &DatabaseConnection, dialect: Dialect, id: &str) -> Result<Option<TaskResult>, Error> {
    let Some(row) = db.query_one_raw(dialect.statement(RESULT_FIND, vec![id.into()])).await? else { return Ok(None) };
    let meta: String = row.try_get("", "meta")?;
    let meta = serde_json::from_str(&meta).map_err(|error| Error::Row { row: id.to_owned(), reason: error.to_string() })?;
    Ok(Some(TaskResult::of_meta(id, &meta)))
}

#[async_trait]
impl ResultBackend for DatabaseResults {
    async fn store(&self, results: &[TaskResult]) -> Result<(), Error> {
        for result in results {
            keep(&self.db, self.dialect, result).await?;
        }
        Ok(())
    }

    async fn get(&self, id: &str) -> Result<Option<TaskResult>, Error> {
        kept(&self.db, self.dialect, id).await
    }

    async fn wait(&self, id: &str, patience: Duration) -> Result<Option<TaskResult>, Error> {
        poll(patience, || self.get(id)).await
    }

    async fn begin_chord(&self, group: &str, size: u64, shape: Option<&Value>) -> Result<(), Error> {
        self.chords().begin(group, size, shape).await
    }

    async fn end_part(&self, part: &ChordPart<'_>) -> Result<Chord, Error> {
        self.chords().end_part(part).await
    }

    async fn chord_sent(&self, group: &str, token: &str) -> Result<(), Error> {
        self.chords().sent(group, token).await
    }
}
