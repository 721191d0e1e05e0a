//! What shipping costs into a zone. Amounts in minor units of whichever channel
//! asks; weights in grams.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipping_rate")]
/// What shipping costs into a zone. Amounts in minor units; weights in grams.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `shipping_method`.
    pub method_id: i64,
    /// Row of `zone`.
    pub zone_id: i64,
    /// `weight`, `count` or `amount`.
    pub basis: String,
    /// What the base covers: grams, pieces or minor units.
    pub from_value: i64,
    /// Base, in minor units.
    pub base_minor: i64,
    /// Size of a step; 0 is no steps.
    pub step_value: i64,
    /// Step, in minor units.
    pub step_minor: i64,
    /// Free from this amount of goods on, in minor units.
    pub free_over_minor: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
