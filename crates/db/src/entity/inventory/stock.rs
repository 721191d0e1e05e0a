//! How much of a SKU lies in a warehouse.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock")]
/// How much of a SKU lies in a warehouse.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `sku`.
    pub sku_id: i64,
    /// Row of `warehouse`.
    pub warehouse_id: i64,
    /// On hand.
    pub on_hand: i64,
    /// Reserved.
    pub reserved: i64,
    /// Held.
    pub held: i64,
    /// Incoming.
    pub incoming: i64,
    /// Min.
    pub min: i64,
    /// Reorder.
    pub reorder: i64,
    /// Backorder limit.
    pub backorder_limit: i64,
    /// Where it lies, `A-03-2`: pick lists are sorted by it.
    pub bin: Option<String>,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
