//! M8.14 Import of customers.

use serde_json::{Value, json};
use zg_customers::Customers;
use zg_import::{Options, execute, start_from_bytes};

use crate::support::TestApp;

/// Runs an import to its end: state and result.
async fn import(app: &TestApp, text: &str, options: Options) -> (String, Value) {
    let id = start_from_bytes::<Customers>(&app.app, "customers.csv", text.as_bytes().to_vec(), options).await.expect("a job");
    execute::<Customers>(&app.app, id).await.expect("the import");
    let staff = app.staff(&["jobs.read"]).await;
    let job = staff.get(&format!("/admin/jobs/{id}")).await.expect(200);
    let errors = staff.get(&format!("/admin/jobs/{id}/errors")).await.expect(200);
    let faults: Vec<Value> = errors["data"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|row| json!([row["row"], row["column"], row["code"], row["value"]]))
        .collect();
    (job["state"].as_str().expect("a state").to_owned(), json!({ "result": job["result"], "faults": faults }))
}

fn result(rows: i64, created: i64, updated: i64, failed: i64) -> Value {
    json!({ "rows": rows, "created": created, "updated": updated, "failed": failed })
}

const FILE: &str = "code,name,email,phone,segment,locale,country,province,city,district,street,postal_code,tags,marketing,since
C1,李浩然,LI@example.com,+86 19900001003,consumer,zh-CN,CN,天津市,天津市,和平区,南京路274号,300041,茶友;VIP,yes,2024-03-05
C2,Alex Avila,,,,,,,,,,,,,
";

#[tokio::test]
async fn m8_14_customers_come_in_with_all_their_columns_and_once() {
    let app = TestApp::new().await;
    let (state, told) = import(&app, FILE, Options::default()).await;
    assert_eq!((state.as_str(), &told["result"]), ("done", &result(2, 2, 0, 0)));
    let staff = app.staff(&["customers.read"]).await;
    let list = staff.get("/admin/customers?sort=name").await.expect(200);
    let li = staff.get(&format!("/admin/customers/{}", list["data"][1]["id"])).await.expect(200);
    assert_eq!((&li["email"], &li["phone"], &li["tags"]), (&json!("li@example.com"), &json!("19900001003"), &json!(["VIP", "茶友"])));
    assert_eq!((&li["addresses"][0]["street"], &li["addresses"][0]["is_default"]), (&json!("南京路274号"), &json!(true)));
    assert_eq!(li["created_at"], "2024-03-04T16:00:00Z");
    assert!(li["marketing_at"].is_string());
    // The same file again changes nothing; an empty cell takes nothing away.
    let before = app.dump().await.remove("customer");
    let (_, told) = import(&app, FILE, Options::default()).await;
    assert_eq!(told["result"], result(2, 0, 2, 0));
    let (_, told) = import(&app, "code,name,segment\nC1,李浩然,\n", Options::default()).await;
    assert_eq!(told["result"], result(1, 0, 1, 0));
    assert_eq!(app.dump().await.remove("customer"), before);
    let again = staff.get(&format!("/admin/customers/{}", li["id"])).await.expect(200);
    assert_eq!(again["addresses"], li["addresses"]);
}

#[tokio::test]
async fn m8_14_a_second_record_of_a_person_is_refused_and_the_file_of_errors_shows_little() {
    let app = TestApp::new().await;
    app.customer(json!({ "code": "OWN", "name": "Own", "email": "own@example.com", "phone": "13800138000" })).await;
    let file = "code,name,email,phone
A,One,one@example.com,13900000001
B,Two,One@Example.com,
C,Three,,139 0000 0001
D,Four,own@example.com,
E,Five,,+86 13800138000
F,Six,six@example,
G,,g@example.com,
";
    let (state, told) = import(&app, file, Options::default()).await;
    assert_eq!((state.as_str(), &told["result"]), ("done", &result(7, 1, 0, 6)));
    let mut faults = told["faults"].as_array().expect("faults").clone();
    faults.sort_by_key(|fault| fault[0].as_i64());
    assert_eq!(
        faults,
        [
            json!([3, "email", "duplicate", "o***@example.com"]),
            json!([4, "phone", "duplicate", "139****0001"]),
            json!([5, "email", "taken", "o***@example.com"]),
            json!([6, "phone", "taken", "138****8000"]),
            json!([7, "email", "invalid", "s***@example"]),
            json!([8, "name", "required", null]),
        ]
    );
    let all = app.dump().await.remove("job_error").expect("faults").join("\n");
    assert!(!all.contains("own@example") && !all.contains("13800138000"));
}

#[tokio::test]
async fn m8_14_who_registered_before_takes_the_shops_code() {
    let app = TestApp::new().await;
    let shopper = app.shopper("li@example.com").await;
    let (_, told) = import(&app, "code,name,email,segment\nC77,李雷,li@example.com,retail\n", Options::default()).await;
    assert_eq!(told["result"], result(1, 0, 1, 0));
    let staff = app.staff(&["customers.read"]).await;
    let view = staff.get(&format!("/admin/customers/{}", shopper.id)).await.expect(200);
    assert_eq!((&view["code"], &view["segment"], &view["has_account"]), (&json!("C77"), &json!("retail"), &json!(true)));
    shopper.get("/store/account").await.expect(200);
}

#[tokio::test]
async fn m8_14_a_dry_run_says_what_would_happen_and_does_nothing() {
    let app = TestApp::new().await;
    let (state, told) = import(&app, FILE, Options { dry_run: true, ..Options::default() }).await;
    assert_eq!((state.as_str(), &told["result"]), ("done", &result(2, 2, 0, 0)));
    assert_eq!(app.staff(&["customers.read"]).await.get("/admin/customers").await["data"], json!([]));
    let bad = format!("{FILE}C3,Bad,no address,,,,,,,,,,,,\n");
    let (state, told) = import(&app, &bad, Options { all_or_nothing: true, ..Options::default() }).await;
    assert_eq!((state.as_str(), &told["result"]), ("failed", &result(3, 0, 0, 1)));
    assert_eq!(app.staff(&["customers.read"]).await.get("/admin/customers").await["data"], json!([]));
}
