//! Events and the topics they are heard by.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Text;

/// Something that happened, as sessions hear it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number: later events have higher ones. Gaps are allowed.
    pub id: i64,
    /// Who hears it: every session that has this topic.
    pub topic: String,
    /// What happened, such as `order.placed`.
    pub kind: String,
    /// The thing it happened to, if there is one.
    pub entity_id: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// What a client needs to know without asking.
    pub payload: serde_json::Value,
}

/// An event and the bytes every session sends for it.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) id: i64,
    pub(crate) topic: String,
    pub(crate) text: Text,
}

impl Encoded {
    pub(crate) fn new(event: Event) -> Arc<Self> {
        let text = Text::json(&event);
        Arc::new(Self { id: event.id, topic: event.topic, text })
    }
}

/// A set of topics. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topics(Arc<[Arc<str>]>);

impl Topics {
    /// These topics; what stands twice counts once.
    pub fn new<T: Into<Arc<str>>>(topics: impl IntoIterator<Item = T>) -> Self {
        let mut topics: Vec<Arc<str>> = topics.into_iter().map(Into::into).collect();
        topics.sort_unstable();
        topics.dedup();
        Self(topics.into())
    }

    /// Is this one of them?
    pub fn contains(&self, topic: &str) -> bool {
        self.0.binary_search_by(|have| have.as_ref().cmp(topic)).is_ok()
    }

    /// The topics in alphabetical order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that stand in both sets.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        Self(self.0.iter().filter(|topic| other.contains(topic)).cloned().collect())
    }

    pub(crate) fn shared(&self) -> &[Arc<str>] {
        &self.0
    }
}

impl<T: Into<Arc<str>>> FromIterator<T> for Topics {
    fn from_iter<I: IntoIterator<Item = T>>(topics: I) -> Self {
        Self::new(topics)
    }
}
