//! The second pair of eyes on a payment by hand (M4.12).

use serde_json::json;

use crate::support::sale::{Sale, pay};
use crate::support::{Client, TestApp};

/// A shop in which two people look at ¥20.00 and more, an unpaid order of ¥28.00, two people.
async fn careful() -> (TestApp, Client, Client, Sale) {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 2)]).await;
    let keeper = app.staff(&["payment_methods.write", "payments.read"]).await;
    let from = json!({ "second_person_from": Sale::money(2000) });
    assert_eq!(keeper.put("/admin/payment-settings", from.clone()).await.expect(200).json(), &from);
    assert_eq!(keeper.get("/admin/payment-settings").await.expect(200).json(), &from);
    let one = app.staff(&["payments.record", "payments.read"]).await;
    let two = app.staff(&["payments.record", "payments.read"]).await;
    app.mails().await;
    app.new_events().await;
    (app, one, two, sale)
}

fn wire(minor: i64) -> serde_json::Value {
    json!({ "amount": Sale::money(minor), "reference": "wire 1", "note": "大额" })
}

#[tokio::test]
async fn m4_12_a_large_payment_needs_a_second_person() {
    let (app, one, two, sale) = careful().await;
    let before = app.dump().await;
    let refused = pay(&one, &sale, 2800, "alone").await;
    assert_eq!((refused.problem(), &refused["from"]), ((409, "payment_second_person"), &Sale::money(2000)));
    assert_eq!(app.dump().await, before);
    pay(&one, &sale, 1999, "small").await.expect(201);

    let proposed = one.post(&sale.path("/payment-proposals"), wire(2000)).await.expect(201);
    assert_eq!(proposed["state"], "waiting");
    assert_eq!(one.post(&sale.path("/payment-proposals"), wire(2000)).await.expect(201).id(), proposed.id());
    assert_eq!(app.order_row(&sale).await.paid_minor, 1999, "nothing is recorded yet");
    let waiting = two.get("/admin/payment-proposals?state=waiting").await.expect(200);
    assert_eq!(waiting["data"][0]["order_number"], json!(sale.number));

    let path = format!("/admin/payment-proposals/{}/approve", proposed.id());
    assert_eq!(one.post(&path, json!({})).await.problem(), (409, "payment_same_person"));
    let approved = two.post(&path, json!({})).await.expect(200);
    assert_eq!(approved["state"], "approved");
    assert_ne!(approved["decided_by"], approved["proposed_by"]);
    assert_eq!(app.order_row(&sale).await.paid_minor, 3999);
    let ledger = two.get(&sale.path("/payments")).await.expect(200);
    assert_eq!((&ledger["entries"][1]["id"], &ledger["entries"][1]["note"]), (&approved["entry_id"], &json!("大额")));
    assert_eq!(two.post(&path, json!({})).await.problem(), (409, "payment_decided"));
    assert_eq!(two.post("/admin/payment-proposals/987654321/approve", json!({})).await.problem(), (404, "payment_proposal_not_found"));
}

#[tokio::test]
async fn m4_12_a_rejected_payment_is_not_recorded() {
    let (app, one, two, sale) = careful().await;
    let proposed = one.post(&sale.path("/payment-proposals"), wire(2800)).await.expect(201);
    let path = format!("/admin/payment-proposals/{}", proposed.id());
    assert_eq!(two.post(&format!("{path}/reject"), json!({ "reason": " " })).await.fields(), [("/reason", "required")]);
    let rejected = two.post(&format!("{path}/reject"), json!({ "reason": "流水号不符" })).await.expect(200);
    assert_eq!((rejected["state"].as_str(), rejected["reason"].as_str()), (Some("rejected"), Some("流水号不符")));
    assert_eq!(two.post(&format!("{path}/approve"), json!({})).await.problem(), (409, "payment_decided"));
    assert_eq!((app.payment_lines().await, app.mails().await.len()), (0, 0));
    // Proposed again, corrected.
    one.post(&sale.path("/payment-proposals"), wire(2700)).await.expect(201);
}

#[tokio::test]
async fn m4_12_two_who_approve_at_once_record_once() {
    let (app, one, two, sale) = careful().await;
    let three = app.staff(&["payments.record"]).await;
    let proposed = one.post(&sale.path("/payment-proposals"), wire(2800)).await.expect(201);
    let path = format!("/admin/payment-proposals/{}/approve", proposed.id());
    let (first, second) = tokio::join!(two.post(&path, json!({})), three.post(&path, json!({})));
    let mut statuses = [first.status(), second.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!((app.payment_lines().await, app.order_row(&sale).await.paid_minor), (1, 2800));
}
