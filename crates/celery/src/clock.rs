//! The time, handed in, so that tests can move it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound as _, Utc};

/// Where client, worker and beat read the time from. Cheap to clone.
///
/// Leases, ETAs, expiry and schedules follow this clock; time limits, grace periods and poll
/// intervals are spans of real time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// A clock that asks `read` each time.
    pub fn new(read: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The system's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place where the library reads the real clock; callers hand in another")]
    pub fn system() -> Self {
        Self::new(Utc::now)
    }

    /// The time, cut to microseconds, as PostgreSQL stores it.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// `at + span`, held at the end of time instead of overflowing.
pub(crate) fn later(at: DateTime<Utc>, span: std::time::Duration) -> DateTime<Utc> {
    chrono::Duration::from_std(span).ok().and_then(|span| at.checked_add_signed(span)).unwrap_or(DateTime::<Utc>::MAX_UTC).trunc_subsecs(6)
}
