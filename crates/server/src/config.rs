//! The configuration: one TOML file, overridden by the environment
//! (`ZHANGGUI__DATABASE__URL`), every key known.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use figment::Figment;
use figment::error::Kind;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Deserializer, Serialize};

/// Everything that can be set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the embedded database, the files, the mails and the master key lie.
    pub(crate) data_dir: PathBuf,
    pub(crate) database: Database,
    pub(crate) listen: Listen,
    pub(crate) http: Http,
    pub(crate) shop: Shop,
    pub(crate) mail: Mail,
    pub(crate) worker: Worker,
    pub(crate) import: Import,
    pub(crate) log: Log,
    pub(crate) telemetry: Telemetry,
    pub(crate) secrets: SecretFiles,
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// `sqlite:PATH` or `postgres://…`; by default a file in `data_dir`.
    pub(crate) url: Option<String>,
    /// A file that holds the URL, for secrets mounted as files.
    pub(crate) url_file: Option<PathBuf>,
    /// Connections for reading, and on PostgreSQL as many for writing.
    pub(crate) connections: u32,
}

/// Which app listens where. The same address may serve several.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listen {
    /// Storefront and store API.
    #[serde(deserialize_with = "addresses")]
    pub(crate) store: Vec<SocketAddr>,
    /// Console and admin API.
    #[serde(deserialize_with = "addresses")]
    pub(crate) admin: Vec<SocketAddr>,
    /// Health and metrics.
    #[serde(deserialize_with = "addresses")]
    pub(crate) ops: Vec<SocketAddr>,
}

/// Limits and borders of HTTP.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Http {
    /// Origins of other front ends that may call the store API from a browser.
    pub(crate) cors_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// Connections at once.
    pub(crate) connections: usize,
    /// Seconds for a request's headers to arrive.
    pub(crate) header_seconds: u64,
    /// Seconds for a request to be answered, its body included.
    pub(crate) request_seconds: u64,
    /// Seconds for requests in flight to end when the server stops.
    pub(crate) drain_seconds: u64,
}

/// The shop.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shop {
    pub(crate) name: String,
    /// IANA name of the zone in which the shop's days begin.
    pub(crate) time_zone: String,
    /// Where shoppers find it.
    pub(crate) base_url: String,
    /// Sender of its mails.
    pub(crate) mail_from: String,
}

/// Mails.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// `smtp://…`, `smtps://…` or `file:FOLDER`; by default a folder in `data_dir`.
    pub(crate) url: Option<String>,
    /// A file that holds the URL.
    pub(crate) url_file: Option<PathBuf>,
}

/// Background work.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Worker {
    /// Tasks at once.
    pub(crate) concurrency: usize,
}

/// Imports.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    /// Fetch pictures that a file names from private networks and this machine, too.
    pub(crate) allow_private_addresses: bool,
}

/// Logs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// `error`, `warn`, `info`, `debug`, or directives as `tracing` reads them.
    pub(crate) level: String,
    /// `text` or `json`.
    pub(crate) format: LogFormat,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Traces.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Telemetry {
    /// An OTLP endpoint over HTTP, `http://127.0.0.1:4318/v1/traces`; off if absent.
    pub(crate) otlp_endpoint: Option<String>,
}

/// Where secrets lie.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretFiles {
    /// The master key, in hex; by default made in `data_dir`.
    pub(crate) master_key_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        let here = vec![SocketAddr::from(([127, 0, 0, 1], 8080)), SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 8080))];
        Self {
            data_dir: PathBuf::from("var"),
            database: Database { url: None, url_file: None, connections: 8 },
            listen: Listen { store: here.clone(), admin: here.clone(), ops: here },
            http: Http {
                cors_origins: Vec::new(),
                trusted_proxies: Vec::new(),
                connections: 20_000,
                header_seconds: 10,
                request_seconds: 30,
                drain_seconds: 20,
            },
            shop: Shop {
                name: "掌柜 Zhanggui".to_owned(),
                time_zone: "Asia/Shanghai".to_owned(),
                base_url: "http://127.0.0.1:8080".to_owned(),
                mail_from: "掌柜 <shop@localhost>".to_owned(),
            },
            mail: Mail { url: None, url_file: None },
            worker: Worker { concurrency: 4 },
            import: Import { allow_private_addresses: false },
            log: Log { level: "info".to_owned(), format: LogFormat::Text },
            telemetry: Telemetry { otlp_endpoint: None },
            secrets: SecretFiles { master_key_file: None },
        }
    }
}

impl Config {
    /// Reads the file, if there is one, and the environment.
    pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        match file {
            Some(path) if !path.exists() => bail!("{}: there is no such file", path.display()),
            Some(path) => figment = figment.merge(Toml::file_exact(path)),
            None => figment = figment.merge(Toml::file("zhanggui.toml")),
        }
        figment = figment.merge(Env::prefixed("ZHANGGUI__").split("__"));
        figment.extract().map_err(|error| explain(&error))
    }

    /// The database's URL.
    pub(crate) fn database_url(&self) -> anyhow::Result<String> {
        let default = || format!("sqlite:{}", self.data_dir.join("zhanggui.db").display());
        Ok(secret(self.database.url.as_ref(), self.database.url_file.as_deref())?.unwrap_or_else(default))
    }

    /// How mails leave.
    pub(crate) fn mail_url(&self) -> anyhow::Result<String> {
        let default = || format!("file:{}", self.data_dir.join("mail").display());
        Ok(secret(self.mail.url.as_ref(), self.mail.url_file.as_deref())?.unwrap_or_else(default))
    }

    /// The zone of the shop's days.
    pub(crate) fn time_zone(&self) -> anyhow::Result<chrono_tz::Tz> {
        let name = &self.shop.time_zone;
        name.parse().map_err(|_| anyhow::anyhow!("shop.time_zone: `{name}` is no IANA time zone; an example is `Asia/Shanghai`"))
    }

    /// Everything that a command would find out later.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        zg_db::check_url(&self.database_url()?)?;
        zg_base::mail::Mailer::from_url(&self.mail_url()?).context("mail.url")?;
        self.time_zone()?;
        crate::telemetry::filter(self)?;
        for origin in &self.http.cors_origins {
            let exact = origin.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some())
                && !origin.ends_with('/')
                && !origin.contains('*');
            anyhow::ensure!(exact, "http.cors_origins: `{origin}` is no origin; an example is `https://shop.example.com`");
        }
        let base = &self.shop.base_url;
        let whole = base.parse::<http::Uri>().is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
        anyhow::ensure!(whole, "shop.base_url: `{base}` is no address; an example is `https://shop.example.com`");
        Ok(())
    }

    /// As TOML, with what is secret left out.
    pub(crate) fn print(&self) -> anyhow::Result<String> {
        let mut shown = self.clone();
        for url in [&mut shown.database.url, &mut shown.mail.url].into_iter().flatten() {
            *url = without_password(url);
        }
        Ok(toml::to_string_pretty(&shown)?)
    }
}

fn secret(value: Option<&String>, file: Option<&Path>) -> anyhow::Result<Option<String>> {
    match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
            Ok(Some(text.trim().to_owned()))
        }
        None => Ok(value.cloned()),
    }
}

/// `postgres://user:•••@host/db`.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:•••@{host}")
}

fn explain(error: &figment::Error) -> anyhow::Error {
    let place = error.path.join(".");
    // Of a setting that is unknown the path may end with itself.
    let above = match &error.kind {
        Kind::UnknownField(found, _) => place.strip_suffix(found.as_str()).map_or(place.as_str(), |above| above.trim_end_matches('.')),
        _ => place.as_str(),
    };
    let source = error.metadata.as_ref().map(|source| format!(" ({})", source.name)).unwrap_or_default();
    match &error.kind {
        Kind::UnknownField(found, known) => {
            let nearest = known.iter().min_by_key(|name| strsim::damerau_levenshtein(name, found));
            let hint = nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            let within = if above.is_empty() { String::new() } else { format!(" in `{above}`") };
            anyhow::anyhow!("unknown setting `{found}`{within}{source}{hint}")
        }
        other => anyhow::anyhow!("setting `{place}`{source}: {other}"),
    }
}

/// A list of addresses, or one text with commas (as the environment has it).
fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SocketAddr>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
    }
    let texts = match Either::deserialize(deserializer)? {
        Either::One(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
        Either::Many(texts) => texts,
    };
    let parse = |text: &String| {
        text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is no address; examples are `127.0.0.1:8080` and `[::]:8080`")))
    };
    texts.iter().filter(|text| !text.is_empty()).map(parse).collect()
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "figment's jail wants its own error type")]
mod tests {
    use super::*;

    #[test]
    fn p17_an_unknown_setting_names_the_nearest_known_one() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("zhanggui.toml", "[database]\nulr = \"sqlite:x\"\n")?;
            let error = Config::load(None).unwrap_err().to_string();
            assert!(error.contains("unknown setting `ulr`") && error.contains("did you mean `url`?"), "{error}");
            Ok(())
        });
    }

    #[test]
    fn p17_the_environment_overrides_the_file() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("zhanggui.toml", "[listen]\nadmin = [\"127.0.0.1:1\"]\n")?;
            jail.set_env("ZHANGGUI__LISTEN__ADMIN", "127.0.0.1:9,[::1]:9");
            jail.set_env("ZHANGGUI__DATA_DIR", "elsewhere");
            let config = Config::load(None).unwrap();
            assert_eq!(config.listen.admin, ["127.0.0.1:9".parse().unwrap(), "[::1]:9".parse().unwrap()]);
            assert_eq!(config.data_dir, PathBuf::from("elsewhere"));
            assert_eq!(config.database_url().unwrap(), "sqlite:elsewhere/zhanggui.db");
            Ok(())
        });
    }

    #[test]
    fn p17_a_password_is_not_printed() {
        assert_eq!(without_password("postgres://shop:p@ss@db/shop"), "postgres://shop:•••@db/shop");
        assert_eq!(without_password("sqlite:var/zhanggui.db"), "sqlite:var/zhanggui.db");
    }
}
