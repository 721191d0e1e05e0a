//! M7.1 Deletion by anonymising (PIPL, GDPR).

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::customers::address;
use crate::support::past::Past;

const SECRETS: [&str; 5] = ["Zelda", "zelda", "13912345678", "十全街", "allergic"];

#[tokio::test]
async fn m7_1_erasing_leaves_nothing_personal_and_the_log_stays_provable() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.read", "customers.write", "customers.erase"]).await;
    let shopper = app.shopper("zelda@example.com").await;
    let path = format!("/admin/customers/{}", shopper.id);
    let change = json!({ "name": "Zelda", "phone": "13912345678", "tags": ["vip"] });
    staff.request("PATCH", &path).if_match(1).body(change).send().await.expect(200);
    staff.post(&format!("{path}/addresses"), address()).await.expect(201);
    staff.post(&format!("{path}/notes"), json!({ "body": "allergic to nuts" })).await.expect(201);
    app.guest().post("/store/account/password/forgot", json!({ "email": "zelda@example.com" })).await.expect(204);
    app.run_due().await;
    let held = app.dump().await.into_values().flatten().collect::<Vec<_>>().join("\n");
    assert!(SECRETS.iter().all(|secret| held.contains(secret)), "the test itself holds nothing");

    let version = staff.get(&path).await.etag();
    assert_eq!(staff.request("DELETE", &path).if_match(version - 1).send().await.problem(), (412, "changed"));
    app.new_events().await;
    let erased = staff.request("DELETE", &path).if_match(version).send().await.expect(200);
    assert_eq!(erased.json, json!({ "id": shopper.id, "orders": 0, "open_orders": 0 }));
    assert_eq!(app.new_events().await, ["customer.erased"]);
    app.run_due().await;

    for (table, rows) in app.dump().await {
        for secret in SECRETS {
            assert!(!rows.join("\n").contains(secret), "{table} still holds {secret}");
        }
    }
    let left = staff.get(&path).await.expect(200);
    assert_eq!((&left["state"], &left["name"], &left["email"]), (&json!("erased"), &json!(""), &Value::Null));
    assert_eq!(staff.get("/admin/customers").await["data"], json!([]));
    assert_eq!(shopper.get("/store/account").await.problem(), (401, "sign_in_required"));
    // The chain of the log is proven when the test ends.
    let proof = zg_base::prove_audit(app.app.read()).await.expect("a proof");
    assert!(proof.holds() && proof.checked > 5, "{proof:?}");
}

#[tokio::test]
async fn m7_1_erasing_takes_the_merged_records_along_and_happens_once() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.read", "customers.write", "customers.erase"]).await;
    let gone = app.customer(json!({ "code": "OLD", "name": "Zelda Old", "email": "zelda.old@example.com" })).await;
    let stays = app.customer(json!({ "code": "NEW", "name": "Zelda New" })).await;
    let merge = format!("/admin/customers/{}/merge", gone["id"]);
    staff.request("POST", &merge).if_match(1).body(json!({ "into": stays["id"] })).send().await.expect(200);
    let path = format!("/admin/customers/{}", stays["id"]);
    let version = staff.get(&path).await.etag();
    staff.request("DELETE", &path).if_match(version).send().await.expect(200);
    let rows = app.dump().await.remove("customer").expect("customers").join("\n");
    assert!(!rows.contains("Zelda") && !rows.contains("zelda"), "{rows}");
    let before = app.dump().await;
    assert_eq!(staff.request("DELETE", &path).if_match(version + 1).send().await.problem(), (410, "customer_erased"));
    let edit = staff.request("PATCH", &path).if_match(version + 1).body(json!({ "name": "Zelda" })).send().await;
    assert_eq!(edit.problem(), (410, "customer_erased"));
    let unknown = format!("/admin/customers/{}", app.unknown());
    assert_eq!(staff.request("DELETE", &unknown).if_match(1).send().await.problem(), (404, "customer_not_found"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m7_1_erasing_keeps_the_orders_and_blanks_their_contact() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.read", "customers.write", "customers.erase", "orders.read"]).await;
    let customer = app.customer(json!({ "name": "Wanda" })).await;
    let id = customer["id"].as_i64().expect("an id");
    let orders = app.move_in(&[Past::new("A-1", "2026-01-01").of(id).line("TEA", None, 1, 100, 0)]).await;
    let path = format!("/admin/customers/{id}");
    let sums = staff.get(&format!("{path}/orders")).await.expect(200);
    assert_eq!((&sums["count"], &sums["open"]), (&json!(1), &json!(0)));
    assert_eq!(sums["spent"], json!([{ "amount": 100, "currency": "CNY" }]));
    assert_eq!(sums["data"][0]["number"], "A-1");
    let erased = staff.request("DELETE", &path).if_match(1).send().await.expect(200);
    assert_eq!(erased.json, json!({ "id": id, "orders": 1, "open_orders": 0 }));
    app.run_due().await;
    let held = app.dump().await.into_values().flatten().collect::<Vec<_>>().join("\n");
    assert!(!held.contains("Wanda"));
    assert_eq!(staff.get(&format!("/admin/orders/{}", orders[0])).await.expect(200)["number"], "A-1");
    assert_eq!(staff.get(&format!("{path}/orders")).await.expect(200)["count"], 1);
}

#[tokio::test]
async fn m7_1_merged_records_are_counted_with_who_took_them_in() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.read", "customers.write"]).await;
    let gone = app.customer(json!({ "name": "Gone" })).await["id"].as_i64().expect("an id");
    let stays = app.customer(json!({ "name": "Stays" })).await["id"].as_i64().expect("an id");
    app.move_in(&[
        Past::new("A-1", "2026-01-01").of(gone).line("TEA", None, 1, 100, 0),
        Past::new("A-2", "2026-01-02").of(stays).line("TEA", None, 1, 20, 0),
        Past::new("A-3", "2026-01-03").of(stays).currency("USD").line("TEA", None, 1, 3, 0),
    ])
    .await;
    let merge = format!("/admin/customers/{gone}/merge");
    staff.request("POST", &merge).if_match(1).body(json!({ "into": stays })).send().await.expect(200);
    let sums = staff.get(&format!("/admin/customers/{stays}/orders?limit=2")).await.expect(200);
    assert_eq!(sums["count"], 3);
    let mut spent: Vec<String> = sums["spent"].as_array().expect("sums").iter().map(Value::to_string).collect();
    spent.sort();
    assert_eq!(spent, [r#"{"amount":120,"currency":"CNY"}"#, r#"{"amount":3,"currency":"USD"}"#]);
    assert_eq!(sums["data"].as_array().map(Vec::len), Some(2));
    let row = staff.get("/admin/customers?q=Stays").await.expect(200);
    assert_eq!(row["data"][0]["orders"], 3);
}
