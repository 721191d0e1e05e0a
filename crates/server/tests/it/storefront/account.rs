//! P15 Accounts: registering by mail, signing in, and what is one's own.

use super::{Browser, between};
use crate::support::TestApp;

const PASSWORD: &str = "correct horse battery";

/// A browser whose owner has registered and signed in.
async fn member(app: &TestApp) -> Browser {
    let browser = Browser::new(app);
    browser.open("/en/account/register").await.expect(200);
    let fields = [("name", "Han Meimei"), ("email", "han@example.com"), ("password", PASSWORD)];
    let page = browser.submit("/en/account/register", &fields).await.expect(200).text();
    assert!(page.contains("a mail with a link is on its way"), "{page}");
    let token = link(app, "/en/account/confirm?token=").await;
    browser.open(&format!("/en/account/confirm?token={token}")).await.expect(200);
    let page = browser.submit("/en/account/confirm", &[("token", &token)]).await.expect(200).text();
    assert!(page.contains("Hello, Han Meimei"), "{page}");
    browser
}

/// The token of a link in the mail that was just sent.
async fn link(app: &TestApp, path: &str) -> String {
    let mails = app.mails().await;
    let text = mails.iter().map(|mail| format!("{mail:?}")).collect::<String>();
    let rest = text.split(path).nth(1).unwrap_or_else(|| panic!("no {path} in {text}"));
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
}

#[tokio::test]
async fn p15_an_account_is_made_by_mail_signed_out_of_and_into() {
    let app = TestApp::new().await;
    let browser = member(&app).await;
    browser.open("/en/account").await.expect(200);
    browser.submit("/en/account/sign-out", &[]).await.expect(200);
    assert_eq!(browser.cookie("zg_shopper"), None);
    let asked = browser.open("/en/account/orders").await.expect(303);
    assert_eq!(asked.header("location"), "/en/account/sign-in?next=%2Fen%2Faccount%2Forders");

    browser.open(asked.header("location")).await.expect(200);
    let wrong = [("email", "han@example.com"), ("password", "wrong wrong wrong"), ("next", "/en/account/orders")];
    let refused = browser.send("/en/account/sign-in", &wrong).await;
    assert!(refused.status() >= 400 && refused.text().contains("value=\"han@example.com\""), "{}", refused.text());
    let right = [("email", "han@example.com"), ("password", PASSWORD), ("next", "/en/account/orders")];
    let signed_in = browser.send("/en/account/sign-in", &right).await.expect(303);
    assert_eq!(signed_in.header("location"), "/en/account/orders");
    assert!(browser.open("/en/account/orders").await.expect(200).text().contains("No orders yet"));
}

#[tokio::test]
async fn p15_signing_in_leads_nowhere_outside_the_shop() {
    let app = TestApp::new().await;
    let browser = member(&app).await;
    for next in ["https://evil.test/", "//evil.test", "/en//evil.test", "/admin/", "/en/\\evil"] {
        browser.open("/en/account").await.expect(200);
        browser.submit("/en/account/sign-out", &[]).await.expect(200);
        browser.open("/en/account/sign-in").await.expect(200);
        let fields = [("email", "han@example.com"), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.send("/en/account/sign-in", &fields).await.expect(303).header("location"), "/en/account", "{next}");
    }
}

#[tokio::test]
async fn p15_addresses_are_kept_checked_changed_and_removed() {
    let app = TestApp::new().await;
    let browser = member(&app).await;
    browser.open("/en/account/addresses").await.expect(200);
    let mut address = vec![
        ("name", "韩梅梅"),
        ("phone", "13900139000"),
        ("country", "CN"),
        ("province", "上海市"),
        ("city", "上海市"),
        ("district", "黄浦区"),
        ("street", "南京东路 1 号"),
        ("postal_code", "200001"),
    ];
    let page = browser.submit("/en/account/addresses", &address).await.expect(200).text();
    assert!(page.contains("上海市黄浦区南京东路 1 号"), "{page}");
    let token = between(&page, "/en/account/addresses/", "\"").expect("its page");
    let form = browser.open(&format!("/en/account/addresses/{token}")).await.expect(200).text();
    assert!(form.contains("value=\"南京东路 1 号\""));
    address[0] = ("name", "");
    let refused = browser.send(&format!("/en/account/addresses/{token}"), &address).await.expect(422).text();
    assert!(refused.contains("aria-invalid=\"true\""));
    address[0] = ("name", "小梅");
    assert!(browser.submit(&format!("/en/account/addresses/{token}"), &address).await.expect(200).text().contains("小梅"));
    // Somebody else's browser finds nothing there.
    assert_eq!(Browser::new(&app).open(&format!("/en/account/addresses/{token}")).await.status(), 303);
    let gone = browser.submit(&format!("/en/account/addresses/{token}/remove"), &[]).await.expect(200).text();
    assert!(!gone.contains("小梅"));
}

#[tokio::test]
async fn p15_a_forgotten_password_is_replaced_by_the_link_in_the_mail() {
    let app = TestApp::new().await;
    member(&app).await;
    let browser = Browser::new(&app);
    browser.open("/en/account/forgot").await.expect(200);
    browser.submit("/en/account/forgot", &[("email", "han@example.com")]).await.expect(200);
    let token = link(&app, "/en/account/reset?token=").await;
    browser.open(&format!("/en/account/reset?token={token}")).await.expect(200);
    let short = browser.send("/en/account/reset", &[("token", &token), ("password", "short")]).await.expect(422).text();
    assert!(short.contains("at least 8 characters") || short.contains("At least 8 characters"), "{short}");
    browser.submit("/en/account/reset", &[("token", &token), ("password", "another good one")]).await.expect(200);
    browser.open("/en/account/sign-in").await.expect(200);
    let fields = [("email", "han@example.com"), ("password", "another good one"), ("next", "")];
    browser.send("/en/account/sign-in", &fields).await.expect(303);
}

#[tokio::test]
async fn p15_a_members_name_and_orders_are_their_own_page() {
    let app = TestApp::new().await;
    let browser = member(&app).await;
    browser.open("/en/account").await.expect(200);
    let page = browser.submit("/en/account", &[("name", "韩梅梅"), ("phone", "139 0013 9000")]).await.expect(200).text();
    assert!(page.contains("Hello, 韩梅梅") && page.contains("value=\"13900139000\""), "{page}");
    let refused = browser.send("/en/account", &[("name", "韩梅梅"), ("phone", "not a number")]).await.expect(422).text();
    assert!(refused.contains("value=\"not a number\"") && refused.contains("aria-invalid=\"true\""));
}
