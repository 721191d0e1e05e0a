//! `zhanggui backup` and `zhanggui restore`.

use std::path::Path;

use super::{say, tell};
use crate::archive;
use crate::config::Config;
use crate::open::{database, parts};

pub(super) async fn backup(config: &Config, file: &Path) -> anyhow::Result<()> {
    let opened = crate::open::open(config).await?;
    let written = archive::write(&opened.app, file).await?;
    opened.app.databases().clone().close().await?;
    for lost in &written.missing {
        tell(&format!("the file {lost} is recorded and not there; it is left out"));
    }
    tell("Keep the master key with it: what is sealed opens with that key alone.");
    say(&format!("{}: {} rows of {} tables, {} files", file.display(), written.rows, written.tables, written.files))
}

pub(super) async fn restore(config: &Config, file: &Path) -> anyhow::Result<()> {
    // Read through before anything is touched: what is torn is refused whole.
    let checked = archive::check(file).await?;
    let databases = database(config).await?;
    zg_migration::up(&databases.write).await?;
    let opened = parts(config, databases, zg_base::Clock::default())?;
    archive::read(&opened.app, file).await?;
    opened.app.databases().clone().close().await?;
    say(&format!("{} rows of {} tables, {} files", checked.rows, checked.tables, checked.files))
}
