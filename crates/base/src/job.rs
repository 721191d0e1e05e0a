//! Long work that people watch: its progress, its errors, its end.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zg_db::entity::{job, job_error};

use crate::{Actor, App, Error, Event, Tx};

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waiting for a worker.
    Queued,
    /// Being worked on.
    Running,
    /// Ended well; single rows may have failed.
    Done,
    /// Ended badly.
    Failed,
    /// Ended by somebody.
    Cancelled,
}

impl State {
    /// The column's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job to be made.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// What work, `import.products`.
    pub kind: &'a str,
    /// Only say what would happen.
    pub dry_run: bool,
    /// One bad row applies none.
    pub all_or_nothing: bool,
    /// The file it works on.
    pub file_id: Option<i64>,
    /// What the work needs to know.
    pub params: Value,
}

/// A fault in one row of a job's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Row number as a person counts it in the file, the header being 1.
    pub row: i64,
    /// The column's name.
    pub column: Option<String>,
    /// A stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
    /// The value as it stood.
    pub value: Option<String>,
}

/// A job moved on.
#[derive(Clone, Debug, serde::Serialize)]
struct JobMoved {
    id: i64,
    kind: String,
    state: String,
    total: i64,
    done: i64,
    failed: i64,
}

impl Event for JobMoved {
    const TOPIC: &'static str = "jobs.read";
    const KIND: &'static str = "job.moved";

    fn entity_id(&self) -> Option<i64> {
        Some(self.id)
    }
}

/// Makes a job; the caller enqueues the task that works on it.
///
/// # Errors
/// [`Error::Db`].
pub async fn create(tx: &Tx, new: NewJob<'_>) -> Result<job::Model, Error> {
    let row = job::ActiveModel {
        kind: Set(new.kind.to_owned()),
        state: Set(State::Queued.as_str().to_owned()),
        dry_run: Set(new.dry_run),
        all_or_nothing: Set(new.all_or_nothing),
        total: Set(0),
        done: Set(0),
        failed: Set(0),
        file_id: Set(new.file_id),
        params: Set(new.params),
        created_by: Set(tx.actor().staff_id()),
        created_at: Set(tx.now()),
        version: Set(1),
        ..Default::default()
    };
    Ok(row.insert(tx.db()).await?)
}

/// Marks a job as running; false if it ended or was cancelled before.
///
/// # Errors
/// [`Error::Db`].
pub async fn start(tx: &Tx, id: i64) -> Result<bool, Error> {
    let done = job::Entity::update_many()
        .set(job::ActiveModel {
            state: Set(State::Running.as_str().to_owned()),
            started_at: Set(Some(tx.now())),
            seen_at: Set(Some(tx.now())),
            ..Default::default()
        })
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::State.is_in([State::Queued.as_str(), State::Running.as_str()]))
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Says how far a running job has come; false if it was cancelled meanwhile.
///
/// # Errors
/// [`Error::Db`].
pub async fn progress(tx: &Tx, id: i64, total: i64, done: i64, failed: i64) -> Result<bool, Error> {
    let moved = job::Entity::update_many()
        .set(job::ActiveModel {
            total: Set(total),
            done: Set(done),
            failed: Set(failed),
            seen_at: Set(Some(tx.now())),
            ..Default::default()
        })
        .col_expr(job::Column::Version, Expr::col(job::Column::Version).add(1))
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::State.eq(State::Running.as_str()))
        .exec(tx.db())
        .await?;
    if moved.rows_affected == 1 {
        tell(tx, id).await?;
    }
    Ok(moved.rows_affected == 1)
}

/// Ends a job, unless it has ended.
///
/// # Errors
/// [`Error::Db`].
pub async fn finish(tx: &Tx, id: i64, state: State, result: Option<Value>) -> Result<bool, Error> {
    let open = [State::Queued.as_str(), State::Running.as_str()];
    let ended = job::Entity::update_many()
        .set(job::ActiveModel {
            state: Set(state.as_str().to_owned()),
            result: Set(result),
            finished_at: Set(Some(tx.now())),
            ..Default::default()
        })
        .col_expr(job::Column::Version, Expr::col(job::Column::Version).add(1))
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::State.is_in(open))
        .exec(tx.db())
        .await?;
    if ended.rows_affected == 1 {
        tell(tx, id).await?;
    }
    Ok(ended.rows_affected == 1)
}

/// Opens a job again that failed or was cancelled; false if it is in another state. The
/// caller enqueues the task that works on it.
///
/// # Errors
/// [`Error::Db`].
pub async fn reopen(tx: &Tx, id: i64) -> Result<bool, Error> {
    let opened = job::Entity::update_many()
        .set(job::ActiveModel {
            state: Set(State::Queued.as_str().to_owned()),
            result: Set(None),
            finished_at: Set(None),
            ..Default::default()
        })
        .col_expr(job::Column::Version, Expr::col(job::Column::Version).add(1))
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::State.is_in([State::Failed.as_str(), State::Cancelled.as_str()]))
        .exec(tx.db())
        .await?;
    if opened.rows_affected == 1 {
        tell(tx, id).await?;
    }
    Ok(opened.rows_affected == 1)
}

/// How long a job may stand still. Its task moves it more often, also between two tries.
const STILL: Duration = Duration::minutes(30);

/// The code of a job that ended so.
const LOST: &str = "worker_lost";

/// Ends jobs that nobody works on any more: their task was lost with its workers so often
/// that the queue set it aside.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct EndLost {}

impl celery::Task<App> for EndLost {
    const NAME: &'static str = "base.jobs.end_lost";
    type Args = Self;
    type Output = ();

    async fn run(context: celery::Context<App>, _: Self) -> Result<(), celery::TaskError> {
        Ok(end_lost(&context.state).await?)
    }
}

/// Did [`EndLost`] end it?
pub fn is_lost(job: &job::Model) -> bool {
    job.result.as_ref().and_then(|result| result.get("code")).is_some_and(|code| code == LOST)
}

async fn end_lost(app: &App) -> Result<(), Error> {
    let lost = job::Entity::find()
        .filter(job::Column::State.eq(State::Running.as_str()))
        .filter(job::Column::SeenAt.lt(app.now() - STILL))
        .order_by(job::Column::Id, Order::Asc)
        .limit(100)
        .all(app.read())
        .await?;
    for row in lost {
        let tx = app.begin(&Actor::system(<EndLost as celery::Task<App>>::NAME)).await?;
        if finish(&tx, row.id, State::Failed, Some(json!({ "code": LOST }))).await? {
            let told = json!({ "kind": row.kind, "state": State::Failed.as_str(), "code": LOST });
            tx.audit("job.end_lost", "job", row.id, None, Some(told)).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Forgets the faults of a job that begins anew.
///
/// # Errors
/// [`Error::Db`].
pub async fn forget_errors(tx: &Tx, id: i64) -> Result<(), Error> {
    job_error::Entity::delete_many().filter(job_error::Column::JobId.eq(id)).exec(tx.db()).await?;
    Ok(())
}

/// Keeps the faults of some rows.
///
/// # Errors
/// [`Error::Db`].
pub async fn errors(tx: &Tx, id: i64, errors: &[RowError]) -> Result<(), Error> {
    if errors.is_empty() {
        return Ok(());
    }
    let rows = errors.iter().map(|error| job_error::ActiveModel {
        job_id: Set(id),
        row: Set(error.row),
        column: Set(error.column.clone()),
        code: Set(error.code.clone()),
        message: Set(error.message.clone()),
        value: Set(error.value.as_ref().map(|value| value.chars().take(200).collect())),
        ..Default::default()
    });
    for chunk in rows.collect::<Vec<_>>().chunks(500) {
        job_error::Entity::insert_many(chunk.to_vec()).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// Since when a job has been running, for the rate and the time left.
pub fn running_since(job: &job::Model) -> DateTime<Utc> {
    job.started_at.unwrap_or(job.created_at)
}

async fn tell(tx: &Tx, id: i64) -> Result<(), Error> {
    if let Some(job) = job::Entity::find_by_id(id).one(tx.db()).await? {
        let moved = JobMoved { id, kind: job.kind, state: job.state, total: job.total, done: job.done, failed: job.failed };
        tx.publish(&moved).await?;
    }
    Ok(())
}
