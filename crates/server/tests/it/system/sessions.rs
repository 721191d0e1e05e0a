//! M8.1 Sessions: seen and ended.

use serde_json::json;

use crate::support::TestApp;

const ANNA: &str = "anna@example.com";

#[tokio::test]
async fn m8_1_one_sees_ones_sessions_and_ends_another() {
    let app = TestApp::new().await;
    app.colleague(ANNA, &[]).await;
    let (here, there) = (app.sign_in(ANNA).await, app.sign_in(ANNA).await);
    let list = here.get("/admin/sessions").await.expect(200);
    let rows = list.json().as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["current"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true]);
    let path = format!("/admin/sessions/{}", rows[0]["id"]);
    here.delete(&path).await.expect(204);
    assert_eq!(there.get("/admin/session").await.problem(), (401, "sign_in_required"));
    assert_eq!(here.get("/admin/sessions").await.expect(200).json().as_array().unwrap().len(), 1);
    assert_eq!(here.delete(&path).await.problem(), (404, "session_not_found"));
}

#[tokio::test]
async fn m8_1_a_strangers_session_is_404() {
    let app = TestApp::new().await;
    app.colleague(ANNA, &[]).await;
    let anna = app.sign_in(ANNA).await;
    let hers = anna.get("/admin/sessions").await.expect(200).json()[0]["id"].clone();
    let other = app.staff(&[]).await;
    assert_eq!(other.delete(&format!("/admin/sessions/{hers}")).await.problem(), (404, "session_not_found"));
    anna.get("/admin/session").await.expect(200);
}

#[tokio::test]
async fn m8_1_an_administrator_ends_every_session_of_a_colleague() {
    let app = TestApp::new().await;
    let id = app.colleague(ANNA, &[]).await;
    let (one, two) = (app.sign_in(ANNA).await, app.sign_in(ANNA).await);
    let admin = app.staff(&["staff.read", "staff.write"]).await;
    let path = format!("/admin/staff/{id}/sessions");
    assert_eq!(admin.get(&path).await.expect(200).json().as_array().unwrap().len(), 2);
    admin.delete(&path).await.expect(204);
    assert_eq!((one.get("/admin/session").await.status(), two.get("/admin/session").await.status()), (401, 401));
    assert_eq!(app.log("action=session.revoke").await, ["session.revoke_all"]);
    let unknown = format!("/admin/staff/{}/sessions", app.unknown());
    assert_eq!(admin.delete(&unknown).await.problem(), (404, "staff_not_found"));
    assert_eq!(admin.get(&unknown).await.problem(), (404, "staff_not_found"));
}

/// Sessions and keys say when they were last used; requests note it, and it is written later.
#[tokio::test]
async fn m8_1_it_is_seen_when_a_session_and_a_key_were_last_used() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let made = owner.post("/admin/api-keys", json!({ "name": "ERP", "scopes": ["shipping.read"] })).await.expect(201);
    let last = async |path: &str| owner.get(path).await.expect(200).json()[0]["last_used_at"].clone();
    let signed_in = last("/admin/sessions").await;
    assert_eq!(last("/admin/api-keys").await, serde_json::Value::Null);

    app.clock().advance(chrono::Duration::minutes(7));
    app.guest().bearer(made["key"].as_str().unwrap()).get("/admin/zones").await.expect(200);
    assert_eq!(last("/admin/sessions").await, signed_in);
    zg_base::last_used::write(&app.app).await.unwrap();
    let (session, key) = (last("/admin/sessions").await, last("/admin/api-keys").await);
    let instant = |value: &serde_json::Value| value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!((instant(&session) - instant(&signed_in)).num_minutes(), 7);
    assert_eq!(key, session);
}
