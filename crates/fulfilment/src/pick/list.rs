//! Pick lists, newest first, with what is done of each.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::{order, pick_list, pick_list_line, pick_list_order, warehouse};
use zg_web::{Answer, Cursor, Limit, Page, Query, Result, Staff, View};

use crate::Error;

/// Where a pick list is in its life.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PickListState {
    /// Being picked.
    Open,
    /// Everything was picked or reported missing.
    Finished,
    /// Given up.
    Cancelled,
}

impl PickListState {
    fn word(self) -> &'static str {
        match self {
            Self::Open => super::OPEN,
            Self::Finished => super::FINISHED,
            Self::Cancelled => super::CANCELLED,
        }
    }
}

/// Which pick lists.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PickListQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// Only in this state.
    #[param(inline)]
    state: Option<PickListState>,
    /// Only of this warehouse.
    warehouse_id: Option<i64>,
    /// A list's number, or that of an order on it.
    q: Option<String>,
}

/// A pick list and how far it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PickListRow {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) warehouse_id: i64,
    /// The warehouse's code.
    pub(crate) warehouse: String,
    /// `open`, `finished`, `cancelled`.
    pub(crate) state: String,
    /// Orders on it.
    pub(crate) orders: i64,
    /// Lines of orders on it.
    pub(crate) lines: i64,
    /// Pieces to pick.
    pub(crate) pieces: i64,
    /// Pieces picked.
    pub(crate) picked: i64,
    /// Pieces that were not found.
    pub(crate) short: i64,
    pub(crate) created_at: DateTime<Utc>,
    /// Who made it.
    pub(crate) created_by: String,
    /// When it was finished or cancelled.
    pub(crate) finished_at: Option<DateTime<Utc>>,
    pub(crate) version: i64,
}

impl View for PickListRow {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Pick lists, newest first.
#[utoipa::path(get, path = "/admin/pick-lists", params(PickListQuery), responses((status = 200, body = Page<PickListRow>)))]
pub(crate) async fn handler(
    State(app): State<App>,
    _staff: Staff,
    Query(asked): Query<PickListQuery>,
) -> Result<Answer<Page<PickListRow>>> {
    use pick_list::Column;
    let db = app.read();
    let mut found = pick_list::Entity::find();
    if let Some(state) = asked.state {
        found = found.filter(Column::State.eq(state.word()));
    }
    if let Some(warehouse_id) = asked.warehouse_id {
        found = found.filter(Column::WarehouseId.eq(warehouse_id));
    }
    if let Some(text) = asked.q.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let named = order::Entity::find().filter(order::Column::Number.eq(text)).one(db).await?.map_or(0, |row| row.id);
        let with = pick_list_order::Entity::find()
            .select_only()
            .column(pick_list_order::Column::PickListId)
            .filter(pick_list_order::Column::OrderId.eq(named))
            .into_query();
        found = found.filter(sea_orm::Condition::any().add(Column::Number.eq(text)).add(Column::Id.in_subquery(with)));
    }
    if let Some(before) = Cursor::decode_opt::<i64>(asked.cursor.as_deref())? {
        found = found.filter(Column::Id.lt(before));
    }
    let rows = found.order_by(Column::Id, Order::Desc).limit(asked.limit.and_one()).all(db).await?;
    let Page { data, meta } = Page::of(rows, asked.limit, None, |row| row.id);
    Ok(Answer::ok(Page { data: rows_of(db, data).await?, meta }))
}

/// One list as it stands.
pub(crate) async fn row(db: &impl ConnectionTrait, id: i64) -> Result<PickListRow, Error> {
    let list = pick_list::Entity::find_by_id(id).one(db).await?.ok_or(Error::ListNotFound)?;
    rows_of(db, vec![list]).await?.into_iter().next().ok_or(Error::ListNotFound)
}

#[derive(Clone, Copy, Default)]
struct Sums {
    lines: i64,
    pieces: i64,
    picked: i64,
    short: i64,
}

async fn rows_of(db: &impl ConnectionTrait, lists: Vec<pick_list::Model>) -> Result<Vec<PickListRow>, Error> {
    let ids: Vec<i64> = lists.iter().map(|list| list.id).collect();
    let sums = sums(db, &ids).await?;
    let counts: Vec<(i64, i64)> = pick_list_order::Entity::find()
        .select_only()
        .column(pick_list_order::Column::PickListId)
        .column_as(pick_list_order::Column::OrderId.count(), "orders")
        .filter(pick_list_order::Column::PickListId.is_in(ids))
        .group_by(pick_list_order::Column::PickListId)
        .into_tuple()
        .all(db)
        .await?;
    let counts: BTreeMap<i64, i64> = counts.into_iter().collect();
    let places: BTreeMap<i64, String> = warehouse::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row.code)).collect();
    let view = |list: pick_list::Model| {
        let Sums { lines, pieces, picked, short } = sums.get(&list.id).copied().unwrap_or_default();
        PickListRow {
            id: list.id,
            number: list.number,
            warehouse_id: list.warehouse_id,
            warehouse: places.get(&list.warehouse_id).cloned().unwrap_or_default(),
            state: list.state,
            orders: counts.get(&list.id).copied().unwrap_or_default(),
            lines,
            pieces,
            picked,
            short,
            created_at: list.created_at,
            created_by: list.created_by,
            finished_at: list.finished_at,
            version: list.version,
        }
    };
    Ok(lists.into_iter().map(view).collect())
}

async fn sums(db: &impl ConnectionTrait, ids: &[i64]) -> Result<BTreeMap<i64, Sums>, Error> {
    use pick_list_line::Column;
    // PostgreSQL adds up bigints to a numeric.
    let sum = |column: Column| Expr::expr(Expr::col(column).sum()).cast_as("bigint");
    let rows: Vec<(i64, i64, i64, i64, i64)> = pick_list_line::Entity::find()
        .select_only()
        .column(Column::PickListId)
        .column_as(Column::Id.count(), "lines")
        .column_as(sum(Column::Quantity), "pieces")
        .column_as(sum(Column::Picked), "taken")
        .column_as(sum(Column::Short), "missing")
        .filter(Column::PickListId.is_in(ids.iter().copied()))
        .group_by(Column::PickListId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, lines, pieces, picked, short)| (id, Sums { lines, pieces, picked, short })).collect())
}
