//! A job that was cancelled, or that failed of something other than its file, goes on
//! where it stopped.

use axum::extract::State;
use sea_orm::EntityTrait;
use zg_base::job as jobs;
use zg_base::{App, Visibility};
use zg_db::entity::{file, job};
use zg_web::{Committed, Path, Result, Staff};

use crate::job::{self as view, JobView};
use crate::start::{enqueue, kind};
use crate::{Error, course};

/// What the kinds of imports begin with.
const IMPORT: &str = "import.";

/// May the job go on? A cancelled one may from wherever it was; a failed one if it kept
/// what it had staged, or if its workers were lost before they staged anything.
pub(crate) fn resumable(job: &job::Model, staged: bool) -> bool {
    let left = match job.state.as_str() {
        "cancelled" => true,
        "failed" => staged || jobs::is_lost(job),
        _ => false,
    };
    left && job.kind.starts_with(IMPORT) && job.file_id.is_some()
}

/// Resumes a job that was cancelled or failed: it goes on where it stopped.
#[utoipa::path(post, path = "/admin/jobs/{id}/resume", params(("id" = i64, Path)), responses((status = 202, body = JobView)))]
pub(crate) async fn resume(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<JobView>> {
    let row = job::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::JobNotFound)?;
    if row.finished_at.is_none() {
        return Err(Error::JobOpen.into());
    }
    if !resumable(&row, course::find(app.read(), id).await?.is_some()) {
        return Err(Error::NotResumable.into());
    }
    let kind = row.kind.strip_prefix(IMPORT).ok_or(Error::NotResumable).and_then(kind)?;
    let stored = file::Entity::find_by_id(row.file_id.unwrap_or_default()).one(app.read()).await?.ok_or(Error::FileGone)?;
    app.files().open(Visibility::Private, &stored.sha256).await.map_err(|_| Error::FileGone)?;

    let tx = app.begin(&staff.actor).await?;
    if !jobs::reopen(&tx, id).await? {
        return Err(Error::JobOpen.into());
    }
    enqueue(&tx, kind, id).await?;
    tx.audit("job.resume", "job", id, None, None).await?;
    let row = job::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::JobNotFound)?;
    let shown = view::view(tx.db(), row, tx.now()).await?;
    Committed::accepted(tx, shown, &format!("/admin/jobs/{id}")).await
}
