//! Who comes back misses nothing and hears nothing twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hub::{CloseCode, Config, Error, Event, EventLog, Hub, MemoryLog, Topics};
use serde_json::json;

use crate::support::{Gone, Peer, event, orders, publish, small, until};

fn hub_without_memory() -> Hub {
    Hub::new(Config { recent: 0, ..small() })
}

#[tokio::test(start_paused = true)]
async fn p2_resume_sends_what_was_missed_then_what_comes() {
    for hub in [Hub::default(), Hub::new(small()), hub_without_memory()] {
        let log = MemoryLog::new(1000);
        for id in 1..=50 {
            publish(&hub, &log, id, if id % 5 == 0 { "stock.read" } else { "orders.read" });
        }
        let mut peer = Peer::of(hub.connect(orders(), Some(20), log.clone()).unwrap(), 4).greeted().await;
        let missed: Vec<i64> = (21..=50).filter(|id| id % 5 != 0).collect();
        assert_eq!(peer.ids(missed.len()).await, missed);
        publish(&hub, &log, 51, "orders.read");
        assert_eq!(peer.ids(1).await, [51]);
    }
}

#[tokio::test(start_paused = true)]
async fn p2_without_an_id_only_what_comes_is_sent() {
    let (hub, log) = (Hub::default(), MemoryLog::new(1000));
    publish(&hub, &log, 1, "orders.read");
    let session = hub.connect(orders(), None, log.clone()).unwrap();
    publish(&hub, &log, 2, "orders.read");
    let mut peer = Peer::of(session, 64);
    assert_eq!(peer.next().await.unwrap()["latest"], 1);
    assert_eq!(peer.ids(1).await, [2]);
}

/// A log that counts how often it is read.
#[derive(Clone)]
struct Counting(MemoryLog, Arc<AtomicUsize>);

impl EventLog for Counting {
    type Error = Gone;

    async fn after(&self, id: i64, topics: &Topics, limit: usize) -> Result<Vec<Event>, Gone> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.after(id, topics, limit).await.map_err(|_| Gone)
    }

    async fn oldest(&self) -> Result<Option<i64>, Gone> {
        self.0.oldest().await.map_err(|_| Gone)
    }

    async fn latest(&self) -> Result<Option<i64>, Gone> {
        self.0.latest().await.map_err(|_| Gone)
    }
}

#[tokio::test(start_paused = true)]
async fn p2_a_short_absence_costs_no_reading_of_the_log() {
    let hub = Hub::new(small()); // remembers 8
    let log = Counting(MemoryLog::new(1000), Arc::default());
    for id in 1..=50 {
        publish(&hub, &log.0, id, "orders.read");
    }
    for (after, reads) in [(50, 0), (42, 0), (41, 1)] {
        log.1.store(0, Ordering::Relaxed);
        let mut peer = Peer::of(hub.connect(orders(), Some(after), log.clone()).unwrap(), 64).greeted().await;
        assert_eq!(peer.ids(usize::try_from(50 - after).unwrap()).await, (after + 1..=50).collect::<Vec<_>>());
        assert_eq!(log.1.load(Ordering::Relaxed).min(1), reads, "after {after}");
    }
}

#[tokio::test(start_paused = true)]
async fn p2_a_log_that_no_longer_reaches_back_resets_the_client() {
    let (hub, log) = (hub_without_memory(), MemoryLog::new(30));
    for id in 1..=50 {
        publish(&hub, &log, id, "orders.read");
    }
    // 21 is the oldest left: after 20 nothing is missing, after 19 something is.
    let mut whole = Peer::of(hub.connect(orders(), Some(20), log.clone()).unwrap(), 64).greeted().await;
    assert_eq!(whole.ids(30).await, (21..=50).collect::<Vec<_>>());
    let mut torn = Peer::of(hub.connect(orders(), Some(19), log.clone()).unwrap(), 64).greeted().await;
    assert_eq!(torn.next().await.unwrap(), json!({ "type": "reset", "latest": 50 }));
    publish(&hub, &log, 51, "orders.read");
    assert_eq!(torn.ids(1).await, [51]);
    assert_eq!(hub.counts().reset, 1);
}

#[tokio::test(start_paused = true)]
async fn p2_an_id_that_never_was_resets_the_client() {
    // As after a restored backup: the client has seen more than there is.
    let (hub, log) = (hub_without_memory(), MemoryLog::new(30));
    for id in 1..=5 {
        publish(&hub, &log, id, "orders.read");
    }
    let mut peer = Peer::of(hub.connect(orders(), Some(700), log.clone()).unwrap(), 64).greeted().await;
    assert_eq!(peer.next().await.unwrap(), json!({ "type": "reset", "latest": 5 }));
    publish(&hub, &log, 6, "orders.read");
    assert_eq!(peer.ids(1).await, [6]);

    // And on a new, empty database.
    let (hub, log) = (Hub::default(), MemoryLog::new(30));
    let mut peer = Peer::of(hub.connect(orders(), Some(700), log).unwrap(), 64).greeted().await;
    assert_eq!(peer.next().await.unwrap(), json!({ "type": "reset", "latest": 0 }));
}

#[tokio::test(start_paused = true)]
async fn p2_a_node_behind_the_log_repeats_nothing_when_it_catches_up() {
    // The client saw 55 on another node; this one has published up to 40.
    for hub in [Hub::default(), hub_without_memory()] {
        let log = MemoryLog::new(1000);
        for id in 1..=60 {
            log.push(event(id, "orders.read"));
        }
        hub.start_after(40);
        for (after, first) in [(55, 56), (30, 31)] {
            let mut peer = Peer::of(hub.connect(orders(), Some(after), log.clone()).unwrap(), 64).greeted().await;
            assert_eq!(peer.ids(usize::try_from(60 - after).unwrap()).await, (first..=60).collect::<Vec<_>>());
        }
        let mut peer = Peer::of(hub.connect(orders(), Some(55), log.clone()).unwrap(), 64).greeted().await;
        assert_eq!(peer.ids(3).await, [56, 57, 58]);
        for id in 41..=60 {
            hub.publish(event(id, "orders.read"));
        }
        publish(&hub, &log, 61, "orders.read");
        assert_eq!(peer.ids(3).await, [59, 60, 61]);
    }
}

/// A log in which something happens just before and just after each reading.
struct Busy(Hub, MemoryLog);

impl Busy {
    fn happen(&self) {
        publish(&self.0, &self.1, self.0.last_published() + 1, "orders.read");
    }
}

impl EventLog for Busy {
    type Error = Gone;

    async fn after(&self, id: i64, topics: &Topics, limit: usize) -> Result<Vec<Event>, Gone> {
        self.happen();
        let events = self.1.after(id, topics, limit).await.map_err(|_| Gone);
        self.happen();
        events
    }

    async fn oldest(&self) -> Result<Option<i64>, Gone> {
        self.1.oldest().await.map_err(|_| Gone)
    }

    async fn latest(&self) -> Result<Option<i64>, Gone> {
        self.1.latest().await.map_err(|_| Gone)
    }
}

#[tokio::test(start_paused = true)]
async fn p2_what_is_published_between_reading_and_going_live_comes_once() {
    for past in 1..=40 {
        let (hub, log) = (hub_without_memory(), MemoryLog::new(1000));
        for id in 1..=past {
            publish(&hub, &log, id, "orders.read");
        }
        let mut peer = Peer::of(hub.connect(orders(), Some(0), Busy(hub.clone(), log.clone())).unwrap(), 4).greeted().await;
        let mut seen = Vec::new();
        while seen.last() < Some(&hub.last_published()) {
            seen.extend(peer.ids(1).await);
        }
        let next = hub.last_published() + 1;
        publish(&hub, &log, next, "orders.read");
        while seen.last() < Some(&next) {
            seen.extend(peer.ids(1).await);
        }
        assert_eq!(seen, (1..=hub.last_published()).collect::<Vec<_>>(), "{past} in the log");
    }
}

/// A log that cannot be read.
struct Broken;

impl EventLog for Broken {
    type Error = Gone;

    async fn after(&self, _: i64, _: &Topics, _: usize) -> Result<Vec<Event>, Gone> {
        Err(Gone)
    }

    async fn oldest(&self) -> Result<Option<i64>, Gone> {
        Err(Gone)
    }

    async fn latest(&self) -> Result<Option<i64>, Gone> {
        Err(Gone)
    }
}

#[tokio::test(start_paused = true)]
async fn p2_a_log_that_fails_sends_the_client_away_to_come_again() {
    let hub = Hub::default();
    let mut peer = Peer::of(hub.connect(orders(), Some(7), Broken).unwrap(), 64);
    assert!(matches!((&mut peer.session).await.unwrap(), Err(Error::Log(_))));
    loop {
        if let Err(code) = peer.next().await {
            assert_eq!(code, Some(CloseCode::INTERNAL));
            break;
        }
    }
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

const EVENTS: i64 = 5_000;
const TOPICS: [&str; 4] = ["orders.read", "stock.read", "users.read", "prices.read"];

fn topic_of(id: i64) -> &'static str {
    TOPICS[usize::try_from(Dice(u64::try_from(id).unwrap()).below(4)).unwrap()]
}

/// Comes and goes, reads fast and slowly, and writes down what it hears.
async fn come_and_go(hub: Hub, log: MemoryLog, seed: u64) {
    let mut dice = Dice(seed);
    let topics: Topics = TOPICS.into_iter().filter(|_| dice.below(2) == 0).chain(["orders.read"]).collect();
    let mut seen: Vec<i64> = Vec::new();
    let mut visits = 0;
    let last_of_mine = (1..=EVENTS).rev().find(|id| topics.contains(topic_of(*id))).unwrap();
    while seen.last() != Some(&last_of_mine) {
        visits += 1;
        let after = seen.last().copied().unwrap_or(0);
        let buffer = usize::try_from(dice.below(40) + 1).unwrap();
        let mut peer = Peer::of(hub.connect(topics.clone(), Some(after), log.clone()).unwrap(), buffer);
        let mut stay = dice.below(700);
        let lazy = dice.below(4) == 0;
        while 0 < stay && seen.last() != Some(&last_of_mine) {
            match peer.next().await {
                Ok(value) => {
                    if let Some(id) = value["id"].as_i64() {
                        stay -= 1;
                        seen.push(id);
                    }
                    assert_ne!(value["type"], "reset");
                }
                Err(code) => {
                    assert_eq!(code, Some(CloseCode::SLOW));
                    break;
                }
            }
            if lazy && dice.below(3) == 0 {
                tokio::task::yield_now().await;
            }
        }
        // Gone without a word; what was on its way is lost and must come again.
        peer.session.abort();
    }
    let expected: Vec<i64> = (1..=EVENTS).filter(|id| topics.contains(topic_of(*id))).collect();
    assert_eq!(seen.len(), expected.len(), "after {visits} visits");
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p2_resume_is_exact_while_events_are_published() {
    for (seed, config) in [(1, small()), (2, Config { recent: 0, ..small() }), (3, Config::default())] {
        let (hub, log) = (Hub::new(config), MemoryLog::new(usize::MAX));
        let mut clients = Vec::new();
        for client in 0..12 {
            clients.push(tokio::spawn(come_and_go(hub.clone(), log.clone(), seed * 100 + client)));
        }
        // The relay: events become visible in the log in batches, and are published after that.
        let mut dice = Dice(seed);
        let mut id = 0;
        while id < EVENTS {
            let upto = EVENTS.min(id + 1 + i64::try_from(dice.below(60)).unwrap());
            for id in id + 1..=upto {
                log.push(event(id, topic_of(id)));
            }
            tokio::task::yield_now().await;
            for id in id + 1..=upto {
                hub.publish(event(id, topic_of(id)));
                if dice.below(8) == 0 {
                    tokio::task::yield_now().await;
                }
            }
            id = upto;
        }
        for client in clients {
            client.await.unwrap();
        }
        until(|| hub.counts().connected == 0).await;
        assert_eq!(hub.counts().reset, 0);
    }
}
