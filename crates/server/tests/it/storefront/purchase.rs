//! P15 Buying, from the product to the order's page.

use super::{Browser, between};
use crate::support::TestApp;

const WHO: [(&str, &str); 9] = [
    ("email", "li.lei@example.com"),
    ("phone", "13800138000"),
    ("name", "李雷"),
    ("country", "CN"),
    ("province", "浙江省"),
    ("city", "杭州市"),
    ("district", "西湖区"),
    ("street", "文三路 1 号"),
    ("postal_code", "310000"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    WHO.iter().copied().chain(more.iter().copied()).collect()
}

/// A browser with three of a product in its cart.
async fn with_cart(app: &TestApp, stock: i64) -> Browser {
    let product = app.product("TEA").named("龙井茶", "Longjing Tea").price(4000).stock(stock).await;
    let browser = Browser::new(app);
    browser.open(&format!("/en/p/{}", product.slug)).await.expect(200);
    let cart = browser.submit("/en/cart/lines", &[("sku", "TEA"), ("quantity", "3")]).await.expect(200).text();
    assert!(cart.contains("Longjing Tea") && cart.contains("¥120.00"), "{cart}");
    browser
}

/// Address, shipping and payment are chosen; says the total that the page shows.
async fn ready(browser: &Browser) -> String {
    browser.open("/en/checkout").await.expect(200);
    let page = browser.submit("/en/checkout", &with(&[("do", "save")])).await.expect(200).text();
    assert!(page.contains("value=\"standard\"") && page.contains("value=\"express\""), "{page}");
    let chosen = with(&[("do", "save"), ("shipping_method", "express"), ("payment_method", "bank_transfer")]);
    let page = browser.submit("/en/checkout", &chosen).await.expect(200).text();
    between(&page, "name=\"seen\" value=\"", "\"").expect("the total that was shown")
}

async fn place(browser: &Browser, seen: &str) -> crate::support::Reply {
    let fields =
        with(&[("do", "place"), ("seen", seen), ("shipping_method", "express"), ("payment_method", "bank_transfer"), ("note", "请轻放")]);
    browser.send("/en/checkout", &fields).await
}

#[tokio::test]
async fn p15_a_guest_buys_through_forms_alone() {
    let app = TestApp::new().await;
    let browser = with_cart(&app, 10).await;
    let seen = ready(&browser).await;
    let placed = place(&browser, &seen).await.expect(303);
    assert!(placed.header("location").starts_with("/en/o/"), "{placed:?}");
    assert_eq!(browser.cookie("zg_cart"), None);

    app.run_due().await;
    let letter = &app.mails().await[0];
    let link = between(&letter.html, "href=\"", "\"").expect("a link");
    let base = &app.app.shop().base_url;
    assert_eq!(link.strip_prefix(base.as_str()), Some(placed.header("location")), "the mail leads to the order");
    let order = browser.open(placed.header("location")).await.expect(200);
    assert_eq!(order.header("cache-control"), "no-store");
    let order = order.text();
    for shown in ["Thank you", "Longjing Tea", "How to pay", "List price", "浙江省杭州市西湖区文三路 1 号"] {
        assert!(order.contains(shown), "{shown} is not in {order}");
    }
    let token = placed.header("location").rsplit('/').next().expect("a token").to_owned();
    let known = app.guest().get(&format!("/store/orders/{token}")).await.expect(200);
    assert_eq!(known["totals"]["total"]["amount"].to_string(), seen);
    assert_eq!(known["note"], "请轻放");
    // In the other language the same order is there.
    assert!(browser.open(&format!("/zh-CN/o/{token}")).await.expect(200).text().contains("如何付款"));
    assert!(browser.open("/en/o/not-a-token-of-ours").await.expect(404).text().contains("This page is not here"));
}

#[tokio::test]
async fn p15_an_order_sent_twice_is_one_order() {
    let app = TestApp::new().await;
    let browser = with_cart(&app, 10).await;
    let seen = ready(&browser).await;
    let cart = browser.cookie("zg_cart").expect("a cart");
    let first = place(&browser, &seen).await.expect(303);
    // Sent before the first answer took the cookie away.
    browser.set_cookie("zg_cart", &cart);
    let second = place(&browser, &seen).await.expect(303);
    assert_eq!(first.header("location"), second.header("location"));
}

#[tokio::test]
async fn p15_two_orders_at_once_are_one_order() {
    let app = TestApp::new().await;
    let browser = with_cart(&app, 10).await;
    let seen = ready(&browser).await;
    let (one, two) = tokio::join!(place(&browser, &seen), place(&browser, &seen));
    assert_eq!(one.expect(303).header("location"), two.expect(303).header("location"));
}

#[tokio::test]
async fn p15_out_of_stock_leads_back_to_the_cart_and_loses_nothing() {
    let app = TestApp::new().await;
    let browser = with_cart(&app, 3).await;
    let seen = ready(&browser).await;
    let staff = app.owner().await;
    let taken = serde_json::json!({ "reason": "damaged", "lines": [{ "sku": "TEA", "kind": "decrease", "quantity": 2 }] });
    staff.post("/admin/stock/adjustments", taken).await.expect(200);

    let refused = place(&browser, &seen).await.expect(303);
    assert_eq!(refused.header("location"), "/en/cart");
    let cart = browser.open("/en/cart").await.expect(200).text();
    assert!(cart.contains("nothing was ordered") && cart.contains("Only 1 left"), "{cart}");
    assert!(cart.contains("Please settle them first") && !cart.contains("href=\"/en/checkout\""), "{cart}");
    // What was typed is still there.
    let checkout = browser.open("/en/checkout").await.expect(200).text();
    for kept in ["li.lei@example.com", "文三路 1 号", "请轻放"] {
        assert!(checkout.contains(kept), "{kept} is not in {checkout}");
    }
    let changed = browser.submit("/en/cart/lines/1", &[("quantity", "1")]).await.expect(200).text();
    assert!(!changed.contains("Only 1 left") && changed.contains("href=\"/en/checkout\""), "{changed}");
    let page = browser.open("/en/checkout").await.expect(200).text();
    let seen = between(&page, "name=\"seen\" value=\"", "\"").expect("a total");
    assert!(place(&browser, &seen).await.expect(303).header("location").starts_with("/en/o/"));
}

#[tokio::test]
async fn p15_a_total_that_was_not_shown_is_not_ordered() {
    let app = TestApp::new().await;
    let browser = with_cart(&app, 10).await;
    ready(&browser).await;
    let refused = place(&browser, "1").await.expect(303);
    assert_eq!(refused.header("location"), "/en/checkout");
    assert!(browser.open("/en/checkout").await.expect(200).text().contains("The total has changed"));
}

#[tokio::test]
async fn p15_a_wrong_address_is_shown_at_its_field_with_what_was_typed() {
    let app = TestApp::new().await;
    let browser = with_cart(&app, 10).await;
    browser.open("/en/checkout").await.expect(200);
    let mut fields = with(&[("do", "save")]);
    fields.retain(|(name, _)| *name != "city" && *name != "email");
    fields.extend([("city", "巴黎"), ("email", "not an address")]);
    let page = browser.send("/en/checkout", &fields).await.expect(422).text();
    assert!(page.contains("value=\"巴黎\"") && page.contains("value=\"not an address\""), "{page}");
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2, "{page}");
}

#[tokio::test]
async fn p15_an_empty_cart_is_not_checked_out() {
    let app = TestApp::new().await;
    let browser = Browser::new(&app);
    assert_eq!(browser.open("/en/checkout").await.expect(303).header("location"), "/en/cart");
    assert!(browser.open("/en/cart").await.expect(200).text().contains("Your cart is empty"));
}

#[tokio::test]
async fn p15_a_cart_is_read_in_the_language_of_the_page() {
    let app = TestApp::new().await;
    let browser = with_cart(&app, 10).await;
    assert!(browser.open("/zh-CN/cart").await.expect(200).text().contains("龙井茶"));
    assert!(browser.open("/en/cart").await.expect(200).text().contains("Longjing Tea"));
    let empty = browser.submit("/en/cart/lines/1", &[("what", "remove")]).await.expect(200).text();
    assert!(empty.contains("Your cart is empty"));
}
