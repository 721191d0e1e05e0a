//! A product's texts in a language.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_text")]
/// A product's texts in a language.
pub struct Model {
    /// Row of `product`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: i64,
    /// Locale.
    #[sea_orm(primary_key, auto_increment = false)]
    pub locale: String,
    /// Name.
    pub name: String,
    /// Description.
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// Seo title.
    pub seo_title: Option<String>,
    /// Seo description.
    #[sea_orm(column_type = "Text", nullable)]
    pub seo_description: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
