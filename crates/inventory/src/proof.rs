//! The proof: the sum of the ledger is the stock, and what orders hold is what is reserved.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use zg_base::Proof;
use zg_db::entity::{reservation, stock, stock_entry};

use crate::Error;
use crate::ledger::Place;
use crate::taken::HELD;

/// Proves that for every SKU and warehouse the ledger sums up to the stock row,
/// and that what is reserved is what orders hold.
///
/// # Errors
/// [`Error::Base`].
pub async fn prove(db: &impl ConnectionTrait) -> Result<Proof, Error> {
    let mut proof = Proof::new("stock");
    let mut sums = sums(db).await?;
    let mut held = held(db).await?;
    for row in stock::Entity::find().all(db).await? {
        proof.checked += 1;
        let place = (row.sku_id, row.warehouse_id);
        let ledger = sums.remove(&place).unwrap_or_default();
        let stock = (row.on_hand, row.reserved, row.held);
        if ledger != stock {
            proof.fault(format!(
                "SKU {} in warehouse {}: the ledger says {ledger:?}, the stock row {stock:?}",
                row.sku_id, row.warehouse_id
            ));
        }
        let orders = held.remove(&place).unwrap_or_default();
        if orders != row.reserved {
            proof
                .fault(format!("SKU {} in warehouse {}: orders hold {orders}, reserved is {}", row.sku_id, row.warehouse_id, row.reserved));
        }
    }
    for (place, sum) in sums.into_iter().filter(|(_, sum)| *sum != (0, 0, 0)) {
        proof.fault(format!("SKU {} in warehouse {}: the ledger says {sum:?}, there is no stock row", place.0, place.1));
    }
    for (place, quantity) in held {
        proof.fault(format!("SKU {} in warehouse {}: orders hold {quantity}, there is no stock row", place.0, place.1));
    }
    Ok(proof)
}

/// A sum as a whole number: PostgreSQL adds up bigints to a numeric.
fn sum(column: impl ColumnTrait) -> Expr {
    Expr::expr(Expr::col(column).sum()).cast_as("bigint")
}

async fn sums(db: &impl ConnectionTrait) -> Result<BTreeMap<Place, (i64, i64, i64)>, Error> {
    use stock_entry::Column;
    let rows: Vec<(i64, i64, i64, i64, i64)> = stock_entry::Entity::find()
        .select_only()
        .columns([Column::SkuId, Column::WarehouseId])
        .column_as(sum(Column::OnHandDelta), "on_hand")
        .column_as(sum(Column::ReservedDelta), "reserved")
        .column_as(sum(Column::HeldDelta), "held")
        .group_by(Column::SkuId)
        .group_by(Column::WarehouseId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(sku, warehouse, on_hand, reserved, held)| ((sku, warehouse), (on_hand, reserved, held))).collect())
}

async fn held(db: &impl ConnectionTrait) -> Result<BTreeMap<Place, i64>, Error> {
    use reservation::Column;
    let rows: Vec<(i64, i64, i64)> = reservation::Entity::find()
        .select_only()
        .columns([Column::SkuId, Column::WarehouseId])
        .column_as(sum(Column::Quantity), "quantity")
        .filter(Column::State.eq(HELD))
        .group_by(Column::SkuId)
        .group_by(Column::WarehouseId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(sku, warehouse, quantity)| ((sku, warehouse), quantity)).collect())
}
