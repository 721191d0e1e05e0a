//! `zhanggui serve`: apps, relay, worker and beat in one process, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use celery::Worker;
use tokio_util::sync::CancellationToken;
use zg_base::{App, StoredEvents};
use zg_web::{ApiConfig, TrustedProxies};

use crate::config::Config;
use crate::open::{Opened, open};
use crate::{compose, listen};

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Duties {
    /// Answers requests.
    pub(crate) web: bool,
    /// Runs tasks.
    pub(crate) worker: bool,
    /// Starts tasks by the clock.
    pub(crate) beat: bool,
}

/// Runs the duties until SIGINT or SIGTERM.
pub(crate) async fn run(config: &Config, duties: Duties) -> anyhow::Result<()> {
    crate::figures::start()?;
    let Opened { app, broker } = open(config).await?;
    let latest = hub::EventLog::latest(&StoredEvents(app.clone())).await?.unwrap_or_default();
    app.hub().start_after(latest);

    let stop = CancellationToken::new();
    let background = CancellationToken::new();
    let mut running = tokio::task::JoinSet::new();
    running.spawn(zg_base::run_relay(app.clone(), background.clone()));
    running.spawn(zg_base::last_used::run(app.clone(), background.clone()));
    if duties.worker {
        let concurrency = u32::try_from(config.worker.concurrency).unwrap_or(4).max(1);
        let worker = Worker::new(app.queue(), compose::registry()?, app.clone()).name(worker_name()).concurrency(concurrency);
        // The monitor asks; a row each two seconds would be read by nobody.
        let worker = worker.heartbeat(0);
        let (background, stop) = (background.clone(), stop.clone());
        running.spawn(async move { work(worker, background, (!duties.web).then_some(stop)).await });
    }
    if duties.beat {
        let beat = compose::beat(app.queue(), Arc::new(broker))?;
        let stop = background.clone();
        running.spawn(async move { beat.run(stop).await });
    }

    tokio::spawn(end_of_day(stop.clone()));
    if duties.web {
        let bound = listen::bind(config)?;
        for one in &bound {
            tracing::info!(address = %one.address()?, database = app.databases().name(), "listening");
        }
        let hub = app.hub().clone();
        let sockets = async {
            stop.cancelled().await;
            // Told at once: they come again, to a server that stays.
            hub.shutdown();
            hub.drained().await;
        };
        tokio::join!(listen::serve(bound, router(&app, config), listen::Limits::of(config), stop.clone()), sockets);
    } else {
        stop.cancelled().await;
    }

    background.cancel();
    let ended = async { while running.join_next().await.is_some() {} };
    let patience = Duration::from_secs(config.http.drain_seconds.max(1));
    if tokio::time::timeout(patience, ended).await.is_err() {
        tracing::warn!("background work did not end in time; what it holds is given to another worker");
    }
    app.databases().clone().close().await.context("the database did not close cleanly")
}

/// Runs a worker. Told to end from outside, it ends its process, which whoever keeps the processes
/// starts anew; one beside a server starts anew here.
async fn work(worker: Worker<App>, background: CancellationToken, process: Option<CancellationToken>) {
    while !background.is_cancelled() {
        worker.run(background.clone()).await;
        if let Some(process) = &process {
            process.cancel();
            return;
        }
    }
}

/// `zhanggui-4711@shop1`: the process and the machine, as people look for it.
fn worker_name() -> String {
    let machine = hostname::get().ok().and_then(|name| name.into_string().ok()).unwrap_or_else(|| "localhost".to_owned());
    format!("zhanggui-{}@{machine}", std::process::id())
}

fn router(app: &App, config: &Config) -> axum::Router {
    let traced = config.telemetry.otlp_endpoint.is_some();
    let config = ApiConfig {
        cors_origins: config.http.cors_origins.clone(),
        proxies: TrustedProxies(config.http.trusted_proxies.clone().into()),
        timeout: Duration::from_secs(config.http.request_seconds),
        hsts: config.shop.base_url.starts_with("https://"),
    };
    let router = compose::api().router(app.clone(), &config, compose::pages());
    if traced { router.layer(axum::middleware::from_fn(crate::telemetry::continue_trace)) } else { router }
}

/// Waits for SIGINT or SIGTERM; a second one ends the process at once.
async fn end_of_day(stop: CancellationToken) {
    signal().await;
    tracing::info!("stopping; press again to end at once");
    stop.cancel();
    signal().await;
    std::process::exit(130);
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
