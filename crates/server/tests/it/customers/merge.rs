//! M7.1 Duplicates and merging.

use serde_json::{Value, json};

use crate::support::customers::{PASSWORD, address};
use crate::support::{Client, Reply, TestApp};

async fn merge(staff: &Client, from: &Value, into: &Value) -> Reply {
    let path = format!("/admin/customers/{from}/merge");
    let version = staff.get(&format!("/admin/customers/{from}")).await.etag();
    staff.request("POST", &path).if_match(version).body(json!({ "into": into })).send().await
}

#[tokio::test]
async fn m7_1_duplicates_are_found_by_phone_mail_and_name_with_address() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let one = app.customer(json!({ "name": "李 明轩", "email": "li.ming+shop@example.com", "phone": "13800138000" })).await;
    let two = app.customer(json!({ "name": "Li", "email": "li.ming@example.com", "phone": "+86 138 0013 8000" })).await;
    let three = app.customer(json!({ "name": "李明轩" })).await;
    app.customer(json!({ "name": "李明轩", "email": "another@example.com" })).await;
    for id in [&one["id"], &three["id"]] {
        staff.post(&format!("/admin/customers/{id}/addresses"), address()).await.expect(201);
    }
    let found = staff.get(&format!("/admin/customers/{}/duplicates", one["id"])).await.expect(200);
    let found: Vec<(&Value, &Value)> =
        found.json.as_array().expect("rows").iter().map(|row| (&row["customer"]["id"], &row["reasons"])).collect();
    assert_eq!(found, [(&two["id"], &json!(["email", "phone"])), (&three["id"], &json!(["name_and_address"]))]);

    let groups = staff.get("/admin/customers/duplicates").await.expect(200);
    let groups: Vec<(&str, usize)> = groups
        .json
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| (group["reason"].as_str().expect("a reason"), group["customers"].as_array().expect("rows").len()))
        .collect();
    assert_eq!(groups, [("email", 2), ("phone", 2), ("name_and_address", 2)]);
}

#[tokio::test]
async fn m7_1_merging_moves_everything_but_the_orders_and_ends_the_other_account() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let shopper = app.shopper("li@example.com").await;
    let gone = json!(shopper.id);
    let stays = app.customer(json!({ "code": "C1", "name": "李明轩", "tags": ["a"] })).await;
    let from = format!("/admin/customers/{gone}");
    staff.post(&format!("{from}/addresses"), address()).await.expect(201);
    staff.post(&format!("{from}/notes"), json!({ "body": "kind" })).await.expect(201);
    let version = staff.get(&from).await.etag();
    staff.request("PATCH", &from).if_match(version).body(json!({ "tags": ["a", "b"], "segment": "s" })).send().await.expect(200);
    app.new_events().await;

    let merged = merge(&staff, &gone, &stays["id"]).await.expect(200);
    assert_eq!(merged["code"], "C1");
    assert_eq!((&merged["email"], &merged["has_account"], &merged["segment"]), (&json!("li@example.com"), &json!(true), &json!("s")));
    assert_eq!(merged["tags"], json!(["a", "b"]));
    assert_eq!(merged["addresses"][0]["is_default"], true);
    assert_eq!(merged["notes"][0]["body"], "kind");
    assert_eq!(merged["merged"][0]["id"], gone);
    assert_eq!(app.new_events().await, ["customer.merged", "customer.changed"]);

    let left = staff.get(&from).await.expect(200);
    assert_eq!((&left["state"], &left["merged_into"], &left["email"]), (&json!("merged"), &stays["id"], &Value::Null));
    assert_eq!(shopper.get("/store/account").await.problem(), (401, "sign_in_required"));
    // The account is the same person's: it opens the record that stays.
    let sign_in = json!({ "email": "li@example.com", "password": PASSWORD });
    let account = app.guest().post("/store/account/session", sign_in).await.expect(200);
    assert_eq!(account["name"], "李明轩");
}

#[tokio::test]
async fn m7_1_a_merge_is_refused_twice_into_itself_and_when_stale() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let one = app.customer(json!({ "name": "One" })).await;
    let two = app.customer(json!({ "name": "Two" })).await;
    let three = app.customer(json!({ "name": "Three" })).await;
    assert_eq!(merge(&staff, &one["id"], &one["id"]).await.fields(), [("/into", "customer_merge_self")]);
    assert_eq!(merge(&staff, &one["id"], &json!(app.unknown())).await.problem(), (404, "customer_not_found"));
    let path = format!("/admin/customers/{}/merge", one["id"]);
    let stale = staff.request("POST", &path).if_match(7).body(json!({ "into": two["id"] })).send().await;
    assert_eq!(stale.problem(), (412, "changed"));

    merge(&staff, &one["id"], &two["id"]).await.expect(200);
    let before = app.dump().await;
    let again = merge(&staff, &one["id"], &three["id"]).await;
    assert_eq!(again.problem(), (409, "customer_merged"));
    assert_eq!(again["into"], two["id"]);
    let edit = staff.request("PATCH", &format!("/admin/customers/{}", one["id"])).if_match(2).body(json!({ "name": "x" })).send().await;
    assert_eq!(edit.problem(), (409, "customer_merged"));
    assert_eq!(app.dump().await, before);

    // What was merged before follows: nobody points to a merged record.
    let last = merge(&staff, &two["id"], &three["id"]).await.expect(200);
    let mut merged: Vec<&Value> = last["merged"].as_array().expect("rows").iter().map(|row| &row["id"]).collect();
    merged.sort_by_key(|id| id.as_i64());
    assert_eq!(merged, [&one["id"], &two["id"]]);
    let codes = [one["code"].as_str().expect("a code").to_owned()];
    let found = zg_customers::by_codes(app.app.read(), &codes).await.expect("codes");
    assert_eq!(found.values().copied().collect::<Vec<_>>(), [three["id"].as_i64().expect("an id")]);
}

#[tokio::test]
async fn m7_1_two_merges_at_once_leave_one_in_use() {
    let app = TestApp::new().await;
    let staff = app.staff(&["customers.write", "customers.read"]).await;
    let one = app.customer(json!({ "name": "One" })).await;
    let two = app.customer(json!({ "name": "Two" })).await;
    let (there, back) = tokio::join!(merge(&staff, &one["id"], &two["id"]), merge(&staff, &two["id"], &one["id"]));
    let mut statuses = [there.status(), back.status()];
    statuses.sort_unstable();
    assert!(matches!(statuses, [200, 409 | 412]), "{statuses:?}");
    assert_eq!(staff.get("/admin/customers").await["meta"]["total"], 1);
}
