//! A picture that a row names and that is not there yet.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_picture")]
/// A picture that a row names and that is not there yet.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `job`.
    pub job_id: i64,
    /// The row of the file that names it.
    pub row: i64,
    /// Its name in a folder or archive, or its address.
    pub source: String,
    /// What it is hung on: the key of a row that the importer knows.
    pub target: i64,
    /// The part of it that the picture shows.
    pub part: Option<i64>,
    /// How often it was tried.
    pub attempts: i32,
    /// Not to be tried before.
    pub due_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
