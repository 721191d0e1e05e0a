//! Record money that was given back (M4.11).

use serde_json::json;

use crate::support::sale::{Sale, pay};
use crate::support::{Client, Reply, TestApp};

async fn paid() -> (TestApp, Client, Sale) {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 2)]).await;
    let staff = app.staff(&["payments.record", "payments.refund", "payments.read", "orders.cancel"]).await;
    pay(&staff, &sale, 2800, "in").await.expect(201);
    app.mails().await;
    app.new_events().await;
    (app, staff, sale)
}

async fn refund(staff: &Client, sale: &Sale, minor: i64, reference: &str) -> Reply {
    staff.post(&sale.path("/refunds"), json!({ "amount": Sale::money(minor), "reference": reference })).await
}

#[tokio::test]
async fn m4_11_a_cancelled_order_is_refunded_by_hand() {
    let (app, staff, sale) = paid().await;
    staff.post(&sale.path("/cancel"), json!({ "reason": "customer_request" })).await.expect(200);
    app.mails().await;
    app.new_events().await;
    let entry = refund(&staff, &sale, 2800, "out").await.expect(201);
    assert_eq!((entry["kind"].as_str(), &entry["amount"]), (Some("refund"), &Sale::money(-2800)));
    assert_eq!(app.standing(&sale).await.1, "refunded");
    assert_eq!(app.new_events().await, ["order.changed", "payment.recorded"]);
    let mails = app.mails().await;
    assert_eq!(mails.iter().map(|mail| mail.template.as_str()).collect::<Vec<_>>(), ["payment_refunded"]);
    assert!(mails[0].text.contains("¥28.00"), "{}", mails[0].text);
    let ledger = staff.get(&sale.path("/payments")).await.expect(200);
    assert_eq!((&ledger["refunded"], &ledger["kept"], &ledger["to_refund"]), (&Sale::money(2800), &Sale::money(0), &Sale::money(0)));
}

#[tokio::test]
async fn m4_11_no_more_is_given_back_than_was_kept() {
    let (app, staff, sale) = paid().await;
    let before = app.dump().await;
    let refused = refund(&staff, &sale, 2801, "too much").await;
    assert_eq!(refused.problem(), (409, "refund_too_much"));
    assert_eq!(refused["kept"], Sale::money(2800));
    assert_eq!(app.dump().await, before);
    refund(&staff, &sale, 800, "a part").await.expect(201);
    assert_eq!(app.standing(&sale).await.1, "part_refunded");
    assert_eq!(refund(&staff, &sale, 2001, "rest and one").await["kept"], Sale::money(2000));
    assert_eq!(refund(&staff, &sale, 2000, "rest").await.status(), 201);
}

#[tokio::test]
async fn m4_11_two_refunds_at_once_give_back_once() {
    let (app, staff, sale) = paid().await;
    let colleague = app.staff(&["payments.refund"]).await;
    let (one, two) = tokio::join!(refund(&staff, &sale, 2800, "mine"), refund(&colleague, &sale, 2800, "theirs"));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(app.order_row(&sale).await.refunded_minor, 2800);
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn m4_11_the_same_refund_twice_is_one() {
    let (app, staff, sale) = paid().await;
    let first = refund(&staff, &sale, 2800, "out").await.expect(201);
    let before = app.dump().await;
    assert_eq!(refund(&staff, &sale, 2800, "out").await.expect(201).json(), first.json());
    assert_eq!(app.dump().await, before);
    // The bank's number of what came is not that of what goes.
    assert_eq!(refund(&staff, &sale, 2800, "in").await.problem(), (409, "payment_reference_taken"));
}

#[tokio::test]
async fn m4_11_an_order_that_nobody_paid_gives_nothing_back() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 1)]).await;
    let staff = app.staff(&["payments.refund"]).await;
    let before = app.dump().await;
    assert_eq!(refund(&staff, &sale, 1, "x").await.problem(), (409, "refund_too_much"));
    let unknown = format!("/admin/orders/{}/refunds", app.unknown());
    assert_eq!(staff.post(&unknown, json!({ "amount": Sale::money(1), "reference": "x" })).await.problem(), (404, "order_not_found"));
    assert_eq!(app.dump().await, before);
}
