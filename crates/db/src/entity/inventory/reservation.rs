//! Stock that an order's line holds.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reservation")]
/// Stock that an order's line holds.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `order`.
    pub order_id: i64,
    /// Row of `order_line`.
    pub order_line_id: i64,
    /// Row of `sku`.
    pub sku_id: i64,
    /// Row of `warehouse`.
    pub warehouse_id: i64,
    /// Quantity.
    pub quantity: i64,
    /// State.
    pub state: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
