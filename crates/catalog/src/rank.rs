//! How often products were sold, for `sort=-sales`: counted anew by the clock, so that a
//! sale writes no product's row and drops nothing that is remembered.

use std::collections::BTreeMap;

use chrono::Duration;
use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use zg_base::{Actor, App, shelf};
use zg_db::entity::{order, order_line, product, sku};

use crate::Error;

/// What was sold in so many days counts.
const DAYS: i64 = 90;
/// Products written in one transaction.
const CHUNK: usize = 500;

/// Counts how often products were sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {}

impl celery::Task<App> for Rank {
    const NAME: &'static str = "catalog.rank";
    type Args = Self;
    type Output = ();

    async fn run(context: celery::Context<App>, _: Self) -> Result<(), celery::TaskError> {
        rank(&context.state).await.map_err(celery::TaskError::retry)
    }
}

/// Writes the pieces sold in the last 90 days, of orders placed and not cancelled, where
/// the figure has changed.
async fn rank(app: &App) -> Result<(), Error> {
    let left =
        Expr::col((order_line::Entity, order_line::Column::Quantity)).sub(Expr::col((order_line::Entity, order_line::Column::Cancelled)));
    let statement = Query::select()
        .column((sku::Entity, sku::Column::ProductId))
        .expr_as(left.sum().cast_as("bigint"), "sold")
        .from(order_line::Entity)
        .join(
            JoinType::InnerJoin,
            order::Entity,
            Expr::col((order::Entity, order::Column::Id)).equals((order_line::Entity, order_line::Column::OrderId)),
        )
        .join(
            JoinType::InnerJoin,
            sku::Entity,
            Expr::col((sku::Entity, sku::Column::Id)).equals((order_line::Entity, order_line::Column::SkuId)),
        )
        .and_where(Expr::col((order::Entity, order::Column::State)).is_in(["placed", "confirmed", "completed"]))
        .and_where(Expr::col((order::Entity, order::Column::PlacedOn)).gte(app.today() - Duration::days(DAYS)))
        .group_by_col((sku::Entity, sku::Column::ProductId))
        .to_owned();
    let mut sold: BTreeMap<i64, i64> = BTreeMap::new();
    for row in app.read().query_all(&statement).await? {
        sold.insert(row.try_get("", "product_id")?, row.try_get("", "sold")?);
    }
    let before: Vec<(i64, i64)> = product::Entity::find()
        .select_only()
        .column(product::Column::Id)
        .column(product::Column::SalesCount)
        .filter(product::Column::DeletedAt.is_null())
        .into_tuple()
        .all(app.read())
        .await?;
    let mut changed: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (id, count) in before {
        let now = sold.get(&id).copied().unwrap_or(0);
        if now != count {
            changed.entry(now).or_default().push(id);
        }
    }
    let changed: Vec<(i64, Vec<i64>)> = changed.into_iter().collect();
    for chunk in changed.chunks(CHUNK) {
        let tx = app.begin(&Actor::system("catalog.rank")).await?;
        for (count, ids) in chunk {
            let set = product::ActiveModel { sales_count: Set(*count), ..Default::default() };
            product::Entity::update_many().set(set).filter(product::Column::Id.is_in(ids.iter().copied())).exec(tx.db()).await?;
        }
        shelf::touch(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
