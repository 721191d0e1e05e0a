//! When sessions and keys were last used, to the minute.
//!
//! A request only notes in memory that it came: writing at each would cost a write
//! transaction a read. Each node writes what it has noted once a minute, and when it
//! ends; after a crash a minute of it is missing, which harms nobody.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use tokio_util::sync::CancellationToken;
use zg_db::entity::{api_key, session};

use crate::{Actor, App, Error};

const EACH: Duration = Duration::from_secs(60);
/// Rows a statement.
const BATCH: usize = 500;

/// What was used since it was last written.
#[derive(Debug, Default)]
struct Noted(Mutex<Used>);

#[derive(Debug, Default)]
struct Used {
    sessions: BTreeSet<i64>,
    keys: BTreeSet<i64>,
}

/// Notes that a session was used.
pub fn session(app: &App, id: i64) {
    app.memory::<Noted>().0.lock().unwrap_or_else(PoisonError::into_inner).sessions.insert(id);
}

/// Notes that an API key was used.
pub fn key(app: &App, id: i64) {
    app.memory::<Noted>().0.lock().unwrap_or_else(PoisonError::into_inner).keys.insert(id);
}

/// Writes what was noted, once a minute and at the end.
pub async fn run(app: App, stop: CancellationToken) {
    loop {
        let _ended = tokio::time::timeout(EACH, stop.cancelled()).await;
        if let Err(error) = write(&app).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "when sessions were last used is written later");
        }
        if stop.is_cancelled() {
            return;
        }
    }
}

/// Writes what was noted; what fails to be written stays noted.
///
/// # Errors
/// [`Error::Db`].
pub async fn write(app: &App) -> Result<(), Error> {
    let noted = app.memory::<Noted>();
    let used = std::mem::take(&mut *noted.0.lock().unwrap_or_else(PoisonError::into_inner));
    if used.sessions.is_empty() && used.keys.is_empty() {
        return Ok(());
    }
    let done = store(app, &used).await;
    if done.is_err() {
        let mut again = noted.0.lock().unwrap_or_else(PoisonError::into_inner);
        again.sessions.extend(used.sessions);
        again.keys.extend(used.keys);
    }
    done
}

async fn store(app: &App, used: &Used) -> Result<(), Error> {
    let tx = app.begin(&Actor::system("base.last_used")).await?;
    let sessions: Vec<i64> = used.sessions.iter().copied().collect();
    for ids in sessions.chunks(BATCH) {
        session::Entity::update_many()
            .set(session::ActiveModel { last_used_at: Set(tx.now()), ..Default::default() })
            .filter(session::Column::Id.is_in(ids.iter().copied()))
            .exec(tx.db())
            .await?;
    }
    let keys: Vec<i64> = used.keys.iter().copied().collect();
    for ids in keys.chunks(BATCH) {
        api_key::Entity::update_many()
            .set(api_key::ActiveModel { last_used_at: Set(Some(tx.now())), ..Default::default() })
            .filter(api_key::Column::Id.is_in(ids.iter().copied()))
            .exec(tx.db())
            .await?;
    }
    tx.commit().await
}
