//! Reserve what an order wants, in the order's own transaction, and give it back.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set};
use zg_base::Tx;
use zg_db::entity::{reservation, sku, stock};

use crate::ledger::{self, Cause, Delta, Place, guarded};
use crate::taken::{self, HELD, RELEASED};
use crate::{Error, Short};

/// What a line of an order wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Row of `order_line`.
    pub line_id: i64,
    /// Row of `sku`.
    pub sku_id: i64,
    /// How many, above zero.
    pub quantity: i64,
}

/// Reserves what an order's lines want in one warehouse: demand summed per SKU,
/// SKUs in ascending order, one guarded update each. SKUs that are not tracked
/// need no stock.
///
/// # Errors
/// [`Error::OutOfStock`] with every SKU of which there is not enough; the caller
/// lets the transaction go.
pub async fn reserve(tx: &Tx, order_id: i64, wanted: &[Wanted], warehouse_id: i64) -> Result<(), Error> {
    let mut demand: BTreeMap<i64, i64> = BTreeMap::new();
    for line in wanted {
        let sum = demand.entry(line.sku_id).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    let mut done: BTreeMap<i64, i64> = BTreeMap::new();
    let cause = Cause::new("reserve", "order", Some(order_id));
    let mut entries = Vec::new();
    for (&sku_id, &quantity) in &demand {
        let tracked = sku::Entity::find()
            .select_only()
            .column(sku::Column::Id)
            .filter(sku::Column::Id.eq(sku_id))
            .filter(sku::Column::Tracked.eq(true))
            .into_query();
        let delta = Delta { reserved: quantity, ..Delta::default() };
        let taken =
            guarded((sku_id, warehouse_id), delta).filter(stock::Column::SkuId.in_subquery(tracked)).exec_with_returning(tx.db()).await?;
        if let Some(after) = taken.first() {
            done.insert(sku_id, quantity);
            entries.push(ledger::line(tx, after, delta, &cause));
        } else if is_tracked(tx, sku_id).await? {
            return Err(Error::OutOfStock(shortages(tx, &demand, &done, warehouse_id).await?));
        }
    }
    if done.is_empty() {
        return Ok(());
    }
    let held = wanted.iter().filter(|line| done.contains_key(&line.sku_id)).map(|line| reservation::ActiveModel {
        order_id: Set(order_id),
        order_line_id: Set(line.line_id),
        sku_id: Set(line.sku_id),
        warehouse_id: Set(warehouse_id),
        quantity: Set(line.quantity),
        state: Set(HELD.to_owned()),
        created_at: Set(tx.now()),
        ..Default::default()
    });
    reservation::Entity::insert_many(held).exec_without_returning(tx.db()).await?;
    Ok(ledger::write(tx, entries).await?)
}

/// Writes the ledger of changes that were made just now: the rows are locked, so
/// what is read is what the change left.
pub(crate) async fn record(tx: &Tx, changes: &BTreeMap<Place, Delta>, cause: &Cause) -> Result<(), Error> {
    let after = ledger::rows(tx, changes.keys().copied()).await?;
    let lines = changes.iter().filter_map(|(place, delta)| Some(ledger::line(tx, after.get(place)?, *delta, cause))).collect();
    Ok(ledger::write(tx, lines).await?)
}

async fn is_tracked(tx: &Tx, sku_id: i64) -> Result<bool, Error> {
    Ok(sku::Entity::find_by_id(sku_id).one(tx.db()).await?.ok_or(Error::SkuUnknown)?.tracked)
}

/// Every SKU of which there is not enough. What this transaction has reserved
/// already was there.
async fn shortages(tx: &Tx, demand: &BTreeMap<i64, i64>, done: &BTreeMap<i64, i64>, warehouse_id: i64) -> Result<Vec<Short>, Error> {
    let open: Vec<(i64, i64)> = demand.iter().filter(|(sku_id, _)| !done.contains_key(sku_id)).map(|(id, n)| (*id, *n)).collect();
    let skus = sku::Entity::find().filter(sku::Column::Id.is_in(open.iter().map(|(id, _)| *id))).all(tx.db()).await?;
    let rows = ledger::rows(tx, open.iter().map(|(id, _)| (*id, warehouse_id))).await?;
    let mut short = Vec::new();
    for (sku_id, wanted) in open {
        let Some(sku) = skus.iter().find(|sku| sku.id == sku_id && sku.tracked) else { continue };
        let row = rows.get(&(sku_id, warehouse_id));
        let left = row.map_or(0, |row| row.on_hand - row.reserved - row.held + row.backorder_limit);
        if left < wanted {
            short.push(Short { sku_id, sku: sku.code.clone(), wanted, left: left.max(0) });
        }
    }
    Ok(short)
}

/// Gives back part of what lines of an order hold: pairs of `order_line` id and
/// quantity. Lines that hold nothing, for their SKU was not tracked, are passed over.
///
/// # Errors
/// [`Error::NotHeld`] if a line holds something, but less.
pub async fn release(tx: &Tx, order_id: i64, lines: &[(i64, i64)]) -> Result<(), Error> {
    let moved = taken::some(tx, order_id, HELD, RELEASED, lines).await?;
    give_back(tx, order_id, &moved).await
}

/// Gives back all that an order still holds.
///
/// # Errors
/// [`Error::Base`].
pub async fn release_all(tx: &Tx, order_id: i64) -> Result<(), Error> {
    let moved = taken::all(tx, order_id, HELD, RELEASED).await?;
    give_back(tx, order_id, &moved).await
}

async fn give_back(tx: &Tx, order_id: i64, moved: &BTreeMap<Place, i64>) -> Result<(), Error> {
    let mut changes = BTreeMap::new();
    for (&place, &quantity) in moved {
        let delta = Delta { reserved: -quantity, ..Delta::default() };
        let done = guarded(place, delta).exec(tx.db()).await?;
        if done.rows_affected != 1 {
            return Err(Error::Changed);
        }
        changes.insert(place, delta);
    }
    record(tx, &changes, &Cause::new("release", "order", Some(order_id))).await
}
