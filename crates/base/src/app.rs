//! The application: what one process shares between all requests and tasks.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{DatabaseConnection, DatabaseTransaction};
use tokio::sync::{Notify, watch};
use zg_db::Databases;

use crate::mail::Mailer;
use crate::tx::Lasting;
use crate::{Actor, Clock, Error, Files, Reach, Secrets, Tx, idempotency};

/// The shop, as the configuration describes it.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its name, by which mails are signed and pages are titled.
    pub name: String,
    /// The zone in which its days begin.
    pub time_zone: chrono_tz::Tz,
    /// Where shoppers find it, without a slash at the end.
    pub base_url: String,
    /// The sender of its mails.
    pub mail_from: String,
}

/// What an application is made of.
#[derive(Debug)]
pub struct Parts {
    /// The database, for writing and for reading.
    pub databases: Databases,
    /// The shop.
    pub shop: Shop,
    /// The clock.
    pub clock: Clock,
    /// Where uploaded files lie.
    pub files: Files,
    /// The master key.
    pub secrets: Secrets,
    /// The task queue.
    pub queue: celery::Client,
    /// Live events.
    pub hub: hub::Hub,
    /// How mails leave.
    pub mailer: Mailer,
    /// Whom it asks when a file names an address.
    pub reach: Reach,
}

/// The application. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    committed: Notify,
    access: watch::Sender<()>,
    memory: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl App {
    /// An application of these parts.
    pub fn new(parts: Parts) -> Self {
        Self { inner: Arc::new(Inner { parts, committed: Notify::new(), access: watch::Sender::new(()), memory: RwLock::default() }) }
    }

    /// Begins a write transaction: the only way to one.
    ///
    /// If the actor carries an idempotency key, its row is the transaction's first.
    ///
    /// # Errors
    /// [`Error::Replay`] with the stored answer if the key was used before by
    /// the same request, [`Error::KeyReused`] by another one, [`Error::Db`].
    pub async fn begin(&self, actor: &Actor) -> Result<Tx, Error> {
        let db = self.inner.parts.databases.begin().await?;
        self.started(db, actor, Lasting::Yes).await
    }

    /// As [`Self::begin`], for what somebody can simply do again, such as a cart: a power
    /// cut may undo its last moments, so it does not wait for the disk.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn begin_relaxed(&self, actor: &Actor) -> Result<Tx, Error> {
        let db = self.inner.parts.databases.begin_relaxed().await?;
        self.started(db, actor, Lasting::UnlessPowerFails).await
    }

    async fn started(&self, db: DatabaseTransaction, actor: &Actor, lasting: Lasting) -> Result<Tx, Error> {
        let now = self.now();
        if let Some(key) = &actor.idempotency {
            idempotency::claim(&db, key, now).await?;
        }
        Ok(Tx::new(self.clone(), db, actor.clone(), now, lasting))
    }

    /// The pool for reading. A write through it is refused by the database.
    pub fn read(&self) -> &DatabaseConnection {
        &self.inner.parts.databases.read
    }

    /// Both pools, for the command line and the tests.
    pub fn databases(&self) -> &Databases {
        &self.inner.parts.databases
    }

    /// This instant, cut to microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock().now()
    }

    /// The shop's day at this instant.
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&self.shop().time_zone).date_naive()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.parts.clock
    }

    /// The shop.
    pub fn shop(&self) -> &Shop {
        &self.inner.parts.shop
    }

    /// Uploaded files.
    pub fn files(&self) -> &Files {
        &self.inner.parts.files
    }

    /// The master key.
    pub fn secrets(&self) -> &Secrets {
        &self.inner.parts.secrets
    }

    /// The task queue.
    pub fn queue(&self) -> &celery::Client {
        &self.inner.parts.queue
    }

    /// Live events.
    pub fn hub(&self) -> &hub::Hub {
        &self.inner.parts.hub
    }

    /// How mails leave.
    pub fn mailer(&self) -> &Mailer {
        &self.inner.parts.mailer
    }

    /// Whom it asks when a file names an address.
    pub fn reach(&self) -> Reach {
        self.inner.parts.reach
    }

    /// What a module keeps in this process's memory: one value of each type, made
    /// when it is first asked for. It is a copy of what the database holds; another
    /// node has its own.
    pub fn memory<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let id = TypeId::of::<T>();
        let known = self.inner.memory.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let kept = known.unwrap_or_else(|| {
            let mut memory = self.inner.memory.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(memory.entry(id).or_insert_with(|| Arc::new(T::default())))
        });
        kept.downcast().unwrap_or_else(|_| unreachable!("kept under its own type"))
    }

    /// Changes when somebody's rights or sessions did, on whichever node: what is kept
    /// open by them is looked at again.
    pub fn access(&self) -> watch::Receiver<()> {
        self.inner.access.subscribe()
    }

    pub(crate) fn access_changed(&self) {
        self.inner.access.send_replace(());
    }

    /// Wakes the relay and the worker after a commit.
    pub(crate) fn wake(&self) {
        self.inner.committed.notify_one();
        self.inner.parts.queue.wake();
    }

    /// Resolves after the next commit that published or audited something.
    pub(crate) async fn committed(&self) {
        self.inner.committed.notified().await;
    }
}
