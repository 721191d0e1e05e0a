//! Events, as Python's receiver hears them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use celery::{Bus as _, Client, Clock, Options, RedisBroker, RedisBus, Signature};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::lab::{Lab, python, start, until};

/// Python's event receiver; ended with its owner.
struct Receiver {
    process: Child,
    heard: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    fn start(lab: &Lab) -> Self {
        let mut process = python(&lab.server, &["events.py"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (lines, log) = (BufReader::new(process.stdout.take().unwrap()), Arc::clone(&heard));
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                log.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { process, heard }
    }

    fn all(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }

    fn of(&self, kind: &str) -> Vec<Value> {
        self.all().into_iter().filter(|event| event["type"] == kind).collect()
    }

    async fn until(&self, kind: &str, number: usize) -> Vec<Value> {
        until(|| async { number <= self.of(kind).len() }).await;
        self.of(kind)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What an event has beside what all have.
fn fields(event: &Value) -> Vec<&str> {
    let common = ["hostname", "utcoffset", "pid", "clock", "timestamp", "type", "local_received"];
    let all = event.as_object().unwrap();
    assert!(common.iter().all(|name| all.contains_key(*name)), "{event}");
    let mut fields: Vec<&str> = all.keys().map(String::as_str).filter(|name| !common.contains(name)).collect();
    fields.sort_unstable();
    fields
}

fn kinds(events: &[Value], id: &str) -> Vec<String> {
    events.iter().filter(|event| event["uuid"] == id).map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_events_have_celerys_fields() {
    let lab = Lab::new().await;
    let receiver = Receiver::start(&lab);
    until(|| async { lab.server.cli(&["PUBSUB", "NUMPAT"]) == ["1"] }).await;
    let worker = start(lab.controlled("rs@test").concurrency(2).events(true));
    let online = receiver.until("worker-online", 1).await.remove(0);
    let beat = ["active", "freq", "loadavg", "processed", "sw_ident", "sw_sys", "sw_ver"];
    assert_eq!((fields(&online), &online["hostname"], &online["freq"]), (beat.to_vec(), &json!("rs@test"), &json!(2.0)));

    let broker = RedisBroker::new(&lab.server.url()).unwrap();
    let sender = Client::new(Arc::new(broker), Clock::system()).with_bus(lab.bus()).tell_sent();
    let mut ids = BTreeMap::new();
    for (name, args) in [
        ("conf.add", vec![json!(1), json!(2)]),
        ("conf.fail", vec![json!("不")]),
        ("conf.flaky", vec![json!(1)]),
        ("conf.rejects", vec![]),
        ("conf.nothing", vec![]),
        ("conf.wait", vec![json!("w")]),
    ] {
        let message = sender.message_named(name, args, serde_json::Map::new(), Options::new().queue("rs")).unwrap();
        ids.insert(name, message.id().to_owned());
        sender.send(&[message]).await.unwrap();
    }
    let late = sender.message_named("conf.add", vec![json!(1), json!(1)], serde_json::Map::new(), Options::new().queue("rs"));
    let mut late = late.unwrap();
    late.headers.expires = Some("2020-01-01T00:00:00Z".parse().unwrap());
    sender.send(std::slice::from_ref(&late)).await.unwrap();
    lab.log.until(3).await;
    lab.control().terminate([ids["conf.wait"].clone()]).await.unwrap();
    receiver.until("task-revoked", 2).await;
    receiver.until("task-succeeded", 2).await;
    receiver.until("task-failed", 2).await;
    let events = receiver.all();
    for (name, expected) in [
        ("conf.add", &["task-sent", "task-received", "task-started", "task-succeeded"][..]),
        ("conf.fail", &["task-sent", "task-received", "task-started", "task-failed"]),
        ("conf.flaky", &["task-sent", "task-received", "task-started", "task-retried", "task-received", "task-started", "task-succeeded"]),
        ("conf.rejects", &["task-sent", "task-received", "task-started", "task-rejected"]),
        ("conf.nothing", &["task-sent", "task-failed"]),
        ("conf.wait", &["task-sent", "task-received", "task-started", "task-revoked"]),
    ] {
        // Sender and worker are two; the order between them is nobody's.
        let mut seen = kinds(&events, &ids[name]);
        let sent = seen.iter().position(|kind| kind == "task-sent").unwrap();
        let first = seen.remove(sent);
        seen.insert(0, first);
        assert_eq!(seen, expected, "{name}");
    }
    let of = |kind: &str, id: &str| events.iter().find(|event| event["type"] == kind && event["uuid"] == id).cloned().unwrap();
    let call = ["args", "eta", "expires", "kwargs", "name", "parent_id", "retries", "root_id", "uuid"];
    let received = of("task-received", &ids["conf.add"]);
    assert_eq!((fields(&received), &received["name"], &received["args"]), (call.to_vec(), &json!("conf.add"), &json!("[1,2]")));
    let sent = of("task-sent", &ids["conf.add"]);
    let mut expected = [&call[..], &["exchange", "queue", "routing_key"]].concat();
    expected.sort_unstable();
    assert_eq!((fields(&sent), &sent["queue"], &sent["routing_key"]), (expected, &json!("rs"), &json!("rs")));
    assert!(sent["hostname"].as_str().unwrap().starts_with("gen"), "{sent}");
    assert_eq!(fields(&of("task-started", &ids["conf.add"])), ["uuid"]);
    let succeeded = of("task-succeeded", &ids["conf.add"]);
    assert_eq!((fields(&succeeded), &succeeded["result"]), (vec!["result", "runtime", "uuid"], &json!("3")));
    assert!((0.0..5.0).contains(&succeeded["runtime"].as_f64().unwrap()));
    let failed = of("task-failed", &ids["conf.fail"]);
    assert_eq!((fields(&failed), &failed["exception"]), (vec!["exception", "traceback", "uuid"], &json!("ConformanceError('不')")));
    assert_eq!(of("task-failed", &ids["conf.nothing"])["exception"], "NotRegistered('conf.nothing')");
    assert_eq!(fields(&of("task-retried", &ids["conf.flaky"])), ["exception", "traceback", "uuid"]);
    assert_eq!(of("task-rejected", &ids["conf.rejects"])["requeue"], json!(false));
    let revoked = of("task-revoked", &ids["conf.wait"]);
    assert_eq!(fields(&revoked), ["expired", "signum", "terminated", "uuid"]);
    assert_eq!((&revoked["terminated"], &revoked["signum"], &revoked["expired"]), (&json!(true), &json!(15), &json!(false)));
    let expired = of("task-revoked", late.id());
    assert_eq!((&expired["terminated"], &expired["signum"], &expired["expired"]), (&json!(false), &Value::Null, &json!(true)));

    let beats = receiver.until("worker-heartbeat", 2).await;
    assert_eq!((fields(&beats[0]), &beats[0]["sw_ident"]), (beat.to_vec(), &json!("rs-celery")));
    assert_eq!(beats.last().unwrap()["processed"], 6);
    worker.stop().await;
    assert_eq!(fields(&receiver.until("worker-offline", 1).await[0]), beat);
    // The worker's logical clock only goes forward.
    let clocks: Vec<u64> =
        receiver.all().iter().filter(|event| event["hostname"] == "rs@test").map(|event| event["clock"].as_u64().unwrap()).collect();
    assert!(clocks.windows(2).all(|pair| pair[0] < pair[1]), "{clocks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_task_events_come_only_while_they_are_wanted() {
    let lab = Lab::new().await;
    let receiver = Receiver::start(&lab);
    until(|| async { lab.server.cli(&["PUBSUB", "NUMPAT"]) == ["1"] }).await;
    let worker = start(lab.controlled("rs@test"));
    receiver.until("worker-online", 1).await;
    lab.until_heard(1).await;
    let unwanted = lab.send("conf.note", vec![json!(0)]).await;
    lab.wait(&unwanted).await;
    lab.control().enable_events().await.unwrap();
    for n in 0..500 {
        lab.send("conf.note", vec![json!(n)]).await;
    }
    // Many come in one message; none is lost.
    assert_eq!(receiver.until("task-succeeded", 500).await.len(), 500);
    assert_eq!((receiver.of("task-received").len(), receiver.of("task-started").len()), (500, 500));
    lab.control().disable_events().await.unwrap();
    let last = lab.send("conf.note", vec![json!(0)]).await;
    lab.wait(&last).await;
    worker.stop().await;
    receiver.until("worker-offline", 1).await;
    assert!(kinds(&receiver.all(), &unwanted).is_empty() && kinds(&receiver.all(), &last).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_a_worker_tells_what_it_sends_on() {
    let lab = Lab::new().await;
    let mut heard = lab.bus().events().await.unwrap();
    let broker = Arc::new(RedisBroker::new(&lab.server.url()).unwrap());
    let worker = start(lab.worker_by(Client::new(broker, Clock::system()).with_bus(lab.bus()).tell_sent()));
    let add = |args: Vec<Value>| Signature::named("conf.add").queue("rs").args(args);
    let chain = lab.client.apply(Signature::chain([add(vec![json!(1), json!(2)]), add(vec![json!(4)])])).await.unwrap();
    assert_eq!(lab.wait(&chain.id).await.result, Some(json!(7)));
    worker.stop().await;
    let mut sent = Vec::new();
    loop {
        let events = tokio::time::timeout(Duration::from_secs(20), heard.next()).await.unwrap().unwrap().into_events();
        sent.extend(events.iter().filter(|event| event["type"] == "task-sent").cloned());
        if events.iter().any(|event| event["type"] == "worker-offline") {
            break;
        }
    }
    // The first was sent by somebody who was not asked to tell.
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!((&sent[0]["uuid"], &sent[0]["parent_id"].is_string(), &sent[0]["queue"]), (&json!(chain.id), &true, &json!("rs")));
}

/// A user of Redis who may do everything, but not publish events.
fn silence(lab: &Lab) {
    lab.server.cli(&["ACL", "SETUSER", "w", "on", ">pw", "~*", "+@all", "resetchannels", "&celery-task-meta-*", "&/0.celery.pidbox"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_events_wait_while_they_cannot_be_sent_and_the_oldest_give_way() {
    let lab = Lab::new().await;
    let receiver = Receiver::start(&lab);
    until(|| async { lab.server.cli(&["PUBSUB", "NUMPAT"]) == ["1"] }).await;
    silence(&lab);
    let url = lab.server.url().replace("redis://", "redis://w:pw@");
    let client = Client::new(Arc::new(RedisBroker::new(&url).unwrap()), Clock::system()).with_bus(Arc::new(RedisBus::new(&url).unwrap()));
    let worker = start(lab.worker_by(client).name("rs@test").events(true));
    for n in 0..5 {
        let id = lab.send("conf.note", vec![json!(n)]).await;
        lab.wait(&id).await;
    }
    assert_eq!(receiver.all(), Vec::<Value>::new());
    lab.server.cli(&["ACL", "SETUSER", "w", "allchannels"]);
    assert_eq!(receiver.until("task-succeeded", 5).await.len(), 5);
    assert_eq!((receiver.of("task-received").len(), receiver.of("worker-online").len()), (5, 1));

    // 12,000 events: more than are kept.
    silence(&lab);
    let messages: Vec<_> = (0..4_000).map(|n| lab.message("conf.note", vec![json!(n)], Options::new())).collect();
    lab.client.send(&messages).await.unwrap();
    lab.log.until(4_005).await;
    lab.until_settled().await;
    lab.server.cli(&["ACL", "SETUSER", "w", "allchannels"]);
    let of_tasks = || receiver.all().iter().filter(|event| event.get("uuid").is_some()).count() - 15;
    // At most 10,000 wait, and 1,000 that were about to be sent; a few heartbeats are among them.
    until(|| async { 9_900 <= of_tasks() }).await;
    worker.stop().await;
    receiver.until("worker-offline", 1).await;
    assert!((9_900..=11_000).contains(&of_tasks()), "{}", of_tasks());
    let succeeded = receiver.of("task-succeeded");
    assert!(succeeded.len() < 4_005, "{}", succeeded.len());
}
