//! Tables of: inventory.

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
        name: "stock",
        columns: &[
            ("id", Col::Auto, false),
            ("sku_id", Col::Big, false),
            ("warehouse_id", Col::Big, false),
            ("on_hand", Col::Big, false),
            ("reserved", Col::Big, false),
            ("held", Col::Big, false),
            ("incoming", Col::Big, false),
            ("min", Col::Big, false),
            ("reorder", Col::Big, false),
            ("backorder_limit", Col::Big, false),
            ("bin", Col::Text, true),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("stock_sku_warehouse_key", &["sku_id", "warehouse_id"])],
        checks: &[
            ("stock_free_check", "on_hand - reserved - held >= -backorder_limit"),
            ("stock_reserved_check", "reserved >= 0"),
            ("stock_held_check", "held >= 0"),
            ("stock_incoming_check", "incoming >= 0"),
        ],
        foreign: &[("sku_id", "sku", "id"), ("warehouse_id", "warehouse", "id")],
        indexes: &[&["warehouse_id", "sku_id"]],
        partial: &[],
    },
    Def {
        name: "stock_entry",
        columns: &[
            ("id", Col::Auto, false),
            ("sku_id", Col::Big, false),
            ("warehouse_id", Col::Big, false),
            ("kind", Col::Text, false),
            ("on_hand_delta", Col::Big, false),
            ("reserved_delta", Col::Big, false),
            ("held_delta", Col::Big, false),
            ("on_hand_after", Col::Big, false),
            ("reserved_after", Col::Big, false),
            ("held_after", Col::Big, false),
            ("cause", Col::Text, false),
            ("cause_id", Col::Big, true),
            ("reason", Col::Text, true),
            ("note", Col::Text, true),
            ("actor_kind", Col::Text, false),
            ("actor_id", Col::Big, true),
            ("actor_name", Col::Text, false),
            ("idempotency_key", Col::Text, true),
            ("at", Col::Instant, false),
        ],
        key: &[],
        unique: &[("stock_entry_idempotency_key_key", &["idempotency_key"])],
        checks: &[],
        foreign: &[("sku_id", "sku", "id"), ("warehouse_id", "warehouse", "id")],
        indexes: &[&["sku_id", "id"], &["warehouse_id", "id"], &["cause", "cause_id"]],
        partial: &[],
    },
    Def {
        name: "reservation",
        columns: &[
            ("id", Col::Auto, false),
            ("order_id", Col::Big, false),
            ("order_line_id", Col::Big, false),
            ("sku_id", Col::Big, false),
            ("warehouse_id", Col::Big, false),
            ("quantity", Col::Big, false),
            ("state", Col::Text, false),
            ("created_at", Col::Instant, false),
        ],
        key: &[],
        unique: &[],
        checks: &[("reservation_quantity_check", "quantity > 0")],
        foreign: &[("sku_id", "sku", "id"), ("warehouse_id", "warehouse", "id")],
        indexes: &[&["order_id"]],
        partial: &[],
    },
];
