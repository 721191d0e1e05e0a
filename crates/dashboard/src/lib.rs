//! The first page: what there is to do, in numbers.

use zg_web::Routes;

/// The routes of the module.
pub fn routes() -> Routes {
    Routes::new("dashboard")
}
