//! Roles (M8.2): named sets of rights, effective with the next request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use axum::extract::State;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::session::AccessChanged;
use zg_base::{App, Tx};
use zg_db::entity::{role, role_right, staff, staff_role};
use zg_web::{Answer, Committed, IfMatch, Json, Path, Result, Staff, View};

use crate::{Error, beyond};

/// Every right that a route states; set once, when the routes are put together.
static KNOWN: OnceLock<Vec<&'static str>> = OnceLock::new();

/// Says which rights there are. The server does it with the list its routes give.
pub fn know(rights: Vec<&'static str>) {
    // A second application in the same process has the same routes.
    let _ = KNOWN.set(rights);
}

/// Every right that a role can grant.
pub fn known() -> &'static [&'static str] {
    KNOWN.get().map_or(&[], Vec::as_slice)
}

/// A role.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleView {
    id: i64,
    name: String,
    description: String,
    /// Grants everything.
    is_super: bool,
    /// Names of rights.
    rights: Vec<String>,
    /// Administrators who hold it.
    holders: u64,
    version: i64,
}

impl View for RoleView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Roles, and the rights there are to grant.
#[derive(Serialize, ToSchema)]
pub(crate) struct Roles {
    data: Vec<RoleView>,
    /// Every right, sorted by name.
    rights: Vec<String>,
}

/// A role to be made or changed.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleInput {
    /// A name no other role has.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// Names of rights.
    rights: Vec<String>,
}

/// All roles.
#[utoipa::path(get, path = "/admin/roles", responses((status = 200, body = Roles)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Roles>> {
    let roles = role::Entity::find().order_by(role::Column::Id, Order::Asc).all(app.read()).await?;
    let mut granted: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for row in role_right::Entity::find().order_by(role_right::Column::Right, Order::Asc).all(app.read()).await? {
        granted.entry(row.role_id).or_default().push(row.right);
    }
    let mut holders: BTreeMap<i64, u64> = BTreeMap::new();
    for row in staff_role::Entity::find().all(app.read()).await? {
        *holders.entry(row.role_id).or_default() += 1;
    }
    let data = roles
        .into_iter()
        .map(|row| {
            let rights = granted.remove(&row.id).unwrap_or_default();
            view(row, rights, &holders)
        })
        .collect();
    Ok(Answer::ok(Roles { data, rights: known().iter().map(|&name| name.to_owned()).collect() }))
}

fn view(row: role::Model, rights: Vec<String>, holders: &BTreeMap<i64, u64>) -> RoleView {
    let holders = holders.get(&row.id).copied().unwrap_or_default();
    RoleView { id: row.id, name: row.name, description: row.description, is_super: row.is_super, rights, holders, version: row.version }
}

/// One role.
#[utoipa::path(get, path = "/admin/roles/{id}", params(("id" = i64, Path)), responses((status = 200, body = RoleView)))]
pub(crate) async fn one(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<RoleView>> {
    let row = role::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::RoleNotFound)?;
    let rights = rights_of(app.read(), id).await?;
    let holders = staff_role::Entity::find().filter(staff_role::Column::RoleId.eq(id)).count(app.read()).await?;
    let version = row.version;
    Ok(Answer::ok(view(row, rights, &BTreeMap::from([(id, holders)]))).etag(version))
}

/// Makes a role.
#[utoipa::path(post, path = "/admin/roles", request_body = RoleInput, responses((status = 201, body = RoleView)))]
pub(crate) async fn create(State(app): State<App>, staff: Staff, Json(asked): Json<RoleInput>) -> Result<Committed<RoleView>> {
    check(&asked)?;
    beyond::rights(&staff.rights, asked.rights.iter().map(String::as_str))?;
    let tx = app.begin(&staff.actor).await?;
    let row = role::ActiveModel {
        name: Set(asked.name.trim().to_owned()),
        description: Set(asked.description.clone()),
        is_super: Set(false),
        version: Set(1),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await.map_err(Error::from)?;
    grant(&tx, row.id, &asked.rights).await?;
    tx.audit("role.create", "role", row.id, None, serde_json::to_value(&asked).ok()).await?;
    let location = format!("/admin/roles/{}", row.id);
    let rights = rights_of(tx.db(), row.id).await?;
    Committed::created(tx, view(row, rights, &BTreeMap::new()), &location).await
}

/// Changes a role: effective with its holders' next request.
#[utoipa::path(put, path = "/admin/roles/{id}", params(("id" = i64, Path), IfMatch), request_body = RoleInput, responses((status = 200, body = RoleView)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<RoleInput>,
) -> Result<Committed<RoleView>> {
    check(&asked)?;
    let tx = app.begin(&staff.actor).await?;
    let before = role::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::RoleNotFound)?;
    let rights_before = rights_of(tx.db(), id).await?;
    beyond::roles(tx.db(), &staff.rights, &BTreeSet::from([id])).await?;
    beyond::rights(&staff.rights, asked.rights.iter().map(String::as_str))?;
    let row = role::ActiveModel {
        name: Set(asked.name.trim().to_owned()),
        description: Set(asked.description.clone()),
        version: Set(version + 1),
        ..Default::default()
    };
    let done = role::Entity::update_many()
        .set(row)
        .filter(role::Column::Id.eq(id))
        .filter(role::Column::Version.eq(version))
        .exec(tx.db())
        .await
        .map_err(Error::from)?;
    if done.rows_affected == 0 {
        return Err(Error::Changed.into());
    }
    role_right::Entity::delete_many().filter(role_right::Column::RoleId.eq(id)).exec(tx.db()).await?;
    grant(&tx, id, &asked.rights).await?;
    tx.publish(&AccessChanged::default()).await?;
    let seen = serde_json::json!({ "name": before.name, "description": before.description, "rights": rights_before });
    tx.audit("role.change", "role", id, Some(seen), serde_json::to_value(&asked).ok()).await?;
    let row = role::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::RoleNotFound)?;
    let holders = staff_role::Entity::find().filter(staff_role::Column::RoleId.eq(id)).count(tx.db()).await?;
    let rights = rights_of(tx.db(), id).await?;
    Committed::ok(tx, view(row, rights, &BTreeMap::from([(id, holders)]))).await
}

/// Deletes a role that nobody holds.
#[utoipa::path(delete, path = "/admin/roles/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let before = role::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::RoleNotFound)?;
    if staff_role::Entity::find().filter(staff_role::Column::RoleId.eq(id)).count(tx.db()).await? > 0 {
        return Err(Error::RoleInUse.into());
    }
    // The role that grants everything is the way back in: it stays.
    if before.is_super {
        return Err(Error::LastSuper.into());
    }
    role_right::Entity::delete_many().filter(role_right::Column::RoleId.eq(id)).exec(tx.db()).await?;
    role::Entity::delete_many().filter(role::Column::Id.eq(id)).exec(tx.db()).await?;
    tx.audit("role.delete", "role", id, Some(serde_json::json!({ "name": before.name })), None).await?;
    Committed::no_content(tx).await
}

/// The id of the role that grants everything, made if absent.
///
/// # Errors
/// [`Error::Base`].
pub async fn ensure_owner(tx: &Tx) -> Result<i64, Error> {
    if let Some(row) = role::Entity::find().filter(role::Column::IsSuper.eq(true)).one(tx.db()).await? {
        return Ok(row.id);
    }
    let row = role::ActiveModel {
        name: Set("店主 Owner".to_owned()),
        description: Set("全部权限 · All rights".to_owned()),
        is_super: Set(true),
        version: Set(1),
        ..Default::default()
    };
    Ok(row.insert(tx.db()).await?.id)
}

/// Holds the roles that grant everything until the transaction ends: whoever else
/// takes such a role away from somebody waits.
pub(crate) async fn hold_super(tx: &Tx) -> Result<(), Error> {
    role::Entity::update_many()
        .col_expr(role::Column::Description, Expr::col(role::Column::Description))
        .filter(role::Column::IsSuper.eq(true))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Administrators with all rights who can sign in, but one.
pub(crate) async fn supers_but(tx: &Tx, staff_id: i64) -> Result<u64, Error> {
    let roles: Vec<i64> =
        role::Entity::find().filter(role::Column::IsSuper.eq(true)).all(tx.db()).await?.into_iter().map(|row| row.id).collect();
    let holders: Vec<i64> = staff_role::Entity::find()
        .filter(staff_role::Column::RoleId.is_in(roles))
        .filter(staff_role::Column::StaffId.ne(staff_id))
        .all(tx.db())
        .await?
        .into_iter()
        .map(|row| row.staff_id)
        .collect();
    let able = staff::Entity::find().filter(staff::Column::Id.is_in(holders)).filter(staff::Column::DisabledAt.is_null());
    Ok(able.filter(Expr::col(staff::Column::PasswordHash).ne("")).count(tx.db()).await?)
}

fn check(asked: &RoleInput) -> Result<(), Error> {
    match asked.name.trim().chars().count() {
        0 => return Err(Error::Field("/name".to_owned(), "required")),
        1..=100 => {}
        _ => return Err(Error::Field("/name".to_owned(), "too_long")),
    }
    match asked.rights.iter().find(|right| !known().contains(&right.as_str())) {
        Some(unknown) => Err(Error::RightUnknown(unknown.clone())),
        None => Ok(()),
    }
}

async fn grant(tx: &Tx, role_id: i64, rights: &[String]) -> Result<(), Error> {
    let mut rights: Vec<&String> = rights.iter().collect();
    rights.sort_unstable();
    rights.dedup();
    if rights.is_empty() {
        return Ok(());
    }
    let rows = rights.into_iter().map(|right| role_right::ActiveModel { role_id: Set(role_id), right: Set(right.clone()) });
    role_right::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

async fn rights_of(db: &impl ConnectionTrait, role_id: i64) -> Result<Vec<String>, Error> {
    let rows = role_right::Entity::find()
        .filter(role_right::Column::RoleId.eq(role_id))
        .order_by(role_right::Column::Right, Order::Asc)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.right).collect())
}
