//! M4.7 Confirm for picking.

use serde_json::{Value, json};

use crate::support::TestApp;

fn action(view: &Value, name: &str) -> Value {
    view["actions"].as_array().unwrap().iter().find(|action| action["name"] == name).cloned().unwrap()
}

#[tokio::test]
async fn m4_7_an_order_that_passes_every_check_goes_to_picking() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).paid().await;
    let staff = app.staff(&["orders.confirm", "orders.read"]).await;
    let view = staff.get(&order.path()).await.expect(200);
    let checks: Vec<(&str, bool)> = view["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| (check["code"].as_str().unwrap(), check["passed"].as_bool().unwrap()))
        .collect();
    assert_eq!(checks, [("payment", true), ("address", true), ("contact", true), ("stock", true)]);
    assert_eq!(action(view.json(), "confirm"), json!({ "name": "confirm", "allowed": true, "reason": null }));
    assert_eq!(action(view.json(), "cancel")["reason"], "You lack the right “orders.cancel”");
    app.new_events().await;
    let done = staff.post(&order.url("confirm"), json!({})).await.expect(200);
    assert_eq!((done["state"].as_str(), done["checks"].clone()), (Some("confirmed"), json!([])));
    assert_eq!(app.new_events().await, ["order.confirmed"]);
    assert_eq!(staff.post(&order.url("confirm"), json!({})).await.problem(), (409, "order_state"));
    let back = staff.post(&order.url("unconfirm"), json!({})).await.expect(200);
    assert_eq!((back["state"].as_str(), back["confirmed_at"].clone()), (Some("placed"), Value::Null));
    assert_eq!(app.new_events().await, ["order.changed"]);
}

#[tokio::test]
async fn m4_7_an_unpaid_order_waits_and_one_paid_on_delivery_does_not() {
    let app = TestApp::new().await;
    let (unpaid, cod) = (app.order().line("TEA", 1).await, app.order().line("TEA", 1).cod().await);
    let staff = app.staff(&["orders.confirm"]).await;
    app.run_due().await;
    let before = app.dump().await;
    let refused = staff.post(&unpaid.url("confirm"), json!({})).await;
    assert_eq!(refused.problem(), (409, "order_checks"));
    assert_eq!(refused["checks"], json!([{ "code": "payment", "passed": false }]));
    assert_eq!(app.dump().await, before);
    staff.post(&cod.url("confirm"), json!({})).await.expect(200);
    assert_eq!(staff.post("/admin/orders/999/confirm", json!({})).await.problem(), (404, "order_not_found"));
}

#[tokio::test]
async fn m4_7_two_confirms_at_once_confirm_once() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).paid().await;
    let staff = app.staff(&["orders.confirm"]).await;
    app.new_events().await;
    let url = order.url("confirm");
    let (one, two) = tokio::join!(staff.post(&url, json!({})), staff.post(&url, json!({})));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(app.new_events().await, ["order.confirmed"]);
}

#[tokio::test]
async fn m4_7_unconfirm_is_refused_while_it_is_picked_or_has_left() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 2).paid().confirmed().await;
    let owner = app.owner().await;
    let list = owner.post("/admin/pick-lists", json!({ "order_ids": [order.id] })).await.expect(201);
    assert_eq!(owner.post(&order.url("unconfirm"), json!({})).await.problem(), (409, "order_picking"));
    let list_id = list["id"].as_i64().or_else(|| list["pick_list"]["id"].as_i64()).expect("the list's id");
    owner.delete(&format!("/admin/pick-lists/{list_id}/orders/{}", order.id)).await;
    app.ship_all(&order).await;
    assert_eq!(owner.post(&order.url("unconfirm"), json!({})).await.problem(), (409, "order_shipped"));
}

#[tokio::test]
async fn m4_7_a_shop_may_let_paid_orders_through_by_itself() {
    let app = TestApp::new().await;
    let staff = app.staff(&["orders.read", "orders.write"]).await;
    let settings = "/admin/orders/settings";
    let seen = staff.get(settings).await.expect(200);
    assert_eq!((&seen["auto_confirm"], seen.etag()), (&json!("off"), 1));
    let before = app.order().line("TEA", 1).paid().await;
    assert_eq!(app.row_of(&before).await.state, "placed");
    let paid = json!({ "auto_confirm": "paid" });
    staff.request("PUT", settings).if_match(1).json(&paid).send().await.expect(200);
    let order = app.order().line("TEA", 1).await;
    app.new_events().await;
    app.paid_in_full(&order).await;
    assert_eq!(app.row_of(&order).await.state, "confirmed");
    let events = app.new_events().await;
    assert!(events.contains(&"order.paid".to_owned()) && events.contains(&"order.confirmed".to_owned()), "{events:?}");
}

#[tokio::test]
async fn m4_7_two_who_change_the_settings_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let staff = app.staff(&["orders.read", "orders.write"]).await;
    let (path, paid) = ("/admin/orders/settings", json!({ "auto_confirm": "paid" }));
    assert_eq!(staff.put(path, paid.clone()).await.problem(), (428, "if_match_required"));
    let put = || staff.request("PUT", path).if_match(1).json(&paid).send();
    let (one, two) = tokio::join!(put(), put());
    let (done, refused) = if one.status() == 200 { (one, two) } else { (two, one) };
    assert_eq!((done.status(), done.etag(), refused.problem()), (200, 2, (412, "changed")));
    let before = app.dump().await;
    let off = json!({ "auto_confirm": "off" });
    assert_eq!(staff.request("PUT", path).if_match(1).json(&off).send().await.problem(), (412, "changed"));
    assert_eq!(app.dump().await, before);
    assert_eq!(staff.get(path).await.expect(200).json(), done.json());
}
