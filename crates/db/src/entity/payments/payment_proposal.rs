//! A payment that waits for a second pair of eyes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_proposal")]
/// A payment that waits for a second pair of eyes.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `order`.
    pub order_id: i64,
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
    /// Shop day: when the money came.
    pub paid_on: Date,
    /// `waiting`, `approved`, `rejected`.
    pub state: String,
    /// Actor kind of who proposed it.
    pub actor_kind: String,
    /// Row of the actor who proposed it.
    pub actor_id: Option<i64>,
    /// Name of who proposed it.
    pub actor_name: String,
    /// When it was proposed.
    pub proposed_at: DateTimeUtc,
    /// Who approved or rejected it.
    pub decided_by: Option<String>,
    /// When they did.
    pub decided_at: Option<DateTimeUtc>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Row of `payment_entry`, once approved.
    pub entry_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
