//! What this process remembers of the catalogue, and how it knows that it is still true.
//!
//! A change of the catalogue counts up `catalog_version` in its own transaction
//! ([`touch`]); a change of stock writes a line of the stock ledger. Before
//! something remembered is shown, both numbers are read: one statement, shared by
//! all requests that wait for it, each of which came before it began. So an answer
//! is never older than its request, whichever node wrote.
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
use zg_base::{App, Tx};
use zg_db::entity::{catalog_version, stock_entry};

/// Bytes remembered at most, by estimate; half of it may be of an older generation.
const BUDGET: usize = 48 * 1024 * 1024;
/// How long what depends on stock is believed.
pub(super) const STOCK_BELIEVED: Duration = Duration::from_secs(1);

/// Counts up the version of the catalogue: the last statement of every change of
/// what shoppers see, for it makes writers wait for each other until the commit.
pub(crate) async fn touch(tx: &Tx) -> Result<(), DbErr> {
    catalog_version::Entity::update_many()
        .col_expr(catalog_version::Column::Version, Expr::col(catalog_version::Column::Version).add(1))
        .filter(catalog_version::Column::Id.eq(1))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// How far catalogue and stock have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Epoch {
    pub(super) catalog: i64,
    pub(super) stock: i64,
}

/// What is remembered.
#[derive(Default)]
pub(super) struct Shelf {
    asked: AtomicU64,
    checked: tokio::sync::Mutex<Checked>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Checked {
    /// Requests up to this number came before the check began.
    covers: u64,
    epoch: Epoch,
}

#[derive(Default)]
struct Kept {
    catalog: i64,
    young: HashMap<String, Entry>,
    old: HashMap<String, Entry>,
    young_bytes: usize,
}

#[derive(Clone)]
struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    bytes: usize,
    made: Instant,
    life: Life,
}

/// How long something remembered is true, the catalogue being the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Life {
    /// Until the shop's clock says so: a price ends.
    pub(super) until: Option<DateTime<Utc>>,
    /// For so long after it was read.
    pub(super) lasts: Option<Duration>,
}

impl Shelf {
    /// How far catalogue and stock have come, read after this was called.
    pub(super) async fn epoch(&self, app: &App) -> Result<Epoch, DbErr> {
        let mine = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut checked = self.checked.lock().await;
        if checked.covers < mine {
            let covers = self.asked.load(Ordering::SeqCst);
            let epoch = read(app).await?;
            *checked = Checked { covers, epoch };
        }
        Ok(checked.epoch)
    }

    /// What was kept under a key at this version of the catalogue.
    pub(super) fn get<T: Any + Send + Sync>(&self, key: &str, epoch: Epoch, now: DateTime<Utc>) -> Option<Arc<T>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.catalog != epoch.catalog {
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

    /// Keeps a value, unless the catalogue has moved on meanwhile.
    pub(super) fn keep<T: Any + Send + Sync>(&self, key: String, epoch: Epoch, life: Life, bytes: usize, value: Arc<T>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.catalog > epoch.catalog {
            return;
        }
        if kept.catalog < epoch.catalog {
            *kept = Kept { catalog: epoch.catalog, ..Kept::default() };
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
        .column(catalog_version::Column::Version)
        .expr_as(Expr::SubQuery(None, Box::new(last.into())), "stock")
        .from(catalog_version::Entity)
        .to_owned();
    let row = app.read().query_one(&statement).await?;
    let Some(row) = row else { return Err(DbErr::RecordNotFound("the version of the catalogue".to_owned())) };
    Ok(Epoch { catalog: row.try_get("", "version")?, stock: row.try_get::<Option<i64>>("", "stock")?.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_forgotten_when_the_catalogue_moves_on() {
        let shelf = Shelf::default();
        let (one, two) = (Epoch { catalog: 1, stock: 0 }, Epoch { catalog: 2, stock: 0 });
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
        let epoch = Epoch { catalog: 1, stock: 0 };
        for n in 0..1_000 {
            shelf.keep(n.to_string(), epoch, Life::default(), 1024 * 1024, Arc::new(n));
        }
        let kept = shelf.kept.lock().unwrap();
        assert!(kept.young.len() + kept.old.len() <= 48);
    }
}
