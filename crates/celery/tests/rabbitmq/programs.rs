//! The two examples with a fixed command line, as processes, with each kind of broker.

use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::lab::{Lab, until};

fn program(name: &str) -> Command {
    let mut folder = std::env::current_exe().unwrap();
    folder.pop();
    folder.pop();
    Command::new(folder.join("examples").join(name))
}

/// Where to work.
#[derive(Clone)]
struct Place {
    broker: String,
    backend: String,
    queue: String,
}

impl Place {
    fn of(lab: &Lab) -> Self {
        Self { broker: lab.wire.url(), backend: lab.redis.url(), queue: lab.queue("rs") }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = program(name);
        command.args(["--broker", &self.broker, "--backend", &self.backend, "--queue", &self.queue]);
        command
    }

    fn worker(&self, more: &[&str]) -> Worker {
        let mut command = self.command("conformance_worker");
        Worker(
            command
                .args(["--hostname", "w1@test"])
                .args(if more.contains(&"--concurrency") { &[][..] } else { &["--concurrency", "2"] })
                .args(more)
                .spawn()
                .unwrap(),
        )
    }

    async fn produce(&self, args: &[&str]) -> Output {
        let mut command = self.command("conformance_producer");
        command.args(args).stdin(Stdio::null());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    async fn said(&self, args: &[&str]) -> Value {
        let output = self.produce(args).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

struct Worker(Child);

impl Worker {
    fn signal(&self, name: &str) {
        Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status().unwrap();
    }

    async fn end(&mut self) -> Option<i32> {
        self.signal("TERM");
        let mut status = None;
        until(|| {
            status = self.0.try_wait().unwrap();
            std::future::ready(status.is_some())
        })
        .await;
        status.unwrap().code()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn whole(place: &Place) {
    let mut worker = place.worker(&[]);
    let cases = [
        (vec!["send", "conf.add", "--args", "[2,3]"], json!("SUCCESS"), json!(5)),
        (
            vec!["send", "conf.fail", "--args", r#"["no"]"#],
            json!("FAILURE"),
            json!({"exc_type": "ConformanceError", "exc_message": ["no"]}),
        ),
        (vec!["send", "conf.flaky", "--args", r#"["k",2]"#], json!("SUCCESS"), json!(3)),
        (vec!["send", "conf.ident"], json!("SUCCESS"), json!("w1@test")),
        (vec!["send", "conf.add", "--args", "[1,1]", "--countdown", "0.5", "--priority", "5"], json!("SUCCESS"), json!(2)),
    ];
    for (args, state, result) in cases {
        let said = place.said(&[args.as_slice(), &["--wait", "30"]].concat()).await;
        assert_eq!((&said["state"], &said["result"]), (&state, &result), "{args:?} on {}", place.broker);
    }
    let add = |x: u32, y: u32| format!(r#"{{"task":"conf.add","args":[{x},{y}]}}"#);
    let chain = format!(r#"[{},{{"task":"conf.add","args":[10]}}]"#, add(1, 2));
    assert_eq!(place.said(&["chain", &chain, "--wait", "30"]).await["result"], json!(13));
    let two = format!("[{},{}]", add(1, 1), add(2, 2));
    let group = place.said(&["group", &two, "--wait", "30"]).await;
    assert_eq!((&group["result"], group["children"].as_array().unwrap().len()), (&json!([2, 4]), 2));
    let chord = format!(r#"{{"header":{two},"body":{{"task":"conf.tsum"}}}}"#);
    assert_eq!(place.said(&["chord", &chord, "--wait", "30"]).await["result"], json!(6));
    assert_eq!(worker.end().await, Some(0));
}

#[tokio::test]
async fn p8_the_programs_work_on_rabbitmq_with_results_on_redis_or_in_a_database() {
    let lab = Lab::new().await;
    whole(&Place::of(&lab)).await;
    let dir = tempfile::tempdir().unwrap();
    let backend = format!("sqlite://{}?mode=rwc", dir.path().join("results.db").display());
    whole(&Place { backend, ..Place::of(&lab) }).await;
    lab.until_ready("rs", 0).await;
}

#[tokio::test]
async fn p8_the_programs_work_on_a_database() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", dir.path().join("queue.db").display());
    whole(&Place { broker: url.clone(), backend: url, queue: "q".to_owned() }).await;
}

#[tokio::test]
async fn p8_a_killed_programs_late_tasks_run_again_and_its_early_ones_do_not() {
    let lab = Lab::new().await;
    let place = Place::of(&lab);
    for (late, runs) in [(&["--acks-late"][..], 2), (&[], 1)] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("out").to_str().unwrap().to_owned();
        // Written at once, then slept: both run at the same time.
        let mut doomed = place.worker(late);
        let write = json!([file, "w"]).to_string();
        place.said(&["send", "conf.sleep", "--args", "[3]"]).await;
        place.said(&["send", "conf.write", "--args", &write, "--wait", "30"]).await;
        lab.until_ready("rs", 0).await;
        doomed.0.kill().unwrap();
        doomed.0.wait().unwrap();
        lab.until_ready("rs", runs - 1).await;
        let mut next = place.worker(late);
        place.said(&["send", "conf.write", "--args", &write, "--wait", "30"]).await;
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "w\nw\n");
        assert_eq!(next.end().await, Some(0));
        lab.until_ready("rs", 0).await;
    }
}

#[tokio::test]
async fn p8_a_terminated_program_gives_back_what_it_has_not_begun() {
    let lab = Lab::new().await;
    let place = Place::of(&lab);
    place.said(&["send", "conf.sleep", "--args", "[1.5]", "--repeat", "10"]).await;
    let mut worker = place.worker(&["--acks-late"]);
    lab.until_ready("rs", 0).await;
    assert_eq!(worker.end().await, Some(0));
    // Two at most were begun, and have ended; on a busy machine it is told before it begins them.
    let left = lab.ready("rs").await;
    assert!((8..=10).contains(&left), "{left} came back");
}

#[tokio::test]
async fn p8_priorities_reach_the_program() {
    let lab = Lab::new().await;
    let place = Place::of(&lab);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out").to_str().unwrap().to_owned();
    for priority in ["0", "9", "5"] {
        let args = json!([file, priority]).to_string();
        place.said(&["--max-priority", "9", "send", "conf.write", "--args", &args, "--priority", priority]).await;
    }
    let mut worker = place.worker(&["--max-priority", "9", "--concurrency", "1"]);
    let read = || std::fs::read_to_string(&file).unwrap_or_default();
    until(|| std::future::ready(read().lines().count() == 3)).await;
    assert_eq!(worker.end().await, Some(0));
    assert_eq!(read(), "9\n5\n0\n");
}

#[tokio::test]
async fn p8_a_wrong_command_line_is_told() {
    let refused =
        Place { broker: "amqp://me:secret@host:port".to_owned(), backend: "redis://127.0.0.1:1".to_owned(), queue: "q".to_owned() };
    let refused = refused.produce(&["send", "conf.noop"]).await;
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && words.contains("`port`") && words.contains("me:**@") && !words.contains("secret"), "{words}");
    let refused = program("conformance_worker").args(["--broker", "amqp://"]).output().unwrap();
    assert!(!refused.status.success() && String::from_utf8(refused.stderr).unwrap().contains("--queue"));
}
