//! Import of products with their stock (M8.13): the catalogue's import, and what a
//! `stock` column says, in the same transaction.
//!
//! It stands here because stock is above the catalogue, which knows nothing of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zg_base::{App, Tx};
use zg_catalog::{PRODUCT_COLUMNS, ProductRow, Products as Goods};
use zg_db::entity::{sku, stock};
use zg_import::{Column, Faults, Hung, Importer, Plan, Record, Wanted};

use crate::{Error, default_warehouse, set_on_hand_many};

/// Products with their stock, by SKU.
#[derive(Clone, Copy, Debug)]
pub struct Products;

impl Importer for Products {
    const KIND: &'static str = Goods::KIND;
    const TASK: &'static str = Goods::TASK;
    const COLUMNS: &'static [Column] = PRODUCT_COLUMNS;
    const PICTURE_LIMIT: usize = Goods::PICTURE_LIMIT;
    type Row = ProductRow;

    fn parse(record: &Record<'_>, faults: &mut Faults) -> Option<ProductRow> {
        Goods::parse(record, faults)
    }

    fn group(row: &ProductRow) -> String {
        Goods::group(row)
    }

    fn key(row: &ProductRow) -> Option<String> {
        Goods::key(row)
    }

    /// Refuses also a count that is less than what orders hold.
    async fn plan(app: &App, rows: &[(i64, ProductRow)]) -> Result<Plan, zg_import::Error> {
        let mut plan = Goods::plan(app, rows).await?;
        let counted: BTreeMap<&str, (i64, i64)> =
            rows.iter().filter_map(|(number, row)| Some((row.sku.as_str(), (*number, row.stock?)))).collect();
        if counted.is_empty() {
            return Ok(plan);
        }
        let warehouse = default_warehouse(app.read()).await.map_err(told)?;
        let skus = sku::Entity::find().filter(sku::Column::Code.is_in(counted.keys().copied())).all(app.read()).await?;
        let codes: BTreeMap<i64, &str> = skus.iter().map(|row| (row.id, row.code.as_str())).collect();
        let levels = stock::Entity::find()
            .filter(stock::Column::SkuId.is_in(codes.keys().copied()))
            .filter(stock::Column::WarehouseId.eq(warehouse))
            .all(app.read())
            .await?;
        for level in levels {
            let Some((number, quantity)) = codes.get(&level.sku_id).and_then(|code| counted.get(code)) else { continue };
            let told_before = plan.errors.iter().any(|error| error.row == *number);
            if *quantity < level.on_hand && quantity - level.reserved - level.held < -level.backorder_limit && !told_before {
                plan.refuse(*number, "stock", "stock_promised", Some(&quantity.to_string()));
                plan.updated = plan.updated.saturating_sub(1);
            }
        }
        Ok(plan)
    }

    async fn apply(tx: &Tx, rows: &[(i64, ProductRow)]) -> Result<(), zg_import::Error> {
        Goods::apply(tx, rows).await?;
        let counted: BTreeMap<&str, i64> = rows.iter().filter_map(|(_, row)| Some((row.sku.as_str(), row.stock?))).collect();
        if counted.is_empty() {
            return Ok(());
        }
        let warehouse = default_warehouse(tx.db()).await.map_err(told)?;
        let skus = sku::Entity::find().filter(sku::Column::Code.is_in(counted.keys().copied())).all(tx.db()).await?;
        let quantities: Vec<(i64, i64)> = skus.iter().filter_map(|row| Some((row.id, *counted.get(row.code.as_str())?))).collect();
        // What was promised since the plan looked stays promised: such a SKU keeps its stock.
        set_on_hand_many(tx, warehouse, &quantities, None).await.map_err(told)?;
        Ok(())
    }

    fn pictures(row: &ProductRow) -> &[String] {
        Goods::pictures(row)
    }

    async fn wanted(tx: &Tx, rows: &[(i64, ProductRow)]) -> Result<Vec<Wanted>, zg_import::Error> {
        Goods::wanted(tx, rows).await
    }

    async fn hang(app: &App, wanted: &Wanted, bytes: Bytes) -> Result<Hung, zg_import::Error> {
        Goods::hang(app, wanted, bytes).await
    }
}

fn told(error: Error) -> zg_import::Error {
    match error {
        Error::Base(error) => zg_import::Error::Base(error),
        other => zg_import::Error::Module(other.to_string()),
    }
}
