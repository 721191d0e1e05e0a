//! B7 Search in the shop.

use serde_json::json;

use crate::support::{Reply, TestApp};

fn slugs(reply: &Reply) -> Vec<&str> {
    reply.json()["data"].as_array().expect("rows").iter().filter_map(|row| row["slug"].as_str()).collect()
}

async fn shop() -> TestApp {
    let app = TestApp::new().await;
    app.product("LJ-250").named("西湖龙井", "Dragon Well").with("description", json!({ "en": "A green tea of spring." })).await;
    app.product("POT").named("白瓷茶壶", "White Porcelain Teapot").price(16_800).await;
    app.product("CUP").named("品茗杯", "Tasting Cup").price(3_000).stock(0).await;
    app
}

#[tokio::test]
async fn b7_products_are_found_by_chinese_pinyin_latin_and_code() {
    let app = shop().await;
    let guest = app.guest();
    for query in ["龙井", "西湖龙井", "longjing", "xhlj", "dragon", "DRAGONS", "lj-250", "spring", "西湖龙景"] {
        let found = guest.get(&format!("/store/products?locale=en&q={query}")).await.expect(200);
        assert_eq!(slugs(&found), ["dragon-well"], "{query}");
    }
    let none = guest.get("/store/products?q=umbrella").await.expect(200);
    assert_eq!((slugs(&none).len(), &none.json()["meta"]["total"]), (0, &json!(0)));
}

#[tokio::test]
async fn b7_a_typing_error_is_mended_and_told() {
    let app = shop().await;
    let found = app.guest().get("/store/products?locale=en&q=porcelian").await.expect(200);
    assert_eq!((slugs(&found), &found.json()["corrected"]), (vec!["white-porcelain-teapot"], &json!("porcelain")));
}

#[tokio::test]
async fn b7_what_is_typed_is_suggested_unfinished() {
    let app = shop().await;
    let found = app.guest().get("/store/suggest?locale=en&q=porc").await.expect(200);
    assert_eq!(found.json()["products"][0]["slug"], "white-porcelain-teapot");
    let found = app.guest().get("/store/suggest?locale=en&q=xihul").await.expect(200);
    assert_eq!(found.json()["products"][0]["slug"], "dragon-well");
    let found = app.guest().get("/store/suggest?locale=en&q=goo").await.expect(200);
    assert_eq!(found.json()["categories"][0]["slug"], "goods");
}

#[tokio::test]
async fn b7_the_index_changes_with_the_product() {
    let app = shop().await;
    let owner = app.owner().await;
    let hidden = app.product("NEW").named("大红袍", "Big Red Robe").draft().await;
    let guest = app.guest();
    let query = "/store/products?locale=en&q=dahongpao";
    assert_eq!(slugs(&guest.get(query).await).len(), 0);
    owner.request("POST", &format!("/admin/products/{}/publish", hidden.id)).if_match(1).send().await.expect(200);
    assert_eq!(slugs(&guest.get(query).await), ["big-red-robe"]);
    owner.delete(&format!("/admin/products/{}", hidden.id)).await.expect(204);
    assert_eq!(slugs(&guest.get(query).await).len(), 0);
    zg_catalog::reindex(&app.app).await.expect("the index");
    assert_eq!(slugs(&guest.get("/store/products?locale=en&q=longjing").await), ["dragon-well"]);
}

#[tokio::test]
async fn b7_a_search_is_filtered_and_sorted_like_any_list() {
    let app = shop().await;
    let guest = app.guest();
    let found = guest.get("/store/products?locale=en&q=茶&sort=-price").await.expect(200);
    assert_eq!(slugs(&found), ["white-porcelain-teapot"]);
    let found = guest.get("/store/products?locale=en&q=product+OR&price_max=1").await.expect(200);
    assert_eq!(slugs(&found).len(), 0);
    for nonsense in ["%22", "-", "*", "(((", "%27%3B--", "%F0%9F%8D%B5"] {
        let found = guest.get(&format!("/store/products?q={nonsense}")).await.expect(200);
        assert_eq!(slugs(&found).len(), 0, "{nonsense}");
    }
}
