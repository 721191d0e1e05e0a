//! Orders (M1.2): what waits, and what was ordered, paid and given back. These are three
//! things: an order of today may be paid tomorrow, and given back next week.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::{order, payment_entry};
use zg_domain::order::State;
use zg_domain::{Currency, Money};
use zg_orders::Queue;

use crate::badges::waiting;
use crate::window::{Pair, Period, Sums, first, sum_in};

/// Orders.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderKpis {
    /// What waits, in the order in which a day goes; each opens the order list's `queue`.
    queues: Vec<QueueCount>,
    /// A row a currency, the shop's own first.
    currencies: Vec<OrderSums>,
}

/// How many orders wait in a queue.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueueCount {
    queue: Queue,
    /// Counting stops at 10,000.
    orders: i64,
}

/// What was ordered, paid and given back in one currency.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderSums {
    /// ISO 4217.
    #[schema(value_type = String)]
    currency: Currency,
    /// Today, 7 days, 30 days.
    periods: Vec<OrderPeriod>,
    /// The last 30 days, one by one, the oldest first.
    days: Vec<OrderDay>,
}

/// A period, beside the one before.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderPeriod {
    period: Period,
    /// Its first day.
    from: NaiveDate,
    /// Its last day.
    to: NaiveDate,
    /// Orders placed, not counting cancelled ones.
    orders: i64,
    orders_before: i64,
    /// What these came to.
    ordered: Money,
    ordered_before: Money,
    /// Money that came.
    paid: Money,
    paid_before: Money,
    /// Money that went back.
    refunded: Money,
    refunded_before: Money,
}

/// A day's orders.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderDay {
    day: NaiveDate,
    /// Orders placed, not counting cancelled ones.
    orders: i64,
    /// What these came to.
    ordered: Money,
}

pub(crate) async fn of(app: &App, pairs: &[Pair; 3]) -> Result<OrderKpis, DbErr> {
    let mut queues = Vec::new();
    for queue in Queue::ALL.iter().copied() {
        queues.push(QueueCount { queue, orders: waiting(app, queue).await? });
    }
    let days = days(app, pairs).await?;
    let money = ledger(app, pairs).await?;
    let own = zg_db::entity::channel::Entity::find().filter(zg_db::entity::channel::Column::IsDefault.eq(true)).one(app.read()).await?;
    let own = own.and_then(|channel| channel.currency.parse().ok()).unwrap_or(Currency::CNY);
    let mut currencies: Vec<Currency> = days.keys().map(|(currency, _)| *currency).chain(money.keys().copied()).collect();
    currencies.sort_by_key(|currency| (*currency != own, *currency));
    currencies.dedup();
    if currencies.is_empty() {
        currencies.push(own);
    }
    let currencies = currencies.into_iter().map(|currency| sums(currency, pairs, &days, &money)).collect();
    Ok(OrderKpis { queues, currencies })
}

/// Orders and what they came to, by currency and day.
type Days = BTreeMap<(Currency, NaiveDate), (i64, i64)>;

async fn days(app: &App, pairs: &[Pair; 3]) -> Result<Days, DbErr> {
    use order::Column;
    let rows: Vec<(String, NaiveDate, i64, i64)> = order::Entity::find()
        .select_only()
        .columns([Column::Currency, Column::PlacedOn])
        .column_as(Column::Id.count(), "orders")
        .column_as(Expr::expr(Expr::col(Column::TotalMinor).sum()).cast_as("bigint"), "ordered")
        .filter(Column::PlacedOn.gte(first(pairs).from))
        .filter(Column::State.is_not_in([State::Draft.as_str(), State::Cancelled.as_str()]))
        .group_by(Column::Currency)
        .group_by(Column::PlacedOn)
        .into_tuple()
        .all(app.read())
        .await?;
    let known = |text: &str| text.parse().unwrap_or(Currency::CNY);
    Ok(rows.into_iter().map(|(currency, day, orders, ordered)| ((known(&currency), day), (orders, ordered))).collect())
}

/// What came and what went back, by currency.
type Ledger = BTreeMap<Currency, (Sums, Sums)>;

#[derive(FromQueryResult)]
struct Entry {
    currency: String,
    kind: String,
    #[sea_orm(nested)]
    sums: Sums,
}

async fn ledger(app: &App, pairs: &[Pair; 3]) -> Result<Ledger, DbErr> {
    use payment_entry::Column;
    let found = payment_entry::Entity::find()
        .select_only()
        .columns([Column::Currency, Column::Kind])
        .filter(Column::At.gte(first(pairs).begins))
        // A promise is no money, and a gateway's fee is not the shopper's.
        .filter(Column::Kind.is_not_in(["authorize", "fee"]))
        .group_by(Column::Currency)
        .group_by(Column::Kind);
    let found = Sums::columns(found, pairs, |window| {
        let inside = Column::At.gte(window.begins).and(Column::At.lt(window.ends));
        sum_in(inside, Expr::col(Column::AmountMinor))
    });
    let mut ledger = Ledger::new();
    for row in found.into_model::<Entry>().all(app.read()).await? {
        let (paid, refunded) = ledger.entry(row.currency.parse().unwrap_or(Currency::CNY)).or_default();
        // Stands in the ledger as a negative amount.
        if row.kind == "refund" { refunded.subtract(row.sums) } else { paid.add(row.sums) }
    }
    Ok(ledger)
}

fn sums(currency: Currency, pairs: &[Pair; 3], days: &Days, ledger: &Ledger) -> OrderSums {
    let money = |amount| Money::new(amount, currency);
    let over = |window: &crate::window::Window| {
        let inside = days.iter().filter(|((of, day), _)| *of == currency && window.holds(*day));
        inside.fold((0, 0), |(orders, ordered), (_, (more, amount))| (orders + more, ordered + amount))
    };
    let (paid, refunded) = ledger.get(&currency).copied().unwrap_or_default();
    let periods = pairs.iter().zip(paid.pairs()).zip(refunded.pairs()).map(|((pair, paid), refunded)| {
        let ((orders, ordered), (orders_before, ordered_before)) = (over(&pair.now), over(&pair.before));
        OrderPeriod {
            period: pair.period,
            from: pair.now.from,
            to: pair.now.to,
            orders,
            orders_before,
            ordered: money(ordered),
            ordered_before: money(ordered_before),
            paid: money(paid.0),
            paid_before: money(paid.1),
            refunded: money(refunded.0),
            refunded_before: money(refunded.1),
        }
    });
    let [_, _, month] = pairs;
    let each = month.now.from.iter_days().take_while(|day| month.now.holds(*day)).map(|day| {
        let (orders, ordered) = days.get(&(currency, day)).copied().unwrap_or_default();
        OrderDay { day, orders, ordered: money(ordered) }
    });
    OrderSums { currency, periods: periods.collect(), days: each.collect() }
}
