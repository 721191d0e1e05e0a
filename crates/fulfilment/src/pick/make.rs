//! Make a pick list (M5.8) from confirmed orders: those named, or all that are ready,
//! the oldest first. An order that can't be picked is named with the reason, and does
//! not keep the others from it.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State as AppState;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx, number};
use zg_db::entity::{order, order_line, pick_list, pick_list_line, pick_list_order, reservation, stock, warehouse};
use zg_domain::order::State;
use zg_web::{Committed, Json, Result, Staff, View};

use crate::Error;
use crate::error::Refused;
use crate::find::{held, lines, on_lists, to_pick};
use crate::pick::{OPEN, PickListChanged};

/// Orders on one list.
const ORDERS: usize = 200;

/// A pick list to be made.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakePickList {
    /// Where it is picked; the default channel's first warehouse unless said.
    #[serde(default)]
    pub warehouse_id: Option<i64>,
    /// These orders, up to 200.
    #[serde(default)]
    pub order_ids: Vec<i64>,
    /// All that are ready, the oldest first.
    #[serde(default)]
    pub all_ready: bool,
    /// With `all_ready`: at most so many orders, up to 200.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 200)]
    pub limit: Option<usize>,
}

/// A pick list that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PickListMade {
    id: i64,
    number: String,
    warehouse_id: i64,
    /// Orders on it.
    orders: usize,
    /// Pieces on it.
    pieces: i64,
    /// Orders that did not come onto it, and why.
    refused: Vec<Refused>,
    version: i64,
}

impl View for PickListMade {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Makes a pick list.
#[utoipa::path(post, path = "/admin/pick-lists", request_body = MakePickList, responses((status = 201, body = PickListMade)))]
pub(crate) async fn handler(
    AppState(app): AppState<App>,
    staff: Staff,
    Json(asked): Json<MakePickList>,
) -> Result<Committed<PickListMade>> {
    let tx = app.begin(&staff.actor).await?;
    let (list, chosen, refused) = make(&tx, &asked).await?;
    let view = PickListMade {
        id: list.id,
        number: list.number,
        warehouse_id: list.warehouse_id,
        orders: chosen.iter().map(|line| line.order_id).collect::<BTreeSet<_>>().len(),
        pieces: chosen.iter().map(|line| line.quantity).sum(),
        refused,
        version: list.version,
    };
    let location = format!("/admin/pick-lists/{}", view.id);
    Committed::created(tx, view, &location).await
}

/// A line that comes onto the list.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Row of `orders`.
    pub order_id: i64,
    /// Row of `order_line`.
    pub line_id: i64,
    /// Row of `sku`.
    pub sku_id: i64,
    /// Pieces.
    pub quantity: i64,
}

/// Makes a pick list; returns it with its lines, and the orders that were refused.
///
/// # Errors
/// [`Error::Field`]; [`Error::NothingToPick`] if no order can be picked.
pub async fn make(tx: &Tx, asked: &MakePickList) -> Result<(pick_list::Model, Vec<Chosen>, Vec<Refused>), Error> {
    let warehouse_id = match asked.warehouse_id {
        Some(id) => {
            warehouse::Entity::find_by_id(id)
                .one(tx.db())
                .await?
                .ok_or_else(|| Error::field("/warehouse_id", "stock_warehouse_unknown"))?
                .id
        }
        None => zg_inventory::default_warehouse(tx.db()).await?,
    };
    let wanted: BTreeSet<i64> = if asked.all_ready {
        ready(tx, warehouse_id, asked.limit.unwrap_or(ORDERS).clamp(1, ORDERS)).await?
    } else {
        asked.order_ids.iter().copied().collect()
    };
    if !asked.all_ready && !(1..=ORDERS).contains(&wanted.len()) {
        return Err(Error::field("/order_ids", "pick_list_orders"));
    }
    let (orders, mut refused) = admitted(tx, &wanted).await?;
    let chosen = chosen(tx, &orders, warehouse_id).await?;
    for order in orders.iter().filter(|order| !chosen.iter().any(|line| line.order_id == order.id)) {
        refused.push(refusal(order.id, Some(order), "pick_nothing"));
    }
    if chosen.is_empty() {
        return Err(Error::NothingToPick(refused));
    }
    let list = write(tx, warehouse_id, &chosen).await?;
    tell(tx, &list, &chosen).await?;
    Ok((list, chosen, refused))
}

/// Orders that are confirmed, have pieces here that nobody picked, are on no open
/// list, and are not held by a colleague.
async fn ready(tx: &Tx, warehouse_id: i64, limit: usize) -> Result<BTreeSet<i64>, Error> {
    let of_order = |column: (order_line::Entity, order_line::Column)| Expr::col(column).equals((order::Entity, order::Column::Id));
    let unpicked = Query::select()
        .expr(Expr::val(1))
        .from(order_line::Entity)
        .and_where(of_order((order_line::Entity, order_line::Column::OrderId)))
        .and_where(Expr::col(order_line::Column::Allocated).gt(0))
        .and_where(
            Expr::col(order_line::Column::Allocated).add(Expr::col(order_line::Column::Shipped)).gt(Expr::col(order_line::Column::Picked)),
        )
        .to_owned();
    let holds = || {
        Query::select()
            .expr(Expr::val(1))
            .from(reservation::Entity)
            .and_where(Expr::col((reservation::Entity, reservation::Column::OrderId)).equals((order::Entity, order::Column::Id)))
            .and_where(Expr::col((reservation::Entity, reservation::Column::State)).eq("held"))
            .to_owned()
    };
    let here = holds().and_where(Expr::col(reservation::Column::WarehouseId).eq(warehouse_id)).to_owned();
    let open = pick_list_order::Entity::find()
        .select_only()
        .column(pick_list_order::Column::OrderId)
        .filter(pick_list_order::Column::Open.eq(true))
        .into_query();
    let mut free = Condition::any().add(order::Column::LockedUntil.is_null()).add(order::Column::LockedUntil.lte(tx.now()));
    if let Some(me) = tx.actor().staff_id() {
        free = free.add(order::Column::LockedBy.eq(me));
    }
    let ids: Vec<i64> = order::Entity::find()
        .select_only()
        .column(order::Column::Id)
        .filter(order::Column::State.eq(State::Confirmed.as_str()))
        .filter(Expr::exists(unpicked))
        // A SKU that is not tracked lies wherever it is looked for.
        .filter(Condition::any().add(Expr::exists(here)).add(Expr::exists(holds()).not()))
        .filter(order::Column::Id.not_in_subquery(open))
        .filter(free)
        .order_by(order::Column::PlacedAt, Order::Asc)
        .order_by(order::Column::Id, Order::Asc)
        .limit(u64::try_from(limit).unwrap_or(1))
        .into_tuple()
        .all(tx.db())
        .await?;
    Ok(ids.into_iter().collect())
}

/// Locks the orders in the order of their ids; names those that can't be picked.
async fn admitted(tx: &Tx, wanted: &BTreeSet<i64>) -> Result<(Vec<order::Model>, Vec<Refused>), Error> {
    let mut orders = Vec::new();
    let mut refused = Vec::new();
    for id in wanted {
        match zg_orders::for_change(tx, *id).await {
            Ok(order) if order.state == State::Confirmed.as_str() => orders.push(order),
            Ok(order) => refused.push(refusal(*id, Some(&order), "pick_order_state")),
            Err(zg_orders::Error::NotFound) => refused.push(refusal(*id, None, "order_not_found")),
            Err(zg_orders::Error::Locked(_)) => {
                let order = order::Entity::find_by_id(*id).one(tx.db()).await?;
                refused.push(refusal(*id, order.as_ref(), "order_locked"));
            }
            Err(other) => return Err(other.into()),
        }
    }
    let ids: Vec<i64> = orders.iter().map(|order| order.id).collect();
    let taken = on_lists(tx.db(), &ids).await?;
    refused.extend(
        orders.iter().filter(|order| taken.contains_key(&order.id)).map(|order| refusal(order.id, Some(order), "pick_order_taken")),
    );
    orders.retain(|order| !taken.contains_key(&order.id));
    Ok((orders, refused))
}

fn refusal(order_id: i64, order: Option<&order::Model>, code: &str) -> Refused {
    Refused { order_id, order_number: order.map(|order| order.number.clone()), code: code.to_owned() }
}

async fn chosen(tx: &Tx, orders: &[order::Model], warehouse_id: i64) -> Result<Vec<Chosen>, Error> {
    let ids: Vec<i64> = orders.iter().map(|order| order.id).collect();
    let held = held(tx.db(), &ids).await?;
    let line = |line: order_line::Model| {
        let quantity = to_pick(&line, &held, warehouse_id);
        let sku_id = line.sku_id.filter(|_| quantity > 0)?;
        Some(Chosen { order_id: line.order_id, line_id: line.id, sku_id, quantity })
    };
    Ok(lines(tx.db(), &ids).await?.into_iter().filter_map(line).collect())
}

async fn write(tx: &Tx, warehouse_id: i64, chosen: &[Chosen]) -> Result<pick_list::Model, Error> {
    let list = pick_list::ActiveModel {
        number: Set(format!("P{:06}", number::next(tx, "pick_list").await?)),
        warehouse_id: Set(warehouse_id),
        state: Set(OPEN.to_owned()),
        created_at: Set(tx.now()),
        created_by: Set(tx.actor().name.clone()),
        version: Set(1),
        ..Default::default()
    };
    let list = list.insert(tx.db()).await?;
    let orders: BTreeSet<i64> = chosen.iter().map(|line| line.order_id).collect();
    let on_it = orders.iter().map(|id| pick_list_order::ActiveModel { pick_list_id: Set(list.id), order_id: Set(*id), open: Set(true) });
    pick_list_order::Entity::insert_many(on_it).exec_without_returning(tx.db()).await?;
    let bins = bins(tx, warehouse_id, chosen).await?;
    let rows: Vec<_> = chosen
        .iter()
        .map(|line| pick_list_line::ActiveModel {
            pick_list_id: Set(list.id),
            order_id: Set(line.order_id),
            order_line_id: Set(line.line_id),
            sku_id: Set(line.sku_id),
            quantity: Set(line.quantity),
            picked: Set(0),
            short: Set(0),
            bin: Set(bins.get(&line.sku_id).cloned()),
            ..Default::default()
        })
        .collect();
    for chunk in rows.chunks(500) {
        pick_list_line::Entity::insert_many(chunk.to_vec()).exec_without_returning(tx.db()).await?;
    }
    Ok(list)
}

/// SKU → the shelf it lies on.
async fn bins(tx: &Tx, warehouse_id: i64, chosen: &[Chosen]) -> Result<BTreeMap<i64, String>, Error> {
    let skus: BTreeSet<i64> = chosen.iter().map(|line| line.sku_id).collect();
    let rows = stock::Entity::find()
        .filter(stock::Column::WarehouseId.eq(warehouse_id))
        .filter(stock::Column::SkuId.is_in(skus))
        .filter(stock::Column::Bin.is_not_null())
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.sku_id, row.bin?))).collect())
}

async fn tell(tx: &Tx, list: &pick_list::Model, chosen: &[Chosen]) -> Result<(), Error> {
    let mut pieces: BTreeMap<i64, i64> = BTreeMap::new();
    for line in chosen {
        *pieces.entry(line.order_id).or_default() += line.quantity;
    }
    for (order_id, pieces) in &pieces {
        zg_orders::note_entry(tx, *order_id, "picking", json!({ "pick_list": list.id, "number": list.number, "pieces": pieces }), None)
            .await?;
        zg_orders::settle_fulfilment(tx, *order_id).await?;
    }
    let after = json!({ "number": list.number, "warehouse_id": list.warehouse_id, "orders": pieces.keys().collect::<Vec<_>>() });
    tx.audit("pick_list.create", "pick_list", list.id, None, Some(after)).await?;
    tx.publish(&PickListChanged { id: list.id, number: list.number.clone(), state: list.state.clone() }).await?;
    Ok(())
}
