//! One's own sessions (M8.1): where one is signed in, and ending it there.

use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::{App, session};
use zg_db::entity::{session as row, staff as person};
use zg_web::{Answer, Committed, Path, Problem, Result, Staff};

use crate::{Error, beyond};

/// An open session.
#[derive(Serialize, ToSchema)]
pub(crate) struct MySession {
    id: i64,
    created_at: DateTime<Utc>,
    /// To the minute.
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ip: String,
    user_agent: String,
    /// This is the one that asks.
    current: bool,
}

/// One's sessions, newest first.
#[utoipa::path(get, path = "/admin/sessions", responses((status = 200, body = Vec<MySession>)))]
pub(crate) async fn list(State(app): State<App>, staff: Staff) -> Result<Answer<Vec<MySession>>> {
    let id = staff.id.unwrap_or_default();
    Ok(Answer::ok(open(&app, id, staff.session_id).await?))
}

/// A colleague's sessions, newest first.
#[utoipa::path(get, path = "/admin/staff/{id}/sessions", params(("id" = i64, Path)), responses((status = 200, body = Vec<MySession>)))]
pub(crate) async fn of_colleague(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Answer<Vec<MySession>>> {
    person::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::StaffNotFound)?;
    Ok(Answer::ok(open(&app, id, staff.session_id).await?))
}

async fn open(app: &App, staff_id: i64, own: Option<i64>) -> Result<Vec<MySession>> {
    let rows = row::Entity::find()
        .filter(row::Column::StaffId.eq(staff_id))
        .filter(row::Column::RevokedAt.is_null())
        .filter(row::Column::ExpiresAt.gt(app.now()))
        .order_by(row::Column::Id, Order::Desc)
        .limit(100)
        .all(app.read())
        .await?;
    let view = |row: row::Model| MySession {
        id: row.id,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
        ip: row.ip,
        user_agent: row.user_agent,
        current: Some(row.id) == own,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Ends one of one's sessions.
#[utoipa::path(delete, path = "/admin/sessions/{id}", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn end(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let me = staff.id.unwrap_or_default();
    let tx = app.begin(&staff.actor).await?;
    if !session::revoke(&tx, session::Owner::Staff(me), id).await? {
        return Err(Problem::not_found("session_not_found"));
    }
    tx.audit("session.revoke", "staff", me, None, None).await?;
    Committed::no_content(tx).await
}

/// Ends every session of a colleague.
#[utoipa::path(delete, path = "/admin/staff/{id}/sessions", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn end_colleague(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    person::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::StaffNotFound)?;
    beyond::person(tx.db(), &staff.rights, id).await?;
    let ended = session::revoke_all(&tx, session::Owner::Staff(id), staff.session_id).await?;
    tx.audit("session.revoke_all", "staff", id, None, Some(serde_json::json!({ "sessions": ended }))).await?;
    Committed::no_content(tx).await
}
