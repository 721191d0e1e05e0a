//! Record money that was given back by hand (M4.11): never more than was kept. Two
//! colleagues who do it at once wait for each other, and the second is told what is
//! left.

use axum::extract::State;
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{order, payment_entry};
use zg_domain::Money;
use zg_web::{Committed, Json, Path, Result, Staff};

use crate::entry::{self, Asked, Kind, Line};
use crate::view::{self, PaymentEntry};
use crate::{Error, letter};

/// A refund to be recorded.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordRefund {
    /// How much was given back, above zero, in the order's currency.
    pub amount: Money,
    /// By which way; that by which the money came unless said.
    #[serde(default)]
    pub method: Option<String>,
    /// On which day of the shop; today unless said, and never later.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// What the bank calls it: the method knows it once.
    #[schema(min_length = 1, max_length = 100)]
    pub reference: String,
    /// Why, in words.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
    /// A proof that was uploaded.
    #[serde(default)]
    pub proof_id: Option<i64>,
}

/// Records a refund. The same reference with the same content is answered as before.
#[utoipa::path(post, path = "/admin/orders/{id}/refunds", params(("id" = i64, Path)), request_body = RecordRefund, responses((status = 201, body = PaymentEntry)))]
pub(crate) async fn handler(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<RecordRefund>,
) -> Result<Committed<PaymentEntry>> {
    let tx = app.begin(&staff.actor).await?;
    let row = refund(&tx, id, &asked).await?;
    let view = view::entry(tx.db(), row).await?;
    Committed::created(tx, view, &format!("/admin/orders/{id}/payments")).await
}

/// Records a refund; returns the line that was written for it before, if there is one.
///
/// # Errors
/// As [`crate::record`], and [`Error::RefundTooMuch`]. An order may be in any state:
/// money of a cancelled one goes back too.
pub async fn refund(tx: &Tx, order_id: i64, asked: &RecordRefund) -> Result<payment_entry::Model, Error> {
    let order = zg_orders::for_change(tx, order_id).await?;
    let came_by = came_by(tx, &order).await?;
    let method = entry::method(tx, &order, asked.method.as_deref().or(came_by.as_deref())).await?;
    let wanted = asked.amount;
    let asked =
        Asked { amount: asked.amount, reference: &asked.reference, note: asked.note.as_deref(), on: asked.date, proof_id: asked.proof_id };
    let line = Line::of(tx, &order, Kind::Refund, &method, asked).await?;
    if let Some(row) = line.written_before(tx, &order).await? {
        return Ok(row);
    }
    // The row is locked: nobody takes of what was kept meanwhile.
    let kept = order.paid_minor - order.refunded_minor;
    if wanted.amount > kept {
        return Err(Error::RefundTooMuch(Money::new(kept.max(0), wanted.currency)));
    }
    let (row, after) = entry::append(tx, &order, line).await?;
    letter::refunded(tx, &after, &row, &method).await?;
    Ok(row)
}

/// The way by which money came last.
async fn came_by(tx: &Tx, order: &order::Model) -> Result<Option<String>, Error> {
    use payment_entry::Column;
    let last = payment_entry::Entity::find()
        .filter(Column::OrderId.eq(order.id))
        .filter(Column::Kind.is_in([Kind::Capture.as_str(), Kind::Manual.as_str(), Kind::Cod.as_str()]))
        .order_by(Column::Id, Order::Desc)
        .one(tx.db())
        .await?;
    Ok(last.map(|row| row.method))
}
