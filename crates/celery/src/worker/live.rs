//! What changes about a task while the worker runs: how many were started, and its limits.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use crate::message::TimeLimit;
use crate::policy::{Policy, RateLimit};
use crate::registry::Registry;

/// One task of the registry.
#[derive(Debug)]
pub(super) struct Live {
    started: AtomicU64,
    policy: Policy,
    changed: RwLock<Changed>,
}

#[derive(Clone, Copy, Debug)]
struct Changed {
    /// What holds now.
    rate: Option<RateLimit>,
    /// What remote control set; nothing: as the policy says.
    limits: Option<TimeLimit>,
}

impl Live {
    pub(super) fn of<S: Clone + Send + Sync + 'static>(registry: &Registry<S>) -> HashMap<&'static str, Self> {
        registry.entries().map(|entry| (entry.name, Self::new(entry.policy))).collect()
    }

    fn new(policy: Policy) -> Self {
        let changed = Changed { rate: policy.rate_limit, limits: None };
        Self { started: AtomicU64::new(0), policy, changed: RwLock::new(changed) }
    }

    fn changed(&self) -> Changed {
        *self.changed.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    pub(super) fn rate(&self) -> Option<RateLimit> {
        self.changed().rate
    }

    pub(super) fn set_rate(&self, rate: Option<RateLimit>) {
        self.changed.write().unwrap_or_else(PoisonError::into_inner).rate = rate;
    }

    pub(super) fn set_limits(&self, soft: Option<Duration>, hard: Option<Duration>) {
        self.changed.write().unwrap_or_else(PoisonError::into_inner).limits = Some(TimeLimit { hard, soft });
    }

    /// The limits of one call. What its sender asked for goes first; but limits that are just those
    /// of the task's policy came from there, and give way to those set since.
    pub(super) fn limits(&self, asked: TimeLimit) -> TimeLimit {
        let policy = TimeLimit { hard: self.policy.hard_limit, soft: self.policy.soft_limit };
        let Some(set) = self.changed().limits else {
            return TimeLimit { hard: asked.hard.or(policy.hard), soft: asked.soft.or(policy.soft) };
        };
        TimeLimit {
            hard: asked.hard.filter(|asked| Some(*asked) != policy.hard).or(set.hard),
            soft: asked.soft.filter(|asked| Some(*asked) != policy.soft).or(set.soft),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_set_since_go_before_the_policys_and_after_the_calls_own() {
        let seconds = |number| Some(Duration::from_secs(number));
        let policy = Policy { hard_limit: seconds(20), soft_limit: None, ..Policy::new() };
        let live = Live::new(policy);
        let of_policy = TimeLimit { hard: seconds(20), soft: None };
        let own = TimeLimit { hard: seconds(3), soft: seconds(2) };
        assert_eq!((live.limits(TimeLimit::default()), live.limits(own)), (of_policy, own));
        live.set_limits(seconds(1), seconds(5));
        let set = TimeLimit { hard: seconds(5), soft: seconds(1) };
        assert_eq!((live.limits(TimeLimit::default()), live.limits(of_policy), live.limits(own)), (set, set, own));
        live.set_limits(None, None);
        assert_eq!(live.limits(of_policy), TimeLimit::default());
    }
}
