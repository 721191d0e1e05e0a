//! Addresses and notes of a customer, as staff keep them.

use axum::extract::State;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::customer_note;
use zg_web::{Committed, Json, Path, Result, Staff};

use crate::address::{self, AddressInput, Which};
use crate::save::touch;
use crate::view::{AddressView, NoteView};
use crate::{Error, field, find};

/// Adds an address; the first one is the default.
#[utoipa::path(post, path = "/admin/customers/{id}/addresses", params(("id" = i64, Path)), request_body = AddressInput, responses((status = 201, body = AddressView)))]
pub(crate) async fn add_address(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<AddressInput>,
) -> Result<Committed<AddressView>> {
    let tx = app.begin(&staff.actor).await?;
    let customer = find::locked(tx.db(), id).await?;
    let row = address::add(&tx, id, &asked).await?;
    touch(&tx, &customer).await?;
    tx.audit("customer.add_address", "customer", id, None, Some(json!(asked))).await?;
    let location = format!("/admin/customers/{id}/addresses/{}", row.id);
    Committed::created(tx, row.into(), &location).await
}

/// Replaces an address.
#[utoipa::path(put, path = "/admin/customers/{id}/addresses/{address_id}", params(("id" = i64, Path), ("address_id" = i64, Path)), request_body = AddressInput, responses((status = 200, body = AddressView)))]
pub(crate) async fn change_address(
    State(app): State<App>,
    staff: Staff,
    Path((id, address_id)): Path<(i64, i64)>,
    Json(asked): Json<AddressInput>,
) -> Result<Committed<AddressView>> {
    let tx = app.begin(&staff.actor).await?;
    let customer = find::locked(tx.db(), id).await?;
    let row = address::change(&tx, id, Which::Id(address_id), &asked).await?;
    touch(&tx, &customer).await?;
    tx.audit("customer.change_address", "customer", id, None, Some(json!(asked))).await?;
    Committed::ok(tx, row.into()).await
}

/// Removes an address.
#[utoipa::path(delete, path = "/admin/customers/{id}/addresses/{address_id}", params(("id" = i64, Path), ("address_id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn remove_address(
    State(app): State<App>,
    staff: Staff,
    Path((id, address_id)): Path<(i64, i64)>,
) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let customer = find::locked(tx.db(), id).await?;
    let row = address::remove(&tx, id, Which::Id(address_id)).await?;
    touch(&tx, &customer).await?;
    let was = json!({ "name": row.name, "city": row.city, "street": row.street });
    tx.audit("customer.remove_address", "customer", id, Some(was), None).await?;
    Committed::no_content(tx).await
}

/// A note.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteInput {
    /// At most 5,000 characters.
    body: String,
}

/// Notes something of a customer. The customer never sees it.
#[utoipa::path(post, path = "/admin/customers/{id}/notes", params(("id" = i64, Path)), request_body = NoteInput, responses((status = 201, body = NoteView)))]
pub(crate) async fn add_note(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<NoteInput>,
) -> Result<Committed<NoteView>> {
    let tx = app.begin(&staff.actor).await?;
    let customer = find::locked(tx.db(), id).await?;
    let row = customer_note::ActiveModel {
        customer_id: Set(id),
        body: Set(field::lines("/body", &asked.body, 5_000)?),
        author: Set(staff.actor.name.clone()),
        at: Set(tx.now()),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await?;
    touch(&tx, &customer).await?;
    tx.audit("customer.add_note", "customer", id, None, Some(json!({ "body": row.body }))).await?;
    let location = format!("/admin/customers/{id}/notes/{}", row.id);
    Committed::created(tx, row.into(), &location).await
}

/// Removes a note.
#[utoipa::path(delete, path = "/admin/customers/{id}/notes/{note_id}", params(("id" = i64, Path), ("note_id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn remove_note(State(app): State<App>, staff: Staff, Path((id, note_id)): Path<(i64, i64)>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let customer = find::locked(tx.db(), id).await?;
    let this = customer_note::Entity::find_by_id(note_id).filter(customer_note::Column::CustomerId.eq(id));
    let row = this.one(tx.db()).await?.ok_or(Error::NoteNotFound)?;
    customer_note::Entity::delete_by_id(row.id).exec(tx.db()).await?;
    touch(&tx, &customer).await?;
    tx.audit("customer.remove_note", "customer", id, Some(json!({ "body": row.body })), None).await?;
    Committed::no_content(tx).await
}
