//! API keys (B4), as staff make and revoke them.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, Order, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{App, api_key as keys};
use zg_db::entity::{api_key, api_key_scope};
use zg_web::{Answer, Committed, Json, Path, Result, Staff, View};

use crate::{Error, beyond, role};

/// Rights that no key holds.
const NEVER: [&str; 5] = ["staff.read", "staff.write", "roles.write", "api_keys.write", "views.share"];

/// A key, without the key.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    id: i64,
    name: String,
    /// Its first characters, to recognise it by.
    prefix: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    /// To the minute; null if it never was.
    last_used_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiKey {
    /// What it is for.
    name: String,
    /// Names of rights.
    scopes: Vec<String>,
    /// Until when it opens; for ever if absent.
    expires_at: Option<DateTime<Utc>>,
}

/// A key that was made, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeApiKey {
    id: i64,
    /// The key: it is stored nowhere.
    key: String,
}

impl View for MadeApiKey {}

/// All keys.
#[utoipa::path(get, path = "/admin/api-keys", responses((status = 200, body = Vec<ApiKeyView>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Vec<ApiKeyView>>> {
    let mut scopes: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for row in api_key_scope::Entity::find().order_by(api_key_scope::Column::Right, Order::Asc).all(app.read()).await? {
        scopes.entry(row.api_key_id).or_default().push(row.right);
    }
    let rows = api_key::Entity::find().order_by(api_key::Column::Id, Order::Desc).all(app.read()).await?;
    let view = |row: api_key::Model| ApiKeyView {
        id: row.id,
        scopes: scopes.remove(&row.id).unwrap_or_default(),
        name: row.name,
        prefix: row.prefix,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    };
    Ok(Answer::ok(rows.into_iter().map(view).collect()))
}

/// Makes a key. The answer shows it once.
#[utoipa::path(post, path = "/admin/api-keys", request_body = NewApiKey, responses((status = 201, body = MadeApiKey)))]
pub(crate) async fn create(State(app): State<App>, staff: Staff, Json(asked): Json<NewApiKey>) -> Result<Committed<MadeApiKey>> {
    check_scopes(&asked.scopes)?;
    beyond::rights(&staff.rights, asked.scopes.iter().map(String::as_str))?;
    let name = asked.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::Field("/name".to_owned(), if name.is_empty() { "required" } else { "too_long" }).into());
    }
    if asked.expires_at.is_some_and(|at| at <= app.now()) {
        return Err(Error::Field("/expires_at".to_owned(), "expires_past").into());
    }
    let tx = app.begin(&staff.actor).await?;
    let (id, key) = keys::create(&tx, name, &asked.scopes, asked.expires_at).await?;
    Committed::created(tx, MadeApiKey { id, key }, &format!("/admin/api-keys/{id}")).await
}

/// Are these rights that a key may hold?
///
/// # Errors
/// [`Error::RightUnknown`], [`Error::NotForKeys`]; [`Error::Field`] if there are none.
pub fn check_scopes(scopes: &[String]) -> Result<(), Error> {
    if scopes.is_empty() {
        return Err(Error::Field("/scopes".to_owned(), "required"));
    }
    for scope in scopes {
        if NEVER.contains(&scope.as_str()) {
            return Err(Error::NotForKeys(scope.clone()));
        }
        if !role::known().contains(&scope.as_str()) {
            return Err(Error::RightUnknown(scope.clone()));
        }
    }
    Ok(())
}

/// Revokes a key, at once and for good.
#[utoipa::path(delete, path = "/admin/api-keys/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn revoke(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    if !zg_base::api_key::revoke(&tx, id).await? {
        return Err(Error::KeyNotFound.into());
    }
    tx.publish(&zg_base::session::AccessChanged::default()).await?;
    tx.audit("api_key.revoke", "api_key", id, None, None).await?;
    Committed::no_content(tx).await
}
