//! Finding customers: by id, by code, all records of one person.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use zg_db::entity::customer::{self, Column, Entity};

use crate::Error;

/// The column's text of a customer in use.
pub(crate) const ACTIVE: &str = "active";
/// One that another took in.
pub(crate) const MERGED: &str = "merged";
/// One whose personal data is gone.
pub(crate) const ERASED: &str = "erased";

/// Codes looked up at a time: PostgreSQL and SQLite both bind that many.
const CODES: usize = 5_000;

/// Customers by code; one that was merged is the one that took it in. Unknown codes
/// are absent.
///
/// # Errors
/// [`Error::Base`].
pub async fn by_codes(db: &impl ConnectionTrait, codes: &[String]) -> Result<BTreeMap<String, i64>, Error> {
    let mut found = BTreeMap::new();
    for part in codes.chunks(CODES) {
        let rows: Vec<(String, i64, Option<i64>)> = Entity::find()
            .select_only()
            .columns([Column::Code, Column::Id, Column::MergedInto])
            .filter(Column::Code.is_in(part.iter().map(String::as_str)))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows.into_iter().map(|(code, id, into)| (code, into.unwrap_or(id))));
    }
    Ok(found)
}

/// The ids under which a person's orders stand: the customer's own, and of those it
/// took in.
///
/// # Errors
/// [`Error::Base`].
pub async fn identities(db: &impl ConnectionTrait, id: i64) -> Result<Vec<i64>, Error> {
    let mut ids: Vec<i64> = Entity::find().select_only().column(Column::Id).filter(Column::MergedInto.eq(id)).into_tuple().all(db).await?;
    ids.push(id);
    Ok(ids)
}

pub(crate) async fn one(db: &impl ConnectionTrait, id: i64) -> Result<customer::Model, Error> {
    Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// A customer that can be changed: neither merged nor erased.
pub(crate) async fn active(db: &impl ConnectionTrait, id: i64) -> Result<customer::Model, Error> {
    in_use(one(db, id).await?)
}

/// As [`active`], and no other transaction changes it until this one ends.
pub(crate) async fn locked(db: &impl ConnectionTrait, id: i64) -> Result<customer::Model, Error> {
    let row = Entity::find_by_id(id).lock_exclusive().one(db).await?.ok_or(Error::NotFound)?;
    in_use(row)
}

fn in_use(row: customer::Model) -> Result<customer::Model, Error> {
    match (row.state.as_str(), row.merged_into) {
        (_, Some(into)) => Err(Error::Merged { into }),
        (ERASED, None) => Err(Error::Erased),
        _ => Ok(row),
    }
}
