//! What can be sold, and what runs low: one definition for every page.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use zg_db::entity::stock;

use crate::Error;
use crate::ledger::free;

/// What can be sold of each SKU, over all warehouses: on hand, less what is
/// reserved and held, and what may be sold before it arrives. A SKU without a
/// stock row is absent.
///
/// # Errors
/// [`Error::Base`].
pub async fn available(db: &impl ConnectionTrait, skus: &[i64]) -> Result<BTreeMap<i64, i64>, Error> {
    let mut left: BTreeMap<i64, i64> = BTreeMap::new();
    for row in stock::Entity::find().filter(stock::Column::SkuId.is_in(skus.iter().copied())).all(db).await? {
        *left.entry(row.sku_id).or_default() += row.on_hand - row.reserved - row.held + row.backorder_limit;
    }
    Ok(left)
}

/// A stock row has something free: what is on hand is neither all reserved nor held.
/// A SKU that is tracked and has no such row is out of stock.
pub fn in_stock() -> Condition {
    Condition::all().add(free().gt(0))
}

/// A stock row runs low: what is free is at or below its minimum, which is set.
pub fn low() -> Condition {
    Condition::all().add(stock::Column::Min.gt(0)).add(free().lte(Expr::col(stock::Column::Min)))
}
