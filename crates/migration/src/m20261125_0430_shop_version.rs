//! The version of the catalogue becomes that of all a shop offers, for ways to ship and to
//! pay are remembered as well.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbErr, EntityTrait as _, Set};
use zg_db::entity::shop_version;

use crate::table::{Col, Def};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        SHOP_VERSION.create(manager).await?;
        let first = shop_version::ActiveModel { id: Set(1), version: Set(1) };
        shop_version::Entity::insert(first).exec_without_returning(manager.get_connection()).await?;
        manager.drop_table(Table::drop().table("catalog_version").to_owned()).await
    }
}

const SHOP_VERSION: Def = Def {
    name: "shop_version",
    columns: &[("id", Col::Big, false), ("version", Col::Big, false)],
    key: &["id"],
    unique: &[],
    checks: &[("shop_version_one_check", "id = 1")],
    foreign: &[],
    indexes: &[],
    partial: &[],
};
