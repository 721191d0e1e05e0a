//! A line of an order, as it was sold. Amounts in minor units.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_line")]
/// A line of an order, as it was sold. Amounts in minor units.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `order`.
    pub order_id: i64,
    /// Ordinal.
    pub ordinal: i32,
    /// Row of `sku`.
    pub sku_id: Option<i64>,
    /// Sku code.
    pub sku_code: String,
    /// Name.
    pub name: String,
    /// Options.
    pub options: Option<String>,
    /// Row of `category`.
    pub category_id: Option<i64>,
    /// Category name.
    pub category_name: Option<String>,
    /// Row of `file`.
    pub file_id: Option<i64>,
    /// Weight, in grams.
    pub weight_g: i64,
    /// Quantity.
    pub quantity: i64,
    /// List, in minor units.
    pub list_minor: i64,
    /// Unit, in minor units.
    pub unit_minor: i64,
    /// Discount, in minor units.
    pub discount_minor: i64,
    /// Total, in minor units.
    pub total_minor: i64,
    /// Tax, in millionths.
    pub tax_ppm: i64,
    /// Tax, in minor units.
    pub tax_minor: i64,
    /// Allocated.
    pub allocated: i64,
    /// Picked.
    pub picked: i64,
    /// Shipped.
    pub shipped: i64,
    /// Delivered.
    pub delivered: i64,
    /// Cancelled.
    pub cancelled: i64,
    /// Refunded, in minor units.
    pub refunded_minor: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
