//! Long work that people watch.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
/// Long work that people watch.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: String,
    /// Dry run.
    pub dry_run: bool,
    /// All or nothing.
    pub all_or_nothing: bool,
    /// Total.
    pub total: i64,
    /// Done.
    pub done: i64,
    /// Failed.
    pub failed: i64,
    /// Row of `file`.
    pub file_id: Option<i64>,
    /// Params.
    #[sea_orm(column_type = "JsonBinary")]
    pub params: Json,
    /// Result.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub result: Option<Json>,
    /// Created by.
    pub created_by: Option<i64>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Instant: started.
    pub started_at: Option<DateTimeUtc>,
    /// Instant: finished.
    pub finished_at: Option<DateTimeUtc>,
    /// When it last moved, while it runs.
    pub seen_at: Option<DateTimeUtc>,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
