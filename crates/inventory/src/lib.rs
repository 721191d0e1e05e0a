//! Stock: how much of a SKU lies where, who holds it, and the ledger of every change.
//!
//! Owns `stock`, `stock_entry` and `reservation`: nobody else writes them. Orders
//! call [`reserve`] and [`release`], fulfilment [`ship`] and [`unship`], imports
//! [`set_on_hand_many`], each in the caller's own transaction.
//!
//! What always holds:
//! * a number changes by one guarded `UPDATE`, SKUs in ascending order, and the
//!   database's CHECKs stand behind it;
//! * each change writes its line of the ledger in the same transaction, so that
//!   the sum of the ledger is the stock ([`prove`]);
//! * what an order holds stands in `reservation`, line by line: a SKU that is not
//!   tracked holds nothing, also if it is tracked later.

mod adjust;
mod entries;
mod error;
mod import;
mod ledger;
mod level;
mod list;
mod proof;
mod receive;
mod reserve;
mod settings;
mod ship;
mod taken;
mod warehouse;

pub use adjust::{Adjust, AdjustKind, AdjustLine, Adjusted, adjust};
pub use error::{Error, Short};
pub use import::Products;
pub use level::{available, in_stock, low};
pub use proof::prove;
pub use receive::set_on_hand_many;
pub use reserve::{Wanted, release, release_all, reserve};
pub use ship::{ship, unship};
use utoipa_axum::routes;
pub use warehouse::{default_warehouse, warehouse_for};
use zg_web::Routes;

zg_base::rights! {
    /// See stock and its ledger.
    ReadStock = "stock.read";
    /// Adjust stock, count it, and set minimum, reorder and held quantities.
    WriteStock = "stock.write";
}

/// The routes of stock.
pub fn routes() -> Routes {
    Routes::new("inventory")
        .problems(include_str!("../problems.toml"))
        .allow::<ReadStock>(routes!(list::handler))
        .allow::<ReadStock>(routes!(list::one))
        .allow::<WriteStock>(routes!(adjust::handler))
        .allow::<WriteStock>(routes!(settings::handler))
        .allow::<ReadStock>(routes!(entries::handler))
        .allow::<ReadStock>(routes!(entries::file))
        .allow::<ReadStock>(routes!(warehouse::handler))
}
