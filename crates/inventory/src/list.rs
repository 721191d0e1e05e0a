//! Stock as staff read it (M5.1): a row a SKU, with its level in every warehouse.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_catalog::names;
use zg_db::entity::{product_text, sku, stock, warehouse};
use zg_web::{Answer, COUNT_LIMIT, Cursor, Limit, Page, Path, Query, Result, Staff};

use crate::adjust::blank;
use crate::{Error, in_stock, low, warehouse as warehouses};

/// Which SKUs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StockQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// The beginning of a SKU's code or barcode, or part of a product's name.
    q: Option<String>,
    /// Only this level.
    #[param(inline)]
    level: Option<StockState>,
    /// Judge the level by this warehouse alone.
    warehouse_id: Option<i64>,
}

/// How a SKU stands.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StockState {
    /// At or below its minimum in a warehouse.
    Low,
    /// Nothing free in any warehouse.
    Out,
    /// Something free.
    In,
}

/// A SKU and its stock.
#[derive(Serialize, ToSchema)]
pub(crate) struct StockRow {
    sku_id: i64,
    /// Its code.
    sku: String,
    barcode: Option<String>,
    product_id: i64,
    /// Language tag → the product's name.
    name: BTreeMap<String, String>,
    /// Language tag → the values that tell it from the product's other SKUs, `红色 / XL`;
    /// empty if it has none.
    options: BTreeMap<String, String>,
    /// Not tracked: always sellable.
    tracked: bool,
    /// Over all warehouses.
    on_hand: i64,
    reserved: i64,
    held: i64,
    /// On hand, less reserved and held.
    available: i64,
    incoming: i64,
    /// A level a warehouse.
    levels: Vec<StockLevel>,
}

/// A SKU in a warehouse.
#[derive(Serialize, ToSchema)]
pub(crate) struct StockLevel {
    sku_id: i64,
    warehouse_id: i64,
    /// Its code.
    warehouse: String,
    on_hand: i64,
    reserved: i64,
    held: i64,
    available: i64,
    incoming: i64,
    /// At or below this it runs low; 0 is never.
    min: i64,
    reorder: i64,
    backorder_limit: i64,
    /// The shelf it lies on; pick lists are sorted by it.
    bin: Option<String>,
    /// At or below its minimum.
    low: bool,
    /// Covers the settings; 0 where there is no stock yet.
    pub(crate) version: i64,
}

impl StockLevel {
    pub(crate) fn of(row: &stock::Model, warehouse: &warehouse::Model) -> Self {
        let available = row.on_hand - row.reserved - row.held;
        Self {
            sku_id: row.sku_id,
            warehouse_id: warehouse.id,
            warehouse: warehouse.code.clone(),
            on_hand: row.on_hand,
            reserved: row.reserved,
            held: row.held,
            available,
            incoming: row.incoming,
            min: row.min,
            reorder: row.reorder,
            backorder_limit: row.backorder_limit,
            bin: row.bin.clone(),
            low: row.min > 0 && available <= row.min,
            version: row.version,
        }
    }
}

/// Stock, by SKU.
#[utoipa::path(get, path = "/admin/stock", params(StockQuery), responses((status = 200, body = Page<StockRow>)))]
pub(crate) async fn handler(State(app): State<App>, _staff: Staff, Query(asked): Query<StockQuery>) -> Result<Answer<Page<StockRow>>> {
    let db = app.read();
    let mut found = sku::Entity::find().filter(sku::Column::DeletedAt.is_null());
    if let Some(text) = asked.q.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let named = product_text::Entity::find()
            .select_only()
            .column(product_text::Column::ProductId)
            .filter(product_text::Column::Name.contains(text))
            .into_query();
        let any = Condition::any().add(sku::Column::Code.starts_with(text)).add(sku::Column::Barcode.eq(text));
        found = found.filter(any.add(sku::Column::ProductId.in_subquery(named)));
    }
    if let Some(level) = asked.level {
        let of = |rule: Condition| {
            let rows = stock::Entity::find().select_only().column(stock::Column::SkuId).filter(rule);
            match asked.warehouse_id {
                Some(id) => rows.filter(stock::Column::WarehouseId.eq(id)),
                None => rows,
            }
            .into_query()
        };
        let some = of(in_stock());
        found = found.filter(sku::Column::Tracked.eq(true)).filter(match level {
            StockState::Low => sku::Column::Id.in_subquery(of(low())),
            StockState::Out => sku::Column::Id.not_in_subquery(some),
            StockState::In => sku::Column::Id.in_subquery(some),
        });
    }
    let total = if asked.cursor.is_none() { Some(found.clone().limit(COUNT_LIMIT).count(db).await?) } else { None };
    if let Some(code) = Cursor::decode_opt::<String>(asked.cursor.as_deref())? {
        found = found.filter(sku::Column::Code.gt(code));
    }
    let rows = found.order_by(sku::Column::Code, Order::Asc).limit(asked.limit.and_one()).all(db).await?;
    let page = Page::of(rows, asked.limit, total, |row| row.code.clone());
    let Page { data, meta } = page;
    Ok(Answer::ok(Page { data: views(db, data).await?, meta }))
}

/// The stock of one SKU.
#[utoipa::path(get, path = "/admin/stock/{sku_id}", params(("sku_id" = i64, Path)), responses((status = 200, body = StockRow)))]
pub(crate) async fn one(State(app): State<App>, _staff: Staff, Path(sku_id): Path<i64>) -> Result<Answer<StockRow>> {
    let row = sku::Entity::find_by_id(sku_id).one(app.read()).await?.ok_or(Error::SkuUnknown)?;
    let view = views(app.read(), vec![row]).await?.into_iter().next().ok_or(Error::SkuUnknown)?;
    Ok(Answer::ok(view))
}

async fn views(db: &impl ConnectionTrait, skus: Vec<sku::Model>) -> Result<Vec<StockRow>, Error> {
    let places = warehouses::all(db).await?;
    let mut rows: BTreeMap<(i64, i64), stock::Model> = BTreeMap::new();
    for row in stock::Entity::find().filter(stock::Column::SkuId.is_in(skus.iter().map(|row| row.id))).all(db).await? {
        rows.insert((row.sku_id, row.warehouse_id), row);
    }
    let products: Vec<i64> = skus.iter().map(|row| row.product_id).collect();
    let names = names::products(db, &products).await?;
    let ids: Vec<i64> = skus.iter().map(|row| row.id).collect();
    let mut options = names::variants(db, &ids).await?;
    let view = |sku: sku::Model| {
        let levels: Vec<StockLevel> = places
            .iter()
            .map(|place| match rows.get(&(sku.id, place.id)) {
                Some(row) => StockLevel::of(row, place),
                None => StockLevel::of(&blank((sku.id, place.id)), place),
            })
            .collect();
        let sum = |of: fn(&StockLevel) -> i64| levels.iter().map(of).sum();
        StockRow {
            sku_id: sku.id,
            name: names.get(&sku.product_id).cloned().unwrap_or_default(),
            options: options.remove(&sku.id).unwrap_or_default(),
            sku: sku.code,
            barcode: sku.barcode,
            product_id: sku.product_id,
            tracked: sku.tracked,
            on_hand: sum(|level| level.on_hand),
            reserved: sum(|level| level.reserved),
            held: sum(|level| level.held),
            available: sum(|level| level.available),
            incoming: sum(|level| level.incoming),
            levels,
        }
    };
    Ok(skus.into_iter().map(view).collect())
}
