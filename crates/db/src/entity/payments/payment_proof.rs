//! A paper that proves a payment: a bank's receipt, uploaded and private.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_proof")]
/// A paper that proves a payment: a bank's receipt, uploaded and private.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `file`.
    pub file_id: i64,
    /// The name it was uploaded under.
    pub name: String,
    /// Who uploaded it.
    pub actor_name: String,
    /// When it was uploaded.
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
