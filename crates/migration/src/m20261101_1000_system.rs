//! Tables of: system.

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
        name: "carrier",
        columns: &[
            ("id", Col::Auto, false),
            ("code", Col::Text, false),
            ("name", Col::Text, false),
            ("tracking_url", Col::Text, true),
            ("enabled", Col::Bool, false),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("carrier_code_key", &["code"])],
        checks: &[],
        foreign: &[],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "region",
        columns: &[
            ("code", Col::Text, false),
            ("country", Col::Text, false),
            ("parent", Col::Text, true),
            ("level", Col::Int, false),
            ("name", Col::Text, false),
            ("name_en", Col::Text, true),
        ],
        key: &["code"],
        unique: &[],
        checks: &[],
        foreign: &[],
        indexes: &[&["parent", "code"], &["country", "level"]],
        partial: &[],
    },
    Def {
        name: "zone",
        columns: &[("id", Col::Auto, false), ("code", Col::Text, false), ("name", Col::Text, false), ("version", Col::Big, false)],
        key: &[],
        unique: &[("zone_code_key", &["code"])],
        checks: &[],
        foreign: &[],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "zone_region",
        columns: &[
            ("id", Col::Auto, false),
            ("zone_id", Col::Big, false),
            ("country", Col::Text, false),
            ("region", Col::Text, true),
            ("excluded", Col::Bool, false),
        ],
        key: &[],
        unique: &[],
        checks: &[],
        foreign: &[("zone_id", "zone", "id")],
        indexes: &[&["zone_id"]],
        partial: &[],
    },
    Def {
        name: "shipping_method",
        columns: &[
            ("id", Col::Auto, false),
            ("code", Col::Text, false),
            ("name_zh", Col::Text, false),
            ("name_en", Col::Text, false),
            ("carrier_id", Col::Big, true),
            ("enabled", Col::Bool, false),
            ("cod", Col::Bool, false),
            ("position", Col::Int, false),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("shipping_method_code_key", &["code"])],
        checks: &[],
        foreign: &[("carrier_id", "carrier", "id")],
        indexes: &[&["carrier_id"]],
        partial: &[],
    },
    Def {
        name: "shipping_rate",
        columns: &[
            ("id", Col::Auto, false),
            ("method_id", Col::Big, false),
            ("zone_id", Col::Big, false),
            ("basis", Col::Text, false),
            ("from_value", Col::Big, false),
            ("base_minor", Col::Big, false),
            ("step_value", Col::Big, false),
            ("step_minor", Col::Big, false),
            ("free_over_minor", Col::Big, true),
        ],
        key: &[],
        unique: &[("shipping_rate_zone_key", &["method_id", "zone_id"])],
        checks: &[
            ("shipping_rate_base_check", "base_minor >= 0 AND from_value >= 0"),
            ("shipping_rate_step_check", "step_minor >= 0 AND step_value >= 0"),
        ],
        foreign: &[("method_id", "shipping_method", "id"), ("zone_id", "zone", "id")],
        indexes: &[&["zone_id"]],
        partial: &[],
    },
];
