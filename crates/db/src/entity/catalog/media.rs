//! A picture of a product, sizes in pixels.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
/// A picture of a product, sizes in pixels.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `product`.
    pub product_id: i64,
    /// Row of `sku`.
    pub sku_id: Option<i64>,
    /// Row of `file`.
    pub file_id: i64,
    /// Kind.
    pub kind: String,
    /// Position.
    pub position: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// Alt zh.
    pub alt_zh: Option<String>,
    /// Alt en.
    pub alt_en: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
