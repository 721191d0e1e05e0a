//! Orders of the past, written in bulk: a long list to be asked for.
//!
//! They are as an import leaves them (completed, paid, delivered, nothing reserved),
//! so that the shop's proofs hold with them.

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::json;
use zg_db::entity::{channel, order, order_line, payment_entry, price, sku};

use crate::say;

/// Orders a transaction.
const BATCH: u32 = 500;

pub(crate) struct Ware {
    pub(crate) id: i64,
    pub(crate) code: String,
    pub(crate) price: i64,
}

/// Writes `orders` orders behind those that are there.
pub(crate) async fn seed(url: &str, orders: u32) -> anyhow::Result<()> {
    let databases = zg_db::connect(url, zg_db::Options::default()).await?;
    let db = &databases.read;
    let channel = channel::Entity::find().filter(channel::Column::IsDefault.eq(true)).one(db).await?.context("a channel")?;
    let wares = wares(db).await?;
    anyhow::ensure!(!wares.is_empty(), "the shop has no products: import some first");
    let there = u32::try_from(order::Entity::find().count(db).await?)?;
    let now = zg_now();
    let mut number = there;
    let end = there + orders;
    while number < end {
        let tx = databases.begin().await?;
        let upto = (number + BATCH).min(end);
        write(&tx, &channel, &wares, number..upto, now).await?;
        tx.commit().await?;
        number = upto;
    }
    databases.close().await?;
    say(&format!("{orders} orders written"));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a tool beside the shop has no clock but the machine's")]
pub(crate) fn zg_now() -> DateTime<Utc> {
    Utc::now()
}

pub(crate) async fn wares(db: &impl ConnectionTrait) -> anyhow::Result<Vec<Ware>> {
    let prices = price::Entity::find().order_by_asc(price::Column::SkuId).limit(400).all(db).await?;
    let ids: Vec<i64> = prices.iter().map(|price| price.sku_id).collect();
    let skus = sku::Entity::find().filter(sku::Column::Id.is_in(ids)).all(db).await?;
    let ware = |sku: sku::Model| {
        let price = prices.iter().find(|price| price.sku_id == sku.id)?.amount_minor;
        Some(Ware { id: sku.id, code: sku.code, price })
    };
    Ok(skus.into_iter().filter_map(ware).collect())
}

async fn write(
    db: &impl ConnectionTrait,
    channel: &channel::Model,
    wares: &[Ware],
    numbers: std::ops::Range<u32>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let mut chosen = Vec::new();
    for number in numbers {
        let count = usize::try_from(number % 3 + 1)?;
        let lines: Vec<(&Ware, i64)> = (0..count)
            .filter_map(|line| {
                let at = usize::try_from(number).ok()?.wrapping_mul(31).wrapping_add(line * 17) % wares.len();
                Some((wares.get(at)?, i64::from(number % 4 + 1)))
            })
            .collect();
        let total: i64 = lines.iter().map(|(ware, quantity)| ware.price * quantity).sum();
        let at = now - Duration::minutes(i64::from(number) * 7 + 60);
        rows.push(past_order(number, channel, total, at));
        chosen.push((lines, total, at));
    }
    let ids: Vec<i64> = order::Entity::insert_many(rows).exec_with_returning(db).await?.into_iter().map(|row| row.id).collect();
    let mut lines = Vec::new();
    let mut payments = Vec::new();
    for (id, (wares, total, at)) in ids.into_iter().zip(chosen) {
        for (ordinal, (ware, quantity)) in (1..).zip(wares) {
            lines.push(past_line(id, ordinal, ware, quantity));
        }
        payments.push(payment_entry::ActiveModel {
            order_id: Set(id),
            kind: Set("import".to_owned()),
            method: Set("bench".to_owned()),
            amount_minor: Set(total),
            currency: Set(channel.currency.clone()),
            reference: Set(format!("bench-{id}")),
            actor_kind: Set("system".to_owned()),
            actor_name: Set("bench".to_owned()),
            at: Set(at),
            recorded_at: Set(at),
            ..Default::default()
        });
    }
    for chunk in lines.chunks(400) {
        order_line::Entity::insert_many(chunk.to_vec()).exec_without_returning(db).await?;
    }
    payment_entry::Entity::insert_many(payments).exec_without_returning(db).await?;
    Ok(())
}

pub(crate) fn past_order(number: u32, channel: &channel::Model, total: i64, at: DateTime<Utc>) -> order::ActiveModel {
    order::ActiveModel {
        number: Set(format!("BENCH-{number:08}")),
        token: Set(format!("bench{number:027}")),
        channel_id: Set(channel.id),
        locale: Set("zh-CN".to_owned()),
        currency: Set(channel.currency.clone()),
        state: Set("completed".to_owned()),
        payment_state: Set("paid".to_owned()),
        fulfilment_state: Set("delivered".to_owned()),
        return_state: Set("none".to_owned()),
        lines_minor: Set(total),
        discount_minor: Set(0),
        shipping_minor: Set(0),
        fees_minor: Set(0),
        tax_added_minor: Set(0),
        tax_included_minor: Set(0),
        total_minor: Set(total),
        paid_minor: Set(total),
        refunded_minor: Set(0),
        email: Set(Some(format!("past{number}@example.com"))),
        contact_name: Set(format!("顾客 {number}")),
        origin: Set("import".to_owned()),
        explanation: Set(json!([])),
        placed_at: Set(Some(at)),
        placed_on: Set(Some(at.date_naive())),
        completed_at: Set(Some(at)),
        created_at: Set(at),
        version: Set(1),
        ..Default::default()
    }
}

pub(crate) fn past_line(order_id: i64, ordinal: i32, ware: &Ware, quantity: i64) -> order_line::ActiveModel {
    order_line::ActiveModel {
        order_id: Set(order_id),
        ordinal: Set(ordinal),
        sku_id: Set(Some(ware.id)),
        sku_code: Set(ware.code.clone()),
        name: Set(ware.code.clone()),
        weight_g: Set(0),
        quantity: Set(quantity),
        list_minor: Set(ware.price),
        unit_minor: Set(ware.price),
        discount_minor: Set(0),
        total_minor: Set(ware.price * quantity),
        tax_ppm: Set(0),
        tax_minor: Set(0),
        allocated: Set(0),
        picked: Set(0),
        shipped: Set(quantity),
        delivered: Set(quantity),
        cancelled: Set(0),
        refunded_minor: Set(0),
        ..Default::default()
    }
}
