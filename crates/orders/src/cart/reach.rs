//! Who orders, and where it goes.

use sea_orm::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_db::entity::cart;
use zg_domain::{Email, Phone};
use zg_system::shipping::{AddressFault, Destination, check_address};

use super::Held;
use crate::view::Address;
use crate::{Error, text};

/// Characters of a name.
const NAME: usize = 100;
/// Characters of a part of an address.
const PART: usize = 100;
/// Characters of a street.
const STREET: usize = 300;

/// How to reach the one who orders: by mail, by telephone, or both.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CartContact)]
pub struct ContactInput {
    /// An e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// A telephone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// A name; the recipient's, if absent.
    #[serde(default)]
    pub name: Option<String>,
}

impl Held<'_> {
    /// Says who orders.
    ///
    /// # Errors
    /// [`Error::Field`].
    pub async fn set_contact(&mut self, contact: &ContactInput) -> Result<(), Error> {
        let email = parsed::<Email>(contact.email.as_deref(), "/email", "cart_email")?;
        let phone = parsed::<Phone>(contact.phone.as_deref(), "/phone", "cart_phone")?;
        let name = text::optional(contact.name.as_deref(), NAME, "/name")?;
        if email.is_none() && phone.is_none() {
            return Err(Error::field("/email", "cart_contact_missing"));
        }
        self.write(cart::ActiveModel { email: Set(email), phone: Set(phone), name: Set(name), ..Default::default() }).await
    }

    /// Says where the order is to go.
    ///
    /// # Errors
    /// [`Error::Field`].
    pub async fn set_address(&mut self, address: &AddressInput) -> Result<(), Error> {
        let mut wrong = Wrong::default();
        let part = |text: &Option<String>, pointer| text::optional(text.as_deref(), PART, pointer).map(Option::unwrap_or_default);
        let address = Address {
            name: wrong.or_default(text::required(&address.name, NAME, "/name"))?,
            phone: wrong.or_default(parsed::<Phone>(address.phone.as_deref(), "/phone", "cart_phone"))?.unwrap_or_default(),
            country: wrong.or_default(text::required(&address.country, PART, "/country"))?.to_ascii_uppercase(),
            province: wrong.or_default(part(&address.province, "/province"))?,
            city: wrong.or_default(part(&address.city, "/city"))?,
            district: wrong.or_default(part(&address.district, "/district"))?,
            street: wrong.or_default(text::required(&address.street, STREET, "/street"))?,
            postal_code: wrong.or_default(part(&address.postal_code, "/postal_code"))?,
        };
        match check_address(self.seen, &destination(&address)).await {
            Ok(()) => {}
            Err(AddressFault::Field { field, reason }) => wrong.note(format!("/{field}"), reason),
            Err(AddressFault::Base(error)) => return Err(error.into()),
        }
        wrong.or_ok()?;
        let json = serde_json::to_value(&address).map_err(zg_base::Error::from)?;
        self.write(cart::ActiveModel { address: Set(Some(json)), ..Default::default() }).await
    }
}

fn parsed<T: std::str::FromStr + ToString>(text: Option<&str>, pointer: &'static str, code: &'static str) -> Result<Option<String>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse::<T>().map(|value| Some(value.to_string())).map_err(|_| Error::field(pointer, code))
}

/// Where the order is to go.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CartAddress)]
pub struct AddressInput {
    /// Who receives it.
    pub name: String,
    /// Their telephone number; the contact's, if absent.
    #[serde(default)]
    pub phone: Option<String>,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// Province or state; in China checked against the tree of regions, as city and district.
    #[serde(default)]
    pub province: Option<String>,
    /// City.
    #[serde(default)]
    pub city: Option<String>,
    /// District or county.
    #[serde(default)]
    pub district: Option<String>,
    /// Street and house.
    pub street: String,
    /// Postal code.
    #[serde(default)]
    pub postal_code: Option<String>,
}

/// Fields that are wrong, told all at once.
#[derive(Default)]
struct Wrong(Vec<(String, &'static str)>);

impl Wrong {
    /// The value, or what stands for one that is wrong.
    fn or_default<T: Default>(&mut self, parsed: Result<T, Error>) -> Result<T, Error> {
        match parsed {
            Err(Error::Field { pointer, code }) => {
                self.note(pointer, code);
                Ok(T::default())
            }
            other => other,
        }
    }

    /// A field that is wrong in two ways is told once.
    fn note(&mut self, pointer: impl Into<String>, code: &'static str) {
        let pointer = pointer.into();
        if !self.0.iter().any(|(known, _)| *known == pointer) {
            self.0.push((pointer, code));
        }
    }

    fn or_ok(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Fields(self.0)) }
    }
}

/// An address, as shipping looks at it.
pub(crate) fn destination(address: &Address) -> Destination {
    Destination {
        country: address.country.clone(),
        province: address.province.clone(),
        city: address.city.clone(),
        district: address.district.clone(),
    }
}
