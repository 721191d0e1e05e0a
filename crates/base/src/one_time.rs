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
    let good = this.and(Column::UsedAt.is_null()).and(Column::ExpiresAt.gt(tx.now()));
    let Some(found) = Entity::find().filter(good.clone()).one(tx.db()).await? else { return Ok(None) };
    // What it carried is personal and has done its service.
    let spent = Entity::update_many()
        .set(ActiveModel { used_at: Set(Some(tx.now())), data: Set(None), ..Default::default() })
        .filter(good)
        .exec(tx.db())
        .await?;
    Ok((spent.rows_affected == 1).then_some(found))
}

/// Spends every token that somebody has for a purpose.
///
/// # Errors
/// [`Error::Db`].
pub async fn withdraw(tx: &Tx, purpose: &str, subject_id: i64) -> Result<(), Error> {
    Entity::update_many()
        .set(ActiveModel { used_at: Set(Some(tx.now())), data: Set(None), ..Default::default() })
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::SubjectId.eq(subject_id))
        .filter(Column::UsedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Deletes tokens that are of no use any more.
///
/// # Errors
/// [`Error::Db`].
pub async fn sweep(tx: &Tx) -> Result<u64, Error> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(tx.now())).exec(tx.db()).await?.rows_affected)
}
