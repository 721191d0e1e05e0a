//! Settings that staff change while the shop runs: one JSON value a key, with a version.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zg_db::entity::setting::{ActiveModel, Column, Entity};

use crate::{Error, Tx};

/// The version of a setting that nobody has changed yet.
const FIRST: i64 = 1;

/// A setting as it stands.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// What it says; its default, if nobody has changed it.
    pub value: T,
    /// Grows with each change.
    pub version: i64,
}

/// Reads a setting.
///
/// # Errors
/// [`Error::Json`] if it holds another shape.
pub async fn get<T: Default + DeserializeOwned>(db: &impl ConnectionTrait, key: &str) -> Result<Setting<T>, Error> {
    match Entity::find_by_id(key).one(db).await? {
        Some(row) => Ok(Setting { value: serde_json::from_value(row.value)?, version: row.version }),
        None => Ok(Setting { value: T::default(), version: FIRST }),
    }
}

/// Changes a setting of which a version was seen; says the next one, or none if
/// somebody else changed it meanwhile.
///
/// # Errors
/// [`Error::Db`], [`Error::Json`].
pub async fn change<T: Serialize + Sync>(tx: &Tx, key: &str, seen: i64, value: &T) -> Result<Option<i64>, Error> {
    let value = serde_json::to_value(value)?;
    let version = seen.saturating_add(1);
    let changed = Entity::update_many()
        .set(ActiveModel { value: Set(value.clone()), version: Set(version), ..Default::default() })
        .filter(Column::Key.eq(key))
        .filter(Column::Version.eq(seen))
        .exec(tx.db())
        .await?;
    let mut done = changed.rows_affected;
    if done == 0 && seen == FIRST {
        // Nobody has changed it yet; of two who do so at once, one finds the other's row.
        let row = ActiveModel { key: Set(key.to_owned()), value: Set(value), version: Set(version) };
        let twin = OnConflict::column(Column::Key).do_nothing().to_owned();
        done = Entity::insert(row).on_conflict(twin).exec_without_returning(tx.db()).await?;
    }
    Ok((done == 1).then_some(version))
}
