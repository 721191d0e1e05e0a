//! The server on a port of its own, in this process or as the real binary.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;
use zg_base::App;
use zg_web::ApiConfig;
use zhanggui::listen::{Bound, Limits, serve};

use super::TestApp;

/// A node that answers at a port, its relay at work.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    app: App,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

pub(crate) const LIMITS: Limits = Limits { connections: 30_000, headers: Duration::from_millis(400), drain: Duration::from_secs(5) };

impl TestApp {
    /// This application at a port of its own.
    pub(crate) fn listen(&self) -> Served {
        Served::of(self.app.clone(), self.router.clone())
    }
}

impl Served {
    /// A node with the default configuration.
    pub(crate) fn node(app: App) -> Self {
        let router = zhanggui::compose::api().router(app.clone(), &ApiConfig::default(), zhanggui::compose::pages());
        Self::of(app, router)
    }

    pub(crate) fn of(app: App, router: Router) -> Self {
        let bound = Bound::everything(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        let address = bound.address().expect("its number");
        let stop = CancellationToken::new();
        let tasks = vec![
            tokio::spawn(serve(vec![bound], router, LIMITS, stop.clone())),
            tokio::spawn(zg_base::run_relay(app.clone(), stop.clone())),
        ];
        Self { address, app, stop, tasks }
    }

    /// Stops as `zhanggui serve` does at a signal.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.app.hub().shutdown();
        self.app.hub().drained().await;
        for task in self.tasks {
            task.await.expect("the server ends");
        }
    }

    /// A live connection.
    pub(crate) async fn live(&self, cookie: &str, after: Option<i64>) -> Live {
        Live::connect(self.address, &[("cookie", cookie)], after).await.expect("a live connection")
    }
}

/// The client's end of a live connection.
pub(crate) struct Live {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    pub(crate) async fn connect(
        address: SocketAddr,
        headers: &[(&'static str, &str)],
        after: Option<i64>,
    ) -> Result<Self, tungstenite::Error> {
        let after = after.map(|id| format!("?after={id}")).unwrap_or_default();
        let mut request = format!("ws://{address}/ws{after}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        Ok(Self { socket: connect_async(request).await?.0 })
    }

    /// The next message that is no heartbeat; the code of the end otherwise.
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        let reading = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let value: Value = serde_json::from_str(&text).expect("JSON");
                        if value["type"] != "ping" {
                            return Ok(value);
                        }
                        let _gone = self.socket.send(Message::text(r#"{"type":"pong"}"#)).await;
                    }
                    Some(Ok(Message::Close(reason))) => return Err(reason.map_or(1005, |reason| reason.code.into())),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(1006),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reading).await.expect("a message in time")
    }

    /// Hears a message and answers it if it is a heartbeat; false at the end.
    pub(crate) async fn beat(&mut self) -> bool {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) if text.contains("\"ping\"") => {
                self.socket.send(Message::text(r#"{"type":"pong"}"#)).await.is_ok()
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => false,
            Some(Ok(_)) => true,
        }
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Value {
        loop {
            let value = self.next().await.expect("an event");
            if value["type"].is_null() {
                return value;
            }
        }
    }
}

/// A folder with a shop of its own, worked on by the real binary.
pub(crate) struct Binary {
    pub(crate) folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Binary {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data").display().to_string();
        Self { folder, settings: vec![("ZHANGGUI__DATA_DIR".to_owned(), data)] }
    }

    /// On the database of a test's application.
    pub(crate) fn on(url: &str) -> Self {
        Self::new().with("DATABASE__URL", url)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((format!("ZHANGGUI__{name}"), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file for the command to read.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhanggui"));
        command.args(arguments).current_dir(self.folder.path()).envs(self.settings.iter().cloned()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the binary runs"))
    }

    /// Runs a command with something on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        use std::io::Write as _;
        let mut child =
            self.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads");
        Ran::of(child.wait_with_output().expect("it ends"))
    }

    /// Starts the server and waits until it listens.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&["serve"])
    }

    pub(crate) fn serve_with(&self, arguments: &[&str]) -> Server {
        let mut command = self.command(arguments);
        for app in ["STORE", "ADMIN", "OPS"] {
            command.env(format!("ZHANGGUI__LISTEN__{app}"), "127.0.0.1:0");
        }
        let began = Instant::now();
        let mut child = command.env("ZHANGGUI__LOG__FORMAT", "json").stderr(Stdio::piped()).spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stderr.take().expect("its log"));
        let mut log = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).expect("a line"), 0, "the server ended: {log}");
            log.push_str(&line);
            let said: Value = serde_json::from_str(&line).unwrap_or_default();
            if said["message"] == "listening" {
                let address = said["address"].as_str().expect("an address").parse().expect("an address");
                // The rest is read, so that the server never waits for this test.
                let rest = std::thread::spawn(move || {
                    let mut rest = String::new();
                    let _ = lines.read_to_string(&mut rest);
                    rest
                });
                return Server { child, address, log, rest: Some(rest), started_in: began.elapsed() };
            }
        }
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails with all it said unless it ended well.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 0, "{self:#?}");
        self
    }
}

/// The real server, running.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    log: String,
    rest: Option<std::thread::JoinHandle<String>>,
    pub(crate) started_in: Duration,
}

impl Server {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without a word, as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it ran");
        let _ = self.child.wait();
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    /// Waits for its end; says its status and all it logged.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("its end").code();
        let rest = self.rest.take().map(|rest| rest.join().expect("its log")).unwrap_or_default();
        (status, std::mem::take(&mut self.log) + &rest)
    }

    /// Bytes of memory it holds.
    pub(crate) fn memory(&self) -> u64 {
        let text = std::fs::read_to_string(Path::new("/proc").join(self.child.id().to_string()).join("status")).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or_default() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
