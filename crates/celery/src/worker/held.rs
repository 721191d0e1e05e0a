//! What a worker knows of a delivery in its hands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::broker::Delivery;
use crate::message::Message;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waits for its turn.
    Reserved,
    /// Waits for its ETA.
    Scheduled,
    /// Runs.
    Active,
    /// Has ended, which is not written yet.
    Ready,
}

/// Whether somebody wants its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Not to be started any more.
    Revoked,
    /// To be ended even while it runs.
    Terminated,
}

/// A delivery in hand. Its fields change without a lock: many look, and each field stands alone.
#[derive(Debug)]
pub(crate) struct Held {
    /// What is to be run; nothing if it could not be read.
    pub(crate) message: Option<Arc<Message>>,
    /// Told when the task should end by itself.
    pub(crate) cancelled: CancellationToken,
    pub(crate) redelivered: bool,
    phase: AtomicU8,
    /// When it began to run, in microseconds since 1970; 0: not yet.
    started: AtomicI64,
    acknowledged: AtomicBool,
    end: AtomicU8,
    ends: Notify,
}

impl Held {
    pub(crate) fn new(delivery: &Delivery, message: Option<Arc<Message>>) -> Self {
        Self {
            message,
            cancelled: CancellationToken::new(),
            redelivered: delivery.redelivered,
            phase: AtomicU8::new(0),
            started: AtomicI64::new(0),
            acknowledged: AtomicBool::new(false),
            end: AtomicU8::new(0),
            ends: Notify::new(),
        }
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.message.as_deref().map(Message::id)
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Reserved,
            1 => Phase::Scheduled,
            2 => Phase::Active,
            _ => Phase::Ready,
        }
    }

    pub(crate) fn schedule(&self) {
        self.phase.store(1, Ordering::Relaxed);
    }

    pub(crate) fn reserve(&self) {
        self.phase.store(0, Ordering::Relaxed);
    }

    pub(crate) fn begin(&self, now: DateTime<Utc>) {
        self.started.store(now.timestamp_micros(), Ordering::Relaxed);
        self.phase.store(2, Ordering::Relaxed);
    }

    pub(crate) fn finish(&self) {
        self.phase.store(3, Ordering::Relaxed);
    }

    pub(crate) fn started(&self) -> Option<DateTime<Utc>> {
        let micros = self.started.load(Ordering::Relaxed);
        if micros == 0 { None } else { DateTime::from_timestamp_micros(micros) }
    }

    pub(crate) fn acknowledge(&self) {
        self.acknowledged.store(true, Ordering::Relaxed);
    }

    pub(crate) fn acknowledged(&self) -> bool {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Asks for its end.
    pub(crate) fn end(&self, end: End) {
        self.end.fetch_max(if end == End::Revoked { 1 } else { 2 }, Ordering::AcqRel);
        self.ends.notify_one();
    }

    pub(crate) fn ending(&self) -> Option<End> {
        match self.end.load(Ordering::Acquire) {
            0 => None,
            1 => Some(End::Revoked),
            _ => Some(End::Terminated),
        }
    }

    /// Resolves when it is not to be started any more.
    pub(crate) async fn revoked(&self) {
        while self.ending().is_none() {
            self.ends.notified().await;
        }
    }

    /// Resolves when it is to be ended even while it runs.
    pub(crate) async fn terminated(&self) {
        while self.ending() != Some(End::Terminated) {
            self.ends.notified().await;
        }
    }
}
