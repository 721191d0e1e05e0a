//! What has had its time: sessions that ended, keys of answers that nobody asks for
//! again, attempts that no longer count, news that everybody has heard.
//!
//! The security log, mails and every ledger stay.

use std::time::Duration as StdDuration;

use chrono::Duration;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use zg_db::entity::{event, idempotency_key, import_course, job, job_error, session, sign_in_attempt};

use crate::{Actor, App, Error};

/// A client that repeats a request does so within a day; twice that is kept.
const ANSWERS: Duration = Duration::hours(48);
/// Attempts count for a quarter of an hour, and are looked at for a day.
const ATTEMPTS: Duration = Duration::days(1);
/// Ended sessions stay to be seen on their owner's page.
const SESSIONS: Duration = Duration::days(30);
/// Whoever resumes after longer begins anew.
const EVENTS: Duration = Duration::days(30);
/// Jobs, with their faults.
const JOBS: Duration = Duration::days(90);
/// Jobs at a time.
const BATCH: u64 = 200;
/// Finished tasks.
const TASKS: StdDuration = StdDuration::from_secs(7 * 86_400);

/// Deletes what has had its time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Sweep {}

impl celery::Task<App> for Sweep {
    const NAME: &'static str = "base.sweep";
    type Args = Self;
    type Output = ();

    async fn run(context: celery::Context<App>, _: Self) -> Result<(), celery::TaskError> {
        sweep(&context.state).await?;
        context.state.queue().forget(TASKS).await?;
        Ok(())
    }
}

/// Each kind in a transaction of its own, so that no checkout waits for all of them.
async fn sweep(app: &App) -> Result<(), Error> {
    let actor = Actor::system("base.sweep");
    let now = app.now();

    let tx = app.begin(&actor).await?;
    idempotency_key::Entity::delete_many().filter(idempotency_key::Column::CreatedAt.lt(now - ANSWERS)).exec(tx.db()).await?;
    sign_in_attempt::Entity::delete_many().filter(sign_in_attempt::Column::At.lt(now - ATTEMPTS)).exec(tx.db()).await?;
    tx.commit().await?;

    let tx = app.begin(&actor).await?;
    let over = Condition::any().add(session::Column::ExpiresAt.lt(now - SESSIONS)).add(session::Column::RevokedAt.lt(now - SESSIONS));
    session::Entity::delete_many().filter(over).exec(tx.db()).await?;
    tx.commit().await?;

    let tx = app.begin(&actor).await?;
    event::Entity::delete_many()
        .filter(event::Column::At.lt(now - EVENTS))
        .filter(event::Column::Id.lt(last_event(app).await?))
        .exec(tx.db())
        .await?;
    tx.commit().await?;

    loop {
        let old: Vec<i64> = job::Entity::find()
            .select_only()
            .column(job::Column::Id)
            .filter(job::Column::FinishedAt.lt(now - JOBS))
            // An import that may still be resumed is swept by those who keep its rows.
            .filter(
                job::Column::Id
                    .not_in_subquery(Query::select().column(import_course::Column::JobId).from(import_course::Entity).to_owned()),
            )
            .limit(BATCH)
            .into_tuple()
            .all(app.read())
            .await?;
        if old.is_empty() {
            return Ok(());
        }
        let tx = app.begin(&actor).await?;
        job_error::Entity::delete_many().filter(job_error::Column::JobId.is_in(old.iter().copied())).exec(tx.db()).await?;
        job::Entity::delete_many().filter(job::Column::Id.is_in(old)).exec(tx.db()).await?;
        tx.commit().await?;
    }
}

/// The newest event stays however old it is: numbers go on behind it.
async fn last_event(app: &App) -> Result<i64, Error> {
    use sea_orm::{Order, QueryOrder as _};
    let last = event::Entity::find().order_by(event::Column::Id, Order::Desc).one(app.read()).await?;
    Ok(last.map_or(0, |row| row.id))
}
