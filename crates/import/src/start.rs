//! Starting an import: say what each heading means, go.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use axum::extract::State;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zg_base::job::{self, NewJob};
use zg_base::{App, Tx, Visibility};
use zg_db::entity::{file, job as job_row};
use zg_domain::Currency;
use zg_web::{Answer, Committed, Json, Problem, Result, Staff};

use crate::engine::apply_rows;
use crate::importer::Place;
use crate::job::{self as jobs, JobView};
use crate::picture::bring_all;
use crate::upload::{ZIP, look, store_pack};
use crate::{Column, Encoding, Error, FILE_LIMIT, Importer, Run, RunArgs, Sheet};

/// One kind of import that the shop has.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `products`.
    pub name: &'static str,
    pub(crate) columns: &'static [Column],
    task: &'static str,
    /// Do its rows name pictures?
    pictures: bool,
    enqueue: Enqueue,
    execute: Execute,
}

type Pinned<'a, E> = std::pin::Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>>;
type Enqueue = for<'a> fn(&'a Tx, i64) -> Pinned<'a, zg_base::Error>;
type Execute = for<'a> fn(&'a App, i64) -> Pinned<'a, Error>;

impl Kind {
    /// The kind of an importer.
    pub fn of<I: Importer>() -> Self {
        Self {
            name: I::KIND,
            columns: I::COLUMNS,
            task: I::TASK,
            pictures: I::PICTURE_LIMIT > 0,
            enqueue: |tx, job_id| Box::pin(async move { tx.enqueue::<Run<I>>(&RunArgs { job_id }).await }),
            execute: |app, job_id| Box::pin(execute::<I>(app, job_id)),
        }
    }

    /// Stores a file and makes its job, which [`Self::execute`] runs: for the command line.
    ///
    /// # Errors
    /// As an upload and a start would answer.
    pub async fn begin(&self, app: &App, name: &str, bytes: Vec<u8>, options: Options) -> Result<i64, Error> {
        if bytes.len() > FILE_LIMIT {
            return Err(Error::TooLarge);
        }
        let sheet = Sheet::open(bytes.clone())?;
        places(self.columns, &sheet.headings, &options.mapping)?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let sha256 = app.put_file(Visibility::Private, bytes.into()).await?;
        let mut options = options;
        let pack = match options.images.take_if(|path| path.is_file()) {
            Some(path) => Some(store_pack(app, &path).await?),
            None => None,
        };
        let tx = app.begin(&zg_base::Actor::system(self.task)).await?;
        let stored = tx.record_file(Visibility::Private, &sha256, media_type(sheet.encoding), size, name).await?;
        let mut params = Params { mapping: options.mapping, images: options.images, pack: None };
        if let Some(pack) = pack {
            params.pack = Some(tx.record_file(Visibility::Private, &pack.sha256, ZIP, pack.size, &pack.name).await?.id);
        }
        let row = create(&tx, self, stored.id, Way { dry_run: options.dry_run, all_or_nothing: options.all_or_nothing }, params).await?;
        tx.commit().await?;
        Ok(row.id)
    }

    /// Runs a job of this kind to its end, here and now.
    ///
    /// # Errors
    /// [`Error::Base`] if the database failed: the job can be run again.
    pub async fn execute(&self, app: &App, job_id: i64) -> Result<(), Error> {
        (self.execute)(app, job_id).await
    }

    /// The columns it understands.
    pub fn columns(&self) -> &'static [Column] {
        self.columns
    }
}

/// Puts a job, made or opened again, into the queue.
pub(crate) async fn enqueue(tx: &Tx, kind: &Kind, job_id: i64) -> Result<(), zg_base::Error> {
    (kind.enqueue)(tx, job_id).await
}

pub(crate) fn media_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Encoding::Utf8 | Encoding::Utf16 | Encoding::Gbk => "text/csv",
    }
}

static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();

/// Says which imports there are; the server does it when it puts the modules together.
pub fn know(kinds: Vec<Kind>) {
    // A second application in the same process has the same kinds.
    let _ = KINDS.set(kinds);
}

/// The imports there are.
pub fn kinds() -> &'static [Kind] {
    KINDS.get().map_or(&[], Vec::as_slice)
}

pub(crate) fn kind(name: &str) -> Result<&'static Kind, Error> {
    kinds().iter().find(|kind| kind.name == name).ok_or_else(|| Error::KindUnknown(name.to_owned()))
}

/// What an import job is told: kept with the job.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Params {
    /// Column → heading, where the name alone does not tell.
    pub(crate) mapping: BTreeMap<String, String>,
    /// Where the files lie that the rows name.
    #[serde(default)]
    pub(crate) images: Option<PathBuf>,
    /// The zip of the files that the rows name: a row of `file`.
    #[serde(default)]
    pub(crate) pack: Option<i64>,
}

/// How an import is to be done.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only say what would happen.
    pub dry_run: bool,
    /// One bad row applies none.
    pub all_or_nothing: bool,
    /// Column → heading, where the name alone does not tell.
    pub mapping: BTreeMap<String, String>,
    /// The folder of this machine where the pictures lie that the rows name, or a zip of them.
    /// Only the command line can say one; without it names are passed over.
    pub images: Option<PathBuf>,
}

/// A kind of import and its columns.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportKind {
    kind: String,
    columns: Vec<ImportColumn>,
    /// Its rows name pictures: a zip of them may come with the file.
    pictures: bool,
}

/// A column an import understands.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportColumn {
    name: String,
    required: bool,
    /// An amount: a heading that ends in a currency, `price_usd`, names it.
    money: bool,
}

/// The imports there are and the columns they understand.
#[utoipa::path(get, path = "/admin/imports/kinds", responses((status = 200, body = Vec<ImportKind>)))]
pub(crate) async fn kinds_handler() -> Answer<Vec<ImportKind>> {
    let view = |kind: &Kind| ImportKind {
        kind: kind.name.to_owned(),
        pictures: kind.pictures,
        columns: kind
            .columns
            .iter()
            .map(|column| ImportColumn { name: column.name.to_owned(), required: column.required, money: column.money })
            .collect(),
    };
    Answer::ok(kinds().iter().map(view).collect())
}

/// An import to be started.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartImport {
    /// What to import: `products`, `categories`, `customers`, `orders`.
    kind: String,
    /// From the upload.
    file_id: i64,
    /// Column → heading, where the name alone does not tell.
    #[serde(default)]
    mapping: BTreeMap<String, String>,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
    /// One bad row applies none.
    #[serde(default)]
    all_or_nothing: bool,
    /// The zip of the pictures that rows name, from its upload.
    #[serde(default)]
    pictures_file_id: Option<i64>,
}

/// Starts an import in the background.
#[utoipa::path(post, path = "/admin/imports", request_body = StartImport, responses((status = 202, body = JobView)))]
pub(crate) async fn start(State(app): State<App>, staff: Staff, Json(asked): Json<StartImport>) -> Result<Committed<JobView>> {
    let kind = kind(&asked.kind)?;
    let stored = file::Entity::find_by_id(asked.file_id).one(app.read()).await?.ok_or(Error::FileMissing)?;
    let bytes = app.files().get(Visibility::Private, &stored.sha256).await?.to_vec();
    let looked = tokio::task::spawn_blocking(move || look(bytes)).await.map_err(|_| Problem::unavailable("busy"))??;
    places(kind.columns, &looked.headings, &asked.mapping)?;
    if let Some(id) = asked.pictures_file_id {
        if !kind.pictures {
            return Err(Error::PicturesUnwanted.into());
        }
        file::Entity::find_by_id(id).one(app.read()).await?.filter(|row| row.media_type == ZIP).ok_or(Error::PackMissing)?;
    }
    let params = Params { mapping: asked.mapping, images: None, pack: asked.pictures_file_id };
    let tx = app.begin(&staff.actor).await?;
    let row = create(&tx, kind, asked.file_id, Way { dry_run: asked.dry_run, all_or_nothing: asked.all_or_nothing }, params).await?;
    (kind.enqueue)(&tx, row.id).await?;
    let location = format!("/admin/jobs/{}", row.id);
    let view = jobs::view(tx.db(), row, tx.now()).await?;
    Committed::accepted(tx, view, &location).await
}

/// How rows are applied.
struct Way {
    dry_run: bool,
    all_or_nothing: bool,
}

async fn create(tx: &Tx, kind: &Kind, file_id: i64, options: Way, params: Params) -> Result<job_row::Model, Error> {
    let params = serde_json::to_value(params).map_err(zg_base::Error::from)?;
    let new = NewJob {
        kind: &format!("import.{}", kind.name),
        dry_run: options.dry_run,
        all_or_nothing: options.all_or_nothing,
        file_id: Some(file_id),
        params,
    };
    let row = job::create(tx, new).await?;
    tx.audit("import.start", "job", row.id, None, Some(json!({ "kind": kind.name, "file": file_id, "dry_run": options.dry_run }))).await?;
    Ok(row)
}

/// [`Kind::begin`] for an importer known by its type.
///
/// # Errors
/// As [`Kind::begin`].
pub async fn start_from_bytes<I: Importer>(app: &App, name: &str, bytes: Vec<u8>, options: Options) -> Result<i64, Error> {
    Kind::of::<I>().begin(app, name, bytes, options).await
}

/// Runs an import job to its end, here and now. What is wrong with the file ends the job
/// as failed; only a failing database is an error here.
///
/// # Errors
/// [`Error::Base`] if the database failed: the job can be run again.
pub async fn execute<I: Importer>(app: &App, job_id: i64) -> Result<(), Error> {
    match apply_rows::<I>(app, job_id).await? {
        Some(attempt) => bring_all::<I>(app, job_id, attempt).await,
        None => Ok(()),
    }
}

/// Where each column stands: by the mapping, else by name.
pub(crate) fn places(columns: &'static [Column], headings: &[String], mapping: &BTreeMap<String, String>) -> Result<Vec<Place>, Error> {
    let mut places = Vec::new();
    let mut missing = Vec::new();
    for column in columns {
        let found = match mapping.get(column.name) {
            Some(heading) if heading.is_empty() => None,
            Some(heading) => {
                let index = headings.iter().position(|known| known == heading).ok_or_else(|| Error::ColumnUnknown(heading.clone()))?;
                Some((index, if column.money { currency_of(heading) } else { None }))
            }
            None => recognise(column, headings),
        };
        match found {
            Some((index, currency)) => places.push(Place { column: column.name, index, currency }),
            None if column.required => missing.push(column.name.to_owned()),
            None => {}
        }
    }
    if missing.is_empty() { Ok(places) } else { Err(Error::ColumnsMissing(missing)) }
}

pub(crate) fn suggest(columns: &'static [Column], headings: &[String]) -> BTreeMap<String, String> {
    columns
        .iter()
        .filter_map(|column| {
            let (index, _) = recognise(column, headings)?;
            Some((column.name.to_owned(), headings.get(index)?.clone()))
        })
        .collect()
}

/// A heading is a column's if it is its name or one of its other names, in any
/// case, with spaces or underscores; an amount's may end in a currency.
fn recognise(column: &Column, headings: &[String]) -> Option<(usize, Option<Currency>)> {
    headings.iter().enumerate().find_map(|(index, heading)| {
        let plain = plain(heading);
        let named = |text: &str| text == column.name || column.also.contains(&text);
        if named(&plain) {
            return Some((index, None));
        }
        let currency = currency_of(heading).filter(|_| column.money)?;
        let (stem, _) = plain.rsplit_once('_')?;
        named(stem).then_some((index, Some(currency)))
    })
}

fn plain(heading: &str) -> String {
    heading.trim().to_lowercase().replace([' ', '-'], "_")
}

fn currency_of(heading: &str) -> Option<Currency> {
    let plain = plain(heading);
    let (_, code) = plain.rsplit_once('_')?;
    code.to_uppercase().parse().ok()
}
