//! Ship what an order holds: on-hand and reserved go down together (M5.12), and
//! come back together when a parcel is undone.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zg_base::Tx;
use zg_db::entity::sku;

use crate::ledger::{self, Cause, Delta, Place, guarded};
use crate::reserve::record;
use crate::taken::{self, HELD, SHIPPED};
use crate::{Error, Short};

/// Takes what a parcel holds out of stock: pairs of `order_line` id and quantity.
///
/// # Errors
/// [`Error::NotHeld`] if the order's lines hold less; [`Error::OutOfStock`] if
/// what they hold was promised but is not there yet.
pub async fn ship(tx: &Tx, order_id: i64, shipment_id: i64, lines: &[(i64, i64)]) -> Result<(), Error> {
    let moved = taken::some(tx, order_id, HELD, SHIPPED, lines).await?;
    let mut changes = BTreeMap::new();
    for (&place, &quantity) in &moved {
        let delta = Delta { on_hand: -quantity, reserved: -quantity, held: 0 };
        let done = guarded(place, delta).exec(tx.db()).await?;
        if done.rows_affected != 1 {
            return Err(Error::OutOfStock(vec![missing(tx, place, quantity).await?]));
        }
        changes.insert(place, delta);
    }
    record(tx, &changes, &Cause::new("ship", "shipment", Some(shipment_id))).await
}

/// Puts what an undone parcel held back into stock, still held for the order.
///
/// # Errors
/// [`Error::NotHeld`] if less was shipped.
pub async fn unship(tx: &Tx, order_id: i64, shipment_id: i64, lines: &[(i64, i64)]) -> Result<(), Error> {
    let moved = taken::some(tx, order_id, SHIPPED, HELD, lines).await?;
    let mut changes = BTreeMap::new();
    for (&place, &quantity) in &moved {
        let delta = Delta { on_hand: quantity, reserved: quantity, held: 0 };
        if guarded(place, delta).exec(tx.db()).await?.rows_affected != 1 {
            return Err(Error::Changed);
        }
        changes.insert(place, delta);
    }
    record(tx, &changes, &Cause::new("unship", "shipment", Some(shipment_id))).await
}

async fn missing(tx: &Tx, place: Place, wanted: i64) -> Result<Short, Error> {
    let row = ledger::rows(tx, std::iter::once(place)).await?.remove(&place);
    let sku = sku::Entity::find().filter(sku::Column::Id.eq(place.0)).one(tx.db()).await?.ok_or(Error::SkuUnknown)?;
    Ok(Short { sku_id: sku.id, sku: sku.code, wanted, left: row.map_or(0, |row| row.on_hand) })
}
