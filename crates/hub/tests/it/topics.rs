//! Who hears what, and who no longer does.

use hub::{CloseCode, Config, End, Error, Hub, MemoryLog, Topics};
use serde_json::json;

use crate::support::{Peer, event, orders, publish, small};

#[tokio::test(start_paused = true)]
async fn p2_a_session_hears_its_topics_and_no_others() {
    let (hub, log) = (Hub::default(), MemoryLog::new(10));
    let both = Topics::new(["stock.read", "orders.read", "stock.read"]);
    assert_eq!(both.iter().collect::<Vec<_>>(), ["orders.read", "stock.read"]);
    let mut one = Peer::of(hub.connect(orders(), None, log.clone()).unwrap(), 64).greeted().await;
    let mut two = Peer::of(hub.connect(both, None, log.clone()).unwrap(), 64).greeted().await;
    for (id, topic) in [(1, "stock.read"), (2, "users.read"), (3, "orders.read")] {
        publish(&hub, &log, id, topic);
    }
    assert_eq!(one.next().await.unwrap(), serde_json::to_value(event(3, "orders.read")).unwrap());
    assert_eq!(two.ids(2).await, [1, 3]);
}

#[tokio::test]
async fn p2_an_event_is_published_once_and_in_order() {
    let hub = Hub::default();
    hub.start_after(10);
    assert!(!hub.publish(event(10, "orders.read")));
    assert!(hub.publish(event(12, "orders.read")));
    assert!(!hub.publish(event(12, "orders.read")));
    assert!(!hub.publish(event(11, "orders.read")));
    hub.start_after(99);
    assert_eq!((hub.last_published(), hub.counts().published), (12, 1));
}

#[tokio::test(start_paused = true)]
async fn p2_a_right_taken_away_works_at_once_also_for_what_was_queued() {
    let (hub, log) = (Hub::new(small()), MemoryLog::new(10));
    let session = hub.connect_as("staff:7", Topics::new(["orders.read", "stock.read"]), None, log.clone()).unwrap();
    for (id, topic) in [(1, "stock.read"), (2, "orders.read"), (3, "stock.read")] {
        publish(&hub, &log, id, topic);
    }
    for handle in hub.sessions_of("staff:7") {
        handle.restrict(&Topics::new(["orders.read", "users.read"]));
        assert_eq!(handle.topics(), orders());
    }
    publish(&hub, &log, 4, "stock.read");
    publish(&hub, &log, 5, "users.read");
    publish(&hub, &log, 6, "orders.read");
    let mut peer = Peer::of(session, 64).greeted().await;
    assert_eq!(peer.next().await.unwrap(), json!({ "type": "topics", "topics": ["orders.read"] }));
    assert_eq!(peer.ids(2).await, [2, 6]);
}

#[tokio::test(start_paused = true)]
async fn p2_a_right_taken_away_works_while_the_log_is_read() {
    let (hub, log) = (Hub::new(small()), MemoryLog::new(1000));
    for id in 1..=100 {
        publish(&hub, &log, id, if id % 2 == 0 { "orders.read" } else { "stock.read" });
    }
    let session = hub.connect(Topics::new(["orders.read", "stock.read"]), Some(0), log.clone()).unwrap();
    let handle = session.handle();
    let mut peer = Peer::of(session, 1).greeted().await;
    let before = peer.ids(10).await;
    assert_eq!(before, (1..=10).collect::<Vec<_>>());
    handle.restrict(&orders());
    // What the socket holds already cannot be taken back.
    let mut after = Vec::new();
    let mut told = false;
    while after.last() != Some(&100) {
        let value = peer.next().await.unwrap();
        match value["id"].as_i64() {
            Some(id) => {
                assert!(!told || id % 2 == 0, "{id} after the right was gone");
                after.push(id);
            }
            None => told = value["type"] == "topics",
        }
    }
    let even: Vec<i64> = after.into_iter().filter(|id| id % 2 == 0).collect();
    assert_eq!(even, (12..=100).step_by(2).collect::<Vec<_>>());
    assert!(told);
}

#[tokio::test(start_paused = true)]
async fn p2_a_right_given_is_heard_from_then_on() {
    let (hub, log) = (Hub::default(), MemoryLog::new(10));
    let session = hub.connect(orders(), None, log.clone()).unwrap();
    let handle = session.handle();
    let mut peer = Peer::of(session, 64).greeted().await;
    publish(&hub, &log, 1, "stock.read");
    handle.set_topics(&Topics::new(["stock.read"]));
    publish(&hub, &log, 2, "stock.read");
    publish(&hub, &log, 3, "orders.read");
    assert_eq!(peer.next().await.unwrap(), json!({ "type": "topics", "topics": ["stock.read"] }));
    assert_eq!(peer.ids(1).await, [2]);
    handle.set_topics(&Topics::new(["stock.read"]));
    publish(&hub, &log, 4, "stock.read");
    assert_eq!(peer.ids(1).await, [4], "no change is not told");
}

#[tokio::test(start_paused = true)]
async fn p2_signing_out_closes_the_sessions_of_one_person() {
    let (hub, log) = (Hub::default(), MemoryLog::new(10));
    let mut gone = Vec::new();
    for _ in 0..2 {
        gone.push(Peer::of(hub.connect_as("staff:7", orders(), None, log.clone()).unwrap(), 64).greeted().await);
    }
    let mut stays = Peer::of(hub.connect_as("staff:8", orders(), None, log.clone()).unwrap(), 64).greeted().await;
    let handles = hub.sessions_of("staff:7");
    assert_eq!(handles.len(), 2);
    for handle in &handles {
        handle.close(CloseCode::SIGNED_OUT);
    }
    for mut peer in gone {
        assert_eq!((&mut peer.session).await.unwrap().unwrap(), End::Closed(CloseCode::SIGNED_OUT));
        assert_eq!(peer.next().await, Err(Some(CloseCode::SIGNED_OUT)));
    }
    assert!(hub.sessions_of("staff:7").is_empty());
    publish(&hub, &log, 1, "orders.read");
    assert_eq!(stays.ids(1).await, [1]);
}

#[tokio::test(start_paused = true)]
async fn p2_a_shutdown_closes_all_and_opens_no_more() {
    let hub = Hub::new(Config { sessions: 2, ..Config::default() });
    let log = MemoryLog::new(10);
    let peers: Vec<Peer> = (0..2).map(|_| Peer::of(hub.connect(orders(), None, log.clone()).unwrap(), 64)).collect();
    assert!(matches!(hub.connect(orders(), None, log.clone()), Err(Error::Full)));
    hub.shutdown();
    hub.drained().await;
    for peer in peers {
        assert_eq!(peer.session.await.unwrap().unwrap(), End::Closed(CloseCode::GOING_AWAY));
    }
    assert!(matches!(hub.connect(orders(), None, log), Err(Error::ShuttingDown)));
    assert_eq!(hub.counts().connected, 0);
}
