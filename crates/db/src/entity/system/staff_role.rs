//! A role that a member of staff holds.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_role")]
/// A role that a member of staff holds.
pub struct Model {
    /// Row of `staff`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: i64,
    /// Row of `role`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
