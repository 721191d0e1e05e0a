//! Periods that are compared, and sums over all of them in one query.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _};
use sea_orm::{EntityTrait, FromQueryResult, QuerySelect, Select};
use serde::Serialize;
use utoipa::ToSchema;
use zg_domain::time::{Preset, previous, span};

/// A period up to today, by the shop's days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Period {
    /// Today; yesterday is the period before.
    Today,
    /// Today and the six days before.
    Last7Days,
    /// Today and the 29 days before.
    Last30Days,
}

impl Period {
    const ALL: [Self; 3] = [Self::Today, Self::Last7Days, Self::Last30Days];

    fn preset(self) -> Preset {
        match self {
            Self::Today => Preset::Today,
            Self::Last7Days => Preset::Last7Days,
            Self::Last30Days => Preset::Last30Days,
        }
    }
}

/// Days from the first to the last, both included, and the instants between which they lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) begins: DateTime<Utc>,
    pub(crate) ends: DateTime<Utc>,
}

impl Window {
    fn of((from, to): (NaiveDate, NaiveDate), zone: Tz) -> Self {
        let (begins, ends) = span(from, to, zone);
        Self { from, to, begins, ends }
    }

    pub(crate) fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

/// A period and the one before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) period: Period,
    pub(crate) now: Window,
    pub(crate) before: Window,
}

/// The periods that the dashboard shows.
pub(crate) fn pairs(today: NaiveDate, zone: Tz) -> [Pair; 3] {
    Period::ALL.map(|period| {
        let (from, to) = period.preset().days(today);
        Pair { period, now: Window::of((from, to), zone), before: Window::of(previous(from, to), zone) }
    })
}

/// The first day of all periods.
pub(crate) fn first(pairs: &[Pair; 3]) -> Window {
    let [today, week, month] = pairs;
    [today.before, week.before].into_iter().fold(month.before, |first, other| if other.from < first.from { other } else { first })
}

/// A sum a period: now, and before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Sums {
    now0: Option<i64>,
    before0: Option<i64>,
    now1: Option<i64>,
    before1: Option<i64>,
    now2: Option<i64>,
    before2: Option<i64>,
}

impl Sums {
    /// Now and before, for each period.
    pub(crate) fn pairs(self) -> [(i64, i64); 3] {
        [(self.now0, self.before0), (self.now1, self.before1), (self.now2, self.before2)]
            .map(|(now, before)| (now.unwrap_or_default(), before.unwrap_or_default()))
    }

    /// More of each.
    pub(crate) fn add(&mut self, more: Self) {
        self.each(more, |mine, theirs| mine + theirs);
    }

    /// Less of each.
    pub(crate) fn subtract(&mut self, less: Self) {
        self.each(less, |mine, theirs| mine - theirs);
    }

    fn each(&mut self, other: Self, of: impl Fn(i64, i64) -> i64) {
        let of = |mine: Option<i64>, theirs: Option<i64>| Some(of(mine.unwrap_or_default(), theirs.unwrap_or_default()));
        *self = Self {
            now0: of(self.now0, other.now0),
            before0: of(self.before0, other.before0),
            now1: of(self.now1, other.now1),
            before1: of(self.before1, other.before1),
            now2: of(self.now2, other.now2),
            before2: of(self.before2, other.before2),
        };
    }

    /// Adds its columns to a query: the aggregate of what lies in each window.
    pub(crate) fn columns<E: EntityTrait>(query: Select<E>, pairs: &[Pair; 3], of: impl Fn(&Window) -> Expr) -> Select<E> {
        let names = [("now0", "before0"), ("now1", "before1"), ("now2", "before2")];
        pairs
            .iter()
            .zip(names)
            .fold(query, |query, (pair, (now, before))| query.expr_as(of(&pair.now), now).expr_as(of(&pair.before), before))
    }
}

/// How many rows lie in a window.
pub(crate) fn rows_in(inside: Expr) -> Expr {
    sum_in(inside, Expr::val(1_i64).cast_as("bigint"))
}

/// The sum of a value over the rows in a window, as a whole number: PostgreSQL adds up
/// bigints to a numeric.
pub(crate) fn sum_in(inside: Expr, value: Expr) -> Expr {
    let case: Expr = CaseStatement::new().case(inside, value).finally(Expr::val(0_i64).cast_as("bigint")).into();
    case.sum().cast_as("bigint")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m1_2_periods_are_the_shops_days_and_the_same_number_before() {
        let today: NaiveDate = "2026-03-31".parse().unwrap();
        let pairs = pairs(today, chrono_tz::Asia::Shanghai);
        let days: Vec<String> =
            pairs.iter().map(|pair| format!("{}..{} {}..{}", pair.now.from, pair.now.to, pair.before.from, pair.before.to)).collect();
        assert_eq!(
            days,
            [
                "2026-03-31..2026-03-31 2026-03-30..2026-03-30",
                "2026-03-25..2026-03-31 2026-03-18..2026-03-24",
                "2026-03-02..2026-03-31 2026-01-31..2026-03-01",
            ]
        );
        assert_eq!(first(&pairs).from.to_string(), "2026-01-31");
        assert_eq!(pairs[0].now.begins.to_rfc3339(), "2026-03-30T16:00:00+00:00");
    }
}
