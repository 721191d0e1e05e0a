//! The sums themselves: what belongs to orders and what belongs to lines is summed
//! apart, for a join would count an order once a line.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, RelationDef, Select,
};
use zg_db::entity::{category, category_text, order, order_line, payment_entry};
use zg_domain::order::State;
use zg_domain::{Currency, Locale, Money};

use crate::orders::{Figures, Reconciled};
use crate::{Ask, By, Error};

/// Which orders.
pub(crate) struct Scope<'a> {
    pub(crate) ask: &'a Ask,
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) currency: Currency,
}

impl Scope<'_> {
    fn condition(&self) -> Condition {
        counted(self.ask, self.from, self.to).add(order::Column::Currency.eq(self.currency.code()))
    }
}

/// The orders that are counted, in whatever currency.
fn counted(ask: &Ask, from: NaiveDate, to: NaiveDate) -> Condition {
    use order::Column;
    let mut which = Condition::all()
        .add(Column::PlacedOn.between(from, to))
        .add(Column::State.is_not_in([State::Draft.as_str(), State::Cancelled.as_str()]));
    if !ask.states.is_empty() {
        which = which.add(Column::State.is_in(ask.states.iter().map(|state| state.as_str())));
    }
    if !ask.payments.is_empty() {
        which = which.add(Column::PaymentState.is_in(ask.payments.iter().map(|state| state.as_str())));
    }
    if !ask.fulfilments.is_empty() {
        which = which.add(Column::FulfilmentState.is_in(ask.fulfilments.iter().map(|state| state.as_str())));
    }
    which
}

/// The days of the first and of the last order.
pub(crate) async fn ends(db: &impl ConnectionTrait) -> Result<Option<(NaiveDate, NaiveDate)>, Error> {
    let row: Option<(Option<NaiveDate>, Option<NaiveDate>)> = order::Entity::find()
        .select_only()
        .column_as(order::Column::PlacedOn.min(), "first")
        .column_as(order::Column::PlacedOn.max(), "last")
        .into_tuple()
        .one(db)
        .await?;
    Ok(row.and_then(|(first, last)| Some((first?, last?))))
}

/// The currencies of the orders that are counted.
pub(crate) async fn currencies(db: &impl ConnectionTrait, ask: &Ask, from: NaiveDate, to: NaiveDate) -> Result<Vec<Currency>, Error> {
    let rows: Vec<String> = order::Entity::find()
        .select_only()
        .column(order::Column::Currency)
        .distinct()
        .filter(counted(ask, from, to))
        .into_tuple()
        .all(db)
        .await?;
    let mut currencies: Vec<Currency> = rows.iter().filter_map(|code| code.parse().ok()).collect();
    currencies.sort_unstable();
    Ok(currencies)
}

/// A sum as a whole number: PostgreSQL adds up bigints to a numeric.
fn sum(value: impl Into<Expr>) -> Expr {
    let value: Expr = value.into();
    value.sum().cast_as("bigint")
}

fn of_line(column: order_line::Column) -> Expr {
    Expr::col((order_line::Entity, column))
}

/// Pieces that were not called off.
fn standing() -> Expr {
    of_line(order_line::Column::Quantity).sub(of_line(order_line::Column::Cancelled))
}

/// What belongs to lines.
#[derive(FromQueryResult)]
struct LineSums {
    lines: i64,
    pieces: i64,
    discount: i64,
    total: i64,
    refunds: i64,
    tax: i64,
}

fn lines(scope: &Scope<'_>) -> Select<order_line::Entity> {
    use order_line::Column;
    let of: RelationDef = order_line::Entity::belongs_to(order::Entity).from(Column::OrderId).to(order::Column::Id).into();
    let some: Expr = CaseStatement::new()
        .case(standing().gt(0_i64), Expr::val(1_i64).cast_as("bigint"))
        .finally(Expr::val(0_i64).cast_as("bigint"))
        .into();
    order_line::Entity::find()
        .join(JoinType::InnerJoin, of)
        .select_only()
        .expr_as(sum(some), "lines")
        .expr_as(sum(standing()), "pieces")
        .expr_as(sum(of_line(Column::DiscountMinor)), "discount")
        .expr_as(sum(of_line(Column::TotalMinor)), "total")
        .expr_as(sum(of_line(Column::RefundedMinor)), "refunds")
        .expr_as(sum(of_line(Column::TaxMinor)), "tax")
        .filter(scope.condition())
}

impl LineSums {
    /// Figures of lines alone.
    fn figures(&self, orders: i64, currency: Currency) -> Figures {
        let money = |amount| Money::new(amount, currency);
        Figures {
            orders,
            lines: self.lines,
            pieces: self.pieces,
            gross: money(self.total + self.discount),
            discount: money(self.discount),
            refunds: money(self.refunds),
            net: money(self.total - self.refunds),
            tax: money(self.tax),
            shipping: None,
            fees: None,
            total: None,
            paid: None,
            refunded: None,
        }
    }
}

#[derive(FromQueryResult)]
struct DayOfOrders {
    day: NaiveDate,
    orders: i64,
    shipping: i64,
    fees: i64,
    tax: i64,
    total: i64,
    paid: i64,
    refunded: i64,
}

#[derive(FromQueryResult)]
struct DayOfLines {
    day: NaiveDate,
    #[sea_orm(nested)]
    sums: LineSums,
}

/// Figures by day, the first day first; days without orders are absent.
pub(crate) async fn by_day(db: &impl ConnectionTrait, scope: &Scope<'_>) -> Result<Vec<(NaiveDate, Figures)>, Error> {
    use order::Column;
    let orders = order::Entity::find()
        .select_only()
        .column_as(Column::PlacedOn, "day")
        .column_as(Column::Id.count(), "orders")
        .expr_as(sum(Expr::col(Column::ShippingMinor)), "shipping")
        .expr_as(sum(Expr::col(Column::FeesMinor)), "fees")
        .expr_as(sum(Expr::col(Column::TaxAddedMinor).add(Expr::col(Column::TaxIncludedMinor))), "tax")
        .expr_as(sum(Expr::col(Column::TotalMinor)), "total")
        .expr_as(sum(Expr::col(Column::PaidMinor)), "paid")
        .expr_as(sum(Expr::col(Column::RefundedMinor)), "refunded")
        .filter(scope.condition())
        .group_by(Column::PlacedOn)
        .into_model::<DayOfOrders>()
        .all(db)
        .await?;
    let lines = lines(scope).column_as(Column::PlacedOn, "day").group_by(Column::PlacedOn).into_model::<DayOfLines>().all(db).await?;
    let lines: BTreeMap<NaiveDate, LineSums> = lines.into_iter().map(|row| (row.day, row.sums)).collect();
    let money = |amount| Money::new(amount, scope.currency);
    let mut days: Vec<(NaiveDate, Figures)> = orders
        .into_iter()
        .map(|row| {
            let of_lines = lines.get(&row.day).map(|sums| sums.figures(row.orders, scope.currency));
            let figures = of_lines.unwrap_or_else(|| Figures { orders: row.orders, ..Figures::none(scope.currency) });
            let whole = Figures {
                tax: money(row.tax),
                shipping: Some(money(row.shipping)),
                fees: Some(money(row.fees)),
                total: Some(money(row.total)),
                paid: Some(money(row.paid)),
                refunded: Some(money(row.refunded)),
                ..figures
            };
            (row.day, whole)
        })
        .collect();
    days.sort_by_key(|(day, _)| *day);
    Ok(days)
}

#[derive(FromQueryResult)]
struct CategoryOfLines {
    within: Option<i64>,
    name: Option<String>,
    orders: i64,
    #[sea_orm(nested)]
    sums: LineSums,
}

/// Figures by category, by name: by the one that lines were sold under, or by the root
/// above it in today's tree. A category that is gone stands under the name it was sold
/// under. Lines without one come last, under an empty name.
pub(crate) async fn by_category(db: &impl ConnectionTrait, scope: &Scope<'_>) -> Result<Vec<(Option<i64>, String, Figures)>, Error> {
    use order_line::Column;
    let own = of_line(Column::CategoryId);
    let within = match scope.ask.by {
        By::Category => root_of(own, &trees(db).await?),
        By::Day | By::Month | By::Subcategory => own,
    };
    // A category that was renamed, or sold in two languages, is one.
    let rows = lines(scope)
        .expr_as(within, "within")
        .expr_as(of_line(Column::CategoryName).max(), "name")
        .expr_as(of_line(Column::OrderId).count_distinct(), "orders")
        .group_by(Expr::col("within"))
        .into_model::<CategoryOfLines>()
        .all(db)
        .await?;
    let names = names(db, rows.iter().filter_map(|row| row.within), scope.ask.locale).await?;
    let mut rows: Vec<(Option<i64>, String, Figures)> = rows
        .into_iter()
        .map(|row| {
            let name = row.within.and_then(|id| names.get(&id).cloned().or(row.name)).unwrap_or_default();
            (row.within, name, row.sums.figures(row.orders, scope.currency))
        })
        .collect();
    rows.sort_by(|a, b| (a.1.is_empty(), &a.1, a.0).cmp(&(b.1.is_empty(), &b.1, b.0)));
    Ok(rows)
}

/// Root → every category of its tree.
async fn trees(db: &impl ConnectionTrait) -> Result<BTreeMap<i64, Vec<i64>>, Error> {
    let rows: Vec<(i64, String)> =
        category::Entity::find().select_only().columns([category::Column::Id, category::Column::Path]).into_tuple().all(db).await?;
    let mut trees: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (id, path) in rows {
        // `/3/17/`: the ids from the root down.
        let root = path.split('/').find_map(|part| part.parse().ok()).unwrap_or(id);
        trees.entry(root).or_default().push(id);
    }
    Ok(trees)
}

/// The root above a category; the category itself if it is in no tree.
fn root_of(own: Expr, trees: &BTreeMap<i64, Vec<i64>>) -> Expr {
    if trees.is_empty() {
        return own;
    }
    let cases = trees.iter().fold(CaseStatement::new(), |cases, (root, ids)| {
        cases.case(own.clone().is_in(ids.iter().copied()), Expr::val(*root).cast_as("bigint"))
    });
    cases.finally(own).into()
}

/// Names of categories in a language, or in another where they lack it.
async fn names(db: &impl ConnectionTrait, ids: impl Iterator<Item = i64>, locale: Locale) -> Result<BTreeMap<i64, String>, Error> {
    let rows = category_text::Entity::find().filter(category_text::Column::CategoryId.is_in(ids)).all(db).await?;
    let mut names = BTreeMap::new();
    for row in rows {
        if row.locale == locale.tag() {
            names.insert(row.category_id, row.name);
        } else {
            names.entry(row.category_id).or_insert(row.name);
        }
    }
    Ok(names)
}

/// What the orders of a report say they were paid, beside the ledger of their payments.
pub(crate) async fn reconciled(db: &impl ConnectionTrait, scope: &Scope<'_>, totals: &Figures) -> Result<Reconciled, Error> {
    use payment_entry::Column;
    let of: RelationDef = payment_entry::Entity::belongs_to(order::Entity).from(Column::OrderId).to(order::Column::Id).into();
    let rows: Vec<(String, i64)> = payment_entry::Entity::find()
        .join(JoinType::InnerJoin, of)
        .select_only()
        .column(Column::Kind)
        .expr_as(sum(Expr::col((payment_entry::Entity, Column::AmountMinor))), "amount")
        .filter(scope.condition())
        // A promise is no money, and a gateway's fee is not the shopper's.
        .filter(Column::Kind.is_not_in(["authorize", "fee"]))
        .group_by(Column::Kind)
        .into_tuple()
        .all(db)
        .await?;
    let (back, came): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(kind, _)| kind == "refund");
    let money = |amount| Money::new(amount, scope.currency);
    let ledger_paid = money(came.iter().map(|(_, amount)| amount).sum());
    // Stands in the ledger as a negative amount.
    let ledger_refunded = money(-back.iter().map(|(_, amount)| amount).sum::<i64>());
    let paid = totals.paid.unwrap_or(money(0));
    let refunded = totals.refunded.unwrap_or(money(0));
    let agrees = (paid, refunded) == (ledger_paid, ledger_refunded);
    Ok(Reconciled { paid, refunded, ledger_paid, ledger_refunded, agrees })
}
