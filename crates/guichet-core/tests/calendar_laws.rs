//! What holds for every calendar and every term.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::clock::Clock;
use guichet_core::id::CalendarId;
use guichet_core::policy::Policy;
use guichet_core::time::{Date, Term, date};
use proptest::prelude::*;

const COVERED_DAYS: i32 = 400;

fn first() -> Date {
    date(2010, 1, 1)
}

fn day(place: i32) -> Date {
    first().plus_days(place)
}

prop_compose! {
    /// Any weekend of up to six days, with days off and make-up days wherever they fall.
    fn calendars()(
        weekend in prop::collection::btree_set(1_u8..=7, 0..=3),
        changed in prop::collection::btree_set(0..COVERED_DAYS, 0..60),
    ) -> Calendar {
        let covered = DayRange::new(first(), day(COVERED_DAYS - 1)).unwrap();
        let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("any").unwrap(), covered);
        let (on_weekend, on_weekdays) = changed
            .into_iter()
            .map(day)
            .partition(|date: &Date| weekend.contains(&date.iso_weekday()));
        facts.weekend_iso_days = weekend.into_iter().collect();
        facts.working_weekend_dates = on_weekend;
        facts.non_working_weekdays_dates = on_weekdays;
        Calendar::new(facts).unwrap()
    }
}

/// The reading of the document, straight from its words.
fn works(calendar: &Calendar, date: Date) -> bool {
    let facts = calendar.facts();
    facts.working_weekend_dates.contains(&date)
        || (!facts.weekend_iso_days.contains(&date.iso_weekday())
            && !facts.non_working_weekdays_dates.contains(&date))
}

/// The last day of a term without pauses, by the law of China.
fn due_on(start: Date, term: Term, calendar: &Calendar) -> Date {
    Clock::new(start, term, &Policy::default(), calendar)
        .due_on(start)
        .unwrap()
}

/// The n-th day after `start` that `counts`, one day after the other.
fn walk(start: Date, n: u32, counts: impl Fn(Date) -> bool) -> Date {
    let (mut date, mut left) = (start, n);
    while left > 0 {
        date = date.next();
        left -= u32::from(counts(date));
    }
    date
}

proptest! {
    #[test]
    fn between_a_start_and_its_due_date_lies_the_term(
        calendar in calendars(), start in -1..150_i32, n in 0_u16..60,
    ) {
        let start = day(start);
        let due = due_on(start, Term::WorkingDays(n), &calendar);
        prop_assert_eq!(calendar.working_days_between(start, due), Ok(u32::from(n)));
    }

    #[test]
    fn a_longer_term_never_ends_earlier(calendar in calendars(), start in 0..150_i32, n in 0_u16..60, unit in 0..4) {
        let term = |n| match unit {
            0 => Term::WorkingDays(n),
            1 => Term::CalendarDays(n),
            2 => Term::Weeks(n / 5),
            _ => Term::Months(n / 20),
        };
        let due = |n| due_on(day(start), term(n), &calendar);
        prop_assert!(due(n) <= due(n + 1));
    }

    #[test]
    fn a_later_start_never_ends_earlier(calendar in calendars(), start in 0..150_i32, n in 0_u16..60) {
        for term in [Term::WorkingDays(n), Term::CalendarDays(n), Term::Months(n / 20)] {
            let due = |start| due_on(day(start), term, &calendar);
            prop_assert!(due(start) <= due(start + 1));
        }
    }

    #[test]
    fn the_index_agrees_with_a_walk_over_the_days(
        calendar in calendars(), start in 0..150_i32, length in 0..200_i32, n in 0_u32..60,
    ) {
        let (start, end) = (day(start), day(start + length));
        let mut walked = 0;
        for date in (0..length).map(|place| start.plus_days(place + 1)) {
            prop_assert_eq!(calendar.is_working_day(date), Ok(works(&calendar, date)));
            walked += u32::from(works(&calendar, date));
        }
        prop_assert_eq!(calendar.working_days_between(start, end), Ok(walked));
        let nth = walk(start, n, |date| works(&calendar, date));
        prop_assert_eq!(calendar.nth_working_day_after(start, n), Ok(nth));
        let (mut before, eve) = (end, end.plus_days(-1));
        let mut left = calendar.working_days_between(start, eve).unwrap().min(n);
        let back = calendar.nth_working_day_before(end, left);
        while left > 0 {
            before = before.plus_days(-1);
            left -= u32::from(works(&calendar, before));
        }
        prop_assert_eq!(back, Ok(before));
    }
}
