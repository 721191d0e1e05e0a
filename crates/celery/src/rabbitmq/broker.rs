//! Queues in RabbitMQ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::line::{Held, Line};
use super::lines::Lines;
use super::outlet::Outlet;
use super::post::{self, Post};
use super::server::Server;
use super::{ASIDE, Kind};
use crate::broker::{Bell, Broker, Claim, Delivery, Depth, Outcome, Receipt, Settlement, Swept};
use crate::error::Error;
use crate::message::{Message, parse_instant};
use crate::policy::MAX_PRIORITY;

/// RabbitMQ as a broker. Cheap to clone.
///
/// **Lost workers** are counted so that a task that kills its worker is set aside in the end
/// ([`Worker::max_deliveries`](crate::Worker::max_deliveries)). A quorum queue counts by itself. A
/// classic one says only that somebody had a message before; such a message is sent again with the
/// count in its header `redeliveries`, and so goes to the end of its queue. Two things follow: what
/// a worker gave back at its end counts as lost once (never twice: what was counted is given
/// back as a copy, with the same count), and what waits for an ETA is not counted at all.
///
/// RabbitMQ closes a channel when a message is in hand for longer than its `consumer_timeout` (30
/// minutes unless it is told otherwise). Raise that when tasks run longer or ETAs are further away;
/// otherwise they begin anew each time.
#[derive(Clone, Debug)]
pub struct RabbitBroker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: Arc<Server>,
    kind: Kind,
    outlet: Outlet,
    lines: Lines,
    arrivals: watch::Sender<u64>,
    /// At which loss a message is set aside, as the worker has said last; 0 if it has not yet.
    max_deliveries: AtomicU64,
    redelivered: AtomicU64,
    poisoned: AtomicU64,
}

impl RabbitBroker {
    /// The broker at `amqp://[user[:password]@]host[:port][/vhost]`, or `amqps://` for TLS with the
    /// system's certificates. It is reached with the first command. User and password are `guest`
    /// unless given, the virtual host is `/`; `?heartbeat=` gives seconds, 30 unless given.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn new(url: &str) -> Result<Self, Error> {
        Ok(Self::with(Arc::new(Server::new(url)?), Kind::default()))
    }

    fn with(server: Arc<Server>, kind: Kind) -> Self {
        let shared = Shared {
            outlet: Outlet::new(Arc::clone(&server), kind),
            server,
            kind,
            lines: Lines::default(),
            arrivals: watch::Sender::new(0),
            max_deliveries: AtomicU64::new(0),
            redelivered: AtomicU64::new(0),
            poisoned: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The same broker with connections of its own that declares queues with `x-max-priority`:
    /// Celery's `task_queue_max_priority`. At most 9 is of use, and more costs RabbitMQ memory.
    /// A queue that is there already keeps what it was declared with.
    ///
    /// # Errors
    /// [`Error::Invalid`] above 9 or at 0.
    pub fn max_priority(self, priority: u8) -> Result<Self, Error> {
        if !(1..=MAX_PRIORITY).contains(&priority) {
            return Err(Error::invalid("the highest priority of queues", format!("is {priority}, but must be 1 to {MAX_PRIORITY}")));
        }
        let kind = Kind { max_priority: Some(priority), ..self.shared.kind };
        Ok(Self::with(Arc::clone(&self.shared.server), kind))
    }

    /// The same broker with connections of its own that declares quorum queues: Celery's
    /// `task_default_queue_type = "quorum"`. They take no `x-max-priority`, so none is asked for.
    #[must_use]
    pub fn quorum(self) -> Self {
        let kind = Kind { quorum: true, ..self.shared.kind };
        Self::with(Arc::clone(&self.shared.server), kind)
    }

    /// Deals with what somebody had before; returns what is to be handed on.
    async fn look_at_returns(&self, line: &Line, taken: Vec<(u64, Arc<Held>)>, now: DateTime<Utc>) -> Result<Vec<(u64, Arc<Held>)>, Error> {
        let limit = match self.shared.max_deliveries.load(Ordering::Relaxed) {
            0 => u64::MAX,
            limit => limit,
        };
        let (mut aside, mut again) = (Vec::new(), Vec::new());
        let mut settled = BTreeSet::new();
        for (tag, held) in taken.iter().filter(|(_, held)| held.redelivered && !is_early(held, now)) {
            let counted = post::counted(&held.properties);
            let returns = counted.unwrap_or_else(|| post::returns(&held.properties).saturating_add(1));
            if limit <= returns {
                tracing::error!(queue = &*held.queue, "a message whose workers were lost too often is set aside");
                aside.push(copy(held, returns, true));
            } else if counted.is_none() {
                again.push(copy(held, returns, false));
            } else {
                continue;
            }
            settled.insert(*tag);
        }
        if settled.is_empty() {
            return Ok(taken);
        }
        if let Err(error) = self.shared.outlet.publish(&aside).await {
            line.untake(&taken);
            return Err(error);
        }
        line.settle(&settled, &BTreeSet::new(), &again).await;
        self.shared.poisoned.fetch_add(count(aside.len()), Ordering::Relaxed);
        self.shared.redelivered.fetch_add(count(again.len()), Ordering::Relaxed);
        Ok(taken.into_iter().filter(|(tag, _)| !settled.contains(tag)).collect())
    }
}

/// Whether nobody can have begun it: its time has not come.
fn is_early(held: &Held, now: DateTime<Utc>) -> bool {
    let eta = held.properties.headers().as_ref().and_then(|headers| headers.inner().get("eta")?.as_long_string().map(ToString::to_string));
    eta.and_then(|eta| parse_instant(&eta)).is_some_and(|eta| now < eta)
}

/// The same message once more, or for the queue of what is set aside.
fn copy(held: &Held, returns: u64, aside: bool) -> Post {
    let queue = if aside { format!("{}{ASIDE}", held.queue) } else { held.queue.to_string() };
    Post { queue, aside, properties: post::again(&held.properties, returns), body: held.body.clone() }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// What to say to RabbitMQ on one line.
#[derive(Default)]
struct Say {
    done: BTreeSet<u64>,
    back: BTreeSet<u64>,
    /// In place of some that are done.
    copies: Vec<Post>,
}

#[async_trait]
impl Broker for RabbitBroker {
    fn kind(&self) -> &'static str {
        "rabbitmq"
    }

    fn address(&self) -> String {
        self.shared.server.address().to_owned()
    }

    fn keeps_time(&self) -> bool {
        false
    }

    async fn publish(&self, messages: &[Message], _: DateTime<Utc>) -> Result<u64, Error> {
        for chunk in messages.chunks(500) {
            let posts = chunk.iter().map(Post::new).collect::<Result<Vec<_>, _>>()?;
            self.shared.outlet.publish(&posts).await?;
        }
        Ok(count(messages.len()))
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Vec<Delivery>, Error> {
        let Shared { server, lines, outlet, arrivals, .. } = &*self.shared;
        let line = lines.open(claim.worker, server, arrivals).await?;
        line.consume(claim.queues, claim.window, outlet).await?;
        let taken = line.take(claim.queues, usize::try_from(claim.max).unwrap_or(usize::MAX));
        let taken = self.look_at_returns(&line, taken, claim.now).await?;
        let mut deliveries = Vec::with_capacity(taken.len());
        for (tag, held) in taken {
            let message = post::read(&held.queue, &held.properties, &held.body);
            if let Ok(message) = &message {
                line.keeps(tag, message.headers.eta, claim.now);
            }
            let receipt = Receipt { tag: i64::try_from(tag).unwrap_or(i64::MAX), fence: line.fence };
            let redelivered = held.redelivered || 0 < post::returns(&held.properties);
            deliveries.push(Delivery { receipt, due_at: claim.now, redelivered, message });
        }
        Ok(deliveries)
    }

    async fn leave(&self, worker: &str) -> Result<(), Error> {
        match self.shared.lines.of(worker).filter(|line| line.is_live()) {
            Some(line) => line.leave().await,
            None => Ok(()),
        }
    }

    /// There are no leases: what is in hand is ours until the channel is gone.
    async fn extend(&self, receipts: &[Receipt], _: DateTime<Utc>, _: Duration) -> Result<Vec<Receipt>, Error> {
        Ok(receipts.iter().copied().filter(|receipt| self.shared.lines.holding(*receipt).is_none()).collect())
    }

    async fn acknowledge(&self, receipts: &[Receipt]) -> Result<Vec<Receipt>, Error> {
        let mut lost = Vec::new();
        let mut lines: BTreeMap<i64, (Arc<Line>, Vec<Receipt>, BTreeSet<u64>)> = BTreeMap::new();
        for receipt in receipts {
            let Some((line, tag)) = self.shared.lines.holding(*receipt) else {
                lost.push(*receipt);
                continue;
            };
            let (_, receipts, tags) = lines.entry(receipt.fence).or_insert_with(|| (line, Vec::new(), BTreeSet::new()));
            receipts.push(*receipt);
            tags.insert(tag);
        }
        for (line, receipts, tags) in lines.into_values() {
            // What RabbitMQ has not heard of it delivers again, so none of that may run here.
            if !line.settle(&tags, &BTreeSet::new(), &[]).await {
                lost.extend(receipts);
            }
        }
        Ok(lost)
    }

    async fn settle(&self, settlements: &[Settlement], _: DateTime<Utc>) -> Result<(), Error> {
        let mut posts = Vec::new();
        let mut lines: BTreeMap<i64, (Arc<Line>, Say)> = BTreeMap::new();
        for settlement in settlements {
            let ours = self.shared.lines.holding(settlement.receipt);
            if ours.is_none() && !settlement.acknowledged {
                continue;
            }
            if let Outcome::Retry { message, .. } = &settlement.outcome {
                posts.push(Post::new(message)?);
            }
            for message in &settlement.then {
                posts.push(Post::new(message)?);
            }
            let Some((line, tag)) = ours else { continue };
            let held = line.held(tag);
            let (_, say) = lines.entry(line.fence).or_insert_with(|| (line, Say::default()));
            match (&settlement.outcome, held) {
                (Outcome::Poison(_), Some(held)) => posts.push(copy(&held, post::returns(&held.properties), true)),
                (Outcome::Release(_), Some(held)) => {
                    let returns = post::returns(&held.properties);
                    if returns == 0 && post::counted(&held.properties).is_none() {
                        // Back to its old place.
                        say.back.insert(tag);
                        continue;
                    }
                    say.copies.push(copy(&held, returns, false));
                }
                _ => {}
            }
            say.done.insert(tag);
        }
        // What follows is there before what it follows from is gone.
        self.shared.outlet.publish(&posts).await?;
        for (line, Say { done, back, copies }) in lines.into_values() {
            line.settle(&done, &back, &copies).await;
        }
        Ok(())
    }

    /// RabbitMQ itself gives back what a lost connection held; this tells what was found of that.
    async fn sweep(&self, _: DateTime<Utc>, _: Duration, max_deliveries: u32) -> Result<Swept, Error> {
        self.shared.max_deliveries.store(max_deliveries.into(), Ordering::Relaxed);
        let redelivered = self.shared.redelivered.swap(0, Ordering::Relaxed);
        let poisoned = self.shared.poisoned.swap(0, Ordering::Relaxed);
        Ok(Swept { redelivered, poisoned, lost: 0 })
    }

    async fn depth(&self, queues: &[String], _: DateTime<Utc>) -> Result<Vec<Depth>, Error> {
        let known = self.shared.outlet.known().await?;
        let mut depths = Vec::new();
        let queues: BTreeSet<&String> = if queues.is_empty() { &known } else { queues }.iter().collect();
        for queue in queues {
            let ready = self.shared.outlet.ready(queue).await?.unwrap_or(0);
            let running = count(self.shared.lines.count(queue));
            if 0 < ready || 0 < running {
                depths.push(Depth { ready, running, ..Depth::empty(queue) });
            }
        }
        Ok(depths)
    }

    async fn purge(&self, queue: &str, _: DateTime<Utc>) -> Result<u64, Error> {
        self.shared.outlet.purge(queue).await
    }

    async fn revoke(&self, _: &str, _: DateTime<Utc>) -> Result<bool, Error> {
        Ok(false)
    }

    async fn forget(&self, _: DateTime<Utc>) -> Result<u64, Error> {
        Ok(0)
    }

    async fn waiting(&self) -> Result<Vec<Message>, Error> {
        Err(Error::NotOffered { broker: "rabbitmq", what: "show what waits without taking it" })
    }

    async fn take(&self, _: &str) -> Result<Vec<Message>, Error> {
        Err(Error::NotOffered { broker: "rabbitmq", what: "take out the messages of one task" })
    }

    fn bell(&self) -> Box<dyn Bell> {
        Box::new(RabbitBell(self.shared.arrivals.subscribe()))
    }

    fn wake(&self) {
        self.shared.arrivals.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Rings when something was delivered, and when a connection is lost.
#[derive(Debug)]
struct RabbitBell(watch::Receiver<u64>);

#[async_trait]
impl Bell for RabbitBell {
    fn hush(&mut self) {
        self.0.mark_unchanged();
    }

    async fn rung(&mut self, _: &[String]) {
        if self.0.changed().await.is_err() {
            // The broker is gone; the worker's poll is left.
            std::future::pending::<()>().await;
        }
    }
}
