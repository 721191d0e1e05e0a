//! An order on a pick list.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pick_list_order")]
/// An order on a pick list.
pub struct Model {
    /// Row of `pick_list`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub pick_list_id: i64,
    /// Row of `order`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: i64,
    /// Open.
    pub open: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
