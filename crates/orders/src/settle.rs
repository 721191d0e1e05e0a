//! The axes that follow from ledgers: payment from `payment_entry`, fulfilment from
//! the lines' counts. Nobody else sets them, and nobody sets them by hand.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde_json::json;
use zg_base::Tx;
use zg_db::entity::{order, payment_entry};
use zg_domain::order::{Fulfilment, Payment, State, derive_fulfilment, derive_payment};

use crate::event::{OrderChanged, OrderCompleted, OrderPaid, OrderShipped};
use crate::find::{self, change, counts, due, is_picking, kept, lines_of, state_of};
use crate::{Error, confirm, note_entry};

/// Derives anew what was paid and refunded and how far the order is paid, after
/// the payment ledger has grown. A colleague's lock does not keep it from that.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn settle_payment(tx: &Tx, order_id: i64) -> Result<order::Model, Error> {
    let row = find::locked(tx, order_id).await?;
    let sums = Sums::of(tx, order_id).await?;
    let payment = derive_payment(row.total_minor, sums.paid, sums.refunded, sums.authorized);
    if (sums.paid, sums.refunded, payment.as_str()) == (row.paid_minor, row.refunded_minor, row.payment_state.as_str()) {
        return Ok(row);
    }
    // Money has come: whether the order ends is for people to say.
    let expires_at = if sums.paid > 0 || sums.authorized > 0 { None } else { row.expires_at };
    let set = order::ActiveModel {
        paid_minor: Set(sums.paid),
        refunded_minor: Set(sums.refunded),
        payment_state: Set(payment.as_str().to_owned()),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    let after = change(tx, &row, set).await?;
    // Also an order of which pieces were called off until what was paid is enough.
    let was_paid =
        [Payment::Paid, Payment::Overpaid, Payment::PartRefunded, Payment::Refunded].iter().any(|is| is.as_str() == row.payment_state);
    if !was_paid && kept(&after) >= due(&after) && state_of(&after)? != State::Cancelled {
        tx.publish(&OrderPaid((&after).into())).await?;
        return confirm::by_itself(tx, after).await;
    }
    tx.publish(&OrderChanged((&after).into())).await?;
    Ok(after)
}

/// Sums of an order's payment ledger, in minor units, none of them negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    paid: i64,
    refunded: i64,
    authorized: i64,
}

impl Sums {
    async fn of(tx: &Tx, order_id: i64) -> Result<Self, Error> {
        let entries = payment_entry::Entity::find().filter(payment_entry::Column::OrderId.eq(order_id)).all(tx.db()).await?;
        let mut sums = Self::default();
        for entry in entries {
            match entry.kind.as_str() {
                "authorize" => sums.authorized += entry.amount_minor,
                // Stands in the ledger as a negative amount.
                "refund" => sums.refunded -= entry.amount_minor,
                // What a gateway keeps is the shop's cost; the shopper has paid the whole.
                "fee" => {}
                _ => sums.paid += entry.amount_minor,
            }
        }
        Ok(sums)
    }
}

/// Derives anew how far the order is fulfilled, after its lines' counts or the
/// pick lists have changed.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn settle_fulfilment(tx: &Tx, order_id: i64) -> Result<order::Model, Error> {
    let row = find::locked(tx, order_id).await?;
    let lines: Vec<_> = lines_of(tx.db(), order_id).await?.iter().map(counts).collect();
    let fulfilment = derive_fulfilment(&lines, is_picking(tx.db(), order_id).await?);
    if fulfilment.as_str() == row.fulfilment_state {
        return Ok(row);
    }
    let set = order::ActiveModel { fulfilment_state: Set(fulfilment.as_str().to_owned()), ..Default::default() };
    let after = change(tx, &row, set).await?;
    if fulfilment == Fulfilment::Shipped {
        tx.publish(&OrderShipped((&after).into())).await?;
    } else {
        tx.publish(&OrderChanged((&after).into())).await?;
    }
    Ok(after)
}

/// Completes an order of which every piece has arrived and everything is paid;
/// any other stays as it is. Called after a delivery and after a payment.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn complete_when_done(tx: &Tx, order_id: i64) -> Result<order::Model, Error> {
    let row = find::locked(tx, order_id).await?;
    let arrived = row.fulfilment_state == Fulfilment::Delivered.as_str();
    if state_of(&row)? != State::Confirmed || !arrived || kept(&row) < due(&row) {
        return Ok(row);
    }
    completed(tx, &row).await
}

/// Closes an order whose state allows it.
pub(crate) async fn completed(tx: &Tx, row: &order::Model) -> Result<order::Model, Error> {
    let set =
        order::ActiveModel { state: Set(State::Completed.as_str().to_owned()), completed_at: Set(Some(tx.now())), ..Default::default() };
    let after = change(tx, row, set).await?;
    note_entry(tx, row.id, "completed", json!({}), None).await?;
    tx.publish(&OrderCompleted((&after).into())).await?;
    Ok(after)
}
