//! Links, chains, groups and chords on a database.

use celery::{Chord, ChordPart, DatabaseResults, Error, ResultBackend as _, Signature, State, TaskResult};
use serde_json::json;

use crate::lab::{Lab, on_both, start, until};

on_both! {
    p8_work_flows_end_with_their_results
    p8_what_waits_for_a_failure_is_told
    p8_many_workers_end_a_chord_once
    p8_a_part_that_is_told_again_is_counted_once
    p8_results_of_another_brokers_calls_are_kept
    p8_a_chord_without_results_is_refused
}

fn add(args: &[i64]) -> Signature {
    Signature::named("lab.add").args(args.iter().map(|number| json!(number)).collect())
}

fn sum() -> Signature {
    Signature::named("lab.sum")
}

fn keep() -> Signature {
    Signature::named("lab.keep")
}

async fn p8_work_flows_end_with_their_results(lab: Lab) {
    let chain = lab.client.apply(Signature::chain([add(&[1, 2]), add(&[3]), add(&[4]).link(keep())])).await.unwrap();
    let chord = lab.client.apply(Signature::chord((0..20).map(|n| add(&[n, 0])), sum())).await.unwrap();
    let middle = Signature::chain([add(&[1, 1]), Signature::group([add(&[3]), add(&[4])]), sum(), add(&[100])]);
    let middle = lab.client.apply(middle).await.unwrap();
    let header = [Signature::group([add(&[1, 0]), add(&[2, 0])]), Signature::chain([add(&[5, 5]), add(&[7])])];
    lab.client.apply(Signature::chord(header, keep())).await.unwrap();
    lab.worker().run_until_idle().await.unwrap();
    for (id, value) in [(chain.id, 10), (chord.id, 190), (middle.id, 111)] {
        assert_eq!(lab.result(&id).await.result, Some(json!(value)));
    }
    let mut lines = lab.log.lines();
    lines.sort_unstable();
    assert_eq!(lines, ["10", "[[1,2],17]"]);
    assert!(lab.client.depth().await.unwrap().is_empty());
}

async fn p8_what_waits_for_a_failure_is_told(lab: Lab) {
    let fails = || Signature::named("lab.fails").kwargs(json!({"text": "bad"}).as_object().unwrap().clone());
    let link = fails().link_error(keep()).link(keep());
    let failed = lab.client.apply(link).await.unwrap();
    let chord = lab.client.apply(Signature::chord([add(&[1, 1]), fails()], sum().link_error(keep()))).await.unwrap();
    let chain = lab.client.apply(Signature::chain([fails(), add(&[1]), add(&[2])])).await.unwrap();
    lab.worker().run_until_idle().await.unwrap();
    // Calls that were never sent have an end too.
    for (id, kind) in [(&chain.id, "ConformanceError"), (&chord.id, "ChordError")] {
        let ended = lab.result(id).await;
        assert_eq!((ended.state, ended.failure.unwrap().kind.as_str()), (State::Failed, kind));
    }
    let mut lines = lab.log.lines();
    let mut told = [json!(failed.id).to_string(), json!(chord.id).to_string()];
    lines.sort_unstable();
    told.sort_unstable();
    assert_eq!(lines, told);
}

async fn p8_many_workers_end_a_chord_once(lab: Lab) {
    let workers = [start(lab.worker().name("one")), start(lab.worker().name("two"))];
    for _ in 0..5 {
        lab.client.apply(Signature::chord((0..20).map(|n| add(&[n, 0])), keep())).await.unwrap();
    }
    lab.log.until(5).await;
    until(|| async { lab.client.depth().await.unwrap().is_empty() }).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(lab.log.lines().len(), 5);
}

async fn p8_a_part_that_is_told_again_is_counted_once(lab: Lab) {
    lab.broker.begin_chord("g", 2, None).await.unwrap();
    let (one, two) = (json!(1), json!(2));
    let part = |id, index, value| ChordPart { group: "g", id, index: Some(index), ended: Ok(value) };
    for _ in 0..2 {
        assert_eq!(lab.broker.end_part(&part("a", 0, &one)).await.unwrap(), Chord::Waiting);
    }
    let mut sender = String::new();
    for _ in 0..2 {
        let Chord::Ready { results, token } = lab.broker.end_part(&part("b", 1, &two)).await.unwrap() else { panic!("all are there") };
        assert_eq!(results, [json!(1), json!(2)]);
        sender = token;
    }
    assert_eq!(lab.broker.end_part(&part("a", 0, &one)).await.unwrap(), Chord::Waiting);
    lab.broker.chord_sent("g", &sender).await.unwrap();
    assert_eq!(lab.broker.end_part(&part("b", 1, &two)).await.unwrap(), Chord::Waiting);
    // A chord that nobody began is nobody's.
    let stranger = ChordPart { group: "none", id: "a", index: None, ended: Ok(&one) };
    assert_eq!(lab.broker.end_part(&stranger).await.unwrap(), Chord::Waiting);
}

async fn p8_results_of_another_brokers_calls_are_kept(lab: Lab) {
    let results = DatabaseResults::new(lab.db.clone(), lab.client.clock().clone()).unwrap();
    let mut done = TaskResult::new("7f1c", State::Done);
    done.result = Some(json!({"好": [1, null]}));
    done.finished_at = Some(lab.now());
    assert_eq!(results.get("7f1c").await.unwrap(), None);
    results.store(&[done.clone()]).await.unwrap();
    // A success is not overwritten by a lost worker's failure.
    results.store(&[TaskResult::new("7f1c", State::Failed)]).await.unwrap();
    assert_eq!(results.wait("7f1c", std::time::Duration::ZERO).await.unwrap(), Some(done));
    lab.advance(std::time::Duration::from_secs(10));
    assert_eq!(results.forget(std::time::Duration::from_secs(9)).await.unwrap(), 1);
}

async fn p8_a_chord_without_results_is_refused(lab: Lab) {
    let client = celery::Client::new(std::sync::Arc::new(lab.broker.clone()), lab.client.clock().clone());
    let refused = client.apply(Signature::chord([add(&[1, 1])], sum())).await.unwrap_err();
    assert!(matches!(refused, Error::NoResults));
    assert!(client.waiting().await.unwrap().is_empty());
}
