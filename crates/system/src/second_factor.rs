//! The second factor (M8.1): time-based one-time passwords, RFC 6238.

use axum::extract::State;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Totp};
use utoipa::ToSchema;
use zg_base::{App, secrets};
use zg_db::entity::staff;
use zg_web::{Committed, Json, Problem, Result, Staff, View};

use crate::me::myself;

/// What an authenticator needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactor {
    /// The secret in Base32, to be typed.
    secret: String,
    /// The same as an `otpauth:` address, to be shown as a QR code.
    uri: String,
}

impl View for SecondFactor {}

/// Six digits.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Digits {
    /// From the authenticator.
    code: String,
}

/// Is this the code of the moment?
pub(crate) fn accepts(app: &App, person: &staff::Model, code: &str) -> Result<bool> {
    let Some(sealed) = &person.totp_secret else { return Ok(false) };
    let secret = app.secrets().open(sealed)?;
    let totp = totp(app, &person.email, secret)?;
    let now = u64::try_from(app.now().timestamp()).unwrap_or_default();
    Ok(totp.check(code.trim(), now).is_some())
}

fn totp(app: &App, email: &str, secret: Vec<u8>) -> Result<Totp> {
    let issuer = app.shop().name.replace(':', " ");
    let account = email.replace(':', " ");
    Builder::new().with_secret(secret).with_issuer(Some(issuer)).with_account_name(account).build().map_err(|error| broken(&error))
}

fn broken(error: &totp_rs::TotpError) -> Problem {
    tracing::error!(%error, "a one-time password could not be set up");
    Problem::unavailable("busy")
}

/// Begins to set up the second factor: it is on once a code was confirmed.
#[utoipa::path(post, path = "/admin/me/second-factor", responses((status = 200, body = SecondFactor)))]
pub(crate) async fn begin(State(app): State<App>, staff: Staff) -> Result<Committed<SecondFactor>> {
    let person = myself(&app, &staff).await?;
    if person.totp_enabled {
        return Err(Problem::conflict("second_factor_on"));
    }
    let secret = secrets::random::<20>().to_vec();
    let sealed = app.secrets().seal(&secret)?;
    let totp = totp(&app, &person.email, secret)?;
    let tx = app.begin(&staff.actor).await?;
    let row = staff::ActiveModel { totp_secret: Set(Some(sealed)), ..Default::default() };
    staff::Entity::update_many().set(row).filter(staff::Column::Id.eq(person.id)).exec(tx.db()).await?;
    Committed::ok(tx, SecondFactor { secret: totp.secret().to_base32(), uri: totp.to_url().map_err(|error| broken(&error))? }).await
}

/// Turns the second factor on, with a first code.
#[utoipa::path(post, path = "/admin/me/second-factor/confirm", request_body = Digits, responses((status = 204)))]
pub(crate) async fn confirm(State(app): State<App>, staff: Staff, Json(asked): Json<Digits>) -> Result<Committed<()>> {
    let person = myself(&app, &staff).await?;
    if person.totp_secret.is_none() {
        return Err(Problem::conflict("second_factor_off"));
    }
    if !accepts(&app, &person, &asked.code)? {
        return Err(Problem::unprocessable("invalid").field("/code", "second_factor_wrong"));
    }
    let tx = app.begin(&staff.actor).await?;
    let row = staff::ActiveModel { totp_enabled: Set(true), ..Default::default() };
    staff::Entity::update_many().set(row).filter(staff::Column::Id.eq(person.id)).exec(tx.db()).await?;
    tx.audit("staff.second_factor_on", "staff", person.id, None, None).await?;
    Committed::no_content(tx).await
}

/// Turns the second factor off, with a code of the moment.
#[utoipa::path(delete, path = "/admin/me/second-factor", request_body = Digits, responses((status = 204)))]
pub(crate) async fn end(State(app): State<App>, staff: Staff, Json(asked): Json<Digits>) -> Result<Committed<()>> {
    let person = myself(&app, &staff).await?;
    if person.totp_enabled && !accepts(&app, &person, &asked.code)? {
        return Err(Problem::unprocessable("invalid").field("/code", "second_factor_wrong"));
    }
    let tx = app.begin(&staff.actor).await?;
    let row = staff::ActiveModel { totp_enabled: Set(false), totp_secret: Set(None), ..Default::default() };
    staff::Entity::update_many().set(row).filter(staff::Column::Id.eq(person.id)).exec(tx.db()).await?;
    tx.audit("staff.second_factor_off", "staff", person.id, None, None).await?;
    Committed::no_content(tx).await
}
