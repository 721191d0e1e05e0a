//! The security log (M8.3), newest first.

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_db::entity::audit_entry::{Column, Entity, Model};
use zg_web::{Answer, Cursor, Limit, Page, Query, Result};

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
    /// The row it was done to.
    entity_id: Option<i64>,
    /// The member of staff, or key, by id.
    actor_id: Option<i64>,
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
    let mut query = Entity::find().order_by(Column::Id, Order::Desc).limit(asked.limit.and_one());
    if let Some(id) = Cursor::decode_opt::<i64>(asked.cursor.as_deref())? {
        query = query.filter(Column::Id.lt(id));
    }
    if let Some(action) = asked.action {
        query = query.filter(Column::Action.starts_with(action));
    }
    if let Some(entity) = asked.entity {
        query = query.filter(Column::Entity.eq(entity));
    }
    if let Some(id) = asked.entity_id {
        query = query.filter(Column::EntityId.eq(id));
    }
    if let Some(id) = asked.actor_id {
        query = query.filter(Column::ActorId.eq(id));
    }
    if let Some(from) = asked.from {
        query = query.filter(Column::At.gte(from));
    }
    if let Some(until) = asked.until {
        query = query.filter(Column::At.lt(until));
    }
    let rows = query.all(app.read()).await?;
    Ok(Answer::ok(Page::of(rows, asked.limit, None, |row| row.id).map(line)))
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
