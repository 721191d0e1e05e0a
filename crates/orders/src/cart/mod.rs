//! A cart (P15): lines, contact, address, ways to ship and to pay, until checkout.
//!
//! A cart is found by its token alone, and whoever knows the token may change it. It
//! holds no stock and no price: both are looked up whenever it is shown. Each write
//! holds the cart's row, so that lines are written one request after the other. What
//! is chosen and no longer to be had counts as not chosen.

mod basket;
mod choose;
mod handler;
mod lines;
mod reach;
mod view;

pub use basket::Basket;
pub(crate) use basket::Chosen;
pub use choose::{
    PaymentChoice, ShippingChoice, payment_choices, payment_methods, set_payment_method, set_shipping_method, shipping_choices,
    shipping_methods,
};
pub(crate) use handler::routes;
pub use lines::{add, remove, set_quantity};
pub use reach::{AddressInput, ContactInput, set_address, set_contact};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};
pub use view::{CartLineView, CartProblem, CartTotals, CartView, view};
use zg_base::Tx;
use zg_catalog::Listed;
use zg_db::entity::{cart, order};
use zg_domain::Locale;

use crate::Error;

/// Makes an empty cart in a language, a shopper's if they have signed in; says its token.
///
/// # Errors
/// [`Error::Base`].
pub async fn create(tx: &Tx, locale: Locale, customer_id: Option<i64>) -> Result<String, Error> {
    let token = tx.token();
    let row = cart::ActiveModel {
        token: Set(token.clone()),
        channel_id: Set(Listed::default(tx.db()).await?.channel_id),
        customer_id: Set(customer_id),
        locale: Set(locale.tag().to_owned()),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        version: Set(1),
        ..Default::default()
    };
    row.insert(tx.db()).await?;
    Ok(token)
}

/// Says in which language the cart is shown and ordered from now on.
///
/// # Errors
/// [`Error::CartNotFound`], [`Error::CartOrdered`].
pub async fn set_locale(tx: &Tx, token: &str, locale: Locale) -> Result<(), Error> {
    let row = for_change(tx, token).await?;
    if row.locale == locale.tag() {
        return Ok(());
    }
    touch(tx, &row, cart::ActiveModel { locale: Set(locale.tag().to_owned()), ..Default::default() }).await
}

/// The cart of a token, for reading.
pub(crate) async fn find(db: &impl ConnectionTrait, token: &str) -> Result<cart::Model, Error> {
    cart::Entity::find().filter(cart::Column::Token.eq(token)).one(db).await?.ok_or(Error::CartNotFound)
}

/// The cart of a token, for writing: its row stays locked until the transaction ends.
async fn for_change(tx: &Tx, token: &str) -> Result<cart::Model, Error> {
    let found = cart::Entity::find().filter(cart::Column::Token.eq(token)).lock_exclusive().one(tx.db()).await?;
    let row = found.ok_or(Error::CartNotFound)?;
    match row.order_id {
        Some(id) => Err(ordered(tx.db(), id).await?),
        None => Ok(row),
    }
}

/// The refusal of a cart that has become an order: it names the order.
pub(crate) async fn ordered(db: &impl ConnectionTrait, order_id: i64) -> Result<Error, Error> {
    let order = order::Entity::find_by_id(order_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok(Error::CartOrdered { number: order.number, token: order.token })
}

/// Writes what changes of a cart; with nothing else, that it was touched.
async fn touch(tx: &Tx, row: &cart::Model, set: cart::ActiveModel) -> Result<(), Error> {
    let set = cart::ActiveModel { updated_at: Set(tx.now()), version: Set(row.version + 1), ..set };
    cart::Entity::update_many().set(set).filter(cart::Column::Id.eq(row.id)).exec(tx.db()).await?;
    Ok(())
}
