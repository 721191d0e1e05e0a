//! A cart, as shoppers see it.

use serde::Serialize;
use utoipa::ToSchema;
use zg_db::entity::cart_line;
use zg_domain::Money;
use zg_domain::pricing::Step;
use zg_web::View;

use super::choose::{PaymentChoice, ShippingChoice, payment_choices, shipping_choices};
use super::{Basket, ContactInput};
use crate::view::Address;

/// A cart.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Cart)]
pub struct CartView {
    /// By which it is found.
    pub token: String,
    /// The language it is shown in.
    pub locale: String,
    /// Its lines, by ordinal.
    pub lines: Vec<CartLineView>,
    /// Pieces in all.
    pub pieces: i64,
    /// Who orders.
    pub contact: Option<ContactInput>,
    /// Where it goes.
    pub address: Option<Address>,
    /// The chosen way to ship, if it goes there.
    pub shipping_method: Option<ShippingChoice>,
    /// The chosen way to pay, if it can be used.
    pub payment_method: Option<PaymentChoice>,
    /// What it comes to, as far as it is known.
    pub totals: CartTotals,
    /// Every step of the price, amounts in minor units.
    pub explanation: Vec<Step>,
    /// What is missing before checkout: `lines`, `contact`, `address`, `shipping_method`, `payment_method`.
    pub missing: Vec<&'static str>,
    /// What the shopper should know of lines.
    pub problems: Vec<CartProblem>,
    /// Grows with each change.
    pub version: i64,
}

impl View for CartView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A line of a cart.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CartLine)]
pub struct CartLineView {
    /// By which the line is changed.
    pub ordinal: i32,
    /// The SKU's code.
    pub sku: String,
    /// Row of `product`.
    pub product_id: i64,
    /// The product's name.
    pub name: String,
    /// The chosen values.
    pub options: Option<String>,
    /// Address of a picture.
    pub picture: Option<String>,
    /// Pieces.
    pub quantity: i64,
    /// What is left in stock; null where stock is not kept.
    pub left: Option<i64>,
    /// List price of one; null if it is not for sale.
    pub list: Option<Money>,
    /// What one costs on average; null if it is not for sale.
    pub unit: Option<Money>,
    /// What the line costs; null if it is not for sale.
    pub total: Option<Money>,
}

/// What a cart comes to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CartTotals {
    /// Σ of the lines.
    pub lines: Money,
    /// Taken off the lines.
    pub discount: Money,
    /// Shipping, once it is chosen.
    pub shipping: Money,
    /// Fees.
    pub fees: Money,
    /// Tax on top.
    pub tax_added: Money,
    /// Tax within: information.
    pub tax_included: Money,
    /// To pay.
    pub total: Money,
}

/// What the shopper should know of a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CartProblem {
    /// Which line.
    pub ordinal: i32,
    /// `unavailable`: not for sale; `out_of_stock`: fewer are left; `price_changed` since it was put in.
    pub code: &'static str,
    /// Its SKU.
    pub sku: String,
    /// How many are left.
    pub left: Option<i64>,
    /// What one cost then.
    pub before: Option<Money>,
    /// What one costs now.
    pub now: Option<Money>,
}

impl CartView {
    /// A cart that was looked up.
    pub fn of(basket: &Basket) -> Self {
        let money = |amount| Money::new(amount, basket.offered.list.currency);
        let priced = &basket.priced;
        let cart = &basket.cart;
        let reachable = cart.email.is_some() || cart.phone.is_some();
        Self {
            token: cart.token.clone(),
            locale: cart.locale.clone(),
            lines: basket.lines.iter().map(|line| line_view(basket, line)).collect(),
            pieces: basket.lines.iter().map(|line| line.quantity).sum(),
            contact: reachable.then(|| ContactInput { email: cart.email.clone(), phone: cart.phone.clone(), name: cart.name.clone() }),
            address: basket.offered.address.clone(),
            shipping_method: shipping_choices(basket).into_iter().find(|choice| choice.chosen),
            payment_method: payment_choices(basket).into_iter().find(|choice| choice.chosen),
            totals: CartTotals {
                lines: money(priced.lines_total),
                discount: money(priced.discount),
                shipping: money(priced.shipping),
                fees: money(priced.fees),
                tax_added: money(priced.tax_added),
                tax_included: money(priced.tax_included),
                total: money(priced.total),
            },
            explanation: priced.steps.clone(),
            missing: basket.missing(),
            problems: basket.lines.iter().filter_map(|line| problem(basket, line)).collect(),
            version: cart.version,
        }
    }
}

fn line_view(basket: &Basket, line: &cart_line::Model) -> CartLineView {
    let money = |amount| Money::new(amount, basket.offered.list.currency);
    let goods = basket.offered.goods.get(&line.sku_id);
    let priced = basket.priced.lines.iter().find(|priced| priced.ordinal == line.ordinal);
    CartLineView {
        ordinal: line.ordinal,
        sku: goods.map(|goods| goods.sku.clone()).unwrap_or_default(),
        product_id: goods.map(|goods| goods.product_id).unwrap_or_default(),
        name: goods.map(|goods| goods.name.clone()).unwrap_or_default(),
        options: goods.and_then(|goods| goods.options.clone()),
        picture: goods.and_then(|goods| goods.picture.clone()),
        quantity: line.quantity,
        left: basket.left.get(&line.sku_id).map(|left| (*left).max(0)),
        list: priced.map(|priced| money(priced.list)),
        unit: priced.map(|priced| money(priced.unit)),
        total: priced.map(|priced| money(priced.total)),
    }
}

fn problem(basket: &Basket, line: &cart_line::Model) -> Option<CartProblem> {
    let money = |amount| Money::new(amount, basket.offered.list.currency);
    let sku = basket.offered.goods.get(&line.sku_id).map(|goods| goods.sku.clone()).unwrap_or_default();
    let plain = CartProblem { ordinal: line.ordinal, code: "unavailable", sku, left: None, before: None, now: None };
    let Some(goods) = basket.sold(line) else { return Some(plain) };
    if let Some(left) = basket.left.get(&line.sku_id).map(|left| (*left).max(0))
        && left < line.quantity
    {
        return Some(CartProblem { code: "out_of_stock", left: Some(left), ..plain });
    }
    let now = goods.price?;
    let before = line.seen_minor.filter(|seen| *seen != now.amount)?;
    Some(CartProblem { code: "price_changed", before: Some(money(before)), now: Some(now), ..plain })
}
