//! Take an order off an open pick list: what was picked for it goes back, and it can
//! be cancelled, or picked with another list.

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use zg_base::{App, Tx};
use zg_db::entity::{pick_list, pick_list_line, pick_list_order};
use zg_orders::Move;
use zg_web::{Committed, Path, Result, Staff};

use crate::Error;
use crate::find::{lines, picked_here};
use crate::pick::list::{self, PickListRow};
use crate::pick::{CANCELLED, close, open, touched};

/// Takes an order off a pick list. A list without orders is cancelled.
#[utoipa::path(delete, path = "/admin/pick-lists/{id}/orders/{order_id}", params(("id" = i64, Path), ("order_id" = i64, Path)), responses((status = 200, body = PickListRow)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Path((id, order_id)): Path<(i64, i64)>,
) -> Result<Committed<PickListRow>> {
    let tx = app.begin(&staff.actor).await?;
    take_off(&tx, id, order_id).await?;
    let view = list::row(tx.db(), id).await?;
    Committed::ok(tx, view).await
}

async fn take_off(tx: &Tx, id: i64, order_id: i64) -> Result<(), Error> {
    let list = open(tx, id).await?;
    let on_it = pick_list_order::Entity::find_by_id((id, order_id)).filter(pick_list_order::Column::Open.eq(true)).one(tx.db()).await?;
    on_it.ok_or(Error::NotOnList)?;
    zg_orders::for_change(tx, order_id).await?;
    put_back(tx, &list, order_id).await?;
    pick_list_line::Entity::delete_many()
        .filter(pick_list_line::Column::PickListId.eq(id))
        .filter(pick_list_line::Column::OrderId.eq(order_id))
        .exec(tx.db())
        .await?;
    pick_list_order::Entity::delete_by_id((id, order_id)).exec(tx.db()).await?;
    zg_orders::settle_fulfilment(tx, order_id).await?;
    let data = json!({ "pick_list": id, "number": list.number });
    zg_orders::note_entry(tx, order_id, "picking_stopped", data, None).await?;
    tx.audit("pick_list.take_off", "pick_list", id, Some(json!({ "order_id": order_id })), None).await?;
    let left = pick_list_order::Entity::find().filter(pick_list_order::Column::PickListId.eq(id)).count(tx.db()).await?;
    if left == 0 { close(tx, &list, CANCELLED).await } else { touched(tx, &list).await }
}

/// What the list had picked for an order, and has not left the house, goes back on the shelf.
pub(crate) async fn put_back(tx: &Tx, list: &pick_list::Model, order_id: i64) -> Result<(), Error> {
    let rows = pick_list_line::Entity::find()
        .filter(pick_list_line::Column::PickListId.eq(list.id))
        .filter(pick_list_line::Column::OrderId.eq(order_id))
        .all(tx.db())
        .await?;
    let lines = lines(tx.db(), &[order_id]).await?;
    let back: Vec<(i64, i64)> = rows
        .iter()
        .filter_map(|row| {
            let line = lines.iter().find(|line| line.id == row.order_line_id)?;
            Some((line.id, row.picked.min(picked_here(line)))).filter(|(_, pieces)| *pieces > 0)
        })
        .collect();
    Ok(zg_orders::move_lines(tx, order_id, Move::Unpick, &back).await?)
}
