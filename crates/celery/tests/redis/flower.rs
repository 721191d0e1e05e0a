//! Real Flower, by its HTTP API, with a worker in Rust.

use std::process::{Child, Stdio};
use std::time::Duration;

use celery::{Options, State};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::lab::{Lab, python, start, until};

/// A Flower on a free port; ended with its owner.
struct Flower {
    process: Child,
    port: u16,
}

impl Flower {
    async fn start(lab: &Lab) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (address, listen) = ("--address=127.0.0.1", format!("--port={port}"));
        let args = ["-m", "celery", "-A", "app", "flower", address, &listen, "--inspect-timeout=2000"];
        let mut command = python(&lab.server, &args);
        command.env("FLOWER_UNAUTHENTICATED_API", "1").stdout(Stdio::null()).stderr(Stdio::null());
        let flower = Self { process: command.spawn().unwrap(), port };
        until(|| async { tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() }).await;
        flower
    }

    /// The status, and what is said, as JSON if it is that.
    async fn ask(&self, method: &str, path: &str) -> (u16, Value) {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let request = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut said = String::new();
        tokio::time::timeout(Duration::from_secs(30), stream.read_to_string(&mut said)).await.expect("Flower answers").unwrap();
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|_| body.into()))
    }

    async fn post(&self, path: &str) -> String {
        let (status, said) = self.ask("POST", path).await;
        assert_eq!(status, 200, "{path}: {said}");
        said["message"].as_str().unwrap().to_owned()
    }

    async fn worker(&self) -> Value {
        let (status, mut workers) = self.ask("GET", "/api/workers?refresh=1&workername=rs@test").await;
        if status == 200 { workers["rs@test"].take() } else { Value::Null }
    }

    async fn task(&self, id: &str) -> Value {
        self.ask("GET", "/api/tasks").await.1[id].clone()
    }
}

impl Drop for Flower {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_flower_shows_workers_and_tasks() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(3).events(true));
    let flower = Flower::start(&lab).await;
    until(|| async { flower.worker().await["stats"]["pool"]["max-concurrency"] == 3 }).await;
    let seen = flower.worker().await;
    assert_eq!(seen["active_queues"][0]["name"], "rs");
    assert!(seen["registered"].as_array().unwrap().contains(&json!("conf.add")));
    assert_eq!(seen["stats"]["broker"]["transport"], "redis");
    // By its heartbeats it is online.
    until(|| async { flower.ask("GET", "/api/workers?status=1").await.1 == json!({"rs@test": true}) }).await;

    let sum = lab.send("conf.add", vec![json!(2), json!(3)]).await;
    let failed = lab.send("conf.fail", vec![json!("no")]).await;
    let flaky = lab.send("conf.flaky", vec![json!(1)]).await;
    until(|| async { flower.task(&flaky).await["state"] == "SUCCESS" && flower.task(&failed).await["state"] == "FAILURE" }).await;
    let task = flower.task(&sum).await;
    assert_eq!(
        (&task["name"], &task["state"], &task["result"], &task["worker"]),
        (&json!("conf.add"), &json!("SUCCESS"), &json!("5"), &json!("rs@test"))
    );
    assert!(task["received"].is_f64() && task["started"].is_f64() && task["succeeded"].is_f64() && task["runtime"].is_f64(), "{task}");
    let failed = flower.task(&failed).await;
    assert_eq!((&failed["exception"], &failed["args"]), (&json!("ConformanceError('no')"), &json!("[\"no\"]")));
    // Its pages are drawn of the same.
    for page in ["/worker/rs@test".to_owned(), format!("/task/{sum}"), "/workers".to_owned()] {
        let (status, html) = flower.ask("GET", &page).await;
        assert!(status == 200 && html.as_str().unwrap().contains("rs@test"), "{page}: {status}");
    }
    worker.stop().await;
    until(|| async { flower.ask("GET", "/api/workers?status=1").await.1 == json!({"rs@test": false}) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_flowers_buttons_work() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(1));
    let flower = Flower::start(&lab).await;
    until(|| async { flower.worker().await["stats"]["pool"]["max-concurrency"] == 1 }).await;

    let waits = [lab.send("conf.wait", vec![json!("a")]).await, lab.send("conf.wait", vec![json!("b")]).await];
    lab.log.until(1).await;
    assert_eq!(flower.post("/api/worker/pool/grow/rs@test?n=1").await, "Growing 'rs@test' worker's pool by 1");
    lab.log.until(2).await;
    assert_eq!(flower.post("/api/worker/pool/shrink/rs@test?n=1").await, "Shrinking 'rs@test' worker's pool by 1");
    until(|| async { flower.worker().await["stats"]["pool"]["max-concurrency"] == 1 }).await;

    let scheduled = lab.send_with("conf.note", vec![json!("never")], Options::new().countdown(Duration::from_hours(1))).await;
    until(|| async { flower.worker().await["scheduled"][0]["request"]["id"] == scheduled }).await;
    flower.post(&format!("/api/task/revoke/{scheduled}")).await;
    assert_eq!(lab.wait(&scheduled).await.state, State::Revoked);
    flower.post(&format!("/api/task/revoke/{}?terminate=true", waits[0])).await;
    let ended = lab.wait(&waits[0]).await;
    assert_eq!((ended.state, ended.failure.unwrap().message.as_str()), (State::Revoked, "terminated"));
    lab.log.gate.add_permits(1);
    assert_eq!(lab.wait(&waits[1]).await.state, State::Done);

    let said = flower.post("/api/task/rate-limit/conf.limited?workername=rs@test&ratelimit=7/h").await;
    assert_eq!(said, "new rate limit set successfully");
    until(|| async {
        flower.worker().await["registered"].as_array().is_some_and(|all| all.contains(&json!("conf.limited [rate_limit=7/h]")))
    })
    .await;
    let said = flower.post("/api/task/timeout/conf.wait?workername=rs@test&soft=0.1&hard=0.2").await;
    assert_eq!(said, "time limits set successfully");
    let limited = lab.send("conf.wait", vec![json!("c")]).await;
    assert_eq!(lab.wait(&limited).await.failure.unwrap().kind, "TimeLimitExceeded");

    assert_eq!(flower.post("/api/worker/queue/add-consumer/rs@test?queue=more").await, "add consumer more");
    until(|| async { flower.worker().await["active_queues"].as_array().is_some_and(|queues| queues.len() == 2) }).await;
    assert_eq!(flower.post("/api/worker/queue/cancel-consumer/rs@test?queue=more").await, "no longer consuming from more");
    until(|| async { flower.worker().await["active_queues"].as_array().is_some_and(|queues| queues.len() == 1) }).await;

    let (status, said) = flower.ask("POST", "/api/worker/pool/autoscale/rs@test?min=1&max=3").await;
    assert!(status == 403 && said.as_str().unwrap().contains("pool_grow"), "{said}");
    let (status, said) = flower.ask("POST", "/api/worker/pool/restart/rs@test").await;
    assert!(status == 403 && said.as_str().unwrap().contains("no pool of processes"), "{said}");
    assert_eq!(flower.post("/api/worker/shutdown/rs@test").await, "Shutting down!");
    worker.ended().await;
}
