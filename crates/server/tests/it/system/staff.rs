//! M8.1 Administrators.

use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

const ANNA: &str = "anna@example.com";

async fn put(by: &Client, id: i64, roles: &[i64], disabled: bool) -> Reply {
    let path = format!("/admin/staff/{id}");
    let version = by.get(&path).await.expect(200).etag();
    by.request("PUT", &path).if_match(version).body(json!({ "name": "Anna", "roles": roles, "disabled": disabled })).send().await
}

#[tokio::test]
async fn m8_1_who_is_disabled_is_out_at_once_and_comes_back_by_signing_in() {
    let app = TestApp::new().await;
    let role = app.role("reader", &["audit.read"]).await;
    let id = app.colleague(ANNA, &[role]).await;
    let anna = app.sign_in(ANNA).await;
    let owner = app.owner().await;
    let changed = put(&owner, id, &[role], true).await.expect(200);
    assert!(changed["disabled_at"].is_string());
    assert_eq!(anna.get("/admin/session").await.problem(), (401, "sign_in_required"));
    assert_eq!(app.try_sign_in(ANNA, crate::support::system::PASSWORD, None).await.problem(), (401, "sign_in_failed"));
    let link = owner.request("POST", &format!("/admin/staff/{id}/password-link")).send().await;
    assert_eq!(link.problem(), (409, "staff_disabled"));
    put(&owner, id, &[role], false).await.expect(200);
    assert_eq!(anna.get("/admin/session").await.status(), 401);
    app.sign_in(ANNA).await.get("/admin/session").await.expect(200);
}

#[tokio::test]
async fn m8_1_the_last_administrator_with_all_rights_stays() {
    let app = TestApp::new().await;
    let all = app.role("all", &[]).await;
    let few = app.role("few", &["audit.read"]).await;
    let id = app.colleague(ANNA, &[all]).await;
    let anna = app.sign_in(ANNA).await;
    let before = app.dump().await;
    assert_eq!(put(&anna, id, &[all], true).await.problem(), (409, "last_super"));
    assert_eq!(put(&anna, id, &[few], false).await.problem(), (409, "last_super"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_1_two_who_disable_each_other_at_once_leave_one() {
    let app = TestApp::new().await;
    let all = app.role("all", &[]).await;
    let (a, b) = (app.colleague(ANNA, &[all]).await, app.colleague("bert@example.com", &[all]).await);
    let (anna, bert) = (app.sign_in(ANNA).await, app.sign_in("bert@example.com").await);
    let off = |by: Client, id: i64| async move {
        let body = json!({ "name": "x", "roles": [all], "disabled": true });
        by.request("PUT", &format!("/admin/staff/{id}")).if_match(1).body(body).send().await
    };
    let (one, two) = tokio::join!(off(anna, b), off(bert, a));
    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert!(statuses[0] == 200 && statuses[1] != 200, "{statuses:?}");
    let owner_left = app.sign_in(if one.status() == 200 { ANNA } else { "bert@example.com" }).await;
    owner_left.get("/admin/staff").await.expect(200);
}

#[tokio::test]
async fn m8_2_nobody_gives_more_than_they_hold() {
    let app = TestApp::new().await;
    let all = app.role("all", &[]).await;
    let money = app.role("money", &["payments.refund", "audit.read"]).await;
    let own = app.role("own", &["staff.read", "staff.write"]).await;
    let boss = app.colleague("boss@example.com", &[all]).await;
    let me = app.colleague(ANNA, &[own]).await;
    let anna = app.sign_in(ANNA).await;
    let before = app.dump().await;
    for role in [all, money] {
        let body = json!({ "email": "new@example.com", "name": "New", "locale": "en", "roles": [role] });
        assert_eq!(anna.post("/admin/staff", body).await.problem(), (403, "beyond_own"));
        assert_eq!(put(&anna, me, &[own, role], false).await.problem(), (403, "beyond_own"));
    }
    assert_eq!(put(&anna, boss, &[own], true).await.problem(), (403, "beyond_own"));
    let link = anna.request("POST", &format!("/admin/staff/{boss}/password-link")).send().await;
    assert_eq!(link.problem(), (403, "beyond_own"));
    assert_eq!(anna.delete(&format!("/admin/staff/{boss}/sessions")).await.problem(), (403, "beyond_own"));
    assert_eq!(anna.delete(&format!("/admin/staff/{boss}/second-factor")).await.problem(), (403, "beyond_own"));
    assert_eq!(app.dump().await, before);
    let body = json!({ "email": "new@example.com", "name": "New", "locale": "en", "roles": [own] });
    anna.post("/admin/staff", body).await.expect(201);
}

#[tokio::test]
async fn m8_1_an_administrator_is_changed_by_version_and_refused_by_field() {
    let app = TestApp::new().await;
    let role = app.role("reader", &["audit.read"]).await;
    let id = app.colleague(ANNA, &[role]).await;
    let owner = app.owner().await;
    let path = format!("/admin/staff/{id}");
    let body = |name: &str, roles: Value| json!({ "name": name, "roles": roles, "disabled": false });
    assert_eq!(owner.put(&path, body("Anna", json!([role]))).await.problem(), (428, "if_match_required"));
    let changed = owner.request("PUT", &path).if_match(1).body(body(" Anna B ", json!([role, role]))).send().await.expect(200);
    assert_eq!((changed["name"].as_str(), changed["roles"].clone(), changed.etag()), (Some("Anna B"), json!([role]), 2));
    let stale = owner.request("PUT", &path).if_match(1).body(body("Anna", json!([role]))).send().await;
    assert_eq!(stale.problem(), (412, "changed"));
    let nameless = owner.request("PUT", &path).if_match(2).body(body(" ", json!([role]))).send().await;
    assert_eq!(nameless.fields(), [("/name", "required")]);
    let no_role = owner.request("PUT", &path).if_match(2).body(body("Anna", json!([app.unknown()]))).send().await;
    assert_eq!(no_role.problem(), (404, "role_not_found"));
    let taken = json!({ "email": "ANNA@example.com", "name": "Other", "locale": "en", "roles": [] });
    assert_eq!(owner.post("/admin/staff", taken).await.fields(), [("/email", "email_taken")]);
    let unknown = format!("/admin/staff/{}", app.unknown());
    assert_eq!(owner.get(&unknown).await.problem(), (404, "staff_not_found"));
    assert_eq!(app.log(&format!("entity=staff&entity_id={id}&action=staff.change")).await, ["staff.change"]);
}
