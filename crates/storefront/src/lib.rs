//! The storefront: pages that the server renders, on the operations of the store API.
//!
//! What always holds:
//! * every page works without scripts; `assets/shop.js` only makes them quicker;
//! * a POST reaches no handler unless its form carried the token that belongs to
//!   the visitor's cookie and came from a page of ours ([`shell`]);
//! * a POST that did something answers with a redirect;
//! * a page that holds a form, a cart or a name is nobody else's to cache;
//! * a page knows no rule of the shop: it calls the functions that the API calls.
//!
//! Owns no table.

mod about;
mod account;
mod asset;
mod cart;
mod catalogue;
mod checkout;
mod entry;
mod filter;
mod form;
mod home;
mod listing;
mod order;
mod page;
mod product;
mod region;
mod search;
mod shell;
mod sitemap;
mod template;
mod text;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use tower_http::compression::CompressionLayer;
use zg_base::App;
use zg_domain::Locale;
use zg_web::Routes;

/// No routes of the API, but the texts of the problems that pages show.
pub fn routes() -> Routes {
    Routes::new("storefront").problems(include_str!("../problems.toml"))
}

/// The pages of the shop.
pub fn pages() -> Router<App> {
    let mut router = Router::new()
        .route("/", get(entry::language))
        .route("/robots.txt", get(sitemap::robots))
        .route("/sitemap.xml", get(sitemap::first))
        .route("/sitemap/{name}", get(sitemap::part))
        .route("/static/{name}", get(asset::handler))
        .fallback(entry::lost);
    for locale in Locale::ALL {
        router = router.merge(shop(locale));
    }
    router.layer(CompressionLayer::new())
}

/// The shop in one language.
fn shop(locale: Locale) -> Router<App> {
    let at = |path: &str| format!("/{}{path}", locale.tag());
    Router::new()
        .route(&at(""), get(entry::slash))
        .route(&at("/"), get(home::page))
        .route(&at("/search"), get(search::page))
        .route(&at("/c/{slug}"), get(catalogue::page))
        .route(&at("/p/{slug}"), get(product::page))
        .route(&at("/cart"), get(cart::page))
        .route(&at("/cart/lines"), post(cart::add))
        .route(&at("/cart/lines/{line}"), post(cart::change))
        .route(&at("/checkout"), get(checkout::page).post(checkout::submit))
        .route(&at("/o/{token}"), get(order::page))
        .merge(account::routes(locale))
        .route(&at("/{*rest}"), any(entry::not_found))
        .layer(from_fn_with_state(locale, shell::dress))
}
