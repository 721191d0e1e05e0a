//! Brokers and result backends by their URLs.

use std::sync::Arc;
use std::time::Duration;

use crate::address::without_password;
use crate::broker::Broker;
use crate::bus::Bus;
use crate::error::Error;
use crate::results::ResultBackend;

/// What a broker's URL does not say. Each broker passes over what does not concern it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokerOptions {
    visibility: Duration,
    max_priority: Option<u8>,
    quorum: bool,
}

impl BrokerOptions {
    /// A visibility timeout of an hour on Redis; classic queues without priorities on RabbitMQ.
    pub const fn new() -> Self {
        Self { visibility: Duration::from_hours(1), max_priority: None, quorum: false }
    }

    /// On Redis: the visibility timeout that Python's workers are set to.
    #[must_use]
    pub const fn visibility(mut self, span: Duration) -> Self {
        self.visibility = span;
        self
    }

    /// On RabbitMQ: declares queues with `x-max-priority`, 1 to 9.
    #[must_use]
    pub const fn max_priority(mut self, priority: u8) -> Self {
        self.max_priority = Some(priority);
        self
    }

    /// On RabbitMQ: declares quorum queues.
    #[must_use]
    pub const fn quorum(mut self) -> Self {
        self.quorum = true;
        self
    }
}

impl Default for BrokerOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// The broker that a URL names: `amqp://` or `amqps://` (RabbitMQ), `redis://` or `rediss://`,
/// `sqlite:` or `postgres://`. Call it within a Tokio runtime. RabbitMQ and Redis are reached with
/// the first command; a database is connected to here, and the library's tables are made in it.
///
/// ```no_run
/// # async fn example() -> Result<(), celery::Error> {
/// use celery::{BrokerOptions, Client, Clock};
///
/// let broker = celery::open_broker("amqp://guest:guest@127.0.0.1//", BrokerOptions::new().max_priority(9)).await?;
/// let client = Client::new(broker, Clock::system()).with_results(celery::open_results("redis://127.0.0.1/0").await?);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`Error::Url`] for a URL that cannot be read or names nothing this build knows; what the database
/// says otherwise.
pub async fn open_broker(url: &str, options: BrokerOptions) -> Result<Arc<dyn Broker>, Error> {
    match scheme(url) {
        #[cfg(feature = "rabbitmq")]
        "amqp" | "amqps" | "pyamqp" => {
            let mut broker = crate::RabbitBroker::new(url)?;
            if options.quorum {
                broker = broker.quorum();
            }
            if let Some(priority) = options.max_priority {
                broker = broker.max_priority(priority)?;
            }
            Ok(Arc::new(broker))
        }
        #[cfg(feature = "redis")]
        "redis" | "rediss" => Ok(Arc::new(crate::RedisBroker::with_visibility(url, options.visibility)?)),
        #[cfg(feature = "database")]
        "sqlite" | "postgres" | "postgresql" => Ok(Arc::new(crate::DatabaseBroker::new(database(url).await?)?)),
        _ => Err(unknown(url, "no broker")),
    }
}

/// The result backend that a URL names: `redis://` or `rediss://`, `sqlite:` or `postgres://`. There is
/// none in RabbitMQ: `rpc://` would give a result to one reader, once.
///
/// # Errors
/// As [`open_broker`].
pub async fn open_results(url: &str) -> Result<Arc<dyn ResultBackend>, Error> {
    match scheme(url) {
        #[cfg(feature = "redis")]
        "redis" | "rediss" => Ok(Arc::new(crate::RedisResults::new(url)?)),
        #[cfg(feature = "database")]
        "sqlite" | "postgres" | "postgresql" => Ok(Arc::new(crate::DatabaseResults::new(database(url).await?, crate::Clock::system())?)),
        _ => Err(unknown(url, "no result backend")),
    }
}

/// The bus beside the broker that a URL names, for remote control and events; `None` where there is
/// none yet: RabbitMQ.
///
/// # Errors
/// As [`open_broker`].
pub async fn open_bus(url: &str) -> Result<Option<Arc<dyn Bus>>, Error> {
    match scheme(url) {
        #[cfg(feature = "rabbitmq")]
        "amqp" | "amqps" | "pyamqp" => Ok(None),
        #[cfg(feature = "redis")]
        "redis" | "rediss" => Ok(Some(Arc::new(crate::RedisBus::new(url)?))),
        #[cfg(feature = "database")]
        "sqlite" | "postgres" | "postgresql" => Ok(Some(Arc::new(crate::DatabaseBus::new(database(url).await?, crate::Clock::system())?))),
        _ => Err(unknown(url, "no broker")),
    }
}

fn scheme(url: &str) -> &str {
    url.split(':').next().unwrap_or_default()
}

fn unknown(url: &str, what: &str) -> Error {
    let mut known = Vec::new();
    if cfg!(feature = "rabbitmq") && what == "no broker" {
        known.push("amqp://");
    }
    if cfg!(feature = "redis") {
        known.push("redis://");
    }
    if cfg!(feature = "database") {
        known.extend(["sqlite:", "postgres://"]);
    }
    Error::Url { url: without_password(url), reason: format!("names {what} known here; there are {}", known.join(", ")) }
}

#[cfg(feature = "database")]
async fn database(url: &str) -> Result<sea_orm::DatabaseConnection, Error> {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| sqlite.pragma("journal_mode", "WAL"));
    // SQLite has one writer, so a pool of one.
    options.max_connections(if scheme(url) == "sqlite" { 1 } else { 8 });
    let refused = |error: sea_orm::DbErr| {
        // What it says may hold the whole URL.
        let words = error.to_string().replace(url, "it");
        Error::Url { url: without_password(url), reason: format!("cannot be opened: {words}") }
    };
    let db = sea_orm::Database::connect(options).await.map_err(refused)?;
    crate::database::schema::up(&db).await?;
    Ok(db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_url_decides_and_one_that_does_not_is_refused_without_its_password() {
        for (url, kind) in [
            ("amqp://127.0.0.1:1", "rabbitmq"),
            ("amqps://127.0.0.1:1", "rabbitmq"),
            ("redis://127.0.0.1:1", "redis"),
            ("rediss://127.0.0.1:1", "redis"),
            ("sqlite::memory:", "sqlite"),
        ] {
            assert_eq!(open_broker(url, BrokerOptions::new()).await.unwrap().kind(), kind, "{url}");
        }
        for url in ["kafka://me:secret@host", "rpc://", "", "amqp//", "amqp://me:secret@host:port", "redis://me:secret@host:port"] {
            for refused in [open_broker(url, BrokerOptions::new()).await.unwrap_err(), open_results(url).await.unwrap_err()] {
                assert!(matches!(refused, Error::Url { .. }) && !refused.to_string().contains("secret"), "{refused}");
            }
        }
        for url in ["postgres://me:secret@host:port/x", "sqlite:///no/such/folder/x.db"] {
            let refused = open_results(url).await.unwrap_err().to_string();
            assert!(refused.contains("cannot be opened") && !refused.contains("secret"), "{refused}");
        }
        let refused = open_broker("amqp://host", BrokerOptions::new().max_priority(10)).await.unwrap_err();
        assert_eq!(refused.to_string(), "the highest priority of queues is 10, but must be 1 to 9");
    }
}
