//! M4.3 Call off pieces of an order.

use serde_json::{Value, json};

use crate::support::orders::{StockNow, TestOrder};
use crate::support::{Client, Reply, TestApp};

/// Three of ¥10.00, one of ¥5.00, ¥8.00 for delivery.
async fn paid_order() -> (TestApp, Client, TestOrder) {
    let app = TestApp::new().await;
    app.product("TEA").price(1_000).stock(10).await;
    app.product("CUP").price(500).stock(10).await;
    let order = app.order().line("TEA", 3).line("CUP", 1).paid().await;
    assert_eq!(order.total, 4_300);
    let staff = app.staff(&["orders.cancel", "orders.read"]).await;
    app.new_events().await;
    app.mails().await;
    (app, staff, order)
}

async fn call_off(staff: &Client, order: &TestOrder, version: i64, lines: Value) -> Reply {
    let body = json!({ "lines": lines, "reason": "out_of_stock" });
    staff.request("POST", &order.url("cancel-lines")).if_match(version).body(body).send().await
}

async fn version(app: &TestApp, order: &TestOrder) -> i64 {
    app.row_of(order).await.version
}

#[tokio::test]
async fn m4_3_pieces_called_off_take_their_share_along() {
    let (app, staff, order) = paid_order().await;
    let seen = version(&app, &order).await;
    let done = call_off(&staff, &order, seen, json!([{ "line_id": order.lines[0], "quantity": 2 }])).await.expect(200);
    assert_eq!((done["state"].as_str(), done["payment"].as_str()), (Some("placed"), Some("overpaid")));
    let line = &done["lines"][0];
    assert_eq!((line["quantity"].as_i64(), line["cancelled"].as_i64(), line["allocated"].as_i64()), (Some(3), Some(2), Some(1)));
    assert_eq!(line["total"]["amount"], 1_000);
    let totals = &done["totals"];
    assert_eq!((totals["lines"]["amount"].as_i64(), totals["total"]["amount"].as_i64()), (Some(1_500), Some(2_300)));
    assert_eq!(totals["to_refund"]["amount"], 2_000);
    assert_eq!(app.stock_now("TEA").await, StockNow { on_hand: 10, reserved: 1 });
    let entry = &done["timeline"]["data"][0];
    assert_eq!((entry["kind"].as_str(), entry["data"]["lines"][0]["total_before"].as_i64()), (Some("lines_cancelled"), Some(3_000)));
    let mails = app.mails().await;
    assert_eq!(mails[0].template, "order_lines_cancelled");
    assert!(mails[0].text.contains("¥23.00") && mails[0].text.contains("¥20.00"), "{}", mails[0].text);
}

#[tokio::test]
async fn m4_3_calling_off_the_rest_after_a_parcel_ships_the_order() {
    let (app, staff, order) = paid_order().await;
    let owner = app.owner().await;
    owner.post(&order.url("confirm"), json!({})).await.expect(200);
    let parcel = json!({ "lines": [{ "line_id": order.lines[0], "quantity": 3 }], "handed_over": true });
    owner.post(&order.url("shipments"), parcel).await.expect(201);
    let seen = version(&app, &order).await;
    let done = call_off(&staff, &order, seen, json!([{ "line_id": order.lines[1], "quantity": 1 }])).await.expect(200);
    assert_eq!((done["state"].as_str(), done["fulfilment"].as_str()), (Some("confirmed"), Some("shipped")));
    assert_eq!(done["totals"]["to_refund"]["amount"], 500);
}

#[tokio::test]
async fn m4_3_calling_off_every_piece_cancels_the_order() {
    let (app, staff, order) = paid_order().await;
    let seen = version(&app, &order).await;
    let all = json!([{ "line_id": order.lines[0], "quantity": 3 }, { "line_id": order.lines[1], "quantity": 1 }]);
    let done = call_off(&staff, &order, seen, all).await.expect(200);
    assert_eq!(done["state"], "cancelled");
    assert_eq!(done["totals"]["to_refund"]["amount"], 4_300);
    assert_eq!(app.stock_now("TEA").await.reserved, 0);
}

#[tokio::test]
async fn m4_3_more_than_is_open_is_refused_and_changes_nothing() {
    let (app, staff, order) = paid_order().await;
    let other = app.order().line("TEA", 1).await;
    app.run_due().await;
    let seen = version(&app, &order).await;
    let before = app.dump().await;
    for lines in [
        json!([{ "line_id": order.lines[0], "quantity": 4 }]),
        json!([{ "line_id": order.lines[0], "quantity": 2 }, { "line_id": order.lines[0], "quantity": 2 }]),
        json!([{ "line_id": order.lines[0], "quantity": 0 }]),
        json!([{ "line_id": other.lines[0], "quantity": 1 }]),
    ] {
        assert_eq!(call_off(&staff, &order, seen, lines).await.problem(), (409, "order_line_open"));
    }
    assert_eq!(call_off(&staff, &order, seen, json!([])).await.expect(422).fields(), [("/lines", "order_too_many")]);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m4_3_who_saw_an_older_order_is_told_so() {
    let (app, staff, order) = paid_order().await;
    let seen = version(&app, &order).await;
    let line = json!([{ "line_id": order.lines[0], "quantity": 1 }]);
    let without = staff.post(&order.url("cancel-lines"), json!({ "lines": line, "reason": "mistake" })).await;
    assert_eq!(without.problem(), (428, "if_match_required"));
    let (one, two) = tokio::join!(call_off(&staff, &order, seen, line.clone()), call_off(&staff, &order, seen, line.clone()));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(app.stock_now("TEA").await.reserved, 2);
    let unknown = staff.request("POST", "/admin/orders/999/cancel-lines").if_match(1).body(json!({ "lines": line, "reason": "mistake" }));
    assert_eq!(unknown.send().await.problem(), (404, "order_not_found"));
}
