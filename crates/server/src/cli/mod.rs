//! The command line: one file a command.
//!
//! Answers go to standard output, everything else to standard error. The exit
//! status is 0 if all went well, 1 if something did not, 2 if the command was
//! not understood.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::serve::{self, Duties};
use crate::telemetry;

mod admin;
mod backup;
mod configuration;
mod demo;
mod documents;
mod import;
mod migrate;
mod report;
mod verify;

/// The back office of an online shop: server, worker and tools in one program.
#[derive(Debug, Parser)]
#[command(name = "zhanggui", version, propagate_version = true)]
struct Cli {
    /// The configuration file [default: zhanggui.toml in this folder, if there is one].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve storefront, console and API, with a worker and beat beside.
    Serve {
        /// Leave tasks and the clock to other processes.
        #[arg(long)]
        no_worker: bool,
    },
    /// Run tasks only.
    Worker,
    /// Start tasks by the clock only.
    Beat,
    /// Bring the database to its present shape.
    Migrate {
        /// Only say what is to be done; exit status 1 if anything is.
        #[arg(long)]
        check: bool,
    },
    /// People and keys.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Import a CSV or XLSX file, as the console's import page does.
    Import(import::Import),
    /// Figures of the shop.
    #[command(subcommand)]
    Report(report::Report),
    /// Prove that ledgers and balances agree: a line a proof; exit status 1 if one fails.
    Verify(verify::Verify),
    /// Write the whole shop into one file, while it runs: every row and every uploaded file.
    Backup {
        /// The file to be written; it must not be there yet.
        file: PathBuf,
    },
    /// Bring a backup into an empty database, which may be of the other kind.
    Restore {
        /// A file that `backup` wrote.
        file: PathBuf,
    },
    /// Fill an empty shop with goods, people and six weeks of trade.
    Demo(demo::Demo),
    /// Print the OpenAPI document.
    Openapi,
    /// Print what the documentation is made of.
    #[command(subcommand, hide = true)]
    Docs(documents::Docs),
    /// The configuration.
    #[command(subcommand)]
    Config(configuration::ConfigCommand),
}

/// What was asked for makes no sense: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub(crate) String);

/// Reads the command line and does what it says.
///
/// # Errors
/// What went wrong, for a person to read; [`Usage`] if the command was not understood.
pub fn run() -> anyhow::Result<()> {
    // One crypto provider, chosen before anything asks for it. A second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    match &cli.command {
        Command::Openapi => return documents::openapi(),
        Command::Docs(docs) => return documents::print(docs),
        _ => {}
    }
    let mut config = Config::load(cli.config.as_deref())?;
    let lasting = matches!(cli.command, Command::Serve { .. } | Command::Worker | Command::Beat | Command::Config(_));
    if !lasting && config.log.level == "info" {
        // A command speaks for itself.
        "warn".clone_into(&mut config.log.level);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let telemetry = telemetry::start(&config)?;
        let done = command(cli.command, &config).await;
        telemetry.end().await;
        done
    })
}

async fn command(command: Command, config: &Config) -> anyhow::Result<()> {
    match command {
        Command::Serve { no_worker } => serve::run(config, Duties { web: true, worker: !no_worker, beat: !no_worker }).await,
        Command::Worker => serve::run(config, Duties { web: false, worker: true, beat: false }).await,
        Command::Beat => serve::run(config, Duties { web: false, worker: false, beat: true }).await,
        Command::Migrate { check } => migrate::run(config, check).await,
        Command::Admin(admin) => admin::run(config, admin).await,
        Command::Import(import) => import.run(config).await,
        Command::Report(report) => report.run(config).await,
        Command::Verify(verify) => verify.run(config).await,
        Command::Backup { file } => backup::backup(config, &file).await,
        Command::Restore { file } => backup::restore(config, &file).await,
        Command::Demo(demo) => demo.run(config).await,
        Command::Config(command) => configuration::run(config, &command),
        Command::Openapi | Command::Docs(_) => Ok(()),
    }
}

/// Prints a line for whoever called. A reader that has gone, such as `head`, is no fault.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// Tells the person at the terminal how it goes.
pub(crate) fn tell(text: &str) {
    // Nobody to hear it: the work goes on.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
