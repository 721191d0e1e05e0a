//! The course of an import: read → parse and stage → plan the whole → apply in batches.
//!
//! Each step is a short transaction, so others write in between. A worker that
//! dies starts the job again: staged rows are cleared first, and applying is an
//! upsert, so doing a batch twice does it once.

use std::collections::HashSet;
use std::sync::Arc;

use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;
use zg_base::job::{self, RowError, State};
use zg_base::{Actor, App, Visibility};
use zg_db::entity::{file, import_row, job as job_row};

use crate::importer::Place;
use crate::sheet::Row;
use crate::start::Params;
use crate::{Error, Faults, Importer, Record, Sheet};

/// Rows staged in one transaction.
const STAGE: usize = 500;
/// Rows planned or applied at a time, give or take the last group.
const BATCH: u64 = 400;
/// After so many batches the tables have grown several times over.
const RECOUNTED: [u32; 4] = [4, 16, 64, 256];
/// Faults kept of one job; the count goes on.
const FAULTS_KEPT: usize = 10_000;
/// Times a job is begun again after the database failed.
const RETRIES: u32 = 3;

/// Which job to run.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct RunArgs {
    /// Row of `job`.
    pub job_id: i64,
}

/// The task that runs an import.
#[derive(Debug)]
pub struct Run<I>(std::marker::PhantomData<fn() -> I>);

impl<I: Importer> celery::Task<App> for Run<I> {
    const NAME: &'static str = I::TASK;
    type Args = RunArgs;
    type Output = ();

    fn policy() -> celery::Policy {
        celery::Policy::new().max_retries(RETRIES)
    }

    async fn run(context: celery::Context<App>, args: RunArgs) -> Result<(), celery::TaskError> {
        let done = execute::<I>(&context.state, args.job_id).await;
        if let Err(error) = &done
            && context.retries >= RETRIES
        {
            give_up::<I>(&context.state, args.job_id, error).await?;
        }
        Ok(done?)
    }
}

/// Runs an import job to its end. What is wrong with the file ends the job as
/// failed; only a failing database is an error here.
///
/// # Errors
/// [`Error::Base`] if the database failed: the job can be run again.
pub async fn execute<I: Importer>(app: &App, job_id: i64) -> Result<(), Error> {
    let job = job_row::Entity::find_by_id(job_id).one(app.read()).await?.ok_or(Error::JobNotFound)?;
    let actor = actor::<I>();
    let tx = app.begin(&actor).await?;
    if !job::start(&tx, job_id).await? {
        return Ok(());
    }
    import_row::Entity::delete_many().filter(import_row::Column::JobId.eq(job_id)).exec(tx.db()).await?;
    tx.commit().await?;

    let params: Params = serde_json::from_value(job.params.clone()).map_err(zg_base::Error::from)?;
    let course = Course { app: app.clone(), actor, job_id, params };
    let ended = match course.run::<I>(&job).await {
        Ok(ended) => ended,
        Err(Error::Base(error)) => return Err(Error::Base(error)),
        Err(error) => {
            course.keep(&[RowError { row: 0, column: None, code: "file".to_owned(), message: error.to_string(), value: None }]).await?;
            Some((State::Failed, json!({ "reason": error.to_string() })))
        }
    };
    let tx = course.app.begin(&course.actor).await?;
    import_row::Entity::delete_many().filter(import_row::Column::JobId.eq(job_id)).exec(tx.db()).await?;
    if let Some((state, result)) = ended {
        tx.audit("import.finish", "job", job_id, None, Some(json!({ "kind": I::KIND, "state": state.as_str(), "result": result }))).await?;
        job::finish(&tx, job_id, state, Some(result)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends a job whose last attempt failed: nobody waits for it any longer.
async fn give_up<I: Importer>(app: &App, job_id: i64, error: &Error) -> Result<(), Error> {
    let tx = app.begin(&actor::<I>()).await?;
    import_row::Entity::delete_many().filter(import_row::Column::JobId.eq(job_id)).exec(tx.db()).await?;
    job::finish(&tx, job_id, State::Failed, Some(json!({ "reason": error.to_string() }))).await?;
    tx.commit().await?;
    Ok(())
}

fn actor<I: Importer>() -> Actor {
    Actor::system(I::TASK)
}

struct Course {
    app: App,
    actor: Actor,
    job_id: i64,
    params: Params,
}

#[derive(Default)]
struct Counts {
    total: i64,
    done: i64,
    failed: i64,
    created: u64,
    updated: u64,
}

impl Course {
    /// The end of the job; none if somebody cancelled it.
    async fn run<I: Importer>(&self, job: &job_row::Model) -> Result<Option<(State, serde_json::Value)>, Error> {
        let file_id = job.file_id.ok_or(Error::FileMissing)?;
        let stored = file::Entity::find_by_id(file_id).one(self.app.read()).await?.ok_or(Error::FileMissing)?;
        let bytes = self.app.files().get(Visibility::Private, &stored.sha256).await?;

        let mut counts = Counts::default();
        if !self.stage::<I>(bytes.to_vec(), &mut counts).await? {
            return Ok(None);
        }
        let refused = self.plan::<I>(&mut counts).await?;
        let result = |counts: &Counts| json!({ "rows": counts.total, "created": counts.created, "updated": counts.updated, "failed": counts.failed });
        if job.dry_run {
            self.progress(&counts).await?;
            return Ok(Some((State::Done, result(&counts))));
        }
        if job.all_or_nothing && counts.failed > 0 {
            counts.created = 0;
            counts.updated = 0;
            self.progress(&counts).await?;
            return Ok(Some((State::Failed, result(&counts))));
        }
        if !self.apply::<I>(&refused, &mut counts).await? {
            return Ok(None);
        }
        I::finish(&self.app).await?;
        Ok(Some((State::Done, result(&counts))))
    }

    /// Parses every record; the good ones are staged.
    async fn stage<I: Importer>(&self, bytes: Vec<u8>, counts: &mut Counts) -> Result<bool, Error> {
        let params = self.params.clone();
        // The file is parsed beside the event loop; the channel bounds what is in flight.
        let (send, mut receive) = mpsc::channel::<Result<Vec<Row>, Error>>(2);
        let (places_in, places_out) = tokio::sync::oneshot::channel();
        let reader = tokio::task::spawn_blocking(move || read::<I>(bytes, &params, places_in, &send));
        let mut places: Option<Layout> = None;
        let mut keys = HashSet::new();
        let mut places_out = Some(places_out);
        while let Some(chunk) = receive.recv().await {
            let chunk = chunk?;
            if let Some(arriving) = places_out.take() {
                places = Some(arriving.await.map_err(|_| Error::Empty)?);
            }
            let Some(places) = &places else { continue };
            if !self.stage_chunk::<I>(&chunk, places, &mut keys, counts).await? {
                return Ok(false);
            }
        }
        reader.await.map_err(|error| Error::Broken(error.to_string()))??;
        if counts.total == 0 {
            return Err(Error::Empty);
        }
        Ok(true)
    }

    async fn stage_chunk<I: Importer>(
        &self,
        chunk: &[Row],
        layout: &Layout,
        keys: &mut HashSet<u64>,
        counts: &mut Counts,
    ) -> Result<bool, Error> {
        let mut faults = Faults::default();
        let mut rows = Vec::with_capacity(chunk.len());
        for (number, cells) in chunk {
            counts.total += 1;
            let record = Record::new(*number, cells, &layout.places);
            if let Some((column, code)) = layout.refused(&record, cells) {
                faults.add(*number, column, code, None);
                counts.failed += 1;
                continue;
            }
            let before = faults.found.len();
            match I::parse(&record, &mut faults) {
                Some(row) if faults.found.len() == before && I::key(&row).is_some_and(|key| !keys.insert(hash(&key))) => {
                    faults.add(*number, "", "duplicate", I::key(&row).as_deref());
                    counts.failed += 1;
                }
                Some(row) if faults.found.len() == before => rows.push(import_row::ActiveModel {
                    job_id: Set(self.job_id),
                    row: Set(*number),
                    group_key: Set(I::group(&row)),
                    payload: Set(serde_json::to_value(&row).map_err(zg_base::Error::from)?),
                }),
                _ => {
                    counts.failed += 1;
                    if faults.found.len() == before {
                        faults.add(*number, "", "invalid", None);
                    }
                }
            }
        }
        let tx = self.app.begin(&self.actor).await?;
        for part in rows.chunks(STAGE) {
            import_row::Entity::insert_many(part.to_vec()).exec_without_returning(tx.db()).await?;
        }
        let go_on = job::progress(&tx, self.job_id, counts.total, 0, counts.failed).await?;
        job::errors(&tx, self.job_id, kept(&faults.found, counts)).await?;
        tx.commit().await?;
        Ok(go_on)
    }

    /// Looks at every staged group beside the database; says which rows are refused.
    async fn plan<I: Importer>(&self, counts: &mut Counts) -> Result<std::collections::BTreeSet<i64>, Error> {
        let mut refused = std::collections::BTreeSet::new();
        let mut after = None;
        while let Some((rows, last)) = self.batch::<I>(after.as_deref()).await? {
            let plan = I::plan(&self.app, &rows).await?;
            counts.created += plan.created;
            counts.updated += plan.updated;
            let before = refused.len();
            refused.extend(plan.errors.iter().map(|error| error.row));
            counts.failed += i64::try_from(refused.len() - before).unwrap_or_default();
            self.keep(kept(&plan.errors, counts)).await?;
            after = Some(last);
        }
        Ok(refused)
    }

    async fn apply<I: Importer>(&self, refused: &std::collections::BTreeSet<i64>, counts: &mut Counts) -> Result<bool, Error> {
        let mut after = None;
        let mut batches = 0;
        while let Some((mut rows, last)) = self.batch::<I>(after.as_deref()).await? {
            rows.retain(|(number, _)| !refused.contains(number));
            let tx = self.app.begin(&self.actor).await?;
            I::apply(&tx, &rows).await?;
            counts.done += i64::try_from(rows.len()).unwrap_or_default();
            if !job::progress(&tx, self.job_id, counts.total, counts.done, counts.failed).await? {
                // Cancelled: this batch is undone, those before it stay, as the page said.
                tx.rollback().await?;
                return Ok(false);
            }
            tx.commit().await?;
            self.app.databases().make_room().await;
            batches += 1;
            if RECOUNTED.contains(&batches) {
                self.app.databases().recount().await.map_err(zg_base::Error::from)?;
            }
            self.keep(&I::after(&self.app, self.params.images.as_deref(), &rows).await?).await?;
            after = Some(last);
        }
        Ok(true)
    }

    /// The next staged rows after a group, with their groups whole.
    async fn batch<I: Importer>(&self, after: Option<&str>) -> Result<Option<(Vec<(i64, I::Row)>, String)>, Error> {
        use import_row::Column;
        let mine = import_row::Entity::find()
            .filter(Column::JobId.eq(self.job_id))
            .order_by(Column::GroupKey, Order::Asc)
            .order_by(Column::Row, Order::Asc);
        let next = match after {
            Some(key) => mine.clone().filter(Column::GroupKey.gt(key)),
            None => mine.clone(),
        };
        let mut rows = next.limit(BATCH).all(self.app.read()).await?;
        let Some(last) = rows.last().map(|row| row.group_key.clone()) else { return Ok(None) };
        if u64::try_from(rows.len()).unwrap_or_default() == BATCH {
            // The last group may be cut: it is read whole.
            rows.retain(|row| row.group_key != last);
            rows.extend(mine.filter(Column::GroupKey.eq(&last)).all(self.app.read()).await?);
        }
        let rows = rows
            .into_iter()
            .map(|row| Ok((row.row, serde_json::from_value(row.payload).map_err(zg_base::Error::from)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(Some((rows, last)))
    }

    async fn keep(&self, errors: &[RowError]) -> Result<(), Error> {
        if errors.is_empty() {
            return Ok(());
        }
        let tx = self.app.begin(&self.actor).await?;
        job::errors(&tx, self.job_id, errors).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn progress(&self, counts: &Counts) -> Result<(), Error> {
        let tx = self.app.begin(&self.actor).await?;
        job::progress(&tx, self.job_id, counts.total, counts.done, counts.failed).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Where the columns stand, and how many there are.
struct Layout {
    places: Arc<[Place]>,
    headings: usize,
}

impl Layout {
    /// What is wrong with a row before it is read: it does not fit its headings, or a
    /// cell is longer than any may be.
    fn refused(&self, record: &Record<'_>, cells: &[String]) -> Option<(&'static str, &'static str)> {
        if cells.len() < self.headings {
            return Some(("", "too_few_cells"));
        }
        if cells.iter().skip(self.headings).any(|cell| !cell.is_empty()) {
            return Some(("", "too_many_cells"));
        }
        record.too_long().map(|column| (column, "field_too_long"))
    }
}

fn hash(key: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The first faults of a job are kept, all are counted.
fn kept<'a>(errors: &'a [RowError], counts: &Counts) -> &'a [RowError] {
    let failed = usize::try_from(counts.failed).unwrap_or(usize::MAX);
    if failed > FAULTS_KEPT + errors.len() { &[] } else { errors }
}

fn read<I: Importer>(
    bytes: Vec<u8>,
    params: &Params,
    places_in: tokio::sync::oneshot::Sender<Layout>,
    send: &mpsc::Sender<Result<Vec<Row>, Error>>,
) -> Result<(), Error> {
    let sheet = Sheet::open(bytes)?;
    let places = crate::start::places(I::COLUMNS, &sheet.headings, &params.mapping)?;
    // Nobody to hear it means that the import was cancelled.
    let _ = places_in.send(Layout { places: places.into(), headings: sheet.headings.len() });
    let mut chunk = Vec::with_capacity(STAGE);
    for row in sheet {
        let (number, cells) = row?;
        if cells.iter().all(String::is_empty) {
            continue;
        }
        chunk.push((number, cells));
        if chunk.len() == STAGE && send.blocking_send(Ok(std::mem::take(&mut chunk))).is_err() {
            return Ok(());
        }
    }
    if !chunk.is_empty() {
        let _ = send.blocking_send(Ok(chunk));
    }
    Ok(())
}
