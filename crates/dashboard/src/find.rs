//! The palette's search (B7): orders, customers and products at once, as far as one's
//! rights reach.

use axum::extract::State;
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_catalog::{ReadCatalog, names, pick};
use zg_customers::ReadCustomers;
use zg_db::entity::{customer, order, product, product_text, sku};
use zg_db::pattern::{begins, ends, holds};
use zg_domain::{Currency, Locale, Money};
use zg_orders::ReadOrders;
use zg_web::{Answer, Lang, Query, Result, Staff};

/// Hits of a kind.
const MOST: u64 = 6;

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// An order's number, a customer, a product or a SKU.
    #[serde(default)]
    #[param(required)]
    q: String,
}

/// What was found, the likeliest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchResults {
    data: Vec<Hit>,
}

/// Something that was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hit {
    kind: HitKind,
    id: i64,
    title: String,
    subtitle: Option<String>,
}

/// What was found.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HitKind {
    Order,
    Product,
    Customer,
}

/// Finds orders, customers and products, as far as one's rights reach.
#[utoipa::path(get, path = "/admin/search", params(SearchQuery), responses((status = 200, body = SearchResults)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Lang(locale): Lang,
    Query(asked): Query<SearchQuery>,
) -> Result<Answer<SearchResults>> {
    let typed = asked.q.trim();
    let mut data = Vec::new();
    if !typed.is_empty() {
        if staff.rights.allows::<ReadOrders>() {
            data.extend(orders(&app, typed).await?);
        }
        if staff.rights.allows::<ReadCustomers>() {
            data.extend(customers(&app, typed).await?);
        }
        if staff.rights.allows::<ReadCatalog>() {
            data.extend(products(&app, typed, locale).await?);
        }
    }
    Ok(Answer::ok(SearchResults { data }))
}

/// Orders whose number begins so, or ends so: people remember the last digits.
async fn orders(app: &App, typed: &str) -> Result<Vec<Hit>, DbErr> {
    use order::Column;
    let number = || Expr::expr(Func::upper(Expr::col(Column::Number)));
    let text = typed.to_uppercase();
    let mut named = Condition::any().add(begins(number(), &text));
    if typed.chars().count() >= 4 {
        named = named.add(ends(number(), &text));
    }
    let rows = order::Entity::find().filter(named).order_by(Column::Id, Order::Desc).limit(MOST).all(app.read()).await?;
    let hit = |row: order::Model| {
        let total = Money::new(row.total_minor, row.currency.parse().unwrap_or(Currency::CNY));
        let total = format!("{} {}", total.to_decimal(), total.currency);
        let subtitle = if row.contact_name.is_empty() { total } else { format!("{} · {total}", row.contact_name) };
        Hit { kind: HitKind::Order, id: row.id, title: row.number, subtitle: Some(subtitle) }
    };
    Ok(rows.into_iter().map(hit).collect())
}

async fn customers(app: &App, typed: &str) -> Result<Vec<Hit>, DbErr> {
    use customer::Column;
    let Some(found) = zg_customers::found(typed) else { return Ok(Vec::new()) };
    let rows = customer::Entity::find().filter(found).order_by(Column::Id, Order::Desc).limit(MOST).all(app.read()).await?;
    let hit = |row: customer::Model| {
        let subtitle = row.phone.or(row.email).unwrap_or(row.code);
        Hit { kind: HitKind::Customer, id: row.id, title: row.name, subtitle: Some(subtitle) }
    };
    Ok(rows.into_iter().map(hit).collect())
}

/// Products by part of a name in any language, and by the beginning of a code.
async fn products(app: &App, typed: &str, locale: Locale) -> Result<Vec<Hit>, DbErr> {
    use product::Column;
    let text = typed.to_lowercase();
    let named = product_text::Entity::find()
        .select_only()
        .column(product_text::Column::ProductId)
        .filter(holds(Expr::expr(Func::lower(Expr::col(product_text::Column::Name))), &text))
        .into_query();
    let coded = sku::Entity::find()
        .select_only()
        .column(sku::Column::ProductId)
        .filter(
            Condition::any().add(begins(Expr::expr(Func::lower(Expr::col(sku::Column::Code))), &text)).add(sku::Column::Barcode.eq(typed)),
        )
        .into_query();
    let rows = product::Entity::find()
        .filter(Column::DeletedAt.is_null())
        .filter(Condition::any().add(Column::Id.in_subquery(coded)).add(Column::Id.in_subquery(named)))
        .order_by(Column::Id, Order::Desc)
        .limit(MOST)
        .all(app.read())
        .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let names = names::products(app.read(), &ids).await?;
    let hit = |row: product::Model| {
        let name = names.get(&row.id).map(|texts| pick(texts, locale));
        Hit { kind: HitKind::Product, id: row.id, title: name.unwrap_or_else(|| row.code.clone()), subtitle: Some(row.code) }
    };
    Ok(rows.into_iter().map(hit).collect())
}
