//! Crontab expressions, with Celery's syntax and meaning.
//!
//! A field is a list, parted by commas, of `*`, `*/3`, `5`, `2-5`, `2-10/2`. Names stand for numbers
//! in `day_of_week` (`sun` is 0) and `month_of_year`. A range may wrap around: `fri-mon`, `22-2`.
//! Unlike cron, a day must fit *both* day fields.
//!
//! Summer time: a time that the clock skips fires as soon as the clock has passed it; a time that
//! comes twice fires the first time. With `hour` = `*` nothing is moved and every passing counts.

use std::fmt;

use chrono::{DateTime, Datelike as _, Days, LocalResult, NaiveDate, NaiveTime, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;

/// When, as a crontab says, in a time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crontab {
    minute: Field,
    hour: Field,
    day_of_month: Field,
    month_of_year: Field,
    day_of_week: Field,
    zone: Tz,
    line: String,
}

/// A set of numbers below 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field(u64);

impl Field {
    fn has(self, number: u32) -> bool {
        1_u64.checked_shl(number).is_some_and(|bit| self.0 & bit != 0)
    }

    fn numbers(self) -> impl Iterator<Item = u32> {
        (0..64).filter(move |number| self.has(*number))
    }
}

/// A crontab that cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("crontab `{line}`, {field}, character {at}: {reason}")]
pub struct CrontabError {
    /// The whole line.
    pub line: String,
    /// The field's name.
    pub field: &'static str,
    /// The place in the line, counted in characters from 1.
    pub at: usize,
    /// What is wrong there.
    pub reason: String,
}

struct Kind {
    name: &'static str,
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MINUTE: Kind = Kind { name: "minute", min: 0, max: 59, names: &[] };
const HOUR: Kind = Kind { name: "hour", min: 0, max: 23, names: &[] };
const DAY_OF_MONTH: Kind = Kind { name: "day_of_month", min: 1, max: 31, names: &[] };
const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH_OF_YEAR: Kind = Kind { name: "month_of_year", min: 1, max: 12, names: MONTHS };
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY_OF_WEEK: Kind = Kind { name: "day_of_week", min: 0, max: 6, names: WEEKDAYS };
const EVERY_HOUR: Field = Field(0x00ff_ffff);

impl Crontab {
    /// Reads `minute hour day_of_month month_of_year day_of_week`, cron's order.
    ///
    /// ```
    /// let nightly = celery::Crontab::parse("30 3 * * mon-fri", chrono_tz::Asia::Shanghai)?;
    /// assert_eq!(nightly.to_string(), "30 3 * * mon-fri (Asia/Shanghai)");
    ///
    /// let broken = celery::Crontab::parse("30 25 * * *", chrono_tz::UTC).unwrap_err();
    /// assert_eq!(broken.to_string(), "crontab `30 25 * * *`, hour, character 4: 25 is not between 0 and 23");
    /// # Ok::<(), celery::CrontabError>(())
    /// ```
    pub fn parse(line: &str, zone: Tz) -> Result<Self, CrontabError> {
        let mut words = Words { line, rest: line };
        let minute = words.field(&MINUTE)?;
        let hour = words.field(&HOUR)?;
        let day_of_month = words.field(&DAY_OF_MONTH)?;
        let month_of_year = words.field(&MONTH_OF_YEAR)?;
        let day_of_week = words.field(&DAY_OF_WEEK)?;
        if let Some(more) = words.next() {
            return Err(words.error(&DAY_OF_WEEK, more, "nothing is expected after the fifth field"));
        }
        let crontab = Self { minute, hour, day_of_month, month_of_year, day_of_week, zone, line: line.to_owned() };
        let comes = month_of_year.numbers().any(|month| day_of_month.numbers().any(|day| day <= longest(month)));
        if comes {
            Ok(crontab)
        } else {
            let third = Words { line, rest: line }.nth(2).unwrap_or(line);
            Err(words.error(&DAY_OF_MONTH, third, "none of these months has such a day"))
        }
    }

    /// From its fields in the order and with the names of Celery's `crontab()`.
    pub fn new(
        minute: &str,
        hour: &str,
        day_of_week: &str,
        day_of_month: &str,
        month_of_year: &str,
        zone: Tz,
    ) -> Result<Self, CrontabError> {
        let tight = |field: &str| field.split_whitespace().collect::<String>();
        let fields = [minute, hour, day_of_month, month_of_year, day_of_week].map(tight);
        Self::parse(&fields.join(" "), zone)
    }

    /// The first time after `after`. `None`: not within the next 41 years.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut day = after.with_timezone(&self.zone).date_naive();
        for _ in 0..41 * 366 {
            if self.fits(day) {
                let next = self.times(day).filter(|at| after < *at).min();
                if next.is_some() {
                    return next;
                }
            }
            day = day.checked_add_days(Days::new(1))?;
        }
        None
    }

    fn fits(&self, day: NaiveDate) -> bool {
        self.month_of_year.has(day.month())
            && self.day_of_month.has(day.day())
            && self.day_of_week.has(day.weekday().num_days_from_sunday())
    }

    fn times(&self, day: NaiveDate) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        self.hour
            .numbers()
            .flat_map(|hour| self.minute.numbers().map(move |minute| (hour, minute)))
            .filter_map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0))
            .flat_map(move |time| self.instants(day, time))
    }

    fn instants(&self, day: NaiveDate, time: NaiveTime) -> impl Iterator<Item = DateTime<Utc>> + use<> {
        let every_hour = self.hour == EVERY_HOUR;
        let [one, two] = match self.zone.from_local_datetime(&day.and_time(time)) {
            LocalResult::Single(at) => [Some(at), None],
            LocalResult::Ambiguous(first, second) => [Some(first), every_hour.then_some(second)],
            LocalResult::None if every_hour => [None, None],
            LocalResult::None => [self.end_of_gap(day, time), None],
        };
        one.into_iter().chain(two).map(|at| at.to_utc())
    }

    /// The first minute after `time` that the clock shows. Zones skip a day at most.
    fn end_of_gap(&self, day: NaiveDate, time: NaiveTime) -> Option<DateTime<Tz>> {
        let start = day.and_time(time);
        (1..=24 * 60).find_map(|minutes| {
            let local = start.checked_add_signed(chrono::Duration::minutes(minutes))?;
            self.zone.from_local_datetime(&local).earliest().map(|at| at.with_second(0).unwrap_or(at))
        })
    }
}

impl fmt::Display for Crontab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.line, self.zone)
    }
}

const fn longest(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The words of a line, each still knowing its place in it.
struct Words<'a> {
    line: &'a str,
    rest: &'a str,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let start = self.rest.trim_start();
        let (word, rest) = start.split_at(start.find(char::is_whitespace).unwrap_or(start.len()));
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }
}

impl Words<'_> {
    fn field(&mut self, kind: &Kind) -> Result<Field, CrontabError> {
        let Some(word) = self.next() else {
            let at = self.line.chars().count().saturating_add(1);
            let reason = "the field is missing; five are expected".to_owned();
            return Err(CrontabError { line: self.line.to_owned(), field: kind.name, at, reason });
        };
        let mut set = 0;
        for part in word.split(',') {
            set |= kind.part(part).map_err(|(place, reason)| self.error(kind, place, &reason))?;
        }
        Ok(Field(set))
    }

    /// `place` is a slice of the line: its address tells where.
    fn error(&self, kind: &Kind, place: &str, reason: &str) -> CrontabError {
        let offset = place.as_ptr().addr().saturating_sub(self.line.as_ptr().addr());
        let before = self.line.get(..offset).unwrap_or(self.line);
        let at = before.chars().count().saturating_add(1);
        CrontabError { line: self.line.to_owned(), field: kind.name, at, reason: reason.to_owned() }
    }
}

type Misread<'a> = (&'a str, String);

impl Kind {
    /// `*`, `*/step`, `number`, `from-to` or `from-to/step`, as bits.
    fn part<'a>(&self, part: &'a str) -> Result<u64, Misread<'a>> {
        let (span, step) = match part.split_once('/') {
            None => (part, 1),
            Some((span, step)) => (span, Self::step(step)?),
        };
        if span == "*" {
            return Ok(bits((self.min..=self.max).step_by(step)));
        }
        if let Some((from, to)) = span.split_once('-') {
            let (from, to) = (self.number(from)?, self.number(to)?);
            if from <= to {
                return Ok(bits((from..=to).step_by(step)));
            }
            return Ok(bits((from..=self.max).chain(self.min..=to).step_by(step)));
        }
        let number = self.number(span)?;
        if span.len() != part.len() {
            return Err((part, "a step needs `*` or a range before it".to_owned()));
        }
        Ok(bits(std::iter::once(number)))
    }

    fn step(step: &str) -> Result<usize, Misread<'_>> {
        match digits(step) {
            Some(number) if 0 < number => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
            _ => Err((step, format!("`{step}` is no step; a number above 0 is expected"))),
        }
    }

    fn number<'a>(&self, word: &'a str) -> Result<u32, Misread<'a>> {
        if let Some(number) = digits(word) {
            if (self.min..=self.max).contains(&number) {
                return Ok(number);
            }
            return Err((word, format!("{number} is not between {} and {}", self.min, self.max)));
        }
        // As in Celery, the first three letters count: `monday` is `mon`.
        let short: String = word.chars().take(3).flat_map(char::to_lowercase).collect();
        let known = word.chars().all(char::is_alphabetic).then(|| self.names.iter().position(|name| *name == short)).flatten();
        match known.and_then(|place| u32::try_from(place).ok()) {
            Some(place) => Ok(place.saturating_add(self.min)),
            None if word.is_empty() => Err((word, "a value is missing".to_owned())),
            None => Err((word, format!("`{word}` is not known here"))),
        }
    }
}

fn digits(word: &str) -> Option<u32> {
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(word.parse().unwrap_or(u32::MAX))
}

fn bits(numbers: impl Iterator<Item = u32>) -> u64 {
    numbers.fold(0, |set, number| set | 1_u64.checked_shl(number).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn next(line: &str, zone: Tz, after: &str) -> String {
        let next = Crontab::parse(line, zone).unwrap().next_after(at(after)).unwrap();
        next.with_timezone(&zone).format("%a %Y-%m-%d %H:%M:%S %z").to_string()
    }

    #[test]
    fn every_form_of_a_field_is_read() {
        let utc = |line, after| next(line, Tz::UTC, after);
        let table = [
            ("* * * * *", "2026-11-24T10:00:00Z", "Tue 2026-11-24 10:01:00 +0000"),
            ("* * * * *", "2026-11-24T10:00:59.999999Z", "Tue 2026-11-24 10:01:00 +0000"),
            ("*/15 * * * *", "2026-11-24T10:46:00Z", "Tue 2026-11-24 11:00:00 +0000"),
            ("0 0 * * *", "2026-12-31T23:59:59Z", "Fri 2027-01-01 00:00:00 +0000"),
            ("5,10,50-55 * * * *", "2026-11-24T10:10:00Z", "Tue 2026-11-24 10:50:00 +0000"),
            ("0 8-18/5 * * *", "2026-11-24T08:00:00Z", "Tue 2026-11-24 13:00:00 +0000"),
            ("0 22-2 * * *", "2026-11-24T23:30:00Z", "Wed 2026-11-25 00:00:00 +0000"),
            ("0 22-2/2 * * *", "2026-11-24T22:30:00Z", "Wed 2026-11-25 00:00:00 +0000"),
            ("0 0 * * sun", "2026-11-24T00:00:00Z", "Sun 2026-11-29 00:00:00 +0000"),
            ("0 0 * * 0", "2026-11-24T00:00:00Z", "Sun 2026-11-29 00:00:00 +0000"),
            ("0 0 * * Monday,THU", "2026-11-24T00:00:00Z", "Thu 2026-11-26 00:00:00 +0000"),
            ("0 0 * * fri-mon", "2026-11-24T00:00:00Z", "Fri 2026-11-27 00:00:00 +0000"),
            ("0 0 * jan-mar *", "2026-11-24T00:00:00Z", "Fri 2027-01-01 00:00:00 +0000"),
            ("0 0 31 * *", "2026-11-24T00:00:00Z", "Thu 2026-12-31 00:00:00 +0000"),
            ("0 0 31 */2 *", "2026-11-24T00:00:00Z", "Sun 2027-01-31 00:00:00 +0000"),
            ("0 0 29 2 *", "2026-11-24T00:00:00Z", "Tue 2028-02-29 00:00:00 +0000"),
            ("0 0 29 feb mon", "2026-11-24T00:00:00Z", "Mon 2044-02-29 00:00:00 +0000"),
            ("0 0 1-7 * fri", "2026-11-24T00:00:00Z", "Fri 2026-12-04 00:00:00 +0000"),
            ("  0\t0 13 * fri ", "2026-11-24T00:00:00Z", "Fri 2027-08-13 00:00:00 +0000"),
        ];
        for (line, after, expected) in table {
            assert_eq!(utc(line, after), expected, "{line} after {after}");
        }
    }

    #[test]
    fn days_are_those_of_the_time_zone() {
        assert_eq!(next("0 3 * * *", Tz::Asia__Shanghai, "2026-11-24T18:59:00Z"), "Wed 2026-11-25 03:00:00 +0800");
        assert_eq!(next("0 3 * * *", Tz::Asia__Shanghai, "2026-11-24T19:00:00Z"), "Thu 2026-11-26 03:00:00 +0800");
    }

    #[test]
    fn a_skipped_time_fires_after_the_gap_and_a_double_one_once() {
        let berlin = Tz::Europe__Berlin;
        // 2026-03-29 02:00 → 03:00
        assert_eq!(next("30 2 * * *", berlin, "2026-03-28T12:00:00Z"), "Sun 2026-03-29 03:00:00 +0200");
        assert_eq!(next("30 2 * * *", berlin, "2026-03-29T01:00:00Z"), "Mon 2026-03-30 02:30:00 +0200");
        assert_eq!(next("30 * * * *", berlin, "2026-03-29T00:30:00Z"), "Sun 2026-03-29 03:30:00 +0200");
        // 2026-10-25 03:00 → 02:00
        assert_eq!(next("30 2 * * *", berlin, "2026-10-24T12:00:00Z"), "Sun 2026-10-25 02:30:00 +0200");
        assert_eq!(next("30 2 * * *", berlin, "2026-10-25T00:30:00Z"), "Mon 2026-10-26 02:30:00 +0100");
        assert_eq!(next("30 * * * *", berlin, "2026-10-25T00:30:00Z"), "Sun 2026-10-25 02:30:00 +0100");
    }

    #[test]
    fn a_broken_line_is_refused_with_the_place() {
        let table = [
            ("", "minute", 1, "the field is missing; five are expected"),
            ("0 0 * *", "day_of_week", 8, "the field is missing; five are expected"),
            ("0 0 * * * *", "day_of_week", 11, "nothing is expected after the fifth field"),
            ("60 * * * *", "minute", 1, "60 is not between 0 and 59"),
            ("0,61 * * * *", "minute", 3, "61 is not between 0 and 59"),
            ("0 24 * * *", "hour", 3, "24 is not between 0 and 23"),
            ("0 0 0 * *", "day_of_month", 5, "0 is not between 1 and 31"),
            ("0 0 * 13 *", "month_of_year", 7, "13 is not between 1 and 12"),
            ("0 0 * * 7", "day_of_week", 9, "7 is not between 0 and 6"),
            ("0 0 * * mon-fry", "day_of_week", 13, "`fry` is not known here"),
            ("mon * * * *", "minute", 1, "`mon` is not known here"),
            ("*/0 * * * *", "minute", 3, "`0` is no step; a number above 0 is expected"),
            ("*/x * * * *", "minute", 3, "`x` is no step; a number above 0 is expected"),
            ("5/10 * * * *", "minute", 1, "a step needs `*` or a range before it"),
            ("1, * * * *", "minute", 3, "a value is missing"),
            ("-5 * * * *", "minute", 1, "a value is missing"),
            ("+5 * * * *", "minute", 1, "`+5` is not known here"),
            ("99999999999 * * * *", "minute", 1, "4294967295 is not between 0 and 59"),
            ("0 0 31 feb,apr *", "day_of_month", 5, "none of these months has such a day"),
            ("每 * * * *", "minute", 1, "`每` is not known here"),
        ];
        for (line, field, at, reason) in table {
            let expected = CrontabError { line: line.to_owned(), field, at, reason: reason.to_owned() };
            assert_eq!(Crontab::parse(line, Tz::UTC), Err(expected));
        }
    }

    #[test]
    fn fields_may_come_one_by_one_as_in_celery() {
        let crontab = Crontab::new("0", "*/6", "mon, tue", "*", "*", Tz::UTC).unwrap();
        assert_eq!(crontab, Crontab::parse("0 */6 * * mon,tue", Tz::UTC).unwrap());
        assert!(Crontab::new("", "*", "*", "*", "*", Tz::UTC).is_err());
    }
}
