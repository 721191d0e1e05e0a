//! M8.1 The second factor and its recovery codes.

use chrono::Duration;

use serde_json::json;

use crate::support::system::PASSWORD;
use crate::support::{Client, TestApp};

const ANNA: &str = "anna@example.com";

/// Anna with a second factor: her session, the secret, her recovery codes.
async fn with_factor() -> (TestApp, Client, String, Vec<String>) {
    let app = TestApp::new().await;
    let role = app.role("reader", &["audit.read"]).await;
    app.colleague(ANNA, &[role]).await;
    let anna = app.sign_in(ANNA).await;
    let begun = anna.request("POST", "/admin/me/second-factor").send().await.expect(200);
    let secret = begun["secret"].as_str().unwrap().to_owned();
    assert!(begun["uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    let on = anna.post("/admin/me/second-factor/confirm", json!({ "code": app.digits(&secret) })).await.expect(200);
    let codes = on["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    app.clock().advance(Duration::seconds(60));
    (app, anna, secret, codes)
}

#[tokio::test]
async fn m8_1_with_a_second_factor_the_password_alone_does_not_open() {
    let (app, _, secret, codes) = with_factor().await;
    assert_eq!(codes.len(), 10);
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, None).await.problem(), (401, "second_factor_required"));
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, Some("000000")).await.problem(), (401, "second_factor_wrong"));
    assert_eq!(app.try_sign_in(ANNA, "wrong password", Some(&app.digits(&secret))).await.problem(), (401, "sign_in_failed"));
    app.try_sign_in(ANNA, PASSWORD, Some(&app.digits(&secret))).await.expect(200);
}

#[tokio::test]
async fn m8_1_a_code_works_once() {
    let (app, _, secret, _) = with_factor().await;
    let digits = app.digits(&secret);
    app.try_sign_in(ANNA, PASSWORD, Some(&digits)).await.expect(200);
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, Some(&digits)).await.problem(), (401, "second_factor_wrong"));
    app.clock().advance(Duration::seconds(30));
    app.try_sign_in(ANNA, PASSWORD, Some(&app.digits(&secret))).await.expect(200);
}

#[tokio::test]
async fn m8_1_of_two_who_send_one_code_at_once_one_gets_in() {
    let (app, _, secret, _) = with_factor().await;
    let digits = app.digits(&secret);
    let (one, two) = tokio::join!(app.try_sign_in(ANNA, PASSWORD, Some(&digits)), app.try_sign_in(ANNA, PASSWORD, Some(&digits)));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn m8_1_a_recovery_code_stands_in_once() {
    let (app, _, _, codes) = with_factor().await;
    app.try_sign_in(ANNA, PASSWORD, Some(&codes[3].to_uppercase().replace('-', " "))).await.expect(200);
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, Some(&codes[3])).await.problem(), (401, "second_factor_wrong"));
    app.try_sign_in(ANNA, PASSWORD, Some(&codes[4])).await.expect(200);
    assert_eq!(app.log("action=staff.use_").await, ["staff.use_recovery_code", "staff.use_recovery_code"]);
}

#[tokio::test]
async fn m8_1_new_recovery_codes_take_the_place_of_the_old() {
    let (app, anna, secret, codes) = with_factor().await;
    let wrong = anna.post("/admin/me/second-factor/recovery-codes", json!({ "code": "000000" })).await;
    assert_eq!((wrong.problem(), wrong.fields()), ((422, "invalid"), vec![("/code", "second_factor_wrong")]));
    let renewed = anna.post("/admin/me/second-factor/recovery-codes", json!({ "code": app.digits(&secret) })).await.expect(200);
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, Some(&codes[0])).await.problem(), (401, "second_factor_wrong"));
    app.try_sign_in(ANNA, PASSWORD, renewed["recovery_codes"][0].as_str()).await.expect(200);
}

#[tokio::test]
async fn m8_1_turning_it_off_wants_a_code() {
    let (app, anna, secret, _) = with_factor().await;
    let off = |code: String| anna.request("DELETE", "/admin/me/second-factor").body(json!({ "code": code })).send();
    assert_eq!(off("123456".to_owned()).await.status(), 422);
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, None).await.problem(), (401, "second_factor_required"));
    off(app.digits(&secret)).await.expect(204);
    app.try_sign_in(ANNA, PASSWORD, None).await.expect(200);
    assert_eq!(off("123456".to_owned()).await.problem(), (409, "second_factor_off"));
}

#[tokio::test]
async fn m8_1_guessing_the_code_is_throttled_as_guessing_the_password_is() {
    let (app, anna, secret, _) = with_factor().await;
    for _ in 0..8 {
        assert_eq!(anna.request("DELETE", "/admin/me/second-factor").body(json!({ "code": "999999" })).send().await.status(), 422);
    }
    let closed = anna.request("DELETE", "/admin/me/second-factor").body(json!({ "code": app.digits(&secret) })).send().await;
    assert_eq!(closed.problem(), (429, "too_many_attempts"));
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, Some(&app.digits(&secret))).await.problem(), (429, "too_many_attempts"));
}

#[tokio::test]
async fn m8_1_a_colleague_helps_out_who_lost_telephone_and_codes() {
    let (app, anna, _, codes) = with_factor().await;
    let id = anna.get("/admin/session").await["staff"]["id"].as_i64().unwrap();
    let owner = app.owner().await;
    owner.delete(&format!("/admin/staff/{id}/second-factor")).await.expect(204);
    app.try_sign_in(ANNA, PASSWORD, None).await.expect(200);
    assert_eq!(owner.delete(&format!("/admin/staff/{id}/second-factor")).await.problem(), (409, "second_factor_off"));
    assert_eq!(owner.delete(&format!("/admin/staff/{}/second-factor", app.unknown())).await.problem(), (404, "staff_not_found"));
    let begun = anna.request("POST", "/admin/me/second-factor").send().await.expect(200);
    let secret = begun["secret"].as_str().unwrap().to_owned();
    anna.post("/admin/me/second-factor/confirm", json!({ "code": app.digits(&secret) })).await.expect(200);
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, Some(&codes[0])).await.problem(), (401, "second_factor_wrong"));
}
