//! Call off pieces of an order (M4.3), while the rest goes on.
//!
//! What is called off takes its share of its line's total along, by proration, so
//! that all pieces together cost what the line did. Promotions and shipping stay as
//! they were sold. What the line came to before stands in `order_change`. Calling
//! off the last open pieces of an order of which nothing has left cancels it.

use std::collections::BTreeMap;

use axum::extract::State as Extract;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{order, order_change, order_line};
use zg_domain::Ppm;
use zg_domain::order::{CancelLine, LineAmounts, State, call_off, plan_cancel_lines};
use zg_domain::pricing::{tax_of, unit_of};
use zg_web::{Committed, IfMatch, Json, Path, Result};

use crate::cancel::{CancelReason, cancelled, facts, why};
use crate::detail::{self, Clerk, OrderView};
use crate::event::OrderChanged;
use crate::find::{change, for_change, lines_of, to_refund};
use crate::moves::by_line;
use crate::{Error, complete_when_done, letter, note_entry, settle_fulfilment, settle_payment};

/// Lines of one request.
const LINES: usize = 1_000;

/// Pieces of a line to be called off.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelOrderLine {
    /// Row of `order_line`.
    line_id: i64,
    /// How many, from 1 to what is still to leave.
    #[schema(minimum = 1)]
    quantity: i64,
}

/// Pieces of an order to be called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelOrderLines {
    /// Which pieces.
    lines: Vec<CancelOrderLine>,
    /// Why; `expired` is the shop's own.
    reason: CancelReason,
    /// In words; needed for `other`.
    #[serde(default)]
    #[schema(max_length = 500)]
    comment: Option<String>,
}

/// Calls off pieces of an order. `If-Match` is the version whose counts were seen.
#[utoipa::path(post, path = "/admin/orders/{id}/cancel-lines",
    params(("id" = i64, Path), IfMatch),
    request_body = CancelOrderLines, responses((status = 200, body = OrderView)))]
pub(crate) async fn handler(
    Extract(app): Extract<App>,
    clerk: Clerk,
    Path(id): Path<i64>,
    IfMatch(version): IfMatch,
    Json(asked): Json<CancelOrderLines>,
) -> Result<Committed<OrderView>> {
    let (reason, comment) = why(asked.reason, asked.comment.as_deref())?;
    if asked.lines.is_empty() || asked.lines.len() > LINES {
        return Err(Error::Many { most: LINES, pointer: "/lines" }.into());
    }
    let wanted: Vec<CancelLine> = asked.lines.iter().map(|line| CancelLine { line_id: line.line_id, quantity: line.quantity }).collect();
    let tx = app.begin(clerk.actor()).await?;
    cancel_lines(&tx, id, version, &wanted, (reason, comment.as_deref())).await?;
    detail::committed(tx, &clerk, id).await
}

/// Calls off pieces of an order.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Locked`], [`Error::Changed`] if the version is
/// another, [`Error::State`], [`Error::Picking`]; [`Error::Cancel`] if a line has not
/// so many open pieces.
pub(crate) async fn cancel_lines(
    tx: &Tx,
    id: i64,
    version: i64,
    wanted: &[CancelLine],
    why: (CancelReason, Option<&str>),
) -> Result<order::Model, Error> {
    let row = for_change(tx, id).await?;
    if row.version != version {
        return Err(Error::Changed);
    }
    let lines = lines_of(tx.db(), id).await?;
    let plan = plan_cancel_lines(&facts(tx, &row, &lines).await?, wanted)?;
    if plan.state == State::Cancelled {
        return cancelled(tx, &row, &lines, &plan, why).await;
    }
    let pieces = by_line_id(&plan.lines);
    let called: Vec<Called> = lines.iter().filter_map(|line| Some(Called::of(line, *pieces.get(&line.id)?, included(&row)))).collect();
    change(tx, &row, totals(&row, &lines, &called)).await?;
    // Lines that were sold without stock hold none: nothing of them is given back.
    let held: Vec<(i64, i64)> = called.iter().filter(|line| line.released > 0).map(|line| (line.id, line.released)).collect();
    zg_inventory::release(tx, id, &held).await?;
    write(tx, id, &called).await?;
    record(tx, &row, &lines, &called, why).await?;
    settle_payment(tx, id).await?;
    settle_fulfilment(tx, id).await?;
    let after = complete_when_done(tx, id).await?;
    note_entry(tx, id, "lines_cancelled", told(&after, &lines, &called, why.0), why.1).await?;
    tx.publish(&OrderChanged((&after).into())).await?;
    let count = |line: &order_line::Model| pieces.get(&line.id).map(|quantity| (line.clone(), *quantity));
    letter::lines_cancelled(tx, &after, &lines.iter().filter_map(count).collect::<Vec<_>>(), why.0).await?;
    Ok(after)
}

fn by_line_id(lines: &[CancelLine]) -> BTreeMap<i64, i64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(line.line_id).or_default() += line.quantity;
    }
    sums
}

/// A line after pieces of it were called off.
struct Called {
    id: i64,
    /// Called off now.
    pieces: i64,
    /// Called off in all.
    cancelled: i64,
    /// Given back to stock.
    released: i64,
    allocated: i64,
    picked: i64,
    unit: i64,
    amounts: LineAmounts,
}

impl Called {
    fn of(line: &order_line::Model, pieces: i64, included: bool) -> Self {
        let standing = line.quantity - line.cancelled;
        let before = LineAmounts { list: line.list_minor, discount: line.discount_minor, total: line.total_minor, tax: line.tax_minor };
        let amounts = call_off(before, standing, pieces, |total| tax_of(total, Ppm(line.tax_ppm), included));
        let released = pieces.min(line.allocated);
        let left = standing - pieces;
        Self {
            id: line.id,
            pieces,
            cancelled: line.cancelled + pieces,
            released,
            allocated: line.allocated - released,
            picked: line.picked.min(left),
            unit: if left > 0 { unit_of(amounts.total, left) } else { line.unit_minor },
            amounts,
        }
    }
}

/// Was tax within the prices? An order has all of its tax within or all on top.
fn included(row: &order::Model) -> bool {
    row.tax_added_minor == 0
}

/// What the order comes to, its lines being so.
fn totals(row: &order::Model, lines: &[order_line::Model], called: &[Called]) -> order::ActiveModel {
    let mut change = LineAmounts { list: 0, discount: 0, total: 0, tax: 0 };
    for line in called {
        if let Some(before) = lines.iter().find(|before| before.id == line.id) {
            change.discount += line.amounts.discount - before.discount_minor;
            change.total += line.amounts.total - before.total_minor;
            change.tax += line.amounts.tax - before.tax_minor;
        }
    }
    let (added, within) = if included(row) { (0, change.tax) } else { (change.tax, 0) };
    order::ActiveModel {
        lines_minor: Set(row.lines_minor + change.total),
        discount_minor: Set(row.discount_minor + change.discount),
        tax_added_minor: Set(row.tax_added_minor + added),
        tax_included_minor: Set(row.tax_included_minor + within),
        total_minor: Set(row.total_minor + change.total + added),
        ..Default::default()
    }
}

/// Writes the lines, in one statement.
async fn write(tx: &Tx, order_id: i64, called: &[Called]) -> Result<(), Error> {
    use order_line::Column::{Allocated, Cancelled, DiscountMinor, Id, OrderId, Picked, TaxMinor, TotalMinor, UnitMinor};
    let of = |number: fn(&Called) -> i64| -> Expr { by_line(&called.iter().map(|line| (line.id, number(line))).collect()) };
    order_line::Entity::update_many()
        .col_expr(Cancelled, of(|line| line.cancelled))
        .col_expr(Allocated, of(|line| line.allocated))
        .col_expr(Picked, of(|line| line.picked))
        .col_expr(UnitMinor, of(|line| line.unit))
        .col_expr(DiscountMinor, of(|line| line.amounts.discount))
        .col_expr(TotalMinor, of(|line| line.amounts.total))
        .col_expr(TaxMinor, of(|line| line.amounts.tax))
        .filter(OrderId.eq(order_id))
        .filter(Id.is_in(called.iter().map(|line| line.id)))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// One step of a change of an order.
#[derive(Serialize)]
struct Action<'a> {
    action: &'static str,
    line_id: i64,
    sku: &'a str,
    quantity: i64,
    /// In minor units.
    total_before: i64,
    total_after: i64,
}

fn steps<'a>(lines: &'a [order_line::Model], called: &'a [Called]) -> Vec<Action<'a>> {
    let step = |line: &'a Called| {
        let before = lines.iter().find(|before| before.id == line.id)?;
        Some(Action {
            action: "call_off",
            line_id: line.id,
            sku: &before.sku_code,
            quantity: line.pieces,
            total_before: before.total_minor,
            total_after: line.amounts.total,
        })
    };
    called.iter().filter_map(step).collect()
}

fn told(after: &order::Model, lines: &[order_line::Model], called: &[Called], reason: CancelReason) -> serde_json::Value {
    json!({ "reason": reason, "lines": steps(lines, called), "total": after.total_minor, "to_refund": to_refund(after) })
}

async fn record(
    tx: &Tx,
    row: &order::Model,
    lines: &[order_line::Model],
    called: &[Called],
    (reason, comment): (CancelReason, Option<&str>),
) -> Result<(), Error> {
    let actions = serde_json::to_value(steps(lines, called)).map_err(zg_base::Error::from)?;
    let change = order_change::ActiveModel {
        order_id: Set(row.id),
        base_version: Set(row.version),
        kind: Set("cancel".to_owned()),
        state: Set("confirmed".to_owned()),
        policy: Set("freeze".to_owned()),
        reason: Set(Some(comment.map_or_else(|| reason.as_str().to_owned(), |text| format!("{}: {text}", reason.as_str())))),
        actor_name: Set(tx.actor().name.clone()),
        at: Set(tx.now()),
        actions: Set(actions.clone()),
        ..Default::default()
    };
    order_change::Entity::insert(change).exec_without_returning(tx.db()).await?;
    tx.audit("order.cancel_lines", "order", row.id, Some(json!({ "total": row.total_minor })), Some(actions)).await?;
    Ok(())
}
