//! The shopper's own pages.

mod addresses;
mod orders;
mod password;
mod profile;
mod register;
mod session;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::response::Response;
use axum::routing::{get, post};
use http::request::Parts;
use http::{HeaderValue, header};
use zg_base::{App, session::Owner};
use zg_customers::shopper::SignedIn;
use zg_domain::Locale;
use zg_web::{SHOPPER_COOKIE, Shopper, session_cookie};

use crate::page::Page;

/// The routes of the account in one language.
pub(crate) fn routes(locale: Locale) -> Router<App> {
    let at = |path: &str| format!("/{}/account{path}", locale.tag());
    Router::new()
        .route(&at(""), get(profile::page).post(profile::submit))
        .route(&at("/orders"), get(orders::page))
        .route(&at("/addresses"), get(addresses::page).post(addresses::add))
        .route(&at("/addresses/{token}"), get(addresses::one).post(addresses::change))
        .route(&at("/addresses/{token}/remove"), post(addresses::remove))
        .route(&at("/password"), get(password::page).post(password::submit))
        .route(&at("/sign-in"), get(session::page).post(session::submit))
        .route(&at("/sign-out"), post(session::sign_out))
        .route(&at("/register"), get(register::page).post(register::submit))
        .route(&at("/confirm"), get(register::confirm_page).post(register::confirm))
        .route(&at("/forgot"), get(password::forgot_page).post(password::forgot))
        .route(&at("/reset"), get(password::reset_page).post(password::reset))
}

/// A shopper who has signed in; anybody else is asked to.
pub(crate) struct Member {
    pub(crate) page: Page,
    pub(crate) shopper: Shopper,
}

impl<S: Sync> FromRequestParts<S> for Member {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let page = Page::from_request_parts(parts, state).await.map_err(axum::response::IntoResponse::into_response)?;
        if let Some(shopper) = page.member().cloned() {
            return Ok(Self { page, shopper });
        }
        let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", parts.uri.path()).finish();
        Err(page.go(&format!("/account/sign-in?{next}")))
    }
}

/// Where to go after signing in: a page of ours, in this language, and no other.
fn next(page: &Page, asked: &str) -> String {
    let local = asked.strip_prefix(&page.path("")).filter(|rest| rest.starts_with('/') && !rest.starts_with("//"));
    local.filter(|rest| rest.bytes().all(|c| c.is_ascii_graphic() && c != b'\\')).unwrap_or("/account").to_owned()
}

/// Gives a browser the session that was opened.
fn welcome(page: &Page, mut response: Response, signed_in: &SignedIn) -> Response {
    let lasts = Owner::Shopper(signed_in.customer_id).lasts();
    let cookie = session_cookie(page.app(), SHOPPER_COOKIE, &signed_in.token, lasts);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// Takes the session's cookie away.
fn farewell(page: &Page, mut response: Response) -> Response {
    let gone: HeaderValue = session_cookie(page.app(), SHOPPER_COOKIE, "", chrono::Duration::zero());
    response.headers_mut().append(header::SET_COOKIE, gone);
    response
}
