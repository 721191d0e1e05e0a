//! Check a cart out (P15): one transaction makes the order, takes its stock and
//! tells the shopper.
//!
//! Everything that can be looked up is looked up before the transaction, which then
//! writes only what it guards: the cart becomes one order and no other, and stock is
//! reserved in the order of SKUs, last, so that nobody waits long for a popular one.
//! An order's number is its day and seven drawn digits: nobody waits for a counter,
//! and nobody can count the shop's orders. Where another transaction came first, the
//! whole is tried again; the shopper hears of it only if it was in vain.

use std::time::Instant;

use axum::extract::State as Extract;
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::shelf::Seen;
use zg_base::{Actor, App, Tx, secrets};
use zg_customers::Contact;
use zg_db::entity::{cart, order, order_line};
use zg_domain::Money;
use zg_domain::order::{Fulfilment, Payment, Returns, State, derive_payment};
use zg_inventory::{Wanted, reserve, warehouse_for};
use zg_web::{Committed, Json, Path, Result, View, Visitor};

use crate::cart::{self as carts, Basket, Chosen, PaymentChoice};
use crate::confirm::COD;
use crate::event::OrderPlaced;
use crate::{Error, letter, note_entry, text};

/// How often a checkout that others came before is tried.
const TRIES: u32 = 8;
/// Who waited so long for others to end looks again at what is left.
const WAITED: std::time::Duration = std::time::Duration::from_millis(10);
/// Characters of a shopper's note.
const NOTE: usize = 500;

/// A cart to be checked out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckOut {
    /// The total that the shopper was shown: if it is another by now, nothing is ordered.
    #[serde(default)]
    pub total: Option<Money>,
    /// What the shopper wants to say.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// An order that was placed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlacedOrder)]
pub struct Placed {
    /// Its number, for people.
    pub number: String,
    /// By which the shopper finds it.
    pub token: String,
    /// To pay.
    pub total: Money,
    /// How far it is.
    pub state: State,
    /// How far it is paid.
    pub payment: Payment,
    /// How it is paid, and what the shopper is to do.
    pub payment_method: PaymentChoice,
    /// Unpaid till then it is cancelled.
    pub expires_at: Option<DateTime<Utc>>,
}

impl View for Placed {}

/// Checks a cart out. With an `Idempotency-Key` the same request twice makes one
/// order and gets one answer.
#[utoipa::path(post, path = "/store/carts/{token}/checkout",
    params(("token" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "Made by the caller, once an attempt.")),
    request_body = Option<CheckOut>, responses((status = 201, body = Placed)))]
pub(crate) async fn handler(
    Extract(app): Extract<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    asked: Option<Json<CheckOut>>,
) -> Result<Committed<Placed>> {
    let asked = asked.map(|Json(asked)| asked).unwrap_or_default();
    let (tx, placed) = check_out(&app, &visitor.actor, visitor.customer_id, &token, &asked).await?;
    let location = format!("/store/orders/{}", placed.token);
    Committed::created(tx, placed, &location).await
}

/// Checks a cart out; what comes back is still to be committed. `customer_id` is
/// the shopper who has signed in.
///
/// # Errors
/// [`Error::CartNotFound`], [`Error::CartOrdered`], [`Error::CartIncomplete`],
/// [`Error::NotForSale`], [`Error::OutOfStock`], [`Error::TotalChanged`].
pub async fn check_out(app: &App, actor: &Actor, customer_id: Option<i64>, token: &str, asked: &CheckOut) -> Result<(Tx, Placed), Error> {
    let note = text::optional(asked.note.as_deref(), NOTE, "/note")?;
    let mut tries = 0;
    loop {
        tries += 1;
        let ready = match ready(app, token, asked.total).await {
            Ok(basket) => basket,
            Err(refused) => return Err(known_before(app, actor).await?.unwrap_or(refused)),
        };
        let tx = app.begin(actor).await?;
        match place(&tx, &ready, customer_id, note.as_deref()).await {
            Ok(placed) => return Ok((tx, placed)),
            Err(error) => {
                tx.rollback().await?;
                if tries == TRIES || !error.passing() {
                    return Err(error);
                }
            }
        }
        pause(tries).await;
    }
}

/// Was the same request answered before? Then that is the answer, whatever the cart is now.
async fn known_before(app: &App, actor: &Actor) -> Result<Option<Error>, Error> {
    if actor.idempotency.is_some() {
        app.begin(actor).await?.rollback().await?;
    }
    Ok(None)
}

#[expect(clippy::disallowed_methods, reason = "whoever came first is given time to end; drawn, so that those who wait come apart")]
async fn pause(tries: u32) {
    let [drawn] = secrets::random::<1>();
    let millis = u64::from(drawn % 16) + 4 * u64::from(tries);
    tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
}

/// A cart that can be ordered as it is, as far as can be seen.
struct Ready {
    basket: Basket,
    warehouse_id: i64,
    looked: Instant,
}

async fn ready(app: &App, token: &str, seen: Option<Money>) -> Result<Ready, Error> {
    let looked = Instant::now();
    let shop = Seen::look(app).await?;
    let basket = Basket::load(&shop, token).await?;
    if let Some(id) = basket.cart.order_id {
        return Err(carts::ordered(app.read(), id).await?);
    }
    basket.chosen()?;
    let gone: Vec<String> =
        basket.lines.iter().filter(|line| basket.sold(line).is_none()).map(|line| name_of(&basket, line.sku_id)).collect();
    if !gone.is_empty() {
        return Err(Error::NotForSale(gone));
    }
    let short = basket.short(&basket.left);
    if !short.is_empty() {
        return Err(Error::OutOfStock(short));
    }
    let total = Money::new(basket.priced.total, basket.offered.list.currency);
    if seen.is_some_and(|seen| seen != total) {
        return Err(Error::TotalChanged(total));
    }
    let warehouse_id = warehouse_for(&shop, basket.cart.channel_id, &basket.demand()).await?;
    Ok(Ready { basket, warehouse_id, looked })
}

fn name_of(basket: &Basket, sku_id: i64) -> String {
    basket.offered.goods.get(&sku_id).map_or_else(|| sku_id.to_string(), |goods| goods.sku.clone())
}

/// The checkout itself.
async fn place(tx: &Tx, ready: &Ready, customer_id: Option<i64>, note: Option<&str>) -> Result<Placed, Error> {
    let basket = &ready.basket;
    let chosen = basket.chosen()?;
    if ready.looked.elapsed() > WAITED {
        still_there(tx, basket).await?;
    }
    let customer_id = match customer_id.or(basket.cart.customer_id) {
        Some(id) => id,
        None => zg_customers::for_order(tx, &contact(basket, &chosen)).await?,
    };
    let row = order_row(tx, basket, &chosen, customer_id, note)?.insert(tx.db()).await?;
    spend(tx, &basket.cart, row.id).await?;
    let lines = order_line::Entity::insert_many(line_rows(basket, row.id)).exec_with_returning(tx.db()).await?;
    let pieces: i64 = lines.iter().map(|line| line.quantity).sum();
    note_entry(tx, row.id, "placed", json!({ "total": row.total_minor, "pieces": pieces }), note).await?;
    tx.publish(&OrderPlaced((&row).into())).await?;
    letter::placed(tx, &row, &lines, chosen.method).await?;
    // Last: stock rows are what others wait for.
    let wanted: Vec<Wanted> =
        lines.iter().filter_map(|line| Some(Wanted { line_id: line.id, sku_id: line.sku_id?, quantity: line.quantity })).collect();
    reserve(tx, row.id, &wanted, ready.warehouse_id).await?;
    Ok(Placed {
        total: Money::new(row.total_minor, basket.offered.list.currency),
        state: State::Placed,
        payment: derive_payment(row.total_minor, 0, 0, 0),
        payment_method: PaymentChoice::of(chosen.method, basket.locale, Some(&chosen.method.code)),
        expires_at: row.expires_at,
        number: row.number,
        token: row.token,
    })
}

/// Whoever waited for others to end looks again before writing anything.
async fn still_there(tx: &Tx, basket: &Basket) -> Result<(), Error> {
    let tracked: Vec<i64> = basket.left.keys().copied().collect();
    if tracked.is_empty() {
        return Ok(());
    }
    let short = basket.short(&zg_inventory::available(tx.db(), &tracked).await?);
    if short.is_empty() { Ok(()) } else { Err(Error::OutOfStock(short)) }
}

fn contact(basket: &Basket, chosen: &Chosen<'_>) -> Contact {
    let cart = &basket.cart;
    Contact { name: chosen.name.clone(), email: cart.email.clone(), phone: phone(basket, chosen), locale: basket.locale }
}

/// The contact's telephone number, else the recipient's.
fn phone(basket: &Basket, chosen: &Chosen<'_>) -> Option<String> {
    basket.cart.phone.clone().or_else(|| Some(chosen.address.phone.clone())).filter(|phone| !phone.is_empty())
}

/// The cart becomes this order and no other.
async fn spend(tx: &Tx, cart: &cart::Model, order_id: i64) -> Result<(), Error> {
    let spent = cart::Entity::update_many()
        .set(cart::ActiveModel {
            order_id: Set(Some(order_id)),
            updated_at: Set(tx.now()),
            version: Set(cart.version + 1),
            ..Default::default()
        })
        .filter(cart::Column::Id.eq(cart.id))
        .filter(cart::Column::Version.eq(cart.version))
        .filter(cart::Column::OrderId.is_null())
        .exec(tx.db())
        .await?;
    if spent.rows_affected == 1 { Ok(()) } else { Err(Error::Changed) }
}

fn order_row(tx: &Tx, basket: &Basket, chosen: &Chosen<'_>, customer_id: i64, note: Option<&str>) -> Result<order::ActiveModel, Error> {
    let priced = &basket.priced;
    let mut address = chosen.address.clone();
    let phone = phone(basket, chosen);
    if address.phone.is_empty() {
        address.phone = phone.clone().unwrap_or_default();
    }
    let minutes = chosen.method.expires_minutes.filter(|_| chosen.method.kind != COD && priced.total > 0);
    Ok(order::ActiveModel {
        number: Set(number(tx)),
        token: Set(tx.token()),
        channel_id: Set(basket.cart.channel_id),
        customer_id: Set(Some(customer_id)),
        locale: Set(basket.cart.locale.clone()),
        currency: Set(basket.offered.list.currency.to_string()),
        state: Set(State::Placed.as_str().to_owned()),
        payment_state: Set(derive_payment(priced.total, 0, 0, 0).as_str().to_owned()),
        fulfilment_state: Set(Fulfilment::Allocated.as_str().to_owned()),
        return_state: Set(Returns::None.as_str().to_owned()),
        lines_minor: Set(priced.lines_total),
        discount_minor: Set(priced.discount),
        shipping_minor: Set(priced.shipping),
        fees_minor: Set(priced.fees),
        tax_added_minor: Set(priced.tax_added),
        tax_included_minor: Set(priced.tax_included),
        total_minor: Set(priced.total),
        paid_minor: Set(0),
        refunded_minor: Set(0),
        email: Set(basket.cart.email.clone()),
        phone: Set(phone),
        contact_name: Set(chosen.name.clone()),
        country: Set(Some(address.country.clone())),
        province: Set(Some(address.province.clone())),
        city: Set(Some(address.city.clone())),
        address: Set(Some(serde_json::to_value(&address).map_err(zg_base::Error::from)?)),
        shipping_method: Set(Some(chosen.offer.code.clone())),
        shipping_name: Set(Some(chosen.offer.name.clone())),
        payment_method: Set(Some(chosen.method.code.clone())),
        origin: Set("store".to_owned()),
        note: Set(note.map(str::to_owned)),
        explanation: Set(serde_json::to_value(&priced.steps).map_err(zg_base::Error::from)?),
        placed_at: Set(Some(tx.now())),
        placed_on: Set(Some(tx.today())),
        expires_at: Set(minutes.map(|minutes| tx.now() + Duration::minutes(minutes))),
        created_at: Set(tx.now()),
        version: Set(1),
        ..Default::default()
    })
}

/// The shop's day and seven drawn digits: `2611250483921`. A number that is taken
/// is refused by the database, and another is drawn.
fn number(tx: &Tx) -> String {
    let drawn = u32::from_be_bytes(secrets::random::<4>()) % 10_000_000;
    format!("{}{drawn:07}", tx.today().format("%y%m%d"))
}

fn line_rows(basket: &Basket, order_id: i64) -> Vec<order_line::ActiveModel> {
    let row = |line: &zg_db::entity::cart_line::Model| {
        let goods = basket.sold(line)?;
        let priced = basket.priced.lines.iter().find(|priced| priced.ordinal == line.ordinal)?;
        Some(order_line::ActiveModel {
            order_id: Set(order_id),
            ordinal: Set(line.ordinal),
            sku_id: Set(Some(line.sku_id)),
            sku_code: Set(goods.sku.clone()),
            name: Set(goods.name.clone()),
            options: Set(goods.options.clone()),
            category_id: Set(goods.category_id),
            category_name: Set(goods.category_name.clone()),
            file_id: Set(goods.file_id),
            weight_g: Set(goods.weight_g),
            quantity: Set(line.quantity),
            list_minor: Set(priced.list),
            unit_minor: Set(priced.unit),
            discount_minor: Set(priced.discount),
            total_minor: Set(priced.total),
            tax_ppm: Set(priced.tax_ppm),
            tax_minor: Set(priced.tax),
            allocated: Set(line.quantity),
            picked: Set(0),
            shipped: Set(0),
            delivered: Set(0),
            cancelled: Set(0),
            refunded_minor: Set(0),
            ..Default::default()
        })
    };
    basket.lines.iter().filter_map(row).collect()
}
