//! A cart with everything that is looked up whenever it is shown or ordered: goods,
//! prices, what is left of them, what shipping costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use zg_base::shelf::Seen;
use zg_catalog::{Goods, Listed, goods};
use zg_db::entity::{cart, cart_line, payment_method};
use zg_domain::pricing::{self, Priced};
use zg_domain::shipping::Parcel;
use zg_domain::{Locale, Ppm};
use zg_inventory::Short;
use zg_system::shipping::{Offer, offers};

use super::reach::destination;
use crate::Error;
use crate::confirm::COD;
use crate::view::Address;

/// What a cart is offered: its goods at their prices, the ways to ship them where they
/// go, and the ways to pay.
#[derive(Debug)]
pub(crate) struct Offered {
    pub(crate) list: Listed,
    pub(crate) goods: BTreeMap<i64, Goods>,
    pub(crate) address: Option<Address>,
    /// The ways to ship there; none before there is an address.
    pub(crate) offers: Vec<Offer>,
    methods: Arc<Vec<payment_method::Model>>,
}

impl Offered {
    pub(super) async fn to(seen: &Seen<'_>, cart: &cart::Model, lines: &[cart_line::Model], locale: Locale) -> Result<Self, Error> {
        let list = Listed::seen(seen).await?;
        let wanted: Vec<(i64, i64)> = lines.iter().map(|line| (line.sku_id, line.quantity)).collect();
        let goods = goods(seen, &list, &wanted, locale).await?;
        let address: Option<Address> = cart.address.clone().map(serde_json::from_value).transpose().map_err(zg_base::Error::from)?;
        let offers = match &address {
            Some(address) if !lines.is_empty() => offers(seen, &destination(address), &parcel(lines, &goods)?, locale).await?,
            _ => Vec::new(),
        };
        let bytes = |methods: &Vec<payment_method::Model>| methods.len() * 1_000;
        let methods = seen.or_read("payment_methods", bytes, enabled(seen.app().read())).await?;
        Ok(Self { list, goods, address, offers, methods })
    }

    /// The way to ship that a cart chose, if it goes there.
    pub(crate) fn offer(&self, cart: &cart::Model) -> Option<&Offer> {
        self.offers.iter().find(|offer| Some(&offer.code) == cart.shipping_method.as_ref())
    }

    /// The ways to pay that go with the way to ship.
    pub(crate) fn payable(&self, cart: &cart::Model) -> impl Iterator<Item = &payment_method::Model> {
        let cash = self.offer(cart).is_some_and(|offer| offer.cod);
        self.methods.iter().filter(move |method| cash || method.kind != COD)
    }
}

async fn enabled(db: &impl ConnectionTrait) -> Result<Vec<payment_method::Model>, Error> {
    use payment_method::Column;
    let found = payment_method::Entity::find().filter(Column::Enabled.eq(true));
    Ok(found.order_by(Column::Position, Order::Asc).order_by(Column::Id, Order::Asc).all(db).await?)
}

/// A cart, looked up at an instant.
#[derive(Debug)]
pub struct Basket {
    pub(crate) cart: cart::Model,
    pub(crate) lines: Vec<cart_line::Model>,
    pub(crate) locale: Locale,
    pub(crate) offered: Offered,
    /// What is left of each SKU that is tracked.
    pub(crate) left: BTreeMap<i64, i64>,
    pub(crate) priced: Priced,
}

/// What was chosen and can be had.
pub(crate) struct Chosen<'a> {
    pub(crate) address: &'a Address,
    pub(crate) offer: &'a Offer,
    pub(crate) method: &'a payment_method::Model,
    /// The name of the one who orders.
    pub(crate) name: String,
}

impl Basket {
    pub(super) async fn of(seen: &Seen<'_>, cart: cart::Model, lines: Vec<cart_line::Model>, locale: Locale) -> Result<Self, Error> {
        let offered = Offered::to(seen, &cart, &lines, locale).await?;
        let left = left(seen.app().read(), &offered.goods).await?;
        let priced = price(&cart, &lines, &offered)?;
        Ok(Self { cart, lines, locale, offered, left, priced })
    }

    /// Has it become an order?
    pub fn is_ordered(&self) -> bool {
        self.cart.order_id.is_some()
    }

    /// The goods of a line, if they are for sale.
    pub(crate) fn sold(&self, line: &cart_line::Model) -> Option<&Goods> {
        self.offered.goods.get(&line.sku_id).filter(|goods| goods.for_sale)
    }

    /// The chosen way to ship, if it goes there.
    pub(crate) fn offer(&self) -> Option<&Offer> {
        self.offered.offer(&self.cart)
    }

    /// The ways to pay that go with the way to ship.
    pub(crate) fn payable(&self) -> impl Iterator<Item = &payment_method::Model> {
        self.offered.payable(&self.cart)
    }

    /// The chosen way to pay, if it can be used.
    pub(crate) fn method(&self) -> Option<&payment_method::Model> {
        self.payable().find(|method| Some(&method.code) == self.cart.payment_method.as_ref())
    }

    /// What is missing before checkout, in the order in which it is asked for.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let reachable = self.cart.email.is_some() || self.cart.phone.is_some();
        [
            ("lines", self.lines.is_empty()),
            ("contact", !reachable),
            ("address", self.offered.address.is_none()),
            ("shipping_method", self.offer().is_none()),
            ("payment_method", self.method().is_none()),
        ]
        .into_iter()
        .filter_map(|(what, missing)| missing.then_some(what))
        .collect()
    }

    /// What was chosen, if nothing is missing.
    pub(crate) fn chosen(&self) -> Result<Chosen<'_>, Error> {
        match (&self.offered.address, self.offer(), self.method()) {
            (Some(address), Some(offer), Some(method)) if self.missing().is_empty() => {
                let name = self.cart.name.clone().unwrap_or_else(|| address.name.clone());
                Ok(Chosen { address, offer, method, name })
            }
            _ => Err(Error::CartIncomplete(self.missing())),
        }
    }

    /// SKUs of which there is not enough now: a look, not a promise.
    pub(crate) fn short(&self, left: &BTreeMap<i64, i64>) -> Vec<Short> {
        let short = |line: &cart_line::Model| {
            let goods = self.offered.goods.get(&line.sku_id).filter(|goods| goods.tracked)?;
            let left = left.get(&line.sku_id).copied().unwrap_or_default().max(0);
            let short = Short { sku_id: line.sku_id, sku: goods.sku.clone(), wanted: line.quantity, left };
            (left < line.quantity).then_some(short)
        };
        self.lines.iter().filter_map(short).collect()
    }

    /// How many of each SKU are wanted.
    pub(crate) fn demand(&self) -> BTreeMap<i64, i64> {
        let mut demand = BTreeMap::new();
        for line in &self.lines {
            *demand.entry(line.sku_id).or_default() += line.quantity;
        }
        demand
    }
}

/// What is left of each SKU that is tracked.
async fn left(db: &impl ConnectionTrait, goods: &BTreeMap<i64, Goods>) -> Result<BTreeMap<i64, i64>, Error> {
    let tracked: Vec<i64> = goods.values().filter(|goods| goods.tracked).map(|goods| goods.sku_id).collect();
    if tracked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = zg_inventory::available(db, &tracked).await?;
    Ok(tracked.into_iter().map(|id| (id, found.get(&id).copied().unwrap_or_default())).collect())
}

/// What is to be shipped.
fn parcel(lines: &[cart_line::Model], goods: &BTreeMap<i64, Goods>) -> Result<Parcel, Error> {
    let mut parcel = Parcel::default();
    for line in lines {
        let Some(goods) = goods.get(&line.sku_id).filter(|goods| goods.for_sale) else { continue };
        let amount = goods.price.map_or(0, |price| price.amount);
        let add = |sum: i64, each: i64| each.checked_mul(line.quantity).and_then(|more| sum.checked_add(more)).ok_or(Error::TooLarge);
        parcel.weight_g = add(parcel.weight_g, goods.weight_g)?;
        parcel.count = add(parcel.count, 1)?;
        parcel.amount = add(parcel.amount, amount)?;
    }
    Ok(parcel)
}

/// Prices what is for sale. Shipping is taxed as the goods of the highest rate among them.
fn price(cart: &cart::Model, lines: &[cart_line::Model], offered: &Offered) -> Result<Priced, Error> {
    let sold: Vec<pricing::Line> = lines
        .iter()
        .filter_map(|line| {
            let goods = offered.goods.get(&line.sku_id).filter(|goods| goods.for_sale)?;
            let list = goods.price?.amount;
            Some(pricing::Line { ordinal: line.ordinal, quantity: line.quantity, list, tax: goods.tax, agreed_off: None })
        })
        .collect();
    let quote = offered.offer(cart).map(|offer| offer.quote);
    let asked = pricing::Cart {
        currency: offered.list.currency,
        shipping_tax: sold.iter().map(|line| line.tax).max().unwrap_or(Ppm(0)),
        lines: sold,
        promotions: Vec::new(),
        shipping: quote.map_or(0, |quote| quote.fee),
        shipping_original: quote.map_or(0, |quote| quote.original),
        fees: 0,
        tax_included: offered.list.tax_included,
    };
    pricing::price(&asked).map_err(|_| Error::TooLarge)
}
