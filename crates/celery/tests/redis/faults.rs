//! Lost workers, lost connections, broken messages.

use std::time::Duration;

use celery::{Broker as _, Clock, RedisBroker};
use serde_json::json;

use crate::lab::{Lab, start, until};

const LEASE: Duration = Duration::from_millis(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_killed_workers_tasks_are_run_by_another() {
    let lab = Lab::new().await;
    let doomed = start(lab.worker().lease(LEASE));
    for name in ["a", "b"] {
        lab.send("conf.wait", vec![json!(name)]).await;
    }
    lab.send("conf.wait_early", vec![json!("early")]).await;
    lab.log.until(3).await;
    doomed.kill();
    lab.log.gate.add_permits(10);
    let next = start(lab.worker().lease(LEASE));
    lab.log.until(7).await;
    lab.until_settled().await;
    next.stop().await;
    let count = |line: &str| lab.log.lines().iter().filter(|seen| *seen == line).count();
    assert_eq!(["a begins", "a ends", "b begins", "b ends", "early begins"].map(count), [2, 1, 2, 1, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_what_a_living_worker_holds_is_not_given_to_another() {
    let lab = Lab::new().await;
    let (one, two) = (start(lab.worker().lease(LEASE)), start(lab.worker().lease(LEASE)));
    lab.send("conf.wait", vec![json!("long")]).await;
    lab.log.until(1).await;
    let end = std::time::Instant::now() + LEASE * 4;
    until(|| async { end < std::time::Instant::now() }).await;
    lab.log.gate.add_permits(2);
    lab.until_settled().await;
    assert_eq!(lab.log.lines(), ["long begins", "long ends"]);
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_what_is_acknowledged_early_has_no_lease_to_lose() {
    let lab = Lab::new().await;
    let worker = start(lab.worker().lease(LEASE));
    let id = lab.send("conf.told_early", vec![]).await;
    lab.log.until(1).await;
    let end = std::time::Instant::now() + LEASE * 3;
    until(|| async { end < std::time::Instant::now() }).await;
    assert_eq!(lab.log.lines(), ["begins"]);
    lab.log.gate.add_permits(1);
    lab.wait(&id).await;
    assert_eq!(lab.log.lines(), ["begins", "ends"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_task_that_kills_its_workers_is_set_aside() {
    let lab = Lab::new().await;
    lab.send("conf.wait", vec![json!("deadly")]).await;
    for round in 1..=3 {
        let worker = start(lab.worker().lease(LEASE).max_deliveries(3));
        lab.log.until(round).await;
        worker.kill();
    }
    let last = start(lab.worker().lease(LEASE).max_deliveries(3));
    until(|| async { lab.server.cli(&["LLEN", "rs.poison"]) == ["1"] }).await;
    last.stop().await;
    assert_eq!(lab.log.lines().len(), 3);
    lab.until_settled().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_warm_shutdown_ends_what_runs_and_gives_back_the_rest() {
    let lab = Lab::new().await;
    for n in 0..5 {
        lab.send("conf.wait", vec![json!(n.to_string())]).await;
    }
    let worker = start(lab.worker().concurrency(1));
    lab.log.until(1).await;
    until(|| async { lab.held() == 5 }).await;
    worker.stop.cancel();
    until(|| async { lab.held() == 1 }).await;
    lab.log.gate.add_permits(1);
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["0 begins", "0 ends"]);
    assert_eq!((lab.held(), lab.server.cli(&["LLEN", "rs"])), (0, vec!["4".to_owned()]));
    // In the old order.
    lab.log.gate.add_permits(10);
    let worker = start(lab.worker().concurrency(1));
    lab.log.until(10).await;
    worker.stop().await;
    let begun: Vec<String> = lab.log.lines().into_iter().filter(|line| line.ends_with("begins")).collect();
    assert_eq!(begun, ["0 begins", "1 begins", "2 begins", "3 begins", "4 begins"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_restart_of_redis_loses_nothing() {
    let mut lab = Lab::new().await;
    let worker = start(lab.worker());
    lab.send("conf.wait", vec![json!("before")]).await;
    lab.log.until(1).await;
    lab.server.down();
    lab.log.gate.add_permits(1);
    lab.log.until(2).await;
    lab.server.up().await;
    until(|| async {
        let message = lab.message("conf.note", vec![json!("after")], celery::Options::new());
        lab.client.send(&[message]).await.is_ok()
    })
    .await;
    lab.log.until(3).await;
    lab.until_settled().await;
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["before begins", "before ends", "\"after\""]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_broken_messages_are_set_aside_and_the_worker_goes_on() {
    let lab = Lab::new().await;
    for text in ["no json", "{}", "[]", "\u{fffd}", r#"{"body":"","headers":{"task":"x","id":"y"},"properties":{"delivery_info":{}}}"#] {
        lab.server.cli(&["LPUSH", "rs", text]);
    }
    let big = "x".repeat(17 * 1024 * 1024);
    let refused = lab.client.message_named("conf.note", vec![json!(big)], serde_json::Map::new(), celery::Options::new()).unwrap_err();
    assert!(refused.to_string().contains("more than the 16777216 allowed"), "{refused}");
    let worker = start(lab.worker());
    lab.send("conf.note", vec![json!("fine 好 🎉")]).await;
    lab.log.until(1).await;
    until(|| async { lab.held() == 0 }).await;
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["\"fine 好 🎉\""]);
    assert_eq!(lab.server.cli(&["ZCARD", "unacked_index"]), ["0"]);
}

#[tokio::test]
async fn p8_pythons_own_visibility_is_respected() {
    let lab = Lab::new().await;
    lab.send("conf.note", vec![json!(1)]).await;
    let raw = lab.server.cli(&["RPOP", "rs"]).remove(0);
    let held = format!("[{raw}, \"\", \"rs\"]");
    lab.server.cli(&["HSET", "unacked", "6f1c-python", &held]);
    let now = Clock::system().now();
    let a_minute_ago = (now.timestamp() - 60).to_string();
    lab.server.cli(&["ZADD", "unacked_index", &a_minute_ago, "6f1c-python"]);
    let broker = RedisBroker::with_visibility(&lab.server.url(), Duration::from_secs(90)).unwrap();
    assert_eq!(broker.sweep(now, Duration::from_secs(1), 5).await.unwrap().redelivered, 0);
    let broker = RedisBroker::with_visibility(&lab.server.url(), Duration::from_secs(30)).unwrap();
    assert_eq!(broker.sweep(now, Duration::from_secs(1), 5).await.unwrap().redelivered, 1);
    let back = broker.waiting().await.unwrap().remove(0);
    assert_eq!((back.task(), &back.headers.extra["redelivered"]), ("conf.note", &json!(true)));
}
