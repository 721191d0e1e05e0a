//! How a task wants to be run.

use std::time::Duration;

use rand::Rng as _;

use crate::error::Error;

/// The queue used unless a task or a message names another: Celery's default.
pub const DEFAULT_QUEUE: &str = "celery";

/// The highest priority; 0 is the lowest and the default.
pub const MAX_PRIORITY: u8 = 9;

/// How a task wants to be run. Made with [`Policy::new`] and its chained setters, all `const`.
///
/// ```
/// use std::time::Duration;
/// use celery::{Backoff, Policy};
///
/// const POLICY: Policy = Policy::new()
///     .queue("mail")
///     .max_retries(8)
///     .backoff(Backoff::new(Duration::from_secs(10), Duration::from_hours(1)))
///     .hard_limit(Duration::from_mins(1));
/// assert_eq!(POLICY.max_retries, 8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Where its messages go.
    pub queue: &'static str,
    /// 0 to 9, the higher the sooner, within a queue.
    pub priority: u8,
    /// How often it may be tried again after the first time.
    pub max_retries: u32,
    /// How long to wait before trying again.
    pub backoff: Backoff,
    /// After this, [`Context::cancelled`](crate::Context::cancelled) resolves.
    pub soft_limit: Option<Duration>,
    /// After this the task is ended at its next `.await` and has failed.
    pub hard_limit: Option<Duration>,
    /// A message not started within this span of its making is never run.
    pub expires: Option<Duration>,
    /// `true` (the default here): acknowledged after it ran, so at least once; a task must stand
    /// being repeated. `false`: acknowledged before, so at most once.
    pub acks_late: bool,
    /// How often one worker may start it.
    pub rate_limit: Option<RateLimit>,
    /// Do not store what it returns.
    pub ignore_result: bool,
    /// Store the state `STARTED` when it begins; costs a write to the result backend a run.
    pub track_started: bool,
}

impl Policy {
    /// Queue `celery`, priority 0, 3 retries with [`Backoff::DEFAULT`], acknowledged late, no limits.
    pub const fn new() -> Self {
        Self {
            queue: DEFAULT_QUEUE,
            priority: 0,
            max_retries: 3,
            backoff: Backoff::DEFAULT,
            soft_limit: None,
            hard_limit: None,
            expires: None,
            acks_late: true,
            rate_limit: None,
            ignore_result: false,
            track_started: false,
        }
    }

    /// Sends it to another queue.
    #[must_use]
    pub const fn queue(mut self, queue: &'static str) -> Self {
        self.queue = queue;
        self
    }

    /// Sets the priority; above 9 is refused when the task is registered or sent.
    #[must_use]
    pub const fn priority(mut self, priority: u8) -> Self {
        self.priority = priority;
        self
    }

    /// Sets how often it may be tried again; 0 is never.
    #[must_use]
    pub const fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Sets the wait between tries.
    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Asks it to end after `limit`.
    #[must_use]
    pub const fn soft_limit(mut self, limit: Duration) -> Self {
        self.soft_limit = Some(limit);
        self
    }

    /// Ends it after `limit`, at its next `.await`.
    #[must_use]
    pub const fn hard_limit(mut self, limit: Duration) -> Self {
        self.hard_limit = Some(limit);
        self
    }

    /// Forgets messages that were not started within `span`.
    #[must_use]
    pub const fn expires(mut self, span: Duration) -> Self {
        self.expires = Some(span);
        self
    }

    /// Acknowledges before running: at most once.
    #[must_use]
    pub const fn acks_early(mut self) -> Self {
        self.acks_late = false;
        self
    }

    /// Limits how often one worker starts it.
    #[must_use]
    pub const fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Does not store what it returns.
    #[must_use]
    pub const fn ignore_result(mut self) -> Self {
        self.ignore_result = true;
        self
    }

    /// Stores the state `STARTED` when it begins.
    #[must_use]
    pub const fn track_started(mut self) -> Self {
        self.track_started = true;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_queue(self.queue)?;
        check_priority(self.priority)?;
        if self.soft_limit.zip(self.hard_limit).is_some_and(|(soft, hard)| hard < soft) {
            return Err(Error::invalid("the soft time limit", "must not be longer than the hard one"));
        }
        if self.rate_limit.is_some_and(|limit| limit.count == 0 || limit.per.is_zero()) {
            return Err(Error::invalid("the rate limit", "must allow at least one start in a span of time"));
        }
        Ok(())
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

pub(crate) fn check_queue(queue: &str) -> Result<(), Error> {
    if queue.is_empty() || queue.len() > 200 || queue.chars().any(char::is_control) {
        return Err(Error::invalid("the queue's name", "must have 1 to 200 bytes without control characters"));
    }
    Ok(())
}

pub(crate) fn check_priority(priority: u8) -> Result<(), Error> {
    if priority > MAX_PRIORITY {
        return Err(Error::invalid("the priority", format!("is {priority}, but must be 0 to {MAX_PRIORITY}")));
    }
    Ok(())
}

/// Exponential back-off: `base`, twice that, four times …, never above `cap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait.
    pub base: Duration,
    /// The longest.
    pub cap: Duration,
    /// Take any span from zero to the computed one, so that what failed together does not come
    /// back together.
    pub jitter: bool,
}

impl Backoff {
    /// One second at first, ten minutes at most, with jitter.
    pub const DEFAULT: Self = Self::new(Duration::from_secs(1), Duration::from_mins(10));

    /// From `base` to `cap`, with jitter.
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap, jitter: true }
    }

    /// Always exactly the computed span.
    #[must_use]
    pub const fn without_jitter(mut self) -> Self {
        self.jitter = false;
        self
    }

    /// The longest wait before try number `retries + 2`, that is, without jitter.
    pub fn longest(&self, retries: u32) -> Duration {
        2_u32.checked_pow(retries).and_then(|factor| self.base.checked_mul(factor)).unwrap_or(self.cap).min(self.cap)
    }

    /// The wait before the next try of a task that was retried `retries` times already.
    pub fn wait(&self, retries: u32) -> Duration {
        let longest = self.longest(retries);
        if !self.jitter {
            return longest;
        }
        let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(rand::rng().random_range(0..=micros))
    }
}

/// So many starts in a span of time, for each worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many.
    pub count: u32,
    /// In which span.
    pub per: Duration,
}

impl RateLimit {
    /// `count` a second.
    pub const fn per_second(count: u32) -> Self {
        Self { count, per: Duration::from_secs(1) }
    }

    /// `count` a minute.
    pub const fn per_minute(count: u32) -> Self {
        Self { count, per: Duration::from_mins(1) }
    }

    /// `count` an hour.
    pub const fn per_hour(count: u32) -> Self {
        Self { count, per: Duration::from_hours(1) }
    }

    /// The span between two starts.
    pub(crate) fn spacing(&self) -> Duration {
        self.per.checked_div(self.count).unwrap_or(self.per)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_cap() {
        let backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(30)).without_jitter();
        let waits: Vec<u64> = [0, 1, 2, 3, 4, 31, 32, u32::MAX].into_iter().map(|n| backoff.wait(n).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 30, 30, 30, 30]);
    }

    #[test]
    fn jitter_never_waits_longer_than_without() {
        let backoff = Backoff::new(Duration::from_millis(10), Duration::from_secs(1));
        for retries in 0..12 {
            assert!(backoff.wait(retries) <= backoff.longest(retries));
        }
    }

    #[test]
    fn a_policy_that_cannot_be_kept_is_refused() {
        assert!(Policy::new().check().is_ok());
        assert!(Policy::new().priority(10).check().is_err());
        assert!(Policy::new().queue("").check().is_err());
        assert!(Policy::new().rate_limit(RateLimit::per_second(0)).check().is_err());
        let upside_down = Policy::new().soft_limit(Duration::from_secs(2)).hard_limit(Duration::from_secs(1));
        assert!(upside_down.check().is_err());
    }
}
