//! M7.1 Customer records: enter, find, change; addresses, tags, notes.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::customers::address;

fn names(reply: &crate::support::Reply) -> Vec<&str> {
    reply["data"].as_array().expect("rows").iter().map(|row| row["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn m7_1_a_customer_is_entered_in_one_form() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let body = json!({
        "code": "C1", "name": " 李浩然 ", "email": "Li.HR@Example.com", "phone": "+86 199-0000-1003",
        "segment": "consumer", "locale": "zh-CN", "tags": ["茶友", "VIP", "茶友"], "marketing": true
    });
    let reply = staff.post("/admin/customers", body).await.expect(201);
    assert_eq!(reply["name"], "李浩然");
    assert_eq!(reply["email"], "li.hr@example.com");
    assert_eq!(reply["phone"], "19900001003");
    assert_eq!(reply["tags"], json!(["VIP", "茶友"]));
    assert_eq!(reply["has_account"], false);
    assert!(reply["marketing_at"].is_string());
    assert_eq!(app.new_events().await, ["customer.created"]);
    let again = staff.get(reply.header("location").trim_start_matches("/api/v1")).await.expect(200);
    assert_eq!(again.json, reply.json);
    assert_eq!(again.etag(), 1);
}

#[tokio::test]
async fn m7_1_what_is_wrong_is_named_and_nothing_is_entered() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    staff.post("/admin/customers", json!({ "code": "C1", "name": "A", "email": "a@example.com" })).await.expect(201);
    let before = app.dump().await;
    for (body, field) in [
        (json!({ "name": "  " }), ("/name", "required")),
        (json!({ "name": "B", "email": "no address" }), ("/email", "customer_email_invalid")),
        (json!({ "name": "B", "phone": "call me" }), ("/phone", "customer_phone_invalid")),
        (json!({ "name": "x".repeat(101) }), ("/name", "too_long")),
        (json!({ "name": "B", "email": "A@example.com" }), ("/email", "customer_email_taken")),
        (json!({ "name": "B", "code": "C1" }), ("/code", "customer_code_taken")),
    ] {
        assert_eq!(staff.post("/admin/customers", body).await.fields(), [field]);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m7_1_customers_are_found_by_name_pinyin_mail_phone_code_tag_and_segment() {
    let app = TestApp::new().await;
    let li = json!({ "code": "C1003", "name": "李浩然", "email": "li@example.com", "phone": "19900001003", "tags": ["茶友"], "segment": "consumer" });
    app.customer(li).await;
    app.customer(json!({ "code": "AA-10315", "name": "Alex Avila", "segment": "corporate" })).await;
    app.customer(json!({ "code": "100%", "name": "Percent_Sign" })).await;
    let staff = app.staff(&["customers.read"]).await;
    let found = async |query: &str| {
        let reply = staff.get(&format!("/admin/customers?sort=name&{query}")).await.expect(200);
        assert_eq!(reply["meta"]["total"], reply["data"].as_array().expect("rows").len());
        names(&reply).join(",")
    };
    for query in ["q=浩然", "q=lihaoran", "q=LHR", "q=li@ex", "q=199%200000%201003", "q=c1003", "tag=茶友", "segment=consumer"] {
        assert_eq!(found(query).await, "李浩然", "{query}");
    }
    assert_eq!(found("q=avila").await, "Alex Avila");
    // A row says which version of the customer it shows, as the customer's own page does.
    let row = staff.get("/admin/customers?q=avila").await.expect(200)["data"][0].clone();
    let whole = staff.get(&format!("/admin/customers/{}", row["id"])).await.expect(200);
    assert_eq!((&row["version"], row["version"].as_i64()), (&whole["version"], Some(1)));
    assert_eq!(found("q=100%25").await, "Percent_Sign");
    assert_eq!(found("q=t_s").await, "Percent_Sign");
    assert_eq!(found("q=nobody").await, "");
    assert_eq!(found("has_account=true").await, "");
    assert_eq!(found("state=merged").await, "");
    let segments = staff.get("/admin/customers/segments").await.expect(200);
    assert_eq!(segments.json, json!([{ "segment": "consumer", "customers": 1 }, { "segment": "corporate", "customers": 1 }]));
    assert_eq!(staff.get("/admin/customers?nmae=x").await.problem(), (400, "query_unknown"));
}

#[tokio::test]
async fn m7_1_pages_of_customers_hold_each_once_in_every_order() {
    let app = TestApp::new().await;
    for number in 0..7 {
        app.customer(json!({ "code": format!("C{number}"), "name": format!("Name {}", (number * 3) % 7) })).await;
    }
    let staff = app.staff(&["customers.read"]).await;
    for sort in ["name", "created_at", "-created_at"] {
        let whole = staff.get(&format!("/admin/customers?sort={sort}")).await.expect(200);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = staff.get(&format!("/admin/customers?sort={sort}&limit=3&cursor={cursor}")).await.expect(200);
            seen.extend(names(&page).into_iter().map(str::to_owned));
            let Some(next) = page["meta"]["next_cursor"].as_str() else { break };
            cursor = next.to_owned();
        }
        assert_eq!(seen, names(&whole), "{sort}");
        assert_eq!(seen.len(), 7);
    }
    let page = staff.get("/admin/customers?sort=name&limit=3").await.expect(200);
    let cursor = page["meta"]["next_cursor"].as_str().expect("more").to_owned();
    assert_eq!(staff.get(&format!("/admin/customers?sort=created_at&cursor={cursor}")).await.problem(), (400, "cursor_invalid"));
}

#[tokio::test]
async fn m7_1_two_editors_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let customer = app.customer(json!({ "name": "Before", "email": "a@example.com" })).await;
    let path = format!("/admin/customers/{}", customer["id"]);
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let first = staff.request("PATCH", &path).if_match(1).body(json!({ "name": "After", "email": null, "tags": ["new"] })).send().await;
    assert_eq!(first.status(), 200);
    assert_eq!((first["name"].as_str(), &first["email"], &first["tags"]), (Some("After"), &Value::Null, &json!(["new"])));
    assert_eq!(first.etag(), 2);
    let before = app.dump().await;
    let second = staff.request("PATCH", &path).if_match(1).body(json!({ "name": "Lost" })).send().await;
    assert_eq!(second.problem(), (412, "changed"));
    assert_eq!(staff.patch(&path, json!({ "name": "Blind" })).await.problem(), (428, "if_match_required"));
    assert_eq!(app.dump().await, before);
    let unknown = format!("/admin/customers/{}", app.unknown());
    let reply = staff.request("PATCH", &unknown).if_match(1).body(json!({ "name": "Nobody" })).send().await;
    assert_eq!(reply.problem(), (404, "customer_not_found"));
    assert_eq!(staff.get(&unknown).await.problem(), (404, "customer_not_found"));
}

#[tokio::test]
async fn m7_1_one_address_is_the_default() {
    let app = TestApp::new().await;
    let customer = app.customer(json!({ "name": "李明轩" })).await;
    let path = format!("/admin/customers/{}", customer["id"]);
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let first = staff.post(&format!("{path}/addresses"), address()).await.expect(201);
    assert_eq!((&first["phone"], &first["is_default"]), (&json!("19900001006"), &json!(true)));
    let mut other = address();
    other["street"] = json!("平江路63号");
    other["is_default"] = json!(true);
    let second = staff.post(&format!("{path}/addresses"), other.clone()).await.expect(201);
    let view = staff.get(&path).await.expect(200);
    let defaults = |view: &Value| -> Vec<(i64, bool)> {
        let rows = view["addresses"].as_array().expect("addresses");
        rows.iter().map(|row| (row["id"].as_i64().unwrap(), row["is_default"].as_bool().unwrap())).collect()
    };
    assert_eq!(defaults(&view.json), [(second.id(), true), (first.id(), false)]);
    assert_eq!(view.etag(), 3);

    other["city"] = json!("");
    let refused = staff.put(&format!("{path}/addresses/{}", second.id()), other).await;
    assert_eq!(refused.fields(), [("/city", "required")]);
    staff.delete(&format!("{path}/addresses/{}", second.id())).await.expect(204);
    assert_eq!(defaults(&staff.get(&path).await.json), [(first.id(), true)]);
    assert_eq!(staff.delete(&format!("{path}/addresses/{}", second.id())).await.problem(), (404, "customer_address_not_found"));
}

#[tokio::test]
async fn m7_1_notes_say_who_wrote_them_and_can_be_removed() {
    let app = TestApp::new().await;
    let customer = app.customer(json!({ "name": "A" })).await;
    let path = format!("/admin/customers/{}", customer["id"]);
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let note = staff.post(&format!("{path}/notes"), json!({ "body": "Prefers\nmornings" })).await.expect(201);
    assert_eq!(note["body"], "Prefers\nmornings");
    assert!(note["author"].as_str().is_some_and(|name| name.starts_with("Staff")));
    assert_eq!(staff.post(&format!("{path}/notes"), json!({ "body": " " })).await.fields(), [("/body", "required")]);
    assert_eq!(staff.get(&path).await["notes"].as_array().map(Vec::len), Some(1));
    staff.delete(&format!("{path}/notes/{}", note.id())).await.expect(204);
    assert_eq!(staff.get(&path).await["notes"], json!([]));
    assert_eq!(staff.delete(&format!("{path}/notes/{}", note.id())).await.problem(), (404, "customer_note_not_found"));
}

#[tokio::test]
async fn m7_1_a_tag_is_renamed_for_everybody_and_deleted_from_everybody() {
    let app = TestApp::new().await;
    let customer = app.customer(json!({ "name": "A", "tags": ["vip"] })).await;
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let other = staff.post("/admin/tags", json!({ "name": "茶友" })).await.expect(201);
    let tags = staff.get("/admin/tags").await.expect(200);
    let vip = &tags.json[0];
    assert_eq!((&vip["name"], &vip["customers"]), (&json!("vip"), &json!(1)));
    let path = format!("/admin/tags/{}", vip["id"]);
    assert_eq!(staff.put(&path, json!({ "name": "茶友" })).await.problem(), (409, "tag_taken"));
    staff.put(&path, json!({ "name": "VIP" })).await.expect(204);
    let view = format!("/admin/customers/{}", customer["id"]);
    assert_eq!(staff.get(&view).await["tags"], json!(["VIP"]));
    staff.delete(&path).await.expect(204);
    assert_eq!(staff.get(&view).await["tags"], json!([]));
    assert_eq!(staff.delete(&path).await.problem(), (404, "tag_not_found"));
    assert_eq!(staff.post("/admin/tags", json!({ "name": "茶友" })).await.problem(), (409, "tag_taken"));
    staff.delete(&format!("/admin/tags/{}", other.id())).await.expect(204);
    assert_eq!(staff.get("/admin/tags").await.json, json!([]));
}
