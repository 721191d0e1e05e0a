//! What leaves through the API.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use zg_db::entity::{file, order, payment_entry, payment_method, payment_proof};
use zg_domain::Money;
use zg_web::View;

use crate::Error;

/// A proof of payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PaymentProof {
    /// To be named when a payment is recorded.
    pub(crate) id: i64,
    /// The name it was uploaded under.
    pub(crate) name: String,
    /// `application/pdf`, `image/png` or `image/jpeg`.
    pub(crate) media_type: String,
    /// Bytes.
    pub(crate) size: i64,
}

impl View for PaymentProof {}

/// A line of the payment ledger.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PaymentEntry {
    pub(crate) id: i64,
    pub(crate) order_id: i64,
    /// The order's number.
    pub(crate) order_number: String,
    /// `authorize`, `capture`, `refund`, `manual`, `fee`, `cod`, `import`.
    pub(crate) kind: String,
    /// The payment method's code.
    pub(crate) method: String,
    /// Language tag → the method's name; empty if there is no such method any more.
    pub(crate) method_name: BTreeMap<String, String>,
    /// Negative if it was given back.
    pub(crate) amount: Money,
    /// What the bank, the courier or the gateway calls it.
    pub(crate) reference: String,
    pub(crate) note: Option<String>,
    /// Fetched from `/admin/payments/{id}/proof`.
    pub(crate) proof: Option<PaymentProof>,
    /// `staff`, `api_key`, `shopper`, `guest`, `system`.
    pub(crate) actor_kind: String,
    pub(crate) actor_id: Option<i64>,
    /// Who recorded it.
    pub(crate) actor_name: String,
    /// When the money came or went.
    pub(crate) at: DateTime<Utc>,
    /// When it was recorded.
    pub(crate) recorded_at: DateTime<Utc>,
}

impl View for PaymentEntry {}

/// One line as it leaves.
pub(crate) async fn entry(db: &impl ConnectionTrait, row: payment_entry::Model) -> Result<PaymentEntry, Error> {
    entries(db, vec![row]).await?.into_iter().next().ok_or(Error::Stored("a line of the payment ledger"))
}

/// Lines as they leave, with what belongs to them in one query a kind.
pub(crate) async fn entries(db: &impl ConnectionTrait, rows: Vec<payment_entry::Model>) -> Result<Vec<PaymentEntry>, Error> {
    let orders: std::collections::BTreeSet<i64> = rows.iter().map(|row| row.order_id).collect();
    let numbers: Vec<(i64, String)> = order::Entity::find()
        .select_only()
        .columns([order::Column::Id, order::Column::Number])
        .filter(order::Column::Id.is_in(orders))
        .into_tuple()
        .all(db)
        .await?;
    let numbers: BTreeMap<i64, String> = numbers.into_iter().collect();
    let methods = method_names(db).await?;
    let proofs = proofs(db, rows.iter().filter_map(|row| row.proof_id).collect()).await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency.parse().map_err(|_| Error::Stored("the currency of a payment"))?;
            Ok(PaymentEntry {
                id: row.id,
                order_id: row.order_id,
                order_number: numbers.get(&row.order_id).cloned().unwrap_or_default(),
                kind: row.kind,
                method_name: methods.get(&row.method).cloned().unwrap_or_default(),
                method: row.method,
                amount: Money::new(row.amount_minor, currency),
                reference: row.reference,
                note: row.note,
                proof: row.proof_id.and_then(|id| proofs.get(&id).cloned()),
                actor_kind: row.actor_kind,
                actor_id: row.actor_id,
                actor_name: row.actor_name,
                at: row.at,
                recorded_at: row.recorded_at,
            })
        })
        .collect()
}

/// A method's name in every language.
pub(crate) fn names(row: &payment_method::Model) -> BTreeMap<String, String> {
    BTreeMap::from([("zh-CN".to_owned(), row.name_zh.clone()), ("en".to_owned(), row.name_en.clone())])
}

/// Every method's names, by its code.
pub(crate) async fn method_names(db: &impl ConnectionTrait) -> Result<BTreeMap<String, BTreeMap<String, String>>, Error> {
    Ok(payment_method::Entity::find().all(db).await?.into_iter().map(|row| (row.code.clone(), names(&row))).collect())
}

pub(crate) async fn proofs(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<BTreeMap<i64, PaymentProof>, Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = payment_proof::Entity::find().filter(payment_proof::Column::Id.is_in(ids)).all(db).await?;
    let files = file::Entity::find().filter(file::Column::Id.is_in(rows.iter().map(|row| row.file_id))).all(db).await?;
    let files: BTreeMap<i64, file::Model> = files.into_iter().map(|row| (row.id, row)).collect();
    let view = |row: payment_proof::Model| {
        let file = files.get(&row.file_id)?;
        Some((row.id, PaymentProof { id: row.id, name: row.name, media_type: file.media_type.clone(), size: file.size }))
    };
    Ok(rows.into_iter().filter_map(view).collect())
}
