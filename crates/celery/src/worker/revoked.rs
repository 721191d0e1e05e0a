//! Calls that are never to be started: a bounded memory of ids.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The most ids that are remembered; the oldest are forgotten first. As many as Celery's workers.
const MOST: usize = 50_000;

/// For how long. As long as Celery's workers.
const KEPT: Duration = Duration::from_hours(3);

/// Ids of revoked calls. Cheap to ask while there are none.
#[derive(Debug, Default)]
pub(super) struct Revoked {
    any: AtomicBool,
    ids: Mutex<Ids>,
}

#[derive(Debug, Default)]
struct Ids {
    known: HashSet<String>,
    order: VecDeque<(Instant, String)>,
}

impl Revoked {
    fn ids(&self) -> MutexGuard<'_, Ids> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add<'a>(&self, new: impl IntoIterator<Item = &'a str>) {
        self.add_at(new, Instant::now());
    }

    fn add_at<'a>(&self, new: impl IntoIterator<Item = &'a str>, now: Instant) {
        let mut ids = self.ids();
        for id in new {
            if ids.known.insert(id.to_owned()) {
                ids.order.push_back((now, id.to_owned()));
            }
        }
        ids.forget(now);
        self.any.store(!ids.known.is_empty(), Ordering::Release);
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.any.load(Ordering::Acquire) && self.ids().known.contains(id)
    }

    /// All that are remembered, the oldest first.
    pub(super) fn all(&self) -> Vec<String> {
        let mut ids = self.ids();
        ids.forget(Instant::now());
        ids.order.iter().map(|(_, id)| id.clone()).collect()
    }
}

impl Ids {
    fn forget(&mut self, now: Instant) {
        while let Some((since, _)) = self.order.front() {
            if self.order.len() <= MOST && now.saturating_duration_since(*since) < KEPT {
                return;
            }
            if let Some((_, id)) = self.order.pop_front() {
                self.known.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_memory_is_bounded_in_number_and_time() {
        let revoked = Revoked::default();
        assert!(!revoked.has("0"));
        let ids: Vec<String> = (0..MOST + 2).map(|n| n.to_string()).collect();
        let now = Instant::now();
        revoked.add_at(ids.iter().map(String::as_str), now);
        assert_eq!((revoked.has("1"), revoked.has("2"), revoked.all().len()), (false, true, MOST));
        revoked.add_at(["new"], now + KEPT);
        assert_eq!((revoked.has("2"), revoked.has("new")), (false, true));
    }
}
