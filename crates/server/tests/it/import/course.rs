//! M8.13, M8.14 The course of an import: dry run, errors, all or nothing, cancelling.

use sea_orm::EntityTrait;
use serde_json::{Value, json};
use zg_db::entity::{customer, import_row};

use crate::support::{Client, Reply, TestApp};

const RIGHTS: [&str; 3] = ["imports.write", "jobs.read", "audit.read"];
const GOOD_AND_BAD: &str =
    "code,name,email\nC1,Wang Fang,wang@example.com\nC2,,li@example.com\nC3,Chen,nonsense\nC4,Zhao,zhao@example.com\n";

async fn begin(staff: &Client, content: &str, options: Value) -> Reply {
    let file = staff.upload("/admin/imports/files", "file", "people.csv", "text/csv", content.as_bytes()).await.expect(201);
    let mut body = json!({ "kind": "customers", "file_id": file["file_id"] });
    for (name, value) in options.as_object().unwrap() {
        body[name] = value.clone();
    }
    staff.post("/admin/imports", body).await.expect(202)
}

async fn import(app: &TestApp, staff: &Client, content: &str, options: Value) -> Reply {
    let job = begin(staff, content, options).await;
    assert_eq!(job.header("location"), format!("/api/v1/admin/jobs/{}", job.id()));
    app.run_due().await;
    staff.get(&format!("/admin/jobs/{}", job.id())).await.expect(200)
}

async fn codes(app: &TestApp) -> Vec<String> {
    let mut codes: Vec<String> = customer::Entity::find().all(app.app.read()).await.unwrap().into_iter().map(|row| row.code).collect();
    codes.sort();
    codes
}

#[tokio::test]
async fn m8_14_good_rows_are_taken_and_bad_ones_are_named_with_row_and_column() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let job = import(&app, &staff, GOOD_AND_BAD, json!({})).await;
    assert_eq!(
        (job["state"].as_str(), job["total"].as_i64(), job["done"].as_i64(), job["failed"].as_i64()),
        (Some("done"), Some(4), Some(2), Some(2))
    );
    assert_eq!(codes(&app).await, ["C1", "C4"]);
    let errors = staff.get(&format!("/admin/jobs/{}/errors", job.id())).await.expect(200);
    let faults: Vec<(i64, &str, &str)> = errors["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["row"].as_i64().unwrap(), error["column"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    assert_eq!(faults[0], (3, "name", "required"));
    assert_eq!((faults[1].0, faults[1].1, faults.len()), (4, "email", 2));
    let file = staff.get(&format!("/admin/jobs/{}/errors.csv", job.id())).await.expect(200);
    let text = file.text();
    assert!(text.starts_with("\u{feff}row,column,code,message,value\n3,name,required,"), "{text}");
    assert_eq!(text.lines().count(), 3);
    assert_eq!(import_row::Entity::find().all(app.app.read()).await.unwrap().len(), 0);
    assert_eq!(app.log("action=import.").await, ["import.finish", "import.start", "import.upload"]);
}

#[tokio::test]
async fn m8_14_a_dry_run_says_what_would_happen_and_changes_nothing() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let job = import(&app, &staff, GOOD_AND_BAD, json!({ "dry_run": true })).await;
    assert_eq!((job["state"].as_str(), job["dry_run"].as_bool()), (Some("done"), Some(true)));
    assert_eq!(job["result"], json!({ "rows": 4, "created": 2, "updated": 0, "failed": 2 }));
    assert_eq!(codes(&app).await, [""; 0]);
    let errors = staff.get(&format!("/admin/jobs/{}/errors", job.id())).await.expect(200);
    assert_eq!(errors["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn m8_14_all_or_nothing_applies_none_if_one_row_is_bad() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let job = import(&app, &staff, GOOD_AND_BAD, json!({ "all_or_nothing": true })).await;
    assert_eq!((job["state"].as_str(), job["result"]["created"].as_i64()), (Some("failed"), Some(0)));
    assert_eq!(codes(&app).await, [""; 0]);
    let good = "code,name\nC1,Wang\nC2,Li\n";
    let job = import(&app, &staff, good, json!({ "all_or_nothing": true })).await;
    assert_eq!(job["state"], "done");
    assert_eq!(codes(&app).await, ["C1", "C2"]);
}

#[tokio::test]
async fn m8_14_the_same_file_again_updates_and_makes_nothing_twice() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let file = "code,name\nC1,Wang\nC2,Li\n";
    import(&app, &staff, file, json!({})).await;
    let again = import(&app, &staff, &file.replace("Li", "Li Na"), json!({})).await;
    assert_eq!((again["result"]["created"].as_i64(), again["result"]["failed"].as_i64()), (Some(0), Some(0)));
    assert_eq!(codes(&app).await, ["C1", "C2"]);
    let names: Vec<String> = customer::Entity::find().all(app.app.read()).await.unwrap().into_iter().map(|row| row.name).collect();
    assert!(names.contains(&"Li Na".to_owned()), "{names:?}");
}

#[tokio::test]
async fn m8_13_a_cancelled_import_applies_nothing_and_cannot_be_cancelled_twice() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let job = begin(&staff, "code,name\nC1,Wang\n", json!({})).await;
    let path = format!("/admin/jobs/{}/cancel", job.id());
    let cancelled = staff.request("POST", &path).send().await.expect(200);
    assert_eq!(cancelled["state"], "cancelled");
    app.run_due().await;
    assert_eq!(codes(&app).await, [""; 0]);
    assert_eq!(staff.get(&format!("/admin/jobs/{}", job.id())).await.expect(200)["state"], "cancelled");
    assert_eq!(staff.request("POST", &path).send().await.problem(), (409, "job_ended"));
    let unknown = format!("/admin/jobs/{}", app.unknown());
    assert_eq!(staff.request("POST", &format!("{unknown}/cancel")).send().await.problem(), (404, "job_not_found"));
    assert_eq!(staff.get(&unknown).await.problem(), (404, "job_not_found"));
}

#[tokio::test]
async fn m8_13_progress_is_told_live() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    app.new_events().await;
    let mut file = String::from("code,name\n");
    for n in 0..1_200 {
        file.push_str(&format!("C{n},Customer {n}\n"));
    }
    let job = import(&app, &staff, &file, json!({})).await;
    assert_eq!((job["state"].as_str(), job["done"].as_i64()), (Some("done"), Some(1_200)));
    let events = app.new_events().await;
    assert!(events.iter().filter(|kind| *kind == "job.moved").count() >= 3, "{events:?}");
    let list = staff.get("/admin/jobs?state=done").await.expect(200);
    assert_eq!(list["data"][0]["id"].as_i64(), Some(job.id()));
}

#[tokio::test]
async fn m8_13_a_field_of_a_million_characters_is_one_bad_row() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let file = format!("code,name\nC1,{}\nC2,Li\n", "长".repeat(1_000_000));
    let job = import(&app, &staff, &file, json!({})).await;
    assert_eq!((job["done"].as_i64(), job["failed"].as_i64()), (Some(1), Some(1)));
    let errors = staff.get(&format!("/admin/jobs/{}/errors", job.id())).await.expect(200);
    assert_eq!((errors["data"][0]["row"].as_i64(), errors["data"][0]["code"].as_str()), (Some(2), Some("field_too_long")));
    assert_eq!(codes(&app).await, ["C2"]);
}

#[tokio::test]
async fn m8_13_headings_without_rows_end_the_job_as_failed() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let job = import(&app, &staff, "code,name\n", json!({})).await;
    assert_eq!((job["state"].as_str(), job["total"].as_i64()), (Some("failed"), Some(0)));
    assert_eq!(app.staff(&["stock.read"]).await.get("/admin/jobs").await.problem(), (403, "forbidden"));
}

#[tokio::test]
async fn m8_13_a_formula_in_the_file_of_errors_is_a_text() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let job = import(&app, &staff, "code,name,since\nC1,Wang,=1+1\nC2,Emoji 🍵,2026-01-02\n", json!({})).await;
    assert_eq!((job["done"].as_i64(), job["failed"].as_i64()), (Some(1), Some(1)));
    let text = staff.get(&format!("/admin/jobs/{}/errors.csv", job.id())).await.expect(200).text();
    assert!(text.contains(",'=1+1"), "{text}");
}

#[tokio::test]
async fn m8_13_a_job_names_its_file_and_who_started_it() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let me = staff.get("/admin/session").await.expect(200)["staff"]["name"].clone();
    let begun = begin(&staff, GOOD_AND_BAD, json!({})).await;
    assert_eq!((&begun["file_name"], &begun["started_by"]), (&json!("people.csv"), &me));
    app.run_due().await;
    let shell = app.import("customers", b"code,name\nC9,Qian\n").await;
    let list = staff.get("/admin/jobs").await.expect(200);
    assert_eq!((&list["data"][0]["file_name"], &list["data"][0]["started_by"]), (&json!("file.csv"), &json!(null)));
    assert_eq!((&list["data"][1]["file_name"], &list["data"][1]["started_by"]), (&json!("people.csv"), &me));
    let one = staff.get(&format!("/admin/jobs/{}", begun.id())).await.expect(200);
    assert_eq!((&one["file_name"], &one["started_by"]), (&json!("people.csv"), &me));
    assert_eq!(staff.get(&format!("/admin/jobs/{}", shell.id)).await.expect(200)["started_by"], json!(null));
}

#[tokio::test]
async fn m8_14_a_number_out_of_range_is_told_the_range_in_both_languages() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let file = b"sku,name,price,stock,weight_g\nA,A,1,-3,1\nB,B,1,1,99999999999999999999\nC,C,1,1,heavy\n";
    let job = app.import("products", file).await;
    let errors = staff.get(&format!("/admin/jobs/{}/errors", job.id)).await.expect(200);
    let said: Vec<(&str, &str)> = errors["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["column"].as_str().unwrap(), error["message"].as_str().unwrap()))
        .collect();
    let least = "应为不小于 0 的整数 · must be a whole number, 0 or more";
    let most = "应为不大于 1000000000000 的整数 · must be a whole number of 1000000000000 at most";
    assert_eq!(said, [("stock", least), ("weight_g", most), ("weight_g", least)]);
}
