//! Jobs, as people watch them.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use zg_base::App;
use zg_base::job as jobs;
use zg_db::entity::{file, import_course, job, job_error, staff};
use zg_web::{Answer, Attachment, Committed, Cursor, Limit, Page, Path, Query, Result, Staff, View};

use crate::Error;
use crate::resume::resumable;

/// A job.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobView {
    id: i64,
    /// `import.products`.
    kind: String,
    /// `queued`, `running`, `done`, `failed`, `cancelled`.
    state: String,
    /// The name of the file it works on, as it was uploaded.
    file_name: Option<String>,
    /// Who started it; none if the command line or a key did.
    started_by: Option<String>,
    dry_run: bool,
    /// Rows in all, as far as they were read.
    total: i64,
    /// Rows applied.
    done: i64,
    /// Rows with faults.
    failed: i64,
    /// Seconds left at the present rate, while running.
    seconds_left: Option<i64>,
    /// The pictures that rows name, once the rows are applied.
    pictures: Option<JobPictures>,
    /// It can go on where it stopped.
    resumable: bool,
    /// What came of it.
    result: Option<Value>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    version: i64,
}

/// Pictures of a job.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct JobPictures {
    /// Those that rows name.
    total: i64,
    /// Those that are where they belong.
    done: i64,
    /// Those that could not be brought.
    failed: i64,
}

impl View for JobView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// One job as it leaves.
pub(crate) async fn view(db: &impl ConnectionTrait, row: job::Model, now: DateTime<Utc>) -> Result<JobView, Error> {
    views(db, vec![row], now).await?.into_iter().next().ok_or(Error::JobNotFound)
}

/// Jobs as they leave, with their files and people in one query each.
async fn views(db: &impl ConnectionTrait, rows: Vec<job::Model>, now: DateTime<Utc>) -> Result<Vec<JobView>, Error> {
    let ids: BTreeSet<i64> = rows.iter().filter_map(|row| row.file_id).collect();
    let files: Vec<(i64, String)> = file::Entity::find()
        .select_only()
        .columns([file::Column::Id, file::Column::Name])
        .filter(file::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    let ids: BTreeSet<i64> = rows.iter().filter_map(|row| row.created_by).collect();
    let people: Vec<(i64, String)> = staff::Entity::find()
        .select_only()
        .columns([staff::Column::Id, staff::Column::Name])
        .filter(staff::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    let ids = rows.iter().map(|row| row.id);
    let courses = import_course::Entity::find().filter(import_course::Column::JobId.is_in(ids)).all(db).await?;
    let courses: BTreeMap<i64, import_course::Model> = courses.into_iter().map(|row| (row.job_id, row)).collect();
    let (files, people): (BTreeMap<_, _>, BTreeMap<_, _>) = (files.into_iter().collect(), people.into_iter().collect());
    let named = |names: &BTreeMap<i64, String>, id: Option<i64>| names.get(&id?).cloned();
    let view = |row: job::Model| {
        let names = (named(&files, row.file_id), named(&people, row.created_by));
        JobView::of(names, courses.get(&row.id), row, now)
    };
    Ok(rows.into_iter().map(view).collect())
}

impl JobView {
    fn of(
        (file_name, started_by): (Option<String>, Option<String>),
        course: Option<&import_course::Model>,
        row: job::Model,
        now: DateTime<Utc>,
    ) -> Self {
        let ran = (now - jobs::running_since(&row)).num_seconds().max(0);
        let running = row.finished_at.is_none() && row.done > 0;
        let seconds_left = running.then(|| (row.total - row.done - row.failed).max(0) * ran / row.done);
        let ended = row.result.as_ref().and_then(|result| JobPictures::deserialize(result.get("pictures")?).ok());
        let pictures = ended.or_else(|| {
            let course = course.filter(|course| course.pictures > 0)?;
            Some(JobPictures { total: course.pictures, done: course.pictures_done, failed: course.pictures_failed })
        });
        Self {
            pictures,
            resumable: resumable(&row, course.is_some()),
            id: row.id,
            kind: row.kind,
            state: row.state,
            file_name,
            started_by,
            dry_run: row.dry_run,
            total: row.total,
            done: row.done,
            failed: row.failed,
            seconds_left,
            result: row.result,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            version: row.version,
        }
    }
}

/// Which jobs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// Only of this state.
    state: Option<String>,
}

/// Jobs, newest first.
#[utoipa::path(get, path = "/admin/jobs", params(JobQuery), responses((status = 200, body = Page<JobView>)))]
pub(crate) async fn list(State(app): State<App>, Query(asked): Query<JobQuery>) -> Result<Answer<Page<JobView>>> {
    let mut query = job::Entity::find().order_by(job::Column::Id, Order::Desc).limit(asked.limit.and_one());
    if let Some(id) = Cursor::decode_opt::<i64>(asked.cursor.as_deref())? {
        query = query.filter(job::Column::Id.lt(id));
    }
    if let Some(state) = asked.state {
        query = query.filter(job::Column::State.eq(state));
    }
    let rows = query.all(app.read()).await?;
    let Page { data, meta } = Page::of(rows, asked.limit, None, |row| row.id);
    Ok(Answer::ok(Page { data: views(app.read(), data, app.now()).await?, meta }))
}

/// One job.
#[utoipa::path(get, path = "/admin/jobs/{id}", params(("id" = i64, Path)), responses((status = 200, body = JobView)))]
pub(crate) async fn one(State(app): State<App>, Path(id): Path<i64>) -> Result<Answer<JobView>> {
    let row = job::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::JobNotFound)?;
    let version = row.version;
    Ok(Answer::ok(view(app.read(), row, app.now()).await?).etag(version))
}

/// A fault of one row.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobError {
    /// As a person counts it in the file, the headings being row 1.
    row: i64,
    column: Option<String>,
    code: String,
    /// In both languages.
    message: String,
    value: Option<String>,
}

/// Which faults.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobErrorQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Rows a page.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
}

/// The faults of a job's rows, in the file's order.
#[utoipa::path(get, path = "/admin/jobs/{id}/errors", params(("id" = i64, Path), JobErrorQuery), responses((status = 200, body = Page<JobError>)))]
pub(crate) async fn errors(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(asked): Query<JobErrorQuery>,
) -> Result<Answer<Page<JobError>>> {
    use job_error::Column;
    job::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::JobNotFound)?;
    let mut query = job_error::Entity::find().filter(Column::JobId.eq(id)).order_by(Column::Id, Order::Asc).limit(asked.limit.and_one());
    if let Some(after) = Cursor::decode_opt::<i64>(asked.cursor.as_deref())? {
        query = query.filter(Column::Id.gt(after));
    }
    let rows = query.all(app.read()).await?;
    let view =
        |row: job_error::Model| JobError { row: row.row, column: row.column, code: row.code, message: row.message, value: row.value };
    Ok(Answer::ok(Page::of(rows, asked.limit, None, |row| row.id).map(view)))
}

/// The faults of a job's rows as a CSV file.
#[utoipa::path(get, path = "/admin/jobs/{id}/errors.csv", params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(crate) async fn errors_file(State(app): State<App>, Path(id): Path<i64>) -> Result<Attachment> {
    use job_error::Column;
    job::Entity::find_by_id(id).one(app.read()).await?.ok_or(Error::JobNotFound)?;
    let rows =
        job_error::Entity::find().filter(Column::JobId.eq(id)).order_by(Column::Id, Order::Asc).limit(20_000).all(app.read()).await?;
    let broken = |error: csv::Error| Error::Broken(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["row", "column", "code", "message", "value"]).map_err(broken)?;
    for row in rows {
        let value = guarded(&row.value.unwrap_or_default());
        writer.write_record([row.row.to_string(), row.column.unwrap_or_default(), row.code, row.message, value]).map_err(broken)?;
    }
    let text = writer.into_inner().map_err(|error| Error::Broken(error.to_string()))?;
    // A mark, so that spreadsheets read it as UTF-8.
    let body = [b"\xEF\xBB\xBF".as_slice(), &text].concat();
    Ok(Attachment { media_type: "text/csv; charset=utf-8", name: format!("import-{id}-errors.csv"), body: Body::from(body) })
}

/// A cell that a spreadsheet would compute is made a text.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// Cancels a job: what it has applied stays, the rest is left.
#[utoipa::path(post, path = "/admin/jobs/{id}/cancel", params(("id" = i64, Path)), responses((status = 200, body = JobView)))]
pub(crate) async fn cancel(State(app): State<App>, staff: Staff, Path(id): Path<i64>) -> Result<Committed<JobView>> {
    let tx = app.begin(&staff.actor).await?;
    job::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::JobNotFound)?;
    if !jobs::finish(&tx, id, jobs::State::Cancelled, None).await? {
        return Err(Error::JobEnded.into());
    }
    tx.audit("job.cancel", "job", id, None, None).await?;
    let row = job::Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::JobNotFound)?;
    let view = view(tx.db(), row, tx.now()).await?;
    Committed::ok(tx, view).await
}
