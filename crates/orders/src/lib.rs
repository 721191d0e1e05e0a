//! Carts and orders, from placing to completion, and every change in between.
//!
//! Owns `cart`, `cart_line`, `orders`, `order_line`, `order_entry` and `order_change`:
//! nobody else writes them. Stock changes through `inventory`. Payments and
//! fulfilment sit above and call in: [`for_change`], then their own ledger, then
//! [`settle_payment`] or [`move_lines`] and [`settle_fulfilment`], [`note_entry`],
//! and [`complete_when_done`].
//!
//! What always holds:
//! * the state changes by commands, after the table in `zg_domain::order`; payment
//!   and fulfilment follow from their ledgers and are set here alone;
//! * Σ lines + shipping + fees + tax added = total, also after pieces were called off:
//!   a line's amounts are those of the pieces that stand, list × (quantity − cancelled)
//!   − discount = total. Only an order that is cancelled as a whole keeps the amounts
//!   it stood with, and nothing is due of it;
//! * what is to be refunded is reckoned, never noted: what was kept beyond what is due;
//! * whoever writes lines holds the order's row, and the version grows with each change.

mod actions;
mod cancel;
mod cancel_lines;
pub mod cart;
mod checkout;
mod complete;
mod confirm;
mod confirm_many;
mod detail;
mod entry;
mod error;
mod event;
mod expire;
mod find;
mod forget;
mod letter;
mod list;
mod lock;
pub mod moved_in;
mod moves;
mod proof;
mod queue;
mod settings;
mod settle;
pub mod store;
mod text;
mod timeline;
mod view;

pub use cancel::{CancelReason, cancel};
pub use checkout::{CheckOut, Placed, check_out};
pub use confirm::{COD, confirm};
pub use entry::note_entry;
pub use error::Error;
pub use expire::Expire;
pub use find::{due, for_change, kept, to_pay, to_refund};
pub use forget::forget;
pub use letter::page_of;
pub use lock::OrderLock;
pub use moves::{Move, move_lines};
pub use proof::prove;
pub use queue::Queue;
pub use settle::{complete_when_done, settle_fulfilment, settle_payment};
use utoipa_axum::routes;
pub use view::{Address, LineView, Totals};
use zg_base::App;
use zg_web::Routes;

zg_base::rights! {
    /// See orders.
    ReadOrders = "orders.read";
    /// Work on orders: lock, comment, note, complete, settings.
    WriteOrders = "orders.write";
    /// Let orders through to picking, and take them back.
    ConfirmOrders = "orders.confirm";
    /// Cancel orders, or pieces of them.
    CancelOrders = "orders.cancel";
    /// Take over an order that a colleague has locked.
    UnlockOrders = "orders.unlock";
}

/// The routes of the module.
pub fn routes() -> Routes {
    cart::routes(Routes::new("orders"))
        .problems(include_str!("../problems.toml"))
        .public(routes!(checkout::handler))
        .public(routes!(store::handler))
        .allow::<ReadOrders>(routes!(settings::read))
        .allow::<WriteOrders>(routes!(settings::write))
        .allow::<ReadOrders>(routes!(list::handler))
        .allow::<ReadOrders>(routes!(detail::handler))
        .allow::<ReadOrders>(routes!(timeline::handler))
        .allow::<WriteOrders>(routes!(timeline::comment))
        .allow::<ConfirmOrders>(routes!(confirm_many::handler))
        .allow::<ConfirmOrders>(routes!(confirm::handler))
        .allow::<ConfirmOrders>(routes!(confirm::back))
        .allow::<CancelOrders>(routes!(cancel::handler))
        .allow::<CancelOrders>(routes!(cancel_lines::handler))
        .allow::<WriteOrders>(routes!(complete::handler))
        .allow::<WriteOrders>(routes!(lock::handler))
        .allow::<WriteOrders>(routes!(lock::unlock))
        .allow::<UnlockOrders>(routes!(lock::take_over))
}

/// The tasks of the module.
///
/// # Errors
/// If another task has one of their names.
pub fn tasks(registry: &mut celery::Registry<App>) -> Result<(), celery::Error> {
    registry.add::<Expire>()?;
    Ok(())
}

/// What the module does by the clock.
///
/// # Errors
/// If another entry has its name.
pub fn schedule(beat: &mut celery::Beat) -> Result<(), celery::Error> {
    beat.add::<Expire, App>("orders.expire", expire::every_minute(), &Expire {})?;
    Ok(())
}
