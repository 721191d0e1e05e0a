//! Both ends notice silence.

use std::time::Duration;

use hub::{CloseCode, End, Frame, Hub, MemoryLog};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Peer, orders, publish};

async fn text(peer: &mut Peer) -> Value {
    match peer.incoming.recv().await {
        Some(Frame::Text(text)) => serde_json::from_str(text.as_str()).unwrap(),
        other => panic!("no text: {other:?}"),
    }
}

fn open(hub: &Hub) -> Peer {
    Peer::of(hub.connect(orders(), None, MemoryLog::new(10)).unwrap(), 64)
}

#[tokio::test(start_paused = true)]
async fn p2_hello_comes_first_and_names_the_heartbeat() {
    let hub = Hub::default();
    hub.start_after(41);
    let mut peer = open(&hub);
    assert_eq!(text(&mut peer).await, json!({ "type": "hello", "latest": 41, "heartbeat_ms": 3000, "missed": 2 }));
    assert_eq!(text(&mut peer).await, json!({ "type": "ping", "id": 41 }));
}

#[tokio::test(start_paused = true)]
async fn p2_a_half_open_peer_is_closed_after_two_missed_heartbeats() {
    let hub = Hub::default();
    let start = Instant::now();
    let mut peer = open(&hub);
    assert_eq!((&mut peer.session).await.unwrap().unwrap(), End::Closed(CloseCode::SILENT));
    // Pinged at 0 s and 3 s; at 6 s both are missed.
    assert_eq!(start.elapsed().as_secs(), 6);
    let mut frames = Vec::new();
    while let Some(frame) = peer.incoming.recv().await {
        frames.push(frame);
    }
    assert_eq!(frames.len(), 4, "hello, two pings, close: {frames:?}");
    assert_eq!(frames[3], Frame::Close(Some(CloseCode::SILENT)));
    assert_eq!((hub.counts().connected, hub.counts().silent), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn p2_a_peer_that_falls_silent_later_is_found_as_well() {
    let hub = Hub::default();
    let start = Instant::now();
    let mut peer = open(&hub);
    text(&mut peer).await;
    for _ in 0..10 {
        assert_eq!(text(&mut peer).await["type"], "ping");
        peer.say(json!({ "type": "pong" }));
    }
    assert_eq!(start.elapsed().as_secs(), 27);
    assert_eq!((&mut peer.session).await.unwrap().unwrap(), End::Closed(CloseCode::SILENT));
    assert_eq!(start.elapsed().as_secs(), 36);
}

#[tokio::test(start_paused = true)]
async fn p2_any_word_of_the_peer_is_a_sign_of_life() {
    let hub = Hub::default();
    let mut peer = open(&hub);
    for _ in 0..20 {
        tokio::time::advance(Duration::from_secs(2)).await;
        peer.say(json!({ "type": "ping" }));
        tokio::task::yield_now().await;
    }
    let mut pongs = 0;
    while let Ok(Frame::Text(frame)) = peer.incoming.try_recv() {
        pongs += usize::from(frame.as_str() == r#"{"type":"pong"}"#);
    }
    assert_eq!(pongs, 20);
    assert_eq!(hub.counts().connected, 1);
}

#[tokio::test(start_paused = true)]
async fn p2_a_ping_says_how_far_the_session_has_come() {
    let (hub, log) = (Hub::default(), MemoryLog::new(10));
    let mut peer = open(&hub);
    text(&mut peer).await;
    assert_eq!(text(&mut peer).await["id"], 0);
    publish(&hub, &log, 1, "orders.read");
    publish(&hub, &log, 2, "stock.read");
    assert_eq!(text(&mut peer).await["id"], 1);
    peer.say(json!({ "type": "pong" }));
    // Nothing of its own came since, but it may resume after 2.
    assert_eq!(text(&mut peer).await, json!({ "type": "ping", "id": 2 }));
}

#[tokio::test(start_paused = true)]
async fn p2_a_peer_that_leaves_ends_the_session() {
    let hub = Hub::default();
    let peer = open(&hub);
    peer.outgoing.send(Frame::Close(Some(CloseCode::NORMAL))).unwrap();
    assert_eq!(peer.session.await.unwrap().unwrap(), End::Left);
    let peer = open(&hub);
    drop(peer.outgoing);
    assert_eq!(peer.session.await.unwrap().unwrap(), End::Left);
    assert_eq!(hub.counts().connected, 0);
}

#[tokio::test(start_paused = true)]
async fn p2_what_is_no_message_closes_with_its_code() {
    let hub = Hub::default();
    for (frame, code) in [
        (Frame::Binary("x".into()), CloseCode::UNSUPPORTED),
        (Frame::Text("{".into()), CloseCode::INVALID),
        (Frame::Text("[]".into()), CloseCode::INVALID),
        (Frame::Text("x".repeat(16 * 1024 + 1).into()), CloseCode::TOO_BIG),
    ] {
        let peer = open(&hub);
        peer.outgoing.send(frame).unwrap();
        assert_eq!(peer.session.await.unwrap().unwrap(), End::Closed(code));
    }
}

#[tokio::test(start_paused = true)]
async fn p2_the_application_hears_the_client_and_answers_it_alone() {
    let hub = Hub::default();
    let session = hub.connect(orders(), None, MemoryLog::new(10)).unwrap();
    let handle = session.handle();
    let mut peer = Peer::of(session.on_message(move |message| handle.send(&json!({ "type": "echo", "of": message["text"] }))), 64);
    let mut other = open(&hub);
    peer.say(json!({ "type": "say", "text": "你好" }));
    text(&mut peer).await;
    assert_eq!(peer.next().await.unwrap(), json!({ "type": "echo", "of": "你好" }));
    assert_eq!(text(&mut other).await["type"], "hello");
    assert_eq!(text(&mut other).await["type"], "ping");
    assert!(other.incoming.try_recv().is_err());
}
