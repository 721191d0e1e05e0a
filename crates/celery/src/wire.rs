//! How a message lies on the wire: kombu's envelope on Redis, and the body that all transports share.
//!
//! Facts from kombu's virtual transports (`kombu/transport/virtual/base.py`) and Celery's protocol 2.

#![cfg_attr(not(feature = "redis"), expect(dead_code, reason = "AMQP has no envelope"))]

use std::borrow::Cow;
use std::io::Read as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::broker::Malformed;
use crate::error::Error;
use crate::message::{Body, Headers, Message, Properties};

/// What lies in a Redis list.
#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    body: Cow<'a, str>,
    #[serde(rename = "content-encoding", default)]
    content_encoding: Option<Cow<'a, str>>,
    #[serde(rename = "content-type", default)]
    content_type: Option<Cow<'a, str>>,
    headers: Headers,
    properties: Outer<'a>,
}

/// Kombu's properties of a message.
#[derive(Serialize, Deserialize)]
struct Outer<'a> {
    #[serde(default)]
    correlation_id: Option<Cow<'a, str>>,
    #[serde(default)]
    reply_to: Option<Cow<'a, str>>,
    #[serde(default)]
    delivery_mode: Option<u8>,
    delivery_info: Info<'a>,
    #[serde(default)]
    priority: Option<u8>,
    #[serde(default)]
    body_encoding: Option<Cow<'a, str>>,
    #[serde(default)]
    delivery_tag: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct Info<'a> {
    #[serde(default)]
    exchange: Option<Cow<'a, str>>,
    #[serde(default)]
    routing_key: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redelivered: Option<bool>,
}

/// The header in which redeliveries are counted.
pub(crate) const REDELIVERIES: &str = "redeliveries";

/// Writes kombu's envelope. `tag` tells messages apart.
pub(crate) fn envelope(message: &Message, tag: &str) -> Result<String, Error> {
    message.check()?;
    let encode = |source| Error::Encode { task: message.headers.task.clone(), source };
    let body = serde_json::to_vec(&message.body).map_err(encode)?;
    if Message::MAX_BYTES < body.len() {
        return Err(Error::TooLarge { task: message.headers.task.clone(), bytes: body.len(), limit: Message::MAX_BYTES });
    }
    let properties = &message.properties;
    let envelope = Envelope {
        body: BASE64_STANDARD.encode(body).into(),
        content_encoding: Some("utf-8".into()),
        content_type: Some("application/json".into()),
        headers: message.headers.clone(),
        properties: Outer {
            correlation_id: Some(properties.correlation_id.as_str().into()),
            reply_to: Some(properties.reply_to.as_deref().unwrap_or_default().into()),
            delivery_mode: Some(properties.delivery_mode),
            delivery_info: Info { exchange: Some("".into()), routing_key: Some(message.queue.as_str().into()), redelivered: None },
            priority: Some(properties.priority),
            body_encoding: Some("base64".into()),
            delivery_tag: Some(tag.into()),
        },
    };
    serde_json::to_string(&envelope).map_err(encode)
}

/// Reads kombu's envelope, found in `queue`; says too whether it was redelivered.
pub(crate) fn open(text: &str, queue: &str) -> Result<(Message, bool), Malformed> {
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| malformed(text, &error.to_string()))?;
    let Envelope { body, content_encoding, content_type, headers, properties: outer } = envelope;
    let fail = |reason: String| Malformed { id: headers.id.clone(), reason };
    let raw = match outer.body_encoding.as_deref() {
        Some("base64") => BASE64_STANDARD.decode(body.as_bytes()).map_err(|error| fail(format!("its body is no base64: {error}")))?,
        _ => body.into_owned().into_bytes(),
    };
    let properties = Properties {
        correlation_id: outer.correlation_id.map_or_else(|| headers.id.clone(), Cow::into_owned),
        reply_to: outer.reply_to.map(Cow::into_owned).filter(|to| !to.is_empty()),
        priority: outer.priority.unwrap_or(0).min(9),
        delivery_mode: outer.delivery_mode.unwrap_or(2),
        ..Properties::new(&headers.id, 0)
    };
    let body = body_of(&raw, content_type.as_deref(), content_encoding.as_deref(), &headers.extra).map_err(fail)?;
    let redelivered = outer.delivery_info.redelivered.unwrap_or(false);
    Ok((Message { queue: queue.to_owned(), headers, properties, body }, redelivered))
}

/// Reads a body as its labels say.
pub(crate) fn body_of(
    raw: &[u8],
    content_type: Option<&str>,
    content_encoding: Option<&str>,
    headers: &Map<String, Value>,
) -> Result<Body, String> {
    if Message::MAX_BYTES < raw.len() {
        return Err(format!("its body has {} bytes, more than the {} allowed", raw.len(), Message::MAX_BYTES));
    }
    match content_type {
        None | Some("" | "application/json") => {}
        Some("application/x-python-serialize") => {
            return Err("pickle is refused, for reading it runs code; let the sender use task_serializer='json'".to_owned());
        }
        Some("application/x-yaml") => return Err("YAML is refused; let the sender use task_serializer='json'".to_owned()),
        Some(other) => return Err(format!("the content type `{other}` is not read here; let the sender use JSON")),
    }
    if let Some(encoding) = content_encoding
        && !["", "utf-8", "utf8", "us-ascii", "binary"].contains(&encoding.to_ascii_lowercase().as_str())
    {
        return Err(format!("the content encoding `{encoding}` is not read here; send UTF-8"));
    }
    let raw = match headers.get("compression").and_then(Value::as_str) {
        None => Cow::Borrowed(raw),
        // Celery's "gzip" is zlib's format; gzip's own is known by its first bytes.
        Some("application/x-gzip" | "gzip" | "zlib") => Cow::Owned(inflate(raw)?),
        Some(other) => return Err(format!("the compression `{other}` is not read here; use gzip or none")),
    };
    serde_json::from_slice(&raw).map_err(|error| format!("its body is not [args, kwargs, embed] in JSON: {error}"))
}

fn inflate(raw: &[u8]) -> Result<Vec<u8>, String> {
    let limit = u64::try_from(Message::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut out = Vec::new();
    let read = if raw.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(raw).take(limit).read_to_end(&mut out)
    } else {
        flate2::read::ZlibDecoder::new(raw).take(limit).read_to_end(&mut out)
    };
    read.map_err(|error| format!("its body cannot be decompressed: {error}"))?;
    if Message::MAX_BYTES < out.len() {
        return Err(format!("its body decompresses to more than the {} bytes allowed", Message::MAX_BYTES));
    }
    Ok(out)
}

/// Why text is no envelope, in words for whoever sent it.
fn malformed(text: &str, reason: &str) -> Malformed {
    let found: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    let id = found.pointer("/headers/id").or_else(|| found.pointer("/properties/correlation_id")).and_then(Value::as_str);
    let reason = if found.get("headers").is_some_and(|headers| headers.get("task").is_none()) {
        "it has no header `task`: protocol 1 and foreign messages are not read here".to_owned()
    } else {
        reason.to_owned()
    };
    Malformed { id: id.unwrap_or_default().to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::json;

    use super::*;

    fn sent(body: &[u8], content_type: &str, headers: Value) -> String {
        let mut all = json!({"task": "conf.add", "id": "7f1c"});
        all.as_object_mut().unwrap().extend(headers.as_object().unwrap().clone());
        json!({"body": BASE64_STANDARD.encode(body), "content-encoding": "utf-8", "content-type": content_type, "headers": all,
            "properties": {"correlation_id": "7f1c", "reply_to": "", "delivery_mode": 2, "expiration": "60000",
                "delivery_info": {"exchange": "", "routing_key": "celery"}, "priority": 0, "body_encoding": "base64",
                "delivery_tag": "x"}})
        .to_string()
    }

    const BODY: &[u8] = br#"[[1, 2], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]"#;

    #[test]
    fn an_envelope_is_read_as_it_was_written() {
        let (message, redelivered) = open(&sent(BODY, "application/json", json!({})), "q").unwrap();
        assert_eq!((message.task(), message.queue.as_str(), redelivered), ("conf.add", "q", false));
        assert_eq!(message.body.args, [json!(1), json!(2)]);
        let again = open(&envelope(&message, "tag").unwrap(), "q").unwrap().0;
        assert_eq!(again, message);
    }

    #[test]
    fn compressed_bodies_are_read_up_to_a_limit() {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(BODY).unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(BODY).unwrap();
        for packed in [zlib.finish().unwrap(), gzip.finish().unwrap()] {
            let text = sent(&packed, "application/json", json!({"compression": "application/x-gzip"}));
            assert_eq!(open(&text, "q").unwrap().0.body.args.len(), 2);
        }
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..20 {
            bomb.write_all(&vec![b' '; 1024 * 1024]).unwrap();
        }
        let text = sent(&bomb.finish().unwrap(), "application/json", json!({"compression": "application/x-gzip"}));
        assert!(open(&text, "q").unwrap_err().reason.contains("decompresses to more"));
    }

    #[test]
    fn what_cannot_be_read_says_why_and_keeps_its_id() {
        let pickled = open(&sent(b"\x80\x04", "application/x-python-serialize", json!({})), "q").unwrap_err();
        assert_eq!(pickled.id, "7f1c");
        assert!(pickled.reason.contains("task_serializer='json'"));
        assert!(open(&sent(BODY, "application/x-yaml", json!({})), "q").unwrap_err().reason.contains("YAML"));
        assert!(open(&sent(b"[1]", "application/json", json!({})), "q").unwrap_err().reason.contains("[args, kwargs, embed]"));
        assert!(open(&sent(b"\xff\xfe", "application/json", json!({})), "q").unwrap_err().reason.contains("JSON"));
        assert_eq!(open("no json", "q").unwrap_err().id, "");
        let old = json!({"body": "", "headers": {}, "properties": {"delivery_info": {}, "correlation_id": "c"}}).to_string();
        let old = open(&old, "q").unwrap_err();
        assert_eq!((old.id.as_str(), old.reason.contains("protocol 1")), ("c", true));
        let eta = open(&sent(BODY, "application/json", json!({"eta": "soon"})), "q").unwrap_err();
        assert!(eta.reason.contains("`soon` is no ISO 8601 instant"), "{}", eta.reason);
    }
}
