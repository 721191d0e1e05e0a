//! `zhanggui migrate`.

use super::say;
use crate::config::Config;
use crate::open::database;

pub(super) async fn run(config: &Config, check: bool) -> anyhow::Result<()> {
    let databases = database(config).await?;
    let pending = zg_migration::pending(&databases.write).await?;
    if check {
        anyhow::ensure!(pending.is_empty(), "to be done: {}; run `zhanggui migrate`", pending.join(", "));
        return say("the database has its present shape");
    }
    zg_migration::up(&databases.write).await?;
    databases.close().await?;
    say(&format!("{} migrations done", pending.len()))
}
