//! People and what they may do; carriers, regions, shipping.

pub mod carrier;
pub mod region;
pub mod role;
pub mod role_right;
pub mod saved_view;
pub mod shipping_method;
pub mod shipping_rate;
pub mod staff;
pub mod staff_recovery_code;
pub mod staff_role;
pub mod zone;
pub mod zone_region;
