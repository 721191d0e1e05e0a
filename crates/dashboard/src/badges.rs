//! The numbers beside the navigation: work that waits.

use axum::extract::State;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::{order, sku, stock};
use zg_inventory::ReadStock;
use zg_orders::{Queue, ReadOrders};
use zg_web::{Answer, COUNT_LIMIT, Result, Staff};

/// Work that waits; 0 where one's rights do not reach. Counting stops at 10,000.
#[derive(Serialize, ToSchema)]
pub(crate) struct Badges {
    orders_to_confirm: i64,
    orders_to_pick: i64,
    orders_to_ship: i64,
    /// SKUs at or below their minimum in a warehouse.
    low_stock: i64,
}

/// Work that waits, as far as one's rights reach.
#[utoipa::path(get, path = "/admin/dashboard/badges", responses((status = 200, body = Badges)))]
pub(crate) async fn handler(State(app): State<App>, staff: Staff) -> Result<Answer<Badges>> {
    let mut badges = Badges { orders_to_confirm: 0, orders_to_pick: 0, orders_to_ship: 0, low_stock: 0 };
    if staff.rights.allows::<ReadOrders>() {
        badges.orders_to_confirm = waiting(&app, Queue::ToConfirm).await?;
        badges.orders_to_pick = waiting(&app, Queue::ToPick).await?;
        badges.orders_to_ship = waiting(&app, Queue::ToShip).await?;
    }
    if staff.rights.allows::<ReadStock>() {
        badges.low_stock = low(app.read()).await?;
    }
    Ok(Answer::ok(badges))
}

/// How many orders wait in a queue.
pub(crate) async fn waiting(app: &App, queue: Queue) -> Result<i64, DbErr> {
    let found = order::Entity::find().filter(queue.condition(app.now()));
    Ok(whole(found.limit(COUNT_LIMIT).count(app.read()).await?))
}

/// How many SKUs run low: what the stock list shows for `level=low`.
pub(crate) async fn low(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let low = stock::Entity::find().select_only().column(stock::Column::SkuId).filter(zg_inventory::low()).into_query();
    let found = tracked().filter(sku::Column::Id.in_subquery(low));
    Ok(whole(found.limit(COUNT_LIMIT).count(db).await?))
}

/// How many SKUs are out of stock: what the stock list shows for `level=out`.
pub(crate) async fn out(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let some = stock::Entity::find().select_only().column(stock::Column::SkuId).filter(zg_inventory::in_stock()).into_query();
    let found = tracked().filter(sku::Column::Id.not_in_subquery(some));
    Ok(whole(found.limit(COUNT_LIMIT).count(db).await?))
}

fn tracked() -> sea_orm::Select<sku::Entity> {
    sku::Entity::find().filter(sku::Column::DeletedAt.is_null()).filter(sku::Column::Tracked.eq(true))
}

pub(crate) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
