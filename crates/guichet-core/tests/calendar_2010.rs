//! The year 2010 of the State Council's notice 国办发明电〔2009〕27号: the calendar, the due dates that follow from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use guichet_core::calendar::Calendar;
use guichet_core::clock::Clock;
use guichet_core::policy::Policy;
use guichet_core::time::{Date, Term, date};

fn cn() -> Calendar {
    serde_json::from_str(include_str!("../../guichet-catalogue/calendars/CN.json")).unwrap()
}

fn day(month: i8, day: i8) -> Date {
    date(2010, month, day)
}

fn assert_due(start: Date, n: u16, expected: Date) {
    let (cn, law) = (cn(), Policy::default());
    let due = Clock::new(start, Term::WorkingDays(n), &law, &cn)
        .due_on(start)
        .unwrap();
    assert_eq!(due, expected, "{n} working days from {start}");
}

// The calendar.

#[test]
fn the_days_that_the_notice_names_are_off() {
    let cn = cn();
    let off = [
        (1, 1..=3),
        (2, 13..=19),
        (4, 3..=5),
        (5, 1..=3),
        (6, 14..=16),
        (9, 22..=24),
        (10, 1..=7),
    ];
    for (month, days) in off {
        for d in days {
            assert_eq!(cn.is_working_day(day(month, d)), Ok(false), "{}", day(month, d));
        }
    }
}

#[test]
fn the_weekend_days_that_the_notice_names_are_worked_and_no_others() {
    let cn = cn();
    let named = [
        day(2, 20),
        day(2, 21),
        day(6, 12),
        day(6, 13),
        day(9, 19),
        day(9, 25),
        day(9, 26),
        day(10, 9),
    ];
    let mut worked = Vec::new();
    for place in 0..365 {
        let date = day(1, 1).plus_days(place);
        if date.iso_weekday() >= 6 && cn.is_working_day(date).unwrap() {
            worked.push(date);
        }
    }
    assert_eq!(worked, named);
}

#[test]
fn weekends_alone_would_be_wrong_on_27_days() {
    let cn = cn();
    let wrong = (0..365)
        .map(|place| day(1, 1).plus_days(place))
        .filter(|date| cn.is_working_day(*date).unwrap() != (date.iso_weekday() < 6))
        .count();
    assert_eq!(wrong, 27);
}

#[test]
fn the_year_2010_has_250_working_days() {
    let by_month: Vec<u32> = (1..=12)
        .map(|month| {
            let first = day(month, 1);
            let last = first.plus_months(1).plus_days(-1);
            cn().working_days_between(first.plus_days(-1), last).unwrap()
        })
        .collect();
    assert_eq!(by_month, [20, 17, 23, 21, 20, 21, 22, 22, 22, 17, 22, 23]);
    assert_eq!(
        cn().working_days_between(date(2009, 12, 31), day(12, 31)),
        Ok(250)
    );
}

#[test]
fn the_calendar_names_where_its_facts_come_from() {
    let cn = cn();
    assert_eq!(cn.source(), cn.facts().source);
    assert!(cn.source().contains("State Council"), "{}", cn.source());
}

// Due dates, the start day excluded.

#[test]
fn five_plain_working_days_from_a_monday() {
    assert_due(day(3, 1), 5, day(3, 8));
}

#[test]
fn twenty_plain_working_days_from_a_monday() {
    assert_due(day(3, 1), 20, day(3, 29));
}

#[test]
fn the_next_working_day_may_be_a_saturday() {
    assert_due(day(2, 12), 1, day(2, 20));
}

#[test]
fn ten_days_cross_the_spring_festival_and_its_make_up_weekend() {
    assert_due(day(2, 12), 10, day(3, 3));
}

#[test]
fn the_day_after_qingming_is_a_tuesday() {
    assert_due(day(4, 2), 1, day(4, 6));
}

#[test]
fn a_start_on_a_day_off_counts_from_the_next_working_day() {
    assert_due(day(3, 6), 1, day(3, 8));
}

#[test]
fn twenty_days_end_in_june_and_ten_more_on_a_working_sunday() {
    assert_due(day(5, 4), 20, day(6, 1));
    assert_due(day(5, 4), 30, day(6, 13));
}

#[test]
fn joint_handling_has_45_days_and_60_when_extended() {
    assert_due(day(5, 4), 45, day(7, 7));
    assert_due(day(5, 4), 60, day(7, 28));
}

#[test]
fn a_working_weekend_is_followed_by_three_days_off() {
    assert_due(day(6, 11), 3, day(6, 17));
}

#[test]
fn an_intake_term_across_mid_autumn_ends_on_a_sunday() {
    assert_due(day(9, 17), 5, day(9, 26));
}

#[test]
fn twenty_days_cross_two_holidays_and_four_make_up_days() {
    assert_due(day(9, 17), 20, day(10, 21));
}

#[test]
fn a_day_off_and_a_working_sunday_as_start_differ_by_a_day() {
    assert_due(day(9, 18), 5, day(9, 26));
    assert_due(day(9, 19), 5, day(9, 27));
}

#[test]
fn terms_cross_the_national_day() {
    assert_due(day(9, 30), 1, day(10, 8));
    assert_due(day(9, 30), 5, day(10, 13));
}
