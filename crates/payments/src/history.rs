//! The history of all payments (M8.10): newest first, by cursor and as a file.

use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::stream;
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::order;
use zg_db::entity::payment_entry::{Column, Entity};
use zg_domain::time::start_of;
use zg_web::{Answer, Attachment, Cursor, Limit, Page, Query, Result, Staff};

use crate::Error;
use crate::view::{self, PaymentEntry};

/// Rows of the file read at a time.
const CHUNK: u64 = 1_000;

/// What a line of the ledger is.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentKind {
    Authorize,
    Capture,
    Refund,
    Manual,
    Fee,
    Cod,
    Import,
}

impl PaymentKind {
    fn word(self) -> &'static str {
        use crate::Kind;
        match self {
            Self::Authorize => Kind::Authorize,
            Self::Capture => Kind::Capture,
            Self::Refund => Kind::Refund,
            Self::Manual => Kind::Manual,
            Self::Fee => Kind::Fee,
            Self::Cod => Kind::Cod,
            Self::Import => Kind::Import,
        }
        .as_str()
    }
}

/// Which page of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PaymentQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// First day, in the shop's time zone.
    from: Option<NaiveDate>,
    /// Last day, included.
    to: Option<NaiveDate>,
    /// A payment method's code.
    method: Option<String>,
    /// What kind of line.
    #[param(inline)]
    kind: Option<PaymentKind>,
    /// The order's number.
    order: Option<String>,
    /// The reference, whole.
    reference: Option<String>,
}

/// Which part of the history as a file.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PaymentFileQuery {
    /// First day, in the shop's time zone.
    from: Option<NaiveDate>,
    /// Last day, included.
    to: Option<NaiveDate>,
    /// A payment method's code.
    method: Option<String>,
    /// What kind of line.
    #[param(inline)]
    kind: Option<PaymentKind>,
    /// The order's number.
    order: Option<String>,
    /// The reference, whole.
    reference: Option<String>,
}

/// Where a page ended.
type Key = (DateTime<Utc>, i64);

/// All payments, newest first.
#[utoipa::path(get, path = "/admin/payments", params(PaymentQuery), responses((status = 200, body = Page<PaymentEntry>)))]
pub(crate) async fn handler(
    State(app): State<App>,
    _staff: Staff,
    Query(asked): Query<PaymentQuery>,
) -> Result<Answer<Page<PaymentEntry>>> {
    let before = Cursor::decode_opt::<Key>(asked.cursor.as_deref())?;
    let limit = asked.limit;
    let filters = PaymentFileQuery {
        from: asked.from,
        to: asked.to,
        method: asked.method,
        kind: asked.kind,
        order: asked.order,
        reference: asked.reference,
    };
    let found = behind(filtered(&app, &filters).await?, before);
    let rows = found.limit(limit.and_one()).all(app.read()).await?;
    let Page { data, meta } = Page::of(rows, limit, None, |row| (row.at, row.id));
    Ok(Answer::ok(Page { data: view::entries(app.read(), data).await?, meta }))
}

/// All payments as a CSV file, newest first, read as it is sent.
#[utoipa::path(get, path = "/admin/payments.csv", params(PaymentFileQuery), responses((status = 200, body = String, content_type = "text/csv")))]
pub(crate) async fn file(State(app): State<App>, _staff: Staff, Query(asked): Query<PaymentFileQuery>) -> Result<Attachment> {
    let found = filtered(&app, &asked).await?;
    let lines = stream::try_unfold((app, found, Some(None::<Key>), true), |(app, found, next, first)| async move {
        let Some(before) = next else { return Ok::<_, std::io::Error>(None) };
        let rows = behind(found.clone(), before).limit(CHUNK).all(app.read()).await.map_err(std::io::Error::other)?;
        let full = u64::try_from(rows.len()).unwrap_or_default() == CHUNK;
        let next = rows.last().filter(|_| full).map(|row| Some((row.at, row.id)));
        let views = view::entries(app.read(), rows).await.map_err(std::io::Error::other)?;
        let text = csv(&views, first)?;
        Ok(Some((Bytes::from(text), (app, found, next, false))))
    });
    Ok(Attachment { media_type: "text/csv; charset=utf-8", name: "payments.csv".to_owned(), body: Body::from_stream(lines) })
}

async fn filtered(app: &App, asked: &PaymentFileQuery) -> Result<Select<Entity>, Error> {
    let zone = app.shop().time_zone;
    let mut found = Entity::find().order_by(Column::At, Order::Desc).order_by(Column::Id, Order::Desc);
    if let Some(from) = asked.from {
        found = found.filter(Column::At.gte(start_of(from, zone)));
    }
    if let Some(after) = asked.to.and_then(|to| to.succ_opt()) {
        found = found.filter(Column::At.lt(start_of(after, zone)));
    }
    if let Some(kind) = asked.kind {
        found = found.filter(Column::Kind.eq(kind.word()));
    }
    for (column, value) in [(Column::Method, &asked.method), (Column::Reference, &asked.reference)] {
        if let Some(value) = value {
            found = found.filter(column.eq(value.trim()));
        }
    }
    if let Some(number) = &asked.order {
        let known = order::Entity::find().filter(order::Column::Number.eq(number.trim())).one(app.read()).await?;
        found = found.filter(Column::OrderId.eq(known.map_or(0, |row| row.id)));
    }
    Ok(found)
}

fn behind(found: Select<Entity>, key: Option<Key>) -> Select<Entity> {
    let Some((at, id)) = key else { return found };
    found.filter(Condition::any().add(Column::At.lt(at)).add(Condition::all().add(Column::At.eq(at)).add(Column::Id.lt(id))))
}

const HEADINGS: [&str; 10] = ["id", "date", "order", "kind", "method", "amount", "currency", "reference", "note", "recorded_by"];

fn csv(rows: &[PaymentEntry], first: bool) -> std::io::Result<Vec<u8>> {
    // The mark tells spreadsheets that the file is UTF-8.
    let start = if first { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let mut out = csv::Writer::from_writer(start);
    if first {
        out.write_record(HEADINGS)?;
    }
    for row in rows {
        out.write_record([
            row.id.to_string(),
            row.at.to_rfc3339(),
            inert(&row.order_number),
            row.kind.clone(),
            inert(&row.method),
            row.amount.to_decimal(),
            row.amount.currency.to_string(),
            inert(&row.reference),
            inert(row.note.as_deref().unwrap_or_default()),
            inert(&row.actor_name),
        ])?;
    }
    out.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

/// Text that a spreadsheet does not take for a formula.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_10_the_file_holds_no_formula() {
        assert_eq!(inert("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(inert("流水 1"), "流水 1");
    }
}
