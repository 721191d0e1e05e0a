//! Saved views of the console's lists (B7): a name for a search, its filters, order and columns.
//!
//! A view belongs to whoever saved it. Shared, it is a tab above the list for every colleague;
//! sharing, and taking back what a colleague shared, is a right of its own, for it changes what
//! others see. A list shows a reader only what they may read, whatever view they open.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::saved_view::{ActiveModel, Column, Entity, Model};
use zg_db::entity::staff as person;
use zg_web::{Answer, Committed, IfMatch, Json, Page, Path, Query, Result, Staff, View};

use crate::{Error, ShareViews};

/// The most that one person saves for one list.
const EACH: u64 = 50;
/// The most characters of a name: it stands on a tab.
const NAME: usize = 40;
/// The most parameters of a view, and the most bytes of them all.
const PARAMETERS: (usize, usize) = (40, 4_000);

/// A saved view.
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedView {
    id: i64,
    list: String,
    name: String,
    /// The parameters of the list's address.
    query: BTreeMap<String, String>,
    /// Colleagues see it too.
    shared: bool,
    /// It is one's own: one may change and delete it.
    mine: bool,
    /// Who saved it.
    owner: String,
    version: i64,
}

impl View for SavedView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A view to be saved or changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewInput {
    /// At most 40 characters; one's other views of the list have other names.
    name: String,
    /// The parameters of the list's address, without the page.
    query: BTreeMap<String, String>,
    /// Colleagues see it too; needs the right `views.share`.
    #[serde(default)]
    shared: bool,
}

/// A view to be saved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewView {
    /// Of which list: small letters, digits, `-` and `_`.
    list: String,
    /// At most 40 characters; one's other views of the list have other names.
    name: String,
    /// The parameters of the list's address, without the page.
    query: BTreeMap<String, String>,
    /// Colleagues see it too; needs the right `views.share`.
    #[serde(default)]
    shared: bool,
}

/// Which views.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewsQuery {
    /// Of which list.
    list: String,
}

/// One's own views of a list and those that colleagues share, in the order they were saved.
#[utoipa::path(get, path = "/admin/views", params(ViewsQuery), responses((status = 200, body = Page<SavedView>)))]
pub(crate) async fn list(State(app): State<App>, staff: Staff, Query(asked): Query<ViewsQuery>) -> Result<Answer<Page<SavedView>>> {
    let me = staff.id.unwrap_or_default();
    let rows = Entity::find()
        .filter(Column::List.eq(asked.list))
        .filter(Column::StaffId.eq(me).or(Column::Shared.eq(true)))
        .order_by(Column::Id, Order::Asc)
        .limit(500)
        .all(app.read())
        .await?;
    let owners: Vec<i64> = rows.iter().map(|row| row.staff_id).collect();
    let people = person::Entity::find().filter(person::Column::Id.is_in(owners)).all(app.read()).await?;
    let names: BTreeMap<i64, String> = people.into_iter().map(|row| (row.id, row.name)).collect();
    let data: Vec<SavedView> = rows
        .into_iter()
        .map(|row| {
            let owner = names.get(&row.staff_id).cloned().unwrap_or_default();
            view(row, me, owner)
        })
        .collect();
    Ok(Answer::ok(Page::whole(data)))
}

/// Saves a view.
#[utoipa::path(post, path = "/admin/views", request_body = NewView, responses((status = 201, body = SavedView)))]
pub(crate) async fn create(State(app): State<App>, staff: Staff, Json(asked): Json<NewView>) -> Result<Committed<SavedView>> {
    let NewView { list, name, query, shared } = asked;
    let list = list_name(list)?;
    let row = fields(ViewInput { name, query, shared })?;
    may_share(&staff, shared)?;
    let me = staff.id.unwrap_or_default();
    let tx = app.begin(&staff.actor).await?;
    let own = Entity::find().filter(Column::StaffId.eq(me)).filter(Column::List.eq(list.as_str()));
    if own.count(tx.db()).await? >= EACH {
        return Err(Error::ViewsFull.into());
    }
    let row = ActiveModel { staff_id: Set(me), list: Set(list), version: Set(1), ..row };
    let row = row.insert(tx.db()).await.map_err(Error::from)?;
    if row.shared {
        tx.audit("view.share", "view", row.id, None, Some(told(&row))).await?;
    }
    let location = format!("/admin/views/{}", row.id);
    let owner = name_of(tx.db(), me).await?;
    Committed::created(tx, view(row, me, owner), &location).await
}

/// Changes one's own view.
#[utoipa::path(put, path = "/admin/views/{id}", params(("id" = i64, Path), IfMatch), request_body = ViewInput, responses((status = 200, body = SavedView)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<ViewInput>,
) -> Result<Committed<SavedView>> {
    let shared = asked.shared;
    let set = ActiveModel { version: Set(version + 1), ..fields(asked)? };
    let tx = app.begin(&staff.actor).await?;
    let before = own(tx.db(), &staff, id).await?;
    // Whoever may not share may still take their own view back.
    may_share(&staff, shared)?;
    let done = Entity::update_many().set(set).filter(Column::Id.eq(id)).filter(Column::Version.eq(version)).exec(tx.db()).await;
    if done.map_err(Error::from)?.rows_affected == 0 {
        return Err(Error::Changed.into());
    }
    let row = own(tx.db(), &staff, id).await?;
    if before.shared || row.shared {
        tx.audit("view.change", "view", id, Some(told(&before)), Some(told(&row))).await?;
    }
    let owner = name_of(tx.db(), row.staff_id).await?;
    let me = row.staff_id;
    Committed::ok(tx, view(row, me, owner)).await
}

/// Deletes one's own view.
#[utoipa::path(delete, path = "/admin/views/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let before = own(tx.db(), &staff, id).await?;
    Entity::delete_by_id(id).exec(tx.db()).await?;
    if before.shared {
        tx.audit("view.delete", "view", id, Some(told(&before)), None).await?;
    }
    Committed::no_content(tx).await
}

/// Takes a shared view away from everybody but its owner, who keeps it.
#[utoipa::path(post, path = "/admin/views/{id}/withdraw", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn withdraw(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let before = Entity::find_by_id(id).filter(Column::Shared.eq(true)).one(tx.db()).await?.ok_or(Error::ViewNotFound)?;
    let set = ActiveModel { shared: Set(false), version: Set(before.version + 1), ..Default::default() };
    let done = Entity::update_many().set(set).filter(Column::Id.eq(id)).filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    if done.rows_affected == 0 {
        return Err(Error::Changed.into());
    }
    let after = Model { shared: false, ..before.clone() };
    tx.audit("view.withdraw", "view", id, Some(told(&before)), Some(told(&after))).await?;
    Committed::no_content(tx).await
}

/// One's own view; a colleague's is not there.
async fn own(db: &impl ConnectionTrait, staff: &Staff, id: i64) -> Result<Model, Error> {
    let row = Entity::find_by_id(id).filter(Column::StaffId.eq(staff.id.unwrap_or_default())).one(db).await?;
    row.ok_or(Error::ViewNotFound)
}

async fn name_of(db: &impl ConnectionTrait, staff_id: i64) -> Result<String, Error> {
    Ok(person::Entity::find_by_id(staff_id).one(db).await?.map(|row| row.name).unwrap_or_default())
}

fn may_share(staff: &Staff, shared: bool) -> Result<(), Error> {
    if shared && !staff.rights.allows::<ShareViews>() { Err(Error::ShareForbidden) } else { Ok(()) }
}

fn view(row: Model, me: i64, owner: String) -> SavedView {
    let Model { id, staff_id, list, name, query, shared, version } = row;
    let query = serde_json::from_value(query).unwrap_or_default();
    SavedView { id, list, name, query, shared, mine: staff_id == me, owner, version }
}

fn told(row: &Model) -> Value {
    json!({ "list": row.list, "name": row.name, "query": row.query, "shared": row.shared })
}

fn list_name(list: String) -> Result<String, Error> {
    if fits(&list, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'_')) {
        Ok(list)
    } else {
        Err(Error::Field("/list".to_owned(), "view_list"))
    }
}

fn fields(asked: ViewInput) -> Result<ActiveModel, Error> {
    let name = asked.name.trim();
    match name.chars().count() {
        0 => return Err(Error::Field("/name".to_owned(), "required")),
        length if length > NAME => return Err(Error::Field("/name".to_owned(), "too_long")),
        _ => {}
    }
    let names_fit = asked.query.keys().all(|name| fits(name, |c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_')));
    let size: usize = asked.query.iter().map(|(name, value)| name.len() + value.len()).sum();
    if !names_fit || asked.query.len() > PARAMETERS.0 || size > PARAMETERS.1 {
        return Err(Error::Field("/query".to_owned(), "view_query"));
    }
    let query = asked.query.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    Ok(ActiveModel { name: Set(name.to_owned()), query: Set(Value::Object(query)), shared: Set(asked.shared), ..Default::default() })
}

fn fits(name: &str, letter: impl Fn(u8) -> bool) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(letter)
}
