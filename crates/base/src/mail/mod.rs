//! Mails: composed as letters, queued in the transaction that causes them, sent by a task each,
//! so that one that cannot leave holds up no other.
//!
//! The row is the truth, the task only a hint: it carries the number of tries it knows of, and
//! does nothing if the row has another. So a mail may be queued again, paused or deleted at any
//! time, and a task that comes late or twice sends nothing twice.

mod forget;
mod hold;
mod letter;
mod mailer;
mod send;
mod watch;

use std::time::Duration;

pub use forget::{forget, forget_orders};
pub use hold::{AT_ONCE, Holding, delete, hold, holding, pause, requeue};
pub use letter::Letter;
pub use mailer::Mailer;
pub use send::SendMail;
pub use watch::Watch;

/// How often a mail is tried before it counts as failed.
pub const TRIES: i32 = 9;

/// Between two tries: 15 seconds, twice that, … up to an hour.
const WAIT: celery::Backoff = celery::Backoff::new(Duration::from_secs(15), Duration::from_secs(3_600));

/// How a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for its first or its next try.
    Queued,
    /// Held back by somebody.
    Paused,
    /// Being handed over.
    Sending,
    /// Handed over.
    Sent,
    /// Given up after [`TRIES`] tries, or with its worker.
    Failed,
    /// Refused for good: the address takes no mail.
    Bounced,
}

impl State {
    /// Every state, in the order of a mail's life.
    pub const ALL: [Self; 6] = [Self::Queued, Self::Paused, Self::Sending, Self::Sent, Self::Failed, Self::Bounced];

    /// The word the database holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Paused => "paused",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Bounced => "bounced",
        }
    }
}
