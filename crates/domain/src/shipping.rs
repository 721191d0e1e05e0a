//! What shipping costs: rates by weight, by count or by amount (M8.7).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a rate goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Grams.
    Weight,
    /// Pieces.
    Count,
    /// What the goods cost, in minor units.
    Amount,
}

/// A rate: `base` up to `from_value` included, then `step` for each begun `step_value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What it goes by.
    pub basis: Basis,
    /// What the base covers: grams, pieces or minor units.
    pub from_value: i64,
    /// The base, in minor units.
    pub base: i64,
    /// Size of a step; 0 is no steps.
    pub step_value: i64,
    /// Price of a step, in minor units.
    pub step: i64,
    /// Free from this amount of goods on, in minor units.
    pub free_over: Option<i64>,
}

/// What is to be shipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parcel {
    /// Grams.
    pub weight_g: i64,
    /// Pieces.
    pub count: i64,
    /// What the goods cost, in minor units.
    pub amount: i64,
}

/// What shipping costs, and what it would without being free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// To pay, in minor units.
    pub fee: i64,
    /// The fee before it became free, in minor units.
    pub original: i64,
}

/// What a parcel costs by a rate.
pub fn quote(rate: &Rate, parcel: &Parcel) -> Quote {
    let value = match rate.basis {
        Basis::Weight => parcel.weight_g,
        Basis::Count => parcel.count,
        Basis::Amount => parcel.amount,
    };
    let beyond = value.saturating_sub(rate.from_value).max(0);
    let steps = if rate.step_value > 0 { beyond.saturating_add(rate.step_value - 1) / rate.step_value } else { 0 };
    let original = rate.base.saturating_add(rate.step.saturating_mul(steps));
    let free = rate.free_over.is_some_and(|over| parcel.amount >= over);
    Quote { fee: if free { 0 } else { original }, original }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_7_steps_begin_beyond_the_base_and_free_keeps_the_fee_in_sight() {
        let rate = Rate { basis: Basis::Weight, from_value: 1000, base: 1200, step_value: 500, step: 200, free_over: Some(9900) };
        let cost = |weight_g, amount| quote(&rate, &Parcel { weight_g, count: 1, amount });
        assert_eq!(cost(1000, 0).fee, 1200);
        assert_eq!(cost(1001, 0).fee, 1400);
        assert_eq!(cost(2000, 0).fee, 1600);
        assert_eq!(cost(2000, 9900), Quote { fee: 0, original: 1600 });
        assert_eq!(cost(i64::MAX, 0).fee, quote(&rate, &Parcel { weight_g: i64::MAX, count: 1, amount: 0 }).original);
    }
}
