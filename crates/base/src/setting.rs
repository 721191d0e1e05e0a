//! Settings that staff change while the shop runs: one JSON value a key.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zg_db::entity::setting::{ActiveModel, Column, Entity};

use crate::{Error, Tx};

/// Reads a setting.
///
/// # Errors
/// [`Error::Json`] if it holds another shape.
pub async fn get<T: DeserializeOwned>(db: &impl ConnectionTrait, key: &str) -> Result<Option<T>, Error> {
    match Entity::find_by_id(key).one(db).await? {
        Some(row) => Ok(Some(serde_json::from_value(row.value)?)),
        None => Ok(None),
    }
}

/// Writes a setting.
///
/// # Errors
/// [`Error::Db`], [`Error::Json`].
pub async fn put<T: Serialize + Sync>(tx: &Tx, key: &str, value: &T) -> Result<(), Error> {
    let row = ActiveModel { key: Set(key.to_owned()), value: Set(serde_json::to_value(value)?), version: Set(1) };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Key).update_column(Column::Value).to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}
