//! What is sold: a variant of a product. Weight in grams.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sku")]
/// What is sold: a variant of a product. Weight in grams.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `product`.
    pub product_id: i64,
    /// Code.
    pub code: String,
    /// Barcode.
    pub barcode: Option<String>,
    /// Weight, in grams.
    pub weight_g: i64,
    /// Position.
    pub position: i32,
    /// Tracked.
    pub tracked: bool,
    /// Instant: deleted.
    pub deleted_at: Option<DateTimeUtc>,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
