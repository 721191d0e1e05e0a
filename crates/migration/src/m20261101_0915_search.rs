//! The search index of products, as the search itself wants it.

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
        search::schema::up(manager.get_connection(), search::Index::new("product")).await.map_err(|error| match error {
            search::Error::Database(error) => error,
            other @ search::Error::Unsupported => DbErr::Custom(other.to_string()),
        })
    }
}
