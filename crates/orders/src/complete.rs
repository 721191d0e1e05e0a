//! Complete an order by hand: everything has left and nothing is due, but nobody
//! told the shop that it arrived.

use axum::extract::State;
use serde_json::json;
use zg_base::{App, Tx};
use zg_db::entity::order;
use zg_domain::Money;
use zg_domain::order::{Command, next};
use zg_web::{Committed, Path, Result};

use crate::Error;
use crate::detail::{self, Clerk, OrderView};
use crate::find::{for_change, lines_of, state_of, to_pay};
use crate::settle::completed;
use crate::view::currency_of;

/// Completes an order.
#[utoipa::path(post, path = "/admin/orders/{id}/complete", params(("id" = i64, Path)), responses((status = 200, body = OrderView)))]
pub(crate) async fn handler(State(app): State<App>, clerk: Clerk, Path(id): Path<i64>) -> Result<Committed<OrderView>> {
    let tx = app.begin(clerk.actor()).await?;
    complete(&tx, id).await?;
    detail::committed(tx, &clerk, id).await
}

async fn complete(tx: &Tx, id: i64) -> Result<order::Model, Error> {
    let row = for_change(tx, id).await?;
    next(state_of(&row)?, Command::Complete)?;
    let open: i64 = lines_of(tx.db(), id).await?.iter().map(|line| (line.quantity - line.cancelled - line.shipped).max(0)).sum();
    if open > 0 || to_pay(&row) > 0 {
        return Err(Error::NotDone { open, to_pay: Money::new(to_pay(&row), currency_of(&row)?) });
    }
    let after = completed(tx, &row).await?;
    tx.audit("order.complete", "order", id, Some(json!({ "state": row.state })), Some(json!({ "state": after.state }))).await?;
    Ok(after)
}
