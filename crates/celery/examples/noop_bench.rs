//! How many tasks that do nothing one worker runs in a minute.
//!
//! `cargo run --release -p celery --example noop_bench -- sqlite:///tmp/bench.db?mode=rwc 100000`
//! `cargo run --release -p celery --example noop_bench -- postgres://postgres@127.0.0.1/bench 100000 [CONCURRENCY PREFETCH]`
//!
//! `cargo run --release -p celery --example noop_bench -- redis://127.0.0.1:6379/15 1000000 [CONCURRENCY PREFETCH [control|events]]`
//!
//! `cargo run --release -p celery --example noop_bench -- amqp://127.0.0.1// 200000 [CONCURRENCY PREFETCH]`
//!
//! The queue `celery` is emptied before. A database keeps the tables and what ran in them. `control`:
//! the worker hears remote control and sends heartbeats; `events`: it tells of each task, too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use celery::{
    BrokerOptions, CancellationToken, Client, Clock, Context, Message, Policy, Registry, Task, TaskError, Worker, open_broker, open_bus,
};

struct Noop;

impl Task<Arc<AtomicU64>> for Noop {
    const NAME: &'static str = "bench.noop";
    type Args = ();
    type Output = ();

    fn policy() -> Policy {
        Policy::new().ignore_result()
    }

    async fn run(ctx: Context<Arc<AtomicU64>>, (): ()) -> Result<(), TaskError> {
        ctx.state.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let url = args.next().context("give the URL of a broker")?;
    let mut number = |default: u32| args.next().map_or(Ok(default), |text| text.parse().context("numbers follow the URL"));
    let (tasks, concurrency, prefetch) = (number(100_000)?, number(64)?, number(1_000)?);

    let mode = args.next();
    let mut client = Client::new(open_broker(&url, BrokerOptions::new()).await?, Clock::system());
    if mode.is_some() {
        client = client.with_bus(open_bus(&url).await?.context("this broker has no bus")?);
    }
    client.purge("celery").await?;
    bench(&client, (tasks, concurrency, prefetch), mode.as_deref() == Some("events")).await
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
async fn bench(client: &Client, (tasks, concurrency, prefetch): (u32, u32, u32), events: bool) -> anyhow::Result<()> {
    let started = Instant::now();
    let messages: Vec<Message> = (0..tasks).map(|_| client.message::<Noop, _>(&())).collect::<Result<_, _>>()?;
    for chunk in messages.chunks(500) {
        client.send(chunk).await?;
    }
    println!("sent {tasks} in {:?}: {} a minute", started.elapsed(), a_minute(tasks, started.elapsed()));

    let ran = Arc::new(AtomicU64::new(0));
    let mut registry = Registry::new();
    registry.add::<Noop>()?;
    let worker = Worker::new(client, registry, Arc::clone(&ran)).concurrency(concurrency).prefetch(prefetch).events(events);
    let shutdown = CancellationToken::new();
    let started = Instant::now();
    let watch = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while ran.load(Ordering::Relaxed) < u64::from(tasks) {
            looks.tick().await;
        }
        shutdown.cancel();
    };
    tokio::join!(worker.run(shutdown.clone()), watch);
    let took = started.elapsed();
    println!("ran {} in {took:?}, outcomes written: {} a minute", ran.load(Ordering::Relaxed), a_minute(tasks, took));
    anyhow::ensure!(client.depth().await?.is_empty(), "something was left");
    Ok(())
}

fn a_minute(tasks: u32, took: Duration) -> u128 {
    u128::from(tasks).saturating_mul(60_000).checked_div(took.as_millis()).unwrap_or_default()
}
