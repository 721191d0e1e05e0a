//! A value's name in a language.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_option_value_text")]
/// A value's name in a language.
pub struct Model {
    /// Row of `value`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value_id: i64,
    /// Locale.
    #[sea_orm(primary_key, auto_increment = false)]
    pub locale: String,
    /// Name.
    pub name: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
