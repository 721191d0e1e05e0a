//! What holds when workers die, hang, or lose their database.

use std::time::Duration;

use celery::{Broker as _, Claim, Delivery, Outcome, Settlement};

use crate::lab::{Lab, Note, Wait, WaitEarly, on_both, on_postgres, start, text, until};

on_both! {
    a_lost_workers_task_is_redelivered_after_its_lease
    a_stale_worker_settles_nothing
    a_task_that_kills_its_workers_is_set_aside
    an_early_acknowledged_task_is_not_repeated
    a_lease_is_renewed_while_its_task_runs
    a_shutdown_lets_tasks_end_and_gives_back_the_rest
    after_the_grace_tasks_are_ended_and_given_back
    outcomes_are_written_before_the_worker_ends
}

const LEASE: Duration = Duration::from_mins(1);

/// A worker that fetches and is never heard of again.
async fn fetch_and_die(lab: &Lab) -> Delivery {
    let queues = ["celery".to_owned()];
    let claim = Claim { worker: "doomed", queues: &queues, max: 1, window: 1, now: lab.now(), lease: LEASE };
    lab.broker.claim(&claim).await.unwrap().remove(0)
}

async fn a_lost_workers_task_is_redelivered_after_its_lease(lab: Lab) {
    let id = lab.send::<Note>(text("x")).await;
    fetch_and_die(&lab).await;
    lab.advance(LEASE);
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    assert_eq!(lab.state(&id).await, "running");
    lab.advance(Duration::from_millis(1));
    assert_eq!(lab.worker().run_until_idle().await.unwrap().len(), 1);
    let result = lab.result(&id).await;
    assert_eq!((result.state.as_str(), result.tries, result.retries), ("done", 2, 0));
    assert_eq!(lab.log.lines(), ["x"]);
}

async fn a_stale_worker_settles_nothing(lab: Lab) {
    let id = lab.send::<Note>(text("x")).await;
    let stale = fetch_and_die(&lab).await.receipt;
    lab.advance(LEASE * 2);
    assert_eq!(lab.broker.sweep(lab.now(), LEASE, 5).await.unwrap().redelivered, 1);
    let current = fetch_and_die(&lab).await.receipt;

    let settle = |receipt, outcome| [Settlement::new(receipt, outcome)];
    for outcome in [Outcome::Done(None), Outcome::Poison("late".to_owned()), Outcome::Release(None)] {
        lab.broker.settle(&settle(stale, outcome), lab.now()).await.unwrap();
        assert_eq!(lab.state(&id).await, "running");
    }
    assert_eq!(lab.broker.acknowledge(&[stale]).await.unwrap(), [stale]);
    assert_eq!(lab.broker.extend(&[stale, current], lab.now(), LEASE).await.unwrap(), [stale]);
    lab.broker.settle(&settle(current, Outcome::Done(None)), lab.now()).await.unwrap();
    assert_eq!(lab.state(&id).await, "done");
}

async fn a_task_that_kills_its_workers_is_set_aside(lab: Lab) {
    let id = lab.send::<Note>(text("never")).await;
    for _ in 0..3 {
        fetch_and_die(&lab).await;
        lab.advance(LEASE * 2);
        lab.broker.sweep(lab.now(), LEASE, 3).await.unwrap();
    }
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    let result = lab.result(&id).await;
    assert_eq!(result.state.as_str(), "poison");
    assert_eq!(result.failure.unwrap().message, "set aside: its workers were lost 3 times while it ran");
    assert!(lab.log.lines().is_empty());
}

async fn an_early_acknowledged_task_is_not_repeated(lab: Lab) {
    let id = lab.send::<WaitEarly>(text("x")).await;
    let worker = start(lab.worker().grace(Duration::ZERO));
    lab.log.until(1).await;
    worker.stop().await;
    assert_eq!(lab.state(&id).await, "failed");

    let lost = lab.send::<WaitEarly>(text("y")).await;
    let receipt = fetch_and_die(&lab).await.receipt;
    assert_eq!(lab.broker.acknowledge(&[receipt]).await.unwrap(), []);
    lab.advance(LEASE * 2);
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    let result = lab.result(&lost).await;
    assert_eq!((result.state.as_str(), result.failure.unwrap().kind.as_str()), ("failed", "WorkerLostError"));
    assert_eq!(lab.log.lines(), ["x begins"]);
}

async fn a_lease_is_renewed_while_its_task_runs(lab: Lab) {
    let lab = lab.in_real_time();
    let lease = Duration::from_millis(400);
    let id = lab.send::<Wait>(text("x")).await;
    let one = start(lab.worker().lease(lease));
    let two = start(lab.worker().lease(lease));
    lab.log.until(1).await;
    let until_when = std::time::Instant::now() + lease * 4;
    until(|| async { until_when < std::time::Instant::now() }).await;
    lab.log.gate.add_permits(1);
    lab.until_state(&id, "done").await;
    one.stop().await;
    two.stop().await;
    assert_eq!(lab.log.lines(), ["x begins", "x ends"]);
    assert_eq!(lab.result(&id).await.tries, 1);
}

async fn a_shutdown_lets_tasks_end_and_gives_back_the_rest(lab: Lab) {
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(lab.send::<Wait>(text(name)).await);
    }
    let worker = start(lab.worker().concurrency(1).prefetch(10));
    lab.log.until(1).await;
    until(|| async { lab.client.depth().await.unwrap()[0].running == 4 }).await;
    worker.stop.cancel();
    until(|| async { lab.client.depth().await.unwrap()[0].ready == 3 }).await;
    lab.log.gate.add_permits(1);
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["a begins", "a ends"]);
    assert_eq!(lab.state(&ids[0]).await, "done");

    // What was given back comes in the old order, and was not counted as lost.
    lab.log.gate.add_permits(3);
    lab.worker().max_deliveries(1).run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines()[2..], ["b begins", "b ends", "c begins", "c ends", "d begins", "d ends"]);
}

async fn after_the_grace_tasks_are_ended_and_given_back(lab: Lab) {
    let id = lab.send::<Wait>(text("x")).await;
    let worker = start(lab.worker().grace(Duration::from_millis(50)));
    lab.log.until(1).await;
    worker.stop().await;
    assert_eq!(lab.state(&id).await, "pending");
    lab.log.gate.add_permits(1);
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["x begins", "x begins", "x ends"]);
}

async fn outcomes_are_written_before_the_worker_ends(lab: Lab) {
    for n in 0..100 {
        lab.send::<Note>(text(n.to_string())).await;
    }
    let worker = start(lab.worker().prefetch(200));
    lab.log.until(1).await;
    worker.stop().await;
    let ran = lab.log.lines().len();
    let depth = lab.client.depth().await.unwrap();
    let left = depth.first().map_or(0, |depth| depth.ready);
    assert_eq!(ran + usize::try_from(left).unwrap(), 100);
    assert!(depth.iter().all(|depth| depth.running == 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_outlives_its_connections() {
    on_postgres(|lab| async move {
        let worker = start(lab.worker());
        lab.send::<Note>(text("before")).await;
        lab.log.until(1).await;
        for n in 0..3 {
            // This statement ends its own connection too, so it has no answer.
            let others =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let _ = sea_orm::ConnectionTrait::execute_unprepared(&lab.db, others).await;
            until(|| async {
                let message = lab.client.message::<Note, _>(&text(format!("after {n}"))).unwrap();
                lab.client.send(&[message]).await.is_ok()
            })
            .await;
            lab.log.until(n + 2).await;
        }
        until(|| async { lab.client.depth().await.is_ok_and(|depth| depth.is_empty()) }).await;
        worker.stop().await;
    })
    .await;
}
