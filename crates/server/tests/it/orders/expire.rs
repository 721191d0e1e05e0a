//! M5.1 Unpaid orders expire.

use chrono::Duration;
use serde_json::{Value, json};
use zg_orders::Expire;

use crate::support::TestApp;
use crate::support::orders::{StockNow, TestOrder};

/// What the clock starts each minute.
async fn start(app: &TestApp) {
    let tx = app.app.begin(&zg_base::Actor::system("test")).await.unwrap();
    tx.enqueue::<Expire>(&Expire {}).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn m5_1_an_unpaid_order_ends_and_what_it_held_is_for_sale_again() {
    let app = TestApp::new().await;
    app.product("TEA").stock(5).await;
    let (late, cod, paid) =
        (app.order().line("TEA", 1).await, app.order().line("TEA", 1).cod().await, app.order().line("TEA", 1).paid().await);
    app.mails().await;
    app.clock().advance(Duration::hours(71));
    app.beat().await;
    assert_eq!(app.row_of(&late).await.state, "placed");
    app.clock().advance(Duration::hours(2));
    app.new_events().await;
    app.beat().await;
    let row = app.row_of(&late).await;
    assert_eq!((row.state.as_str(), row.cancel_reason.as_deref()), ("cancelled", Some("expired")));
    assert_eq!(app.row_of(&cod).await.state, "placed");
    assert_eq!(app.row_of(&paid).await.state, "placed");
    assert_eq!(app.stock_now("TEA").await, StockNow { on_hand: 5, reserved: 2 });
    assert_eq!(app.new_events().await, ["order.cancelled"]);
    assert_eq!(app.mails().await.iter().map(|mail| mail.template.clone()).collect::<Vec<_>>(), ["order_cancelled"]);
    let log = app.owner().await.get("/admin/audit?entity=order").await.expect(200);
    assert_eq!((log["data"][0]["action"].as_str(), log["data"][0]["actor_name"].as_str()), (Some("order.cancel"), Some("order expiry")));
}

#[tokio::test]
async fn m5_1_expiry_that_runs_twice_ends_once() {
    let app = TestApp::new().await;
    app.product("TEA").stock(5).await;
    app.order().line("TEA", 1).await;
    app.mails().await;
    app.clock().advance(Duration::hours(73));
    start(&app).await;
    start(&app).await;
    assert_eq!(app.mails().await.len(), 1);
    assert_eq!(app.stock_now("TEA").await, StockNow { on_hand: 5, reserved: 0 });
}

fn payment(order: &TestOrder) -> Value {
    json!({ "amount": { "amount": order.total, "currency": "CNY" }, "reference": "at last" })
}

#[tokio::test]
async fn m5_1_who_records_money_that_comes_too_late_is_told_so() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).await;
    app.clock().advance(Duration::hours(73));
    let owner = app.owner().await;
    start(&app).await;
    app.run_due().await;
    let before = app.dump().await;
    let refused = owner.post(&order.url("payments"), payment(&order)).await;
    assert_eq!(refused.problem(), (409, "payment_order_cancelled"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m5_1_paying_at_the_same_instant_loses_no_money() {
    let app = TestApp::new().await;
    let order = app.order().line("TEA", 1).await;
    app.clock().advance(Duration::hours(73));
    let owner = app.owner().await;
    start(&app).await;
    let url = order.url("payments");
    let (paid, ()) = tokio::join!(owner.post(&url, payment(&order)), app.run_due());
    let row = app.row_of(&order).await;
    // Whoever came first decides, and both say the same.
    let outcome = (paid.status(), row.state.as_str(), row.payment_state.as_str(), row.paid_minor);
    let (in_time, too_late) = ((201, "placed", "paid", order.total), (409, "cancelled", "unpaid", 0));
    assert!(outcome == in_time || outcome == too_late, "{outcome:?}");
}
