//! A region that belongs to a zone, or is left out of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "zone_region")]
/// A region that belongs to a zone, or is left out of it.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Row of `zone`.
    pub zone_id: i64,
    /// ISO 3166-1; `*` is everywhere.
    pub country: String,
    /// Code of a region; the whole country if none.
    pub region: Option<String>,
    /// Left out rather than taken in.
    pub excluded: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
