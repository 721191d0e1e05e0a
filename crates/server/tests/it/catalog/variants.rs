//! M2.16 Variant axes and SKUs.

use serde_json::{Value, json};

use crate::support::TestApp;

fn names(text: &str) -> Value {
    json!({ "zh-CN": text, "en": text })
}

fn shirt(sizes: &[&str]) -> Value {
    let values: Vec<Value> = sizes.iter().map(|size| json!({ "code": size, "name": names(size) })).collect();
    let skus: Vec<Value> = ["red", "blue"]
        .iter()
        .flat_map(|colour| sizes.iter().map(move |size| (colour, size)))
        .map(|(colour, size)| {
            json!({
                "code": format!("SHIRT-{colour}-{size}"), "barcode": format!("69{colour}{size}"), "weight_g": 200,
                "values": { "colour": colour, "size": size }, "price": { "amount": 9900, "currency": "CNY" },
            })
        })
        .collect();
    json!({
        "code": "SHIRT", "name": names("Shirt"), "tax_class": "standard",
        "options": [
            { "code": "colour", "name": { "zh-CN": "颜色", "en": "Colour" },
              "values": [{ "code": "red", "name": { "zh-CN": "红色", "en": "Red" } }, { "code": "blue", "name": { "zh-CN": "蓝色", "en": "Blue" } }] },
            { "code": "size", "name": names("Size"), "values": values },
        ],
        "skus": skus,
    })
}

#[tokio::test]
async fn m2_16_a_value_added_later_makes_only_new_skus() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let made = owner.post("/admin/products", shirt(&["s", "l"])).await.expect(201);
    let before: Vec<Value> = made.json()["skus"].as_array().expect("SKUs").clone();
    let url = format!("/admin/products/{}", made.id());
    let more = owner.request("PUT", &url).if_match(1).body(shirt(&["s", "l", "xl"])).send().await.expect(200);
    let after = more.json()["skus"].as_array().expect("SKUs").clone();
    assert_eq!((before.len(), after.len()), (4, 6));
    assert!(before.iter().all(|sku| after.contains(sku)));
    // One left out is deleted softly: its code stays taken.
    owner.request("PUT", &url).if_match(2).body(shirt(&["s"])).send().await.expect(200);
    let taken = json!({ "code": "X", "name": names("X"), "tax_class": "standard", "skus": [{ "code": "SHIRT-red-xl" }] });
    assert_eq!(owner.post("/admin/products", taken).await.fields(), [("/skus", "sku_code_taken")]);
}

#[tokio::test]
async fn m2_16_two_skus_of_one_combination_are_refused() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let mut document = shirt(&["s", "l"]);
    document["skus"][1]["values"] = json!({ "colour": "red", "size": "s" });
    let before = app.dump().await;
    assert_eq!(owner.post("/admin/products", document).await.fields(), [("/skus/1/values", "sku_values")]);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m2_16_a_large_matrix_is_saved_whole_and_a_larger_one_refused() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let matrix = |count: usize| {
        let values: Vec<Value> = (0..count).map(|n| json!({ "code": format!("v{n}"), "name": { "en": format!("Value {n}") } })).collect();
        let skus: Vec<Value> = (0..count).map(|n| json!({ "code": format!("M-{n}"), "values": { "axis": format!("v{n}") } })).collect();
        json!({ "code": "M", "name": { "en": "M" }, "tax_class": "standard",
            "options": [{ "code": "axis", "name": { "en": "Axis" }, "values": values }], "skus": skus })
    };
    assert_eq!(owner.post("/admin/products", matrix(2_501)).await.fields(), [("/skus", "sku_too_many")]);
    let made = owner.post("/admin/products", matrix(200)).await.expect(201);
    assert_eq!(made.json()["skus"].as_array().map(Vec::len), Some(200));
}

#[tokio::test]
async fn m2_16_a_shopper_chooses_by_option() {
    let app = TestApp::new().await;
    let product =
        app.product("SHIRT").with("options", shirt(&["s"])["options"].clone()).with("skus", shirt(&["s"])["skus"].clone()).stock(3).await;
    let page = app.guest().get(&format!("/store/products/{}?locale=zh-CN", product.slug)).await.expect(200);
    let skus = page.json()["skus"].as_array().expect("SKUs");
    let seen: Vec<(&str, i64)> =
        skus.iter().map(|sku| (sku["label"].as_str().unwrap_or(""), sku["available"].as_i64().unwrap_or(-1))).collect();
    assert_eq!(seen, [("红色 / s", 3), ("蓝色 / s", 0)]);
    assert_eq!(skus[1]["options"], json!({ "colour": "blue", "size": "s" }));
}
