//! M8.1 Sessions: seen and ended.

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
