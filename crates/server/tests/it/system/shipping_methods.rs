//! M8.7 Shipping methods.

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const RIGHTS: [&str; 3] = ["shipping.read", "shipping.write", "audit.read"];

async fn zone(staff: &Client, code: &str) -> i64 {
    let zones = staff.get("/admin/zones").await.expect(200);
    let zone = zones["data"].as_array().unwrap().iter().find(|row| row["code"] == code).cloned().unwrap();
    zone["id"].as_i64().unwrap()
}

fn method(zone_id: i64) -> Value {
    json!({
        "code": "same-day",
        "name": { "zh-CN": "同城当日达", "en": "Same day" },
        "carrier_id": null,
        "enabled": true,
        "cod": true,
        "position": 7,
        "rates": [{ "zone_id": zone_id, "basis": "count", "from_value": 2, "base": 1500, "step_value": 1, "step": 300, "free_over": 50_000 }],
    })
}

#[tokio::test]
async fn m8_7_a_method_is_made_changed_and_deleted_with_its_rates() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let (mainland, remote) = (zone(&staff, "mainland").await, zone(&staff, "remote").await);
    let made = staff.post("/admin/shipping-methods", method(mainland)).await.expect(201);
    let path = format!("/admin/shipping-methods/{}", made.id());
    assert_eq!(made["rates"], method(mainland)["rates"]);
    assert_eq!(staff.get(&path).await.expect(200).json(), made.json());

    let mut other = method(remote);
    other["enabled"] = json!(false);
    let changed = staff.request("PUT", &path).if_match(1).body(other).send().await.expect(200);
    assert_eq!((changed["rates"][0]["zone_id"].as_i64(), changed["enabled"].as_bool(), changed.etag()), (Some(remote), Some(false), 2));

    staff.delete(&path).await.expect(204);
    assert_eq!(staff.get(&path).await.problem(), (404, "shipping_method_not_found"));
    let log = staff.get("/admin/audit?entity=shipping_method").await.expect(200);
    let lines: Vec<&str> = log["data"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(lines, ["shipping_method.delete", "shipping_method.change", "shipping_method.create"]);
    assert_eq!(log["data"][1]["before"]["rates"][0]["zone_id"], mainland);
}

#[tokio::test]
async fn m8_7_methods_stand_in_the_shoppers_order() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let mut first = method(zone(&staff, "mainland").await);
    first["position"] = json!(-1);
    staff.post("/admin/shipping-methods", first).await.expect(201);
    let reply = staff.get("/admin/shipping-methods").await.expect(200);
    let codes: Vec<&str> = reply["data"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["same-day", "standard", "express", "international", "dhl"]);
}

#[tokio::test]
async fn m8_7_what_is_wrong_with_a_method_is_named_and_nothing_is_made() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let mainland = zone(&staff, "mainland").await;
    let before = app.dump().await;
    let rate = |change: (&str, Value)| {
        let mut rate = method(mainland)["rates"][0].clone();
        rate[change.0] = change.1;
        json!([rate])
    };
    let twice = json!([method(mainland)["rates"][0], method(mainland)["rates"][0]]);
    for (field, value, pointer, code) in [
        ("code", json!("standard"), "/code", "shipping_code_taken"),
        ("name", json!({ "zh-CN": "有" }), "/name/en", "required"),
        ("name", json!({ "zh-CN": "有", "en": "There", "fr": "Là" }), "/name/fr", "language_unknown"),
        ("carrier_id", json!(app.unknown()), "/carrier_id", "carrier_not_found"),
        ("rates", twice, "/rates/1/zone_id", "rate_twice"),
        ("rates", rate(("zone_id", json!(app.unknown()))), "/rates/0/zone_id", "zone_unknown"),
        ("rates", rate(("base", json!(-1))), "/rates/0/base", "rate_number"),
        ("rates", rate(("free_over", json!(-1))), "/rates/0/free_over", "rate_number"),
        ("rates", rate(("from_value", json!(i64::MAX))), "/rates/0/from_value", "rate_number"),
        ("rates", rate(("step_value", json!(0))), "/rates/0/step_value", "rate_step"),
    ] {
        let mut body = method(mainland);
        body[field] = value;
        let reply = staff.post("/admin/shipping-methods", body).await;
        assert_eq!(reply.problem(), (422, "invalid"), "{pointer}: {}", reply.text());
        assert_eq!(reply.fields(), [(pointer, code)]);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_7_of_two_editors_at_once_one_wins() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let body = method(zone(&staff, "mainland").await);
    let path = format!("/admin/shipping-methods/{}", staff.post("/admin/shipping-methods", body.clone()).await.id());
    let change = || staff.request("PUT", &path).if_match(1).body(body.clone()).send();
    let (one, two) = tokio::join!(change(), change());
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(staff.get(&path).await.expect(200)["rates"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn m8_7_an_unknown_method_is_404() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let path = format!("/admin/shipping-methods/{}", app.unknown());
    assert_eq!(staff.get(&path).await.problem(), (404, "shipping_method_not_found"));
    assert_eq!(staff.delete(&path).await.problem(), (404, "shipping_method_not_found"));
    let body = method(zone(&staff, "mainland").await);
    assert_eq!(staff.request("PUT", &path).if_match(1).body(body).send().await.problem(), (404, "shipping_method_not_found"));
}

#[tokio::test]
async fn m8_7_who_may_only_read_changes_nothing() {
    let app = TestApp::new().await;
    let reader = app.staff(&["shipping.read"]).await;
    let body = method(zone(&reader, "mainland").await);
    let before = app.dump().await;
    assert_eq!(reader.post("/admin/shipping-methods", body).await.problem(), (403, "forbidden"));
    assert_eq!(app.dump().await, before);
}
