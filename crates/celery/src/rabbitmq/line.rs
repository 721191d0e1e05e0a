//! Consuming: one worker's connection, and what was delivered by it and is not settled yet.
//!
//! RabbitMQ sends up to `window` messages a queue ahead of acknowledgements. A message that waits
//! for its ETA in the worker's memory would take up one of these places for as long; so when such
//! messages have taken half of them, the consumer is ended and a new one begun, with all its places.
//! What the old one has delivered stays ours to acknowledge. (Celery raises the channel's prefetch
//! instead; RabbitMQ gives that up, and quorum queues never knew it.)
//!
//! The channel is in AMQP's transactional mode: acknowledgements count when they are committed, many
//! at once. So a message moves to the end of its queue in one step, neither lost nor doubled, and
//! who acknowledges before running knows that RabbitMQ has heard of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicPublishOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, Consumer};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::outlet::Outlet;
use super::post::{Post, short};
use super::server::{Mode, Server};
use crate::error::Error;

#[derive(Debug)]
pub(super) struct Line {
    /// Tells this channel from all others of this broker.
    pub(super) fence: i64,
    server: Arc<Server>,
    channel: Channel,
    connection: Connection,
    /// Given up: what was said on it last was not answered.
    lost: AtomicBool,
    /// Held for no longer than a look.
    state: Mutex<State>,
    /// One at a time begins and ends consumers.
    turn: tokio::sync::Mutex<()>,
    /// One at a time acknowledges and commits.
    writing: tokio::sync::Mutex<()>,
    arrivals: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// What is not settled yet, by its tag.
    held: BTreeMap<u64, Kept>,
    /// Of that, what the worker has not taken yet.
    buffers: BTreeMap<String, VecDeque<u64>>,
    consumers: BTreeMap<String, Consuming>,
    /// How many consumers there were.
    begun: u64,
    window: u16,
    /// Whose turn it is among the queues.
    next: usize,
}

#[derive(Debug)]
struct Consuming {
    number: u64,
    /// How many of what it delivered wait for their ETA in the worker.
    later: u32,
    /// Ends with the consumer, when all that it delivered has been put in its place.
    receiving: JoinHandle<()>,
}

#[derive(Debug)]
struct Kept {
    held: Arc<Held>,
    /// Waits for its ETA in the worker.
    later: bool,
}

/// A delivery.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) queue: Arc<str>,
    pub(super) redelivered: bool,
    pub(super) properties: BasicProperties,
    pub(super) body: Vec<u8>,
    consumer: u64,
}

fn tag_of(number: u64) -> String {
    format!("rs{number}")
}

impl Line {
    pub(super) async fn open(server: Arc<Server>, fence: i64, arrivals: watch::Sender<u64>) -> Result<Arc<Self>, Error> {
        let (connection, channel) = server.connect(Mode::Transactions).await?;
        let (lost, state, turn, writing) = Default::default();
        Ok(Arc::new(Self { fence, server, channel, connection, lost, state, turn, writing, arrivals }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what it holds is still ours.
    pub(super) fn is_live(&self) -> bool {
        !self.lost.load(Ordering::Relaxed) && self.connection.status().connected() && self.channel.status().connected()
    }

    /// Consumes from these queues and no others, so many messages ahead.
    pub(super) async fn consume(self: &Arc<Self>, queues: &[String], window: u32, outlet: &Outlet) -> Result<(), Error> {
        let window = u16::try_from(window.max(1)).unwrap_or(u16::MAX);
        let _turn = self.turn.lock().await;
        if self.state().window != window {
            // It holds for consumers that begin from here on.
            self.server.answer(&self.connection, self.channel.basic_qos(window, BasicQosOptions::default())).await?;
            self.state().window = window;
            let all: Vec<String> = self.state().consumers.keys().cloned().collect();
            for queue in all {
                self.end(&queue).await?;
            }
        }
        let (unwanted, tired) = {
            let state = self.state();
            let unwanted: Vec<String> = state.consumers.keys().filter(|queue| !queues.contains(queue)).cloned().collect();
            let tired = state.consumers.iter().filter(|(_, consuming)| u32::from(window) <= consuming.later.saturating_mul(2));
            (unwanted, tired.map(|(queue, _)| queue.clone()).collect::<Vec<_>>())
        };
        for queue in &tired {
            self.end(queue).await?;
        }
        for queue in unwanted {
            let receiving = self.end(&queue).await?;
            self.give_back(receiving, Some(&queue)).await;
        }
        for queue in queues {
            if !self.state().consumers.contains_key(queue) {
                outlet.declare_anew(queue).await?;
                self.begin(queue).await?;
            }
        }
        Ok(())
    }

    async fn begin(self: &Arc<Self>, queue: &str) -> Result<(), Error> {
        let number = {
            let mut state = self.state();
            state.begun = state.begun.saturating_add(1);
            state.begun
        };
        let tag = short("the consumer's tag", &tag_of(number))?;
        let consuming =
            self.channel.basic_consume(short("the queue's name", queue)?, tag, BasicConsumeOptions::default(), FieldTable::default());
        let consumer = self.server.answer(&self.connection, consuming).await?;
        // It is entered before the task can look for it.
        let mut state = self.state();
        let receiving = tokio::spawn(receive(Arc::downgrade(self), consumer, number, queue.into()));
        state.consumers.insert(queue.to_owned(), Consuming { number, later: 0, receiving });
        Ok(())
    }

    /// Ends a consumer. What it has delivered stays.
    async fn end(&self, queue: &str) -> Result<Option<JoinHandle<()>>, Error> {
        let Some(consuming) = self.state().consumers.remove(queue) else { return Ok(None) };
        let tag = short("the consumer's tag", &tag_of(consuming.number))?;
        self.server.answer(&self.connection, self.channel.basic_cancel(tag, BasicCancelOptions::default())).await?;
        Ok(Some(consuming.receiving))
    }

    /// Ends all consumers, and gives back what was delivered ahead.
    pub(super) async fn leave(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        let all: Vec<String> = self.state().consumers.keys().cloned().collect();
        let mut receiving = Vec::new();
        for queue in all {
            receiving.extend(self.end(&queue).await?);
        }
        self.give_back(receiving, None).await;
        Ok(())
    }

    /// Gives back what the worker has not taken, of one queue or of all.
    async fn give_back(&self, receiving: impl IntoIterator<Item = JoinHandle<()>>, queue: Option<&str>) {
        let received = join_all(receiving);
        // They have been ended; what is left of them is in this process.
        let _ = tokio::time::timeout(Duration::from_secs(5), received).await;
        let tags: Vec<u64> = {
            let mut state = self.state();
            let buffers = state.buffers.iter_mut().filter(|(name, _)| queue.is_none_or(|queue| *name == queue));
            buffers.flat_map(|(_, buffer)| buffer.drain(..)).collect()
        };
        self.settle(&BTreeSet::new(), &tags.into_iter().collect(), &[]).await;
    }

    fn arrived(&self, tag: u64, held: Held) {
        {
            let mut state = self.state();
            state.buffers.entry(held.queue.to_string()).or_default().push_back(tag);
            state.held.insert(tag, Kept { held: Arc::new(held), later: false });
        }
        self.ring();
    }

    /// A consumer has ended, by itself or because it was told to.
    fn ended(&self, queue: &str, number: u64) {
        let mut state = self.state();
        if state.consumers.get(queue).is_some_and(|consuming| consuming.number == number) {
            state.consumers.remove(queue);
        }
        drop(state);
        self.ring();
    }

    fn ring(&self) {
        self.arrivals.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Takes what has arrived, from each queue in turn, so that a busy one does not starve the others.
    pub(super) fn take(&self, queues: &[String], max: usize) -> Vec<(u64, Arc<Held>)> {
        let mut state = self.state();
        let first = state.next;
        state.next = first.wrapping_add(1);
        let mut tags = Vec::new();
        for place in 0..queues.len() {
            let place = place.wrapping_add(first).checked_rem(queues.len()).unwrap_or(0);
            let Some(buffer) = queues.get(place).and_then(|queue| state.buffers.get_mut(queue)) else { continue };
            let left = max.saturating_sub(tags.len()).min(buffer.len());
            tags.extend(buffer.drain(..left));
        }
        tags.into_iter().filter_map(|tag| Some((tag, Arc::clone(&state.held.get(&tag)?.held)))).collect()
    }

    /// Puts back what was taken and not handed on.
    pub(super) fn untake(&self, taken: &[(u64, Arc<Held>)]) {
        let mut state = self.state();
        for (tag, held) in taken.iter().rev() {
            state.buffers.entry(held.queue.to_string()).or_default().push_front(*tag);
        }
    }

    /// Notes that the worker keeps a message until `eta`.
    pub(super) fn keeps(&self, tag: u64, eta: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        if eta.is_none_or(|eta| eta <= now) {
            return;
        }
        let mut state = self.state();
        let State { held, consumers, .. } = &mut *state;
        let Some(Kept { held, later }) = held.get_mut(&tag) else { return };
        *later = true;
        if let Some(consuming) = consumers.get_mut(&*held.queue).filter(|consuming| consuming.number == held.consumer) {
            consuming.later = consuming.later.saturating_add(1);
        }
    }

    pub(super) fn holds(&self, tag: u64) -> bool {
        self.state().held.contains_key(&tag)
    }

    pub(super) fn held(&self, tag: u64) -> Option<Arc<Held>> {
        self.state().held.get(&tag).map(|kept| Arc::clone(&kept.held))
    }

    /// How many of a queue are in this process's hands.
    pub(super) fn count(&self, queue: &str) -> usize {
        self.state().held.values().filter(|kept| *kept.held.queue == *queue).count()
    }

    /// Acknowledges some and gives back others, as far as they are held still, and puts copies into
    /// the queues in place of what is acknowledged: all of it or nothing. `false`: RabbitMQ may not
    /// have heard of it, and then delivers again.
    pub(super) async fn settle(&self, done: &BTreeSet<u64>, back: &BTreeSet<u64>, copies: &[Post]) -> bool {
        if done.is_empty() && back.is_empty() {
            return true;
        }
        let _writing = self.writing.lock().await;
        let (done, back) = self.let_go(done, back);
        let one = BasicAckOptions::default();
        let requeue = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
        let writing = async {
            for copy in copies {
                let sending = self.channel.basic_publish(
                    "".into(),
                    copy.queue.as_str().into(),
                    BasicPublishOptions::default(),
                    &copy.body,
                    copy.properties.clone(),
                );
                sending.await?;
            }
            // Never "all up to this": a lower tag of another consumer may not have arrived here yet.
            for written in join_all(done.iter().map(|tag| self.channel.basic_ack(*tag, one))).await {
                written?;
            }
            for written in join_all(back.iter().map(|tag| self.channel.basic_nack(*tag, requeue))).await {
                written?;
            }
            self.channel.tx_commit().await
        };
        match self.server.answer(&self.connection, writing).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "acknowledgements were lost; their messages come again");
                // Whatever has become of them, they are not ours any more.
                self.lost.store(true, Ordering::Relaxed);
                false
            }
        }
    }

    /// Removes tags from what is held; returns those that were.
    fn let_go(&self, done: &BTreeSet<u64>, back: &BTreeSet<u64>) -> (Vec<u64>, Vec<u64>) {
        let mut state = self.state();
        let State { held, consumers, .. } = &mut *state;
        let mut remove = |tag: u64| {
            let Kept { held, later } = held.remove(&tag)?;
            let consuming = consumers.get_mut(&*held.queue).filter(|consuming| later && consuming.number == held.consumer);
            if let Some(consuming) = consuming {
                consuming.later = consuming.later.saturating_sub(1);
            }
            Some(tag)
        };
        let done = done.iter().filter_map(|tag| remove(*tag)).collect();
        (done, back.iter().filter_map(|tag| remove(*tag)).collect())
    }
}

/// Puts what a consumer delivers where the worker takes it from.
async fn receive(line: Weak<Line>, mut consumer: Consumer, number: u64, queue: Arc<str>) {
    while let Some(delivery) = consumer.next().await {
        let Some(line) = line.upgrade() else { return };
        match delivery {
            Ok(delivery) => {
                let held = Held {
                    queue: Arc::clone(&queue),
                    redelivered: delivery.redelivered,
                    properties: delivery.properties,
                    body: delivery.data,
                    consumer: number,
                };
                line.arrived(delivery.delivery_tag, held);
            }
            Err(error) => {
                tracing::warn!(queue = &*queue, %error, "the connection to RabbitMQ is lost; what is in hand will be delivered again");
            }
        }
    }
    if let Some(line) = line.upgrade() {
        line.ended(&queue, number);
    }
}
