//! A mail, queued or sent.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
/// A mail, queued or sent.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// To address.
    pub to_address: String,
    /// To name.
    pub to_name: Option<String>,
    /// Locale.
    pub locale: String,
    /// Template.
    pub template: String,
    /// Subject.
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    /// Text.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Html.
    #[sea_orm(column_type = "Text")]
    pub html: String,
    /// State.
    pub state: String,
    /// Attempts.
    pub attempts: i32,
    /// Last error.
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
    /// When it is tried next; while it is sent, when it counts as lost with its worker.
    pub next_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Instant: sent.
    pub sent_at: Option<DateTimeUtc>,
    /// Row of `customer`.
    pub customer_id: Option<i64>,
    /// Row of `order`.
    pub order_id: Option<i64>,
    /// It opens something for its reader alone: nobody else sees what it says.
    pub secret: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
