//! Remote control and events through a small table, for those who have nothing but their database.
//!
//! A row is a command, a reply or an event. Whoever listens asks each half second for what is new,
//! at once if it was written by this process. Rows are forgotten after five minutes.
//!
//! PostgreSQL shows rows in the order in which they were committed, not numbered; so what was numbered
//! within the last seconds is looked at again, and told apart by its number.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{BoxStream, StreamExt as _};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::rows::{CHUNK, text};
use super::sql::{BUS_ADD, BUS_FORGET, BUS_LAST, BUS_READ, Dialect};
use crate::bus::{Bus, Command, Post, Reply, ReplyTo};
use crate::clock::Clock;
use crate::error::Error;

/// How often to ask for commands and events.
const POLL: Duration = Duration::from_millis(500);

/// How often to ask for replies, which somebody waits for.
const POLL_REPLIES: Duration = Duration::from_millis(50);

/// A row may be committed so much later than it was numbered.
const LATE: Duration = Duration::from_secs(10);

/// How long rows are kept, in seconds; and how often they are looked through for that.
const KEPT: i64 = 300;
const TIDY: i64 = 60;

/// Remote control and events in the application's database. Cheap to clone; clones share their
/// wake-ups.
#[derive(Clone, Debug)]
pub struct DatabaseBus {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    db: DatabaseConnection,
    dialect: Dialect,
    clock: Clock,
    wakeups: watch::Sender<u64>,
    /// When rows were last forgotten, in seconds since 1970.
    tidied: AtomicI64,
}

impl DatabaseBus {
    /// A bus on a connection that may write. The table must be there: [`schema::up`](super::schema::up).
    ///
    /// # Errors
    /// [`Error::Unsupported`] unless it is SQLite or PostgreSQL.
    pub fn new(db: DatabaseConnection, clock: Clock) -> Result<Self, Error> {
        let dialect = Dialect::of(&db)?;
        let shared = Shared { db, dialect, clock, wakeups: watch::Sender::new(0), tidied: AtomicI64::new(0) };
        Ok(Self { shared: Arc::new(shared) })
    }

    async fn add<T: Serialize>(&self, kind: &str, address: &str, items: &[T]) -> Result<(), Error> {
        let Shared { db, dialect, clock, wakeups, .. } = &*self.shared;
        let now = clock.now();
        for chunk in items.chunks(CHUNK) {
            let rows = chunk.iter().map(|item| {
                let body = serde_json::to_string(item).map_err(|error| Error::Unreadable(error.to_string()))?;
                Ok(json!({"kind": kind, "address": address, "body": super::rows::clean(&body), "created_at": text(now)}))
            });
            let rows: Vec<Value> = rows.collect::<Result<_, Error>>()?;
            db.execute_raw(dialect.statement(BUS_ADD, vec![Value::from(rows).to_string().into()])).await?;
        }
        wakeups.send_modify(|count| *count = count.wrapping_add(1));
        self.tidy().await
    }

    async fn tidy(&self) -> Result<(), Error> {
        let Shared { db, dialect, clock, tidied, .. } = &*self.shared;
        let now = clock.now();
        let last = tidied.load(Ordering::Relaxed);
        if now.timestamp().saturating_sub(last) < TIDY
            || tidied.compare_exchange(last, now.timestamp(), Ordering::Relaxed, Ordering::Relaxed).is_err()
        {
            return Ok(());
        }
        if let Some(before) = chrono::Duration::try_seconds(KEPT).and_then(|kept| now.checked_sub_signed(kept)) {
            db.execute_raw(dialect.statement(BUS_FORGET, vec![before.into()])).await?;
        }
        Ok(())
    }

    async fn listen<T: DeserializeOwned + Send + 'static>(
        &self,
        kind: &'static str,
        address: &str,
        poll: Duration,
    ) -> Result<BoxStream<'static, T>, Error> {
        let Shared { db, dialect, wakeups, .. } = &*self.shared;
        let row = db.query_one_raw(dialect.statement(BUS_LAST, vec![])).await?;
        let last: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        let ear = Ear {
            shared: Arc::clone(&self.shared),
            kind,
            address: address.to_owned(),
            low: last.unwrap_or(0),
            seen: BTreeMap::new(),
            ready: VecDeque::new(),
            wakeups: wakeups.subscribe(),
            poll,
        };
        let heard = futures_util::stream::unfold(ear, |mut ear| async move {
            match ear.next::<T>().await {
                Ok(item) => Some((item, ear)),
                Err(error) => {
                    tracing::warn!(%error, "the bus's table cannot be read");
                    None
                }
            }
        });
        Ok(heard.boxed())
    }
}

/// One who listens.
struct Ear {
    shared: Arc<Shared>,
    kind: &'static str,
    address: String,
    /// Everything up to here was seen, or is too old.
    low: i64,
    /// What was seen above that, and when.
    seen: BTreeMap<i64, Instant>,
    ready: VecDeque<String>,
    wakeups: watch::Receiver<u64>,
    poll: Duration,
}

impl Ear {
    async fn next<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        loop {
            while let Some(body) = self.ready.pop_front() {
                match serde_json::from_str(&body) {
                    Ok(item) => return Ok(item),
                    Err(error) => tracing::warn!(%error, kind = self.kind, "a row of the bus cannot be read; it is passed over"),
                }
            }
            self.wakeups.mark_unchanged();
            self.look().await?;
            if self.ready.is_empty() && matches!(tokio::time::timeout(self.poll, self.wakeups.changed()).await, Ok(Err(_))) {
                std::future::pending::<()>().await;
            }
        }
    }

    async fn look(&mut self) -> Result<(), Error> {
        let Shared { db, dialect, .. } = &*self.shared;
        let now = Instant::now();
        while let Some(first) = self.seen.first_entry() {
            if now.saturating_duration_since(*first.get()) < LATE {
                break;
            }
            self.low = *first.key();
            first.remove();
        }
        let values = vec![self.kind.into(), self.address.as_str().into(), self.low.into()];
        for row in db.query_all_raw(dialect.statement(BUS_READ, values)).await? {
            let number: i64 = row.try_get_by_index(0)?;
            if let Entry::Vacant(new) = self.seen.entry(number) {
                new.insert(now);
                self.ready.push_back(row.try_get_by_index(1)?);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Bus for DatabaseBus {
    fn kind(&self) -> &'static str {
        "database"
    }

    fn mingles(&self) -> bool {
        // Revoking marks the row.
        false
    }

    async fn broadcast(&self, command: &Command) -> Result<Option<u64>, Error> {
        self.add("command", "", std::slice::from_ref(command)).await?;
        Ok(None)
    }

    async fn commands(&self, _: &str) -> Result<BoxStream<'static, Command>, Error> {
        self.listen("command", "", POLL).await
    }

    async fn answer(&self, to: &ReplyTo, reply: &Reply) -> Result<(), Error> {
        self.add("reply", &to.queue(), std::slice::from_ref(reply)).await
    }

    async fn replies(&self, to: &ReplyTo) -> Result<BoxStream<'static, Reply>, Error> {
        self.listen("reply", &to.queue(), POLL_REPLIES).await
    }

    async fn emit(&self, posts: &[Post]) -> Result<(), Error> {
        self.add("event", "", posts).await
    }

    async fn events(&self) -> Result<BoxStream<'static, Post>, Error> {
        self.listen("event", "", POLL).await
    }
}
