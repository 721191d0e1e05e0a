//! M4.3 Cancel an order as a whole.

use serde_json::json;

use crate::support::orders::{StockNow, TestOrder};
use crate::support::{Client, Reply, TestApp};

async fn paid_order() -> (TestApp, Client, TestOrder) {
    let app = TestApp::new().await;
    app.product("TEA").stock(10).await;
    let order = app.order().line("TEA", 3).paid().confirmed().await;
    let staff = app.staff(&["orders.cancel", "orders.read"]).await;
    app.new_events().await;
    app.mails().await;
    (app, staff, order)
}

async fn cancel(staff: &Client, order: &TestOrder) -> Reply {
    staff.post(&order.url("cancel"), json!({ "reason": "customer_request" })).await
}

#[tokio::test]
async fn m4_3_cancel_gives_back_stock_tells_and_leaves_the_money_to_be_refunded() {
    let (app, staff, order) = paid_order().await;
    let done = cancel(&staff, &order).await.expect(200);
    assert_eq!((done["state"].as_str(), done["fulfilment"].as_str()), (Some("cancelled"), Some("none")));
    assert_eq!((done["cancel_reason"].as_str(), done["payment"].as_str()), (Some("customer_request"), Some("paid")));
    assert_eq!(done["totals"]["to_refund"]["amount"], order.total);
    assert_eq!((done["totals"]["total"]["amount"].as_i64(), done["totals"]["due"]["amount"].as_i64()), (Some(order.total), Some(0)));
    assert_eq!((done["lines"][0]["cancelled"].as_i64(), done["lines"][0]["allocated"].as_i64()), (Some(3), Some(0)));
    assert_eq!(app.stock_now("TEA").await, StockNow { on_hand: 10, reserved: 0 });
    assert_eq!(app.new_events().await, ["order.cancelled"]);
    let mails = app.mails().await;
    assert_eq!(mails[0].template, "order_cancelled");
    assert!(mails[0].text.contains("We will give back the ¥38.00"), "{}", mails[0].text);
    let queue = app.owner().await.get("/admin/orders?queue=to_refund").await.expect(200);
    assert_eq!(queue["data"][0]["id"], order.id);
}

#[tokio::test]
async fn m4_3_cancel_after_shipment_is_refused_and_changes_nothing() {
    let (app, staff, order) = paid_order().await;
    app.ship_all(&order).await;
    app.run_due().await;
    let before = app.dump().await;
    assert_eq!(cancel(&staff, &order).await.problem(), (409, "order_shipped"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m4_3_an_order_on_a_pick_list_is_taken_off_first() {
    let (app, staff, order) = paid_order().await;
    app.owner().await.post("/admin/pick-lists", json!({ "order_ids": [order.id] })).await.expect(201);
    app.run_due().await;
    let before = app.dump().await;
    assert_eq!(cancel(&staff, &order).await.problem(), (409, "order_picking"));
    assert_eq!(app.dump().await, before);
    let view = staff.get(&order.path()).await.expect(200);
    let action = view["actions"].as_array().unwrap().iter().find(|action| action["name"] == "cancel").cloned().unwrap();
    assert_eq!(action, json!({ "name": "cancel", "allowed": false, "reason": "It is on an open pick list" }));
}

#[tokio::test]
async fn m4_3_cancel_of_an_unknown_order_is_404() {
    let (_app, staff, _) = paid_order().await;
    assert_eq!(staff.post("/admin/orders/999/cancel", json!({ "reason": "mistake" })).await.problem(), (404, "order_not_found"));
}

#[tokio::test]
async fn m4_3_cancel_twice_gives_back_once() {
    let (app, staff, order) = paid_order().await;
    cancel(&staff, &order).await.expect(200);
    let again = cancel(&staff, &order).await;
    assert_eq!(again.problem(), (409, "order_state"));
    assert_eq!((again["state"].as_str(), again["allowed"].clone()), (Some("cancelled"), json!([])));
    assert_eq!(app.stock_now("TEA").await, StockNow { on_hand: 10, reserved: 0 });
}

#[tokio::test]
async fn m4_3_two_cancels_at_once_give_back_once() {
    let (app, staff, order) = paid_order().await;
    let (one, two) = tokio::join!(cancel(&staff, &order), cancel(&staff, &order));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(app.stock_now("TEA").await, StockNow { on_hand: 10, reserved: 0 });
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn m4_3_a_reason_is_one_of_the_list_and_other_is_told_in_words() {
    let (_app, staff, order) = paid_order().await;
    let url = order.url("cancel");
    assert_eq!(staff.post(&url, json!({ "reason": "expired" })).await.expect(422).fields(), [("/reason", "order_reason_unknown")]);
    assert_eq!(staff.post(&url, json!({ "reason": "whim" })).await.status(), 422);
    assert_eq!(staff.post(&url, json!({ "reason": "other" })).await.expect(422).fields(), [("/comment", "required")]);
    let done = staff.post(&url, json!({ "reason": "other", "comment": "  the road is flooded " })).await.expect(200);
    assert_eq!(done["timeline"]["data"][0]["comment"], "the road is flooded");
}
