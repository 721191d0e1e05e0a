//! Reading the log for a session that comes back.

use std::pin::Pin;
use std::sync::Arc;

use crate::event::Encoded;
use crate::slot::Slot;
use crate::{Error, EventLog, Hub};

/// What one reading of the log found.
pub(crate) struct Page {
    pub(crate) events: Vec<Arc<Encoded>>,
    /// The log had no more.
    pub(crate) complete: bool,
    /// The topics the page was read for.
    pub(crate) generation: u64,
}

/// What the log says to "after this id".
pub(crate) enum Answer {
    Page(Page),
    /// It does not reach back so far, or never came so far; with its latest id.
    Reset(i64),
}

pub(crate) type Reading = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

/// Reads the page after the session's position.
pub(crate) fn read<L: EventLog>(hub: &Hub, slot: &Slot, log: &Arc<L>) -> Reading {
    let (position, topics, generation) = {
        let state = slot.state();
        (state.position, state.topics.clone(), state.generation)
    };
    let (hub, log) = (hub.clone(), Arc::clone(log));
    Box::pin(async move {
        let limit = hub.config().page.max(1);
        // Another node may be ahead of this one, but no node is ahead of the log.
        if hub.last_published() < position && latest(&*log).await? < position {
            return reset(&hub, &*log).await;
        }
        let events = log.after(position, &topics, limit).await.map_err(failed)?;
        // Asked after the page: events removed in between would be missing in it.
        let missing = match log.oldest().await.map_err(failed)? {
            Some(oldest) => position < oldest.saturating_sub(1),
            None => position < hub.last_published(),
        };
        if missing {
            return reset(&hub, &*log).await;
        }
        let complete = events.len() < limit;
        Ok(Answer::Page(Page { events: events.into_iter().map(Encoded::new).collect(), complete, generation }))
    })
}

async fn reset(hub: &Hub, log: &impl EventLog) -> Result<Answer, Error> {
    Ok(Answer::Reset(latest(log).await?.max(hub.last_published())))
}

async fn latest(log: &impl EventLog) -> Result<i64, Error> {
    Ok(log.latest().await.map_err(failed)?.unwrap_or(0))
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Log(Box::new(error))
}
