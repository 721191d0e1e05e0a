//! A request's key and the answer it was given.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
/// A request's key and the answer it was given.
pub struct Model {
    /// Key hash.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_hash: String,
    /// Fingerprint.
    pub fingerprint: String,
    /// Status.
    pub status: Option<i32>,
    /// Etag.
    pub etag: Option<String>,
    /// Location.
    pub location: Option<String>,
    /// Body.
    #[sea_orm(column_type = "Text", nullable)]
    pub body: Option<String>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
