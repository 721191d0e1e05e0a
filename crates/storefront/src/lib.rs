//! The storefront: pages rendered by the server, on the operations of the store API.

use axum::Router;
use zg_base::App;

/// The pages of the shop.
pub fn pages() -> Router<App> {
    Router::new()
}
