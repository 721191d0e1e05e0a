//! The account's routes.

use axum::extract::State;
use http::HeaderMap;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use zg_base::{App, session};
use zg_domain::Locale;
use zg_web::{
    Answer, Committed, Json, Limit, Page, Path, Query, Result, SHOPPER_COOKIE, Shopper, Visitor, cookie_of, csrf_of, session_cookie,
};

use super::{Account, ChangeAccount, OwnAddress, OwnOrder, Registration, SignedIn};
use crate::AddressInput;

/// Somebody who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    /// Their name.
    name: String,
    /// Their e-mail address.
    email: String,
    /// At least 8 characters.
    #[schema(format = Password)]
    password: String,
    /// The language they read; that of the request unless said.
    locale: Option<Locale>,
    /// They agree to advertising mails.
    #[serde(default)]
    marketing: bool,
}

/// Asks for an account. The link that finishes it goes to the address by mail; the
/// answer is the same whether or not the address has an account.
#[utoipa::path(post, path = "/store/account", request_body = Register, responses((status = 204)))]
pub(crate) async fn register(State(app): State<App>, visitor: Visitor, Json(asked): Json<Register>) -> Result<Committed<()>> {
    let password = super::hashed(asked.password).await?;
    let locale = asked.locale.unwrap_or(visitor.locale);
    let wanted = Registration { name: asked.name, email: asked.email, password, locale, marketing: asked.marketing };
    let tx = app.begin(&visitor.actor).await?;
    super::register(&tx, &wanted).await?;
    Committed::no_content(tx).await
}

/// A token from a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    /// From the link.
    token: String,
}

/// Finishes registering by the token from the mail, and signs in.
#[utoipa::path(post, path = "/store/account/confirm", request_body = Confirm, responses((status = 200, body = Account)))]
pub(crate) async fn confirm(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Json(asked): Json<Confirm>,
) -> Result<Committed<Account>> {
    let tx = app.begin(&visitor.actor).await?;
    let id = super::confirm(&tx, &asked.token).await?;
    let signed_in = super::open(&tx, id, agent(&headers)).await?;
    welcome(&app, tx, &signed_in).await
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The address.
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// Signs a shopper in and sets the session's cookie.
#[utoipa::path(post, path = "/store/account/session", request_body = SignIn, responses((status = 200, body = Account)))]
pub(crate) async fn sign_in(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Json(asked): Json<SignIn>,
) -> Result<Committed<Account>> {
    let (tx, outcome) = super::sign_in(&app, &visitor.actor, &asked.email, asked.password, agent(&headers)).await?;
    match outcome {
        Ok(signed_in) => welcome(&app, tx, &signed_in).await,
        // The try counts: the refusal commits.
        Err(refused) => Committed::problem(tx, refused.into()).await,
    }
}

async fn welcome(app: &App, tx: zg_base::Tx, signed_in: &SignedIn) -> Result<Committed<Account>> {
    let mut account = super::me(tx.db(), signed_in.customer_id).await?;
    account.csrf = Some(csrf_of(app, &signed_in.token));
    let lasts = session::Owner::Shopper(signed_in.customer_id).lasts();
    let cookie = session_cookie(app, SHOPPER_COOKIE, &signed_in.token, lasts);
    Ok(Committed::ok(tx, account).await?.cookie(cookie))
}

/// Signs out: ends this session.
#[utoipa::path(delete, path = "/store/account/session", responses((status = 204)))]
pub(crate) async fn sign_out(State(app): State<App>, shopper: Shopper) -> Result<Committed<()>> {
    let tx = app.begin(&shopper.actor).await?;
    super::sign_out(&tx, &shopper).await?;
    let gone = session_cookie(&app, SHOPPER_COOKIE, "", chrono::Duration::zero());
    Ok(Committed::no_content(tx).await?.cookie(gone))
}

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forgot {
    /// The address.
    email: String,
}

/// Asks for a new password. The link goes to the address by mail; the answer is the
/// same whether or not the address has an account.
#[utoipa::path(post, path = "/store/account/password/forgot", request_body = Forgot, responses((status = 204)))]
pub(crate) async fn forgot(State(app): State<App>, visitor: Visitor, Json(asked): Json<Forgot>) -> Result<Committed<()>> {
    let tx = app.begin(&visitor.actor).await?;
    super::forgot(&tx, &asked.email, visitor.locale).await?;
    Committed::no_content(tx).await
}

/// A new password, and the token from the mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    /// From the link.
    token: String,
    /// At least 8 characters.
    #[schema(format = Password)]
    password: String,
}

/// Sets a new password by the token from the mail, and ends every session.
#[utoipa::path(post, path = "/store/account/password/reset", request_body = Reset, responses((status = 204)))]
pub(crate) async fn reset(State(app): State<App>, visitor: Visitor, Json(asked): Json<Reset>) -> Result<Committed<()>> {
    let password = super::hashed(asked.password).await?;
    let tx = app.begin(&visitor.actor).await?;
    super::reset(&tx, &asked.token, &password).await?;
    Committed::no_content(tx).await
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeShopperPassword {
    /// The present one.
    #[schema(format = Password)]
    current: String,
    /// The new one: at least 8 characters.
    #[schema(format = Password)]
    password: String,
}

/// Changes one's password and ends one's other sessions.
#[utoipa::path(post, path = "/store/account/password", request_body = ChangeShopperPassword, responses((status = 204)))]
pub(crate) async fn change_password(
    State(app): State<App>,
    shopper: Shopper,
    Json(asked): Json<ChangeShopperPassword>,
) -> Result<Committed<()>> {
    let tx = super::change_password(&app, &shopper, asked.current, asked.password).await?;
    Committed::no_content(tx).await
}

/// Oneself.
#[utoipa::path(get, path = "/store/account", responses((status = 200, body = Account)))]
pub(crate) async fn me(State(app): State<App>, shopper: Shopper, headers: HeaderMap) -> Result<Answer<Account>> {
    let mut account = super::me(app.read(), shopper.customer_id).await?;
    account.csrf = cookie_of(&headers, SHOPPER_COOKIE).map(|token| csrf_of(&app, &token));
    Ok(Answer::ok(account))
}

/// Changes name, phone, language, or the consent to advertising mails.
#[utoipa::path(patch, path = "/store/account", request_body = ChangeAccount, responses((status = 200, body = Account)))]
pub(crate) async fn change(State(app): State<App>, shopper: Shopper, Json(asked): Json<ChangeAccount>) -> Result<Committed<Account>> {
    let tx = app.begin(&shopper.actor).await?;
    let account = super::change(&tx, shopper.customer_id, &asked).await?;
    Committed::ok(tx, account).await
}

/// One's addresses, the default first.
#[utoipa::path(get, path = "/store/account/addresses", responses((status = 200, body = Vec<OwnAddress>)))]
pub(crate) async fn addresses(State(app): State<App>, shopper: Shopper) -> Result<Answer<Vec<OwnAddress>>> {
    Ok(Answer::ok(super::addresses(app.read(), shopper.customer_id).await?))
}

/// Adds an address; the first one is the default.
#[utoipa::path(post, path = "/store/account/addresses", request_body = AddressInput, responses((status = 201, body = OwnAddress)))]
pub(crate) async fn add_address(
    State(app): State<App>,
    shopper: Shopper,
    Json(asked): Json<AddressInput>,
) -> Result<Committed<OwnAddress>> {
    let tx = app.begin(&shopper.actor).await?;
    let address = super::add_address(&tx, shopper.customer_id, &asked).await?;
    let location = format!("/store/account/addresses/{}", address.token);
    Committed::created(tx, address, &location).await
}

/// Replaces an address.
#[utoipa::path(put, path = "/store/account/addresses/{token}", params(("token" = String, Path)), request_body = AddressInput, responses((status = 200, body = OwnAddress)))]
pub(crate) async fn change_address(
    State(app): State<App>,
    shopper: Shopper,
    Path(token): Path<String>,
    Json(asked): Json<AddressInput>,
) -> Result<Committed<OwnAddress>> {
    let tx = app.begin(&shopper.actor).await?;
    let address = super::change_address(&tx, shopper.customer_id, &token, &asked).await?;
    Committed::ok(tx, address).await
}

/// Removes an address.
#[utoipa::path(delete, path = "/store/account/addresses/{token}", params(("token" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove_address(State(app): State<App>, shopper: Shopper, Path(token): Path<String>) -> Result<Committed<()>> {
    let tx = app.begin(&shopper.actor).await?;
    super::remove_address(&tx, shopper.customer_id, &token).await?;
    Committed::no_content(tx).await
}

/// Which page of one's orders.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OwnOrderQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
}

/// One's orders, newest first.
#[utoipa::path(get, path = "/store/account/orders", params(OwnOrderQuery), responses((status = 200, body = Page<OwnOrder>)))]
pub(crate) async fn orders(State(app): State<App>, shopper: Shopper, Query(asked): Query<OwnOrderQuery>) -> Result<Answer<Page<OwnOrder>>> {
    Ok(Answer::ok(super::orders(app.read(), shopper.customer_id, asked.cursor.as_deref(), asked.limit).await?))
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
