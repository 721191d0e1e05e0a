//! The cart: what lies in it, and putting in, changing and taking out.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use http::header;
use minijinja::{Value, context};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Deserialize;
use zg_base::{App, Tx};
use zg_db::entity::{cart, cart_line, slug};
use zg_orders::Error;
use zg_orders::cart::{self as carts, Basket, CartView};
use zg_web::{Problem, Result};

use crate::form::Form;
use crate::page::{Head, Page};
use crate::template::value;
use crate::text::Text;

#[derive(Deserialize)]
pub(crate) struct Add {
    sku: String,
    quantity: String,
}

#[derive(Deserialize)]
pub(crate) struct Change {
    /// `remove`, or anything else: set the quantity.
    #[serde(default)]
    what: String,
    #[serde(default)]
    quantity: String,
}

pub(crate) async fn page(page: Page) -> Result<Response> {
    let basket = open(&page).await?;
    let cart = basket.as_ref().map(CartView::of);
    let values = context! {
        lines => match &cart { Some(cart) => lines(&page, cart).await?, None => Vec::new() },
        cart => cart.as_ref().map(value),
    };
    page.show("cart.html", Head::private(page.say(Text::cart)), values).await
}

pub(crate) async fn add(page: Page, Form(asked): Form<Add>) -> Result<Response> {
    let quantity = quantity(&asked.quantity)?;
    let tx = page.app().begin(page.actor()).await?;
    let token = match usable(&page, &tx).await? {
        Some(token) => token,
        None => carts::create(&tx, page.locale(), page.member().map(|member| member.customer_id)).await?,
    };
    carts::add(&tx, &token, &asked.sku, quantity).await?;
    tx.commit().await?;
    let mut response = page.go_saying("/cart", Text::notice_added);
    response.headers_mut().append(header::SET_COOKIE, page.cart_cookie(&token));
    Ok(response)
}

pub(crate) async fn change(page: Page, Path(line): Path<i32>, Form(asked): Form<Change>) -> Result<Response> {
    let Some(token) = page.cart() else { return Ok(page.go("/cart")) };
    let tx = page.app().begin(page.actor()).await?;
    let (done, notice) = match asked.what.as_str() {
        "remove" => (carts::remove(&tx, token, line).await, Text::notice_removed),
        _ => match quantity(&asked.quantity)? {
            0 => (carts::remove(&tx, token, line).await, Text::notice_removed),
            quantity => (carts::set_quantity(&tx, token, line, quantity).await, Text::notice_updated),
        },
    };
    match done {
        Ok(()) => {
            tx.commit().await?;
            Ok(page.go_saying("/cart", notice))
        }
        // Done before, in another window.
        Err(Error::CartLineNotFound | Error::CartNotFound) => Ok(page.go("/cart")),
        Err(Error::CartOrdered { token, .. }) => Ok(page.go(&format!("/o/{token}"))),
        Err(error) => Err(error.into()),
    }
}

/// The visitor's cart in the reader's language, if there is one that is not ordered yet.
pub(crate) async fn open(page: &Page) -> Result<Option<Basket>> {
    let Some(token) = page.cart() else { return Ok(None) };
    match Basket::load_in(page.app().read(), token, page.locale(), page.app().now()).await {
        Ok(basket) if basket.is_ordered() => Ok(None),
        Ok(basket) => Ok(Some(basket)),
        Err(Error::CartNotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The token of the visitor's cart, if it can still be written.
async fn usable(page: &Page, tx: &Tx) -> Result<Option<String>> {
    let Some(token) = page.cart() else { return Ok(None) };
    let open = cart::Entity::find()
        .select_only()
        .column(cart::Column::Token)
        .filter(cart::Column::Token.eq(token))
        .filter(cart::Column::OrderId.is_null());
    Ok(open.into_tuple().one(tx.db()).await?)
}

/// Lines with the address of their product and what is wrong with them.
pub(crate) async fn lines(page: &Page, cart: &CartView) -> Result<Vec<Value>> {
    let products: Vec<i64> = cart.lines.iter().map(|line| line.product_id).collect();
    let slugs: Vec<(i64, String)> = slug::Entity::find()
        .select_only()
        .columns([slug::Column::EntityId, slug::Column::Slug])
        .filter(slug::Column::Entity.eq("product"))
        .filter(slug::Column::Locale.eq(page.locale().tag()))
        .filter(slug::Column::Current.eq(true))
        .filter(slug::Column::EntityId.is_in(products))
        .into_tuple()
        .all(page.app().read())
        .await?;
    let slugs: BTreeMap<i64, String> = slugs.into_iter().collect();
    let view = |line: &carts::CartLineView| {
        let problem = cart.problems.iter().find(|problem| problem.ordinal == line.ordinal);
        context! { slug => slugs.get(&line.product_id), problem => problem.map(value), ..value(line) }
    };
    Ok(cart.lines.iter().map(view).collect())
}

/// How many pieces lie in a cart that has not become an order.
pub(crate) async fn count(app: &App, token: &str) -> Result<i64> {
    let open = cart::Entity::find()
        .select_only()
        .column(cart::Column::Id)
        .filter(cart::Column::Token.eq(token))
        .filter(cart::Column::OrderId.is_null());
    let id: Option<i64> = open.into_tuple().one(app.read()).await?;
    let Some(id) = id else { return Ok(0) };
    let pieces: Vec<i64> = cart_line::Entity::find()
        .select_only()
        .column(cart_line::Column::Quantity)
        .filter(cart_line::Column::CartId.eq(id))
        .into_tuple()
        .all(app.read())
        .await?;
    Ok(pieces.iter().sum())
}

fn quantity(text: &str) -> Result<i64> {
    text.trim().parse().map_err(|_| Problem::bad_request("quantity_invalid"))
}
