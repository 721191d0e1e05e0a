//! M8.8 Zones.

use serde_json::{Value, json};

use crate::support::TestApp;

const RIGHTS: [&str; 3] = ["shipping.read", "shipping.write", "audit.read"];

fn zone() -> Value {
    json!({
        "code": "delta",
        "name": "长三角",
        "lines": [
            { "country": "CN", "region": "31", "excluded": false },
            { "country": "CN", "region": "33", "excluded": false },
            { "country": "CN", "region": "3309", "excluded": true },
        ],
    })
}

#[tokio::test]
async fn m8_8_a_zone_is_made_changed_and_deleted_and_its_lines_are_named() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let made = staff.post("/admin/zones", zone()).await.expect(201);
    let path = format!("/admin/zones/{}", made.id());
    let lines: Vec<(&str, bool)> = made["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["name"]["zh-CN"].as_str().unwrap(), line["excluded"].as_bool().unwrap()))
        .collect();
    assert_eq!(lines, [("中国 · 上海市", false), ("中国 · 浙江省", false), ("中国 · 舟山市", true)]);
    assert_eq!(made["lines"][0]["name"]["en"], "China · Shanghai");

    let mut other = zone();
    other["lines"] = json!([{ "country": "*", "region": null }]);
    let changed = staff.request("PUT", &path).if_match(1).body(other).send().await.expect(200);
    assert_eq!((changed["lines"].as_array().unwrap().len(), changed.etag()), (1, 2));
    assert_eq!(staff.get(&path).await.expect(200).json(), changed.json());

    staff.delete(&path).await.expect(204);
    assert_eq!(staff.get(&path).await.problem(), (404, "zone_not_found"));
    let log = staff.get("/admin/audit?entity=zone").await.expect(200);
    let said: Vec<&str> = log["data"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(said, ["zone.delete", "zone.change", "zone.create"]);
    assert_eq!(log["data"][1]["before"]["lines"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn m8_8_a_zone_of_unknown_or_no_regions_is_refused() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let before = app.dump().await;
    for (lines, pointer, code) in [
        (json!([]), "/lines", "zone_empty"),
        (json!([{ "country": "CN", "region": null, "excluded": true }]), "/lines", "zone_empty"),
        (json!([{ "country": "XX", "region": null }]), "/lines/0/country", "country_unknown"),
        (json!([{ "country": "11", "region": null }]), "/lines/0/country", "country_unknown"),
        (json!([{ "country": "CN", "region": "999" }]), "/lines/0/region", "region_unknown"),
        (json!([{ "country": "DE", "region": "11" }]), "/lines/0/region", "region_unknown"),
        (json!([{ "country": "*", "region": "11" }]), "/lines/0/region", "region_unknown"),
    ] {
        let mut body = zone();
        body["lines"] = lines;
        let reply = staff.post("/admin/zones", body).await;
        assert_eq!((reply.problem(), reply.fields()), ((422, "invalid"), vec![(pointer, code)]));
    }
    let mut taken = zone();
    taken["code"] = json!("mainland");
    assert_eq!(staff.post("/admin/zones", taken).await.fields(), [("/code", "shipping_code_taken")]);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_8_a_zone_with_rates_is_not_deleted() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let zones = staff.get("/admin/zones").await.expect(200);
    assert_eq!(zones["data"][0]["code"], "mainland");
    let before = app.dump().await;
    assert_eq!(staff.delete(&format!("/admin/zones/{}", zones["data"][0]["id"])).await.problem(), (409, "zone_in_use"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_8_a_second_editor_of_a_zone_is_told() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let path = format!("/admin/zones/{}", staff.post("/admin/zones", zone()).await.id());
    assert_eq!(staff.put(&path, zone()).await.problem(), (428, "if_match_required"));
    assert_eq!(staff.request("PUT", &path).if_match(7).body(zone()).send().await.problem(), (412, "changed"));
    let unknown = format!("/admin/zones/{}", app.unknown());
    assert_eq!(staff.request("PUT", &unknown).if_match(1).body(zone()).send().await.problem(), (404, "zone_not_found"));
    assert_eq!(staff.delete(&unknown).await.problem(), (404, "zone_not_found"));
}
