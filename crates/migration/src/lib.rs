//! The shape of the database, one source for SQLite and PostgreSQL.
//!
//! Forward only. Each migration says whether it runs in a transaction, for the
//! default differs by database. On PostgreSQL a lock keeps two nodes from
//! migrating at once.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DatabaseConnection, DbErr};
use zg_db::dialect;

mod m20261101_0900_platform;
mod m20261101_0905_queue;
mod m20261101_0910_catalog;
mod m20261101_0915_search;
mod m20261101_0920_inventory;
mod m20261101_0930_customers;
mod m20261101_0940_orders;
mod m20261101_0950_payments;
mod m20261101_1000_system;
mod m20261101_1010_fulfilment;
mod m20261101_1020_ledgers;
mod m20261101_1030_first_rows;
mod m20261125_0430_shop_version;
mod m20261125_0900_import_course;
mod m20261125_1000_queue_chords;
mod m20261125_1100_saved_views;
mod m20261125_1110_job_seen;
mod m20261125_1120_mail_secret;
mod m20261125_1300_queue_bus;
mod table;

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261101_0900_platform::Migration),
            Box::new(m20261101_0905_queue::Migration),
            Box::new(m20261101_0910_catalog::Migration),
            Box::new(m20261101_0915_search::Migration),
            Box::new(m20261101_0920_inventory::Migration),
            Box::new(m20261101_0930_customers::Migration),
            Box::new(m20261101_0940_orders::Migration),
            Box::new(m20261101_0950_payments::Migration),
            Box::new(m20261101_1000_system::Migration),
            Box::new(m20261101_1010_fulfilment::Migration),
            Box::new(m20261101_1020_ledgers::Migration),
            Box::new(m20261101_1030_first_rows::Migration),
            Box::new(m20261125_0430_shop_version::Migration),
            Box::new(m20261125_0900_import_course::Migration),
            Box::new(m20261125_1000_queue_chords::Migration),
            Box::new(m20261125_1100_saved_views::Migration),
            Box::new(m20261125_1110_job_seen::Migration),
            Box::new(m20261125_1120_mail_secret::Migration),
            Box::new(m20261125_1300_queue_bus::Migration),
        ]
    }
}

/// Brings the database to its present shape.
///
/// # Errors
/// If the database fails; what a failed migration began is undone.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    // A lock of a session belongs to its connection: all of it runs on one.
    let locked = dialect::Locked::take(db, dialect::MIGRATION_LOCK).await?;
    let done = Migrator::up(db, None).await;
    locked.give_back().await?;
    done
}

/// Every migration, by name, in order: the shape that [`up`] brings about.
pub fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// Migrations that have not run yet, by name.
///
/// # Errors
/// If the database fails.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations(db).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}
