//! How values look on a page: money, instants, counts.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use minijinja::{Error, ErrorKind, State, Value};
use serde::Deserialize as _;
use zg_domain::{Currency, Locale, Money};

/// The reader's language, from the template's context.
pub(crate) fn locale(state: &State<'_, '_>) -> Locale {
    state.lookup("locale").and_then(|tag| tag.as_str().and_then(|tag| tag.parse().ok())).unwrap_or(Locale::ZhCn)
}

/// `{"amount": 1234500, "currency": "CNY"}` as `¥12,345.00`.
pub(crate) fn money(value: Value) -> Result<String, Error> {
    let money = Money::deserialize(value).map_err(|error| Error::new(ErrorKind::InvalidOperation, "not money").with_source(error))?;
    Ok(written(money))
}

/// The same without decimals that are all zero: `¥12,345`.
pub(crate) fn price(value: Value) -> Result<String, Error> {
    let text = money(value)?;
    Ok(match text.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|c| c == b'0') => whole.to_owned(),
        _ => text,
    })
}

/// The amount alone, as structured data wants it: `12345.00`.
pub(crate) fn decimal(value: Value) -> Result<String, Error> {
    let money = Money::deserialize(value).map_err(|error| Error::new(ErrorKind::InvalidOperation, "not money").with_source(error))?;
    Ok(money.to_decimal())
}

/// An instant in the shop's zone, to the minute.
pub(crate) fn instant(state: &State<'_, '_>, value: String) -> Result<String, Error> {
    at(state, &value, "%Y年%-m月%-d日 %H:%M", "%-d %b %Y, %H:%M")
}

/// The shop's day of an instant.
pub(crate) fn day(state: &State<'_, '_>, value: String) -> Result<String, Error> {
    at(state, &value, "%Y年%-m月%-d日", "%-d %b %Y")
}

fn at(state: &State<'_, '_>, value: &str, zh: &str, en: &str) -> Result<String, Error> {
    let instant: DateTime<Utc> =
        value.parse().map_err(|error| Error::new(ErrorKind::InvalidOperation, "not an instant").with_source(error))?;
    let zone: Tz = state.lookup("zone").and_then(|zone| zone.as_str().and_then(|zone| zone.parse().ok())).unwrap_or(Tz::UTC);
    let form = match locale(state) {
        Locale::ZhCn => zh,
        Locale::En => en,
    };
    Ok(instant.with_timezone(&zone).format(form).to_string())
}

fn written(money: Money) -> String {
    let text = money.to_decimal();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, rest) = text.split_once('.').map_or((text, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{}{grouped}{rest}", symbol(money.currency))
}

fn symbol(currency: Currency) -> String {
    match currency.code() {
        "CNY" | "JPY" => "¥".to_owned(),
        "USD" => "$".to_owned(),
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        "HKD" => "HK$".to_owned(),
        other => format!("{other}\u{a0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(amount: i64, currency: &str) -> Value {
        crate::template::value(Money::new(amount, currency.parse().unwrap()))
    }

    #[test]
    fn amounts_are_grouped_and_signed() {
        assert_eq!(money(of(1_234_567_800, "CNY")).unwrap(), "¥12,345,678.00");
        assert_eq!(money(of(-500, "USD")).unwrap(), "−$5.00");
        assert_eq!(money(of(1200, "JPY")).unwrap(), "¥1,200");
        assert_eq!(money(of(99, "CHF")).unwrap(), "CHF\u{a0}0.99");
        assert_eq!(price(of(16800, "CNY")).unwrap(), "¥168");
        assert_eq!(price(of(16850, "CNY")).unwrap(), "¥168.50");
        assert_eq!(decimal(of(16850, "CNY")).unwrap(), "168.50");
    }
}
