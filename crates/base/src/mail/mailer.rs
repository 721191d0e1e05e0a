//! How mails leave: through an SMTP server, into a folder, into memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use zg_db::entity::mail as row;

use crate::Error;

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

    /// Hands a mail over to whoever delivers it.
    pub(super) async fn send(&self, from: &str, mail: row::Model) -> Result<(), Refusal> {
        if let Self::Capture(sent) = self {
            sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(mail);
            return Ok(());
        }
        let from: Mailbox = from.parse().map_err(|error| Refusal::later(format!("the shop's own sender `{from}`: {error}")))?;
        let to: Mailbox = mail.to_address.parse().map_err(|error| Refusal::for_good(format!("`{}`: {error}", mail.to_address)))?;
        let message = Message::builder()
            .from(from)
            .to(to)
            .subject(mail.subject)
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|error| Refusal::for_good(error.to_string()))?;
        match self {
            Self::Smtp(transport) => {
                transport.send(message).await.map_err(|error| Refusal::of(&error))?;
            }
            Self::Folder(folder) => {
                let transport = AsyncFileTransport::<Tokio1Executor>::new(folder);
                transport.send(message).await.map_err(|error| Refusal::later(error.to_string()))?;
            }
            Self::Capture(_) => {}
        }
        Ok(())
    }
}

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Trying again is of no use: the address takes no mail.
    pub(super) for_good: bool,
    /// What the other side said.
    pub(super) reason: String,
}

impl Refusal {
    const fn for_good(reason: String) -> Self {
        Self { for_good: true, reason }
    }

    const fn later(reason: String) -> Self {
        Self { for_good: false, reason }
    }

    fn of(error: &smtp::Error) -> Self {
        let reason = std::error::Error::source(error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
        Self { for_good: error.status().is_some_and(|code| is_bounce(code.into())), reason }
    }
}

/// Codes by which a server refuses the address or the mail for good (RFC 5321, 4.2.3). Others
/// that begin with 5 speak of the connection: a wrong password (535) is mended and tried again.
const fn is_bounce(code: u16) -> bool {
    matches!(code, 550..=554 | 556)
}
