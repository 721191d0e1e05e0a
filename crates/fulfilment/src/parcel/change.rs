//! Change what a parcel's label says: carrier, tracking number, note. A customer who
//! was told of the parcel is told of a new number too.

use axum::extract::State;
use sea_orm::Set;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::shipment;
use zg_web::{Committed, IfMatch, Json, Patch, Path, Result, Staff};

use crate::Error;
use crate::parcel::list::{ShipmentView, view};
use crate::parcel::{self, DELIVERED, UNDONE, letter, ship};

/// What is to be changed; what is absent stays, `null` clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeShipment {
    /// Who carries it.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    carrier_id: Patch<i64>,
    /// The waybill's number.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 64)]
    tracking_number: Patch<String>,
    /// For colleagues.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 1000)]
    note: Patch<String>,
}

/// Changes a parcel that has not arrived. `If-Match` is the version that was seen.
#[utoipa::path(patch, path = "/admin/shipments/{id}", params(("id" = i64, Path), IfMatch), request_body = ChangeShipment, responses((status = 200, body = ShipmentView)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<ChangeShipment>,
) -> Result<Committed<ShipmentView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = change(&tx, id, version, asked).await?;
    let view = view(tx.db(), row).await?;
    Committed::ok(tx, view).await
}

async fn change(tx: &Tx, id: i64, version: i64, asked: ChangeShipment) -> Result<shipment::Model, Error> {
    let (order, row) = parcel::for_change(tx, id).await?;
    if row.version != version {
        return Err(Error::Changed);
    }
    if [DELIVERED, UNDONE].contains(&row.state.as_str()) {
        return Err(Error::ShipmentState(row.state));
    }
    let carrier_id = match asked.carrier_id {
        Patch::Keep => row.carrier_id,
        Patch::Clear => None,
        Patch::Set(id) => ship::carrier(tx, &order, Some(id)).await?,
    };
    let tracking_number = match asked.tracking_number {
        Patch::Keep => row.tracking_number.clone(),
        Patch::Clear => None,
        Patch::Set(text) => parcel::tracking(Some(&text), "/tracking_number")?,
    };
    let note = match asked.note {
        Patch::Keep => row.note.clone(),
        Patch::Clear => None,
        Patch::Set(text) => parcel::note(Some(&text))?,
    };
    let set =
        shipment::ActiveModel { carrier_id: Set(carrier_id), tracking_number: Set(tracking_number), note: Set(note), ..Default::default() };
    let after = parcel::change(tx, &row, set).await?;
    let label = |row: &shipment::Model| json!({ "carrier_id": row.carrier_id, "tracking_number": row.tracking_number, "note": row.note });
    tx.audit("shipment.change", "shipment", id, Some(label(&row)), Some(label(&after))).await?;
    parcel::tell(tx, &after).await?;
    if after.tracking_number != row.tracking_number {
        let data = json!({ "shipment": id, "number": row.number, "tracking_number": after.tracking_number });
        zg_orders::note_entry(tx, order.id, "tracking_changed", data, None).await?;
        if after.tracking_number.is_some() && after.notified_at.is_some() {
            letter::left(tx, &order, &after).await?;
        }
    }
    Ok(after)
}
