//! The list of customers (M7.1): found by name, pinyin, e-mail, phone or code.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::customer::{self, Column, Entity};
use zg_db::entity::{customer_tag, tag};
use zg_web::{Answer, COUNT_LIMIT, Cursor, Limit, Page, Query, Result, Staff};

use crate::find::ACTIVE;
use crate::view::{CustomerRow, CustomerState, tags_of};
use crate::{Error, folded, sums};

/// Which customers.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CustomerQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// Part of a name, its pinyin, an e-mail address, a phone number or a code.
    q: Option<String>,
    /// Those with this tag, by name.
    tag: Option<String>,
    /// Those of this segment.
    segment: Option<String>,
    /// Those in this state; in use, unless said.
    state: Option<CustomerState>,
    /// Those who can sign in, or who can't.
    has_account: Option<bool>,
    /// Known since this day of the shop or later.
    from: Option<NaiveDate>,
    /// Known since this day of the shop or earlier.
    to: Option<NaiveDate>,
    /// The order.
    #[serde(default)]
    #[param(inline)]
    sort: CustomerSort,
}

/// The order of customers.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
pub(crate) enum CustomerSort {
    /// Newest first.
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    /// Oldest first.
    #[serde(rename = "created_at")]
    Oldest,
    /// By name.
    #[serde(rename = "name")]
    Name,
}

/// Customers.
#[utoipa::path(get, path = "/admin/customers", params(CustomerQuery), responses((status = 200, body = Page<CustomerRow>)))]
pub(crate) async fn handler(
    State(app): State<App>,
    _staff: Staff,
    Query(asked): Query<CustomerQuery>,
) -> Result<Answer<Page<CustomerRow>>> {
    let db = app.read();
    let found = filtered(&app, &asked);
    let total = if asked.cursor.is_none() { Some(found.clone().limit(COUNT_LIMIT).count(db).await?) } else { None };
    let rows = sorted(found, &asked)?.limit(asked.limit.and_one()).all(db).await?;
    let page = match asked.sort {
        CustomerSort::Newest | CustomerSort::Oldest => Page::of(rows, asked.limit, total, |row| (row.created_at, row.id).into_key()),
        CustomerSort::Name => Page::of(rows, asked.limit, total, |row| (row.name_key.clone(), row.id).into_key()),
    };
    let Page { data, meta } = page;
    Ok(Answer::ok(Page { data: rows_of(db, data).await?, meta }))
}

/// The key of a row in either order, as one type.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    At(DateTime<Utc>, i64),
    Name(String, i64),
}

trait IntoKey {
    fn into_key(self) -> Key;
}

impl IntoKey for (DateTime<Utc>, i64) {
    fn into_key(self) -> Key {
        Key::At(self.0, self.1)
    }
}

impl IntoKey for (String, i64) {
    fn into_key(self) -> Key {
        Key::Name(self.0, self.1)
    }
}

fn filtered(app: &App, asked: &CustomerQuery) -> Select<Entity> {
    let state = asked.state.map_or(ACTIVE, CustomerState::as_str);
    let mut found = Entity::find().filter(Column::State.eq(state));
    if let Some(text) = asked.q.as_deref().map(folded::asked).filter(|text| !text.is_empty()) {
        found = found.filter(contains(&text));
    }
    if let Some(name) = &asked.tag {
        let ids = tag::Entity::find().select_only().column(tag::Column::Id).filter(tag::Column::Name.eq(name)).into_query();
        let tagged = customer_tag::Entity::find()
            .select_only()
            .column(customer_tag::Column::CustomerId)
            .filter(customer_tag::Column::TagId.in_subquery(ids));
        found = found.filter(Column::Id.in_subquery(tagged.into_query()));
    }
    if let Some(segment) = &asked.segment {
        found = found.filter(Column::Segment.eq(segment));
    }
    match asked.has_account {
        Some(true) => found = found.filter(Column::PasswordHash.is_not_null()),
        Some(false) => found = found.filter(Column::PasswordHash.is_null()),
        None => {}
    }
    let zone = app.shop().time_zone;
    if let Some(from) = asked.from {
        found = found.filter(Column::CreatedAt.gte(zg_domain::time::start_of(from, zone)));
    }
    if let Some(to) = asked.to {
        found = found.filter(Column::CreatedAt.lt(zg_domain::time::span(to, to, zone).1));
    }
    found
}

/// Customers in use that somebody who types this means: part of a name, its pinyin, an
/// e-mail address, a phone number or a code. None if the text is empty.
pub fn found(typed: &str) -> Option<Condition> {
    let text = folded::asked(typed);
    (!text.is_empty()).then(|| Condition::all().add(Column::State.eq(ACTIVE)).add(contains(&text)))
}

/// A customer is found by this text.
fn contains(text: &str) -> Expr {
    zg_db::pattern::holds(Expr::col((Entity, Column::FoundBy)), text)
}

fn sorted(found: Select<Entity>, asked: &CustomerQuery) -> Result<Select<Entity>, Error> {
    let after: Option<Key> = Cursor::decode_opt(asked.cursor.as_deref()).map_err(|_| Error::Cursor)?;
    let (column, order) = match asked.sort {
        CustomerSort::Newest => (Column::CreatedAt, Order::Desc),
        CustomerSort::Oldest => (Column::CreatedAt, Order::Asc),
        CustomerSort::Name => (Column::NameKey, Order::Asc),
    };
    let found = match (after, asked.sort) {
        (None, _) => found,
        (Some(Key::At(at, id)), CustomerSort::Newest) => {
            found.filter(Column::CreatedAt.lt(at).or(Column::CreatedAt.eq(at).and(Column::Id.lt(id))))
        }
        (Some(Key::At(at, id)), CustomerSort::Oldest) => {
            found.filter(Column::CreatedAt.gt(at).or(Column::CreatedAt.eq(at).and(Column::Id.gt(id))))
        }
        (Some(Key::Name(name, id)), CustomerSort::Name) => {
            found.filter(Column::NameKey.gt(&name).or(Column::NameKey.eq(&name).and(Column::Id.gt(id))))
        }
        (Some(_), _) => return Err(Error::Cursor),
    };
    Ok(found.order_by(column, order.clone()).order_by(Column::Id, order))
}

/// Rows with their tags and what they ordered.
pub(crate) async fn rows_of(db: &impl ConnectionTrait, rows: Vec<customer::Model>) -> Result<Vec<CustomerRow>, Error> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut tags = tags_of(db, &ids).await?;
    let mut sums = sums::by_customer(db, &ids).await?;
    let view = |row: customer::Model| {
        let tags = tags.remove(&row.id).unwrap_or_default();
        let sum = sums.remove(&row.id).unwrap_or_default();
        CustomerRow::of(row, tags, sum.count, sum.spent)
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A segment and how many are in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Segment {
    segment: String,
    customers: i64,
}

/// The segments there are, by name.
#[utoipa::path(get, path = "/admin/customers/segments", responses((status = 200, body = Vec<Segment>)))]
pub(crate) async fn segments(State(app): State<App>, _staff: Staff) -> Result<Answer<Vec<Segment>>> {
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::Segment)
        .column_as(Column::Id.count(), "customers")
        .filter(Column::Segment.is_not_null())
        .filter(Column::State.eq(ACTIVE))
        .group_by(Column::Segment)
        .order_by(Column::Segment, Order::Asc)
        .limit(200)
        .into_tuple()
        .all(app.read())
        .await?;
    Ok(Answer::ok(rows.into_iter().map(|(segment, customers)| Segment { segment, customers }).collect()))
}
