//! A tag that a customer has.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_tag")]
/// A tag that a customer has.
pub struct Model {
    /// Row of `customer`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: i64,
    /// Row of `tag`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
