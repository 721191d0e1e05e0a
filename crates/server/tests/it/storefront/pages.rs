//! P10, P15, M2.7: what every page tells browsers and search engines.

use super::{Browser, between};
use crate::support::TestApp;

#[tokio::test]
async fn p15_the_door_leads_to_the_readers_language() {
    let app = TestApp::new().await;
    let guest = app.guest();
    assert_eq!(guest.raw("GET", "/").send().await.expect(303).header("location"), "/en/");
    let chinese = guest.raw("GET", "/").header("accept-language", "zh-CN,zh;q=0.9,en;q=0.5").send().await.expect(303);
    assert_eq!((chinese.header("location"), chinese.header("vary")), ("/zh-CN/", "Cookie, Accept-Language"));
    let chosen = guest.raw("GET", "/").header("cookie", "zg_locale=zh-CN").send().await.expect(303);
    assert_eq!(chosen.header("location"), "/zh-CN/");
    assert_eq!(guest.raw("GET", "/en").send().await.expect(308).header("location"), "/en/");
}

#[tokio::test]
async fn p15_both_languages_name_each_other_and_themselves() {
    let app = TestApp::new().await;
    let product = app.product("POT").named("茶壶", "Teapot").await;
    let browser = Browser::new(&app);
    let page = browser.open(&format!("/en/p/{}", product.slug)).await.expect(200);
    assert_eq!(page.header("content-language"), "en");
    let html = page.text();
    assert!(
        html.contains("<html lang=\"en\">")
            && html.contains(&format!("<link rel=\"canonical\" href=\"http://shop.test/en/p/{}\">", product.slug))
    );
    let chinese = between(&html, "hreflang=\"zh-CN\" href=\"http://shop.test", "\"").expect("the Chinese page");
    let other = browser.open(&chinese).await.expect(200).text();
    assert!(other.contains("<html lang=\"zh-CN\">") && other.contains("茶壶") && other.contains("加入购物车"));
}

#[tokio::test]
async fn m2_7_structured_data_is_json_with_price_and_stock() {
    let app = TestApp::new().await;
    let product = app.product("POT").named("茶壶", "Tea </script> pot").price(12_990).await;
    let html = Browser::new(&app).open(&format!("/en/p/{}", product.slug)).await.expect(200).text();
    let blocks: Vec<serde_json::Value> = html
        .split("<script type=\"application/ld+json\">")
        .skip(1)
        .map(|part| serde_json::from_str(part.split("</script>").next().unwrap_or_default()).expect("JSON"))
        .collect();
    let kinds: Vec<&str> = blocks.iter().map(|block| block["@type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["BreadcrumbList", "Product"]);
    let offer = &blocks[1]["offers"][0];
    assert_eq!((offer["price"].as_str(), offer["priceCurrency"].as_str()), (Some("129.90"), Some("CNY")));
    assert_eq!(offer["availability"], "https://schema.org/InStock");
    assert_eq!(blocks[1]["name"], "Tea </script> pot");
}

#[tokio::test]
async fn m2_7_a_former_address_leads_to_the_present_one_for_good() {
    let app = TestApp::new().await;
    let product = app.product("POT").named("茶壶", "Teapot").await;
    let owner = app.owner().await;
    let read = owner.get(&format!("/admin/products/{}", product.id)).await.expect(200);
    let fields = [
        "code",
        "name",
        "description",
        "seo_title",
        "seo_description",
        "tax_class",
        "primary_category_id",
        "category_ids",
        "options",
        "skus",
    ];
    let mut sent = serde_json::Map::new();
    for field in fields {
        sent.insert(field.to_owned(), read[field].clone());
    }
    sent["name"]["en"] = "Kettle".into();
    owner.request("PUT", &format!("/admin/products/{}", product.id)).if_match(read.etag()).body(sent.into()).send().await.expect(200);
    let moved = Browser::new(&app).open(&format!("/en/p/{}", product.slug)).await.expect(301);
    assert_eq!(moved.header("location"), "/en/p/kettle");
}

#[tokio::test]
async fn m2_7_the_sitemap_holds_every_public_page_in_both_languages() {
    let app = TestApp::new().await;
    let product = app.product("POT").named("茶壶", "Teapot").await;
    app.product("DRAFT").named("草稿", "Draft").draft().await;
    let guest = app.guest();
    let map = guest.raw("GET", "/sitemap.xml").send().await.expect(200);
    assert_eq!(map.header("content-type"), "application/xml; charset=utf-8");
    let map = map.text();
    assert!(map.starts_with("<?xml") && map.trim_end().ends_with("</urlset>"));
    assert_eq!(map.matches(&format!("<loc>http://shop.test/en/p/{}</loc>", product.slug)).count(), 1, "{map}");
    assert!(map.contains("<loc>http://shop.test/zh-CN/</loc>") && map.contains("/en/c/") && !map.contains("draft"), "{map}");
    guest.raw("GET", "/sitemap/0.xml").send().await.expect(200);
    guest.raw("GET", "/sitemap/7.xml").send().await.expect(404);
    guest.raw("GET", "/sitemap/x").send().await.expect(404);
    let robots = guest.raw("GET", "/robots.txt").send().await.expect(200).text();
    assert!(robots.contains("Disallow: /en/checkout") && robots.contains("Sitemap: http://shop.test/sitemap.xml"));
}

#[tokio::test]
async fn p10_a_page_that_holds_nothing_personal_is_cached_and_others_are_not() {
    let app = TestApp::new().await;
    let product = app.product("POT").await;
    let stranger = Browser::new(&app);
    let home = stranger.open("/en/").await.expect(200);
    assert_eq!((home.header("cache-control"), home.header("vary").contains("Cookie")), ("public, max-age=60", true));
    assert!(home.headers.get("set-cookie").is_none());
    let etag = home.header("etag").to_owned();
    let again = stranger.call("GET", "/en/").header("if-none-match", &etag).send().await.expect(304);
    assert!(again.bytes.is_empty());
    // A page with a form holds a token.
    let page = stranger.open(&format!("/en/p/{}", product.slug)).await.expect(200);
    assert_eq!(page.header("cache-control"), "private, no-cache");
    stranger.submit("/en/cart/lines", &[("sku", "POT"), ("quantity", "1")]).await.expect(200);
    assert_eq!(stranger.open("/en/cart").await.header("cache-control"), "no-store");
    assert_eq!(stranger.open("/en/").await.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn p10_pages_are_sent_compressed_to_those_who_can_read_it() {
    let app = TestApp::new().await;
    app.product("POT").await;
    let zipped = app.guest().raw("GET", "/en/").header("accept-encoding", "gzip").send().await.expect(200);
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert!(zipped.bytes.len() < 8 * 1024, "{}", zipped.bytes.len());
}

#[tokio::test]
async fn p15_the_first_page_with_its_styles_and_scripts_is_small() {
    let app = TestApp::new().await;
    app.product("POT").await;
    let guest = app.guest();
    let html = guest.raw("GET", "/zh-CN/").send().await.expect(200).text();
    let mut total = html.len();
    for name in ["shop.", "pages.", "mark."] {
        let rest = html.split(&format!("/static/{name}")).nth(1).expect("named in the page");
        let asset = guest.raw("GET", &format!("/static/{name}{}", rest.split('"').next().unwrap())).send().await.expect(200);
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        total += asset.bytes.len();
    }
    assert!(total < 100 * 1024, "{total} bytes before compression");
    guest.raw("GET", "/static/shop.000000000000.css").send().await.expect(404);
}

#[tokio::test]
async fn p10_an_address_that_leads_nowhere_is_a_page_for_people_and_a_problem_for_programs() {
    let app = TestApp::new().await;
    let browser = Browser::new(&app);
    for path in ["/en/nowhere", "/en/p/nowhere", "/en/c/nowhere", "/nowhere"] {
        let page = browser.open(path).await.expect(404);
        assert!(page.text().contains("This page is not here"), "{path}");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    assert_eq!(app.guest().raw("GET", "/nowhere").send().await.problem(), (404, "not_found"));
    assert_eq!(browser.call("GET", "/api/v1/nowhere").send().await.problem(), (404, "not_found"));
    let other = browser.call("DELETE", "/en/cart").form(&[]).send().await;
    assert_eq!(other.status(), 403);
}

#[tokio::test]
async fn p15_what_the_shop_says_of_itself_is_what_it_sells_and_how_it_is_paid() {
    let app = TestApp::new().await;
    let guest = app.guest();
    let empty = guest.raw("GET", "/en/").send().await.expect(200).text();
    assert!(empty.contains("The shelves are being filled") && !empty.contains("all in one place"), "{empty}");
    app.product("POT").await;
    let browser = Browser::new(&app);
    let home = browser.open("/en/").await.expect(200).text();
    assert!(home.contains("all in one place.") && !home.contains("The shelves are being filled"), "{home}");
    assert!(home.contains("Ways to pay: Bank transfer and Cash on delivery."), "{home}");
    let chinese = browser.open("/zh-CN/").await.expect(200).text();
    assert!(chinese.contains("，都在这里。") && chinese.contains("付款方式：银行转账、货到付款。"), "{chinese}");

    let owner = app.owner().await;
    let methods = owner.get("/admin/payment-methods").await.expect(200);
    let cash = methods.json().as_array().unwrap().iter().find(|method| method["kind"] == "cod").unwrap().clone();
    let off =
        serde_json::json!({ "name": cash["name"], "instructions": cash["instructions"], "enabled": false, "position": cash["position"] });
    let path = format!("/admin/payment-methods/{}", cash["id"]);
    owner.request("PUT", &path).if_match(cash["version"].as_i64().unwrap()).body(off).send().await.expect(200);
    let home = browser.open("/en/").await.expect(200).text();
    assert!(home.contains("Ways to pay: Bank transfer.") && !home.contains("Cash on delivery"), "{home}");
}

#[tokio::test]
async fn p15_the_other_language_keeps_what_is_filtered_and_its_address_does_not_hold_it() {
    let app = TestApp::new().await;
    let product = app.product("POT").named("茶壶", "Teapot").await;
    let html = Browser::new(&app).open(&format!("/en/p/{}?sku=POT", product.slug)).await.expect(200).text();
    let own = between(&html, "rel=\"alternate\" hreflang=\"zh-CN\" href=\"http://shop.test", "\"").expect("the Chinese page");
    assert!(!own.contains('?') && html.contains(&format!("href=\"{own}?sku=POT\" lang=\"zh-CN\"")), "{html}");
    let marked = Browser::new(&app).open("/en/?utm_source=mail").await.expect(200).text();
    assert!(marked.contains("hreflang=\"zh-CN\" href=\"http://shop.test/zh-CN/\">"), "{marked}");
}
