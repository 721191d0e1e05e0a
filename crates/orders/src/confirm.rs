//! Confirm for picking (M4.7): the gate between placed and picking, with its checks
//! listed; taken back while nothing is picked; many at once; by itself, where the
//! shop wants it so.

use axum::extract::State as Extract;
use sea_orm::Set;
use serde_json::json;
use zg_base::{App, Tx, setting};
use zg_db::entity::{order, order_line, payment_method};
use zg_domain::order::{Check, Command, ConfirmFacts, Payment, State, confirm_checks, next};
use zg_web::{Committed, Path, Result};

use crate::detail::{self, Clerk, OrderView, payment_method_of};
use crate::event::{OrderChanged, OrderConfirmed};
use crate::find::{change, due, for_change, is_picking, kept, lines_of, state_of};
use crate::settings::{AUTO_CONFIRM, AutoConfirm};
use crate::{Error, note_entry};

/// Cash on delivery: paid when the parcel arrives.
pub const COD: &str = "cod";

/// Lets an order through to picking.
#[utoipa::path(post, path = "/admin/orders/{id}/confirm", params(("id" = i64, Path)), responses((status = 200, body = OrderView)))]
pub(crate) async fn handler(Extract(app): Extract<App>, clerk: Clerk, Path(id): Path<i64>) -> Result<Committed<OrderView>> {
    let tx = app.begin(clerk.actor()).await?;
    confirm(&tx, id).await?;
    detail::committed(tx, &clerk, id).await
}

/// Lets an order through to picking, if every check passes.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Locked`], [`Error::State`], [`Error::Checks`].
pub async fn confirm(tx: &Tx, id: i64) -> Result<order::Model, Error> {
    let row = for_change(tx, id).await?;
    let to = next(state_of(&row)?, Command::Confirm)?;
    let failed = failed(tx, &row).await?;
    if !failed.is_empty() {
        return Err(Error::Checks(failed));
    }
    confirmed(tx, &row, to).await
}

/// Confirms an order that was paid just now, where the shop wants it so and every
/// check passes.
pub(crate) async fn by_itself(tx: &Tx, row: order::Model) -> Result<order::Model, Error> {
    let wanted = setting::get::<AutoConfirm>(tx.db(), AUTO_CONFIRM).await?.value;
    let Ok(to) = next(state_of(&row)?, Command::Confirm) else { return Ok(row) };
    if wanted != AutoConfirm::Paid || !failed(tx, &row).await?.is_empty() {
        return Ok(row);
    }
    confirmed(tx, &row, to).await
}

async fn failed(tx: &Tx, row: &order::Model) -> Result<Vec<Check>, Error> {
    let lines = lines_of(tx.db(), row.id).await?;
    let method = payment_method_of(tx.db(), row).await?;
    Ok(checks(row, &lines, method.as_ref()).into_iter().filter(|check| !check.passed).collect())
}

async fn confirmed(tx: &Tx, row: &order::Model, to: State) -> Result<order::Model, Error> {
    let set = order::ActiveModel { state: Set(to.as_str().to_owned()), confirmed_at: Set(Some(tx.now())), ..Default::default() };
    let after = change(tx, row, set).await?;
    note_entry(tx, row.id, "confirmed", json!({}), None).await?;
    tx.audit("order.confirm", "order", row.id, Some(json!({ "state": row.state })), Some(json!({ "state": after.state }))).await?;
    tx.publish(&OrderConfirmed((&after).into())).await?;
    Ok(after)
}

/// The checks before picking, all of them.
pub(crate) fn checks(row: &order::Model, lines: &[order_line::Model], method: Option<&payment_method::Model>) -> Vec<Check> {
    let open = |line: &order_line::Model| (line.quantity - line.cancelled - line.shipped).max(0);
    let promised = row.payment_state == Payment::Authorized.as_str();
    confirm_checks(ConfirmFacts {
        paid: promised || kept(row) >= due(row),
        cash_on_delivery: method.is_some_and(|method| method.kind == COD),
        needs_shipping: lines.iter().any(|line| open(line) > 0),
        has_address: row.address.is_some(),
        has_contact: row.phone.is_some() || row.email.is_some(),
        stock_held: lines.iter().all(|line| line.allocated >= open(line)),
    })
}

/// Takes an order back before picking.
#[utoipa::path(post, path = "/admin/orders/{id}/unconfirm", params(("id" = i64, Path)), responses((status = 200, body = OrderView)))]
pub(crate) async fn back(Extract(app): Extract<App>, clerk: Clerk, Path(id): Path<i64>) -> Result<Committed<OrderView>> {
    let tx = app.begin(clerk.actor()).await?;
    unconfirm(&tx, id).await?;
    detail::committed(tx, &clerk, id).await
}

async fn unconfirm(tx: &Tx, id: i64) -> Result<order::Model, Error> {
    let row = for_change(tx, id).await?;
    let to = next(state_of(&row)?, Command::Unconfirm)?;
    if is_picking(tx.db(), id).await? {
        return Err(Error::Picking);
    }
    if let Some(line) = lines_of(tx.db(), id).await?.iter().find(|line| line.shipped > 0) {
        return Err(Error::Cancel(zg_domain::order::CancelRefusal::Shipped(line.id)));
    }
    let set = order::ActiveModel { state: Set(to.as_str().to_owned()), confirmed_at: Set(None), ..Default::default() };
    let after = change(tx, &row, set).await?;
    note_entry(tx, id, "unconfirmed", json!({}), None).await?;
    tx.audit("order.unconfirm", "order", id, Some(json!({ "state": row.state })), Some(json!({ "state": after.state }))).await?;
    tx.publish(&OrderChanged((&after).into())).await?;
    Ok(after)
}
