//! The payments of an order (M4.11): every line of its ledger, and what follows.

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::{order, payment_entry};
use zg_domain::{Currency, Money, order as rules};
use zg_web::{Answer, Path, Result, Staff};

use crate::view::{self, PaymentEntry};
use crate::{Error, RecordPayments, RefundPayments, entry};

/// What an order was paid, line by line, and what is due.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentLedger {
    order_id: i64,
    order_number: String,
    /// How far it is paid, as the ledger says.
    payment: rules::Payment,
    /// What the order comes to.
    total: Money,
    /// What came.
    paid: Money,
    /// What went back.
    refunded: Money,
    /// Paid less refunded.
    kept: Money,
    /// What is still to come; nothing of a cancelled order.
    due: Money,
    /// What was kept beyond what is due, and is to be given back.
    to_refund: Money,
    /// What the caller may do now: `record`, `refund`.
    actions: Vec<&'static str>,
    /// In the order in which they were recorded.
    entries: Vec<PaymentEntry>,
}

/// The payment ledger of an order.
#[utoipa::path(get, path = "/admin/orders/{id}/payments", params(("id" = i64, Path)), responses((status = 200, body = PaymentLedger)))]
pub(crate) async fn handler(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Answer<PaymentLedger>> {
    let order = order::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::Order(zg_orders::Error::NotFound))?;
    let rows = payment_entry::Entity::find()
        .filter(payment_entry::Column::OrderId.eq(id))
        .order_by(payment_entry::Column::Id, Order::Asc)
        .all(app.read())
        .await?;
    let entries = view::entries(app.read(), rows).await?;
    Ok(Answer::ok(ledger(order, entries, &staff)?))
}

fn ledger(order: order::Model, entries: Vec<PaymentEntry>, staff: &Staff) -> Result<PaymentLedger, Error> {
    let currency: Currency = order.currency.parse().map_err(|_| Error::Stored("the currency of an order"))?;
    let money = |minor| Money::new(minor, currency);
    let state = entry::state(&order)?;
    let owed = match state {
        rules::State::Cancelled => 0,
        rules::State::Draft | rules::State::Placed | rules::State::Confirmed | rules::State::Completed => order.total_minor,
    };
    let kept = order.paid_minor - order.refunded_minor;
    let mut actions = Vec::new();
    if !matches!(state, rules::State::Draft | rules::State::Cancelled) && staff.rights.allows::<RecordPayments>() {
        actions.push("record");
    }
    if kept > 0 && staff.rights.allows::<RefundPayments>() {
        actions.push("refund");
    }
    Ok(PaymentLedger {
        order_id: order.id,
        order_number: order.number,
        payment: order.payment_state.parse().map_err(|_| Error::Stored("the payment state of an order"))?,
        total: money(order.total_minor),
        paid: money(order.paid_minor),
        refunded: money(order.refunded_minor),
        kept: money(kept),
        due: money((owed - kept).max(0)),
        to_refund: money((kept - owed).max(0)),
        actions,
        entries,
    })
}
