//! From a configuration to an application.

use std::sync::Arc;

use anyhow::Context as _;
use celery::DatabaseBroker;
use zg_base::mail::Mailer;
use zg_base::{App, Clock, Files, Parts, Reach, Secrets, Shop};
use zg_db::{Databases, Options};

use crate::config::Config;

/// The application, and the broker behind its queue.
pub(crate) struct Opened {
    pub(crate) app: App,
    pub(crate) broker: DatabaseBroker,
}

/// Connects to the database.
pub(crate) async fn database(config: &Config) -> anyhow::Result<Databases> {
    let url = config.database_url()?;
    let options = Options { connections: config.database.connections, ..Options::default() };
    zg_db::connect(&url, options).await.with_context(|| crate::config::without_password(&url))
}

/// Opens the shop: database at its present shape, files, keys, queue, mail.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Opened> {
    open_at(config, Clock::default()).await
}

/// The same by another clock.
pub(crate) async fn open_at(config: &Config, clock: Clock) -> anyhow::Result<Opened> {
    let databases = database(config).await?;
    let pending = zg_migration::pending(&databases.write).await.context("the database's shape can't be read")?;
    if !pending.is_empty() {
        zg_migration::up(&databases.write).await.context("the database could not be brought to its present shape")?;
        tracing::info!(migrations = pending.len(), database = databases.name(), "the database has its present shape");
    }
    crate::compose::first_rows(&databases).await.context("what a shop begins with could not be written")?;
    parts(config, databases, clock)
}

/// An application on databases that have their shape.
pub(crate) fn parts(config: &Config, databases: Databases, clock: Clock) -> anyhow::Result<Opened> {
    let broker = DatabaseBroker::new(databases.write.clone())?;
    let queue = celery::Client::new(Arc::new(broker.clone()), {
        let clock = clock.clone();
        celery::Clock::new(move || clock.now())
    });
    let bus = celery::DatabaseBus::new(databases.write.clone(), queue.clock().clone())?;
    let queue = queue.with_bus(Arc::new(bus));
    let key = config.secrets.master_key_file.clone().unwrap_or_else(|| config.data_dir.join("master.key"));
    let app = App::new(Parts {
        databases,
        shop: Shop {
            name: config.shop.name.clone(),
            time_zone: config.time_zone()?,
            base_url: config.shop.base_url.trim_end_matches('/').to_owned(),
            mail_from: config.shop.mail_from.clone(),
        },
        clock,
        files: Files::in_folder(&config.data_dir.join("files"))?,
        secrets: Secrets::from_file(&key).with_context(|| format!("the master key {}", key.display()))?,
        queue,
        hub: hub::Hub::new(hub::Config::default()),
        mailer: Mailer::from_url(&config.mail_url()?)?,
        reach: if config.import.allow_private_addresses { Reach::Anywhere } else { Reach::Public },
    });
    Ok(Opened { app, broker })
}
