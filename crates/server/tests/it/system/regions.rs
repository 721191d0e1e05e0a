//! M8.8 Regions.

use serde_json::Value;

use crate::support::TestApp;

fn names(reply: &Value) -> Vec<&str> {
    reply.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn m8_8_the_tree_is_read_a_level_at_a_time() {
    let app = TestApp::new().await;
    let guest = app.guest();
    let provinces = guest.get("/store/regions?country=CN").await.expect(200);
    assert_eq!(provinces.json().as_array().unwrap().len(), 31);
    assert_eq!(provinces.json()[0]["name"], "北京市");
    assert_eq!(provinces.json()[0]["name_en"], "Beijing");
    let cities = guest.get("/store/regions?parent=44").await.expect(200);
    assert_eq!(cities.json().as_array().unwrap().len(), 21);
    assert_eq!(names(cities.json())[1], "韶关市");
    let districts = guest.get("/store/regions?parent=4403").await.expect(200);
    assert_eq!(names(districts.json())[..3], ["罗湖区", "福田区", "南山区"]);
    assert!(districts.json().as_array().unwrap().iter().all(|row| row["has_children"] == false && row["level"] == 3));
    assert_eq!(guest.get("/store/regions?country=DE").await.expect(200).json(), &Value::Array(Vec::new()));
}

#[tokio::test]
async fn m8_8_a_county_right_under_a_province_stands_among_its_cities() {
    let app = TestApp::new().await;
    let guest = app.guest();
    let cities = guest.get("/store/regions?parent=42").await.expect(200);
    let xiantao = cities.json().as_array().unwrap().iter().find(|row| row["name"] == "仙桃市").cloned().unwrap();
    assert_eq!((xiantao["level"].as_i64(), xiantao["has_children"].as_bool()), (Some(2), Some(false)));
    assert_eq!(names(guest.get("/store/regions?parent=50").await.expect(200).json()), ["重庆市"]);
    assert_eq!(guest.get("/store/regions?parent=5001").await.expect(200).json().as_array().unwrap().len(), 38);
}

#[tokio::test]
async fn m8_8_countries_are_named_in_the_readers_language_and_say_whether_the_shop_ships_there() {
    let app = TestApp::new().await;
    let english = app.guest().get("/store/countries").await.expect(200);
    let rows = english.json().as_array().unwrap();
    assert_eq!(rows.len(), 249);
    assert_eq!(rows[..3].iter().map(|row| row["code"].as_str().unwrap()).collect::<Vec<_>>(), ["CN", "HK", "MO"]);
    assert_eq!((rows[0]["name"].as_str(), rows[0]["has_regions"].as_bool()), (Some("China"), Some(true)));
    assert!(rows.iter().all(|row| row["ships"] == true));
    let chinese = app.guest().get("/store/countries?locale=zh-CN").await.expect(200);
    assert_eq!(names(chinese.json())[..4], ["中国", "中国香港", "中国澳门", "中国台湾"]);

    let staff = app.staff(&["shipping.read", "shipping.write"]).await;
    for method in staff.get("/admin/shipping-methods").await.expect(200)["data"].as_array().unwrap() {
        if method["code"] != "standard" {
            staff.delete(&format!("/admin/shipping-methods/{}", method["id"])).await.expect(204);
        }
    }
    let left = app.guest().get("/store/countries").await.expect(200);
    let ships: Vec<&str> =
        left.json().as_array().unwrap().iter().filter(|row| row["ships"] == true).map(|row| row["code"].as_str().unwrap()).collect();
    assert_eq!(ships, ["CN"]);
}

#[tokio::test]
async fn m8_8_staff_read_the_tree_from_the_countries_down() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipping.read"]).await;
    let countries = staff.get("/admin/regions").await.expect(200);
    assert_eq!(countries.json().as_array().unwrap().len(), 249);
    let china = countries.json().as_array().unwrap().iter().find(|row| row["code"] == "CN").cloned().unwrap();
    assert_eq!((china["level"].as_i64(), china["has_children"].as_bool()), (Some(0), Some(true)));
    assert_eq!(staff.get("/admin/regions?parent=CN").await.expect(200).json().as_array().unwrap().len(), 31);
    assert_eq!(staff.get("/admin/regions?above=CN").await.problem(), (400, "query_unknown"));
}

#[tokio::test]
async fn m8_8_starting_again_writes_nothing_and_brings_nothing_back() {
    let app = TestApp::new().await;
    let staff = app.staff(&["shipping.read", "shipping.write"]).await;
    let methods = staff.get("/admin/shipping-methods").await.expect(200);
    staff.delete(&format!("/admin/shipping-methods/{}", methods["data"][3]["id"])).await.expect(204);
    let before = app.dump().await;
    zhanggui::compose::first_rows(app.app.databases()).await.unwrap();
    assert_eq!(app.dump().await, before);
}
