//! Ways to ship and to pay, and choosing among them.

use sea_orm::Set;
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{cart, payment_method};
use zg_domain::{Locale, Money};

use super::{Basket, for_change, touch};
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

/// The ways to ship this cart to its address, in the shop's order.
///
/// # Errors
/// [`Error::CartNotFound`]; [`Error::CartAddressFirst`].
pub async fn shipping_methods(app: &App, token: &str) -> Result<Vec<ShippingChoice>, Error> {
    let basket = Basket::load(app.read(), token, app.now()).await?;
    if basket.address.is_none() {
        return Err(Error::CartAddressFirst);
    }
    Ok(shipping_choices(&basket))
}

/// The ways to ship a cart that was looked up; none before there is an address.
pub fn shipping_choices(basket: &Basket) -> Vec<ShippingChoice> {
    let money = |amount| Money::new(amount, basket.list.currency);
    let choice = |offer: &zg_system::shipping::Offer| ShippingChoice {
        code: offer.code.clone(),
        name: offer.name.clone(),
        fee: money(offer.quote.fee),
        original: money(offer.quote.original),
        cod: offer.cod,
        chosen: Some(&offer.code) == basket.cart.shipping_method.as_ref(),
    };
    basket.offers.iter().map(choice).collect()
}

/// Chooses a way to ship.
///
/// # Errors
/// [`Error::CartAddressFirst`]; [`Error::Field`] if it does not go there;
/// [`Error::CartNotFound`], [`Error::CartOrdered`].
pub async fn set_shipping_method(tx: &Tx, token: &str, code: &str) -> Result<(), Error> {
    let row = for_change(tx, token).await?;
    let basket = Basket::load(tx.db(), token, tx.now()).await?;
    if basket.address.is_none() {
        return Err(Error::CartAddressFirst);
    }
    if !basket.offers.iter().any(|offer| offer.code == code) {
        return Err(Error::field("/code", "cart_shipping_unknown"));
    }
    touch(tx, &row, cart::ActiveModel { shipping_method: Set(Some(code.to_owned())), ..Default::default() }).await
}

/// The ways to pay for this cart: cash on delivery only where the way to ship allows it.
///
/// # Errors
/// [`Error::CartNotFound`].
pub async fn payment_methods(app: &App, token: &str) -> Result<Vec<PaymentChoice>, Error> {
    Ok(payment_choices(&Basket::load(app.read(), token, app.now()).await?))
}

/// The ways to pay for a cart that was looked up.
pub fn payment_choices(basket: &Basket) -> Vec<PaymentChoice> {
    basket.payable().map(|row| PaymentChoice::of(row, basket.locale, basket.cart.payment_method.as_deref())).collect()
}

/// Chooses a way to pay.
///
/// # Errors
/// [`Error::Field`] if it can't be used; [`Error::CartNotFound`], [`Error::CartOrdered`].
pub async fn set_payment_method(tx: &Tx, token: &str, code: &str) -> Result<(), Error> {
    let row = for_change(tx, token).await?;
    let basket = Basket::load(tx.db(), token, tx.now()).await?;
    if !basket.payable().any(|method| method.code == code) {
        return Err(Error::field("/code", "cart_payment_unknown"));
    }
    touch(tx, &row, cart::ActiveModel { payment_method: Set(Some(code.to_owned())), ..Default::default() }).await
}
