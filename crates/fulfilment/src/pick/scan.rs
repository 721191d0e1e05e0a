//! Pick (M5.8): scan a SKU's code or barcode, or name a line. Pieces go to the order
//! that was placed first. What is not on the shelf is reported missing (a short
//! pick): the order then leaves the list with what was found, and the rest is
//! shipped later, called off, or picked again.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{order, pick_list, pick_list_line, sku};
use zg_orders::Move;
use zg_web::{Committed, Json, Path, Result, Staff, View};

use crate::Error;
use crate::pick::detail::{PickSku, by_sku};
use crate::pick::list::{self, PickListRow};
use crate::pick::{open, touched};

/// Pieces at a time.
const MOST: i64 = 1_000_000;

/// What was taken, put back, or not found: a code or a line.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PickScan {
    /// A SKU's code or barcode.
    #[serde(default)]
    code: Option<String>,
    /// A line of the list, instead.
    #[serde(default)]
    line_id: Option<i64>,
    /// How many pieces.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: i64,
}

fn one() -> i64 {
    1
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PickScanned {
    /// The list as it stands.
    list: PickListRow,
    /// The SKU as it stands on the list.
    sku: PickSku,
}

impl View for PickScanned {
    fn version(&self) -> Option<i64> {
        Some(self.list.version)
    }
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Pick,
    Unpick,
    Short,
}

/// Picks pieces: by scan, or by line.
#[utoipa::path(post, path = "/admin/pick-lists/{id}/pick", params(("id" = i64, Path)), request_body = PickScan, responses((status = 200, body = PickScanned)))]
pub(crate) async fn pick(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<PickScan>,
) -> Result<Committed<PickScanned>> {
    let tx = app.begin(&staff.actor).await?;
    let view = scanned(&tx, id, Step::Pick, &asked).await?;
    Committed::ok(tx, view).await
}

/// Puts picked pieces back on the shelf.
#[utoipa::path(post, path = "/admin/pick-lists/{id}/unpick", params(("id" = i64, Path)), request_body = PickScan, responses((status = 200, body = PickScanned)))]
pub(crate) async fn unpick(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<PickScan>,
) -> Result<Committed<PickScanned>> {
    let tx = app.begin(&staff.actor).await?;
    let view = scanned(&tx, id, Step::Unpick, &asked).await?;
    Committed::ok(tx, view).await
}

/// Reports pieces that are not on the shelf. Picking them later takes them back.
#[utoipa::path(post, path = "/admin/pick-lists/{id}/short", params(("id" = i64, Path)), request_body = PickScan, responses((status = 200, body = PickScanned)))]
pub(crate) async fn short(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<PickScan>,
) -> Result<Committed<PickScanned>> {
    let tx = app.begin(&staff.actor).await?;
    let view = scanned(&tx, id, Step::Short, &asked).await?;
    Committed::ok(tx, view).await
}

async fn scanned(tx: &Tx, id: i64, step: Step, asked: &PickScan) -> Result<PickScanned, Error> {
    if !(1..=MOST).contains(&asked.quantity) {
        return Err(Error::field("/quantity", "pick_quantity"));
    }
    let list = open(tx, id).await?;
    let (sku, lines) = named(tx, id, asked).await?;
    let shares = shares(&lines, step, asked.quantity).map_err(|left| Error::PickTooMany { sku: sku.code.clone(), left })?;
    apply(tx, &list, step, &sku, &shares).await?;
    touched(tx, &list).await?;
    let numbers: BTreeMap<i64, String> = order::Entity::find()
        .filter(order::Column::Id.is_in(lines.iter().map(|line| line.order_id)))
        .all(tx.db())
        .await?
        .into_iter()
        .map(|row| (row.id, row.number))
        .collect();
    let sku = by_sku(tx.db(), id, &numbers, Some(sku.id)).await?.into_iter().next().ok_or(Error::ListNotFound)?;
    Ok(PickScanned { list: list::row(tx.db(), id).await?, sku })
}

/// The lines that a code or a line's id names, those of the oldest order first.
async fn named(tx: &Tx, list_id: i64, asked: &PickScan) -> Result<(sku::Model, Vec<pick_list_line::Model>), Error> {
    use pick_list_line::Column;
    let found = pick_list_line::Entity::find().filter(Column::PickListId.eq(list_id)).order_by(Column::Id, Order::Asc);
    if let Some(line_id) = asked.line_id {
        let line = found.filter(Column::Id.eq(line_id)).one(tx.db()).await?.ok_or_else(|| Error::field("/line_id", "pick_code_absent"))?;
        let sku = sku::Entity::find_by_id(line.sku_id).one(tx.db()).await?.ok_or_else(|| Error::field("/line_id", "pick_code_absent"))?;
        return Ok((sku, vec![line]));
    }
    let code = asked.code.as_deref().map(str::trim).filter(|code| !code.is_empty()).ok_or_else(|| Error::field("/code", "pick_code"))?;
    let known = sku::Entity::find()
        .filter(sea_orm::Condition::any().add(sku::Column::Code.eq(code)).add(sku::Column::Barcode.eq(code)))
        .all(tx.db())
        .await?;
    let lines = found.filter(Column::SkuId.is_in(known.iter().map(|sku| sku.id))).all(tx.db()).await?;
    // One barcode can stand for two SKUs: the list says which of them is meant.
    let sku = lines.first().and_then(|line| known.into_iter().find(|sku| sku.id == line.sku_id));
    let sku = sku.ok_or_else(|| Error::field("/code", "pick_code_absent"))?;
    Ok((sku.clone(), lines.into_iter().filter(|line| line.sku_id == sku.id).collect()))
}

/// How the pieces are shared out; what could be had in all, if that is fewer.
fn shares(lines: &[pick_list_line::Model], step: Step, quantity: i64) -> Result<Vec<(pick_list_line::Model, i64)>, i64> {
    // First what is simply open; then what was reported missing and turned up after all.
    let rooms: Vec<fn(&pick_list_line::Model) -> i64> = match step {
        Step::Pick => vec![|line| line.quantity - line.picked - line.short, |line| line.short],
        Step::Unpick => vec![|line| line.picked],
        Step::Short => vec![|line| line.quantity - line.picked - line.short],
    };
    let mut left = quantity;
    let mut taken: BTreeMap<i64, i64> = BTreeMap::new();
    for room in rooms {
        for line in lines {
            let part = room(line).min(left);
            if part > 0 {
                *taken.entry(line.id).or_default() += part;
                left -= part;
            }
        }
    }
    if left > 0 {
        return Err(quantity - left);
    }
    Ok(lines.iter().filter_map(|line| Some((line.clone(), *taken.get(&line.id)?))).collect())
}

async fn apply(
    tx: &Tx,
    list: &pick_list::Model,
    step: Step,
    sku: &sku::Model,
    shares: &[(pick_list_line::Model, i64)],
) -> Result<(), Error> {
    let mut by_order: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
    for (line, part) in shares {
        by_order.entry(line.order_id).or_default().push((line.order_line_id, *part));
    }
    for (order_id, moved) in &by_order {
        zg_orders::for_change(tx, *order_id).await?;
        match step {
            Step::Pick => zg_orders::move_lines(tx, *order_id, Move::Pick, moved).await?,
            Step::Unpick => zg_orders::move_lines(tx, *order_id, Move::Unpick, moved).await?,
            Step::Short => {
                let pieces: i64 = moved.iter().map(|(_, part)| part).sum();
                let data = json!({ "pick_list": list.id, "number": list.number, "sku": sku.code, "pieces": pieces });
                zg_orders::note_entry(tx, *order_id, "short_pick", data, None).await?;
            }
        }
    }
    for (line, part) in shares {
        let (picked, short) = match step {
            // Of the pieces that were missing, those that turned up are missing no more.
            Step::Pick => (line.picked + part, line.short.min(line.quantity - line.picked - part)),
            Step::Unpick => (line.picked - part, line.short),
            Step::Short => (line.picked, line.short + part),
        };
        let done = pick_list_line::Entity::update_many()
            .set(pick_list_line::ActiveModel { picked: Set(picked), short: Set(short), ..Default::default() })
            .filter(pick_list_line::Column::Id.eq(line.id))
            .filter(pick_list_line::Column::Picked.eq(line.picked))
            .filter(pick_list_line::Column::Short.eq(line.short))
            .exec(tx.db())
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::Changed);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: i64, quantity: i64, picked: i64, short: i64) -> pick_list_line::Model {
        pick_list_line::Model { id, pick_list_id: 1, order_id: id, order_line_id: id, sku_id: 1, quantity, picked, short, bin: None }
    }

    fn parts(shares: Result<Vec<(pick_list_line::Model, i64)>, i64>) -> Result<Vec<(i64, i64)>, i64> {
        shares.map(|shares| shares.into_iter().map(|(line, part)| (line.id, part)).collect())
    }

    #[test]
    fn m5_8_the_oldest_order_is_served_first() {
        let lines = [line(1, 2, 1, 0), line(2, 3, 0, 0)];
        assert_eq!(parts(shares(&lines, Step::Pick, 3)), Ok(vec![(1, 1), (2, 2)]));
        assert_eq!(parts(shares(&lines, Step::Pick, 5)), Err(4));
        assert_eq!(parts(shares(&lines, Step::Unpick, 1)), Ok(vec![(1, 1)]));
        assert_eq!(parts(shares(&lines, Step::Unpick, 2)), Err(1));
    }

    #[test]
    fn m5_8_what_turned_up_after_all_is_picked() {
        let lines = [line(1, 2, 0, 2), line(2, 1, 0, 0)];
        assert_eq!(parts(shares(&lines, Step::Pick, 2)), Ok(vec![(1, 1), (2, 1)]));
        assert_eq!(parts(shares(&lines, Step::Short, 2)), Err(1));
    }
}
