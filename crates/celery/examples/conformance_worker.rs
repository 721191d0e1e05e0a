//! A worker with a fixed command line and fixed tasks, for anybody to test against.
//!
//! ```text
//! conformance_worker --broker URL --backend URL --queue NAME[,NAME] --hostname NAME@HOST --concurrency N
//!     [--prefetch N] [--acks-late] [--visibility-timeout SECONDS] [--max-priority N]
//! ```
//!
//! The broker is `amqp://`, `redis://`, `sqlite:` or `postgres://`, the backend one of the last three.
//! It ends at SIGTERM or SIGINT when its tasks have ended, at the second one at once.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use celery::{
    Backoff, BadArguments, BrokerOptions, CancellationToken, Client, Clock, Context, Exception, Policy, RateLimit, Registry, Task,
    TaskError, Worker, open_broker, open_bus, open_results,
};
use clap::Parser;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A worker to test against.
#[derive(Parser)]
struct Args {
    /// Where messages come from
    #[arg(long)]
    broker: String,
    /// Where results go
    #[arg(long)]
    backend: String,
    /// The queues to serve
    #[arg(long, required = true, value_delimiter = ',')]
    queue: Vec<String>,
    /// The worker's name, NAME@HOST
    #[arg(long)]
    hostname: String,
    /// How many tasks at once
    #[arg(long)]
    concurrency: u32,
    /// How many are fetched ahead; four times the concurrency unless given
    #[arg(long)]
    prefetch: Option<u32>,
    /// Acknowledge when a task has run, not before
    #[arg(long)]
    acks_late: bool,
    /// After so many seconds a dead worker's messages are another's
    #[arg(long)]
    visibility_timeout: Option<u32>,
    /// Declare RabbitMQ's queues with priorities up to this
    #[arg(long)]
    max_priority: Option<u8>,
}

/// The worker's name.
#[derive(Clone)]
struct Host(Arc<str>);

macro_rules! task {
    ($type:ident, $name:literal, $policy:expr, { $($field:ident: $of:ty),* } -> $output:ty, |$ctx:ident| $run:expr) => {
        #[derive(Serialize, Deserialize)]
        struct $type { $($field: $of),* }

        impl Task<Host> for $type {
            const NAME: &'static str = $name;
            type Args = Self;
            type Output = $output;
            fn policy() -> Policy {
                $policy.queue("celery")
            }
            async fn run($ctx: Context<Host>, args: Self) -> Result<$output, TaskError> {
                let Self { $($field),* } = args;
                $run
            }
            fn decode(args: Vec<Value>, mut kwargs: Map<String, Value>) -> Result<Self, BadArguments> {
                // As a Python function binds them: by place first, then by name.
                let names: &[&str] = &[$(stringify!($field)),*];
                if names.len() < args.len() {
                    return Err(BadArguments(format!("takes {} arguments, but {} were given", names.len(), args.len())));
                }
                kwargs.extend(names.iter().zip(args).map(|(name, value)| ((*name).to_owned(), value)));
                if let Some(other) = kwargs.keys().find(|name| !names.contains(&name.as_str())) {
                    return Err(BadArguments(format!("got an unexpected argument `{other}`")));
                }
                Self::deserialize(Value::Object(kwargs)).map_err(|error| BadArguments(error.to_string()))
            }
        }
    };
}

task!(Add, "conf.add", Policy::new(), { x: serde_json::Number, y: serde_json::Number } -> Value, |_ctx| {
    let whole = x.as_i64().zip(y.as_i64()).and_then(|(x, y)| x.checked_add(y));
    match whole {
        Some(sum) => Ok(json!(sum)),
        None => Ok(json!([x, y].iter().filter_map(serde_json::Number::as_f64).sum::<f64>())),
    }
});

task!(Fail, "conf.fail", Policy::new(), { message: String } -> (), |_ctx| {
    Err(TaskError::fail(Exception::new("ConformanceError", message)))
});

const FLAKY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10)).without_jitter();

task!(Flaky, "conf.flaky", Policy::new().max_retries(5).backoff(FLAKY), { key: String, times: u32 } -> u32, |ctx| {
    if ctx.retries < times {
        return Err(TaskError::retry(Exception::new("FlakyError", key)));
    }
    Ok(ctx.retries.saturating_add(1))
});

task!(Sleep, "conf.sleep", Policy::new(), { seconds: f64 } -> f64, |_ctx| {
    nap(seconds).await?;
    Ok(seconds)
});

task!(Soft, "conf.soft", Policy::new().soft_limit(Duration::from_secs(1)).hard_limit(Duration::from_secs(2)), { seconds: f64 } -> f64, |ctx| {
    tokio::select! {
        ended = nap(seconds) => ended.map(|()| seconds),
        () = ctx.cancelled() => Err(TaskError::fail(Exception::new("SoftTimeLimitExceeded", ""))),
    }
});

task!(Noop, "conf.noop", Policy::new(), {} -> (), |_ctx| Ok(()));

task!(Ident, "conf.ident", Policy::new(), {} -> String, |ctx| Ok(ctx.state.0.to_string()));

task!(Sum, "conf.tsum", Policy::new(), { list: Vec<i64> } -> i64, |_ctx| Ok(list.iter().sum()));

task!(Write, "conf.write", Policy::new(), { path: String, text: String } -> (), |_ctx| {
    tokio::task::spawn_blocking(move || {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        // One call, so that lines of two processes do not mix.
        file.write_all(format!("{text}\n").as_bytes())
    })
    .await?
    .map_err(TaskError::from)
});

task!(Limited, "conf.limited", Policy::new().rate_limit(RateLimit::per_second(10)), {} -> (), |_ctx| Ok(()));

/// Whatever it is given, given back.
struct Echo;

impl Task<Host> for Echo {
    const NAME: &'static str = "conf.echo";
    type Args = Value;
    type Output = Value;

    async fn run(_: Context<Host>, args: Value) -> Result<Value, TaskError> {
        Ok(args)
    }

    fn decode(args: Vec<Value>, kwargs: Map<String, Value>) -> Result<Value, BadArguments> {
        Ok(json!({"args": args, "kwargs": kwargs}))
    }
}

async fn nap(seconds: f64) -> Result<(), TaskError> {
    let span = Duration::try_from_secs_f64(seconds).map_err(TaskError::fail)?;
    #[expect(clippy::disallowed_methods, reason = "sleeping is what this task is for")]
    tokio::time::sleep(span).await;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let args = Args::parse();
    let visibility = Duration::from_secs(args.visibility_timeout.unwrap_or(3_600).into());
    let mut options = BrokerOptions::new().visibility(visibility);
    if let Some(priority) = args.max_priority {
        options = options.max_priority(priority);
    }
    let broker = open_broker(&args.broker, options).await?;
    let first = args.queue.first().map_or("celery", String::as_str);
    let mut client = Client::new(broker, Clock::system()).with_results(open_results(&args.backend).await?).route("*", first);
    if let Some(bus) = open_bus(&args.broker).await? {
        client = client.with_bus(bus);
    }
    let mut registry = Registry::new();
    registry.add::<Add>()?.add::<Echo>()?.add::<Fail>()?.add::<Flaky>()?.add::<Sleep>()?.add::<Soft>()?.add::<Noop>()?;
    registry.add::<Ident>()?.add::<Sum>()?.add::<Write>()?.add::<Limited>()?;
    let lease = args.visibility_timeout.map_or(Duration::from_secs(60), |_| visibility);
    let worker = Worker::new(&client, registry, Host(args.hostname.as_str().into()))
        .name(args.hostname)
        .queues(args.queue)
        .concurrency(args.concurrency)
        .prefetch(args.prefetch.unwrap_or_else(|| args.concurrency.saturating_mul(4)))
        .lease(lease)
        .grace(Duration::from_hours(24))
        .acks_late(args.acks_late);

    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        signal().await;
        token.cancel();
        signal().await;
        std::process::exit(1);
    });
    worker.run(stop).await;
    Ok(())
}

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
