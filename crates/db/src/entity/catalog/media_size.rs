//! A smaller copy of a picture.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media_size")]
/// A smaller copy of a picture.
pub struct Model {
    /// Row of `media`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub media_id: i64,
    /// Width.
    #[sea_orm(primary_key, auto_increment = false)]
    pub width: i32,
    /// Height.
    pub height: i32,
    /// Row of `file`.
    pub file_id: i64,
    /// Media type.
    pub media_type: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
