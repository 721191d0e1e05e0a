//! B7 Saved views of lists.

use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

fn late() -> Value {
    json!({ "list": "orders", "name": "晚了的 🚚", "query": { "state": "confirmed", "sort": "placed_at" } })
}

fn with(field: &str, value: Value) -> Value {
    let mut body = late();
    body[field] = value;
    body
}

fn names(reply: &Reply) -> Vec<&str> {
    reply["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

async fn views(staff: &Client) -> Reply {
    staff.get("/admin/views?list=orders").await.expect(200)
}

#[tokio::test]
async fn b7_a_view_is_saved_found_again_changed_and_deleted() {
    let app = TestApp::new().await;
    let staff = app.staff(&["orders.read"]).await;
    let made = staff.post("/admin/views", late()).await.expect(201);
    assert_eq!(made.etag(), 1);
    let path = format!("/admin/views/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    staff.post("/admin/views", with("list", json!("products"))).await.expect(201);

    let found = views(&staff).await;
    assert_eq!(names(&found), ["晚了的 🚚"]);
    assert_eq!(found["data"][0]["query"], json!({ "state": "confirmed", "sort": "placed_at" }));
    assert_eq!((&found["data"][0]["mine"], &found["data"][0]["shared"]), (&json!(true), &json!(false)));

    let changed = json!({ "name": "Late", "query": { "state": "placed" } });
    let reply = staff.request("PUT", &path).if_match(1).body(changed.clone()).send().await.expect(200);
    assert_eq!((reply["name"].as_str(), reply.etag()), (Some("Late"), 2));
    let stale = staff.request("PUT", &path).if_match(1).body(changed).send().await;
    assert_eq!(stale.problem(), (412, "changed"));
    assert_eq!(views(&staff).await["data"][0]["query"], json!({ "state": "placed" }));

    staff.delete(&path).await.expect(204);
    assert_eq!(names(&views(&staff).await), [""; 0]);
    assert_eq!(staff.delete(&path).await.problem(), (404, "view_not_found"));
}

#[tokio::test]
async fn b7_a_private_view_is_not_there_for_colleagues() {
    let app = TestApp::new().await;
    let (anna, ben) = (app.staff(&["orders.read"]).await, app.staff(&["orders.read", "views.share"]).await);
    let id = anna.post("/admin/views", late()).await.expect(201).id();
    let before = app.dump().await;

    assert_eq!(names(&views(&ben).await), [""; 0]);
    let change = ben.request("PUT", &format!("/admin/views/{id}")).if_match(1).body(json!({ "name": "x", "query": {} })).send().await;
    assert_eq!(change.problem(), (404, "view_not_found"));
    assert_eq!(ben.delete(&format!("/admin/views/{id}")).await.problem(), (404, "view_not_found"));
    assert_eq!(ben.post(&format!("/admin/views/{id}/withdraw"), json!({})).await.problem(), (404, "view_not_found"));
    assert_eq!(app.dump().await, before);
    // The same name is free for everybody.
    ben.post("/admin/views", late()).await.expect(201);
}

#[tokio::test]
async fn b7_a_shared_view_is_seen_by_all_changed_by_its_owner_and_taken_back_by_right() {
    let app = TestApp::new().await;
    let anna = app.staff(&["orders.read", "views.share", "audit.read"]).await;
    let ben = app.staff(&["orders.read"]).await;
    let id = anna.post("/admin/views", with("shared", json!(true))).await.expect(201).id();

    let seen = views(&ben).await;
    assert_eq!(names(&seen), ["晚了的 🚚"]);
    assert_eq!((&seen["data"][0]["mine"], &seen["data"][0]["shared"]), (&json!(false), &json!(true)));
    assert!(!seen["data"][0]["owner"].as_str().unwrap().is_empty());
    assert_eq!(ben.delete(&format!("/admin/views/{id}")).await.problem(), (404, "view_not_found"));
    assert_eq!(ben.post(&format!("/admin/views/{id}/withdraw"), json!({})).await.problem(), (403, "forbidden"));

    let cleo = app.staff(&["views.share"]).await;
    cleo.post(&format!("/admin/views/{id}/withdraw"), json!({})).await.expect(204);
    assert_eq!(names(&views(&ben).await), [""; 0]);
    let kept = views(&anna).await;
    assert_eq!((names(&kept), &kept["data"][0]["shared"]), (vec!["晚了的 🚚"], &json!(false)));
    assert_eq!(cleo.post(&format!("/admin/views/{id}/withdraw"), json!({})).await.problem(), (404, "view_not_found"));

    let log = anna.get(&format!("/admin/audit?entity=view&entity_id={id}")).await.expect(200);
    let lines: Vec<&str> = log["data"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(lines, ["view.withdraw", "view.share"]);
}

#[tokio::test]
async fn b7_sharing_needs_its_right_and_whoever_lost_it_may_still_take_back() {
    let app = TestApp::new().await;
    let ben = app.staff(&["orders.read"]).await;
    let before = app.dump().await;
    let refused = ben.post("/admin/views", with("shared", json!(true))).await;
    assert_eq!(refused.problem(), (403, "forbidden"));
    assert_eq!(refused["right"], "views.share");
    assert_eq!(app.dump().await, before);

    let id = ben.post("/admin/views", late()).await.expect(201).id();
    let share = json!({ "name": "a", "query": {}, "shared": true });
    let path = format!("/admin/views/{id}");
    assert_eq!(ben.request("PUT", &path).if_match(1).body(share).send().await.problem(), (403, "forbidden"));
    ben.request("PUT", &path).if_match(1).body(json!({ "name": "a", "query": {} })).send().await.expect(200);
}

#[tokio::test]
async fn b7_a_view_that_is_not_right_is_refused_by_field_and_nothing_is_saved() {
    let app = TestApp::new().await;
    let staff = app.staff(&["orders.read"]).await;
    staff.post("/admin/views", late()).await.expect(201);
    let before = app.dump().await;
    let many: serde_json::Map<String, Value> = (0..41).map(|at| (format!("p{at}"), json!("1"))).collect();
    for (field, value, code) in [
        ("list", json!("Orders; DROP"), "view_list"),
        ("list", json!(""), "view_list"),
        ("name", json!("  "), "required"),
        ("name", json!("单".repeat(41)), "too_long"),
        ("name", json!(" 晚了的 🚚 "), "view_name_taken"),
        ("query", json!({ "<script>": "1" }), "view_query"),
        ("query", json!({ "q": "x".repeat(4_001) }), "view_query"),
        ("query", Value::Object(many), "view_query"),
    ] {
        let reply = staff.post("/admin/views", with(field, value)).await;
        assert_eq!(reply.problem(), (422, "invalid"));
        assert_eq!(reply.fields(), [(format!("/{field}").as_str(), code)]);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn b7_a_list_takes_fifty_views_of_one_person() {
    let app = TestApp::new().await;
    let staff = app.staff(&["orders.read"]).await;
    for at in 0..50 {
        staff.post("/admin/views", with("name", json!(format!("view {at}")))).await.expect(201);
    }
    assert_eq!(staff.post("/admin/views", late()).await.problem(), (409, "views_full"));
    staff.post("/admin/views", with("list", json!("products"))).await.expect(201);
}
