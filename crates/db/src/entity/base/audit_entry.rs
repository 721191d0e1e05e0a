//! A line of the security log.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
/// A line of the security log.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When it happened.
    pub at: DateTimeUtc,
    /// Actor kind.
    pub actor_kind: String,
    /// Row of `actor`.
    pub actor_id: Option<i64>,
    /// Actor name.
    pub actor_name: String,
    /// Ip.
    pub ip: Option<String>,
    /// Row of `request`.
    pub request_id: Option<String>,
    /// Action.
    pub action: String,
    /// Entity.
    pub entity: String,
    /// Row of `entity`.
    pub entity_id: i64,
    /// Before.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub before: Option<Json>,
    /// After.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub after: Option<Json>,
    /// Salt.
    pub salt: String,
    /// Value digest.
    pub value_digest: String,
    /// Seq.
    pub seq: Option<i64>,
    /// Digest.
    pub digest: Option<String>,
    /// Prev digest.
    pub prev_digest: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
