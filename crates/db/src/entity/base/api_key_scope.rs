//! A right that a key holds.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key_scope")]
/// A right that a key holds.
pub struct Model {
    /// Row of `api_key`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub api_key_id: i64,
    /// Right.
    #[sea_orm(primary_key, auto_increment = false)]
    pub right: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
