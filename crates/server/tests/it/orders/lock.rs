//! M4.2 Lock and unlock.

use chrono::Duration;
use serde_json::{Value, json};

use crate::support::orders::TestOrder;
use crate::support::{Client, TestApp};

const RIGHTS: [&str; 4] = ["orders.read", "orders.write", "orders.cancel", "orders.confirm"];

async fn held_order() -> (TestApp, Client, Client, TestOrder) {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).paid().await;
    let (holder, colleague) = (app.staff(&RIGHTS).await, app.staff(&RIGHTS).await);
    holder.post(&order.url("lock"), json!({ "reason": "on the telephone" })).await.expect(200);
    (app, holder, colleague, order)
}

#[tokio::test]
async fn m4_2_a_colleague_is_told_who_holds_the_order_and_until_when() {
    let (app, holder, colleague, order) = held_order().await;
    app.run_due().await;
    let name = holder.get(&order.path()).await.expect(200)["lock"]["name"].clone();
    let before = app.dump().await;
    for (command, body) in [("confirm", json!({})), ("cancel", json!({ "reason": "mistake" })), ("lock", json!({})), ("unlock", json!({}))]
    {
        let refused = colleague.post(&order.url(command), body).await;
        assert_eq!(refused.problem(), (423, "order_locked"), "{command}");
        assert_eq!((&refused["locked_by"], refused["reason"].as_str()), (&name, Some("on the telephone")));
        assert!(refused["locked_until"].is_string());
    }
    assert_eq!(app.dump().await, before);
    let view = colleague.get(&order.path()).await.expect(200);
    assert_eq!(view["lock"]["staff_id"], holder.id);
    let confirm = view["actions"].as_array().unwrap().iter().find(|action| action["name"] == "confirm").cloned().unwrap();
    assert_eq!(confirm["reason"], format!("{} is working on it", name.as_str().unwrap()));
    assert_eq!(holder.post(&order.url("confirm"), json!({})).await.expect(200)["state"], "confirmed");
}

#[tokio::test]
async fn m4_2_a_lock_ends_by_itself_or_is_given_back() {
    let (app, holder, colleague, order) = held_order().await;
    app.clock().advance(Duration::minutes(31));
    assert_eq!(colleague.get(&order.path()).await.expect(200)["lock"], Value::Null);
    colleague.post(&order.url("lock"), json!({ "minutes": 5 })).await.expect(200);
    assert_eq!(holder.post(&order.url("confirm"), json!({})).await.problem(), (423, "order_locked"));
    assert_eq!(colleague.post(&order.url("unlock"), json!({})).await.expect(200)["lock"], Value::Null);
    holder.post(&order.url("confirm"), json!({})).await.expect(200);
    // Nobody holds it: giving back what is not held changes nothing.
    app.run_due().await;
    let before = app.dump().await;
    colleague.post(&order.url("unlock"), json!({})).await.expect(200);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m4_2_taking_over_needs_the_right_and_a_reason() {
    let (app, holder, colleague, order) = held_order().await;
    let url = order.url("take-over");
    let name = holder.get(&order.path()).await.expect(200)["lock"]["name"].clone();
    assert_eq!(colleague.post(&url, json!({ "reason": "urgent" })).await.problem(), (403, "forbidden"));
    let chief = app.staff(&["orders.unlock", "orders.read", "orders.cancel"]).await;
    assert_eq!(chief.post(&url, json!({ "reason": " " })).await.expect(422).fields(), [("/reason", "required")]);
    let taken = chief.post(&url, json!({ "reason": "urgent" })).await.expect(200);
    assert_eq!(taken["lock"]["staff_id"], chief.id);
    let entry = &taken["timeline"]["data"][0];
    assert_eq!((entry["kind"].as_str(), &entry["data"]["from"]), (Some("taken_over"), &name));
    assert_eq!(holder.post(&order.url("confirm"), json!({})).await.problem(), (423, "order_locked"));
    chief.post(&order.url("cancel"), json!({ "reason": "customer_request" })).await.expect(200);
}

#[tokio::test]
async fn m4_2_a_lock_binds_neither_the_shop_nor_what_is_said() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).await;
    app.clock().advance(Duration::hours(71));
    app.beat().await;
    let (holder, colleague) = (app.staff(&RIGHTS).await, app.staff(&RIGHTS).await);
    holder.post(&order.url("lock"), json!({ "minutes": 480 })).await.expect(200);
    colleague.post(&order.url("timeline"), json!({ "comment": "call back tomorrow" })).await.expect(200);
    app.clock().advance(Duration::hours(2));
    app.beat().await;
    assert_eq!(app.row_of(&order).await.state, "cancelled");
}

#[tokio::test]
async fn m4_2_locks_have_bounds_and_belong_to_people() {
    let (app, holder, _, order) = held_order().await;
    let url = order.url("lock");
    for minutes in [0, 481] {
        assert_eq!(holder.post(&url, json!({ "minutes": minutes })).await.expect(422).fields(), [("/minutes", "order_lock_minutes")]);
    }
    assert_eq!(holder.post("/admin/orders/999/lock", json!({})).await.problem(), (404, "order_not_found"));
    let longer = holder.post(&url, json!({ "minutes": 60 })).await.expect(200);
    assert_eq!(longer["lock"]["staff_id"], holder.id);
    drop(app);
}

#[tokio::test]
async fn m4_2_two_at_once_one_holds_it() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).await;
    let (a, b) = (app.staff(&RIGHTS).await, app.staff(&RIGHTS).await);
    let url = order.url("lock");
    let (one, two) = tokio::join!(a.post(&url, json!({})), b.post(&url, json!({})));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 423]);
}
