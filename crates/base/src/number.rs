//! Number ranges: order numbers and the like, without gaps left by a rollback.

use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use zg_db::entity::number_sequence::{ActiveModel, Column, Entity};

use crate::{Error, Tx};

/// The next number of a range that begins with 1. Holders of the same range
/// wait for each other until the transaction ends.
///
/// # Errors
/// [`Error::Db`].
pub async fn next(tx: &Tx, name: &str) -> Result<i64, Error> {
    let first = ActiveModel { name: Set(name.to_owned()), next: Set(1) };
    Entity::insert(first).on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned()).exec_without_returning(tx.db()).await?;
    let taken = Entity::update_many()
        .col_expr(Column::Next, Expr::col(Column::Next).add(1))
        .filter(Column::Name.eq(name))
        .exec_with_returning(tx.db())
        .await?;
    let row = taken.into_iter().next().ok_or(Error::Secret("a number range vanished while it was used"))?;
    Ok(row.next - 1)
}
