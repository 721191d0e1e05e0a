//! A schedule's state in a file, for one beat without a database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::beat::{BeatStore, Entry, Fire};
use crate::client::Client;
use crate::error::Error;

/// State in a file, as Celery's own scheduler keeps it. For *one* beat: two on one file would both
/// fire; several nodes share a database instead.
///
/// The new time is on the disk before the message leaves: a crash in between passes over one tick
/// rather than firing it twice.
#[derive(Debug)]
pub struct FileBeatStore {
    path: PathBuf,
    client: Client,
    state: Mutex<BTreeMap<String, Kept>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    schedule: String,
    next_at: DateTime<Utc>,
    last_at: Option<DateTime<Utc>>,
    runs: u64,
}

impl FileBeatStore {
    /// Reads the file, which need not be there; sends by `client`.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for a file that holds something else.
    pub fn open(path: impl Into<PathBuf>, client: Client) -> Result<Self, Error> {
        let path = path.into();
        let state = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| unreadable(&path, &error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(unreadable(&path, &error)),
        };
        Ok(Self { path, client, state: Mutex::new(state) })
    }

    /// Writes beside the file, then over it, so that a crash leaves the old or the new one.
    async fn write(&self, state: &BTreeMap<String, Kept>) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(state).map_err(|error| unreadable(&self.path, &error))?;
        let (path, beside) = (self.path.clone(), self.path.with_added_extension("new"));
        let written = tokio::task::spawn_blocking(move || {
            let mut file = std::fs::File::create(&beside)?;
            std::io::Write::write_all(&mut file, &text)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(unreadable(&self.path, &error)),
            Err(error) => Err(unreadable(&self.path, &error)),
        }
    }
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Unreadable(format!("the schedule's state {}: {error}", path.display()))
}

#[async_trait]
impl BeatStore for FileBeatStore {
    async fn declare(&self, entries: &[Entry]) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        let mut new = state.clone();
        for entry in entries {
            let same = new.get(&entry.name).is_some_and(|kept| kept.schedule == entry.schedule);
            if !same {
                let kept = Kept { schedule: entry.schedule.clone(), next_at: entry.next_at, last_at: None, runs: 0 };
                new.insert(entry.name.clone(), kept);
            }
        }
        self.write(&new).await?;
        *state = new;
        Ok(())
    }

    async fn due(&self) -> Result<Vec<(String, DateTime<Utc>)>, Error> {
        Ok(self.state.lock().await.iter().map(|(name, kept)| (name.clone(), kept.next_at)).collect())
    }

    async fn fire(&self, fire: &Fire<'_>) -> Result<bool, Error> {
        let mut state = self.state.lock().await;
        let mut new = state.clone();
        let Some(kept) = new.get_mut(fire.name).filter(|kept| kept.next_at == fire.due_at) else { return Ok(false) };
        kept.next_at = fire.next_at;
        kept.last_at = Some(fire.now);
        kept.runs = kept.runs.saturating_add(1);
        self.write(&new).await?;
        *state = new;
        self.client.send(std::slice::from_ref(fire.message)).await?;
        Ok(true)
    }
}

#[cfg(all(test, feature = "redis"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_of_something_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.json.state");
        std::fs::write(&path, "[1").unwrap();
        let client = Client::new(std::sync::Arc::new(crate::RedisBroker::new("redis://127.0.0.1:1").unwrap()), crate::Clock::system());
        let refused = FileBeatStore::open(&path, client).unwrap_err().to_string();
        assert!(refused.contains("s.json.state"), "{refused}");
    }
}
