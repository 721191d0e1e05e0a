//! The timeline of an order, newest first, and what colleagues write into it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::{order, order_entry};
use zg_web::{Answer, Committed, Cursor, Json, Limit, Page, Path, Query, Result};

use crate::detail::{self, Clerk, OrderView};
use crate::event::OrderChanged;
use crate::find::{self, change};
use crate::{Error, note_entry, text};

/// Characters of a comment.
const COMMENT: usize = 2_000;

/// A line of the timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderEntry)]
pub(crate) struct EntryView {
    id: i64,
    at: DateTime<Utc>,
    /// `placed`, `confirmed`, `unconfirmed`, `cancelled`, `lines_cancelled`, `completed`, `locked`,
    /// `unlocked`, `taken_over`, `note`, `comment`, `moved_in`, and what other modules write.
    kind: String,
    /// `staff`, `api_key`, `shopper`, `guest`, `system`.
    actor_kind: String,
    /// The member of staff, key or customer.
    actor_id: Option<i64>,
    actor_name: String,
    /// What the kind tells beside: amounts, counts, a reason.
    data: Value,
    comment: Option<String>,
}

impl From<order_entry::Model> for EntryView {
    fn from(row: order_entry::Model) -> Self {
        let order_entry::Model { id, at, kind, actor_kind, actor_id, actor_name, data, comment, .. } = row;
        Self { id, at, kind, actor_kind, actor_id, actor_name, data, comment }
    }
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
}

/// The timeline, newest first.
#[utoipa::path(get, path = "/admin/orders/{id}/timeline", params(("id" = i64, Path), EntryQuery), responses((status = 200, body = Page<EntryView>)))]
pub(crate) async fn handler(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(asked): Query<EntryQuery>,
) -> Result<Answer<Page<EntryView>>> {
    order::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::NotFound)?;
    let before = Cursor::decode_opt::<i64>(asked.cursor.as_deref())?;
    Ok(Answer::ok(page(app.read(), id, before, asked.limit).await?))
}

/// The newest lines.
pub(crate) async fn first(db: &impl ConnectionTrait, order_id: i64) -> Result<Page<EntryView>, Error> {
    page(db, order_id, None, Limit::default()).await
}

async fn page(db: &impl ConnectionTrait, order_id: i64, before: Option<i64>, limit: Limit) -> Result<Page<EntryView>, Error> {
    use order_entry::Column;
    let mut found = order_entry::Entity::find().filter(Column::OrderId.eq(order_id));
    if let Some(id) = before {
        found = found.filter(Column::Id.lt(id));
    }
    let rows = found.order_by(Column::Id, Order::Desc).limit(limit.and_one()).all(db).await?;
    Ok(Page::of(rows, limit, None, |row| row.id).map(EntryView::from))
}

/// Something to be told to colleagues.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewComment {
    /// Up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    comment: String,
}

/// Writes a comment into the timeline. It changes nothing of the order, so a
/// colleague's lock does not keep anybody from it.
#[utoipa::path(post, path = "/admin/orders/{id}/timeline", params(("id" = i64, Path)), request_body = NewComment, responses((status = 200, body = OrderView)))]
pub(crate) async fn comment(
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<i64>,
    Json(asked): Json<NewComment>,
) -> Result<Committed<OrderView>> {
    let comment = text::required(&asked.comment, COMMENT, "/comment")?;
    let tx = app.begin(clerk.actor()).await?;
    let row = find::locked(&tx, id).await?;
    // What a page shows of the order has changed: so does its version.
    let after = change(&tx, &row, order::ActiveModel::default()).await?;
    note_entry(&tx, id, "comment", json!({}), Some(&comment)).await?;
    tx.publish(&OrderChanged((&after).into())).await?;
    detail::committed(tx, &clerk, id).await
}
