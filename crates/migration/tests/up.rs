//! The shape of the database, on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "a test names its database by the environment and rows by the time")]

use chrono::Utc;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, EntityTrait, Set};
use zg_db::entity::{sku, staff, stock, stock_entry, warehouse};
use zg_db::{Databases, Options, ViolationKind, connect, violated};

/// A database of its own, gone with the test.
struct Fresh {
    databases: Databases,
    _folder: tempfile::TempDir,
    drop: Option<(String, String)>,
}

impl Fresh {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("shop.db").display());
        let databases = connect(&url, Options::default()).await.unwrap();
        zg_migration::up(&databases.write).await.unwrap();
        Self { databases, _folder: folder, drop: None }
    }

    async fn postgres(name: &str) -> Self {
        let server = std::env::var("ZG_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let name = format!("zg_shape_{name}_{}", std::process::id());
        let admin = connect(&server, Options::default()).await.unwrap();
        admin.write.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let databases = connect(&format!("{base}/{name}"), Options::default()).await.unwrap();
        zg_migration::up(&databases.write).await.unwrap();
        Self { databases, _folder: tempfile::tempdir().unwrap(), drop: Some((server, name)) }
    }

    async fn end(self) {
        self.databases.close().await.unwrap();
        if let Some((server, name)) = self.drop {
            let admin = connect(&server, Options::default()).await.unwrap();
            admin.write.execute_unprepared(&format!("DROP DATABASE {name}")).await.unwrap();
        }
    }
}

async fn every_entity_fits_its_table(databases: &Databases) {
    macro_rules! read {
        ($($name:ident),*) => { $(
            zg_db::entity::$name::Entity::find().one(&databases.read).await.expect(stringify!($name));
        )* };
    }
    zg_db::each_entity!(read);
}

async fn rules_are_named_and_kept(databases: &Databases) {
    let person = || staff::ActiveModel {
        email: Set("a@example.com".to_owned()),
        name: Set("甲".to_owned()),
        password_hash: Set(String::new()),
        totp_enabled: Set(false),
        locale: Set("zh-CN".to_owned()),
        created_at: Set(Utc::now()),
        version: Set(1),
        ..Default::default()
    };
    person().insert(&databases.write).await.unwrap();
    let error = person().insert(&databases.write).await.unwrap_err();
    let found = violated(&error).unwrap();
    assert_eq!((found.kind, found.constraint.as_str()), (ViolationKind::Unique, "staff_email_key"));

    let place = warehouse::Entity::find().one(&databases.read).await.unwrap().unwrap();
    let product = zg_db::entity::product::ActiveModel {
        code: Set("P".to_owned()),
        status: Set("draft".to_owned()),
        tax_class_id: Set(1),
        sales_count: Set(0),
        created_at: Set(Utc::now()),
        updated_at: Set(Utc::now()),
        version: Set(1),
        ..Default::default()
    };
    let product = product.insert(&databases.write).await.unwrap();
    let tea = sku::ActiveModel {
        product_id: Set(product.id),
        code: Set("TEA".to_owned()),
        weight_g: Set(1),
        position: Set(0),
        tracked: Set(true),
        version: Set(1),
        ..Default::default()
    };
    let tea = tea.insert(&databases.write).await.unwrap();
    let row = stock::ActiveModel {
        sku_id: Set(tea.id),
        warehouse_id: Set(place.id),
        on_hand: Set(1),
        reserved: Set(2),
        held: Set(0),
        incoming: Set(0),
        min: Set(0),
        reorder: Set(0),
        backorder_limit: Set(0),
        version: Set(1),
        ..Default::default()
    };
    let error = row.insert(&databases.write).await.unwrap_err();
    let found = violated(&error).unwrap();
    assert_eq!((found.kind, found.constraint.as_str()), (ViolationKind::Check, "stock_free_check"));

    let entry = stock_entry::ActiveModel {
        sku_id: Set(tea.id),
        warehouse_id: Set(place.id),
        kind: Set("adjust".to_owned()),
        on_hand_delta: Set(1),
        reserved_delta: Set(0),
        held_delta: Set(0),
        on_hand_after: Set(1),
        reserved_after: Set(0),
        held_after: Set(0),
        cause: Set("test".to_owned()),
        actor_kind: Set("system".to_owned()),
        actor_name: Set("test".to_owned()),
        at: Set(Utc::now()),
        ..Default::default()
    };
    let entry = entry.insert(&databases.write).await.unwrap();
    let change = stock_entry::ActiveModel { id: Set(entry.id), on_hand_delta: Set(9), ..Default::default() };
    assert!(change.update(&databases.write).await.unwrap_err().to_string().contains("append_only"));
    let delete = stock_entry::Entity::delete_by_id(entry.id).exec(&databases.write).await;
    assert!(delete.unwrap_err().to_string().contains("append_only"));

    assert!(person().insert(&databases.read).await.is_err(), "the reading pool wrote");
    assert!(zg_migration::pending(&databases.write).await.unwrap().is_empty());
    zg_migration::up(&databases.write).await.unwrap();
}

#[tokio::test]
async fn p16_sqlite_has_the_shape_and_keeps_the_rules() {
    let fresh = Fresh::sqlite().await;
    every_entity_fits_its_table(&fresh.databases).await;
    rules_are_named_and_kept(&fresh.databases).await;
    fresh.end().await;
}

#[tokio::test]
async fn p16_postgresql_has_the_shape_and_keeps_the_rules() {
    let fresh = Fresh::postgres("rules").await;
    every_entity_fits_its_table(&fresh.databases).await;
    rules_are_named_and_kept(&fresh.databases).await;
    fresh.end().await;
}

#[tokio::test]
async fn p16_two_nodes_migrate_at_once() {
    let fresh = Fresh::postgres("twice").await;
    let (one, two) = tokio::join!(zg_migration::up(&fresh.databases.write), zg_migration::up(&fresh.databases.write));
    one.unwrap();
    two.unwrap();
    fresh.end().await;
}
