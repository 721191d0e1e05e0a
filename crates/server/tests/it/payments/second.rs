//! The second pair of eyes on a payment by hand (M4.12).

use serde_json::{Value, json};

use crate::support::sale::{Sale, pay};
use crate::support::{Client, TestApp};

/// A shop in which two people look at ¥20.00 and more, an unpaid order of ¥28.00, two people.
async fn careful() -> (TestApp, Client, Client, Sale) {
    let app = TestApp::new().await;
    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 2)]).await;
    let keeper = app.staff(&["payment_methods.write", "payments.read"]).await;
    let from = json!({ "second_person_from": Sale::money(2000) });
    let settings = "/admin/payment-settings";
    let set = keeper.request("PUT", settings).if_match(1).json(&from).send().await.expect(200);
    assert_eq!((&set["second_person_from"], set.etag()), (&from["second_person_from"], 2));
    assert_eq!(keeper.get(settings).await.expect(200).json(), set.json());
    let one = app.staff(&["payments.record", "payments.read"]).await;
    let two = app.staff(&["payments.record", "payments.read"]).await;
    app.mails().await;
    app.new_events().await;
    (app, one, two, sale)
}

fn wire(minor: i64) -> Value {
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

/// What an action says: allowed, and why not.
fn action<'a>(of: &'a Value, name: &str) -> (bool, &'a str) {
    let found = of["actions"].as_array().and_then(|all| all.iter().find(|each| each["name"] == name)).expect("the action");
    (found["allowed"] == true, found["reason"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn m4_12_who_approves_sees_the_proof_first() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let (app, one, two, sale) = careful().await;
    let proof = one.upload("/admin/payments/proofs", "file", "slip.png", "image/png", PNG).await.expect(201);
    let mut body = wire(2800);
    body["proof_id"] = json!(proof.id());
    let proposed = one.post(&sale.path("/payment-proposals"), body).await.expect(201);
    assert_eq!((&proposed["proof"]["id"], &proposed["method_name"]["en"]), (&proof["id"], &json!("Bank transfer")));

    let path = format!("/admin/payment-proposals/{}/proof", proposed.id());
    let file = two.get(&path).await.expect(200);
    assert_eq!((&file.bytes[..], file.header("content-type")), (PNG, "image/png"));
    let saved_as = format!("attachment; filename=\"payment-proposal-{}.png\"", proposed.id());
    assert_eq!(file.header("content-disposition"), saved_as);
    assert_eq!(app.staff(&["payments.record"]).await.get(&path).await.status(), 403);
    let unknown = format!("/admin/payment-proposals/{}/proof", app.unknown());
    assert_eq!(two.get(&unknown).await.problem(), (404, "payment_proposal_not_found"));
    let bare = one.post(&sale.path("/payment-proposals"), json!({ "amount": Sale::money(2100), "reference": "bare" })).await.expect(201);
    let without = format!("/admin/payment-proposals/{}/proof", bare.id());
    assert_eq!(two.get(&without).await.problem(), (404, "payment_proof_not_found"));
}

#[tokio::test]
async fn m4_12_a_proposal_says_who_may_decide_it() {
    let (app, one, two, sale) = careful().await;
    let proposed = one.post(&sale.path("/payment-proposals"), wire(2800)).await.expect(201);
    assert_eq!(proposed["proposed_by_id"], one.id);
    let own = "You proposed it yourself: a colleague has to approve it";
    assert_eq!((action(proposed.json(), "approve"), action(proposed.json(), "reject")), ((false, own), (true, "")));

    let list = "/admin/payment-proposals";
    let colleague = two.get(list).await.expect(200);
    assert_eq!(action(&colleague["data"][0], "approve"), (true, ""));
    let chinese = one.request("GET", list).header("accept-language", "zh-CN").send().await.expect(200);
    assert_eq!(action(&chinese["data"][0], "approve"), (false, "您提交的收款须由同事批准"));
    let reader = app.staff(&["payments.read"]).await.get(list).await.expect(200);
    assert_eq!(action(&reader["data"][0], "reject"), (false, "You lack the right “payments.record”"));

    let canceller = app.staff(&["orders.cancel", "orders.read"]).await;
    canceller.post(&sale.path("/cancel"), json!({ "reason": "customer_request" })).await.expect(200);
    let called_off = two.get(list).await.expect(200);
    assert_eq!(action(&called_off["data"][0], "approve"), (false, "The order is cancelled and takes no payment"));
    let path = format!("{list}/{}/approve", proposed.id());
    assert_eq!(two.post(&path, json!({})).await.problem(), (409, "payment_order_cancelled"));
    let rejected = two.post(&format!("{list}/{}/reject", proposed.id()), json!({ "reason": "订单已取消" })).await.expect(200);
    assert_eq!(action(rejected.json(), "reject"), (false, "It was decided before"));
    app.mails().await;
}

#[tokio::test]
async fn m4_12_two_who_change_the_settings_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let (one, two) = (app.staff(&["payment_methods.write", "payments.read"]).await, app.staff(&["payment_methods.write"]).await);
    let path = "/admin/payment-settings";
    let seen = one.get(path).await.expect(200);
    assert_eq!((seen.etag(), &seen["second_person_from"]), (1, &json!(null)));
    let from = |minor: i64| json!({ "second_person_from": Sale::money(minor) });
    assert_eq!(one.put(path, from(1)).await.problem(), (428, "if_match_required"));
    let put = |who: &Client, minor: i64| {
        let who = who.clone();
        async move { who.request("PUT", path).if_match(1).body(json!({ "second_person_from": Sale::money(minor) })).send().await }
    };
    let (first, second) = tokio::join!(put(&one, 100), put(&two, 200));
    let (done, refused) = if first.status() == 200 { (first, second) } else { (second, first) };
    assert_eq!((done.status(), done.etag(), refused.problem()), (200, 2, (412, "changed")));
    assert_eq!(one.get(path).await.expect(200).json(), done.json());
    let before = app.dump().await;
    assert_eq!(put(&two, 300).await.problem(), (412, "changed"));
    assert_eq!(app.dump().await, before);
    one.request("PUT", path).if_match(2).json(&from(300)).send().await.expect(200);
}
