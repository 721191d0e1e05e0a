//! Tables of: customers.

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
        name: "customer",
        columns: &[
            ("id", Col::Auto, false),
            ("code", Col::Text, false),
            ("email", Col::Text, true),
            ("email_key", Col::Text, true),
            ("phone", Col::Text, true),
            ("name", Col::Text, false),
            ("name_key", Col::Text, false),
            ("found_by", Col::Text, false),
            ("password_hash", Col::Text, true),
            ("locale", Col::Text, false),
            ("segment", Col::Text, true),
            ("state", Col::Text, false),
            ("merged_into", Col::Big, true),
            ("marketing_at", Col::Instant, true),
            ("email_verified_at", Col::Instant, true),
            ("created_at", Col::Instant, false),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("customer_code_key", &["code"]), ("customer_email_key", &["email"])],
        checks: &[],
        foreign: &[("merged_into", "customer", "id")],
        indexes: &[&["phone"], &["email_key"], &["name_key"], &["merged_into"], &["segment", "id"], &["created_at", "id"]],
        partial: &[],
    },
    Def {
        name: "customer_address",
        columns: &[
            ("id", Col::Auto, false),
            ("token", Col::Text, false),
            ("customer_id", Col::Big, false),
            ("name", Col::Text, false),
            ("phone", Col::Text, false),
            ("country", Col::Text, false),
            ("province", Col::Text, false),
            ("city", Col::Text, false),
            ("district", Col::Text, false),
            ("street", Col::Text, false),
            ("postal_code", Col::Text, false),
            ("is_default", Col::Bool, false),
        ],
        key: &[],
        unique: &[("customer_address_token_key", &["token"])],
        checks: &[],
        foreign: &[("customer_id", "customer", "id")],
        indexes: &[&["customer_id"]],
        partial: &[("customer_address_default_key", "customer_id", "is_default")],
    },
    Def {
        name: "tag",
        columns: &[("id", Col::Auto, false), ("name", Col::Text, false)],
        key: &[],
        unique: &[("tag_name_key", &["name"])],
        checks: &[],
        foreign: &[],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "customer_tag",
        columns: &[("customer_id", Col::Big, false), ("tag_id", Col::Big, false)],
        key: &["customer_id", "tag_id"],
        unique: &[],
        checks: &[],
        foreign: &[("customer_id", "customer", "id"), ("tag_id", "tag", "id")],
        indexes: &[&["tag_id"]],
        partial: &[],
    },
    Def {
        name: "customer_note",
        columns: &[
            ("id", Col::Auto, false),
            ("customer_id", Col::Big, false),
            ("body", Col::Text, false),
            ("author", Col::Text, false),
            ("at", Col::Instant, false),
        ],
        key: &[],
        unique: &[],
        checks: &[],
        foreign: &[("customer_id", "customer", "id")],
        indexes: &[&["customer_id"]],
        partial: &[],
    },
];
