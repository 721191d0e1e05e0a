//! The report of orders (M9.10, M9.1, M9.3).
//!
//! Net is what the lines came to, less what was refunded of lines, without shipping and
//! without tax on top. Pieces that were called off are not in it: what a line came to is
//! what its standing pieces cost.

use chrono::{Datelike as _, NaiveDate};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::channel;
use zg_domain::{Currency, Money, time};
use zg_web::View;

use crate::sums::{self, Scope};
use crate::{Ask, By, Error};

/// Orders in sum.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderReport)]
pub struct Report {
    /// By what they are grouped.
    pub by: By,
    /// The first day.
    pub from: NaiveDate,
    /// The last day, which is included.
    pub to: NaiveDate,
    /// ISO 4217: every amount is in it.
    pub currency: Currency,
    /// The currencies of the orders there are: each has a report of its own.
    pub currencies: Vec<Currency>,
    /// The oldest first, or by category.
    pub rows: Vec<ReportRow>,
    /// Over all rows. An order with lines of several categories is counted once.
    pub totals: Figures,
    /// The same number of days before, if asked for.
    pub previous: Option<PreviousReport>,
    /// What these orders say they were paid, beside the payment ledger.
    pub reconciled: Reconciled,
}

impl View for Report {}

/// A row of the report.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderReportRow)]
pub struct ReportRow {
    /// `2026-11-24`, `2026-11`, or the category's name; empty for lines without one.
    pub key: String,
    /// The first day of the row's orders: with the next two, the order list's filters.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
    /// Row of `category`, by category.
    pub category_id: Option<i64>,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Figures of orders. What belongs to an order as a whole is absent by category.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
#[schema(as = OrderFigures)]
pub struct Figures {
    /// Orders, not counting cancelled ones.
    pub orders: i64,
    /// Their lines.
    pub lines: i64,
    /// Pieces of these.
    pub pieces: i64,
    /// Lines at list price.
    pub gross: Money,
    /// Taken off.
    pub discount: Money,
    /// Refunded of lines.
    pub refunds: Money,
    /// Gross, less discount and refunds of lines.
    pub net: Money,
    /// Tax on top of the lines, or within them, as the shop's prices are.
    pub tax: Money,
    /// Shipping.
    pub shipping: Option<Money>,
    /// Fees.
    pub fees: Option<Money>,
    /// What the orders came to: lines, shipping, fees and tax on top.
    pub total: Option<Money>,
    /// Money that came for these orders, whenever it came.
    pub paid: Option<Money>,
    /// Money that went back for these orders, whenever it went.
    pub refunded: Option<Money>,
}

/// The period before.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrderReportBefore)]
pub struct PreviousReport {
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// Over all of it.
    pub totals: Figures,
}

/// What orders say they were paid, beside the payment ledger.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
#[schema(as = OrderReportReconciled)]
pub struct Reconciled {
    /// As the orders say.
    pub paid: Money,
    /// As the orders say.
    pub refunded: Money,
    /// Σ of the ledger.
    pub ledger_paid: Money,
    /// Σ of the ledger.
    pub ledger_refunded: Money,
    /// Are they the same?
    pub agrees: bool,
}

/// Orders in sum.
///
/// # Errors
/// [`Error::Range`] if the last day lies before the first; [`Error::Base`].
pub async fn orders(app: &App, ask: &Ask) -> Result<Report, Error> {
    let (from, to) = range(app, ask).await?;
    let currencies = sums::currencies(app.read(), ask, from, to).await?;
    let currency = match (ask.currency, currencies.as_slice()) {
        (Some(asked), _) => asked,
        (None, [only]) => *only,
        (None, _) => own_currency(app).await?,
    };
    let scope = Scope { ask, from, to, currency };
    let days = sums::by_day(app.read(), &scope).await?;
    let totals = days.iter().fold(Figures::none(currency), |sum, (_, figures)| sum.and(figures));
    let rows = match ask.by {
        By::Day => days.iter().map(|(day, figures)| row(day.to_string(), (*day, *day), figures.clone())).collect(),
        By::Month => months(&days, (from, to), currency),
        By::Category | By::Subcategory => categories(app, &scope).await?,
    };
    let previous = if ask.compare { Some(before(app, ask, (from, to), currency).await?) } else { None };
    let reconciled = sums::reconciled(app.read(), &scope, &totals).await?;
    Ok(Report { by: ask.by, from, to, currency, currencies, rows, totals, previous, reconciled })
}

async fn range(app: &App, ask: &Ask) -> Result<(NaiveDate, NaiveDate), Error> {
    let (from, to) = match (ask.from, ask.to) {
        (Some(from), Some(to)) => (from, to),
        (from, to) => {
            let (first, last) = sums::ends(app.read()).await?.unwrap_or((app.today(), app.today()));
            match (from, to) {
                (Some(from), _) => (from, last.max(from)),
                (None, Some(to)) => (first.min(to), to),
                (None, None) => (first, last),
            }
        }
    };
    if to < from { Err(Error::Range) } else { Ok((from, to)) }
}

async fn own_currency(app: &App) -> Result<Currency, Error> {
    let own = channel::Entity::find().filter(channel::Column::IsDefault.eq(true)).one(app.read()).await?;
    Ok(own.and_then(|channel| channel.currency.parse().ok()).unwrap_or(Currency::CNY))
}

async fn before(app: &App, ask: &Ask, (from, to): (NaiveDate, NaiveDate), currency: Currency) -> Result<PreviousReport, Error> {
    let (from, to) = time::previous(from, to);
    let days = sums::by_day(app.read(), &Scope { ask, from, to, currency }).await?;
    let totals = days.iter().fold(Figures::none(currency), |sum, (_, figures)| sum.and(figures));
    Ok(PreviousReport { from, to, totals })
}

fn row(key: String, (from, to): (NaiveDate, NaiveDate), figures: Figures) -> ReportRow {
    ReportRow { key, from, to, category_id: None, figures }
}

fn months(days: &[(NaiveDate, Figures)], (from, to): (NaiveDate, NaiveDate), currency: Currency) -> Vec<ReportRow> {
    let same = |a: &(NaiveDate, Figures), b: &(NaiveDate, Figures)| (a.0.year(), a.0.month()) == (b.0.year(), b.0.month());
    let month = |days: &[(NaiveDate, Figures)]| {
        let day = days.first()?.0;
        let first = day.with_day(1)?;
        let last = first.checked_add_months(chrono::Months::new(1))?.pred_opt()?;
        let figures = days.iter().fold(Figures::none(currency), |sum, (_, figures)| sum.and(figures));
        // The ends of the range cut the first and the last month.
        Some(row(day.format("%Y-%m").to_string(), (first.max(from), last.min(to)), figures))
    };
    days.chunk_by(same).filter_map(month).collect()
}

async fn categories(app: &App, scope: &Scope<'_>) -> Result<Vec<ReportRow>, Error> {
    let rows = sums::by_category(app.read(), scope).await?;
    let view = |(id, name, figures)| ReportRow { category_id: id, ..row(name, (scope.from, scope.to), figures) };
    Ok(rows.into_iter().map(view).collect())
}

impl Figures {
    /// Nothing.
    pub(crate) fn none(currency: Currency) -> Self {
        let zero = Money::new(0, currency);
        Self {
            orders: 0,
            lines: 0,
            pieces: 0,
            gross: zero,
            discount: zero,
            refunds: zero,
            net: zero,
            tax: zero,
            shipping: Some(zero),
            fees: Some(zero),
            total: Some(zero),
            paid: Some(zero),
            refunded: Some(zero),
        }
    }

    /// These and others, of one currency and of other orders.
    fn and(self, other: &Self) -> Self {
        let sum = |a: Money, b: Money| Money::new(a.amount.saturating_add(b.amount), a.currency);
        let both = |a: Option<Money>, b: Option<Money>| Some(sum(a?, b?));
        Self {
            orders: self.orders + other.orders,
            lines: self.lines + other.lines,
            pieces: self.pieces + other.pieces,
            gross: sum(self.gross, other.gross),
            discount: sum(self.discount, other.discount),
            refunds: sum(self.refunds, other.refunds),
            net: sum(self.net, other.net),
            tax: sum(self.tax, other.tax),
            shipping: both(self.shipping, other.shipping),
            fees: both(self.fees, other.fees),
            total: both(self.total, other.total),
            paid: both(self.paid, other.paid),
            refunded: both(self.refunded, other.refunded),
        }
    }
}
