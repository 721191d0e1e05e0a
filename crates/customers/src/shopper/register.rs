//! Registering: the account comes to life by the link in the mail.

use chrono::Duration;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zg_base::{Tx, one_time, throttle};
use zg_db::entity::customer;
use zg_domain::{Email, Locale};

use super::letter::{About, send};
use super::password::{Hashed, by_email, verified};
use crate::event::CustomerCreated;
use crate::find::ACTIVE;
use crate::for_order::fresh_code;
use crate::{Error, field, folded};

/// What a token to finish registering is good for.
const CONFIRM: &str = "shopper.confirm";

/// Somebody who wants an account.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The password they chose.
    pub password: Hashed,
    /// The language they read.
    pub locale: Locale,
    /// They agree to advertising mails.
    pub marketing: bool,
}

/// What the token keeps until the address is confirmed.
#[derive(Serialize, Deserialize)]
struct Pending {
    name: String,
    email: String,
    password_hash: String,
    locale: Locale,
    marketing: bool,
}

/// Sends a link that finishes registering; to an address that has an account, a mail
/// that says so. The answer is the same.
///
/// # Errors
/// [`Error::Field`], [`Error::TooMany`], [`Error::Base`].
pub async fn register(tx: &Tx, asked: &Registration) -> Result<(), Error> {
    let name = field::required("/name", &asked.name, 100)?;
    let email = field::email("/email", &asked.email)?.ok_or(Error::Field { pointer: "/email", code: "required" })?;
    let account = format!("shopper.register:{email}");
    if !throttle::allows(tx, &account).await? {
        return Err(Error::TooMany);
    }
    throttle::remember(tx, &account, false).await?;
    let known = by_email(tx.db(), &parsed(&email)?).await?;
    if let Some(known) = known.filter(|known| known.password_hash.is_some()) {
        return send(tx, About::Known, &email, asked.locale, Some(known.id)).await;
    }
    let pending =
        Pending { name, email: email.clone(), password_hash: asked.password.0.clone(), locale: asked.locale, marketing: asked.marketing };
    let data = serde_json::to_value(pending).map_err(zg_base::Error::from)?;
    let token = one_time::issue(tx, CONFIRM, 0, Duration::hours(24), Some(data)).await?;
    send(tx, About::Confirm(&token), &email, asked.locale, None).await
}

/// Finishes registering by the token from the mail: a guest's record becomes an
/// account, else a customer is made. Says who it is.
///
/// # Errors
/// [`Error::Link`] if the token is unknown, too old or used, or the address has an
/// account by now; [`Error::Base`].
pub async fn confirm(tx: &Tx, token: &str) -> Result<i64, Error> {
    let spent = one_time::redeem(tx, CONFIRM, token).await?.ok_or(Error::Link)?;
    let pending: Pending = serde_json::from_value(spent.data.unwrap_or_default()).map_err(zg_base::Error::from)?;
    let id = match by_email(tx.db(), &parsed(&pending.email)?).await? {
        Some(known) => adopt(tx, &known, &pending).await?,
        None => make(tx, &pending).await?,
    };
    verified(tx, id).await?;
    tx.audit("account.confirm", "customer", id, None, None).await?;
    Ok(id)
}

/// A guest, or somebody the shop entered, gets a password.
async fn adopt(tx: &Tx, known: &customer::Model, pending: &Pending) -> Result<i64, Error> {
    let row = customer::ActiveModel {
        password_hash: Set(Some(pending.password_hash.clone())),
        locale: Set(pending.locale.tag().to_owned()),
        marketing_at: Set(pending.marketing.then_some(tx.now()).or(known.marketing_at)),
        version: Set(known.version + 1),
        ..Default::default()
    };
    let done = customer::Entity::update_many()
        .set(row)
        .filter(customer::Column::Id.eq(known.id))
        .filter(customer::Column::PasswordHash.is_null())
        .filter(customer::Column::State.eq(ACTIVE))
        .exec(tx.db())
        .await?;
    if done.rows_affected == 0 { Err(Error::Link) } else { Ok(known.id) }
}

async fn make(tx: &Tx, pending: &Pending) -> Result<i64, Error> {
    let code = fresh_code(tx);
    let row = customer::ActiveModel {
        password_hash: Set(Some(pending.password_hash.clone())),
        locale: Set(pending.locale.tag().to_owned()),
        state: Set(ACTIVE.to_owned()),
        marketing_at: Set(pending.marketing.then_some(tx.now())),
        created_at: Set(tx.now()),
        version: Set(1),
        ..folded::row(&code, &pending.name, Some(&pending.email), None)
    };
    // Two links of one address pressed at once: the second finds the first's account.
    let row = row.insert(tx.db()).await.map_err(|error| match Error::from(error) {
        Error::EmailTaken => Error::Link,
        other => other,
    })?;
    tx.audit("customer.create", "customer", row.id, None, Some(json!({ "code": code }))).await?;
    tx.publish(&CustomerCreated { id: row.id }).await?;
    Ok(row.id)
}

fn parsed(email: &str) -> Result<Email, Error> {
    email.parse().map_err(|_| Error::Field { pointer: "/email", code: "customer_email_invalid" })
}
