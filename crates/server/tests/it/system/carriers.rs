//! M8.6 Carriers.

use sea_orm::{ActiveModelTrait, Set};
use serde_json::{Value, json};
use zg_base::Actor;
use zg_db::entity::shipping_method;

use crate::support::TestApp;

const RIGHTS: [&str; 3] = ["shipping.read", "shipping.write", "audit.read"];

fn deppon() -> Value {
    json!({ "code": "deppon", "name": "德邦快递", "tracking_url": "https://www.deppon.com/?n={number}", "enabled": true })
}

#[tokio::test]
async fn m8_6_a_new_shop_has_carriers_whose_parcels_can_be_followed() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let reply = staff.get("/admin/carriers").await.expect(200);
    let codes: Vec<&str> = reply["data"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["sf", "ems", "zto", "yto", "jd", "dhl"]);
    for row in reply["data"].as_array().unwrap() {
        assert!(row["tracking_url"].as_str().unwrap().contains("{number}"), "{row}");
    }
}

#[tokio::test]
async fn m8_6_a_carrier_is_made_changed_and_deleted_and_each_step_is_in_the_log() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let made = staff.post("/admin/carriers", deppon()).await.expect(201);
    let path = format!("/admin/carriers/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!(made.etag(), 1);

    let mut other = deppon();
    other["name"] = json!("德邦物流");
    other["enabled"] = json!(false);
    other["tracking_url"] = Value::Null;
    let changed = staff.request("PUT", &path).if_match(1).body(other).send().await.expect(200);
    assert_eq!((changed["name"].as_str(), changed["enabled"].as_bool(), changed.etag()), (Some("德邦物流"), Some(false), 2));
    assert_eq!(staff.get(&path).await.expect(200).json(), changed.json());

    staff.delete(&path).await.expect(204);
    assert_eq!(staff.get(&path).await.problem(), (404, "carrier_not_found"));
    let log = staff.get(&format!("/admin/audit?entity=carrier&entity_id={}", made.id())).await.expect(200);
    let lines: Vec<&str> = log["data"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(lines, ["carrier.delete", "carrier.change", "carrier.create"]);
    assert_eq!(log["data"][1]["before"]["name"], "德邦快递");
    assert_eq!(log["data"][1]["after"]["name"], "德邦物流");
}

#[tokio::test]
async fn m8_6_a_carrier_that_is_not_right_is_refused_by_field_and_nothing_is_made() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let before = app.dump().await;
    for (field, value, code) in [
        ("code", json!("顺丰"), "shipping_code"),
        ("code", json!(""), "shipping_code"),
        ("code", json!("sf"), "shipping_code_taken"),
        ("name", json!("  "), "required"),
        ("name", json!("x".repeat(101)), "too_long"),
        ("tracking_url", json!("https://example.com/"), "tracking_url"),
        ("tracking_url", json!("javascript:alert({number})"), "tracking_url"),
    ] {
        let mut body = deppon();
        body[field] = value;
        let reply = staff.post("/admin/carriers", body).await;
        assert_eq!(reply.problem(), (422, "invalid"));
        assert_eq!(reply.fields(), [(format!("/{field}").as_str(), code)]);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_6_a_second_editor_is_told_that_the_carrier_changed() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let path = format!("/admin/carriers/{}", staff.post("/admin/carriers", deppon()).await.id());
    assert_eq!(staff.put(&path, deppon()).await.problem(), (428, "if_match_required"));
    staff.request("PUT", &path).if_match(1).body(deppon()).send().await.expect(200);
    let before = app.dump().await;
    assert_eq!(staff.request("PUT", &path).if_match(1).body(deppon()).send().await.problem(), (412, "changed"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_6_a_carrier_that_a_method_names_is_not_deleted() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let id = staff.post("/admin/carriers", deppon()).await.id();
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    let method = shipping_method::ActiveModel {
        code: Set("slow".into()),
        name_zh: Set("慢".into()),
        name_en: Set("Slow".into()),
        carrier_id: Set(Some(id)),
        enabled: Set(true),
        cod: Set(false),
        position: Set(9),
        version: Set(1),
        ..Default::default()
    };
    method.insert(tx.db()).await.unwrap();
    tx.commit().await.unwrap();
    let before = app.dump().await;
    assert_eq!(staff.delete(&format!("/admin/carriers/{id}")).await.problem(), (409, "carrier_in_use"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_6_an_unknown_carrier_is_404() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let path = format!("/admin/carriers/{}", app.unknown());
    assert_eq!(staff.get(&path).await.problem(), (404, "carrier_not_found"));
    assert_eq!(staff.request("PUT", &path).if_match(1).body(deppon()).send().await.problem(), (404, "carrier_not_found"));
    assert_eq!(staff.delete(&path).await.problem(), (404, "carrier_not_found"));
}
