//! Pick lists and shipments.

use zg_web::Routes;

/// The routes of the module.
pub fn routes() -> Routes {
    Routes::new("fulfilment")
}
