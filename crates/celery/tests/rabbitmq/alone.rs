//! What holds without a fault.

use std::sync::Arc;
use std::time::{Duration, Instant};

use celery::{Broker as _, Client, Clock, Error, Options, RabbitBroker, Signature, State};
use serde_json::{Value, json};

use crate::lab::{Lab, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_tasks_run_once_each_and_their_results_are_there() {
    let lab = Lab::new().await;
    let (one, two) = (start(lab.worker()), start(lab.worker().prefetch(3)));
    let messages: Vec<_> = (0..300).map(|n| lab.message("conf.note", vec![json!(n)], Options::new())).collect();
    assert_eq!(lab.client.send(&messages).await.unwrap(), 300);
    let sum = lab.send("conf.add", vec![json!(40), json!(2)]).await;
    assert_eq!(lab.wait(&sum).await.result, Some(json!(42)));
    lab.log.until(300).await;
    one.stop().await;
    two.stop().await;
    // What was not acknowledged would be back now.
    lab.until_ready("rs", 0).await;
    let mut lines: Vec<u32> = lab.log.lines().iter().map(|line| line.parse().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines, (0..300).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_failure_keeps_its_kind() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let failed = lab.send("conf.fail", vec![json!("no")]).await;
    let failed = lab.wait(&failed).await;
    let failure = failed.failure.unwrap();
    assert_eq!((failed.state, failure.kind.as_str(), failure.message.as_str()), (State::Failed, "ConformanceError", "no"));
    let unknown = lab.send("conf.nothing", vec![json!("好")]).await;
    assert!(lab.wait(&unknown).await.failure.unwrap().message.contains("conf.nothing"));
    lab.until_ready("rs.poison", 1).await;
    let (properties, body) = lab.get("rs.poison").await;
    assert_eq!(properties.correlation_id().as_ref().map(ToString::to_string), Some(unknown));
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()[0], json!(["好"]));
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
    worker.stop().await;
    lab.until_ready("rs", 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_an_eta_takes_no_place_and_is_given_back_at_the_end() {
    let lab = Lab::new().await;
    let worker = start(lab.worker().concurrency(1).prefetch(1));
    let begun = Instant::now();
    for n in 0..20 {
        lab.send_with("conf.note", vec![json!(n)], Options::new().countdown(Duration::from_millis(1_500))).await;
    }
    lab.send_with("conf.note", vec![json!("in ten years")], Options::new().countdown(Duration::from_hours(87_600))).await;
    lab.send_with("conf.note", vec![json!("past")], Options::new().eta("2020-01-01T00:00:00Z".parse().unwrap())).await;
    // Those that wait keep nobody from running, although RabbitMQ sends no more than two ahead.
    lab.log.until(1).await;
    assert_eq!(lab.log.lines(), ["\"past\""]);
    assert!(begun.elapsed() < Duration::from_millis(1_400), "{:?}", begun.elapsed());
    lab.log.until(21).await;
    assert!(Duration::from_millis(1_500) <= begun.elapsed());
    worker.stop().await;
    assert_eq!(lab.log.lines().len(), 21);
    lab.until_ready("rs", 1).await;
    // Its time has not come, so it was never begun, and no return of it is counted.
    for _ in 0..6 {
        let next = start(lab.worker().max_deliveries(2));
        lab.until_ready("rs", 0).await;
        next.stop().await;
        lab.until_ready("rs", 1).await;
    }
    assert_eq!(lab.ready("rs.poison").await, 0);
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
async fn p8_an_idle_worker_starts_at_once() {
    let lab = Lab::new().await;
    let worker = start(lab.worker().poll(Duration::from_secs(30)));
    for n in 0..6 {
        let begun = Instant::now();
        lab.send("conf.note", vec![json!(n)]).await;
        lab.log.until(n + 1).await;
        assert!(n == 0 || begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_two_queues_are_served_in_turn() {
    let lab = Lab::new().await;
    for n in 0..200 {
        lab.send("conf.note", vec![json!(n)]).await;
    }
    lab.send_with("conf.note", vec![json!("other")], Options::new()).await;
    let other =
        lab.client.message_named("conf.note", vec![json!("other")], serde_json::Map::new(), Options::new().queue(lab.queue("other")));
    lab.client.send(&[other.unwrap()]).await.unwrap();
    let worker = start(lab.worker().queues([lab.queue("rs"), lab.queue("other")]).concurrency(1).prefetch(10));
    lab.log.until(202).await;
    worker.stop().await;
    let place = lab.log.lines().iter().position(|line| line == "\"other\"").unwrap();
    assert!(place < 60, "{place}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_chains_groups_and_chords_end_with_their_results() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let add = |args: &[i64]| lab.signature("conf.add", args.iter().map(|number| json!(number)).collect());
    let sum = || lab.signature("conf.tsum", vec![]);
    let chain = lab.client.apply(Signature::chain([add(&[1, 2]), add(&[3]), add(&[4])])).await.unwrap();
    assert_eq!(lab.wait(&chain.id).await.result, Some(json!(10)));
    let group = lab.client.apply(Signature::group((0..10).map(|n| add(&[n, n])))).await.unwrap();
    for (n, id) in (0..).zip(&group.children) {
        assert_eq!(lab.wait(id).await.result, Some(json!(n * 2)));
    }
    let chord = lab.client.apply(Signature::chord((0..50).map(|n| add(&[n, 0])), sum())).await.unwrap();
    assert_eq!(lab.wait(&chord.id).await.result, Some(json!(1_225)));
    let middle = Signature::chain([add(&[1, 1]), Signature::group([add(&[3]), add(&[4])]), sum(), add(&[100])]);
    let middle = lab.client.apply(middle).await.unwrap();
    assert_eq!(lab.wait(&middle.id).await.result, Some(json!(111)));
    let failing = Signature::chain([lab.signature("conf.fail", vec![json!("early")]), add(&[1])]);
    let failing = lab.client.apply(failing).await.unwrap();
    assert_eq!(lab.wait(&failing.id).await.failure.unwrap().kind, "ConformanceError");
    worker.stop().await;
    lab.until_ready("rs", 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_bodies_may_be_long_but_not_too_long() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let long = "x".repeat(16 * 1024 * 1024 - 200);
    let id = lab.send("conf.length", vec![json!(long)]).await;
    assert_eq!(lab.wait(&id).await.result, Some(json!(long.len())));
    let big = "x".repeat(50 * 1024 * 1024);
    let refused = lab.client.message_named("conf.length", vec![json!(big)], serde_json::Map::new(), Options::new()).unwrap_err();
    assert!(refused.to_string().contains("more than the 16777216 allowed"), "{refused}");
    // From elsewhere it may come all the same.
    let message = lab.message("conf.length", vec![json!("")], Options::new());
    lab.client.send(&[message]).await.unwrap();
    worker.stop().await;
    let message = lab.message("conf.length", vec![json!("")], Options::new());
    lab.client.send(&[message]).await.unwrap();
    let (properties, _) = lab.get("rs").await;
    lab.put("rs", properties, format!(r#"[["{big}"], {{}}, {{}}]"#).as_bytes()).await;
    let worker = start(lab.worker());
    lab.until_ready("rs.poison", 1).await;
    lab.send("conf.note", vec![json!("fine")]).await;
    lab.log.until(1).await;
    worker.stop().await;
}

#[tokio::test]
async fn p7_a_full_queue_makes_its_sender_wait_or_fail() {
    let lab = Lab::new().await;
    let failing = lab.client.clone().bounded(3, Duration::ZERO);
    for n in 0..3 {
        failing.send(&[lab.message("conf.note", vec![json!(n)], Options::new())]).await.unwrap();
    }
    lab.until_ready("rs", 3).await;
    let refused = failing.send(&[lab.message("conf.note", vec![json!(3)], Options::new())]).await.unwrap_err();
    assert!(matches!(refused, Error::Full { limit: 3, .. }));
    let waiting = lab.client.clone().bounded(3, Duration::from_secs(20));
    let messages = [lab.message("conf.note", vec![json!(4)], Options::new())];
    let queue = lab.queue("rs");
    let (sent, purged) = tokio::join!(waiting.send(&messages), lab.client.purge(&queue));
    assert_eq!((sent.unwrap(), purged.unwrap()), (1, 3));
    lab.until_ready("rs", 1).await;
    let depth = lab.client.depth().await.unwrap();
    assert_eq!((depth.len(), depth[0].queue.as_str(), depth[0].ready), (1, queue.as_str(), 1));
    assert_eq!(lab.client.purge("zg-no-such-queue").await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p7_no_more_is_sent_ahead_than_the_worker_takes() {
    let lab = Lab::new().await;
    for n in 0..30 {
        lab.send("conf.wait", vec![json!(n.to_string())]).await;
    }
    let worker = start(lab.worker().concurrency(2).prefetch(3));
    lab.log.until(2).await;
    lab.until_ready("rs", 25).await;
    crate::lab::pass(Duration::from_millis(500)).await;
    assert_eq!(lab.ready("rs").await, 25);
    worker.kill();
}

#[tokio::test]
async fn p8_a_wrong_password_is_told_clearly_and_tried_again() {
    let lab = Lab::new().await;
    let wrong = lab.wire.url().replace("guest:guest@", "guest:se%2Fcret@");
    assert_ne!(wrong, lab.wire.url());
    let broker = RabbitBroker::new(&wrong).unwrap();
    let refused = broker.publish(&[lab.message("conf.note", vec![], Options::new())], Clock::system().now()).await.unwrap_err().to_string();
    assert!(refused.contains("the user `guest` or its password was refused") && refused.contains("guest:**@"), "{refused}");
    assert!(!refused.contains("cret") && !format!("{broker:?}").contains("cret"), "{refused}");
    // A worker goes on trying, and stops when it is told to.
    let worker = start(lab.worker_of(broker));
    crate::lab::pass(Duration::from_millis(1_500)).await;
    worker.stop().await;

    let nowhere = Client::new(Arc::new(RabbitBroker::new("amqp://127.0.0.1:1").unwrap()), Clock::system());
    let refused = nowhere.depth().await.unwrap_err().to_string();
    assert!(refused.starts_with("RabbitMQ at amqp://127.0.0.1:1 failed: "), "{refused}");
    let vhost = Client::new(Arc::new(RabbitBroker::new(&format!("{}/no-such", lab.wire.url())).unwrap()), Clock::system());
    assert!(vhost.depth().await.unwrap_err().to_string().contains("no-such"));
    let worker = celery::Worker::new(&nowhere, celery::Registry::<()>::new(), ());
    assert!(matches!(worker.run_until_idle().await, Err(Error::NotOffered { broker: "rabbitmq", .. })));
}
