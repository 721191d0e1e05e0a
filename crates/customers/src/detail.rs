//! One customer (M7.1), and the orders of all records of that person.

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::order;
use zg_domain::order::{Fulfilment, Payment, State as OrderState};
use zg_domain::{Currency, Money};
use zg_web::{Answer, Cursor, Limit, Page, PageMeta, Path, Query, Result, Staff};

use crate::view::{CustomerView, whole};
use crate::{find, sums};

/// One customer.
#[utoipa::path(get, path = "/admin/customers/{id}", params(("id" = i64, Path)), responses((status = 200, body = CustomerView)))]
pub(crate) async fn handler(State(app): State<App>, _staff: Staff, Path(id): Path<i64>) -> Result<Answer<CustomerView>> {
    let row = find::one(app.read(), id).await?;
    let version = row.version;
    Ok(Answer::ok(whole(app.read(), row).await?).etag(version))
}

/// A customer's orders: sums over all, and a page of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerOrders {
    /// Orders, not counting cancelled ones.
    count: i64,
    /// Of these, the ones under way.
    open: i64,
    /// What they came to, less refunds, a sum a currency.
    spent: Vec<Money>,
    /// When the first was placed.
    first_at: Option<DateTime<Utc>>,
    /// When the last was placed.
    last_at: Option<DateTime<Utc>>,
    /// Newest first.
    data: Vec<CustomerOrder>,
    meta: PageMeta,
}

/// An order of a customer.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerOrder {
    id: i64,
    number: String,
    placed_at: Option<DateTime<Utc>>,
    state: OrderState,
    payment: Payment,
    fulfilment: Fulfilment,
    total: Money,
}

/// Which page of a customer's orders.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CustomerOrderQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
}

/// A customer's orders, also of those that were merged into it.
#[utoipa::path(get, path = "/admin/customers/{id}/orders", params(("id" = i64, Path), CustomerOrderQuery), responses((status = 200, body = CustomerOrders)))]
pub(crate) async fn orders(
    State(app): State<App>,
    _staff: Staff,
    Path(id): Path<i64>,
    Query(asked): Query<CustomerOrderQuery>,
) -> Result<Answer<CustomerOrders>> {
    use order::Column;
    let db = app.read();
    find::one(db, id).await?;
    let sum = sums::by_customer(db, &[id]).await?.remove(&id).unwrap_or_default();
    let ids = find::identities(db, id).await?;
    let mut found = order::Entity::find().filter(Column::CustomerId.is_in(ids)).filter(Column::State.ne(OrderState::Draft.as_str()));
    if let Some(last) = Cursor::decode_opt::<i64>(asked.cursor.as_deref())? {
        found = found.filter(Column::Id.lt(last));
    }
    let rows = found.order_by(Column::Id, Order::Desc).limit(asked.limit.and_one()).all(db).await?;
    let Page { data, meta } = Page::of(rows, asked.limit, None, |row| row.id).map(view);
    Ok(Answer::ok(CustomerOrders {
        count: sum.count,
        open: sum.open,
        spent: sum.spent,
        first_at: sum.first_at,
        last_at: sum.last_at,
        data,
        meta,
    }))
}

fn view(row: order::Model) -> CustomerOrder {
    CustomerOrder {
        id: row.id,
        number: row.number,
        placed_at: row.placed_at,
        state: row.state.parse().unwrap_or(OrderState::Placed),
        payment: row.payment_state.parse().unwrap_or(Payment::Unpaid),
        fulfilment: row.fulfilment_state.parse().unwrap_or(Fulfilment::None),
        total: Money::new(row.total_minor, row.currency.parse().unwrap_or(Currency::CNY)),
    }
}
