//! What a SKU costs, in minor units, from a quantity on, within a time.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "price")]
/// What a SKU costs, in minor units, from a quantity on, within a time.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `sku`.
    pub sku_id: i64,
    /// Row of `price_list`.
    pub price_list_id: i64,
    /// Currency.
    pub currency: String,
    /// Min qty.
    pub min_qty: i64,
    /// Amount, in minor units.
    pub amount_minor: i64,
    /// Instant: from.
    pub from_at: Option<DateTimeUtc>,
    /// Instant: until.
    pub until_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
