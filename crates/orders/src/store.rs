//! An order as the shopper sees it, found by its token alone.

use axum::extract::State as Extract;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::{carrier, order, shipment, shipment_line};
use zg_domain::Locale;
use zg_domain::order::{Fulfilment, Payment, State};
use zg_domain::pricing::Step;
use zg_web::{Answer, Lang, Path, Result};

use crate::Error;
use crate::cart::PaymentChoice;
use crate::detail::payment_method_of;
use crate::find::lines_of;
use crate::view::{Address, LineView, Totals, address_of, currency_of, explanation_of, line_views};

/// A parcel on its way.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreParcel)]
pub struct Parcel {
    /// Its number.
    pub number: String,
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's number.
    pub tracking_number: Option<String>,
    /// Where it is followed.
    pub tracking_url: Option<String>,
    /// When it was handed over.
    pub handed_over_at: Option<DateTime<Utc>>,
    /// When it arrived.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Ordinal of a line → pieces in it.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub pieces: BTreeMap<i32, i64>,
}

/// An order, as its shopper sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StoreOrder)]
pub struct StoreOrder {
    /// For people.
    pub number: String,
    /// By which it is found.
    pub token: String,
    /// How far it is.
    pub state: State,
    /// How far it is paid.
    pub payment: Payment,
    /// How far it is fulfilled.
    pub fulfilment: Fulfilment,
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// When it was called off.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Unpaid till then it is cancelled.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who ordered.
    pub name: String,
    /// Where the mails go.
    pub email: Option<String>,
    /// Where it goes.
    pub address: Option<Address>,
    /// How it is shipped.
    pub shipping_method: Option<String>,
    /// How it is paid, and what the shopper is to do.
    pub payment_method: Option<PaymentChoice>,
    /// What the shopper wrote.
    pub note: Option<String>,
    /// Its lines.
    pub lines: Vec<LineView>,
    /// What it comes to.
    pub totals: Totals,
    /// Every step of the price, amounts in minor units (B1).
    pub explanation: Vec<Step>,
    /// What has left.
    pub parcels: Vec<Parcel>,
}

/// An order by its token.
#[utoipa::path(get, path = "/store/orders/{token}", params(("token" = String, Path)), responses((status = 200, body = StoreOrder)))]
pub(crate) async fn handler(Extract(app): Extract<App>, Lang(locale): Lang, Path(token): Path<String>) -> Result<Answer<StoreOrder>> {
    Ok(Answer::ok(by_token(&app, &token, locale).await?))
}

/// An order by its token; ways to pay are named in the reader's language.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn by_token(app: &App, token: &str, locale: Locale) -> Result<StoreOrder, Error> {
    let db = app.read();
    let row = order::Entity::find().filter(order::Column::Token.eq(token)).one(db).await?.ok_or(Error::NotFound)?;
    let lines = lines_of(db, row.id).await?;
    let ordinals: BTreeMap<i64, i32> = lines.iter().map(|line| (line.id, line.ordinal)).collect();
    let axis = |_| Error::Stored("an axis of an order");
    let payment_method = payment_method_of(db, &row).await?;
    Ok(StoreOrder {
        state: row.state.parse().map_err(axis)?,
        payment: row.payment_state.parse().map_err(axis)?,
        fulfilment: row.fulfilment_state.parse().map_err(axis)?,
        address: address_of(&row)?,
        payment_method: payment_method.map(|method| PaymentChoice::of(&method, locale, Some(&method.code))),
        lines: line_views(db, currency_of(&row)?, lines).await?,
        totals: Totals::of(&row)?,
        explanation: explanation_of(&row)?,
        parcels: parcels(db, row.id, &ordinals).await?,
        number: row.number,
        token: row.token,
        placed_at: row.placed_at,
        cancelled_at: row.cancelled_at,
        expires_at: row.expires_at,
        name: row.contact_name,
        email: row.email,
        shipping_method: row.shipping_name,
        note: row.note,
    })
}

/// What has been handed over.
async fn parcels(db: &impl ConnectionTrait, order_id: i64, ordinals: &BTreeMap<i64, i32>) -> Result<Vec<Parcel>, Error> {
    let rows = shipment::Entity::find()
        .filter(shipment::Column::OrderId.eq(order_id))
        .filter(shipment::Column::HandedOverAt.is_not_null())
        .filter(shipment::Column::UndoneAt.is_null())
        .order_by(shipment::Column::Id, Order::Asc)
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let carriers = carrier::Entity::find().filter(carrier::Column::Id.is_in(rows.iter().filter_map(|row| row.carrier_id))).all(db).await?;
    let held = shipment_line::Entity::find().filter(shipment_line::Column::ShipmentId.is_in(rows.iter().map(|row| row.id))).all(db).await?;
    let parcel = |row: shipment::Model| {
        let carrier = carriers.iter().find(|carrier| Some(carrier.id) == row.carrier_id);
        let template = carrier.and_then(|carrier| carrier.tracking_url.as_deref());
        let tracking_url =
            template.zip(row.tracking_number.as_deref()).map(|(url, number)| zg_system::shipping::tracking_link(url, number));
        let mut pieces = BTreeMap::new();
        for line in held.iter().filter(|line| line.shipment_id == row.id) {
            if let Some(ordinal) = ordinals.get(&line.order_line_id) {
                *pieces.entry(*ordinal).or_default() += line.quantity;
            }
        }
        Parcel {
            number: row.number,
            carrier: carrier.map(|carrier| carrier.name.clone()),
            tracking_number: row.tracking_number,
            tracking_url,
            handed_over_at: row.handed_over_at,
            delivered_at: row.delivered_at,
            pieces,
        }
    };
    Ok(rows.into_iter().map(parcel).collect())
}
