//! A name in an address, present or former.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "slug")]
/// A name in an address, present or former.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Entity.
    pub entity: String,
    /// Row of `entity`.
    pub entity_id: i64,
    /// Locale.
    pub locale: String,
    /// Slug.
    pub slug: String,
    /// Current.
    pub current: bool,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
