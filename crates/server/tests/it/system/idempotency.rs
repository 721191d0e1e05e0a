//! B4 Idempotency keys: the same request twice has one effect and one answer.

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

fn carrier(code: &str) -> Value {
    json!({ "code": code, "name": "德邦", "tracking_url": null, "enabled": true })
}

async fn carriers(staff: &Client) -> usize {
    staff.get("/admin/carriers").await.expect(200)["data"].as_array().unwrap().len()
}

const RIGHTS: [&str; 2] = ["shipping.read", "shipping.write"];

#[tokio::test]
async fn b4_a_repeated_key_gives_the_stored_answer_and_does_nothing() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let send = || staff.request("POST", "/admin/carriers").key("k-1").body(carrier("deppon")).send();
    let first = send().await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    let second = send().await.expect(201);
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(
        (second.json(), second.header("location"), second.header("etag")),
        (first.json(), first.header("location"), first.header("etag"))
    );
    assert_eq!(carriers(&staff).await, 7);
}

#[tokio::test]
async fn b4_a_key_with_another_body_is_422() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    staff.request("POST", "/admin/carriers").key("k-1").body(carrier("deppon")).send().await.expect(201);
    let before = app.dump().await;
    let other = staff.request("POST", "/admin/carriers").key("k-1").body(carrier("best")).send().await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused"));
    let elsewhere = staff.request("POST", "/admin/zones").key("k-1").body(carrier("deppon")).send().await;
    assert_eq!(elsewhere.status(), 422);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn b4_concurrent_twins_have_one_effect() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let send = || staff.request("POST", "/admin/carriers").key("k-1").body(carrier("deppon")).send();
    let (one, two, three) = tokio::join!(send(), send(), send());
    for reply in [&one, &two, &three] {
        assert!(matches!(reply.status(), 201 | 409), "{}", reply.text());
    }
    let bodies: Vec<&Value> = [&one, &two, &three].into_iter().filter(|reply| reply.status() == 201).map(|reply| reply.json()).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    assert_eq!(carriers(&staff).await, 7);
}

#[tokio::test]
async fn b4_a_refused_request_leaves_its_key_free() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let send = || staff.request("POST", "/admin/carriers").key("k-1").body(carrier("deppon")).send();
    let made = staff.post("/admin/carriers", carrier("deppon")).await.expect(201);
    assert_eq!(send().await.fields(), [("/code", "shipping_code_taken")]);
    staff.delete(&format!("/admin/carriers/{}", made.id())).await.expect(204);
    send().await.expect(201);
}

#[tokio::test]
async fn b4_two_callers_never_share_a_key() {
    let app = TestApp::new().await;
    let (one, two) = (app.staff(&RIGHTS).await, app.staff(&RIGHTS).await);
    one.request("POST", "/admin/carriers").key("k-1").body(carrier("a")).send().await.expect(201);
    two.request("POST", "/admin/carriers").key("k-1").body(carrier("b")).send().await.expect(201);
    assert_eq!(carriers(&one).await, 8);
}

#[tokio::test]
async fn b4_a_key_is_a_short_visible_text() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    for key in ["", "with space", &"x".repeat(256)] {
        let reply = staff.request("POST", "/admin/carriers").key(key).body(carrier("a")).send().await;
        assert_eq!(reply.problem(), (400, "idempotency_key_invalid"));
    }
    assert_eq!(carriers(&staff).await, 6);
}

#[tokio::test]
async fn b4_the_database_alone_does_not_give_an_answer_away() {
    let app = TestApp::new().await;
    let owner = app.owner().await;
    let body = json!({ "name": "ERP", "scopes": ["shipping.read"] });
    let made = owner.request("POST", "/admin/api-keys").key("k-1").body(body.clone()).send().await.expect(201);
    let again = owner.request("POST", "/admin/api-keys").key("k-1").body(body).send().await.expect(201);
    assert_eq!(again["key"], made["key"]);
    use sea_orm::EntityTrait as _;
    let rows = zg_db::entity::idempotency_key::Entity::find().all(app.app.read()).await.unwrap();
    let stored = format!("{rows:?}");
    assert!(rows.len() == 1 && !stored.contains(made["key"].as_str().unwrap()) && !stored.contains("k-1"), "{stored}");
}
