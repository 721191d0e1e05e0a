//! When a job last moved: what has not for long is not worked on any more.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbErr;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut seen = ColumnDef::new("seen_at");
        seen.timestamp_with_time_zone().null();
        manager.alter_table(Table::alter().table("job").add_column(seen).to_owned()).await
    }
}
