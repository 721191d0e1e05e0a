//! Warehouses: which there are, and which one serves an order.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_base::shelf::Seen;
use zg_db::entity::{channel, channel_warehouse, stock, warehouse};
use zg_web::{Answer, Result, Staff};

use crate::Error;

/// A place where stock lies.
#[derive(Serialize, ToSchema)]
pub(crate) struct WarehouseView {
    id: i64,
    code: String,
    name: String,
    /// The lower, the sooner it serves an order.
    priority: i32,
    version: i64,
}

/// All warehouses.
#[utoipa::path(get, path = "/admin/warehouses", responses((status = 200, body = Vec<WarehouseView>)))]
pub(crate) async fn handler(State(app): State<App>, _staff: Staff) -> Result<Answer<Vec<WarehouseView>>> {
    let rows = all(app.read()).await?;
    let view =
        |row: warehouse::Model| WarehouseView { id: row.id, code: row.code, name: row.name, priority: row.priority, version: row.version };
    Ok(Answer::ok(rows.into_iter().map(view).collect()))
}

pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<warehouse::Model>, Error> {
    let rows = warehouse::Entity::find().order_by(warehouse::Column::Priority, Order::Asc).order_by(warehouse::Column::Id, Order::Asc);
    Ok(rows.limit(200).all(db).await?)
}

/// The first warehouse of the default channel.
///
/// # Errors
/// [`Error::WarehouseUnknown`] if the channel has none.
pub async fn default_warehouse(db: &impl ConnectionTrait) -> Result<i64, Error> {
    let channel = channel::Entity::find().filter(channel::Column::IsDefault.eq(true)).one(db).await?.ok_or(Error::WarehouseUnknown)?;
    serving(db, channel.id).await?.first().copied().ok_or(Error::WarehouseUnknown)
}

/// The warehouse that serves a demand (SKU id → quantity): the first, in the
/// channel's order, that has everything, else the first. A look, not a promise:
/// [`crate::reserve`] decides.
///
/// # Errors
/// [`Error::WarehouseUnknown`] if the channel has none.
pub async fn warehouse_for(seen: &Seen<'_>, channel_id: i64, demand: &BTreeMap<i64, i64>) -> Result<i64, Error> {
    let db = seen.app().read();
    let key = format!("warehouses|{channel_id}");
    let warehouses = seen.or_read(&key, |ids| 100 + ids.len() * 8, serving(db, channel_id)).await?;
    let first = warehouses.first().copied().ok_or(Error::WarehouseUnknown)?;
    if warehouses.len() == 1 {
        return Ok(first);
    }
    let rows = stock::Entity::find().filter(stock::Column::SkuId.is_in(demand.keys().copied())).all(db).await?;
    let has_all = |id: i64| {
        demand.iter().all(|(sku_id, wanted)| {
            rows.iter().any(|row| {
                let here = row.sku_id == *sku_id && row.warehouse_id == id;
                here && row.on_hand - row.reserved - row.held + row.backorder_limit >= *wanted
            })
        })
    };
    Ok(warehouses.iter().copied().find(|id| has_all(*id)).unwrap_or(first))
}

async fn serving(db: &impl ConnectionTrait, channel_id: i64) -> Result<Vec<i64>, Error> {
    use channel_warehouse::Column;
    let rows = channel_warehouse::Entity::find()
        .filter(Column::ChannelId.eq(channel_id))
        .order_by(Column::Priority, Order::Asc)
        .order_by(Column::WarehouseId, Order::Asc)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.warehouse_id).collect())
}
