//! What carries remote control and events: commands to all workers, their replies, and what happens.
//!
//! The shape fits Redis' channels, a small table, and AMQP's exchanges (`celery.pidbox` as a fanout,
//! `reply.celery.pidbox` as a direct one, `celeryev` as a topic). Nothing here is kept: who does not
//! listen misses it, and that is meant so.
//!
//! Facts from `kombu/pidbox.py` and `celery/events`, versions 5.7.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::Error;

/// The exchange of commands.
#[cfg(feature = "redis")]
pub(crate) const PIDBOX: &str = "celery.pidbox";

/// The exchange of replies.
pub(crate) const REPLIES: &str = "reply.celery.pidbox";

/// The exchange of events.
#[cfg(feature = "redis")]
pub(crate) const EVENTS: &str = "celeryev";

/// Carries commands, replies and events.
///
/// What listens gets a stream that ends when the connection is lost; the caller listens anew, after
/// a pause. When a listening call has returned, nothing that is sent afterwards is missed.
#[async_trait]
pub trait Bus: Debug + Send + Sync {
    /// Its kind, for people to read: `redis`.
    fn kind(&self) -> &'static str;

    /// Whether a worker that starts asks the others which calls were revoked (Celery's *mingle*).
    /// `false` where revoking a call marks it in the queue itself.
    fn mingles(&self) -> bool {
        true
    }

    /// Tells all workers. Returns how many heard it, where that is known.
    async fn broadcast(&self, command: &Command) -> Result<Option<u64>, Error>;

    /// The commands to all, as the worker `node` hears them.
    async fn commands(&self, node: &str) -> Result<BoxStream<'static, Command>, Error>;

    /// Answers a command. That nobody waits for it any more is no error.
    async fn answer(&self, to: &ReplyTo, reply: &Reply) -> Result<(), Error>;

    /// What is answered to `to`. Dropping the stream takes the reply queue down.
    async fn replies(&self, to: &ReplyTo) -> Result<BoxStream<'static, Reply>, Error>;

    /// Sends events, in their order.
    async fn emit(&self, posts: &[Post]) -> Result<(), Error>;

    /// All events.
    async fn events(&self) -> Result<BoxStream<'static, Post>, Error>;
}

/// A command to workers: a message of kombu's process mailbox.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Its name: `ping`.
    pub method: String,
    /// Its arguments, by name.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub arguments: Map<String, Value>,
    /// The workers it is for; none: all that the pattern fits.
    #[serde(default)]
    pub destination: Option<Vec<String>>,
    /// A pattern for workers' names.
    #[serde(default)]
    pub pattern: Option<String>,
    /// What kind of pattern: `glob` or `pcre`.
    #[serde(default)]
    pub matcher: Option<String>,
    /// What tells the replies to this command from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Where replies are awaited; nowhere: none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// The sender's logical clock; travels as a header.
    #[serde(skip)]
    pub clock: u64,
}

fn null_is_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    Option::<Map<String, Value>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl Command {
    /// A command to all workers.
    pub fn new(method: impl Into<String>, arguments: Map<String, Value>) -> Self {
        Self { method: method.into(), arguments, ..Self::default() }
    }
}

/// Where replies are awaited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// The exchange, as a rule `reply.celery.pidbox`.
    pub exchange: String,
    /// The key under which the asker's queue is bound to it.
    pub routing_key: String,
}

impl ReplyTo {
    /// An address that nobody else has.
    pub fn fresh() -> Self {
        Self { exchange: REPLIES.to_owned(), routing_key: Uuid::new_v4().to_string() }
    }

    /// The name of the queue behind it, as kombu names it.
    pub fn queue(&self) -> String {
        format!("{}.{}", self.routing_key, self.exchange)
    }
}

/// One worker's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The worker.
    pub node: String,
    /// What it says.
    pub value: Value,
    /// The ticket of the command; travels as a header.
    pub ticket: Option<String>,
    /// The worker's logical clock; travels as a header.
    pub clock: u64,
}

impl Reply {
    /// `{node: value}`, as it travels.
    pub fn body(&self) -> Value {
        Value::Object(Map::from_iter([(self.node.clone(), self.value.clone())]))
    }

    /// Reads it back.
    pub fn read(body: Value, ticket: Option<String>, clock: u64) -> Option<Self> {
        let Value::Object(body) = body else { return None };
        let (node, value) = body.into_iter().next()?;
        Some(Self { node, value, ticket, clock })
    }
}

/// One message with one event or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Its kind as a routing key: `worker.heartbeat`; of several task events `task.multi`.
    pub routing_key: String,
    /// Who sends it.
    pub hostname: String,
    /// An event, or a list of events.
    pub body: Value,
}

impl Post {
    /// The events in it.
    pub fn into_events(self) -> Vec<Map<String, Value>> {
        let object = |value| if let Value::Object(event) = value { Some(event) } else { None };
        match self.body {
            Value::Array(events) => events.into_iter().filter_map(object).collect(),
            other => object(other).into_iter().collect(),
        }
    }
}

/// Asks, and gathers replies for as long as `patience`, or until `limit` have come. Without a limit
/// it is as many as heard the command, where the bus knows that and it was for all.
pub(crate) async fn ask(bus: &dyn Bus, mut command: Command, patience: Duration, limit: Option<u64>) -> Result<Vec<Reply>, Error> {
    let to = ReplyTo::fresh();
    let ticket = Uuid::new_v4().to_string();
    let for_all = command.destination.is_none() && command.pattern.is_none();
    let mut heard = bus.replies(&to).await?;
    command.reply_to = Some(to);
    command.ticket = Some(ticket.clone());
    let end = tokio::time::Instant::now().checked_add(patience);
    let hearers = bus.broadcast(&command).await?.filter(|_| for_all);
    let limit = limit.or_else(|| command.destination.as_ref().and_then(|nodes| u64::try_from(nodes.len()).ok())).or(hearers);
    let mut replies = Vec::new();
    while limit.is_none_or(|limit| u64::try_from(replies.len()).is_ok_and(|number| number < limit)) {
        let next = heard.next();
        let reply = match end {
            Some(end) => tokio::time::timeout_at(end, next).await,
            None => Ok(next.await),
        };
        match reply {
            Ok(Some(reply)) if reply.ticket.as_ref().is_none_or(|given| *given == ticket) => replies.push(reply),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
    Ok(replies)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_of_python_is_read() {
        let sent = json!({"method": "ping", "arguments": null, "destination": null, "pattern": null, "matcher": null,
            "ticket": "t", "reply_to": {"exchange": "reply.celery.pidbox", "routing_key": "k"}});
        let command: Command = serde_json::from_value(sent).unwrap();
        assert_eq!(command.reply_to.unwrap().queue(), "k.reply.celery.pidbox");
        let told = serde_json::to_value(Command::new("shutdown", Map::new())).unwrap();
        assert_eq!(told, json!({"method": "shutdown", "arguments": {}, "destination": null, "pattern": null, "matcher": null}));
    }

    #[test]
    fn a_post_holds_one_event_or_many() {
        let post = |body| Post { routing_key: "task.multi".to_owned(), hostname: "h".to_owned(), body };
        assert_eq!(post(json!([{"type": "a"}, 3, {"type": "b"}])).into_events().len(), 2);
        assert_eq!(post(json!({"type": "a"})).into_events().len(), 1);
    }
}
