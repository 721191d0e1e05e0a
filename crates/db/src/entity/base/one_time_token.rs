//! A link that works once, by the hash of its token.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_token")]
/// A link that works once, by the hash of its token.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// SHA-256 of the token, which is stored nowhere.
    pub token_hash: String,
    /// What it is good for.
    pub purpose: String,
    /// Whom it is about; 0 if that is not known yet.
    pub subject_id: i64,
    /// What its use needs to know.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub data: Option<Json>,
    /// Instant: expires.
    pub expires_at: DateTimeUtc,
    /// Instant: used.
    pub used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
