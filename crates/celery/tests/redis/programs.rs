//! The two examples with a fixed command line, as processes.

use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use celery::{Bus as _, Control, RedisBus};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::lab::{Server, until};

fn program(name: &str) -> Command {
    let mut folder = std::env::current_exe().unwrap();
    folder.pop();
    folder.pop();
    Command::new(folder.join("examples").join(name))
}

struct Worker(Child);

impl Worker {
    fn start(server: &Server, more: &[&str]) -> Self {
        let url = server.url();
        let args = ["--broker", &url, "--backend", &url, "--queue", "q", "--hostname", "w1@test", "--concurrency", "2"];
        Self(program("conformance_worker").args(args).args(more).spawn().unwrap())
    }

    async fn end(&mut self) -> Option<i32> {
        let id = self.0.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let mut status = None;
        until(|| {
            status = self.0.try_wait().unwrap();
            std::future::ready(status.is_some())
        })
        .await;
        status.unwrap().code()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn produce(server: &Server, args: &[&str]) -> Output {
    let url = server.url();
    let mut command = program("conformance_producer");
    command.args(["--broker", &url, "--backend", &url, "--queue", "q"]).args(args).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn said(server: &Server, args: &[&str]) -> Value {
    let output = produce(server, args).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn p8_the_programs_say_what_came_of_a_call() {
    let server = Server::start().await;
    let mut worker = Worker::start(&server, &[]);
    let send = |args: &[&'static str]| [&["send"], args, &["--wait", "20"]].concat();
    let cases = [
        (send(&["conf.add", "--args", "[2,3]"]), json!("SUCCESS"), json!(5)),
        (send(&["conf.add", "--args", "[2]", "--kwargs", r#"{"y":0.5}"#]), json!("SUCCESS"), json!(2.5)),
        (
            send(&["conf.echo", "--args", r#"["好",null]"#, "--kwargs", r#"{"k":[1]}"#]),
            json!("SUCCESS"),
            json!({"args": ["好", null], "kwargs": {"k": [1]}}),
        ),
        (send(&["conf.fail", "--args", r#"["no"]"#]), json!("FAILURE"), json!({"exc_type": "ConformanceError", "exc_message": ["no"]})),
        (send(&["conf.flaky", "--args", r#"["k",2]"#]), json!("SUCCESS"), json!(3)),
        (send(&["conf.soft", "--args", "[5]"]), json!("FAILURE"), json!({"exc_type": "SoftTimeLimitExceeded", "exc_message": []})),
        (send(&["conf.ident"]), json!("SUCCESS"), json!("w1@test")),
        (send(&["conf.add", "--args", "[1,1]", "--countdown", "0.5"]), json!("SUCCESS"), json!(2)),
        (vec!["send", "conf.add", "--args", "[1,1]", "--countdown", "3600", "--wait", "0.2"], json!("PENDING"), Value::Null),
    ];
    for (args, state, result) in cases {
        let said = said(&server, &args).await;
        assert_eq!((&said["state"], &said["result"]), (&state, &result), "{args:?}");
    }
    let add = |x: u32, y: u32| format!(r#"{{"task":"conf.add","args":[{x},{y}]}}"#);
    let chain = format!(r#"[{},{{"task":"conf.add","args":[10]}},{{"task":"conf.add","args":[7,7],"immutable":true}}]"#, add(1, 2));
    assert_eq!(said(&server, &["chain", &chain, "--wait", "20"]).await["result"], json!(14));
    let two = format!("[{},{}]", add(1, 1), add(2, 2));
    let group = said(&server, &["group", &two, "--wait", "20"]).await;
    assert_eq!((&group["result"], group["children"].as_array().unwrap().len()), (&json!([2, 4]), 2));
    let chord = format!(r#"{{"header":{two},"body":{{"task":"conf.tsum"}}}}"#);
    assert_eq!(said(&server, &["chord", &chord, "--wait", "20"]).await["result"], json!(6));
    assert_eq!(worker.end().await, Some(0));
}

#[tokio::test]
async fn p8_the_programs_hear_remote_control_and_tell_what_happens() {
    let server = Server::start().await;
    let bus = Arc::new(RedisBus::new(&server.url()).unwrap());
    let mut heard = bus.events().await.unwrap();
    let mut worker = Worker::start(&server, &[]);
    let control = Control::new(bus).patience(Duration::from_secs(1));
    until(|| async { control.ping().await.unwrap().len() == 1 }).await;
    assert_eq!(control.enable_events().await.unwrap()["w1@test"], Ok("task events enabled".to_owned()));
    let sum = said(&server, &["send", "conf.add", "--args", "[2,3]", "--wait", "20"]).await;
    assert_eq!(sum["result"], json!(5));
    control.to(["w1@test"]).shutdown().await.unwrap();
    let mut status = None;
    until(|| {
        status = worker.0.try_wait().unwrap();
        std::future::ready(status.is_some())
    })
    .await;
    assert_eq!(status.unwrap().code(), Some(0));
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "worker-offline") {
        let post = tokio::time::timeout(Duration::from_secs(20), heard.next()).await.unwrap().unwrap();
        let events = post.into_events().into_iter().filter(|event| event.get("uuid").is_none_or(|id| *id == sum["id"]));
        kinds.extend(events.map(|event| event["type"].as_str().unwrap().to_owned()));
    }
    for kind in ["worker-online", "task-sent", "task-received", "task-started", "task-succeeded"] {
        assert_eq!(kinds.iter().filter(|heard| *heard == kind).count(), 1, "{kind}: {kinds:?}");
    }
}

#[tokio::test]
async fn p8_a_killed_program_gives_its_task_to_another() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out").to_str().unwrap().to_owned();
    let late = ["--acks-late", "--visibility-timeout", "2"];
    let mut doomed = Worker::start(&server, &late);
    let args = json!([30]).to_string();
    said(&server, &["send", "conf.sleep", "--args", &args]).await;
    let args = json!([file, "written"]).to_string();
    said(&server, &["send", "conf.write", "--args", &args, "--wait", "20"]).await;
    until(|| async { server.cli(&["HLEN", "unacked"]) == ["1"] }).await;
    doomed.0.kill().unwrap();
    let _next = Worker::start(&server, &late);
    // It is restored, and taken by the other one under another tag.
    let tags = server.cli(&["HKEYS", "unacked"]);
    until(|| async {
        let now = server.cli(&["HKEYS", "unacked"]);
        now.len() == 1 && now != tags
    })
    .await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "written\n");
}

#[tokio::test]
async fn p8_beat_fires_by_its_file_and_keeps_its_state() {
    let server = Server::start().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("schedule.json");
    let file = path.to_str().unwrap();
    let schedule = json!({
        "often": {"task": "conf.noop", "schedule": 0.5},
        "yearly": {"task": "conf.noop", "queue": "other", "schedule": {"crontab": {"minute": 0, "hour": 0, "day_of_month": 1, "month_of_year": 1}}}
    });
    std::fs::write(&path, schedule.to_string()).unwrap();
    assert!(produce(&server, &["beat", file, "2.2"]).await.status.success());
    let sent: u32 = server.cli(&["LLEN", "q"])[0].parse().unwrap();
    assert!((3..=4).contains(&sent), "{sent}");
    let state: Value = serde_json::from_slice(&std::fs::read(format!("{file}.state")).unwrap()).unwrap();
    assert_eq!((state["often"]["runs"].as_u64(), state["yearly"]["runs"].as_u64()), (Some(sent.into()), Some(0)));
    // What was missed meanwhile fires once.
    until({
        let begun = std::time::Instant::now();
        move || std::future::ready(Duration::from_secs(2) < begun.elapsed())
    })
    .await;
    assert!(produce(&server, &["beat", file, "0.2"]).await.status.success());
    let after: u32 = server.cli(&["LLEN", "q"])[0].parse().unwrap();
    assert!((1..=2).contains(&(after - sent)), "{sent}, then {after}");

    let broken = json!({"bad": {"task": "conf.noop", "schedule": {"crontab": {"minute": "61"}}}});
    std::fs::write(&path, broken.to_string()).unwrap();
    let refused = produce(&server, &["beat", file, "1"]).await;
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("`bad`") && words.contains("minute"), "{words}");
    std::fs::write(&path, "{").unwrap();
    assert!(!produce(&server, &["beat", file, "1"]).await.status.success());
}
