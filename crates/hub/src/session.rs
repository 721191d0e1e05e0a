//! One connection: reading, writing, heartbeat and resuming in one loop.
//!
//! On the wire, events are objects with an `id`; everything else has a `type`:
//! `hello`, `reset`, `topics`, `ping` from the server, `ping` and `pong` from both.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::error::Source;
use crate::pages::{self, Answer, Page, Reading};
use crate::slot::Slot;
use crate::{CloseCode, Error, EventLog, Frame, Hub, Text, Topics};

const PONG: Text = Text::from_static(r#"{"type":"pong"}"#);

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The peer closed the connection, or it broke off.
    Left,
    /// The session was closed from here: by its handle, by a shutdown, because
    /// of what the peer sent, or because it was too slow or silent.
    Closed(CloseCode),
}

/// How far a session is in catching up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// Reading the log; nothing is queued yet.
    Log,
    /// Queueing, and reading the rest of the log up to where that began.
    Tail(i64),
    /// Sending from the queue.
    Done,
}

/// A session that was opened and is ready to run over a socket.
pub struct Session<L> {
    hub: Hub,
    slot: Arc<Slot>,
    resume: Resume,
    /// The last id when it was opened.
    latest: i64,
    log: Arc<L>,
    on_message: Option<OnMessage>,
}

type OnMessage = Box<dyn FnMut(Value) + Send>;

impl<L> std::fmt::Debug for Session<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.slot.id).field("resume", &self.resume).finish_non_exhaustive()
    }
}

impl<L> Drop for Session<L> {
    fn drop(&mut self) {
        self.hub.remove(&self.slot);
        self.slot.close(CloseCode::NORMAL);
        self.hub.ended();
    }
}

impl<L: EventLog> Session<L> {
    pub(crate) fn new(hub: Hub, slot: Arc<Slot>, resume: Resume, latest: i64, log: L) -> Self {
        hub.begun();
        Self { hub, slot, resume, latest, log: Arc::new(log), on_message: None }
    }

    /// By which others change or close this session while it runs.
    pub fn handle(&self) -> SessionHandle {
        SessionHandle::new(self.hub.clone(), &self.slot)
    }

    /// Hears what the client says apart from heartbeats: JSON objects with a
    /// `type`. Without it they are passed over. Must not block.
    #[must_use]
    pub fn on_message(mut self, hear: impl FnMut(Value) + Send + 'static) -> Self {
        self.on_message = Some(Box::new(hear));
        self
    }

    /// Runs until either side ends it.
    ///
    /// # Errors
    /// [`Error::Socket`], [`Error::Log`].
    pub async fn run<I, O, E>(mut self, incoming: I, outgoing: O) -> Result<End, Error>
    where
        I: Stream<Item = Result<Frame, E>>,
        O: Sink<Frame, Error = E>,
        E: Into<Source>,
    {
        let (mut incoming, outgoing) = (pin!(incoming), pin!(outgoing));
        let mut out = Out::new(outgoing);
        out.first = Some(self.hello());
        let result = self.converse(incoming.as_mut(), &mut out).await;
        let code = match &result {
            Ok(End::Closed(code)) => Some(*code),
            Err(Error::Log(_)) => Some(CloseCode::INTERNAL),
            Ok(End::Left) | Err(_) => None,
        };
        self.hub.remove(&self.slot);
        self.count(code);
        let farewell = async {
            if let Some(code) = code {
                out.sink.send(Frame::Close(Some(code))).await?;
            }
            out.sink.close().await
        };
        // A peer that cannot be told finds out by its own heartbeat.
        let _told = timeout(self.hub.config().farewell, farewell).await;
        result
    }

    async fn converse<I, O, E>(&mut self, mut incoming: Pin<&mut I>, out: &mut Out<'_, O>) -> Result<End, Error>
    where
        I: Stream<Item = Result<Frame, E>>,
        O: Sink<Frame, Error = E>,
        E: Into<Source>,
    {
        let mut beat = interval(self.hub.config().heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut pulse = Pulse::default();
        let mut reading: Option<Reading> = None;
        loop {
            if reading.is_none() && self.resume != Resume::Done && self.slot.state().pages.is_empty() {
                reading = Some(pages::read(&self.hub, &self.slot, &self.log));
            }
            let (hub, slot) = (&self.hub, &self.slot);
            let resumed = self.resume == Resume::Done;
            // Between two pages the loop must come round to read the next one.
            let when_done = if resumed || reading.is_some() { WhenDone::Wait } else { WhenDone::Return };
            tokio::select! {
                biased;
                code = poll_fn(|context| slot.poll_closed(context)) => return Ok(End::Closed(code)),
                _ = beat.tick() => {
                    if let Some(code) = pulse.beat(out, self.hub.config().missed) {
                        return Ok(End::Closed(code));
                    }
                    out.ping = Some(self.hub.ping(self.position()));
                }
                frame = incoming.next() => match frame {
                    None => return Ok(End::Left),
                    Some(Err(error)) => return Err(Error::Socket(error.into())),
                    Some(Ok(frame)) => {
                        pulse.heard();
                        if let Some(end) = self.hear(frame, out, &mut pulse) {
                            return Ok(end);
                        }
                    }
                },
                answer = poll_reading(&mut reading) => {
                    reading = None;
                    self.read(answer?, out);
                }
                written = poll_fn(|context| out.poll_write(context, hub, slot, resumed, when_done)) => {
                    written.map_err(|error| Error::Socket(error.into()))?;
                }
            }
        }
    }

    fn hello(&self) -> Text {
        let config = self.hub.config();
        let heartbeat = u64::try_from(config.heartbeat.as_millis()).unwrap_or(u64::MAX);
        Text::json(&json!({ "type": "hello", "latest": self.latest, "heartbeat_ms": heartbeat, "missed": config.missed }))
    }

    /// Up to which id everything was given to the socket.
    fn position(&self) -> i64 {
        // Read before the queue: what was published up to here is in it by now.
        let last = self.hub.last_published();
        let mut state = self.slot.state();
        if self.resume == Resume::Done && !state.has_next(true) {
            state.position = state.position.max(last);
        }
        state.position
    }

    fn hear<O>(&mut self, frame: Frame, out: &mut Out<'_, O>, pulse: &mut Pulse) -> Option<End> {
        let text = match frame {
            Frame::Ping(_) => return None,
            Frame::Pong(_) => {
                pulse.answered();
                return None;
            }
            Frame::Close(_) => return Some(End::Left),
            Frame::Binary(_) => return Some(End::Closed(CloseCode::UNSUPPORTED)),
            Frame::Text(text) => text.into_bytes(),
        };
        if self.hub.config().inbound < text.len() {
            return Some(End::Closed(CloseCode::TOO_BIG));
        }
        let Ok(message) = serde_json::from_slice::<Value>(&text) else {
            return Some(End::Closed(CloseCode::INVALID));
        };
        match message.get("type").and_then(Value::as_str) {
            Some("pong") => pulse.answered(),
            Some("ping") => out.pong = true,
            Some(_) => {
                if let Some(hear) = &mut self.on_message {
                    hear(message);
                }
            }
            None => return Some(End::Closed(CloseCode::INVALID)),
        }
        None
    }

    fn read<O>(&mut self, answer: Answer, out: &mut Out<'_, O>) {
        match answer {
            Answer::Page(page) => self.take(page),
            Answer::Reset(latest) => {
                let latest = self.hub.go_live(&self.slot).max(latest);
                let mut state = self.slot.state();
                state.position = latest;
                state.known = latest;
                state.pages.clear();
                state.queue.retain(|event| latest < event.id);
                drop(state);
                out.reset = Some(Text::json(&json!({ "type": "reset", "latest": latest })));
                self.resume = Resume::Done;
                self.hub.counters().reset.fetch_add(1, Ordering::Relaxed);
                metrics::counter!("hub_resets_total").increment(1);
            }
        }
    }

    fn take(&mut self, page: Page) {
        let mut state = self.slot.state();
        if state.generation != page.generation {
            return; // read for other topics than it has now: read again
        }
        let upto = page.events.last().map_or(state.position, |event| event.id);
        state.known = state.known.max(upto);
        state.pages.extend(page.events);
        if !page.complete {
            return;
        }
        match self.resume {
            // With much still to send, the queue would only fill meanwhile: read again then.
            Resume::Log if self.hub.config().queue / 2 < state.pages.len() => {}
            Resume::Log => {
                // The hub locks its own state before a session's.
                drop(state);
                // What was published between this reading and the queue's beginning is
                // in neither: one more reading finds it.
                self.resume = Resume::Tail(self.hub.go_live(&self.slot));
            }
            Resume::Tail(began) => {
                // The queue began above `began`; the log may have shown some of it already.
                let known = state.known.max(began);
                state.queue.retain(|event| known < event.id);
                state.known = known;
                self.resume = Resume::Done;
            }
            Resume::Done => {}
        }
    }

    fn count(&self, code: Option<CloseCode>) {
        let Some(code) = code else { return };
        match code {
            CloseCode::SLOW => self.hub.counters().slow.fetch_add(1, Ordering::Relaxed),
            CloseCode::SILENT => self.hub.counters().silent.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        metrics::counter!("hub_sessions_closed_total", "reason" => code.reason()).increment(1);
        tracing::debug!(session = self.slot.id, code = code.0, reason = code.reason(), "live session closed");
    }
}

async fn poll_reading(reading: &mut Option<Reading>) -> Result<Answer, Error> {
    poll_fn(|context| reading.as_mut().map_or(Poll::Pending, |reading| reading.as_mut().poll(context))).await
}

/// What writing does once nothing is left to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhenDone {
    Wait,
    Return,
}

/// The writing half: what goes out before the queue, and how the sink is doing.
struct Out<'a, O> {
    sink: Pin<&'a mut O>,
    first: Option<Text>,
    reset: Option<Text>,
    ping: Option<Text>,
    pong: bool,
    /// Something was written and not flushed.
    dirty: bool,
    /// The sink would not take more when last asked.
    full: bool,
    /// The sink made us wait, for room or for a flush.
    blocked: bool,
    /// It moved since the last beat.
    moved: bool,
}

impl<'a, O> Out<'a, O> {
    fn new(sink: Pin<&'a mut O>) -> Self {
        Self { sink, first: None, reset: None, ping: None, pong: false, dirty: false, full: false, blocked: false, moved: false }
    }

    fn has_next(&self, slot: &Slot, resumed: bool) -> bool {
        self.pong || self.first.is_some() || self.reset.is_some() || self.ping.is_some() || slot.state().has_next(resumed)
    }

    fn next(&mut self, slot: &Slot, resumed: bool) -> Option<Text> {
        if let Some(text) = self.first.take().or_else(|| self.reset.take()).or_else(|| self.ping.take()) {
            return Some(text);
        }
        if std::mem::take(&mut self.pong) {
            return Some(PONG);
        }
        slot.state().next(resumed)
    }

    /// Writes what there is, flushes when nothing is left, and never fails to
    /// come back: dropping it between two polls loses nothing.
    fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        hub: &Hub,
        slot: &Slot,
        resumed: bool,
        when_done: WhenDone,
    ) -> Poll<Result<(), O::Error>>
    where
        O: Sink<Frame>,
    {
        let mut sent = 0;
        let written = self.write_all(context, slot, resumed, &mut sent);
        if 0 < sent {
            hub.counters().sent.fetch_add(sent, Ordering::Relaxed);
            metrics::counter!("hub_frames_sent_total").increment(sent);
        }
        match (ready!(written), when_done) {
            (Ok(()), WhenDone::Wait) => Poll::Pending,
            (result, _) => Poll::Ready(result),
        }
    }

    fn write_all(&mut self, context: &mut Context<'_>, slot: &Slot, resumed: bool, sent: &mut u64) -> Poll<Result<(), O::Error>>
    where
        O: Sink<Frame>,
    {
        loop {
            let more = self.has_next(slot, resumed);
            if !more && !self.dirty {
                self.blocked = false;
                return Poll::Ready(Ok(()));
            }
            let polled = if more { self.sink.as_mut().poll_ready(context) } else { self.sink.as_mut().poll_flush(context) };
            let Poll::Ready(result) = polled else {
                self.blocked = true;
                self.full = more;
                return Poll::Pending;
            };
            result?;
            if more {
                // A sink with a buffer is ready at once; that alone says nothing of the reader.
                if std::mem::take(&mut self.full) {
                    self.moved = true;
                }
                if let Some(text) = self.next(slot, resumed) {
                    self.sink.as_mut().start_send(Frame::Text(text))?;
                    self.dirty = true;
                    *sent += 1;
                }
            } else {
                self.dirty = false;
                self.moved = true;
            }
        }
    }
}

/// The signs of life of a peer.
#[derive(Debug, Default)]
struct Pulse {
    /// Nothing was heard since the last ping.
    waiting: bool,
    missed: u32,
    /// Beats in which the sink stood still and no pong came.
    stalled: u32,
}

impl Pulse {
    fn heard(&mut self) {
        self.waiting = false;
        self.missed = 0;
    }

    /// A pong was heard: so the peer reads.
    fn answered(&mut self) {
        self.stalled = 0;
    }

    /// At each beat: is the peer given up?
    fn beat<O>(&mut self, out: &mut Out<'_, O>, limit: u32) -> Option<CloseCode> {
        let moved = std::mem::take(&mut out.moved);
        self.stalled = if out.blocked && !moved { self.stalled + 1 } else { 0 };
        if self.waiting {
            self.missed += 1;
        }
        self.waiting = true;
        if limit.max(1) <= self.stalled {
            Some(CloseCode::SLOW)
        } else if limit.max(1) <= self.missed {
            Some(CloseCode::SILENT)
        } else {
            None
        }
    }
}

/// Changes or closes a session from elsewhere. Does not keep it open.
#[derive(Clone, Debug)]
pub struct SessionHandle {
    hub: Hub,
    slot: Weak<Slot>,
}

impl SessionHandle {
    pub(crate) fn new(hub: Hub, slot: &Arc<Slot>) -> Self {
        Self { hub, slot: Arc::downgrade(slot) }
    }

    /// Is it still there?
    pub fn is_open(&self) -> bool {
        self.slot.upgrade().is_some_and(|slot| slot.state().closing.is_none())
    }

    /// What it hears.
    pub fn topics(&self) -> Topics {
        self.slot.upgrade().map(|slot| slot.state().topics.clone()).unwrap_or_default()
    }

    /// Takes away every topic that is not in `allowed`, at once, and tells the client.
    pub fn restrict(&self, allowed: &Topics) {
        if let Some(slot) = self.slot.upgrade() {
            self.hub.change(&slot, |topics| topics.both(allowed));
        }
    }

    /// Hears these topics from now on, and tells the client: of new ones it
    /// has missed what came before.
    pub fn set_topics(&self, topics: &Topics) {
        if let Some(slot) = self.slot.upgrade() {
            self.hub.change(&slot, |_| topics.clone());
        }
    }

    /// Says something to this client alone, such as an answer. It has no number
    /// and is lost if the connection is; give it a `type`.
    pub fn send(&self, message: &Value) {
        if let Some(slot) = self.slot.upgrade() {
            slot.say(Text::json(message), self.hub.config().queue);
        }
    }

    /// Ends the session with a code; what was queued is not sent.
    pub fn close(&self, code: CloseCode) {
        if let Some(slot) = self.slot.upgrade() {
            slot.close(code);
        }
    }
}
