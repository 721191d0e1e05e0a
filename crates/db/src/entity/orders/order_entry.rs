//! A line of an order's timeline.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_entry")]
/// A line of an order's timeline.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `order`.
    pub order_id: i64,
    /// When it happened.
    pub at: DateTimeUtc,
    /// Kind.
    pub kind: String,
    /// Actor kind.
    pub actor_kind: String,
    /// Row of `actor`.
    pub actor_id: Option<i64>,
    /// Actor name.
    pub actor_name: String,
    /// Data.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// Comment.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
