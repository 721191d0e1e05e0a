//! Ways to ship and to pay, and choosing among them.

use sea_orm::Set;
use serde::Serialize;
use utoipa::ToSchema;
use zg_db::entity::{cart, payment_method};
use zg_domain::{Locale, Money};

use super::{Basket, Held};
use crate::Error;

/// A way to ship.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShippingChoice {
    /// To be given when it is chosen.
    pub code: String,
    /// In the cart's language.
    pub name: String,
    /// What it costs this cart.
    pub fee: Money,
    /// The fee before it became free.
    pub original: Money,
    /// The courier may collect the money.
    pub cod: bool,
    /// It is the chosen one.
    pub chosen: bool,
}

/// A way to pay.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentChoice {
    /// To be given when it is chosen.
    pub code: String,
    /// `bank_transfer`, `cod`.
    pub kind: String,
    /// In the cart's language.
    pub name: String,
    /// What the shopper is to do.
    pub instructions: String,
    /// It is the chosen one.
    pub chosen: bool,
}

impl PaymentChoice {
    pub(crate) fn of(row: &payment_method::Model, locale: Locale, chosen: Option<&str>) -> Self {
        let (name, instructions) = match locale {
            Locale::ZhCn => (&row.name_zh, &row.instructions_zh),
            Locale::En => (&row.name_en, &row.instructions_en),
        };
        Self {
            code: row.code.clone(),
            kind: row.kind.clone(),
            name: name.clone(),
            instructions: instructions.clone(),
            chosen: chosen == Some(row.code.as_str()),
        }
    }
}

/// The ways to ship a cart that was looked up; none before there is an address.
pub fn shipping_choices(basket: &Basket) -> Vec<ShippingChoice> {
    let money = |amount| Money::new(amount, basket.offered.list.currency);
    let choice = |offer: &zg_system::shipping::Offer| ShippingChoice {
        code: offer.code.clone(),
        name: offer.name.clone(),
        fee: money(offer.quote.fee),
        original: money(offer.quote.original),
        cod: offer.cod,
        chosen: Some(&offer.code) == basket.cart.shipping_method.as_ref(),
    };
    basket.offered.offers.iter().map(choice).collect()
}

/// The ways to pay for a cart that was looked up.
pub fn payment_choices(basket: &Basket) -> Vec<PaymentChoice> {
    basket.payable().map(|row| PaymentChoice::of(row, basket.locale, basket.cart.payment_method.as_deref())).collect()
}

impl Held<'_> {
    /// Chooses a way to ship.
    ///
    /// # Errors
    /// [`Error::CartAddressFirst`]; [`Error::Field`] if it does not go there.
    pub async fn set_shipping_method(&mut self, code: &str) -> Result<(), Error> {
        if self.row.address.is_none() {
            return Err(Error::CartAddressFirst);
        }
        if !self.offered().await?.offers.iter().any(|offer| offer.code == code) {
            return Err(Error::field("/code", "cart_shipping_unknown"));
        }
        self.write(cart::ActiveModel { shipping_method: Set(Some(code.to_owned())), ..Default::default() }).await
    }

    /// Chooses a way to pay: cash on delivery only where the way to ship allows it.
    ///
    /// # Errors
    /// [`Error::Field`] if it can't be used.
    pub async fn set_payment_method(&mut self, code: &str) -> Result<(), Error> {
        if !self.offered().await?.payable(&self.row).any(|method| method.code == code) {
            return Err(Error::field("/code", "cart_payment_unknown"));
        }
        self.write(cart::ActiveModel { payment_method: Set(Some(code.to_owned())), ..Default::default() }).await
    }
}
