//! How many tasks run at once and how many are fetched ahead, changed while they do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::size;

/// The most tasks at once.
pub(super) const MOST: u32 = 100_000;

/// Permits that can become fewer: what is in use is taken away when it comes back.
#[derive(Clone, Debug)]
pub(super) struct Permits {
    pub(super) free: Arc<Semaphore>,
    owed: Arc<AtomicU32>,
}

impl Permits {
    fn new(number: u32) -> Self {
        Self { free: Arc::new(Semaphore::new(size(number))), owed: Arc::default() }
    }

    /// One that is done with.
    pub(super) fn give_back(&self, permit: OwnedSemaphorePermit) {
        if 0 < self.owed.load(Ordering::Relaxed)
            && self.owed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |owed| owed.checked_sub(1)).is_ok()
        {
            permit.forget();
        }
    }

    fn grow(&self, by: u32) {
        let mut new = by;
        // What is owed is not taken away, first.
        let _ = self.owed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |owed| {
            new = by.saturating_sub(owed);
            Some(owed.saturating_sub(by))
        });
        self.free.add_permits(size(new));
    }

    fn shrink(&self, by: u32) {
        let taken = u32::try_from(self.free.forget_permits(size(by))).unwrap_or(by);
        self.owed.fetch_add(by.saturating_sub(taken), Ordering::Relaxed);
    }
}

/// The size of one run.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    /// Permits to run.
    pub(super) turns: Permits,
    /// Permits to be fetched and not settled.
    pub(super) slots: Permits,
    concurrency: Arc<AtomicU32>,
    prefetch: u32,
}

impl Pool {
    pub(super) fn new(concurrency: u32, prefetch: u32) -> Self {
        Self {
            turns: Permits::new(concurrency),
            slots: Permits::new(concurrency.saturating_add(prefetch)),
            concurrency: Arc::new(AtomicU32::new(concurrency)),
            prefetch,
        }
    }

    /// How many may run at once.
    pub(super) fn concurrency(&self) -> u32 {
        self.concurrency.load(Ordering::Relaxed)
    }

    /// How many may be in hand at once.
    pub(super) fn window(&self) -> u32 {
        self.concurrency().saturating_add(self.prefetch)
    }

    /// So many more; returns how many there are then.
    pub(super) fn grow(&self, by: u32) -> u32 {
        let by = by.min(MOST.saturating_sub(self.concurrency()));
        self.turns.grow(by);
        self.slots.grow(by);
        self.concurrency.fetch_add(by, Ordering::Relaxed).saturating_add(by)
    }

    /// So many fewer, but one stays; returns how many there are then. What runs goes on.
    pub(super) fn shrink(&self, by: u32) -> u32 {
        let by = by.min(self.concurrency().saturating_sub(1));
        self.turns.shrink(by);
        self.slots.shrink(by);
        self.concurrency.fetch_sub(by, Ordering::Relaxed).saturating_sub(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_in_use_is_taken_away_when_it_comes_back() {
        let pool = Pool::new(3, 0);
        let take = || Arc::clone(&pool.turns.free).try_acquire_owned().unwrap();
        let (one, two) = (take(), take());
        assert_eq!(pool.shrink(2), 1);
        assert_eq!(pool.turns.free.available_permits(), 0);
        pool.turns.give_back(one);
        assert_eq!(pool.turns.free.available_permits(), 0);
        pool.turns.give_back(two);
        assert_eq!(pool.turns.free.available_permits(), 1);
        assert_eq!((pool.shrink(7), pool.grow(2)), (1, 3));
        assert_eq!(pool.turns.free.available_permits(), 3);
    }

    #[tokio::test]
    async fn growing_pays_what_is_owed_first() {
        let pool = Pool::new(2, 0);
        let take = || Arc::clone(&pool.turns.free).try_acquire_owned().unwrap();
        let (one, two) = (take(), take());
        assert_eq!((pool.shrink(1), pool.grow(2)), (1, 3));
        pool.turns.give_back(one);
        pool.turns.give_back(two);
        assert_eq!(pool.turns.free.available_permits(), 3);
    }
}
