//! The history of all payments (M8.10), and what proves the ledger (B3).

use serde_json::json;
use zg_base::Actor;
use zg_domain::{Currency, Money};
use zg_payments::{PastPayment, import_entries};

use crate::support::sale::{Sale, pay};
use crate::support::{Client, TestApp};

/// Two orders with three payments, of which one is yesterday's, and a refund.
async fn busy() -> (TestApp, Client, Sale, Sale) {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let one = app.sold(&[("TEA", 2)]).await;
    let two = app.sold_by("cod", &[("TEA", 1)]).await;
    let staff = app.staff(&["payments.record", "payments.refund", "payments.read"]).await;
    let yesterday = app.app.today().pred_opt().unwrap();
    let body = json!({ "amount": Sale::money(800), "reference": "=1+1", "date": yesterday });
    staff.post(&one.path("/payments"), body).await.expect(201);
    pay(&staff, &one, 2000, "b").await.expect(201);
    pay(&staff, &two, 1800, "c").await.expect(201);
    staff.post(&one.path("/refunds"), json!({ "amount": Sale::money(100), "reference": "d" })).await.expect(201);
    (app, staff, one, two)
}

async fn references(staff: &Client, query: &str) -> Vec<String> {
    let page = staff.get(&format!("/admin/payments{query}")).await.expect(200);
    page["data"].as_array().unwrap().iter().map(|row| row["reference"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn m8_10_the_history_is_filtered_by_day_method_kind_and_order() {
    let (app, staff, one, two) = busy().await;
    assert_eq!(references(&staff, "").await, ["d", "c", "b", "=1+1"]);
    let today = app.app.today();
    let yesterday = today.pred_opt().unwrap();
    assert_eq!(references(&staff, &format!("?from={today}")).await, ["d", "c", "b"]);
    assert_eq!(references(&staff, &format!("?to={yesterday}")).await, ["=1+1"]);
    assert_eq!(references(&staff, "?method=cod").await, ["c"]);
    assert_eq!(references(&staff, "?kind=refund").await, ["d"]);
    assert_eq!(references(&staff, &format!("?order={}", two.number)).await, ["c"]);
    assert_eq!(references(&staff, &format!("?order={}&kind=manual", one.number)).await, ["b", "=1+1"]);
    assert_eq!(references(&staff, "?order=nobody").await, Vec::<String>::new());
    assert_eq!(references(&staff, "?reference=b").await, ["b"]);
    assert_eq!(staff.get("/admin/payments?kind=gold").await.problem(), (400, "query_invalid"));
    assert_eq!(staff.get("/admin/payments?colour=red").await.problem(), (400, "query_unknown"));
}

#[tokio::test]
async fn m8_10_pages_hold_each_payment_once() {
    let (_app, staff, _, _) = busy().await;
    let mut seen = Vec::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let page = staff.get(&format!("/admin/payments{query}")).await.expect(200);
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["reference"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["meta"]["next_cursor"].as_str() else { break };
        query = format!("?limit=3&cursor={cursor}");
    }
    assert_eq!(seen, ["d", "c", "b", "=1+1"]);
    assert_eq!(staff.get("/admin/payments?cursor=x").await.problem(), (400, "cursor_invalid"));
}

#[tokio::test]
async fn m8_10_the_history_is_a_file_without_formulas() {
    let (_app, staff, one, _) = busy().await;
    let file = staff.get(&format!("/admin/payments.csv?order={}", one.number)).await.expect(200);
    assert!(file.header("content-type").starts_with("text/csv"));
    let text = file.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "id,date,order,kind,method,amount,currency,reference,note,recorded_by");
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains(",refund,bank_transfer,-1.00,CNY,d,"), "{}", lines[1]);
    assert!(lines[3].contains(",8.00,CNY,'=1+1,"), "{}", lines[3]);
}

#[tokio::test]
async fn b3_a_payment_that_the_order_does_not_know_of_is_found() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 1)]).await;
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    let past = |amount: i64, currency: &str, reference: &str| PastPayment {
        order_id: sale.id,
        method: "old shop".to_owned(),
        amount: Money::new(amount, currency.parse().unwrap()),
        reference: reference.to_owned(),
        at: tx.now(),
    };
    // Written, and the order left as it was: what an importer must not do.
    import_entries(&tx, &[past(500, "CNY", "a"), past(0, "CNY", "nothing"), past(7, "USD", "b")]).await.unwrap();
    let proof = zg_payments::prove(tx.db()).await.unwrap();
    assert_eq!(
        proof.faults,
        [
            format!("order {}: the ledger says 500 paid and 0 refunded, the order 0 and 0", sale.number),
            format!("order {}: its payments make it partial, it says unpaid", sale.number),
            format!("payments in USD of order {}, which there is not in that currency", sale.id),
        ]
    );
    tx.rollback().await.unwrap();
    assert!(zg_payments::prove(app.app.read()).await.unwrap().holds());
}

#[tokio::test]
async fn b17_a_past_payment_is_moved_in_once() {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 1)]).await;
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    let past = PastPayment {
        order_id: sale.id,
        method: "old shop".to_owned(),
        amount: Money::new(500, Currency::CNY),
        reference: "CA-1".to_owned(),
        at: "2014-01-03T00:00:00Z".parse().unwrap(),
    };
    import_entries(&tx, std::slice::from_ref(&past)).await.unwrap();
    let again = import_entries(&tx, &[past]).await.unwrap_err();
    assert!(matches!(again, zg_payments::Error::ReferenceTaken { .. }), "{again:?}");
    tx.rollback().await.unwrap();
}
