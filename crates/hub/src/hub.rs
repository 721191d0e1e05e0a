//! The hub: who hears what.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;

use crate::event::Encoded;
use crate::session::{Resume, Session, SessionHandle};
use crate::slot::{Slot, State as SlotState};
use crate::{CloseCode, Error, Event, EventLog, Text, Topics};

/// How the hub behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Between two pings.
    pub heartbeat: Duration,
    /// Beats without a sign of life after which a peer is dead.
    pub missed: u32,
    /// Events that may wait for one session.
    pub queue: usize,
    /// Events read from the log at a time.
    pub page: usize,
    /// Newest events kept in memory, so that a short absence costs no query.
    pub recent: usize,
    /// Longest text accepted from a client, in bytes.
    pub inbound: usize,
    /// How long a closing session may take to say so.
    pub farewell: Duration,
    /// Sessions open at a time.
    pub sessions: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(3),
            missed: 2,
            queue: 256,
            page: 500,
            recent: 512,
            inbound: 16 * 1024,
            farewell: Duration::from_secs(2),
            sessions: 100_000,
        }
    }
}

/// What happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Sessions open now.
    pub connected: u64,
    /// Sessions opened.
    pub opened: u64,
    /// Events published.
    pub published: u64,
    /// Frames given to sockets, heartbeats included.
    pub sent: u64,
    /// Sessions dropped because their reader was too slow.
    pub slow: u64,
    /// Sessions dropped because their peer fell silent.
    pub silent: u64,
    /// Sessions told to start afresh.
    pub reset: u64,
}

/// Delivers events to sessions. Clones share it.
#[derive(Clone, Debug)]
pub struct Hub {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    state: Mutex<State>,
    /// Moved on only after every session has the event queued.
    last: AtomicI64,
    /// The ping that names `last`, encoded once for all sessions.
    ping: Mutex<(i64, Text)>,
    counters: Counters,
    /// Sessions that exist, also those that are saying farewell.
    alive: AtomicU64,
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    next_session: u64,
    sessions: BTreeMap<u64, Arc<Slot>>,
    by_topic: HashMap<Arc<str>, BTreeMap<u64, Arc<Slot>>>,
    by_owner: HashMap<Arc<str>, BTreeMap<u64, Arc<Slot>>>,
    /// All events with an id above `floor`, up to the last one published.
    recent: VecDeque<Arc<Encoded>>,
    floor: i64,
    shut: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) opened: AtomicU64,
    pub(crate) published: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) slow: AtomicU64,
    pub(crate) silent: AtomicU64,
    pub(crate) reset: AtomicU64,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new(Config::default())
    }
}

impl Hub {
    /// A hub without sessions that has published nothing.
    pub fn new(config: Config) -> Self {
        let inner = Inner {
            config,
            state: Mutex::default(),
            last: AtomicI64::new(0),
            ping: Mutex::new((-1, Text::default())),
            counters: Counters::default(),
            alive: AtomicU64::new(0),
            ended: Notify::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Publishing begins after this id: what the log held when the node started
    /// is history. Without effect once something was published.
    pub fn start_after(&self, id: i64) {
        let mut state = self.state();
        if state.recent.is_empty() && self.last_published() < id {
            state.floor = id;
            self.inner.last.store(id, Ordering::Release);
        }
    }

    /// Hands an event to every session that hears its topic, and waits for none.
    ///
    /// Events come in the order of their ids. An id that was published already is
    /// passed over: then this returns false.
    pub fn publish(&self, event: Event) -> bool {
        if event.id <= self.last_published() {
            return false;
        }
        let event = Encoded::new(event);
        let mut state = self.state();
        if event.id <= self.last_published() {
            return false;
        }
        if let Some(hearers) = state.by_topic.get(event.topic.as_str()) {
            for slot in hearers.values() {
                slot.offer(&event, self.inner.config.queue);
            }
        }
        let id = event.id;
        state.remember(event, self.inner.config.recent);
        self.inner.last.store(id, Ordering::Release);
        drop(state);
        self.inner.counters.published.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("hub_events_published_total").increment(1);
        true
    }

    /// The highest id that was published, or 0.
    pub fn last_published(&self) -> i64 {
        self.inner.last.load(Ordering::Acquire)
    }

    /// Opens a session that hears `topics`: what comes after the id `after`, or
    /// without one what is published from now on.
    ///
    /// It collects events at once, also before it runs; dropping it ends it.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::ShuttingDown`].
    pub fn connect<L: EventLog>(&self, topics: Topics, after: Option<i64>, log: L) -> Result<Session<L>, Error> {
        self.open(None, topics, after, log)
    }

    /// Like [`Hub::connect`], for a session that [`Hub::sessions_of`] finds by its owner.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::ShuttingDown`].
    pub fn connect_as<L: EventLog>(&self, owner: &str, topics: Topics, after: Option<i64>, log: L) -> Result<Session<L>, Error> {
        self.open(Some(owner.into()), topics, after, log)
    }

    /// The open sessions of an owner.
    pub fn sessions_of(&self, owner: &str) -> Vec<SessionHandle> {
        let state = self.state();
        let slots = state.by_owner.get(owner).into_iter().flat_map(BTreeMap::values);
        slots.map(|slot| SessionHandle::new(self.clone(), slot)).collect()
    }

    /// Closes every session with [`CloseCode::GOING_AWAY`] and opens no more.
    pub fn shutdown(&self) {
        let mut state = self.state();
        state.shut = true;
        for slot in state.sessions.values() {
            slot.close(CloseCode::GOING_AWAY);
        }
    }

    /// Resolves when no session is left: after a shutdown, when all have said farewell
    /// or have taken too long to.
    pub async fn drained(&self) {
        loop {
            let ended = self.inner.ended.notified();
            if self.inner.alive.load(Ordering::Acquire) == 0 {
                return;
            }
            ended.await;
        }
    }

    pub(crate) fn begun(&self) {
        self.inner.alive.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn ended(&self) {
        self.inner.alive.fetch_sub(1, Ordering::AcqRel);
        self.inner.ended.notify_waiters();
    }

    /// What happened since the start.
    pub fn counts(&self) -> Counts {
        let counters = &self.inner.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            connected: self.state().sessions.len().try_into().unwrap_or(u64::MAX),
            opened: read(&counters.opened),
            published: read(&counters.published),
            sent: read(&counters.sent),
            slow: read(&counters.slow),
            silent: read(&counters.silent),
            reset: read(&counters.reset),
        }
    }

    /// How this hub behaves.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    fn open<L: EventLog>(&self, owner: Option<Arc<str>>, topics: Topics, after: Option<i64>, log: L) -> Result<Session<L>, Error> {
        let mut state = self.state();
        if state.shut {
            return Err(Error::ShuttingDown);
        }
        if self.inner.config.sessions <= state.sessions.len() {
            return Err(Error::Full);
        }
        let last = self.last_published();
        state.next_session += 1;
        let owner = owner.map(|owner| state.by_owner.get_key_value(&owner).map_or(owner, |(known, _)| Arc::clone(known)));
        let topics = state.intern(&topics);
        let slot = Arc::new(Slot::new(state.next_session, owner, topics, after.unwrap_or(last)));
        let resume = match after {
            None => {
                slot.state().live = true;
                Resume::Done
            }
            Some(after) if state.floor <= after && after <= last && state.refill(&mut slot.state(), self.inner.config.queue) => {
                Resume::Done
            }
            Some(_) => Resume::Log,
        };
        state.index(&slot);
        state.sessions.insert(slot.id, Arc::clone(&slot));
        drop(state);
        self.inner.counters.opened.fetch_add(1, Ordering::Relaxed);
        metrics::gauge!("hub_sessions").increment(1.0);
        Ok(Session::new(self.clone(), slot, resume, last, log))
    }

    /// Queues for a session what is published from now on; returns the last id before.
    pub(crate) fn go_live(&self, slot: &Slot) -> i64 {
        let _state = self.state();
        slot.state().live = true;
        self.last_published()
    }

    pub(crate) fn change(&self, slot: &Arc<Slot>, change: impl FnOnce(&Topics) -> Topics) {
        let mut state = self.state();
        if !state.sessions.contains_key(&slot.id) {
            return;
        }
        let before = slot.state().topics.clone();
        let after = change(&before);
        if after == before {
            return;
        }
        state.unindex(slot);
        let topics = state.intern(&after);
        slot.state().change(topics);
        state.index(slot);
        drop(state);
        slot.say(Text::json(&serde_json::json!({ "type": "topics", "topics": after.iter().collect::<Vec<_>>() })), self.inner.config.queue);
    }

    pub(crate) fn remove(&self, slot: &Slot) {
        let mut state = self.state();
        state.unindex(slot);
        if state.sessions.remove(&slot.id).is_some() {
            metrics::gauge!("hub_sessions").decrement(1.0);
        }
    }

    /// The ping that tells a session how far it has come.
    pub(crate) fn ping(&self, position: i64) -> Text {
        let mut ping = self.inner.ping.lock().unwrap_or_else(PoisonError::into_inner);
        if ping.0 != position {
            *ping = (position, Text::from(format!(r#"{{"type":"ping","id":{position}}}"#)));
        }
        ping.1.clone()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.inner.counters
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remember(&mut self, event: Arc<Encoded>, keep: usize) {
        self.recent.push_back(event);
        while keep < self.recent.len() {
            if let Some(forgotten) = self.recent.pop_front() {
                self.floor = forgotten.id;
            }
        }
    }

    /// Queues what a returning session missed, if that is known and fits.
    fn refill(&self, slot: &mut SlotState, capacity: usize) -> bool {
        let from = self.recent.partition_point(|event| event.id <= slot.position);
        let missed = self.recent.range(from..).filter(|event| slot.topics.contains(&event.topic));
        let missed: VecDeque<_> = missed.take(capacity + 1).cloned().collect();
        if capacity < missed.len() {
            return false;
        }
        slot.queue = missed;
        slot.live = true;
        true
    }

    /// The same topics, in memory shared with other sessions.
    fn intern(&self, topics: &Topics) -> Topics {
        topics
            .shared()
            .iter()
            .map(|topic| self.by_topic.get_key_value(topic).map_or_else(|| Arc::clone(topic), |(known, _)| Arc::clone(known)))
            .collect()
    }

    fn index(&mut self, slot: &Arc<Slot>) {
        for topic in slot.state().topics.shared() {
            self.by_topic.entry(Arc::clone(topic)).or_default().insert(slot.id, Arc::clone(slot));
        }
        if let Some(owner) = &slot.owner {
            self.by_owner.entry(Arc::clone(owner)).or_default().insert(slot.id, Arc::clone(slot));
        }
    }

    fn unindex(&mut self, slot: &Slot) {
        for topic in slot.state().topics.shared() {
            take_out(&mut self.by_topic, topic, slot.id);
        }
        if let Some(owner) = &slot.owner {
            take_out(&mut self.by_owner, owner, slot.id);
        }
    }
}

fn take_out(index: &mut HashMap<Arc<str>, BTreeMap<u64, Arc<Slot>>>, key: &Arc<str>, id: u64) {
    if let Some(slots) = index.get_mut(key) {
        slots.remove(&id);
        if slots.is_empty() {
            index.remove(key);
        }
    }
}
