//! M4.2 The timeline of an order.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn m4_2_the_timeline_tells_who_did_what_newest_first() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).paid().await;
    let staff = app.staff(&["orders.read", "orders.write", "orders.confirm"]).await;
    staff.post(&order.url("confirm"), json!({})).await.expect(200);
    let before = staff.get(&order.path()).await.expect(200).etag();
    let noted = staff.post(&order.url("timeline"), json!({ "comment": " wrap it as a present " })).await.expect(200);
    assert_eq!(noted["version"], before + 1);
    let first = &noted["timeline"]["data"][0];
    assert_eq!((first["kind"].as_str(), first["comment"].as_str()), (Some("comment"), Some("wrap it as a present")));
    assert_eq!((first["actor_kind"].as_str(), first["actor_id"].as_i64()), (Some("staff"), Some(staff.id)));

    let page = staff.get(&format!("{}?limit=2", order.url("timeline"))).await.expect(200);
    let kinds: Vec<&str> = page["data"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["comment", "confirmed"]);
    let cursor = page["meta"]["next_cursor"].as_str().unwrap();
    let rest = staff.get(&format!("{}?cursor={cursor}", order.url("timeline"))).await.expect(200);
    assert_eq!(rest["data"].as_array().unwrap().last().unwrap()["kind"], "placed");
}

#[tokio::test]
async fn m4_2_an_empty_or_endless_comment_is_refused() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).await;
    let staff = app.staff(&["orders.read", "orders.write"]).await;
    app.run_due().await;
    let before = app.dump().await;
    assert_eq!(staff.post(&order.url("timeline"), json!({ "comment": " " })).await.expect(422).fields(), [("/comment", "required")]);
    let endless = "长".repeat(2_001);
    assert_eq!(staff.post(&order.url("timeline"), json!({ "comment": endless })).await.expect(422).fields(), [("/comment", "too_long")]);
    assert_eq!(staff.post("/admin/orders/999/timeline", json!({ "comment": "x" })).await.problem(), (404, "order_not_found"));
    assert_eq!(staff.get("/admin/orders/999/timeline").await.problem(), (404, "order_not_found"));
    assert_eq!(app.dump().await, before);
}
