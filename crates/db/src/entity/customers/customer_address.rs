//! An address of a customer.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_address")]
/// An address of a customer.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Unguessable: by it the shopper names the address.
    pub token: String,
    /// Row of `customer`.
    pub customer_id: i64,
    /// Who receives there.
    pub name: String,
    /// In one form.
    pub phone: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// Province.
    pub province: String,
    /// City.
    pub city: String,
    /// District.
    pub district: String,
    /// Street.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// One of a customer's is.
    pub is_default: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
