//! A parcel arrived. When the last one has, and everything is paid, the order is complete.

use axum::extract::State;
use sea_orm::Set;
use serde_json::json;
use zg_base::{App, Tx};
use zg_db::entity::shipment;
use zg_orders::Move;
use zg_web::{Committed, Path, Result, Staff};

use crate::Error;
use crate::parcel::list::{ShipmentView, view};
use crate::parcel::{self, DELIVERED, HANDED_OVER, contents, must_be};

/// Notes that a parcel arrived.
#[utoipa::path(post, path = "/admin/shipments/{id}/deliver", params(("id" = i64, Path)), responses((status = 200, body = ShipmentView)))]
pub(crate) async fn handler(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<ShipmentView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = deliver(&tx, id).await?;
    let view = view(tx.db(), row).await?;
    Committed::ok(tx, view).await
}

/// Notes that a parcel arrived.
///
/// # Errors
/// [`Error::ShipmentNotFound`], [`Error::ShipmentState`] unless it was handed over,
/// [`Error::Order`] if a colleague holds the order.
pub async fn deliver(tx: &Tx, id: i64) -> Result<shipment::Model, Error> {
    let (order, row) = parcel::for_change(tx, id).await?;
    must_be(&row, HANDED_OVER)?;
    let set = shipment::ActiveModel { state: Set(DELIVERED.to_owned()), delivered_at: Set(Some(tx.now())), ..Default::default() };
    let after = parcel::change(tx, &row, set).await?;
    zg_orders::move_lines(tx, order.id, Move::Deliver, &contents(tx, id).await?).await?;
    zg_orders::settle_fulfilment(tx, order.id).await?;
    zg_orders::note_entry(tx, order.id, "delivered", json!({ "shipment": id, "number": row.number }), None).await?;
    tx.audit("shipment.deliver", "shipment", id, Some(json!({ "state": row.state })), Some(json!({ "state": after.state }))).await?;
    parcel::tell(tx, &after).await?;
    zg_orders::complete_when_done(tx, order.id).await?;
    Ok(after)
}
