//! Tables of: orders.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbErr;
use zg_db::dialect;

use crate::table::{Col, Def};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for def in TABLES {
            def.create(manager).await?;
        }
        // The queue of orders to refund: the same words as in its query.
        dialect::index_where(manager.get_connection(), "orders_to_refund_idx", "orders", "placed_at, id", dialect::TO_REFUND).await
    }
}

const TABLES: &[Def] = &[
    Def {
        name: "cart",
        columns: &[
            ("id", Col::Auto, false),
            ("token", Col::Text, false),
            ("channel_id", Col::Big, false),
            ("customer_id", Col::Big, true),
            ("locale", Col::Text, false),
            ("email", Col::Text, true),
            ("phone", Col::Text, true),
            ("name", Col::Text, true),
            ("address", Col::Json, true),
            ("shipping_method", Col::Text, true),
            ("payment_method", Col::Text, true),
            ("order_id", Col::Big, true),
            ("created_at", Col::Instant, false),
            ("updated_at", Col::Instant, false),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("cart_token_key", &["token"])],
        checks: &[],
        foreign: &[("channel_id", "channel", "id"), ("customer_id", "customer", "id")],
        indexes: &[&["customer_id"], &["updated_at"]],
        partial: &[],
    },
    Def {
        name: "cart_line",
        columns: &[
            ("id", Col::Auto, false),
            ("cart_id", Col::Big, false),
            ("ordinal", Col::Int, false),
            ("sku_id", Col::Big, false),
            ("quantity", Col::Big, false),
            ("seen_minor", Col::Big, true),
        ],
        key: &[],
        unique: &[("cart_line_ordinal_key", &["cart_id", "ordinal"])],
        checks: &[("cart_line_quantity_check", "quantity > 0")],
        foreign: &[("cart_id", "cart", "id"), ("sku_id", "sku", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "orders",
        columns: &[
            ("id", Col::Auto, false),
            ("number", Col::Text, false),
            ("token", Col::Text, false),
            ("channel_id", Col::Big, false),
            ("customer_id", Col::Big, true),
            ("locale", Col::Text, false),
            ("currency", Col::Text, false),
            ("state", Col::Text, false),
            ("payment_state", Col::Text, false),
            ("fulfilment_state", Col::Text, false),
            ("return_state", Col::Text, false),
            ("lines_minor", Col::Big, false),
            ("discount_minor", Col::Big, false),
            ("shipping_minor", Col::Big, false),
            ("fees_minor", Col::Big, false),
            ("tax_added_minor", Col::Big, false),
            ("tax_included_minor", Col::Big, false),
            ("total_minor", Col::Big, false),
            ("paid_minor", Col::Big, false),
            ("refunded_minor", Col::Big, false),
            ("email", Col::Text, true),
            ("phone", Col::Text, true),
            ("contact_name", Col::Text, false),
            ("address", Col::Json, true),
            ("country", Col::Text, true),
            ("province", Col::Text, true),
            ("city", Col::Text, true),
            ("shipping_method", Col::Text, true),
            ("shipping_name", Col::Text, true),
            ("payment_method", Col::Text, true),
            ("origin", Col::Text, false),
            ("note", Col::Text, true),
            ("explanation", Col::Json, false),
            ("placed_at", Col::Instant, true),
            ("placed_on", Col::Day, true),
            ("confirmed_at", Col::Instant, true),
            ("completed_at", Col::Instant, true),
            ("cancelled_at", Col::Instant, true),
            ("cancel_reason", Col::Text, true),
            ("expires_at", Col::Instant, true),
            ("locked_by", Col::Big, true),
            ("locked_name", Col::Text, true),
            ("locked_reason", Col::Text, true),
            ("locked_until", Col::Instant, true),
            ("created_at", Col::Instant, false),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("orders_number_key", &["number"]), ("orders_token_key", &["token"])],
        checks: &[
            ("orders_total_check", "total_minor >= 0 and total_minor = lines_minor + shipping_minor + fees_minor + tax_added_minor"),
            ("orders_refunded_check", "refunded_minor >= 0"),
        ],
        foreign: &[("channel_id", "channel", "id"), ("customer_id", "customer", "id")],
        indexes: &[
            // The list, newest first, and of one state, payment, fulfilment, return or customer.
            &["placed_at", "id"],
            &["state", "placed_at", "id"],
            &["payment_state", "placed_at", "id"],
            &["fulfilment_state", "placed_at", "id"],
            &["return_state", "placed_at", "id"],
            &["customer_id", "placed_at", "id"],
            // The list by amount.
            &["total_minor", "id"],
            // Reports by day.
            &["placed_on"],
            // Orders that expire.
            &["state", "expires_at"],
            // The search box: an address, a telephone number or a name as a whole.
            &["email"],
            &["phone"],
            &["contact_name"],
        ],
        partial: &[],
    },
    Def {
        name: "order_line",
        columns: &[
            ("id", Col::Auto, false),
            ("order_id", Col::Big, false),
            ("ordinal", Col::Int, false),
            ("sku_id", Col::Big, true),
            ("sku_code", Col::Text, false),
            ("name", Col::Text, false),
            ("options", Col::Text, true),
            ("category_id", Col::Big, true),
            ("category_name", Col::Text, true),
            ("file_id", Col::Big, true),
            ("weight_g", Col::Big, false),
            ("quantity", Col::Big, false),
            ("list_minor", Col::Big, false),
            ("unit_minor", Col::Big, false),
            ("discount_minor", Col::Big, false),
            ("total_minor", Col::Big, false),
            ("tax_ppm", Col::Big, false),
            ("tax_minor", Col::Big, false),
            ("allocated", Col::Big, false),
            ("picked", Col::Big, false),
            ("shipped", Col::Big, false),
            ("delivered", Col::Big, false),
            ("cancelled", Col::Big, false),
            ("refunded_minor", Col::Big, false),
        ],
        key: &[],
        unique: &[("order_line_ordinal_key", &["order_id", "ordinal"])],
        checks: &[
            (
                "order_line_count_check",
                "quantity > 0 and cancelled >= 0 and shipped >= 0 and shipped + cancelled <= quantity and delivered >= 0 and delivered <= shipped",
            ),
            ("order_line_held_check", "allocated >= 0 and picked >= 0 and allocated + shipped + cancelled <= quantity"),
            ("order_line_discount_check", "discount_minor >= 0 and discount_minor <= list_minor * quantity"),
        ],
        foreign: &[("order_id", "orders", "id"), ("sku_id", "sku", "id")],
        indexes: &[
            // Orders that hold a SKU, also one that is no longer known.
            &["sku_id", "order_id"],
            &["sku_code", "order_id"],
        ],
        partial: &[],
    },
    Def {
        name: "order_entry",
        columns: &[
            ("id", Col::Auto, false),
            ("order_id", Col::Big, false),
            ("at", Col::Instant, false),
            ("kind", Col::Text, false),
            ("actor_kind", Col::Text, false),
            ("actor_id", Col::Big, true),
            ("actor_name", Col::Text, false),
            ("data", Col::Json, false),
            ("comment", Col::Text, true),
        ],
        key: &[],
        unique: &[],
        checks: &[],
        foreign: &[("order_id", "orders", "id")],
        indexes: &[&["order_id", "id"]],
        partial: &[],
    },
    Def {
        name: "order_change",
        columns: &[
            ("id", Col::Auto, false),
            ("order_id", Col::Big, false),
            ("base_version", Col::Big, false),
            ("kind", Col::Text, false),
            ("state", Col::Text, false),
            ("policy", Col::Text, false),
            ("reason", Col::Text, true),
            ("actor_name", Col::Text, false),
            ("at", Col::Instant, false),
            ("actions", Col::Json, false),
        ],
        key: &[],
        unique: &[],
        checks: &[],
        foreign: &[("order_id", "orders", "id")],
        indexes: &[&["order_id", "id"]],
        partial: &[],
    },
];
