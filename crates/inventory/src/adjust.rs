//! Adjust stock (M5.2): more, fewer, or as counted, with a reason. A count sheet
//! is many lines of `set_to`; the answer is its variance.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set, Unchanged};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{App, Event, Tx};
use zg_db::entity::{sku, stock, warehouse};
use zg_web::{Committed, Json, Problem, Result, Staff, View};

use crate::ledger::{self, Cause, Delta, Place};
use crate::{Error, default_warehouse};

/// Lines of one request.
const LINES: usize = 1_000;
/// The most that lies in one place.
const MOST: i64 = 1_000_000_000;

/// How a line changes what is on hand.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schema(as = StockAdjustKind)]
pub enum AdjustKind {
    /// So many more.
    Increase,
    /// So many fewer.
    Decrease,
    /// Exactly so many: a count.
    SetTo,
}

/// One line: a SKU in a warehouse.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StockAdjustLine)]
pub struct AdjustLine {
    /// The SKU's code.
    pub sku: String,
    /// The warehouse; the default channel's first, if absent.
    #[serde(default)]
    pub warehouse_id: Option<i64>,
    /// How.
    pub kind: AdjustKind,
    /// How many: never negative.
    #[schema(minimum = 0)]
    pub quantity: i64,
}

/// An adjustment.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StockAdjust)]
pub struct Adjust {
    /// Why, `damaged`, `count`, `found`.
    pub reason: String,
    /// In more words.
    #[serde(default)]
    pub note: Option<String>,
    /// The paper it stands on.
    #[serde(default)]
    pub document: Option<String>,
    /// Only say what would change.
    #[serde(default)]
    pub dry_run: bool,
    /// From 1 to 1,000.
    pub lines: Vec<AdjustLine>,
}

/// What became of a line.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
#[schema(as = StockAdjusted)]
pub struct Adjusted {
    /// As sent.
    pub sku: String,
    /// Where.
    pub warehouse_id: i64,
    /// Why it was refused: `stock_sku_unknown`, `stock_warehouse_unknown`, `stock_negative`, `stock_below_zero`.
    pub refused: Option<String>,
    /// On hand before.
    pub before: i64,
    /// On hand after.
    pub after: i64,
    /// After less before: of a count, its variance.
    pub variance: i64,
}

/// The answer to an adjustment, line by line as sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct StockAdjustments {
    dry_run: bool,
    done: usize,
    refused: usize,
    lines: Vec<Adjusted>,
}

impl View for StockAdjustments {}

/// Stock of these SKUs changed by hand.
#[derive(Serialize)]
struct StockAdjustedEvent {
    sku_ids: Vec<i64>,
}

impl Event for StockAdjustedEvent {
    const TOPIC: &'static str = "stock.read";
    const KIND: &'static str = "stock.adjusted";

    fn entity_id(&self) -> Option<i64> {
        self.sku_ids.first().copied()
    }
}

/// Adjusts stock. A line that is refused does not keep the others from being done.
#[utoipa::path(post, path = "/admin/stock/adjustments", request_body = Adjust, responses((status = 200, body = StockAdjustments)))]
pub(crate) async fn handler(State(app): State<App>, staff: Staff, Json(asked): Json<Adjust>) -> Result<Committed<StockAdjustments>> {
    if asked.reason.trim().is_empty() || asked.reason.chars().count() > 64 {
        return Err(Problem::unprocessable("invalid").field("/reason", "stock_reason_missing"));
    }
    let tx = app.begin(&staff.actor).await?;
    let lines = adjust(&tx, &asked).await?;
    let refused = lines.iter().filter(|line| line.refused.is_some()).count();
    Committed::ok(tx, StockAdjustments { dry_run: asked.dry_run, done: lines.len() - refused, refused, lines }).await
}

/// Adjusts stock, line by line in the order sent; rows are locked in ascending order.
///
/// # Errors
/// [`Error::Lines`]; what is wrong with a line stands in its result.
pub async fn adjust(tx: &Tx, asked: &Adjust) -> Result<Vec<Adjusted>, Error> {
    if asked.lines.is_empty() || asked.lines.len() > LINES {
        return Err(Error::Lines { limit: LINES });
    }
    let places = places(tx, asked).await?;
    if !asked.dry_run {
        make_rows(tx, places.iter().filter_map(|place| place.as_ref().ok()).copied()).await?;
    }
    let mut rows = locked(tx, places.iter().filter_map(|place| place.as_ref().ok()).copied()).await?;
    let mut entries = Vec::new();
    let mut results = Vec::with_capacity(asked.lines.len());
    let mut changed: BTreeMap<Place, i64> = BTreeMap::new();
    for (line, place) in asked.lines.iter().zip(&places) {
        let place = match place {
            Ok(place) => *place,
            Err((warehouse_id, code)) => {
                results.push(refused(line, *warehouse_id, code, 0));
                continue;
            }
        };
        let row = rows.entry(place).or_insert_with(|| blank(place));
        let before = row.on_hand;
        match after(row, line) {
            Ok(after) => {
                let delta = Delta { on_hand: after - before, ..Delta::default() };
                row.on_hand = after;
                if delta.on_hand != 0 || line.kind == AdjustKind::SetTo {
                    changed.insert(place, after);
                    entries.push(ledger::line(tx, row, delta, &cause(asked, line.kind)));
                }
                results.push(Adjusted {
                    sku: line.sku.clone(),
                    warehouse_id: place.1,
                    refused: None,
                    before,
                    after,
                    variance: delta.on_hand,
                });
            }
            Err(code) => results.push(refused(line, place.1, code, before)),
        }
    }
    if asked.dry_run || changed.is_empty() {
        return Ok(results);
    }
    for (place, on_hand) in &changed {
        let Some(row) = rows.get(place) else { continue };
        let set = stock::ActiveModel { id: Unchanged(row.id), on_hand: Set(*on_hand), ..Default::default() };
        set.update(tx.db()).await?;
    }
    ledger::write(tx, entries).await?;
    let sku_ids: Vec<i64> = changed.keys().map(|(sku_id, _)| *sku_id).collect();
    let summary = serde_json::json!({ "reason": asked.reason, "document": asked.document, "lines": results });
    tx.audit("stock.adjust", "stock", sku_ids.first().copied().unwrap_or_default(), None, Some(summary)).await?;
    tx.publish(&StockAdjustedEvent { sku_ids }).await?;
    Ok(results)
}

fn cause(asked: &Adjust, kind: AdjustKind) -> Cause {
    let kind = if kind == AdjustKind::SetTo { "count" } else { "adjust" };
    let words: Vec<&str> =
        [&asked.document, &asked.note].into_iter().filter_map(|text| text.as_deref()).filter(|text| !text.is_empty()).collect();
    Cause {
        reason: Some(asked.reason.trim().to_owned()),
        note: if words.is_empty() { None } else { Some(words.join(" · ")) },
        ..Cause::new(kind, "adjustment", None)
    }
}

/// What is on hand after a line, or why it is refused.
fn after(row: &stock::Model, line: &AdjustLine) -> Result<i64, &'static str> {
    if line.quantity < 0 || line.quantity > MOST {
        return Err("stock_below_zero");
    }
    let after = match line.kind {
        AdjustKind::Increase => row.on_hand + line.quantity,
        AdjustKind::Decrease => row.on_hand - line.quantity,
        AdjustKind::SetTo => line.quantity,
    };
    let lower = after < row.on_hand;
    if lower && (after < 0 || after - row.reserved - row.held < -row.backorder_limit) { Err("stock_negative") } else { Ok(after) }
}

fn refused(line: &AdjustLine, warehouse_id: i64, code: &str, before: i64) -> Adjusted {
    Adjusted { sku: line.sku.clone(), warehouse_id, refused: Some(code.to_owned()), before, after: before, variance: 0 }
}

type Placed = Result<Place, (i64, &'static str)>;

/// Where each line is meant to be.
async fn places(tx: &Tx, asked: &Adjust) -> Result<Vec<Placed>, Error> {
    let codes = asked.lines.iter().map(|line| line.sku.as_str());
    let skus = sku::Entity::find().filter(sku::Column::Code.is_in(codes)).all(tx.db()).await?;
    let by_code: BTreeMap<&str, i64> = skus.iter().map(|row| (row.code.as_str(), row.id)).collect();
    let warehouses: Vec<i64> = warehouse::Entity::find().all(tx.db()).await?.into_iter().map(|row| row.id).collect();
    let default = default_warehouse(tx.db()).await?;
    let place = |line: &AdjustLine| {
        let warehouse_id = line.warehouse_id.unwrap_or(default);
        if !warehouses.contains(&warehouse_id) {
            return Err((warehouse_id, "stock_warehouse_unknown"));
        }
        by_code.get(line.sku.as_str()).map(|id| (*id, warehouse_id)).ok_or((warehouse_id, "stock_sku_unknown"))
    };
    Ok(asked.lines.iter().map(place).collect())
}

pub(crate) async fn make_rows(tx: &Tx, places: impl Iterator<Item = Place>) -> Result<(), Error> {
    let unique: std::collections::BTreeSet<Place> = places.collect();
    let unique: Vec<Place> = unique.into_iter().collect();
    for chunk in unique.chunks(500) {
        let rows = chunk.iter().map(|place| {
            let row = blank(*place);
            stock::ActiveModel {
                sku_id: Set(row.sku_id),
                warehouse_id: Set(row.warehouse_id),
                on_hand: Set(0),
                reserved: Set(0),
                held: Set(0),
                incoming: Set(0),
                min: Set(0),
                reorder: Set(0),
                backorder_limit: Set(0),
                version: Set(1),
                ..Default::default()
            }
        });
        stock::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns([stock::Column::SkuId, stock::Column::WarehouseId]).do_nothing().to_owned())
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}

pub(crate) async fn locked(tx: &Tx, places: impl Iterator<Item = Place>) -> Result<BTreeMap<Place, stock::Model>, Error> {
    let mut by_warehouse: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (sku_id, warehouse_id) in places {
        by_warehouse.entry(warehouse_id).or_default().push(sku_id);
    }
    if by_warehouse.is_empty() {
        return Ok(BTreeMap::new());
    }
    let any = by_warehouse.into_iter().fold(Condition::any(), |any, (warehouse_id, skus)| {
        any.add(Condition::all().add(stock::Column::WarehouseId.eq(warehouse_id)).add(stock::Column::SkuId.is_in(skus)))
    });
    let rows = stock::Entity::find()
        .filter(any)
        .order_by(stock::Column::SkuId, Order::Asc)
        .order_by(stock::Column::WarehouseId, Order::Asc)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|row| ((row.sku_id, row.warehouse_id), row)).collect())
}

pub(crate) fn blank((sku_id, warehouse_id): Place) -> stock::Model {
    stock::Model {
        id: 0,
        sku_id,
        warehouse_id,
        on_hand: 0,
        reserved: 0,
        held: 0,
        incoming: 0,
        min: 0,
        reorder: 0,
        backorder_limit: 0,
        bin: None,
        version: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: AdjustKind, quantity: i64) -> AdjustLine {
        AdjustLine { sku: "TEA".to_owned(), warehouse_id: None, kind, quantity }
    }

    #[test]
    fn m5_2_an_adjustment_never_takes_what_is_reserved_or_held() {
        let row = stock::Model { on_hand: 10, reserved: 6, held: 1, ..blank((1, 1)) };
        assert_eq!(after(&row, &line(AdjustKind::Decrease, 3)), Ok(7));
        assert_eq!(after(&row, &line(AdjustKind::Decrease, 4)), Err("stock_negative"));
        assert_eq!(after(&row, &line(AdjustKind::SetTo, 6)), Err("stock_negative"));
        assert_eq!(after(&row, &line(AdjustKind::Increase, 5)), Ok(15));
        assert_eq!(after(&row, &line(AdjustKind::Increase, -1)), Err("stock_below_zero"));
    }
}
