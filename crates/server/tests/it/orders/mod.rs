//! M4 Orders, with the cart and the checkout they come from.

mod cancel;
mod cancel_lines;
mod cart;
mod checkout;
mod complete;
mod confirm;
mod confirm_many;
mod expire;
mod load;
mod lock;
mod sequences;
mod store_order;
mod timeline;
