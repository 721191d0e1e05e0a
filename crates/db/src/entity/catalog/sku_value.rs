//! The value a SKU has on an axis.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sku_value")]
/// The value a SKU has on an axis.
pub struct Model {
    /// Row of `sku`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku_id: i64,
    /// Row of `option`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub option_id: i64,
    /// Row of `value`.
    pub value_id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
