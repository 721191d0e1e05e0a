//! The settings of a SKU in a warehouse: minimum, reorder quantity, safety stock,
//! how many may be sold before they arrive. The row's version covers these alone:
//! a sale does not make an open form stale.

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{sku, stock, warehouse};
use zg_web::{Committed, IfMatch, Json, Path, Result, Staff, View};

use crate::Error;
use crate::adjust::{locked, make_rows};
use crate::ledger::{self, Cause, Delta, Place};
use crate::list::StockLevel;

/// What is to be changed; what is absent stays.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StockSettings {
    /// At or below this it runs low; 0 is never.
    #[schema(minimum = 0)]
    min: Option<i64>,
    /// How many to order at a time.
    #[schema(minimum = 0)]
    reorder: Option<i64>,
    /// Safety stock: never sold.
    #[schema(minimum = 0)]
    held: Option<i64>,
    /// How many may be sold before they arrive.
    #[schema(minimum = 0)]
    backorder_limit: Option<i64>,
    /// How many are on their way.
    #[schema(minimum = 0)]
    incoming: Option<i64>,
    /// The shelf it lies on, of at most 64 characters; empty clears it. Pick lists are sorted by it.
    bin: Option<String>,
}

impl View for StockLevel {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Changes the settings of a SKU in a warehouse. `If-Match` is the level's version,
/// 0 where there is no stock yet.
#[utoipa::path(patch, path = "/admin/stock/{sku_id}/{warehouse_id}", params(("sku_id" = i64, Path), ("warehouse_id" = i64, Path), IfMatch), request_body = StockSettings, responses((status = 200, body = StockLevel)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Path(place): Path<Place>,
    IfMatch(version): IfMatch,
    Json(asked): Json<StockSettings>,
) -> Result<Committed<StockLevel>> {
    let tx = app.begin(&staff.actor).await?;
    let warehouse = warehouse::Entity::find_by_id(place.1).one(tx.db()).await?.ok_or(Error::WarehouseUnknown)?;
    let row = change(&tx, place, version, &asked).await?;
    Committed::ok(tx, StockLevel::of(&row, &warehouse)).await
}

async fn change(tx: &Tx, place: Place, version: i64, asked: &StockSettings) -> Result<stock::Model, Error> {
    let fields = [
        ("min", asked.min),
        ("reorder", asked.reorder),
        ("held", asked.held),
        ("backorder_limit", asked.backorder_limit),
        ("incoming", asked.incoming),
    ];
    if let Some((field, _)) = fields.into_iter().find(|(_, value)| value.is_some_and(|value| value < 0)) {
        return Err(Error::BelowZero(field));
    }
    let bin = match asked.bin.as_deref().map(str::trim) {
        Some(text) if text.chars().count() > 64 => return Err(Error::BinTooLong),
        Some("") => Some(None),
        Some(text) => Some(Some(text.to_owned())),
        None => None,
    };
    let known = sku::Entity::find_by_id(place.0).filter(sku::Column::DeletedAt.is_null()).one(tx.db()).await?;
    known.ok_or(Error::SkuUnknown)?;
    let version = if version == 0 {
        make_rows(tx, std::iter::once(place)).await?;
        1
    } else {
        version
    };
    let before = locked(tx, std::iter::once(place)).await?.remove(&place).ok_or(Error::Changed)?;
    if before.version != version {
        return Err(Error::Changed);
    }
    let after = stock::Model {
        min: asked.min.unwrap_or(before.min),
        reorder: asked.reorder.unwrap_or(before.reorder),
        held: asked.held.unwrap_or(before.held),
        backorder_limit: asked.backorder_limit.unwrap_or(before.backorder_limit),
        incoming: asked.incoming.unwrap_or(before.incoming),
        bin: bin.unwrap_or_else(|| before.bin.clone()),
        version: version + 1,
        ..before.clone()
    };
    if after.on_hand - after.reserved - after.held < -after.backorder_limit {
        return Err(Error::Negative { left: after.on_hand - after.reserved + after.backorder_limit });
    }
    let set = stock::ActiveModel {
        min: Set(after.min),
        reorder: Set(after.reorder),
        held: Set(after.held),
        backorder_limit: Set(after.backorder_limit),
        incoming: Set(after.incoming),
        bin: Set(after.bin.clone()),
        version: Set(after.version),
        ..Default::default()
    };
    let done = stock::Entity::update_many()
        .set(set)
        .filter(stock::Column::Id.eq(before.id))
        .filter(stock::Column::Version.eq(before.version))
        .exec(tx.db())
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::Changed);
    }
    if after.held != before.held {
        let delta = Delta { held: after.held - before.held, ..Delta::default() };
        ledger::write(tx, vec![ledger::line(tx, &after, delta, &Cause::new("hold", "settings", None))]).await?;
    }
    tx.audit("stock.settings", "stock", before.id, Some(seen(&before)), Some(seen(&after))).await?;
    Ok(after)
}

fn seen(row: &stock::Model) -> serde_json::Value {
    json!({
        "sku_id": row.sku_id,
        "warehouse_id": row.warehouse_id,
        "min": row.min,
        "reorder": row.reorder,
        "held": row.held,
        "backorder_limit": row.backorder_limit,
        "incoming": row.incoming,
        "bin": row.bin,
    })
}
