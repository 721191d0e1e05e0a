//! Lost workers, lost connections.

use std::collections::BTreeMap;
use std::time::Duration;

use celery::{Broker as _, Claim, Clock, Options, RabbitBroker, Settlement};
use serde_json::json;

use crate::lab::{Lab, pass, start, until};

fn counts(lines: Vec<String>) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_killed_workers_tasks_are_run_by_another() {
    let lab = Lab::new().await;
    let doomed = start(lab.worker());
    for name in ["a", "b"] {
        lab.send("conf.wait", vec![json!(name)]).await;
    }
    lab.send("conf.wait_early", vec![json!("early")]).await;
    lab.log.until(3).await;
    doomed.kill();
    lab.until_ready("rs", 2).await;
    lab.log.gate.add_permits(10);
    let next = start(lab.worker());
    lab.log.until(7).await;
    next.stop().await;
    lab.until_ready("rs", 0).await;
    let counts = counts(lab.log.lines());
    let count = |line: &str| counts.get(line).copied().unwrap_or(0);
    assert_eq!(["a begins", "a ends", "b begins", "b ends", "early begins"].map(count), [2, 1, 2, 1, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_task_that_kills_its_workers_is_set_aside() {
    let lab = Lab::new().await;
    lab.send("conf.wait", vec![json!("deadly")]).await;
    for round in 1..=3 {
        let worker = start(lab.worker().max_deliveries(3));
        lab.log.until(round).await;
        worker.kill();
        lab.until_ready("rs", 1).await;
    }
    let last = start(lab.worker().max_deliveries(3));
    lab.until_ready("rs.poison", 1).await;
    last.stop().await;
    assert_eq!(lab.log.lines(), ["deadly begins"; 3]);
    assert_eq!(lab.ready("rs").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_warm_shutdown_ends_what_runs_and_gives_back_the_rest() {
    let lab = Lab::new().await;
    for n in 0..5 {
        lab.send("conf.wait", vec![json!(n.to_string())]).await;
    }
    // Two are with the worker, two with its broker, one still in the queue.
    let worker = start(lab.worker().concurrency(1).prefetch(3));
    lab.log.until(1).await;
    lab.until_ready("rs", 1).await;
    worker.stop.cancel();
    lab.until_ready("rs", 4).await;
    lab.log.gate.add_permits(1);
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["0 begins", "0 ends"]);
    assert_eq!(lab.ready("rs").await, 4);
    lab.log.gate.add_permits(10);
    let worker = start(lab.worker().concurrency(1));
    lab.log.until(10).await;
    worker.stop().await;
    let mut begun: Vec<String> = lab.log.lines().into_iter().filter(|line| line.ends_with("begins")).collect();
    begun.sort();
    assert_eq!(begun, ["0 begins", "1 begins", "2 begins", "3 begins", "4 begins"]);
    lab.until_ready("rs", 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_what_is_given_back_again_and_again_is_no_poison() {
    let lab = Lab::new().await;
    for n in 0..4 {
        lab.send("conf.wait", vec![json!(n.to_string())]).await;
    }
    // Each of these begins one task, and gives back three that it never began.
    for round in 1..=6_usize {
        let worker = start(lab.worker().concurrency(1).max_deliveries(3));
        lab.log.until(round * 2 - 1).await;
        worker.stop.cancel();
        lab.log.gate.add_permits(1);
        worker.stop().await;
        lab.log.until(round * 2).await;
        lab.send("conf.wait", vec![json!(format!("more {round}"))]).await;
    }
    assert_eq!(lab.ready("rs.poison").await, 0);
    assert_eq!(lab.ready("rs").await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_cut_connection_loses_nothing() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    lab.send("conf.wait", vec![json!("during")]).await;
    lab.log.until(1).await;
    lab.wire.hold();
    lab.until_ready("rs", 1).await;
    // It ends while RabbitMQ cannot be told, and has been given back: it runs once more.
    lab.log.gate.add_permits(2);
    lab.log.until(2).await;
    lab.wire.mend();
    lab.log.until(4).await;
    lab.send("conf.note", vec![json!("after")]).await;
    lab.log.until(5).await;
    worker.stop().await;
    lab.until_ready("rs", 0).await;
    assert_eq!(lab.log.lines(), ["during begins", "during ends", "during begins", "during ends", "\"after\""]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_under_many_cuts_late_ones_run_at_least_once_and_early_ones_at_most_once() {
    let lab = Lab::new().await;
    // The sender is cut as well: what it does not know to be sent, it sends again.
    let sender = RabbitBroker::new(&lab.wire.url()).unwrap();
    let brokers = [lab.wire.url(), lab.wire.url()].map(|url| RabbitBroker::new(&url).unwrap());
    let workers = brokers.clone().map(|broker| start(lab.worker_of(broker).max_deliveries(100)));
    let now = Clock::system().now();
    for n in 0..40 {
        let late: Vec<_> = (0..10).map(|m| lab.message("conf.note", vec![json!(n * 10 + m)], Options::new())).collect();
        // An early one that was sent twice would run twice; these go past the wire.
        let early: Vec<_> =
            (0..10).map(|m| lab.message("conf.early", vec![json!(format!("early {}", n * 10 + m))], Options::new())).collect();
        lab.client.send(&early).await.unwrap();
        until(|| async { sender.publish(&late, now).await.is_ok() }).await;
        if n % 4 == 3 {
            lab.wire.cut();
        }
    }
    let late = || async { counts(lab.log.lines()).iter().filter(|(line, _)| !line.contains("early")).count() == 400 };
    until(late).await;
    // Nothing in the queue, and nothing in hand.
    let queues = [lab.queue("rs")];
    until(|| async {
        let (one, two) = tokio::join!(brokers[0].depth(&queues, now), brokers[1].depth(&queues, now));
        one.is_ok_and(|depth| depth.is_empty()) && two.is_ok_and(|depth| depth.is_empty())
    })
    .await;
    for worker in workers {
        worker.stop().await;
    }
    lab.until_ready("rs", 0).await;
    let counts = counts(lab.log.lines());
    let twice: Vec<_> = counts.iter().filter(|(line, count)| line.contains("early") && 1 < **count).collect();
    assert_eq!(twice, Vec::<(&String, &u32)>::new());
    assert_eq!(lab.ready("rs.poison").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_what_was_delivered_before_a_cut_settles_nothing() {
    let lab = Lab::new().await;
    let broker = RabbitBroker::new(&lab.wire.url()).unwrap();
    lab.send("conf.note", vec![json!(1)]).await;
    let queues = [lab.queue("rs")];
    let claim = || Claim { worker: "w", queues: &queues, max: 10, window: 10, now: Clock::system().now(), lease: Duration::from_secs(1) };
    let mut first = Vec::new();
    until(|| {
        let broker = &broker;
        let claim = claim();
        async move { broker.claim(&claim).await.is_ok_and(|got| got.len() == 1) }
    })
    .await;
    lab.wire.cut();
    lab.until_ready("rs", 1).await;
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while first.is_empty() && std::time::Instant::now() < deadline {
        first = broker.claim(&claim()).await.unwrap_or_default();
        pass(Duration::from_millis(20)).await;
    }
    let receipt = first[0].receipt;
    assert!(first[0].redelivered);
    assert_eq!(broker.extend(&[receipt], Clock::system().now(), Duration::from_secs(1)).await.unwrap(), []);
    lab.wire.cut();
    until(|| async { broker.extend(&[receipt], Clock::system().now(), Duration::from_secs(1)).await.unwrap() == [receipt] }).await;
    assert_eq!(broker.acknowledge(&[receipt]).await.unwrap(), [receipt]);
    // Nor does it send what would follow: that is for the one who has it now.
    let then = vec![lab.message("conf.note", vec![json!(2)], Options::new())];
    let settlement = Settlement { then, ..Settlement::new(receipt, celery::Outcome::Done(None)) };
    broker.settle(std::slice::from_ref(&settlement), Clock::system().now()).await.unwrap();
    lab.until_ready("rs", 1).await;
    // What was acknowledged before it ran is nobody else's, and what follows it must not be lost.
    broker.settle(&[Settlement { acknowledged: true, ..settlement }], Clock::system().now()).await.unwrap();
    lab.until_ready("rs", 2).await;
    pass(Duration::from_millis(100)).await;
    assert_eq!(lab.ready("rs").await, 2);
}
