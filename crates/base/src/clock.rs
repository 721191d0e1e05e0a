//! The one clock, so that tests can move time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, DurationRound, Utc};

/// The time of day, cut to microseconds as PostgreSQL stores it.
///
/// It can be moved forward, and can begin in the past: tests do, and the demo shop,
/// whose past is lived through in a minute.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_micros: Arc<AtomicI64>,
}

impl Clock {
    /// This instant.
    #[expect(clippy::disallowed_methods, reason = "the one place where the time comes from")]
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = Duration::microseconds(self.ahead_micros.load(Ordering::SeqCst));
        let now = Utc::now() + ahead;
        now.duration_trunc(Duration::microseconds(1)).unwrap_or(now)
    }

    /// A clock that says `at` now, and goes on from there.
    pub fn starting_at(at: DateTime<Utc>) -> Self {
        let clock = Self::default();
        clock.advance(at - clock.now());
        clock
    }

    /// How far it is behind the time of day; zero or less if it is not.
    pub fn behind(&self) -> Duration {
        Duration::microseconds(self.ahead_micros.load(Ordering::SeqCst).saturating_neg())
    }

    /// Moves the clock forward for every holder of it.
    pub fn advance(&self, by: Duration) {
        let micros = by.num_microseconds().unwrap_or(i64::MAX);
        self.ahead_micros.fetch_add(micros, Ordering::SeqCst);
    }
}
