//! Money: integer minor units and a currency, never a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// One million: the whole of a rate in ppm.
const WHOLE: i128 = 1_000_000;

/// What can't be done with money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three capital letters of a known currency.
    #[error("not a currency: three letters of ISO 4217 are expected")]
    Currency,
    /// Not a plain decimal, or with more decimals than the currency has.
    #[error("not an amount of this currency")]
    Amount,
    /// Amounts of two currencies don't add up.
    #[error("two currencies")]
    Mixed,
    /// Larger than any amount may be.
    #[error("the amount is too large")]
    Overflow,
}

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, example = "CNY")]
pub struct Currency([u8; 3]);

/// Currencies in use whose minor unit is not a hundredth (ISO 4217, list one).
const NO_DECIMALS: [&[u8; 3]; 16] =
    [b"BIF", b"CLP", b"DJF", b"GNF", b"ISK", b"JPY", b"KMF", b"KRW", b"PYG", b"RWF", b"UGX", b"VND", b"VUV", b"XAF", b"XOF", b"XPF"];
const THREE_DECIMALS: [&[u8; 3]; 7] = [b"BHD", b"IQD", b"JOD", b"KWD", b"LYD", b"OMR", b"TND"];
const TWO_DECIMALS: [&[u8; 3]; 40] = [
    b"CNY", b"USD", b"EUR", b"GBP", b"HKD", b"MOP", b"TWD", b"SGD", b"AUD", b"CAD", b"NZD", b"CHF", b"SEK", b"NOK", b"DKK", b"THB", b"MYR",
    b"IDR", b"PHP", b"INR", b"RUB", b"KZT", b"MNT", b"MMK", b"KHR", b"LAK", b"BRL", b"MXN", b"ZAR", b"AED", b"SAR", b"ILS", b"TRY", b"PLN",
    b"CZK", b"HUF", b"RON", b"EGP", b"PKR", b"BDT",
];

impl Currency {
    /// The renminbi.
    pub const CNY: Self = Self(*b"CNY");

    /// Decimals of the minor unit: 0, 2 or 3.
    pub fn exponent(self) -> u32 {
        if NO_DECIMALS.contains(&&self.0) {
            0
        } else if THREE_DECIMALS.contains(&&self.0) {
            3
        } else {
            2
        }
    }

    /// Its code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is made of letters alone")
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        let known = NO_DECIMALS.contains(&&code) || THREE_DECIMALS.contains(&&code) || TWO_DECIMALS.contains(&&code);
        if known { Ok(Self(code)) } else { Err(MoneyError::Currency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount: `{"amount":12990,"currency":"CNY"}` is ¥129.90.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// An amount of minor units.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Mixed`], [`MoneyError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed);
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// So many times the amount.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        let amount = self.amount.checked_mul(quantity).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// Reads `12.9`, `12.90`, `-3`: a plain decimal without separators.
    ///
    /// # Errors
    /// [`MoneyError::Amount`] if it is none, or finer than the currency.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.trim().strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.trim()),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent = usize::try_from(currency.exponent()).unwrap_or(0);
        let fraction_digits = fraction.trim_end_matches('0');
        let plain = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) || fraction_digits.len() > exponent || digits.ends_with('.') {
            return Err(MoneyError::Amount);
        }
        let padded = format!("{whole}{fraction_digits:0<exponent$}");
        let amount: i64 = padded.parse().map_err(|_| MoneyError::Amount)?;
        Ok(Self { amount: if negative { -amount } else { amount }, currency })
    }

    /// As a plain decimal with all of the currency's decimals: `129.90`.
    pub fn to_decimal(self) -> String {
        let exponent = self.currency.exponent();
        let unit = 10_i64.pow(exponent);
        let sign = if self.amount < 0 { "-" } else { "" };
        let (whole, rest) = (self.amount.unsigned_abs() / unit.unsigned_abs(), self.amount.unsigned_abs() % unit.unsigned_abs());
        match usize::try_from(exponent) {
            Ok(width) if width > 0 => format!("{sign}{whole}.{rest:0width$}"),
            _ => format!("{sign}{whole}"),
        }
    }
}

/// A rate in millionths: 130,000 is 13 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Ppm(pub i64);

/// `amount × numerator ÷ denominator`, half up (away from zero at a half).
fn scale(amount: i64, numerator: i128, denominator: i128) -> i64 {
    let product = i128::from(amount) * numerator;
    let half = denominator / 2;
    let rounded = if product < 0 { -((-product + half) / denominator) } else { (product + half) / denominator };
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

/// A rate of an amount, half up.
pub fn half_up(amount: i64, rate: Ppm) -> i64 {
    scale(amount, i128::from(rate.0), WHOLE)
}

/// The tax that an amount includes at a rate, half up.
pub fn tax_within(amount: i64, rate: Ppm) -> i64 {
    scale(amount, i128::from(rate.0), WHOLE + i128::from(rate.0))
}

/// A percentage off: the new total is rounded half up, and the discount is the
/// difference. Rates beyond 0 to 100 % count as those.
pub fn percent_off(base: i64, off: Ppm) -> (i64, i64) {
    let left = WHOLE - i128::from(off.0).clamp(0, WHOLE);
    let total = scale(base, left, WHOLE);
    (total, base - total)
}

/// Shares a total by weight so that the parts sum to it exactly: by largest
/// remainder, and among equal remainders the first part gets the unit. If no
/// weight is above zero, parts are equal but for the remainder.
pub fn prorate(total: i64, weights: &[i64]) -> Vec<i64> {
    if weights.is_empty() {
        return Vec::new();
    }
    let clean: Vec<i128> = weights.iter().map(|weight| i128::from((*weight).max(0))).collect();
    let sum: i128 = clean.iter().sum();
    let (clean, sum) = if sum > 0 { (clean, sum) } else { (vec![1; weights.len()], i128::try_from(weights.len()).unwrap_or(1)) };
    let magnitude = i128::from(total).abs();
    let mut parts: Vec<i128> = clean.iter().map(|weight| magnitude * weight / sum).collect();
    let mut order: Vec<(usize, i128)> = clean.iter().enumerate().map(|(at, weight)| (at, magnitude * weight % sum)).collect();
    order.sort_by_key(|(at, remainder)| (std::cmp::Reverse(*remainder), *at));
    let mut left = magnitude - parts.iter().sum::<i128>();
    for (at, _) in order {
        if left == 0 {
            break;
        }
        if let Some(part) = parts.get_mut(at) {
            *part += 1;
            left -= 1;
        }
    }
    let sign = if total < 0 { -1 } else { 1 };
    parts.into_iter().map(|part| i64::try_from(part * sign).expect("a part is no larger than the total")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cny(text: &str) -> Result<Money, MoneyError> {
        Money::parse_decimal(text, Currency::CNY)
    }

    #[test]
    fn amounts_are_read_and_written_as_decimals() {
        assert_eq!(cny("129.9").unwrap().amount, 12_990);
        assert_eq!(cny("-3").unwrap().to_decimal(), "-3.00");
        assert_eq!(cny("1.100").unwrap().amount, 110);
        for bad in ["", "1.234", "1,000", "1e3", "=1", ".5", "1.", "99999999999999999999", "１"] {
            assert!(cny(bad).is_err(), "{bad}");
        }
        let yen = "JPY".parse().unwrap();
        assert_eq!(Money::parse_decimal("500", yen).unwrap().to_decimal(), "500");
        assert!(Money::parse_decimal("5.5", yen).is_err());
        assert_eq!(Money::new(1, "KWD".parse().unwrap()).to_decimal(), "0.001");
        assert!("ABC".parse::<Currency>().is_err());
    }

    #[test]
    fn halves_go_up() {
        assert_eq!(half_up(50, Ppm(10_000)), 1);
        assert_eq!(percent_off(2056, Ppm(200_000)), (1645, 411));
        assert_eq!(tax_within(11_300, Ppm(130_000)), 1300);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(total in -1_000_000_000_i64..1_000_000_000, weights in prop::collection::vec(0_i64..1_000_000, 1..40)) {
            let parts = prorate(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert!(parts.iter().all(|part| part.signum() * total.signum() >= 0));
        }

        #[test]
        fn a_percentage_takes_no_more_than_there_is(base in 0_i64..1_000_000_000_000, off in -10_i64..1_500_000) {
            let (total, discount) = percent_off(base, Ppm(off));
            prop_assert_eq!(total + discount, base);
            prop_assert!(0 <= discount && discount <= base);
        }
    }
}
