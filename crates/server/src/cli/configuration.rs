//! `zhanggui config`.

use clap::Subcommand;

use super::say;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the configuration holds.
    Check,
    /// Print what is in force, without secrets.
    Print,
}

pub(super) fn run(config: &Config, command: &ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check => {
            config.check()?;
            say("the configuration holds")
        }
        ConfigCommand::Print => say(config.print()?.trim_end()),
    }
}
