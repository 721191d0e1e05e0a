//! The second factor (M8.1): time-based one-time passwords (RFC 6238), and codes
//! that stand in for them when the telephone is lost.

use axum::extract::State;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Totp};
use utoipa::ToSchema;
use zg_base::{App, Tx, secrets, throttle};
use zg_db::entity::{staff, staff_recovery_code};
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

/// Six digits, or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Digits {
    /// From the authenticator, or a recovery code.
    code: String,
}

/// Codes that stand in for the authenticator.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Each works once. They are shown this once.
    recovery_codes: Vec<String>,
}

impl View for RecoveryCodes {}

/// How many recovery codes somebody holds.
const RECOVERY_CODES: usize = 10;
/// Letters that are not mistaken for each other (Crockford's Base32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Takes the code of the moment, or a recovery code. Neither is taken twice, also
/// not by two who come at once.
pub(crate) async fn accepts(tx: &Tx, person: &staff::Model, code: &str) -> Result<bool> {
    let code = code.trim();
    if code.len() != 6 || !code.bytes().all(|c| c.is_ascii_digit()) {
        return recovers(tx, person.id, code).await;
    }
    let Some(sealed) = &person.totp_secret else { return Ok(false) };
    let totp = totp(tx.app(), &person.email, tx.app().secrets().open(sealed)?)?;
    let now = u64::try_from(tx.now().timestamp()).unwrap_or_default();
    let Some(step) = totp.check(code, now).and_then(|step| i64::try_from(step).ok()) else { return Ok(false) };
    // RFC 6238, 5.2: a code is accepted once.
    let unspent = Condition::any().add(staff::Column::TotpStep.is_null()).add(staff::Column::TotpStep.lt(step));
    let taken = staff::Entity::update_many()
        .set(staff::ActiveModel { totp_step: Set(Some(step)), ..Default::default() })
        .filter(staff::Column::Id.eq(person.id))
        .filter(unspent)
        .exec(tx.db())
        .await?;
    Ok(taken.rows_affected == 1)
}

async fn recovers(tx: &Tx, staff_id: i64, code: &str) -> Result<bool> {
    let spent = staff_recovery_code::Entity::delete_by_id((staff_id, digest(staff_id, code))).exec(tx.db()).await?;
    if spent.rows_affected == 0 {
        return Ok(false);
    }
    tx.audit("staff.use_recovery_code", "staff", staff_id, None, None).await?;
    Ok(true)
}

fn digest(staff_id: i64, code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    secrets::sha256_hex(format!("{staff_id}:{}", plain.to_ascii_lowercase()).as_bytes())
}

/// Makes new recovery codes in place of the ones there were.
async fn renew(tx: &Tx, staff_id: i64) -> Result<RecoveryCodes> {
    forget(tx, staff_id).await?;
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('0', char::from);
    let code = |_| {
        // 50 bits each: guessing is throttled as passwords are.
        let letters: String = secrets::random::<10>().iter().map(letter).collect();
        let (front, back) = letters.split_at(5);
        format!("{front}-{back}")
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(code).collect();
    let rows =
        codes.iter().map(|code| staff_recovery_code::ActiveModel { staff_id: Set(staff_id), code_hash: Set(digest(staff_id, code)) });
    staff_recovery_code::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(RecoveryCodes { recovery_codes: codes })
}

/// Turns a second factor off: its secret and recovery codes are gone.
pub(crate) async fn clear(tx: &Tx, staff_id: i64) -> Result<()> {
    forget(tx, staff_id).await?;
    let row = staff::ActiveModel { totp_enabled: Set(false), totp_secret: Set(None), totp_step: Set(None), ..Default::default() };
    put(tx, staff_id, row).await
}

async fn forget(tx: &Tx, staff_id: i64) -> Result<()> {
    let mine = staff_recovery_code::Column::StaffId.eq(staff_id);
    staff_recovery_code::Entity::delete_many().filter(mine).exec(tx.db()).await?;
    Ok(())
}

async fn put(tx: &Tx, staff_id: i64, row: staff::ActiveModel) -> Result<()> {
    staff::Entity::update_many().set(row).filter(staff::Column::Id.eq(staff_id)).exec(tx.db()).await?;
    Ok(())
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
    put(&tx, person.id, staff::ActiveModel { totp_secret: Set(Some(sealed)), totp_step: Set(None), ..Default::default() }).await?;
    Committed::ok(tx, SecondFactor { secret: totp.secret().to_base32(), uri: totp.to_url().map_err(|error| broken(&error))? }).await
}

/// Turns the second factor on, with a first code. The answer shows the recovery codes, this once.
#[utoipa::path(post, path = "/admin/me/second-factor/confirm", request_body = Digits, responses((status = 200, body = RecoveryCodes)))]
pub(crate) async fn confirm(State(app): State<App>, staff: Staff, Json(asked): Json<Digits>) -> Result<Committed<RecoveryCodes>> {
    let person = myself(&app, &staff).await?;
    if person.totp_enabled {
        return Err(Problem::conflict("second_factor_on"));
    }
    if person.totp_secret.is_none() {
        return Err(Problem::conflict("second_factor_off"));
    }
    let tx = app.begin(&staff.actor).await?;
    if !accepts(&tx, &person, &asked.code).await? {
        return Err(wrong());
    }
    put(&tx, person.id, staff::ActiveModel { totp_enabled: Set(true), ..Default::default() }).await?;
    let codes = renew(&tx, person.id).await?;
    tx.audit("staff.second_factor_on", "staff", person.id, None, None).await?;
    Committed::ok(tx, codes).await
}

/// Makes new recovery codes, with a code of the moment. The old ones work no more.
#[utoipa::path(post, path = "/admin/me/second-factor/recovery-codes", request_body = Digits, responses((status = 200, body = RecoveryCodes)))]
pub(crate) async fn codes(State(app): State<App>, staff: Staff, Json(asked): Json<Digits>) -> Result<Committed<RecoveryCodes>> {
    let person = myself(&app, &staff).await?;
    if !person.totp_enabled {
        return Err(Problem::conflict("second_factor_off"));
    }
    let tx = match checked(&app, &staff, &person, &asked.code).await? {
        Ok(tx) => tx,
        Err(refused) => return Ok(refused),
    };
    let codes = renew(&tx, person.id).await?;
    tx.audit("staff.renew_recovery_codes", "staff", person.id, None, None).await?;
    Committed::ok(tx, codes).await
}

/// Turns the second factor off, with a code of the moment or a recovery code.
#[utoipa::path(delete, path = "/admin/me/second-factor", request_body = Digits, responses((status = 204)))]
pub(crate) async fn end(State(app): State<App>, staff: Staff, Json(asked): Json<Digits>) -> Result<Committed<()>> {
    let person = myself(&app, &staff).await?;
    if !person.totp_enabled {
        return Err(Problem::conflict("second_factor_off"));
    }
    let tx = match checked(&app, &staff, &person, &asked.code).await? {
        Ok(tx) => tx,
        Err(refused) => return Ok(refused),
    };
    clear(&tx, person.id).await?;
    tx.audit("staff.second_factor_off", "staff", person.id, None, None).await?;
    Committed::no_content(tx).await
}

/// A transaction in which the code was taken; or a refusal, whose count stays.
async fn checked<T: View>(app: &App, staff: &Staff, person: &staff::Model, code: &str) -> Result<std::result::Result<Tx, Committed<T>>> {
    let tx = app.begin(&staff.actor).await?;
    if !throttle::allows(&tx, &person.email).await? {
        let refused = Problem::too_many("too_many_attempts").retry_after(900);
        return Ok(Err(Committed::problem(tx, refused).await?));
    }
    if accepts(&tx, person, code).await? {
        return Ok(Ok(tx));
    }
    throttle::remember(&tx, &person.email, false).await?;
    Ok(Err(Committed::problem(tx, wrong()).await?))
}

fn wrong() -> Problem {
    Problem::unprocessable("invalid").field("/code", "second_factor_wrong")
}
