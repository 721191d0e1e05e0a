//! A fault in one row of a job's file.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_error")]
/// A fault in one row of a job's file.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `job`.
    pub job_id: i64,
    /// Row.
    pub row: i64,
    /// Column.
    pub column: Option<String>,
    /// Code.
    pub code: String,
    /// Message.
    #[sea_orm(column_type = "Text")]
    pub message: String,
    /// Value.
    #[sea_orm(column_type = "Text", nullable)]
    pub value: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
