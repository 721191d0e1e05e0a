//! `zhanggui demo`: a shop a merchant would believe, in a minute.
//!
//! Goods, customers and staff come from files; the trade of the last six weeks is
//! lived through by invented shoppers and the shop's own staff, who call the API
//! as anybody does, under a clock that begins six weeks ago. So every ledger,
//! mail and log line is real, and every proof holds. The same files and the same
//! day give the same shop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use celery::Worker;
use chrono::{Duration, Timelike as _};
use clap::Args;
use sea_orm::{EntityTrait as _, QuerySelect as _};
use serde::Deserialize;
use zg_base::{App, Clock};
use zg_db::entity::{order, product, staff};
use zg_import::Options;

use super::import::{Progress, load};
use super::{say, tell};
use crate::compose;
use crate::config::Config;
use crate::open::{Opened, open_at};

mod caller;
mod dice;
mod people;
mod trade;

use trade::Trade;

/// Days of trade.
const DAYS: i64 = 42;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The folder with `categories.csv`, `products.csv`, `customers.csv`, `staff.csv` and `images/`.
    #[arg(long, value_name = "FOLDER", default_value = "demo")]
    dir: PathBuf,
}

/// A shopper of the file.
#[derive(Clone, Debug, Deserialize)]
struct Shopper {
    name: String,
    email: String,
    phone: String,
    locale: String,
    country: String,
    province: String,
    city: String,
    district: String,
    street: String,
    postal_code: String,
}

/// A SKU of the file.
#[derive(Clone, Debug, Deserialize)]
struct Goods {
    sku: String,
}

impl Demo {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let began = Instant::now();
        // Every day begins at the shop's own midnight.
        let zone = config.time_zone()?;
        let now = Clock::default().now();
        let local = now.with_timezone(&zone);
        let midnight = now - Duration::seconds(i64::from(local.num_seconds_from_midnight()));
        let Opened { app, broker } = open_at(config, Clock::starting_at(midnight - Duration::days(DAYS))).await?;
        empty(&app).await?;
        let shop = Shop { app: app.clone(), broker: Arc::new(broker) };

        let images = self.dir.join("images");
        for kind in ["categories", "products", "customers"] {
            self.import(&app, kind, &images).await?;
        }
        tell("goods and customers are there");
        let people = people::hire(&app, &read(&self.dir.join("staff.csv"))?).await?;
        tell("staff are there");
        let shoppers = read(&self.dir.join("customers.csv"))?;
        let goods = read(&self.dir.join("products.csv"))?;
        let mut trade = Trade::new(&app, people, shoppers, goods);
        for day in 0..=DAYS {
            trade.live(&shop, DAYS - day).await?;
        }
        shop.settle().await?;
        // What follows happens today.
        if app.clock().behind() > Duration::zero() {
            app.clock().advance(app.clock().behind());
        }
        shop.settle().await?;
        let proofs = compose::prove(&app).await?;
        let failed: Vec<&str> = proofs.iter().filter(|proof| !proof.holds()).map(|proof| proof.name).collect();
        anyhow::ensure!(failed.is_empty(), "proofs failed: {}", failed.join(", "));
        app.databases().clone().close().await?;
        say(&format!("the demo shop is ready: {} orders in {DAYS} days, made in {} s", trade.placed(), began.elapsed().as_secs()))
    }

    async fn import(&self, app: &App, name: &str, images: &Path) -> anyhow::Result<()> {
        let kinds = compose::imports();
        let kind = kinds.iter().find(|kind| kind.name == name).with_context(|| format!("there is no import of {name}"))?;
        let path = self.dir.join(format!("{name}.csv"));
        let bytes = std::fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
        let options = Options { images: Some(images.to_owned()), ..Options::default() };
        let job = load(app, kind, &path, bytes, options, Progress::Silent).await?;
        anyhow::ensure!(job.failed == 0 && job.state == "done", "{}: {} rows failed", path.display(), job.failed);
        Ok(())
    }
}

/// Made-up trade has no place among real one.
async fn empty(app: &App) -> anyhow::Result<()> {
    let db = app.read();
    let used = staff::Entity::find().limit(1).one(db).await?.is_some()
        || product::Entity::find().limit(1).one(db).await?.is_some()
        || order::Entity::find().limit(1).one(db).await?.is_some();
    anyhow::ensure!(!used, "this shop is in use; the demo is for an empty one: choose another `data_dir` or database");
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let mut reader = csv::Reader::from_path(path).with_context(|| format!("{} can't be read", path.display()))?;
    reader.deserialize().collect::<Result<_, _>>().with_context(|| path.display().to_string())
}

/// What runs behind the shop.
struct Shop {
    app: App,
    broker: Arc<celery::DatabaseBroker>,
}

impl Shop {
    /// Does all that is due by now: numbers, mails, expiry.
    async fn settle(&self) -> anyhow::Result<()> {
        compose::beat(self.app.queue(), self.broker.clone())?.tick().await?;
        Worker::new(self.app.queue(), compose::registry()?, self.app.clone()).run_until_idle().await?;
        while zg_base::relay_once(&self.app).await? {}
        Ok(())
    }
}
