//! The floor: what a checkout writes, without a server, a pricing rule or a check.
//!
//! The same rows in the same tables through the same pool and the same driver. What a
//! server does beyond it is what a checkout costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait as _, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, Set};
use serde_json::json;
use zg_db::Databases;
use zg_db::entity::{channel, event_outbox, idempotency_key, mail, order_entry, order_line, reservation, stock, stock_entry};

use crate::seed::{Ware, past_line, past_order, wares, zg_now};
use crate::{run, say};

/// Runs checkouts against the bare database and prints a row.
pub(crate) async fn floor(url: &str, users: usize, time: Duration) -> anyhow::Result<()> {
    let options = zg_db::Options { connections: u32::try_from(users)?, ..zg_db::Options::default() };
    let databases = zg_db::connect(url, options).await?;
    full(&databases.write).await?;
    let channel = channel::Entity::find().filter(channel::Column::IsDefault.eq(true)).one(&databases.read).await?.context("a channel")?;
    let wares: Arc<[Ware]> = wares(&databases.read).await?.into();
    let turn = Arc::new(AtomicU32::new(u32::try_from(zg_now().timestamp().rem_euclid(4_000))? * 1_000_000));
    let mut tasks = Vec::new();
    for _ in 0..users {
        tasks.push(tokio::spawn(repeat(databases.clone(), channel.clone(), Arc::clone(&wares), Arc::clone(&turn), time)));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.append(&mut task.await??);
    }
    say(&run::row("floor", &mut took, 0, time));
    databases.close().await?;
    Ok(())
}

/// The bare database brings each commit to the disk by itself.
async fn full(write: &DatabaseConnection) -> anyhow::Result<()> {
    if write.get_database_backend() == DbBackend::Sqlite {
        write.execute_unprepared("PRAGMA synchronous = FULL").await?;
    }
    Ok(())
}

async fn repeat(
    databases: Databases,
    channel: channel::Model,
    wares: Arc<[Ware]>,
    turn: Arc<AtomicU32>,
    time: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let end = Instant::now() + time;
    let mut took = Vec::new();
    while Instant::now() < end {
        let number = turn.fetch_add(1, Ordering::Relaxed);
        let ware = wares.get(usize::try_from(number)? % wares.len()).context("a ware")?;
        let began = Instant::now();
        checkout(&databases, &channel, ware, number, zg_now()).await?;
        took.push(began.elapsed());
    }
    Ok(took)
}

async fn checkout(databases: &Databases, channel: &channel::Model, ware: &Ware, number: u32, now: DateTime<Utc>) -> anyhow::Result<()> {
    let tx = databases.begin().await?;
    let key = idempotency_key::ActiveModel {
        key_hash: Set(format!("floor-{number}")),
        fingerprint: Set("floor".to_owned()),
        created_at: Set(now),
        ..Default::default()
    };
    idempotency_key::Entity::insert(key).exec_without_returning(&tx).await?;
    let mut row = past_order(number, channel, ware.price, now);
    row.number = Set(format!("FLOOR-{number:010}"));
    row.token = Set(format!("floor{number:027}"));
    let order = row.insert(&tx).await?;
    let line = past_line(order.id, 1, ware, 1);
    let line = order_line::Entity::insert(line).exec_with_returning(&tx).await?;
    let entry = order_entry::ActiveModel {
        order_id: Set(order.id),
        at: Set(now),
        kind: Set("placed".to_owned()),
        actor_kind: Set("guest".to_owned()),
        actor_name: Set(String::new()),
        data: Set(json!({ "total": ware.price })),
        ..Default::default()
    };
    order_entry::Entity::insert(entry).exec_without_returning(&tx).await?;
    let event = event_outbox::ActiveModel {
        topic: Set("bench".to_owned()),
        kind: Set("order.placed".to_owned()),
        entity_id: Set(Some(order.id)),
        payload: Set(json!({ "id": order.id })),
        at: Set(now),
        ..Default::default()
    };
    event_outbox::Entity::insert(event).exec_without_returning(&tx).await?;
    let letter = mail::ActiveModel {
        to_address: Set("floor@example.com".to_owned()),
        locale: Set("zh-CN".to_owned()),
        template: Set("floor".to_owned()),
        subject: Set("floor".to_owned()),
        text: Set("x".repeat(400)),
        html: Set("x".repeat(1500)),
        state: Set("sent".to_owned()),
        attempts: Set(1),
        created_at: Set(now),
        order_id: Set(Some(order.id)),
        ..Default::default()
    };
    mail::Entity::insert(letter).exec_without_returning(&tx).await?;
    let taken = stock::Entity::update_many()
        .col_expr(stock::Column::Incoming, Expr::col(stock::Column::Incoming).add(0))
        .filter(stock::Column::SkuId.eq(ware.id))
        .exec_with_returning(&tx)
        .await?;
    if let Some(place) = taken.first() {
        let held = reservation::ActiveModel {
            order_id: Set(order.id),
            order_line_id: Set(line.id),
            sku_id: Set(ware.id),
            warehouse_id: Set(place.warehouse_id),
            quantity: Set(1),
            state: Set("released".to_owned()),
            created_at: Set(now),
            ..Default::default()
        };
        reservation::Entity::insert(held).exec_without_returning(&tx).await?;
        let ledger = stock_entry::ActiveModel {
            sku_id: Set(ware.id),
            warehouse_id: Set(place.warehouse_id),
            kind: Set("floor".to_owned()),
            on_hand_delta: Set(0),
            reserved_delta: Set(0),
            held_delta: Set(0),
            on_hand_after: Set(place.on_hand),
            reserved_after: Set(place.reserved),
            held_after: Set(place.held),
            cause: Set("order".to_owned()),
            cause_id: Set(Some(order.id)),
            actor_kind: Set("guest".to_owned()),
            actor_name: Set(String::new()),
            at: Set(now),
            ..Default::default()
        };
        stock_entry::Entity::insert(ledger).exec_without_returning(&tx).await?;
    }
    idempotency_key::Entity::update_many()
        .set(idempotency_key::ActiveModel { status: Set(Some(201)), body: Set(Some("{}".to_owned())), ..Default::default() })
        .filter(idempotency_key::Column::KeyHash.eq(format!("floor-{number}")))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
