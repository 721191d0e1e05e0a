//! Python's Celery, as it is installed from its registry, on the same Redis.

use std::process::{Child, Stdio};
use std::time::Duration;

use celery::{Signature, State};
use serde_json::{Value, json};

use crate::lab::{Lab, python, start, until};

/// A Python worker on the queue `py`; ended with its owner.
pub(crate) struct PythonWorker(Child);

impl PythonWorker {
    async fn start(lab: &Lab) -> Self {
        Self::start_with(lab, &["--pool", "solo"]).await
    }

    pub(crate) async fn start_with(lab: &Lab, more: &[&str]) -> Self {
        let args = ["-m", "celery", "-A", "app", "worker", "-Q", "py", "-n", "py@test", "--loglevel", "WARNING"];
        let args = [&args[..], more].concat();
        let worker = Self(python(&lab.server, &args).stdout(Stdio::null()).spawn().unwrap());
        // It answers when it consumes: that is when it has run something.
        let id = lab.client.apply(Signature::named("py.add").queue("py").args(vec![json!(1), json!(1)])).await.unwrap().id;
        assert_eq!(lab.wait(&id).await.result, Some(json!(2)));
        worker
    }
}

impl Drop for PythonWorker {
    /// Gently first: a pool's processes end with their parent.
    fn drop(&mut self) {
        let _ = std::process::Command::new("kill").args(["-QUIT", &self.0.id().to_string()]).status();
        for _ in 0..100 {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_python_calls_rust() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let _python = PythonWorker::start(&lab).await;
    let calls = python(&lab.server, &["calls.py"]).stdin(Stdio::null()).output();
    let said = tokio::task::spawn_blocking(move || calls).await.unwrap().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    let expected = [
        ("add", json!(5)),
        ("kwargs", json!(5)),
        ("gzip", json!(23)),
        ("later", json!(7)),
        ("fail", json!(["ConformanceError", "no 壞 💥", "FAILURE", true])),
        ("after_pickle", json!(2)),
        ("chain", json!(15)),
        ("group", json!([0, 2, 4, 6, 8])),
        ("chord_rust", json!(20)),
        ("chord_python", json!(20)),
        ("nested", json!(113)),
        ("link", json!([13])),
    ];
    for (name, value) in expected {
        assert_eq!(said[name], value, "{name}");
    }
    assert_eq!((&said["wrong"][0], &said["wrong"][2]), (&json!("TypeError"), &json!("FAILURE")));
    // Python raises the error of the part that failed before that of the body.
    assert_eq!(said["chord_fails"], json!(["ConformanceError", "bad", "FAILURE", true]));
    assert_eq!((&said["chain_fails"][0], &said["chain_fails"][1]), (&json!("ConformanceError"), &json!("early")));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_rust_calls_python() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let _python = PythonWorker::start(&lab).await;
    let py = |task: &str, args: Vec<Value>| Signature::named(format!("py.{task}")).queue("py").args(args);
    let rs = |task: &str, args: Vec<Value>| Signature::named(format!("conf.{task}")).queue("rs").args(args);

    let failed = lab.client.apply(py("fail", vec![json!("不行")])).await.unwrap();
    let failed = lab.wait(&failed.id).await;
    let failure = failed.failure.unwrap();
    assert_eq!((failed.state, failure.kind.as_str(), failure.message.as_str()), (State::Failed, "ValueError", "不行"));
    assert!(failure.traceback.contains("raise ValueError"), "{}", failure.traceback);

    let chain = Signature::chain([rs("add", vec![json!(1), json!(2)]), py("add", vec![json!(4)]), rs("add", vec![json!(8)])]);
    let chain = lab.client.apply(chain).await.unwrap();
    assert_eq!(lab.wait(&chain.id).await.result, Some(json!(15)));

    let header = || (0..6).map(|n| if n % 2 == 0 { rs("add", vec![json!(n), json!(n)]) } else { py("add", vec![json!(n), json!(n)]) });
    for body in [rs("tsum", vec![]), py("tsum", vec![])] {
        let chord = lab.client.apply(Signature::chord(header(), body)).await.unwrap();
        assert_eq!(lab.wait(&chord.id).await.result, Some(json!(30)));
    }
    let late = py("add", vec![json!(1), json!(1)]).countdown(Duration::from_millis(300));
    let late = lab.client.apply(late).await.unwrap();
    assert_eq!(lab.wait(&late.id).await.result, Some(json!(2)));
    until(|| async { lab.held() == 0 }).await;
    worker.stop().await;
}
