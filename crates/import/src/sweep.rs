//! What an import staged is kept for a while after it was broken off, so that it can be
//! resumed; then it is let go. The job and its file stay.

use chrono::Duration;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use zg_base::{Actor, App};
use zg_db::entity::{import_course, job};

use crate::{Error, course};

/// How long a job can be resumed where it stopped.
const KEPT: Duration = Duration::days(30);
/// Jobs at a time.
const BATCH: u64 = 50;

/// Lets go of what ended imports staged.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Sweep {}

impl celery::Task<App> for Sweep {
    const NAME: &'static str = "import.sweep";
    type Args = Self;
    type Output = ();

    async fn run(context: celery::Context<App>, _: Self) -> Result<(), celery::TaskError> {
        Ok(sweep(&context.state).await?)
    }
}

async fn sweep(app: &App) -> Result<(), Error> {
    loop {
        let staged = Query::select().column(import_course::Column::JobId).from(import_course::Entity).to_owned();
        let old: Vec<i64> = job::Entity::find()
            .select_only()
            .column(job::Column::Id)
            .filter(job::Column::FinishedAt.lt(app.now() - KEPT))
            .filter(job::Column::Id.in_subquery(staged))
            .limit(BATCH)
            .into_tuple()
            .all(app.read())
            .await?;
        if old.is_empty() {
            return Ok(());
        }
        for id in old {
            let tx = app.begin(&Actor::system("import.sweep")).await?;
            course::clear(&tx, id).await?;
            tx.commit().await?;
        }
    }
}
