//! A message as AMQP carries it: properties, headers as a table, body.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldArray, FieldTable, LongString, ShortString};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use crate::broker::Malformed;
use crate::error::Error;
use crate::message::{Headers, Message, Properties};
use crate::wire::{REDELIVERIES, body_of};

/// The most bytes that headers may have: they travel in one frame, which has 128 KiB.
const HEADERS: usize = 96 * 1024;

/// Headers that RabbitMQ adds to what it delivers again.
const OF_THE_SERVER: [&str; 2] = ["x-delivery-count", "x-acquired-count"];

/// What is to be sent.
#[derive(Clone, Debug)]
pub(super) struct Post {
    /// The queue that it goes to.
    pub(super) queue: String,
    /// Whether that is one for what is set aside.
    pub(super) aside: bool,
    pub(super) properties: BasicProperties,
    pub(super) body: Vec<u8>,
}

impl Post {
    /// Writes a message as Celery does.
    pub(super) fn new(message: &Message) -> Result<Self, Error> {
        message.check()?;
        let encode = |source| Error::Encode { task: message.headers.task.clone(), source };
        let body = serde_json::to_vec(&message.body).map_err(encode)?;
        if Message::MAX_BYTES < body.len() {
            return Err(Error::TooLarge { task: message.headers.task.clone(), bytes: body.len(), limit: Message::MAX_BYTES });
        }
        let headers = serde_json::to_value(&message.headers).map_err(encode)?;
        if HEADERS < headers.to_string().len() {
            return Err(Error::invalid("the message's headers", format!("are longer than the {HEADERS} bytes that RabbitMQ takes")));
        }
        let Properties { correlation_id, reply_to, delivery_mode, priority, content_type, content_encoding } = &message.properties;
        let properties = BasicProperties::default()
            .with_content_type(short("the content type", content_type)?)
            .with_content_encoding(short("the content encoding", content_encoding)?)
            .with_headers(table(headers)?)
            .with_delivery_mode(*delivery_mode)
            .with_priority(*priority)
            .with_correlation_id(short("the correlation id", correlation_id)?)
            .with_reply_to(short("the queue for answers", reply_to.as_deref().unwrap_or_default())?);
        Ok(Self { queue: message.queue.clone(), aside: false, properties, body })
    }
}

pub(super) fn short(what: &'static str, text: &str) -> Result<ShortString, Error> {
    ShortString::try_new(text).map_err(|_| Error::invalid(what, "is longer than the 255 bytes that RabbitMQ takes"))
}

/// Reads what was delivered from `queue`.
pub(super) fn read(queue: &str, properties: &BasicProperties, body: &[u8]) -> Result<Message, Malformed> {
    let headers: Map<String, Value> = properties.headers().as_ref().map(map).unwrap_or_default();
    let correlation = properties.correlation_id().as_ref().map(ToString::to_string);
    let id = headers.get("id").and_then(Value::as_str).map(str::to_owned).or_else(|| correlation.clone()).unwrap_or_default();
    let fail = |reason: String| Malformed { id: id.clone(), reason };
    if !headers.contains_key("task") {
        return Err(fail("it has no header `task`: protocol 1 and foreign messages are not read here".to_owned()));
    }
    let headers = Headers::deserialize(Value::Object(headers)).map_err(|error| fail(error.to_string()))?;
    let text = |property: &Option<ShortString>| property.as_ref().map(ToString::to_string);
    let content_type = text(properties.content_type());
    let content_encoding = text(properties.content_encoding());
    let body = body_of(body, content_type.as_deref(), content_encoding.as_deref(), &headers.extra).map_err(fail)?;
    let properties = Properties {
        correlation_id: correlation.unwrap_or_else(|| headers.id.clone()),
        reply_to: text(properties.reply_to()).filter(|to| !to.is_empty()),
        priority: properties.priority().unwrap_or(0).min(9),
        delivery_mode: properties.delivery_mode().unwrap_or(2),
        ..Properties::new(&headers.id, 0)
    };
    Ok(Message { queue: queue.to_owned(), headers, properties, body })
}

/// How often a message was given back or lost before, as far as it tells itself.
pub(super) fn returns(properties: &BasicProperties) -> u64 {
    header(properties, REDELIVERIES).unwrap_or(0)
}

/// The same as a quorum queue counts it; `None` on the other queues.
pub(super) fn counted(properties: &BasicProperties) -> Option<u64> {
    header(properties, "x-delivery-count")
}

fn header(properties: &BasicProperties, name: &str) -> Option<u64> {
    let value = properties.headers().as_ref()?.inner().get(name)?;
    json(value).as_u64()
}

/// Properties to send a message again with, unchanged but for the count of its returns.
pub(super) fn again(properties: &BasicProperties, returns: u64) -> BasicProperties {
    let mut headers = FieldTable::default();
    for (name, value) in properties.headers().iter().flat_map(FieldTable::inner) {
        if !OF_THE_SERVER.contains(&name.as_str()) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if 0 < returns {
        headers.insert(REDELIVERIES.into(), AMQPValue::LongLongInt(i64::try_from(returns).unwrap_or(i64::MAX)));
    }
    let mut copy = BasicProperties::default().with_headers(headers);
    // All but the sender's name, which RabbitMQ would compare with ours.
    macro_rules! copied {
        ($($get:ident $set:ident),*) => {
            $(if let Some(value) = properties.$get() { copy = copy.$set(value.clone()); })*
        };
    }
    copied!(content_type with_content_type, content_encoding with_content_encoding, delivery_mode with_delivery_mode);
    copied!(priority with_priority, correlation_id with_correlation_id, reply_to with_reply_to, expiration with_expiration);
    copied!(message_id with_message_id, timestamp with_timestamp, kind with_type, app_id with_app_id);
    copy
}

fn table(value: Value) -> Result<FieldTable, Error> {
    let mut table = FieldTable::default();
    if let Value::Object(map) = value {
        for (name, value) in map {
            table.insert(short("the name of a header", &name)?, amqp(value)?);
        }
    }
    Ok(table)
}

/// As py-amqp writes it: small numbers in four bytes, all texts as long ones.
fn amqp(value: Value) -> Result<AMQPValue, Error> {
    Ok(match value {
        Value::Null => AMQPValue::Void,
        Value::Bool(yes) => AMQPValue::Boolean(yes),
        Value::String(text) => AMQPValue::LongString(text.into()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => i32::try_from(whole).map_or(AMQPValue::LongLongInt(whole), AMQPValue::LongInt),
            None => number.as_f64().map_or(AMQPValue::Void, AMQPValue::Double),
        },
        Value::Array(list) => AMQPValue::FieldArray(FieldArray::from(list.into_iter().map(amqp).collect::<Result<Vec<_>, _>>()?)),
        map @ Value::Object(_) => AMQPValue::FieldTable(table(map)?),
    })
}

fn map(table: &FieldTable) -> Map<String, Value> {
    table.inner().iter().map(|(name, value)| (name.to_string(), json(value))).collect()
}

fn json(value: &AMQPValue) -> Value {
    match value {
        AMQPValue::Boolean(yes) => (*yes).into(),
        AMQPValue::ShortShortInt(number) => (*number).into(),
        AMQPValue::ShortShortUInt(number) => (*number).into(),
        AMQPValue::ShortInt(number) => (*number).into(),
        AMQPValue::ShortUInt(number) => (*number).into(),
        AMQPValue::LongInt(number) => (*number).into(),
        AMQPValue::LongUInt(number) => (*number).into(),
        AMQPValue::LongLongInt(number) => (*number).into(),
        AMQPValue::Timestamp(seconds) => (*seconds).into(),
        AMQPValue::Float(number) => (*number).into(),
        AMQPValue::Double(number) => (*number).into(),
        AMQPValue::DecimalValue(decimal) => format!("{}e-{}", decimal.value, decimal.scale).into(),
        AMQPValue::ShortString(text) => text.as_str().into(),
        AMQPValue::LongString(text) => text_of(text).into(),
        AMQPValue::ByteArray(bytes) => String::from_utf8_lossy(bytes.as_slice()).into(),
        AMQPValue::FieldArray(list) => list.as_slice().iter().map(json).collect(),
        AMQPValue::FieldTable(table) => Value::Object(map(table)),
        AMQPValue::Void => Value::Null,
    }
}

fn text_of(text: &LongString) -> String {
    String::from_utf8_lossy(text.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(more: Value) -> Message {
        let mut headers = json!({"task": "conf.add", "id": "7f1c", "lang": "py", "retries": 1, "timelimit": [2.5, null], "argsrepr": "(好,)",
            "ignore_result": true, "stamped_headers": null, "stamps": {"a": [1, {"b": 5_000_000_000_i64}]}});
        headers.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let properties = Properties { reply_to: Some("answers".to_owned()), ..Properties::new("7f1c", 7) };
        let body = serde_json::from_value(json!([[1, 2], {"k": "好"}, {}])).unwrap();
        Message { queue: "q".to_owned(), headers: serde_json::from_value(headers).unwrap(), properties, body }
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let message = message(json!({"eta": "2026-11-24T10:00:00.500000+00:00"}));
        let post = Post::new(&message).unwrap();
        assert_eq!(read("q", &post.properties, &post.body).unwrap(), message);
        let copy = again(&post.properties, 0);
        assert_eq!(read("q", &copy, &post.body).unwrap(), message);
        assert_eq!(post.properties.delivery_mode(), &Some(2));
    }

    #[test]
    fn returns_are_counted_and_the_servers_headers_left_out() {
        let post = Post::new(&message(json!({}))).unwrap();
        assert_eq!((returns(&post.properties), counted(&post.properties)), (0, None));
        let mut headers = post.properties.headers().clone().unwrap();
        headers.insert("x-delivery-count".into(), AMQPValue::LongLongInt(3));
        let delivered = post.properties.clone().with_headers(headers).with_user_id("somebody".into());
        assert_eq!(counted(&delivered), Some(3));
        let copy = again(&delivered, 2);
        assert_eq!((returns(&copy), counted(&copy), copy.user_id()), (2, None, &None));
    }

    #[test]
    fn what_cannot_be_read_says_why_and_keeps_its_id() {
        let post = Post::new(&message(json!({}))).unwrap();
        let pickled = post.properties.clone().with_content_type("application/x-python-serialize".into());
        let pickled = read("q", &pickled, b"\x80\x04").unwrap_err();
        assert_eq!((pickled.id.as_str(), pickled.reason.contains("task_serializer='json'")), ("7f1c", true));
        let bare = BasicProperties::default().with_correlation_id("c".into());
        let bare = read("q", &bare, b"{}").unwrap_err();
        assert_eq!((bare.id.as_str(), bare.reason.contains("protocol 1")), ("c", true));
        assert!(read("q", &BasicProperties::default(), b"").is_err());
    }

    #[test]
    fn what_amqp_cannot_carry_is_refused() {
        let long = "x".repeat(300);
        assert!(Post::new(&message(json!({long.as_str(): 1}))).unwrap_err().to_string().contains("255 bytes"));
        assert!(Post::new(&message(json!({"x": "x".repeat(HEADERS)}))).unwrap_err().to_string().contains("headers"));
        let mut message = message(json!({}));
        message.properties.reply_to = Some(long);
        assert!(Post::new(&message).unwrap_err().to_string().contains("answers"));
    }
}
