//! P8 The monitor of the work behind the scenes: what was run, who runs it, what runs by the clock.

use std::sync::Arc;
use std::time::Duration as Span;

use celery::{CancellationToken, Registry, Worker};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zg_base::{Actor, App, Sweep};

use crate::support::{Client, Reply, TestApp};

const RIGHTS: [&str; 3] = ["queue.read", "queue.write", "audit.read"];

/// A task of the tests: ends well, fails, or lasts.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Try {
    how: String,
}

impl celery::Task<App> for Try {
    const NAME: &'static str = "test.try";
    type Args = Self;
    type Output = Value;

    fn policy() -> celery::Policy {
        celery::Policy::new().max_retries(0)
    }

    async fn run(_: celery::Context<App>, args: Self) -> Result<Value, celery::TaskError> {
        match args.how.as_str() {
            "well" => Ok(json!({ "said": "好 🍵" })),
            "lasts" => std::future::pending().await,
            other => Err(celery::TaskError::fail(celery::Exception::new("TryError", format!("it is {other}")))),
        }
    }
}

async fn send(app: &TestApp, how: &str, at: Option<chrono::DateTime<chrono::Utc>>) {
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    tx.enqueue_at::<Try>(&Try { how: how.to_owned() }, at).await.unwrap();
    tx.commit().await.unwrap();
}

fn worker(app: &TestApp) -> Worker<App> {
    let mut registry = Registry::new();
    registry.add::<Try>().unwrap();
    Worker::new(app.app.queue(), registry, app.app.clone()).name("w1@test").concurrency(2).poll(Span::from_millis(20))
}

async fn run(app: &TestApp) {
    worker(app).run_until_idle().await.unwrap();
}

async fn tasks(staff: &Client, query: &str) -> Reply {
    staff.get(&format!("/admin/queue/tasks{query}")).await.expect(200)
}

fn ids(reply: &Reply) -> Vec<String> {
    reply["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Asks until the answer is as wanted.
async fn until(staff: &Client, path: &str, wanted: impl Fn(&Reply) -> bool) -> Reply {
    let asking = async {
        loop {
            let reply = staff.get(path).await.expect(200);
            if wanted(&reply) {
                return reply;
            }
        }
    };
    tokio::time::timeout(Span::from_secs(20), asking).await.expect("it comes about")
}

#[tokio::test]
async fn p8_tasks_are_found_by_state_name_queue_and_day_and_shown_with_what_came_of_them() {
    let app = TestApp::new().await;
    app.expect_failures();
    let staff = app.staff(&RIGHTS).await;
    for how in ["well", "bad"] {
        send(&app, how, None).await;
    }
    run(&app).await;
    send(&app, "later", Some(app.clock().now() + Duration::hours(1))).await;

    let all = tasks(&staff, "?task=test.try").await;
    let states: Vec<&str> = all["data"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["pending", "failed", "done"]);
    let found = ids(&all);
    for (query, expected) in [
        ("?state=failed,pending&task=test.try", vec![&found[0], &found[1]]),
        ("?state=done&task=test.try&queue=celery", vec![&found[2]]),
        ("?task=test.try&queue=other", vec![]),
        ("?task=test.try&to=2000-01-01", vec![]),
        ("?task=test.try&from=2000-01-01&limit=1", vec![&found[0]]),
        ("?task=nothing", vec![]),
    ] {
        assert_eq!(ids(&tasks(&staff, query).await).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let first = tasks(&staff, "?task=test.try&limit=2").await;
    let cursor = first["meta"]["next_cursor"].as_str().unwrap();
    assert_eq!(ids(&tasks(&staff, &format!("?task=test.try&limit=2&cursor={cursor}")).await), found[2..]);
    assert_eq!(staff.get("/admin/queue/tasks?state=lost").await.problem(), (400, "task_state_unknown"));

    let failed = staff.get(&format!("/admin/queue/tasks/{}", found[1])).await.expect(200);
    assert_eq!((&failed["kwargs"]["how"], failed["tries"].as_i64()), (&json!("bad"), Some(1)));
    assert_eq!((failed["failure"]["kind"].as_str(), failed["failure"]["message"].as_str()), (Some("TryError"), Some("it is bad")));
    let done = staff.get(&format!("/admin/queue/tasks/{}", found[2])).await.expect(200);
    assert_eq!((&done["result"]["said"], &done["failure"]), (&json!("好 🍵"), &Value::Null));
    assert_eq!(staff.get("/admin/queue/tasks/unknown").await.problem(), (404, "task_not_found"));
}

#[tokio::test]
async fn p8_a_failed_task_runs_again_and_a_waiting_one_is_withdrawn_each_only_where_it_can_be() {
    let app = TestApp::new().await;
    app.expect_failures();
    let staff = app.staff(&RIGHTS).await;
    send(&app, "bad", None).await;
    run(&app).await;
    send(&app, "well", Some(app.clock().now() + Duration::hours(1))).await;
    let found = ids(&tasks(&staff, "?task=test.try").await);
    let (waits, failed) = (format!("/admin/queue/tasks/{}", found[0]), format!("/admin/queue/tasks/{}", found[1]));
    let no = json!({});

    assert_eq!(staff.post(&format!("{waits}/retry"), no.clone()).await.problem(), (409, "task_state"));
    assert_eq!(staff.post(&format!("{failed}/revoke"), no.clone()).await.problem(), (409, "task_state"));
    staff.post(&format!("{failed}/retry"), no.clone()).await.expect(204);
    let again = staff.get(&failed).await.expect(200);
    assert_eq!((again["state"].as_str(), &again["failure"]), (Some("pending"), &Value::Null));
    run(&app).await;
    let again = staff.get(&failed).await.expect(200);
    assert_eq!((again["state"].as_str(), again["tries"].as_i64()), (Some("failed"), Some(2)));

    staff.post(&format!("{waits}/revoke"), no.clone()).await.expect(204);
    assert_eq!(staff.post(&format!("{waits}/revoke"), no.clone()).await.problem(), (409, "task_state"));
    app.clock().advance(Duration::hours(2));
    run(&app).await;
    let staff = app.staff(&RIGHTS).await;
    assert_eq!(staff.get(&waits).await.expect(200)["state"], "revoked");
    assert_eq!(staff.post("/admin/queue/tasks/unknown/retry", no).await.problem(), (404, "task_not_found"));
    assert_eq!(app.log("entity=task").await, ["task.revoke", "task.retry"]);
}

#[tokio::test]
async fn p8_queues_and_the_last_hour_are_told_in_figures() {
    let app = TestApp::new().await;
    app.expect_failures();
    let staff = app.staff(&RIGHTS).await;
    for how in ["well", "well", "bad"] {
        send(&app, how, None).await;
    }
    run(&app).await;
    app.clock().advance(Duration::minutes(5));
    for _ in 0..2 {
        send(&app, "well", None).await;
    }
    send(&app, "later", Some(app.clock().now() + Duration::hours(1))).await;
    let seen = staff.get("/admin/queue").await.expect(200);
    let queue = seen["queues"].as_array().unwrap().iter().find(|queue| queue["name"] == "celery").unwrap();
    assert_eq!((queue["ready"].as_i64(), queue["scheduled"].as_i64(), queue["running"].as_i64()), (Some(2), Some(1), Some(0)));
    assert!(queue["oldest_at"].is_string());
    let minutes = seen["minutes"].as_array().unwrap();
    assert_eq!(minutes.len(), 60);
    assert_eq!((&minutes[54]["done"], &minutes[54]["failed"]), (&json!(2), &json!(1)));
    assert_eq!((&minutes[59]["done"], &minutes[59]["failed"]), (&json!(0), &json!(0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_workers_are_seen_resized_limited_and_ended_and_what_runs_is_ended() {
    let app = TestApp::new().await;
    app.expect_failures();
    let staff = app.staff(&RIGHTS).await;
    send(&app, "lasts", None).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (worker, stop) = (worker(&app), stop.clone());
        async move { worker.run(stop).await }
    });
    let path = "/admin/queue/workers";
    let seen = until(&staff, path, |reply| reply["data"][0]["active"][0]["id"].is_string()).await;
    let one = &seen["data"][0];
    assert_eq!((one["name"].as_str(), one["concurrency"].as_i64()), (Some("w1@test"), Some(2)));
    assert_eq!((&one["active"][0]["task"], &one["queues"]), (&json!("test.try"), &json!(["celery"])));
    let id = one["active"][0]["id"].as_str().unwrap().to_owned();

    for by in [0, 101, -101] {
        assert_eq!(staff.post(&format!("{path}/w1@test/pool"), json!({ "by": by })).await.fields(), [("/by", "worker_pool")]);
    }
    staff.post(&format!("{path}/w1@test/pool"), json!({ "by": 3 })).await.expect(204);
    assert_eq!(staff.get(path).await.expect(200)["data"][0]["concurrency"], 5);
    staff.post(&format!("{path}/w1@test/rate-limit"), json!({ "task": "test.try", "rate": "10/m" })).await.expect(204);
    let refused = staff.post(&format!("{path}/w1@test/rate-limit"), json!({ "task": "no.such", "rate": "10/m" })).await;
    assert_eq!(refused.problem(), (409, "worker_refused"));
    assert_eq!(staff.post(&format!("{path}/nobody@test/shutdown"), json!({})).await.problem(), (409, "worker_away"));

    staff.post(&format!("/admin/queue/tasks/{id}/revoke"), json!({ "terminate": true })).await.expect(204);
    until(&staff, &format!("/admin/queue/tasks/{id}"), |reply| reply["state"] == "revoked").await;

    staff.post(&format!("{path}/w1@test/shutdown"), json!({})).await.expect(204);
    tokio::time::timeout(Span::from_secs(20), running).await.expect("it ends").unwrap();
    assert!(!stop.is_cancelled());
    assert_eq!(app.log("entity=worker").await, ["worker.shutdown", "worker.rate_limit", "worker.pool"]);
}

#[tokio::test]
async fn p8_the_schedule_is_seen_run_now_paused_and_resumed() {
    let app = TestApp::new().await;
    let beat = zhanggui::compose::beat(app.app.queue(), Arc::new(app.broker().clone())).unwrap();
    beat.tick().await.unwrap();
    app.run_due().await;
    let staff = app.staff(&RIGHTS).await;
    let entry = async |staff: &Client| {
        let reply = staff.get("/admin/queue/schedule").await.expect(200);
        reply["data"].as_array().unwrap().iter().find(|entry| entry["name"] == "base.sweep").unwrap().clone()
    };
    let before = entry(&staff).await;
    assert_eq!((&before["enabled"], &before["schedule"]), (&json!(true), &json!("every 3600s")));
    let runs = before["runs"].as_i64().unwrap();
    let path = "/admin/queue/schedule/base.sweep";

    staff.post(&format!("{path}/run"), json!({})).await.expect(204);
    beat.tick().await.unwrap();
    assert_eq!(app.tasks::<Sweep>().await.len(), 1);
    assert_eq!(entry(&staff).await["runs"], runs + 1);

    staff.post(&format!("{path}/pause"), json!({})).await.expect(204);
    app.clock().advance(Duration::hours(3));
    beat.tick().await.unwrap();
    assert_eq!(app.tasks::<Sweep>().await.len(), 0);
    let staff = app.staff(&RIGHTS).await;
    staff.post(&format!("{path}/resume"), json!({})).await.expect(204);
    beat.tick().await.unwrap();
    assert_eq!(app.tasks::<Sweep>().await.len(), 1, "what it missed runs once");
    assert_eq!(staff.post("/admin/queue/schedule/no.such/run", json!({})).await.problem(), (404, "schedule_not_found"));
    assert_eq!(app.log("entity=schedule").await, ["schedule.resume", "schedule.pause", "schedule.run"]);
}
