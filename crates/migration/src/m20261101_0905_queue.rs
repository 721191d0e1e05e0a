//! The task queue's tables, as the queue itself wants them.

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
        tables(manager).await
    }
}

/// Makes those of the queue's tables that are not there yet.
pub(crate) async fn tables(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    celery::schema::up(manager.get_connection()).await.map_err(|error| match error {
        celery::Error::Database(error) => error,
        other => DbErr::Custom(other.to_string()),
    })
}
