//! The second pair of eyes (M4.12): one person proposes a payment, another one looks
//! at it and approves or rejects. Only then does the ledger know of it.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use zg_base::{ActorKind, App, Event, Tx};
use zg_db::entity::{order, payment_proposal};
use zg_domain::Money;
use zg_web::{Answer, Committed, Cursor, Json, Lang, Limit, Page, Path, Query, Result, Staff, View};

use crate::actions::{PaymentProposalAction, Reader, actions, proposed_by};
use crate::record::{Checked, RecordPayment, checked, write};
use crate::view::{PaymentProof, method_names, proofs};
use crate::{Error, text};

/// Where a proposal is in its life.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentProposalState)]
pub(crate) enum ProposalState {
    /// Nobody has looked.
    Waiting,
    /// Recorded.
    Approved,
    /// Not recorded.
    Rejected,
}

impl ProposalState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// A payment that waits for a second pair of eyes, or had it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PaymentProposal {
    id: i64,
    order_id: i64,
    order_number: String,
    /// The payment method's code.
    method: String,
    /// Language tag → the method's name; empty if there is no such method any more.
    method_name: BTreeMap<String, String>,
    amount: Money,
    reference: String,
    note: Option<String>,
    /// Fetched from `/admin/payment-proposals/{id}/proof`.
    proof: Option<PaymentProof>,
    /// The day on which the money came.
    date: NaiveDate,
    /// `waiting`, `approved`, `rejected`.
    state: String,
    /// Who proposed it.
    proposed_by: String,
    /// Row of `staff`; none if a key proposed it.
    proposed_by_id: Option<i64>,
    proposed_at: DateTime<Utc>,
    /// Who approved or rejected it.
    decided_by: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    /// Why it was rejected.
    reason: Option<String>,
    /// Its line of the ledger, once approved.
    entry_id: Option<i64>,
    actions: Vec<PaymentProposalAction>,
}

impl View for PaymentProposal {}

/// A payment was proposed, approved or rejected.
#[derive(Serialize)]
struct Proposed {
    id: i64,
    order_id: i64,
    state: String,
}

impl Event for Proposed {
    const TOPIC: &'static str = "payments.read";
    const KIND: &'static str = "payment.proposal";

    fn entity_id(&self) -> Option<i64> {
        Some(self.id)
    }
}

/// Which proposals.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProposalQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// Only in this state.
    #[param(inline)]
    state: Option<ProposalState>,
    /// Only of this order.
    order_id: Option<i64>,
}

/// Proposed payments, newest first.
#[utoipa::path(get, path = "/admin/payment-proposals", params(ProposalQuery), responses((status = 200, body = Page<PaymentProposal>)))]
pub(crate) async fn list(
    State(app): State<App>,
    staff: Staff,
    Lang(locale): Lang,
    Query(asked): Query<ProposalQuery>,
) -> Result<Answer<Page<PaymentProposal>>> {
    use payment_proposal::Column;
    let mut found = payment_proposal::Entity::find();
    if let Some(state) = asked.state {
        found = found.filter(Column::State.eq(state.word()));
    }
    if let Some(order_id) = asked.order_id {
        found = found.filter(Column::OrderId.eq(order_id));
    }
    if let Some(before) = Cursor::decode_opt::<i64>(asked.cursor.as_deref())? {
        found = found.filter(Column::Id.lt(before));
    }
    let rows = found.order_by(Column::Id, Order::Desc).limit(asked.limit.and_one()).all(app.read()).await?;
    let Page { data, meta } = Page::of(rows, asked.limit, None, |row| row.id);
    let reader = Reader { staff: &staff, locale };
    Ok(Answer::ok(Page { data: views(app.read(), reader, data).await?, meta }))
}

/// Proposes a payment for a colleague to approve. The same money proposed twice is one proposal.
#[utoipa::path(post, path = "/admin/orders/{id}/payment-proposals", params(("id" = i64, Path)), request_body = RecordPayment, responses((status = 201, body = PaymentProposal)))]
pub(crate) async fn propose(
    State(app): State<App>,
    staff: Staff,
    Lang(locale): Lang,
    Path(id): Path<i64>,
    Json(asked): Json<RecordPayment>,
) -> Result<Committed<PaymentProposal>> {
    let tx = app.begin(&staff.actor).await?;
    let row = proposed(&tx, id, &asked).await?;
    let view = view(tx.db(), Reader { staff: &staff, locale }, row).await?;
    Committed::created(tx, view, "/admin/payment-proposals").await
}

async fn proposed(tx: &Tx, order_id: i64, asked: &RecordPayment) -> Result<payment_proposal::Model, Error> {
    use payment_proposal::Column;
    let payment = match checked(tx, order_id, asked).await? {
        Checked::New(payment) => payment,
        Checked::Before(_) => return Err(Error::ReferenceTaken { order: Some(number(tx, order_id).await?) }),
    };
    let reference = text::reference(&asked.reference)?;
    let waiting = payment_proposal::Entity::find()
        .filter(Column::Method.eq(&payment.method.code))
        .filter(Column::Reference.eq(&reference))
        .filter(Column::State.eq(ProposalState::Waiting.word()))
        .one(tx.db())
        .await?;
    if let Some(row) = waiting {
        let same = row.order_id == order_id && row.amount_minor == asked.amount.amount;
        return if same { Ok(row) } else { Err(Error::ReferenceTaken { order: Some(number(tx, row.order_id).await?) }) };
    }
    let row = payment_proposal::ActiveModel {
        order_id: Set(order_id),
        method: Set(payment.method.code.clone()),
        amount_minor: Set(asked.amount.amount),
        currency: Set(asked.amount.currency.to_string()),
        reference: Set(reference),
        note: Set(text::note(asked.note.as_deref())?),
        proof_id: Set(asked.proof_id),
        paid_on: Set(asked.date.unwrap_or(tx.today())),
        state: Set(ProposalState::Waiting.word().to_owned()),
        actor_kind: Set(tx.actor().kind.as_str().to_owned()),
        actor_id: Set(tx.actor().id),
        actor_name: Set(tx.actor().name.clone()),
        proposed_at: Set(tx.now()),
        ..Default::default()
    };
    let row = row.insert(tx.db()).await?;
    let data = json!({ "proposal": row.id, "amount": asked.amount, "method": row.method, "reference": row.reference });
    zg_orders::note_entry(tx, order_id, "payment_proposed", data.clone(), row.note.as_deref()).await?;
    tx.audit("payment.propose", "payment_proposal", row.id, None, Some(data)).await?;
    tell(tx, &row).await?;
    Ok(row)
}

/// Approves a payment that somebody else proposed: it is recorded now.
#[utoipa::path(post, path = "/admin/payment-proposals/{id}/approve", params(("id" = i64, Path)), responses((status = 200, body = PaymentProposal)))]
pub(crate) async fn approve(
    State(app): State<App>,
    staff: Staff,
    Lang(locale): Lang,
    Path(id): Path<i64>,
) -> Result<Committed<PaymentProposal>> {
    let tx = app.begin(&staff.actor).await?;
    let row = approved(&tx, id).await?;
    let view = view(tx.db(), Reader { staff: &staff, locale }, row).await?;
    Committed::ok(tx, view).await
}

async fn approved(tx: &Tx, id: i64) -> Result<payment_proposal::Model, Error> {
    let row = waiting(tx, id).await?;
    if proposed_by(&row, tx.actor()) {
        return Err(Error::SamePerson);
    }
    let currency = row.currency.parse().map_err(|_| Error::Stored("the currency of a proposal"))?;
    let asked = RecordPayment {
        amount: Money::new(row.amount_minor, currency),
        method: Some(row.method.clone()),
        date: Some(row.paid_on),
        reference: row.reference.clone(),
        note: row.note.clone(),
        proof_id: row.proof_id,
    };
    let entry = match checked(tx, row.order_id, &asked).await? {
        Checked::Before(entry) => *entry,
        Checked::New(payment) => write(tx, *payment).await?,
    };
    let set = payment_proposal::ActiveModel { entry_id: Set(Some(entry.id)), ..Default::default() };
    decided(tx, &row, ProposalState::Approved, set).await
}

/// Why a proposal is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectPayment {
    /// For who proposed it.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Rejects a proposed payment: nothing is recorded. Who proposed it may take it back so, too.
#[utoipa::path(post, path = "/admin/payment-proposals/{id}/reject", params(("id" = i64, Path)), request_body = RejectPayment, responses((status = 200, body = PaymentProposal)))]
pub(crate) async fn reject(
    State(app): State<App>,
    staff: Staff,
    Lang(locale): Lang,
    Path(id): Path<i64>,
    Json(asked): Json<RejectPayment>,
) -> Result<Committed<PaymentProposal>> {
    let tx = app.begin(&staff.actor).await?;
    let row = rejected(&tx, id, &asked).await?;
    let view = view(tx.db(), Reader { staff: &staff, locale }, row).await?;
    Committed::ok(tx, view).await
}

async fn rejected(tx: &Tx, id: i64, asked: &RejectPayment) -> Result<payment_proposal::Model, Error> {
    let reason = text::note(Some(&asked.reason))?.ok_or(Error::Field { pointer: "/reason", code: "required" })?;
    let row = waiting(tx, id).await?;
    let data = json!({ "proposal": id, "reference": row.reference });
    zg_orders::note_entry(tx, row.order_id, "payment_rejected", data, Some(&reason)).await?;
    let set = payment_proposal::ActiveModel { reason: Set(Some(reason)), ..Default::default() };
    decided(tx, &row, ProposalState::Rejected, set).await
}

/// A proposal that nobody has decided, with its order locked: two who decide at once
/// come one after the other.
async fn waiting(tx: &Tx, id: i64) -> Result<payment_proposal::Model, Error> {
    let known = payment_proposal::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::ProposalNotFound)?;
    zg_orders::for_change(tx, known.order_id).await?;
    let row = payment_proposal::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::ProposalNotFound)?;
    if row.state == ProposalState::Waiting.word() { Ok(row) } else { Err(Error::Decided(row.state)) }
}

async fn decided(
    tx: &Tx,
    row: &payment_proposal::Model,
    state: ProposalState,
    set: payment_proposal::ActiveModel,
) -> Result<payment_proposal::Model, Error> {
    use payment_proposal::Column;
    let set = payment_proposal::ActiveModel {
        state: Set(state.word().to_owned()),
        decided_by: Set(Some(tx.actor().name.clone())),
        decided_at: Set(Some(tx.now())),
        ..set
    };
    let changed = payment_proposal::Entity::update_many()
        .set(set)
        .filter(Column::Id.eq(row.id))
        .filter(Column::State.eq(ProposalState::Waiting.word()))
        .exec_with_returning(tx.db())
        .await?;
    let after = changed.into_iter().next().ok_or(Error::Changed)?;
    let action = if state == ProposalState::Approved { "payment.approve" } else { "payment.reject" };
    let seen = json!({ "state": after.state, "proposed_by": after.actor_name, "entry": after.entry_id, "reason": after.reason });
    tx.audit(action, "payment_proposal", row.id, Some(json!({ "state": row.state })), Some(seen)).await?;
    tell(tx, &after).await?;
    Ok(after)
}

async fn tell(tx: &Tx, row: &payment_proposal::Model) -> Result<(), Error> {
    Ok(tx.publish(&Proposed { id: row.id, order_id: row.order_id, state: row.state.clone() }).await?)
}

async fn number(tx: &Tx, order_id: i64) -> Result<String, Error> {
    Ok(order::Entity::find_by_id(order_id).one(tx.db()).await?.map(|row| row.number).unwrap_or_default())
}

async fn view(db: &impl ConnectionTrait, reader: Reader<'_>, row: payment_proposal::Model) -> Result<PaymentProposal, Error> {
    views(db, reader, vec![row]).await?.into_iter().next().ok_or(Error::ProposalNotFound)
}

async fn views(db: &impl ConnectionTrait, reader: Reader<'_>, rows: Vec<payment_proposal::Model>) -> Result<Vec<PaymentProposal>, Error> {
    let orders: Vec<(i64, String, String)> = order::Entity::find()
        .select_only()
        .columns([order::Column::Id, order::Column::Number, order::Column::State])
        .filter(order::Column::Id.is_in(rows.iter().map(|row| row.order_id)))
        .into_tuple()
        .all(db)
        .await?;
    let orders: BTreeMap<i64, (String, String)> = orders.into_iter().map(|(id, number, state)| (id, (number, state))).collect();
    let methods = method_names(db).await?;
    let proofs = proofs(db, rows.iter().filter_map(|row| row.proof_id).collect()).await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency.parse().map_err(|_| Error::Stored("the currency of a proposal"))?;
            let (order_number, order_state) = orders.get(&row.order_id).cloned().unwrap_or_default();
            Ok(PaymentProposal {
                id: row.id,
                actions: actions(&row, &order_state, reader),
                order_number,
                order_id: row.order_id,
                method_name: methods.get(&row.method).cloned().unwrap_or_default(),
                method: row.method,
                amount: Money::new(row.amount_minor, currency),
                reference: row.reference,
                note: row.note,
                proof: row.proof_id.and_then(|id| proofs.get(&id).cloned()),
                date: row.paid_on,
                state: row.state,
                proposed_by_id: row.actor_id.filter(|_| row.actor_kind == ActorKind::Staff.as_str()),
                proposed_by: row.actor_name,
                proposed_at: row.proposed_at,
                decided_by: row.decided_by,
                decided_at: row.decided_at,
                reason: row.reason,
                entry_id: row.entry_id,
            })
        })
        .collect()
}
