//! M8.2 Roles and rights.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn m8_2_a_change_of_a_role_is_effective_with_the_next_request() {
    let app = TestApp::new().await;
    let role = app.role("reader", &["audit.read"]).await;
    app.colleague("anna@example.com", &[role]).await;
    let anna = app.sign_in("anna@example.com").await;
    anna.get("/admin/audit").await.expect(200);
    assert_eq!(anna.get("/admin/zones").await.problem(), (403, "forbidden"));
    let owner = app.owner().await;
    let path = format!("/admin/roles/{role}");
    let body = json!({ "name": "reader", "description": "", "rights": ["shipping.read"] });
    let changed = owner.request("PUT", &path).if_match(1).body(body).send().await.expect(200);
    assert_eq!((changed["rights"].clone(), changed["holders"].as_i64(), changed.etag()), (json!(["shipping.read"]), Some(1), 2));
    assert_eq!(anna.get("/admin/audit").await.problem(), (403, "forbidden"));
    anna.get("/admin/zones").await.expect(200);
    let log = owner.get(&format!("/admin/audit?entity=role&entity_id={role}")).await.expect(200);
    assert_eq!(
        (log["data"][0]["before"]["rights"].clone(), log["data"][0]["after"]["rights"].clone()),
        (json!(["audit.read"]), json!(["shipping.read"]))
    );
}

#[tokio::test]
async fn m8_2_a_role_is_made_and_deleted_unless_somebody_holds_it() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let body = json!({ "name": "packer", "description": "packs", "rights": ["stock.read", "stock.read"] });
    let made = owner.post("/admin/roles", body).await.expect(201);
    assert_eq!(made["rights"], json!(["stock.read"]));
    let path = format!("/admin/roles/{}", made.id());
    assert_eq!(owner.get(&path).await.expect(200).json(), made.json());
    app.colleague("anna@example.com", &[made.id()]).await;
    let before = app.dump().await;
    assert_eq!(owner.delete(&path).await.problem(), (409, "role_in_use"));
    assert_eq!(app.dump().await, before);

    let unused = owner.post("/admin/roles", json!({ "name": "unused", "rights": [] })).await.expect(201);
    let path = format!("/admin/roles/{}", unused.id());
    owner.delete(&path).await.expect(204);
    assert_eq!(owner.delete(&path).await.problem(), (404, "role_not_found"));
    assert_eq!(owner.get(&path).await.problem(), (404, "role_not_found"));
}

#[tokio::test]
async fn m8_2_what_is_wrong_with_a_role_is_named() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    owner.post("/admin/roles", json!({ "name": "packer", "rights": [] })).await.expect(201);
    for (body, pointer, code) in [
        (json!({ "name": "packer", "rights": [] }), "/name", "role_name_taken"),
        (json!({ "name": " ", "rights": [] }), "/name", "required"),
        (json!({ "name": "x", "rights": ["stock.fly"] }), "/rights", "right_unknown"),
    ] {
        let reply = owner.post("/admin/roles", body).await;
        assert_eq!((reply.problem(), reply.fields()), ((422, "invalid"), vec![(pointer, code)]));
    }
    let stale = owner.request("PUT", "/admin/roles/1").if_match(99).body(json!({ "name": "y", "rights": [] })).send().await;
    assert_eq!(stale.problem(), (412, "changed"));
}

#[tokio::test]
async fn m8_2_who_may_change_roles_cannot_make_themselves_an_owner() {
    let app = TestApp::new().await;
    let own = app.role("own", &["roles.write", "staff.read"]).await;
    app.colleague("anna@example.com", &[own]).await;
    let anna = app.sign_in("anna@example.com").await;
    let more = json!({ "name": "own", "description": "", "rights": ["roles.write", "staff.read", "audit.read"] });
    let before = app.dump().await;
    let reply = anna.request("PUT", &format!("/admin/roles/{own}")).if_match(1).body(more.clone()).send().await;
    assert_eq!((reply.problem(), reply["right"].as_str()), ((403, "beyond_own"), Some("audit.read")));
    assert_eq!(anna.post("/admin/roles", more).await.problem(), (403, "beyond_own"));
    assert_eq!(app.dump().await, before);
}
