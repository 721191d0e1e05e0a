//! The log of events, from which sessions resume.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Event, Topics};

/// Where published events are kept for a while.
///
/// An event stands in the log before it is published, and never becomes visible
/// below an id that was visible already. Old events may be removed, oldest first.
pub trait EventLog: Send + Sync + 'static {
    /// What can go wrong.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The first `limit` events of these topics with an id above `id`, in order.
    fn after(&self, id: i64, topics: &Topics, limit: usize) -> impl Future<Output = Result<Vec<Event>, Self::Error>> + Send;

    /// The lowest id of any topic that is still there.
    fn oldest(&self) -> impl Future<Output = Result<Option<i64>, Self::Error>> + Send;

    /// The highest id of any topic.
    fn latest(&self) -> impl Future<Output = Result<Option<i64>, Self::Error>> + Send;
}

/// A log in memory that keeps the newest events: for tests, and for applications
/// whose events need not outlive them. Clones share it.
#[derive(Clone, Debug)]
pub struct MemoryLog {
    events: Arc<Mutex<BTreeMap<i64, Event>>>,
    keep: usize,
}

impl MemoryLog {
    /// An empty log that will keep so many events.
    pub fn new(keep: usize) -> Self {
        Self { events: Arc::default(), keep }
    }

    /// Adds an event; to be done before it is published.
    pub fn push(&self, event: Event) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.insert(event.id, event);
        while self.keep < events.len() {
            events.pop_first();
        }
    }
}

impl EventLog for MemoryLog {
    type Error = Infallible;

    async fn after(&self, id: i64, topics: &Topics, limit: usize) -> Result<Vec<Event>, Infallible> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let later = events.range(id.saturating_add(1)..).map(|(_, event)| event);
        Ok(later.filter(|event| topics.contains(&event.topic)).take(limit).cloned().collect())
    }

    async fn oldest(&self) -> Result<Option<i64>, Infallible> {
        Ok(self.events.lock().unwrap_or_else(PoisonError::into_inner).first_key_value().map(|(id, _)| *id))
    }

    async fn latest(&self) -> Result<Option<i64>, Infallible> {
        Ok(self.events.lock().unwrap_or_else(PoisonError::into_inner).last_key_value().map(|(id, _)| *id))
    }
}
