//! Payments of past orders, moved in from another shop (B17): lines of kind
//! *import* with their old dates. They tell nobody, and the importer itself writes
//! what the orders were paid: [`crate::prove`] compares the two.

use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, Set};
use zg_base::Tx;
use zg_db::entity::payment_entry;
use zg_domain::Money;

use crate::Error;
use crate::entry::Kind;

/// Lines written with one statement.
const CHUNK: usize = 500;

/// What a past order was paid.
#[derive(Clone, Debug)]
pub struct PastPayment {
    /// Row of `orders`.
    pub order_id: i64,
    /// The method's code, or the old shop's name for it.
    pub method: String,
    /// What came: the order's total, as it was sold. Nothing is written for zero.
    pub amount: Money,
    /// Unique by method: the order's number will do.
    pub reference: String,
    /// When it came, in the old shop.
    pub at: DateTime<Utc>,
}

/// Writes the payments of many past orders, in few statements.
///
/// # Errors
/// [`Error::ReferenceTaken`] if one was moved in before.
pub async fn import_entries(tx: &Tx, payments: &[PastPayment]) -> Result<(), Error> {
    for chunk in payments.chunks(CHUNK) {
        let rows: Vec<_> = chunk.iter().filter(|past| past.amount.amount > 0).map(|past| line(tx, past)).collect();
        if !rows.is_empty() {
            payment_entry::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
        }
    }
    Ok(())
}

fn line(tx: &Tx, past: &PastPayment) -> payment_entry::ActiveModel {
    payment_entry::ActiveModel {
        order_id: Set(past.order_id),
        kind: Set(Kind::Import.as_str().to_owned()),
        method: Set(past.method.clone()),
        amount_minor: Set(past.amount.amount),
        currency: Set(past.amount.currency.to_string()),
        reference: Set(past.reference.clone()),
        note: Set(None),
        proof_id: Set(None),
        actor_kind: Set(tx.actor().kind.as_str().to_owned()),
        actor_id: Set(tx.actor().id),
        actor_name: Set(tx.actor().name.clone()),
        at: Set(past.at),
        recorded_at: Set(tx.now()),
        ..Default::default()
    }
}
