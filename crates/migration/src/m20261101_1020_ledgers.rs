//! The ledgers are append-only, also for whoever writes SQL by hand.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbErr;
use zg_db::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What a line of the security log covers. Its seal comes later, and `before`
/// and `after` may be erased.
const AUDIT_FIXED: [&str; 10] =
    ["id", "at", "actor_kind", "actor_id", "actor_name", "action", "entity", "entity_id", "salt", "value_digest"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        dialect::append_only(db, "stock_entry").await?;
        dialect::append_only(db, "payment_entry").await?;
        dialect::append_only_but(db, "audit_entry", &AUDIT_FIXED).await
    }
}
