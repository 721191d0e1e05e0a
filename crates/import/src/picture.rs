//! Pictures that rows name are brought once all rows are applied: tasks of their own, one
//! after the other, so that mails and orders do not wait behind ten thousand pictures.
//!
//! A few are fetched at once; they are hung in the order of the file. One that another
//! machine does not give is tried again later, and is at last a fault of its row, which
//! undoes nothing.

use std::time::Duration;

use celery::Backoff;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use zg_base::job::{self, State};
use zg_base::{App, Tx};
use zg_db::entity::{import_course, import_picture, job as job_row};

use crate::course::{self, Phase};
use crate::engine::{Ending, actor, end_job, give_up, kept};
use crate::fetch::Missed;
use crate::importer::Hung;
use crate::sources::Sources;
use crate::start::Params;
use crate::{Error, Importer, Wanted};

/// Pictures of one task.
const SHARE: u64 = 60;
/// Fetched at once.
const AT_ONCE: usize = 4;
/// How often a picture is tried.
const TRIES: i32 = 4;
/// How long another machine is left alone that did not answer.
const WAIT: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(300)).without_jitter();
/// People are told after so many.
const TOLD: usize = 10;
/// Times a task is begun again after the database failed.
const RETRIES: u32 = 3;

/// Whose pictures to bring.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct PicturesArgs {
    /// Row of `job`.
    pub job_id: i64,
    /// The number under which they are to be brought; another one took over if it has changed.
    pub attempt: i64,
}

/// The task that brings pictures, a share at a time.
#[derive(Debug)]
pub struct Pictures<I>(std::marker::PhantomData<fn() -> I>);

impl<I: Importer> celery::Task<App> for Pictures<I> {
    const NAME: &'static str = I::PICTURES_TASK;
    type Args = PicturesArgs;
    type Output = ();

    fn policy() -> celery::Policy {
        celery::Policy::new().max_retries(RETRIES)
    }

    async fn run(context: celery::Context<App>, args: PicturesArgs) -> Result<(), celery::TaskError> {
        let app = &context.state;
        match share::<I>(app, args.job_id, args.attempt).await {
            Ok(Left::Nothing) => Ok(()),
            Ok(Left::Since(due)) => Ok(next::<I>(app, args.job_id, args.attempt, due).await?),
            Err(error) => {
                if context.retries >= RETRIES {
                    give_up::<I>(app, args.job_id, &error).await?;
                }
                Err(error.into())
            }
        }
    }
}

/// Enqueues the first share.
pub(crate) async fn enqueue<I: Importer>(app: &App, job_id: i64, attempt: i64) -> Result<(), Error> {
    let tx = app.begin(&actor::<I>()).await?;
    tx.enqueue::<Pictures<I>>(&PicturesArgs { job_id, attempt }).await?;
    Ok(tx.commit().await?)
}

/// Enqueues the next share, unless that was done before.
async fn next<I: Importer>(app: &App, job_id: i64, attempt: i64, due: DateTime<Utc>) -> Result<(), Error> {
    let tx = app.begin(&actor::<I>()).await?;
    if add(&tx, job_id, attempt, import_course::Column::Attempt).await? {
        let eta = Some(due).filter(|due| *due > tx.now());
        tx.enqueue_at::<Pictures<I>>(&PicturesArgs { job_id, attempt: attempt + 1 }, eta).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Brings all pictures here and now: for the command line, behind which no worker stands.
pub(crate) async fn bring_all<I: Importer>(app: &App, job_id: i64, attempt: i64) -> Result<(), Error> {
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    while let Left::Since(due) = share::<I>(app, job_id, attempt).await? {
        while app.now() < due {
            tick.tick().await;
        }
    }
    Ok(())
}

/// What is left when a share is done.
enum Left {
    /// Nothing, or it is another's.
    Nothing,
    /// More, to be tried from then on.
    Since(DateTime<Utc>),
}

async fn share<I: Importer>(app: &App, job_id: i64, attempt: i64) -> Result<Left, Error> {
    let job = job_row::Entity::find_by_id(job_id).one(app.read()).await?.ok_or(Error::JobNotFound)?;
    let Some(at) = course::find(app.read(), job_id).await? else { return Ok(Left::Nothing) };
    let mine = job.state == State::Running.as_str() && at.attempt == attempt && Phase::of(&at) == Phase::Pictures;
    if !mine {
        return Ok(Left::Nothing);
    }
    let waiting = import_picture::Entity::find().filter(import_picture::Column::JobId.eq(job_id));
    let due = waiting
        .clone()
        .filter(import_picture::Column::DueAt.lte(app.now()))
        .order_by(import_picture::Column::Id, Order::Asc)
        .limit(SHARE)
        .all(app.read())
        .await?;
    if due.is_empty() {
        let first = waiting.order_by(import_picture::Column::DueAt, Order::Asc).one(app.read()).await?;
        let Some(first) = first else {
            end_job::<I>(app, &at, Ending::of(State::Done, &at)).await?;
            return Ok(Left::Nothing);
        };
        return Ok(Left::Since(first.due_at));
    }
    let params: Params = serde_json::from_value(job.params).map_err(zg_base::Error::from)?;
    let sources = Sources::open_to_bring(app, &params).await?;
    let sources = &sources;
    let mut brought = stream::iter(due)
        .map(|picture| async move { (sources.bring(&picture.source, I::PICTURE_LIMIT).await, picture) })
        .buffered(AT_ONCE)
        .enumerate();
    while let Some((number, (found, picture))) = brought.next().await {
        let outcome = match found {
            Ok(bytes) => {
                let wanted = Wanted { row: picture.row, source: picture.source.clone(), target: picture.target, part: picture.part };
                match I::hang(app, &wanted, bytes).await? {
                    Hung::There => Ok(()),
                    Hung::Invalid => Err(Missed::for_good("image_invalid")),
                }
            }
            Err(missed) => Err(missed),
        };
        if !settle::<I>(app, &at, &picture, outcome, if number % TOLD == 0 { News::Tell } else { News::Keep }).await? {
            return Ok(Left::Nothing);
        }
    }
    Ok(Left::Since(app.now()))
}

/// Are those told who watch?
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    Tell,
    Keep,
}

/// Writes what became of a picture; false if the job was cancelled or taken up by another.
async fn settle<I: Importer>(
    app: &App,
    at: &import_course::Model,
    picture: &import_picture::Model,
    outcome: Result<(), Missed>,
    news: News,
) -> Result<bool, Error> {
    let tx = app.begin(&actor::<I>()).await?;
    // The job's row before the course's, as whoever takes the job up has it.
    if news == News::Tell && !job::progress(&tx, at.job_id, at.total, at.done, at.failed).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    let attempts = picture.attempts + 1;
    let mine = match outcome {
        Err(missed) if missed.again && attempts < TRIES => {
            let wait = WAIT.wait(u32::try_from(picture.attempts).unwrap_or_default());
            let due_at = tx.now() + chrono::Duration::from_std(wait).unwrap_or_default();
            let later = import_picture::ActiveModel { attempts: Set(attempts), due_at: Set(due_at), ..Default::default() };
            import_picture::Entity::update_many().set(later).filter(import_picture::Column::Id.eq(picture.id)).exec(tx.db()).await?;
            true
        }
        done => {
            // A worker whose lease ran out may have counted it before: then it is not counted again.
            if import_picture::Entity::delete_by_id(picture.id).exec(tx.db()).await?.rows_affected == 0 {
                tx.rollback().await?;
                return Ok(true);
            }
            let column = if done.is_ok() { import_course::Column::PicturesDone } else { import_course::Column::PicturesFailed };
            if let Err(missed) = done {
                let faults = [missed.fault(picture.row, &picture.source)];
                job::errors(&tx, at.job_id, kept(&faults, at.failed + at.pictures_failed)).await?;
            }
            add(&tx, at.job_id, at.attempt, column).await?
        }
    };
    if mine {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(mine)
}

/// Counts up; false if another took over.
async fn add(tx: &Tx, job_id: i64, attempt: i64, column: import_course::Column) -> Result<bool, Error> {
    let counted = import_course::Entity::update_many()
        .col_expr(column, Expr::col(column).add(1))
        .filter(import_course::Column::JobId.eq(job_id))
        .filter(import_course::Column::Attempt.eq(attempt))
        .exec(tx.db())
        .await?;
    Ok(counted.rows_affected == 1)
}
