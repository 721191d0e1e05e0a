//! A product.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product")]
/// A product.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Code.
    pub code: String,
    /// Status.
    pub status: String,
    /// Row of `tax_class`.
    pub tax_class_id: i64,
    /// Row of `primary_category`.
    pub primary_category_id: Option<i64>,
    /// Instant: published.
    pub published_at: Option<DateTimeUtc>,
    /// Instant: deleted.
    pub deleted_at: Option<DateTimeUtc>,
    /// Sales count.
    pub sales_count: i64,
    /// Min price, in minor units.
    pub min_price_minor: Option<i64>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Instant: updated.
    pub updated_at: DateTimeUtc,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
