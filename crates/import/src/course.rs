//! How far an import has come: one row, written in the transaction of what it counts.
//! A worker that dies leaves nothing that is done and not counted, or counted and not done.
//!
//! Whoever takes an import up counts its `attempt` up. A worker that was believed dead
//! and still works finds its number gone with its next write, and stops.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter};
use serde_json::{Value, json};
use zg_base::Tx;
use zg_base::job;
use zg_db::entity::{import_course, import_picture, import_row};

use crate::Error;

/// What an import does at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Rows of the file are parsed and staged.
    Read,
    /// Staged rows are held beside what the shop has.
    Plan,
    /// Staged rows are applied.
    Apply,
    /// All rows are applied; the pictures that they name are brought.
    Pictures,
}

impl Phase {
    /// The column's text.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Pictures => "pictures",
        }
    }

    pub(crate) fn of(course: &import_course::Model) -> Self {
        match course.phase.as_str() {
            "plan" => Self::Plan,
            "apply" => Self::Apply,
            "pictures" => Self::Pictures,
            _ => Self::Read,
        }
    }
}

/// Takes a job up where it was left, or from its beginning; none if it has ended.
pub(crate) async fn take_up(tx: &Tx, job_id: i64) -> Result<Option<import_course::Model>, Error> {
    if !job::start(tx, job_id).await? {
        return Ok(None);
    }
    if let Some(mut left) = find(tx.db(), job_id).await? {
        left.attempt += 1;
        import_course::Entity::update_many()
            .col_expr(import_course::Column::Attempt, Expr::value(left.attempt))
            .filter(import_course::Column::JobId.eq(job_id))
            .exec(tx.db())
            .await?;
        return Ok(Some(left));
    }
    clear(tx, job_id).await?;
    job::forget_errors(tx, job_id).await?;
    let fresh = import_course::Model {
        job_id,
        attempt: 1,
        phase: Phase::Read.as_str().to_owned(),
        row: 0,
        after_key: None,
        total: 0,
        done: 0,
        failed: 0,
        created: 0,
        updated: 0,
        pictures: 0,
        pictures_done: 0,
        pictures_failed: 0,
    };
    Ok(Some(fresh.into_active_model().insert(tx.db()).await?))
}

/// Where a job stands, if it has begun and is not forgotten.
pub(crate) async fn find(db: &impl ConnectionTrait, job_id: i64) -> Result<Option<import_course::Model>, DbErr> {
    import_course::Entity::find_by_id(job_id).one(db).await
}

/// Writes how far it has come, and tells those who watch; false if it was cancelled or
/// somebody else took it up: then this transaction must not commit.
pub(crate) async fn write(tx: &Tx, course: &import_course::Model) -> Result<bool, Error> {
    // The job's row before the course's, as `take_up` has it: else the two would wait for each other.
    Ok(job::progress(tx, course.job_id, course.total, course.done, course.failed).await? && hold(tx, course).await?)
}

/// Writes how far it has come; false if somebody else took it up.
pub(crate) async fn hold(tx: &Tx, course: &import_course::Model) -> Result<bool, DbErr> {
    let mut set = course.clone().into_active_model().reset_all();
    set.job_id = sea_orm::ActiveValue::NotSet;
    let written = import_course::Entity::update_many()
        .set(set)
        .filter(import_course::Column::JobId.eq(course.job_id))
        .filter(import_course::Column::Attempt.eq(course.attempt))
        .exec(tx.db())
        .await?;
    Ok(written.rows_affected == 1)
}

/// Forgets what a job staged and how far it came.
pub(crate) async fn clear(tx: &Tx, job_id: i64) -> Result<(), DbErr> {
    import_row::Entity::delete_many().filter(import_row::Column::JobId.eq(job_id)).exec(tx.db()).await?;
    import_picture::Entity::delete_many().filter(import_picture::Column::JobId.eq(job_id)).exec(tx.db()).await?;
    import_course::Entity::delete_many().filter(import_course::Column::JobId.eq(job_id)).exec(tx.db()).await?;
    Ok(())
}

/// What came of it, as the job keeps it.
pub(crate) fn result(course: &import_course::Model) -> Value {
    let mut result = json!({ "rows": course.total, "created": course.created, "updated": course.updated, "failed": course.failed });
    if let Some(members) = result.as_object_mut().filter(|_| course.pictures > 0) {
        members.insert(
            "pictures".to_owned(),
            json!({ "total": course.pictures, "done": course.pictures_done, "failed": course.pictures_failed }),
        );
    }
    result
}
