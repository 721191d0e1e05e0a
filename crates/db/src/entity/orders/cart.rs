//! A cart, found by its token.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart")]
/// A cart, found by its token.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Token.
    pub token: String,
    /// Row of `channel`.
    pub channel_id: i64,
    /// Row of `customer`.
    pub customer_id: Option<i64>,
    /// Locale.
    pub locale: String,
    /// Email.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Address.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub address: Option<Json>,
    /// Shipping method.
    pub shipping_method: Option<String>,
    /// Payment method.
    pub payment_method: Option<String>,
    /// Row of `order`.
    pub order_id: Option<i64>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Instant: updated.
    pub updated_at: DateTimeUtc,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
