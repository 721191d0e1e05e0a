//! A category's name in a language.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "category_text")]
/// A category's name in a language.
pub struct Model {
    /// Row of `category`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub category_id: i64,
    /// Locale.
    #[sea_orm(primary_key, auto_increment = false)]
    pub locale: String,
    /// Name.
    pub name: String,
    /// Description.
    #[sea_orm(column_type = "Text")]
    pub description: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
