//! What a parcel holds.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipment_line")]
/// What a parcel holds.
pub struct Model {
    /// Row of `shipment`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub shipment_id: i64,
    /// Row of `order_line`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_line_id: i64,
    /// Quantity.
    pub quantity: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
