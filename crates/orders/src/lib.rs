//! Carts and orders, from placing to completion.

use zg_web::Routes;

/// The routes of the module.
pub fn routes() -> Routes {
    Routes::new("orders")
}
