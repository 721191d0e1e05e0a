//! Mails: composed as letters, queued in the transaction that causes them, sent by a task.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use zg_db::entity::mail as row;
use zg_domain::Locale;

use crate::{Actor, App, Error, Tx};

/// A mail of one shape: a heading, paragraphs, rows of a table, a button.
/// It is rendered as plain text and as HTML, in which every text is escaped.
#[derive(Clone, Debug)]
pub struct Letter {
    /// To which address.
    pub to: String,
    /// In which language it is written.
    pub locale: Locale,
    /// Its kind, `order_placed`, by which the monitor filters.
    pub template: &'static str,
    /// The subject.
    pub subject: String,
    /// Paragraphs, in order.
    pub paragraphs: Vec<String>,
    /// Rows of two cells: what, and how much.
    pub rows: Vec<(String, String)>,
    /// A button: its text and where it leads.
    pub button: Option<(String, String)>,
    /// The customer it goes to.
    pub customer_id: Option<i64>,
    /// The order it is about.
    pub order_id: Option<i64>,
}

impl Letter {
    /// The mail as plain text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for paragraph in &self.paragraphs {
            out.push_str(paragraph);
            out.push_str("\n\n");
        }
        for (what, much) in &self.rows {
            out.push_str(&format!("{what}    {much}\n"));
        }
        if let Some((label, url)) = &self.button {
            out.push_str(&format!("\n{label}: {url}\n"));
        }
        out
    }

    /// The mail as HTML.
    pub fn html(&self) -> String {
        let mut out = format!(
            "<!doctype html><html lang=\"{}\"><body style=\"margin:0;padding:24px;background:#f5f6f6;font:15px/1.6 -apple-system,'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif;color:#1c2524\"><div style=\"max-width:560px;margin:auto;background:#fff;border-radius:8px;padding:28px\"><h1 style=\"font-size:18px;margin:0 0 16px\">{}</h1>",
            self.locale.tag(),
            escape(&self.subject)
        );
        for paragraph in &self.paragraphs {
            out.push_str(&format!("<p>{}</p>", escape(paragraph)));
        }
        if !self.rows.is_empty() {
            out.push_str("<table style=\"width:100%;border-collapse:collapse\">");
            for (what, much) in &self.rows {
                out.push_str(&format!(
                    "<tr><td style=\"padding:6px 0;border-top:1px solid #e6eaea\">{}</td><td style=\"padding:6px 0;border-top:1px solid #e6eaea;text-align:right\">{}</td></tr>",
                    escape(what),
                    escape(much)
                ));
            }
            out.push_str("</table>");
        }
        if let Some((label, url)) = &self.button {
            out.push_str(&format!(
                "<p style=\"margin-top:24px\"><a href=\"{}\" style=\"background:#0f6b62;color:#fff;padding:10px 18px;border-radius:6px;text-decoration:none\">{}</a></p>",
                escape(url),
                escape(label)
            ));
        }
        out.push_str("</div></body></html>");
        out
    }

    pub(crate) fn row(&self, now: DateTime<Utc>) -> row::ActiveModel {
        row::ActiveModel {
            to_address: Set(self.to.clone()),
            to_name: Set(None),
            locale: Set(self.locale.tag().to_owned()),
            template: Set(self.template.to_owned()),
            subject: Set(self.subject.clone()),
            text: Set(self.text()),
            html: Set(self.html()),
            state: Set("queued".to_owned()),
            attempts: Set(0),
            created_at: Set(now),
            customer_id: Set(self.customer_id),
            order_id: Set(self.order_id),
            ..Default::default()
        }
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// How mails leave the shop.
#[derive(Clone)]
pub enum Mailer {
    /// Through an SMTP server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// As `.eml` files in a folder: for development.
    Folder(PathBuf),
    /// Kept in memory: for tests.
    Capture(Arc<Mutex<Vec<row::Model>>>),
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Smtp(_) => "Mailer::Smtp",
            Self::Folder(_) => "Mailer::Folder",
            Self::Capture(_) => "Mailer::Capture",
        })
    }
}

impl Mailer {
    /// From a URL: `smtp://…`, `smtps://…` (with `user:password@`), or `file:FOLDER`.
    ///
    /// # Errors
    /// [`Error::Mail`] if it is neither.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        if let Some(folder) = url.strip_prefix("file:") {
            std::fs::create_dir_all(folder)?;
            return Ok(Self::Folder(PathBuf::from(folder)));
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| Error::Mail(error.to_string()))?;
        Ok(Self::Smtp(transport.build()))
    }

    async fn send(&self, from: &str, mail: row::Model) -> Result<(), Error> {
        if let Self::Capture(sent) = self {
            sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(mail);
            return Ok(());
        }
        let bad = |error: &dyn std::fmt::Display| Error::Mail(error.to_string());
        let from: Mailbox = from.parse().map_err(|error| bad(&error))?;
        let to: Mailbox = mail.to_address.parse().map_err(|error| bad(&error))?;
        let message = Message::builder()
            .from(from)
            .to(to)
            .subject(mail.subject)
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|error| bad(&error))?;
        match self {
            Self::Smtp(transport) => {
                transport.send(message).await.map_err(|error| bad(&error))?;
            }
            Self::Folder(folder) => {
                let transport = AsyncFileTransport::<Tokio1Executor>::new(folder);
                transport.send(message).await.map_err(|error| bad(&error))?;
            }
            Self::Capture(_) => {}
        }
        Ok(())
    }
}

/// Sends one queued mail.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct SendMail {
    /// Row of `mail`.
    pub mail_id: i64,
}

impl celery::Task<App> for SendMail {
    const NAME: &'static str = "mail.send";
    type Args = Self;
    type Output = ();

    fn policy() -> celery::Policy {
        celery::Policy::new().max_retries(8).backoff(celery::Backoff::new(Duration::from_secs(15), Duration::from_secs(3600)))
    }

    async fn run(context: celery::Context<App>, args: Self) -> Result<(), celery::TaskError> {
        let app = &context.state;
        let Some(mail) = claim(app, args.mail_id).await? else {
            return Ok(());
        };
        let id = mail.id;
        let sent = app.mailer().send(&app.shop().mail_from, mail).await;
        settle(app, id, sent.as_ref().err().map(ToString::to_string)).await?;
        Ok(sent?)
    }
}

async fn claim(app: &App, id: i64) -> Result<Option<row::Model>, Error> {
    let tx = app.begin(&Actor::system("mail")).await?;
    let taken = row::Entity::update_many()
        .set(row::ActiveModel { state: Set("sending".to_owned()), ..Default::default() })
        .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).add(1))
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::State.is_not_in(["sent"]))
        .filter(row::Column::ToAddress.ne(""))
        .exec(tx.db())
        .await?;
    if taken.rows_affected == 0 {
        tx.rollback().await?;
        return Ok(None);
    }
    let mail = row::Entity::find_by_id(id).one(tx.db()).await?;
    tx.commit().await?;
    Ok(mail)
}

async fn settle(app: &App, id: i64, error: Option<String>) -> Result<(), Error> {
    let tx = app.begin(&Actor::system("mail")).await?;
    let done = match error {
        None => {
            row::ActiveModel { state: Set("sent".to_owned()), sent_at: Set(Some(tx.now())), last_error: Set(None), ..Default::default() }
        }
        Some(error) => row::ActiveModel { state: Set("failed".to_owned()), last_error: Set(Some(error)), ..Default::default() },
    };
    row::Entity::update_many().set(done).filter(row::Column::Id.eq(id)).exec(tx.db()).await?;
    tx.commit().await
}

/// Overwrites what mails to these customers, or to these addresses, said and to whom.
/// The rows stay: the monitor counts them. A mail that has not left is not sent any more.
///
/// # Errors
/// [`Error::Db`].
pub async fn forget(tx: &Tx, customers: &[i64], addresses: &[String]) -> Result<(), Error> {
    forget_where(tx, row::Column::CustomerId.is_in(customers.iter().copied())).await?;
    forget_where(tx, row::Column::ToAddress.is_in(addresses.iter().map(String::as_str))).await
}

/// As [`forget`], of the mails about these orders.
///
/// # Errors
/// [`Error::Db`].
pub async fn forget_orders(tx: &Tx, orders: &[i64]) -> Result<(), Error> {
    forget_where(tx, row::Column::OrderId.is_in(orders.iter().copied())).await
}

async fn forget_where(tx: &Tx, which: sea_orm::sea_query::SimpleExpr) -> Result<(), Error> {
    let unsent = row::ActiveModel { state: Set("failed".to_owned()), last_error: Set(Some("erased".to_owned())), ..Default::default() };
    row::Entity::update_many().set(unsent).filter(which.clone()).filter(row::Column::State.ne("sent")).exec(tx.db()).await?;
    let blank = row::ActiveModel {
        to_address: Set(String::new()),
        to_name: Set(None),
        subject: Set(String::new()),
        text: Set(String::new()),
        html: Set(String::new()),
        ..Default::default()
    };
    row::Entity::update_many().set(blank).filter(which).exec(tx.db()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p6_a_mail_escapes_what_people_wrote() {
        let letter = Letter {
            to: "a@example.com".into(),
            locale: Locale::ZhCn,
            template: "test",
            subject: "<b>你好</b>".into(),
            paragraphs: vec!["<script>alert(1)</script>".into()],
            rows: vec![("茶 & 杯".into(), "¥1.00".into())],
            button: Some(("看".into(), "https://x/?a=1&b=\"".into())),
            customer_id: None,
            order_id: None,
        };
        let html = letter.html();
        assert!(!html.contains("<script>"));
        assert!(html.contains("茶 &amp; 杯"));
        assert!(html.contains("a=1&amp;b=&quot;"));
        assert!(letter.text().contains("<script>alert(1)</script>"));
    }
}
