//! Queues of one's own, a wire that can be cut, a Redis for results.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use celery::{
    CancellationToken, Client, Clock, Message, Options, RabbitBroker, RedisResults, ResultBackend as _, Signature, TaskResult, Worker,
};
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::{Map, Value};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::tasks::{Log, registry};

/// The RabbitMQ that tests run against.
pub(crate) fn rabbit() -> String {
    #[expect(clippy::disallowed_methods, reason = "the runner says where a RabbitMQ is; there is no configuration here")]
    let url = std::env::var("ZG_TEST_RABBITMQ");
    url.unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672".to_owned())
}

/// Where it is, without user and virtual host.
fn place() -> String {
    let url = rabbit();
    let rest = url.split_once("://").unwrap().1;
    let rest = rest.split('/').next().unwrap();
    rest.rsplit('@').next().unwrap().to_owned()
}

/// A wire to RabbitMQ.
pub(crate) struct Wire {
    port: u16,
    /// Grows with each cut; `None` while nothing gets through.
    cuts: watch::Sender<Option<u64>>,
    task: tokio::task::JoinHandle<()>,
}

impl Wire {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cuts = watch::Sender::new(Some(0));
        let watch = cuts.clone();
        let task = tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let mut cut = watch.subscribe();
                if cut.borrow_and_update().is_none() {
                    continue;
                }
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(place()).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self { port, cuts, task }
    }

    /// Breaks all connections.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts = Some(cuts.unwrap_or(0) + 1));
    }

    /// Breaks all connections, and lets none through until it is mended.
    pub(crate) fn hold(&self) {
        self.cuts.send_replace(None);
    }

    pub(crate) fn mend(&self) {
        self.cuts.send_replace(Some(0));
    }

    pub(crate) fn url(&self) -> String {
        let url = rabbit();
        url.replace(&place(), &format!("127.0.0.1:{}", self.port))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A Redis on a free port, ended with its owner.
pub(crate) struct Redis {
    process: Child,
    port: u16,
    _dir: tempfile::TempDir,
}

impl Redis {
    async fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = tempfile::tempdir().unwrap();
        let args = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir", dir.path().to_str().unwrap()];
        let process = Command::new("redis-server").args(args).stdout(Stdio::null()).spawn().expect("redis-server is installed");
        until(|| async { TcpStream::connect(("127.0.0.1", port)).await.is_ok() }).await;
        Self { process, port, _dir: dir }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) struct Lab {
    pub(crate) wire: Wire,
    pub(crate) redis: Redis,
    pub(crate) client: Client,
    pub(crate) results: RedisResults,
    pub(crate) log: Log,
    /// Stands before the names of all queues.
    pub(crate) prefix: String,
    /// Looks at RabbitMQ past the wire.
    eye: Connection,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        let redis = Redis::start().await;
        let results = RedisResults::new(&redis.url()).unwrap();
        let client = Client::new(Arc::new(RabbitBroker::new(&rabbit()).unwrap()), Clock::system()).with_results(Arc::new(results.clone()));
        let eye = Connection::connect(&rabbit(), ConnectionProperties::default()).await.unwrap();
        let prefix = format!("zg-{}-", uuid::Uuid::new_v4().simple());
        Self { wire: Wire::new().await, redis, client, results, log: Log::new(), prefix, eye }
    }

    pub(crate) fn queue(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A worker with a connection of its own through the wire, as in another process.
    pub(crate) fn worker(&self) -> Worker<Log> {
        self.worker_of(RabbitBroker::new(&self.wire.url()).unwrap())
    }

    pub(crate) fn worker_of(&self, broker: RabbitBroker) -> Worker<Log> {
        // A worker's connections end with its runtime.
        let results = RedisResults::new(&self.redis.url()).unwrap();
        let client = Client::new(Arc::new(broker), Clock::system()).with_results(Arc::new(results));
        let client = client.route("py.*", self.queue("py")).route("conf.*", self.queue("rs"));
        // What RabbitMQ's cuts leave to be found is found soon.
        Worker::new(&client, registry(), self.log.clone()).queues([self.queue("rs")]).lease(Duration::from_millis(300))
    }

    pub(crate) fn message(&self, task: &str, args: Vec<Value>, options: Options) -> Message {
        self.client.message_named(task, args, Map::new(), options.queue(self.queue("rs"))).unwrap()
    }

    pub(crate) async fn send(&self, task: &str, args: Vec<Value>) -> String {
        self.send_with(task, args, Options::new()).await
    }

    pub(crate) async fn send_with(&self, task: &str, args: Vec<Value>, options: Options) -> String {
        let message = self.message(task, args, options);
        self.client.send(std::slice::from_ref(&message)).await.unwrap();
        message.headers.id
    }

    pub(crate) fn signature(&self, task: &str, args: Vec<Value>) -> Signature {
        let queue = if task.starts_with("py.") { "py" } else { "rs" };
        Signature::named(task).queue(self.queue(queue)).args(args)
    }

    pub(crate) async fn wait(&self, id: &str) -> TaskResult {
        let found = self.results.wait(id, Duration::from_secs(30)).await.unwrap().expect("the call is known");
        assert!(found.state.is_final(), "{found:?}");
        found
    }

    pub(crate) async fn channel(&self) -> Channel {
        self.eye.create_channel().await.unwrap()
    }

    /// How many messages of a queue are in nobody's hands. With no worker left, those are all.
    pub(crate) async fn ready(&self, queue: &str) -> u32 {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let found = self.channel().await.queue_declare(self.queue(queue).into(), passive, FieldTable::default()).await;
        found.map_or(0, |found| found.message_count())
    }

    pub(crate) async fn until_ready(&self, queue: &str, count: u32) {
        until(|| async { self.ready(queue).await == count }).await;
    }

    /// Takes one message out of a queue.
    pub(crate) async fn get(&self, queue: &str) -> (BasicProperties, Vec<u8>) {
        let got = self.channel().await.basic_get(self.queue(queue).into(), BasicGetOptions { no_ack: true }).await.unwrap();
        let got = got.expect("a message waits").delivery;
        (got.properties, got.data)
    }

    /// Puts anything at all into a queue.
    pub(crate) async fn put(&self, queue: &str, properties: BasicProperties, body: &[u8]) {
        let channel = self.channel().await;
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sent = channel.basic_publish("".into(), self.queue(queue).into(), options, body, properties).await.unwrap().await.unwrap();
        assert!(sent.take_message().is_none(), "there is such a queue");
    }

    pub(crate) async fn delete(&self, queue: &str) {
        self.channel().await.queue_delete(self.queue(queue).into(), QueueDeleteOptions::default()).await.unwrap();
    }
}

impl Drop for Lab {
    /// Leaves RabbitMQ as it was.
    fn drop(&mut self) {
        let names: Vec<String> = ["rs", "py", "other", "rs.poison", "py.poison"].iter().map(|name| self.queue(name)).collect();
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let eye = Connection::connect(&rabbit(), ConnectionProperties::default()).await.unwrap();
                let channel = eye.create_channel().await.unwrap();
                for name in names {
                    let _ = channel.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await;
                    let _ = channel.exchange_delete(name.into(), ExchangeDeleteOptions::default()).await;
                }
                let _ = eye.close(200, "OK".into()).await;
            });
        });
        let _ = cleaning.join();
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
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
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

/// Waits for a state, at most 30 seconds.
pub(crate) async fn until<F: Future<Output = bool>>(mut reached: impl FnMut() -> F) {
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let end = std::time::Instant::now() + Duration::from_secs(30);
    while std::time::Instant::now() < end {
        looks.tick().await;
        if reached().await {
            return;
        }
    }
    panic!("the state was not reached in time");
}

pub(crate) async fn pass(span: Duration) {
    let begun = std::time::Instant::now();
    until(|| async { span < begun.elapsed() }).await;
}

/// A Python with Celery, in the folder of the Python side.
pub(crate) fn python(lab: &Lab, args: &[&str]) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the runner says where a Python is; there is no configuration here")]
    let python = std::env::var("ZG_TEST_PYTHON").expect("ZG_TEST_PYTHON names a Python with Celery; `cargo xtask test` makes one");
    let mut command = Command::new(python);
    command.args(args).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python"));
    command.env("BROKER", lab.wire.url()).env("BACKEND", lab.redis.url()).env("PREFIX", &lab.prefix).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
