//! The broker that needs nothing but the application's database: SQLite or PostgreSQL.
//!
//! All SQL of the library stands in `sql.rs`. The tables: `celery_task`, one row a call from its
//! sending to the end of its retention; `celery_beat`, one row a schedule entry; `celery_chord` and
//! `celery_chord_part` for chords under way; `celery_result` for results of calls that have no
//! row: those that another broker carries, and those that were never sent; `celery_bus` for remote
//! control and events, one row a message, forgotten after minutes.
//!
//! What always holds:
//! * every change of a row is one guarded statement; nothing is read first and written then;
//! * `tries` grows with each claim and fences: only the latest claim can settle or extend;
//! * lists travel as one JSON parameter, so a statement's text never depends on how many there are
//!   and stays prepared.

mod beat;
mod bus;
mod chords;
pub mod history;
mod results;
mod rows;
pub mod schema;
mod sql;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, QueryResult, SqliteTransactionMode, TransactionOptions, TransactionTrait as _, Value as Sql,
};
use serde_json::Value;
use tokio::sync::watch;

pub use self::bus::DatabaseBus;
pub use self::results::DatabaseResults;
pub(crate) use self::rows::insert;
use self::rows::{CHUNK, Claimed, ended_row, pairs, stored};
use self::sql::{
    ACKNOWLEDGE, CLAIM, DEPTH, DONE, Dialect, EXTEND, FORGET, FORGET_CHORDS, PROMOTE, PURGE, RESULT_FORGET, REVOKE, SETTLE, SWEEP, TAKE,
    Two, WAITING,
};
use crate::broker::{Bell, Broker, Claim, Delivery, Depth, Outcome, Receipt, Settlement, Swept};
use crate::clock::later;
use crate::error::Error;
use crate::message::Message;
use crate::results::State;

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

    async fn settle_on(&self, connection: &impl ConnectionTrait, settlements: &[Settlement], now: DateTime<Utc>) -> Result<(), Error> {
        let mut done = Vec::new();
        let mut rest = Vec::new();
        for settlement in settlements {
            match &settlement.outcome {
                Outcome::Done(None) => done.push(settlement.receipt),
                other => rest.push(ended_row(settlement.receipt, other, now)?),
            }
        }
        for chunk in done.chunks(CHUNK) {
            connection.execute_raw(self.dialect.statement(DONE, vec![pairs(chunk).into(), now.into()])).await?;
        }
        for chunk in rest.chunks(CHUNK) {
            connection.execute_raw(self.dialect.statement(SETTLE, vec![Value::from(chunk.to_vec()).to_string().into()])).await?;
        }
        Ok(())
    }
}

/// A transaction that may write, also on SQLite.
pub(super) fn immediate() -> TransactionOptions {
    TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() }
}

#[async_trait]
impl Broker for DatabaseBroker {
    fn kind(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgresql",
        }
    }

    fn address(&self) -> String {
        format!("{}://", self.kind())
    }

    fn keeps_time(&self) -> bool {
        true
    }

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

    async fn extend(&self, receipts: &[Receipt], now: DateTime<Utc>, lease: Duration) -> Result<Vec<Receipt>, Error> {
        let mut lost: BTreeSet<Receipt> = receipts.iter().copied().collect();
        for chunk in receipts.chunks(CHUNK) {
            for row in self.all(EXTEND, vec![pairs(chunk).into(), later(now, lease).into()]).await? {
                lost.remove(&Receipt { tag: row.try_get_by_index(0)?, fence: row.try_get_by_index(1)? });
            }
        }
        Ok(lost.into_iter().collect())
    }

    async fn acknowledge(&self, receipts: &[Receipt]) -> Result<Vec<Receipt>, Error> {
        let mut lost: BTreeSet<Receipt> = receipts.iter().copied().collect();
        for chunk in receipts.chunks(CHUNK) {
            for row in self.all(ACKNOWLEDGE, vec![pairs(chunk).into()]).await? {
                lost.remove(&Receipt { tag: row.try_get_by_index(0)?, fence: row.try_get_by_index(1)? });
            }
        }
        Ok(lost.into_iter().collect())
    }

    async fn settle(&self, settlements: &[Settlement], now: DateTime<Utc>) -> Result<(), Error> {
        let then: Vec<Message> = settlements.iter().flat_map(|settlement| settlement.then.iter().cloned()).collect();
        if then.is_empty() {
            return self.settle_on(&self.db, settlements, now).await;
        }
        let transaction = self.db.begin_with_options(immediate()).await?;
        insert(&transaction, &then, now).await?;
        self.settle_on(&transaction, settlements, now).await?;
        transaction.commit().await?;
        self.wake();
        Ok(())
    }

    async fn sweep(&self, now: DateTime<Utc>, _: Duration, max_deliveries: u32) -> Result<Swept, Error> {
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

    async fn depth(&self, queues: &[String], now: DateTime<Utc>) -> Result<Vec<Depth>, Error> {
        let mut depths = BTreeMap::<String, Depth>::new();
        for row in self.all(DEPTH, vec![now.into()]).await? {
            let queue: String = row.try_get("", "queue")?;
            if !queues.is_empty() && !queues.contains(&queue) {
                continue;
            }
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
        self.run(FORGET_CHORDS, vec![before.into()]).await?;
        self.run(RESULT_FORGET, vec![before.into()]).await?;
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

    fn bell(&self) -> Box<dyn Bell> {
        Box::new(Wakeups(self.wakeups.subscribe()))
    }

    fn wake(&self) {
        self.wakeups.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Rings for what this process sends; what others send is found by the poll.
#[derive(Debug)]
struct Wakeups(watch::Receiver<u64>);

#[async_trait]
impl Bell for Wakeups {
    fn hush(&mut self) {
        self.0.mark_unchanged();
    }

    async fn rung(&mut self, _: &[String]) {
        if self.0.changed().await.is_err() {
            // Nobody is left who could send from this process.
            std::future::pending::<()>().await;
        }
    }
}
