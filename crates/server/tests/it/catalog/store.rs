//! P15 Lists and pages for shoppers, and that what is remembered is never old.

use serde_json::{Value, json};
use zg_catalog::store::{self, ListQuery};
use zg_domain::Locale;

use crate::support::{Reply, TestApp};

fn slugs(reply: &Reply) -> Vec<&str> {
    reply.json()["data"].as_array().expect("rows").iter().filter_map(|row| row["slug"].as_str()).collect()
}

async fn set_stock(app: &TestApp, sku: &str, quantity: i64) {
    let lines = json!([{ "sku": sku, "kind": "set_to", "quantity": quantity }]);
    app.owner().await.post("/admin/stock/adjustments", json!({ "reason": "count", "lines": lines })).await.expect(200);
}

#[tokio::test]
async fn p15_lists_are_sorted_and_paged_by_key() {
    let app = TestApp::new().await;
    for (code, price) in [("A", 300), ("B", 100), ("C", 200), ("D", 100)] {
        app.product(code).price(price).await;
        app.clock().advance(chrono::Duration::seconds(1));
    }
    let guest = app.guest();
    let cases = [
        ("price", ["product-b", "product-d", "product-c", "product-a"]),
        ("-price", ["product-a", "product-c", "product-d", "product-b"]),
        ("-published_at", ["product-d", "product-c", "product-b", "product-a"]),
        ("-sales", ["product-d", "product-c", "product-b", "product-a"]),
    ];
    for (sort, expected) in cases {
        let mut seen = Vec::new();
        let mut url = format!("/store/products?locale=en&limit=3&sort={sort}");
        loop {
            let page = guest.get(&url).await.expect(200);
            seen.extend(slugs(&page).into_iter().map(str::to_owned));
            let Some(cursor) = page.json()["meta"]["next_cursor"].as_str() else { break };
            url = format!("/store/products?locale=en&limit=3&sort={sort}&cursor={cursor}");
        }
        assert_eq!(seen, expected, "{sort}");
    }
    assert_eq!(guest.get("/store/products?cursor=nonsense").await.problem(), (400, "cursor_invalid"));
    assert_eq!(guest.get("/store/products?colour=red").await.problem(), (400, "query_unknown"));
    assert_eq!(guest.get("/store/products?category=unknown").await.problem(), (404, "category_not_found"));
    let row = guest.get("/store/products?locale=en&limit=1&sort=price").await;
    assert_eq!(row.json()["data"][0]["price"], json!({ "amount": 100, "currency": "CNY" }));
    assert_eq!((row.json()["data"][0]["available"].as_bool(), row.json()["meta"]["total"].as_i64()), (Some(true), Some(4)));
}

#[tokio::test]
async fn p15_facets_count_what_the_list_holds() {
    let app = TestApp::new().await;
    let tea = app.category("tea").await;
    let green = app.category_below("green", Some(tea)).await;
    app.product("LONGJING").within(green).price(5_000).await;
    app.product("POT").within(tea).price(16_800).stock(0).await;
    app.product("CUP").price(1_200).untracked().await;
    let guest = app.guest();
    let list = guest.get("/store/products?locale=en&facets=true").await.expect(200);
    let facets = &list.json()["facets"];
    let counts: Vec<(&str, i64)> = facets["categories"]
        .as_array()
        .expect("categories")
        .iter()
        .map(|one| (one["slug"].as_str().unwrap_or(""), one["count"].as_i64().unwrap_or(0)))
        .collect();
    assert_eq!(counts, [("tea", 2), ("green", 1), ("goods", 1)]);
    assert_eq!((facets["price_min"]["amount"].as_i64(), facets["price_max"]["amount"].as_i64()), (Some(1_200), Some(16_800)));
    assert_eq!(facets["in_stock"], 2);
    let cheap = guest.get("/store/products?locale=en&price_min=2000&price_max=6000").await.expect(200);
    assert_eq!(slugs(&cheap), ["product-longjing"]);
    let there = guest.get("/store/products?locale=en&in_stock=true&sort=price").await.expect(200);
    assert_eq!(slugs(&there), ["product-cup", "product-longjing"]);
}

#[tokio::test]
async fn p15_options_filter_by_one_sku_that_has_them_all() {
    let app = TestApp::new().await;
    let value = |code: &str| json!({ "code": code, "name": { "en": code } });
    let options = json!([
        { "code": "colour", "name": { "en": "Colour" }, "values": [value("red"), value("blue")] },
        { "code": "size", "name": { "en": "Size" }, "values": [value("s"), value("l")] },
    ]);
    let sku = |code: &str, colour: &str, size: &str| json!({ "code": code, "values": { "colour": colour, "size": size }, "price": { "amount": 100, "currency": "CNY" } });
    app.product("ONE").with("options", options.clone()).with("skus", json!([sku("1A", "red", "s"), sku("1B", "blue", "l")])).await;
    app.product("TWO").with("options", options).with("skus", json!([sku("2A", "red", "l")])).await;
    let guest = app.guest();
    let found = guest.get("/store/products?locale=en&option=colour:red,size:l&facets=true").await.expect(200);
    assert_eq!(slugs(&found), ["product-two"]);
    let both = guest.get("/store/products?locale=en&option=colour:blue,colour:red").await.expect(200);
    assert_eq!(slugs(&both).len(), 2);
    let colours = found.json()["facets"]["options"]
        .as_array()
        .and_then(|options| options.iter().find(|option| option["code"] == "colour").cloned())
        .unwrap_or(Value::Null);
    assert_eq!(colours["values"], json!([{ "code": "blue", "name": "blue", "count": 1 }, { "code": "red", "name": "red", "count": 1 }]));
}

#[tokio::test]
async fn p15_availability_follows_stock_at_once() {
    let app = TestApp::new().await;
    let product = app.product("TEA").stock(2).await;
    let guest = app.guest();
    let page = format!("/store/products/{}", product.slug);
    assert_eq!(guest.get(&page).await.json()["skus"][0]["available"], 2);
    assert_eq!(guest.get("/store/products").await.json()["data"][0]["available"], true);
    set_stock(&app, "TEA", 0).await;
    assert_eq!(guest.get(&page).await.json()["skus"][0]["available"], 0);
    assert_eq!(guest.get("/store/products").await.json()["data"][0]["available"], false);
    set_stock(&app, "TEA", 500).await;
    assert_eq!(guest.get(&page).await.json()["skus"][0]["available"], 99);
}

#[tokio::test]
async fn p15_another_node_shows_a_change_at_once() {
    let app = TestApp::new().await;
    app.product("ONE").named("一", "One").await;
    let node = app.second_node().await;
    let asked = ListQuery::default();
    let before = store::list(&node, &asked, Locale::En).await.expect("a list");
    assert_eq!(before.data.len(), 1);
    app.product("TWO").named("二", "Two").stock(1).await;
    let after = store::list(&node, &asked, Locale::En).await.expect("a list");
    let seen: Vec<(&str, bool)> = after.data.iter().map(|card| (card.name.as_str(), card.available)).collect();
    assert_eq!(seen, [("Two", true), ("One", true)]);
    set_stock(&app, "TWO", 0).await;
    let after = store::list(&node, &asked, Locale::En).await.expect("a list");
    assert!(!after.data[0].available);
}

#[tokio::test]
async fn p15_many_readers_at_once_see_one_shop() {
    let app = TestApp::new().await;
    app.product("ONE").await;
    let asked = ListQuery::default();
    let readers = (0..50).map(|_| store::list(&app.app, &asked, Locale::En));
    let lists = futures_util::future::join_all(readers).await;
    assert!(lists.into_iter().all(|list| list.is_ok_and(|list| list.data.len() == 1)));
}
