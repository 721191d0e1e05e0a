//! What the producer's side promises.

use std::time::Duration;

use celery::{Error, Message, Options};
use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait as _};
use serde_json::{Map, json};

use crate::lab::{Add, Lab, Note, Quiet, Text, on_both, text};

on_both! {
    a_rolled_back_transaction_leaves_nothing
    a_committed_transaction_runs_once
    an_id_is_queued_once
    many_go_in_few_statements
    eta_waits_for_the_clock
    an_eta_in_the_past_or_far_ahead_is_fine
    priority_then_age
    what_expired_never_runs
    what_is_revoked_or_purged_never_runs
    take_removes_what_waits_for_a_task
    the_row_holds_the_message_of_protocol_2
    depth_counts_by_queue
    finished_rows_are_forgotten_after_their_retention
    oversized_messages_and_bad_options_are_refused
}

fn immediate() -> TransactionOptions {
    TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() }
}

async fn a_rolled_back_transaction_leaves_nothing(lab: Lab) {
    let tx = lab.db.begin_with_options(immediate()).await.unwrap();
    let message = lab.client.message::<Note, _>(&text("never")).unwrap();
    assert!(lab.client.enqueue_in(&tx, &message).await.unwrap());
    tx.rollback().await.unwrap();

    assert_eq!(lab.client.waiting().await.unwrap(), []);
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    assert!(lab.log.lines().is_empty());
}

async fn a_committed_transaction_runs_once(lab: Lab) {
    let tx = lab.db.begin_with_options(immediate()).await.unwrap();
    let message = lab.client.message::<Note, _>(&text("once")).unwrap();
    assert!(lab.client.enqueue_in(&tx, &message).await.unwrap());
    tx.commit().await.unwrap();
    lab.client.wake();

    let ran = lab.worker().run_until_idle().await.unwrap();
    assert_eq!(
        ran.iter().map(|ran| (ran.task.as_str(), ran.id.as_str(), ran.is_done())).collect::<Vec<_>>(),
        [("lab.note", message.id(), true)]
    );
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    assert_eq!(lab.log.lines(), ["once"]);
}

async fn an_id_is_queued_once(lab: Lab) {
    let message = lab.client.message_with::<Note, _>(&text("one"), Options::new().id("order-7-mail")).unwrap();
    assert!(lab.client.enqueue_in(&lab.db, &message).await.unwrap());
    assert!(!lab.client.enqueue_in(&lab.db, &message).await.unwrap());
    lab.worker().run_until_idle().await.unwrap();
    assert!(!lab.client.enqueue_in(&lab.db, &message).await.unwrap());
    assert_eq!(lab.log.lines(), ["one"]);
}

async fn many_go_in_few_statements(lab: Lab) {
    let messages: Vec<Message> = (0..1_203).map(|n| lab.client.message::<Note, _>(&text(n.to_string())).unwrap()).collect();
    assert_eq!(lab.client.enqueue_all_in(&lab.db, &messages).await.unwrap(), 1_203);
    assert_eq!(lab.client.waiting().await.unwrap(), messages);
    assert_eq!(lab.client.enqueue_all_in(&lab.db, &messages[..3]).await.unwrap(), 0);
    assert_eq!(lab.client.enqueue_all_in(&lab.db, &[]).await.unwrap(), 0);
}

async fn eta_waits_for_the_clock(lab: Lab) {
    let later = |seconds| Options::new().countdown(Duration::from_secs(seconds));
    for (name, seconds) in [("ten", 10), ("five", 5)] {
        lab.send_message(lab.client.message_with::<Note, _>(&text(name), later(seconds)).unwrap()).await;
    }
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    lab.advance(Duration::from_millis(4_999));
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    lab.advance(Duration::from_millis(1));
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["five"]);
    lab.advance(Duration::from_secs(100));
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["five", "ten"]);
}

async fn an_eta_in_the_past_or_far_ahead_is_fine(lab: Lab) {
    let at = |at| Options::new().eta(at);
    lab.send_message(lab.client.message_with::<Note, _>(&text("past"), at("1999-01-01T00:00:00Z".parse().unwrap())).unwrap()).await;
    lab.send_message(lab.client.message_with::<Note, _>(&text("future"), at("2036-11-24T10:00:00.000001Z".parse().unwrap())).unwrap())
        .await;
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["past"]);
    lab.advance(Duration::from_hours(24 * 3_653));
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["past"]);
    lab.advance(Duration::from_micros(1));
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["past", "future"]);
}

async fn priority_then_age(lab: Lab) {
    for (name, priority) in [("a0", 0), ("b9", 9), ("c5", 5), ("d9", 9), ("e0", 0)] {
        lab.send_message(lab.client.message_with::<Note, _>(&text(name), Options::new().priority(priority)).unwrap()).await;
    }
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["b9", "d9", "c5", "a0", "e0"]);
}

async fn what_expired_never_runs(lab: Lab) {
    let in_a_minute = lab.now() + Duration::from_mins(1);
    let id = lab.send_message(lab.client.message_with::<Note, _>(&text("late"), Options::new().expires(in_a_minute)).unwrap()).await;
    lab.advance(Duration::from_mins(1));
    lab.worker().run_until_idle().await.unwrap();
    assert!(lab.log.lines().is_empty());
    assert_eq!(lab.state(&id).await, "revoked");
    assert_eq!(lab.result(&id).await.failure.unwrap().message, "expired before it could start");
}

async fn what_is_revoked_or_purged_never_runs(lab: Lab) {
    let one = lab.send::<Note>(text("one")).await;
    let two = lab.send::<Note>(text("two")).await;
    let other = lab.send::<Quiet>(()).await;
    assert!(lab.client.revoke(&one).await.unwrap());
    assert!(!lab.client.revoke(&one).await.unwrap());
    assert!(!lab.client.revoke("nobody").await.unwrap());
    assert_eq!(lab.client.purge("celery").await.unwrap(), 1);
    assert_eq!((lab.state(&one).await, lab.state(&two).await, lab.state(&other).await), ("revoked", "revoked", "pending"));
    assert_eq!(lab.worker().run_until_idle().await.unwrap().len(), 1);
    assert!(lab.log.lines().is_empty());
    assert!(!lab.client.revoke(&other).await.unwrap());
}

async fn take_removes_what_waits_for_a_task(lab: Lab) {
    lab.send::<Note>(text("one")).await;
    lab.send::<Add>((1, 2)).await;
    lab.send_message(lab.client.message_with::<Note, _>(&text("two"), Options::new().countdown(Duration::from_secs(9))).unwrap()).await;
    let taken = lab.client.take::<Note, _>().await.unwrap();
    assert_eq!(taken.iter().map(|message| message.args::<Text>().unwrap().text).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(lab.client.take::<Note, _>().await.unwrap(), []);
    assert_eq!(lab.client.waiting().await.unwrap().len(), 1);
}

async fn the_row_holds_the_message_of_protocol_2(lab: Lab) {
    let parent = lab.client.message_with::<Note, _>(&text("p"), Options::new().id("parent")).unwrap();
    let eta = lab.now() + Duration::from_secs(5);
    let message =
        lab.client.message_with::<Note, _>(&text("你好 \0 \"x\""), Options::new().id("child").eta(eta).child_of(&parent)).unwrap();
    lab.send_message(message.clone()).await;
    let stored = lab.client.waiting().await.unwrap().remove(0);
    assert_eq!(stored, message);
    let mut wire = serde_json::to_value(&stored).unwrap();
    let origin = wire["headers"]["origin"].take();
    assert!(origin.as_str().unwrap().starts_with("gen"));
    assert_eq!(
        wire,
        json!({
            "queue": "celery",
            "headers": {
                "lang": "rust", "task": "lab.note", "id": "child", "shadow": null, "eta": "2026-11-24T10:00:05.000000+00:00",
                "expires": null, "group": null, "group_index": null, "retries": 0, "timelimit": [null, null], "root_id": "parent",
                "parent_id": "parent", "argsrepr": "[]", "kwargsrepr": "{\"text\":\"你好 \\u0000 \\\"x\\\"\"}", "origin": null,
                "ignore_result": false,
            },
            "properties": {
                "correlation_id": "child", "reply_to": null, "delivery_mode": 2, "priority": 0,
                "content_type": "application/json", "content_encoding": "utf-8",
            },
            "body": [[], {"text": "你好 \0 \"x\""}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}],
        })
    );
}

async fn depth_counts_by_queue(lab: Lab) {
    lab.send::<Quiet>(()).await;
    for _ in 0..3 {
        lab.send::<Note>(text("x")).await;
    }
    lab.send_message(lab.client.message_with::<Note, _>(&text("y"), Options::new().countdown(Duration::from_secs(9))).unwrap()).await;
    let queues = ["celery".to_owned()];
    let claim = celery::Claim { worker: "w", queues: &queues, max: 1, window: 1, now: lab.now(), lease: Duration::from_secs(9) };
    celery::Broker::claim(&lab.broker, &claim).await.unwrap();
    let depth = lab.client.depth().await.unwrap();
    let seen: Vec<_> = depth.iter().map(|depth| (depth.queue.as_str(), depth.ready, depth.scheduled, depth.running)).collect();
    assert_eq!(seen, [("celery", 2, 1, 1), ("quiet", 1, 0, 0)]);
    assert_eq!(depth.iter().map(|depth| depth.oldest).collect::<Vec<_>>(), [Some(lab.now()), Some(lab.now())]);
}

async fn finished_rows_are_forgotten_after_their_retention(lab: Lab) {
    let old = lab.send::<Note>(text("old")).await;
    lab.worker().run_until_idle().await.unwrap();
    lab.advance(Duration::from_hours(24));
    let new = lab.send::<Note>(text("new")).await;
    lab.worker().run_until_idle().await.unwrap();
    let waiting = lab.send::<Note>(text("waiting")).await;
    lab.advance(Duration::from_hours(24 * 6));
    assert_eq!(lab.client.forget(Duration::from_hours(24 * 7)).await.unwrap(), 0);
    lab.advance(Duration::from_secs(1));
    assert_eq!(lab.client.forget(Duration::from_hours(24 * 7)).await.unwrap(), 1);
    assert!(celery::ResultBackend::get(&lab.broker, &old).await.unwrap().is_none());
    assert_eq!((lab.state(&new).await, lab.state(&waiting).await), ("done", "pending"));
}

async fn oversized_messages_and_bad_options_are_refused(lab: Lab) {
    let huge = lab.client.message::<Note, _>(&text("x".repeat(50_000_000)));
    assert!(matches!(huge, Err(Error::TooLarge { .. })));
    let priority = lab.client.message_with::<Note, _>(&text("x"), Options::new().priority(10));
    assert!(matches!(priority, Err(Error::Invalid { .. })));
    let queue = lab.client.message_with::<Note, _>(&text("x"), Options::new().queue(""));
    assert!(matches!(queue, Err(Error::Invalid { .. })));
    let nameless = lab.client.message_named("", vec![], Map::new(), Options::new());
    assert!(matches!(nameless, Err(Error::Invalid { .. })));
    assert_eq!(lab.client.waiting().await.unwrap(), []);
}
