//! `zhanggui import`: the console's import, run here and now.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use zg_base::App;
use zg_db::entity::{job, job_error};
use zg_import::{Kind, Options};

use super::{Usage, say, tell};
use crate::compose;
use crate::config::Config;
use crate::open::open;

/// Faults printed; `--errors` writes all that were kept.
const PRINTED: u64 = 50;
/// Faults read at a time.
const PAGE: u64 = 1000;

#[derive(Debug, Args)]
pub(super) struct Import {
    /// `products`, `categories`, `customers` or `orders`.
    kind: String,
    /// CSV (UTF-8, UTF-16 or GBK) or XLSX.
    file: PathBuf,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// One bad row applies none.
    #[arg(long)]
    all_or_nothing: bool,
    /// Which heading a column stands under, where the name alone does not tell.
    #[arg(long, value_name = "COLUMN=HEADING", value_parser = mapping)]
    map: Vec<(String, String)>,
    /// The folder, or the zip, where the pictures lie that the rows name.
    #[arg(long, value_name = "FOLDER|ZIP")]
    images: Option<PathBuf>,
    /// Write the faults into a file, as CSV.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

fn mapping(text: &str) -> Result<(String, String), String> {
    let (column, heading) = text.split_once('=').ok_or("an example is `--map name_en=Title`")?;
    Ok((column.trim().to_owned(), heading.trim().to_owned()))
}

impl Import {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let kinds = compose::imports();
        let Some(kind) = kinds.iter().find(|kind| kind.name == self.kind) else {
            let known: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
            return Err(Usage(format!("there is no import of `{}`; there are: {}", self.kind, known.join(", "))).into());
        };
        if let Some((column, _)) = self.map.iter().find(|(name, _)| !kind.columns().iter().any(|column| column.name == *name)) {
            let known: Vec<&str> = kind.columns().iter().map(|column| column.name).collect();
            return Err(Usage(format!("`{}` has no column `{column}`; there are: {}", self.kind, known.join(", "))).into());
        }
        let bytes = std::fs::read(&self.file).with_context(|| format!("{} can't be read", self.file.display()))?;
        let opened = open(config).await?;
        let options = Options {
            dry_run: self.dry_run,
            all_or_nothing: self.all_or_nothing,
            mapping: self.map.iter().cloned().collect::<BTreeMap<_, _>>(),
            images: self.images.clone(),
        };
        let ended = load(&opened.app, kind, &self.file, bytes, options, Progress::Terminal).await?;
        print_faults(&opened.app, &ended, self.errors.as_deref()).await?;
        opened.app.databases().clone().close().await?;
        self.conclude(&ended)
    }

    fn conclude(&self, ended: &job::Model) -> anyhow::Result<()> {
        let number =
            |name: &str| ended.result.as_ref().and_then(|result| result.get(name)).and_then(serde_json::Value::as_i64).unwrap_or(0);
        let (made, changed) = (number("created"), number("updated"));
        let would = if self.dry_run { " (dry run: nothing was changed)" } else { "" };
        say(&format!("{}: {} rows, {made} created, {changed} updated, {} failed{would}", self.kind, ended.total, ended.failed))?;
        let pictures = |name: &str| ended.result.as_ref().and_then(|result| result.get("pictures")?.get(name)?.as_i64()).unwrap_or(0);
        let missing = pictures("failed");
        if pictures("total") > 0 && !self.dry_run {
            say(&format!("pictures: {} brought, {missing} not", pictures("done")))?;
        }
        if ended.state == zg_base::job::State::Failed.as_str() {
            let reason = ended.result.as_ref().and_then(|result| result.get("reason")).and_then(serde_json::Value::as_str);
            anyhow::bail!("nothing was imported: {}", reason.unwrap_or("rows failed, and all or nothing was asked for"));
        }
        anyhow::ensure!(ended.failed == 0, "{} of {} rows failed", ended.failed, ended.total);
        anyhow::ensure!(missing == 0, "{missing} of {} pictures are missing", pictures("total"));
        Ok(())
    }
}

/// Who watches an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// A line on standard error, written over and over.
    Terminal,
    /// Nobody.
    Silent,
}

/// Runs an import to its end.
pub(super) async fn load(
    app: &App,
    kind: &Kind,
    file: &Path,
    bytes: Vec<u8>,
    options: Options,
    progress: Progress,
) -> anyhow::Result<job::Model> {
    let name = file.file_name().map_or_else(|| "import".into(), |name| name.to_string_lossy().into_owned());
    let id = kind.begin(app, &name, bytes, options).await.with_context(|| file.display().to_string())?;
    let running = kind.execute(app, id);
    let watching = async {
        let mut tick = tokio::time::interval(Duration::from_millis(500));
        loop {
            tick.tick().await;
            if let Ok(Some(job)) = job::Entity::find_by_id(id).one(app.read()).await
                && progress == Progress::Terminal
                && job.total > 0
            {
                show(&format!("\r{} rows read, {} applied, {} failed ", job.total, job.done, job.failed));
            }
        }
    };
    tokio::select! {
        done = running => done?,
        () = watching => {}
    }
    if progress == Progress::Terminal {
        show("\r\u{1b}[K");
    }
    job::Entity::find_by_id(id).one(app.read()).await?.context("the import's job is gone")
}

/// Progress is for people; a log file is spared it.
fn show(text: &str) {
    let mut err = std::io::stderr();
    if std::io::IsTerminal::is_terminal(&err) {
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }
}

async fn print_faults(app: &App, job: &job::Model, file: Option<&Path>) -> anyhow::Result<()> {
    let mut writer = match file {
        Some(path) => Some(csv::Writer::from_path(path).with_context(|| format!("{} can't be written", path.display()))?),
        None => None,
    };
    if let Some(writer) = &mut writer {
        writer.write_record(["row", "column", "code", "message", "value"])?;
    }
    let (mut after, mut printed) = (0, 0);
    loop {
        let faults = job_error::Entity::find()
            .filter(job_error::Column::JobId.eq(job.id))
            .filter(job_error::Column::Id.gt(after))
            .order_by(job_error::Column::Id, Order::Asc)
            .limit(PAGE)
            .all(app.read())
            .await?;
        let Some(last) = faults.last() else { break };
        after = last.id;
        for fault in &faults {
            let column = fault.column.as_deref().unwrap_or_default();
            if printed < PRINTED {
                tell(&format!("row {}{}{column}: {}", fault.row, if column.is_empty() { "" } else { ", " }, fault.message));
            }
            printed += 1;
            if let Some(writer) = &mut writer {
                let value = fault.value.as_deref().unwrap_or_default();
                writer.write_record([&fault.row.to_string(), column, &fault.code, &fault.message, &inert(value)])?;
            }
        }
    }
    if printed > PRINTED {
        tell(&format!("… and {} more{}", printed - PRINTED, if file.is_some() { "" } else { "; `--errors FILE` writes them all" }));
    }
    if let Some(mut writer) = writer {
        writer.flush()?;
    }
    Ok(())
}

/// A spreadsheet computes what begins like this; a quote before it keeps it a text.
fn inert(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value.to_owned() }
}
