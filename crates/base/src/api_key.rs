//! API keys: `zg_` and 32 characters, shown once, stored as a hash (B4).

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Set};
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
    // One statement, for every request with a key asks: a row a scope, or one without.
    let statement = Query::select()
        .columns([(api_key::Entity, api_key::Column::Id), (api_key::Entity, api_key::Column::Name)])
        .column((api_key_scope::Entity, api_key_scope::Column::Right))
        .from(api_key::Entity)
        .left_join(
            api_key_scope::Entity,
            Expr::col((api_key_scope::Entity, api_key_scope::Column::ApiKeyId)).equals((api_key::Entity, api_key::Column::Id)),
        )
        .and_where(Expr::col((api_key::Entity, api_key::Column::KeyHash)).eq(sha256_hex(key.as_bytes())))
        .and_where(Expr::col((api_key::Entity, api_key::Column::RevokedAt)).is_null())
        .cond_where(
            Condition::any()
                .add(Expr::col((api_key::Entity, api_key::Column::ExpiresAt)).is_null())
                .add(Expr::col((api_key::Entity, api_key::Column::ExpiresAt)).gt(now)),
        )
        .to_owned();
    let mut known: Option<Known> = None;
    for row in db.query_all(&statement).await? {
        let (id, name) = (row.try_get("", "id")?, row.try_get("", "name")?);
        let known = known.get_or_insert(Known { id, name, scopes: Vec::new() });
        known.scopes.extend(row.try_get::<Option<String>>("", "right")?);
    }
    Ok(known)
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
