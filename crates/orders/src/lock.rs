//! Lock and unlock (M4.2): while somebody works on an order, colleagues' writes are
//! refused with 423 that names them. A lock ends by itself, can be taken over with
//! a right and a reason, and never binds the shop itself: payments and expiry go on.

use axum::extract::State;
use chrono::{DateTime, Duration, Utc};
use sea_orm::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{ActorKind, App, Tx};
use zg_db::entity::order;
use zg_web::{Committed, Json, Path, Result};

use crate::detail::{self, Clerk, OrderView};
use crate::event::OrderChanged;
use crate::find::{self, change, for_change};
use crate::{Error, note_entry};

/// How long a lock lasts unless said, in minutes.
const MINUTES: u16 = 30;
/// The longest, in minutes: a working day.
const LONGEST: u16 = 8 * 60;
/// Characters of a reason.
pub(crate) const REASON: usize = 500;

/// Who holds an order.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
pub struct OrderLock {
    /// Row of `staff`; none if the shop itself locked it.
    pub staff_id: Option<i64>,
    /// Their name.
    pub name: String,
    /// Why.
    pub reason: Option<String>,
    /// Until when it binds.
    pub until: DateTime<Utc>,
}

impl OrderLock {
    /// The lock that binds at an instant; an expired one does not.
    pub(crate) fn of(row: &order::Model, now: DateTime<Utc>) -> Option<Self> {
        Self::until(row.locked_until, row.locked_by, row.locked_name.clone(), row.locked_reason.clone(), now)
    }

    /// The lock in an order's columns, if it binds at an instant.
    pub(crate) fn until(
        until: Option<DateTime<Utc>>,
        staff_id: Option<i64>,
        name: Option<String>,
        reason: Option<String>,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let until = until.filter(|until| *until > now)?;
        Some(Self { staff_id, name: name.unwrap_or_default(), reason, until })
    }

    /// Does it keep these people from writing?
    pub(crate) fn binds(&self, staff_id: Option<i64>) -> bool {
        self.staff_id.is_none() || self.staff_id != staff_id
    }
}

/// Refuses an order that somebody else holds.
pub(crate) fn refuse_others(tx: &Tx, row: &order::Model) -> Result<(), Error> {
    match OrderLock::of(row, tx.now()) {
        Some(lock) if tx.actor().kind != ActorKind::System && lock.binds(tx.actor().staff_id()) => Err(Error::Locked(lock)),
        _ => Ok(()),
    }
}

/// A lock to be taken.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LockOrder {
    /// Why, for colleagues.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// For how long, up to 480; 30 unless said.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 480)]
    minutes: Option<u16>,
}

/// Locks an order for oneself, or holds one's lock longer.
#[utoipa::path(post, path = "/admin/orders/{id}/lock", params(("id" = i64, Path)), request_body = LockOrder, responses((status = 200, body = OrderView)))]
pub(crate) async fn handler(
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<i64>,
    Json(asked): Json<LockOrder>,
) -> Result<Committed<OrderView>> {
    let tx = app.begin(clerk.actor()).await?;
    let row = for_change(&tx, id).await?;
    take(&tx, &row, &asked, "locked").await?;
    detail::committed(tx, &clerk, id).await
}

/// A colleague's lock to be taken over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TakeOver {
    /// Why: the colleague reads it in the timeline.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Takes a colleague's lock over.
#[utoipa::path(post, path = "/admin/orders/{id}/take-over", params(("id" = i64, Path)), request_body = TakeOver, responses((status = 200, body = OrderView)))]
pub(crate) async fn take_over(
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<i64>,
    Json(asked): Json<TakeOver>,
) -> Result<Committed<OrderView>> {
    let tx = app.begin(clerk.actor()).await?;
    if asked.reason.trim().is_empty() {
        return Err(Error::ReasonMissing.into());
    }
    let row = find::locked(&tx, id).await?;
    take(&tx, &row, &LockOrder { reason: Some(asked.reason), minutes: None }, "taken_over").await?;
    detail::committed(tx, &clerk, id).await
}

async fn take(tx: &Tx, row: &order::Model, asked: &LockOrder, what: &'static str) -> Result<(), Error> {
    let staff_id = tx.actor().staff_id().ok_or(Error::LockStaffOnly)?;
    let minutes = asked.minutes.unwrap_or(MINUTES);
    if !(1..=LONGEST).contains(&minutes) {
        return Err(Error::LockMinutes { most: LONGEST });
    }
    let reason = crate::text::optional(asked.reason.as_deref(), REASON, "/reason")?;
    let before = OrderLock::of(row, tx.now());
    let until = tx.now() + Duration::minutes(i64::from(minutes));
    let set = order::ActiveModel {
        locked_by: Set(Some(staff_id)),
        locked_name: Set(Some(tx.actor().name.clone())),
        locked_reason: Set(reason.clone()),
        locked_until: Set(Some(until)),
        ..Default::default()
    };
    let after = change(tx, row, set).await?;
    let from = before.clone().filter(|lock| lock.staff_id != Some(staff_id)).map(|lock| lock.name);
    note_entry(tx, row.id, what, json!({ "until": until, "from": from }), reason.as_deref()).await?;
    let told = |lock: Option<OrderLock>| lock.and_then(|lock| serde_json::to_value(lock).ok());
    let action = if what == "locked" { "order.lock" } else { "order.take_over" };
    tx.audit(action, "order", row.id, told(before), told(OrderLock::of(&after, tx.now()))).await?;
    tx.publish(&OrderChanged((&after).into())).await?;
    Ok(())
}

/// Gives one's lock back. An order that nobody holds stays as it is.
#[utoipa::path(post, path = "/admin/orders/{id}/unlock", params(("id" = i64, Path)), responses((status = 200, body = OrderView)))]
pub(crate) async fn unlock(State(app): State<App>, clerk: Clerk, Path(id): Path<i64>) -> Result<Committed<OrderView>> {
    let tx = app.begin(clerk.actor()).await?;
    let row = for_change(&tx, id).await?;
    if let Some(lock) = OrderLock::of(&row, tx.now()) {
        let set = order::ActiveModel {
            locked_by: Set(None),
            locked_name: Set(None),
            locked_reason: Set(None),
            locked_until: Set(None),
            ..Default::default()
        };
        let after = change(&tx, &row, set).await?;
        note_entry(&tx, id, "unlocked", json!({}), None).await?;
        tx.audit("order.unlock", "order", id, serde_json::to_value(lock).ok(), None).await?;
        tx.publish(&OrderChanged((&after).into())).await?;
    }
    detail::committed(tx, &clerk, id).await
}
