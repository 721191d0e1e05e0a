//! The same events for those who ask.

use zg_base::Actor;

use super::nodes::happen;
use crate::support::TestApp;

#[tokio::test]
async fn p2_events_are_read_in_pages_without_loss_or_repeat() {
    let app = TestApp::new().await;
    let staff = app.staff(&["events.read", "stock.read"]).await;
    happen(&app.app, 1..=25).await;
    app.run_due().await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    for length in [10, 10, 5, 0] {
        let reply = staff.get(&format!("/admin/events?limit=10{after}")).await.expect(200);
        let page = reply["data"].as_array().unwrap();
        assert_eq!(page.len(), length);
        seen.extend(page.iter().map(|event| event["entity_id"].as_i64().unwrap()));
        after = format!("&after={}", reply["next"]);
    }
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());
    happen(&app.app, 26..=26).await;
    app.run_due().await;
    let reply = staff.get(&format!("/admin/events?limit=10{after}")).await.expect(200);
    assert_eq!(reply["data"][0]["entity_id"], 26);
}

#[tokio::test]
async fn p2_a_reader_who_may_hear_nothing_still_moves_on() {
    let app = TestApp::new().await;
    let deaf = app.staff(&["events.read"]).await;
    happen(&app.app, 1..=3).await;
    app.run_due().await;
    let reply = deaf.get("/admin/events").await.expect(200);
    assert_eq!(reply["data"].as_array().unwrap().len(), 0);
    assert_eq!(reply["next"], 3);
}

#[tokio::test]
async fn p2_a_key_reads_events_of_its_scopes() {
    let app = TestApp::new().await;
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    let scopes = ["events.read".to_owned(), "stock.read".to_owned()];
    let (_, key) = zg_base::api_key::create(&tx, "relay", &scopes, None).await.unwrap();
    tx.commit().await.unwrap();
    happen(&app.app, 1..=1).await;
    app.run_due().await;
    let reply = app.guest().bearer(&key).get("/admin/events").await.expect(200);
    assert_eq!(reply["data"][0]["topic"], "stock.read");
}

#[tokio::test]
async fn p2_events_never_numbered_are_gone() {
    let app = TestApp::new().await;
    let staff = app.staff(&["events.read", "stock.read"]).await;
    happen(&app.app, 1..=2).await;
    app.run_due().await;
    assert_eq!(staff.get("/admin/events?after=2").await.status(), 200);
    let gone = staff.get("/admin/events?after=700").await;
    assert_eq!(gone.problem(), (410, "events_gone"));
    assert_eq!(gone["latest"], 2);
}
