//! Shipping methods (M8.7): what shoppers choose from, with a rate a zone.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use zg_base::{App, shelf};
use zg_db::entity::shipping_method::{ActiveModel, Column, Entity, Model};
use zg_db::entity::{carrier, order, shipping_rate};
use zg_domain::Locale;
use zg_web::{Answer, Committed, IfMatch, Json, Page, Path, Result, Staff, View};

use crate::Error;
use crate::shipping::carrier::{code, text};
use crate::shipping::rate::{self, ShippingRate};

/// A way to ship.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShippingMethodView {
    id: i64,
    code: String,
    /// Language tag → name.
    name: BTreeMap<String, String>,
    carrier_id: Option<i64>,
    /// Shoppers may choose it.
    enabled: bool,
    /// The courier may collect the money.
    cod: bool,
    /// The lower, the higher in the shopper's list.
    position: i32,
    rates: Vec<ShippingRate>,
    version: i64,
}

impl View for ShippingMethodView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A shipping method to be made or changed, with all its rates.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShippingMethodInput {
    /// Letters, digits, `-` and `_`; no other method has it.
    pub(crate) code: String,
    /// Language tag → name, in every language of the shop.
    pub(crate) name: BTreeMap<String, String>,
    /// Who carries it.
    pub(crate) carrier_id: Option<i64>,
    /// Shoppers may choose it.
    pub(crate) enabled: bool,
    /// The courier may collect the money.
    #[serde(default)]
    pub(crate) cod: bool,
    /// The lower, the higher in the shopper's list.
    #[serde(default)]
    pub(crate) position: i32,
    /// One a zone; where it has none, the method is not offered.
    pub(crate) rates: Vec<ShippingRate>,
}

/// All shipping methods, in the shopper's order.
#[utoipa::path(get, path = "/admin/shipping-methods", responses((status = 200, body = Page<ShippingMethodView>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Page<ShippingMethodView>>> {
    let found = Entity::find().order_by(Column::Position, Order::Asc).order_by(Column::Id, Order::Asc);
    let rows = found.limit(500).all(app.read()).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut rates = rate::by_method(app.read(), &ids).await?;
    let view = |row: Model| {
        let rates = rates.remove(&row.id).unwrap_or_default();
        view(row, rates)
    };
    Ok(Answer::ok(Page::whole(rows.into_iter().map(view).collect())))
}

/// One shipping method.
#[utoipa::path(get, path = "/admin/shipping-methods/{id}", params(("id" = i64, Path)), responses((status = 200, body = ShippingMethodView)))]
pub(crate) async fn one(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<ShippingMethodView>> {
    let view = find(app.read(), id).await?;
    let version = view.version;
    Ok(Answer::ok(view).etag(version))
}

/// Makes a shipping method.
#[utoipa::path(post, path = "/admin/shipping-methods", request_body = ShippingMethodInput, responses((status = 201, body = ShippingMethodView)))]
pub(crate) async fn create(
    State(app): State<App>,
    staff: Staff,
    Json(asked): Json<ShippingMethodInput>,
) -> Result<Committed<ShippingMethodView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = add(tx.db(), &asked).await?;
    let view = view(row, asked.rates);
    tx.audit("shipping_method.create", "shipping_method", view.id, None, Some(told(&view))).await?;
    shelf::touch(&tx).await?;
    let location = format!("/admin/shipping-methods/{}", view.id);
    Committed::created(tx, view, &location).await
}

pub(crate) async fn add(db: &impl ConnectionTrait, asked: &ShippingMethodInput) -> Result<Model, Error> {
    let row = ActiveModel { version: Set(1), ..fields(db, asked).await? };
    let row = row.insert(db).await?;
    rate::replace(db, row.id, &asked.rates).await?;
    Ok(row)
}

/// Changes a shipping method and all its rates. Orders keep what they were charged.
#[utoipa::path(put, path = "/admin/shipping-methods/{id}", params(("id" = i64, Path), IfMatch), request_body = ShippingMethodInput, responses((status = 200, body = ShippingMethodView)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<ShippingMethodInput>,
) -> Result<Committed<ShippingMethodView>> {
    let tx = app.begin(&staff.actor).await?;
    let before = find(tx.db(), id).await?;
    let set = ActiveModel { version: Set(version + 1), ..fields(tx.db(), &asked).await? };
    let done = Entity::update_many().set(set).filter(Column::Id.eq(id)).filter(Column::Version.eq(version)).exec(tx.db()).await;
    if done.map_err(Error::from)?.rows_affected == 0 {
        return Err(Error::Changed.into());
    }
    rate::replace(tx.db(), id, &asked.rates).await?;
    let after = find(tx.db(), id).await?;
    tx.audit("shipping_method.change", "shipping_method", id, Some(told(&before)), Some(told(&after))).await?;
    shelf::touch(&tx).await?;
    Committed::ok(tx, after).await
}

/// Deletes a shipping method that no order was shipped by; one that was is disabled instead.
#[utoipa::path(delete, path = "/admin/shipping-methods/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let before = find(tx.db(), id).await?;
    let used = order::Entity::find().filter(order::Column::ShippingMethod.eq(&before.code)).limit(1).one(tx.db()).await?;
    if used.is_some() {
        return Err(Error::MethodInUse.into());
    }
    shipping_rate::Entity::delete_many().filter(shipping_rate::Column::MethodId.eq(id)).exec(tx.db()).await?;
    Entity::delete_by_id(id).exec(tx.db()).await?;
    tx.audit("shipping_method.delete", "shipping_method", id, Some(told(&before)), None).await?;
    shelf::touch(&tx).await?;
    Committed::no_content(tx).await
}

async fn find(db: &impl ConnectionTrait, id: i64) -> Result<ShippingMethodView, Error> {
    let row = Entity::find_by_id(id).one(db).await?.ok_or(Error::MethodNotFound)?;
    let rates = rate::by_method(db, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(view(row, rates))
}

fn view(row: Model, rates: Vec<ShippingRate>) -> ShippingMethodView {
    let name = [(Locale::ZhCn, row.name_zh), (Locale::En, row.name_en)];
    ShippingMethodView {
        id: row.id,
        code: row.code,
        name: name.into_iter().map(|(locale, name)| (locale.tag().to_owned(), name)).collect(),
        carrier_id: row.carrier_id,
        enabled: row.enabled,
        cod: row.cod,
        position: row.position,
        rates,
        version: row.version,
    }
}

fn told(view: &ShippingMethodView) -> Value {
    json!({
        "code": view.code, "name": view.name, "carrier_id": view.carrier_id, "enabled": view.enabled,
        "cod": view.cod, "position": view.position, "rates": view.rates,
    })
}

async fn fields(db: &impl ConnectionTrait, asked: &ShippingMethodInput) -> Result<ActiveModel, Error> {
    if let Some(tag) = asked.name.keys().find(|tag| tag.parse::<Locale>().is_err()) {
        return Err(Error::Field(format!("/name/{tag}"), "language_unknown"));
    }
    let name = |locale: Locale| {
        let given = asked.name.get(locale.tag()).map(String::as_str).unwrap_or_default();
        text(given, &format!("/name/{}", locale.tag()))
    };
    if let Some(id) = asked.carrier_id
        && carrier::Entity::find_by_id(id).one(db).await?.is_none()
    {
        return Err(Error::Field("/carrier_id".to_owned(), "carrier_not_found"));
    }
    rate::check(db, &asked.rates).await?;
    Ok(ActiveModel {
        code: Set(code(&asked.code)?),
        name_zh: Set(name(Locale::ZhCn)?),
        name_en: Set(name(Locale::En)?),
        carrier_id: Set(asked.carrier_id),
        enabled: Set(asked.enabled),
        cod: Set(asked.cod),
        position: Set(asked.position),
        ..Default::default()
    })
}
