//! M8.7 What shipping costs: the tester, which answers as a cart is answered.

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const RIGHTS: [&str; 2] = ["shipping.read", "shipping.write"];

fn to(country: &str, region: [&str; 3]) -> Value {
    let [province, city, district] = region;
    json!({ "country": country, "province": province, "city": city, "district": district, "weight_g": 1_500, "count": 2, "amount": 5_000 })
}

async fn quoted(staff: &Client, asked: Value) -> Vec<(String, i64, i64)> {
    let reply = staff.post("/admin/shipping-methods/quote", asked).await.expect(200);
    let row = |row: &Value| (row["code"].as_str().unwrap().to_owned(), row["fee"].as_i64().unwrap(), row["original"].as_i64().unwrap());
    reply.json().as_array().unwrap().iter().map(row).collect()
}

fn costs(rows: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    rows.iter().map(|(code, fee, original)| ((*code).to_owned(), *fee, *original)).collect()
}

#[tokio::test]
async fn m8_7_a_fresh_shop_quotes_mainland_remote_abroad_and_the_rest_of_the_world() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let near = quoted(&staff, to("CN", ["广东省", "深圳市", "南山区"])).await;
    assert_eq!(near, costs(&[("standard", 1_000, 1_000), ("express", 2_300, 2_300)]));
    let far = quoted(&staff, to("CN", ["新疆", "乌鲁木齐", "天山区"])).await;
    assert_eq!(far, costs(&[("standard", 2_800, 2_800), ("express", 4_200, 4_200)]));
    let hong_kong = quoted(&staff, to("HK", ["", "", ""])).await;
    assert_eq!(hong_kong, costs(&[("express", 5_400, 5_400), ("international", 10_000, 10_000)]));
    let abroad = quoted(&staff, to("DE", ["Bayern", "München", ""])).await;
    assert_eq!(abroad, costs(&[("international", 21_000, 21_000), ("dhl", 41_000, 41_000)]));
}

#[tokio::test]
async fn m8_7_free_from_an_amount_on_still_shows_the_fee() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let mut asked = to("CN", ["浙江省", "杭州市", "西湖区"]);
    asked["amount"] = json!(9_899);
    assert_eq!(quoted(&staff, asked.clone()).await[0], ("standard".to_owned(), 1_000, 1_000));
    asked["amount"] = json!(9_900);
    assert_eq!(quoted(&staff, asked).await[0], ("standard".to_owned(), 0, 1_000));
}

#[tokio::test]
async fn m8_7_a_disabled_method_or_carrier_is_not_offered() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let methods = staff.get("/admin/shipping-methods").await.expect(200);
    let mut standard = methods["data"][0].clone();
    let path = format!("/admin/shipping-methods/{}", standard["id"]);
    let version = standard["version"].as_i64().unwrap();
    standard["enabled"] = json!(false);
    for member in ["id", "version"] {
        standard.as_object_mut().unwrap().remove(member);
    }
    staff.request("PUT", &path).if_match(version).body(standard).send().await.expect(200);
    let asked = to("CN", ["北京市", "北京市", "东城区"]);
    assert_eq!(quoted(&staff, asked.clone()).await, costs(&[("express", 2_300, 2_300)]));

    let carriers = staff.get("/admin/carriers").await.expect(200);
    let sf = &carriers["data"][0];
    let body = json!({ "code": "sf", "name": "顺丰", "tracking_url": null, "enabled": false });
    staff.request("PUT", &format!("/admin/carriers/{}", sf["id"])).if_match(1).body(body).send().await.expect(200);
    assert_eq!(quoted(&staff, asked).await, []);
}

#[tokio::test]
async fn m8_8_the_most_exact_zone_gives_the_rate() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let lines = json!([{ "country": "CN", "region": "440305", "excluded": false }]);
    let zone = staff.post("/admin/zones", json!({ "code": "nanshan", "name": "南山", "lines": lines })).await.expect(201).id();
    let methods = staff.get("/admin/shipping-methods").await.expect(200);
    let mut standard = methods["data"][0].clone();
    let path = format!("/admin/shipping-methods/{}", standard["id"]);
    let flat = json!({ "zone_id": zone, "basis": "amount", "from_value": 0, "base": 100, "step_value": 0, "step": 0, "free_over": null });
    standard["rates"].as_array_mut().unwrap().push(flat);
    for member in ["id", "version"] {
        standard.as_object_mut().unwrap().remove(member);
    }
    staff.request("PUT", &path).if_match(1).body(standard).send().await.expect(200);
    assert_eq!(quoted(&staff, to("CN", ["广东", "深圳", "南山"])).await[0], ("standard".to_owned(), 100, 100));
    assert_eq!(quoted(&staff, to("CN", ["广东", "深圳", "福田"])).await[0], ("standard".to_owned(), 1_000, 1_000));
}

#[tokio::test]
async fn m8_7_an_impossible_parcel_or_place_is_refused() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let mut asked = to("CN", ["北京市", "北京市", "东城区"]);
    asked["weight_g"] = json!(-1);
    let reply = staff.post("/admin/shipping-methods/quote", asked).await;
    assert_eq!((reply.problem(), reply.fields()), ((422, "invalid"), vec![("/weight_g", "rate_number")]));
    let reply = staff.post("/admin/shipping-methods/quote", to("CN", ["火星", "", ""])).await;
    assert_eq!((reply.problem(), reply.fields()), ((422, "invalid"), vec![("/province", "region_unknown")]));
}
