//! `zhanggui admin`: people and keys.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, Subcommand};
use zg_base::Actor;
use zg_domain::Locale;

use super::{Usage, say, tell};
use crate::compose;
use crate::config::Config;
use crate::open::open;

/// A password is no longer than this.
const PASSWORD_BYTES: u64 = 4096;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make an administrator with all rights; without `--password-file` the password is typed in.
    Create(Create),
    /// Make an API key and print it, once.
    ApiKey(ApiKey),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The address to sign in with.
    #[arg(long)]
    email: String,
    /// The name colleagues see.
    #[arg(long)]
    name: String,
    /// A file that holds the password; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// `zh-CN` or `en`.
    #[arg(long, default_value = "zh-CN", value_parser = locale)]
    locale: Locale,
}

#[derive(Debug, Args)]
pub(super) struct ApiKey {
    /// Names of rights, with commas: `orders.read,orders.write`.
    #[arg(long, required = true, value_delimiter = ',', value_name = "RIGHTS")]
    scopes: Vec<String>,
    /// What it is for.
    #[arg(long, default_value = "command line")]
    name: String,
    /// Until when it opens: a day, `2027-01-31`, to its end in the shop's time zone, or an instant,
    /// `2027-01-31T12:00:00Z`; for ever if absent.
    #[arg(long, value_name = "WHEN", value_parser = Expiry::parse)]
    expires: Option<Expiry>,
}

fn locale(text: &str) -> Result<Locale, String> {
    text.parse().map_err(|_| "there are `zh-CN` and `en`".to_owned())
}

/// When a key expires, as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    EndOf(NaiveDate),
    At(DateTime<Utc>),
}

impl Expiry {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(day) = text.parse() {
            return Ok(Self::EndOf(day));
        }
        DateTime::parse_from_rfc3339(text)
            .map(|at| Self::At(at.to_utc()))
            .map_err(|_| "examples are `2027-01-31` and `2027-01-31T12:00:00Z`".to_owned())
    }

    fn instant(self, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(at),
            Self::EndOf(day) => Some(day.succ_opt()?.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest()?.to_utc()),
        }
    }
}

pub(super) async fn run(config: &Config, admin: Admin) -> anyhow::Result<()> {
    match admin {
        Admin::Create(create) => create.run(config).await,
        Admin::ApiKey(key) => key.run(config).await,
    }
}

impl Create {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let password = match &self.password_file {
            Some(file) => password_from(file)?,
            None => tokio::task::spawn_blocking(typed_password).await??,
        };
        let hash = zg_system::password::hashed(password).await?;
        let opened = open(config).await?;
        let tx = opened.app.begin(&Actor::system("command line")).await?;
        let role = zg_system::role::ensure_owner(&tx).await?;
        let person = zg_system::staff::create(&tx, &self.email, &self.name, self.locale, hash, &[role]).await?;
        tx.commit().await?;
        opened.app.databases().clone().close().await?;
        say(&format!("administrator {} made", person.email))
    }
}

fn password_from(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().take(PASSWORD_BYTES).read_to_string(&mut text)?;
    } else {
        let file = std::fs::File::open(file).with_context(|| format!("{} can't be read", file.display()))?;
        file.take(PASSWORD_BYTES).read_to_string(&mut text)?;
    }
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// Asked twice at the terminal, without showing it.
fn typed_password() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        return Err(
            Usage("there is no terminal to type a password at; give `--password-file FILE`, or `-` for standard input".to_owned()).into()
        );
    }
    let first = rpassword::prompt_password("Password: ")?;
    let second = rpassword::prompt_password("Once more: ")?;
    anyhow::ensure!(first == second, "the two are not the same");
    Ok(first)
}

impl ApiKey {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let scopes: Vec<String> = self.scopes.iter().map(|scope| scope.trim().to_owned()).filter(|scope| !scope.is_empty()).collect();
        let rights = compose::api().rights();
        zg_system::api_key::check_scopes(&scopes).map_err(|error| {
            let unknown = scopes.iter().find(|scope| !rights.contains(&scope.as_str()));
            let near = unknown.and_then(|scope| rights.iter().min_by_key(|name| strsim::damerau_levenshtein(name, scope)));
            Usage(near.map_or_else(|| error.to_string(), |near| format!("{error}; did you mean `{near}`?")))
        })?;
        if scopes.is_empty() {
            return Err(Usage("name at least one right; `zhanggui docs permissions` lists them".to_owned()).into());
        }
        let opened = open(config).await?;
        let expires = match self.expires {
            Some(expiry) => Some(expiry.instant(config.time_zone()?).context("that day does not end in the shop's time zone")?),
            None => None,
        };
        if expires.is_some_and(|at| at <= opened.app.now()) {
            return Err(Usage("`--expires` has passed already".to_owned()).into());
        }
        let tx = opened.app.begin(&Actor::system("command line")).await?;
        let (_, key) = zg_base::api_key::create(&tx, self.name.trim(), &scopes, expires).await?;
        tx.commit().await?;
        opened.app.databases().clone().close().await?;
        tell("This is shown once; what is stored is a hash.");
        say(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b4_a_key_lasts_to_the_end_of_the_shops_day() {
        let expiry = Expiry::parse("2027-01-31").unwrap();
        assert_eq!(expiry.instant(chrono_tz::Asia::Shanghai).unwrap().to_rfc3339(), "2027-01-31T16:00:00+00:00");
        let expiry = Expiry::parse("2027-01-31T12:00:00+08:00").unwrap();
        assert_eq!(expiry.instant(chrono_tz::UTC).unwrap().to_rfc3339(), "2027-01-31T04:00:00+00:00");
        assert!(Expiry::parse("soon").is_err());
    }
}
