//! A parcel.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipment")]
/// A parcel.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `order`.
    pub order_id: i64,
    /// Number.
    pub number: String,
    /// Row of `warehouse`.
    pub warehouse_id: i64,
    /// Row of `carrier`.
    pub carrier_id: Option<i64>,
    /// Tracking number.
    pub tracking_number: Option<String>,
    /// State.
    pub state: String,
    /// Instant: packed.
    pub packed_at: DateTimeUtc,
    /// Instant: handed over.
    pub handed_over_at: Option<DateTimeUtc>,
    /// Instant: delivered.
    pub delivered_at: Option<DateTimeUtc>,
    /// Instant: undone.
    pub undone_at: Option<DateTimeUtc>,
    /// Note.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// When the customer was told.
    pub notified_at: Option<DateTimeUtc>,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
