//! Carriers, regions, shipping.

pub mod carrier;
pub mod region;
pub mod shipping_method;
pub mod shipping_rate;
pub mod zone;
pub mod zone_region;
