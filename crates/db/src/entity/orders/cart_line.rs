//! A line of a cart.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_line")]
/// A line of a cart.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `cart`.
    pub cart_id: i64,
    /// Ordinal.
    pub ordinal: i32,
    /// Row of `sku`.
    pub sku_id: i64,
    /// Quantity.
    pub quantity: i64,
    /// What one cost when the shopper last touched the line, in minor units.
    pub seen_minor: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
