//! Chance that falls the same each time.

/// A linear congruential generator: good enough for invented shoppers.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`; 0 if there is none.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = usize::try_from(self.0 >> 33).unwrap_or(0);
        drawn.checked_rem(limit).unwrap_or(0)
    }

    /// True so many times of a hundred.
    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of these; the first ones far more often, as with goods that sell well.
    pub(super) fn favourite<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let (one, two) = (self.below(all.len()), self.below(all.len()));
        all.get(if self.percent(30) { one } else { one.min(two) / 2 })
    }
}
