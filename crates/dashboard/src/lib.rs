//! The start of a day: what waits to be done, and how the shop is doing.
//!
//! Owns no table. What a number means is defined where its list is: work on orders in
//! [`zg_orders::Queue`], stock that runs low in [`zg_inventory::low`], how a customer is
//! found in [`zg_customers::found`].
//!
//! What always holds: everybody sees only what their rights allow; a cancelled order is
//! never counted; amounts of two currencies are never added up.

mod badges;
mod customers;
mod find;
mod kpi;
mod orders;
mod products;
mod window;

use utoipa_axum::routes;
use zg_web::Routes;

/// The routes of the dashboard.
pub fn routes() -> Routes {
    Routes::new("dashboard").staff(routes!(kpi::handler)).staff(routes!(badges::handler)).staff(routes!(find::handler))
}
