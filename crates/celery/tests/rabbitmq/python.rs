//! Python's Celery, as it is installed from its registry, on the same RabbitMQ.

use std::process::{Child, Stdio};
use std::time::Duration;

use celery::{Signature, State};
use serde_json::{Value, json};

use crate::lab::{Lab, python, start};

/// A Python worker on the queue `py`; ended with its owner.
struct PythonWorker(Child);

impl PythonWorker {
    async fn start(lab: &Lab) -> Self {
        let (queue, name) = (lab.queue("py"), format!("py@{}", lab.prefix));
        let args = ["-m", "celery", "-A", "app", "worker", "--pool", "solo", "-Q", &queue, "-n", &name, "--loglevel", "WARNING"];
        let worker = Self(python(lab, &args).stdout(Stdio::null()).spawn().unwrap());
        // It answers when it consumes: that is when it has run something.
        let id = lab.client.apply(lab.signature("py.add", vec![json!(1), json!(1)])).await.unwrap().id;
        assert_eq!(lab.wait(&id).await.result, Some(json!(2)));
        worker
    }
}

impl Drop for PythonWorker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_python_calls_rust() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let _python = PythonWorker::start(&lab).await;
    let calls = python(&lab, &["calls.py"]).stdin(Stdio::null()).output();
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
    assert_eq!(said["chord_fails"], json!(["ConformanceError", "bad", "FAILURE", true]));
    assert_eq!((&said["chain_fails"][0], &said["chain_fails"][1]), (&json!("ConformanceError"), &json!("early")));
    worker.stop().await;
    lab.until_ready("rs", 0).await;
    // The pickle.
    assert_eq!(lab.ready("rs.poison").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_rust_calls_python() {
    let lab = Lab::new().await;
    let worker = start(lab.worker());
    let _python = PythonWorker::start(&lab).await;

    let failed = lab.client.apply(lab.signature("py.fail", vec![json!("不行")])).await.unwrap();
    let failed = lab.wait(&failed.id).await;
    let failure = failed.failure.unwrap();
    assert_eq!((failed.state, failure.kind.as_str(), failure.message.as_str()), (State::Failed, "ValueError", "不行"));

    let rs = |args: &[i64]| lab.signature("conf.add", args.iter().map(|number| json!(number)).collect());
    let py = |args: &[i64]| lab.signature("py.add", args.iter().map(|number| json!(number)).collect());
    let chain = lab.client.apply(Signature::chain([rs(&[1, 2]), py(&[4]), rs(&[8])])).await.unwrap();
    assert_eq!(lab.wait(&chain.id).await.result, Some(json!(15)));
    let header = || (0..6).map(|n| if n % 2 == 0 { rs(&[n, n]) } else { py(&[n, n]) });
    for body in ["conf.tsum", "py.tsum"] {
        let chord = lab.client.apply(Signature::chord(header(), lab.signature(body, vec![]))).await.unwrap();
        assert_eq!(lab.wait(&chord.id).await.result, Some(json!(30)));
    }
    let late = lab.client.apply(py(&[1, 1]).countdown(Duration::from_millis(300))).await.unwrap();
    assert_eq!(lab.wait(&late.id).await.result, Some(json!(2)));
    worker.stop().await;
    lab.until_ready("rs", 0).await;
}
