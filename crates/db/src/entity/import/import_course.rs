//! How far an import has come.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_course")]
/// How far an import has come.
pub struct Model {
    /// Row of `job`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: i64,
    /// Grows each time somebody takes it up: who holds an older one writes nothing more.
    pub attempt: i64,
    /// `read`, `plan`, `apply`, `pictures`.
    pub phase: String,
    /// The last row of the file that was staged.
    pub row: i64,
    /// The last group that was planned or applied.
    pub after_key: Option<String>,
    /// Rows read.
    pub total: i64,
    /// Rows applied.
    pub done: i64,
    /// Rows with faults.
    pub failed: i64,
    /// Things made, as planned.
    pub created: i64,
    /// Things changed, as planned.
    pub updated: i64,
    /// Pictures that rows name.
    pub pictures: i64,
    /// Of them, those that are where they belong.
    pub pictures_done: i64,
    /// Of them, those that could not be brought.
    pub pictures_failed: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
