//! A line of the stock ledger: never changed, never deleted.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_entry")]
/// A line of the stock ledger: never changed, never deleted.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `sku`.
    pub sku_id: i64,
    /// Row of `warehouse`.
    pub warehouse_id: i64,
    /// Kind.
    pub kind: String,
    /// On hand delta.
    pub on_hand_delta: i64,
    /// Reserved delta.
    pub reserved_delta: i64,
    /// Held delta.
    pub held_delta: i64,
    /// On hand after.
    pub on_hand_after: i64,
    /// Reserved after.
    pub reserved_after: i64,
    /// Held after.
    pub held_after: i64,
    /// Cause.
    pub cause: String,
    /// Row of `cause`.
    pub cause_id: Option<i64>,
    /// Reason.
    pub reason: Option<String>,
    /// Note.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// Actor kind.
    pub actor_kind: String,
    /// Row of `actor`.
    pub actor_id: Option<i64>,
    /// Actor name.
    pub actor_name: String,
    /// Idempotency key.
    pub idempotency_key: Option<String>,
    /// When it happened.
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
