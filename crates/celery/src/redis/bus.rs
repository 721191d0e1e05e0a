//! Remote control and events on Redis, as kombu carries them.
//!
//! Commands go to the channel `/<db>.celery.pidbox`, events to `/<db>.celeryev/<routing key>`; replies
//! are pushed to the queues that `_kombu.binding.<exchange>` names for their routing key.

use std::time::Duration;

use ::redis::aio::{MultiplexedConnection, PubSub};
use ::redis::{AsyncConnectionConfig, Msg, cmd, pipe};
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::stream::{BoxStream, Stream, StreamExt as _};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{SEPARATOR, Server};
use crate::bus::{Bus, Command, EVENTS, PIDBOX, Post, Reply, ReplyTo};
use crate::error::Error;

/// A connection that only listens is asked so often whether it still stands.
const PING: Duration = Duration::from_secs(20);

/// How long that may take, and connecting.
const PONG: Duration = Duration::from_secs(10);

/// Replies that nobody fetches are gone after so many seconds.
const KEPT: i64 = 60;

/// Remote control and events on Redis. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RedisBus {
    server: Server,
}

impl RedisBus {
    /// The bus at `redis://…`; it must be the database that the workers' broker uses. Call it
    /// within a Tokio runtime.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn new(url: &str) -> Result<Self, Error> {
        Ok(Self { server: Server::open(url)? })
    }

    fn channel(&self, exchange: &str, key: &str) -> String {
        let database = self.server.client.get_connection_info().redis_settings().db();
        let part = if key.is_empty() { "" } else { "/" };
        format!("/{database}.{exchange}{part}{key}")
    }

    async fn listener(&self) -> Result<PubSub, Error> {
        match tokio::time::timeout(PONG, self.server.client.get_async_pubsub()).await {
            Ok(connected) => Ok(connected?),
            Err(elapsed) => Err(::redis::RedisError::from(std::io::Error::from(elapsed)).into()),
        }
    }

    async fn publish(&self, exchange: &str, posts: impl Iterator<Item = (String, String)>) -> Result<Vec<u64>, Error> {
        let mut publishing = pipe();
        for (key, message) in posts {
            publishing.publish(self.channel(exchange, &key), message);
        }
        Ok(publishing.query_async(&mut self.server.connection()).await?)
    }
}

/// Kombu's envelope of something that is not kept.
fn envelope(body: &Value, headers: &Value, exchange: &str, key: &str) -> String {
    json!({
        "body": BASE64_STANDARD.encode(body.to_string()),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": {
            "delivery_mode": 1,
            "delivery_info": {"exchange": exchange, "routing_key": key},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": Uuid::new_v4().to_string(),
        },
    })
    .to_string()
}

/// Body and headers. What cannot be read is passed over: anybody may publish anything.
fn open(raw: &[u8]) -> Option<(Value, Map<String, Value>, String)> {
    let mut outer: Value = serde_json::from_slice(raw).ok()?;
    let body = outer.get("body")?.as_str()?;
    let body = match outer.pointer("/properties/body_encoding").and_then(Value::as_str) {
        Some("base64") => serde_json::from_slice(&BASE64_STANDARD.decode(body).ok()?).ok()?,
        _ => serde_json::from_str(body).ok()?,
    };
    let key = outer.pointer("/properties/delivery_info/routing_key").and_then(Value::as_str).unwrap_or_default().to_owned();
    let headers = match outer.get_mut("headers").map(Value::take) {
        Some(Value::Object(headers)) => headers,
        _ => Map::new(),
    };
    Some((body, headers, key))
}

fn clock(headers: &Map<String, Value>) -> u64 {
    headers.get("clock").and_then(Value::as_u64).unwrap_or(0)
}

/// Messages until the connection is lost, which a connection that only listens must be asked for.
fn messages(pubsub: PubSub) -> impl Stream<Item = Msg> {
    let (mut sink, stream) = pubsub.split();
    let lost = async move {
        let mut ticks = tokio::time::interval(PING);
        loop {
            ticks.tick().await;
            let pong = tokio::time::timeout(PONG, sink.ping::<::redis::Value>()).await;
            if !matches!(pong, Ok(Ok(_))) {
                return;
            }
        }
    };
    stream.take_until(Box::pin(lost))
}

/// A reply queue; taken down with its owner.
struct Mailbox {
    server: Server,
    connection: MultiplexedConnection,
    to: ReplyTo,
}

impl Mailbox {
    fn table(&self) -> String {
        format!("_kombu.binding.{}", self.to.exchange)
    }

    fn member(&self) -> String {
        [self.to.routing_key.as_str(), "", &self.to.queue()].join(SEPARATOR)
    }

    async fn bind(&mut self) -> Result<(), Error> {
        let (table, member) = (self.table(), self.member());
        Ok(cmd("SADD").arg(table).arg(member).exec_async(&mut self.connection).await?)
    }

    async fn next(&mut self) -> Option<Reply> {
        loop {
            // Tools of kombu's sweep the table away when no Python asker refreshes it.
            self.bind().await.ok()?;
            let popped = cmd("BRPOP").arg(self.to.queue()).arg(1).query_async::<Option<(String, Vec<u8>)>>(&mut self.connection).await;
            let Some((_, raw)) = popped.ok()? else { continue };
            let Some((body, headers, _)) = open(&raw) else { continue };
            let ticket = headers.get("ticket").and_then(Value::as_str).map(str::to_owned);
            if let Some(reply) = Reply::read(body, ticket, clock(&headers)) {
                return Some(reply);
            }
        }
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let (table, member, queue, mut connection) = (self.table(), self.member(), self.to.queue(), self.server.connection());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = pipe().srem(table, member).del(queue).exec_async(&mut connection).await;
            });
        }
    }
}

#[async_trait]
impl Bus for RedisBus {
    fn kind(&self) -> &'static str {
        "redis"
    }

    async fn broadcast(&self, command: &Command) -> Result<Option<u64>, Error> {
        let body = serde_json::to_value(command).map_err(|error| Error::Unreadable(error.to_string()))?;
        let message = envelope(&body, &json!({"clock": command.clock, "expires": 0}), PIDBOX, "");
        Ok(self.publish(PIDBOX, std::iter::once((String::new(), message))).await?.first().copied())
    }

    async fn commands(&self, _: &str) -> Result<BoxStream<'static, Command>, Error> {
        let mut pubsub = self.listener().await?;
        pubsub.subscribe(self.channel(PIDBOX, "")).await?;
        let read = |message: Msg| {
            let command = open(message.get_payload_bytes()).and_then(|(body, headers, _)| {
                let command: Command = serde_json::from_value(body).ok()?;
                Some(Command { clock: clock(&headers), ..command })
            });
            if command.is_none() {
                tracing::warn!("a command to workers cannot be read; it is passed over");
            }
            std::future::ready(command)
        };
        Ok(messages(pubsub).filter_map(read).boxed())
    }

    async fn answer(&self, to: &ReplyTo, reply: &Reply) -> Result<(), Error> {
        let mut connection = self.server.connection();
        let bound: Vec<String> = cmd("SMEMBERS").arg(format!("_kombu.binding.{}", to.exchange)).query_async(&mut connection).await?;
        let message = envelope(&reply.body(), &json!({"ticket": reply.ticket, "clock": reply.clock}), &to.exchange, &to.routing_key);
        let mut pushes = pipe();
        for member in &bound {
            let mut parts = member.split(SEPARATOR);
            if let (Some(key), Some(_), Some(queue)) = (parts.next(), parts.next(), parts.next())
                && key == to.routing_key
            {
                pushes.lpush(queue, &message).ignore().expire(queue, KEPT).ignore();
            }
        }
        Ok(pushes.exec_async(&mut connection).await?)
    }

    async fn replies(&self, to: &ReplyTo) -> Result<BoxStream<'static, Reply>, Error> {
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(Some(Duration::from_secs(5)));
        let connection = self.server.client.get_multiplexed_async_connection_with_config(&config).await?;
        let mut mailbox = Mailbox { server: self.server.clone(), connection, to: to.clone() };
        mailbox.bind().await?;
        let replies = futures_util::stream::unfold(mailbox, |mut mailbox| async move {
            let reply = mailbox.next().await?;
            Some((reply, mailbox))
        });
        Ok(replies.boxed())
    }

    async fn emit(&self, posts: &[Post]) -> Result<(), Error> {
        let messages = posts.iter().map(|post| {
            let message = envelope(&post.body, &json!({"hostname": post.hostname}), EVENTS, &post.routing_key);
            (post.routing_key.clone(), message)
        });
        self.publish(EVENTS, messages).await?;
        Ok(())
    }

    async fn events(&self) -> Result<BoxStream<'static, Post>, Error> {
        let mut pubsub = self.listener().await?;
        pubsub.psubscribe(self.channel(EVENTS, "*")).await?;
        let read = |message: Msg| {
            let post = open(message.get_payload_bytes()).map(|(body, headers, routing_key)| {
                let hostname = headers.get("hostname").and_then(Value::as_str).unwrap_or_default().to_owned();
                Post { routing_key, hostname, body }
            });
            std::future::ready(post)
        };
        Ok(messages(pubsub).filter_map(read).boxed())
    }
}
