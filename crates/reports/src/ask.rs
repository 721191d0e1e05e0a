//! What a report is asked for, and its routes.

use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use chrono::NaiveDate;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_domain::order::{Fulfilment, Payment, State as OrderState};
use zg_domain::time::Preset;
use zg_domain::{Currency, Locale};
use zg_web::{Answer, Attachment, Lang, Query, Result, Staff};

use crate::file::{self, Detail};
use crate::{Error, Report, orders};

/// Rows of a file sent at a time.
const CHUNK: usize = 500;

/// By what orders are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportBy)]
pub enum By {
    /// The day on which they were placed.
    Day,
    /// The month in which they were placed.
    Month,
    /// The category at the top of the tree, above the one their lines were sold under.
    Category,
    /// The category their lines were sold under.
    Subcategory,
}

impl By {
    /// Its name, which heads the first column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Category => "category",
            Self::Subcategory => "subcategory",
        }
    }
}

/// What a report of orders is asked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// By what orders are grouped.
    pub by: By,
    /// Not before this day; from the first order on, if none.
    pub from: Option<NaiveDate>,
    /// Not after this day; up to the last order, if none.
    pub to: Option<NaiveDate>,
    /// Orders in this currency; the only one there is, if none, or the shop's own.
    pub currency: Option<Currency>,
    /// In these states; in any but draft and cancelled, if empty.
    pub states: Vec<OrderState>,
    /// Paid so far; in any way, if empty.
    pub payments: Vec<Payment>,
    /// Fulfilled so far; in any way, if empty.
    pub fulfilments: Vec<Fulfilment>,
    /// Set the same number of days before beside it.
    pub compare: bool,
    /// The language of categories' names, where they have one in it.
    pub locale: Locale,
}

impl Ask {
    /// Everything there is, grouped.
    pub fn everything(by: By, locale: Locale) -> Self {
        Self {
            by,
            from: None,
            to: None,
            currency: None,
            states: Vec::new(),
            payments: Vec::new(),
            fulfilments: Vec::new(),
            compare: false,
            locale,
        }
    }
}

/// Which report.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderReportQuery {
    /// By what orders are grouped; by day, unless said.
    #[param(inline)]
    by: Option<By>,
    /// A range of days by name; `from` and `to` go before it.
    #[param(inline)]
    preset: Option<Preset>,
    /// The first day, of the shop.
    from: Option<NaiveDate>,
    /// The last day, which is included.
    to: Option<NaiveDate>,
    /// ISO 4217; the only one there is, or the shop's own, unless said.
    #[param(value_type = Option<String>)]
    currency: Option<Currency>,
    /// States of orders, separated by commas: `placed`, `confirmed`, `completed`.
    state: Option<String>,
    /// How far they are paid, separated by commas: `unpaid`, `partial`, `paid` …
    payment: Option<String>,
    /// How far they are fulfilled, separated by commas: `allocated`, `shipped` …
    fulfilment: Option<String>,
    /// Set the same number of days before beside it.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    compare: bool,
}

impl OrderReportQuery {
    fn ask(&self, app: &App, locale: Locale) -> Result<Ask, Error> {
        let (from, to) = match self.preset {
            Some(preset) if self.from.is_none() && self.to.is_none() => {
                let (from, to) = preset.days(app.today());
                (Some(from), Some(to))
            }
            _ => (self.from, self.to),
        };
        let states: Vec<OrderState> = words("state", self.state.as_deref())?;
        if let Some(state) = states.iter().find(|state| matches!(state, OrderState::Draft | OrderState::Cancelled)) {
            return Err(Error::Word { parameter: "state", word: state.as_str().to_owned() });
        }
        Ok(Ask {
            by: self.by.unwrap_or(By::Day),
            from,
            to,
            currency: self.currency,
            states,
            payments: words("payment", self.payment.as_deref())?,
            fulfilments: words("fulfilment", self.fulfilment.as_deref())?,
            compare: self.compare,
            locale,
        })
    }
}

fn words<T: std::str::FromStr>(parameter: &'static str, text: Option<&str>) -> Result<Vec<T>, Error> {
    let words = text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(|_| Error::Word { parameter, word: word.to_owned() })).collect()
}

/// Orders in sum (M9.10), by day, month or category. Rows without orders are left out.
#[utoipa::path(get, path = "/admin/reports/orders", params(OrderReportQuery), responses((status = 200, body = Report)))]
pub(crate) async fn handler(
    State(app): State<App>,
    _staff: Staff,
    Lang(locale): Lang,
    Query(asked): Query<OrderReportQuery>,
) -> Result<Answer<Report>> {
    Ok(Answer::ok(orders(&app, &asked.ask(&app, locale)?).await?))
}

/// The same report as a CSV file: plain decimals, one currency.
#[utoipa::path(get, path = "/admin/reports/orders.csv", params(OrderReportQuery),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(crate) async fn file(
    State(app): State<App>,
    _staff: Staff,
    Lang(locale): Lang,
    Query(asked): Query<OrderReportQuery>,
) -> Result<Attachment> {
    let report = orders(&app, &asked.ask(&app, locale)?).await?;
    let name = format!("orders-by-{}-{}-{}.csv", report.by.as_str(), report.from, report.to);
    // A mark first, so that spreadsheets read it as UTF-8.
    let head = std::iter::once(Ok(Bytes::from_static(b"\xEF\xBB\xBF")));
    let starts = (0..report.rows.len().max(1)).step_by(CHUNK);
    let parts = starts.map(move |start| file::part(&report, start, CHUNK, Detail::Full).map(Bytes::from).map_err(std::io::Error::other));
    Ok(Attachment { media_type: "text/csv; charset=utf-8", name, body: Body::from_stream(stream::iter(head.chain(parts))) })
}
