//! Picking and shipping.

pub mod pick_list;
pub mod pick_list_line;
pub mod pick_list_order;
pub mod shipment;
pub mod shipment_line;
