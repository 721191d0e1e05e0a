//! A right that a role grants.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_right")]
/// A right that a role grants.
pub struct Model {
    /// Row of `role`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: i64,
    /// Right.
    #[sea_orm(primary_key, auto_increment = false)]
    pub right: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
