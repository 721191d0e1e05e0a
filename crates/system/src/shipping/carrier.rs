//! Carriers (M8.6): who takes parcels, and where a parcel is followed.

use axum::extract::State;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use zg_base::{App, shelf};
use zg_db::entity::carrier::{ActiveModel, Column, Entity, Model};
use zg_db::entity::{shipment, shipping_method};
use zg_web::{Answer, Committed, IfMatch, Json, Page, Path, Result, Staff, View};

use crate::Error;

/// Where the number goes in a tracking address.
const PLACEHOLDER: &str = "{number}";

/// Who takes parcels.
#[derive(Serialize, ToSchema)]
pub(crate) struct CarrierView {
    id: i64,
    code: String,
    name: String,
    /// Where a parcel is followed; `{number}` stands for the waybill's number.
    tracking_url: Option<String>,
    /// Its methods are offered.
    enabled: bool,
    version: i64,
}

impl View for CarrierView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

impl From<Model> for CarrierView {
    fn from(row: Model) -> Self {
        let Model { id, code, name, tracking_url, enabled, version } = row;
        Self { id, code, name, tracking_url, enabled, version }
    }
}

/// A carrier to be made or changed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarrierInput {
    /// Letters, digits, `-` and `_`; no other carrier has it.
    pub(crate) code: String,
    /// The name people see.
    pub(crate) name: String,
    /// An address with `{number}` in it.
    pub(crate) tracking_url: Option<String>,
    /// Its methods are offered.
    pub(crate) enabled: bool,
}

/// The address at which a parcel is followed.
pub fn tracking_link(template: &str, number: &str) -> String {
    let mut escaped = String::new();
    for byte in number.trim().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    template.replace(PLACEHOLDER, &escaped)
}

/// All carriers.
#[utoipa::path(get, path = "/admin/carriers", responses((status = 200, body = Page<CarrierView>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Page<CarrierView>>> {
    let rows = Entity::find().order_by(Column::Id, Order::Asc).limit(500).all(app.read()).await?;
    Ok(Answer::ok(Page::whole(rows.into_iter().map(CarrierView::from).collect())))
}

/// One carrier.
#[utoipa::path(get, path = "/admin/carriers/{id}", params(("id" = i64, Path)), responses((status = 200, body = CarrierView)))]
pub(crate) async fn one(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<CarrierView>> {
    let row = Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::CarrierNotFound)?;
    let version = row.version;
    Ok(Answer::ok(CarrierView::from(row)).etag(version))
}

/// Makes a carrier.
#[utoipa::path(post, path = "/admin/carriers", request_body = CarrierInput, responses((status = 201, body = CarrierView)))]
pub(crate) async fn create(State(app): State<App>, staff: Staff, Json(asked): Json<CarrierInput>) -> Result<Committed<CarrierView>> {
    let tx = app.begin(&staff.actor).await?;
    let row = add(tx.db(), &asked).await?;
    tx.audit("carrier.create", "carrier", row.id, None, Some(told(&row))).await?;
    shelf::touch(&tx).await?;
    let location = format!("/admin/carriers/{}", row.id);
    Committed::created(tx, row.into(), &location).await
}

pub(crate) async fn add(db: &impl ConnectionTrait, asked: &CarrierInput) -> Result<Model, Error> {
    let row = ActiveModel { version: Set(1), ..fields(asked)? };
    Ok(row.insert(db).await?)
}

/// Changes a carrier.
#[utoipa::path(put, path = "/admin/carriers/{id}", params(("id" = i64, Path), IfMatch), request_body = CarrierInput, responses((status = 200, body = CarrierView)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<CarrierInput>,
) -> Result<Committed<CarrierView>> {
    let set = ActiveModel { version: Set(version + 1), ..fields(&asked)? };
    let tx = app.begin(&staff.actor).await?;
    let before = Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::CarrierNotFound)?;
    let done = Entity::update_many().set(set).filter(Column::Id.eq(id)).filter(Column::Version.eq(version)).exec(tx.db()).await;
    if done.map_err(Error::from)?.rows_affected == 0 {
        return Err(Error::Changed.into());
    }
    let row = Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::CarrierNotFound)?;
    tx.audit("carrier.change", "carrier", id, Some(told(&before)), Some(told(&row))).await?;
    shelf::touch(&tx).await?;
    Committed::ok(tx, row.into()).await
}

/// Deletes a carrier that no method and no parcel names.
#[utoipa::path(delete, path = "/admin/carriers/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let before = Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::CarrierNotFound)?;
    let methods = shipping_method::Entity::find().filter(shipping_method::Column::CarrierId.eq(id)).count(tx.db()).await?;
    let parcel = shipment::Entity::find().filter(shipment::Column::CarrierId.eq(id)).limit(1).one(tx.db()).await?;
    if methods > 0 || parcel.is_some() {
        return Err(Error::CarrierInUse.into());
    }
    Entity::delete_by_id(id).exec(tx.db()).await?;
    tx.audit("carrier.delete", "carrier", id, Some(told(&before)), None).await?;
    shelf::touch(&tx).await?;
    Committed::no_content(tx).await
}

fn told(row: &Model) -> Value {
    json!({ "code": row.code, "name": row.name, "tracking_url": row.tracking_url, "enabled": row.enabled })
}

fn fields(asked: &CarrierInput) -> Result<ActiveModel, Error> {
    let code = code(&asked.code)?;
    let name = text(&asked.name, "/name")?;
    let url = asked.tracking_url.as_deref().map(str::trim).filter(|url| !url.is_empty());
    if url.is_some_and(|url| !(url.starts_with("https://") || url.starts_with("http://")) || !url.contains(PLACEHOLDER) || url.len() > 500)
    {
        return Err(Error::Field("/tracking_url".to_owned(), "tracking_url"));
    }
    Ok(ActiveModel {
        code: Set(code),
        name: Set(name),
        tracking_url: Set(url.map(str::to_owned)),
        enabled: Set(asked.enabled),
        ..Default::default()
    })
}

/// A code: letters, digits, `-` and `_`, at most 40.
pub(crate) fn code(text: &str) -> Result<String, Error> {
    let code = text.trim();
    let fits = (1..=40).contains(&code.len()) && code.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    if fits { Ok(code.to_owned()) } else { Err(Error::Field("/code".to_owned(), "shipping_code")) }
}

/// A name: not empty, at most 100 characters.
pub(crate) fn text(text: &str, pointer: &str) -> Result<String, Error> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Error::Field(pointer.to_owned(), "required")),
        1..=100 => Ok(text.to_owned()),
        _ => Err(Error::Field(pointer.to_owned(), "too_long")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn m8_6_the_number_is_escaped_in_the_tracking_address() {
        let link = |number| super::tracking_link("https://example.com/?n={number}", number);
        assert_eq!(link(" SF1234567890 "), "https://example.com/?n=SF1234567890");
        assert_eq!(link("a&b=#/单"), "https://example.com/?n=a%26b%3D%23%2F%E5%8D%95");
    }
}
