//! P17: what operators see.

use std::sync::mpsc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::platform::Binary;

async fn text(url: &str) -> (u16, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let reply = reqwest::get(url).await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p17_figures_tell_what_happened_and_how_things_stand() {
    let binary = Binary::new();
    let server = binary.serve();
    assert_eq!(text(&server.url("/healthz")).await, (200, "ok\n".to_owned()));
    assert_eq!(text(&server.url("/readyz")).await, (200, "ready\n".to_owned()));
    assert_eq!(text(&server.url("/api/v1/admin/roles")).await.0, 401);
    let (status, figures) = text(&server.url("/metrics")).await;
    assert_eq!(status, 200);
    let has = |line: &str| assert!(figures.lines().any(|known| known == line), "{line} in\n{figures}");
    has("http_requests_total{method=\"GET\",route=\"/readyz\",status=\"200\"} 1");
    has("http_requests_total{method=\"GET\",route=\"/api/v1/admin/roles\",status=\"401\"} 1");
    has("http_request_seconds_count{route=\"/readyz\"} 1");
    has("zhanggui_info{version=\"0.1.0\",database=\"SQLite\"} 1");
    has("zhanggui_relay_events 0");
    has("zhanggui_jobs{state=\"running\"} 0");
    let size = figures.lines().find_map(|line| line.strip_prefix("zhanggui_database_bytes ")).unwrap();
    assert!(size.parse::<u64>().unwrap() > 100_000, "{size}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p17_a_request_is_found_in_the_log_by_its_id_and_no_secret_is_there() {
    let binary = Binary::new().with("LOG__LEVEL", "debug");
    binary
        .run_with(&["admin", "create", "--email", "boss@example.com", "--name", "Boss", "--password-file", "-"], "a-secret-password")
        .ok();
    let key = binary.run(&["admin", "api-key", "--scopes", "stock.read"]).ok().out.trim().to_owned();
    let server = binary.serve();
    let client = crate::support::http_client();
    let reply = client.get(server.url("/api/v1/admin/stock/entries?limit=1")).bearer_auth(&key).send().await.unwrap();
    let id = reply.headers()["x-request-id"].to_str().unwrap().to_owned();
    let signed_in = client
        .post(server.url("/api/v1/admin/session"))
        .json(&serde_json::json!({ "email": "boss@example.com", "password": "a-secret-password" }))
        .send()
        .await
        .unwrap();
    let cookie = signed_in.headers().get("set-cookie").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let token = cookie.split(['=', ';']).nth(1).unwrap_or("no cookie was set").to_owned();
    server.terminate();
    let (_, log) = tokio::task::spawn_blocking(move || server.ended()).await.unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect();
    let mine = lines.iter().find(|line| line["span"]["id"] == id.as_str() && line["message"] == "answered").expect("its line");
    assert_eq!(mine["span"]["route"], "/api/v1/admin/stock/entries");
    assert_eq!(mine["status"], 200);
    for secret in ["a-secret-password", &key, &token] {
        assert!(!log.contains(secret), "{secret} was logged");
    }
}

/// A collector that takes one report and hands out its bytes.
async fn collector() -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let tell = tell.clone();
            tokio::spawn(async move {
                let mut got = Vec::new();
                let mut chunk = [0; 4096];
                let whole = |got: &[u8]| {
                    let text = String::from_utf8_lossy(got).to_lowercase();
                    let (head, _) = text.split_once("\r\n\r\n")?;
                    let length: usize = head.split("content-length: ").nth(1)?.lines().next()?.trim().parse().ok()?;
                    Some(got.len() >= got.windows(4).position(|window| window == b"\r\n\r\n")? + 4 + length)
                };
                while whole(&got) != Some(true) {
                    let read = socket.read(&mut chunk).await.unwrap_or(0);
                    if read == 0 {
                        return;
                    }
                    got.extend_from_slice(&chunk[..read]);
                }
                let _ = socket
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .await;
                let _ = tell.send(got);
            });
        }
    });
    (format!("http://{address}/v1/traces"), told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p17_traces_go_to_the_collector_that_is_named() {
    let (endpoint, told) = collector().await;
    let binary = Binary::new().with("TELEMETRY__OTLP_ENDPOINT", &endpoint).with("LOG__LEVEL", "warn,zhanggui=info");
    let server = binary.serve();
    let caller: [u8; 16] = *b"one-trace-of-us!";
    let header = format!("00-{}-00f067aa0ba902b7-01", hex::encode(caller));
    let asked = crate::support::http_client().get(server.url("/readyz")).header("traceparent", header).send().await.unwrap();
    assert_eq!(asked.status(), 200);
    server.terminate();
    let (status, log) = tokio::task::spawn_blocking(move || server.ended()).await.unwrap();
    assert_eq!(status, Some(0), "{log}");
    let mut reports = String::new();
    while let Ok(report) = told.try_recv() {
        reports.push_str(&String::from_utf8_lossy(&report));
    }
    assert!(reports.starts_with("POST /v1/traces"), "{reports}\n{log}");
    for part in ["zhanggui", "service.version", "GET /readyz", "one-trace-of-us"] {
        assert!(reports.contains(part), "{part} in {reports}");
    }
}
