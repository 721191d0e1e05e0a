//! `Idempotency-Key`: the same request twice has one effect and one answer.
//!
//! The key's row is inserted by the transaction that does the work, so either
//! both are there or neither is. Only the key's hash is kept, and the answer is
//! encrypted under the key itself: the database alone gives no answer away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};
use zg_db::entity::idempotency_key as row;

use crate::Error;
use crate::secrets::{open_under, seal_under, sha256_hex};

/// A key as it came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key as sent, together with who sent it: two callers never share one.
    pub key: String,
    /// Hash of method, path and body: the same key with another is refused.
    pub fingerprint: String,
}

/// An answer given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// HTTP status.
    pub status: u16,
    /// Its `ETag`, if it had one.
    pub etag: Option<String>,
    /// Its `Location`, if it had one.
    pub location: Option<String>,
    /// Its JSON body.
    pub body: Option<String>,
}

/// Takes the key for this transaction.
///
/// On PostgreSQL a concurrent twin waits here for the first to end; on SQLite
/// writers queue before they come here.
pub(crate) async fn claim(db: &DatabaseTransaction, key: &IdempotencyKey, now: DateTime<Utc>) -> Result<(), Error> {
    let hash = sha256_hex(key.key.as_bytes());
    let fresh = row::ActiveModel {
        key_hash: Set(hash.clone()),
        fingerprint: Set(key.fingerprint.clone()),
        created_at: Set(now),
        ..Default::default()
    };
    let inserted = row::Entity::insert(fresh)
        .on_conflict(OnConflict::column(row::Column::KeyHash).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    if inserted == 1 {
        return Ok(());
    }
    let Some(seen) = row::Entity::find_by_id(hash).one(db).await? else {
        return Err(Error::KeyReused);
    };
    if seen.fingerprint != key.fingerprint {
        return Err(Error::KeyReused);
    }
    let body = match seen.body {
        Some(sealed) => {
            let sealed = STANDARD.decode(sealed).map_err(|_| Error::Secret("a stored answer is not base64"))?;
            let plain = open_under(&key.key, &sealed)?;
            Some(String::from_utf8(plain).map_err(|_| Error::Secret("a stored answer is not text"))?)
        }
        None => None,
    };
    let status = seen.status.and_then(|status| u16::try_from(status).ok()).unwrap_or(204);
    Err(Error::Replay(Box::new(Stored { status, etag: seen.etag, location: seen.location, body })))
}

/// Keeps the answer beside its effect.
pub(crate) async fn store(db: &DatabaseTransaction, key: &IdempotencyKey, answer: &Stored) -> Result<(), Error> {
    let body = match &answer.body {
        Some(body) => Some(STANDARD.encode(seal_under(&key.key, body.as_bytes())?)),
        None => None,
    };
    row::Entity::update_many()
        .set(row::ActiveModel {
            status: Set(Some(i32::from(answer.status))),
            etag: Set(answer.etag.clone()),
            location: Set(answer.location.clone()),
            body: Set(body),
            ..Default::default()
        })
        .filter(row::Column::KeyHash.eq(sha256_hex(key.key.as_bytes())))
        .exec(db)
        .await?;
    Ok(())
}
