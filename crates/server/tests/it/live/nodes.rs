//! Nobody misses anything, whichever node they talk to and whenever it stops.

use serde_json::json;
use zg_base::{Actor, App, Event};

use crate::support::TestApp;
use crate::support::platform::Served;

/// An event of the shop.
#[derive(serde::Serialize)]
pub(super) struct Happened {
    pub(super) number: i64,
}

impl Event for Happened {
    const TOPIC: &'static str = "stock.read";
    const KIND: &'static str = "stock.changed";

    fn entity_id(&self) -> Option<i64> {
        Some(self.number)
    }
}

/// Commits an event each.
pub(crate) async fn happen(app: &App, numbers: std::ops::RangeInclusive<i64>) {
    for number in numbers {
        let tx = app.begin(&Actor::system("test")).await.unwrap();
        tx.publish(&Happened { number }).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn p2_what_commits_is_heard_at_once_with_its_number_and_payload() {
    let app = TestApp::new().await;
    let staff = app.staff(&["stock.read"]).await;
    let server = app.listen();
    let mut live = server.live(staff.cookie(), None).await;
    let hello = live.next().await.unwrap();
    assert_eq!((&hello["type"], &hello["heartbeat_ms"], &hello["missed"]), (&json!("hello"), &json!(3000), &json!(2)));
    happen(&app.app, 7..=8).await;
    for number in [7, 8] {
        let event = live.event().await;
        assert_eq!(event["kind"], "stock.changed");
        assert_eq!((&event["entity_id"], &event["payload"]), (&json!(number), &json!({ "number": number })));
        assert_eq!(event["id"].as_i64(), Some(hello["latest"].as_i64().unwrap() + number - 6));
    }
    server.stop().await;
}

#[tokio::test]
async fn p2_a_restart_in_the_middle_loses_and_repeats_nothing() {
    let app = TestApp::new().await;
    let staff = app.staff(&["stock.read"]).await;
    let mut node = app.app.clone();
    let (mut seen, mut last, mut next) = (Vec::new(), 0, 1);
    for round in 0..4_i64 {
        let server = Served::node(node.clone());
        let mut live = server.live(staff.cookie(), Some(last)).await;
        // Some happen before it reads, some while it does, some after the server is gone.
        let writer = tokio::spawn({
            let (app, from) = (node.clone(), next);
            async move { happen(&app, from..=from + 39).await }
        });
        next += 40;
        for _ in 0..10 + round * 7 {
            let event = live.event().await;
            last = event["id"].as_i64().unwrap();
            seen.push(event["entity_id"].as_i64().unwrap());
        }
        server.stop().await;
        // What was on its way is the client's to keep or to ask for again: it asks again.
        loop {
            match live.next().await {
                Ok(_) => {}
                Err(code) => {
                    assert_eq!(code, 1001, "told to come again");
                    break;
                }
            }
        }
        writer.await.unwrap();
        node = app.second_node().await;
        let latest = hub::EventLog::latest(&zg_base::StoredEvents(node.clone())).await.unwrap().unwrap_or_default();
        node.hub().start_after(latest);
    }
    let server = Served::node(node);
    let mut live = server.live(staff.cookie(), Some(last)).await;
    while seen.len() < 160 {
        seen.push(live.event().await["entity_id"].as_i64().unwrap());
    }
    assert_eq!(seen, (1..=160).collect::<Vec<_>>());
    server.stop().await;
}

#[tokio::test]
async fn p2_two_nodes_hear_each_other() {
    let app = TestApp::new().await;
    let staff = app.staff(&["stock.read"]).await;
    let (one, two) = (app.listen(), Served::node(app.second_node().await));
    let (mut at_one, mut at_two) = (one.live(staff.cookie(), Some(0)).await, two.live(staff.cookie(), Some(0)).await);
    let other = app.second_node().await;
    tokio::join!(happen(&app.app, 1..=50), happen(&other, 51..=100));
    let mut heard = [Vec::new(), Vec::new()];
    for _ in 0..100 {
        for (live, heard) in [&mut at_one, &mut at_two].into_iter().zip(&mut heard) {
            let event = live.event().await;
            heard.push((event["id"].as_i64().unwrap(), event["entity_id"].as_i64().unwrap()));
        }
    }
    let [one_heard, two_heard] = heard;
    assert_eq!(one_heard, two_heard, "the same order everywhere");
    assert!(one_heard.is_sorted_by(|a, b| a.0 < b.0));
    let mut numbers: Vec<i64> = one_heard.iter().map(|(_, number)| *number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
    tokio::join!(one.stop(), two.stop());
}
