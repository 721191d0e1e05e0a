//! Addresses of a customer: the same operations for staff, who name them by id, and
//! for the shopper, who names them by token.

use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::Tx;
use zg_db::entity::customer_address::{self, ActiveModel, Column, Entity, Model};

use crate::{Error, field};

/// Addresses a customer may have.
const MOST: u64 = 50;

/// An address as it is entered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressInput {
    /// Who receives there.
    pub name: String,
    /// Their telephone number.
    pub phone: String,
    /// ISO 3166-1, two letters.
    #[schema(example = "CN", min_length = 2, max_length = 2)]
    pub country: String,
    /// Province or state.
    #[serde(default)]
    pub province: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// District or county.
    #[serde(default)]
    pub district: String,
    /// Street, house, door.
    pub street: String,
    /// Postal code.
    #[serde(default)]
    pub postal_code: String,
    /// The one that is proposed at checkout.
    #[serde(default)]
    pub is_default: bool,
}

impl AddressInput {
    /// The address with every field in its one form.
    pub(crate) fn checked(&self) -> Result<Self, Error> {
        let country = self.country.trim().to_ascii_uppercase();
        if country.len() != 2 || !country.bytes().all(|c| c.is_ascii_uppercase()) {
            return Err(Error::Field { pointer: "/country", code: "customer_country_invalid" });
        }
        let phone = field::phone("/phone", &self.phone)?.ok_or(Error::Field { pointer: "/phone", code: "required" })?;
        // In China a parcel goes nowhere without province and city; elsewhere that depends.
        let part =
            |pointer, text: &str| if country == "CN" { field::required(pointer, text, 100) } else { field::text(pointer, text, 100) };
        Ok(Self {
            name: field::required("/name", &self.name, 100)?,
            phone,
            province: part("/province", &self.province)?,
            city: part("/city", &self.city)?,
            district: field::text("/district", &self.district, 100)?,
            street: field::required("/street", &self.street, 300)?,
            postal_code: field::text("/postal_code", &self.postal_code, 20)?,
            country,
            is_default: self.is_default,
        })
    }

    pub(crate) fn row(self) -> ActiveModel {
        ActiveModel {
            name: Set(self.name),
            phone: Set(self.phone),
            country: Set(self.country),
            province: Set(self.province),
            city: Set(self.city),
            district: Set(self.district),
            street: Set(self.street),
            postal_code: Set(self.postal_code),
            ..Default::default()
        }
    }
}

/// Which address of a customer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which<'a> {
    Id(i64),
    Token(&'a str),
}

impl Which<'_> {
    fn is(self) -> sea_orm::sea_query::SimpleExpr {
        match self {
            Self::Id(id) => Column::Id.eq(id),
            Self::Token(token) => Column::Token.eq(token),
        }
    }
}

/// A customer's addresses, the default first.
pub(crate) async fn of(db: &impl ConnectionTrait, customer_id: i64) -> Result<Vec<Model>, Error> {
    let rows = Entity::find().filter(Column::CustomerId.eq(customer_id));
    Ok(rows.order_by(Column::IsDefault, Order::Desc).order_by(Column::Id, Order::Asc).all(db).await?)
}

async fn one(tx: &Tx, customer_id: i64, which: Which<'_>) -> Result<Model, Error> {
    let row = Entity::find().filter(Column::CustomerId.eq(customer_id)).filter(which.is()).one(tx.db()).await?;
    row.ok_or(Error::AddressNotFound)
}

/// Adds an address. The first one is the default.
pub(crate) async fn add(tx: &Tx, customer_id: i64, input: &AddressInput) -> Result<Model, Error> {
    let input = input.checked()?;
    let held = Entity::find().filter(Column::CustomerId.eq(customer_id)).count(tx.db()).await?;
    if held >= MOST {
        return Err(Error::AddressMost { most: MOST });
    }
    let is_default = input.is_default || held == 0;
    if is_default {
        take_default(tx, customer_id).await?;
    }
    let row = ActiveModel { customer_id: Set(customer_id), token: Set(tx.token()), is_default: Set(is_default), ..input.row() };
    Ok(row.insert(tx.db()).await?)
}

/// Replaces an address. The default stays the default until another one is.
pub(crate) async fn change(tx: &Tx, customer_id: i64, which: Which<'_>, input: &AddressInput) -> Result<Model, Error> {
    let input = input.checked()?;
    let before = one(tx, customer_id, which).await?;
    let is_default = input.is_default || before.is_default;
    if input.is_default && !before.is_default {
        take_default(tx, customer_id).await?;
    }
    let row = ActiveModel { is_default: Set(is_default), ..input.row() };
    Entity::update_many().set(row).filter(Column::Id.eq(before.id)).exec(tx.db()).await?;
    one(tx, customer_id, Which::Id(before.id)).await
}

/// Removes an address. If it was the default, the oldest that is left becomes it.
pub(crate) async fn remove(tx: &Tx, customer_id: i64, which: Which<'_>) -> Result<Model, Error> {
    let row = one(tx, customer_id, which).await?;
    Entity::delete_by_id(row.id).exec(tx.db()).await?;
    if row.is_default {
        let left = Entity::find().filter(Column::CustomerId.eq(customer_id)).order_by(Column::Id, Order::Asc);
        if let Some(next) = left.one(tx.db()).await? {
            let first = ActiveModel { is_default: Set(true), ..Default::default() };
            Entity::update_many().set(first).filter(Column::Id.eq(next.id)).exec(tx.db()).await?;
        }
    }
    Ok(row)
}

/// Leaves a customer without a default.
pub(crate) async fn take_default(tx: &Tx, customer_id: i64) -> Result<(), Error> {
    let none = customer_address::ActiveModel { is_default: Set(false), ..Default::default() };
    let theirs = Entity::update_many().set(none).filter(Column::CustomerId.eq(customer_id));
    theirs.filter(Column::IsDefault.eq(true)).exec(tx.db()).await?;
    Ok(())
}
