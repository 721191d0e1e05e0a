//! Record a payment by hand (M4.12): a bank transfer that arrived, or the cash a
//! courier brought. Part of the total is taken, and so is more: the order then says
//! what is due, or to be given back.
//!
//! The reference makes it safe to send twice: the same money gets the same answer.

use axum::extract::State as AppState;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{App, Tx};
use zg_db::entity::{order, payment_entry, payment_method};
use zg_domain::Money;
use zg_domain::order::State;
use zg_web::{Committed, Json, Path, Result, Staff};

use crate::entry::{self, Asked, Kind, Line};
use crate::view::{self, PaymentEntry};
use crate::{Error, letter, settings};

/// A payment to be recorded.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPayment {
    /// How much came, in the order's currency.
    pub amount: Money,
    /// By which way, a payment method's code; the order's unless said.
    #[serde(default)]
    pub method: Option<String>,
    /// On which day of the shop; today unless said, and never later.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// What the bank or the courier calls it: the method knows it once.
    #[schema(min_length = 1, max_length = 100)]
    pub reference: String,
    /// In more words.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
    /// A proof that was uploaded.
    #[serde(default)]
    pub proof_id: Option<i64>,
}

/// Records a payment. The same reference with the same content is answered as before.
#[utoipa::path(post, path = "/admin/orders/{id}/payments", params(("id" = i64, Path)), request_body = RecordPayment, responses((status = 201, body = PaymentEntry)))]
pub(crate) async fn handler(
    AppState(app): AppState<App>,
    staff: Staff,
    Path(id): Path<i64>,
    Json(asked): Json<RecordPayment>,
) -> Result<Committed<PaymentEntry>> {
    let tx = app.begin(&staff.actor).await?;
    let row = record(&tx, id, &asked).await?;
    let view = view::entry(tx.db(), row).await?;
    Committed::created(tx, view, &format!("/admin/orders/{id}/payments")).await
}

/// Records a payment; returns the line that was written for it before, if there is one.
///
/// # Errors
/// [`Error::Order`] if there is no such order or a colleague holds it,
/// [`Error::Currency`], [`Error::Field`], [`Error::ReferenceTaken`],
/// [`Error::Cancelled`], [`Error::Draft`], and [`Error::SecondPerson`] if the shop
/// wants two people to look at so much.
pub async fn record(tx: &Tx, order_id: i64, asked: &RecordPayment) -> Result<payment_entry::Model, Error> {
    match checked(tx, order_id, asked).await? {
        Checked::Before(row) => Ok(*row),
        Checked::New(payment) => {
            settings::one_is_enough(tx, asked.amount).await?;
            write(tx, *payment).await
        }
    }
}

/// A payment with everything checked, while the order's row is locked.
pub(crate) enum Checked {
    /// It was recorded before: this is its line.
    Before(Box<payment_entry::Model>),
    /// It can be recorded.
    New(Box<Payment>),
}

/// A payment that can be recorded.
pub(crate) struct Payment {
    pub(crate) order: order::Model,
    pub(crate) method: payment_method::Model,
    pub(crate) line: Line,
}

/// Locks the order and checks a payment of it; see [`record`] for what is refused.
pub(crate) async fn checked(tx: &Tx, order_id: i64, asked: &RecordPayment) -> Result<Checked, Error> {
    let order = zg_orders::for_change(tx, order_id).await?;
    let method = entry::method(tx, &order, asked.method.as_deref()).await?;
    let kind = if method.kind == zg_orders::COD { Kind::Cod } else { Kind::Manual };
    let asked =
        Asked { amount: asked.amount, reference: &asked.reference, note: asked.note.as_deref(), on: asked.date, proof_id: asked.proof_id };
    let line = Line::of(tx, &order, kind, &method, asked).await?;
    // Before the state is looked at: what was recorded stays recorded.
    if let Some(row) = line.written_before(tx, &order).await? {
        return Ok(Checked::Before(Box::new(row)));
    }
    match entry::state(&order)? {
        State::Draft => Err(Error::Draft),
        State::Cancelled => Err(Error::Cancelled),
        State::Placed | State::Confirmed | State::Completed => Ok(Checked::New(Box::new(Payment { order, method, line }))),
    }
}

/// Writes the line and tells the customer.
pub(crate) async fn write(tx: &Tx, payment: Payment) -> Result<payment_entry::Model, Error> {
    let (row, after) = entry::append(tx, &payment.order, payment.line).await?;
    letter::received(tx, &after, &row, &payment.method).await?;
    Ok(row)
}
