//! A Redis of one's own, tasks that tell what they did, and a Python beside.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use celery::{
    Backoff, Blocking, BlockingTask, CancellationToken, Client, Clock, Context, Control, Exception, Message, Options, Policy, RateLimit,
    RedisBroker, RedisBus, RedisResults, Registry, ResultBackend as _, Task, TaskError, TaskResult, Worker,
};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

/// A server on a free port, with what it holds written to a folder; ended with its owner.
pub(crate) struct Server {
    process: Option<Child>,
    port: u16,
    dir: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { process: None, port, dir: tempfile::tempdir().unwrap() };
        server.up().await;
        server
    }

    pub(crate) async fn up(&mut self) {
        let port = self.port.to_string();
        let dir = self.dir.path().to_str().unwrap();
        let args = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir", dir];
        let process = Command::new("redis-server").args(args).stdout(Stdio::null()).spawn().expect("redis-server is installed");
        self.process = Some(process);
        until(|| async { tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() }).await;
    }

    /// Ends it at once.
    pub(crate) fn down(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// A command as a person types it; the answer's lines.
    pub(crate) fn cli(&self, args: &[&str]) -> Vec<String> {
        let port = self.port.to_string();
        let said = Command::new("redis-cli").args(["-p", &port]).args(args).output().expect("redis-cli is installed");
        String::from_utf8(said.stdout).unwrap().lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.down();
    }
}

/// What tasks did, in order.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    /// `conf.wait` takes one permit.
    pub(crate) gate: Arc<Semaphore>,
}

impl Log {
    fn add(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) async fn until(&self, lines: usize) {
        until(|| async { lines <= self.lines().len() }).await;
    }
}

pub(crate) struct Lab {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) results: RedisResults,
    pub(crate) log: Log,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        let server = Server::start().await;
        let results = RedisResults::new(&server.url()).unwrap();
        let broker = RedisBroker::new(&server.url()).unwrap();
        let client = Client::new(Arc::new(broker), Clock::system()).with_results(Arc::new(results.clone()));
        Self { server, client, results, log: Log { lines: Arc::default(), gate: Arc::new(Semaphore::new(0)) } }
    }

    /// A worker with a connection of its own, as in another process.
    pub(crate) fn worker(&self) -> Worker<Log> {
        self.worker_of(RedisBroker::new(&self.server.url()).unwrap())
    }

    pub(crate) fn worker_of(&self, broker: RedisBroker) -> Worker<Log> {
        self.worker_by(Client::new(Arc::new(broker), Clock::system()))
    }

    /// A worker that hears remote control, with connections of its own.
    pub(crate) fn controlled(&self, name: &str) -> Worker<Log> {
        let broker = RedisBroker::new(&self.server.url()).unwrap();
        self.worker_by(Client::new(Arc::new(broker), Clock::system()).with_bus(self.bus())).name(name)
    }

    pub(crate) fn bus(&self) -> Arc<RedisBus> {
        Arc::new(RedisBus::new(&self.server.url()).unwrap())
    }

    pub(crate) fn control(&self) -> Control {
        Control::new(self.bus()).patience(Duration::from_secs(10))
    }

    pub(crate) fn worker_by(&self, client: Client) -> Worker<Log> {
        let client = client.with_results(Arc::new(self.results.clone())).route("py.*", "py").route("conf.*", "rs");
        let mut registry = Registry::new();
        registry.add::<Add>().unwrap().add::<Sum>().unwrap().add::<Fail>().unwrap().add::<Note>().unwrap().add::<Wait>().unwrap();
        registry.add::<WaitEarly>().unwrap().add::<Flaky>().unwrap().add::<Limited>().unwrap();
        registry.add::<Tracked>().unwrap().add::<Blocking<Blocks>>().unwrap().add::<Rejects>().unwrap().add::<ToldEarly>().unwrap();
        Worker::new(&client, registry, self.log.clone()).queues(["rs"])
    }

    pub(crate) fn message(&self, task: &str, args: Vec<Value>, options: Options) -> Message {
        self.client.message_named(task, args, Map::new(), options.queue("rs")).unwrap()
    }

    pub(crate) async fn send(&self, task: &str, args: Vec<Value>) -> String {
        self.send_with(task, args, Options::new()).await
    }

    pub(crate) async fn send_with(&self, task: &str, args: Vec<Value>, options: Options) -> String {
        let message = self.message(task, args, options);
        self.client.send(std::slice::from_ref(&message)).await.unwrap();
        message.headers.id
    }

    pub(crate) async fn wait(&self, id: &str) -> TaskResult {
        let found = self.results.wait(id, Duration::from_secs(20)).await.unwrap().expect("the call is known");
        assert!(found.state.is_final(), "{found:?}");
        found
    }

    /// How many messages are in the hands of workers.
    pub(crate) fn held(&self) -> usize {
        self.server.cli(&["HLEN", "unacked"])[0].parse().unwrap()
    }

    /// So many workers hear remote control.
    pub(crate) async fn until_heard(&self, workers: usize) {
        let control = self.control().patience(Duration::from_secs(1));
        until(|| async { control.ping().await.is_ok_and(|nodes| nodes.len() == workers) }).await;
    }

    pub(crate) async fn until_settled(&self) {
        until(|| async { self.held() == 0 && self.client.depth().await.is_ok_and(|depth| depth.is_empty()) }).await;
        assert_eq!(self.server.cli(&["ZCARD", "unacked_index"]), ["0"]);
    }
}

/// A worker in the background, in a runtime of its own, so that it can be killed.
pub(crate) struct Running {
    pub(crate) stop: CancellationToken,
    runtime: Option<tokio::runtime::Runtime>,
    handle: tokio::task::JoinHandle<()>,
}

pub(crate) fn start(worker: Worker<Log>) -> Running {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stop = CancellationToken::new();
    let token = stop.clone();
    let handle = runtime.spawn(async move { worker.run(token).await });
    Running { stop, runtime: Some(runtime), handle }
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.ended().await;
    }

    /// It has stopped by itself.
    pub(crate) async fn ended(mut self) {
        let handle = &mut self.handle;
        tokio::time::timeout(Duration::from_secs(20), handle).await.expect("the worker stops").unwrap();
    }

    /// As a killed process ends: nothing is given back.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
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

/// A Python with Celery, in the folder of the Python side.
pub(crate) fn python(server: &Server, args: &[&str]) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the runner says where a Python is; there is no configuration here")]
    let python = std::env::var("ZG_TEST_PYTHON").expect("ZG_TEST_PYTHON names a Python with Celery; `cargo xtask test` makes one");
    let mut command = Command::new(python);
    command.args(args).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python"));
    command.env("BROKER", server.url()).env("BACKEND", server.url()).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

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

#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Two {
    x: i64,
    y: i64,
}

const SOON: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1)).without_jitter();

task!(Add, "conf.add", Two => i64, Policy::new(), |_ctx, two| {
    two.x.checked_add(two.y).ok_or_else(|| TaskError::fail("the sum is too large"))
});
task!(Sum, "conf.tsum", (Vec<i64>,) => i64, Policy::new(), |_ctx, args| Ok(args.0.iter().sum()));
task!(Fail, "conf.fail", (String,) => (), Policy::new(), |_ctx, args| {
    Err(TaskError::fail(Exception::new("ConformanceError", args.0)))
});
task!(Note, "conf.note", (Value,) => (), Policy::new(), |ctx, args| {
    ctx.state.add(args.0.to_string());
    Ok(())
});
task!(Wait, "conf.wait", (String,) => (), Policy::new(), |ctx, args| {
    ctx.state.add(format!("{} begins", args.0));
    ctx.state.gate.acquire().await?.forget();
    ctx.state.add(format!("{} ends", args.0));
    Ok(())
});
task!(WaitEarly, "conf.wait_early", (String,) => (), Policy::new().acks_early(), |ctx, args| {
    ctx.state.add(format!("{} begins", args.0));
    ctx.state.gate.acquire().await?.forget();
    Ok(())
});
task!(ToldEarly, "conf.told_early", () => (), Policy::new().acks_early(), |ctx, _args| {
    ctx.state.add("begins");
    tokio::select! {
        () = ctx.cancelled() => ctx.state.add("is told"),
        permit = ctx.state.gate.acquire() => permit?.forget(),
    }
    ctx.state.add("ends");
    Ok(())
});
task!(Flaky, "conf.flaky", (u32,) => u32, Policy::new().max_retries(5).backoff(SOON), |ctx, args| {
    ctx.state.add(format!("try {}", ctx.retries));
    if ctx.retries < args.0 {
        Err(TaskError::retry(Exception::new("FlakyError", "not yet")))?;
    }
    Ok(ctx.retries)
});
task!(Limited, "conf.limited", (u32,) => (), Policy::new().rate_limit(RateLimit::per_second(20)), |ctx, args| {
    ctx.state.add(args.0.to_string());
    Ok(())
});
task!(Tracked, "conf.tracked", (String,) => (), Policy::new().track_started(), |ctx, args| {
    ctx.state.add(format!("{} begins", args.0));
    ctx.state.gate.acquire().await?.forget();
    Ok(())
});
task!(Rejects, "conf.rejects", () => (), Policy::new(), |_ctx, _args| Err(TaskError::Reject));

/// Holds its thread until it is told to end.
pub(crate) struct Blocks;

impl BlockingTask<Log> for Blocks {
    const NAME: &'static str = "conf.blocks";
    type Args = (String,);
    type Output = String;

    fn run(ctx: &Context<Log>, (name,): (String,)) -> Result<String, TaskError> {
        ctx.state.add(format!("{name} begins"));
        while !ctx.is_cancelled() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok("told".to_owned())
    }
}
