//! The write transaction, and everything that commits with it.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};
use serde::Serialize;
use serde_json::Value;
use zg_db::entity::{audit_entry, event_outbox};

use crate::idempotency::{self, Stored};
use crate::mail::{Letter, SendMail};
use crate::relay::EVENT_CHANNEL;
use crate::{Actor, App, Error, audit, secrets};

/// A live event: something that happened, told to whoever may hear it.
pub trait Event: Serialize + Send + Sync {
    /// Who hears it: the name of a right.
    const TOPIC: &'static str;
    /// What happened, `order.placed`.
    const KIND: &'static str;

    /// The row it is about.
    fn entity_id(&self) -> Option<i64>;
}

/// A write transaction. Operations take `&Tx`, which cannot commit; who began
/// it commits it.
#[derive(Debug)]
pub struct Tx {
    app: App,
    db: DatabaseTransaction,
    actor: Actor,
    now: DateTime<Utc>,
    lasting: Lasting,
    told: AtomicBool,
}

/// Does what was committed outlast a power cut?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lasting {
    Yes,
    UnlessPowerFails,
}

impl Tx {
    pub(crate) fn new(app: App, db: DatabaseTransaction, actor: Actor, now: DateTime<Utc>, lasting: Lasting) -> Self {
        Self { app, db, actor, now, lasting, told: AtomicBool::new(false) }
    }

    /// The database, inside this transaction.
    pub fn db(&self) -> &DatabaseTransaction {
        &self.db
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The one instant of this transaction, cut to microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The shop's day at that instant.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.app.shop().time_zone).date_naive()
    }

    /// 32 unguessable characters that may stand in a URL.
    pub fn token(&self) -> String {
        secrets::token()
    }

    /// Writes a line of the security log: what was done to what, before and after.
    ///
    /// # Errors
    /// [`Error::Db`].
    pub async fn audit(
        &self,
        action: &'static str,
        entity: &'static str,
        entity_id: i64,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), Error> {
        let salt = hex::encode(secrets::random::<16>());
        let row = audit_entry::ActiveModel {
            at: Set(self.now),
            actor_kind: Set(self.actor.kind.as_str().to_owned()),
            actor_id: Set(self.actor.id),
            actor_name: Set(self.actor.name.clone()),
            ip: Set(self.actor.ip.map(|ip| ip.to_string())),
            request_id: Set(self.actor.request_id.clone()),
            action: Set(action.to_owned()),
            entity: Set(entity.to_owned()),
            entity_id: Set(entity_id),
            value_digest: Set(audit::value_digest(&salt, before.as_ref(), after.as_ref())),
            before: Set(before),
            after: Set(after),
            salt: Set(salt),
            ..Default::default()
        };
        audit_entry::Entity::insert(row).exec_without_returning(&self.db).await?;
        self.told.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Erases the values of every line about these rows: a person's data. The chain
    /// covers their salted digests and stays whole.
    ///
    /// # Errors
    /// [`Error::Db`].
    pub async fn erase_audit(&self, entity: &str, ids: &[i64]) -> Result<(), Error> {
        let blank = audit_entry::ActiveModel { before: Set(None), after: Set(None), ..Default::default() };
        audit_entry::Entity::update_many()
            .set(blank)
            .filter(audit_entry::Column::Entity.eq(entity))
            .filter(audit_entry::Column::EntityId.is_in(ids.iter().copied()))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Tells a live event once this transaction has committed.
    ///
    /// # Errors
    /// [`Error::Db`], or [`Error::Json`] if it cannot be written as JSON.
    pub async fn publish<E: Event>(&self, event: &E) -> Result<(), Error> {
        let row = event_outbox::ActiveModel {
            topic: Set(E::TOPIC.to_owned()),
            kind: Set(E::KIND.to_owned()),
            entity_id: Set(event.entity_id()),
            payload: Set(serde_json::to_value(event)?),
            at: Set(self.now),
            ..Default::default()
        };
        event_outbox::Entity::insert(row).exec_without_returning(&self.db).await?;
        self.told.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Tells many live events of one kind, in one statement.
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub async fn publish_all<E: Event>(&self, events: &[E]) -> Result<(), Error> {
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            rows.push(event_outbox::ActiveModel {
                topic: Set(E::TOPIC.to_owned()),
                kind: Set(E::KIND.to_owned()),
                entity_id: Set(event.entity_id()),
                payload: Set(serde_json::to_value(event)?),
                at: Set(self.now),
                ..Default::default()
            });
        }
        if !rows.is_empty() {
            event_outbox::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
            self.told.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Enqueues a task that runs once this transaction has committed.
    ///
    /// # Errors
    /// [`Error::Queue`] if the queue refuses it.
    pub async fn enqueue<T: celery::Task<App>>(&self, args: &T::Args) -> Result<(), Error> {
        self.enqueue_at::<T>(args, None).await
    }

    /// Enqueues a task that runs at an instant, not before.
    ///
    /// # Errors
    /// [`Error::Queue`] if the queue refuses it.
    pub async fn enqueue_at<T: celery::Task<App>>(&self, args: &T::Args, eta: Option<DateTime<Utc>>) -> Result<(), Error> {
        let options = eta.map_or_else(celery::Options::new, |eta| celery::Options::new().eta(eta));
        let message = self.app.queue().message_with::<T, App>(args, options)?;
        self.app.queue().enqueue_in(&self.db, &message).await?;
        self.told.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Queues a mail.
    ///
    /// # Errors
    /// As [`Self::enqueue`].
    pub async fn mail(&self, letter: &Letter) -> Result<i64, Error> {
        let row = letter.row(self.now).insert(&self.db).await?;
        self.enqueue::<SendMail>(&SendMail { mail_id: row.id, tried: 0 }).await?;
        Ok(row.id)
    }

    /// Keeps the answer under the request's idempotency key, if it came with one.
    ///
    /// # Errors
    /// [`Error::Db`].
    pub async fn store_answer(&self, answer: &Stored) -> Result<(), Error> {
        match &self.actor.idempotency {
            Some(key) => idempotency::store(&self.db, key, answer).await,
            None => Ok(()),
        }
    }

    /// Commits, wakes the relay and the worker, and waits for the disk.
    ///
    /// # Errors
    /// [`Error::Db`]: then nothing has happened, unless the connection was lost on the way
    /// back, or the disk failed, and a power cut may undo what has.
    pub async fn commit(self) -> Result<(), Error> {
        let told = self.told.load(Ordering::Relaxed);
        if told {
            zg_db::dialect::notify(&self.db, EVENT_CHANNEL).await?;
        }
        self.db.commit().await?;
        if told {
            self.app.wake();
        }
        if self.lasting == Lasting::Yes {
            self.app.databases().settle().await?;
        }
        Ok(())
    }

    /// Undoes everything. Dropping the transaction does the same, later.
    ///
    /// # Errors
    /// [`Error::Db`].
    pub async fn rollback(self) -> Result<(), Error> {
        Ok(self.db.rollback().await?)
    }
}
