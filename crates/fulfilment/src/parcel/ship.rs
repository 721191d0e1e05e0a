//! Pack a parcel (M5.12): pieces of an order leave on-hand and reserved stock
//! together, are counted as shipped, and the customer is told. What is not said goes
//! along: everything that was picked, or everything there is if nothing had to be.

use std::collections::BTreeMap;

use axum::extract::State as AppState;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx, number};
use zg_db::entity::{carrier, order, order_line, shipment, shipment_line, shipping_method};
use zg_domain::order::State;
use zg_orders::Move;
use zg_web::{Committed, Json, Path, Result, Staff};

use crate::Error;
use crate::find::{Held, held, here, lines, on_lists, picked_here};
use crate::parcel::list::{ShipmentView, view};
use crate::parcel::{self, PACKED, hand_over, letter};

/// Pieces of a line.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShipLine {
    /// Row of `order_line`.
    pub line_id: i64,
    /// How many.
    #[schema(minimum = 1)]
    pub quantity: i64,
}

/// A parcel to be packed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ship {
    /// What goes into it; everything that was picked, if absent.
    #[serde(default)]
    pub lines: Option<Vec<ShipLine>>,
    /// Who carries it; the carrier of the order's shipping method unless said.
    #[serde(default)]
    pub carrier_id: Option<i64>,
    /// The waybill's number.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub tracking_number: Option<String>,
    /// For colleagues.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
    /// Tell the customer now? If not, they are told when it is handed over.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub notify: bool,
    /// It is with the carrier already.
    #[serde(default)]
    pub handed_over: bool,
}

fn yes() -> bool {
    true
}

/// Packs a parcel of an order.
#[utoipa::path(post, path = "/admin/orders/{id}/shipments", params(("id" = i64, Path)), request_body = Ship, responses((status = 201, body = ShipmentView)))]
pub(crate) async fn handler(
    AppState(app): AppState<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<Ship>,
) -> Result<Committed<ShipmentView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = ship(&tx, id, &asked).await?;
    let view = view(tx.db(), row).await?;
    let location = format!("/admin/shipments/{}", view.id);
    Committed::created(tx, view, &location).await
}

/// Packs a parcel.
///
/// # Errors
/// [`Error::Order`] if there is no such order or a colleague holds it,
/// [`Error::OrderState`] unless it is confirmed, [`Error::ShipTooMany`],
/// [`Error::ShipUnpicked`], [`Error::NothingToShip`], [`Error::Field`],
/// [`Error::Stock`] if pieces were promised but are not there yet.
pub async fn ship(tx: &Tx, order_id: i64, asked: &Ship) -> Result<shipment::Model, Error> {
    let order = zg_orders::for_change(tx, order_id).await?;
    if order.state != State::Confirmed.as_str() {
        return Err(Error::OrderState(order.state));
    }
    let present = lines(tx.db(), &[order_id]).await?;
    let on_list = on_lists(tx.db(), &[order_id]).await?.contains_key(&order_id);
    let pieces = match &asked.lines {
        Some(wanted) => named(&present, wanted, on_list)?,
        None => everything(&present, on_list),
    };
    if pieces.is_empty() {
        return Err(Error::NothingToShip);
    }
    let row = write(tx, &order, asked, &pieces).await?;
    zg_inventory::ship(tx, order_id, row.id, &pieces).await?;
    zg_orders::move_lines(tx, order_id, Move::Ship, &pieces).await?;
    let order = zg_orders::settle_fulfilment(tx, order_id).await?;
    let data = json!({
        "shipment": row.id, "number": row.number, "tracking_number": row.tracking_number,
        "pieces": pieces.iter().map(|(_, quantity)| quantity).sum::<i64>(),
        "lines": pieces.iter().map(|(line, quantity)| json!({ "line_id": line, "quantity": quantity })).collect::<Vec<_>>(),
    });
    zg_orders::note_entry(tx, order_id, "shipped", data.clone(), row.note.as_deref()).await?;
    tx.audit("shipment.create", "shipment", row.id, None, Some(data)).await?;
    parcel::tell(tx, &row).await?;
    if asked.notify {
        letter::left(tx, &order, &row).await?;
    }
    if asked.handed_over { hand_over(tx, row.id).await } else { Ok(row) }
}

/// The pieces that were named, summed by line.
fn named(present: &[order_line::Model], wanted: &[ShipLine], on_list: bool) -> Result<Vec<(i64, i64)>, Error> {
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    for (at, line) in wanted.iter().enumerate() {
        if line.quantity < 1 {
            return Err(Error::field(format!("/lines/{at}/quantity"), "ship_quantity"));
        }
        if !present.iter().any(|known| known.id == line.line_id) {
            return Err(Error::field(format!("/lines/{at}/line_id"), "ship_line_unknown"));
        }
        let sum = sums.entry(line.line_id).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    for line in present {
        let Some(quantity) = sums.get(&line.id).copied() else { continue };
        let sku = line.sku_code.clone();
        if quantity > here(line) {
            return Err(Error::ShipTooMany { line: line.id, sku, left: here(line) });
        }
        if on_list && quantity > picked_here(line) {
            return Err(Error::ShipUnpicked { line: line.id, sku, left: picked_here(line) });
        }
    }
    Ok(sums.into_iter().collect())
}

/// What was picked and is still here. A shop that packs without picking ships what
/// is here; but once something was picked, the rest waits for its turn.
fn everything(present: &[order_line::Model], on_list: bool) -> Vec<(i64, i64)> {
    let picks = on_list || present.iter().any(|line| line.picked > 0);
    let of = |line: &order_line::Model| if picks { picked_here(line) } else { here(line) };
    present.iter().map(|line| (line.id, of(line))).filter(|(_, pieces)| *pieces > 0).collect()
}

async fn write(tx: &Tx, order: &order::Model, asked: &Ship, pieces: &[(i64, i64)]) -> Result<shipment::Model, Error> {
    let row = shipment::ActiveModel {
        order_id: Set(order.id),
        number: Set(format!("S{:06}", number::next(tx, "shipment").await?)),
        warehouse_id: Set(warehouse(tx, &held(tx.db(), &[order.id]).await?, pieces).await?),
        carrier_id: Set(carrier(tx, order, asked.carrier_id).await?),
        tracking_number: Set(parcel::tracking(asked.tracking_number.as_deref(), "/tracking_number")?),
        state: Set(PACKED.to_owned()),
        packed_at: Set(tx.now()),
        note: Set(parcel::note(asked.note.as_deref())?),
        notified_at: Set(asked.notify.then_some(tx.now())),
        version: Set(1),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await?;
    let lines = pieces.iter().map(|(line, quantity)| shipment_line::ActiveModel {
        shipment_id: Set(row.id),
        order_line_id: Set(*line),
        quantity: Set(*quantity),
    });
    shipment_line::Entity::insert_many(lines).exec_without_returning(tx.db()).await?;
    Ok(row)
}

/// The warehouse that a parcel leaves: where its first pieces are held.
async fn warehouse(tx: &Tx, held: &Held, pieces: &[(i64, i64)]) -> Result<i64, Error> {
    let first = pieces.iter().find_map(|(line, _)| held.get(line)?.keys().next().copied());
    match first {
        Some(id) => Ok(id),
        None => Ok(zg_inventory::default_warehouse(tx.db()).await?),
    }
}

/// The carrier that was named, or that of the order's shipping method.
pub(crate) async fn carrier(tx: &Tx, order: &order::Model, asked: Option<i64>) -> Result<Option<i64>, Error> {
    if let Some(id) = asked {
        let known = carrier::Entity::find_by_id(id).filter(carrier::Column::Enabled.eq(true)).one(tx.db()).await?;
        return known.map(|row| Some(row.id)).ok_or_else(|| Error::field("/carrier_id", "carrier_unknown"));
    }
    let Some(code) = &order.shipping_method else { return Ok(None) };
    let method = shipping_method::Entity::find().filter(shipping_method::Column::Code.eq(code)).one(tx.db()).await?;
    Ok(method.and_then(|row| row.carrier_id))
}
