//! An order. Amounts in minor units of its currency.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
/// An order. Amounts in minor units of its currency.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Number.
    pub number: String,
    /// Token.
    pub token: String,
    /// Row of `channel`.
    pub channel_id: i64,
    /// Row of `customer`.
    pub customer_id: Option<i64>,
    /// Locale.
    pub locale: String,
    /// Currency.
    pub currency: String,
    /// State.
    pub state: String,
    /// Payment state.
    pub payment_state: String,
    /// Fulfilment state.
    pub fulfilment_state: String,
    /// Return state.
    pub return_state: String,
    /// Lines, in minor units.
    pub lines_minor: i64,
    /// Discount, in minor units.
    pub discount_minor: i64,
    /// Shipping, in minor units.
    pub shipping_minor: i64,
    /// Fees, in minor units.
    pub fees_minor: i64,
    /// Tax added, in minor units.
    pub tax_added_minor: i64,
    /// Tax included, in minor units.
    pub tax_included_minor: i64,
    /// Total, in minor units.
    pub total_minor: i64,
    /// Paid, in minor units.
    pub paid_minor: i64,
    /// Refunded, in minor units.
    pub refunded_minor: i64,
    /// Email.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Contact name.
    pub contact_name: String,
    /// Address.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub address: Option<Json>,
    /// Country.
    pub country: Option<String>,
    /// Province.
    pub province: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Shipping method.
    pub shipping_method: Option<String>,
    /// Shipping name.
    pub shipping_name: Option<String>,
    /// Payment method.
    pub payment_method: Option<String>,
    /// Origin.
    pub origin: String,
    /// Note.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// Explanation.
    #[sea_orm(column_type = "JsonBinary")]
    pub explanation: Json,
    /// Instant: placed.
    pub placed_at: Option<DateTimeUtc>,
    /// Shop day: placed.
    pub placed_on: Option<Date>,
    /// Instant: confirmed.
    pub confirmed_at: Option<DateTimeUtc>,
    /// Instant: completed.
    pub completed_at: Option<DateTimeUtc>,
    /// Instant: cancelled.
    pub cancelled_at: Option<DateTimeUtc>,
    /// Cancel reason.
    pub cancel_reason: Option<String>,
    /// Instant: expires.
    pub expires_at: Option<DateTimeUtc>,
    /// Locked by.
    pub locked_by: Option<i64>,
    /// Locked name.
    pub locked_name: Option<String>,
    /// Locked reason.
    pub locked_reason: Option<String>,
    /// Locked until.
    pub locked_until: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
