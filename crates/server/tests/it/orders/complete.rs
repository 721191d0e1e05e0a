//! M4.7 Complete an order.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn m4_7_what_has_left_and_is_paid_can_be_closed_by_hand() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 2).paid().confirmed().await;
    let staff = app.staff(&["orders.write"]).await;
    app.run_due().await;
    let before = app.dump().await;
    let refused = staff.post(&order.url("complete"), json!({})).await;
    assert_eq!(refused.problem(), (409, "order_not_done"));
    assert_eq!((refused["open"].as_i64(), refused["to_pay"]["amount"].as_i64()), (Some(2), Some(0)));
    assert_eq!(app.dump().await, before);
    app.ship_all(&order).await;
    app.new_events().await;
    assert_eq!(staff.post(&order.url("complete"), json!({})).await.expect(200)["state"], "completed");
    assert_eq!(app.new_events().await, ["order.completed"]);
    assert_eq!(staff.post(&order.url("complete"), json!({})).await.problem(), (409, "order_state"));
    assert_eq!(staff.post("/admin/orders/999/complete", json!({})).await.problem(), (404, "order_not_found"));
}

#[tokio::test]
async fn m4_7_an_order_paid_on_delivery_waits_for_the_money() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).cod().confirmed().await;
    let owner = app.owner().await;
    let parcel = app.ship_all(&order).await;
    assert_eq!(owner.post(&order.url("complete"), json!({})).await.problem(), (409, "order_not_done"));
    owner.post(&format!("/admin/shipments/{parcel}/deliver"), json!({})).await.expect(200);
    assert_eq!(app.row_of(&order).await.state, "confirmed");
    app.paid_in_full(&order).await;
    assert_eq!(app.row_of(&order).await.state, "completed");
}
