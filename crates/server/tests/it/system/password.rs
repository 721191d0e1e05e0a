//! M8.1 Invitations and forgotten passwords: a link by mail that works once.

use chrono::Duration;

use serde_json::json;

use crate::support::system::PASSWORD;
use crate::support::{Reply, TestApp};

const ANNA: &str = "anna@example.com";
const NEW: &str = "a password of her own";

/// The token in the only mail that was sent.
async fn mailed(app: &TestApp, template: &str) -> String {
    let mails = app.mails().await;
    let [mail] = mails.as_slice() else { panic!("one mail was expected: {mails:?}") };
    assert_eq!((mail.template.as_str(), mail.to_address.as_str()), (template, ANNA));
    let (_, rest) = mail.text.split_once("/admin/new-password?token=").expect("a link");
    rest.split_whitespace().next().expect("a token").to_owned()
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Reply {
    app.guest().post("/admin/password/reset", json!({ "token": token, "password": password })).await
}

#[tokio::test]
async fn m8_1_who_is_invited_chooses_a_password_by_a_link_and_nobody_else_sees_one() {
    let app = TestApp::new().await;
    let role = app.role("reader", &["audit.read"]).await;
    let owner = app.owner().await;
    let body = json!({ "email": ANNA, "name": "Anna", "locale": "en", "roles": [role] });
    let made = owner.post("/admin/staff", body).await.expect(201);
    assert_eq!((made["invited"].as_bool(), made["roles"].clone()), (Some(true), json!([role])));
    let token = mailed(&app, "staff_invitation").await;
    assert_eq!(app.try_sign_in(ANNA, "", None).await.problem(), (401, "sign_in_failed"));

    let short = reset(&app, &token, "too short").await;
    assert_eq!((short.problem(), short.fields()), ((422, "invalid"), vec![("/password", "password_short")]));
    reset(&app, &token, NEW).await.expect(204);
    app.try_sign_in(ANNA, NEW, None).await.expect(200);
    assert_eq!(owner.get(&format!("/admin/staff/{}", made.id())).await.expect(200)["invited"], false);
    assert_eq!(reset(&app, &token, "another password").await.problem(), (410, "link_spent"));
    app.try_sign_in(ANNA, NEW, None).await.expect(200);
}

#[tokio::test]
async fn m8_1_an_invitation_waits_seven_days_and_can_be_sent_again() {
    let app = TestApp::new().await;
    let role = app.role("reader", &["audit.read"]).await;
    let owner = app.owner().await;
    let body = json!({ "email": ANNA, "name": "Anna", "locale": "zh-CN", "roles": [role] });
    let id = owner.post("/admin/staff", body).await.expect(201).id();
    let first = mailed(&app, "staff_invitation").await;
    owner.request("POST", &format!("/admin/staff/{id}/password-link")).send().await.expect(204);
    let second = mailed(&app, "staff_invitation").await;
    assert_eq!(reset(&app, &first, NEW).await.problem(), (410, "link_spent"));
    app.clock().advance(Duration::seconds(7 * 24 * 3600));
    assert_eq!(reset(&app, &second, NEW).await.problem(), (410, "link_spent"));
    let unknown = format!("/admin/staff/{}/password-link", app.unknown());
    assert_eq!(app.owner().await.request("POST", &unknown).send().await.problem(), (404, "staff_not_found"));
}

#[tokio::test]
async fn m8_1_a_forgotten_password_is_reset_by_mail_and_every_session_ends() {
    let app = TestApp::new().await;
    let role = app.role("reader", &["audit.read"]).await;
    app.colleague(ANNA, &[role]).await;
    let anna = app.sign_in(ANNA).await;
    app.guest().post("/admin/password/forgot", json!({ "email": "Anna@example.com" })).await.expect(204);
    let token = mailed(&app, "staff_password").await;
    anna.get("/admin/session").await.expect(200);
    reset(&app, &token, NEW).await.expect(204);
    assert_eq!(anna.get("/admin/session").await.problem(), (401, "sign_in_required"));
    assert_eq!(app.try_sign_in(ANNA, PASSWORD, None).await.problem(), (401, "sign_in_failed"));
    app.try_sign_in(ANNA, NEW, None).await.expect(200);
    assert_eq!(app.log("action=staff.reset").await, ["staff.reset_password"]);
}

#[tokio::test]
async fn m8_1_of_two_who_use_a_link_at_once_one_sets_the_password() {
    let app = TestApp::new().await;
    app.colleague(ANNA, &[]).await;
    app.guest().post("/admin/password/forgot", json!({ "email": ANNA })).await.expect(204);
    let token = mailed(&app, "staff_password").await;
    let (one, two) = tokio::join!(reset(&app, &token, NEW), reset(&app, &token, "somebody else's password"));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 410]);
}

#[tokio::test]
async fn m8_1_asking_for_an_unknown_address_answers_the_same_and_sends_nothing() {
    let app = TestApp::new().await;
    app.guest().post("/admin/password/forgot", json!({ "email": "nobody@example.com" })).await.expect(204);
    assert_eq!(app.mails().await.len(), 0);
    let none = app.guest().post("/admin/password/forgot", json!({ "email": "nobody" })).await;
    assert_eq!((none.problem(), none.fields()), ((422, "invalid"), vec![("/email", "email_invalid")]));
}

#[tokio::test]
async fn m8_1_asking_again_and_again_does_not_flood_a_mailbox() {
    let app = TestApp::new().await;
    app.colleague(ANNA, &[]).await;
    for _ in 0..8 {
        app.guest().post("/admin/password/forgot", json!({ "email": ANNA })).await.expect(204);
    }
    let ninth = app.guest().post("/admin/password/forgot", json!({ "email": ANNA })).await;
    assert_eq!(ninth.problem(), (429, "too_many_attempts"));
    assert_eq!(app.mails().await.len(), 8);
}

#[tokio::test]
async fn m8_1_changing_ones_password_wants_the_present_one_and_ends_the_other_sessions() {
    let app = TestApp::new().await;
    app.colleague(ANNA, &[]).await;
    let (here, there) = (app.sign_in(ANNA).await, app.sign_in(ANNA).await);
    let wrong = here.post("/admin/me/password", json!({ "current": "not this", "password": NEW })).await;
    assert_eq!((wrong.problem(), wrong.fields()), ((422, "invalid"), vec![("/current", "password_wrong")]));
    there.get("/admin/session").await.expect(200);
    here.post("/admin/me/password", json!({ "current": PASSWORD, "password": NEW })).await.expect(204);
    here.get("/admin/session").await.expect(200);
    assert_eq!(there.get("/admin/session").await.problem(), (401, "sign_in_required"));
    app.try_sign_in(ANNA, NEW, None).await.expect(200);
}
