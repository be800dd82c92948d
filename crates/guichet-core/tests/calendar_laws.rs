//! What holds for every calendar and every term.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use std::ops::Range;

use common::calendars::{calendars, day, walk, works};
use guichet_core::calendar::Calendar;
use guichet_core::clock::Clock;
use guichet_core::policy::Policy;
use guichet_core::time::{Date, Term};
use proptest::prelude::*;

const COVERED: Range<i32> = 0..400;

/// The last day of a term without pauses, by the law of China.
fn due_on(start: Date, term: Term, calendar: &Calendar) -> Date {
    Clock::new(start, term, &Policy::default(), calendar)
        .due_on(start)
        .unwrap()
}

proptest! {
    #[test]
    fn between_a_start_and_its_due_date_lies_the_term(
        calendar in calendars(COVERED), start in -1..150_i32, n in 0_u16..60,
    ) {
        let start = day(start);
        let due = due_on(start, Term::WorkingDays(n), &calendar);
        prop_assert_eq!(calendar.working_days_between(start, due), Ok(u32::from(n)));
    }

    #[test]
    fn a_longer_term_never_ends_earlier(calendar in calendars(COVERED), start in 0..150_i32, n in 0_u16..60, unit in 0..4) {
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
    fn a_later_start_never_ends_earlier(calendar in calendars(COVERED), start in 0..150_i32, n in 0_u16..60) {
        for term in [Term::WorkingDays(n), Term::CalendarDays(n), Term::Months(n / 20)] {
            let due = |start| due_on(day(start), term, &calendar);
            prop_assert!(due(start) <= due(start + 1));
        }
    }

    #[test]
    fn the_index_agrees_with_a_walk_over_the_days(
        calendar in calendars(COVERED), start in 0..150_i32, length in 0..200_i32, n in 0_u32..60,
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
