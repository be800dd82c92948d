//! Any calendar, and its days read one after the other: what the laws of terms are held against.

use std::ops::Range;

use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::id::CalendarId;
use guichet_core::time::{Date, date};
use proptest::prelude::*;

/// A day by its place: the first of January 2010 has place 0.
pub(crate) fn day(place: i32) -> Date {
    date(2010, 1, 1).plus_days(place)
}

prop_compose! {
    /// A calendar of these places with any weekend of up to three days, with days off and make-up days wherever they fall
    /// from place 0 on.
    pub(crate) fn calendars(covered: Range<i32>)(
        weekend in prop::collection::btree_set(1_u8..=7, 0..=3),
        changed in prop::collection::btree_set(0..covered.end, 0..60),
        covered in Just(covered),
    ) -> Calendar {
        let covered = DayRange::new(day(covered.start), day(covered.end - 1)).unwrap();
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

/// The reading of a calendar's document, straight from its words.
pub(crate) fn works(calendar: &Calendar, date: Date) -> bool {
    let facts = calendar.facts();
    facts.working_weekend_dates.contains(&date)
        || (!facts.weekend_iso_days.contains(&date.iso_weekday())
            && !facts.non_working_weekdays_dates.contains(&date))
}

/// The n-th day after `start` that `counts`, one day after the other.
pub(crate) fn walk(start: Date, n: u32, counts: impl Fn(Date) -> bool) -> Date {
    let (mut date, mut left) = (start, n);
    while left > 0 {
        date = date.next();
        left -= u32::from(counts(date));
    }
    date
}
