//! Reads that several operations share, and the one guarded write of an order's row.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use zg_base::Tx;
use zg_db::entity::{order, order_line, pick_list_order};
use zg_domain::order::{LineCounts, State};

use crate::{Error, lock};

/// Loads an order that is to be changed. Its row stays locked until the
/// transaction ends, so that two commands on one order come one after the other.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Locked`] if a colleague holds it.
pub async fn for_change(tx: &Tx, id: i64) -> Result<order::Model, Error> {
    let row = locked(tx, id).await?;
    lock::refuse_others(tx, &row)?;
    Ok(row)
}

/// As [`for_change`], whoever holds it: for what the ledgers derive.
pub(crate) async fn locked(tx: &Tx, id: i64) -> Result<order::Model, Error> {
    order::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?.ok_or(Error::NotFound)
}

/// The lines of an order, by ordinal.
pub(crate) async fn lines_of(db: &impl ConnectionTrait, order_id: i64) -> Result<Vec<order_line::Model>, Error> {
    use order_line::Column;
    Ok(order_line::Entity::find().filter(Column::OrderId.eq(order_id)).order_by(Column::Ordinal, Order::Asc).all(db).await?)
}

/// Is it on an open pick list?
pub(crate) async fn is_picking(db: &impl ConnectionTrait, order_id: i64) -> Result<bool, Error> {
    use pick_list_order::Column;
    let open = pick_list_order::Entity::find().filter(Column::OrderId.eq(order_id)).filter(Column::Open.eq(true)).one(db).await?;
    Ok(open.is_some())
}

/// Writes what changes of an order, unless another writer came first. The version
/// grows, for lines and timeline too.
///
/// # Errors
/// [`Error::Changed`].
pub(crate) async fn change(tx: &Tx, row: &order::Model, set: order::ActiveModel) -> Result<order::Model, Error> {
    let set = order::ActiveModel { version: Set(row.version + 1), ..set };
    let changed = order::Entity::update_many()
        .set(set)
        .filter(order::Column::Id.eq(row.id))
        .filter(order::Column::Version.eq(row.version))
        .exec_with_returning(tx.db())
        .await?;
    changed.into_iter().next().ok_or(Error::Changed)
}

/// The state of a row.
pub(crate) fn state_of(row: &order::Model) -> Result<State, Error> {
    row.state.parse().map_err(|_| Error::Stored("the state of an order"))
}

/// What became of a line's pieces.
pub(crate) fn counts(line: &order_line::Model) -> LineCounts {
    LineCounts {
        line_id: line.id,
        sku_id: line.sku_id,
        quantity: line.quantity,
        allocated: line.allocated,
        shipped: line.shipped,
        delivered: line.delivered,
        cancelled: line.cancelled,
        total_minor: line.total_minor,
    }
}

/// What is due of an order, in minor units: its total, and nothing of a cancelled one.
pub fn due(row: &order::Model) -> i64 {
    if row.state == State::Cancelled.as_str() { 0 } else { row.total_minor }
}

/// What was paid and not given back, in minor units.
pub fn kept(row: &order::Model) -> i64 {
    row.paid_minor - row.refunded_minor
}

/// What is to be given back, in minor units: what was kept beyond what is due.
pub fn to_refund(row: &order::Model) -> i64 {
    (kept(row) - due(row)).max(0)
}

/// What is still to be paid, in minor units.
pub fn to_pay(row: &order::Model) -> i64 {
    (due(row) - kept(row)).max(0)
}
