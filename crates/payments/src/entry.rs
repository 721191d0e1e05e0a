//! The one way by which the ledger grows: a line is written and the order derives
//! how far it is paid, in one transaction.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::Serialize;
use serde_json::json;
use zg_base::{Event, Tx};
use zg_db::entity::{order, payment_entry, payment_method, payment_proof};
use zg_domain::order::State;
use zg_domain::time::{day_of, start_of};
use zg_domain::{Currency, Money};

use crate::{Error, text};

/// The largest amount of one line, in minor units.
const MOST: i64 = 10_000_000_000_000;

/// What a line of the ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Promised by a gateway, not taken.
    Authorize,
    /// Taken by a gateway.
    Capture,
    /// Given back: a negative amount.
    Refund,
    /// Recorded by hand: a bank transfer.
    Manual,
    /// What a gateway keeps for itself.
    Fee,
    /// Cash that the courier took.
    Cod,
    /// Paid in another shop, moved in.
    Import,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [Self::Authorize, Self::Capture, Self::Refund, Self::Manual, Self::Fee, Self::Cod, Self::Import];

    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::Manual => "manual",
            Self::Fee => "fee",
            Self::Cod => "cod",
            Self::Import => "import",
        }
    }
}

/// Money that came or went, as somebody asks to record it.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) amount: Money,
    pub(crate) reference: &'a str,
    pub(crate) note: Option<&'a str>,
    pub(crate) on: Option<NaiveDate>,
    pub(crate) proof_id: Option<i64>,
}

/// A line to be written, with everything checked that does not need the order's row.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    kind: Kind,
    method: String,
    /// Negative if it is a refund.
    amount: Money,
    reference: String,
    note: Option<String>,
    on: NaiveDate,
    /// Was the day said? Who leaves it out means whichever it was.
    dated: bool,
    proof_id: Option<i64>,
}

impl Line {
    /// Checks what was asked.
    pub(crate) async fn of(
        tx: &Tx,
        order: &order::Model,
        kind: Kind,
        method: &payment_method::Model,
        asked: Asked<'_>,
    ) -> Result<Self, Error> {
        let currency: Currency = order.currency.parse().map_err(|_| Error::Stored("the currency of an order"))?;
        if asked.amount.currency != currency {
            return Err(Error::Currency(currency));
        }
        if !(1..=MOST).contains(&asked.amount.amount) {
            return Err(Error::Field { pointer: "/amount/amount", code: "payment_amount" });
        }
        let on = asked.on.unwrap_or(tx.today());
        if on > tx.today() {
            return Err(Error::Field { pointer: "/date", code: "payment_date_future" });
        }
        if on < NaiveDate::default() {
            return Err(Error::Field { pointer: "/date", code: "payment_date_old" });
        }
        if let Some(id) = asked.proof_id {
            let known = payment_proof::Entity::find_by_id(id).one(tx.db()).await?;
            known.ok_or(Error::Field { pointer: "/proof_id", code: "payment_proof_unknown" })?;
        }
        let sign = if kind == Kind::Refund { -1 } else { 1 };
        Ok(Self {
            kind,
            method: method.code.clone(),
            amount: Money::new(sign * asked.amount.amount, currency),
            reference: text::reference(asked.reference)?,
            note: text::note(asked.note)?,
            on,
            dated: asked.on.is_some(),
            proof_id: asked.proof_id,
        })
    }

    /// The line that was written for this very money before. The order's row is
    /// locked, so whoever sent it twice at once waits here.
    ///
    /// # Errors
    /// [`Error::ReferenceTaken`] if the reference stands for other money.
    pub(crate) async fn written_before(&self, tx: &Tx, order: &order::Model) -> Result<Option<payment_entry::Model>, Error> {
        use payment_entry::Column;
        let found = payment_entry::Entity::find()
            .filter(Column::Method.eq(&self.method))
            .filter(Column::Reference.eq(&self.reference))
            .one(tx.db())
            .await?;
        let Some(found) = found else { return Ok(None) };
        let zone = tx.app().shop().time_zone;
        let same = found.order_id == order.id
            && found.kind == self.kind.as_str()
            && found.amount_minor == self.amount.amount
            && found.currency == order.currency
            && found.note == self.note
            && found.proof_id == self.proof_id
            && (!self.dated || day_of(found.at, zone) == self.on);
        if same {
            return Ok(Some(found));
        }
        let other = order::Entity::find_by_id(found.order_id).one(tx.db()).await?;
        Err(Error::ReferenceTaken { order: other.map(|row| row.number) })
    }

    /// When it happened: this instant if it was today, else when its day began.
    fn at(&self, tx: &Tx) -> DateTime<Utc> {
        if self.on == tx.today() { tx.now() } else { start_of(self.on, tx.app().shop().time_zone) }
    }
}

/// The way to pay that a line names: that of the order unless said.
pub(crate) async fn method(tx: &Tx, order: &order::Model, code: Option<&str>) -> Result<payment_method::Model, Error> {
    let unknown = Error::Field { pointer: "/method", code: "payment_method_unknown" };
    let Some(code) = code.or(order.payment_method.as_deref()) else {
        return Err(Error::Field { pointer: "/method", code: "required" });
    };
    let found = payment_method::Entity::find().filter(payment_method::Column::Code.eq(code)).one(tx.db()).await?;
    found.ok_or(unknown)
}

/// Is the order cancelled, or not placed yet?
pub(crate) fn state(order: &order::Model) -> Result<State, Error> {
    order.state.parse().map_err(|_| Error::Stored("the state of an order"))
}

/// Money came or went.
#[derive(Serialize)]
struct Recorded {
    id: i64,
    order_id: i64,
    number: String,
    kind: &'static str,
    amount: Money,
}

impl Event for Recorded {
    const TOPIC: &'static str = "payments.read";
    const KIND: &'static str = "payment.recorded";

    fn entity_id(&self) -> Option<i64> {
        Some(self.order_id)
    }
}

/// Writes a line; the order derives how far it is paid, and completes if that was
/// all it waited for. Returns the line, and the order as it is then.
pub(crate) async fn append(tx: &Tx, order: &order::Model, line: Line) -> Result<(payment_entry::Model, order::Model), Error> {
    let row = payment_entry::ActiveModel {
        order_id: Set(order.id),
        kind: Set(line.kind.as_str().to_owned()),
        method: Set(line.method.clone()),
        amount_minor: Set(line.amount.amount),
        currency: Set(order.currency.clone()),
        reference: Set(line.reference.clone()),
        note: Set(line.note.clone()),
        proof_id: Set(line.proof_id),
        actor_kind: Set(tx.actor().kind.as_str().to_owned()),
        actor_id: Set(tx.actor().id),
        actor_name: Set(tx.actor().name.clone()),
        at: Set(line.at(tx)),
        recorded_at: Set(tx.now()),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await?;
    zg_orders::settle_payment(tx, order.id).await?;
    let what = if line.kind == Kind::Refund { "refunded" } else { "paid" };
    let data = json!({ "entry": row.id, "kind": line.kind.as_str(), "amount": line.amount, "method": line.method, "reference": line.reference, "date": line.on });
    zg_orders::note_entry(tx, order.id, what, data.clone(), line.note.as_deref()).await?;
    let action = if line.kind == Kind::Refund { "payment.refund" } else { "payment.record" };
    tx.audit(action, "payment_entry", row.id, None, Some(data)).await?;
    tx.publish(&Recorded { id: row.id, order_id: order.id, number: order.number.clone(), kind: line.kind.as_str(), amount: line.amount })
        .await?;
    let after = zg_orders::complete_when_done(tx, order.id).await?;
    Ok((row, after))
}
