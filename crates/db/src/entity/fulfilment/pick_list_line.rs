//! A line of a pick list.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pick_list_line")]
/// A line of a pick list.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `pick_list`.
    pub pick_list_id: i64,
    /// Row of `order`.
    pub order_id: i64,
    /// Row of `order_line`.
    pub order_line_id: i64,
    /// Row of `sku`.
    pub sku_id: i64,
    /// Quantity.
    pub quantity: i64,
    /// Picked.
    pub picked: i64,
    /// Not found on the shelf.
    pub short: i64,
    /// Bin.
    pub bin: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
