//! Stock as an import says: many SKUs in a few statements.

use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};
use zg_base::Tx;
use zg_db::entity::stock;

use crate::Error;
use crate::adjust::{blank, locked};
use crate::ledger::{self, Cause, Delta};

/// Sets what is on hand of many SKUs in a warehouse: pairs of SKU id and quantity.
/// A SKU that stands twice takes the last. Returns the SKUs that were refused
/// because more is reserved and held.
///
/// # Errors
/// [`Error::BelowZero`] for a negative quantity.
pub async fn set_on_hand_many(tx: &Tx, warehouse_id: i64, quantities: &[(i64, i64)], job_id: Option<i64>) -> Result<Vec<i64>, Error> {
    if quantities.iter().any(|(_, quantity)| *quantity < 0) {
        return Err(Error::BelowZero("quantity"));
    }
    let wanted: std::collections::BTreeMap<i64, i64> = quantities.iter().copied().collect();
    let wanted: Vec<(i64, i64)> = wanted.into_iter().collect();
    let cause = Cause::new("import", "import", job_id);
    let mut refused = Vec::new();
    for chunk in wanted.chunks(500) {
        let present = locked(tx, chunk.iter().map(|(sku_id, _)| (*sku_id, warehouse_id))).await?;
        let mut rows = Vec::new();
        let mut entries = Vec::new();
        for (sku_id, quantity) in chunk {
            let place = (*sku_id, warehouse_id);
            let before = present.get(&place).cloned().unwrap_or_else(|| blank(place));
            if *quantity < before.on_hand && *quantity - before.reserved - before.held < -before.backorder_limit {
                refused.push(*sku_id);
                continue;
            }
            if before.id != 0 && before.on_hand == *quantity {
                continue;
            }
            rows.push(stock::ActiveModel {
                sku_id: Set(*sku_id),
                warehouse_id: Set(warehouse_id),
                on_hand: Set(*quantity),
                reserved: Set(0),
                held: Set(0),
                incoming: Set(0),
                min: Set(0),
                reorder: Set(0),
                backorder_limit: Set(0),
                version: Set(1),
                ..Default::default()
            });
            let delta = Delta { on_hand: *quantity - before.on_hand, ..Delta::default() };
            if delta.on_hand != 0 {
                entries.push(ledger::line(tx, &stock::Model { on_hand: *quantity, ..before }, delta, &cause));
            }
        }
        if rows.is_empty() {
            continue;
        }
        // Only what is on hand is taken from the import; a row that is there keeps the rest.
        stock::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([stock::Column::SkuId, stock::Column::WarehouseId]).update_column(stock::Column::OnHand).to_owned(),
            )
            .exec_without_returning(tx.db())
            .await?;
        ledger::write(tx, entries).await?;
    }
    Ok(refused)
}
