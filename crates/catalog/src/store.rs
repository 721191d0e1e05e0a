//! The catalogue as shoppers see it.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use zg_db::entity::category;

use crate::Error;

/// A category and all below it.
pub(crate) async fn below(db: &impl ConnectionTrait, id: i64) -> Result<Vec<i64>, Error> {
    let Some(top) = category::Entity::find_by_id(id).one(db).await? else { return Err(Error::CategoryNotFound) };
    let rows = category::Entity::find().select_only().column(category::Column::Id).filter(category::Column::Path.starts_with(&top.path));
    Ok(rows.into_tuple().all(db).await?)
}
