//! Slow readers are bounded and dropped, never waited for.

use hub::{CloseCode, Config, End, Frame, Hub, MemoryLog};
use serde_json::json;

use crate::support::{Peer, orders, publish, small, until};

#[tokio::test(start_paused = true)]
async fn p2_a_stopped_reader_is_dropped_while_others_go_on() {
    let (hub, log) = (Hub::new(small()), MemoryLog::new(1000));
    let stopped = Peer::of(hub.connect(orders(), None, log.clone()).unwrap(), 1);
    let mut reading = Vec::new();
    for _ in 0..3 {
        reading.push(Peer::of(hub.connect(orders(), None, log.clone()).unwrap(), 1).greeted().await);
    }
    for id in 1..=100 {
        publish(&hub, &log, id, "orders.read");
        for peer in &mut reading {
            assert_eq!(peer.ids(1).await, [id]);
        }
    }
    // It would not even take its farewell; that was not waited for either.
    assert_eq!(stopped.session.await.unwrap().unwrap(), End::Closed(CloseCode::SLOW));
    assert_eq!((hub.counts().connected, hub.counts().slow), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn p2_a_reader_that_is_only_slow_is_told_why_and_loses_nothing_by_coming_back() {
    let (hub, log) = (Hub::new(small()), MemoryLog::new(1000));
    let mut peer = Peer::of(hub.connect(orders(), Some(0), log.clone()).unwrap(), 4).greeted().await;
    for id in 1..=100 {
        publish(&hub, &log, id, "orders.read");
    }
    let mut seen = Vec::new();
    let code = loop {
        match peer.next().await {
            Ok(value) => seen.push(value["id"].as_i64().unwrap()),
            Err(code) => break code,
        }
    };
    assert_eq!(code, Some(CloseCode::SLOW));
    let last = seen.last().copied().unwrap_or(0);
    let mut again = Peer::of(hub.connect(orders(), Some(last), log.clone()).unwrap(), 4).greeted().await;
    seen.extend(again.ids(100 - seen.len()).await);
    assert_eq!(seen, (1..=100).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn p2_a_socket_that_stands_still_is_dropped_though_its_peer_talks() {
    let hub = Hub::default();
    let mut peer = Peer::of(hub.connect(orders(), None, MemoryLog::new(1)).unwrap(), 1);
    let outgoing = peer.outgoing.clone();
    let talk = async {
        let mut beat = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            beat.tick().await;
            let _gone = outgoing.send(Frame::Text(json!({ "type": "ping" }).to_string().into()));
        }
    };
    let end = tokio::select! {
        end = &mut peer.session => end.unwrap().unwrap(),
        () = talk => unreachable!("it talks for ever"),
    };
    assert_eq!(end, End::Closed(CloseCode::SLOW));
}

#[tokio::test(start_paused = true)]
async fn p2_reading_the_log_slowly_does_not_fill_the_queue() {
    let (hub, log) = (Hub::new(Config { recent: 1, ..small() }), MemoryLog::new(10_000));
    for id in 1..=500 {
        publish(&hub, &log, id, "orders.read");
    }
    let mut peer = Peer::of(hub.connect(orders(), Some(0), log.clone()).unwrap(), 1).greeted().await;
    // While it reads, ten times its queue is published.
    for id in 501..=660 {
        publish(&hub, &log, id, "orders.read");
    }
    assert_eq!(peer.ids(660).await, (1..=660).collect::<Vec<_>>());
    publish(&hub, &log, 661, "orders.read");
    assert_eq!(peer.ids(1).await, [661]);
    assert_eq!(hub.counts().slow, 0);
}

#[tokio::test]
async fn p2_a_session_that_never_ran_leaves_nothing_behind() {
    let (hub, log) = (Hub::new(small()), MemoryLog::new(10));
    let session = hub.connect(orders(), None, log.clone()).unwrap();
    let handle = session.handle();
    assert!(handle.is_open());
    for id in 1..=100 {
        publish(&hub, &log, id, "orders.read");
    }
    drop(session);
    assert!(!handle.is_open());
    until(|| hub.counts().connected == 0).await;
}
