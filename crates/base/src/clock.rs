//! The one clock, so that tests can move time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, DurationRound, Utc};

/// The time of day, cut to microseconds as PostgreSQL stores it.
///
/// It can be moved forward; only tests do.
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

    /// Moves the clock forward for every holder of it.
    pub fn advance(&self, by: Duration) {
        let micros = by.num_microseconds().unwrap_or(i64::MAX);
        self.ahead_micros.fetch_add(micros, Ordering::SeqCst);
    }
}
