//! Parcels (M5.12).

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use serde::Serialize;
use zg_base::{Event, Tx};
use zg_db::entity::{order, shipment, shipment_line};

use crate::Error;

pub(crate) mod change;
pub(crate) mod deliver;
pub(crate) mod hand_over;
mod letter;
pub(crate) mod list;
pub(crate) mod ship;
pub(crate) mod undo;

pub use deliver::deliver;
pub use hand_over::hand_over;
pub use ship::{Ship, ShipLine, ship};
pub use undo::undo;

/// Packed, and still in the house.
pub const PACKED: &str = "packed";
/// With the carrier.
pub const HANDED_OVER: &str = "handed_over";
/// Arrived.
pub const DELIVERED: &str = "delivered";
/// Taken back before it was handed over: it counts as never packed.
pub const UNDONE: &str = "undone";

/// A parcel was packed, handed over, delivered or undone.
#[derive(Serialize)]
struct ShipmentChanged {
    id: i64,
    number: String,
    order_id: i64,
    state: String,
}

impl Event for ShipmentChanged {
    const TOPIC: &'static str = "fulfilment.read";
    const KIND: &'static str = "shipment.changed";

    fn entity_id(&self) -> Option<i64> {
        Some(self.id)
    }
}

pub(crate) async fn tell(tx: &Tx, row: &shipment::Model) -> Result<(), Error> {
    let event = ShipmentChanged { id: row.id, number: row.number.clone(), order_id: row.order_id, state: row.state.clone() };
    Ok(tx.publish(&event).await?)
}

/// A parcel that is to be changed, with its order, whose row stays locked: whatever
/// happens to parcels of one order happens one after the other.
pub(crate) async fn for_change(tx: &Tx, id: i64) -> Result<(order::Model, shipment::Model), Error> {
    let known = shipment::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::ShipmentNotFound)?;
    let order = zg_orders::for_change(tx, known.order_id).await?;
    // Read again: it may have changed while the order's row was waited for.
    let row = shipment::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::ShipmentNotFound)?;
    Ok((order, row))
}

/// Refuses a parcel that is in another state.
pub(crate) fn must_be(row: &shipment::Model, state: &str) -> Result<(), Error> {
    if row.state == state { Ok(()) } else { Err(Error::ShipmentState(row.state.clone())) }
}

/// Writes what changes of a parcel, unless another writer came first.
pub(crate) async fn change(tx: &Tx, row: &shipment::Model, set: shipment::ActiveModel) -> Result<shipment::Model, Error> {
    let set = shipment::ActiveModel { version: Set(row.version + 1), ..set };
    let changed = shipment::Entity::update_many()
        .set(set)
        .filter(shipment::Column::Id.eq(row.id))
        .filter(shipment::Column::Version.eq(row.version))
        .exec_with_returning(tx.db())
        .await?;
    changed.into_iter().next().ok_or(Error::Changed)
}

/// What a parcel holds: pairs of `order_line` id and quantity.
pub(crate) async fn contents(tx: &Tx, id: i64) -> Result<Vec<(i64, i64)>, Error> {
    let rows = shipment_line::Entity::find()
        .filter(shipment_line::Column::ShipmentId.eq(id))
        .order_by(shipment_line::Column::OrderLineId, sea_orm::Order::Asc)
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|row| (row.order_line_id, row.quantity)).collect())
}

/// A tracking number as it is scanned: without spaces, in capitals.
pub(crate) fn tracking(text: Option<&str>, pointer: &str) -> Result<Option<String>, Error> {
    let plain: String = text.unwrap_or_default().chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    match plain.chars().count() {
        0 => Ok(None),
        1..=64 => Ok(Some(plain.to_ascii_uppercase())),
        _ => Err(Error::field(pointer, "too_long")),
    }
}

/// What somebody wrote about it; blank is nothing.
pub(crate) fn note(text: Option<&str>) -> Result<Option<String>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > 1_000 {
        return Err(Error::field("/note", "too_long"));
    }
    Ok(Some(text.chars().filter(|c| !c.is_control() || *c == '\n').collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_12_a_tracking_number_is_the_same_however_it_was_typed() {
        assert_eq!(tracking(Some(" sf 1234\t567 "), "/x").unwrap().unwrap(), "SF1234567");
        assert_eq!(tracking(Some("  "), "/x").unwrap(), None);
        assert!(tracking(Some(&"1".repeat(65)), "/x").is_err());
    }
}
