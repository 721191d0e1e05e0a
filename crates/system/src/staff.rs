//! Administrators (M8.1): invited, changed, disabled. The last one with all rights stays.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{App, Tx, session};
use zg_db::entity::{staff, staff_role};
use zg_domain::{Email, Locale};
use zg_web::{Answer, Committed, IfMatch, Json, Path, Result, Staff, View};

use crate::{Error, beyond, password, role, second_factor};

/// An administrator, to colleagues.
#[derive(Serialize, ToSchema)]
pub(crate) struct StaffView {
    id: i64,
    email: String,
    name: String,
    locale: String,
    totp_enabled: bool,
    /// Has not chosen a password yet.
    invited: bool,
    /// Since when they cannot sign in.
    disabled_at: Option<DateTime<Utc>>,
    /// Ids of roles.
    roles: Vec<i64>,
    created_at: DateTime<Utc>,
    version: i64,
}

impl View for StaffView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// An administrator to be invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStaff {
    /// The address to sign in with.
    email: String,
    /// The name colleagues see.
    name: String,
    /// `zh-CN` or `en`.
    locale: Locale,
    /// Ids of roles.
    roles: Vec<i64>,
}

/// A change of an administrator.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeStaff {
    /// The name colleagues see.
    name: String,
    /// Ids of roles.
    roles: Vec<i64>,
    /// May not sign in; open sessions end at once.
    disabled: bool,
}

/// All administrators.
#[utoipa::path(get, path = "/admin/staff", responses((status = 200, body = Vec<StaffView>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Vec<StaffView>>> {
    let people = staff::Entity::find().order_by(staff::Column::Id, Order::Asc).limit(500).all(app.read()).await?;
    let mut roles: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for row in staff_role::Entity::find().order_by(staff_role::Column::RoleId, Order::Asc).all(app.read()).await? {
        roles.entry(row.staff_id).or_default().push(row.role_id);
    }
    let rows = people.into_iter().map(|row| {
        let roles = roles.remove(&row.id).unwrap_or_default();
        view(row, roles)
    });
    Ok(Answer::ok(rows.collect()))
}

fn view(row: staff::Model, roles: Vec<i64>) -> StaffView {
    StaffView {
        id: row.id,
        email: row.email,
        name: row.name,
        locale: row.locale,
        totp_enabled: row.totp_enabled,
        invited: row.password_hash.is_empty(),
        disabled_at: row.disabled_at,
        roles,
        created_at: row.created_at,
        version: row.version,
    }
}

/// One administrator.
#[utoipa::path(get, path = "/admin/staff/{id}", params(("id" = i64, Path)), responses((status = 200, body = StaffView)))]
pub(crate) async fn one(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<StaffView>> {
    let row = staff::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::StaffNotFound)?;
    let roles = held(app.read(), id).await?;
    let version = row.version;
    Ok(Answer::ok(view(row, roles.into_iter().collect())).etag(version))
}

/// Invites an administrator: they get a mail with a link by which they choose their password.
#[utoipa::path(post, path = "/admin/staff", request_body = NewStaff, responses((status = 201, body = StaffView)))]
pub(crate) async fn invite(State(app): State<App>, staff: Staff, Json(asked): Json<NewStaff>) -> Result<Committed<StaffView>> {
    let tx = app.begin(&staff.actor).await?;
    let roles: BTreeSet<i64> = asked.roles.iter().copied().collect();
    beyond::roles(tx.db(), &staff.rights, &roles).await?;
    let roles: Vec<i64> = roles.into_iter().collect();
    let row = create(&tx, &asked.email, &asked.name, asked.locale, String::new(), &roles).await?;
    password::invite(&tx, &row).await?;
    let location = format!("/admin/staff/{}", row.id);
    Committed::created(tx, view(row, roles), &location).await
}

/// Makes an administrator. An empty `password_hash` is one who has yet to choose a password.
///
/// # Errors
/// [`Error::EmailInvalid`], [`Error::EmailTaken`], [`Error::RoleNotFound`].
pub async fn create(tx: &Tx, email: &str, name: &str, locale: Locale, password_hash: String, roles: &[i64]) -> Result<staff::Model, Error> {
    let email: Email = email.parse().map_err(|_| Error::EmailInvalid)?;
    let name = named(name)?;
    let row = staff::ActiveModel {
        email: Set(email.to_string()),
        name: Set(name),
        password_hash: Set(password_hash),
        totp_enabled: Set(false),
        locale: Set(locale.tag().to_owned()),
        created_at: Set(tx.now()),
        version: Set(1),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await?;
    give(tx, row.id, roles).await?;
    let after = serde_json::json!({ "email": row.email, "name": row.name, "roles": roles });
    tx.audit("staff.create", "staff", row.id, None, Some(after)).await?;
    Ok(row)
}

/// Changes an administrator.
#[utoipa::path(put, path = "/admin/staff/{id}", params(("id" = i64, Path), IfMatch), request_body = ChangeStaff, responses((status = 200, body = StaffView)))]
pub(crate) async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<ChangeStaff>,
) -> Result<Committed<StaffView>> {
    let name = named(&asked.name)?;
    let tx = app.begin(&staff.actor).await?;
    let before = staff::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::StaffNotFound)?;
    let had = held(tx.db(), id).await?;
    let roles: BTreeSet<i64> = asked.roles.iter().copied().collect();
    beyond::roles(tx.db(), &staff.rights, &had).await?;
    beyond::roles(tx.db(), &staff.rights, &roles).await?;
    let disabled_at = if asked.disabled { Some(before.disabled_at.unwrap_or(tx.now())) } else { None };
    let done = staff::Entity::update_many()
        .set(staff::ActiveModel { name: Set(name), disabled_at: Set(disabled_at), version: Set(version + 1), ..Default::default() })
        .filter(staff::Column::Id.eq(id))
        .filter(staff::Column::Version.eq(version))
        .exec(tx.db())
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::Changed.into());
    }
    staff_role::Entity::delete_many().filter(staff_role::Column::StaffId.eq(id)).exec(tx.db()).await?;
    let roles: Vec<i64> = roles.into_iter().collect();
    give(&tx, id, &roles).await?;
    // Counted after the change, with the role's row held: of two who disable each other at once
    // the second waits for the first and then counts nobody.
    role::hold_super(&tx).await?;
    if role::supers_but(&tx, 0).await? == 0 {
        return Err(Error::LastSuper.into());
    }
    if asked.disabled {
        session::revoke_all(&tx, session::Owner::Staff(id), None).await?;
    }
    tx.publish(&session::AccessChanged { staff_id: Some(id) }).await?;
    let seen = serde_json::json!({ "name": before.name, "roles": had, "disabled": before.disabled_at.is_some() });
    tx.audit("staff.change", "staff", id, Some(seen), serde_json::to_value(&asked).ok()).await?;
    let row = staff::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::StaffNotFound)?;
    Committed::ok(tx, view(row, roles)).await
}

/// Turns off the second factor of somebody who lost telephone and codes.
#[utoipa::path(delete, path = "/admin/staff/{id}/second-factor", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn clear_second_factor(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let person = staff::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::StaffNotFound)?;
    beyond::person(tx.db(), &staff.rights, id).await?;
    if !person.totp_enabled {
        return Err(Error::SecondFactorOff.into());
    }
    second_factor::clear(&tx, id).await?;
    tx.audit("staff.second_factor_off", "staff", id, None, None).await?;
    Committed::no_content(tx).await
}

fn named(name: &str) -> Result<String, Error> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Error::Field("/name".to_owned(), "required")),
        1..=100 => Ok(name.to_owned()),
        _ => Err(Error::Field("/name".to_owned(), "too_long")),
    }
}

async fn held(db: &impl ConnectionTrait, staff_id: i64) -> Result<BTreeSet<i64>, Error> {
    let rows = staff_role::Entity::find().filter(staff_role::Column::StaffId.eq(staff_id)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.role_id).collect())
}

async fn give(tx: &Tx, staff_id: i64, roles: &[i64]) -> Result<(), Error> {
    if roles.is_empty() {
        return Ok(());
    }
    let rows = roles.iter().map(|&role_id| staff_role::ActiveModel { staff_id: Set(staff_id), role_id: Set(role_id) });
    let done = staff_role::Entity::insert_many(rows).exec_without_returning(tx.db()).await;
    match done {
        Ok(_) => Ok(()),
        Err(error) if zg_db::violated(&error).is_some() => Err(Error::RoleNotFound),
        Err(error) => Err(error.into()),
    }
}
