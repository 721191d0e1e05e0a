//! P15 The shopper's own account.

use chrono::Duration;

use serde_json::{Value, json};

use crate::support::customers::{PASSWORD, address, token_of};
use crate::support::{Client, Reply, TestApp};

fn registration(email: &str) -> Value {
    json!({ "name": "Li Lei", "email": email, "password": PASSWORD, "locale": "en" })
}

async fn sign_in(client: &Client, email: &str, password: &str) -> Reply {
    client.post("/store/account/session", json!({ "email": email, "password": password })).await
}

/// The cookie of an answer, as the next request carries it.
fn with_session(app: &TestApp, reply: &Reply) -> Client {
    let cookie = reply.header("set-cookie").split(';').next().unwrap_or_default();
    let (name, token) = cookie.split_once('=').expect("a cookie");
    assert_eq!(name, "zg_shopper");
    assert!(reply.header("set-cookie").contains("HttpOnly; SameSite=Lax"));
    Client::signed_in(app, name, token)
}

#[tokio::test]
async fn p15_an_account_comes_to_life_by_the_link_in_the_mail() {
    let app = TestApp::new().await;
    app.guest().post("/store/account", registration("Li@Example.com")).await.expect(204);
    assert_eq!(sign_in(&app.guest(), "li@example.com", PASSWORD).await.problem(), (401, "sign_in_failed"));
    let mails = app.mails().await;
    assert_eq!((mails.len(), mails[0].to_address.as_str(), mails[0].template.as_str()), (1, "li@example.com", "account_confirm"));
    let token = token_of(&mails[0].text);
    assert!(mails[0].text.contains("http://shop.test/en/account/confirm?token="));

    let reply = app.guest().post("/store/account/confirm", json!({ "token": token })).await.expect(200);
    assert_eq!((&reply["name"], &reply["email"]), (&json!("Li Lei"), &json!("li@example.com")));
    let shopper = with_session(&app, &reply);
    let me = shopper.get("/store/account").await.expect(200);
    assert_eq!(me["csrf"], reply["csrf"]);
    assert_eq!(app.guest().post("/store/account/confirm", json!({ "token": token })).await.problem(), (410, "account_link_invalid"));

    shopper.delete("/store/account/session").await.expect(204);
    assert_eq!(shopper.get("/store/account").await.problem(), (401, "sign_in_required"));
    with_session(&app, &sign_in(&app.guest(), " LI@example.com", PASSWORD).await.expect(200)).get("/store/account").await.expect(200);
}

#[tokio::test]
async fn p15_nobody_learns_whether_an_address_has_an_account() {
    let app = TestApp::new().await;
    app.shopper("known@example.com").await;
    let known = app.guest().post("/store/account", registration("known@example.com")).await;
    let unknown = app.guest().post("/store/account", registration("unknown@example.com")).await;
    assert_eq!((known.status(), &known.bytes), (unknown.status(), &unknown.bytes));
    let mut mails: Vec<(String, String)> = app.mails().await.into_iter().map(|mail| (mail.to_address, mail.template)).collect();
    mails.sort();
    let mail = |to: &str, template: &str| (to.to_owned(), template.to_owned());
    assert_eq!(mails, [mail("known@example.com", "account_known"), mail("unknown@example.com", "account_confirm")]);

    for email in ["known@example.com", "unknown@example.com"] {
        app.guest().post("/store/account/password/forgot", json!({ "email": email })).await.expect(204);
    }
    let mails = app.mails().await;
    assert_eq!(mails.iter().map(|mail| mail.to_address.as_str()).collect::<Vec<_>>(), ["known@example.com"]);
    let wrong = sign_in(&app.guest(), "known@example.com", "wrong password").await;
    let nobody = sign_in(&app.guest(), "nobody@example.com", "wrong password").await;
    assert_eq!((wrong.problem(), &wrong["detail"]), (nobody.problem(), &nobody["detail"]));
}

#[tokio::test]
async fn p15_guesses_are_throttled_by_account() {
    let app = TestApp::new().await;
    app.shopper("li@example.com").await;
    for _ in 0..8 {
        assert_eq!(sign_in(&app.guest(), "li@example.com", "wrong password").await.problem(), (401, "sign_in_failed"));
    }
    assert_eq!(sign_in(&app.guest(), "Li@example.com", PASSWORD).await.problem(), (429, "too_many_attempts"));
    app.clock().advance(Duration::minutes(16));
    sign_in(&app.guest(), "li@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn p15_a_forgotten_password_is_reset_once_and_ends_every_session() {
    let app = TestApp::new().await;
    let shopper = app.shopper("li@example.com").await;
    let forgot = json!({ "email": "li@example.com" });
    app.guest().post("/store/account/password/forgot", forgot.clone()).await.expect(204);
    let first = token_of(&app.mails().await[0].text);
    app.guest().post("/store/account/password/forgot", forgot).await.expect(204);
    let second = token_of(&app.mails().await[0].text);
    let reset = async |token: &str, password: &str| {
        app.guest().post("/store/account/password/reset", json!({ "token": token, "password": password })).await
    };
    assert_eq!(reset(&second, "short").await.fields(), [("/password", "account_password_short")]);
    assert_eq!(reset(&first, "a new password").await.problem(), (410, "account_link_invalid"));
    let (one, two) = tokio::join!(reset(&second, "a new password"), reset(&second, "another password"));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 410]);
    assert_eq!(shopper.get("/store/account").await.problem(), (401, "sign_in_required"));
    assert_eq!(sign_in(&app.guest(), "li@example.com", PASSWORD).await.problem(), (401, "sign_in_failed"));
}

#[tokio::test]
async fn p15_a_link_is_good_for_an_hour() {
    let app = TestApp::new().await;
    app.shopper("li@example.com").await;
    app.guest().post("/store/account/password/forgot", json!({ "email": "li@example.com" })).await.expect(204);
    let token = token_of(&app.mails().await[0].text);
    app.clock().advance(Duration::seconds(3601));
    let reply = app.guest().post("/store/account/password/reset", json!({ "token": token, "password": "a new password" })).await;
    assert_eq!(reply.problem(), (410, "account_link_invalid"));
    sign_in(&app.guest(), "li@example.com", PASSWORD).await.expect(200);
    // The nightly sweep takes links that are too old.
    app.beat().await;
    app.clock().advance(Duration::days(2));
    app.beat().await;
    assert_eq!(app.dump().await["one_time_token"], Vec::<String>::new());
}

#[tokio::test]
async fn p15_shoppers_change_themselves_and_their_password() {
    let app = TestApp::new().await;
    let shopper = app.shopper("li@example.com").await;
    let body = json!({ "name": "Lei", "phone": "+86 138 0013 8000", "marketing": true, "locale": "zh-CN" });
    let me = shopper.patch("/store/account", body).await.expect(200);
    assert_eq!((&me["name"], &me["phone"], &me["marketing"]), (&json!("Lei"), &json!("13800138000"), &json!(true)));
    assert_eq!(shopper.patch("/store/account", json!({ "phone": null })).await["phone"], Value::Null);
    assert_eq!(shopper.patch("/store/account", json!({ "name": "" })).await.fields(), [("/name", "required")]);

    let other = with_session(&app, &sign_in(&app.guest(), "li@example.com", PASSWORD).await.expect(200));
    let wrong = json!({ "current": "wrong password", "password": "a new password" });
    assert_eq!(shopper.post("/store/account/password", wrong).await.fields(), [("/current", "account_password_wrong")]);
    let right = json!({ "current": PASSWORD, "password": "a new password" });
    shopper.post("/store/account/password", right).await.expect(204);
    shopper.get("/store/account").await.expect(200);
    assert_eq!(other.get("/store/account").await.status(), 401);
    sign_in(&app.guest(), "li@example.com", "a new password").await.expect(200);
}

#[tokio::test]
async fn p15_addresses_are_found_through_their_owner_only() {
    let app = TestApp::new().await;
    let (one, two) = (app.shopper("one@example.com").await, app.shopper("two@example.com").await);
    let made = one.post("/store/account/addresses", address()).await.expect(201);
    let path = format!("/store/account/addresses/{}", made["token"].as_str().expect("a token"));
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert!(made["id"].is_null());
    let before = app.dump().await;
    assert_eq!(two.put(&path, address()).await.problem(), (404, "customer_address_not_found"));
    assert_eq!(two.delete(&path).await.problem(), (404, "customer_address_not_found"));
    assert_eq!(app.dump().await, before);
    assert_eq!(two.get("/store/account/addresses").await.json, json!([]));
    let mut changed = address();
    changed["street"] = json!("平江路63号");
    assert_eq!(one.put(&path, changed).await.expect(200)["street"], "平江路63号");
    one.delete(&path).await.expect(204);
    assert_eq!(one.get("/store/account/addresses").await.json, json!([]));
}
