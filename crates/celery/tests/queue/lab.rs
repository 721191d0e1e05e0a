//! A queue on an empty database of its own, on each kind, and tasks that tell what they did.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use celery::{
    Backoff, CancellationToken, Client, Clock, Context, DatabaseBroker, Exception, Message, Policy, RateLimit, Registry, Task, TaskError,
    Worker, schema,
};
use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// A queue whose clock stands still until it is moved.
#[derive(Clone, Debug)]
pub(crate) struct Lab {
    pub(crate) db: DatabaseConnection,
    pub(crate) broker: DatabaseBroker,
    pub(crate) client: Client,
    pub(crate) log: Log,
    now: Arc<Mutex<DateTime<Utc>>>,
}

/// What tasks did, in order.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    /// `Wait` takes one permit.
    pub(crate) gate: Arc<Semaphore>,
}

impl Log {
    pub(crate) fn add(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) async fn until(&self, lines: usize) {
        until(|| async { lines <= self.lines().len() }).await;
    }
}

impl Lab {
    async fn new(db: DatabaseConnection) -> Self {
        schema::up(&db).await.unwrap();
        // Twice does no harm.
        schema::up(&db).await.unwrap();
        let broker = DatabaseBroker::new(db.clone()).unwrap();
        let now = Arc::new(Mutex::new("2026-11-24T10:00:00Z".parse().unwrap()));
        let clock = Arc::clone(&now);
        let client = Client::new(Arc::new(broker.clone()), Clock::new(move || *clock.lock().unwrap()));
        let client = client.with_results(Arc::new(broker.clone()));
        let log = Log { lines: Arc::default(), gate: Arc::new(Semaphore::new(0)) };
        Self { db, broker, client, log, now }
    }

    /// The same database by the system's clock.
    pub(crate) fn in_real_time(&self) -> Self {
        Self { client: Client::new(Arc::new(self.broker.clone()), Clock::system()), ..self.clone() }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    pub(crate) fn advance(&self, span: Duration) {
        *self.now.lock().unwrap() += span;
    }

    pub(crate) async fn send<T: Task<Log>>(&self, args: T::Args) -> String {
        let message = self.client.message::<T, _>(&args).unwrap();
        self.send_message(message).await
    }

    pub(crate) async fn send_message(&self, message: Message) -> String {
        assert_eq!(self.client.send(std::slice::from_ref(&message)).await.unwrap(), 1);
        message.headers.id
    }

    /// A worker that knows the tasks below.
    pub(crate) fn worker(&self) -> Worker<Log> {
        let mut registry = Registry::new();
        registry.add::<Note>().unwrap().add::<Add>().unwrap().add::<Flaky>().unwrap().add::<Panics>().unwrap();
        registry.add::<Wait>().unwrap().add::<WaitEarly>().unwrap().add::<Soft>().unwrap().add::<Hard>().unwrap();
        registry.add::<Sum>().unwrap().add::<Keep>().unwrap();
        registry.add::<Fails>().unwrap().add::<Rejects>().unwrap().add::<Limited>().unwrap().add::<Quiet>().unwrap();
        Worker::new(&self.client, registry, self.log.clone()).poll(Duration::from_millis(20))
    }

    pub(crate) async fn result(&self, id: &str) -> celery::TaskResult {
        celery::ResultBackend::get(&self.broker, id).await.unwrap().expect("the call is known")
    }

    pub(crate) async fn state(&self, id: &str) -> &'static str {
        self.result(id).await.state.as_str()
    }

    pub(crate) async fn until_state(&self, id: &str, state: &str) {
        until(|| async { self.state(id).await == state }).await;
    }

    pub(crate) async fn rows(&self, table: &str) -> i64 {
        let count = sea_orm::Statement::from_string(self.db.get_database_backend(), format!("SELECT count(*) FROM {table}"));
        self.db.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    pub(crate) async fn sql(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap();
    }
}

/// A worker in the background.
pub(crate) struct Running {
    pub(crate) stop: CancellationToken,
    handle: tokio::task::JoinHandle<()>,
}

/// Runs a worker in the background.
pub(crate) fn start(worker: Worker<Log>) -> Running {
    let stop = CancellationToken::new();
    let token = stop.clone();
    Running { stop, handle: tokio::spawn(async move { worker.run(token).await }) }
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.ended().await;
    }

    /// It has stopped by itself.
    pub(crate) async fn ended(self) {
        tokio::time::timeout(Duration::from_secs(20), self.handle).await.expect("the worker stops").unwrap();
    }
}

/// Waits for a state, at most 20 seconds.
pub(crate) async fn until<F: Future<Output = bool>>(mut reached: impl FnMut() -> F) {
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    for _ in 0..2_000 {
        looks.tick().await;
        if reached().await {
            return;
        }
    }
    panic!("the state was not reached in time");
}

pub(crate) async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Lab) -> F) {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", dir.path().join("queue.db").display());
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    db.execute_unprepared("PRAGMA journal_mode = WAL").await.unwrap();
    test(Lab::new(db).await).await;
}

pub(crate) async fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Lab) -> F) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    #[expect(clippy::disallowed_methods, reason = "the runner says where a PostgreSQL is; there is no configuration here")]
    let server = std::env::var("ZG_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let connect = |url: String, connections: u32| async move {
        let mut options = ConnectOptions::new(url);
        options.max_connections(connections).sqlx_logging(false);
        Database::connect(options).await.unwrap()
    };
    let admin = connect(server.clone(), 1).await;
    let name = format!("celery_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (base, _) = server.rsplit_once('/').expect("a URL names its database after the last slash");
    let db = connect(format!("{base}/{name}"), 8).await;

    let lab = Lab::new(db.clone()).await;
    let ended = AssertUnwindSafe(test(lab)).catch_unwind().await;
    db.close().await.unwrap();
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

/// Each test once a database.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { crate::lab::on_sqlite(super::$name).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { crate::lab::on_postgres(super::$name).await; })*
        }
    };
}
pub(crate) use on_both;

macro_rules! task {
    ($type:ident, $name:literal, $args:ty => $output:ty, $policy:expr, |$ctx:ident, $given:ident| $run:expr) => {
        pub(crate) struct $type;
        impl Task<Log> for $type {
            const NAME: &'static str = $name;
            type Args = $args;
            type Output = $output;
            fn policy() -> Policy {
                $policy
            }
            async fn run($ctx: Context<Log>, $given: Self::Args) -> Result<Self::Output, TaskError> {
                $run
            }
        }
    };
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) text: String,
}

pub(crate) fn text(text: impl Into<String>) -> Text {
    Text { text: text.into() }
}

task!(Note, "lab.note", Text => (), Policy::new(), |ctx, args| {
    ctx.state.add(args.text);
    Ok(())
});

task!(Add, "lab.add", (i64, i64) => i64, Policy::new(), |_ctx, args| {
    args.0.checked_add(args.1).ok_or_else(|| TaskError::fail("the sum is too large"))
});

const STEADY: Backoff = Backoff::new(Duration::from_secs(10), Duration::from_mins(1)).without_jitter();

task!(Flaky, "lab.flaky", (u32,) => u32, Policy::new().max_retries(3).backoff(STEADY), |ctx, args| {
    ctx.state.add(format!("try {}", ctx.retries));
    if ctx.retries < args.0 {
        Err(std::io::Error::other("line busy"))?;
    }
    Ok(ctx.retries)
});

task!(Panics, "lab.panics", () => (), Policy::new(), |_ctx, _args| {
    panic!("the roof\0 is on fire");
});

task!(Wait, "lab.wait", Text => (), Policy::new(), |ctx, args| {
    ctx.state.add(format!("{} begins", args.text));
    ctx.state.gate.acquire().await?.forget();
    ctx.state.add(format!("{} ends", args.text));
    Ok(())
});

task!(WaitEarly, "lab.wait_early", Text => (), Policy::new().acks_early(), |ctx, args| {
    ctx.state.add(format!("{} begins", args.text));
    ctx.state.gate.acquire().await?.forget();
    Ok(())
});

task!(Soft, "lab.soft", () => String, Policy::new().soft_limit(Duration::from_millis(50)), |ctx, _args| {
    ctx.cancelled().await;
    Ok("ended when asked".to_owned())
});

task!(Hard, "lab.hard", () => (), Policy::new().hard_limit(Duration::from_millis(50)), |ctx, _args| {
    std::future::pending::<()>().await;
    ctx.state.add("never");
    Ok(())
});

task!(Fails, "lab.fails", Text => (), Policy::new(), |_ctx, args| {
    Err(TaskError::fail(Exception::new("ConformanceError", args.text)))
});

task!(Rejects, "lab.rejects", () => (), Policy::new(), |_ctx, _args| {
    Err(TaskError::Reject)
});

task!(Limited, "lab.limited", (u32,) => (), Policy::new().rate_limit(RateLimit::per_second(10)), |ctx, args| {
    ctx.state.add(args.0.to_string());
    Ok(())
});

task!(Quiet, "lab.quiet", () => u32, Policy::new().ignore_result().queue("quiet"), |_ctx, _args| {
    Ok(7)
});

task!(Sum, "lab.sum", (Vec<i64>,) => i64, Policy::new(), |_ctx, args| {
    Ok(args.0.iter().sum())
});

task!(Keep, "lab.keep", (serde_json::Value,) => (), Policy::new(), |ctx, args| {
    ctx.state.add(args.0.to_string());
    Ok(())
});
