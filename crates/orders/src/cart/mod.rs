//! A cart (P15): lines, contact, address, ways to ship and to pay, until checkout.
//!
//! A cart is found by its token alone, and whoever knows the token may change it. It
//! holds no stock and no price: both are looked up whenever it is shown. Whoever
//! changes it holds its row ([`Held`]), so that lines are written one request after
//! the other. What is chosen and no longer to be had counts as not chosen.

mod basket;
mod choose;
mod handler;
mod held;
mod lines;
mod reach;
mod view;

pub use basket::Basket;
pub(crate) use basket::Chosen;
pub use choose::{PaymentChoice, ShippingChoice, payment_choices, shipping_choices};
pub(crate) use handler::routes;
pub use held::Held;
pub use reach::{AddressInput, ContactInput};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
pub use view::{CartLineView, CartProblem, CartTotals, CartView};
use zg_db::entity::{cart, order};

use crate::Error;

/// The cart of a token, for reading.
pub(crate) async fn find(db: &impl ConnectionTrait, token: &str) -> Result<cart::Model, Error> {
    cart::Entity::find().filter(cart::Column::Token.eq(token)).one(db).await?.ok_or(Error::CartNotFound)
}

/// The refusal of a cart that has become an order: it names the order.
pub(crate) async fn ordered(db: &impl ConnectionTrait, order_id: i64) -> Result<Error, Error> {
    let order = order::Entity::find_by_id(order_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok(Error::CartOrdered { number: order.number, token: order.token })
}
