//! The ways to pay (M8.9).

use serde_json::json;

use crate::support::{Client, TestApp};

async fn keeper() -> (TestApp, Client, i64) {
    let app = TestApp::new().await;
    let staff = app.staff(&["payments.read", "payment_methods.write"]).await;
    let rows = staff.get("/admin/payment-methods").await.expect(200);
    assert_eq!(rows.json()[0]["code"], "bank_transfer");
    assert_eq!(rows.json()[1]["code"], "cod");
    let id = rows.json()[0]["id"].as_i64().unwrap();
    (app, staff, id)
}

fn changed() -> serde_json::Value {
    json!({
        "name": { "zh-CN": "对公转账", "en": "Wire transfer" },
        "instructions": { "zh-CN": "请汇至 6222 0001", "en": "Send it to 6222 0001" },
        "enabled": true, "expires_minutes": 60, "position": 5
    })
}

#[tokio::test]
async fn m8_9_a_method_is_changed_in_both_languages_and_offered_so() {
    let (app, staff, id) = keeper().await;
    let path = format!("/admin/payment-methods/{id}");
    let seen = staff.get(&path).await.expect(200);
    let after = staff.request("PUT", &path).if_match(seen.etag()).body(changed()).send().await.expect(200);
    assert_eq!(after["name"], json!({ "zh-CN": "对公转账", "en": "Wire transfer" }));
    assert_eq!(after.etag(), seen.etag() + 1);
    let list = staff.get("/admin/payment-methods").await.expect(200);
    assert_eq!(list.json()[1]["id"], id, "sorted by position");

    app.product("TEA").await;
    let sale = app.sold(&[("TEA", 1)]).await;
    let shown = app.guest().get(&format!("/store/orders/{}", sale.token)).await.expect(200);
    assert!(shown.text().contains("6222 0001"), "{}", shown.text());
    let row = app.order_row(&sale).await;
    assert_eq!(row.expires_at.unwrap() - row.placed_at.unwrap(), chrono::Duration::minutes(60));
}

#[tokio::test]
async fn m8_9_a_disabled_method_is_not_offered() {
    let (app, staff, id) = keeper().await;
    let path = format!("/admin/payment-methods/{id}");
    let mut body = changed();
    body["enabled"] = json!(false);
    staff.request("PUT", &path).if_match(1).body(body).send().await.expect(200);
    let cart = app.guest().post("/store/carts", json!({})).await.expect(201);
    let offered = app.guest().get(&format!("/store/carts/{}/payment-methods", cart["token"].as_str().unwrap())).await.expect(200);
    assert!(!offered.text().contains("bank_transfer"), "{}", offered.text());
}

#[tokio::test]
async fn m8_9_the_second_editor_is_told() {
    let (app, staff, id) = keeper().await;
    let path = format!("/admin/payment-methods/{id}");
    assert_eq!(staff.put(&path, changed()).await.problem(), (428, "if_match_required"));
    staff.request("PUT", &path).if_match(1).body(changed()).send().await.expect(200);
    let before = app.dump().await;
    assert_eq!(staff.request("PUT", &path).if_match(1).body(changed()).send().await.problem(), (412, "changed"));
    let unknown = format!("/admin/payment-methods/{}", app.unknown());
    assert_eq!(staff.request("PUT", &unknown).if_match(1).body(changed()).send().await.problem(), (404, "payment_method_not_found"));
    assert_eq!(staff.get(&unknown).await.problem(), (404, "payment_method_not_found"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_9_a_method_without_a_name_in_one_language_is_refused() {
    let (app, staff, id) = keeper().await;
    let before = app.dump().await;
    let mut body = changed();
    body["name"]["en"] = json!("  ");
    body["instructions"]["zh-CN"] = json!("长".repeat(4_001));
    body["expires_minutes"] = json!(4);
    body["position"] = json!(-1);
    let refused = staff.request("PUT", &format!("/admin/payment-methods/{id}")).if_match(1).body(body).send().await;
    assert_eq!(refused.status(), 422);
    assert_eq!(
        refused.fields(),
        [
            ("/name/en", "required"),
            ("/instructions/zh-CN", "too_long"),
            ("/expires_minutes", "payment_method_expiry"),
            ("/position", "invalid_value")
        ]
    );
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_9_cash_on_delivery_knows_no_time_to_pay() {
    let (app, staff, _) = keeper().await;
    let rows = staff.get("/admin/payment-methods").await.expect(200);
    let path = format!("/admin/payment-methods/{}", rows.json()[1]["id"]);
    let before = app.dump().await;
    let refused = staff.request("PUT", &path).if_match(1).body(changed()).send().await;
    assert_eq!((refused.status(), refused.fields()), (422, vec![("/expires_minutes", "payment_method_expiry_cod")]));
    assert_eq!(app.dump().await, before);
    let mut body = changed();
    body["expires_minutes"] = json!(null);
    let after = staff.request("PUT", &path).if_match(1).body(body).send().await.expect(200);
    assert_eq!(after["expires_minutes"], json!(null));
}
