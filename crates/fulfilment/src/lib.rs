//! Fulfilment: what is taken from the shelves, and the parcels it leaves in.
//!
//! Owns `pick_list`, `pick_list_order`, `pick_list_line`, `shipment` and
//! `shipment_line`: nobody else writes them. The importer of past orders calls
//! [`import_shipments`].
//!
//! What always holds:
//! * an order is on one open pick list at most, which the database refuses to break;
//! * a piece leaves once: whoever moves pieces holds the order's row, the counts of
//!   its lines are moved by `orders`, stock by `inventory`, all in one transaction;
//! * what the lines of an order say was shipped is what its parcels hold, without
//!   those that were undone ([`prove`]);
//! * a parcel is undone only before it is handed over: what the carrier has comes
//!   back as a return, not as a correction.
//!
//! Rows are locked list before order before stock, orders in the order of their ids.

mod error;
mod find;
mod moved_in;
mod parcel;
mod pick;
mod proof;

pub use error::Error;
pub use moved_in::{PastShipment, import_shipments};
pub use parcel::{DELIVERED, HANDED_OVER, PACKED, Ship, ShipLine, UNDONE, deliver, hand_over, ship, undo};
pub use pick::{MakePickList, make};
pub use proof::prove;
use utoipa_axum::routes;
use zg_web::Routes;

zg_base::rights! {
    /// See pick lists and parcels.
    ReadFulfilment = "fulfilment.read";
    /// Make pick lists and pick.
    WritePicking = "picking.write";
    /// Pack parcels, hand them over, undo them.
    WriteShipments = "shipments.write";
}

/// The routes of fulfilment.
pub fn routes() -> Routes {
    Routes::new("fulfilment")
        .problems(include_str!("../problems.toml"))
        .allow::<ReadFulfilment>(routes!(pick::list::handler))
        .allow::<WritePicking>(routes!(pick::make::handler))
        .allow::<ReadFulfilment>(routes!(pick::detail::handler))
        .allow::<WritePicking>(routes!(pick::scan::pick))
        .allow::<WritePicking>(routes!(pick::scan::unpick))
        .allow::<WritePicking>(routes!(pick::scan::short))
        .allow::<WritePicking>(routes!(pick::take_off::handler))
        .allow::<WritePicking>(routes!(pick::finish::handler))
        .allow::<WritePicking>(routes!(pick::finish::cancel))
        .allow::<ReadFulfilment>(routes!(parcel::list::of_order))
        .allow::<WriteShipments>(routes!(parcel::ship::handler))
        .allow::<ReadFulfilment>(routes!(parcel::list::handler))
        .allow::<ReadFulfilment>(routes!(parcel::list::one))
        .allow::<WriteShipments>(routes!(parcel::change::handler))
        .allow::<WriteShipments>(routes!(parcel::undo::handler))
        .allow::<WriteShipments>(routes!(parcel::hand_over::handler))
        .allow::<WriteShipments>(routes!(parcel::hand_over::many))
        .allow::<WriteShipments>(routes!(parcel::deliver::handler))
}
