//! What holds without a fault.

use std::time::{Duration, Instant};

use celery::{Client, Clock, Error, Options, RedisBroker, State};
use serde_json::json;

use crate::lab::{Lab, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_tasks_run_once_each_and_their_results_are_there() {
    let lab = Lab::new().await;
    let (one, two) = (start(lab.worker()), start(lab.worker().prefetch(3)));
    for n in 0..300 {
        lab.send("conf.note", vec![json!(n)]).await;
    }
    let sum = lab.send("conf.add", vec![json!(40), json!(2)]).await;
    assert_eq!(lab.wait(&sum).await.result, Some(json!(42)));
    lab.log.until(300).await;
    lab.until_settled().await;
    one.stop().await;
    two.stop().await;
    let mut lines: Vec<u32> = lab.log.lines().iter().map(|line| line.parse().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines, (0..300).collect::<Vec<_>>());
    let meta: serde_json::Value = serde_json::from_str(&lab.server.cli(&["GET", &format!("celery-task-meta-{sum}")])[0]).unwrap();
    assert_eq!((&meta["status"], &meta["result"]), (&json!("SUCCESS"), &json!(42)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_failure_keeps_its_kind() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let failed = lab.send("conf.fail", vec![json!("no")]).await;
    let failed = lab.wait(&failed).await;
    let failure = failed.failure.unwrap();
    assert_eq!((failed.state, failure.kind.as_str(), failure.message.as_str()), (State::Failed, "ConformanceError", "no"));
    let wrong = lab.send("conf.add", vec![json!("a"), json!(2)]).await;
    assert_eq!(lab.wait(&wrong).await.failure.unwrap().kind, "TypeError");
    let unknown = lab.send("conf.nothing", vec![]).await;
    assert!(lab.wait(&unknown).await.failure.unwrap().message.contains("conf.nothing"));
    assert_eq!(lab.server.cli(&["LLEN", "rs.poison"]), ["1"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_retries_go_back_into_the_queue_with_their_time() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let begun = Instant::now();
    let id = lab.send("conf.flaky", vec![json!(2)]).await;
    assert_eq!(lab.wait(&id).await.result, Some(json!(2)));
    // 100 ms, then 200 ms.
    assert!(Duration::from_millis(300) <= begun.elapsed());
    assert_eq!(lab.log.lines(), ["try 0", "try 1", "try 2"]);
    lab.until_settled().await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_priorities_are_celerys_zero_first() {
    let lab = Lab::new().await;
    for priority in [9, 6, 0, 3, 0] {
        lab.send_with("conf.note", vec![json!(priority)], Options::new().priority(priority)).await;
    }
    assert_eq!(lab.server.cli(&["LLEN", "rs\u{6}\u{16}9"]), ["1"]);
    let worker = start(lab.worker().concurrency(1));
    lab.log.until(5).await;
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["0", "0", "3", "6", "9"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_an_eta_is_kept_by_the_worker_and_given_back_at_its_end() {
    let lab = Lab::new().await;
    let worker = start(lab.worker().concurrency(1).prefetch(1).lease(Duration::from_millis(300)));
    let begun = Instant::now();
    for n in 0..20 {
        lab.send_with("conf.note", vec![json!(n)], Options::new().countdown(Duration::from_millis(1_200))).await;
    }
    lab.send_with("conf.note", vec![json!("in ten years")], Options::new().countdown(Duration::from_hours(87_600))).await;
    lab.send_with("conf.note", vec![json!("past")], Options::new().eta("2020-01-01T00:00:00Z".parse().unwrap())).await;
    // Those that wait keep nobody from running.
    lab.log.until(1).await;
    assert_eq!(lab.log.lines(), ["\"past\""]);
    assert!(begun.elapsed() < Duration::from_millis(1_100));
    lab.log.until(21).await;
    assert!(Duration::from_millis(1_200) <= begun.elapsed());
    worker.stop().await;
    assert_eq!((lab.log.lines().len(), lab.held()), (21, 0));
    assert_eq!(lab.server.cli(&["LLEN", "rs"]), ["1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_an_idle_worker_starts_at_once() {
    let lab = Lab::new().await;
    let worker = start(lab.worker().poll(Duration::from_secs(30)));
    lab.send("conf.note", vec![json!("first")]).await;
    lab.log.until(1).await;
    for n in 1..6 {
        let begun = Instant::now();
        lab.send("conf.note", vec![json!(n)]).await;
        lab.log.until(n + 1).await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_expired_messages_never_run() {
    let lab = Lab::new().await;
    let id = lab.send_with("conf.note", vec![json!(1)], Options::new().expires("2020-01-01T00:00:00Z".parse().unwrap())).await;
    let worker = start(lab.worker());
    assert_eq!(lab.wait(&id).await.state, State::Revoked);
    worker.stop().await;
    assert!(lab.log.lines().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_rate_limits_space_the_starts() {
    let lab = Lab::new().await;
    for n in 0..30 {
        lab.send("conf.limited", vec![json!(n)]).await;
    }
    let begun = Instant::now();
    let worker = start(lab.worker());
    lab.log.until(30).await;
    assert!(Duration::from_millis(1_400) <= begun.elapsed(), "{:?}", begun.elapsed());
    lab.until_settled().await;
    worker.stop().await;
}

#[tokio::test]
async fn p7_a_full_queue_makes_its_sender_wait_or_fail() {
    let lab = Lab::new().await;
    let failing = lab.client.clone().bounded(3, Duration::ZERO);
    for n in 0..3 {
        failing.send(&[lab.message("conf.note", vec![json!(n)], Options::new())]).await.unwrap();
    }
    let refused = failing.send(&[lab.message("conf.note", vec![json!(3)], Options::new())]).await.unwrap_err();
    assert!(matches!(refused, Error::Full { limit: 3, .. }));
    let waiting = lab.client.clone().bounded(3, Duration::from_secs(20));
    let messages = [lab.message("conf.note", vec![json!(4)], Options::new())];
    let (sent, purged) = tokio::join!(waiting.send(&messages), lab.client.purge("rs"));
    assert_eq!((sent.unwrap(), purged.unwrap()), (1, 3));
}

#[tokio::test]
async fn p8_an_address_that_is_none_is_refused_without_its_password() {
    let refused = RedisBroker::new("redis://me:secret@host:port/x").unwrap_err().to_string();
    assert!(refused.contains("redis://me:**@host:port/x") && !refused.contains("secret"), "{refused}");
    let client = Client::new(std::sync::Arc::new(RedisBroker::new("redis://127.0.0.1:1/0").unwrap()), Clock::system());
    assert!(client.depth().await.unwrap_err().to_string().starts_with("Redis failed: "));
    let worker = celery::Worker::new(&client, celery::Registry::<()>::new(), ());
    assert!(matches!(worker.run_until_idle().await, Err(Error::NotOffered { broker: "redis", .. })));
}
