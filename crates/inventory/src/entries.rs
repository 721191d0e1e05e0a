//! The stock ledger (M5.6, M5.7): every change, newest first, by cursor and as a file.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::stock_entry::{Column, Entity, Model};
use zg_db::entity::{order, shipment, sku, warehouse};
use zg_web::{Answer, Attachment, Cursor, Limit, Page, Query, Result, Staff};

use crate::Error;

/// Rows of the file read at a time.
const CHUNK: u64 = 1_000;

/// Which page of the ledger.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// A SKU's code.
    sku: Option<String>,
    /// A SKU, by id.
    sku_id: Option<i64>,
    /// In this warehouse.
    warehouse_id: Option<i64>,
    /// `reserve`, `release`, `ship`, `unship`, `adjust`, `count`, `import`, `hold`.
    kind: Option<String>,
    /// `order`, `shipment`, `adjustment`, `import`, `settings`.
    cause: Option<String>,
    /// The row of the cause.
    cause_id: Option<i64>,
    /// Who, by kind: `staff`, `api_key`, `shopper`, `guest`, `system`.
    actor_kind: Option<String>,
    /// Who, by id.
    actor_id: Option<i64>,
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Before.
    until: Option<DateTime<Utc>>,
}

/// Which part of the ledger as a file.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryFileQuery {
    /// A SKU's code.
    sku: Option<String>,
    /// A SKU, by id.
    sku_id: Option<i64>,
    /// In this warehouse.
    warehouse_id: Option<i64>,
    /// As in the list.
    kind: Option<String>,
    /// As in the list.
    cause: Option<String>,
    /// The row of the cause.
    cause_id: Option<i64>,
    /// Who, by kind.
    actor_kind: Option<String>,
    /// Who, by id.
    actor_id: Option<i64>,
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Before.
    until: Option<DateTime<Utc>>,
}

/// A line of the stock ledger.
#[derive(Serialize, ToSchema)]
pub(crate) struct StockEntryView {
    id: i64,
    at: DateTime<Utc>,
    sku_id: i64,
    sku: String,
    warehouse_id: i64,
    warehouse: String,
    kind: String,
    on_hand_before: i64,
    on_hand_delta: i64,
    on_hand_after: i64,
    reserved_before: i64,
    reserved_delta: i64,
    reserved_after: i64,
    held_delta: i64,
    held_after: i64,
    cause: String,
    cause_id: Option<i64>,
    /// What people call the cause: the order's or parcel's number.
    cause_number: Option<String>,
    reason: Option<String>,
    note: Option<String>,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_name: String,
}

/// The stock ledger, newest first.
#[utoipa::path(get, path = "/admin/stock/entries", params(EntryQuery), responses((status = 200, body = Page<StockEntryView>)))]
pub(crate) async fn handler(
    State(app): State<App>,
    _staff: Staff,
    Query(asked): Query<EntryQuery>,
) -> Result<Answer<Page<StockEntryView>>> {
    let limit = asked.limit;
    let before = Cursor::decode_opt::<i64>(asked.cursor.as_deref())?;
    let filters = EntryFileQuery {
        sku: asked.sku,
        sku_id: asked.sku_id,
        warehouse_id: asked.warehouse_id,
        kind: asked.kind,
        cause: asked.cause,
        cause_id: asked.cause_id,
        actor_kind: asked.actor_kind,
        actor_id: asked.actor_id,
        from: asked.from,
        until: asked.until,
    };
    let mut found = filtered(app.read(), &filters).await?;
    if let Some(id) = before {
        found = found.filter(Column::Id.lt(id));
    }
    let rows = found.limit(limit.and_one()).all(app.read()).await?;
    let Page { data, meta } = Page::of(rows, limit, None, |row| row.id);
    Ok(Answer::ok(Page { data: views(app.read(), data).await?, meta }))
}

/// The stock ledger as a CSV file, newest first, read as it is sent.
#[utoipa::path(get, path = "/admin/stock/entries.csv", params(EntryFileQuery), responses((status = 200, body = String, content_type = "text/csv")))]
pub(crate) async fn file(State(app): State<App>, _staff: Staff, Query(asked): Query<EntryFileQuery>) -> Result<Attachment> {
    let found = filtered(app.read(), &asked).await?;
    let lines = stream::try_unfold((app, found, None::<i64>, true), |(app, found, before, first)| async move {
        if before == Some(0) {
            return Ok::<_, std::io::Error>(None);
        }
        let page = match before {
            Some(id) => found.clone().filter(Column::Id.lt(id)),
            None => found.clone(),
        };
        let rows = page.limit(CHUNK).all(app.read()).await.map_err(std::io::Error::other)?;
        let full = u64::try_from(rows.len()).unwrap_or_default() == CHUNK;
        let next = if full { rows.last().map_or(0, |row| row.id) } else { 0 };
        let views = views(app.read(), rows).await.map_err(std::io::Error::other)?;
        let text = csv(&views, first)?;
        Ok(Some((Bytes::from(text), (app, found, Some(next), false))))
    });
    Ok(Attachment { media_type: "text/csv; charset=utf-8", name: "stock-entries.csv".to_owned(), body: Body::from_stream(lines) })
}

async fn filtered(db: &impl ConnectionTrait, asked: &EntryFileQuery) -> Result<Select<Entity>, Error> {
    let mut found = Entity::find().order_by(Column::Id, Order::Desc);
    if let Some(code) = &asked.sku {
        let id = sku::Entity::find().filter(sku::Column::Code.eq(code)).one(db).await?.map(|row| row.id);
        found = found.filter(Column::SkuId.eq(id.unwrap_or(0)));
    }
    let numbers = [
        (Column::SkuId, asked.sku_id),
        (Column::WarehouseId, asked.warehouse_id),
        (Column::CauseId, asked.cause_id),
        (Column::ActorId, asked.actor_id),
    ];
    for (column, value) in numbers {
        if let Some(value) = value {
            found = found.filter(column.eq(value));
        }
    }
    for (column, value) in [(Column::Kind, &asked.kind), (Column::Cause, &asked.cause), (Column::ActorKind, &asked.actor_kind)] {
        if let Some(value) = value {
            found = found.filter(column.eq(value));
        }
    }
    if let Some(from) = asked.from {
        found = found.filter(Column::At.gte(from));
    }
    if let Some(until) = asked.until {
        found = found.filter(Column::At.lt(until));
    }
    Ok(found)
}

async fn views(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<StockEntryView>, Error> {
    let mut codes: BTreeMap<i64, String> = BTreeMap::new();
    let wanted: std::collections::BTreeSet<i64> = rows.iter().map(|row| row.sku_id).collect();
    for sku in sku::Entity::find().filter(sku::Column::Id.is_in(wanted)).all(db).await? {
        codes.insert(sku.id, sku.code);
    }
    let places: BTreeMap<i64, String> = warehouse::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row.code)).collect();
    let causes = |kind: &str| -> Vec<i64> { rows.iter().filter(|row| row.cause == kind).filter_map(|row| row.cause_id).collect() };
    let orders: Vec<(i64, String)> = order::Entity::find()
        .select_only()
        .columns([order::Column::Id, order::Column::Number])
        .filter(order::Column::Id.is_in(causes("order")))
        .into_tuple()
        .all(db)
        .await?;
    let parcels: Vec<(i64, String)> = shipment::Entity::find()
        .select_only()
        .columns([shipment::Column::Id, shipment::Column::Number])
        .filter(shipment::Column::Id.is_in(causes("shipment")))
        .into_tuple()
        .all(db)
        .await?;
    let orders: BTreeMap<i64, String> = orders.into_iter().collect();
    let parcels: BTreeMap<i64, String> = parcels.into_iter().collect();
    let view = |row: Model| StockEntryView {
        id: row.id,
        at: row.at,
        sku_id: row.sku_id,
        sku: codes.get(&row.sku_id).cloned().unwrap_or_default(),
        warehouse_id: row.warehouse_id,
        warehouse: places.get(&row.warehouse_id).cloned().unwrap_or_default(),
        on_hand_before: row.on_hand_after - row.on_hand_delta,
        on_hand_delta: row.on_hand_delta,
        on_hand_after: row.on_hand_after,
        reserved_before: row.reserved_after - row.reserved_delta,
        reserved_delta: row.reserved_delta,
        reserved_after: row.reserved_after,
        held_delta: row.held_delta,
        held_after: row.held_after,
        cause_number: row.cause_id.and_then(|id| match row.cause.as_str() {
            "order" => orders.get(&id).cloned(),
            "shipment" => parcels.get(&id).cloned(),
            _ => None,
        }),
        kind: row.kind,
        cause: row.cause,
        cause_id: row.cause_id,
        reason: row.reason,
        note: row.note,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor_name: row.actor_name,
    };
    Ok(rows.into_iter().map(view).collect())
}

const HEADINGS: [&str; 15] = [
    "id",
    "at",
    "sku",
    "warehouse",
    "kind",
    "on_hand_before",
    "on_hand_delta",
    "on_hand_after",
    "reserved_delta",
    "reserved_after",
    "cause",
    "cause_number",
    "reason",
    "note",
    "actor",
];

fn csv(rows: &[StockEntryView], first: bool) -> std::io::Result<Vec<u8>> {
    // The mark tells spreadsheets that the file is UTF-8.
    let start = if first { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let mut out = csv::Writer::from_writer(start);
    if first {
        out.write_record(HEADINGS)?;
    }
    for row in rows {
        out.write_record([
            row.id.to_string(),
            row.at.to_rfc3339(),
            inert(&row.sku),
            inert(&row.warehouse),
            row.kind.clone(),
            row.on_hand_before.to_string(),
            row.on_hand_delta.to_string(),
            row.on_hand_after.to_string(),
            row.reserved_delta.to_string(),
            row.reserved_after.to_string(),
            row.cause.clone(),
            inert(row.cause_number.as_deref().unwrap_or_default()),
            inert(row.reason.as_deref().unwrap_or_default()),
            inert(row.note.as_deref().unwrap_or_default()),
            inert(&row.actor_name),
        ])?;
    }
    out.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

/// Text that a spreadsheet does not take for a formula.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_7_the_file_holds_no_formula() {
        assert_eq!(inert("=1+1"), "'=1+1");
        assert_eq!(inert("盘点"), "盘点");
    }
}
