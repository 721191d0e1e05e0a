//! How somebody likes to see a list.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_view")]
/// How somebody likes to see a list.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `staff`: who saved it.
    pub staff_id: i64,
    /// The list, as the console names it.
    pub list: String,
    /// Name.
    pub name: String,
    /// Search, filters, order and columns: an object of texts.
    #[sea_orm(column_type = "JsonBinary")]
    pub query: Json,
    /// Everybody who may see the list sees it.
    pub shared: bool,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
