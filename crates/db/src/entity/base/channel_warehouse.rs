//! A warehouse that serves a channel.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_warehouse")]
/// A warehouse that serves a channel.
pub struct Model {
    /// Row of `channel`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: i64,
    /// Row of `warehouse`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub warehouse_id: i64,
    /// Priority.
    pub priority: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
