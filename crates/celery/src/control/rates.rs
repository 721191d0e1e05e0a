//! Rate limits as Celery writes them: `10/s`, `0.5/m`, `100/h`, a bare number a second.

use std::time::Duration;

use serde_json::Value;

use crate::policy::RateLimit;

/// `None`: no limit.
pub(crate) fn parse(given: &Value) -> Result<Option<RateLimit>, String> {
    let text = match given {
        Value::Null => return Ok(None),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return Err(format!("`{given}` is no rate")),
    };
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || format!("`{text}` is no rate such as 10/s, 10/m or 10/h");
    let (number, unit) = text.split_once('/').unwrap_or((&text, "s"));
    let per = match unit {
        "" | "s" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        _ => return Err(refused()),
    };
    // Thousandths, so that `0.5/s` stays exact without fractions.
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || (whole.is_empty() && part.is_empty()) {
        return Err(refused());
    }
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let count: u32 = format!("{whole}{part}").parse().map_err(|_| refused())?;
    if count == 0 {
        return Ok(None);
    }
    let per = per.saturating_mul(1_000);
    let divisor = common(count, 1_000);
    Ok(Some(RateLimit { count: count / divisor, per: per / divisor }))
}

/// The greatest common divisor; at least 1.
fn common(mut one: u32, mut other: u32) -> u32 {
    while let Some(rest) = one.checked_rem(other) {
        (one, other) = (other, rest);
    }
    one.max(1)
}

/// As Celery writes it, in the largest unit of which the span is one.
pub(crate) fn write(limit: RateLimit) -> String {
    let unit = match limit.per.as_secs() {
        1 => "s",
        60 => "m",
        3_600 => "h",
        _ => return format!("{} in {:?}", limit.count, limit.per),
    };
    format!("{}/{unit}", limit.count)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rates_are_read_as_celery_reads_them() {
        let read = |given: Value| parse(&given).unwrap().map(|limit| limit.per.as_micros() / u128::from(limit.count));
        assert_eq!(read(json!("10/s")), Some(100_000));
        assert_eq!(read(json!("30/m")), Some(2_000_000));
        assert_eq!(read(json!("1/h")), Some(3_600_000_000));
        assert_eq!(read(json!("0.5/s")), Some(2_000_000));
        assert_eq!(read(json!(4)), Some(250_000));
        assert_eq!(read(json!("2.5")), Some(400_000));
        assert_eq!((read(json!(null)), read(json!("")), read(json!(0)), read(json!("0/m"))), (None, None, None, None));
        for wrong in [json!("x/s"), json!("5/d"), json!("-1/s"), json!("/s"), json!([1])] {
            assert!(parse(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rates_are_written_back() {
        for text in ["10/s", "7/m", "100/h"] {
            assert_eq!(parse(&json!(text)).unwrap().map(write).as_deref(), Some(text));
        }
    }
}
