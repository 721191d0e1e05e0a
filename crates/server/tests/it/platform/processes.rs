//! P17, P8: web, worker and beat as processes of their own on one database.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::support::TestApp;
use crate::support::platform::Binary;

const BOSS: &str = "boss@example.com";
const LIMIT: Duration = Duration::from_secs(20);

/// A process that has no address; it does not outlive the test.
struct Process(Child);

impl Process {
    fn start(binary: &Binary, command: &str) -> Self {
        Self(binary.command(&[command]).stderr(Stdio::null()).spawn().expect("the binary runs"))
    }

    fn stop(mut self) -> Option<i32> {
        assert!(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().expect("kill").success());
        self.0.wait().expect("its end").code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Resolves when a letter lies in the folder.
async fn arrival(letters: &Path) {
    let mut look = tokio::time::interval(Duration::from_millis(50));
    while std::fs::read_dir(letters).map_or(0, Iterator::count) == 0 {
        look.tick().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p17_web_worker_and_beat_are_processes_of_one_shop() {
    let app = TestApp::new().await;
    let binary = Binary::on(&app.database_url());
    binary.run_with(&["admin", "create", "--email", BOSS, "--name", "Boss", "--password-file", "-"], "ten letters").ok();
    let web = binary.serve_with(&["serve", "--no-worker"]);
    let beat = Process::start(&binary, "beat");
    let asked = crate::support::http_client().post(web.url("/api/v1/admin/password/forgot")).json(&json!({ "email": BOSS })).send().await;
    assert_eq!(asked.unwrap().status(), 204);

    let letters = binary.path("data/mail");
    let none_comes = tokio::time::timeout(Duration::from_millis(600), arrival(&letters)).await.is_err();
    assert!(none_comes, "a web process without a worker sent a mail");
    let worker = Process::start(&binary, "worker");
    tokio::time::timeout(LIMIT, arrival(&letters)).await.expect("the worker sends it");
    web.terminate();
    let (status, log) = tokio::task::spawn_blocking(move || web.ended()).await.unwrap();
    assert_eq!((worker.stop(), beat.stop(), status), (Some(0), Some(0), Some(0)), "{log}");
}
