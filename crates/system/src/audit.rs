//! The security log (M8.3), newest first.

use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::audit_entry::{Column, Entity, Model};
use zg_web::{Answer, Attachment, Cursor, Limit, Page, Query, Result};

/// Lines read at a time for a file.
const CHUNK: u64 = 1_000;

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// What was done, `order.cancel`; a prefix is enough.
    action: Option<String>,
    /// What it was done to, `order`.
    entity: Option<String>,
    /// The row it was done to: with `entity`, its history.
    entity_id: Option<i64>,
    /// `staff`, `api_key`, `shopper`, `guest` or `system`.
    actor_kind: Option<String>,
    /// The member of staff, or key, by id.
    actor_id: Option<i64>,
    /// From this address.
    ip: Option<String>,
    /// Of this request.
    request_id: Option<String>,
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Before.
    until: Option<DateTime<Utc>>,
}

/// Which lines of the file: as of the list.
#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditFileQuery {
    /// What was done, `order.cancel`; a prefix is enough.
    action: Option<String>,
    /// What it was done to, `order`.
    entity: Option<String>,
    /// The row it was done to: with `entity`, its history.
    entity_id: Option<i64>,
    /// `staff`, `api_key`, `shopper`, `guest` or `system`.
    actor_kind: Option<String>,
    /// The member of staff, or key, by id.
    actor_id: Option<i64>,
    /// From this address.
    ip: Option<String>,
    /// Of this request.
    request_id: Option<String>,
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Before.
    until: Option<DateTime<Utc>>,
}

/// A line of the security log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditLine {
    id: i64,
    at: DateTime<Utc>,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_name: String,
    ip: Option<String>,
    request_id: Option<String>,
    action: String,
    entity: String,
    entity_id: i64,
    before: Option<Value>,
    after: Option<Value>,
    /// Its number in the chain, once sealed.
    seq: Option<i64>,
    /// Covers this line and all before it.
    digest: Option<String>,
}

/// The security log, newest first.
#[utoipa::path(get, path = "/admin/audit", params(AuditQuery), responses((status = 200, body = Page<AuditLine>)))]
pub(crate) async fn list(State(app): State<App>, Query(asked): Query<AuditQuery>) -> Result<Answer<Page<AuditLine>>> {
    let (limit, before) = (asked.limit, Cursor::decode_opt::<i64>(asked.cursor.as_deref())?);
    let of = AuditFileQuery {
        action: asked.action,
        entity: asked.entity,
        entity_id: asked.entity_id,
        actor_kind: asked.actor_kind,
        actor_id: asked.actor_id,
        ip: asked.ip,
        request_id: asked.request_id,
        from: asked.from,
        until: asked.until,
    };
    let mut found = filtered(of);
    if let Some(id) = before {
        found = found.filter(Column::Id.lt(id));
    }
    let rows = found.limit(limit.and_one()).all(app.read()).await?;
    Ok(Answer::ok(Page::of(rows, limit, None, |row| row.id).map(line)))
}

/// The security log as a CSV file, newest first, read as it is sent.
#[utoipa::path(get, path = "/admin/audit.csv", params(AuditFileQuery), responses((status = 200, body = String, content_type = "text/csv")))]
pub(crate) async fn file(State(app): State<App>, Query(asked): Query<AuditFileQuery>) -> Result<Attachment> {
    let found = filtered(asked);
    let lines = stream::try_unfold((app, found, None::<i64>, true), |(app, found, before, first)| async move {
        if before == Some(0) {
            return Ok::<_, std::io::Error>(None);
        }
        let page = match before {
            Some(id) => found.clone().filter(Column::Id.lt(id)),
            None => found.clone(),
        };
        let rows = page.limit(CHUNK).all(app.read()).await.map_err(std::io::Error::other)?;
        let full = u64::try_from(rows.len()).unwrap_or_default() == CHUNK;
        let next = if full { rows.last().map_or(0, |row| row.id) } else { 0 };
        let text = csv(&rows, first)?;
        Ok(Some((Bytes::from(text), (app, found, Some(next), false))))
    });
    Ok(Attachment { media_type: "text/csv; charset=utf-8", name: "security-log.csv".to_owned(), body: Body::from_stream(lines) })
}

fn filtered(asked: AuditFileQuery) -> Select<Entity> {
    let mut found = Entity::find().order_by(Column::Id, Order::Desc);
    if let Some(action) = asked.action {
        found = found.filter(Column::Action.starts_with(action));
    }
    let texts = [
        (Column::Entity, asked.entity),
        (Column::ActorKind, asked.actor_kind),
        (Column::Ip, asked.ip),
        (Column::RequestId, asked.request_id),
    ];
    for (column, value) in texts {
        if let Some(value) = value {
            found = found.filter(column.eq(value));
        }
    }
    for (column, value) in [(Column::EntityId, asked.entity_id), (Column::ActorId, asked.actor_id)] {
        if let Some(value) = value {
            found = found.filter(column.eq(value));
        }
    }
    if let Some(from) = asked.from {
        found = found.filter(Column::At.gte(from));
    }
    if let Some(until) = asked.until {
        found = found.filter(Column::At.lt(until));
    }
    found
}

const HEADINGS: [&str; 13] =
    ["id", "at", "actor_kind", "actor_id", "actor", "ip", "request_id", "action", "entity", "entity_id", "before", "after", "digest"];

fn csv(rows: &[Model], first: bool) -> std::io::Result<Vec<u8>> {
    // The mark tells spreadsheets that the file is UTF-8.
    let start = if first { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let mut out = csv::Writer::from_writer(start);
    if first {
        out.write_record(HEADINGS)?;
    }
    let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    for row in rows {
        out.write_record([
            row.id.to_string(),
            row.at.to_rfc3339(),
            row.actor_kind.clone(),
            number(row.actor_id),
            inert(&row.actor_name),
            row.ip.clone().unwrap_or_default(),
            row.request_id.clone().unwrap_or_default(),
            row.action.clone(),
            row.entity.clone(),
            row.entity_id.to_string(),
            json(&row.before),
            json(&row.after),
            row.digest.clone().unwrap_or_default(),
        ])?;
    }
    out.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

/// Text that a spreadsheet does not take for a formula.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn line(row: Model) -> AuditLine {
    AuditLine {
        id: row.id,
        at: row.at,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor_name: row.actor_name,
        ip: row.ip,
        request_id: row.request_id,
        action: row.action,
        entity: row.entity,
        entity_id: row.entity_id,
        before: row.before,
        after: row.after,
        seq: row.seq,
        digest: row.digest,
    }
}
