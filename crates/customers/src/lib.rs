//! Customers: records, addresses, tags, notes, and the shopper's own account.
//!
//! Owns `customer`, `customer_address`, `customer_note`, `customer_tag` and `tag`:
//! nobody else writes them. Orders call [`for_order`], imports [`by_codes`]; the
//! storefront calls what the account's routes call ([`shopper`]).
//!
//! What always holds:
//! * an e-mail address is in lower case and belongs to one customer, a phone is in
//!   one form;
//! * a merged customer points to one that was not merged, and holds no e-mail
//!   address, password, address, tag or note of its own; its orders stay where they
//!   are and are found through [`identities`];
//! * nothing personal leaves in an event, so that erasing a person need not touch the
//!   event log.

mod address;
mod error;
mod event;
mod field;
mod find;
mod folded;
mod for_order;

pub mod shopper;

pub use address::AddressInput;
pub use error::Error;
pub use find::{by_codes, identities};
pub use for_order::{Contact, for_order};
use utoipa_axum::routes;
use zg_web::Routes;

/// The routes of the module.
pub fn routes() -> Routes {
    account(Routes::new("customers").problems(include_str!("../problems.toml")))
}

/// The shopper's own account.
fn account(routes: Routes) -> Routes {
    use shopper::api;
    routes
        .public(routes!(api::register))
        .public(routes!(api::confirm))
        .public(routes!(api::sign_in))
        .public(routes!(api::forgot))
        .public(routes!(api::reset))
        .shopper(routes!(api::me))
        .shopper(routes!(api::change))
        .shopper(routes!(api::sign_out))
        .shopper(routes!(api::change_password))
        .shopper(routes!(api::addresses))
        .shopper(routes!(api::add_address))
        .shopper(routes!(api::change_address))
        .shopper(routes!(api::remove_address))
        .shopper(routes!(api::orders))
}
