//! What the consumer's side promises while nothing is lost.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use celery::{Message, Options, Outcome, Registry};
use serde_json::{Map, json};

use crate::lab::{Add, Fails, Flaky, Hard, Lab, Limited, Note, Panics, Quiet, Rejects, Soft, Wait, on_both, start, text, until};

on_both! {
    two_workers_run_500_tasks_once_each
    results_are_kept_unless_ignored
    retries_wait_longer_each_time_and_keep_the_id
    retries_end
    failures_keep_their_kind_and_causes
    a_panic_fails_the_task_and_the_worker_goes_on
    the_soft_limit_asks_and_the_hard_limit_ends
    a_messages_own_limit_goes_before_the_policys
    unknown_tasks_are_set_aside
    wrong_arguments_fail_with_the_field
    unreadable_messages_are_set_aside
    concurrency_is_bounded
    a_wake_up_starts_at_once
    rate_limits_space_the_starts
    a_worker_serves_only_its_queues
    two_tasks_of_one_name_are_refused
}

async fn two_workers_run_500_tasks_once_each(lab: Lab) {
    let messages: Vec<Message> = (0..500).map(|n| lab.client.message::<Note, _>(&text(n.to_string())).unwrap()).collect();
    let one = start(lab.worker().name("one").prefetch(7));
    let two = start(lab.worker().name("two").prefetch(50));
    for chunk in messages.chunks(20) {
        lab.client.send(chunk).await.unwrap();
    }
    lab.log.until(500).await;
    until(|| async { lab.client.depth().await.unwrap().is_empty() }).await;
    one.stop().await;
    two.stop().await;
    let lines = lab.log.lines();
    assert_eq!(lines.len(), 500);
    assert_eq!(lines.into_iter().collect::<BTreeSet<_>>().len(), 500);
    for message in &messages {
        let result = lab.result(message.id()).await;
        assert_eq!((result.state.as_str(), result.tries), ("done", 1));
    }
}

async fn results_are_kept_unless_ignored(lab: Lab) {
    let sum = lab.send::<Add>((40, 2)).await;
    let quiet = lab.send::<Quiet>(()).await;
    let by_name = lab.client.message_named("lab.add", vec![json!(1), json!(2)], Map::new(), Options::new()).unwrap();
    let by_name = lab.send_message(by_name).await;
    let ran = lab.worker().run_until_idle().await.unwrap();
    assert_eq!(ran.len(), 3);
    assert!(ran.iter().any(|ran| ran.outcome == Outcome::Done(Some(json!(7)))));
    assert_eq!(lab.result(&sum).await.result, Some(json!(42)));
    assert_eq!(lab.result(&by_name).await.result, Some(json!(3)));
    let quiet = lab.result(&quiet).await;
    assert_eq!((quiet.state.as_str(), quiet.result), ("done", None));
    assert_eq!(quiet.finished_at, Some(lab.now()));
}

async fn retries_wait_longer_each_time_and_keep_the_id(lab: Lab) {
    let id = lab.send::<Flaky>((2,)).await;
    let ran = lab.worker().run_until_idle().await.unwrap();
    assert!(matches!(&ran[0].outcome, Outcome::Retry { at, .. } if *at == lab.now() + Duration::from_secs(10)));
    let waiting = lab.result(&id).await;
    assert_eq!((waiting.state.as_str(), waiting.retries), ("pending", 1));
    assert_eq!(waiting.failure.unwrap().message, "line busy");

    lab.advance(Duration::from_millis(9_999));
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    lab.advance(Duration::from_millis(1));
    lab.worker().run_until_idle().await.unwrap();
    lab.advance(Duration::from_secs(19));
    assert_eq!(lab.worker().run_until_idle().await.unwrap(), []);
    lab.advance(Duration::from_secs(1));
    lab.worker().run_until_idle().await.unwrap();

    assert_eq!(lab.log.lines(), ["try 0", "try 1", "try 2"]);
    let done = lab.result(&id).await;
    assert_eq!((done.state.as_str(), done.result, done.failure, done.retries, done.tries), ("done", Some(json!(2)), None, 2, 3));
}

async fn retries_end(lab: Lab) {
    let id = lab.send::<Flaky>((100,)).await;
    for _ in 0..10 {
        lab.worker().run_until_idle().await.unwrap();
        lab.advance(Duration::from_mins(1));
    }
    assert_eq!(lab.log.lines(), ["try 0", "try 1", "try 2", "try 3"]);
    let failed = lab.result(&id).await;
    assert_eq!((failed.state.as_str(), failed.retries, failed.failure.unwrap().message.as_str()), ("failed", 3, "line busy"));
}

async fn failures_keep_their_kind_and_causes(lab: Lab) {
    let typed = lab.send::<Fails>(text("boom")).await;
    let rejected = lab.send::<Rejects>(()).await;
    lab.worker().run_until_idle().await.unwrap();
    let failure = lab.result(&typed).await.failure.unwrap();
    assert_eq!(
        (failure.kind.as_str(), failure.message.as_str(), failure.traceback.as_str()),
        ("ConformanceError", "boom", "ConformanceError: boom")
    );
    let rejected = lab.result(&rejected).await;
    assert_eq!((rejected.state.as_str(), rejected.failure.unwrap().message.as_str()), ("poison", "rejected by the task itself"));
}

async fn a_panic_fails_the_task_and_the_worker_goes_on(lab: Lab) {
    let id = lab.send::<Panics>(()).await;
    let worker = start(lab.worker().concurrency(1));
    lab.send::<Note>(text("after")).await;
    lab.log.until(1).await;
    lab.until_state(&id, "failed").await;
    worker.stop().await;
    let failure = lab.result(&id).await.failure.unwrap();
    assert_eq!((failure.kind.as_str(), failure.message.as_str()), ("Panic", "the roof\u{fffd} is on fire"));
}

async fn the_soft_limit_asks_and_the_hard_limit_ends(lab: Lab) {
    let soft = lab.send::<Soft>(()).await;
    let hard = lab.send::<Hard>(()).await;
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.result(&soft).await.result, Some(json!("ended when asked")));
    let hard = lab.result(&hard).await;
    let failure = hard.failure.unwrap();
    assert_eq!((hard.state.as_str(), failure.kind.as_str(), failure.message.as_str()), ("failed", "TimeLimitExceeded", "ended after 50ms"));
    assert!(lab.log.lines().is_empty());
}

async fn a_messages_own_limit_goes_before_the_policys(lab: Lab) {
    let mut message = lab.client.message::<Wait, _>(&text("x")).unwrap();
    message.headers.timelimit.hard = Some(Duration::from_millis(30));
    let id = lab.send_message(message).await;
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.result(&id).await.failure.unwrap().message, "ended after 30ms");
}

async fn unknown_tasks_are_set_aside(lab: Lab) {
    let message = lab.client.message_named("shop.gone", vec![], Map::new(), Options::new()).unwrap();
    let id = lab.send_message(message).await;
    lab.send::<Note>(text("after")).await;
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["after"]);
    let result = lab.result(&id).await;
    assert_eq!((result.state.as_str(), result.failure.unwrap().message.as_str()), ("poison", "this worker knows no task `shop.gone`"));
}

async fn wrong_arguments_fail_with_the_field(lab: Lab) {
    let Ok(serde_json::Value::Object(kwargs)) = serde_json::to_value(json!({"text": 5})) else { unreachable!("an object above") };
    let message = lab.client.message_named("lab.note", vec![], kwargs, Options::new()).unwrap();
    let id = lab.send_message(message).await;
    lab.send::<Note>(text("after")).await;
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["after"]);
    let result = lab.result(&id).await;
    assert_eq!(result.state.as_str(), "failed");
    let failure = result.failure.unwrap();
    assert_eq!(failure.kind, "TypeError");
    assert_eq!(failure.message, "the arguments do not fit: `text`: invalid type: integer `5`, expected a string");
}

async fn unreadable_messages_are_set_aside(lab: Lab) {
    let id = lab.send::<Note>(text("x")).await;
    lab.sql("UPDATE celery_task SET message = '{\"queue\": 1'").await;
    lab.send::<Note>(text("after")).await;
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.log.lines(), ["after"]);
    let result = lab.result(&id).await;
    assert_eq!(result.state.as_str(), "poison");
    assert!(result.failure.unwrap().message.starts_with("the message cannot be read: "));
}

async fn concurrency_is_bounded(lab: Lab) {
    for n in 0..10 {
        lab.send::<Wait>(text(n.to_string())).await;
    }
    let worker = start(lab.worker().concurrency(3).prefetch(2));
    lab.log.until(3).await;
    until(|| async { lab.client.depth().await.unwrap()[0].running == 5 }).await;
    assert_eq!(lab.log.lines().len(), 3);
    lab.log.gate.add_permits(10);
    lab.log.until(20).await;
    worker.stop().await;
}

async fn a_wake_up_starts_at_once(lab: Lab) {
    let worker = start(lab.worker().poll(Duration::from_hours(1)));
    lab.send::<Note>(text("first")).await;
    lab.log.until(1).await;
    lab.send::<Note>(text("second")).await;
    lab.log.until(2).await;
    worker.stop().await;
}

async fn rate_limits_space_the_starts(lab: Lab) {
    let lab = lab.in_real_time();
    for n in 0..16 {
        lab.send::<Limited>((n,)).await;
    }
    lab.send::<Note>(text("not held up")).await;
    let started = Instant::now();
    let worker = start(lab.worker());
    lab.log.until(2).await;
    assert!(lab.log.lines().contains(&"not held up".to_owned()));
    lab.log.until(17).await;
    let took = started.elapsed();
    worker.stop().await;
    assert_eq!(lab.log.lines().into_iter().collect::<BTreeSet<_>>().len(), 17);
    // 16 starts are 15 gaps of a tenth of a second.
    assert!(Duration::from_millis(1_450) <= took, "{took:?}");
}

async fn a_worker_serves_only_its_queues(lab: Lab) {
    let note = lab.send::<Note>(text("x")).await;
    let quiet = lab.send::<Quiet>(()).await;
    lab.worker().queues(["quiet"]).run_until_idle().await.unwrap();
    assert_eq!((lab.state(&note).await, lab.state(&quiet).await), ("pending", "done"));
    lab.worker().run_until_idle().await.unwrap();
    assert_eq!(lab.state(&note).await, "done");
}

async fn two_tasks_of_one_name_are_refused(_: Lab) {
    let mut registry = Registry::new();
    registry.add::<Note>().unwrap();
    let error = registry.add::<Note>().unwrap_err();
    assert_eq!(error.to_string(), "a task named `lab.note` is registered already");
}
