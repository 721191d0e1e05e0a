//! The payment ledger, and the ways to pay.

use zg_web::Routes;

/// The routes of the module.
pub fn routes() -> Routes {
    Routes::new("payments")
}
