//! Every table, filed by the module that owns it and alone writes it.
//!
//! Entities are rows, not promises: what leaves the shop has views of its own.

pub mod base;
pub mod catalog;
pub mod customers;
pub mod fulfilment;
#[path = "import/mod.rs"]
pub mod imports;
pub mod inventory;
pub mod orders;
pub mod payments;
pub mod system;

pub use base::{
    api_key, api_key_scope, audit_entry, channel, channel_warehouse, event, event_outbox, file, idempotency_key, job, job_error, mail,
    number_sequence, one_time_token, session, setting, shop_version, sign_in_attempt, tax_class, warehouse,
};
pub use catalog::{
    category, category_text, media, media_size, media_source, price, price_list, product, product_category, product_option,
    product_option_text, product_option_value, product_option_value_text, product_text, sku, sku_value, slug,
};
pub use customers::{customer, customer_address, customer_note, customer_tag, tag};
pub use fulfilment::{pick_list, pick_list_line, pick_list_order, shipment, shipment_line};
pub use imports::{import_course, import_picture, import_row};
pub use inventory::{reservation, stock, stock_entry};
pub use orders::{cart, cart_line, order, order_change, order_entry, order_line};
pub use payments::{payment_entry, payment_method, payment_proof, payment_proposal};
pub use system::{
    carrier, region, role, role_right, saved_view, shipping_method, shipping_rate, staff, staff_recovery_code, staff_role, zone,
    zone_region,
};

/// Calls a macro with every entity module, parents before children: for backup and restore.
#[macro_export]
macro_rules! each_entity {
    ($call:ident) => {
        $call! {
            staff, staff_recovery_code, role, role_right, staff_role, saved_view, session, api_key, api_key_scope, sign_in_attempt, setting, event_outbox, event, audit_entry, idempotency_key, file, mail, job, job_error, one_time_token, channel, warehouse, channel_warehouse, tax_class, number_sequence, import_row, import_course, import_picture, shop_version, category, category_text, slug, product, product_text, product_category, product_option, product_option_text, product_option_value, product_option_value_text, sku, sku_value, price_list, price, media, media_size, media_source, stock, stock_entry, reservation, customer, customer_address, tag, customer_tag, customer_note, cart, cart_line, order, order_line, order_entry, order_change, payment_proof, payment_entry, payment_proposal, payment_method, carrier, pick_list, pick_list_order, pick_list_line, shipment, shipment_line, region, zone, zone_region, shipping_method, shipping_rate
        }
    };
}
