//! Shoppers' own addresses, which they name by token.

use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::Tx;
use zg_db::entity::customer_address;
use zg_web::View;

use crate::address::{self, AddressInput, Which};
use crate::{Error, find};

/// An address, to its owner.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnAddress {
    /// Names it.
    pub token: String,
    /// Who receives there.
    pub name: String,
    /// Their telephone number.
    pub phone: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// Province or state.
    pub province: String,
    /// City.
    pub city: String,
    /// District or county.
    pub district: String,
    /// Street, house, door.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// The one that is proposed at checkout.
    pub is_default: bool,
}

impl View for OwnAddress {}

/// One's addresses, the default first.
///
/// # Errors
/// [`Error::Base`].
pub async fn addresses(db: &impl ConnectionTrait, customer_id: i64) -> Result<Vec<OwnAddress>, Error> {
    Ok(address::of(db, customer_id).await?.into_iter().map(view).collect())
}

/// Adds an address; the first one is the default.
///
/// # Errors
/// [`Error::Field`], [`Error::AddressMost`], [`Error::Base`].
pub async fn add_address(tx: &Tx, customer_id: i64, input: &AddressInput) -> Result<OwnAddress, Error> {
    find::locked(tx.db(), customer_id).await?;
    Ok(view(address::add(tx, customer_id, input).await?))
}

/// Replaces an address.
///
/// # Errors
/// [`Error::AddressNotFound`], also if it is a stranger's; [`Error::Field`]; [`Error::Base`].
pub async fn change_address(tx: &Tx, customer_id: i64, token: &str, input: &AddressInput) -> Result<OwnAddress, Error> {
    find::locked(tx.db(), customer_id).await?;
    Ok(view(address::change(tx, customer_id, Which::Token(token), input).await?))
}

/// Removes an address.
///
/// # Errors
/// [`Error::AddressNotFound`], also if it is a stranger's; [`Error::Base`].
pub async fn remove_address(tx: &Tx, customer_id: i64, token: &str) -> Result<(), Error> {
    find::locked(tx.db(), customer_id).await?;
    address::remove(tx, customer_id, Which::Token(token)).await?;
    Ok(())
}

fn view(row: customer_address::Model) -> OwnAddress {
    OwnAddress {
        token: row.token,
        name: row.name,
        phone: row.phone,
        country: row.country,
        province: row.province,
        city: row.city,
        district: row.district,
        street: row.street,
        postal_code: row.postal_code,
        is_default: row.is_default,
    }
}
