//! Cancel an order as a whole (M4.3): give back what placing it took.
//!
//! Stock returns in this transaction. Money is never moved here: what was kept of a
//! cancelled order is to be refunded by reckoning, and stays in that queue until the
//! refund stands in the payment ledger, once.

use axum::extract::State as Extract;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{order, order_line};
use zg_domain::order::{CancelFacts, CancelPlan, Fulfilment, plan_cancel};
use zg_web::{Committed, Json, Path, Result};

use crate::detail::{self, Clerk, OrderView};
use crate::event::OrderCancelled;
use crate::find::{change, counts, for_change, is_picking, kept, lines_of, state_of, to_refund};
use crate::{Error, letter, note_entry, text};

/// Why an order is called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The customer asked.
    CustomerRequest,
    /// It can't be delivered.
    OutOfStock,
    /// It was not paid.
    Unpaid,
    /// The price or the item was a mistake.
    Mistake,
    /// It looks like fraud.
    Fraud,
    /// It was not paid in time: the shop's own doing.
    Expired,
    /// Something else, told in the comment.
    Other,
}

impl CancelReason {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerRequest => "customer_request",
            Self::OutOfStock => "out_of_stock",
            Self::Unpaid => "unpaid",
            Self::Mistake => "mistake",
            Self::Fraud => "fraud",
            Self::Expired => "expired",
            Self::Other => "other",
        }
    }
}

/// An order to be called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelOrder {
    /// Why; `expired` is the shop's own.
    pub(crate) reason: CancelReason,
    /// In words; needed for `other`.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub(crate) comment: Option<String>,
}

/// The reason and the words of somebody of staff.
pub(crate) fn why(reason: CancelReason, comment: Option<&str>) -> Result<(CancelReason, Option<String>), Error> {
    let comment = text::optional(comment, crate::lock::REASON, "/comment")?;
    match reason {
        CancelReason::Expired => Err(Error::Reason),
        CancelReason::Other if comment.is_none() => Err(Error::field("/comment", "required")),
        reason => Ok((reason, comment)),
    }
}

/// Cancels an order.
#[utoipa::path(post, path = "/admin/orders/{id}/cancel", params(("id" = i64, Path)), request_body = CancelOrder, responses((status = 200, body = OrderView)))]
pub(crate) async fn handler(
    Extract(app): Extract<App>,
    clerk: Clerk,
    Path(id): Path<i64>,
    Json(asked): Json<CancelOrder>,
) -> Result<Committed<OrderView>> {
    let (reason, comment) = why(asked.reason, asked.comment.as_deref())?;
    let tx = app.begin(clerk.actor()).await?;
    cancel(&tx, id, reason, comment.as_deref()).await?;
    detail::committed(tx, &clerk, id).await
}

/// Cancels the whole order and gives back everything it holds.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Locked`], [`Error::State`], [`Error::Picking`];
/// [`Error::Cancel`] if pieces have left.
pub async fn cancel(tx: &Tx, id: i64, reason: CancelReason, comment: Option<&str>) -> Result<order::Model, Error> {
    let row = for_change(tx, id).await?;
    let lines = lines_of(tx.db(), id).await?;
    let plan = plan_cancel(&facts(tx, &row, &lines).await?)?;
    cancelled(tx, &row, &lines, &plan, (reason, comment)).await
}

/// What cancelling must know.
pub(crate) async fn facts(tx: &Tx, row: &order::Model, lines: &[order_line::Model]) -> Result<CancelFacts, Error> {
    Ok(CancelFacts {
        state: state_of(row)?,
        picking: is_picking(tx.db(), row.id).await?,
        lines: lines.iter().map(counts).collect(),
        kept_minor: kept(row),
    })
}

/// Carries a plan for the whole order out.
pub(crate) async fn cancelled(
    tx: &Tx,
    row: &order::Model,
    lines: &[order_line::Model],
    plan: &CancelPlan,
    (reason, comment): (CancelReason, Option<&str>),
) -> Result<order::Model, Error> {
    // The guard comes first: who loses a race undoes nothing.
    let set = order::ActiveModel {
        state: Set(plan.state.as_str().to_owned()),
        fulfilment_state: Set(Fulfilment::None.as_str().to_owned()),
        cancelled_at: Set(Some(tx.now())),
        cancel_reason: Set(Some(reason.as_str().to_owned())),
        expires_at: Set(None),
        ..Default::default()
    };
    let after = change(tx, row, set).await?;
    zg_inventory::release_all(tx, row.id).await?;
    order_line::Entity::update_many()
        .col_expr(order_line::Column::Cancelled, Expr::col(order_line::Column::Quantity))
        .set(order_line::ActiveModel { allocated: Set(0), picked: Set(0), ..Default::default() })
        .filter(order_line::Column::OrderId.eq(row.id))
        .exec(tx.db())
        .await?;
    let pieces: i64 = plan.lines.iter().map(|line| line.quantity).sum();
    let data = json!({ "reason": reason, "pieces": pieces, "total": row.total_minor, "to_refund": to_refund(&after) });
    note_entry(tx, row.id, "cancelled", data.clone(), comment).await?;
    tx.audit("order.cancel", "order", row.id, Some(json!({ "state": row.state })), Some(data)).await?;
    tx.publish(&OrderCancelled((&after).into())).await?;
    letter::cancelled(tx, &after, lines, reason).await?;
    Ok(after)
}
