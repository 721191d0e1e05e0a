//! M8.1 Sign-in.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::Duration;
use serde_json::json;
use zg_web::{ApiConfig, TrustedProxies};

use crate::support::TestApp;
use crate::support::system::PASSWORD;

const ANNA: &str = "anna@example.com";

async fn shop() -> TestApp {
    let app = TestApp::new().await;
    let role = app.role("reader", &["audit.read"]).await;
    app.colleague(ANNA, &[role]).await;
    app
}

#[tokio::test]
async fn m8_1_sign_in_opens_a_session_that_scripts_cannot_read() {
    let app = shop().await;
    let reply = app.try_sign_in(" Anna@Example.COM ", PASSWORD, None).await.expect(200);
    assert_eq!(reply["staff"]["email"], ANNA);
    assert_eq!(reply["rights"], json!(["audit.read"]));
    assert_eq!(reply["is_super"], false);
    let cookie = reply.header("set-cookie").to_owned();
    for part in ["zg_staff=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    let anna = app.with_cookie_of(&reply);
    assert_eq!(anna.get("/admin/session").await.expect(200)["csrf"], reply["csrf"]);
    assert_eq!(app.log("action=session.").await, ["session.open"]);
}

#[tokio::test]
async fn m8_1_a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let app = shop().await;
    let wrong = app.try_sign_in(ANNA, "not the password", None).await;
    let unknown = app.try_sign_in("nobody@example.com", PASSWORD, None).await;
    assert_eq!((wrong.problem(), unknown.problem()), ((401, "sign_in_failed"), (401, "sign_in_failed")));
    assert_eq!(wrong["detail"], unknown["detail"]);
    assert_eq!((wrong.header("set-cookie"), unknown.header("set-cookie")), ("", ""));
    assert_eq!(app.log("action=session.").await, ["session.refuse", "session.refuse"]);
}

#[tokio::test]
async fn m8_1_eight_failures_close_the_account_for_a_quarter_of_an_hour() {
    let app = shop().await;
    for _ in 0..8 {
        assert_eq!(app.try_sign_in(ANNA, "a guess at it", None).await.status(), 401);
    }
    let closed = app.try_sign_in(ANNA, PASSWORD, None).await;
    assert_eq!((closed.problem(), closed.header("retry-after")), ((429, "too_many_attempts"), "900"));
    app.clock().advance(Duration::minutes(15));
    app.try_sign_in(ANNA, PASSWORD, None).await.expect(200);
}

#[tokio::test]
async fn m8_1_a_success_forgives_the_failures_before_it() {
    let app = shop().await;
    for _ in 0..2 {
        for _ in 0..7 {
            assert_eq!(app.try_sign_in(ANNA, "a guess at it", None).await.status(), 401);
        }
        app.try_sign_in(ANNA, PASSWORD, None).await.expect(200);
    }
}

#[tokio::test]
async fn m8_1_forty_failures_close_an_address_and_no_other() {
    let proxy: IpAddr = "127.0.0.1".parse().unwrap();
    let app = TestApp::with(ApiConfig { proxies: TrustedProxies(Arc::from([proxy])), ..ApiConfig::default() }).await;
    let role = app.role("reader", &["audit.read"]).await;
    app.colleague(ANNA, &[role]).await;
    let from = |ip: &str| app.guest().header("x-forwarded-for", ip);
    for n in 0..40 {
        let body = json!({ "email": format!("user{n}@example.com"), "password": "a guess at it" });
        assert_eq!(from("203.0.113.7").post("/admin/session", body).await.status(), 401);
    }
    let body = json!({ "email": ANNA, "password": PASSWORD });
    assert_eq!(from("203.0.113.7").post("/admin/session", body.clone()).await.problem(), (429, "too_many_attempts"));
    from("203.0.113.8").post("/admin/session", body).await.expect(200);
}

#[tokio::test]
async fn m8_1_signing_out_ends_the_session() {
    let app = shop().await;
    let anna = app.sign_in(ANNA).await;
    let out = anna.delete("/admin/session").await.expect(204);
    assert!(out.header("set-cookie").contains("zg_staff=; ") && out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(anna.get("/admin/session").await.problem(), (401, "sign_in_required"));
    assert_eq!(anna.delete("/admin/session").await.problem(), (401, "sign_in_required"));
    assert_eq!(app.log("action=session.").await, ["session.close", "session.open"]);
}

#[tokio::test]
async fn m8_1_a_session_lasts_twelve_hours() {
    let app = shop().await;
    let anna = app.sign_in(ANNA).await;
    app.clock().advance(Duration::minutes(12 * 60 - 1));
    anna.get("/admin/session").await.expect(200);
    app.clock().advance(Duration::minutes(1));
    assert_eq!(anna.get("/admin/session").await.problem(), (401, "sign_in_required"));
}

#[tokio::test]
async fn p4_signing_in_from_another_site_or_by_a_form_is_refused() {
    let app = shop().await;
    let body = json!({ "email": ANNA, "password": PASSWORD });
    let before = app.dump().await;
    let foreign = app.guest().header("origin", "https://evil.example");
    assert_eq!(foreign.post("/admin/session", body.clone()).await.problem(), (403, "csrf"));
    let foreign = app.guest().header("sec-fetch-site", "same-site");
    assert_eq!(foreign.post("/admin/session", body).await.problem(), (403, "csrf"));
    let form = app.guest();
    let form = form.request("POST", "/admin/session").form(&[("email", ANNA), ("password", PASSWORD)]);
    assert_eq!(form.send().await.problem(), (415, "json_expected"));
    assert_eq!(app.dump().await, before);
    let own = app.guest().header("origin", "http://shop.test");
    own.post("/admin/session", json!({ "email": ANNA, "password": PASSWORD })).await.expect(200);
}
