//! Passwords of staff (M8.1): chosen through a link that works once, mailed to
//! whoever is invited or has forgotten theirs. An administrator never sees one.

use axum::extract::State;
use chrono::Duration;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::Deserialize;
use utoipa::ToSchema;
use zg_base::{App, Tx, mail::Letter, one_time, password, session, throttle};
use zg_db::entity::staff;
use zg_domain::{Email, Locale};
use zg_web::{Committed, Json, Path, Problem, Result, Staff, Visitor};

use crate::{Error, beyond};

/// Fewest characters of a password (NIST SP 800-63B asks for 8; staff hold more).
pub(crate) const PASSWORD_MIN: usize = 10;
/// Most characters: what follows would only keep the hasher busy.
const PASSWORD_MAX: usize = 200;
/// What the link is good for.
const PURPOSE: &str = "staff.password";
/// How long an invitation waits.
const INVITED: Duration = Duration::days(7);
/// How long a link for somebody who forgot waits.
const FORGOTTEN: Duration = Duration::hours(1);

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgotPassword {
    /// The address one signs in with.
    email: String,
}

/// A new password, by the link from the mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetPassword {
    /// From the link.
    token: String,
    /// The new password: at least 10 characters.
    #[schema(format = Password)]
    password: String,
}

/// Hashes a password that is long enough, off the event loop.
///
/// # Errors
/// [`Error::PasswordShort`], [`Error::PasswordLong`].
pub async fn hashed(text: String) -> Result<String, Error> {
    match text.chars().count() {
        0..PASSWORD_MIN => Err(Error::PasswordShort),
        PASSWORD_MIN..=PASSWORD_MAX => Ok(password::hash(text).await?),
        _ => Err(Error::PasswordLong),
    }
}

/// Mails a link by which a new password is chosen, if the address is a member of
/// staff's. Answers the same if it is not.
#[utoipa::path(post, path = "/admin/password/forgot", request_body = ForgotPassword, responses((status = 204)))]
pub(crate) async fn forgot(State(app): State<App>, visitor: Visitor, Json(asked): Json<ForgotPassword>) -> Result<Committed<()>> {
    let email: Email = asked.email.parse().map_err(|_| Error::EmailInvalid)?;
    let account = format!("{PURPOSE}:{}", email.as_str());
    let tx = app.begin(&visitor.actor).await?;
    if !throttle::allows(&tx, &account).await? {
        return Committed::problem(tx, Problem::too_many("too_many_attempts").retry_after(900)).await;
    }
    // Each request counts: the mails go to somebody who may not have asked.
    throttle::remember(&tx, &account, false).await?;
    let known = staff::Entity::find().filter(staff::Column::Email.eq(email.as_str())).filter(staff::Column::DisabledAt.is_null());
    if let Some(person) = known.one(tx.db()).await? {
        send_link(&tx, &person, FORGOTTEN).await?;
    }
    Committed::no_content(tx).await
}

/// Sets a new password by the link from the mail and ends every session. One signs in with it next.
#[utoipa::path(post, path = "/admin/password/reset", request_body = ResetPassword, responses((status = 204)))]
pub(crate) async fn reset(State(app): State<App>, visitor: Visitor, Json(asked): Json<ResetPassword>) -> Result<Committed<()>> {
    let hash = hashed(asked.password).await?;
    let tx = app.begin(&visitor.actor).await?;
    let spent = one_time::redeem(&tx, PURPOSE, &asked.token).await?.ok_or(Error::Link)?;
    let person = staff::Entity::find_by_id(spent.subject_id).filter(staff::Column::DisabledAt.is_null());
    let person = person.one(tx.db()).await?.ok_or(Error::Link)?;
    set(&tx, person.id, hash, None).await?;
    throttle::remember(&tx, &person.email, true).await?;
    tx.audit("staff.reset_password", "staff", person.id, None, None).await?;
    Committed::no_content(tx).await
}

/// Mails a member of staff a link by which they choose a password: again, or for
/// the first time. The present password goes on working until they do.
#[utoipa::path(post, path = "/admin/staff/{id}/password-link", params(("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn link(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<()>> {
    let tx = app.begin(&staff.actor).await?;
    let person = staff::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::StaffNotFound)?;
    beyond::person(tx.db(), &staff.rights, id).await?;
    if person.disabled_at.is_some() {
        return Err(Error::StaffDisabled.into());
    }
    let lasts = if person.password_hash.is_empty() { INVITED } else { FORGOTTEN };
    send_link(&tx, &person, lasts).await?;
    tx.audit("staff.send_link", "staff", id, None, None).await?;
    Committed::no_content(tx).await
}

/// Mails somebody new the link by which they choose their password.
pub(crate) async fn invite(tx: &Tx, person: &staff::Model) -> Result<(), Error> {
    send_link(tx, person, INVITED).await
}

/// Sets a password and ends the sessions, but one's own if one is given.
pub(crate) async fn set(tx: &Tx, staff_id: i64, hash: String, but: Option<i64>) -> Result<(), Error> {
    staff::Entity::update_many()
        .set(staff::ActiveModel { password_hash: Set(hash), ..Default::default() })
        .col_expr(staff::Column::Version, Expr::col(staff::Column::Version).add(1))
        .filter(staff::Column::Id.eq(staff_id))
        .exec(tx.db())
        .await?;
    one_time::withdraw(tx, PURPOSE, staff_id).await?;
    session::revoke_all(tx, session::Owner::Staff(staff_id), but).await?;
    Ok(())
}

async fn send_link(tx: &Tx, person: &staff::Model, lasts: Duration) -> Result<(), Error> {
    // An older link would still open the account after a newer one was used.
    one_time::withdraw(tx, PURPOSE, person.id).await?;
    let token = one_time::issue(tx, PURPOSE, person.id, lasts, None).await?;
    let shop = tx.app().shop();
    let locale = person.locale.parse().unwrap_or(Locale::ZhCn);
    let text = text(locale, person.password_hash.is_empty());
    let letter = Letter {
        to: person.email.clone(),
        locale,
        template: text.template,
        subject: match locale {
            Locale::ZhCn => format!("{}：{}", shop.name, text.subject),
            Locale::En => format!("{}: {}", shop.name, text.subject),
        },
        paragraphs: text.paragraphs.map(str::to_owned).to_vec(),
        rows: Vec::new(),
        button: Some((text.button.to_owned(), format!("{}/admin/new-password?token={token}", shop.base_url))),
        customer_id: None,
        order_id: None,
        secret: true,
    };
    tx.mail(&letter).await?;
    Ok(())
}

struct Text {
    template: &'static str,
    subject: &'static str,
    paragraphs: [&'static str; 2],
    button: &'static str,
}

const fn text(locale: Locale, new: bool) -> Text {
    match (new, locale) {
        (true, Locale::ZhCn) => Text {
            template: "staff_invitation",
            subject: "邀请您使用管理后台",
            paragraphs: [
                "请点击下面的按钮设置密码，然后用这个邮箱登录。链接 7 天内有效，只能使用一次。",
                "如果您不认识发件人，请忽略这封邮件。",
            ],
            button: "设置密码",
        },
        (true, Locale::En) => Text {
            template: "staff_invitation",
            subject: "You are invited to the back office",
            paragraphs: [
                "Press the button to choose a password, then sign in with this address. The link works once, within seven days.",
                "If you do not know the sender, ignore this mail.",
            ],
            button: "Choose a password",
        },
        (false, Locale::ZhCn) => Text {
            template: "staff_password",
            subject: "重设管理后台密码",
            paragraphs: [
                "点击下面的按钮设置新密码，所有设备都将退出登录。链接 1 小时内有效，只能使用一次。",
                "如果不是您本人操作，请忽略这封邮件，密码不会改变。",
            ],
            button: "设置新密码",
        },
        (false, Locale::En) => Text {
            template: "staff_password",
            subject: "Choose a new password for the back office",
            paragraphs: [
                "Press the button to choose a new password; every device is signed out. The link works once, within an hour.",
                "If it was not you who asked, ignore this mail: your password stays as it is.",
            ],
            button: "Choose a new password",
        },
    }
}
