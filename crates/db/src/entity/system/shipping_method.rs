//! A way to ship.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipping_method")]
/// A way to ship.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Code.
    pub code: String,
    /// Name zh.
    pub name_zh: String,
    /// Name en.
    pub name_en: String,
    /// Row of `carrier`.
    pub carrier_id: Option<i64>,
    /// Enabled.
    pub enabled: bool,
    /// Cod.
    pub cod: bool,
    /// Position.
    pub position: i32,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
