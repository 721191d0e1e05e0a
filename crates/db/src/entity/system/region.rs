//! A country, or a province, city or district of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region")]
/// A country, or a province, city or district of it.
pub struct Model {
    /// ISO 3166-1 of a country; the statistical code of a region.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// ISO 3166-1 of the country it lies in; its own, of a country.
    pub country: String,
    /// Code of the one above.
    pub parent: Option<String>,
    /// 0 country, 1 province, 2 city, 3 district.
    pub level: i32,
    /// Name, in its own country's language or in Chinese.
    pub name: String,
    /// English name, of countries and provinces.
    pub name_en: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
