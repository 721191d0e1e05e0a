//! Tables of: payments.

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
        name: "payment_proof",
        columns: &[
            ("id", Col::Auto, false),
            ("file_id", Col::Big, false),
            ("name", Col::Text, false),
            ("actor_name", Col::Text, false),
            ("created_at", Col::Instant, false),
        ],
        key: &[],
        unique: &[],
        checks: &[],
        foreign: &[("file_id", "file", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "payment_entry",
        columns: &[
            ("id", Col::Auto, false),
            ("order_id", Col::Big, false),
            ("kind", Col::Text, false),
            ("method", Col::Text, false),
            ("amount_minor", Col::Big, false),
            ("currency", Col::Text, false),
            ("reference", Col::Text, false),
            ("note", Col::Text, true),
            ("proof_id", Col::Big, true),
            ("actor_kind", Col::Text, false),
            ("actor_id", Col::Big, true),
            ("actor_name", Col::Text, false),
            ("at", Col::Instant, false),
            ("recorded_at", Col::Instant, false),
        ],
        key: &[],
        unique: &[("payment_entry_reference_key", &["method", "reference"])],
        checks: &[("payment_entry_sign_check", "(kind = 'refund' and amount_minor < 0) or (kind <> 'refund' and amount_minor > 0)")],
        foreign: &[("order_id", "orders", "id"), ("proof_id", "payment_proof", "id")],
        indexes: &[&["order_id", "id"], &["at", "id"], &["method", "at", "id"]],
        partial: &[],
    },
    Def {
        name: "payment_proposal",
        columns: &[
            ("id", Col::Auto, false),
            ("order_id", Col::Big, false),
            ("method", Col::Text, false),
            ("amount_minor", Col::Big, false),
            ("currency", Col::Text, false),
            ("reference", Col::Text, false),
            ("note", Col::Text, true),
            ("proof_id", Col::Big, true),
            ("paid_on", Col::Day, false),
            ("state", Col::Text, false),
            ("actor_kind", Col::Text, false),
            ("actor_id", Col::Big, true),
            ("actor_name", Col::Text, false),
            ("proposed_at", Col::Instant, false),
            ("decided_by", Col::Text, true),
            ("decided_at", Col::Instant, true),
            ("reason", Col::Text, true),
            ("entry_id", Col::Big, true),
        ],
        key: &[],
        unique: &[],
        checks: &[
            ("payment_proposal_amount_check", "amount_minor > 0"),
            ("payment_proposal_entry_check", "(state = 'approved') = (entry_id is not null)"),
        ],
        foreign: &[("order_id", "orders", "id"), ("proof_id", "payment_proof", "id"), ("entry_id", "payment_entry", "id")],
        indexes: &[&["state", "id"], &["order_id"], &["method", "reference"]],
        partial: &[],
    },
    Def {
        name: "payment_method",
        columns: &[
            ("id", Col::Auto, false),
            ("code", Col::Text, false),
            ("kind", Col::Text, false),
            ("name_zh", Col::Text, false),
            ("name_en", Col::Text, false),
            ("instructions_zh", Col::Text, false),
            ("instructions_en", Col::Text, false),
            ("enabled", Col::Bool, false),
            ("expires_minutes", Col::Big, true),
            ("position", Col::Int, false),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("payment_method_code_key", &["code"])],
        checks: &[],
        foreign: &[],
        indexes: &[],
        partial: &[],
    },
];
