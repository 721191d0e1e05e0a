//! Finish a pick list, or give it up.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{pick_list_line, pick_list_order};
use zg_web::{Committed, Json, Path, Result, Staff};

use crate::Error;
use crate::pick::list::{self, PickListRow};
use crate::pick::take_off::put_back;
use crate::pick::{CANCELLED, FINISHED, close, open};

/// How a list is finished.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinishPickList {
    /// What was neither picked nor reported missing counts as missing.
    #[serde(default)]
    rest_is_short: bool,
}

/// Finishes a pick list: its orders can be shipped, or picked again if something was missing.
#[utoipa::path(post, path = "/admin/pick-lists/{id}/finish", params(("id" = i64, Path)), request_body = FinishPickList, responses((status = 200, body = PickListRow)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<FinishPickList>,
) -> Result<Committed<PickListRow>> {
    let tx = app.begin(&staff.actor).await?;
    finish(&tx, id, asked).await?;
    let view = list::row(tx.db(), id).await?;
    Committed::ok(tx, view).await
}

async fn finish(tx: &Tx, id: i64, asked: FinishPickList) -> Result<(), Error> {
    use pick_list_line::Column;
    let list = open(tx, id).await?;
    let unpicked = || Expr::col(Column::Picked).add(Expr::col(Column::Short)).lt(Expr::col(Column::Quantity));
    if asked.rest_is_short {
        pick_list_line::Entity::update_many()
            .col_expr(Column::Short, Expr::col(Column::Quantity).sub(Expr::col(Column::Picked)))
            .filter(Column::PickListId.eq(id))
            .filter(unpicked())
            .exec(tx.db())
            .await?;
    }
    let rows = pick_list_line::Entity::find().filter(Column::PickListId.eq(id)).all(tx.db()).await?;
    let left: i64 = rows.iter().map(|row| row.quantity - row.picked - row.short).sum();
    if left > 0 {
        return Err(Error::Unpicked { left });
    }
    let mut sums: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for row in &rows {
        let (picked, short) = sums.entry(row.order_id).or_default();
        *picked += row.picked;
        *short += row.short;
    }
    let orders = let_go(tx, id).await?;
    for order_id in orders {
        let (picked, short) = sums.get(&order_id).copied().unwrap_or_default();
        zg_orders::settle_fulfilment(tx, order_id).await?;
        let data = json!({ "pick_list": id, "number": list.number, "picked": picked, "short": short });
        zg_orders::note_entry(tx, order_id, "picked", data, None).await?;
    }
    close(tx, &list, FINISHED).await?;
    let sum = |of: fn(&pick_list_line::Model) -> i64| rows.iter().map(of).sum::<i64>();
    let after = json!({ "state": FINISHED, "picked": sum(|row| row.picked), "short": sum(|row| row.short) });
    Ok(tx.audit("pick_list.finish", "pick_list", id, None, Some(after)).await?)
}

/// Gives a pick list up: what was picked and is still here goes back on the shelf.
#[utoipa::path(post, path = "/admin/pick-lists/{id}/cancel", params(("id" = i64, Path)), responses((status = 200, body = PickListRow)))]
pub(crate) async fn cancel(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<PickListRow>> {
    let tx = app.begin(&staff.actor).await?;
    give_up(&tx, id).await?;
    let view = list::row(tx.db(), id).await?;
    Committed::ok(tx, view).await
}

async fn give_up(tx: &Tx, id: i64) -> Result<(), Error> {
    let list = open(tx, id).await?;
    let orders = let_go(tx, id).await?;
    for order_id in orders {
        zg_orders::for_change(tx, order_id).await?;
        put_back(tx, &list, order_id).await?;
        zg_orders::settle_fulfilment(tx, order_id).await?;
        let data = json!({ "pick_list": id, "number": list.number });
        zg_orders::note_entry(tx, order_id, "picking_stopped", data, None).await?;
    }
    pick_list_line::Entity::update_many()
        .set(pick_list_line::ActiveModel { picked: Set(0), ..Default::default() })
        .filter(pick_list_line::Column::PickListId.eq(id))
        .exec(tx.db())
        .await?;
    close(tx, &list, CANCELLED).await?;
    Ok(tx.audit("pick_list.cancel", "pick_list", id, None, Some(json!({ "state": CANCELLED }))).await?)
}

/// The list holds its orders no longer; they are named in the order of their ids.
async fn let_go(tx: &Tx, id: i64) -> Result<Vec<i64>, Error> {
    use pick_list_order::Column;
    let open = pick_list_order::Entity::find()
        .filter(Column::PickListId.eq(id))
        .filter(Column::Open.eq(true))
        .order_by(Column::OrderId, Order::Asc)
        .all(tx.db())
        .await?;
    pick_list_order::Entity::update_many()
        .set(pick_list_order::ActiveModel { open: Set(false), ..Default::default() })
        .filter(Column::PickListId.eq(id))
        .exec(tx.db())
        .await?;
    Ok(open.into_iter().map(|row| row.order_id).collect())
}
