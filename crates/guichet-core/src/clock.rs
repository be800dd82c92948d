//! The clock: one term running on a case, and the days that do not count against it.

use crate::calendar::{Calendar, CalendarError, DayRange, calendar_days};
use crate::time::{Date, Term};

/// Days that do not count: a union of ranges, so that a day named twice is still one day.
///
/// ```
/// # use guichet_core::{clock::DaySet, time::date};
/// let mut excluded = DaySet::suspension(date(2010, 3, 8), date(2010, 3, 19));
/// excluded.extend(DaySet::suspension(date(2010, 3, 15), date(2010, 3, 24)).ranges());
/// assert_eq!(excluded, DaySet::suspension(date(2010, 3, 8), date(2010, 3, 24)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DaySet {
    /// In order; between two ranges there is at least one day.
    ranges: Vec<DayRange>,
}

impl DaySet {
    /// No day at all.
    #[must_use]
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// The days that a suspension takes out: those after the day it began on, up to and with the day of resumption. The
    /// day of suspension still counts; the day of resumption acts like a start day and does not. Suspended and resumed on
    /// one day takes out nothing.
    #[must_use]
    pub fn suspension(suspended_on: Date, resumed_on: Date) -> Self {
        DayRange::new(suspended_on.next(), resumed_on)
            .filter(|_| suspended_on < resumed_on)
            .into_iter()
            .collect()
    }

    /// Adds the days of `range`.
    pub fn insert(&mut self, range: DayRange) {
        // What touches or overlaps the new range lies side by side, because the ranges are in order.
        let from = self
            .ranges
            .partition_point(|held| held.last().next() < range.first());
        let to = self
            .ranges
            .partition_point(|held| held.first() <= range.last().next());
        let joined = self
            .ranges
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .fold(range, |all, held| join(all, *held));
        self.ranges.splice(from..to.max(from), [joined]);
    }

    /// Whether `day` is in the set.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        let at = self.ranges.partition_point(|held| held.last() < day);
        self.ranges.get(at).is_some_and(|held| held.contains(day))
    }

    /// Whether no day is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The days as ranges in order, with at least one other day between two of them.
    pub fn ranges(&self) -> impl Iterator<Item = DayRange> + '_ {
        self.ranges.iter().copied()
    }

    /// The ranges that hold a day after `start`, each cut to the days after it.
    fn ranges_after(&self, start: Date) -> impl Iterator<Item = DayRange> + '_ {
        self.ranges()
            .filter_map(move |held| DayRange::new(held.first().max(start.next()), held.last()))
    }
}

fn join(a: DayRange, b: DayRange) -> DayRange {
    DayRange::new(a.first().min(b.first()), a.last().max(b.last())).unwrap_or(a)
}

impl Extend<DayRange> for DaySet {
    fn extend<I: IntoIterator<Item = DayRange>>(&mut self, ranges: I) {
        for range in ranges {
            self.insert(range);
        }
    }
}

impl FromIterator<DayRange> for DaySet {
    fn from_iter<I: IntoIterator<Item = DayRange>>(ranges: I) -> Self {
        let mut set = Self::new();
        set.extend(ranges);
        set
    }
}

/// The last day that is in time for a term that starts on `start` and of which the `excluded` days do not count.
///
/// As [`due_on`](crate::calendar::due_on), with every counted day outside `excluded`: working days for a term in working
/// days, days of the calendar for the other units (a term in months is the days to its last one, counted before anything
/// is excluded). Where the last day then moves to a working day, that day is outside
/// `excluded` too: a clock does not run out while it stands still.
///
/// # Errors
///
/// [`CalendarError::Uncovered`] when the calendar ends before the answer does.
///
/// ```
/// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, time::{Term, date}};
/// # use guichet_core::clock::{DaySet, due_on_excluding};
/// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
/// # let calendar = Calendar::new(CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered))?;
/// let suspended = DaySet::suspension(date(2010, 3, 8), date(2010, 3, 19));
/// let due_on = due_on_excluding(date(2010, 3, 1), Term::WorkingDays(20), &suspended, &calendar)?;
/// assert_eq!(due_on, date(2010, 4, 9));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn due_on_excluding(
    start: Date,
    term: Term,
    excluded: &DaySet,
    calendar: &Calendar,
) -> Result<Date, CalendarError> {
    match term {
        Term::WorkingDays(n) => nth_counted_day(start, u32::from(n), excluded, calendar),
        Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) => {
            let last = last_calendar_day(start, calendar_days(start, term), excluded);
            let due_on = calendar.working_day_from(last)?;
            if due_on > last && excluded.contains(due_on) {
                nth_counted_day(last, 1, excluded, calendar)
            } else {
                Ok(due_on)
            }
        }
    }
}

/// How many working days d with `start` < d <= `end` are outside `excluded`: what has been used of a term in working days.
///
/// # Errors
///
/// [`CalendarError::Uncovered`] when one of these days is not covered.
pub fn used_days(
    start: Date,
    end: Date,
    excluded: &DaySet,
    calendar: &Calendar,
) -> Result<u32, CalendarError> {
    let mut used = calendar.working_days_between(start, end)?;
    for range in excluded.ranges_after(start) {
        let lost =
            calendar.working_days_between(range.first().plus_days(-1).min(end), range.last().min(end))?;
        used = used.saturating_sub(lost);
    }
    Ok(used)
}

/// The `n`-th working day after `start` that is outside `excluded`; `start` itself when `n` is 0. Takes one step a range.
fn nth_counted_day(
    start: Date,
    n: u32,
    excluded: &DaySet,
    calendar: &Calendar,
) -> Result<Date, CalendarError> {
    let (mut reached, mut left) = (start, n);
    for range in excluded.ranges_after(start) {
        // Only days up to the answer may be asked for: a suspension may lie beyond what the calendar covers.
        match calendar.nth_working_day_after(reached, left) {
            Ok(day) if day < range.first() => return Ok(day),
            Err(uncovered) if range.first() > calendar.covered().last() => return Err(uncovered),
            Ok(_) | Err(_) => {
                let counted = calendar.working_days_between(reached, range.first().plus_days(-1))?;
                left = left.saturating_sub(counted);
                reached = range.last();
            }
        }
    }
    calendar.nth_working_day_after(reached, left)
}

/// The `n`-th day of the calendar after `start` that is outside `excluded`; `start` itself when `n` is 0.
fn last_calendar_day(start: Date, n: i32, excluded: &DaySet) -> Date {
    let (mut reached, mut left) = (start, n);
    for range in excluded.ranges_after(start) {
        if reached.plus_days(left) < range.first() {
            break;
        }
        let counted = range
            .first()
            .days()
            .saturating_sub(reached.days())
            .saturating_sub(1);
        left = left.saturating_sub(counted);
        reached = range.last();
    }
    reached.plus_days(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{CalendarFacts, due_on};
    use crate::id::CalendarId;
    use crate::time::date;

    /// March and April 2010, Monday to Friday.
    fn spring() -> Calendar {
        let covered = DayRange::new(date(2010, 3, 1), date(2010, 4, 30)).unwrap();
        Calendar::new(CalendarFacts::monday_to_friday(
            CalendarId::new("spring").unwrap(),
            covered,
        ))
        .unwrap()
    }

    fn march(first: i8, last: i8) -> DayRange {
        DayRange::new(date(2010, 3, first), date(2010, 3, last)).unwrap()
    }

    #[test]
    fn ranges_that_touch_or_overlap_become_one() {
        let set: DaySet = [
            march(20, 22),
            march(1, 3),
            march(10, 12),
            march(4, 9),
            march(21, 25),
        ]
        .into_iter()
        .collect();
        assert_eq!(set.ranges().collect::<Vec<_>>(), [march(1, 12), march(20, 25)]);
        assert!(set.contains(date(2010, 3, 12)) && set.contains(date(2010, 3, 20)));
        assert!(!set.contains(date(2010, 3, 13)) && !set.contains(date(2010, 3, 26)));
    }

    #[test]
    fn a_range_between_two_others_stays_apart_from_both() {
        let set: DaySet = [march(1, 2), march(10, 12), march(5, 6)].into_iter().collect();
        assert_eq!(
            set.ranges().collect::<Vec<_>>(),
            [march(1, 2), march(5, 6), march(10, 12)]
        );
    }

    #[test]
    fn a_suspension_that_ends_on_its_first_day_takes_out_nothing() {
        let day = date(2010, 3, 8);
        assert!(DaySet::suspension(day, day).is_empty());
        assert!(DaySet::suspension(day, date(2010, 3, 7)).is_empty());
        assert_eq!(
            DaySet::suspension(day, date(2010, 3, 9))
                .ranges()
                .collect::<Vec<_>>(),
            [march(9, 9)]
        );
    }

    #[test]
    fn a_suspension_before_the_start_takes_out_only_what_comes_after_it() {
        let set = DaySet::suspension(date(2010, 2, 1), date(2010, 3, 3));
        // Given a start on Monday the 1st, only Tuesday and Wednesday are lost.
        assert_eq!(
            due_on_excluding(date(2010, 3, 1), Term::WorkingDays(1), &set, &spring()),
            Ok(date(2010, 3, 4))
        );
        assert_eq!(
            used_days(date(2010, 3, 1), date(2010, 3, 5), &set, &spring()),
            Ok(2)
        );
    }

    #[test]
    fn a_suspension_after_the_due_date_needs_no_facts() {
        let far = DaySet::suspension(date(2030, 1, 1), date(2031, 1, 1));
        assert_eq!(
            due_on_excluding(date(2010, 3, 1), Term::WorkingDays(5), &far, &spring()),
            Ok(date(2010, 3, 8))
        );
        assert_eq!(
            used_days(date(2010, 3, 1), date(2010, 3, 8), &far, &spring()),
            Ok(5)
        );
    }

    #[test]
    fn a_suspension_that_outlasts_the_calendar_is_an_error() {
        let long = DaySet::suspension(date(2010, 3, 8), date(2011, 1, 1));
        assert_eq!(
            due_on_excluding(date(2010, 3, 1), Term::WorkingDays(20), &long, &spring()),
            Err(CalendarError::Uncovered {
                calendar: CalendarId::new("spring").unwrap(),
                date: date(2011, 1, 2),
                covered: spring().covered()
            })
        );
    }

    #[test]
    fn a_term_in_calendar_days_loses_calendar_days() {
        let set = DaySet::suspension(date(2010, 3, 4), date(2010, 3, 8));
        // Given 10 days from Monday the 1st: the 5th to the 8th do not count, so the 11th becomes the 15th.
        assert_eq!(
            due_on_excluding(date(2010, 3, 1), Term::CalendarDays(10), &set, &spring()),
            Ok(date(2010, 3, 15))
        );
    }

    #[test]
    fn a_clock_does_not_run_out_while_it_stands_still() {
        // Given a last day on Saturday the 6th, and a suspension from that day to Tuesday.
        let set = DaySet::suspension(date(2010, 3, 6), date(2010, 3, 9));
        assert_eq!(
            due_on_excluding(date(2010, 3, 1), Term::CalendarDays(5), &set, &spring()),
            Ok(date(2010, 3, 10))
        );
    }

    #[test]
    fn with_nothing_excluded_a_term_ends_where_it_would_anyway() {
        let nothing = DaySet::new();
        for term in [
            Term::WorkingDays(0),
            Term::WorkingDays(7),
            Term::CalendarDays(20),
            Term::Weeks(2),
            Term::Months(1),
        ] {
            let start = date(2010, 3, 5);
            assert_eq!(
                due_on_excluding(start, term, &nothing, &spring()),
                due_on(start, term, &spring())
            );
        }
    }
}
