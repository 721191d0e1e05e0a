//! The list of orders (M4.2, M4.7): filtered, sorted, page by page, as quick at a
//! million as at a thousand.
//!
//! A filter that narrows little is walked along the index of the order that was asked
//! for; one that narrows much has an index of its own. What somebody searches for is
//! told by its looks (address, telephone number, number or SKU, name), so that each
//! search is one look-up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State as Extract;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::{customer, order, order_line, sku};
use zg_domain::order::{Fulfilment, Payment, Returns, State};
use zg_domain::{Money, Phone};
use zg_web::{Answer, COUNT_LIMIT, Cursor, Limit, Page, Problem, Query, Result, Staff};

use crate::queue::Queue;
use crate::{Error, OrderLock};

/// Which orders.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// `-placed_at` (default), `placed_at`, `-number`, `number`, `-total`, `total`.
    #[param(inline)]
    sort: Option<OrderSort>,
    /// An order's number or its beginning, a SKU, an e-mail address, a telephone number, a name or its beginning.
    q: Option<String>,
    /// What waits for whom.
    #[param(inline)]
    queue: Option<Queue>,
    /// One or several states, with commas.
    state: Option<String>,
    /// One or several of the payment axis, with commas.
    payment: Option<String>,
    /// One or several of the fulfilment axis, with commas.
    fulfilment: Option<String>,
    /// One or several of the axis of returns, with commas.
    returns: Option<String>,
    /// `store`, `import`.
    origin: Option<String>,
    /// Code of a payment method.
    payment_method: Option<String>,
    /// This customer's.
    customer_id: Option<i64>,
    /// From this day of the shop on.
    placed_from: Option<NaiveDate>,
    /// Up to this day of the shop, included.
    placed_to: Option<NaiveDate>,
    /// At least so much, in minor units.
    total_min: Option<i64>,
    /// At most so much, in minor units.
    total_max: Option<i64>,
}

/// How orders are sorted.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
pub(crate) enum OrderSort {
    #[default]
    #[serde(rename = "-placed_at")]
    Newest,
    #[serde(rename = "placed_at")]
    Oldest,
    #[serde(rename = "-number")]
    NumberDown,
    #[serde(rename = "number")]
    NumberUp,
    #[serde(rename = "-total")]
    Dearest,
    #[serde(rename = "total")]
    Cheapest,
}

/// An order in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderRow {
    id: i64,
    number: String,
    state: State,
    payment: Payment,
    fulfilment: Fulfilment,
    returns: Returns,
    /// `store`, `import`.
    origin: String,
    customer_id: Option<i64>,
    /// The customer's name, or that of the contact.
    customer: String,
    /// Where it goes: province and city, or the country.
    destination: Option<String>,
    /// Code of the payment method.
    payment_method: Option<String>,
    /// Name of the shipping method.
    shipping: Option<String>,
    /// The first line's product.
    first: Option<String>,
    /// Pieces that stand.
    items: i64,
    total: Money,
    paid: Money,
    placed_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    /// The lock that binds now.
    lock: Option<OrderLock>,
    version: i64,
}

/// Orders.
#[utoipa::path(get, path = "/admin/orders", params(OrderQuery), responses((status = 200, body = Page<OrderRow>)))]
pub(crate) async fn handler(Extract(app): Extract<App>, _staff: Staff, Query(asked): Query<OrderQuery>) -> Result<Answer<Page<OrderRow>>> {
    let db = app.read();
    let found = filtered(db, &asked, app.now()).await?;
    let total = if asked.cursor.is_none() { Some(count(&app, &asked, &found).await?) } else { None };
    let sort = asked.sort.unwrap_or_default();
    let found = sorted(found, sort, asked.cursor.as_deref())?.limit(asked.limit.and_one());
    let rows = found.into_partial_model::<Row>().all(db).await?;
    let page = Page::of(rows, asked.limit, total, |row| match sort {
        OrderSort::Newest | OrderSort::Oldest => serde_json::json!([row.placed_at, row.id]),
        OrderSort::NumberDown | OrderSort::NumberUp => serde_json::json!(row.number),
        OrderSort::Dearest | OrderSort::Cheapest => serde_json::json!([row.total_minor, row.id]),
    });
    let Page { data, meta } = page;
    Ok(Answer::ok(Page { data: views(db, data, app.now()).await?, meta }))
}

/// Orders are never deleted: once there are more than are counted, there always will be.
#[derive(Debug, Default)]
struct Beyond(AtomicBool);

async fn count(app: &App, asked: &OrderQuery, found: &Select<order::Entity>) -> Result<u64> {
    let everything = !asked.narrows();
    let beyond = app.memory::<Beyond>();
    if everything && beyond.0.load(Ordering::Relaxed) {
        return Ok(COUNT_LIMIT);
    }
    let count = found.clone().select_only().column(order::Column::Id).limit(COUNT_LIMIT).count(app.read()).await?;
    if everything && count == COUNT_LIMIT {
        beyond.0.store(true, Ordering::Relaxed);
    }
    Ok(count)
}

impl OrderQuery {
    /// Does it ask for less than every order?
    const fn narrows(&self) -> bool {
        let Self {
            cursor: _,
            limit: _,
            sort: _,
            q,
            queue,
            state,
            payment,
            fulfilment,
            returns,
            origin,
            payment_method,
            customer_id,
            placed_from,
            placed_to,
            total_min,
            total_max,
        } = self;
        let axes = state.is_some() || payment.is_some() || fulfilment.is_some() || returns.is_some();
        let kinds = q.is_some() || queue.is_some() || origin.is_some() || payment_method.is_some() || customer_id.is_some();
        axes || kinds || placed_from.is_some() || placed_to.is_some() || total_min.is_some() || total_max.is_some()
    }
}

/// What a list shows of an order's row.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "order::Entity")]
struct Row {
    id: i64,
    number: String,
    customer_id: Option<i64>,
    currency: String,
    state: String,
    payment_state: String,
    fulfilment_state: String,
    return_state: String,
    total_minor: i64,
    paid_minor: i64,
    refunded_minor: i64,
    contact_name: String,
    country: Option<String>,
    province: Option<String>,
    city: Option<String>,
    shipping_name: Option<String>,
    payment_method: Option<String>,
    origin: String,
    placed_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    locked_by: Option<i64>,
    locked_name: Option<String>,
    locked_reason: Option<String>,
    locked_until: Option<DateTime<Utc>>,
    version: i64,
}

async fn filtered(db: &impl ConnectionTrait, asked: &OrderQuery, now: DateTime<Utc>) -> Result<Select<order::Entity>> {
    use order::Column;
    let mut found = order::Entity::find().filter(Column::PlacedAt.is_not_null());
    if let Some(text) = asked.q.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        found = found.filter(searched(db, text).await?);
    }
    if let Some(queue) = asked.queue {
        found = found.filter(queue.condition(now));
    }
    for (parameter, column, words) in [
        ("state", Column::State, words::<State>(asked.state.as_deref(), State::as_str)),
        ("payment", Column::PaymentState, words::<Payment>(asked.payment.as_deref(), Payment::as_str)),
        ("fulfilment", Column::FulfilmentState, words::<Fulfilment>(asked.fulfilment.as_deref(), Fulfilment::as_str)),
        ("returns", Column::ReturnState, words::<Returns>(asked.returns.as_deref(), Returns::as_str)),
    ] {
        let Ok(words) = words else { return Err(Problem::bad_request("query_invalid").with("parameter", parameter)) };
        if !words.is_empty() {
            found = found.filter(column.is_in(words));
        }
    }
    let exact = [(Column::Origin, &asked.origin), (Column::PaymentMethod, &asked.payment_method)];
    for (column, value) in exact {
        found = found.filter(Condition::all().add_option(value.as_ref().map(|value| column.eq(value))));
    }
    if let Some(id) = asked.customer_id {
        // Of those who were merged into this customer as well.
        let merged = customer::Entity::find().select_only().column(customer::Column::Id).filter(customer::Column::MergedInto.eq(id));
        found = found.filter(Condition::any().add(Column::CustomerId.eq(id)).add(Column::CustomerId.in_subquery(merged.into_query())));
    }
    let range = Condition::all()
        .add_option(asked.placed_from.map(|day| Column::PlacedOn.gte(day)))
        .add_option(asked.placed_to.map(|day| Column::PlacedOn.lte(day)))
        .add_option(asked.total_min.map(|amount| Column::TotalMinor.gte(amount)))
        .add_option(asked.total_max.map(|amount| Column::TotalMinor.lte(amount)));
    Ok(found.filter(range))
}

/// The words of a list with commas, all of them known.
fn words<T: std::str::FromStr>(list: Option<&str>, word: fn(T) -> &'static str) -> Result<Vec<&'static str>, T::Err> {
    let parts = list.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().map(word)).collect()
}

/// What a text is, told by its looks.
async fn searched(db: &impl ConnectionTrait, text: &str) -> Result<Condition> {
    use order::Column;
    if text.contains('@') {
        return Ok(Condition::all().add(Column::Email.eq(text.to_lowercase())));
    }
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | ' '));
    if !plain || text.contains(' ') {
        return Ok(Condition::all().add(Column::ContactName.starts_with(text)));
    }
    let mut any = Condition::any().add(Column::Number.eq(text)).add(Column::Number.starts_with(text.to_uppercase()));
    if let Ok(phone) = text.parse::<Phone>() {
        any = any.add(Column::Phone.eq(phone.as_str()));
    }
    if text.chars().all(|c| c.is_ascii_alphabetic()) {
        any = any.add(Column::ContactName.starts_with(text));
    }
    if let Some(ware) = sku::Entity::find().filter(sku::Column::Code.eq(text)).one(db).await? {
        let holding =
            order_line::Entity::find().select_only().column(order_line::Column::OrderId).filter(order_line::Column::SkuId.eq(ware.id));
        any = any.add(Column::Id.in_subquery(holding.into_query()));
    }
    Ok(any)
}

fn sorted(found: Select<order::Entity>, sort: OrderSort, cursor: Option<&str>) -> Result<Select<order::Entity>> {
    use order::Column;
    let (column, direction) = match sort {
        OrderSort::Newest => (Column::PlacedAt, Order::Desc),
        OrderSort::Oldest => (Column::PlacedAt, Order::Asc),
        OrderSort::NumberDown => (Column::Number, Order::Desc),
        OrderSort::NumberUp => (Column::Number, Order::Asc),
        OrderSort::Dearest => (Column::TotalMinor, Order::Desc),
        OrderSort::Cheapest => (Column::TotalMinor, Order::Asc),
    };
    let down = direction == Order::Desc;
    let beyond = match column {
        Column::PlacedAt => Cursor::decode_opt::<(DateTime<Utc>, i64)>(cursor)?.map(|(at, id)| after(column, at.into(), id, down)),
        Column::Number => Cursor::decode_opt::<String>(cursor)?
            .map(|number| Condition::all().add(if down { column.lt(number) } else { column.gt(number) })),
        _ => Cursor::decode_opt::<(i64, i64)>(cursor)?.map(|(amount, id)| after(column, amount.into(), id, down)),
    };
    Ok(found.filter(Condition::all().add_option(beyond)).order_by(column, direction.clone()).order_by(Column::Id, direction))
}

/// Beyond a row in the order of a column and the id.
fn after(column: order::Column, value: sea_orm::Value, id: i64, down: bool) -> Condition {
    let (beyond, tie) =
        if down { (column.lt(value.clone()), order::Column::Id.lt(id)) } else { (column.gt(value.clone()), order::Column::Id.gt(id)) };
    Condition::any().add(beyond).add(Condition::all().add(column.eq(value)).add(tie))
}

async fn views(db: &impl ConnectionTrait, rows: Vec<Row>, now: DateTime<Utc>) -> Result<Vec<OrderRow>, Error> {
    let ids = rows.iter().map(|row| row.id);
    let lines: Vec<(i64, i32, String, i64, i64)> = order_line::Entity::find()
        .select_only()
        .columns([order_line::Column::OrderId, order_line::Column::Ordinal, order_line::Column::Name])
        .columns([order_line::Column::Quantity, order_line::Column::Cancelled])
        .filter(order_line::Column::OrderId.is_in(ids))
        .order_by(order_line::Column::OrderId, Order::Asc)
        .order_by(order_line::Column::Ordinal, Order::Asc)
        .into_tuple()
        .all(db)
        .await?;
    let mut content: BTreeMap<i64, (Option<String>, i64)> = BTreeMap::new();
    for (order_id, _, name, quantity, cancelled) in lines {
        let entry = content.entry(order_id).or_default();
        entry.0.get_or_insert(name);
        entry.1 += quantity - cancelled;
    }
    rows.into_iter().map(|row| view(row, &mut content, now)).collect()
}

fn view(row: Row, content: &mut BTreeMap<i64, (Option<String>, i64)>, now: DateTime<Utc>) -> Result<OrderRow, Error> {
    let currency = row.currency.parse().map_err(|_| Error::Stored("the currency of an order"))?;
    let axis = |_| Error::Stored("an axis of an order");
    let (first, items) = content.remove(&row.id).unwrap_or_default();
    let place = [row.province.as_deref(), row.city.as_deref()].into_iter().flatten().filter(|part| !part.is_empty());
    let place: Vec<&str> = place.collect();
    Ok(OrderRow {
        id: row.id,
        state: row.state.parse().map_err(axis)?,
        payment: row.payment_state.parse().map_err(axis)?,
        fulfilment: row.fulfilment_state.parse().map_err(axis)?,
        returns: row.return_state.parse().map_err(axis)?,
        destination: if place.is_empty() { row.country } else { Some(place.join(" ")) },
        lock: OrderLock::until(row.locked_until, row.locked_by, row.locked_name, row.locked_reason, now),
        total: Money::new(row.total_minor, currency),
        paid: Money::new(row.paid_minor - row.refunded_minor, currency),
        first,
        items,
        customer_id: row.customer_id,
        customer: row.contact_name,
        number: row.number,
        origin: row.origin,
        payment_method: row.payment_method,
        shipping: row.shipping_name,
        placed_at: row.placed_at,
        expires_at: row.expires_at,
        version: row.version,
    })
}
