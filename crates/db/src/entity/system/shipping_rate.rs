//! What shipping costs into a zone. Amounts in minor units; weights in grams.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipping_rate")]
/// What shipping costs into a zone. Amounts in minor units; weights in grams.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `method`.
    pub method_id: i64,
    /// Row of `zone`.
    pub zone_id: i64,
    /// Basis.
    pub basis: String,
    /// From value.
    pub from_value: i64,
    /// Base, in minor units.
    pub base_minor: i64,
    /// Step value.
    pub step_value: i64,
    /// Step, in minor units.
    pub step_minor: i64,
    /// Free over, in minor units.
    pub free_over_minor: Option<i64>,
    /// Currency.
    pub currency: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
