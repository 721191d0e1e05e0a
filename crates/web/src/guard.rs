//! The guard before every handler: session or key, right, CSRF.
//!
//! An unsafe request that a cookie can authorise must carry the token that only
//! a page of ours can know (`X-CSRF-Token`), and must not come from another
//! site (`Sec-Fetch-Site`, or `Origin` where a browser does not send it).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait, ConnectionTrait as _, EntityTrait, QueryFilter};
use zg_base::secrets::{same, sha256_hex};
use zg_base::{Actor, ActorKind, App, IdempotencyKey, Right, api_key, last_used, session};
use zg_db::entity::{customer, role, role_right, staff, staff_role};
use zg_domain::Locale;

use crate::finish::Meta;
use crate::locale::Lang;
use crate::routes::Who;
use crate::{Problem, Result};

/// The cookie of a member of staff.
pub const STAFF_COOKIE: &str = "zg_staff";
/// The cookie of a shopper.
pub const SHOPPER_COOKIE: &str = "zg_shopper";
/// The header that carries the CSRF token.
const CSRF_HEADER: &str = "x-csrf-token";
/// Bodies of requests with an idempotency key are read whole, up to here.
const KEYED_BODY_LIMIT: usize = 2 * 1024 * 1024;

/// What somebody may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Everything: a role marked so.
    All,
    /// These rights, by name.
    Named(Arc<BTreeSet<String>>),
}

impl Rights {
    /// Is the right among them?
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(name),
        }
    }

    /// Is the right, as a type, among them?
    pub fn allows<R: Right>(&self) -> bool {
        self.has(R::NAME)
    }
}

/// The member of staff, or the API key, that calls.
#[derive(Clone, Debug)]
pub struct Staff {
    /// For the ledgers, and for [`App::begin`].
    pub actor: Actor,
    /// The member of staff; none for a key.
    pub id: Option<i64>,
    /// The session; none for a key.
    pub session_id: Option<i64>,
    /// What they may do.
    pub rights: Rights,
}

/// A shopper who has signed in.
#[derive(Clone, Debug)]
pub struct Shopper {
    /// For the ledgers, and for [`App::begin`].
    pub actor: Actor,
    /// The customer.
    pub customer_id: i64,
    /// The session.
    pub session_id: i64,
}

/// Anybody in the shop, signed in or not.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// For the ledgers, and for [`App::begin`].
    pub actor: Actor,
    /// The customer, if signed in.
    pub customer_id: Option<i64>,
    /// The reader's language.
    pub locale: Locale,
}

macro_rules! from_guard {
    ($($name:ident),*) => { $(
        impl<S: Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
                // The guard put it there; a handler that asks for another kind of
                // caller than its route states gets nobody.
                parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::unauthorized("sign_in_required"))
            }
        }
    )* };
}
from_guard!(Staff, Shopper, Visitor);

/// Checks the statement of a route, before anything of the request is read.
pub(crate) async fn guard(who: Who, request: Request, next: Next) -> Response {
    // Taken apart, because a body cannot be looked at while others wait.
    let (mut parts, body) = request.into_parts();
    match admit(who, &mut parts, body).await {
        Ok(body) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admit(who: Who, parts: &mut Parts, body: Body) -> Result<Body> {
    let app = parts.extensions.get::<App>().cloned().ok_or_else(|| Problem::unavailable("busy"))?;
    match who {
        Who::Right { name, keys } => {
            let mut staff = staff(&app, parts, keys).await?;
            if !staff.rights.has(name) {
                return Err(Problem::forbidden("forbidden").with("right", name));
            }
            let (key, body) = idempotency(parts, body, &staff.actor).await?;
            staff.actor.idempotency = key;
            parts.extensions.insert(staff);
            Ok(body)
        }
        Who::Staff => {
            let mut staff = staff(&app, parts, false).await?;
            let (key, body) = idempotency(parts, body, &staff.actor).await?;
            staff.actor.idempotency = key;
            parts.extensions.insert(staff);
            Ok(body)
        }
        Who::Shopper => {
            if unsafe_method(&parts.method) && !same_site(&parts.headers) {
                return Err(Problem::forbidden("csrf"));
            }
            let Some(mut shopper) = shopper(&app, parts).await? else {
                return Err(Problem::unauthorized("sign_in_required"));
            };
            let (key, body) = idempotency(parts, body, &shopper.actor).await?;
            shopper.actor.idempotency = key;
            parts.extensions.insert(shopper);
            Ok(body)
        }
        Who::Public => {
            if unsafe_method(&parts.method) && !same_site(&parts.headers) && !allowed_origin(parts) {
                return Err(Problem::forbidden("csrf"));
            }
            let mut visitor = visitor(&app, parts).await?;
            let (key, body) = idempotency(parts, body, &visitor.actor).await?;
            visitor.actor.idempotency = key;
            parts.extensions.insert(visitor);
            Ok(body)
        }
    }
}

/// Whoever is in the shop.
pub(crate) async fn visitor(app: &App, parts: &Parts) -> Result<Visitor> {
    let locale = Lang::of(&parts.uri, &parts.headers).0;
    Ok(match shopper(app, parts).await? {
        Some(shopper) => Visitor { actor: shopper.actor, customer_id: Some(shopper.customer_id), locale },
        None => Visitor { actor: guest(parts), customer_id: None, locale },
    })
}

/// Somebody in the shop who has not signed in.
pub fn guest(parts: &Parts) -> Actor {
    actor(parts, ActorKind::Guest, None, String::new())
}

/// The member of staff or key behind a request.
pub(crate) async fn staff(app: &App, parts: &Parts, keys: bool) -> Result<Staff> {
    if let Some(key) = bearer(&parts.headers) {
        let known = api_key::find(app.read(), key, app.now()).await?.ok_or_else(|| Problem::unauthorized("key_unknown"))?;
        if !keys {
            return Err(Problem::forbidden("key_not_allowed"));
        }
        last_used::key(app, known.id);
        let actor = actor(parts, ActorKind::ApiKey, Some(known.id), known.name);
        let rights = Rights::Named(Arc::new(known.scopes.into_iter().collect()));
        return Ok(Staff { actor, id: None, session_id: None, rights });
    }
    let token = cookie_of(&parts.headers, STAFF_COOKIE).ok_or_else(|| Problem::unauthorized("sign_in_required"))?;
    check_csrf(app, parts, &token)?;
    let found = session::find(app.read(), &token, app.now()).await?;
    let (session_id, staff_id) =
        found.and_then(|row| row.staff_id.map(|id| (row.id, id))).ok_or_else(|| Problem::unauthorized("sign_in_required"))?;
    let person = staff::Entity::find_by_id(staff_id)
        .filter(staff::Column::DisabledAt.is_null())
        .one(app.read())
        .await?
        .ok_or_else(|| Problem::unauthorized("sign_in_required"))?;
    let rights = rights_of(app, staff_id).await?;
    last_used::session(app, session_id);
    let actor = actor(parts, ActorKind::Staff, Some(staff_id), person.name);
    Ok(Staff { actor, id: Some(staff_id), session_id: Some(session_id), rights })
}

/// What somebody showed to be let in, kept to ask again.
#[derive(Clone)]
pub(crate) enum Credential {
    /// An API key.
    Key(String),
    /// A session's token.
    Session(String),
}

impl Credential {
    /// The credential of a request, whether it is good or not.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        match bearer(headers) {
            Some(key) => Some(Self::Key(key.to_owned())),
            None => cookie_of(headers, STAFF_COOKIE).map(Self::Session),
        }
    }

    /// What it is good for at present; none if it is no longer good at all.
    pub(crate) async fn rights(&self, app: &App) -> Result<Option<Rights>> {
        match self {
            Self::Key(key) => {
                let known = api_key::find(app.read(), key, app.now()).await?;
                Ok(known.map(|known| Rights::Named(Arc::new(known.scopes.into_iter().collect()))))
            }
            Self::Session(token) => {
                let Some(id) = session::find(app.read(), token, app.now()).await?.and_then(|row| row.staff_id) else { return Ok(None) };
                let person = staff::Entity::find_by_id(id).filter(staff::Column::DisabledAt.is_null()).one(app.read()).await?;
                if person.is_some() { Ok(Some(rights_of(app, id).await?)) } else { Ok(None) }
            }
        }
    }
}

/// What a member of staff may do, by all roles together.
async fn rights_of(app: &App, staff_id: i64) -> Result<Rights> {
    // One statement, for every request of staff asks: a row a right, or one for a role without.
    let statement = Query::select()
        .column((role::Entity, role::Column::IsSuper))
        .column((role_right::Entity, role_right::Column::Right))
        .from(staff_role::Entity)
        .inner_join(role::Entity, Expr::col((role::Entity, role::Column::Id)).equals((staff_role::Entity, staff_role::Column::RoleId)))
        .left_join(role_right::Entity, Expr::col((role_right::Entity, role_right::Column::RoleId)).equals((role::Entity, role::Column::Id)))
        .and_where(Expr::col((staff_role::Entity, staff_role::Column::StaffId)).eq(staff_id))
        .to_owned();
    let mut names = BTreeSet::new();
    for row in app.read().query_all(&statement).await? {
        if row.try_get("", "is_super")? {
            return Ok(Rights::All);
        }
        names.extend(row.try_get::<Option<String>>("", "right")?);
    }
    Ok(Rights::Named(Arc::new(names)))
}

/// The shopper behind a request.
pub(crate) async fn shopper(app: &App, parts: &Parts) -> Result<Option<Shopper>> {
    let found = shopper_of_page(app, parts).await?;
    if let (Some(_), Some(token)) = (&found, cookie_of(&parts.headers, SHOPPER_COOKIE)) {
        check_csrf(app, parts, &token)?;
    }
    Ok(found)
}

/// The shopper behind the request of a page whose forms carry a token of their
/// own: whoever calls this has checked it.
pub async fn shopper_of_page(app: &App, parts: &Parts) -> Result<Option<Shopper>> {
    let Some(token) = cookie_of(&parts.headers, SHOPPER_COOKIE) else { return Ok(None) };
    let Some(found) = session::find(app.read(), &token, app.now()).await? else { return Ok(None) };
    let Some(customer_id) = found.customer_id else { return Ok(None) };
    let person = customer::Entity::find_by_id(customer_id).filter(customer::Column::State.eq("active")).one(app.read()).await?;
    let Some(person) = person else { return Ok(None) };
    last_used::session(app, found.id);
    // By code, not by name: ledgers are never erased, people may want to be.
    let actor = actor(parts, ActorKind::Shopper, Some(customer_id), person.code);
    Ok(Some(Shopper { actor, customer_id, session_id: found.id }))
}

/// The CSRF token of a session: only a page that was served with it can know it.
pub fn csrf_of(app: &App, session_token: &str) -> String {
    app.secrets().tag("csrf", session_token)
}

fn check_csrf(app: &App, parts: &Parts, session_token: &str) -> Result<()> {
    if !unsafe_method(&parts.method) {
        return Ok(());
    }
    let sent = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if same(sent, &csrf_of(app, session_token)) && same_site(&parts.headers) { Ok(()) } else { Err(Problem::forbidden("csrf")) }
}

/// Does the request come from a page of ours, or from no page at all?
pub fn same_site(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok()) {
        return matches!(site, "same-origin" | "none");
    }
    match text(header::ORIGIN) {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        }
    }
}

/// An origin that the CORS configuration names. It carries no cookie of ours.
fn allowed_origin(parts: &Parts) -> bool {
    let origin = parts.headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let allowed = parts.extensions.get::<Meta>().map(|meta| meta.origins.clone()).unwrap_or_default();
    let cookie = cookie_of(&parts.headers, SHOPPER_COOKIE).is_some();
    !cookie && origin.is_some_and(|origin| allowed.iter().any(|known| known == origin))
}

/// The value of a cookie.
pub fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    CookieJar::from_headers(headers).get(name).map(|cookie| cookie.value().to_owned())
}

/// A session's cookie: out of scripts' reach, not sent by other sites' forms.
/// An empty token takes the cookie away.
pub fn session_cookie(app: &App, name: &str, token: &str, lasts: chrono::Duration) -> HeaderValue {
    let secure = if app.shop().base_url.starts_with("https:") { "; Secure" } else { "" };
    let seconds = if token.is_empty() { 0 } else { lasts.num_seconds() };
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

fn unsafe_method(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn actor(parts: &Parts, kind: ActorKind, id: Option<i64>, name: String) -> Actor {
    let meta = parts.extensions.get::<Meta>();
    Actor { kind, id, name, ip: meta.and_then(|meta| meta.ip), request_id: meta.map(|meta| meta.request_id.clone()), idempotency: None }
}

/// The request's idempotency key, with the hash of what it was sent for.
async fn idempotency(parts: &Parts, body: Body, actor: &Actor) -> Result<(Option<IdempotencyKey>, Body)> {
    if !unsafe_method(&parts.method) {
        return Ok((None, body));
    }
    let Some(value) = parts.headers.get("idempotency-key") else { return Ok((None, body)) };
    let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|c| c.is_ascii_graphic()));
    let Some(key) = key else {
        return Err(Problem::bad_request("idempotency_key_invalid"));
    };
    let bytes = axum::body::to_bytes(body, KEYED_BODY_LIMIT).await.map_err(|_| Problem::too_large("body_too_large"))?;
    let asked = format!("{} {}\n", parts.method, parts.uri);
    let fingerprint = sha256_hex(&[asked.as_bytes(), &bytes].concat());
    // Guests are told apart by the address they call, which holds their cart's token.
    let owner = actor.id.map_or_else(|| parts.uri.path().to_owned(), |id| id.to_string());
    let key = IdempotencyKey { key: format!("{}:{owner}:{key}", actor.kind.as_str()), fingerprint };
    Ok((Some(key), Body::from(bytes)))
}
