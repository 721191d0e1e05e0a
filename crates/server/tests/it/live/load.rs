//! Many sockets, few bytes.

use std::time::Duration;

use crate::support::platform::{Binary, Live};

const SOCKETS: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p2_ten_thousand_idle_sockets_cost_less_than_20_kb_each() {
    let binary = Binary::new();
    binary.run_with(&["admin", "create", "--email", "boss@example.com", "--name", "Boss", "--password-file", "-"], "a long password").ok();
    let key = binary.run(&["admin", "api-key", "--scopes", "stock.read"]).ok().out.trim().to_owned();
    let server = binary.serve();
    let bearer = format!("Bearer {key}");
    let (tell, mut told) = tokio::sync::mpsc::channel::<()>(1);
    let open = || async {
        let mut live = Live::connect(server.address, &[("authorization", &bearer)], None).await.unwrap();
        let tell = tell.clone();
        // Each answers its heartbeat from the start: opening them all takes longer than a beat.
        tokio::spawn(async move {
            while live.beat().await {}
            let _ = tell.send(()).await;
        });
    };
    // The first sockets pay for what all share.
    futures_util::future::join_all((0..50).map(|_| open())).await;
    let before = server.memory();
    for _ in 0..SOCKETS / 100 {
        futures_util::future::join_all((0..100).map(|_| open())).await;
    }
    // Three beats: whoever does not answer is dropped after two.
    assert!(tokio::time::timeout(Duration::from_secs(10), told.recv()).await.is_err(), "a socket was closed");
    let each = (server.memory() - before) / u64::try_from(SOCKETS).unwrap();
    eprintln!("{SOCKETS} idle sockets: {each} bytes each");
    assert!(each < 20 * 1024, "{each} bytes a socket");
}
