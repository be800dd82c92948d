//! What holds for every clock: of any calendar, policy, term and history of pauses.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use std::ops::Range;

use common::calendars::{calendars, day, walk, works};
use guichet_core::calendar::DayRange;
use guichet_core::clock::{Clock, DayReading, DaySet, Pause};
use guichet_core::policy::{EdgeDay, Effect, MonthEnd, Policy, Roll, SuspensionGround, Tolling};
use guichet_core::time::{Date, Term};
use proptest::prelude::*;

/// Pauses and the terms before them begin in the first half year; some begin before it.
const COVERED: Range<i32> = -40..900;

fn edges() -> impl Strategy<Value = EdgeDay> {
    prop::sample::select(EdgeDay::ALL)
}

prop_compose! {
    fn policies()(
        first_day in edges(),
        suspended_day in edges(),
        resumed_day in edges(),
        month_end in prop::sample::select(MonthEnd::ALL),
        roll in prop::sample::select(Roll::ALL),
    ) -> Policy {
        Policy { first_day, suspended_day, resumed_day, month_end, roll, ..Policy::default() }
    }
}

fn terms() -> impl Strategy<Value = Term> {
    prop_oneof![
        (0_u16..40).prop_map(Term::WorkingDays),
        (0_u16..60).prop_map(Term::CalendarDays),
        (0_u16..9).prop_map(Term::Weeks),
        (0_u16..4).prop_map(Term::Months),
        (0_u16..200).prop_map(Term::WorkingHours),
    ]
}

/// Pauses on one ground, each with a first and a last day.
fn pauses() -> impl Strategy<Value = Vec<Pause>> {
    prop::collection::vec((-10..150, 0..25), 0..8).prop_map(|list| {
        let pause = |(since, length)| Pause {
            since: day(since),
            until: Some(day(since + length)),
            ground: Some(SuspensionGround::ForceMajeure),
        };
        list.into_iter().map(pause).collect()
    })
}

/// The days that a pause takes out, straight from the words of the switches.
fn takes_out(policy: &Policy, pause: &Pause, date: Date) -> bool {
    let (since, until) = (pause.since, pause.until.unwrap());
    since < until
        && (since < date || (since == date && policy.suspended_day == EdgeDay::LeftOut))
        && (date < until || (until == date && policy.resumed_day == EdgeDay::LeftOut))
}

proptest! {
    #[test]
    fn the_due_date_is_the_one_of_a_walk_over_the_days(
        calendar in calendars(COVERED), policy in policies(), start in 0..60_i32, n in 1_u16..40,
        pauses in pauses(), working in any::<bool>(),
    ) {
        let start = day(start);
        let term = if working { Term::WorkingDays(n) } else { Term::CalendarDays(n) };
        let mut clock = Clock::new(start, term, &policy, &calendar);
        clock.pauses.clone_from(&pauses);
        let due = clock.due_on(start).unwrap();

        let runs = |date: Date| !pauses.iter().any(|pause| takes_out(&policy, pause, date));
        let origin = if policy.first_day == EdgeDay::Counted { start.plus_days(-1) } else { start };
        let counts = |date: Date| runs(date) && (!working || works(&calendar, date));
        let last = walk(origin, u32::from(n), counts);
        let rolls = !working && policy.roll == Roll::NextWorkingDay && !works(&calendar, last);
        let expected = if rolls { walk(last, 1, |date| runs(date) && works(&calendar, date)) } else { last };
        prop_assert_eq!(due, expected);
        // What is used on the due date is the term, and it was not before.
        prop_assert_eq!(clock.used(last).unwrap(), u32::from(n));
        prop_assert_eq!(clock.used(last.plus_days(-1)).unwrap(), u32::from(n) - 1);
    }

    #[test]
    fn a_longer_term_and_a_later_start_never_end_earlier(
        calendar in calendars(COVERED), policy in policies(), start in 0..60_i32, term in terms(), pauses in pauses(),
    ) {
        let later = day(start + 1);
        let due = |start: i32, term| {
            let mut clock = Clock::new(day(start), term, &policy, &calendar);
            clock.pauses.clone_from(&pauses);
            // In months two starts may share a last day, and then a pause that began before one of them takes more from it.
            if matches!(term, Term::Months(_)) {
                clock.pauses.retain(|pause| pause.since > later);
            }
            clock.due_on(day(start)).unwrap()
        };
        let one = match term {
            Term::WorkingDays(_) => Term::WorkingDays(1),
            Term::CalendarDays(_) => Term::CalendarDays(1),
            Term::Weeks(_) => Term::Weeks(1),
            Term::Months(_) => Term::Months(1),
            Term::WorkingHours(_) => Term::WorkingHours(1),
        };
        prop_assert!(due(start, term) <= due(start, term.extended_by(one)));
        // Where ends are eves, the longer month may come first.
        let whole = policy.month_end == MonthEnd::SameDay && policy.first_day == EdgeDay::LeftOut;
        if whole || !matches!(term, Term::Months(_)) {
            prop_assert!(due(start, term) <= due(start + 1, term));
        }
    }

    #[test]
    fn neither_the_order_nor_the_overlap_of_pauses_matters(
        calendar in calendars(COVERED), policy in policies(), start in 0..60_i32, term in terms(),
        (list, shuffled) in pauses().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
    ) {
        let due = |pauses: &[Pause]| {
            let mut clock = Clock::new(day(start), term, &policy, &calendar);
            clock.pauses = pauses.to_vec();
            clock.run(day(start)).unwrap()
        };
        prop_assert_eq!(due(&list), due(&shuffled));
        let twice: Vec<Pause> = list.iter().chain(&shuffled).cloned().collect();
        prop_assert_eq!(due(&list), due(&twice));
    }

    #[test]
    fn the_table_proves_the_due_date(
        calendar in calendars(COVERED), policy in policies(), start in 0..60_i32, term in terms(), pauses in pauses(),
        ground in prop::sample::select(Effect::ALL),
    ) {
        let mut policy = policy;
        policy.grounds.insert(SuspensionGround::ForceMajeure, Tolling { effect: ground, ..Tolling::SUSPEND });
        let start = day(start);
        let mut clock = Clock::new(start, term, &policy, &calendar);
        clock.pauses.clone_from(&pauses);
        let run = clock.run(start).unwrap();
        let table = clock.table(start, run.due_on.plus_days(10)).unwrap();

        // Every day from the start on, each once.
        let dates: Vec<Date> = table.iter().map(|line| line.date).collect();
        let all: Vec<Date> = (0..).map(|place| start.plus_days(place)).take(dates.len()).collect();
        prop_assert_eq!(dates, all);
        // As many counted days as the term has, numbered in order; whatever is late comes after the due date.
        let counted: Vec<u32> = table.iter().filter_map(|line| match line.reading {
            DayReading::Counted { nth, .. } => Some(nth),
            DayReading::Start | DayReading::Off | DayReading::Paused { .. } | DayReading::Void
            | DayReading::Rolled | DayReading::Late { .. } => None,
        }).collect();
        prop_assert_eq!(counted, (1..=run.days).collect::<Vec<_>>());
        for line in &table {
            let late = matches!(line.reading, DayReading::Late { .. });
            prop_assert!(!late || line.date > run.due_on, "{line:?}");
            if let DayReading::Paused { pause } = line.reading {
                prop_assert!(takes_out(&policy, &pauses[pause], line.date), "{line:?}");
            }
        }
    }

    #[test]
    fn a_warning_comes_between_the_start_and_the_due_date(
        calendar in calendars(COVERED), policy in policies(), start in 0..60_i32, term in terms(), pauses in pauses(),
    ) {
        let mut clock = Clock::new(day(start), term, &policy, &calendar);
        clock.pauses = pauses;
        let run = clock.run(day(start)).unwrap();
        prop_assert!(day(start) <= run.warn_on && run.warn_on <= run.due_on.max(day(start)), "{run:?}");
    }

    #[test]
    fn a_day_set_holds_exactly_the_days_put_into_it(list in prop::collection::vec((-10..150, 0..25), 0..8)) {
        let set: DaySet = list.iter().filter_map(|(s, length)| DayRange::new(day(*s), day(s + length))).collect();
        for place in -20..200 {
            let held = list.iter().any(|(s, length)| *s <= place && place <= s + length);
            prop_assert_eq!(set.contains(day(place)), held, "{}", day(place));
        }
    }
}
