//! Sending: one connection, with one channel on which RabbitMQ confirms what it has taken.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use lapin::options::{BasicPublishOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions, QueuePurgeOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Confirmation, Connection, ErrorKind, ExchangeKind};

use super::post::{Post, short};
use super::server::{Mode, Server};
use super::{Kind, SET_ASIDE};
use crate::error::Error;

/// How many messages are on their way before their confirmations are awaited.
const BATCH: usize = 500;

/// How many bytes are.
const BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Outlet {
    server: Arc<Server>,
    kind: Kind,
    live: tokio::sync::Mutex<Option<Arc<Live>>>,
}

#[derive(Debug)]
struct Live {
    connection: Connection,
    channel: Channel,
    /// Queues that are there, as far as this connection knows. Held for no longer than a look.
    declared: Mutex<BTreeSet<String>>,
}

impl Live {
    fn is_well(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }
}

impl Outlet {
    pub(super) fn new(server: Arc<Server>, kind: Kind) -> Self {
        Self { server, kind, live: tokio::sync::Mutex::default() }
    }

    async fn live(&self) -> Result<Arc<Live>, Error> {
        let mut live = self.live.lock().await;
        if let Some(live) = live.as_ref().filter(|live| live.is_well()) {
            return Ok(Arc::clone(live));
        }
        // Before a new one is made, so that a broken one is never used again.
        *live = None;
        let (connection, channel) = self.server.connect(Mode::Confirms).await?;
        let new = Arc::new(Live { connection, channel, declared: Mutex::default() });
        *live = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Forgets the connection, if it is still this one: what becomes of it is not known.
    async fn drop_live(&self, gone: &Arc<Live>) {
        let mut live = self.live.lock().await;
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(live, gone)) {
            *live = None;
        }
    }

    /// Sends all and waits until RabbitMQ has them. After an error, any of them may have been sent.
    pub(super) async fn publish(&self, posts: &[Post]) -> Result<(), Error> {
        if posts.is_empty() {
            return Ok(());
        }
        let live = self.live().await?;
        let mut rest = posts;
        while !rest.is_empty() {
            let mut bytes = 0_usize;
            let fits = rest.iter().take(BATCH).take_while(|post| {
                let first = bytes == 0;
                bytes = bytes.saturating_add(post.body.len().max(1));
                first || bytes <= BYTES
            });
            let (now, later) = rest.split_at_checked(fits.count()).unwrap_or((rest, &[]));
            rest = later;
            let sent = self.publish_batch(&live, now).await;
            if sent.is_err() {
                self.drop_live(&live).await;
            }
            let homeless = sent?;
            if homeless.is_empty() {
                continue;
            }
            // Somebody has deleted the queue since; it is made once more.
            for post in &homeless {
                live.declared.lock().unwrap_or_else(PoisonError::into_inner).remove(&post.queue);
            }
            if let Some(post) = self.publish_batch(&live, &homeless).await?.first() {
                return Err(self.server.error(format!("no queue takes the messages for `{}`", post.queue)));
            }
        }
        Ok(())
    }

    /// Returns what no queue has taken.
    async fn publish_batch(&self, live: &Live, posts: &[Post]) -> Result<Vec<Post>, Error> {
        let mut queues: Vec<(&str, bool)> = posts.iter().map(|post| (post.queue.as_str(), post.aside)).collect();
        queues.sort_unstable();
        queues.dedup();
        for (queue, aside) in queues {
            self.declare_on(live, queue, aside).await?;
        }
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sending = async {
            let mut keys = Vec::with_capacity(posts.len());
            for post in posts {
                keys.push(short("the queue's name", &post.queue)?);
            }
            let sends = posts.iter().zip(keys);
            let sends = sends.map(|(post, key)| live.channel.basic_publish("".into(), key, options, &post.body, post.properties.clone()));
            let confirms = async {
                let sent = join_all(sends).await.into_iter().collect::<lapin::Result<Vec<_>>>()?;
                join_all(sent).await.into_iter().collect::<lapin::Result<Vec<_>>>()
            };
            self.server.answer(&live.connection, confirms).await
        };
        let mut homeless = Vec::new();
        for (post, confirmation) in posts.iter().zip(sending.await?) {
            match confirmation {
                Confirmation::Ack(None) => {}
                Confirmation::Ack(Some(_)) => homeless.push(post.clone()),
                Confirmation::Nack(_) | Confirmation::NotRequested => {
                    return Err(self.server.error(format!("a message for `{}` was not taken; the queue may be full", post.queue)));
                }
            }
        }
        Ok(homeless)
    }

    /// Makes a queue that is not there, also if it was before.
    pub(super) async fn declare_anew(&self, queue: &str) -> Result<(), Error> {
        let live = self.live().await?;
        if live.declared.lock().unwrap_or_else(PoisonError::into_inner).contains(queue) && self.ready_on(&live, queue).await?.is_none() {
            live.declared.lock().unwrap_or_else(PoisonError::into_inner).remove(queue);
        }
        self.declare_on(&live, queue, false).await
    }

    async fn declare_on(&self, live: &Live, queue: &str, aside: bool) -> Result<(), Error> {
        if live.declared.lock().unwrap_or_else(PoisonError::into_inner).contains(queue) {
            return Ok(());
        }
        let name = short("the queue's name", queue)?;
        // A channel of its own: a refusal closes it.
        let channel = self.server.answer(&live.connection, live.connection.create_channel()).await?;
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let declaring = async {
            if !aside {
                let exchange = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
                channel.exchange_declare(name.clone(), ExchangeKind::Direct, exchange, FieldTable::default()).await?;
            }
            channel.queue_declare(name.clone(), durable, self.arguments(aside)).await?;
            if !aside {
                channel.queue_bind(name.clone(), name.clone(), name.clone(), QueueBindOptions::default(), FieldTable::default()).await?;
            }
            channel.close(200, "OK".into()).await
        };
        match self.server.within(&live.connection, declaring).await? {
            Ok(()) => {}
            Err(error) if refused(&error, "PRECONDITION_FAILED") => {
                // It is there, made by somebody else in another way: good enough to be used.
                if self.ready_on(live, queue).await?.is_none() {
                    return Err(self.server.failed(&error));
                }
                tracing::warn!(queue, %error, "the queue was declared otherwise before; it is used as it is");
            }
            Err(error) => return Err(self.server.failed(&error)),
        }
        live.declared.lock().unwrap_or_else(PoisonError::into_inner).insert(queue.to_owned());
        Ok(())
    }

    fn arguments(&self, aside: bool) -> FieldTable {
        let mut arguments = FieldTable::default();
        if aside {
            arguments.insert("x-max-length".into(), AMQPValue::LongInt(SET_ASIDE));
        } else if self.kind.quorum {
            arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        } else if let Some(priority) = self.kind.max_priority {
            arguments.insert("x-max-priority".into(), AMQPValue::LongInt(priority.into()));
        }
        arguments
    }

    /// Queues that were declared here.
    pub(super) async fn known(&self) -> Result<Vec<String>, Error> {
        let live = self.live().await?;
        let declared = live.declared.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(declared.iter().filter(|queue| !queue.ends_with(super::ASIDE)).cloned().collect())
    }

    /// How many messages wait in a queue; `None` if there is no such queue.
    pub(super) async fn ready(&self, queue: &str) -> Result<Option<u64>, Error> {
        let live = self.live().await?;
        self.ready_on(&live, queue).await
    }

    async fn ready_on(&self, live: &Live, queue: &str) -> Result<Option<u64>, Error> {
        let channel = self.server.answer(&live.connection, live.connection.create_channel()).await?;
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let asked = channel.queue_declare(short("the queue's name", queue)?, passive, FieldTable::default());
        self.unless_missing(live, asked).await.map(|queue| queue.map(|queue| u64::from(queue.message_count())))
    }

    /// Empties a queue; returns how many messages that were.
    pub(super) async fn purge(&self, queue: &str) -> Result<u64, Error> {
        let live = self.live().await?;
        let channel = self.server.answer(&live.connection, live.connection.create_channel()).await?;
        let purged = channel.queue_purge(short("the queue's name", queue)?, QueuePurgeOptions::default());
        Ok(self.unless_missing(&live, purged).await?.map_or(0, u64::from))
    }

    async fn unless_missing<T>(&self, live: &Live, asked: impl Future<Output = lapin::Result<T>>) -> Result<Option<T>, Error> {
        match self.server.within(&live.connection, asked).await? {
            Ok(found) => Ok(Some(found)),
            Err(error) if refused(&error, "NOT_FOUND") => Ok(None),
            Err(error) => Err(self.server.failed(&error)),
        }
    }
}

/// Whether RabbitMQ refused something with this word.
fn refused(error: &lapin::Error, word: &str) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error) if error.get_message().as_str().starts_with(word))
}
