//! The cart: what lies in it, and putting in, changing and taking out.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use http::header;
use minijinja::{Value, context};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Deserialize;
use zg_base::App;
use zg_base::shelf::Seen;
use zg_db::entity::{cart, cart_line, slug};
use zg_orders::Error;
use zg_orders::cart::{self as carts, Basket, CartView, Held};
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
    let seen = Seen::look(page.app()).await?;
    let tx = page.app().begin_relaxed(page.actor()).await?;
    let mut cart = match page.cart() {
        Some(token) => Held::take(&tx, &seen, token).await,
        None => Err(Error::CartNotFound),
    };
    if matches!(cart, Err(Error::CartNotFound | Error::CartOrdered { .. })) {
        cart = Held::create(&tx, &seen, page.locale(), page.member().map(|member| member.customer_id)).await;
    }
    let mut cart = cart?;
    cart.add(&asked.sku, quantity).await?;
    let token = cart.token().to_owned();
    tx.commit().await?;
    let mut response = page.go_saying("/cart", Text::notice_added);
    response.headers_mut().append(header::SET_COOKIE, page.cart_cookie(&token));
    Ok(response)
}

pub(crate) async fn change(page: Page, Path(line): Path<i32>, Form(asked): Form<Change>) -> Result<Response> {
    let Some(token) = page.cart() else { return Ok(page.go("/cart")) };
    let quantity = if asked.what == "remove" { 0 } else { quantity(&asked.quantity)? };
    let seen = Seen::look(page.app()).await?;
    let tx = page.app().begin_relaxed(page.actor()).await?;
    let done = match Held::take(&tx, &seen, token).await {
        Ok(mut cart) if quantity == 0 => cart.remove(line).await,
        Ok(mut cart) => cart.set_quantity(line, quantity).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => {
            tx.commit().await?;
            Ok(page.go_saying("/cart", if quantity == 0 { Text::notice_removed } else { Text::notice_updated }))
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
    match Basket::load_in(&Seen::look(page.app()).await?, token, page.locale()).await {
        Ok(basket) if basket.is_ordered() => Ok(None),
        Ok(basket) => Ok(Some(basket)),
        Err(Error::CartNotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
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
