//! P4, P6: forms that are not ours are refused, and texts stay texts.

use super::Browser;
use crate::support::TestApp;

#[tokio::test]
async fn p4_a_form_without_its_token_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let product = app.product("TEA").await;
    let browser = Browser::new(&app);
    browser.open(&format!("/en/p/{}", product.slug)).await.expect(200);
    let before = app.dump().await;
    let fields = [("sku", "TEA"), ("quantity", "1")];
    let refused = browser.call("POST", "/en/cart/lines").form(&fields).send().await.expect(403);
    assert!(refused.text().contains("Your request was not taken"));
    let forged = [("_token", "AAAA"), ("sku", "TEA"), ("quantity", "1")];
    browser.call("POST", "/en/cart/lines").form(&forged).send().await.expect(403);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn p4_a_token_is_one_visitors_own() {
    let app = TestApp::new().await;
    let product = app.product("TEA").await;
    let (one, two) = (Browser::new(&app), Browser::new(&app));
    let page = format!("/en/p/{}", product.slug);
    one.open(&page).await.expect(200);
    two.open(&page).await.expect(200);
    let token = one.token();
    assert_ne!(token, two.token());
    let fields = [("_token", token.as_str()), ("sku", "TEA"), ("quantity", "1")];
    two.call("POST", "/en/cart/lines").form(&fields).send().await.expect(403);
    one.call("POST", "/en/cart/lines").form(&fields).send().await.expect(303);
}

#[tokio::test]
async fn p4_another_sites_form_is_refused_even_with_a_token() {
    let app = TestApp::new().await;
    let product = app.product("TEA").await;
    let browser = Browser::new(&app);
    browser.open(&format!("/en/p/{}", product.slug)).await.expect(200);
    let token = browser.token();
    let fields = [("_token", token.as_str()), ("sku", "TEA"), ("quantity", "1")];
    browser.call("POST", "/en/cart/lines").header("sec-fetch-site", "cross-site").form(&fields).send().await.expect(403);
    browser.call("POST", "/en/cart/lines").header("origin", "https://evil.test").form(&fields).send().await.expect(403);
    browser.call("POST", "/en/cart/lines").header("origin", "http://shop.test").form(&fields).send().await.expect(303);
}

#[tokio::test]
async fn p4_every_form_of_every_page_refuses_a_post_without_token() {
    let app = TestApp::new().await;
    let browser = Browser::new(&app);
    let paths = [
        "cart/lines",
        "cart/lines/1",
        "checkout",
        "account",
        "account/addresses",
        "account/addresses/x",
        "account/addresses/x/remove",
        "account/password",
        "account/sign-in",
        "account/sign-out",
        "account/register",
        "account/confirm",
        "account/forgot",
        "account/reset",
    ];
    for path in paths {
        browser.call("POST", &format!("/en/{path}")).form(&[("sku", "TEA")]).send().await.expect(403);
    }
}

#[tokio::test]
async fn p6_a_product_named_like_a_script_stays_a_name() {
    let app = TestApp::new().await;
    let evil = "<script>alert(1)</script>\"'&";
    let product = app.product("EVIL").named(evil, evil).await;
    let browser = Browser::new(&app);
    let mut seen = Vec::new();
    for path in [
        format!("/en/p/{}", product.slug),
        "/en/".to_owned(),
        "/en/search".to_owned(),
        "/en/search?q=%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
    ] {
        let page = browser.open(&path).await.expect(200);
        assert!(page.header("content-security-policy").contains("script-src 'self'"), "{path}");
        seen.push((path, page.text()));
    }
    let cart = browser.open(&format!("/en/p/{}", product.slug)).await;
    assert_eq!(cart.status(), 200);
    seen.push(("cart".to_owned(), browser.submit("/en/cart/lines", &[("sku", "EVIL"), ("quantity", "1")]).await.text()));
    for (path, page) in seen {
        assert!(!page.contains("<script>alert"), "{path}: {page}");
        assert!(!page.contains(" onerror=") && !page.contains("<style"), "{path}");
    }
}
