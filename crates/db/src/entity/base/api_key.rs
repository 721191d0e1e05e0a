//! A program's key, by its hash.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
/// A program's key, by its hash.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Name.
    pub name: String,
    /// Prefix.
    pub prefix: String,
    /// Key hash.
    pub key_hash: String,
    /// Created by.
    pub created_by: Option<i64>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Instant: expires.
    pub expires_at: Option<DateTimeUtc>,
    /// Instant: last used.
    pub last_used_at: Option<DateTimeUtc>,
    /// Instant: revoked.
    pub revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
