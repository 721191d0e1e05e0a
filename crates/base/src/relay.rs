//! The relay: after each commit it numbers events, seals the security log and
//! tells the sockets.
//!
//! Numbers are given here, after the commit, by one relay at a time (an advisory
//! lock on PostgreSQL, the single writer on SQLite). So numbers appear in order:
//! who has read 105 has missed nothing below it.

use std::time::{Duration, Instant};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use tokio_util::sync::CancellationToken;
use zg_db::entity::{event, event_outbox};

use crate::session::AccessChanged;
use crate::{App, Error, Event as _, audit};

/// The PostgreSQL channel by which nodes wake each other.
pub const EVENT_CHANNEL: &str = "zhanggui_committed";

/// Events numbered at a time.
const BATCH: u64 = 500;
/// How long the relay sleeps at most: it finds what another process wrote
/// beside it on SQLite, and what a lost notification did not tell.
const IDLE: Duration = Duration::from_secs(1);

/// Rounds that follow each other begin so far apart: many commits share one.
const APART: Duration = Duration::from_millis(15);

/// Runs until told to stop.
#[expect(clippy::disallowed_methods, reason = "what another process wrote beside it is found by looking")]
pub async fn run(app: App, stop: CancellationToken) {
    let mut listener = zg_db::dialect::listen(app.databases(), EVENT_CHANNEL).await;
    loop {
        let began = Instant::now();
        match relay_once(&app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the relay failed and will try again"),
        }
        tokio::select! {
            () = app.committed() => {}
            () = listener.woken() => {}
            () = tokio::time::sleep(IDLE) => {}
            () = stop.cancelled() => return,
        }
        // The first news goes out at once, what follows on its heels goes together.
        if let Some(rest) = APART.checked_sub(began.elapsed()) {
            let _ended = tokio::time::timeout(rest, stop.cancelled()).await;
        }
    }
}

/// One round: numbers and seals what is there, then tells the hub; true if there may be more.
///
/// # Errors
/// [`Error::Db`].
pub async fn relay_once(app: &App) -> Result<bool, Error> {
    let more = if waiting(app).await? { number(app).await? } else { false };
    tell(app).await?;
    Ok(more)
}

/// Is there anything to number or to seal? Asked of the reading pool, so that
/// an idle shop takes no write lock.
async fn waiting(app: &App) -> Result<bool, Error> {
    let events = event_outbox::Entity::find().limit(1).one(app.read()).await?.is_some();
    if events {
        return Ok(true);
    }
    use zg_db::entity::audit_entry::{Column, Entity};
    Ok(Entity::find().filter(Column::Seq.is_null()).limit(1).one(app.read()).await?.is_some())
}

async fn number(app: &App) -> Result<bool, Error> {
    let db = app.databases().begin().await?;
    if !zg_db::dialect::try_lock(&db, zg_db::dialect::RELAY_LOCK).await? {
        db.rollback().await?;
        return Ok(false);
    }
    let waiting = event_outbox::Entity::find().order_by(event_outbox::Column::Id, Order::Asc).limit(BATCH).all(&db).await?;
    let sealed = audit::seal(&db).await?;
    let more = u64::try_from(waiting.len()).unwrap_or(u64::MAX) == BATCH || sealed == BATCH;
    if !waiting.is_empty() {
        let mut id = last_number(&db).await?;
        let ids: Vec<i64> = waiting.iter().map(|row| row.id).collect();
        let rows = waiting.into_iter().map(|row| {
            id += 1;
            event::ActiveModel {
                id: Set(id),
                topic: Set(row.topic),
                kind: Set(row.kind),
                entity_id: Set(row.entity_id),
                payload: Set(row.payload),
                at: Set(row.at),
            }
        });
        event::Entity::insert_many(rows).exec_without_returning(&db).await?;
        event_outbox::Entity::delete_many().filter(event_outbox::Column::Id.is_in(ids)).exec(&db).await?;
        zg_db::dialect::notify(&db, EVENT_CHANNEL).await?;
    }
    db.commit().await?;
    // A number that somebody has heard never belongs to another event.
    app.databases().settle().await?;
    Ok(more)
}

async fn last_number(db: &impl ConnectionTrait) -> Result<i64, Error> {
    let last = event::Entity::find().order_by(event::Column::Id, Order::Desc).one(db).await?;
    Ok(last.map_or(0, |row| row.id))
}

/// Tells this node's sockets of every event numbered since it last did.
async fn tell(app: &App) -> Result<(), Error> {
    loop {
        let from = app.hub().last_published();
        let rows = event::Entity::find()
            .filter(event::Column::Id.gt(from))
            .order_by(event::Column::Id, Order::Asc)
            .limit(BATCH)
            .all(app.read())
            .await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(()) };
        if rows.iter().any(|row| row.kind == AccessChanged::KIND) {
            app.access_changed();
        }
        for row in rows {
            app.hub().publish(wire(row));
        }
        if app.hub().last_published() < last {
            return Ok(());
        }
    }
}

fn wire(row: event::Model) -> hub::Event {
    hub::Event { id: row.id, topic: row.topic, kind: row.kind, entity_id: row.entity_id, at: row.at, payload: row.payload }
}

/// The event log, as the hub reads it to resume a connection.
#[derive(Clone, Debug)]
pub struct StoredEvents(pub App);

impl hub::EventLog for StoredEvents {
    type Error = Error;

    async fn after(&self, id: i64, topics: &hub::Topics, limit: usize) -> Result<Vec<hub::Event>, Error> {
        let rows = event::Entity::find()
            .filter(event::Column::Id.gt(id))
            .filter(event::Column::Topic.is_in(topics.iter()))
            .order_by(event::Column::Id, Order::Asc)
            .limit(u64::try_from(limit).unwrap_or(BATCH))
            .all(self.0.read())
            .await?;
        Ok(rows.into_iter().map(wire).collect())
    }

    async fn oldest(&self) -> Result<Option<i64>, Error> {
        let row = event::Entity::find().order_by(event::Column::Id, Order::Asc).one(self.0.read()).await?;
        Ok(row.map(|row| row.id))
    }

    async fn latest(&self) -> Result<Option<i64>, Error> {
        let row = event::Entity::find().order_by(event::Column::Id, Order::Desc).one(self.0.read()).await?;
        Ok(row.map(|row| row.id))
    }
}
