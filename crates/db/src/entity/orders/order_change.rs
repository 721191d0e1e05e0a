//! A change set of an order.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_change")]
/// A change set of an order.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `order`.
    pub order_id: i64,
    /// Base version.
    pub base_version: i64,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: String,
    /// Policy.
    pub policy: String,
    /// Reason.
    pub reason: Option<String>,
    /// Actor name.
    pub actor_name: String,
    /// When it happened.
    pub at: DateTimeUtc,
    /// Actions.
    #[sea_orm(column_type = "JsonBinary")]
    pub actions: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
