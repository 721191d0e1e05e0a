//! The course of an import: read → parse and stage → plan the whole → apply in batches,
//! then bring the pictures.
//!
//! Each step is a short transaction, so others write in between, and says in it how far
//! the import has come. Whoever takes the job up again goes on from there: no row is
//! staged, counted or applied twice.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use zg_base::job::{self, RowError, State};
use zg_base::{Actor, App, Tx, Visibility};
use zg_db::entity::{file, import_course, import_picture, import_row, job as job_row};

use crate::course::{self, Phase};
use crate::importer::Place;
use crate::picture;
use crate::sheet::Row;
use crate::sources::Sources;
use crate::start::Params;
use crate::{Error, Faults, Importer, Record, Sheet};

/// Rows staged in one transaction.
const STAGE: usize = 500;
/// Rows planned or applied at a time, give or take the last group.
const BATCH: u64 = 400;
/// Staged rows read at a time to know what stood in the file before.
const PAGE: u64 = 2_000;
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
        match apply_rows::<I>(&context.state, args.job_id).await {
            Ok(Some(attempt)) => picture::enqueue::<I>(&context.state, args.job_id, attempt).await?,
            Ok(None) => {}
            Err(error) => {
                if context.retries >= RETRIES {
                    give_up::<I>(&context.state, args.job_id, &error).await?;
                }
                return Err(error.into());
            }
        }
        Ok(())
    }
}

/// Runs an import job until its rows are applied. What is wrong with the file ends the
/// job as failed; only a failing database is an error here. Returned is the number under
/// which its pictures are to be brought, if there are any.
///
/// # Errors
/// [`Error::Base`] if the database failed: the job can be run again.
pub(crate) async fn apply_rows<I: Importer>(app: &App, job_id: i64) -> Result<Option<i64>, Error> {
    let job = job_row::Entity::find_by_id(job_id).one(app.read()).await?.ok_or(Error::JobNotFound)?;
    let actor = actor::<I>();
    let tx = app.begin(&actor).await?;
    let Some(at) = course::take_up(&tx, job_id).await? else { return Ok(None) };
    tx.commit().await?;

    let params: Params = serde_json::from_value(job.params.clone()).map_err(zg_base::Error::from)?;
    let mut course = Course { app: app.clone(), actor, job, params, at };
    let attempt = course.at.attempt;
    let end = match course.run::<I>().await {
        Ok(end) => end,
        Err(Error::Base(error)) => return Err(Error::Base(error)),
        Err(error) => {
            let fault = RowError { row: 0, column: None, code: "file".to_owned(), message: error.to_string(), value: None };
            // What is wrong with the shop can be mended; a file that is wrong stays so.
            let staged = if matches!(error, Error::Module(_)) { Staged::Keep } else { Staged::Forget };
            End::Over(Ending { state: State::Failed, result: json!({ "reason": error.to_string() }), fault: Some(fault), staged })
        }
    };
    match end {
        End::Pictures => return Ok(Some(attempt)),
        End::Left => {}
        End::Over(ending) => end_job::<I>(app, &course.at, ending).await?,
    }
    Ok(None)
}

/// How the work on rows ends.
enum End {
    /// Nothing is left to be done now.
    Over(Ending),
    /// Pictures are to be brought.
    Pictures,
    /// It was cancelled, or somebody else goes on with it.
    Left,
}

/// What becomes of what a job staged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Staged {
    Keep,
    Forget,
}

/// How a job ends.
pub(crate) struct Ending {
    state: State,
    result: Value,
    /// What is wrong with the whole file.
    fault: Option<RowError>,
    staged: Staged,
}

impl Ending {
    /// Nothing is left to be done.
    pub(crate) fn of(state: State, at: &import_course::Model) -> Self {
        Self { state, result: course::result(at), fault: None, staged: Staged::Forget }
    }
}

/// Ends a job, unless somebody else took it up.
pub(crate) async fn end_job<I: Importer>(app: &App, at: &import_course::Model, ending: Ending) -> Result<(), Error> {
    let Ending { state, result, fault, staged } = ending;
    let tx = app.begin(&actor::<I>()).await?;
    if !job::finish(&tx, at.job_id, state, Some(result.clone())).await? || !course::hold(&tx, at).await? {
        tx.rollback().await?;
        return Ok(());
    }
    job::errors(&tx, at.job_id, fault.as_slice()).await?;
    if staged == Staged::Forget {
        course::clear(&tx, at.job_id).await?;
    }
    tx.audit("import.finish", "job", at.job_id, None, Some(json!({ "kind": I::KIND, "state": state.as_str(), "result": result }))).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a job whose last attempt failed: nobody waits for it any longer. What it staged
/// stays, so that it can be resumed.
pub(crate) async fn give_up<I: Importer>(app: &App, job_id: i64, error: &Error) -> Result<(), Error> {
    let tx = app.begin(&actor::<I>()).await?;
    job::finish(&tx, job_id, State::Failed, Some(json!({ "reason": error.to_string() }))).await?;
    tx.commit().await?;
    Ok(())
}

pub(crate) fn actor<I: Importer>() -> Actor {
    Actor::system(I::TASK)
}

struct Course {
    app: App,
    actor: Actor,
    job: job_row::Model,
    params: Params,
    at: import_course::Model,
}

impl Course {
    async fn run<I: Importer>(&mut self) -> Result<End, Error> {
        if Phase::of(&self.at) == Phase::Read && !self.read_file::<I>().await? {
            return Ok(End::Left);
        }
        if Phase::of(&self.at) == Phase::Plan {
            if !self.plan::<I>().await? {
                return Ok(End::Left);
            }
            if self.job.dry_run {
                return Ok(End::Over(Ending::of(State::Done, &self.at)));
            }
            if self.job.all_or_nothing && self.at.failed > 0 {
                self.at.created = 0;
                self.at.updated = 0;
                return Ok(End::Over(Ending::of(State::Failed, &self.at)));
            }
            if !self.enter(Phase::Apply).await? {
                return Ok(End::Left);
            }
        }
        if Phase::of(&self.at) == Phase::Apply {
            if !self.apply::<I>().await? {
                return Ok(End::Left);
            }
            I::finish(&self.app).await?;
            if self.at.pictures == 0 {
                return Ok(End::Over(Ending::of(State::Done, &self.at)));
            }
            if !self.enter(Phase::Pictures).await? {
                return Ok(End::Left);
            }
        }
        Ok(End::Pictures)
    }

    /// The next phase begins.
    async fn enter(&mut self, phase: Phase) -> Result<bool, Error> {
        phase.as_str().clone_into(&mut self.at.phase);
        self.at.after_key = None;
        let tx = self.app.begin(&self.actor).await?;
        self.commit(tx).await
    }

    /// Commits what was done together with how far it came; false, and nothing happened,
    /// if the job was cancelled or taken up by somebody else.
    async fn commit(&self, tx: Tx) -> Result<bool, Error> {
        let go_on = course::write(&tx, &self.at).await?;
        if go_on {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(go_on)
    }

    /// Parses every record that was not yet; the good ones are staged.
    async fn read_file<I: Importer>(&mut self) -> Result<bool, Error> {
        let file_id = self.job.file_id.ok_or(Error::FileMissing)?;
        let stored = file::Entity::find_by_id(file_id).one(self.app.read()).await?.ok_or(Error::FileMissing)?;
        let bytes = self.app.files().get(Visibility::Private, &stored.sha256).await?.to_vec();
        let mut keys = self.keys_before::<I>().await?;
        let (params, from) = (self.params.clone(), self.at.row);
        // The file is parsed beside the event loop; the channel bounds what is in flight.
        let (send, mut receive) = mpsc::channel::<Result<Vec<Row>, Error>>(2);
        let (places_in, places_out) = tokio::sync::oneshot::channel();
        let reader = tokio::task::spawn_blocking(move || read::<I>(bytes, &params, from, places_in, &send));
        let mut layout: Option<Layout> = None;
        let mut places_out = Some(places_out);
        while let Some(chunk) = receive.recv().await {
            let chunk = chunk?;
            if let Some(arriving) = places_out.take() {
                layout = Some(arriving.await.map_err(|_| Error::Empty)?);
            }
            let Some(layout) = &layout else { continue };
            if !self.stage_chunk::<I>(&chunk, layout, &mut keys).await? {
                return Ok(false);
            }
        }
        reader.await.map_err(|error| Error::Broken(error.to_string()))??;
        if self.at.total == 0 {
            return Err(Error::Empty);
        }
        self.enter(Phase::Plan).await
    }

    /// The keys of rows that were staged before the work was broken off.
    async fn keys_before<I: Importer>(&self) -> Result<HashSet<u64>, Error> {
        let mut keys = HashSet::new();
        let mut after = 0;
        loop {
            let rows = import_row::Entity::find()
                .filter(import_row::Column::JobId.eq(self.job.id))
                .filter(import_row::Column::Row.gt(after))
                .order_by(import_row::Column::Row, Order::Asc)
                .limit(PAGE)
                .all(self.app.read())
                .await?;
            let Some(last) = rows.last() else { break };
            after = last.row;
            for row in rows {
                let row: I::Row = serde_json::from_value(row.payload).map_err(zg_base::Error::from)?;
                keys.extend(I::key(&row).as_deref().map(hash));
            }
        }
        Ok(keys)
    }

    async fn stage_chunk<I: Importer>(&mut self, chunk: &[Row], layout: &Layout, keys: &mut HashSet<u64>) -> Result<bool, Error> {
        let mut faults = Faults::default();
        let mut rows = Vec::with_capacity(chunk.len());
        for (number, cells) in chunk {
            self.at.total += 1;
            self.at.row = *number;
            let record = Record::new(*number, cells, &layout.places);
            if let Some((column, code)) = layout.refused(&record, cells) {
                faults.add(*number, column, code, None);
                self.at.failed += 1;
                continue;
            }
            let before = faults.found.len();
            match I::parse(&record, &mut faults) {
                Some(row) if faults.found.len() == before && I::key(&row).is_some_and(|key| !keys.insert(hash(&key))) => {
                    faults.add(*number, "", "duplicate", I::key(&row).as_deref());
                    self.at.failed += 1;
                }
                Some(row) if faults.found.len() == before => rows.push(import_row::ActiveModel {
                    job_id: Set(self.job.id),
                    row: Set(*number),
                    group_key: Set(I::group(&row)),
                    payload: Set(serde_json::to_value(&row).map_err(zg_base::Error::from)?),
                }),
                _ => {
                    self.at.failed += 1;
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
        job::errors(&tx, self.job.id, kept(&faults.found, self.at.failed)).await?;
        self.commit(tx).await
    }

    /// Looks at every staged group beside the database; rows that are refused are no
    /// longer staged.
    async fn plan<I: Importer>(&mut self) -> Result<bool, Error> {
        // When rows are applied, what became of each picture is told; a dry run looks only.
        let sources = if self.job.dry_run { Some(Sources::open(&self.app, &self.params).await?) } else { None };
        while let Some((rows, last)) = self.batch::<I>().await? {
            let mut plan = I::plan(&self.app, &rows).await?;
            self.at.created += i64::try_from(plan.created).unwrap_or_default();
            self.at.updated += i64::try_from(plan.updated).unwrap_or_default();
            let refused: BTreeSet<i64> = plan.errors.iter().map(|error| error.row).collect();
            self.at.failed += i64::try_from(refused.len()).unwrap_or_default();
            if let Some(sources) = &sources {
                for (number, row) in rows.iter().filter(|(number, _)| !refused.contains(number)) {
                    let named: Vec<&String> = I::pictures(row).iter().filter(|source| self.params.has_place_for(source)).collect();
                    let absent = sources.absent(*number, &named).await;
                    self.at.pictures += i64::try_from(named.len()).unwrap_or_default();
                    self.at.pictures_failed += i64::try_from(absent.len()).unwrap_or_default();
                    plan.errors.extend(absent);
                }
            }
            self.at.after_key = Some(last);
            // A power cut may undo this: then it is planned again.
            let tx = self.app.begin_relaxed(&self.actor).await?;
            if !refused.is_empty() {
                import_row::Entity::delete_many()
                    .filter(import_row::Column::JobId.eq(self.job.id))
                    .filter(import_row::Column::Row.is_in(refused))
                    .exec(tx.db())
                    .await?;
            }
            job::errors(&tx, self.job.id, kept(&plan.errors, self.at.failed)).await?;
            if !self.commit(tx).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn apply<I: Importer>(&mut self) -> Result<bool, Error> {
        let mut batches = 0;
        while let Some((rows, last)) = self.batch::<I>().await? {
            let tx = self.app.begin(&self.actor).await?;
            I::apply(&tx, &rows).await?;
            self.at.pictures += self.want::<I>(&tx, &rows).await?;
            self.at.done += i64::try_from(rows.len()).unwrap_or_default();
            self.at.after_key = Some(last);
            // Cancelled: this batch is undone, those before it stay, as the page said.
            if !self.commit(tx).await? {
                return Ok(false);
            }
            self.app.databases().make_room().await;
            batches += 1;
            if RECOUNTED.contains(&batches) {
                self.app.databases().recount().await.map_err(zg_base::Error::from)?;
            }
        }
        Ok(true)
    }

    /// Notes the pictures that applied rows name, as far as there is a place to take them from.
    async fn want<I: Importer>(&self, tx: &Tx, rows: &[(i64, I::Row)]) -> Result<i64, Error> {
        if rows.iter().all(|(_, row)| I::pictures(row).is_empty()) {
            return Ok(0);
        }
        let mut wanted = I::wanted(tx, rows).await?;
        wanted.retain(|one| self.params.has_place_for(&one.source));
        let rows: Vec<import_picture::ActiveModel> = wanted
            .into_iter()
            .map(|one| import_picture::ActiveModel {
                job_id: Set(self.job.id),
                row: Set(one.row),
                source: Set(one.source),
                target: Set(one.target),
                part: Set(one.part),
                attempts: Set(0),
                due_at: Set(tx.now()),
                ..Default::default()
            })
            .collect();
        for part in rows.chunks(STAGE) {
            import_picture::Entity::insert_many(part.to_vec()).exec_without_returning(tx.db()).await?;
        }
        Ok(i64::try_from(rows.len()).unwrap_or_default())
    }

    /// The next staged rows after the last group, with their groups whole.
    async fn batch<I: Importer>(&self) -> Result<Option<(Vec<(i64, I::Row)>, String)>, Error> {
        use import_row::Column;
        let mine = import_row::Entity::find()
            .filter(Column::JobId.eq(self.job.id))
            .order_by(Column::GroupKey, Order::Asc)
            .order_by(Column::Row, Order::Asc);
        let next = match &self.at.after_key {
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
pub(crate) fn kept(errors: &[RowError], failed: i64) -> &[RowError] {
    let failed = usize::try_from(failed).unwrap_or(usize::MAX);
    if failed > FAULTS_KEPT + errors.len() { &[] } else { errors }
}

/// Reads the rows behind row `from` and hands them on.
fn read<I: Importer>(
    bytes: Vec<u8>,
    params: &Params,
    from: i64,
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
        if number <= from || cells.iter().all(String::is_empty) {
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
