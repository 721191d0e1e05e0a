//! Nobody gives more than they hold (M8.2): who may manage people does not thereby
//! become an owner.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use zg_db::entity::{role, role_right, staff_role};
use zg_web::Rights;

use crate::Error;

/// Are these rights among one's own?
pub(crate) fn rights<'a>(own: &Rights, given: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    match given.into_iter().find(|right| !own.has(right)) {
        Some(right) => Err(Error::BeyondOwn(right.to_owned())),
        None => Ok(()),
    }
}

/// Is all that these roles grant among one's own rights?
pub(crate) async fn roles(db: &impl ConnectionTrait, own: &Rights, given: &BTreeSet<i64>) -> Result<(), Error> {
    if *own == Rights::All || given.is_empty() {
        return Ok(());
    }
    let found = role::Entity::find().filter(role::Column::Id.is_in(given.iter().copied())).all(db).await?;
    if let Some(everything) = found.iter().find(|row| row.is_super) {
        return Err(Error::BeyondOwn(everything.name.clone()));
    }
    let granted = role_right::Entity::find().filter(role_right::Column::RoleId.is_in(given.iter().copied())).all(db).await?;
    rights(own, granted.iter().map(|row| row.right.as_str()))
}

/// May one change this member of staff? Only if one holds all that they hold.
pub(crate) async fn person(db: &impl ConnectionTrait, own: &Rights, staff_id: i64) -> Result<(), Error> {
    let held = staff_role::Entity::find().filter(staff_role::Column::StaffId.eq(staff_id)).all(db).await?;
    roles(db, own, &held.into_iter().map(|row| row.role_id).collect()).await
}
