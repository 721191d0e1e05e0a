//! The calls of tasks, the latest first.

use axum::extract::State;
use celery::history::{self, CallFilter, KeptCall};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_domain::time::start_of;
use zg_web::{Answer, Cursor, Limit, Page, Query, Result};

use crate::Error;

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CallState {
    /// Waits for its turn or its time.
    Pending,
    /// In the hands of a worker.
    Running,
    /// Ended well.
    Done,
    /// Failed for good.
    Failed,
    /// Withdrawn, or too late.
    Revoked,
    /// Set aside: nobody can run it, or it cost several workers.
    Poison,
}

impl CallState {
    const ALL: [(Self, &'static str, celery::State); 6] = [
        (Self::Pending, "pending", celery::State::Pending),
        (Self::Running, "running", celery::State::Running),
        (Self::Done, "done", celery::State::Done),
        (Self::Failed, "failed", celery::State::Failed),
        (Self::Revoked, "revoked", celery::State::Revoked),
        (Self::Poison, "poison", celery::State::Poison),
    ];

    /// The word the API uses.
    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(ours, _, _)| *ours == self).map_or("", |(_, word, _)| word)
    }

    fn of(state: celery::State) -> Self {
        Self::ALL.into_iter().find(|(_, _, theirs)| *theirs == state).map_or(Self::Pending, |(ours, _, _)| ours)
    }
}

/// Which calls.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// One or several states, with commas.
    state: Option<String>,
    /// A task's name, whole.
    task: Option<String>,
    /// A queue's name.
    queue: Option<String>,
    /// Sent on this day of the shop or later.
    from: Option<NaiveDate>,
    /// Sent up to this day of the shop, included.
    to: Option<NaiveDate>,
}

/// A call of a task.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct CallRow {
    pub(super) id: String,
    /// The task's name: `mail.send`.
    pub(super) task: String,
    pub(super) queue: String,
    #[schema(inline)]
    pub(super) state: CallState,
    /// How often it asked to be tried again.
    pub(super) retries: u32,
    /// How often a worker took it.
    pub(super) tries: u32,
    /// The worker that has it or had it last.
    pub(super) worker: Option<String>,
    /// Not before then.
    pub(super) due_at: DateTime<Utc>,
    /// When it was sent.
    pub(super) created_at: DateTime<Utc>,
    /// When a worker took it last.
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) finished_at: Option<DateTime<Utc>>,
    /// What went wrong last.
    pub(super) error: Option<String>,
}

impl From<KeptCall> for CallRow {
    fn from(call: KeptCall) -> Self {
        Self {
            id: call.id,
            task: call.task,
            queue: call.queue,
            state: CallState::of(call.state),
            retries: call.retries,
            tries: call.tries,
            worker: call.worker,
            due_at: call.due_at,
            created_at: call.created_at,
            started_at: call.started_at,
            finished_at: call.finished_at,
            error: call.error,
        }
    }
}

/// Calls of tasks, the latest first.
#[utoipa::path(get, path = "/admin/queue/tasks", params(CallQuery), responses((status = 200, body = Page<CallRow>)))]
pub(crate) async fn handler(State(app): State<App>, Query(asked): Query<CallQuery>) -> Result<Answer<Page<CallRow>>> {
    let CallQuery { cursor, limit, state, task, queue, from, to } = asked;
    let zone = app.shop().time_zone;
    let which = CallFilter {
        states: states(state.as_deref().unwrap_or_default())?,
        task,
        queue,
        from: from.map(|day| start_of(day, zone)),
        until: to.and_then(|day| day.succ_opt()).map(|day| start_of(day, zone)),
        before: Cursor::decode_opt::<i64>(cursor.as_deref())?,
    };
    let rows = history::calls(app.read(), &which, u32::try_from(limit.and_one()).unwrap_or(u32::MAX)).await.map_err(Error::from)?;
    Ok(Answer::ok(Page::of(rows, limit, None, |row| row.seq).map(CallRow::from)))
}

fn states(list: &str) -> Result<Vec<celery::State>, Error> {
    let named = |name: &str| CallState::ALL.into_iter().find(|(_, word, _)| *word == name).map(|(_, _, state)| state);
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| named(name).ok_or_else(|| Error::CallStateUnknown(name.to_owned()))).collect()
}
