//! Orders of another shop, moved in with the prices as they were sold (B17).

use crate::{Currency, Money, Ppm, percent_off};

/// What a line came to in the old shop: list price × quantity × (1 − discount),
/// half up. It is the same rule as every percentage of ours.
pub fn line_as_sold(unit: Money, quantity: i64, discount: Ppm) -> Option<(Money, i64)> {
    let base = unit.times(quantity).ok()?;
    let (total, off) = percent_off(base.amount, discount);
    Some((Money::new(total, base.currency), off))
}

/// Reads a percentage such as `20` or `12.5`.
pub fn percent(text: &str) -> Option<Ppm> {
    // Two decimals of a percent are hundreds of ppm.
    let hundredths = Money::parse_decimal(text, Currency::CNY).ok()?.amount;
    (0..=10_000).contains(&hundredths).then_some(Ppm(hundredths * 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b17_a_line_comes_to_what_the_old_shop_took() {
        let usd = |amount| Money::new(amount, "USD".parse().unwrap());
        assert_eq!(line_as_sold(usd(1028), 2, percent("20").unwrap()), Some((usd(1645), 411)));
        assert_eq!(line_as_sold(usd(491), 3, percent("20").unwrap()), Some((usd(1178), 295)));
        assert_eq!(percent("101"), None);
        assert_eq!(percent("12.5"), Some(Ppm(125_000)));
    }
}
