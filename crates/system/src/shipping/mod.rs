//! How parcels travel (M8.6, M8.7, M8.8): carriers, methods with rates, zones,
//! and the tree of regions that addresses are checked against.
//!
//! Owns `carrier`, `region`, `zone`, `zone_region`, `shipping_method` and
//! `shipping_rate`. Orders call [`check_address`] and [`offers`].
//!
//! What always holds:
//! * a rate is an amount in the currency of the channel that asks: there is none
//!   of its own;
//! * of the zones that hold a destination, the one that names it most exactly
//!   gives the rate, whatever the order they were made in;
//! * what a shop begins with is written once: a row that staff delete stays away.

mod address;
mod carrier;
mod first;
mod method;
mod offer;
mod place;
mod quote;
mod rate;
mod region;
mod zone;

pub use address::{AddressFault, Destination, check_address};
pub use carrier::tracking_link;
pub use first::ensure;
pub use offer::{Offer, offers};
use utoipa_axum::routes;
use zg_web::Routes;

zg_base::rights! {
    /// See carriers, shipping methods, zones and regions.
    ReadShipping = "shipping.read";
    /// Change carriers, shipping methods, rates and zones.
    WriteShipping = "shipping.write";
}

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .allow::<ReadShipping>(routes!(carrier::list))
        .allow::<WriteShipping>(routes!(carrier::create))
        .allow::<ReadShipping>(routes!(carrier::one))
        .allow::<WriteShipping>(routes!(carrier::change, carrier::delete))
        .allow::<ReadShipping>(routes!(zone::list))
        .allow::<WriteShipping>(routes!(zone::create))
        .allow::<ReadShipping>(routes!(zone::one))
        .allow::<WriteShipping>(routes!(zone::change, zone::delete))
        .allow::<ReadShipping>(routes!(method::list))
        .allow::<WriteShipping>(routes!(method::create))
        .allow::<ReadShipping>(routes!(quote::handler))
        .allow::<ReadShipping>(routes!(method::one))
        .allow::<WriteShipping>(routes!(method::change, method::delete))
        .allow::<ReadShipping>(routes!(region::list))
        .public(routes!(region::store))
        .public(routes!(region::countries))
}
