//! What is to be taken from the shelves.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pick_list")]
/// What is to be taken from the shelves.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Number.
    pub number: String,
    /// Row of `warehouse`.
    pub warehouse_id: i64,
    /// State.
    pub state: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Created by.
    pub created_by: String,
    /// Instant: finished.
    pub finished_at: Option<DateTimeUtc>,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
