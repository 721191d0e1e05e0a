//! A whole shop in one file, neutral of the database (P17).
//!
//! The file is gzip over lines of JSON: a head that says which shape of the database
//! it holds, for each table its name and then its rows, for each uploaded file its
//! hash and then its bytes, and an end with counts and the SHA-256 of every line
//! before it. Nothing is ever held whole in memory but one uploaded file.
//!
//! It is written from one snapshot while the shop runs, and read in one transaction:
//! what is torn, changed, or of another version leaves nothing behind.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use zg_base::secrets::sha256_hex;
use zg_base::{App, Visibility};
use zg_db::dump::{self, Row};
use zg_db::entity::file;

/// The format.
const VERSION: u32 = 1;
/// Bytes of an uploaded file on a line.
const CHUNK: usize = 96 * 1024;
/// Rows put into a table at once.
const BATCH: usize = 500;
/// Bytes put into a table at once, give or take a row.
const BATCH_BYTES: usize = 1024 * 1024;
/// Lines on their way between a disk and a database.
const LINES: usize = 64;
/// The longest line that is read: a row with the longest texts a shop may hold.
const LONGEST: u64 = 64 * 1024 * 1024;
/// Tables that hold something once a shop is in use.
const USED: [&str; 6] = ["staff", "customer", "product", "orders", "audit_entry", "api_key"];

/// What an archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Tables.
    pub tables: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Uploaded files.
    pub files: u64,
    /// Files that are recorded and were not there.
    #[serde(default)]
    pub missing: Vec<String>,
}

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first.
    Head { format: u32, made_by: String, made_at: String, shape: Vec<String> },
    /// Rows of this table follow.
    Table(String),
    /// A row.
    Row(Row),
    /// Bytes of this file follow.
    File { visibility: String, sha256: String, size: u64 },
    /// Bytes, in base64.
    Bytes(String),
    /// The last.
    End { counts: Counts, sha256: String },
}

/// Writes the shop into a file that is not there yet.
///
/// # Errors
/// If the database, the file store or the disk fails; then there is no file.
pub async fn write(app: &App, path: &Path) -> anyhow::Result<Counts> {
    ensure!(!path.exists(), "{} is there already", path.display());
    let part = PathBuf::from(format!("{}.part", path.display()));
    let file = File::create(&part).with_context(|| format!("{} can't be written", part.display()))?;
    let (send, receive) = mpsc::channel(LINES);
    let disk = tokio::task::spawn_blocking(move || to_disk(file, receive));
    let told = tell(app, send).await;
    let written = disk.await.context("writing was broken off")?;
    let done = told.and_then(|counts| written.map(|()| counts)).and_then(|counts| {
        std::fs::rename(&part, path).with_context(|| format!("{} can't be written", path.display()))?;
        Ok(counts)
    });
    if done.is_err() {
        // What was begun is of no use to anybody.
        let _ = std::fs::remove_file(&part);
    }
    done
}

fn to_disk(file: File, mut lines: mpsc::Receiver<String>) -> anyhow::Result<()> {
    let mut gzip = GzEncoder::new(BufWriter::new(file), Compression::default());
    while let Some(line) = lines.blocking_recv() {
        gzip.write_all(line.as_bytes())?;
    }
    let mut buffer = gzip.finish()?;
    buffer.flush()?;
    buffer.get_ref().sync_all()?;
    Ok(())
}

/// The lines of an archive, in order, and their digest.
struct Teller {
    lines: mpsc::Sender<String>,
    digest: Sha256,
}

impl Teller {
    async fn say(&mut self, line: &Line) -> anyhow::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.digest.update(text.as_bytes());
        self.lines.send(text).await.context("the disk takes no more")
    }
}

async fn tell(app: &App, lines: mpsc::Sender<String>) -> anyhow::Result<Counts> {
    let snapshot = app.databases().snapshot().await?;
    let mut teller = Teller { lines, digest: Sha256::new() };
    let mut counts = Counts::default();
    teller
        .say(&Line::Head {
            format: VERSION,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: app.now().to_rfc3339(),
            shape: zg_migration::names(),
        })
        .await?;
    for table in dump::tables(&snapshot).await? {
        counts.tables += 1;
        teller.say(&Line::Table(table.name.clone())).await?;
        let mut rows = std::pin::pin!(dump::rows(&snapshot, &table).await?);
        while let Some(row) = rows.try_next().await? {
            counts.rows += 1;
            teller.say(&Line::Row(row)).await?;
        }
    }
    let mut after = 0;
    loop {
        let page = file::Entity::find()
            .filter(file::Column::Id.gt(after))
            .order_by(file::Column::Id, Order::Asc)
            .limit(500)
            .all(&snapshot)
            .await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for row in page {
            match app.files().get(visibility(&row.visibility)?, &row.sha256).await {
                Ok(bytes) => {
                    counts.files += 1;
                    let size = bytes.len().try_into()?;
                    teller.say(&Line::File { visibility: row.visibility, sha256: row.sha256, size }).await?;
                    for chunk in bytes.chunks(CHUNK) {
                        teller.say(&Line::Bytes(STANDARD.encode(chunk))).await?;
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, sha256 = row.sha256, "a file is not there");
                    counts.missing.push(row.sha256);
                }
            }
        }
    }
    snapshot.rollback().await?;
    let sha256 = hex::encode(teller.digest.clone().finalize());
    let end = Line::End { counts: counts.clone(), sha256 };
    teller.say(&end).await?;
    Ok(counts)
}

fn visibility(text: &str) -> anyhow::Result<Visibility> {
    [Visibility::Public, Visibility::Private].into_iter().find(|one| one.as_str() == text).context("a file is neither public nor private")
}

/// Reads an archive through, touching nothing: is it whole, and of this version?
///
/// # Errors
/// What is wrong with it, for a person to read.
pub async fn check(path: &Path) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    let mut file: Option<Upload> = None;
    let mut lines = lines(path)?;
    while let Some(line) = lines.next().await? {
        match line {
            Line::Head { .. } => {}
            Line::Table(_) => counts.tables += 1,
            Line::Row(_) => counts.rows += 1,
            Line::File { visibility, sha256, size } => {
                Upload::close(file.take())?;
                counts.files += 1;
                file = Some(Upload::of(&visibility, sha256, size)?);
            }
            Line::Bytes(text) => file.as_mut().context("the backup is damaged: bytes of no file")?.add(&text)?,
            Line::End { counts: said, .. } => {
                Upload::close(file.take())?;
                counts.missing.clone_from(&said.missing);
                ensure!(counts == said, "the backup is damaged: its counts are not as it says");
            }
        }
    }
    Ok(counts)
}

/// Brings an archive that [`check`] found whole into an empty database that has its
/// shape, and makes the search index anew.
///
/// # Errors
/// If the database is in use, or fails: then nothing was done to it.
pub async fn read(app: &App, path: &Path) -> anyhow::Result<()> {
    let tables = dump::tables(app.read()).await?;
    for name in USED {
        let used = dump::holds_rows(app.read(), name).await?;
        ensure!(!used, "this database is in use (`{name}` has rows); restore into an empty one");
    }
    let tables: BTreeMap<&str, &dump::Table> = tables.iter().map(|table| (table.name.as_str(), table)).collect();
    let tx = app.databases().begin().await?;
    let all: Vec<dump::Table> = tables.values().map(|table| (*table).clone()).collect();
    dump::begin(&tx, &all).await?;
    let mut into: Option<&dump::Table> = None;
    let (mut batch, mut bytes) = (Vec::new(), 0);
    let mut file: Option<Upload> = None;
    let mut lines = lines(path)?;
    while let Some(line) = lines.next().await? {
        if let (Some(table), true) = (into, bytes > BATCH_BYTES || batch.len() >= BATCH || !matches!(line, Line::Row(_))) {
            dump::insert(&tx, table, std::mem::take(&mut batch)).await.with_context(|| format!("rows of {}", table.name))?;
            bytes = 0;
        }
        match line {
            Line::Head { .. } => {}
            Line::Table(name) => {
                let found =
                    tables.get(name.as_str()).with_context(|| format!("the backup holds a table `{name}` that this version has not"))?;
                into = Some(found);
            }
            Line::Row(row) => {
                bytes += row.values().map(weight).sum::<usize>();
                batch.push(row);
            }
            Line::File { visibility, sha256, size } => {
                into = None;
                Upload::store(file.take(), app).await?;
                file = Some(Upload::of(&visibility, sha256, size)?);
            }
            Line::Bytes(text) => file.as_mut().context("the backup is damaged: bytes of no file")?.add(&text)?,
            Line::End { .. } => Upload::store(file.take(), app).await?,
        }
    }
    dump::finish(&tx).await?;
    tx.commit().await?;
    zg_catalog::reindex(app).await.context("everything is there, but the search index was not made")?;
    Ok(())
}

fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(_) | Value::Object(_) => 256,
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

/// An uploaded file that comes in pieces.
struct Upload {
    visibility: Visibility,
    sha256: String,
    size: u64,
    bytes: Vec<u8>,
}

impl Upload {
    fn of(name: &str, sha256: String, size: u64) -> anyhow::Result<Self> {
        Ok(Self { visibility: visibility(name)?, sha256, size, bytes: Vec::new() })
    }

    fn add(&mut self, text: &str) -> anyhow::Result<()> {
        self.bytes.extend(STANDARD.decode(text).context("the backup is damaged: bytes that are none")?);
        ensure!(u64::try_from(self.bytes.len())? <= self.size, "the backup is damaged: a file is longer than it says");
        Ok(())
    }

    fn close(file: Option<Self>) -> anyhow::Result<Option<Self>> {
        if let Some(file) = &file {
            ensure!(sha256_hex(&file.bytes) == file.sha256, "the backup is damaged: the file {} is not what it was", file.sha256);
        }
        Ok(file)
    }

    async fn store(file: Option<Self>, app: &App) -> anyhow::Result<()> {
        if let Some(file) = Self::close(file)? {
            app.files().put(file.visibility, file.bytes.into()).await?;
        }
        Ok(())
    }
}

/// The lines of an archive, read beside the event loop.
struct Lines {
    receive: mpsc::Receiver<anyhow::Result<Line>>,
}

impl Lines {
    async fn next(&mut self) -> anyhow::Result<Option<Line>> {
        self.receive.recv().await.transpose()
    }
}

fn lines(path: &Path) -> anyhow::Result<Lines> {
    let file = File::open(path).with_context(|| format!("{} can't be read", path.display()))?;
    let (send, receive) = mpsc::channel(LINES);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = from_disk(file, &send) {
            // Nobody to hear it has given up already.
            let _ = send.blocking_send(Err(error));
        }
    });
    Ok(Lines { receive })
}

fn from_disk(file: File, send: &mpsc::Sender<anyhow::Result<Line>>) -> anyhow::Result<()> {
    let mut reader = BufReader::new(GzDecoder::new(BufReader::new(file)));
    let mut digest = Sha256::new();
    let (mut text, mut first) = (String::new(), true);
    loop {
        text.clear();
        let damaged = "the backup is damaged, or no backup at all";
        if (&mut reader).take(LONGEST).read_line(&mut text).context(damaged)? == 0 {
            bail!("the backup is cut short: its end is missing");
        }
        let line: Line = serde_json::from_str(&text).context(damaged)?;
        match &line {
            Line::Head { format, made_by, shape, .. } => {
                ensure!(first && *format == VERSION, "the backup is of a format that this version does not know");
                ensure!(
                    *shape == zg_migration::names(),
                    "the backup was made by version {made_by}, whose database has another shape; restore it with that version, then let this one migrate it"
                );
            }
            Line::End { sha256, .. } => {
                ensure!(hex::encode(digest.finalize()) == *sha256, "the backup is damaged: it is not what was written");
                let rest = reader.read(&mut [0; 1]).context(damaged)?;
                ensure!(rest == 0, "the backup is damaged: there is more after its end");
                let _ = send.blocking_send(Ok(line));
                return Ok(());
            }
            _ => ensure!(!first, "the file is no backup"),
        }
        first = false;
        digest.update(text.as_bytes());
        if send.blocking_send(Ok(line)).is_err() {
            return Ok(());
        }
    }
}
