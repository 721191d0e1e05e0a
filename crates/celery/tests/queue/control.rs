//! Remote control and events through the database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use celery::{
    Blocking, BlockingTask, Bus, Context, Control, DatabaseBus, DatabaseResults, Matcher, Options, Phase, Policy, Registry,
    ResultBackend as _, State, TaskError, TaskResult, Worker,
};
use futures_util::StreamExt as _;
use serde_json::{Map, json};

use crate::lab::{Lab, Log, Note, Wait, on_both, start, text, until};

on_both! {
    p8_workers_answer_through_the_table
    p8_calls_are_revoked_and_terminated_through_the_table
    p8_pool_limits_and_queues_change_through_the_table
    p8_a_shutdown_through_the_table_is_warm
    p8_events_come_through_the_table
    p8_the_table_forgets
    p8_rows_that_cannot_be_read_stop_nobody
    p8_that_a_call_was_revoked_overwrites_no_other_end
    p8_blocking_tasks_run_beside_each_other
    p8_a_blocking_task_with_a_hard_limit_is_refused
}

fn bus(lab: &Lab) -> Arc<dyn Bus> {
    Arc::new(DatabaseBus::new(lab.db.clone(), lab.client.clock().clone()).unwrap())
}

/// A lab whose clients and workers have a bus of their own each, as in other processes.
fn with_bus(lab: &Lab) -> Lab {
    let mut with = lab.clone();
    with.client = lab.client.clone().with_bus(bus(lab));
    with
}

fn control(lab: &Lab) -> Control {
    Control::new(bus(lab)).patience(Duration::from_secs(10))
}

fn ok<T: Clone>(answers: &celery::ByNode<T>, node: &str) -> T {
    answers[node].clone().unwrap_or_else(|error| panic!("{node}: {error}"))
}

async fn p8_workers_answer_through_the_table(lab: Lab) {
    let (one, two) =
        (start(with_bus(&lab).worker().name("w@one").concurrency(1)), start(with_bus(&lab).worker().name("w@two").queues(["x"])));
    let active = lab.send::<Wait>(text("active")).await;
    lab.log.until(1).await;
    let reserved = lab.send::<Wait>(text("reserved")).await;
    let control = control(&lab);
    let short = control.clone().patience(Duration::from_secs(1)).limit(2);
    until(|| async { short.ping().await.unwrap().len() == 2 }).await;
    let first = control.clone().to(["w@one"]);
    until(|| async { ok(&first.reserved().await.unwrap(), "w@one").len() == 1 }).await;
    let call = ok(&first.active().await.unwrap(), "w@one").remove(0);
    assert_eq!((call.id.as_str(), call.kwargs, call.worker_pid), (active.as_str(), json!({"text": "active"}), Some(std::process::id())));
    let known = ok(&first.query_task([reserved.clone(), "nobody".to_owned()]).await.unwrap(), "w@one");
    assert_eq!((known.len(), known[&reserved].0), (1, Phase::Reserved));
    let queues = ok(&control.clone().matching("*@two", Matcher::Glob).limit(1).active_queues().await.unwrap(), "w@two");
    assert_eq!((queues.len(), queues[0].name.as_str()), (1, "x"));
    let stats = ok(&first.stats().await.unwrap(), "w@one");
    assert_eq!((stats.pool.max_concurrency, stats.total["lab.wait"]), (1, 1));
    lab.log.gate.add_permits(2);
    lab.log.until(4).await;
    one.stop().await;
    two.stop().await;
}

async fn p8_calls_are_revoked_and_terminated_through_the_table(lab: Lab) {
    let worker = start(with_bus(&lab).worker().name("w@one").concurrency(1).prefetch(1));
    let runs = lab.send::<Wait>(text("runs")).await;
    lab.log.until(1).await;
    let control = control(&lab).to(["w@one"]);
    let reserved = lab.send::<Note>(text("reserved")).await;
    until(|| async { ok(&control.reserved().await.unwrap(), "w@one").len() == 1 }).await;
    let waits = lab.send::<Note>(text("waits")).await;
    let later = lab.client.message_with::<Note, _>(&text("later"), Options::new().countdown(Duration::from_hours(1))).unwrap();
    let later = lab.send_message(later).await;
    control.revoke([reserved.clone(), waits.clone(), later.clone()]).await.unwrap();
    for id in [&reserved, &waits, &later] {
        lab.until_state(id, "revoked").await;
        assert_eq!(lab.result(id).await.failure.unwrap().message, "revoked");
    }
    // Three ids are remembered; an unknown one leaves no row.
    control.revoke(["nobody"]).await.unwrap();
    assert_eq!(ok(&control.revoked().await.unwrap(), "w@one").len(), 4);
    assert_eq!(celery::ResultBackend::get(&lab.broker, "nobody").await.unwrap(), None);
    assert_eq!(control.terminate([runs.clone()]).await.unwrap()["w@one"], Ok(format!("terminate: {runs}")));
    lab.until_state(&runs, "revoked").await;
    assert_eq!(lab.result(&runs).await.failure.unwrap().message, "terminated");
    worker.stop().await;
    assert_eq!(lab.log.lines(), ["runs begins"]);
}

async fn p8_pool_limits_and_queues_change_through_the_table(lab: Lab) {
    let worker = start(with_bus(&lab).worker().name("w@one").concurrency(1));
    let control = control(&lab).to(["w@one"]);
    lab.send::<Wait>(text("a")).await;
    lab.send::<Wait>(text("b")).await;
    lab.log.until(1).await;
    assert_eq!(control.pool_grow(1).await.unwrap()["w@one"], Ok("pool will grow".to_owned()));
    lab.log.until(2).await;
    assert_eq!(control.pool_shrink(5).await.unwrap()["w@one"], Ok("pool will shrink".to_owned()));
    assert_eq!(ok(&control.stats().await.unwrap(), "w@one").pool.max_concurrency, 1);
    lab.log.gate.add_permits(2);
    lab.log.until(4).await;
    control.time_limit("lab.wait", None, Some(Duration::from_millis(50))).await.unwrap();
    let limited = lab.send::<Wait>(text("limited")).await;
    lab.until_state(&limited, "failed").await;
    assert_eq!(lab.result(&limited).await.failure.unwrap().message, "ended after 50ms");
    control.rate_limit("lab.note", "2/h").await.unwrap();
    let registered = ok(&control.registered().await.unwrap(), "w@one");
    assert!(registered.contains(&"lab.note [rate_limit=2/h]".to_owned()), "{registered:?}");
    assert_eq!(control.rate_limit("lab.nothing", "2/h").await.unwrap()["w@one"], Err("unknown task".to_owned()));
    control.rate_limit("lab.note", "").await.unwrap();
    control.add_consumer("more").await.unwrap();
    let more = lab.client.message_with::<Note, _>(&text("more"), Options::new().queue("more")).unwrap();
    let more = lab.send_message(more).await;
    lab.until_state(&more, "done").await;
    control.cancel_consumer("more").await.unwrap();
    assert_eq!(ok(&control.active_queues().await.unwrap(), "w@one").iter().filter(|queue| queue.name == "more").count(), 0);
    worker.stop().await;
}

async fn p8_a_shutdown_through_the_table_is_warm(lab: Lab) {
    let worker = start(with_bus(&lab).worker().name("w@one").concurrency(1));
    let runs = lab.send::<Wait>(text("runs")).await;
    lab.log.until(1).await;
    let waits = lab.send::<Wait>(text("waits")).await;
    until(|| async { lab.state(&waits).await == "running" }).await;
    control(&lab).shutdown().await.unwrap();
    lab.until_state(&waits, "pending").await;
    lab.log.gate.add_permits(1);
    lab.until_state(&runs, "done").await;
    worker.ended().await;
    assert_eq!(lab.log.lines(), ["runs begins", "runs ends"]);
}

async fn p8_events_come_through_the_table(lab: Lab) {
    let mut heard = bus(&lab).events().await.unwrap();
    let lab = with_bus(&lab);
    let sender = lab.client.clone().tell_sent();
    let message = sender.message::<Note, _>(&text("x")).unwrap();
    let worker = start(lab.worker().name("w@one").events(true));
    sender.send(std::slice::from_ref(&message)).await.unwrap();
    lab.until_state(message.id(), "done").await;
    worker.stop().await;
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "worker-offline") {
        let post = tokio::time::timeout(Duration::from_secs(20), heard.next()).await.unwrap().unwrap();
        kinds.extend(post.into_events().iter().map(|event| event["type"].as_str().unwrap().to_owned()));
    }
    kinds.retain(|kind| kind != "worker-heartbeat");
    let sent = kinds.iter().position(|kind| kind == "task-sent").unwrap();
    kinds.remove(sent);
    assert_eq!(kinds, ["worker-online", "task-received", "task-started", "task-succeeded", "worker-offline"]);
}

async fn p8_the_table_forgets(lab: Lab) {
    let bus = bus(&lab);
    let command = celery::Command::new("ping", Map::new());
    bus.broadcast(&command).await.unwrap();
    lab.advance(Duration::from_secs(290));
    bus.broadcast(&command).await.unwrap();
    assert_eq!(lab.rows("celery_bus").await, 2);
    lab.advance(Duration::from_secs(70));
    bus.broadcast(&command).await.unwrap();
    // The first is six minutes old, the second 70 seconds.
    assert_eq!(lab.rows("celery_bus").await, 2);
}

async fn p8_rows_that_cannot_be_read_stop_nobody(lab: Lab) {
    let worker = start(with_bus(&lab).worker().name("w@one"));
    // A worker hears from its start on what is sent; and it fetches nothing before it hears.
    lab.send::<Note>(text("there")).await;
    lab.log.until(1).await;
    let control = control(&lab).to(["w@one"]);
    assert_eq!(control.ping().await.unwrap().len(), 1);
    for body in ["{", "[]", "{\"method\": 5}"] {
        lab.sql(&format!(
            "INSERT INTO celery_bus (kind, address, body, created_at) VALUES ('command', '', '{body}', '2026-11-24T10:00:00Z')"
        ))
        .await;
    }
    assert_eq!(control.ask("nonsense", json!({})).await.unwrap()["w@one"], json!({"error": "KeyError('nonsense')"}));
    worker.stop().await;
}

async fn p8_that_a_call_was_revoked_overwrites_no_other_end(lab: Lab) {
    let results = DatabaseResults::new(lab.db.clone(), lab.client.clock().clone()).unwrap();
    let result = |id: &str, state: State| TaskResult {
        finished_at: state.is_final().then(|| lab.now()),
        result: Some(json!({"status": "REVOKED"})),
        ..TaskResult::new(id, state)
    };
    for (before, after, kept) in [
        (State::Running, State::Revoked, State::Revoked),
        (State::Failed, State::Revoked, State::Failed),
        (State::Revoked, State::Done, State::Done),
        (State::Failed, State::Done, State::Done),
        (State::Done, State::Revoked, State::Done),
        (State::Done, State::Failed, State::Done),
    ] {
        let id = format!("{before:?} {after:?}");
        results.store(&[result(&id, before)]).await.unwrap();
        results.store(&[result(&id, after)]).await.unwrap();
        assert_eq!(results.get(&id).await.unwrap().unwrap().state, kept, "{id}");
    }
}

/// Waits on its thread until as many as it is told have begun.
struct Meets;

impl BlockingTask<Log> for Meets {
    const NAME: &'static str = "lab.meets";
    type Args = (usize,);
    type Output = usize;

    fn run(ctx: &Context<Log>, (others,): (usize,)) -> Result<usize, TaskError> {
        ctx.state.add("begins");
        let end = Instant::now() + Duration::from_secs(20);
        while ctx.state.lines().len() < others {
            assert!(Instant::now() < end, "alone");
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(ctx.state.lines().len())
    }
}

struct Panics;

impl BlockingTask<Log> for Panics {
    const NAME: &'static str = "lab.thread_panics";
    type Args = ();
    type Output = ();

    fn run(_: &Context<Log>, (): ()) -> Result<(), TaskError> {
        panic!("the thread is on fire");
    }
}

struct Patient;

impl BlockingTask<Log> for Patient {
    const NAME: &'static str = "lab.patient";
    type Args = ();
    type Output = String;

    fn policy() -> Policy {
        Policy::new().soft_limit(Duration::from_millis(50))
    }

    fn run(ctx: &Context<Log>, (): ()) -> Result<String, TaskError> {
        let end = Instant::now() + Duration::from_secs(20);
        while !ctx.is_cancelled() {
            assert!(Instant::now() < end, "nobody told it");
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok("ended when asked".to_owned())
    }
}

async fn p8_blocking_tasks_run_beside_each_other(lab: Lab) {
    let mut registry = Registry::new();
    registry.add::<Blocking<Meets>>().unwrap().add::<Blocking<Panics>>().unwrap().add::<Blocking<Patient>>().unwrap();
    let worker = Worker::new(&lab.client, registry, lab.log.clone()).poll(Duration::from_millis(20)).concurrency(3);
    let worker = start(worker);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(lab.send::<Blocking<Meets>>((3,)).await);
    }
    for id in &ids {
        lab.until_state(id, "done").await;
    }
    let panics = lab.send::<Blocking<Panics>>(()).await;
    lab.until_state(&panics, "failed").await;
    let failure = lab.result(&panics).await.failure.unwrap();
    assert_eq!((failure.kind.as_str(), failure.message.as_str()), ("Panic", "the thread is on fire"));
    let patient = lab.send::<Blocking<Patient>>(()).await;
    lab.until_state(&patient, "done").await;
    assert_eq!(lab.result(&patient).await.result, Some(json!("ended when asked")));
    // No more threads than tasks may run: of four that wait for each other, three begin.
    for _ in 0..4 {
        lab.send::<Blocking<Meets>>((7,)).await;
    }
    lab.log.until(6).await;
    until(|| async { lab.client.depth().await.unwrap()[0].running == 4 }).await;
    assert_eq!(lab.log.lines().len(), 6);
    lab.log.add("the seventh");
    lab.log.until(8).await;
    worker.stop().await;
}

struct Hasty;

impl BlockingTask<Log> for Hasty {
    const NAME: &'static str = "lab.hasty";
    type Args = ();
    type Output = ();

    fn policy() -> Policy {
        Policy::new().hard_limit(Duration::from_secs(1))
    }

    fn run(_: &Context<Log>, (): ()) -> Result<(), TaskError> {
        Ok(())
    }
}

async fn p8_a_blocking_task_with_a_hard_limit_is_refused(lab: Lab) {
    let mut registry = Registry::new();
    let refused = registry.add::<Blocking<Hasty>>().unwrap_err().to_string();
    assert!(refused.starts_with("the hard time limit of `lab.hasty` cannot be kept: a blocking task is a thread"), "{refused}");
    assert_eq!(registry.names().count(), 0);
    // One that a message brings is passed over.
    registry.add::<Blocking<Patient>>().unwrap();
    let mut message = lab.client.message::<Blocking<Patient>, _>(&()).unwrap();
    message.headers.timelimit.hard = Some(Duration::from_millis(1));
    let id = lab.send_message(message).await;
    Worker::new(&lab.client, registry, lab.log.clone()).run_until_idle().await.unwrap();
    assert_eq!(lab.state(&id).await, "done");
}
