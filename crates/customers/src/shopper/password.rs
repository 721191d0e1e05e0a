//! Passwords of shoppers: forgotten, reset, changed.

use chrono::Duration;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use zg_base::{App, Tx, one_time, password, session, throttle};
use zg_db::entity::customer::{self, Column, Entity};
use zg_domain::{Email, Locale};

use super::letter::{About, send};
use crate::find::{self, ACTIVE};
use crate::{Error, field};

/// Fewest characters of a password (NIST SP 800-63B, 3.1.1).
pub const PASSWORD_MIN: usize = 8;
/// Most characters: what follows would only keep the hasher busy.
const PASSWORD_MAX: usize = 200;
/// What a token for a new password is good for.
pub(crate) const RESET: &str = "shopper.reset";

/// A password's hash, computed off the event loop and before any transaction.
#[derive(Clone)]
pub struct Hashed(pub(super) String);

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashed(…)")
    }
}

/// Hashes a password that is long enough.
///
/// # Errors
/// [`Error::Field`] `/password` if it is too short or too long; [`Error::Base`].
pub async fn hashed(text: String) -> Result<Hashed, Error> {
    let length = text.chars().count();
    if length < PASSWORD_MIN {
        return Err(Error::Field { pointer: "/password", code: "account_password_short" });
    }
    if length > PASSWORD_MAX {
        return Err(Error::Field { pointer: "/password", code: "too_long" });
    }
    Ok(Hashed(password::hash(text).await?))
}

/// Sends a link by which a new password can be chosen, if the address is a
/// customer's. It answers the same if it is not.
///
/// # Errors
/// [`Error::Field`] if it is no address; [`Error::TooMany`]; [`Error::Base`].
pub async fn forgot(tx: &Tx, email: &str, locale: Locale) -> Result<(), Error> {
    let email = field::email("/email", email)?.ok_or(Error::Field { pointer: "/email", code: "required" })?;
    let account = format!("shopper.reset:{email}");
    if !throttle::allows(tx, &account).await? {
        return Err(Error::TooMany);
    }
    // Each request counts: the mails go to somebody who may not have asked.
    throttle::remember(tx, &account, false).await?;
    let known = Entity::find().filter(Column::Email.eq(&email)).filter(Column::State.eq(ACTIVE)).one(tx.db()).await?;
    let Some(known) = known else { return Ok(()) };
    one_time::withdraw(tx, RESET, known.id).await?;
    let token = one_time::issue(tx, RESET, known.id, Duration::hours(1), None).await?;
    send(tx, About::Reset(&token), &email, locale, Some(known.id)).await
}

/// Sets a new password by the token from the mail, and ends every session. Says whose.
///
/// # Errors
/// [`Error::Link`] if the token is unknown, too old or used; [`Error::Base`].
pub async fn reset(tx: &Tx, token: &str, password: &Hashed) -> Result<i64, Error> {
    let spent = one_time::redeem(tx, RESET, token).await?.ok_or(Error::Link)?;
    let known = find::active(tx.db(), spent.subject_id).await.map_err(|error| match error {
        Error::Base(error) => Error::Base(error),
        _ => Error::Link,
    })?;
    set(tx, known.id, password).await?;
    session::revoke_all(tx, session::Owner::Shopper(known.id), None).await?;
    if let Some(email) = &known.email {
        throttle::remember(tx, &super::session::account(email), true).await?;
    }
    tx.audit("account.reset_password", "customer", known.id, None, None).await?;
    Ok(known.id)
}

/// Changes one's password and ends one's other sessions.
///
/// # Errors
/// [`Error::Field`] `/current` if the present password is not right, `/password` if
/// the new one is too short; [`Error::TooMany`]; [`Error::Base`].
pub async fn change_password(app: &App, shopper: &zg_web::Shopper, current: String, new: String) -> Result<Tx, Error> {
    let known = find::active(app.read(), shopper.customer_id).await?;
    let account = super::session::account(known.email.as_deref().unwrap_or_default());
    let tx = app.begin(&shopper.actor.again()).await?;
    if !throttle::allows(&tx, &account).await? {
        return Err(Error::TooMany);
    }
    tx.rollback().await?;
    if !password::verify(current, known.password_hash).await? {
        let tx = app.begin(&shopper.actor.again()).await?;
        throttle::remember(&tx, &account, false).await?;
        tx.commit().await?;
        return Err(Error::Field { pointer: "/current", code: "account_password_wrong" });
    }
    let new = hashed(new).await?;
    let tx = app.begin(&shopper.actor).await?;
    set(&tx, known.id, &new).await?;
    session::revoke_all(&tx, session::Owner::Shopper(known.id), Some(shopper.session_id)).await?;
    tx.audit("account.change_password", "customer", known.id, None, None).await?;
    Ok(tx)
}

/// Sets the password of somebody who showed that the address is theirs.
async fn set(tx: &Tx, id: i64, password: &Hashed) -> Result<(), Error> {
    let row = customer::ActiveModel { password_hash: Set(Some(password.0.clone())), ..Default::default() };
    Entity::update_many()
        .set(row)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    verified(tx, id).await
}

/// Notes that the e-mail address is theirs, the first time they show it.
pub(super) async fn verified(tx: &Tx, id: i64) -> Result<(), Error> {
    let row = customer::ActiveModel { email_verified_at: Set(Some(tx.now())), ..Default::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).filter(Column::EmailVerifiedAt.is_null()).exec(tx.db()).await?;
    Ok(())
}

/// The customer with this address, in use or not.
pub(super) async fn by_email(db: &impl ConnectionTrait, email: &Email) -> Result<Option<customer::Model>, Error> {
    Ok(Entity::find().filter(Column::Email.eq(email.as_str())).one(db).await?)
}
