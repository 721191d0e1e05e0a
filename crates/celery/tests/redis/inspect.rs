//! `celery inspect` and `celery control` of Python's Celery, as they are typed, with a worker in Rust.

use std::process::Stdio;
use std::time::{Duration, Instant};

use celery::{Options, State};
use serde_json::{Value, json};

use crate::lab::{Lab, python, start, until};

/// What the command prints as JSON; the worker's answer alone.
async fn celery(lab: &Lab, args: &[&str]) -> Value {
    let url = lab.server.url();
    let (kind, rest) = args.split_first().unwrap();
    let all = [&["-m", "celery", "-b", &url, "--result-backend", &url, kind, "-j", "-t", "10", "-d", "rs@test"], rest].concat();
    let mut command = python(&lab.server, &all);
    let said = tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output().unwrap()).await.unwrap();
    assert!(said.status.success(), "{args:?}: {}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout).unwrap();
    let said: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    let by_node = if said.is_array() { &said[0] } else { &said };
    by_node["rs@test"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_celery_inspect_sees_what_a_worker_holds() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(1).prefetch(4));
    lab.until_heard(1).await;
    let active = lab.send("conf.wait", vec![json!("one")]).await;
    lab.log.until(1).await;
    let reserved = lab.send_with("conf.wait", vec![json!("two")], Options::new().priority(3)).await;
    let later = lab.send_with("conf.note", vec![json!({"k": [1]})], Options::new().countdown(Duration::from_hours(1))).await;
    until(|| async { lab.held() == 3 }).await;

    assert_eq!(celery(&lab, &["inspect", "ping"]).await, json!({"ok": "pong"}));
    let seen = celery(&lab, &["inspect", "active"]).await;
    assert_eq!(seen.as_array().unwrap().len(), 1);
    let begun = seen[0]["time_start"].as_f64().unwrap();
    let expected = json!({
        "id": active, "name": "conf.wait", "args": ["one"], "kwargs": {}, "type": "conf.wait", "hostname": "rs@test",
        "time_start": begun, "acknowledged": false, "worker_pid": std::process::id(),
        "delivery_info": {"exchange": "", "routing_key": "rs", "priority": 0, "redelivered": false},
    });
    assert_eq!(seen[0], expected);
    let seen = celery(&lab, &["inspect", "reserved"]).await;
    assert_eq!(seen.as_array().unwrap().len(), 1);
    assert_eq!((&seen[0]["id"], &seen[0]["time_start"], &seen[0]["worker_pid"]), (&json!(reserved), &Value::Null, &Value::Null));
    assert_eq!(seen[0]["delivery_info"]["priority"], 3);
    let seen = celery(&lab, &["inspect", "scheduled"]).await;
    assert_eq!(seen.as_array().unwrap().len(), 1);
    assert_eq!((&seen[0]["request"]["id"], &seen[0]["request"]["args"]), (&json!(later), &json!([{"k": [1]}])));
    assert!(seen[0]["eta"].as_str().unwrap().ends_with("+00:00"));
    let seen = celery(&lab, &["inspect", "query_task", &active, &reserved, &later, "nobody"]).await;
    let phases = [&active, &reserved, &later].map(|id| seen[id][0].as_str().unwrap().to_owned());
    assert_eq!((phases, seen.as_object().unwrap().len()), (["active", "reserved", "scheduled"].map(str::to_owned), 3));
    assert_eq!(seen[&active][1], expected);

    lab.log.gate.add_permits(2);
    until(|| async { lab.held() == 1 }).await;
    let stats = celery(&lab, &["inspect", "stats"]).await;
    assert_eq!(stats["total"], json!({"conf.wait": 2}));
    assert_eq!(
        (&stats["pid"], &stats["pool"]["max-concurrency"], &stats["prefetch_count"]),
        (&json!(std::process::id()), &json!(1), &json!(5))
    );
    assert_eq!((&stats["broker"]["transport"], &stats["broker"]["hostname"]), (&json!("redis"), &json!("127.0.0.1")));
    assert!(0 < stats["rusage"]["maxrss"].as_u64().unwrap());
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_celery_inspect_sees_what_a_worker_is() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(3));
    lab.until_heard(1).await;
    let registered = celery(&lab, &["inspect", "registered"]).await;
    let registered: Vec<&str> = registered.as_array().unwrap().iter().map(|task| task.as_str().unwrap()).collect();
    assert!(registered.contains(&"conf.add") && registered.contains(&"conf.limited [rate_limit=20/s]"), "{registered:?}");
    let with = celery(&lab, &["inspect", "registered", "max_retries", "acks_late", "nothing"]).await;
    assert!(with.as_array().unwrap().contains(&json!("conf.flaky [max_retries=5 acks_late=True]")), "{with}");
    let queues = celery(&lab, &["inspect", "active_queues"]).await;
    assert_eq!(queues.as_array().unwrap().len(), 1);
    // As Python's worker describes a queue of its own.
    let fields = [
        "name",
        "exchange",
        "routing_key",
        "queue_arguments",
        "binding_arguments",
        "consumer_arguments",
        "durable",
        "exclusive",
        "auto_delete",
        "no_ack",
        "alias",
        "bindings",
        "no_declare",
        "expires",
        "message_ttl",
        "max_length",
        "max_length_bytes",
        "max_priority",
    ];
    let mut seen: Vec<&str> = queues[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut fields = fields.to_vec();
    seen.sort_unstable();
    fields.sort_unstable();
    assert_eq!((seen, &queues[0]["exchange"]["type"], &queues[0]["name"]), (fields, &json!("direct"), &json!("rs")));
    let conf = celery(&lab, &["inspect", "conf"]).await;
    assert_eq!((&conf["worker_concurrency"], &conf["broker_url"]), (&json!(3), &json!(lab.server.url())));
    let report = celery(&lab, &["inspect", "report"]).await;
    assert!(report["ok"].as_str().unwrap().contains("transport:redis"), "{report}");
    let first = celery(&lab, &["inspect", "clock"]).await["clock"].as_u64().unwrap();
    assert!(first < celery(&lab, &["inspect", "clock"]).await["clock"].as_u64().unwrap());
    assert_eq!(celery(&lab, &["inspect", "revoked"]).await, json!([]));
    let refused = celery(&lab, &["inspect", "memsample"]).await;
    assert!(refused["error"].as_str().unwrap().contains("looks into Python"), "{refused}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_celery_control_changes_limits_while_tasks_wait() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(4));
    lab.until_heard(1).await;
    let ok = |said: &str| json!({"ok": said});
    // One an hour: the second waits, until the limit is lifted.
    assert_eq!(celery(&lab, &["control", "rate_limit", "conf.limited", "1/h"]).await, ok("new rate limit set successfully"));
    for n in 0..3 {
        lab.send("conf.limited", vec![json!(n)]).await;
    }
    lab.log.until(1).await;
    let registered = celery(&lab, &["inspect", "registered"]).await;
    assert!(registered.as_array().unwrap().contains(&json!("conf.limited [rate_limit=1/h]")), "{registered}");
    assert_eq!(lab.log.lines().len(), 1);
    assert_eq!(celery(&lab, &["control", "rate_limit", "conf.limited", "0"]).await, ok("rate limit disabled successfully"));
    lab.log.until(3).await;
    assert_eq!(celery(&lab, &["control", "rate_limit", "conf.nothing", "1/s"]).await, json!({"error": "unknown task"}));
    // Set while they wait for their turn: the limit holds for them too, and keeps nobody else waiting.
    for n in 0..4 {
        lab.send("conf.wait", vec![json!(n.to_string())]).await;
    }
    lab.log.until(7).await;
    for n in 4..7 {
        lab.send("conf.limited", vec![json!(n)]).await;
    }
    until(|| async { lab.held() == 7 }).await;
    celery(&lab, &["control", "rate_limit", "conf.limited", "1/h"]).await;
    lab.log.gate.add_permits(4);
    lab.log.until(12).await;
    let sums = [lab.send("conf.add", vec![json!(1), json!(2)]).await, lab.send("conf.add", vec![json!(1), json!(2)]).await];
    for sum in &sums {
        lab.wait(sum).await;
    }
    assert_eq!(lab.log.lines().len(), 12);
    celery(&lab, &["control", "rate_limit", "conf.limited", ""]).await;
    lab.log.until(14).await;
    let refused = celery(&lab, &["control", "rate_limit", "conf.add", "fast"]).await;
    assert!(refused["error"].as_str().unwrap().starts_with("Invalid rate limit string"), "{refused}");

    assert_eq!(celery(&lab, &["control", "time_limit", "conf.wait", "10", "0.2"]).await, ok("time limits set successfully"));
    let begun = Instant::now();
    let ended = lab.send("conf.wait", vec![json!("limited")]).await;
    let failure = lab.wait(&ended).await.failure.unwrap();
    assert_eq!((failure.kind.as_str(), failure.message.as_str()), ("TimeLimitExceeded", "ended after 200ms"));
    assert!(Duration::from_millis(200) <= begun.elapsed());
    let refused = celery(&lab, &["control", "time_limit", "conf.blocks", "1", "2"]).await;
    assert!(refused["error"].as_str().unwrap().contains("a blocking task cannot be ended"), "{refused}");
    assert_eq!(celery(&lab, &["control", "time_limit", "conf.nothing", "1"]).await, json!({"error": "unknown task"}));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_celery_control_changes_pool_and_queues() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(1).prefetch(8));
    lab.until_heard(1).await;
    for n in 0..4 {
        lab.send("conf.wait", vec![json!(n.to_string())]).await;
    }
    lab.log.until(1).await;
    until(|| async { lab.held() == 4 }).await;
    assert_eq!(celery(&lab, &["control", "pool_grow", "2"]).await, json!({"ok": "pool will grow"}));
    lab.log.until(3).await;
    assert_eq!(celery(&lab, &["inspect", "stats"]).await["pool"]["max-concurrency"], 3);
    // Far more than there are: one stays. What runs goes on.
    assert_eq!(celery(&lab, &["control", "pool_shrink", "50"]).await, json!({"ok": "pool will shrink"}));
    let stats = celery(&lab, &["inspect", "stats"]).await;
    assert_eq!((&stats["pool"]["max-concurrency"], &stats["prefetch_count"]), (&json!(1), &json!(9)));
    assert_eq!(celery(&lab, &["inspect", "active"]).await.as_array().unwrap().len(), 3);
    lab.log.gate.add_permits(2);
    lab.log.until(5).await;
    // Two have ended, one runs: the fourth does not begin.
    assert_eq!(celery(&lab, &["inspect", "active"]).await.as_array().unwrap().len(), 1);
    assert_eq!(lab.log.lines().iter().filter(|line| line.ends_with("begins")).count(), 3);
    lab.log.gate.add_permits(2);
    lab.log.until(8).await;

    assert_eq!(celery(&lab, &["control", "add_consumer", "more"]).await, json!({"ok": "add consumer more"}));
    let message = lab.client.message_named("conf.note", vec![json!("more")], serde_json::Map::new(), Options::new().queue("more")).unwrap();
    lab.client.send(&[message]).await.unwrap();
    lab.log.until(9).await;
    assert_eq!(celery(&lab, &["inspect", "active_queues"]).await.as_array().unwrap().len(), 2);
    assert_eq!(celery(&lab, &["control", "cancel_consumer", "more"]).await, json!({"ok": "no longer consuming from more"}));
    let message = lab.client.message_named("conf.note", vec![json!("late")], serde_json::Map::new(), Options::new().queue("more")).unwrap();
    lab.client.send(&[message]).await.unwrap();
    let id = lab.send("conf.note", vec![json!("still here")]).await;
    lab.wait(&id).await;
    assert_eq!(lab.server.cli(&["LLEN", "more"]), ["1"]);

    for (command, reason) in [("autoscale", "pool_grow"), ("pool_restart", "no pool of processes")] {
        let refused = celery(&lab, &["control", command]).await;
        assert!(refused["error"].as_str().unwrap().contains(reason), "{refused}");
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_celery_control_revokes_and_terminates() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test").concurrency(1).prefetch(4));
    lab.until_heard(1).await;
    let runs = lab.send("conf.wait", vec![json!("runs")]).await;
    lab.log.until(1).await;
    let reserved = lab.send("conf.note", vec![json!("reserved")]).await;
    let later = lab.send_with("conf.note", vec![json!("later")], Options::new().countdown(Duration::from_hours(1))).await;
    until(|| async { lab.held() == 3 }).await;
    let said = celery(&lab, &["control", "revoke", &runs, &reserved, &later]).await;
    assert!(said["ok"].as_str().unwrap().ends_with("flagged as revoked"), "{said}");
    // What waits ends at once; what runs goes on.
    for id in [&reserved, &later] {
        let ended = lab.wait(id).await;
        assert_eq!((ended.state, ended.failure.unwrap().message.as_str()), (State::Revoked, "revoked"));
    }
    assert_eq!(celery(&lab, &["inspect", "revoked"]).await.as_array().unwrap().len(), 3);
    assert_eq!(celery(&lab, &["inspect", "active"]).await.as_array().unwrap().len(), 1);
    // It is marked so before it comes.
    let message = lab.message("conf.note", vec![json!("to come")], Options::new());
    celery(&lab, &["control", "revoke", message.id()]).await;
    assert_eq!(lab.wait(message.id()).await.state, State::Revoked);
    lab.client.send(std::slice::from_ref(&message)).await.unwrap();

    assert_eq!(celery(&lab, &["control", "terminate", "SIGKILL", &runs]).await, json!({"ok": format!("terminate: {runs}")}));
    let ended = lab.wait(&runs).await;
    let failure = ended.failure.unwrap();
    assert_eq!((ended.state, failure.kind.as_str(), failure.message.as_str()), (State::Revoked, "TaskRevokedError", "terminated"));
    assert_eq!(celery(&lab, &["control", "terminate", "TERM", "nobody"]).await, json!({"ok": "terminate: tasks unknown"}));
    lab.until_settled().await;
    assert_eq!(lab.log.lines(), ["runs begins"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_celery_control_switches_events() {
    let lab = Lab::new().await;
    let worker = start(lab.controlled("rs@test"));
    lab.until_heard(1).await;
    let ok = |said: &str| json!({"ok": said});
    assert_eq!(celery(&lab, &["control", "disable_events"]).await, ok("task events already disabled"));
    assert_eq!(celery(&lab, &["control", "enable_events"]).await, ok("task events enabled"));
    assert_eq!(celery(&lab, &["control", "enable_events"]).await, ok("task events already enabled"));
    assert_eq!(celery(&lab, &["control", "disable_events"]).await, ok("task events disabled"));
    assert_eq!(celery(&lab, &["control", "heartbeat"]).await, Value::Null);
    worker.stop().await;
}
