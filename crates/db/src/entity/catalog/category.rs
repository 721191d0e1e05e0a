//! A node of the category tree.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category")]
/// A node of the category tree.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `parent`.
    pub parent_id: Option<i64>,
    /// Code.
    pub code: String,
    /// Position.
    pub position: i32,
    /// Path.
    pub path: String,
    /// Depth.
    pub depth: i32,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
