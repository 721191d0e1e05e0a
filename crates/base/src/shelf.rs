//! What this process remembers of what a shop offers, and how it knows that it is still true.
//!
//! A change of the catalogue, of ways to ship or of ways to pay counts up `shop_version`
//! in its own transaction ([`touch`]); a change of stock writes a line of the stock
//! ledger. Before something remembered is shown, both numbers are read: one statement,
//! shared by all requests that wait for it, each of which came before it began. So an
//! answer is never older than its request, whichever node wrote.
//!
//! On PostgreSQL a line of the ledger may become visible after one with a higher
//! number. What depends on stock is therefore read again after a second at the latest.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use zg_db::entity::{shop_version, stock_entry};

use crate::{App, Tx};

/// Bytes remembered at most, by estimate; half of it may be of an older generation.
const BUDGET: usize = 48 * 1024 * 1024;
/// How long what depends on stock is believed.
pub const STOCK_BELIEVED: Duration = Duration::from_secs(1);

/// Counts up the shop's version: the last statement of every change of what shoppers
/// are offered, for it makes writers wait for each other until the commit.
///
/// # Errors
/// If the database fails.
pub async fn touch(tx: &Tx) -> Result<(), DbErr> {
    shop_version::Entity::update_many()
        .col_expr(shop_version::Column::Version, Expr::col(shop_version::Column::Version).add(1))
        .filter(shop_version::Column::Id.eq(1))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// How far the shop's offer and its stock have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Epoch {
    /// The shop's version.
    shop: i64,
    /// The newest line of the stock ledger.
    stock: i64,
}

/// What is remembered.
#[derive(Debug, Default)]
struct Shelf {
    asked: AtomicU64,
    checked: tokio::sync::Mutex<Checked>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Checked {
    /// Requests up to this number came before the check began.
    covers: u64,
    epoch: Epoch,
}

#[derive(Debug, Default)]
struct Kept {
    shop: i64,
    young: HashMap<String, Entry>,
    old: HashMap<String, Entry>,
    young_bytes: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    bytes: usize,
    made: Instant,
    life: Life,
}

/// How long something remembered is true, the shop's version being the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Life {
    /// Until the shop's clock says so: a price ends.
    pub until: Option<DateTime<Utc>>,
    /// For so long after it was read.
    pub lasts: Option<Duration>,
}

/// The shelf as one request sees it: everything it takes is of one version.
#[derive(Debug)]
pub struct Seen<'a> {
    app: &'a App,
    shelf: Arc<Shelf>,
    epoch: Epoch,
}

impl<'a> Seen<'a> {
    /// Looks at how far the shop has come.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn look(app: &'a App) -> Result<Self, DbErr> {
        let shelf = app.memory::<Shelf>();
        let epoch = shelf.epoch(app).await?;
        Ok(Self { app, shelf, epoch })
    }

    /// The application.
    pub fn app(&self) -> &'a App {
        self.app
    }

    /// The newest line of the stock ledger.
    pub fn stock(&self) -> i64 {
        self.epoch.stock
    }

    /// What is kept under a key.
    pub fn get<T: Any + Send + Sync>(&self, key: &str) -> Option<Arc<T>> {
        self.shelf.get(key, self.epoch, self.app.now())
    }

    /// Keeps a value of so many bytes, about.
    pub fn keep<T: Any + Send + Sync>(&self, key: String, bytes: usize, value: Arc<T>) {
        self.keep_for(Life::default(), key, bytes, value);
    }

    /// Keeps a value for as long as it is true.
    pub fn keep_for<T: Any + Send + Sync>(&self, life: Life, key: String, bytes: usize, value: Arc<T>) {
        self.shelf.keep(key, self.epoch, life, bytes, value);
    }

    /// What is kept under a key, else what is read now, which is kept. `bytes` is about
    /// how much memory the value takes.
    ///
    /// # Errors
    /// That of the reading.
    pub async fn or_read<T, E>(&self, key: &str, bytes: fn(&T) -> usize, read: impl Future<Output = Result<T, E>>) -> Result<Arc<T>, E>
    where
        T: Any + Send + Sync,
    {
        if let Some(kept) = self.get(key) {
            return Ok(kept);
        }
        let value = Arc::new(read.await?);
        self.keep(key.to_owned(), bytes(&value), Arc::clone(&value));
        Ok(value)
    }
}

impl Shelf {
    /// How far the shop's offer and its stock have come, read after this was called.
    async fn epoch(&self, app: &App) -> Result<Epoch, DbErr> {
        let mine = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut checked = self.checked.lock().await;
        if checked.covers < mine {
            let covers = self.asked.load(Ordering::SeqCst);
            let epoch = read(app).await?;
            *checked = Checked { covers, epoch };
        }
        Ok(checked.epoch)
    }

    /// What was kept under a key at this version of the shop.
    fn get<T: Any + Send + Sync>(&self, key: &str, epoch: Epoch, now: DateTime<Utc>) -> Option<Arc<T>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.shop != epoch.shop {
            return None;
        }
        let entry = match kept.young.get(key) {
            Some(entry) => entry.clone(),
            None => {
                let entry = kept.old.remove(key)?;
                kept.put(key.to_owned(), entry.clone());
                entry
            }
        };
        let ended =
            entry.life.until.is_some_and(|until| until <= now) || entry.life.lasts.is_some_and(|lasts| entry.made.elapsed() > lasts);
        if ended { None } else { entry.value.downcast().ok() }
    }

    /// Keeps a value, unless the shop has moved on meanwhile.
    fn keep<T: Any + Send + Sync>(&self, key: String, epoch: Epoch, life: Life, bytes: usize, value: Arc<T>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.shop > epoch.shop {
            return;
        }
        if kept.shop < epoch.shop {
            *kept = Kept { shop: epoch.shop, ..Kept::default() };
        }
        kept.put(key, Entry { value, bytes, made: Instant::now(), life });
    }
}

impl Kept {
    /// The younger half full, the older is forgotten: what is asked for often moves on in time.
    fn put(&mut self, key: String, entry: Entry) {
        self.young_bytes += entry.bytes + key.len();
        self.young.insert(key, entry);
        if self.young_bytes > BUDGET / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

async fn read(app: &App) -> Result<Epoch, DbErr> {
    let last = Query::select().expr(Expr::col(stock_entry::Column::Id).max()).from(stock_entry::Entity).to_owned();
    let statement = Query::select()
        .column(shop_version::Column::Version)
        .expr_as(Expr::SubQuery(None, Box::new(last.into())), "stock")
        .from(shop_version::Entity)
        .to_owned();
    let row = app.read().query_one(&statement).await?;
    let Some(row) = row else { return Err(DbErr::RecordNotFound("the version of the shop".to_owned())) };
    Ok(Epoch { shop: row.try_get("", "version")?, stock: row.try_get::<Option<i64>>("", "stock")?.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_forgotten_when_the_shop_moves_on() {
        let shelf = Shelf::default();
        let (one, two) = (Epoch { shop: 1, stock: 0 }, Epoch { shop: 2, stock: 0 });
        let now = DateTime::UNIX_EPOCH;
        shelf.keep("a".to_owned(), one, Life::default(), 10, Arc::new(7_i64));
        assert_eq!(shelf.get::<i64>("a", one, now).as_deref(), Some(&7));
        assert_eq!(shelf.get::<i64>("a", two, now), None);
        shelf.keep("b".to_owned(), two, Life { until: Some(now), lasts: None }, 10, Arc::new(8_i64));
        assert_eq!(shelf.get::<i64>("b", two, now), None);
        assert_eq!(shelf.get::<i64>("a", one, now), None);
        shelf.keep("a".to_owned(), one, Life::default(), 10, Arc::new(7_i64));
        assert_eq!(shelf.get::<i64>("a", one, now), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let shelf = Shelf::default();
        let epoch = Epoch { shop: 1, stock: 0 };
        for n in 0..1_000 {
            shelf.keep(n.to_string(), epoch, Life::default(), 1024 * 1024, Arc::new(n));
        }
        let kept = shelf.kept.lock().unwrap();
        assert!(kept.young.len() + kept.old.len() <= 48);
    }
}
