//! Carts and orders.

pub mod cart;
pub mod cart_line;
pub mod order;
pub mod order_change;
pub mod order_entry;
pub mod order_line;
