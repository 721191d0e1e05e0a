//! Record a payment by hand (M4.11, M4.12).

use chrono::Duration;

use serde_json::json;

use crate::support::sale::{Sale, pay};
use crate::support::{Client, TestApp};

async fn unpaid() -> (TestApp, Client, Sale) {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 2)]).await;
    let staff = app.staff(&["payments.record", "payments.read", "payments.refund", "orders.read"]).await;
    app.mails().await;
    app.new_events().await;
    (app, staff, sale)
}

#[tokio::test]
async fn m4_12_a_bank_transfer_is_recorded_and_the_order_is_paid() {
    let (app, staff, sale) = unpaid().await;
    let body = json!({ "amount": Sale::money(sale.total), "reference": "ICBC 0001", "date": app.app.today(), "note": "柜台" });
    let entry = staff.post(&sale.path("/payments"), body).await.expect(201);
    assert_eq!((entry["kind"].as_str(), entry["method"].as_str()), (Some("manual"), Some("bank_transfer")));
    assert_eq!(entry["amount"], Sale::money(2800));
    assert_eq!(app.standing(&sale).await, ("placed".into(), "paid".into(), "allocated".into()));
    assert_eq!(app.new_events().await, ["order.paid", "payment.recorded"]);
    assert_eq!(app.order_row(&sale).await.expires_at, None);
    let mails = app.mails().await;
    assert_eq!(mails.iter().map(|mail| mail.template.as_str()).collect::<Vec<_>>(), ["payment_received"]);
    assert!(
        mails[0].text.contains("¥28.00") && mails[0].text.contains(&format!("http://shop.test/en/orders/{}", sale.token)),
        "{}",
        mails[0].text
    );

    let ledger = staff.get(&sale.path("/payments")).await.expect(200);
    assert_eq!((&ledger["paid"], &ledger["due"], &ledger["to_refund"]), (&Sale::money(2800), &Sale::money(0), &Sale::money(0)));
    assert_eq!((&ledger["entries"][0]["actor_kind"], &ledger["entries"][0]["actor_id"]), (&json!("staff"), &json!(staff.id)));
    assert_eq!(ledger["entries"][0]["note"], "柜台");
    assert_eq!(ledger["actions"], json!(["record", "refund"]));
    let timeline = staff.get(&sale.path("/timeline")).await.expect(200);
    assert_eq!(timeline["data"][0]["kind"], "paid");
    assert_eq!(timeline["data"][0]["data"]["amount"], Sale::money(2800));
}

#[tokio::test]
async fn m4_12_parts_add_up_and_more_than_all_is_to_be_given_back() {
    let (app, staff, sale) = unpaid().await;
    pay(&staff, &sale, 1000, "one").await.expect(201);
    assert_eq!(app.standing(&sale).await.1, "partial");
    let ledger = staff.get(&sale.path("/payments")).await.expect(200);
    assert_eq!((&ledger["kept"], &ledger["due"]), (&Sale::money(1000), &Sale::money(1800)));
    pay(&staff, &sale, 2000, "two").await.expect(201);
    assert_eq!(app.standing(&sale).await.1, "overpaid");
    let ledger = staff.get(&sale.path("/payments")).await.expect(200);
    assert_eq!((&ledger["due"], &ledger["to_refund"]), (&Sale::money(0), &Sale::money(200)));
    let body = json!({ "amount": Sale::money(200), "reference": "back" });
    staff.post(&sale.path("/refunds"), body).await.expect(201);
    assert_eq!(app.standing(&sale).await.1, "paid");
}

#[tokio::test]
async fn m4_12_the_same_reference_is_the_same_money() {
    let (app, staff, sale) = unpaid().await;
    let first = pay(&staff, &sale, 1000, "ICBC 7").await.expect(201);
    let before = app.dump().await;
    let again = pay(&staff, &sale, 1000, " ICBC  7 ").await.expect(201);
    assert_eq!(first.json(), again.json());
    assert_eq!(app.dump().await, before);

    assert_eq!(pay(&staff, &sale, 1001, "ICBC 7").await.problem(), (409, "payment_reference_taken"));
    let other = app.sold(&[("TEA", 1)]).await;
    let refused = pay(&staff, &other, 1000, "ICBC 7").await;
    assert_eq!(refused.problem(), (409, "payment_reference_taken"));
    assert_eq!(refused["order"], json!(sale.number));
    assert_eq!(app.payment_lines().await, 1);
}

#[tokio::test]
async fn m4_12_twenty_at_once_are_one_payment() {
    let (app, staff, sale) = unpaid().await;
    let calls = (0..20).map(|_| pay(&staff, &sale, 2800, "once"));
    let replies = futures_util::future::join_all(calls).await;
    let ids: std::collections::BTreeSet<i64> = replies.into_iter().map(|reply| reply.expect(201).id()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(app.payment_lines().await, 1);
    assert_eq!(app.order_row(&sale).await.paid_minor, 2800);
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn m4_12_what_is_wrong_is_refused_and_nothing_is_written() {
    let (app, staff, sale) = unpaid().await;
    let before = app.dump().await;
    let path = sale.path("/payments");
    let tomorrow = app.app.today().succ_opt().unwrap();
    for (body, field) in [
        (json!({ "amount": { "amount": 2800, "currency": "USD" }, "reference": "x" }), ("/amount/currency", "payment_currency")),
        (json!({ "amount": Sale::money(0), "reference": "x" }), ("/amount/amount", "payment_amount")),
        (json!({ "amount": Sale::money(-5), "reference": "x" }), ("/amount/amount", "payment_amount")),
        (json!({ "amount": Sale::money(i64::MAX), "reference": "x" }), ("/amount/amount", "payment_amount")),
        (json!({ "amount": Sale::money(1), "reference": "x", "date": tomorrow }), ("/date", "payment_date_future")),
        (json!({ "amount": Sale::money(1), "reference": "  " }), ("/reference", "required")),
        (json!({ "amount": Sale::money(1), "reference": "x".repeat(101) }), ("/reference", "too_long")),
        (json!({ "amount": Sale::money(1), "reference": "x", "note": "n".repeat(1001) }), ("/note", "too_long")),
        (json!({ "amount": Sale::money(1), "reference": "x", "method": "gold" }), ("/method", "payment_method_unknown")),
        (json!({ "amount": Sale::money(1), "reference": "x", "proof_id": app.unknown() }), ("/proof_id", "payment_proof_unknown")),
    ] {
        let refused = staff.post(&path, body).await;
        assert_eq!((refused.status(), refused.fields()), (422, vec![field]));
    }
    let body = json!({ "amount": Sale::money(1), "reference": "x" });
    assert_eq!(staff.post(&format!("/admin/orders/{}/payments", app.unknown()), body).await.problem(), (404, "order_not_found"));
    assert_eq!(staff.get(&format!("/admin/orders/{}/payments", app.unknown())).await.problem(), (404, "order_not_found"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m4_12_a_cancelled_order_takes_no_money_but_what_was_recorded_is_answered() {
    let (app, staff, sale) = unpaid().await;
    pay(&staff, &sale, 500, "before").await.expect(201);
    let owner = app.owner().await;
    owner.post(&sale.path("/cancel"), json!({ "reason": "customer_request" })).await.expect(200);
    let before = app.dump().await;
    assert_eq!(pay(&staff, &sale, 2300, "after").await.problem(), (409, "payment_order_cancelled"));
    pay(&staff, &sale, 500, "before").await.expect(201);
    assert_eq!(app.dump().await, before);
    let ledger = staff.get(&sale.path("/payments")).await.expect(200);
    assert_eq!((&ledger["due"], &ledger["to_refund"]), (&Sale::money(0), &Sale::money(500)));
    assert_eq!(ledger["actions"], json!(["refund"]));
}

#[tokio::test]
async fn m4_12_an_order_that_a_colleague_holds_is_423() {
    let (app, staff, sale) = unpaid().await;
    let colleague = app.staff(&["orders.write"]).await;
    colleague.post(&sale.path("/lock"), json!({})).await.expect(200);
    let before = app.dump().await;
    assert_eq!(pay(&staff, &sale, 2800, "held").await.problem(), (423, "order_locked"));
    let body = json!({ "amount": Sale::money(1), "reference": "held" });
    assert_eq!(staff.post(&sale.path("/refunds"), body).await.problem(), (423, "order_locked"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m4_12_cash_on_delivery_is_recorded_as_such() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold_by("cod", &[("TEA", 1)]).await;
    let staff = app.staff(&["payments.record"]).await;
    let entry = pay(&staff, &sale, 1800, "YTO 88001").await.expect(201);
    assert_eq!((entry["kind"].as_str(), entry["method"].as_str()), (Some("cod"), Some("cod")));
    assert_eq!(app.standing(&sale).await.1, "paid");
    // It came by bank after all: then it is no cash.
    let other = app.sold_by("cod", &[("TEA", 1)]).await;
    let body = json!({ "amount": Sale::money(1800), "reference": "bank 9", "method": "bank_transfer" });
    assert_eq!(staff.post(&other.path("/payments"), body).await.expect(201)["kind"], "manual");
}

#[tokio::test]
async fn m4_12_a_payment_of_an_earlier_day_keeps_its_day() {
    let (app, staff, sale) = unpaid().await;
    let yesterday = app.app.today().pred_opt().unwrap();
    let body = json!({ "amount": Sale::money(2800), "reference": "late", "date": yesterday });
    let entry = staff.post(&sale.path("/payments"), body.clone()).await.expect(201);
    let at: chrono::DateTime<chrono::Utc> = serde_json::from_value(entry["at"].clone()).unwrap();
    assert_eq!(at, zg_domain::time::start_of(yesterday, chrono_tz::Asia::Shanghai));
    assert_eq!(staff.post(&sale.path("/payments"), body).await.expect(201).json(), entry.json());
    let other_day = json!({ "amount": Sale::money(2800), "reference": "late", "date": app.app.today() });
    assert_eq!(staff.post(&sale.path("/payments"), other_day).await.problem(), (409, "payment_reference_taken"));
}

#[tokio::test]
async fn m4_12_at_the_instant_of_expiry_either_the_money_or_the_clock_wins() {
    let (app, _, sale) = unpaid().await;
    app.clock().advance(Duration::hours(73));
    let staff = app.staff(&["payments.record"]).await;
    let (paid, ()) = tokio::join!(pay(&staff, &sale, 2800, "just in time"), app.beat());
    let (state, payment, _) = app.standing(&sale).await;
    match paid.status() {
        201 => assert_eq!((state.as_str(), payment.as_str()), ("placed", "paid")),
        409 => {
            assert_eq!(paid.problem(), (409, "payment_order_cancelled"));
            assert_eq!((state.as_str(), payment.as_str()), ("cancelled", "unpaid"));
        }
        other => panic!("{other}: {}", paid.text()),
    }
    // Whoever comes later finds what was decided.
    app.beat().await;
    assert_eq!(app.standing(&sale).await.0, state);
}
