//! `Control` with workers in Rust and in Python; shutdown, patterns, lost connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use celery::{Bus as _, Clock, Control, Error, Matcher, Phase, RedisBus, ResultBackend as _, State, TaskResult};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::lab::{Lab, start, until};
use crate::python::PythonWorker;

fn names<T>(answers: &std::collections::BTreeMap<String, T>) -> Vec<&str> {
    answers.keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_control_asks_a_worker_in_python() {
    let lab = Lab::new().await;
    let _python = PythonWorker::start_with(&lab, &["--pool", "prefork", "-c", "1"]).await;
    let control = lab.control();
    let py = |answers: std::collections::BTreeMap<String, _>| answers.into_iter().next().unwrap().1;
    assert_eq!(control.ping().await.unwrap(), [("py@test".to_owned(), Ok("pong".to_owned()))].into());
    let sleeps = celery::Signature::named("py.sleep").queue("py").args(vec![json!(60)]);
    let id = lab.client.apply(sleeps).await.unwrap().id;
    until(|| async { py(control.active().await.unwrap()).is_ok_and(|calls: Vec<celery::Call>| calls.len() == 1) }).await;
    let call = py(control.active().await.unwrap()).unwrap().remove(0);
    assert_eq!((call.id.as_str(), call.name.as_str(), call.args, call.acknowledged), (id.as_str(), "py.sleep", json!([60]), true));
    let known = control.query_task([id.clone()]).await.unwrap().remove("py@test").unwrap().unwrap();
    assert_eq!(known[&id].0, Phase::Active);
    let stats = control.stats().await.unwrap().remove("py@test").unwrap().unwrap();
    assert_eq!((stats.pool.max_concurrency, stats.broker.unwrap().transport.as_deref()), (1, Some("redis")));
    assert_eq!(stats.total["py.sleep"], 1);
    let queues = control.active_queues().await.unwrap().remove("py@test").unwrap().unwrap();
    assert_eq!((queues.len(), queues[0].name.as_str()), (1, "py"));
    assert!(control.registered().await.unwrap()["py@test"].as_ref().unwrap().contains(&"py.add".to_owned()));
    assert!(control.conf().await.unwrap()["py@test"].as_ref().unwrap().contains_key("broker_url"));
    assert!(control.report().await.unwrap()["py@test"].as_ref().unwrap().contains("celery:5.7.0"));
    assert!(0 < *control.clock().await.unwrap()["py@test"].as_ref().unwrap());
    assert_eq!(control.scheduled().await.unwrap()["py@test"], Ok(vec![]));

    assert_eq!(control.rate_limit("py.add", "10/m").await.unwrap()["py@test"], Ok("new rate limit set successfully".to_owned()));
    assert_eq!(control.rate_limit("py.nothing", "10/m").await.unwrap()["py@test"], Err("unknown task".to_owned()));
    let limits = control.time_limit("py.add", Some(Duration::from_secs(1)), None).await.unwrap();
    assert_eq!(limits["py@test"], Ok("time limits set successfully".to_owned()));
    assert_eq!(control.pool_grow(1).await.unwrap()["py@test"], Ok("pool will grow".to_owned()));
    assert_eq!(control.add_consumer("more").await.unwrap()["py@test"], Ok("add consumer more".to_owned()));
    assert_eq!(control.enable_events().await.unwrap()["py@test"], Ok("task events enabled".to_owned()));
    assert_eq!(control.ask("nonsense", json!({})).await.unwrap()["py@test"], json!({"error": "KeyError('nonsense')"}));
    assert_eq!(control.terminate([id.clone()]).await.unwrap()["py@test"], Ok(format!("terminate: {id}")));
    assert_eq!(lab.wait(&id).await.state, State::Revoked);
    assert_eq!(control.revoked().await.unwrap()["py@test"], Ok(vec![id]));
    // Nothing of the asking is left behind.
    until(|| async { !lab.server.cli(&["KEYS", "*"]).iter().any(|key| key.contains("reply.celery.pidbox")) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_commands_are_for_those_they_name() {
    let lab = Lab::new().await;
    let workers = ["a@one", "b@one", "b@two"].map(|name| start(lab.controlled(name)));
    let control = lab.control();
    lab.until_heard(3).await;
    assert_eq!(names(&control.clone().to(["b@one", "a@one"]).ping().await.unwrap()), ["a@one", "b@one"]);
    assert_eq!(names(&control.clone().to(["b@two"]).active().await.unwrap()), ["b@two"]);
    assert!(control.clone().to(Vec::<String>::new()).ping().await.unwrap().is_empty());
    let short = control.clone().patience(Duration::from_millis(700));
    assert_eq!(names(&short.clone().matching("b@*", Matcher::Glob).ping().await.unwrap()), ["b@one", "b@two"]);
    assert_eq!(names(&short.clone().matching("[!b]@one", Matcher::Glob).ping().await.unwrap()), ["a@one"]);
    assert_eq!(names(&short.clone().matching(r"\w@one$", Matcher::Pcre).ping().await.unwrap()), ["a@one", "b@one"]);
    assert!(short.clone().matching("(", Matcher::Pcre).ping().await.unwrap().is_empty());
    assert!(short.clone().to(["nobody@x"]).ping().await.unwrap().is_empty());
    assert_eq!(short.limit(2).ping().await.unwrap().len(), 2);
    // All that heard it have answered: nobody waits for the ten seconds.
    let begun = Instant::now();
    assert_eq!(control.ping().await.unwrap().len(), 3);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    for worker in workers {
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_shutdown_over_control_is_warm() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(1));
    for name in ["runs", "waits"] {
        lab.send("conf.wait", vec![json!(name)]).await;
    }
    lab.log.until(1).await;
    until(|| async { lab.held() == 2 }).await;
    lab.control().to(["rs@test"]).shutdown().await.unwrap();
    // What waits is given back; what runs may end.
    until(|| async { lab.held() == 1 }).await;
    lab.log.gate.add_permits(1);
    worker.ended().await;
    assert_eq!(lab.log.lines(), ["runs begins", "runs ends"]);
    assert_eq!((lab.held(), lab.server.cli(&["LLEN", "rs"])), (0, vec!["1".to_owned()]));
    assert!(lab.control().patience(Duration::from_millis(300)).ping().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_worker_that_starts_learns_what_was_revoked() {
    let lab = Lab::new().await;
    let first = start(lab.controlled("one@test").queues(["other"]));
    lab.until_heard(1).await;
    let message = lab.message("conf.note", vec![json!("never")], celery::Options::new());
    lab.control().revoke([message.id()]).await.unwrap();
    lab.client.send(std::slice::from_ref(&message)).await.unwrap();
    // A Python worker that starts learns it as well.
    let second = start(lab.controlled("two@test"));
    let _python = PythonWorker::start_with(&lab, &["--pool", "solo"]).await;
    lab.until_settled().await;
    assert!(lab.log.lines().is_empty());
    let revoked = lab.control().revoked().await.unwrap();
    assert_eq!(names(&revoked), ["one@test", "py@test", "two@test"]);
    for ids in revoked.values() {
        assert_eq!(ids, &Ok(vec![message.id().to_owned()]));
    }
    first.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_remote_control_comes_back_after_a_restart_of_redis() {
    let mut lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test"));
    let control = lab.control().patience(Duration::from_secs(1));
    until(|| async { control.ping().await.is_ok_and(|nodes| nodes.len() == 1) }).await;
    lab.server.down();
    assert!(matches!(control.ping().await, Err(Error::Redis(_))));
    lab.server.up().await;
    until(|| async { control.ping().await.is_ok_and(|nodes| nodes.len() == 1) }).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_worker_starts_while_redis_is_away() {
    let mut lab = Lab::new().await;
    lab.server.down();
    let worker = start(lab.controlled("rs@test").events(true));
    lab.server.up().await;
    lab.until_heard(1).await;
    let mut heard = lab.bus().events().await.unwrap();
    let id = lab.send("conf.add", vec![json!(1), json!(2)]).await;
    assert_eq!(lab.wait(&id).await.result, Some(json!(3)));
    let told = async {
        loop {
            let events = heard.next().await.unwrap().into_events();
            if events.iter().any(|event| event["type"] == "task-succeeded" && event["uuid"] == id.as_str()) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.unwrap();
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_nonsense_on_the_channel_stops_nobody() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test"));
    lab.until_heard(1).await;
    for text in ["", "no json", "{}", r#"{"body": "e30=", "properties": {"body_encoding": "base64"}}"#, r#"{"body": "[]"}"#, "\u{fffd}"] {
        assert_eq!(lab.server.cli(&["PUBLISH", "/0.celery.pidbox", text]), ["1"]);
    }
    let control = lab.control();
    let asked = control.ask("rate_limit", json!({"task_name": 5})).await.unwrap();
    assert!(asked["rs@test"]["error"].as_str().unwrap().contains("'task_name' is missing"), "{asked:?}");
    for (method, arguments, word) in [
        ("nonsense", json!({}), "KeyError('nonsense')"),
        ("pool_grow", json!({"n": -1}), "no number of places"),
        ("add_consumer", json!({"queue": ""}), "'queue' is missing"),
        ("add_consumer", json!({"queue": "a\u{0}b"}), "control characters"),
        ("time_limit", json!({"task_name": "conf.add", "hard": "soon"}), "number of seconds"),
        ("revoke_by_stamped_headers", json!({"headers": {"a": ["b"]}}), "stamped headers are not read here"),
    ] {
        let asked = control.ask(method, arguments).await.unwrap();
        assert!(asked["rs@test"]["error"].as_str().unwrap().contains(word), "{method}: {asked:?}");
    }
    assert_eq!(control.ask("revoke", json!({"task_id": null})).await.unwrap()["rs@test"], json!({"ok": "tasks set() flagged as revoked"}));
    assert_eq!(control.ask("hello", json!({"from_node": "rs@test"})).await.unwrap()["rs@test"], Value::Null);
    assert_eq!(control.ping().await.unwrap().len(), 1);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_terminated_task_runs_once_and_no_more() {
    let lab = Lab::new().await;
    let lease = Duration::from_millis(300);
    let (one, two) = (start(lab.controlled("one@test").lease(lease)), start(lab.controlled("two@test").lease(lease)));
    let ids = [lab.send("conf.wait", vec![json!("late")]).await, lab.send("conf.wait_early", vec![json!("early")]).await];
    lab.log.until(2).await;
    lab.until_heard(2).await;
    let said = lab.control().terminate(ids.clone()).await.unwrap();
    let words: String = said.values().map(|said| said.clone().unwrap()).collect();
    assert!(ids.iter().all(|id| words.contains(id.as_str())), "{words}");
    for id in &ids {
        // In which words depends on who was first: the worker that does not have it marks it, too.
        assert_eq!(lab.wait(id).await.state, State::Revoked);
    }
    lab.until_settled().await;
    // Long enough for a lease to run out, were it still there.
    let end = Instant::now() + lease * 5;
    until(|| async { end < Instant::now() }).await;
    let mut lines = lab.log.lines();
    lines.sort_unstable();
    assert_eq!(lines, ["early begins", "late begins"]);
    let stats = lab.control().stats().await.unwrap();
    let started: u64 = stats.values().map(|stats| stats.as_ref().unwrap().total.values().sum::<u64>()).sum();
    assert_eq!((started, lab.server.cli(&["LLEN", "rs"])), (2, vec!["0".to_owned()]));
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn p8_that_a_call_was_revoked_overwrites_no_other_end() {
    let lab = Lab::new().await;
    let result = |state| TaskResult { finished_at: Some(Clock::system().now()), ..TaskResult::new("id", state) };
    for (before, after, kept) in [
        (State::Running, State::Revoked, State::Revoked),
        (State::Failed, State::Revoked, State::Failed),
        (State::Revoked, State::Done, State::Done),
        (State::Failed, State::Done, State::Done),
        (State::Done, State::Revoked, State::Done),
        (State::Done, State::Failed, State::Done),
    ] {
        lab.server.cli(&["DEL", "celery-task-meta-id"]);
        lab.results.store(&[result(before)]).await.unwrap();
        lab.results.store(&[result(after)]).await.unwrap();
        assert_eq!(lab.results.get("id").await.unwrap().unwrap().state, kept, "{before:?}, {after:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_blocking_task_is_told_to_end() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(2));
    let id = lab.send("conf.blocks", vec![json!("thread")]).await;
    lab.log.until(1).await;
    // It holds a thread, and nobody else.
    let add = lab.send("conf.add", vec![json!(1), json!(2)]).await;
    assert_eq!(lab.wait(&add).await.result, Some(json!(3)));
    lab.control().terminate([id.clone()]).await.unwrap();
    let ended = lab.wait(&id).await;
    assert_eq!((ended.state, ended.result), (State::Done, Some(json!("told"))));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_started_task_is_marked_if_its_policy_asks() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test"));
    let tracked = lab.send("conf.tracked", vec![json!("tracked")]).await;
    let plain = lab.send("conf.wait", vec![json!("plain")]).await;
    lab.log.until(2).await;
    let meta: Value = serde_json::from_str(&lab.server.cli(&["GET", &format!("celery-task-meta-{tracked}")])[0]).unwrap();
    assert_eq!((&meta["status"], &meta["result"]["hostname"]), (&json!("STARTED"), &json!("rs@test")));
    assert_eq!(lab.server.cli(&["EXISTS", &format!("celery-task-meta-{plain}")]), ["0"]);
    lab.log.gate.add_permits(2);
    assert_eq!(lab.wait(&tracked).await.state, State::Done);
    worker.stop().await;
}

#[tokio::test]
async fn p8_a_bus_tells_how_many_heard() {
    let lab = Lab::new().await;
    let bus = RedisBus::new(&lab.server.url()).unwrap();
    let command = celery::Command::new("ping", serde_json::Map::new());
    assert_eq!(bus.broadcast(&command).await.unwrap(), Some(0));
    let mut heard = bus.commands("a").await.unwrap();
    assert_eq!(bus.broadcast(&command).await.unwrap(), Some(1));
    assert_eq!(heard.next().await.unwrap().method, "ping");
    let silent = Control::new(Arc::new(bus)).patience(Duration::from_millis(100));
    assert!(silent.ping().await.unwrap().is_empty());
}
