//! A member of staff.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
/// A member of staff.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Email.
    pub email: String,
    /// Name.
    pub name: String,
    /// Argon2id; empty until they have chosen one.
    pub password_hash: String,
    /// Sealed under the master key.
    pub totp_secret: Option<Vec<u8>>,
    /// The second factor is on.
    pub totp_enabled: bool,
    /// The step of the last one-time password that was taken: none is taken twice.
    pub totp_step: Option<i64>,
    /// Locale.
    pub locale: String,
    /// Instant: disabled.
    pub disabled_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
