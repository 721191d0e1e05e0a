//! P13: a server that stops loses nothing it has begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::support::TestApp;
use crate::support::platform::{Binary, Live, Served};

#[tokio::test]
async fn p13_a_request_in_flight_is_answered_although_the_server_stops() {
    let app = TestApp::new().await;
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = axum::Router::new().route(
        "/slow",
        get({
            let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
            move || async move {
                begun.notify_one();
                go_on.notified().await;
                "done"
            }
        }),
    );
    let server = Served::of(app.app.clone(), slow);
    let address = server.address;
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // Half-closed as well: the peer has said all it will say.
    socket.shutdown().await.unwrap();
    begun.notified().await;
    let stopping = tokio::spawn(server.stop());
    // No longer listened on, and still at work.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished());
    go_on.notify_one();
    let mut heard = String::new();
    socket.read_to_string(&mut heard).await.unwrap();
    assert!(heard.starts_with("HTTP/1.1 200 OK") && heard.ends_with("done"), "{heard}");
    stopping.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p13_a_stop_under_load_breaks_no_request_off_and_ends_well() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let binary = Binary::new();
    let key = binary.run(&["admin", "api-key", "--scopes", "stock.read"]).ok().out.trim().to_owned();
    let server = binary.serve();
    let bearer = format!("Bearer {key}");
    let mut live = Live::connect(server.address, &[("authorization", &bearer)], None).await.unwrap();
    assert_eq!(live.next().await.unwrap()["type"], "hello");
    let answered = Arc::new(AtomicU64::new(0));
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (url, answered) = (server.url("/readyz"), Arc::clone(&answered));
        clients.spawn(async move {
            let client = crate::support::http_client_builder().pool_max_idle_per_host(0).build().unwrap();
            loop {
                match client.get(&url).send().await {
                    Ok(reply) => {
                        assert_eq!(reply.status(), 200);
                        assert_eq!(reply.text().await.expect("a whole answer"), "ready\n");
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    // Not taken at all: another server would have it. Who was in the kernel's line
                    // when the socket closed is told by a reset, before anything was read.
                    Err(error) if error.is_connect() || never_taken(&error) => return,
                    Err(error) => panic!("broken off: {error:?}"),
                }
            }
        });
    }
    while answered.load(Ordering::Relaxed) < 200 {
        tokio::task::yield_now().await;
    }
    server.terminate();
    assert_eq!(live.next().await, Err(1001), "told to come again");
    let ended = tokio::task::spawn_blocking(move || server.ended());
    let (status, log) = tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap().unwrap();
    assert_eq!(status, Some(0), "{log}");
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
}

/// Was the connection reset before the server read of it?
fn never_taken(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionReset) {
            return true;
        }
        source = cause.source();
    }
    false
}
