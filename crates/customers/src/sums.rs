//! What customers ordered, read from the orders of all records of a person.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use zg_db::entity::customer;
use zg_db::entity::order::{Column, Entity};
use zg_domain::order::State;
use zg_domain::{Currency, Money};

use crate::Error;

/// A customer's orders in sum.
#[derive(Default)]
pub(crate) struct Sums {
    /// Orders, not counting drafts and cancelled ones.
    pub(crate) count: i64,
    /// Of these, the ones under way.
    pub(crate) open: i64,
    /// What they came to, less refunds, a sum a currency.
    pub(crate) spent: Vec<Money>,
    /// When the first was placed.
    pub(crate) first_at: Option<DateTime<Utc>>,
    /// When the last was placed.
    pub(crate) last_at: Option<DateTime<Utc>>,
}

/// Sums by customer, what merged ones ordered counted with who took them in.
pub(crate) async fn by_customer(db: &impl ConnectionTrait, customers: &[i64]) -> Result<BTreeMap<i64, Sums>, Error> {
    let merged: Vec<(i64, i64)> = customer::Entity::find()
        .select_only()
        .columns([customer::Column::Id, customer::Column::MergedInto])
        .filter(customer::Column::MergedInto.is_in(customers.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let merged: BTreeMap<i64, i64> = merged.into_iter().collect();
    let ids = customers.iter().copied().chain(merged.keys().copied());
    let mut sums: BTreeMap<i64, Sums> = BTreeMap::new();
    for group in groups(db, ids.collect()).await? {
        let sum = sums.entry(merged.get(&group.customer).copied().unwrap_or(group.customer)).or_default();
        sum.count += group.count;
        if matches!(group.state.parse(), Ok(State::Placed | State::Confirmed)) {
            sum.open += group.count;
        }
        sum.first_at = sum.first_at.into_iter().chain(group.first_at).min();
        sum.last_at = sum.last_at.into_iter().chain(group.last_at).max();
        let currency = group.currency.parse().unwrap_or(Currency::CNY);
        match sum.spent.iter_mut().find(|money| money.currency == currency) {
            Some(money) => money.amount += group.spent,
            None => sum.spent.push(Money::new(group.spent, currency)),
        }
    }
    Ok(sums)
}

#[derive(sea_orm::FromQueryResult)]
struct Group {
    customer: i64,
    currency: String,
    state: String,
    count: i64,
    spent: i64,
    first_at: Option<DateTime<Utc>>,
    last_at: Option<DateTime<Utc>>,
}

async fn groups(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Group>, Error> {
    let spent = Expr::col(Column::TotalMinor).sub(Expr::col(Column::RefundedMinor));
    Ok(Entity::find()
        .select_only()
        .column_as(Column::CustomerId, "customer")
        .column(Column::Currency)
        .column(Column::State)
        .column_as(Column::Id.count(), "count")
        .column_as(spent.sum().cast_as("bigint"), "spent")
        .column_as(Column::PlacedAt.min(), "first_at")
        .column_as(Column::PlacedAt.max(), "last_at")
        .filter(Column::CustomerId.is_in(ids))
        .filter(Column::State.is_not_in([State::Draft.as_str(), State::Cancelled.as_str()]))
        .group_by(Column::CustomerId)
        .group_by(Column::Currency)
        .group_by(Column::State)
        .into_model()
        .all(db)
        .await?)
}
