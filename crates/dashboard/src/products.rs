//! Products (M1.3): how many in which state, and what sells best.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_catalog::{names, pick};
use zg_db::entity::{order, order_line, product, sku};
use zg_domain::order::State;
use zg_domain::{Currency, Locale, Money};

use crate::window::Pair;

/// How many best sellers are shown.
const BEST: u64 = 5;

/// Products.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProductKpis {
    published: i64,
    draft: i64,
    archived: i64,
    /// What sold best in 30 days, by pieces.
    best_sellers: Vec<BestSeller>,
}

/// A SKU that sells well.
#[derive(Serialize, ToSchema)]
pub(crate) struct BestSeller {
    /// Row of `product`; none if the SKU is not known any more.
    product_id: Option<i64>,
    /// The SKU's code.
    sku: String,
    /// The product's name in the reader's language, or in the other; as it was sold, if the product is not known any more.
    name: String,
    /// Pieces ordered, not counting what was called off.
    pieces: i64,
    /// What these came to.
    amount: Money,
}

pub(crate) async fn of(app: &App, pairs: &[Pair; 3], locale: Locale) -> Result<ProductKpis, DbErr> {
    let counts: Vec<(String, i64)> = product::Entity::find()
        .select_only()
        .column(product::Column::Status)
        .column_as(product::Column::Id.count(), "products")
        .filter(product::Column::DeletedAt.is_null())
        .group_by(product::Column::Status)
        .into_tuple()
        .all(app.read())
        .await?;
    let count = |status: &str| counts.iter().find(|(of, _)| of == status).map_or(0, |(_, count)| *count);
    Ok(ProductKpis {
        published: count("published"),
        draft: count("draft"),
        archived: count("archived"),
        best_sellers: best(app, pairs, locale).await?,
    })
}

async fn best(app: &App, pairs: &[Pair; 3], locale: Locale) -> Result<Vec<BestSeller>, DbErr> {
    use order_line::Column as Line;
    let [_, _, month] = pairs;
    let of: RelationDef = order_line::Entity::belongs_to(order::Entity).from(Line::OrderId).to(order::Column::Id).into();
    let pieces = || Expr::expr(Expr::col(Line::Quantity).sub(Expr::col(Line::Cancelled)).sum()).cast_as("bigint");
    let rows: Vec<(Option<i64>, String, String, String, i64, i64)> = order_line::Entity::find()
        .join(JoinType::InnerJoin, of)
        .select_only()
        .columns([Line::SkuId, Line::SkuCode])
        .column_as(Line::Name.max(), "name")
        .column(order::Column::Currency)
        .expr_as(pieces(), "pieces")
        .expr_as(Expr::expr(Expr::col((order_line::Entity, Line::TotalMinor)).sum()).cast_as("bigint"), "amount")
        .filter(order::Column::PlacedOn.between(month.now.from, month.now.to))
        .filter(order::Column::State.is_not_in([State::Draft.as_str(), State::Cancelled.as_str()]))
        .group_by(Line::SkuId)
        .group_by(Line::SkuCode)
        .group_by(order::Column::Currency)
        .order_by(pieces(), Order::Desc)
        .order_by(Line::SkuCode, Order::Asc)
        .limit(BEST)
        .into_tuple()
        .all(app.read())
        .await?;
    let skus: Vec<(i64, i64)> = sku::Entity::find()
        .select_only()
        .columns([sku::Column::Id, sku::Column::ProductId])
        .filter(sku::Column::Id.is_in(rows.iter().filter_map(|row| row.0)))
        .into_tuple()
        .all(app.read())
        .await?;
    let products: BTreeMap<i64, i64> = skus.into_iter().collect();
    let ids: Vec<i64> = products.values().copied().collect();
    let names = names::products(app.read(), &ids).await?;
    let seller = |(sku_id, sku, sold_as, currency, pieces, amount): (Option<i64>, String, String, String, i64, i64)| {
        let product_id = sku_id.and_then(|id| products.get(&id).copied());
        BestSeller {
            product_id,
            sku,
            name: product_id.and_then(|id| names.get(&id).map(|texts| pick(texts, locale))).unwrap_or(sold_as),
            pieces,
            amount: Money::new(amount, currency.parse().unwrap_or(Currency::CNY)),
        }
    };
    Ok(rows.into_iter().map(seller).collect())
}
