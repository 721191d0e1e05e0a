//! A way to pay.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_method")]
/// A way to pay.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Code.
    pub code: String,
    /// Kind.
    pub kind: String,
    /// Name zh.
    pub name_zh: String,
    /// Name en.
    pub name_en: String,
    /// Instructions zh.
    #[sea_orm(column_type = "Text")]
    pub instructions_zh: String,
    /// Instructions en.
    #[sea_orm(column_type = "Text")]
    pub instructions_en: String,
    /// Enabled.
    pub enabled: bool,
    /// Expires minutes.
    pub expires_minutes: Option<i64>,
    /// Position.
    pub position: i32,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
