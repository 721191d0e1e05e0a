//! Chains, groups and chords among Rust workers.

use celery::{Chord, ChordPart, ResultBackend as _, Signature, State};
use serde_json::{Value, json};

use crate::lab::{Lab, start};

fn add(args: &[i64]) -> Signature {
    Signature::named("conf.add").queue("rs").args(args.iter().map(|number| json!(number)).collect())
}

fn sum() -> Signature {
    Signature::named("conf.tsum").queue("rs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_chains_groups_and_chords_end_with_their_results() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let chain = lab.client.apply(Signature::chain([add(&[1, 2]), add(&[3]), add(&[4])])).await.unwrap();
    assert_eq!(lab.wait(&chain.id).await.result, Some(json!(10)));

    let group = lab.client.apply(Signature::group((0..10).map(|n| add(&[n, n])))).await.unwrap();
    assert!(group.group);
    for (n, id) in (0..).zip(&group.children) {
        assert_eq!(lab.wait(id).await.result, Some(json!(n * 2)));
    }

    let chord = lab.client.apply(Signature::chord((0..50).map(|n| add(&[n, 0])), sum())).await.unwrap();
    assert_eq!(lab.wait(&chord.id).await.result, Some(json!(1_225)));

    // A group in a chain, a chord in a chord, and a chain in a header.
    let middle = Signature::chain([add(&[1, 1]), Signature::group([add(&[3]), add(&[4])]), sum(), add(&[100])]);
    let middle = lab.client.apply(middle).await.unwrap();
    assert_eq!(lab.wait(&middle.id).await.result, Some(json!(111)));
    let header = [Signature::chord([add(&[1, 1]), add(&[2, 2])], sum()), Signature::chain([add(&[5, 5]), add(&[7])]), add(&[1, 0])];
    let nested = lab.client.apply(Signature::chord(header, sum())).await.unwrap();
    assert_eq!(lab.wait(&nested.id).await.result, Some(json!(24)));
    lab.until_settled().await;
    assert_eq!(lab.server.cli(&["KEYS", "celery-taskset-meta-*.j"]), Vec::<String>::new());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_links_follow_success_and_failure() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let note = || Signature::named("conf.note").queue("rs");
    let fails = Signature::named("conf.fail").queue("rs").args(vec![json!("x")]);
    let done =
        lab.client.apply(add(&[1, 2]).link(note()).link(note().immutable().args(vec![json!("fixed")])).link_error(note())).await.unwrap();
    lab.log.until(2).await;
    let failed = lab.client.apply(fails.link(note()).link_error(note())).await.unwrap();
    lab.log.until(3).await;
    lab.until_settled().await;
    let mut lines = lab.log.lines();
    lines[..2].sort_unstable();
    assert_eq!(lines, ["\"fixed\"".to_owned(), "3".to_owned(), json!(failed.id).to_string()]);
    assert_eq!(lab.wait(&done.id).await.children.len(), 2);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_what_waits_for_a_failure_is_told() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let fails = || Signature::named("conf.fail").queue("rs").args(vec![json!("bad")]);
    let note = Signature::named("conf.note").queue("rs");
    let chain = lab.client.apply(Signature::chain([fails(), add(&[1]), add(&[2])])).await.unwrap();
    let ended = lab.wait(&chain.id).await;
    assert_eq!((ended.state, ended.failure.unwrap().kind.as_str()), (State::Failed, "ConformanceError"));

    let chord = lab.client.apply(Signature::chord([add(&[1, 1]), fails()], sum().link_error(note))).await.unwrap();
    let ended = lab.wait(&chord.id).await;
    let failure = ended.failure.unwrap();
    assert_eq!(failure.kind, "ChordError");
    assert!(failure.message.contains("raised ConformanceError('bad')"), "{}", failure.message);
    lab.log.until(1).await;
    assert_eq!(lab.log.lines(), [json!(chord.id).to_string()]);

    // A header whose chain breaks: nobody waits for ever.
    let broken = Signature::chord([Signature::chain([fails(), add(&[1])]), add(&[1, 1])], sum());
    let broken = lab.client.apply(broken).await.unwrap();
    assert_eq!(lab.wait(&broken.id).await.state, State::Failed);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_results_of_nested_headers_keep_their_shape() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let header = [Signature::group([add(&[1, 0]), add(&[2, 0])]), add(&[3, 0])];
    let body = Signature::named("conf.note").queue("rs");
    lab.client.apply(Signature::chord(header, body)).await.unwrap();
    lab.log.until(1).await;
    assert_eq!(serde_json::from_str::<Value>(&lab.log.lines()[0]).unwrap(), json!([[1, 2], 3]));
    worker.stop().await;
}

#[tokio::test]
async fn p8_the_last_part_sends_the_body_however_often_it_is_told() {
    let lab = Lab::new().await;
    lab.results.begin_chord("g", 2, None).await.unwrap();
    let (one, two) = (json!(1), json!(2));
    let part = |id, index, value| ChordPart { group: "g", id, index: Some(index), ended: Ok(value) };
    assert_eq!(lab.results.end_part(&part("a", 0, &one)).await.unwrap(), Chord::Waiting);
    assert_eq!(lab.results.end_part(&part("a", 0, &one)).await.unwrap(), Chord::Waiting);
    let Chord::Ready { results, token } = lab.results.end_part(&part("b", 1, &two)).await.unwrap() else { panic!("all are there") };
    assert_eq!(results, [json!(1), json!(2)]);
    // Its answer was lost: it asks again. Another one does not send the body a second time.
    assert!(matches!(lab.results.end_part(&part("b", 1, &two)).await.unwrap(), Chord::Ready { .. }));
    assert_eq!(lab.results.end_part(&part("a", 0, &one)).await.unwrap(), Chord::Waiting);
    lab.results.chord_sent("g", &token).await.unwrap();
    assert_eq!(lab.results.end_part(&part("b", 1, &two)).await.unwrap(), Chord::Waiting);
}
