//! Staff sign-in (M8.1): throttled by account and address, Argon2id off the
//! event loop, a second factor where it is on.
//!
//! An unknown address takes as long as a known one and answers the same.

use axum::extract::State;
use http::HeaderMap;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use utoipa::ToSchema;
use zg_base::{Actor, ActorKind, App, password, session, throttle};
use zg_db::entity::staff;
use zg_web::{Committed, Json, Problem, Result, STAFF_COOKIE, Staff, Visitor, session_cookie};

use crate::me::Me;
use crate::{me, second_factor};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffSignIn {
    /// The address.
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
    /// Six digits of the authenticator, or a recovery code, where the second factor is on.
    code: Option<String>,
}

/// Signs a member of staff in and sets the session's cookie.
#[utoipa::path(post, path = "/admin/session", request_body = StaffSignIn, responses((status = 200, body = Me)))]
pub(crate) async fn handler(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Json(asked): Json<StaffSignIn>,
) -> Result<Committed<Me>> {
    let email = asked.email.trim().to_lowercase();
    let person =
        staff::Entity::find().filter(staff::Column::Email.eq(&email)).filter(staff::Column::DisabledAt.is_null()).one(app.read()).await?;
    // The slow part comes before the transaction, and only while the account may be tried.
    let tx = app.begin(&visitor.actor.again()).await?;
    if !throttle::allows(&tx, &email).await? {
        return Committed::problem(tx, Problem::too_many("too_many_attempts").retry_after(900)).await;
    }
    tx.rollback().await?;
    let fits = password::verify(asked.password, person.as_ref().map(|person| person.password_hash.clone())).await?;

    let mut actor = visitor.actor.clone();
    if let Some(person) = &person {
        actor = Actor { kind: ActorKind::Staff, id: Some(person.id), name: person.name.clone(), ..actor };
    }
    let tx = app.begin(&actor).await?;
    let Some(person) = person.filter(|_| fits) else {
        throttle::remember(&tx, &email, false).await?;
        tx.audit("session.refuse", "staff", 0, None, Some(serde_json::json!({ "email": email }))).await?;
        return Committed::problem(tx, Problem::unauthorized("sign_in_failed")).await;
    };
    if person.totp_enabled {
        let Some(code) = asked.code.filter(|code| !code.is_empty()) else {
            return Committed::problem(tx, Problem::unauthorized("second_factor_required")).await;
        };
        if !second_factor::accepts(&tx, &person, &code).await? {
            throttle::remember(&tx, &email, false).await?;
            tx.audit("session.refuse", "staff", person.id, None, None).await?;
            return Committed::problem(tx, Problem::unauthorized("second_factor_wrong")).await;
        }
    }
    throttle::remember(&tx, &email, true).await?;
    let agent = headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let owner = session::Owner::Staff(person.id);
    let token = session::open(&tx, owner, agent).await?;
    tx.audit("session.open", "staff", person.id, None, None).await?;
    let me = me::of(&app, &person, &token).await?;
    let cookie = session_cookie(&app, STAFF_COOKIE, &token, owner.lasts());
    Ok(Committed::ok(tx, me).await?.cookie(cookie))
}

/// Signs out: ends this session.
#[utoipa::path(delete, path = "/admin/session", responses((status = 204)))]
pub(crate) async fn out(State(app): State<App>, staff: Staff) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    if let (Some(staff_id), Some(session_id)) = (staff.id, staff.session_id) {
        session::revoke(&tx, session::Owner::Staff(staff_id), session_id).await?;
        tx.audit("session.close", "staff", staff_id, None, None).await?;
    }
    let gone = session_cookie(&app, STAFF_COOKIE, "", chrono::Duration::zero());
    Ok(Committed::no_content(tx).await?.cookie(gone))
}
