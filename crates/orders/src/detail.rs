//! One order, with everything its page shows, in one answer: lines with counts,
//! totals, explanation, address, lock, checks, what can be done, timeline.

use axum::extract::{FromRequestParts, State as Extract};
use axum::http::request::Parts;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::{Actor, App, Tx};
use zg_db::entity::{customer, order, payment_method};
use zg_domain::order::{Check, Fulfilment, Payment, Returns, State};
use zg_domain::pricing::Step;
use zg_domain::{Currency, Locale};
use zg_web::{Answer, Committed, Lang, Page, Path, Problem, Result, Rights, Staff, View};

use crate::actions::{Facts, OrderAction, actions};
use crate::confirm;
use crate::error::Error;
use crate::find::{is_picking, lines_of, state_of};
use crate::lock::OrderLock;
use crate::timeline::{self, EntryView};
use crate::view::{Address, LineView, Totals, address_of, currency_of, explanation_of, line_views};

/// The member of staff or the key that works on an order, and their language.
#[derive(Clone, Debug)]
pub(crate) struct Clerk {
    staff: Staff,
    pub(crate) locale: Locale,
}

impl Clerk {
    pub(crate) fn actor(&self) -> &Actor {
        &self.staff.actor
    }

    pub(crate) fn rights(&self) -> &Rights {
        &self.staff.rights
    }

    pub(crate) fn staff_id(&self) -> Option<i64> {
        self.staff.id
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Clerk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let staff = Staff::from_request_parts(parts, state).await?;
        Ok(Self { staff, locale: Lang::of(&parts.uri, &parts.headers).0 })
    }
}

/// Whose order it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderCustomer {
    id: i64,
    code: String,
    name: String,
}

/// How to reach the one who ordered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderContact {
    name: String,
    email: Option<String>,
    phone: Option<String>,
}

/// A way to ship or to pay.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderMethod {
    code: String,
    name: String,
}

/// An order, whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    id: i64,
    number: String,
    state: State,
    payment: Payment,
    fulfilment: Fulfilment,
    returns: Returns,
    currency: Currency,
    /// The language it was ordered in.
    locale: String,
    /// `store`, `import`.
    origin: String,
    customer: Option<OrderCustomer>,
    contact: OrderContact,
    address: Option<Address>,
    shipping_method: Option<OrderMethod>,
    payment_method: Option<OrderMethod>,
    /// What the shopper wrote.
    note: Option<String>,
    lines: Vec<LineView>,
    totals: Totals,
    /// Every step of the price, amounts in minor units of the order's currency (B1).
    explanation: Vec<Step>,
    placed_at: Option<DateTime<Utc>>,
    /// The shop's day.
    placed_on: Option<NaiveDate>,
    confirmed_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    cancelled_at: Option<DateTime<Utc>>,
    cancel_reason: Option<String>,
    /// Unpaid till then it is cancelled.
    expires_at: Option<DateTime<Utc>>,
    /// The lock that binds now.
    lock: Option<OrderLock>,
    /// The checks before picking, while the order waits for it.
    checks: Vec<Check>,
    actions: Vec<OrderAction>,
    /// The newest lines of the timeline.
    timeline: Page<EntryView>,
    version: i64,
}

impl View for OrderView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// One order.
#[utoipa::path(get, path = "/admin/orders/{id}", params(("id" = i64, Path)), responses((status = 200, body = OrderView)))]
pub(crate) async fn handler(Extract(app): Extract<App>, clerk: Clerk, Path(id): Path<i64>) -> Result<Answer<OrderView>> {
    let view = read(app.read(), &clerk, app.now(), id).await?;
    let version = view.version;
    Ok(Answer::ok(view).etag(version))
}

/// Commits, and answers with the order as it stands then.
pub(crate) async fn committed(tx: Tx, clerk: &Clerk, id: i64) -> Result<Committed<OrderView>> {
    let view = read(tx.db(), clerk, tx.now(), id).await?;
    Committed::ok(tx, view).await
}

async fn read(db: &impl ConnectionTrait, clerk: &Clerk, now: DateTime<Utc>, id: i64) -> Result<OrderView, Error> {
    let row = order::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let lines = lines_of(db, id).await?;
    let picking = is_picking(db, id).await?;
    let method = payment_method_of(db, &row).await?;
    let state = state_of(&row)?;
    let checks = if state == State::Placed { confirm::checks(&row, &lines, method.as_ref()) } else { Vec::new() };
    let lock = OrderLock::of(&row, now);
    let open = lines.iter().map(|line| (line.quantity - line.cancelled - line.shipped).max(0)).sum();
    let shipped = lines.iter().map(|line| line.shipped).sum();
    let actions = actions(&Facts { row: &row, lock: lock.as_ref(), checks: &checks, picking, open, shipped }, clerk)?;
    let currency = currency_of(&row)?;
    let axis = |_| Error::Stored("an axis of an order");
    Ok(OrderView {
        id,
        state,
        payment: row.payment_state.parse().map_err(axis)?,
        fulfilment: row.fulfilment_state.parse().map_err(axis)?,
        returns: row.return_state.parse().map_err(axis)?,
        currency,
        customer: customer_of(db, &row).await?,
        address: address_of(&row)?,
        shipping_method: shipping_method_of(&row),
        payment_method: method.map(|method| named(method, clerk.locale)),
        lines: line_views(db, currency, lines).await?,
        totals: Totals::of(&row)?,
        explanation: explanation_of(&row)?,
        lock,
        checks,
        actions,
        timeline: timeline::first(db, id).await?,
        contact: OrderContact { name: row.contact_name, email: row.email, phone: row.phone },
        number: row.number,
        locale: row.locale,
        origin: row.origin,
        note: row.note,
        placed_at: row.placed_at,
        placed_on: row.placed_on,
        confirmed_at: row.confirmed_at,
        completed_at: row.completed_at,
        cancelled_at: row.cancelled_at,
        cancel_reason: row.cancel_reason,
        expires_at: row.expires_at,
        version: row.version,
    })
}

/// The way an order is paid, if the shop still has it.
pub(crate) async fn payment_method_of(db: &impl ConnectionTrait, row: &order::Model) -> Result<Option<payment_method::Model>, Error> {
    let Some(code) = &row.payment_method else { return Ok(None) };
    Ok(payment_method::Entity::find().filter(payment_method::Column::Code.eq(code)).one(db).await?)
}

fn named(method: payment_method::Model, locale: Locale) -> OrderMethod {
    let name = match locale {
        Locale::ZhCn => method.name_zh,
        Locale::En => method.name_en,
    };
    OrderMethod { code: method.code, name }
}

fn shipping_method_of(row: &order::Model) -> Option<OrderMethod> {
    let name = row.shipping_name.clone()?;
    Some(OrderMethod { code: row.shipping_method.clone().unwrap_or_default(), name })
}

/// The customer; a merged one is the one that took it in.
async fn customer_of(db: &impl ConnectionTrait, row: &order::Model) -> Result<Option<OrderCustomer>, Error> {
    let Some(id) = row.customer_id else { return Ok(None) };
    let mut found = customer::Entity::find_by_id(id).one(db).await?;
    if let Some(into) = found.as_ref().and_then(|row| row.merged_into) {
        found = customer::Entity::find_by_id(into).one(db).await?;
    }
    Ok(found.map(|row| OrderCustomer { id: row.id, code: row.code, name: row.name }))
}
