//! A customer.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer")]
/// A customer.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Code.
    pub code: String,
    /// Email.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Name.
    pub name: String,
    /// Password hash.
    pub password_hash: Option<String>,
    /// Locale.
    pub locale: String,
    /// Segment.
    pub segment: Option<String>,
    /// State.
    pub state: String,
    /// Merged into.
    pub merged_into: Option<i64>,
    /// Instant: marketing.
    pub marketing_at: Option<DateTimeUtc>,
    /// Instant: email verified.
    pub email_verified_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
