//! Parcels as staff read them: all of them, one, and those of an order.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::{carrier, order, order_line, shipment, shipment_line, warehouse};
use zg_db::pattern::begins;
use zg_domain::time::start_of;
use zg_web::{Answer, Cursor, Limit, Page, Path, Query, Result, Staff, View};

use crate::Error;
use crate::parcel::{DELIVERED, HANDED_OVER, PACKED, UNDONE, letter, tracking};

/// Where a parcel is in its life.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ShipmentState {
    /// Still in the house.
    Packed,
    /// With the carrier.
    HandedOver,
    /// Arrived.
    Delivered,
    /// Taken back before it was handed over.
    Undone,
}

impl ShipmentState {
    fn word(self) -> &'static str {
        match self {
            Self::Packed => PACKED,
            Self::HandedOver => HANDED_OVER,
            Self::Delivered => DELIVERED,
            Self::Undone => UNDONE,
        }
    }
}

/// Which parcels.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShipmentQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// The beginning of a parcel's number, of a tracking number or of an order's number.
    q: Option<String>,
    /// Only in this state.
    #[param(inline)]
    state: Option<ShipmentState>,
    /// Only with this carrier.
    carrier_id: Option<i64>,
    /// With this tracking number, as it is scanned.
    tracking: Option<String>,
    /// Of the order with this number.
    order: Option<String>,
    /// With this number of its own.
    number: Option<String>,
    /// Packed on this day of the shop or later.
    from: Option<NaiveDate>,
    /// Packed on this day of the shop or before.
    to: Option<NaiveDate>,
}

/// What a parcel holds of a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentLine {
    /// Row of `order_line`.
    line_id: i64,
    sku: String,
    /// As it was sold.
    name: String,
    options: Option<String>,
    quantity: i64,
}

/// A parcel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentView {
    pub(crate) id: i64,
    number: String,
    order_id: i64,
    order_number: String,
    /// Who receives it.
    contact_name: String,
    warehouse_id: i64,
    /// The warehouse's code.
    warehouse: String,
    carrier_id: Option<i64>,
    /// The carrier's name.
    carrier: Option<String>,
    tracking_number: Option<String>,
    /// Where it is followed.
    tracking_url: Option<String>,
    state: ShipmentState,
    packed_at: DateTime<Utc>,
    handed_over_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    undone_at: Option<DateTime<Utc>>,
    /// When the customer was told.
    notified_at: Option<DateTime<Utc>>,
    note: Option<String>,
    lines: Vec<ShipmentLine>,
    /// What its state allows: `undo`, `hand_over`, `deliver`, `change`.
    actions: Vec<&'static str>,
    version: i64,
}

impl View for ShipmentView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Parcels, newest first.
#[utoipa::path(get, path = "/admin/shipments", params(ShipmentQuery), responses((status = 200, body = Page<ShipmentView>)))]
pub(crate) async fn handler(
    State(app): State<App>,
    _staff: Staff,
    Query(asked): Query<ShipmentQuery>,
) -> Result<Answer<Page<ShipmentView>>> {
    use shipment::Column;
    let db = app.read();
    let zone = app.shop().time_zone;
    let mut found = shipment::Entity::find();
    if let (Some(typed), Some(text)) = (&asked.q, tracking(asked.q.as_deref(), "/q")?) {
        found = found.filter(Column::Id.in_subquery(named(typed.trim(), &text)));
    }
    if let Some(state) = asked.state {
        found = found.filter(Column::State.eq(state.word()));
    }
    if let Some(carrier_id) = asked.carrier_id {
        found = found.filter(Column::CarrierId.eq(carrier_id));
    }
    if let Some(number) = tracking(asked.tracking.as_deref(), "/tracking")? {
        found = found.filter(Column::TrackingNumber.eq(number));
    }
    if let Some(number) = &asked.order {
        let known = order::Entity::find().filter(order::Column::Number.eq(number.trim())).one(db).await?;
        found = found.filter(Column::OrderId.eq(known.map_or(0, |row| row.id)));
    }
    if let Some(number) = &asked.number {
        found = found.filter(Column::Number.eq(number.trim()));
    }
    if let Some(from) = asked.from {
        found = found.filter(Column::PackedAt.gte(start_of(from, zone)));
    }
    if let Some(after) = asked.to.and_then(|to| to.succ_opt()) {
        found = found.filter(Column::PackedAt.lt(start_of(after, zone)));
    }
    if let Some(before) = Cursor::decode_opt::<i64>(asked.cursor.as_deref())? {
        found = found.filter(Column::Id.lt(before));
    }
    let rows = found.order_by(Column::Id, Order::Desc).limit(asked.limit.and_one()).all(db).await?;
    let Page { data, meta } = Page::of(rows, asked.limit, None, |row| row.id);
    Ok(Answer::ok(Page { data: views(db, data).await?, meta }))
}

/// The ids of parcels whose own number, tracking number or order's number begins with
/// a text. As a union each finds its rows by its own index; by OR, none would.
fn named(typed: &str, text: &str) -> SelectStatement {
    use shipment::Column;
    let ids = |rule: Expr| shipment::Entity::find().select_only().column(Column::Id).filter(rule).into_query();
    // An order that came from another shop keeps the number it had there, in small letters too.
    let number = Condition::any().add(order::Column::Number.eq(typed)).add(begins(Expr::col(order::Column::Number), text));
    let orders = order::Entity::find().select_only().column(order::Column::Id).filter(number).into_query();
    let mut found = ids(begins(Expr::col(Column::Number), text));
    found.union(UnionType::Distinct, ids(begins(Expr::col(Column::TrackingNumber), text)));
    found.union(UnionType::Distinct, ids(Column::OrderId.in_subquery(orders)));
    found
}

/// A parcel.
#[utoipa::path(get, path = "/admin/shipments/{id}", params(("id" = i64, Path)), responses((status = 200, body = ShipmentView)))]
pub(crate) async fn one(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<ShipmentView>> {
    let row = shipment::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::ShipmentNotFound)?;
    let version = row.version;
    Ok(Answer::ok(view(app.read(), row).await?).etag(version))
}

/// The parcels of an order, in the order in which they were packed.
#[utoipa::path(get, path = "/admin/orders/{id}/shipments", params(("id" = i64, Path)), responses((status = 200, body = Vec<ShipmentView>)))]
pub(crate) async fn of_order(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<Vec<ShipmentView>>> {
    let db = app.read();
    order::Entity::find_by_id(id).one(db).await?.ok_or(Error::Order(zg_orders::Error::NotFound))?;
    let rows = shipment::Entity::find().filter(shipment::Column::OrderId.eq(id)).order_by(shipment::Column::Id, Order::Asc).all(db).await?;
    Ok(Answer::ok(views(db, rows).await?))
}

/// One parcel as it leaves.
pub(crate) async fn view(db: &impl ConnectionTrait, row: shipment::Model) -> Result<ShipmentView, Error> {
    views(db, vec![row]).await?.into_iter().next().ok_or(Error::ShipmentNotFound)
}

async fn views(db: &impl ConnectionTrait, rows: Vec<shipment::Model>) -> Result<Vec<ShipmentView>, Error> {
    let orders: Vec<(i64, String, String)> = order::Entity::find()
        .select_only()
        .columns([order::Column::Id, order::Column::Number, order::Column::ContactName])
        .filter(order::Column::Id.is_in(rows.iter().map(|row| row.order_id)))
        .into_tuple()
        .all(db)
        .await?;
    let orders: BTreeMap<i64, (String, String)> = orders.into_iter().map(|(id, number, name)| (id, (number, name))).collect();
    let carriers = carrier::Entity::find().filter(carrier::Column::Id.is_in(rows.iter().filter_map(|row| row.carrier_id))).all(db).await?;
    let carriers: BTreeMap<i64, carrier::Model> = carriers.into_iter().map(|row| (row.id, row)).collect();
    let places: BTreeMap<i64, String> = warehouse::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row.code)).collect();
    let mut lines = lines(db, &rows).await?;
    let view = |row: shipment::Model| {
        let (order_number, contact_name) = orders.get(&row.order_id).cloned().unwrap_or_default();
        let carrier = row.carrier_id.and_then(|id| carriers.get(&id));
        let (state, actions) = state(&row.state);
        ShipmentView {
            lines: lines.remove(&row.id).unwrap_or_default(),
            order_number,
            contact_name,
            warehouse: places.get(&row.warehouse_id).cloned().unwrap_or_default(),
            carrier: carrier.map(|row| row.name.clone()),
            tracking_url: letter::link(carrier, &row),
            state,
            actions,
            id: row.id,
            number: row.number,
            order_id: row.order_id,
            warehouse_id: row.warehouse_id,
            carrier_id: row.carrier_id,
            tracking_number: row.tracking_number,
            packed_at: row.packed_at,
            handed_over_at: row.handed_over_at,
            delivered_at: row.delivered_at,
            undone_at: row.undone_at,
            notified_at: row.notified_at,
            note: row.note,
            version: row.version,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

fn state(word: &str) -> (ShipmentState, Vec<&'static str>) {
    match word {
        PACKED => (ShipmentState::Packed, vec!["undo", "hand_over", "change"]),
        HANDED_OVER => (ShipmentState::HandedOver, vec!["deliver", "change"]),
        DELIVERED => (ShipmentState::Delivered, Vec::new()),
        _ => (ShipmentState::Undone, Vec::new()),
    }
}

async fn lines(db: &impl ConnectionTrait, rows: &[shipment::Model]) -> Result<BTreeMap<i64, Vec<ShipmentLine>>, Error> {
    let held = shipment_line::Entity::find()
        .filter(shipment_line::Column::ShipmentId.is_in(rows.iter().map(|row| row.id)))
        .order_by(shipment_line::Column::OrderLineId, Order::Asc)
        .all(db)
        .await?;
    let sold = order_line::Entity::find().filter(order_line::Column::Id.is_in(held.iter().map(|line| line.order_line_id))).all(db).await?;
    let sold: BTreeMap<i64, order_line::Model> = sold.into_iter().map(|line| (line.id, line)).collect();
    let mut by_parcel: BTreeMap<i64, Vec<ShipmentLine>> = BTreeMap::new();
    for line in held {
        let Some(of) = sold.get(&line.order_line_id) else { continue };
        by_parcel.entry(line.shipment_id).or_default().push(ShipmentLine {
            line_id: of.id,
            sku: of.sku_code.clone(),
            name: of.name.clone(),
            options: of.options.clone(),
            quantity: line.quantity,
        });
    }
    Ok(by_parcel)
}
