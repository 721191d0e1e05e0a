//! Customers: records, addresses, tags, notes, and the shopper's own account.

use zg_web::Routes;

/// The routes of the module.
pub fn routes() -> Routes {
    Routes::new("customers")
}
