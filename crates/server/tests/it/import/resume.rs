//! M8.13 An import that was broken off goes on where it stopped: nothing is staged,
//! counted or applied twice.

use std::process::{Command, Stdio};
use std::time::Duration;

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use zg_db::entity::{import_course, import_row, job, job_error, sku};
use zg_import::Options;

use crate::support::TestApp;
use crate::support::platform::Binary;

const RIGHTS: [&str; 3] = ["imports.write", "jobs.read", "audit.read"];
const LIMIT: Duration = Duration::from_secs(60);

/// A file of SKUs: every hundredth row has a bad price, the third from the end no name, and
/// the last one is the first again.
fn goods(rows: usize) -> String {
    let mut file = "sku,name,price,category\n".to_owned();
    for n in 1..rows - 1 {
        let price = if n % 100 == 0 { "dear" } else { "1.50" };
        let name = if n == rows - 2 { "" } else { "Tea" };
        file.push_str(&format!("S{n:06},{name},{price},Tea\n"));
    }
    file.push_str("LAST,Tea,1.50,Tea\nS000001,Tea,1.50,Tea\n");
    file
}

/// How many of these rows are bad: prices, the one without a name, the one that is there twice.
fn bad(rows: usize) -> i64 {
    i64::try_from((rows - 2) / 100 + 2).unwrap()
}

async fn job_of(app: &TestApp, id: i64) -> job::Model {
    job::Entity::find_by_id(id).one(app.app.read()).await.unwrap().unwrap()
}

/// Resolves when the job stands as wanted.
async fn stands(app: &TestApp, id: i64, wanted: impl Fn(&job::Model) -> bool) {
    let looking = async {
        let mut look = tokio::time::interval(Duration::from_millis(2));
        while !wanted(&job_of(app, id).await) {
            look.tick().await;
        }
    };
    tokio::time::timeout(LIMIT, looking).await.expect("the import moves");
}

/// The end of an import of [`goods`], as if nobody had broken it off.
async fn is_whole(app: &TestApp, id: i64, rows: usize) {
    let ended = job_of(app, id).await;
    let (rows, failed) = (i64::try_from(rows).unwrap(), bad(rows));
    let good = rows - failed;
    assert_eq!((ended.state.as_str(), ended.total, ended.done, ended.failed), ("done", rows, good, failed));
    assert_eq!(ended.result, Some(json!({ "rows": rows, "created": good, "updated": 0, "failed": failed })));
    let faults = job_error::Entity::find().filter(job_error::Column::JobId.eq(id)).count(app.app.read()).await.unwrap();
    assert_eq!(i64::try_from(faults).unwrap(), failed, "each fault is told once");
    let skus = sku::Entity::find().all(app.app.read()).await.unwrap();
    assert_eq!(i64::try_from(skus.len()).unwrap(), good);
    assert!(skus.iter().all(|sku| sku.version == 1), "a row was applied twice");
    assert_eq!(import_row::Entity::find().count(app.app.read()).await.unwrap(), 0);
    assert_eq!(import_course::Entity::find().count(app.app.read()).await.unwrap(), 0);
}

/// Begins an import and breaks it off when the job stands as said; another worker goes on.
async fn broken_off(rows: usize, phase: &str, when: impl Fn(&job::Model) -> bool) {
    let app = TestApp::new().await;
    let kinds = zhanggui::compose::imports();
    let kind = kinds.iter().find(|kind| kind.name == "products").unwrap();
    let id = kind.begin(&app.app, "goods.csv", goods(rows).into_bytes(), Options::default()).await.unwrap();
    tokio::select! {
        _ = kind.execute(&app.app, id) => panic!("it was not broken off"),
        () = stands(&app, id, when) => {}
    }
    let course = import_course::Entity::find_by_id(id).one(app.app.read()).await.unwrap().unwrap();
    assert_eq!((course.phase.as_str(), course.attempt), (phase, 1));
    let staged = import_row::Entity::find().count(app.app.read()).await.unwrap();
    assert!(staged > 0, "what was staged is there");
    let other = app.second_node().await;
    kind.execute(&other, id).await.unwrap();
    is_whole(&app, id, rows).await;
}

#[tokio::test]
async fn m8_13_an_import_that_died_while_reading_reads_on() {
    broken_off(3_000, "read", |job| job.total >= 1_000).await;
}

#[tokio::test]
async fn m8_13_an_import_that_died_while_applying_applies_the_rest_once() {
    broken_off(3_000, "apply", |job| job.done >= 400).await;
}

#[tokio::test]
async fn m8_13_a_worker_that_was_believed_dead_writes_nothing_more() {
    let app = TestApp::new().await;
    let kinds = zhanggui::compose::imports();
    let kind = kinds.iter().find(|kind| kind.name == "products").unwrap();
    let id = kind.begin(&app.app, "goods.csv", goods(2_000).into_bytes(), Options::default()).await.unwrap();
    let other = app.second_node().await;
    let second = async {
        stands(&app, id, |job| job.done >= 400).await;
        kind.execute(&other, id).await
    };
    // The first one's batch may collide with the second one's: what it says of that is nobody's news.
    let (_, second) = tokio::join!(kind.execute(&app.app, id), second);
    second.unwrap();
    is_whole(&app, id, 2_000).await;
}

#[tokio::test]
async fn m8_13_a_cancelled_import_is_resumed_where_it_stopped() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let file = staff.upload("/admin/imports/files", "file", "goods.csv", "text/csv", goods(3_000).as_bytes()).await.expect(201);
    let begun = staff.post("/admin/imports", json!({ "kind": "products", "file_id": file["file_id"] })).await.expect(202);
    let url = format!("/admin/jobs/{}", begun.id());
    let cancel = async {
        stands(&app, begun.id(), |job| job.done >= 400).await;
        let refused = staff.request("POST", &format!("{url}/resume")).send().await;
        assert_eq!(refused.problem(), (409, "job_open"));
        staff.request("POST", &format!("{url}/cancel")).send().await.expect(200)
    };
    let ((), cancelled) = tokio::join!(app.run_due(), cancel);
    let done = cancelled["done"].as_i64().unwrap();
    assert_eq!((cancelled["state"].as_str(), cancelled["resumable"].as_bool()), (Some("cancelled"), Some(true)));
    assert!((400..2_900).contains(&done), "{done}");
    let kept = sku::Entity::find().count(app.app.read()).await.unwrap();
    assert_eq!(i64::try_from(kept).unwrap(), done, "what was imported stays");

    let resumed = staff.request("POST", &format!("{url}/resume")).send().await.expect(202);
    assert_eq!(
        (resumed["state"].as_str(), resumed["done"].as_i64(), resumed["resumable"].as_bool()),
        (Some("queued"), Some(done), Some(false))
    );
    assert_eq!(resumed.header("location"), format!("/api/v1{url}"));
    app.run_due().await;
    is_whole(&app, begun.id(), 3_000).await;
    assert_eq!(staff.request("POST", &format!("{url}/resume")).send().await.problem(), (409, "job_not_resumable"));
    assert_eq!(app.log("action=job.").await, ["job.resume", "job.cancel"]);
}

#[tokio::test]
async fn m8_13_what_cannot_be_resumed_is_refused_and_stays_as_it_is() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    // Of its file it failed: the same file fails again.
    let empty = app.import("products", b"sku,name\n").await;
    let nothing = app.import_with("products", b"sku,name\n,A\n", Options { all_or_nothing: true, ..Options::default() }).await;
    let reader = app.staff(&["jobs.read"]).await;
    let before = app.dump().await;
    for job in [&empty, &nothing] {
        assert_eq!(job.state, "failed");
        let shown = staff.get(&format!("/admin/jobs/{}", job.id)).await.expect(200);
        assert_eq!(shown["resumable"], false);
        assert_eq!(staff.request("POST", &format!("/admin/jobs/{}/resume", job.id)).send().await.problem(), (409, "job_not_resumable"));
    }
    let unknown = format!("/admin/jobs/{}/resume", app.unknown());
    assert_eq!(staff.request("POST", &unknown).send().await.problem(), (404, "job_not_found"));
    assert_eq!(reader.request("POST", &format!("/admin/jobs/{}/resume", empty.id)).send().await.problem(), (403, "forbidden"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_13_a_job_whose_file_is_gone_is_not_resumed() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let file = staff.upload("/admin/imports/files", "file", "goods.csv", "text/csv", b"sku,name\nA,Tea\n").await.expect(201);
    let begun = staff.post("/admin/imports", json!({ "kind": "products", "file_id": file["file_id"] })).await.expect(202);
    let url = format!("/admin/jobs/{}", begun.id());
    staff.request("POST", &format!("{url}/cancel")).send().await.expect(200);
    let private = app.data_dir().join("files/private");
    std::fs::remove_dir_all(&private).unwrap();
    let before = app.dump().await;
    assert_eq!(staff.request("POST", &format!("{url}/resume")).send().await.problem(), (409, "job_file_gone"));
    assert_eq!(app.dump().await, before);
    app.run_due().await;
}

#[tokio::test]
async fn m8_13_what_was_staged_is_kept_thirty_days_and_the_job_ninety() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let file = staff.upload("/admin/imports/files", "file", "goods.csv", "text/csv", goods(3_000).as_bytes()).await.expect(201);
    let begun = staff.post("/admin/imports", json!({ "kind": "products", "file_id": file["file_id"] })).await.expect(202);
    let cancel = async {
        stands(&app, begun.id(), |job| job.done >= 400).await;
        staff.request("POST", &format!("/admin/jobs/{}/cancel", begun.id())).send().await.expect(200)
    };
    tokio::join!(app.run_due(), cancel);
    let count = async || import_row::Entity::find().count(app.app.read()).await.unwrap();
    app.beat().await;
    assert!(count().await > 0);
    app.clock().advance(chrono::Duration::days(31));
    app.beat().await;
    assert_eq!(count().await, 0);
    assert_eq!(job_of(&app, begun.id()).await.state, "cancelled");
    app.clock().advance(chrono::Duration::days(60));
    app.beat().await;
    assert_eq!(job::Entity::find().count(app.app.read()).await.unwrap(), 0);
}

/// A worker of its own process is killed when the job stands as said; another one goes on.
async fn killed(when: impl Fn(&job::Model) -> bool, phase: &str) {
    const ROWS: usize = 6_000;
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let binary = Binary::on(&app.database_url()).with("DATA_DIR", &app.data_dir().display().to_string());
    let file = staff.upload("/admin/imports/files", "file", "goods.csv", "text/csv", goods(ROWS).as_bytes()).await.expect(201);
    let begun = staff.post("/admin/imports", json!({ "kind": "products", "file_id": file["file_id"] })).await.expect(202);
    let mut worker = binary.command(&["worker"]).stderr(Stdio::null()).spawn().expect("the binary runs");
    stands(&app, begun.id(), when).await;
    assert!(Command::new("kill").args(["-KILL", &worker.id().to_string()]).status().expect("kill").success());
    let _ = worker.wait();
    let left = job_of(&app, begun.id()).await;
    let course = import_course::Entity::find_by_id(begun.id()).one(app.app.read()).await.unwrap().unwrap();
    assert_eq!((left.state.as_str(), course.phase.as_str(), course.total, course.done), ("running", phase, left.total, left.done));
    // Its lease runs out, and the task is given to another worker.
    app.clock().advance(chrono::Duration::minutes(2));
    app.run_due().await;
    is_whole(&app, begun.id(), ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m8_13_a_worker_killed_while_reading_is_followed_by_one_that_reads_on() {
    killed(|job| job.total >= 1_000, "read").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m8_13_a_worker_killed_while_applying_is_followed_by_one_that_applies_the_rest() {
    killed(|job| job.done >= 800, "apply").await;
}

#[tokio::test]
async fn m8_13_a_job_that_nobody_works_on_any_more_ends_and_can_go_on() {
    const ROWS: usize = 500;
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let file = staff.upload("/admin/imports/files", "file", "goods.csv", "text/csv", goods(ROWS).as_bytes()).await.expect(201);
    let begun = staff.post("/admin/imports", json!({ "kind": "products", "file_id": file["file_id"] })).await.expect(202);
    let id = begun.id();
    // The queue set the task aside after its workers were lost with it.
    assert_eq!(app.tasks::<zg_import::Run<zg_inventory::Products>>().await.len(), 1);
    let tx = app.app.begin(&zg_base::Actor::system("test")).await.unwrap();
    assert!(zg_base::job::start(&tx, id).await.unwrap());
    tx.commit().await.unwrap();

    app.clock().advance(chrono::Duration::minutes(29));
    app.beat().await;
    assert_eq!(job_of(&app, id).await.state, "running", "it may still be worked on");
    app.clock().advance(chrono::Duration::minutes(6));
    app.beat().await;
    let ended = job_of(&app, id).await;
    assert_eq!((ended.state.as_str(), ended.result), ("failed", Some(json!({ "code": "worker_lost" }))));
    let log = staff.get(&format!("/admin/audit?entity=job&entity_id={id}")).await.expect(200);
    assert_eq!(log["data"][0]["action"], "job.end_lost");

    staff.post(&format!("/admin/jobs/{id}/resume"), json!({})).await.expect(202);
    app.run_due().await;
    is_whole(&app, id, ROWS).await;
}
