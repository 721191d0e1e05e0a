//! Links that work once: a random token in a mail, its hash in the database.

use chrono::Duration;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde_json::Value;
use zg_db::entity::one_time_token::{ActiveModel, Column, Entity, Model};

use crate::secrets::{sha256_hex, token};
use crate::{Error, Tx};

/// Makes a token for a purpose (`shopper.reset`) and says it. `subject_id` is whom
/// it is about, 0 if that is not known yet; `data` is given back when it is used.
///
/// # Errors
/// [`Error::Db`].
pub async fn issue(tx: &Tx, purpose: &str, subject_id: i64, lasts: Duration, data: Option<Value>) -> Result<String, Error> {
    let token = token();
    let row = ActiveModel {
        token_hash: Set(sha256_hex(token.as_bytes())),
        purpose: Set(purpose.to_owned()),
        subject_id: Set(subject_id),
        data: Set(data),
        expires_at: Set(tx.now() + lasts),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(token)
}

/// Spends a token: none if it is unknown, expired, or was used before. Of two that
/// come at once, one gets it.
///
/// # Errors
/// [`Error::Db`].
pub async fn redeem(tx: &Tx, purpose: &str, token: &str) -> Result<Option<Model>, Error> {
    let this = Column::TokenHash.eq(sha256_hex(token.as_bytes())).and(Column::Purpose.eq(purpose));
    let spent = Entity::update_many()
        .set(ActiveModel { used_at: Set(Some(tx.now())), ..Default::default() })
        .filter(this.clone())
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now()))
        .exec(tx.db())
        .await?;
    if spent.rows_affected == 0 {
        return Ok(None);
    }
    Ok(Entity::find().filter(this).one(tx.db()).await?)
}

/// Spends every token that somebody has for a purpose.
///
/// # Errors
/// [`Error::Db`].
pub async fn withdraw(tx: &Tx, purpose: &str, subject_id: i64) -> Result<(), Error> {
    Entity::update_many()
        .set(ActiveModel { used_at: Set(Some(tx.now())), ..Default::default() })
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::SubjectId.eq(subject_id))
        .filter(Column::UsedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}
