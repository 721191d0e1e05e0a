//! The proof (B3): what an order says it was paid and refunded is what its ledger
//! sums up to, and how far it is paid follows from that.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use zg_base::Proof;
use zg_db::entity::{order, payment_entry};
use zg_domain::order::derive_payment;

use crate::Error;
use crate::entry::Kind;

/// Orders looked at together.
const CHUNK: u64 = 2_000;

/// An order's columns that follow from its payments.
type Row = (i64, String, String, String, i64, i64, i64);

/// Sums of an order's ledger, in minor units.
#[derive(Clone, Copy, Default)]
struct Sums {
    paid: i64,
    refunded: i64,
    authorized: i64,
}

/// Proves that every order's paid and refunded amounts are the sums of its payment
/// ledger, in its own currency, that its payment state follows from them, and that
/// no line stands without an order.
///
/// # Errors
/// [`Error::Base`].
pub async fn prove(db: &impl ConnectionTrait) -> Result<Proof, Error> {
    let mut proof = Proof::new("payments");
    let mut after = 0;
    loop {
        let orders = orders(db, after).await?;
        let Some(last) = orders.last().map(|row| row.0) else { break };
        // Ids in between that name no order are seen too: their lines stand alone.
        let sums = sums(db, after, Some(last)).await?;
        compare(&mut proof, &orders, sums);
        after = last;
    }
    for order_id in sums(db, after, None).await?.into_keys().map(|(order_id, _)| order_id) {
        proof.fault(format!("payments of order {order_id}, which there is not"));
    }
    Ok(proof)
}

async fn orders(db: &impl ConnectionTrait, after: i64) -> Result<Vec<Row>, Error> {
    use order::Column;
    let rows = order::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Number, Column::Currency, Column::PaymentState])
        .columns([Column::TotalMinor, Column::PaidMinor, Column::RefundedMinor])
        .filter(Column::Id.gt(after))
        .order_by(Column::Id, Order::Asc)
        .limit(CHUNK)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}

/// By order and currency, of the orders behind one id, up to another.
async fn sums(db: &impl ConnectionTrait, after: i64, last: Option<i64>) -> Result<BTreeMap<(i64, String), Sums>, Error> {
    use payment_entry::Column;
    let mut found = payment_entry::Entity::find()
        .select_only()
        .columns([Column::OrderId, Column::Currency, Column::Kind])
        // PostgreSQL adds up bigints to a numeric.
        .column_as(Expr::expr(Expr::col(Column::AmountMinor).sum()).cast_as("bigint"), "amount")
        .filter(Column::OrderId.gt(after))
        .group_by(Column::OrderId)
        .group_by(Column::Currency)
        .group_by(Column::Kind);
    if let Some(last) = last {
        found = found.filter(Column::OrderId.lte(last));
    }
    let rows: Vec<(i64, String, String, i64)> = found.into_tuple().all(db).await?;
    let mut sums: BTreeMap<(i64, String), Sums> = BTreeMap::new();
    for (order_id, currency, kind, amount) in rows {
        let sum = sums.entry((order_id, currency)).or_default();
        match Kind::ALL.into_iter().find(|known| known.as_str() == kind) {
            Some(Kind::Refund) => sum.refunded -= amount,
            Some(Kind::Authorize) => sum.authorized += amount,
            Some(Kind::Fee) => {}
            Some(Kind::Capture | Kind::Manual | Kind::Cod | Kind::Import) | None => sum.paid += amount,
        }
    }
    Ok(sums)
}

fn compare(proof: &mut Proof, orders: &[Row], mut sums: BTreeMap<(i64, String), Sums>) {
    for (id, number, currency, state, total, paid, refunded) in orders {
        proof.checked += 1;
        let sum = sums.remove(&(*id, currency.clone())).unwrap_or_default();
        if (sum.paid, sum.refunded) != (*paid, *refunded) {
            let Sums { paid: came, refunded: went, .. } = sum;
            proof.fault(format!("order {number}: the ledger says {came} paid and {went} refunded, the order {paid} and {refunded}"));
        }
        let derived = derive_payment(*total, sum.paid, sum.refunded, sum.authorized);
        if derived.as_str() != state {
            proof.fault(format!("order {number}: its payments make it {}, it says {state}", derived.as_str()));
        }
    }
    for (order_id, currency) in sums.into_keys() {
        proof.fault(format!("payments in {currency} of order {order_id}, which there is not in that currency"));
    }
}
