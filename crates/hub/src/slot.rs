//! A session as the hub sees it: a bounded queue that publishing never waits for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

use crate::event::Encoded;
use crate::{CloseCode, Text, Topics};

/// Locked after the hub's own state, never before it, and never across an await.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) id: u64,
    pub(crate) owner: Option<Arc<str>>,
    state: Mutex<State>,
    waker: AtomicWaker,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) topics: Topics,
    /// Counts changes of `topics`, so that a page read for the old ones is known.
    pub(crate) generation: u64,
    /// False while the session still reads the log; nothing is queued until then.
    pub(crate) live: bool,
    /// Events up to here were sent, or are of no interest.
    pub(crate) position: i64,
    /// Events up to here were sent or stand in `pages`: the queue takes none of them.
    pub(crate) known: i64,
    /// Pages read from the log, sent before `queue`.
    pub(crate) pages: VecDeque<Arc<Encoded>>,
    pub(crate) queue: VecDeque<Arc<Encoded>>,
    /// Frames for this session alone.
    pub(crate) own: VecDeque<Text>,
    /// Set once; the session ends with this code.
    pub(crate) closing: Option<CloseCode>,
}

impl Slot {
    pub(crate) fn new(id: u64, owner: Option<Arc<str>>, topics: Topics, position: i64) -> Self {
        let state = State {
            topics,
            generation: 0,
            live: false,
            position,
            known: position,
            pages: VecDeque::new(),
            queue: VecDeque::new(),
            own: VecDeque::new(),
            closing: None,
        };
        Self { id, owner, state: Mutex::new(state), waker: AtomicWaker::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an event; a queue that is full ends the session instead.
    pub(crate) fn offer(&self, event: &Arc<Encoded>, capacity: usize) {
        let mut state = self.state();
        if !state.live || state.closing.is_some() || event.id <= state.known {
            return;
        }
        if state.queue.len() < capacity {
            state.queue.push_back(Arc::clone(event));
        } else {
            state.close(CloseCode::SLOW);
        }
        drop(state);
        self.waker.wake();
    }

    /// Queues a frame for this session alone.
    pub(crate) fn say(&self, text: Text, capacity: usize) {
        let mut state = self.state();
        if state.closing.is_some() {
            return;
        }
        if state.own.len() < capacity {
            state.own.push_back(text);
        } else {
            state.close(CloseCode::SLOW);
        }
        drop(state);
        self.waker.wake();
    }

    pub(crate) fn close(&self, code: CloseCode) {
        self.state().close(code);
        self.waker.wake();
    }

    /// Ready when the session is to end. Registers for every other change as well.
    pub(crate) fn poll_closed(&self, context: &Context<'_>) -> Poll<CloseCode> {
        self.waker.register(context.waker());
        self.state().closing.map_or(Poll::Pending, Poll::Ready)
    }
}

impl State {
    fn close(&mut self, code: CloseCode) {
        if self.closing.is_none() {
            self.closing = Some(code);
            self.pages = VecDeque::new();
            self.queue = VecDeque::new();
            self.own = VecDeque::new();
        }
    }

    /// Hears these topics from now on; what was queued of others is taken back.
    pub(crate) fn change(&mut self, topics: Topics) {
        self.pages.retain(|event| topics.contains(&event.topic));
        self.queue.retain(|event| topics.contains(&event.topic));
        self.topics = topics;
        self.generation += 1;
    }

    /// The next frame, leaving the queue alone while pages are still to come.
    pub(crate) fn next(&mut self, resumed: bool) -> Option<Text> {
        if let Some(text) = self.own.pop_front() {
            shrink(&mut self.own);
            return Some(text);
        }
        let event = match self.pages.pop_front() {
            Some(event) => event,
            None if resumed => self.queue.pop_front()?,
            None => return None,
        };
        self.position = self.position.max(event.id);
        shrink(&mut self.pages);
        shrink(&mut self.queue);
        Some(event.text.clone())
    }

    pub(crate) fn has_next(&self, resumed: bool) -> bool {
        !self.own.is_empty() || !self.pages.is_empty() || (resumed && !self.queue.is_empty())
    }
}

/// An idle session holds no buffers.
fn shrink<T>(queue: &mut VecDeque<T>) {
    if queue.is_empty() && 32 < queue.capacity() {
        *queue = VecDeque::new();
    }
}
