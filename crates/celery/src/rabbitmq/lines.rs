//! The lines of a broker's workers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::line::Line;
use super::server::Server;
use crate::broker::Receipt;
use crate::error::Error;

#[derive(Debug, Default)]
pub(super) struct Lines {
    /// By the worker's name. Held for no longer than a look.
    lines: Mutex<BTreeMap<String, Arc<Line>>>,
    /// One at a time connects.
    opening: tokio::sync::Mutex<()>,
    last: AtomicI64,
}

impl Lines {
    pub(super) fn of(&self, worker: &str) -> Option<Arc<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).get(worker).cloned()
    }

    /// The worker's line; a new one if it has none or it is broken.
    pub(super) async fn open(&self, worker: &str, server: &Arc<Server>, arrivals: &watch::Sender<u64>) -> Result<Arc<Line>, Error> {
        let _opening = self.opening.lock().await;
        if let Some(line) = self.of(worker).filter(|line| line.is_live()) {
            return Ok(line);
        }
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).remove(worker);
        let fence = self.last.fetch_add(1, Ordering::Relaxed);
        let line = Line::open(Arc::clone(server), fence, arrivals.clone()).await?;
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).insert(worker.to_owned(), Arc::clone(&line));
        Ok(line)
    }

    /// The line on which this was delivered, if it is still ours.
    pub(super) fn holding(&self, receipt: Receipt) -> Option<(Arc<Line>, u64)> {
        let tag = u64::try_from(receipt.tag).ok()?;
        let line = {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.values().find(|line| line.fence == receipt.fence).cloned()?
        };
        (line.is_live() && line.holds(tag)).then_some((line, tag))
    }

    /// How many of a queue are in the hands of these workers.
    pub(super) fn count(&self, queue: &str) -> usize {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).values().filter(|line| line.is_live()).map(|line| line.count(queue)).sum()
    }
}
