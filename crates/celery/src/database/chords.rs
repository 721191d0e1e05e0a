//! Chords under way: how many parts of a header have ended, and with what.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, TransactionTrait as _};
use serde_json::Value;

use super::immediate;
use super::sql::{CHORD_BEGIN, CHORD_CLAIM, CHORD_CLEAR, CHORD_PART, CHORD_PARTS, CHORD_SENT, Dialect};
use crate::canvas::arrange;
use crate::error::Error;
use crate::results::{Chord, ChordPart, Failure};

/// How long the one who may send the body has for it.
const CLAIM: Duration = Duration::from_secs(10);

/// Chords on one database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chords<'a> {
    pub(super) db: &'a DatabaseConnection,
    pub(super) dialect: Dialect,
    pub(super) now: DateTime<Utc>,
}

impl Chords<'_> {
    pub(super) async fn begin(self, group: &str, size: u64, shape: Option<&Value>) -> Result<(), Error> {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let values = vec![group.into(), size.into(), shape.map(Value::to_string).into(), self.now.into()];
        self.db.execute_raw(self.dialect.statement(CHORD_BEGIN, values)).await?;
        Ok(())
    }

    pub(super) async fn end_part(self, part: &ChordPart<'_>) -> Result<Chord, Error> {
        let (state, value) = match part.ended {
            Ok(value) => ("done", value.to_string()),
            Err(failure) => ("failed", failure.to_python().to_string()),
        };
        let place = part.index.and_then(|index| i64::try_from(index).ok()).unwrap_or(i64::MAX);
        let token = part.token();
        let transaction = self.db.begin_with_options(immediate()).await?;
        let values = vec![part.group.into(), part.id.into(), place.into(), state.into(), value.into()];
        transaction.execute_raw(self.dialect.statement(CHORD_PART, values)).await?;
        transaction.commit().await?;
        // After the commit: two last parts at once each count the other's.
        let stale = self.now.checked_sub_signed(chrono::Duration::from_std(CLAIM).unwrap_or_default()).unwrap_or(self.now);
        let claim = vec![part.group.into(), token.as_str().into(), self.now.into(), stale.into()];
        let Some(claimed) = self.db.query_one_raw(self.dialect.statement(CHORD_CLAIM, claim)).await? else { return Ok(Chord::Waiting) };
        let shape: Option<String> = claimed.try_get("", "shape")?;
        self.ready(part.group, shape.as_deref(), token).await
    }

    async fn ready(self, group: &str, shape: Option<&str>, token: String) -> Result<Chord, Error> {
        let broken = |error: serde_json::Error| Error::Row { row: group.to_owned(), reason: error.to_string() };
        let mut ids = Vec::new();
        let mut found = BTreeMap::new();
        for row in self.db.query_all_raw(self.dialect.statement(CHORD_PARTS, vec![group.into()])).await? {
            let (id, state, value): (String, String, String) =
                (row.try_get("", "task_id")?, row.try_get("", "state")?, row.try_get("", "value")?);
            let value: Value = serde_json::from_str(&value).map_err(broken)?;
            if state == "failed" {
                return Ok(Chord::Failed { id, failure: Failure::of_python(&value, None), token });
            }
            ids.push(id.clone());
            found.insert(id, value);
        }
        let shape = shape.map(serde_json::from_str).transpose().map_err(broken)?;
        Ok(Chord::Ready { results: arrange(shape.as_ref(), &ids, &found), token })
    }

    pub(super) async fn sent(self, group: &str, token: &str) -> Result<(), Error> {
        let transaction = self.db.begin_with_options(immediate()).await?;
        let marked = transaction.execute_raw(self.dialect.statement(CHORD_SENT, vec![group.into(), token.into()])).await?;
        if marked.rows_affected() == 1 {
            transaction.execute_raw(self.dialect.statement(CHORD_CLEAR, vec![group.into()])).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Looks again and again until a result is final: a database tells nobody.
pub(super) async fn poll<F: Future<Output = Result<Option<crate::TaskResult>, Error>>>(
    patience: Duration,
    look: impl Fn() -> F,
) -> Result<Option<crate::TaskResult>, Error> {
    let end = tokio::time::Instant::now().checked_add(patience);
    let mut nap = Duration::from_millis(5);
    loop {
        let found = look().await?;
        let over = end.is_some_and(|end| end <= tokio::time::Instant::now());
        if over || found.as_ref().is_some_and(|found| found.state.is_final()) {
            return Ok(found);
        }
        #[expect(clippy::disallowed_methods, reason = "polling: there is nothing to wait for")]
        tokio::time::sleep(nap).await;
        nap = nap.saturating_mul(2).min(Duration::from_millis(250));
    }
}
