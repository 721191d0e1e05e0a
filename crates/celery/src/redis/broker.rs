//! Queues on Redis.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::redis::{AsyncCommands as _, cmd, pipe};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use super::bell::RedisBell;
use super::scripts::Scripts;
use super::{STEPS, Server, list_of};
use crate::broker::{Bell, Broker, Claim, Delivery, Depth, Malformed, Outcome, Receipt, Settlement, Swept};
use crate::error::Error;
use crate::message::Message;
use crate::wire::{self, REDELIVERIES};

const UNACKED: &str = "unacked";
const INDEX: &str = "unacked_index";

/// Tags of this library begin so; the others are kombu's.
const OURS: &str = "rs-";

/// How many are put back in one round.
const ROUND: isize = 200;

/// What is set aside is kept up to this number a queue.
const SET_ASIDE: isize = 10_000;

/// Redis as a broker. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RedisBroker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: Server,
    scripts: Scripts,
    /// Tags are this and a number.
    prefix: String,
    last: AtomicI64,
    /// Whether another claim is under way: tags are numbered before the answer is there.
    claiming: tokio::sync::Mutex<()>,
    bound: Mutex<HashSet<String>>,
    visibility: Duration,
    wakeups: watch::Sender<u64>,
}

impl RedisBroker {
    /// The broker at `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. It is
    /// reached with the first command. Call it within a Tokio runtime.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn new(url: &str) -> Result<Self, Error> {
        Self::with_visibility(url, Duration::from_hours(1))
    }

    /// The same with another visibility timeout for what *Python's* workers hold: they do not renew
    /// it, so it must be the one they are set to. This library's own workers go by their lease.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn with_visibility(url: &str, visibility: Duration) -> Result<Self, Error> {
        let shared = Shared {
            server: Server::open(url)?,
            scripts: Scripts::new(),
            prefix: format!("{OURS}{}-", Uuid::new_v4().simple()),
            last: AtomicI64::new(0),
            claiming: tokio::sync::Mutex::default(),
            bound: Mutex::default(),
            visibility,
            wakeups: watch::Sender::new(0),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    fn tag(&self, receipt: Receipt) -> String {
        format!("{}{}", self.shared.prefix, receipt.tag)
    }

    /// Binds queues to exchanges of their names, as Celery does, so that its tools find them.
    async fn bind(&self, queues: impl IntoIterator<Item = &String>) -> Result<(), Error> {
        let new: Vec<String> = {
            let bound = self.shared.bound.lock().unwrap_or_else(PoisonError::into_inner);
            queues.into_iter().filter(|queue| !bound.contains(*queue)).cloned().collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        let mut binding = pipe();
        for queue in &new {
            let member = [queue.as_str(), "", queue.as_str()].join(super::SEPARATOR);
            binding.sadd(format!("_kombu.binding.{queue}"), &member).ignore();
            binding.sadd(format!("_kombu.binding_permanent.{queue}"), &member).ignore();
        }
        binding.exec_async(&mut self.shared.server.connection()).await?;
        self.shared.bound.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
        Ok(())
    }
}

/// Keys and pushes for what a delivery's end sends.
fn pushes(settlement: &Settlement, held: Option<&str>) -> Result<Vec<(String, char, String)>, Error> {
    let mut pushes = Vec::new();
    let mut push = |message: &Message, side: char| -> Result<(), Error> {
        let text = wire::envelope(message, &Uuid::new_v4().to_string())?;
        pushes.push((list_of(&message.queue, message.properties.priority), side, text));
        Ok(())
    };
    if let Outcome::Retry { message, .. } = &settlement.outcome {
        push(message, 'L')?;
    }
    for message in &settlement.then {
        push(message, 'L')?;
    }
    if let Some((list, text)) = held.and_then(unwrap_held) {
        match &settlement.outcome {
            // Back to the end from which it is taken first.
            Outcome::Release(_) => pushes.push((list, 'R', text)),
            Outcome::Poison(_) => pushes.push((aside(&list), 'L', text)),
            _ => {}
        }
    }
    Ok(pushes)
}

/// The list of what was set aside, beside a queue's.
fn aside(list: &str) -> String {
    let queue = list.split(super::SEPARATOR).next().unwrap_or(list);
    format!("{queue}.poison")
}

/// The list and the text of what lies in `unacked`, unchanged byte by byte.
fn unwrap_held(held: &str) -> Option<(String, String)> {
    let (message, _, queue): (&serde_json::value::RawValue, String, String) = serde_json::from_str(held).ok()?;
    let priority = serde_json::from_str::<Value>(message.get()).ok();
    let priority = priority.and_then(|message| message.pointer("/properties/priority").and_then(Value::as_u64));
    let priority = priority.and_then(|priority| u8::try_from(priority).ok()).unwrap_or(0);
    Some((list_of(&queue, priority), message.get().to_owned()))
}

fn seconds(at: DateTime<Utc>) -> String {
    let micros = at.timestamp_micros();
    format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[async_trait]
impl Broker for RedisBroker {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn address(&self) -> String {
        self.shared.server.address.clone()
    }

    fn keeps_time(&self) -> bool {
        false
    }

    async fn publish(&self, messages: &[Message], _: DateTime<Utc>) -> Result<u64, Error> {
        self.bind(messages.iter().map(|message| &message.queue).collect::<BTreeSet<_>>()).await?;
        for chunk in messages.chunks(500) {
            let mut pushes = pipe();
            for message in chunk {
                let list = list_of(&message.queue, message.properties.priority);
                pushes.lpush(list, wire::envelope(message, &Uuid::new_v4().to_string())?).ignore();
            }
            pushes.exec_async(&mut self.shared.server.connection()).await?;
        }
        Ok(count(messages.len()))
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Vec<Delivery>, Error> {
        self.bind(claim.queues).await?;
        let _turn = self.shared.claiming.lock().await;
        // Numbers are used up also if the answer is lost: what the server took is then held under tags
        // that nobody renews, and comes back.
        let last = self.shared.last.fetch_add(i64::from(claim.max), Ordering::Relaxed);
        let mut script = self.shared.scripts.claim.prepare_invoke();
        script.key(UNACKED).key(INDEX);
        script.arg(claim.max).arg(seconds(claim.now)).arg(&self.shared.prefix).arg(last);
        let mut lists = Vec::new();
        // All queues at one step before the next step; and each queue is first in its turn, so that a
        // busy one does not starve the others.
        let turn = usize::try_from(last).unwrap_or(0);
        for step in STEPS {
            for place in 0..claim.queues.len() {
                let Some(queue) = claim.queues.get(place.wrapping_add(turn).checked_rem(claim.queues.len()).unwrap_or(0)) else { continue };
                script.key(list_of(queue, step)).arg(Value::from(queue.as_str()).to_string());
                lists.push(queue);
            }
        }
        let got: Vec<(usize, Vec<u8>)> = script.invoke_async(&mut self.shared.server.connection()).await?;
        let mut deliveries = Vec::with_capacity(got.len());
        for ((place, raw), number) in got.into_iter().zip(last.saturating_add(1)..) {
            let queue = lists.get(place).map_or("", |queue| queue.as_str());
            let read = match std::str::from_utf8(&raw) {
                Ok(text) => wire::open(text, queue),
                Err(error) => Err(Malformed { id: String::new(), reason: format!("it is no UTF-8: {error}") }),
            };
            let (message, redelivered) = match read {
                Ok((message, redelivered)) => (Ok(message), redelivered),
                Err(malformed) => (Err(malformed), false),
            };
            deliveries.push(Delivery { receipt: Receipt { tag: number, fence: 0 }, due_at: claim.now, redelivered, message });
        }
        Ok(deliveries)
    }

    async fn extend(&self, receipts: &[Receipt], now: DateTime<Utc>, _: Duration) -> Result<Vec<Receipt>, Error> {
        let mut lost = Vec::new();
        for chunk in receipts.chunks(1_000) {
            let mut script = self.shared.scripts.extend.key(INDEX);
            script.arg(seconds(now));
            let tags: BTreeMap<String, Receipt> = chunk.iter().map(|receipt| (self.tag(*receipt), *receipt)).collect();
            for tag in tags.keys() {
                script.arg(tag);
            }
            let gone: Vec<String> = script.invoke_async(&mut self.shared.server.connection()).await?;
            lost.extend(gone.iter().filter_map(|tag| tags.get(tag).copied()));
        }
        Ok(lost)
    }

    async fn acknowledge(&self, receipts: &[Receipt]) -> Result<Vec<Receipt>, Error> {
        let tags: BTreeMap<String, Receipt> = receipts.iter().map(|receipt| (self.tag(*receipt), *receipt)).collect();
        let mut script = self.shared.scripts.acknowledge.prepare_invoke();
        script.key(UNACKED).key(INDEX);
        for tag in tags.keys() {
            script.arg(tag);
        }
        let lost: Vec<String> = script.invoke_async(&mut self.shared.server.connection()).await?;
        Ok(lost.iter().filter_map(|tag| tags.get(tag).copied()).collect())
    }

    async fn settle(&self, settlements: &[Settlement], _: DateTime<Utc>) -> Result<(), Error> {
        let mut connection = self.shared.server.connection();
        let mut simple = Vec::new();
        // Each is put where the next is taken, so the first goes last.
        for settlement in settlements.iter().rev() {
            let tag = self.tag(settlement.receipt);
            let plain =
                settlement.then.is_empty() && matches!(settlement.outcome, Outcome::Done(_) | Outcome::Failed(_) | Outcome::Revoked(_));
            if plain {
                if !settlement.acknowledged {
                    simple.push(tag);
                }
                continue;
            }
            self.bind(settlement.then.iter().map(|message| &message.queue)).await?;
            let back = matches!(settlement.outcome, Outcome::Release(_) | Outcome::Poison(_));
            let held: Option<String> = if back { connection.hget(UNACKED, &tag).await? } else { None };
            let pushes = pushes(settlement, held.as_deref())?;
            let mut script = self.shared.scripts.end.prepare_invoke();
            script.key(UNACKED).key(INDEX).arg(&tag).arg(u8::from(settlement.acknowledged));
            for (list, side, text) in &pushes {
                script.key(list).arg(side.to_string()).arg(text);
            }
            let _: i64 = script.invoke_async(&mut connection).await?;
            if let (Outcome::Poison(_), Some((list, ..))) = (&settlement.outcome, pushes.last()) {
                let _: () = connection.ltrim(list, 0, SET_ASIDE).await?;
            }
        }
        for chunk in simple.chunks(1_000) {
            pipe().zrem(INDEX, chunk).ignore().hdel(UNACKED, chunk).ignore().exec_async(&mut connection).await?;
        }
        Ok(())
    }

    async fn sweep(&self, now: DateTime<Utc>, lease: Duration, max_deliveries: u32) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        let mut connection = self.shared.server.connection();
        let before = |span: Duration| chrono::Duration::from_std(span).ok().and_then(|span| now.checked_sub_signed(span)).unwrap_or(now);
        let (ours, theirs) = (seconds(before(lease)), seconds(before(self.shared.visibility)));
        let latest = seconds(before(lease.min(self.shared.visibility)));
        let old: Vec<(String, String)> = cmd("ZRANGEBYSCORE")
            .arg(INDEX)
            .arg("-inf")
            .arg(latest)
            .arg("WITHSCORES")
            .arg("LIMIT")
            .arg(0)
            .arg(ROUND)
            .query_async(&mut connection)
            .await?;
        for (tag, score) in old {
            let limit = if tag.starts_with(OURS) { &ours } else { &theirs };
            let late = score.parse::<f64>().ok().zip(limit.parse::<f64>().ok()).is_some_and(|(score, limit)| score <= limit);
            if !late {
                continue;
            }
            let held: Option<String> = connection.hget(UNACKED, &tag).await?;
            let Some((list, text)) = held.as_deref().and_then(unwrap_held) else {
                let _: i64 = connection.zrem(INDEX, &tag).await?;
                continue;
            };
            let (times, text) = redelivered(&text);
            let poison = u64::from(max_deliveries) <= times;
            let list = if poison { aside(&list) } else { list };
            let mut script = self.shared.scripts.restore.prepare_invoke();
            script.key(UNACKED).key(INDEX).key(&list).arg(&tag).arg(&score).arg(&text);
            let back: i64 = script.invoke_async(&mut connection).await?;
            let number = if poison { &mut swept.poisoned } else { &mut swept.redelivered };
            *number = number.saturating_add(u64::from(back == 1));
            if poison {
                tracing::error!(list, "a message whose workers were lost too often is set aside");
            }
        }
        Ok(swept)
    }

    async fn depth(&self, queues: &[String], _: DateTime<Utc>) -> Result<Vec<Depth>, Error> {
        let mut connection = self.shared.server.connection();
        let queues = if queues.is_empty() { self.known(&mut connection).await? } else { queues.to_vec() };
        let mut lengths = pipe();
        for queue in &queues {
            for step in STEPS {
                lengths.llen(list_of(queue, step));
            }
        }
        let lengths: Vec<u64> = if queues.is_empty() { Vec::new() } else { lengths.query_async(&mut connection).await? };
        let mut depths: Vec<Depth> = queues
            .iter()
            .zip(lengths.chunks(STEPS.len()))
            .map(|(queue, steps)| Depth { ready: steps.iter().sum(), ..Depth::empty(queue) })
            .filter(|depth| 0 < depth.ready)
            .collect();
        depths.sort_unstable_by(|one, other| one.queue.cmp(&other.queue));
        Ok(depths)
    }

    async fn purge(&self, queue: &str, _: DateTime<Utc>) -> Result<u64, Error> {
        let mut purge = pipe();
        purge.atomic();
        for step in STEPS {
            purge.llen(list_of(queue, step)).del(list_of(queue, step)).ignore();
        }
        let lengths: Vec<u64> = purge.query_async(&mut self.shared.server.connection()).await?;
        Ok(lengths.iter().sum())
    }

    async fn revoke(&self, _: &str, _: DateTime<Utc>) -> Result<bool, Error> {
        Ok(false)
    }

    async fn forget(&self, _: DateTime<Utc>) -> Result<u64, Error> {
        Ok(0)
    }

    async fn waiting(&self) -> Result<Vec<Message>, Error> {
        let mut connection = self.shared.server.connection();
        let mut waiting = Vec::new();
        for queue in self.known(&mut connection).await? {
            for step in STEPS {
                let texts: Vec<String> = connection.lrange(list_of(&queue, step), 0, -1).await?;
                waiting.extend(texts.iter().rev().filter_map(|text| wire::open(text, &queue).ok()).map(|(message, _)| message));
            }
        }
        Ok(waiting)
    }

    async fn take(&self, _: &str) -> Result<Vec<Message>, Error> {
        Err(Error::NotOffered { broker: "redis", what: "take out the messages of one task" })
    }

    fn bell(&self) -> Box<dyn Bell> {
        Box::new(RedisBell::new(self.shared.server.client.clone(), self.shared.wakeups.subscribe()))
    }

    fn wake(&self) {
        self.shared.wakeups.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl RedisBroker {
    /// The queues that anybody has bound, without those of commands and events.
    async fn known(&self, connection: &mut ::redis::aio::ConnectionManager) -> Result<Vec<String>, Error> {
        let mut queues = BTreeSet::new();
        let mut cursor = 0_u64;
        loop {
            let (next, keys): (u64, Vec<String>) =
                cmd("SCAN").arg(cursor).arg("MATCH").arg("_kombu.binding.*").arg("COUNT").arg(1_000).query_async(connection).await?;
            for key in keys.iter().filter(|key| !key.ends_with("pidbox") && !key.ends_with("celeryev")) {
                let members: Vec<String> = connection.smembers(key).await?;
                queues.extend(members.iter().filter_map(|member| member.rsplit(super::SEPARATOR).next().map(str::to_owned)));
            }
            if next == 0 {
                return Ok(queues.into_iter().filter(|queue| !queue.is_empty()).collect());
            }
            cursor = next;
        }
    }
}

/// How often a message was redelivered with this time, and the message that says so.
fn redelivered(text: &str) -> (u64, String) {
    let Ok(mut message) = serde_json::from_str::<Value>(text) else { return (1, text.to_owned()) };
    let times = message.pointer("/headers").and_then(|headers| headers.get(REDELIVERIES)).and_then(Value::as_u64).unwrap_or(0);
    let times = times.saturating_add(1);
    if let Some(headers) = message.get_mut("headers").and_then(Value::as_object_mut) {
        headers.insert("redelivered".to_owned(), true.into());
        headers.insert(REDELIVERIES.to_owned(), times.into());
    }
    if let Some(info) = message.pointer_mut("/properties/delivery_info").and_then(Value::as_object_mut) {
        info.insert("redelivered".to_owned(), true.into());
    }
    (times, message.to_string())
}
