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
mod detail;
mod duplicate;
mod erase;
mod error;
mod event;
mod field;
mod find;
mod folded;
mod for_order;
mod import;
mod list;
mod merge;
mod parts;
mod save;
mod sums;
mod tag;
mod view;

pub mod shopper;

pub use address::AddressInput;
pub use erase::{Forget, ForgetCustomers, Sweep, know};
pub use error::Error;
pub use find::{by_codes, identities};
pub use for_order::{Contact, for_order};
pub use import::Customers;
pub use list::found;
use utoipa_axum::routes;
use zg_base::App;
use zg_web::Routes;

zg_base::rights! {
    /// See customers and their orders.
    ReadCustomers = "customers.read";
    /// Enter, change and merge customers, their addresses, tags and notes.
    WriteCustomers = "customers.write";
    /// Erase a customer's personal data.
    EraseCustomers = "customers.erase";
}

/// The routes of the module.
pub fn routes() -> Routes {
    let routes = Routes::new("customers")
        .problems(include_str!("../problems.toml"))
        .allow::<ReadCustomers>(routes!(list::handler))
        .allow::<ReadCustomers>(routes!(list::segments))
        .allow::<ReadCustomers>(routes!(duplicate::groups))
        .allow::<ReadCustomers>(routes!(detail::handler))
        .allow::<ReadCustomers>(routes!(detail::orders))
        .allow::<ReadCustomers>(routes!(duplicate::of_one))
        .allow::<WriteCustomers>(routes!(save::create_handler))
        .allow::<WriteCustomers>(routes!(save::change_handler))
        .allow::<WriteCustomers>(routes!(merge::handler))
        .allow::<EraseCustomers>(routes!(erase::handler))
        .allow::<WriteCustomers>(routes!(parts::add_address))
        .allow::<WriteCustomers>(routes!(parts::change_address))
        .allow::<WriteCustomers>(routes!(parts::remove_address))
        .allow::<WriteCustomers>(routes!(parts::add_note))
        .allow::<WriteCustomers>(routes!(parts::remove_note))
        .allow::<ReadCustomers>(routes!(tag::list))
        .allow::<WriteCustomers>(routes!(tag::create))
        .allow::<WriteCustomers>(routes!(tag::rename))
        .allow::<WriteCustomers>(routes!(tag::delete));
    account(routes)
}

/// The tasks of the module.
///
/// # Errors
/// If another task has one of their names.
pub fn tasks(registry: &mut celery::Registry<App>) -> Result<(), celery::Error> {
    registry.add::<ForgetCustomers>()?;
    registry.add::<Sweep>()?;
    Ok(())
}

/// What the module does by the clock.
///
/// # Errors
/// If another entry has its name.
pub fn schedule(beat: &mut celery::Beat) -> Result<(), celery::Error> {
    beat.add::<Sweep, App>("customers.sweep", celery::Schedule::Every(std::time::Duration::from_hours(24)), &Sweep {})?;
    Ok(())
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
