//! Saved views of the console's lists.

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
        SAVED_VIEW.create(manager).await
    }
}

const SAVED_VIEW: Def = Def {
    name: "saved_view",
    columns: &[
        ("id", Col::Auto, false),
        ("staff_id", Col::Big, false),
        ("list", Col::Text, false),
        ("name", Col::Text, false),
        ("query", Col::Json, false),
        ("shared", Col::Bool, false),
        ("version", Col::Big, false),
    ],
    key: &[],
    unique: &[("saved_view_name_key", &["staff_id", "list", "name"])],
    checks: &[],
    foreign: &[("staff_id", "staff", "id")],
    // The tabs above a list, in the order they were saved.
    indexes: &[&["list", "id"]],
    partial: &[],
};
