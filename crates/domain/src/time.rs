//! Days of the shop: they begin in its own time zone.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

/// The shop's day at an instant.
pub fn day_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// The instant at which a day begins. Where clocks skip midnight, it begins at
/// the first minute that exists; where midnight comes twice, at the first.
pub fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    (0..=180)
        .find_map(|minutes| zone.from_local_datetime(&(midnight + chrono::Duration::minutes(minutes))).earliest())
        .map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}

/// The instants of a range of days, both included: from the first on, before the second.
pub fn span(from: NaiveDate, to: NaiveDate, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    (start_of(from, zone), start_of(to.checked_add_days(Days::new(1)).unwrap_or(to), zone))
}

/// A range of days that people name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Today.
    Today,
    /// Yesterday.
    Yesterday,
    /// Today and the six days before.
    Last7Days,
    /// Today and the 29 days before.
    Last30Days,
    /// The first of the month up to today.
    ThisMonth,
    /// The month before.
    LastMonth,
}

impl Preset {
    /// Its first and last day.
    pub fn days(self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
        let first = today.with_day(1).unwrap_or(today);
        match self {
            Self::Today => (today, today),
            Self::Yesterday => (back(1), back(1)),
            Self::Last7Days => (back(6), today),
            Self::Last30Days => (back(29), today),
            Self::ThisMonth => (first, today),
            Self::LastMonth => {
                let start = first.checked_sub_months(Months::new(1)).unwrap_or(first);
                (start, first.checked_sub_days(Days::new(1)).unwrap_or(first))
            }
        }
    }
}

/// The same number of days just before.
pub fn previous(from: NaiveDate, to: NaiveDate) -> (NaiveDate, NaiveDate) {
    let length = u64::try_from((to - from).num_days().max(0) + 1).unwrap_or(1);
    (from.checked_sub_days(Days::new(length)).unwrap_or(from), from.checked_sub_days(Days::new(1)).unwrap_or(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn m9_1_days_begin_in_the_shops_zone() {
        let shanghai = chrono_tz::Asia::Shanghai;
        assert_eq!(day_of("2026-11-23T16:00:00Z".parse().unwrap(), shanghai), date("2026-11-24"));
        assert_eq!(start_of(date("2026-11-24"), shanghai).to_rfc3339(), "2026-11-23T16:00:00+00:00");
        // A day of 25 hours, and one whose midnight does not exist.
        let berlin = chrono_tz::Europe::Berlin;
        let (from, to) = span(date("2026-10-25"), date("2026-10-25"), berlin);
        assert_eq!((to - from).num_hours(), 25);
        let santiago = chrono_tz::America::Santiago;
        let (from, to) = span(date("2026-09-06"), date("2026-09-06"), santiago);
        assert_eq!((to - from).num_hours(), 23);
    }

    #[test]
    fn m9_1_presets_and_the_period_before() {
        let today = date("2026-03-31");
        assert_eq!(Preset::LastMonth.days(today), (date("2026-02-01"), date("2026-02-28")));
        assert_eq!(Preset::Last7Days.days(today), (date("2026-03-25"), today));
        assert_eq!(previous(date("2026-03-25"), today), (date("2026-03-18"), date("2026-03-24")));
    }
}
