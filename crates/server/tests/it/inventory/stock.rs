//! M5.1 Stock as staff see it.

use serde_json::json;

use crate::support::TestApp;

const RIGHTS: [&str; 2] = ["stock.read", "stock.write"];

#[tokio::test]
async fn m5_1_one_figure_a_sku_and_a_level_a_warehouse() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let tea = app.bare_sku("TEA").await;
    let west = app.warehouse("west").await;
    let lines = json!([
        { "sku": "TEA", "kind": "increase", "quantity": 6 },
        { "sku": "TEA", "kind": "increase", "quantity": 4, "warehouse_id": west },
    ]);
    staff.post("/admin/stock/adjustments", json!({ "reason": "found", "lines": lines })).await.expect(200);
    let row = staff.get(&format!("/admin/stock/{tea}")).await.expect(200);
    assert_eq!((row["on_hand"].as_i64(), row["available"].as_i64(), row["sku"].as_str()), (Some(10), Some(10), Some("TEA")));
    let levels: Vec<(&str, i64)> = row["levels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| (level["warehouse"].as_str().unwrap(), level["on_hand"].as_i64().unwrap()))
        .collect();
    assert_eq!(levels, [("main", 6), ("west", 4)]);
    assert_eq!(staff.get(&format!("/admin/stock/{}", app.unknown())).await.problem(), (404, "stock_sku_unknown"));
    assert_eq!(staff.get("/admin/warehouses").await.expect(200).json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn m5_1_the_list_is_searched_by_code_and_name_and_filtered_by_level() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    for code in ["TEA-1", "TEA-2", "CUP"] {
        app.bare_sku(code).await;
    }
    staff.adjust("increase", "TEA-1", 3).await.expect(200);
    let codes = |query: &str| {
        let (staff, path) = (staff.clone(), format!("/admin/stock?{query}"));
        async move {
            let page = staff.get(&path).await.expect(200);
            page["data"].as_array().unwrap().iter().map(|row| row["sku"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(codes("").await, ["CUP", "TEA-1", "TEA-2"]);
    assert_eq!(codes("q=TEA").await, ["TEA-1", "TEA-2"]);
    assert_eq!(codes("q=%E5%95%86%E5%93%81%20CUP").await, ["CUP"]);
    assert_eq!(codes("level=in").await, ["TEA-1"]);
    assert_eq!(codes("level=out").await, ["CUP", "TEA-2"]);
    assert_eq!(codes("level=low").await, [""; 0]);
    let first = staff.get("/admin/stock?limit=2").await.expect(200);
    assert_eq!(first["meta"]["total"], 3);
    let next = first["meta"]["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(codes(&format!("limit=2&cursor={next}")).await, ["TEA-2"]);
}

#[tokio::test]
async fn m5_1_variants_are_told_apart_by_their_values() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let both = |zh: &str, en: &str| json!({ "zh-CN": zh, "en": en });
    let sku = |code: &str, colour: &str, size: &str| json!({ "code": code, "values": { "size": size, "colour": colour } });
    let options = json!([
        { "code": "colour", "name": both("颜色", "Colour"),
          "values": [{ "code": "red", "name": both("红色", "Red") }, { "code": "blue", "name": both("蓝色", "Blue") }] },
        { "code": "size", "name": both("尺码", "Size"),
          "values": [{ "code": "xl", "name": both("XL", "XL") }, { "code": "free", "name": { "zh-CN": "均码" } }] },
    ]);
    let skus = json!([sku("SHIRT-1", "red", "xl"), sku("SHIRT-2", "blue", "free")]);
    app.product("SHIRT").with("options", options).with("skus", skus).draft().await;
    app.bare_sku("TEA").await;
    let page = staff.get("/admin/stock").await.expect(200);
    let rows: Vec<_> = page["data"].as_array().unwrap().iter().map(|row| (row["sku"].clone(), row["options"].clone())).collect();
    let expected = [
        (json!("SHIRT-1"), both("红色 / XL", "Red / XL")),
        (json!("SHIRT-2"), both("蓝色 / 均码", "Blue / 均码")),
        (json!("TEA"), json!({})),
    ];
    assert_eq!(rows, expected);
    let one = staff.get(&format!("/admin/stock/{}", page["data"][0]["sku_id"])).await.expect(200);
    assert_eq!(one["options"], expected[0].1);
}
