//! A change of stock and its line of the ledger.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, Set, UpdateMany};
use zg_base::Tx;
use zg_db::entity::{stock, stock_entry};

/// A SKU in a warehouse. Sorted as rows are locked.
pub(crate) type Place = (i64, i64);

/// By how much the numbers of a stock row change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delta {
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    pub(crate) held: i64,
}

/// Why.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    /// `reserve`, `release`, `ship`, `unship`, `adjust`, `count`, `import`, `hold`.
    pub(crate) kind: &'static str,
    /// `order`, `shipment`, `adjustment`, `import`, `settings`.
    pub(crate) source: &'static str,
    pub(crate) source_id: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) note: Option<String>,
}

impl Cause {
    pub(crate) fn new(kind: &'static str, source: &'static str, source_id: Option<i64>) -> Self {
        Self { kind, source, source_id, reason: None, note: None }
    }
}

/// What is on hand and neither reserved nor held.
pub(crate) fn free() -> Expr {
    Expr::col(stock::Column::OnHand).sub(Expr::col(stock::Column::Reserved)).sub(Expr::col(stock::Column::Held))
}

/// The one statement that changes a stock row, guarded: no row is affected if
/// afterwards one of its numbers would not be as it may.
pub(crate) fn guarded((sku_id, warehouse_id): Place, delta: Delta) -> UpdateMany<stock::Entity> {
    use stock::Column;
    let mut update = stock::Entity::update_many().filter(Column::SkuId.eq(sku_id)).filter(Column::WarehouseId.eq(warehouse_id));
    for (column, change) in [(Column::OnHand, delta.on_hand), (Column::Reserved, delta.reserved), (Column::Held, delta.held)] {
        if change != 0 {
            update = update.col_expr(column, Expr::col(column).add(change));
        }
        if change < 0 {
            update = update.filter(Expr::col(column).gte(-change));
        }
    }
    let used = delta.reserved + delta.held - delta.on_hand;
    if used > 0 {
        update = update.filter(free().add(Expr::col(Column::BackorderLimit)).gte(used));
    }
    update
}

/// The rows of these places.
pub(crate) async fn rows(tx: &Tx, places: impl Iterator<Item = Place>) -> Result<BTreeMap<Place, stock::Model>, DbErr> {
    use stock::Column;
    let mut any = Condition::any();
    let mut by_warehouse: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (sku_id, warehouse_id) in places {
        by_warehouse.entry(warehouse_id).or_default().push(sku_id);
    }
    if by_warehouse.is_empty() {
        return Ok(BTreeMap::new());
    }
    for (warehouse_id, skus) in by_warehouse {
        any = any.add(Condition::all().add(Column::WarehouseId.eq(warehouse_id)).add(Column::SkuId.is_in(skus)));
    }
    let found = stock::Entity::find().filter(any).all(tx.db()).await?;
    Ok(found.into_iter().map(|row| ((row.sku_id, row.warehouse_id), row)).collect())
}

/// A line of the ledger about a row as it stands after the change.
pub(crate) fn line(tx: &Tx, after: &stock::Model, delta: Delta, cause: &Cause) -> stock_entry::ActiveModel {
    stock_entry::ActiveModel {
        sku_id: Set(after.sku_id),
        warehouse_id: Set(after.warehouse_id),
        kind: Set(cause.kind.to_owned()),
        on_hand_delta: Set(delta.on_hand),
        reserved_delta: Set(delta.reserved),
        held_delta: Set(delta.held),
        on_hand_after: Set(after.on_hand),
        reserved_after: Set(after.reserved),
        held_after: Set(after.held),
        cause: Set(cause.source.to_owned()),
        cause_id: Set(cause.source_id),
        reason: Set(cause.reason.clone()),
        note: Set(cause.note.clone()),
        actor_kind: Set(tx.actor().kind.as_str().to_owned()),
        actor_id: Set(tx.actor().id),
        actor_name: Set(tx.actor().name.clone()),
        idempotency_key: Set(None),
        at: Set(tx.now()),
        ..Default::default()
    }
}

/// Writes lines: many in a few statements.
pub(crate) async fn write(tx: &Tx, lines: Vec<stock_entry::ActiveModel>) -> Result<(), DbErr> {
    for chunk in lines.chunks(500) {
        stock_entry::Entity::insert_many(chunk.to_vec()).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}
