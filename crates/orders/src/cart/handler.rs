//! The cart's routes. Whoever knows a cart's token may use it; each write answers
//! with the cart as it stands then.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use zg_base::App;
use zg_base::shelf::Seen;
use zg_domain::Locale;
use zg_web::{Answer, Committed, Json, Path, Result, Routes, Visitor};

use super::{AddressInput, Basket, CartView, ContactInput, Held, PaymentChoice, ShippingChoice, payment_choices, shipping_choices};
use crate::Error;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .public(routes!(create_cart))
        .public(routes!(read))
        .public(routes!(add_line))
        .public(routes!(change_line, remove_line))
        .public(routes!(put_contact))
        .public(routes!(put_address))
        .public(routes!(get_shipping_methods))
        .public(routes!(put_shipping_method))
        .public(routes!(get_payment_methods))
        .public(routes!(put_payment_method))
}

/// A cart to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCart {
    /// The language it is shown and ordered in; the reader's, if absent.
    #[serde(default)]
    locale: Option<Locale>,
}

/// Makes an empty cart. Its token is all that is needed to use it.
#[utoipa::path(post, path = "/store/carts", request_body = Option<NewCart>, responses((status = 201, body = CartView)))]
async fn create_cart(State(app): State<App>, visitor: Visitor, asked: Option<Json<NewCart>>) -> Result<Committed<CartView>> {
    let asked = asked.map(|Json(asked)| asked).unwrap_or_default();
    let seen = Seen::look(&app).await?;
    let tx = app.begin_relaxed(&visitor.actor).await?;
    let cart = Held::create(&tx, &seen, asked.locale.unwrap_or(visitor.locale), visitor.customer_id).await?.view().await?;
    let location = format!("/store/carts/{}", cart.token);
    Committed::created(tx, cart, &location).await
}

/// A cart.
#[utoipa::path(get, path = "/store/carts/{token}", params(("token" = String, Path)), responses((status = 200, body = CartView)))]
async fn read(State(app): State<App>, Path(token): Path<String>) -> Result<Answer<CartView>> {
    Ok(Answer::ok(CartView::of(&Basket::load(&Seen::look(&app).await?, &token).await?)))
}

/// Pieces of a SKU to be put in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCartLine {
    /// The SKU's code.
    sku: String,
    /// How many more, from 1.
    #[schema(minimum = 1)]
    quantity: i64,
}

/// Puts pieces of a SKU in; a line that is there grows.
#[utoipa::path(post, path = "/store/carts/{token}/lines", params(("token" = String, Path)), request_body = NewCartLine, responses((status = 201, body = CartView)))]
async fn add_line(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Json(asked): Json<NewCartLine>,
) -> Result<Committed<CartView>> {
    let seen = Seen::look(&app).await?;
    let tx = app.begin_relaxed(&visitor.actor).await?;
    let mut cart = Held::take(&tx, &seen, &token).await?;
    let ordinal = cart.add(&asked.sku, asked.quantity).await?;
    let view = cart.view().await?;
    Committed::created(tx, view, &format!("/store/carts/{token}/lines/{ordinal}")).await
}

/// How many a line is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CartLineQuantity {
    /// From 1.
    #[schema(minimum = 1)]
    quantity: i64,
}

/// Sets how many pieces a line has.
#[utoipa::path(patch, path = "/store/carts/{token}/lines/{line}", params(("token" = String, Path), ("line" = i32, Path, description = "Its ordinal.")),
    request_body = CartLineQuantity, responses((status = 200, body = CartView)))]
async fn change_line(
    State(app): State<App>,
    visitor: Visitor,
    Path((token, line)): Path<(String, i32)>,
    Json(asked): Json<CartLineQuantity>,
) -> Result<Committed<CartView>> {
    let seen = Seen::look(&app).await?;
    let tx = app.begin_relaxed(&visitor.actor).await?;
    let mut cart = Held::take(&tx, &seen, &token).await?;
    cart.set_quantity(line, asked.quantity).await?;
    let view = cart.view().await?;
    Committed::ok(tx, view).await
}

/// Takes a line out.
#[utoipa::path(delete, path = "/store/carts/{token}/lines/{line}", params(("token" = String, Path), ("line" = i32, Path, description = "Its ordinal.")),
    responses((status = 200, body = CartView)))]
async fn remove_line(State(app): State<App>, visitor: Visitor, Path((token, line)): Path<(String, i32)>) -> Result<Committed<CartView>> {
    let seen = Seen::look(&app).await?;
    let tx = app.begin_relaxed(&visitor.actor).await?;
    let mut cart = Held::take(&tx, &seen, &token).await?;
    cart.remove(line).await?;
    let view = cart.view().await?;
    Committed::ok(tx, view).await
}

/// Says who orders.
#[utoipa::path(put, path = "/store/carts/{token}/contact", params(("token" = String, Path)), request_body = ContactInput, responses((status = 200, body = CartView)))]
async fn put_contact(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Json(asked): Json<ContactInput>,
) -> Result<Committed<CartView>> {
    let seen = Seen::look(&app).await?;
    let tx = app.begin_relaxed(&visitor.actor).await?;
    let mut cart = Held::take(&tx, &seen, &token).await?;
    cart.set_contact(&asked).await?;
    let view = cart.view().await?;
    Committed::ok(tx, view).await
}

/// Says where the order is to go.
#[utoipa::path(put, path = "/store/carts/{token}/address", params(("token" = String, Path)), request_body = AddressInput, responses((status = 200, body = CartView)))]
async fn put_address(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Json(asked): Json<AddressInput>,
) -> Result<Committed<CartView>> {
    let seen = Seen::look(&app).await?;
    let tx = app.begin_relaxed(&visitor.actor).await?;
    let mut cart = Held::take(&tx, &seen, &token).await?;
    cart.set_address(&asked).await?;
    let view = cart.view().await?;
    Committed::ok(tx, view).await
}

/// The ways to ship this cart to its address.
#[utoipa::path(get, path = "/store/carts/{token}/shipping-methods", params(("token" = String, Path)), responses((status = 200, body = Vec<ShippingChoice>)))]
async fn get_shipping_methods(State(app): State<App>, Path(token): Path<String>) -> Result<Answer<Vec<ShippingChoice>>> {
    let basket = Basket::load(&Seen::look(&app).await?, &token).await?;
    if basket.offered.address.is_none() {
        return Err(Error::CartAddressFirst.into());
    }
    Ok(Answer::ok(shipping_choices(&basket)))
}

/// A way that is chosen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CartChoice {
    /// Its code.
    code: String,
}

/// Chooses a way to ship.
#[utoipa::path(put, path = "/store/carts/{token}/shipping-method", params(("token" = String, Path)), request_body = CartChoice, responses((status = 200, body = CartView)))]
async fn put_shipping_method(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Json(asked): Json<CartChoice>,
) -> Result<Committed<CartView>> {
    let seen = Seen::look(&app).await?;
    let tx = app.begin_relaxed(&visitor.actor).await?;
    let mut cart = Held::take(&tx, &seen, &token).await?;
    cart.set_shipping_method(&asked.code).await?;
    let view = cart.view().await?;
    Committed::ok(tx, view).await
}

/// The ways to pay for this cart.
#[utoipa::path(get, path = "/store/carts/{token}/payment-methods", params(("token" = String, Path)), responses((status = 200, body = Vec<PaymentChoice>)))]
async fn get_payment_methods(State(app): State<App>, Path(token): Path<String>) -> Result<Answer<Vec<PaymentChoice>>> {
    Ok(Answer::ok(payment_choices(&Basket::load(&Seen::look(&app).await?, &token).await?)))
}

/// Chooses a way to pay.
#[utoipa::path(put, path = "/store/carts/{token}/payment-method", params(("token" = String, Path)), request_body = CartChoice, responses((status = 200, body = CartView)))]
async fn put_payment_method(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Json(asked): Json<CartChoice>,
) -> Result<Committed<CartView>> {
    let seen = Seen::look(&app).await?;
    let tx = app.begin_relaxed(&visitor.actor).await?;
    let mut cart = Held::take(&tx, &seen, &token).await?;
    cart.set_payment_method(&asked.code).await?;
    let view = cart.view().await?;
    Committed::ok(tx, view).await
}
