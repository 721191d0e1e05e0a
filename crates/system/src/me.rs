//! Oneself: who is signed in, with which rights, in which shop.

use axum::extract::State;
use http::HeaderMap;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_base::{App, password, throttle};
use zg_db::entity::{channel, role, role_right, staff, staff_role};
use zg_domain::Locale;
use zg_web::{Answer, Committed, Json, Problem, Result, STAFF_COOKIE, Staff, View, cookie_of, csrf_of};

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    staff: MyName,
    /// Names of rights; all of them if `is_super`.
    rights: Vec<String>,
    /// Everything is allowed.
    is_super: bool,
    /// To be sent as `X-CSRF-Token` with every unsafe request.
    csrf: String,
    shop: ShopView,
}

/// A member of staff, to themselves.
#[derive(Serialize, ToSchema)]
struct MyName {
    id: i64,
    name: String,
    email: String,
    locale: String,
    totp_enabled: bool,
}

/// The shop, as pages need it.
#[derive(Serialize, ToSchema)]
struct ShopView {
    name: String,
    /// IANA name; days begin in it.
    time_zone: String,
    /// ISO 4217, of the default channel.
    currency: String,
    /// Language tags.
    locales: Vec<String>,
    /// Where shoppers find it.
    base_url: String,
}

impl View for Me {}

pub(crate) async fn of(app: &App, person: &staff::Model, token: &str) -> Result<Me> {
    let roles: Vec<i64> = staff_role::Entity::find()
        .filter(staff_role::Column::StaffId.eq(person.id))
        .all(app.read())
        .await?
        .into_iter()
        .map(|row| row.role_id)
        .collect();
    let is_super = role::Entity::find()
        .filter(role::Column::Id.is_in(roles.iter().copied()))
        .filter(role::Column::IsSuper.eq(true))
        .one(app.read())
        .await?
        .is_some();
    let mut rights: Vec<String> = role_right::Entity::find()
        .filter(role_right::Column::RoleId.is_in(roles))
        .all(app.read())
        .await?
        .into_iter()
        .map(|row| row.right)
        .collect();
    rights.sort_unstable();
    rights.dedup();
    let channel = channel::Entity::find().filter(channel::Column::IsDefault.eq(true)).one(app.read()).await?;
    Ok(Me {
        staff: MyName {
            id: person.id,
            name: person.name.clone(),
            email: person.email.clone(),
            locale: person.locale.clone(),
            totp_enabled: person.totp_enabled,
        },
        rights,
        is_super,
        csrf: csrf_of(app, token),
        shop: ShopView {
            name: app.shop().name.clone(),
            time_zone: app.shop().time_zone.name().to_owned(),
            currency: channel.map_or_else(|| "CNY".to_owned(), |row| row.currency),
            locales: Locale::ALL.iter().map(|locale| locale.tag().to_owned()).collect(),
            base_url: app.shop().base_url.clone(),
        },
    })
}

/// Who is signed in.
#[utoipa::path(get, path = "/admin/session", responses((status = 200, body = Me)))]
pub(crate) async fn handler(State(app): State<App>, staff: Staff, headers: HeaderMap) -> Result<Answer<Me>> {
    let person = myself(&app, &staff).await?;
    let token = cookie_of(&headers, STAFF_COOKIE).unwrap_or_default();
    Ok(Answer::ok(of(&app, &person, &token).await?))
}

pub(crate) async fn myself(app: &App, staff: &Staff) -> Result<staff::Model> {
    let id = staff.id.unwrap_or_default();
    let person = staff::Entity::find_by_id(id).one(app.read()).await?;
    person.ok_or_else(|| Problem::unauthorized("sign_in_required"))
}

/// What one may change of oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeMe {
    /// The name colleagues see.
    name: String,
    /// `zh-CN` or `en`.
    locale: Locale,
}

/// Changes one's own name and language.
#[utoipa::path(patch, path = "/admin/me", request_body = ChangeMe, responses((status = 204)))]
pub(crate) async fn change(State(app): State<App>, staff: Staff, Json(asked): Json<ChangeMe>) -> Result<Committed<()>> {
    let name = asked.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        let code = if name.is_empty() { "required" } else { "too_long" };
        return Err(Problem::unprocessable("invalid").field("/name", code));
    }
    let id = staff.id.unwrap_or_default();
    let before = myself(&app, &staff).await?;
    let told = |name: &str, locale: &str| Some(serde_json::json!({ "name": name, "locale": locale }));
    let (seen, after) = (told(&before.name, &before.locale), told(&name, asked.locale.tag()));
    let tx = app.begin(&staff.actor).await?;
    let row = staff::ActiveModel { name: Set(name), locale: Set(asked.locale.tag().to_owned()), ..Default::default() };
    staff::Entity::update_many()
        .set(row)
        .col_expr(staff::Column::Version, Expr::col(staff::Column::Version).add(1))
        .filter(staff::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    tx.audit("staff.change_self", "staff", id, seen, after).await?;
    Committed::no_content(tx).await
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The present one.
    #[schema(format = Password)]
    current: String,
    /// The new one: at least 10 characters.
    #[schema(format = Password)]
    password: String,
}

/// Changes one's own password and ends one's other sessions.
#[utoipa::path(post, path = "/admin/me/password", request_body = ChangePassword, responses((status = 204)))]
pub(crate) async fn change_password(State(app): State<App>, staff: Staff, Json(asked): Json<ChangePassword>) -> Result<Committed<()>> {
    let person = myself(&app, &staff).await?;
    let tx = app.begin(&staff.actor.again()).await?;
    if !throttle::allows(&tx, &person.email).await? {
        return Committed::problem(tx, Problem::too_many("too_many_attempts").retry_after(900)).await;
    }
    tx.rollback().await?;
    if !password::verify(asked.current, Some(person.password_hash)).await? {
        let tx = app.begin(&staff.actor).await?;
        // Whoever sits at an open console may not guess without end either.
        throttle::remember(&tx, &person.email, false).await?;
        return Committed::problem(tx, Problem::unprocessable("invalid").field("/current", "password_wrong")).await;
    }
    let hash = crate::password::hashed(asked.password).await?;
    let tx = app.begin(&staff.actor).await?;
    crate::password::set(&tx, person.id, hash, staff.session_id).await?;
    tx.audit("staff.change_password", "staff", person.id, None, None).await?;
    Committed::no_content(tx).await
}
