//! A category that a product stands in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_category")]
/// A category that a product stands in.
pub struct Model {
    /// Row of `product`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: i64,
    /// Row of `category`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub category_id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
