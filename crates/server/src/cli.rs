//! The command line.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use zg_base::Actor;
use zg_domain::Locale;

use crate::compose;
use crate::config::Config;
use crate::open::{database, open};
use crate::serve::{self, Duties};

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
    Admin(Admin),
    /// Print the OpenAPI document.
    Openapi,
    /// Print what the documentation is made of.
    #[command(subcommand, hide = true)]
    Docs(Docs),
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Make an administrator with all rights; the password is read from `--password-file` or typed in.
    Create {
        /// The address to sign in with.
        #[arg(long)]
        email: String,
        /// The name colleagues see.
        #[arg(long)]
        name: String,
        /// A file that holds the password; `-` is standard input.
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
        /// `zh-CN` or `en`.
        #[arg(long, default_value = "zh-CN")]
        locale: String,
    },
}

#[derive(Debug, Subcommand)]
enum Docs {
    /// Who may call what, as Markdown.
    Permissions,
    /// The order's states, as Markdown.
    OrderStates,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Say whether the configuration holds.
    Check,
    /// Print what is in force, without secrets.
    Print,
}

/// Reads the command line and does what it says.
///
/// # Errors
/// What went wrong, for a person to read.
pub fn run() -> anyhow::Result<()> {
    // One crypto provider, chosen before anything asks for it. A second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    if let Command::Openapi = cli.command {
        return say(&serde_json::to_string_pretty(&compose::api().document())?);
    }
    if let Command::Docs(docs) = &cli.command {
        return say(&match docs {
            Docs::Permissions => permissions(),
            Docs::OrderStates => order_states(),
        });
    }
    let config = Config::load(cli.config.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(command(cli.command, &config))
}

async fn command(command: Command, config: &Config) -> anyhow::Result<()> {
    match command {
        Command::Serve { no_worker } => serve::run(config, Duties { web: true, worker: !no_worker, beat: !no_worker }).await,
        Command::Worker => serve::run(config, Duties { web: false, worker: true, beat: false }).await,
        Command::Beat => serve::run(config, Duties { web: false, worker: false, beat: true }).await,
        Command::Migrate { check } => migrate(config, check).await,
        Command::Admin(Admin::Create { email, name, password_file, locale }) => {
            create_admin(config, &email, &name, &password_file, &locale).await
        }
        Command::Config(ConfigCommand::Check) => {
            config.database_url()?;
            config.mail_url()?;
            config.time_zone()?;
            say("the configuration holds")
        }
        Command::Config(ConfigCommand::Print) => say(&config.print()?),
        Command::Openapi | Command::Docs(_) => Ok(()),
    }
}

async fn migrate(config: &Config, check: bool) -> anyhow::Result<()> {
    let databases = database(config).await?;
    let pending = zg_migration::pending(&databases.write).await?;
    if check {
        anyhow::ensure!(pending.is_empty(), "to be done: {}", pending.join(", "));
        return say("the database has its present shape");
    }
    zg_migration::up(&databases.write).await?;
    say(&format!("{} migrations done", pending.len()))
}

async fn create_admin(config: &Config, email: &str, name: &str, file: &std::path::Path, locale: &str) -> anyhow::Result<()> {
    let password = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?
    };
    let locale: Locale = locale.parse().map_err(|_| anyhow::anyhow!("`{locale}` is no language: zh-CN or en"))?;
    let opened = open(config).await?;
    let hash = zg_system::staff::hashed(password.trim_end_matches(['\n', '\r']).to_owned()).await?;
    let tx = opened.app.begin(&Actor::system("command line")).await?;
    let role = zg_system::role::ensure_owner(&tx).await?;
    let person = zg_system::staff::create(&tx, email, name, locale, hash, &[role]).await?;
    tx.commit().await?;
    say(&format!("administrator {} made", person.email))
}

fn permissions() -> String {
    use std::fmt::Write as _;
    let mut out = String::from(
        "# Who may call what\n\nMade by `cargo xtask generate` from the routes' own statements.\n\n| right | operation | API keys |\n|---|---|---|\n",
    );
    let api = compose::api();
    let mut lines: Vec<(String, String, &str)> = api
        .operations()
        .iter()
        .map(|operation| {
            let (who, keys) = match operation.who {
                zg_web::Who::Right { name, keys } => (name.to_owned(), if keys { "yes" } else { "no" }),
                zg_web::Who::Staff => ("(any staff)".to_owned(), "no"),
                zg_web::Who::Shopper => ("(signed-in shopper)".to_owned(), "no"),
                zg_web::Who::Public => ("(anybody)".to_owned(), "no"),
            };
            (who, format!("`{} {}`", operation.method, operation.path), keys)
        })
        .collect();
    lines.sort();
    for (who, operation, keys) in lines {
        let _infallible = writeln!(out, "| {who} | {operation} | {keys} |");
    }
    out.truncate(out.trim_end().len());
    out
}

fn order_states() -> String {
    format!(
        "# Order states\n\nMade by `cargo xtask generate` from the transition table.\n\n{}",
        zg_domain::order::states_markdown().trim_end()
    )
}

/// Prints a line for whoever called.
#[expect(clippy::print_stdout, reason = "this is the command line's answer")]
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    println!("{text}");
    Ok(())
}
