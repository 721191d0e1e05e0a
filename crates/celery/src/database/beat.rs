//! The schedule's state, shared by all nodes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};

use super::rows::insert;
use super::sql::{BEAT_DECLARE, BEAT_FIRE, BEAT_READ};
use super::{DatabaseBroker, immediate};
use crate::beat::{BeatStore, Entry, Fire};
use crate::error::Error;

#[async_trait]
impl BeatStore for DatabaseBroker {
    async fn declare(&self, entries: &[Entry]) -> Result<(), Error> {
        for entry in entries {
            let values = vec![entry.name.as_str().into(), entry.schedule.as_str().into(), entry.next_at.into()];
            self.run(BEAT_DECLARE, values).await?;
        }
        Ok(())
    }

    async fn due(&self) -> Result<Vec<(String, DateTime<Utc>)>, Error> {
        let mut due = Vec::new();
        for row in self.all(BEAT_READ, vec![]).await? {
            if row.try_get("", "enabled")? {
                due.push((row.try_get("", "name")?, row.try_get("", "next_at")?));
            }
        }
        Ok(due)
    }

    async fn fire(&self, fire: &Fire<'_>) -> Result<bool, Error> {
        let transaction = self.db.begin_with_options(immediate()).await?;
        let values = vec![fire.name.into(), fire.due_at.into(), fire.next_at.into(), fire.now.into()];
        let moved = transaction.execute_raw(self.dialect.statement(BEAT_FIRE, values)).await?.rows_affected() == 1;
        if moved {
            insert(&transaction, std::slice::from_ref(fire.message), fire.now).await?;
        }
        transaction.commit().await?;
        Ok(moved)
    }
}
