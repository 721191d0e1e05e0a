//! A staged row of an import.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_row")]
/// A staged row of an import.
pub struct Model {
    /// Row of `job`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: i64,
    /// Row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row: i64,
    /// Group key.
    pub group_key: String,
    /// Payload.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
