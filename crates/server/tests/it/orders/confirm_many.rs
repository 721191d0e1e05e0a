//! M4.7 Confirm many orders at once.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn m4_7_those_that_pass_go_through_and_of_the_others_it_says_why() {
    let app = TestApp::new().await;
    let (paid, unpaid) = (app.order().line("TEA", 1).paid().await, app.order().line("TEA", 1).await);
    let (cod, held) = (app.order().line("TEA", 1).cod().await, app.order().line("TEA", 1).cod().await);
    let done_before = app.order().line("TEA", 1).cod().confirmed().await;
    app.owner().await.post(&held.url("lock"), json!({ "reason": "asks for another colour" })).await.expect(200);
    let staff = app.staff(&["orders.confirm"]).await;
    app.new_events().await;
    let ids = [held.id, cod.id, 999, unpaid.id, done_before.id, paid.id];
    let reply = staff.post("/admin/orders/confirm", json!({ "ids": ids })).await.expect(200);
    assert_eq!((reply["done"].as_i64(), reply["refused"].as_i64()), (Some(2), Some(4)));
    let outcomes: Vec<(i64, Option<&str>)> =
        reply["results"].as_array().unwrap().iter().map(|result| (result["id"].as_i64().unwrap(), result["code"].as_str())).collect();
    let expected = [
        (held.id, Some("order_locked")),
        (cod.id, None),
        (999, Some("order_not_found")),
        (unpaid.id, Some("order_checks")),
        (done_before.id, Some("order_state")),
        (paid.id, None),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(reply["results"][3]["checks"], json!([{ "code": "payment", "passed": false }]));
    assert_eq!(app.new_events().await, ["order.confirmed", "order.confirmed"]);
    assert_eq!(app.row_of(&paid).await.state, "confirmed");
    assert_eq!(app.row_of(&unpaid).await.state, "placed");
}

#[tokio::test]
async fn m4_7_from_one_to_a_thousand_at_a_time() {
    let app = TestApp::new().await;
    let staff = app.staff(&["orders.confirm"]).await;
    for ids in [Vec::new(), (1..=1_001).collect::<Vec<i64>>()] {
        let refused = staff.post("/admin/orders/confirm", json!({ "ids": ids })).await.expect(422);
        assert_eq!(refused.fields(), [("/ids", "order_too_many")]);
    }
}

#[tokio::test]
async fn m4_7_two_at_once_confirm_each_order_once() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(app.order().line("TEA", 1).cod().await.id);
    }
    let staff = app.staff(&["orders.confirm"]).await;
    app.new_events().await;
    let backwards: Vec<i64> = ids.iter().rev().copied().collect();
    let (one, two) = tokio::join!(
        staff.post("/admin/orders/confirm", json!({ "ids": ids })),
        staff.post("/admin/orders/confirm", json!({ "ids": backwards }))
    );
    assert_eq!(one["done"].as_i64().unwrap() + two["done"].as_i64().unwrap(), 5);
    assert_eq!(app.new_events().await.len(), 5);
}
