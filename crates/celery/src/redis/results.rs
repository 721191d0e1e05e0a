//! Results on Redis, under Celery's keys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::redis::{AsyncCommands as _, cmd};
use async_trait::async_trait;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::Server;
use super::scripts::Scripts;
use crate::canvas::arrange;
use crate::error::Error;
use crate::results::{Chord, ChordPart, Failure, ResultBackend, TaskResult};

/// How long the one who may send a chord's body has for it, in seconds.
const CLAIM: u64 = 10;

/// How long is remembered that a chord's body was sent, in seconds.
const DONE: u64 = 300;

/// Results at `celery-task-meta-<id>`, published on the channel of that name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RedisResults {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: Server,
    scripts: Scripts,
    kept: Duration,
}

impl RedisResults {
    /// The backend at `redis://…`; results are kept for a day, as Celery does.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn new(url: &str) -> Result<Self, Error> {
        Self::kept_for(url, Duration::from_hours(24))
    }

    /// The same with results kept for so long; zero keeps them for ever.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn kept_for(url: &str, kept: Duration) -> Result<Self, Error> {
        Ok(Self { shared: Arc::new(Shared { server: Server::open(url)?, scripts: Scripts::new(), kept }) })
    }

    fn chord_key(group: &str, part: &str) -> String {
        format!("celery-taskset-meta-{group}{part}")
    }

    async fn ready(&self, group: &str, token: String) -> Result<Chord, Error> {
        let mut connection = self.shared.server.connection();
        let parts: Vec<String> = connection.zrange(Self::chord_key(group, ".j"), 0, -1).await?;
        let shape: Option<String> = connection.get(Self::chord_key(group, "")).await?;
        let unreadable = |error: serde_json::Error| Error::Unreadable(format!("chord {group}: {error}"));
        let mut ids = Vec::new();
        let mut found = BTreeMap::new();
        for part in parts {
            let (_, id, state, value): (Value, String, String, Value) = serde_json::from_str(&part).map_err(unreadable)?;
            if state != "SUCCESS" {
                return Ok(Chord::Failed { id, failure: Failure::of_python(&value, None), token });
            }
            ids.push(id.clone());
            found.insert(id, value);
        }
        let shape = shape.map(|shape| serde_json::from_str::<Value>(&shape)).transpose().map_err(unreadable)?;
        let shape = shape.as_ref().and_then(|shape| shape.get("result"));
        Ok(Chord::Ready { results: arrange(shape, &ids, &found), token })
    }
}

fn key(id: &str) -> String {
    format!("celery-task-meta-{id}")
}

#[async_trait]
impl ResultBackend for RedisResults {
    async fn store(&self, results: &[TaskResult]) -> Result<(), Error> {
        let connection = self.shared.server.connection();
        let kept = self.shared.kept.as_secs();
        // One connection carries them all at once; each waits for its own answer.
        let stores = results.iter().map(|result| {
            let mut connection = connection.clone();
            async move {
                let mut script = self.shared.scripts.store.key(key(&result.id));
                script.arg(result.to_meta().to_string()).arg(kept);
                script.invoke_async::<i64>(&mut connection).await
            }
        });
        for stored in futures_util::future::join_all(stores).await {
            stored?;
        }
        Ok(())
    }

    async fn get(&self, id: &str) -> Result<Option<TaskResult>, Error> {
        let meta: Option<String> = self.shared.server.connection().get(key(id)).await?;
        let Some(meta) = meta else { return Ok(None) };
        let meta = serde_json::from_str(&meta).map_err(|error| Error::Unreadable(format!("result {id}: {error}")))?;
        Ok(Some(TaskResult::of_meta(id, &meta)))
    }

    async fn wait(&self, id: &str, patience: Duration) -> Result<Option<TaskResult>, Error> {
        let mut pubsub = self.shared.server.client.get_async_pubsub().await?;
        pubsub.subscribe(key(id)).await?;
        let mut news = pubsub.on_message();
        let end = tokio::time::Instant::now().checked_add(patience);
        loop {
            // After subscribing: what is stored from here on is heard.
            let found = self.get(id).await?;
            if found.as_ref().is_some_and(|found| found.state.is_final()) {
                return Ok(found);
            }
            let next = news.next();
            let heard = match end {
                Some(end) => tokio::time::timeout_at(end, next).await,
                None => Ok(next.await),
            };
            match heard {
                Err(_) => return Ok(found),
                Ok(Some(_)) => {}
                // The connection is lost: the caller may ask again.
                Ok(None) => return self.get(id).await,
            }
        }
    }

    async fn begin_chord(&self, group: &str, size: u64, shape: Option<&Value>) -> Result<(), Error> {
        let kept = self.shared.kept.as_secs();
        let mut begin = ::redis::pipe();
        begin.atomic().del(Self::chord_key(group, ".c")).ignore();
        let mut set = |part: &str, value: String| {
            let mut command = cmd("SET");
            command.arg(Self::chord_key(group, part)).arg(value);
            if 0 < kept {
                command.arg("EX").arg(kept);
            }
            begin.add_command(command).ignore();
        };
        set(".s", size.to_string());
        if let Some(shape) = shape {
            set("", json!({"result": shape}).to_string());
        }
        begin.exec_async(&mut self.shared.server.connection()).await?;
        Ok(())
    }

    async fn end_part(&self, part: &ChordPart<'_>) -> Result<Chord, Error> {
        let (state, value) = match part.ended {
            Ok(value) => ("SUCCESS", value.clone()),
            Err(failure) => ("FAILURE", failure.to_python()),
        };
        let token = part.token();
        let mut script = self.shared.scripts.part.prepare_invoke();
        for suffix in [".j", ".t", ".s", ".d", ".c", ""] {
            script.key(Self::chord_key(part.group, suffix));
        }
        script.arg(part.id).arg(json!([1, part.id, state, value]).to_string());
        script.arg(part.index.map_or_else(|| "+inf".to_owned(), |index| index.to_string()));
        script.arg(self.shared.kept.as_secs()).arg(CLAIM).arg(&token);
        let claimed: i64 = script.invoke_async(&mut self.shared.server.connection()).await?;
        if claimed == 1 { self.ready(part.group, token).await } else { Ok(Chord::Waiting) }
    }

    async fn chord_sent(&self, group: &str, token: &str) -> Result<(), Error> {
        let mut script = self.shared.scripts.sent.prepare_invoke();
        for suffix in [".c", ".j", ".t", ".s", ".d"] {
            script.key(Self::chord_key(group, suffix));
        }
        script.arg(token).arg(DONE);
        let _: i64 = script.invoke_async(&mut self.shared.server.connection()).await?;
        Ok(())
    }
}
