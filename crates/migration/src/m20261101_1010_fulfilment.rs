//! Tables of: fulfilment.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbErr;

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
        Ok(())
    }
}

const TABLES: &[Def] = &[
    Def {
        name: "pick_list",
        columns: &[
            ("id", Col::Auto, false),
            ("number", Col::Text, false),
            ("warehouse_id", Col::Big, false),
            ("state", Col::Text, false),
            ("created_at", Col::Instant, false),
            ("created_by", Col::Text, false),
            ("finished_at", Col::Instant, true),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("pick_list_number_key", &["number"])],
        checks: &[],
        foreign: &[("warehouse_id", "warehouse", "id")],
        indexes: &[&["state", "id"]],
        partial: &[],
    },
    Def {
        name: "pick_list_order",
        columns: &[("pick_list_id", Col::Big, false), ("order_id", Col::Big, false), ("open", Col::Bool, false)],
        key: &["pick_list_id", "order_id"],
        unique: &[],
        checks: &[],
        foreign: &[("pick_list_id", "pick_list", "id"), ("order_id", "orders", "id")],
        indexes: &[],
        partial: &[("pick_list_order_open_key", "order_id", "open")],
    },
    Def {
        name: "pick_list_line",
        columns: &[
            ("id", Col::Auto, false),
            ("pick_list_id", Col::Big, false),
            ("order_id", Col::Big, false),
            ("order_line_id", Col::Big, false),
            ("sku_id", Col::Big, false),
            ("quantity", Col::Big, false),
            ("picked", Col::Big, false),
            ("short", Col::Big, false),
            ("bin", Col::Text, true),
        ],
        key: &[],
        unique: &[],
        checks: &[("pick_list_line_picked_check", "picked >= 0 and short >= 0 and picked + short <= quantity")],
        foreign: &[("pick_list_id", "pick_list", "id"), ("order_line_id", "order_line", "id"), ("sku_id", "sku", "id")],
        indexes: &[&["pick_list_id"], &["order_id"]],
        partial: &[],
    },
    Def {
        name: "shipment",
        columns: &[
            ("id", Col::Auto, false),
            ("order_id", Col::Big, false),
            ("number", Col::Text, false),
            ("warehouse_id", Col::Big, false),
            ("carrier_id", Col::Big, true),
            ("tracking_number", Col::Text, true),
            ("state", Col::Text, false),
            ("packed_at", Col::Instant, false),
            ("handed_over_at", Col::Instant, true),
            ("delivered_at", Col::Instant, true),
            ("undone_at", Col::Instant, true),
            ("note", Col::Text, true),
            ("notified_at", Col::Instant, true),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("shipment_number_key", &["number"])],
        checks: &[],
        foreign: &[("order_id", "orders", "id"), ("warehouse_id", "warehouse", "id"), ("carrier_id", "carrier", "id")],
        indexes: &[&["order_id"], &["state", "id"], &["tracking_number"]],
        partial: &[],
    },
    Def {
        name: "shipment_line",
        columns: &[("shipment_id", Col::Big, false), ("order_line_id", Col::Big, false), ("quantity", Col::Big, false)],
        key: &["shipment_id", "order_line_id"],
        unique: &[],
        checks: &[("shipment_line_quantity_check", "quantity > 0")],
        foreign: &[("shipment_id", "shipment", "id"), ("order_line_id", "order_line", "id")],
        indexes: &[&["order_line_id"]],
        partial: &[],
    },
];
