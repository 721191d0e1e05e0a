//! API keys: `zg_` and 32 characters, shown once, stored as a hash (B4).

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use zg_db::entity::{api_key, api_key_scope};

use crate::secrets::{sha256_hex, token};
use crate::{Error, Tx};

/// How a key begins.
pub const PREFIX: &str = "zg_";

/// A key somebody presented, and what it may do.
#[derive(Clone, Debug)]
pub struct Known {
    /// Row id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Names of rights.
    pub scopes: Vec<String>,
}

/// Makes a key and says it, once.
///
/// # Errors
/// [`Error::Db`].
pub async fn create(tx: &Tx, name: &str, scopes: &[String], expires_at: Option<DateTime<Utc>>) -> Result<(i64, String), Error> {
    let key = format!("{PREFIX}{}", token());
    let row = api_key::ActiveModel {
        name: Set(name.to_owned()),
        prefix: Set(key.chars().take(8).collect()),
        key_hash: Set(sha256_hex(key.as_bytes())),
        created_by: Set(tx.actor().staff_id()),
        created_at: Set(tx.now()),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await?;
    let scopes_rows = scopes.iter().map(|right| api_key_scope::ActiveModel { api_key_id: Set(row.id), right: Set(right.clone()) });
    api_key_scope::Entity::insert_many(scopes_rows).exec_without_returning(tx.db()).await?;
    let after = serde_json::json!({ "name": name, "scopes": scopes });
    tx.audit("api_key.create", "api_key", row.id, None, Some(after)).await?;
    Ok((row.id, key))
}

/// The key's row and scopes, if it is neither expired nor revoked.
///
/// # Errors
/// [`Error::Db`].
pub async fn find(db: &impl ConnectionTrait, key: &str, now: DateTime<Utc>) -> Result<Option<Known>, Error> {
    let row = api_key::Entity::find()
        .filter(api_key::Column::KeyHash.eq(sha256_hex(key.as_bytes())))
        .filter(api_key::Column::RevokedAt.is_null())
        .one(db)
        .await?
        .filter(|row| row.expires_at.is_none_or(|at| now < at));
    let Some(row) = row else { return Ok(None) };
    let scopes = api_key_scope::Entity::find().filter(api_key_scope::Column::ApiKeyId.eq(row.id)).all(db).await?;
    Ok(Some(Known { id: row.id, name: row.name, scopes: scopes.into_iter().map(|scope| scope.right).collect() }))
}

/// Revokes a key; false if there was none to revoke.
///
/// # Errors
/// [`Error::Db`].
pub async fn revoke(tx: &Tx, id: i64) -> Result<bool, Error> {
    let done = api_key::Entity::update_many()
        .set(api_key::ActiveModel { revoked_at: Set(Some(tx.now())), ..Default::default() })
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}
