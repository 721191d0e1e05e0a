//! Hand parcels over to the carrier: one, or all that stand at the door, named by id
//! or scanned by tracking number.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::shipment;
use zg_web::{Committed, Json, Path, Problem, Result, Staff, View};

use crate::Error;
use crate::parcel::list::{ShipmentView, view};
use crate::parcel::{self, HANDED_OVER, PACKED, letter, must_be, tracking};

/// Parcels at a time.
const MOST: usize = 1_000;

/// Hands a parcel over to the carrier.
#[utoipa::path(post, path = "/admin/shipments/{id}/hand-over", params(("id" = i64, Path)), responses((status = 200, body = ShipmentView)))]
pub(crate) async fn handler(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<ShipmentView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = hand_over(&tx, id).await?;
    let view = view(tx.db(), row).await?;
    Committed::ok(tx, view).await
}

/// Hands a parcel over. A customer who was not told yet is told now.
///
/// # Errors
/// [`Error::ShipmentNotFound`], [`Error::ShipmentState`] unless it is packed,
/// [`Error::Order`] if a colleague holds the order.
pub async fn hand_over(tx: &Tx, id: i64) -> Result<shipment::Model, Error> {
    let (order, row) = parcel::for_change(tx, id).await?;
    must_be(&row, PACKED)?;
    let set = shipment::ActiveModel {
        state: Set(HANDED_OVER.to_owned()),
        handed_over_at: Set(Some(tx.now())),
        notified_at: Set(Some(row.notified_at.unwrap_or(tx.now()))),
        ..Default::default()
    };
    let after = parcel::change(tx, &row, set).await?;
    zg_orders::note_entry(tx, order.id, "handed_over", json!({ "shipment": id, "number": row.number }), None).await?;
    tx.audit("shipment.hand_over", "shipment", id, Some(json!({ "state": row.state })), Some(json!({ "state": after.state }))).await?;
    parcel::tell(tx, &after).await?;
    if row.notified_at.is_none() {
        letter::left(tx, &order, &after).await?;
    }
    Ok(after)
}

/// Parcels that the carrier takes.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    /// Parcels, by id.
    #[serde(default)]
    ids: Vec<i64>,
    /// Parcels, by tracking number, as they are scanned.
    #[serde(default)]
    tracking_numbers: Vec<String>,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandedOver {
    /// The parcel; none if there is none of that number.
    id: Option<i64>,
    /// As it was scanned.
    tracking_number: Option<String>,
    /// Was it handed over?
    done: bool,
    /// If not, why: `shipment_not_found`, `shipment_state`, `order_locked`.
    code: Option<String>,
}

/// The answer, item by item: ids first, then scans.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandOvers {
    done: usize,
    refused: usize,
    results: Vec<HandedOver>,
}

impl View for HandOvers {}

/// Hands over up to 1,000 parcels. One that is refused does not keep the others here.
#[utoipa::path(post, path = "/admin/shipments/hand-over", request_body = HandOver, responses((status = 200, body = HandOvers)))]
pub(crate) async fn many(State(app): State<App>, staff: Staff, Json(asked): Json<HandOver>) -> Result<Committed<HandOvers>> {
    let wanted = asked.ids.len() + asked.tracking_numbers.len();
    if !(1..=MOST).contains(&wanted) {
        return Err(Problem::unprocessable("invalid").field("/ids", "shipment_many").with("most", MOST));
    }
    let tx = app.begin(&staff.actor).await?;
    let results = hand_over_many(&tx, &asked).await?;
    let done = results.iter().filter(|result| result.done).count();
    Committed::ok(tx, HandOvers { done, refused: results.len() - done, results }).await
}

async fn hand_over_many(tx: &Tx, asked: &HandOver) -> Result<Vec<HandedOver>, Error> {
    let scanned = scanned(tx, &asked.tracking_numbers).await?;
    let named = asked.ids.iter().map(|id| (Some(*id), None));
    let wanted: Vec<(Option<i64>, Option<String>)> = named.chain(scanned).collect();
    // Orders are locked in the order of their ids, whatever was sent first.
    let known = shipment::Entity::find()
        .filter(shipment::Column::Id.is_in(wanted.iter().filter_map(|(id, _)| *id)))
        .order_by(shipment::Column::OrderId, Order::Asc)
        .order_by(shipment::Column::Id, Order::Asc)
        .all(tx.db())
        .await?;
    let mut outcomes: BTreeMap<i64, Option<&'static str>> = BTreeMap::new();
    for row in known {
        let outcome = match hand_over(tx, row.id).await {
            Ok(_) => None,
            Err(Error::ShipmentState(_)) => Some("shipment_state"),
            Err(Error::Order(zg_orders::Error::Locked(_))) => Some("order_locked"),
            Err(other) => return Err(other),
        };
        outcomes.insert(row.id, outcome);
    }
    let mut told: std::collections::BTreeSet<i64> = std::collections::BTreeSet::new();
    let result = |(id, tracking_number): (Option<i64>, Option<String>)| {
        let outcome = id.and_then(|id| outcomes.get(&id).copied()).unwrap_or(Some("shipment_not_found"));
        // Sent twice, it is handed over once.
        let outcome = if outcome.is_none() && id.is_some_and(|id| !told.insert(id)) { Some("shipment_state") } else { outcome };
        HandedOver { id, tracking_number, done: outcome.is_none(), code: outcome.map(str::to_owned) }
    };
    Ok(wanted.into_iter().map(result).collect())
}

/// The packed parcels with these tracking numbers. Two that share a waybill both leave.
async fn scanned(tx: &Tx, numbers: &[String]) -> Result<Vec<(Option<i64>, Option<String>)>, Error> {
    let mut plain = Vec::with_capacity(numbers.len());
    for (at, number) in numbers.iter().enumerate() {
        plain.push(tracking(Some(number), &format!("/tracking_numbers/{at}"))?.unwrap_or_default());
    }
    let rows = shipment::Entity::find()
        .filter(shipment::Column::TrackingNumber.is_in(plain.iter().cloned()))
        .order_by(shipment::Column::Id, Order::Asc)
        .all(tx.db())
        .await?;
    let mut found = Vec::new();
    for number in plain {
        let of_it: Vec<&shipment::Model> = rows.iter().filter(|row| row.tracking_number.as_deref() == Some(&number)).collect();
        let packed: Vec<i64> = of_it.iter().filter(|row| row.state == PACKED).map(|row| row.id).collect();
        // None is packed: the last one says why.
        let ids = if packed.is_empty() { of_it.last().map(|row| row.id).into_iter().collect() } else { packed };
        if ids.is_empty() {
            found.push((None, Some(number)));
        } else {
            found.extend(ids.into_iter().map(|id| (Some(id), Some(number.clone()))));
        }
    }
    Ok(found)
}
