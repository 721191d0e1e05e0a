//! Undo a parcel before it is handed over: its pieces go back into stock, still held
//! for the order, and back onto the table of whoever packs.

use axum::extract::State;
use sea_orm::Set;
use serde_json::json;
use zg_base::{App, Tx};
use zg_db::entity::shipment;
use zg_orders::Move;
use zg_web::{Committed, Path, Result, Staff};

use crate::Error;
use crate::parcel::list::{ShipmentView, view};
use crate::parcel::{self, PACKED, UNDONE, contents, letter, must_be};

/// Undoes a parcel that was not handed over.
#[utoipa::path(post, path = "/admin/shipments/{id}/undo", params(("id" = i64, Path)), responses((status = 200, body = ShipmentView)))]
pub(crate) async fn handler(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<ShipmentView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = undo(&tx, id).await?;
    let view = view(tx.db(), row).await?;
    Committed::ok(tx, view).await
}

/// Undoes a parcel. A customer who was told that it left is told that it did not.
///
/// # Errors
/// [`Error::ShipmentNotFound`], [`Error::ShipmentState`] unless it is packed,
/// [`Error::Order`] if a colleague holds the order.
pub async fn undo(tx: &Tx, id: i64) -> Result<shipment::Model, Error> {
    let (order, row) = parcel::for_change(tx, id).await?;
    must_be(&row, PACKED)?;
    let set = shipment::ActiveModel { state: Set(UNDONE.to_owned()), undone_at: Set(Some(tx.now())), ..Default::default() };
    let after = parcel::change(tx, &row, set).await?;
    let pieces = contents(tx, id).await?;
    zg_inventory::unship(tx, order.id, id, &pieces).await?;
    zg_orders::move_lines(tx, order.id, Move::Unship, &pieces).await?;
    zg_orders::settle_fulfilment(tx, order.id).await?;
    let data = json!({ "shipment": id, "number": row.number });
    zg_orders::note_entry(tx, order.id, "shipment_undone", data, None).await?;
    tx.audit("shipment.undo", "shipment", id, Some(json!({ "state": row.state })), Some(json!({ "state": after.state }))).await?;
    parcel::tell(tx, &after).await?;
    if row.notified_at.is_some() {
        letter::stays(tx, &order, &after).await?;
    }
    Ok(after)
}
