//! A whole program without a socket: events are published while a client comes, goes
//! and comes back; it hears each once.
//!
//! `cargo run -p hub --example ticker`

use std::convert::Infallible;

use futures_util::{sink, stream};
use hub::{Config, Event, Frame, Hub, MemoryLog, Topics};
use tokio::sync::mpsc;

fn tick(id: i64) -> Event {
    let at = chrono::DateTime::from_timestamp(1_700_000_000 + id, 0).expect("a time that exists");
    Event { id, topic: "clock".to_owned(), kind: "tick".to_owned(), entity_id: None, at, payload: serde_json::json!({}) }
}

/// Hears up to `last`, then leaves; says the last id it heard.
async fn listen(hub: &Hub, log: &MemoryLog, after: Option<i64>, last: i64) -> Option<i64> {
    let session = hub.connect(Topics::new(["clock"]), after, log.clone()).expect("the hub is open");
    let (send, mut heard) = mpsc::channel::<Frame>(16);
    let outgoing = sink::unfold(send, |send, frame| async move {
        // A client that has left is found out by the session itself.
        let _ = send.send(frame).await;
        Ok::<_, Infallible>(send)
    });
    let running = tokio::spawn(session.run(stream::pending::<Result<Frame, Infallible>>(), outgoing));
    let mut seen = after;
    while seen < Some(last) {
        let Some(Frame::Text(text)) = heard.recv().await else { break };
        let message: serde_json::Value = serde_json::from_str(text.as_str()).expect("the hub sends JSON");
        if let Some(id) = message.get("id").and_then(serde_json::Value::as_i64).filter(|_| message.get("type").is_none()) {
            show(&format!("tick {id}"));
            seen = Some(id);
        }
    }
    running.abort();
    seen
}

#[expect(clippy::print_stdout, reason = "an example tells what it does")]
fn show(text: &str) {
    println!("{text}");
}

#[tokio::main]
async fn main() {
    let (hub, log) = (Hub::new(Config::default()), MemoryLog::new(100));
    let publish = |id| {
        log.push(tick(id));
        hub.publish(tick(id));
    };
    (1..=3).for_each(publish);
    let seen = listen(&hub, &log, Some(0), 3).await;
    show("away");
    (4..=6).for_each(publish);
    listen(&hub, &log, seen, 6).await;
    hub.shutdown();
    hub.drained().await;
}
