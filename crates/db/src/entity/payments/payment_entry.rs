//! A line of the payment ledger: never changed, never deleted. A refund is negative.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_entry")]
/// A line of the payment ledger: never changed, never deleted. A refund is negative.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `order`.
    pub order_id: i64,
    /// Kind.
    pub kind: String,
    /// Method.
    pub method: String,
    /// Amount, in minor units.
    pub amount_minor: i64,
    /// Currency.
    pub currency: String,
    /// Reference.
    pub reference: String,
    /// Note.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// Row of `payment_proof`.
    pub proof_id: Option<i64>,
    /// Actor kind.
    pub actor_kind: String,
    /// Row of `actor`.
    pub actor_id: Option<i64>,
    /// Actor name.
    pub actor_name: String,
    /// When it happened.
    pub at: DateTimeUtc,
    /// Instant: recorded.
    pub recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
