//! An address that a picture came from.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media_source")]
/// An address that a picture came from.
pub struct Model {
    /// Row of `media`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub media_id: i64,
    /// The address, as the file named it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub url: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
