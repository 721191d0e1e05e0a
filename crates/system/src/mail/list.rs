//! The list of mails, newest first.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DerivePartialModel, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::{App, mail};
use zg_db::entity::mail::{Column, Entity};
use zg_db::pattern;
use zg_domain::time::start_of;
use zg_web::{Answer, COUNT_LIMIT, Cursor, Limit, Page, Query, Result};

use crate::Error;

/// Which mails.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MailQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// One or several states, with commas.
    state: Option<String>,
    /// A kind of mail: `order_placed`.
    template: Option<String>,
    /// Part of the address or of the subject.
    q: Option<String>,
    /// From this day of the shop on.
    from: Option<NaiveDate>,
    /// Up to this day of the shop, included.
    to: Option<NaiveDate>,
    /// About this order.
    order_id: Option<i64>,
    /// To this customer.
    customer_id: Option<i64>,
}

/// Mails by what they are, as a list shows them.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailFilter {
    /// One or several states, with commas.
    pub(super) state: Option<String>,
    /// A kind of mail: `order_placed`.
    pub(super) template: Option<String>,
    /// Part of the address or of the subject.
    pub(super) q: Option<String>,
    /// From this day of the shop on.
    pub(super) from: Option<NaiveDate>,
    /// Up to this day of the shop, included.
    pub(super) to: Option<NaiveDate>,
    /// About this order.
    pub(super) order_id: Option<i64>,
    /// To this customer.
    pub(super) customer_id: Option<i64>,
}

impl MailFilter {
    pub(super) fn condition(&self, app: &App) -> Result<Condition, Error> {
        let zone = app.shop().time_zone;
        let mut which = Condition::all();
        if let Some(states) = &self.state {
            let known = |state: &&str| mail::State::ALL.iter().any(|known| known.as_str() == *state);
            let states: Vec<&str> = states.split(',').map(str::trim).filter(|state| !state.is_empty()).collect();
            if let Some(unknown) = states.iter().find(|state| !known(state)) {
                return Err(Error::MailStateUnknown((*unknown).to_owned()));
            }
            which = which.add(Column::State.is_in(states));
        }
        if let Some(template) = &self.template {
            which = which.add(Column::Template.eq(template.as_str()));
        }
        if let Some(q) = self.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
            let part = |column: Column| pattern::holds(Expr::col(column), q);
            which = which.add(Condition::any().add(part(Column::ToAddress)).add(part(Column::Subject)));
        }
        if let Some(from) = self.from {
            which = which.add(Column::CreatedAt.gte(start_of(from, zone)));
        }
        if let Some(after) = self.to.and_then(|to| to.succ_opt()) {
            which = which.add(Column::CreatedAt.lt(start_of(after, zone)));
        }
        if let Some(order) = self.order_id {
            which = which.add(Column::OrderId.eq(order));
        }
        if let Some(customer) = self.customer_id {
            which = which.add(Column::CustomerId.eq(customer));
        }
        Ok(which)
    }
}

/// A mail in a list.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Row {
    id: i64,
    to_address: String,
    template: String,
    subject: String,
    state: String,
    attempts: i32,
    last_error: Option<String>,
    next_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    customer_id: Option<i64>,
    order_id: Option<i64>,
}

/// A mail in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MailRow {
    id: i64,
    /// Empty once it was erased with its customer.
    to: String,
    /// Its kind: `order_placed`.
    template: String,
    subject: String,
    /// `queued`, `paused`, `sending`, `sent`, `failed`, `bounced`.
    state: String,
    /// How often it was tried since it was queued.
    attempts: i32,
    /// What the mail server said last, or `worker_lost`, or `erased`.
    last_error: Option<String>,
    /// When it is tried next.
    next_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    customer_id: Option<i64>,
    order_id: Option<i64>,
}

impl From<Row> for MailRow {
    fn from(row: Row) -> Self {
        let Row { id, to_address, template, subject, state, attempts, last_error, next_at, created_at, sent_at, customer_id, order_id } =
            row;
        let next_at = next_at.filter(|_| state == mail::State::Queued.as_str());
        Self { id, to: to_address, template, subject, state, attempts, last_error, next_at, created_at, sent_at, customer_id, order_id }
    }
}

/// Mails, newest first.
#[utoipa::path(get, path = "/admin/mails", params(MailQuery), responses((status = 200, body = Page<MailRow>)))]
pub(crate) async fn handler(State(app): State<App>, Query(asked): Query<MailQuery>) -> Result<Answer<Page<MailRow>>> {
    let MailQuery { cursor, limit, state, template, q, from, to, order_id, customer_id } = asked;
    let before = Cursor::decode_opt::<i64>(cursor.as_deref())?;
    let which = MailFilter { state, template, q, from, to, order_id, customer_id }.condition(&app)?;
    let found = Entity::find().filter(which).order_by(Column::Id, Order::Desc);
    let total = if before.is_none() {
        let counted = found.clone().select_only().column(Column::Id).limit(COUNT_LIMIT);
        Some(counted.count(app.read()).await?)
    } else {
        None
    };
    let page = match before {
        Some(id) => found.filter(Column::Id.lt(id)),
        None => found,
    };
    let rows: Vec<Row> = page.limit(limit.and_one()).into_partial_model().all(app.read()).await?;
    Ok(Answer::ok(Page::of(rows, limit, total, |row| row.id).map(MailRow::from)))
}
