//! A peer at the other end of a session, and events to send it.

use std::time::Duration;

use chrono::DateTime;
use futures_util::{Sink, Stream, sink, stream};
use hub::{CloseCode, Config, End, Error, Event, EventLog, Frame, Hub, MemoryLog, Session, Topics};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A socket in memory has failed.
#[derive(Debug, thiserror::Error)]
#[error("the other end is gone")]
pub(crate) struct Gone;

pub(crate) fn event(id: i64, topic: &str) -> Event {
    Event {
        id,
        topic: topic.to_owned(),
        kind: "order.placed".to_owned(),
        entity_id: Some(id * 10),
        at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
        payload: json!({ "number": id.to_string() }),
    }
}

/// Logs and publishes, as an application does.
pub(crate) fn publish(hub: &Hub, log: &MemoryLog, id: i64, topic: &str) {
    log.push(event(id, topic));
    assert!(hub.publish(event(id, topic)));
}

pub(crate) fn orders() -> Topics {
    Topics::new(["orders.read"])
}

/// What the peer of a session sees.
pub(crate) struct Peer {
    pub(crate) incoming: mpsc::Receiver<Frame>,
    pub(crate) outgoing: mpsc::UnboundedSender<Frame>,
    pub(crate) session: JoinHandle<Result<End, Error>>,
}

/// A sink that holds as many frames as its channel, then makes the writer wait.
pub(crate) fn sink_into(to_peer: mpsc::Sender<Frame>) -> impl Sink<Frame, Error = Gone> {
    sink::unfold(to_peer, |to_peer, frame| async move {
        to_peer.send(frame).await.map_err(|_| Gone)?;
        Ok(to_peer)
    })
}

pub(crate) fn stream_from(mut from_peer: mpsc::UnboundedReceiver<Frame>) -> impl Stream<Item = Result<Frame, Gone>> {
    stream::poll_fn(move |context| from_peer.poll_recv(context).map(|frame| frame.map(Ok)))
}

impl Peer {
    pub(crate) fn of<L: EventLog>(session: Session<L>, buffer: usize) -> Self {
        let (to_peer, incoming) = mpsc::channel(buffer);
        let (outgoing, from_peer) = mpsc::unbounded_channel();
        let session = tokio::spawn(session.run(stream_from(from_peer), sink_into(to_peer)));
        Self { incoming, outgoing, session }
    }

    pub(crate) fn say(&self, message: Value) {
        self.outgoing.send(Frame::Text(message.to_string().into())).expect("the session reads");
    }

    /// The next frame, read as JSON; pings are answered and passed over.
    pub(crate) async fn next(&mut self) -> Result<Value, Option<CloseCode>> {
        loop {
            let frame = timeout(Duration::from_secs(20), self.incoming.recv()).await.expect("a frame in time");
            match frame {
                Some(Frame::Text(text)) => {
                    let value: Value = serde_json::from_str(text.as_str()).unwrap();
                    if value["type"] == "ping" {
                        let _gone = self.outgoing.send(Frame::Text(r#"{"type":"pong"}"#.into()));
                    } else {
                        return Ok(value);
                    }
                }
                Some(Frame::Close(code)) => return Err(code),
                Some(other) => panic!("the hub never sends {other:?}"),
                None => return Err(None),
            }
        }
    }

    /// The ids of the next events.
    pub(crate) async fn ids(&mut self, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        while ids.len() < count {
            let value = self.next().await.expect("an event");
            ids.push(value["id"].as_i64().unwrap_or_else(|| panic!("no event: {value}")));
        }
        ids
    }

    /// Passes over `hello`.
    pub(crate) async fn greeted(mut self) -> Self {
        assert_eq!(self.next().await.unwrap()["type"], "hello");
        self
    }
}

pub(crate) fn small() -> Config {
    Config { queue: 16, page: 7, recent: 8, ..Config::default() }
}

/// Waits until something holds, for at most ten seconds.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), wait).await.expect("it holds in the end");
}
