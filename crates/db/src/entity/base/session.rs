//! Somebody's session, by the hash of its token.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
/// Somebody's session, by the hash of its token.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Token hash.
    pub token_hash: String,
    /// Kind.
    pub kind: String,
    /// Row of `staff`.
    pub staff_id: Option<i64>,
    /// Row of `customer`.
    pub customer_id: Option<i64>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Instant: last used.
    pub last_used_at: DateTimeUtc,
    /// Instant: expires.
    pub expires_at: DateTimeUtc,
    /// Instant: revoked.
    pub revoked_at: Option<DateTimeUtc>,
    /// Ip.
    pub ip: String,
    /// User agent.
    pub user_agent: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
