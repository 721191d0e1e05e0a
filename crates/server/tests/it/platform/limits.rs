//! P12, P13: connections as they come, spoken to byte by byte.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zg_web::ApiConfig;
use zhanggui::listen::Bound;

use crate::support::TestApp;
use crate::support::platform::Served;

async fn impatient() -> (TestApp, Served) {
    let app = TestApp::with(ApiConfig { timeout: Duration::from_millis(500), ..ApiConfig::default() }).await;
    let server = app.listen();
    (app, server)
}

/// Says something, half-closes if `end`, and hears all that comes back.
async fn say(server: &Served, text: &str, end: bool) -> String {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(text.as_bytes()).await.unwrap();
    if end {
        socket.shutdown().await.unwrap();
    }
    let mut heard = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut heard)).await.expect("the server closes");
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test]
async fn p13_who_has_said_all_still_hears_the_answer() {
    let (_app, server) = impatient().await;
    let heard = say(&server, "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", true).await;
    assert!(heard.starts_with("HTTP/1.1 200 OK") && heard.ends_with("ready\n"), "{heard}");
    server.stop().await;
}

#[tokio::test]
async fn p13_a_head_that_does_not_come_is_not_awaited() {
    let (_app, server) = impatient().await;
    let began = Instant::now();
    let heard = say(&server, "GET /readyz HTTP/1.1\r\nHo", false).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{heard}");
    assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 408"), "{heard}");
    server.stop().await;
}

#[tokio::test]
async fn p13_a_body_that_does_not_come_is_answered_408() {
    let (_app, server) = impatient().await;
    let head = "POST /api/v1/admin/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\"";
    let heard = say(&server, head, false).await;
    assert!(heard.starts_with("HTTP/1.1 408") && heard.contains("request_timeout"), "{heard}");
    server.stop().await;
}

#[tokio::test]
async fn p13_heads_and_bodies_have_a_largest_size() {
    let (_app, server) = impatient().await;
    let large = format!("GET /readyz HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "x".repeat(80_000));
    let heard = say(&server, &large, false).await;
    assert!(heard.starts_with("HTTP/1.1 431"), "{heard}");
    let head = "POST /api/v1/admin/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\nConnection: close\r\n\r\n";
    let heard = say(&server, head, true).await;
    assert!(heard.starts_with("HTTP/1.1 413") || heard.starts_with("HTTP/1.1 400"), "{heard}");
    let heard = say(&server, "NONSENSE\r\n\r\n", false).await;
    assert!(heard.starts_with("HTTP/1.1 400"), "{heard}");
    server.stop().await;
}

#[tokio::test]
async fn p12_one_socket_takes_both_families() {
    let app = TestApp::new().await;
    let bound = Bound::everything("[::]:0".parse().unwrap()).unwrap();
    let port = bound.address().unwrap().port();
    let stop = tokio_util::sync::CancellationToken::new();
    let serving = tokio::spawn(zhanggui::listen::serve(vec![bound], app.router.clone(), crate::support::platform::LIMITS, stop.clone()));
    for host in ["127.0.0.1", "[::1]"] {
        let text = reqwest_get(&format!("http://{host}:{port}/healthz")).await;
        assert_eq!(text, (200, "ok\n".to_owned()), "{host}");
    }
    stop.cancel();
    serving.await.unwrap();
}

async fn reqwest_get(url: &str) -> (u16, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let reply = reqwest::get(url).await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}
