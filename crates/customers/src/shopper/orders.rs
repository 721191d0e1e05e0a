//! Shoppers' own orders, newest first.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use zg_db::entity::{order, order_line};
use zg_domain::order::{Fulfilment, Payment, State};
use zg_domain::{Currency, Money};
use zg_web::{Cursor, Limit, Page};

use crate::{Error, find};

/// An order, to who ordered it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnOrder {
    /// Its number.
    pub number: String,
    /// Opens the order's page.
    pub token: String,
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// Where it is in its life.
    pub state: State,
    /// How far it is paid.
    pub payment: Payment,
    /// How far it is sent.
    pub fulfilment: Fulfilment,
    /// What it comes to.
    pub total: Money,
    /// Pieces ordered, less those called off.
    pub pieces: i64,
    /// The name of its first item.
    pub first_item: Option<String>,
}

/// One page of one's orders, also of those placed as a guest with an address that was
/// confirmed, and of records that were merged.
///
/// # Errors
/// [`Error::Base`]; [`Error::Cursor`] if the cursor is not of this list.
pub async fn orders(db: &impl ConnectionTrait, customer_id: i64, cursor: Option<&str>, limit: Limit) -> Result<Page<OwnOrder>, Error> {
    use order::Column;
    let ids = find::identities(db, customer_id).await?;
    let mut found = order::Entity::find().filter(Column::CustomerId.is_in(ids)).filter(Column::State.ne(State::Draft.as_str()));
    if let Some(last) = Cursor::decode_opt::<i64>(cursor).map_err(|_| Error::Cursor)? {
        found = found.filter(Column::Id.lt(last));
    }
    let rows = found.order_by(Column::Id, Order::Desc).limit(limit.and_one()).all(db).await?;
    let page = Page::of(rows, limit, None, |row| row.id);
    let contents = contents(db, page.data.iter().map(|row| row.id).collect()).await?;
    Ok(page.map(|row| view(row, &contents)))
}

/// Order → pieces, and the first item's name.
async fn contents(db: &impl ConnectionTrait, orders: Vec<i64>) -> Result<BTreeMap<i64, (i64, String)>, Error> {
    use order_line::Column;
    let rows: Vec<(i64, String, i64)> = order_line::Entity::find()
        .select_only()
        .columns([Column::OrderId, Column::Name])
        .column_as(Expr::col(Column::Quantity).sub(Expr::col(Column::Cancelled)), "pieces")
        .filter(Column::OrderId.is_in(orders))
        .order_by(Column::OrderId, Order::Asc)
        .order_by(Column::Ordinal, Order::Asc)
        .into_tuple()
        .all(db)
        .await?;
    let mut contents: BTreeMap<i64, (i64, String)> = BTreeMap::new();
    for (order_id, name, pieces) in rows {
        contents.entry(order_id).or_insert_with(|| (0, name)).0 += pieces;
    }
    Ok(contents)
}

fn view(row: order::Model, contents: &BTreeMap<i64, (i64, String)>) -> OwnOrder {
    let content = contents.get(&row.id);
    OwnOrder {
        number: row.number,
        token: row.token,
        placed_at: row.placed_at,
        state: row.state.parse().unwrap_or(State::Placed),
        payment: row.payment_state.parse().unwrap_or(Payment::Unpaid),
        fulfilment: row.fulfilment_state.parse().unwrap_or(Fulfilment::None),
        total: Money::new(row.total_minor, row.currency.parse().unwrap_or(Currency::CNY)),
        pieces: content.map_or(0, |(pieces, _)| *pieces),
        first_item: content.map(|(_, name)| name.clone()),
    }
}
