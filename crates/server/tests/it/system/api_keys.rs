//! B4 API keys.

use chrono::Duration;

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn b4_a_key_opens_what_its_scopes_name_until_it_is_revoked() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let made = owner.post("/admin/api-keys", json!({ "name": "ERP", "scopes": ["shipping.read"] })).await.expect(201);
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("zg_") && key.len() >= 35, "{key}");
    let erp = app.guest().bearer(&key);
    erp.get("/admin/zones").await.expect(200);
    assert_eq!(erp.get("/admin/audit").await.problem(), (403, "forbidden"));
    let listed = owner.get("/admin/api-keys").await.expect(200);
    assert_eq!((listed.json()[0]["prefix"].as_str(), listed.json()[0].get("key")), (Some(&key[..8]), None));

    let path = format!("/admin/api-keys/{}", made.id());
    owner.delete(&path).await.expect(204);
    assert_eq!(erp.get("/admin/zones").await.problem(), (401, "key_unknown"));
    assert_eq!(owner.delete(&path).await.problem(), (404, "api_key_not_found"));
    assert_eq!(app.log("entity=api_key").await, ["api_key.revoke", "api_key.create"]);
}

#[tokio::test]
async fn b4_a_key_expires() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let until = app.app.now() + chrono::Duration::hours(1);
    let made = owner.post("/admin/api-keys", json!({ "name": "ERP", "scopes": ["shipping.read"], "expires_at": until })).await.expect(201);
    let erp = app.guest().bearer(made["key"].as_str().unwrap());
    app.clock().advance(Duration::seconds(3599));
    erp.get("/admin/zones").await.expect(200);
    app.clock().advance(Duration::seconds(1));
    assert_eq!(erp.get("/admin/zones").await.problem(), (401, "key_unknown"));
    let past = owner.post("/admin/api-keys", json!({ "name": "ERP", "scopes": ["shipping.read"], "expires_at": until })).await;
    assert_eq!(past.fields(), [("/expires_at", "expires_past")]);
}

#[tokio::test]
async fn b4_what_no_key_may_hold_and_what_one_does_not_hold_oneself_is_refused() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    for right in ["staff.read", "staff.write", "roles.write", "api_keys.write"] {
        let reply = owner.post("/admin/api-keys", json!({ "name": "x", "scopes": [right] })).await;
        assert_eq!((reply.problem(), reply.fields()), ((422, "invalid"), vec![("/scopes", "scope_not_for_keys")]), "{right}");
    }
    assert_eq!(owner.post("/admin/api-keys", json!({ "name": "x", "scopes": [] })).await.fields(), [("/scopes", "required")]);
    assert_eq!(owner.post("/admin/api-keys", json!({ "name": "x", "scopes": ["no.such"] })).await.fields()[0].1, "right_unknown");
    let maker = app.staff(&["api_keys.write", "shipping.read"]).await;
    let more = maker.post("/admin/api-keys", json!({ "name": "x", "scopes": ["shipping.write"] })).await;
    assert_eq!(more.problem(), (403, "beyond_own"));
    maker.post("/admin/api-keys", json!({ "name": "x", "scopes": ["shipping.read"] })).await.expect(201);
}

#[tokio::test]
async fn b4_an_unknown_key_is_401_and_changes_nothing() {
    let app = TestApp::new().await;
    let before = app.dump().await;
    for key in ["zg_", "zg_00000000000000000000000000000000", "nonsense"] {
        let stranger = app.guest().bearer(key);
        assert_eq!(stranger.get("/admin/zones").await.problem(), (401, "key_unknown"));
        assert_eq!(stranger.post("/admin/zones", json!({})).await.problem(), (401, "key_unknown"));
    }
    assert_eq!(app.dump().await, before);
}
