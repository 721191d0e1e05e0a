//! A message in Celery's protocol, version 2.
//!
//! <https://docs.celeryq.dev/en/stable/internals/protocol.html>. The database's row stores exactly
//! what a message on Redis or AMQP carries, so that a relay sends it on without knowing the task.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::policy::{check_priority, check_queue};

/// One call of a task: where it goes, what it is, and with which arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The queue (the routing key on AMQP).
    pub queue: String,
    /// What Celery calls headers: everything about the call but its arguments.
    pub headers: Headers,
    /// The properties of the transport.
    pub properties: Properties,
    /// The arguments.
    pub body: Body,
}

impl Message {
    /// The longest message, as JSON. Data above that belongs into a store, and its key into the message.
    pub const MAX_BYTES: usize = 16 * 1024 * 1024;

    /// The task's name.
    pub fn task(&self) -> &str {
        &self.headers.task
    }

    /// The call's id.
    pub fn id(&self) -> &str {
        &self.headers.id
    }

    /// The keyword arguments as the task's own type, for assertions in tests.
    pub fn args<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(Value::Object(self.body.kwargs.clone()))
    }

    /// Whether it may be sent at all; its length is looked at when it is encoded.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_queue(&self.queue)?;
        check_priority(self.properties.priority)?;
        if self.headers.task.is_empty() || self.headers.task.chars().any(char::is_control) {
            return Err(Error::invalid("the task's name", "must not be empty or hold control characters"));
        }
        if self.headers.id.is_empty() || self.headers.id.len() > 200 || self.headers.id.chars().any(char::is_control) {
            return Err(Error::invalid("the task's id", "must have 1 to 200 bytes without control characters"));
        }
        Ok(())
    }

    /// Whether its arguments are short enough.
    pub(crate) fn check_size(&self) -> Result<(), Error> {
        let mut size = Counter(0);
        serde_json::to_writer(&mut size, &self.body).map_err(|source| Error::Encode { task: self.headers.task.clone(), source })?;
        if size.0 <= Self::MAX_BYTES {
            return Ok(());
        }
        Err(Error::TooLarge { task: self.headers.task.clone(), bytes: size.0, limit: Self::MAX_BYTES })
    }

    /// The message as JSON, checked.
    #[cfg(feature = "database")]
    pub(crate) fn encode(&self) -> Result<String, Error> {
        self.check()?;
        let text = serde_json::to_string(self).map_err(|source| Error::Encode { task: self.headers.task.clone(), source })?;
        if text.len() > Self::MAX_BYTES {
            let task = self.headers.task.clone();
            return Err(Error::TooLarge { task, bytes: text.len(), limit: Self::MAX_BYTES });
        }
        Ok(text)
    }
}

/// Counts what is written.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The headers of protocol 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headers {
    /// The language of the producer.
    #[serde(default)]
    pub lang: String,
    /// The task's name.
    pub task: String,
    /// The call's id, a UUID as a rule.
    pub id: String,
    /// A name to show instead of `task`.
    #[serde(default)]
    pub shadow: Option<String>,
    /// Not before.
    #[serde(default, with = "instant")]
    pub eta: Option<DateTime<Utc>>,
    /// Not after.
    #[serde(default, with = "instant")]
    pub expires: Option<DateTime<Utc>>,
    /// The group it is part of.
    #[serde(default)]
    pub group: Option<String>,
    /// Its place in that group.
    #[serde(default)]
    pub group_index: Option<u64>,
    /// How often it was tried again already.
    #[serde(default, deserialize_with = "null_is_default")]
    pub retries: u32,
    /// Time limits that replace those of the task's policy.
    #[serde(default)]
    pub timelimit: TimeLimit,
    /// The first task of the tree it belongs to.
    #[serde(default)]
    pub root_id: Option<String>,
    /// The task that sent it.
    #[serde(default)]
    pub parent_id: Option<String>,
    /// Positional arguments, shortened, for people to read.
    #[serde(default, deserialize_with = "null_is_default")]
    pub argsrepr: String,
    /// Keyword arguments, shortened, for people to read.
    #[serde(default, deserialize_with = "null_is_default")]
    pub kwargsrepr: String,
    /// Who sent it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub origin: String,
    /// Do not store the result.
    #[serde(default, deserialize_with = "null_is_default")]
    pub ignore_result: bool,
    /// Headers this version gives no meaning to; passed on unchanged.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Hard and soft time limit; on the wire `[hard, soft]` in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeLimit {
    /// Ended after this.
    pub hard: Option<Duration>,
    /// Asked to end after this.
    pub soft: Option<Duration>,
}

impl Serialize for TimeLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn seconds(limit: Option<Duration>) -> Value {
            match limit {
                None => Value::Null,
                Some(limit) if limit.subsec_nanos() == 0 => limit.as_secs().into(),
                Some(limit) => limit.as_secs_f64().into(),
            }
        }
        [seconds(self.hard), seconds(self.soft)].serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TimeLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn span<E: serde::de::Error>(seconds: Option<serde_json::Number>) -> Result<Option<Duration>, E> {
            seconds.and_then(|seconds| seconds.as_f64()).map(|seconds| Duration::try_from_secs_f64(seconds).map_err(E::custom)).transpose()
        }
        let pair = Option::<(Option<serde_json::Number>, Option<serde_json::Number>)>::deserialize(deserializer)?;
        let (hard, soft) = pair.unwrap_or_default();
        Ok(Self { hard: span(hard)?, soft: span(soft)? })
    }
}

/// The properties of the transport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
    /// The call's id again.
    pub correlation_id: String,
    /// Where an answer is awaited, for result backends that work by messages.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// 2: kept on disk by the broker.
    #[serde(default = "persistent")]
    pub delivery_mode: u8,
    /// 0 to 9, the higher the sooner.
    #[serde(default)]
    pub priority: u8,
    /// Always `application/json`.
    #[serde(default = "json")]
    pub content_type: String,
    /// Always `utf-8`.
    #[serde(default = "utf_8")]
    pub content_encoding: String,
}

impl Properties {
    pub(crate) fn new(id: &str, priority: u8) -> Self {
        Self {
            correlation_id: id.to_owned(),
            reply_to: None,
            delivery_mode: persistent(),
            priority,
            content_type: json(),
            content_encoding: utf_8(),
        }
    }
}

const fn persistent() -> u8 {
    2
}

fn json() -> String {
    "application/json".to_owned()
}

fn utf_8() -> String {
    "utf-8".to_owned()
}

/// The arguments; on the wire `[args, kwargs, embed]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Triple", into = "Triple")]
pub struct Body {
    /// Positional arguments.
    pub args: Vec<Value>,
    /// Keyword arguments: what typed arguments become.
    pub kwargs: Map<String, Value>,
    /// What follows the call.
    pub embed: Embed,
}

type Triple = (Vec<Value>, Map<String, Value>, Embed);

impl From<Triple> for Body {
    fn from((args, kwargs, embed): Triple) -> Self {
        Self { args, kwargs, embed }
    }
}

impl From<Body> for Triple {
    fn from(body: Body) -> Self {
        (body.args, body.kwargs, body.embed)
    }
}

/// Signatures of what follows the call. Carried, so that nothing is lost between two programs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Embed {
    /// Called when it is done.
    #[serde(default)]
    pub callbacks: Option<Vec<Value>>,
    /// Called when it failed.
    #[serde(default)]
    pub errbacks: Option<Vec<Value>>,
    /// The rest of a chain, last first.
    #[serde(default)]
    pub chain: Option<Vec<Value>>,
    /// The body of the chord it is part of.
    #[serde(default)]
    pub chord: Option<Value>,
}

/// The text of a value for people to read, at most 1,024 characters.
pub(crate) fn shortened(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    if let Some((end, _)) = text.char_indices().nth(1024) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// An instant as Python's `isoformat` writes it; without an offset it is one in UTC.
pub(crate) fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|at| at.and_utc())
}

/// Instants as Python writes and reads them: ISO 8601 with an offset; without one, UTC.
mod instant {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde's `with` calls")]
    pub(super) fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, false)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        match super::parse_instant(&text) {
            Some(at) => Ok(Some(at)),
            None => Err(serde::de::Error::custom(format!("`{text}` is no ISO 8601 instant"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_of_python_is_read_and_written_back_whole() {
        let sent = json!({
            "queue": "celery",
            "headers": {
                "lang": "py", "task": "tasks.add", "id": "7f1c", "shadow": null, "eta": "2026-11-24T10:00:00.5+00:00",
                "expires": "2026-11-25T10:00:00", "group": null, "group_index": null, "retries": 2, "timelimit": [2.5, 1],
                "root_id": "7f1c", "parent_id": null, "argsrepr": "(1, 2)", "kwargsrepr": "{}", "origin": "gen1@host",
                "ignore_result": false, "replaced_task_nesting": 0, "stamps": {}
            },
            "properties": {"correlation_id": "7f1c", "reply_to": "b", "delivery_mode": 2, "priority": 3,
                "content_type": "application/json", "content_encoding": "utf-8"},
            "body": [[1, 2], {"z": null}, {"callbacks": null, "errbacks": null, "chain": [], "chord": null}]
        });
        let message: Message = serde_json::from_value(sent.clone()).unwrap();
        assert_eq!(message.headers.timelimit.hard, Some(Duration::from_millis(2500)));
        assert_eq!(message.headers.timelimit.soft, Some(Duration::from_secs(1)));
        assert_eq!(message.headers.retries, 2);
        assert_eq!(message.headers.eta.unwrap().to_rfc3339(), "2026-11-24T10:00:00.500+00:00");

        let back = serde_json::to_value(&message).unwrap();
        assert_eq!(back["body"], sent["body"]);
        assert_eq!(back["headers"]["timelimit"], json!([2.5, 1]));
        assert_eq!(back["headers"]["eta"], "2026-11-24T10:00:00.500000+00:00");
        assert_eq!(back["headers"]["expires"], "2026-11-25T10:00:00.000000+00:00");
        assert_eq!(back["headers"]["replaced_task_nesting"], 0);
        assert_eq!(back["properties"], sent["properties"]);
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_the_reason() {
        let mut message = Message {
            queue: "q".to_owned(),
            headers: serde_json::from_value(json!({"task": "t", "id": "i"})).unwrap(),
            properties: Properties::new("i", 0),
            body: Body::default(),
        };
        assert!(message.encode().is_ok());
        message.body.kwargs.insert("x".to_owned(), "x".repeat(Message::MAX_BYTES).into());
        assert!(matches!(message.encode(), Err(Error::TooLarge { .. })));
        message.body = Body::default();
        message.properties.priority = 10;
        assert_eq!(message.encode().unwrap_err().to_string(), "the priority is 10, but must be 0 to 9");
        message.properties.priority = 9;
        message.queue = "a\0b".to_owned();
        assert!(matches!(message.encode(), Err(Error::Invalid { .. })));
    }
}
