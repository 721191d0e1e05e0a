//! Stock: what lies there, what may be sold, what a change makes of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is wanted of a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Row of the SKU.
    pub sku_id: i64,
    /// Pieces.
    pub quantity: i64,
}

/// Demand per SKU, summed and sorted by SKU: whoever locks rows in this order
/// never waits in a circle.
pub fn demand(lines: impl IntoIterator<Item = (i64, i64)>) -> Vec<Demand> {
    let mut sums = std::collections::BTreeMap::new();
    for (sku_id, quantity) in lines {
        *sums.entry(sku_id).or_insert(0) += quantity;
    }
    sums.into_iter().filter(|(_, quantity)| *quantity > 0).map(|(sku_id, quantity)| Demand { sku_id, quantity }).collect()
}

/// How much of a SKU lies in a warehouse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// On the shelf.
    pub on_hand: i64,
    /// Promised to orders.
    pub reserved: i64,
    /// Kept back, never sold online.
    pub held: i64,
}

impl Level {
    /// What can be sold.
    pub fn available(self) -> i64 {
        self.on_hand - self.reserved - self.held
    }
}

/// A change of what lies on the shelf (M5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adjust {
    /// So many more.
    Increase(i64),
    /// So many fewer.
    Decrease(i64),
    /// So many counted.
    SetTo(i64),
}

/// A change that can't be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdjustRefusal {
    /// A negative quantity was given.
    #[error("a quantity can't be negative")]
    Negative,
    /// Fewer would lie there than are promised or kept back.
    #[error("only {0} pieces are free")]
    NotFree(i64),
}

/// What a change adds to what lies on the shelf.
///
/// # Errors
/// [`AdjustRefusal`] if the result would be negative, or less than is promised,
/// beyond what may be owed (`backorder_limit`).
pub fn adjust(level: Level, change: Adjust, backorder_limit: i64) -> Result<i64, AdjustRefusal> {
    let delta = match change {
        Adjust::Increase(n) | Adjust::Decrease(n) | Adjust::SetTo(n) if n < 0 => return Err(AdjustRefusal::Negative),
        Adjust::Increase(n) => n,
        Adjust::Decrease(n) => -n,
        Adjust::SetTo(n) => n - level.on_hand,
    };
    let free = level.available() + backorder_limit;
    if delta < 0 && (level.on_hand + delta < 0 || free + delta < 0) {
        return Err(AdjustRefusal::NotFree(level.on_hand.min(free).max(0)));
    }
    Ok(delta)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn m5_2_an_adjustment_never_takes_what_is_promised() {
        let level = Level { on_hand: 10, reserved: 4, held: 1 };
        assert_eq!(adjust(level, Adjust::Decrease(5), 0), Ok(-5));
        assert_eq!(adjust(level, Adjust::Decrease(6), 0), Err(AdjustRefusal::NotFree(5)));
        assert_eq!(adjust(level, Adjust::SetTo(7), 0), Ok(-3));
        assert_eq!(adjust(level, Adjust::Increase(-1), 0), Err(AdjustRefusal::Negative));
    }

    proptest! {
        #[test]
        fn demand_is_sorted_and_whole(lines in prop::collection::vec((0_i64..6, 1_i64..100), 0..30)) {
            let sums = demand(lines.iter().copied());
            prop_assert!(sums.windows(2).all(|pair| pair[0].sku_id < pair[1].sku_id));
            prop_assert_eq!(sums.iter().map(|d| d.quantity).sum::<i64>(), lines.iter().map(|(_, n)| *n).sum::<i64>());
        }
    }
}
