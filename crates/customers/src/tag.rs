//! Tags: words by which customers are grouped.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{customer_tag, tag};
use zg_web::{Answer, Committed, Json, Path, Result, Staff, View};

use crate::{Error, field};

/// Characters a tag may have.
const LONGEST: usize = 40;
/// Tags a customer may have.
const MOST: usize = 50;

/// A tag.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagView {
    id: i64,
    name: String,
    /// How many have it.
    customers: i64,
}

impl View for TagView {}

/// A tag's name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagInput {
    name: String,
}

/// All tags, by name.
#[utoipa::path(get, path = "/admin/tags", responses((status = 200, body = Vec<TagView>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Vec<TagView>>> {
    let rows = tag::Entity::find().order_by(tag::Column::Name, Order::Asc).limit(2_000).all(app.read()).await?;
    let counts: Vec<(i64, i64)> = customer_tag::Entity::find()
        .select_only()
        .column(customer_tag::Column::TagId)
        .column_as(customer_tag::Column::CustomerId.count(), "customers")
        .group_by(customer_tag::Column::TagId)
        .into_tuple()
        .all(app.read())
        .await?;
    let counts: BTreeMap<i64, i64> = counts.into_iter().collect();
    let view = |row: tag::Model| TagView { customers: counts.get(&row.id).copied().unwrap_or_default(), id: row.id, name: row.name };
    Ok(Answer::ok(rows.into_iter().map(view).collect()))
}

/// Makes a tag.
#[utoipa::path(post, path = "/admin/tags", request_body = TagInput, responses((status = 201, body = TagView)))]
pub(crate) async fn create(State(app): State<App>, staff: Staff, Json(asked): Json<TagInput>) -> Result<Committed<TagView>> {
    let tx = app.begin(&staff.actor).await?;
    let name = named("/name", &asked.name)?;
    let row = tag::ActiveModel { name: Set(name), ..Default::default() }.insert(tx.db()).await.map_err(Error::from)?;
    tx.audit("tag.create", "tag", row.id, None, Some(json!({ "name": row.name }))).await?;
    let location = format!("/admin/tags/{}", row.id);
    Committed::created(tx, TagView { id: row.id, name: row.name, customers: 0 }, &location).await
}

/// Renames a tag.
#[utoipa::path(put, path = "/admin/tags/{id}", params(("id" = i64, Path)), request_body = TagInput, responses((status = 204)))]
pub(crate) async fn rename(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<TagInput>,
) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let name = named("/name", &asked.name)?;
    let before = tag::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::TagNotFound)?;
    let row = tag::ActiveModel { name: Set(name.clone()), ..Default::default() };
    tag::Entity::update_many().set(row).filter(tag::Column::Id.eq(id)).exec(tx.db()).await.map_err(Error::from)?;
    tx.audit("tag.rename", "tag", id, Some(json!({ "name": before.name })), Some(json!({ "name": name }))).await?;
    Committed::no_content(tx).await
}

/// Deletes a tag and takes it from everybody who has it.
#[utoipa::path(delete, path = "/admin/tags/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let before = tag::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::TagNotFound)?;
    let taken = customer_tag::Entity::delete_many().filter(customer_tag::Column::TagId.eq(id)).exec(tx.db()).await?;
    tag::Entity::delete_by_id(id).exec(tx.db()).await?;
    let was = json!({ "name": before.name, "customers": taken.rows_affected });
    tx.audit("tag.delete", "tag", id, Some(was), None).await?;
    Committed::no_content(tx).await
}

fn named(pointer: &'static str, name: &str) -> Result<String, Error> {
    field::required(pointer, name, LONGEST)
}

/// The customer has these tags and no others.
pub(crate) async fn set(tx: &Tx, customer_id: i64, names: &[String]) -> Result<(), Error> {
    let names = names.iter().map(|name| named("/tags", name)).collect::<Result<BTreeSet<String>, Error>>()?;
    if names.len() > MOST {
        return Err(Error::Field { pointer: "/tags", code: "customer_tag_most" });
    }
    let ids = made(tx, &names).await?;
    let theirs = customer_tag::Column::CustomerId.eq(customer_id);
    let others = customer_tag::Column::TagId.is_not_in(ids.values().copied());
    customer_tag::Entity::delete_many().filter(theirs).filter(others).exec(tx.db()).await?;
    link(tx, ids.values().map(|tag_id| (customer_id, *tag_id)).collect()).await
}

/// Tags by name; those that do not exist are made.
pub(crate) async fn made(tx: &Tx, names: &BTreeSet<String>) -> Result<BTreeMap<String, i64>, Error> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = names.iter().map(|name| tag::ActiveModel { name: Set(name.clone()), ..Default::default() });
    let known = OnConflict::column(tag::Column::Name).do_nothing().to_owned();
    tag::Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx.db()).await?;
    let rows = tag::Entity::find().filter(tag::Column::Name.is_in(names.iter().map(String::as_str))).all(tx.db()).await?;
    Ok(rows.into_iter().map(|row| (row.name, row.id)).collect())
}

/// Gives tags to customers; who has one keeps it.
pub(crate) async fn link(tx: &Tx, links: Vec<(i64, i64)>) -> Result<(), Error> {
    if links.is_empty() {
        return Ok(());
    }
    let rows =
        links.into_iter().map(|(customer_id, tag_id)| customer_tag::ActiveModel { customer_id: Set(customer_id), tag_id: Set(tag_id) });
    let known = OnConflict::columns([customer_tag::Column::CustomerId, customer_tag::Column::TagId]).do_nothing().to_owned();
    customer_tag::Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx.db()).await?;
    Ok(())
}
