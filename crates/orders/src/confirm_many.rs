//! Confirm many orders at once (M4.7): those that pass are let through, of the others
//! the answer says why not. Every statement is about all of them.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State as Extract;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{order, order_entry, order_line, payment_method};
use zg_domain::order::{Check, Command, State, next};
use zg_web::{Committed, Json, Result, View};

use crate::actions::reason_of;
use crate::confirm::checks;
use crate::detail::Clerk;
use crate::event::OrderConfirmed;
use crate::find::state_of;
use crate::lock::OrderLock;
use crate::{Error, lock};

/// Orders of one request.
const MOST: usize = 1_000;

/// Orders to be let through.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmOrdersInput {
    /// From 1 to 1,000.
    ids: Vec<i64>,
}

/// What became of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfirmedOrders {
    done: usize,
    refused: usize,
    /// One an order, as they were sent.
    results: Vec<ConfirmResult>,
}

impl View for ConfirmedOrders {}

/// What became of one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ConfirmResult {
    id: i64,
    number: Option<String>,
    done: bool,
    /// `order_not_found`, `order_state`, `order_locked`, `order_checks`.
    code: Option<&'static str>,
    /// The same in the reader's language.
    reason: Option<String>,
    /// The checks that failed.
    checks: Vec<Check>,
}

/// Lets many orders through to picking.
#[utoipa::path(post, path = "/admin/orders/confirm", request_body = ConfirmOrdersInput, responses((status = 200, body = ConfirmedOrders)))]
pub(crate) async fn handler(
    Extract(app): Extract<App>,
    clerk: Clerk,
    Json(asked): Json<ConfirmOrdersInput>,
) -> Result<Committed<ConfirmedOrders>> {
    if asked.ids.is_empty() || asked.ids.len() > MOST {
        return Err(Error::Many { most: MOST, pointer: "/ids" }.into());
    }
    let tx = app.begin(clerk.actor()).await?;
    let found = confirm_many(&tx, &asked.ids).await?;
    let results: Vec<ConfirmResult> = asked.ids.iter().filter_map(|id| Some(result(*id, found.get(id)?, &clerk))).collect();
    let done = results.iter().filter(|result| result.done).count();
    Committed::ok(tx, ConfirmedOrders { done, refused: results.len() - done, results }).await
}

fn result(id: i64, outcome: &Outcome, clerk: &Clerk) -> ConfirmResult {
    let number = outcome.number.clone();
    let checks = outcome.checks.clone();
    let Some(code) = outcome.refused else { return ConfirmResult { id, number, done: true, code: None, reason: None, checks } };
    let reason = reason_of(code, outcome.lock.as_ref(), clerk.locale);
    ConfirmResult { id, number, done: false, code: Some(code), reason: Some(reason), checks }
}

/// What became of an order.
#[derive(Default)]
struct Outcome {
    number: Option<String>,
    refused: Option<&'static str>,
    lock: Option<OrderLock>,
    checks: Vec<Check>,
}

async fn confirm_many(tx: &Tx, ids: &[i64]) -> Result<BTreeMap<i64, Outcome>, Error> {
    let ids: BTreeSet<i64> = ids.iter().copied().collect();
    // Rows are taken in the order of their key, as everywhere.
    let rows = order::Entity::find()
        .filter(order::Column::Id.is_in(ids.iter().copied()))
        .order_by(order::Column::Id, Order::Asc)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    let mut lines: BTreeMap<i64, Vec<order_line::Model>> = BTreeMap::new();
    for line in order_line::Entity::find().filter(order_line::Column::OrderId.is_in(ids.iter().copied())).all(tx.db()).await? {
        lines.entry(line.order_id).or_default().push(line);
    }
    let methods = payment_method::Entity::find().all(tx.db()).await?;
    let missing = || Outcome { refused: Some("order_not_found"), ..Outcome::default() };
    let mut outcomes: BTreeMap<i64, Outcome> = ids.into_iter().map(|id| (id, missing())).collect();
    let mut passed = Vec::new();
    for row in rows {
        let method = methods.iter().find(|method| Some(&method.code) == row.payment_method.as_ref());
        let lines = lines.remove(&row.id).unwrap_or_default();
        let outcome = judge(tx, &row, &lines, method)?;
        if outcome.refused.is_none() {
            passed.push(row.clone());
        }
        outcomes.insert(row.id, outcome);
    }
    if !passed.is_empty() {
        write(tx, passed).await?;
    }
    Ok(outcomes)
}

fn judge(tx: &Tx, row: &order::Model, lines: &[order_line::Model], method: Option<&payment_method::Model>) -> Result<Outcome, Error> {
    let mut outcome = Outcome { number: Some(row.number.clone()), ..Outcome::default() };
    let failed: Vec<Check> = checks(row, lines, method).into_iter().filter(|check| !check.passed).collect();
    if lock::refuse_others(tx, row).is_err() {
        outcome.refused = Some("order_locked");
        outcome.lock = OrderLock::of(row, tx.now());
    } else if next(state_of(row)?, Command::Confirm).is_err() {
        outcome.refused = Some("order_state");
    } else if !failed.is_empty() {
        outcome.refused = Some("order_checks");
        outcome.checks = failed;
    }
    Ok(outcome)
}

async fn write(tx: &Tx, mut rows: Vec<order::Model>) -> Result<(), Error> {
    use order::Column;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let set =
        order::ActiveModel { state: Set(State::Confirmed.as_str().to_owned()), confirmed_at: Set(Some(tx.now())), ..Default::default() };
    let done = order::Entity::update_many()
        .set(set)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.eq(State::Placed.as_str()))
        .exec(tx.db())
        .await?;
    if usize::try_from(done.rows_affected).ok() != Some(ids.len()) {
        return Err(Error::Changed);
    }
    let entry = |id: &i64| order_entry::ActiveModel {
        order_id: Set(*id),
        at: Set(tx.now()),
        kind: Set("confirmed".to_owned()),
        actor_kind: Set(tx.actor().kind.as_str().to_owned()),
        actor_id: Set(tx.actor().id),
        actor_name: Set(tx.actor().name.clone()),
        data: Set(json!({ "together_with": ids.len() - 1 })),
        comment: Set(None),
        ..Default::default()
    };
    order_entry::Entity::insert_many(ids.iter().map(entry)).exec_without_returning(tx.db()).await?;
    tx.audit("order.confirm_many", "order", ids.first().copied().unwrap_or_default(), None, Some(json!({ "ids": ids }))).await?;
    let told: Vec<OrderConfirmed> = rows
        .iter_mut()
        .map(|row| {
            State::Confirmed.as_str().clone_into(&mut row.state);
            OrderConfirmed((&*row).into())
        })
        .collect();
    tx.publish_all(&told).await?;
    Ok(())
}
