//! Starts of rate-limited tasks, evenly spaced.

use std::time::Duration;

use tokio::time::Instant;

use crate::policy::RateLimit;

/// A rate-limited delivery that would wait longer is given back until its time, where the broker
/// keeps time.
const HOLD: Duration = Duration::from_secs(1);

/// When starts of one task are free again.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// The next start here.
    free_at: Option<Instant>,
    /// The next moment for which a delivery was given back: those come back one by one.
    back_at: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    At(Instant),
    BackIn(Duration),
}

impl Rate {
    /// The next start. `hold`: however far away it is.
    pub(super) fn turn(&mut self, limit: RateLimit, now: Instant, hold: bool) -> Turn {
        let at = self.free_at.map_or(now, |at| at.max(now));
        if hold || at.duration_since(now) <= HOLD {
            self.free_at = Some(at.checked_add(limit.spacing()).unwrap_or(at));
            return Turn::At(at);
        }
        let back = self.back_at.map_or(at, |back| back.max(at));
        self.back_at = Some(back.checked_add(limit.spacing()).unwrap_or(back));
        Turn::BackIn(back.duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_spaced_and_what_would_wait_long_comes_back_one_by_one() {
        let now = Instant::now();
        let ms = Duration::from_millis;
        let mut rate = Rate::default();
        let limit = RateLimit::per_second(2);
        assert_eq!(rate.turn(limit, now, false), Turn::At(now));
        assert_eq!(rate.turn(limit, now, false), Turn::At(now + ms(500)));
        assert_eq!(rate.turn(limit, now, false), Turn::At(now + ms(1_000)));
        assert_eq!(rate.turn(limit, now, false), Turn::BackIn(ms(1_500)));
        assert_eq!(rate.turn(limit, now, false), Turn::BackIn(ms(2_000)));
        assert_eq!(rate.turn(limit, now + ms(1_500), false), Turn::At(now + ms(1_500)));
    }
}
