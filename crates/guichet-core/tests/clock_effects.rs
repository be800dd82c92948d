//! What suspensions, extensions, resets and an amended calendar do to a due date: the worked examples of China's law, of the
//! French rule on tacit decisions, and of the shot clock of the United States.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;

use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::clock::{Clock, DayReading, Pause};
use guichet_core::hours::OpeningHours;
use guichet_core::id::{CalendarId, Version};
use guichet_core::light::{Light, light_on};
use guichet_core::policy::{EdgeDay, Effect, MonthEnd, Policy, Roll, SuspensionGround, Tolling};
use guichet_core::time::{Date, Term, date};
use guichet_core::zone::Zone;

fn cn() -> Calendar {
    serde_json::from_str(include_str!("../../guichet-catalogue/calendars/CN.json")).unwrap()
}

fn day(month: i8, day: i8) -> Date {
    date(2010, month, day)
}

fn pause(since: Date, until: Date) -> Pause {
    Pause {
        since,
        until: Some(until),
        ground: Some(SuspensionGround::ForceMajeure),
    }
}

/// Accepted on 1 March, suspended on the 8th, resumed on the 19th.
fn first_pause() -> Pause {
    pause(day(3, 8), day(3, 19))
}

fn second_pause() -> Pause {
    pause(day(3, 15), day(3, 24))
}

/// The due date of a term in working days from 1 March 2010.
#[track_caller]
fn assert_due_under(policy: &Policy, n: u16, pauses: &[Pause], expected: Date) {
    let cn = cn();
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(n), policy, &cn);
    clock.pauses = pauses.to_vec();
    assert_eq!(clock.due_on(day(12, 31)).unwrap(), expected);
}

#[track_caller]
fn assert_due(n: u16, pauses: &[Pause], expected: Date) {
    assert_due_under(&Policy::default(), n, pauses, expected);
}

// China.

#[test]
fn a_suspension_moves_the_due_date_by_its_nine_working_days() {
    assert_due(20, &[first_pause()], day(4, 12));
}

#[test]
fn where_the_day_of_resumption_counts_the_suspension_is_one_day_shorter() {
    let policy = Policy {
        resumed_day: EdgeDay::Counted,
        ..Policy::default()
    };
    assert_due_under(&policy, 20, &[first_pause()], day(4, 9));
}

#[test]
fn where_the_day_of_suspension_is_left_out_the_suspension_is_one_day_longer() {
    let policy = Policy {
        suspended_day: EdgeDay::LeftOut,
        ..Policy::default()
    };
    assert_due_under(&policy, 20, &[first_pause()], day(4, 13));
}

#[test]
fn a_suspension_that_ends_on_its_first_day_takes_out_nothing() {
    for suspended_day in [EdgeDay::Counted, EdgeDay::LeftOut] {
        for resumed_day in [EdgeDay::Counted, EdgeDay::LeftOut] {
            let policy = Policy {
                suspended_day,
                resumed_day,
                ..Policy::default()
            };
            assert_due_under(&policy, 20, &[pause(day(3, 8), day(3, 8))], day(3, 29));
        }
    }
}

#[test]
fn overlapping_suspensions_are_a_union_of_twelve_days_and_no_sum_of_sixteen() {
    assert_due(20, &[first_pause(), second_pause()], day(4, 15));
    assert_due(20, &[second_pause(), first_pause()], day(4, 15));
}

#[test]
fn an_extension_is_a_longer_term_with_or_without_a_suspension() {
    let (cn, law) = (cn(), Policy::default());
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(20), &law, &cn);
    clock.extensions = vec![Term::WorkingDays(10)];
    assert_eq!(clock.due_on(day(3, 1)), Ok(day(4, 13)));
    clock.pauses = vec![first_pause()];
    assert_eq!(clock.due_on(day(3, 1)), Ok(day(4, 26)));
}

#[test]
fn an_extension_in_another_unit_adds_nothing() {
    let (cn, law) = (cn(), Policy::default());
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(20), &law, &cn);
    clock.extensions = vec![Term::CalendarDays(10)];
    assert_eq!(clock.due_on(day(3, 1)), Ok(day(3, 29)));
}

#[test]
fn deemed_acceptance_counts_from_receipt_and_not_from_the_lapse() {
    let (cn, law) = (cn(), Policy::default());
    let due = |start, n| {
        Clock::new(start, Term::WorkingDays(n), &law, &cn)
            .due_on(start)
            .unwrap()
    };
    let received = day(9, 13);
    assert_eq!(due(received, 5), day(9, 19));
    assert_eq!(due(received, 20), day(10, 15));
    assert_eq!(due(day(9, 19), 20), day(10, 22));
}

#[test]
fn an_amended_calendar_moves_the_computed_due_date() {
    let mut facts = cn().facts().clone();
    facts.version = Version(2);
    facts.non_working_weekdays_dates.push(day(3, 10));
    let (amended, law) = (Calendar::new(facts).unwrap(), Policy::default());
    let clock = Clock::new(day(3, 1), Term::WorkingDays(20), &law, &amended);

    assert_due(20, &[], day(3, 29));
    assert_eq!(clock.due_on(day(3, 1)), Ok(day(3, 30)));
}

#[test]
fn used_days_leave_out_the_start_and_the_suspension() {
    let (cn, law) = (cn(), Policy::default());
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(20), &law, &cn);
    assert_eq!(clock.used(day(3, 29)), Ok(20));
    clock.pauses = vec![first_pause()];
    assert_eq!(clock.used(day(3, 29)), Ok(11));
    assert_eq!(clock.used(day(3, 1)), Ok(0));
    assert_eq!(clock.used(day(2, 1)), Ok(0));
}

#[test]
fn a_pause_that_has_not_ended_is_read_as_if_it_ended_today() {
    let (cn, law) = (cn(), Policy::default());
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(20), &law, &cn);
    clock.pauses = vec![Pause {
        until: None,
        ..first_pause()
    }];
    assert_eq!(clock.due_on(day(3, 19)), Ok(day(4, 12)));
    assert_eq!(clock.used(day(3, 19)), Ok(5));
    assert!(clock.is_paused(day(3, 8)) && clock.is_paused(day(12, 1)));
    assert!(!clock.is_paused(day(3, 7)));
}

#[test]
fn a_clock_is_paused_from_the_first_day_of_a_pause_to_the_eve_of_its_last() {
    let (cn, law) = (cn(), Policy::default());
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(20), &law, &cn);
    clock.pauses = vec![first_pause()];
    let paused = [7, 8, 18, 19].map(|d| clock.is_paused(day(3, d)));
    assert_eq!(paused, [false, true, true, false]);
}

#[test]
fn a_pause_that_was_over_when_the_term_began_leaves_it_as_it_is() {
    let policy = under(SuspensionGround::ForceMajeure, Effect::Suspend, 30, None);
    assert_due_under(&policy, 20, &[pause(day(2, 22), day(3, 1))], day(3, 29));
}

#[test]
fn hours_that_start_anew_start_with_the_day_after() {
    let policy = Policy {
        hours_up_to: 5,
        ..under(SuspensionGround::Incomplete, Effect::Reset, 0, None)
    };
    let cn = cn();
    let hours: OpeningHours = serde_json::from_str(r#"{"working_day": [["09:00", "17:00"]]}"#).unwrap();
    let shanghai: Zone = "Asia/Shanghai".parse().unwrap();
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(2), &policy, &cn);
    let due_at = |clock: &Clock<'_>| {
        let started_at = "2010-03-01T11:00:00+08:00".parse().unwrap();
        let due_at = clock.due_at(started_at, &hours, &shanghai, day(3, 31)).unwrap();
        shanghai.local(due_at).to_string()
    };
    assert_eq!(due_at(&clock), "2010-03-03T11:00:00");
    clock.pauses = vec![Pause {
        since: day(3, 2),
        until: Some(day(3, 9)),
        ground: Some(SuspensionGround::Incomplete),
    }];
    assert_eq!(due_at(&clock), "2010-03-11T17:00:00");
}

#[test]
fn a_ground_that_stops_no_clock_leaves_out_no_day() {
    let policy = under(SuspensionGround::ForceMajeure, Effect::Ignore, 0, None);
    assert_due_under(&policy, 20, &[first_pause()], day(3, 29));
    let cn = cn();
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(20), &policy, &cn);
    clock.pauses = vec![first_pause()];
    assert!(!clock.is_paused(day(3, 10)));
}

#[test]
fn after_a_pause_on_this_ground_at_least_so_many_days_are_left() {
    let policy = under(SuspensionGround::ForceMajeure, Effect::Suspend, 10, None);
    // Given 18 of 20 days used, ten are left instead of two.
    let late = pause(day(3, 25), day(3, 31));
    assert_due(20, std::slice::from_ref(&late), day(4, 2));
    assert_due_under(&policy, 20, &[late], day(4, 15));
    // Given five used, the other fifteen are left anyway.
    assert_due_under(&policy, 20, &[first_pause()], day(4, 12));
}

#[test]
fn at_least_so_many_days_leave_out_the_pauses_after_them() {
    let policy = under(SuspensionGround::ForceMajeure, Effect::Suspend, 10, None);
    let pauses = [pause(day(3, 25), day(3, 31)), pause(day(4, 1), day(4, 8))];
    assert_due_under(&policy, 20, &pauses, day(4, 22));
}

#[test]
fn a_pause_after_the_last_day_gives_nothing_back() {
    let policy = under(SuspensionGround::ForceMajeure, Effect::Suspend, 10, None);
    // Given five working days from 1 March, to the 8th, a pause that begins on the last day still leaves ten.
    assert_due_under(&policy, 5, &[pause(day(3, 8), day(3, 19))], day(4, 2));
    // Begun a day later, it does not call back to life what has run out.
    assert_due_under(&policy, 5, &[pause(day(3, 9), day(3, 19))], day(3, 8));
}

#[test]
fn a_term_whose_first_day_counts_ends_a_working_day_earlier() {
    let korean = Policy {
        first_day: EdgeDay::Counted,
        ..Policy::default()
    };
    assert_due_under(&korean, 20, &[], day(3, 26));
    assert_due_under(&korean, 1, &[], day(3, 1));
    assert_due_under(&korean, 0, &[], day(3, 1));
}

#[test]
fn one_start_has_other_last_days_by_other_units() {
    let (cn, mut policy) = (cn(), Policy::default());
    let due = |policy: &Policy| {
        Clock::new(day(3, 1), Term::CalendarDays(20), policy, &cn)
            .due_on(day(3, 1))
            .unwrap()
    };
    assert_eq!(due(&policy), day(3, 22));
    policy.roll = Roll::Stay;
    assert_eq!(due(&policy), day(3, 21));
}

#[test]
fn a_term_in_calendar_units_ends_on_the_next_working_day() {
    let covered = DayRange::new(day(1, 1), day(4, 30)).unwrap();
    let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("spring").unwrap(), covered);
    facts.non_working_weekdays_dates.push(day(3, 22));
    let (calendar, law) = (Calendar::new(facts).unwrap(), Policy::default());
    let due = |start, term| Clock::new(start, term, &law, &calendar).due_on(start).unwrap();
    assert_eq!(due(day(3, 1), Term::CalendarDays(20)), day(3, 23));
    assert_eq!(due(day(3, 1), Term::Weeks(3)), day(3, 23));
    assert_eq!(due(day(3, 1), Term::Weeks(1)), day(3, 8));
    assert_eq!(due(day(1, 31), Term::Months(2)), day(3, 31));
    // A term of no working days ends on its start day, worked or not.
    assert_eq!(due(day(3, 7), Term::WorkingDays(0)), day(3, 7));
}

#[test]
fn short_terms_of_some_laws_are_counted_in_hours() {
    let policy = Policy {
        first_day: EdgeDay::Counted,
        hours_up_to: 5,
        ..Policy::default()
    };
    assert_eq!(policy.hours(Term::WorkingDays(5)), Some(40));
    assert_eq!(policy.hours(Term::WorkingDays(6)), None);
    assert_eq!(policy.hours(Term::WorkingHours(3)), Some(3));
    // Hours begin within a day: by days, the first one is left out.
    assert_due_under(&policy, 5, &[], day(3, 8));
    assert_due_under(&policy, 6, &[], day(3, 8));
}

#[test]
fn a_last_day_that_a_pause_takes_out_is_the_day_after_the_pause() {
    let policy = Policy {
        roll: Roll::Stay,
        ..Policy::default()
    };
    let cn = cn();
    let mut clock = Clock::new(day(3, 1), Term::CalendarDays(20), &policy, &cn);
    assert_eq!(clock.due_on(day(3, 1)), Ok(day(3, 21)));
    // Given a pause whose first day that is left out is that 21st.
    clock.pauses = vec![pause(day(3, 20), day(3, 26))];
    assert_eq!(clock.due_on(day(3, 1)), Ok(day(3, 27)));
}

#[test]
fn a_last_day_that_is_off_moves_to_the_first_day_after_the_pause_that_follows_it() {
    let (cn, law) = (cn(), Policy::default());
    let mut clock = Clock::new(day(3, 1), Term::CalendarDays(20), &law, &cn);
    // Given that Sunday the 21st is the last day, and that the clock stands still from then until Friday the 26th.
    clock.pauses = vec![pause(day(3, 21), day(3, 26))];
    assert_eq!(clock.due_on(day(3, 21)), Ok(day(3, 29)));
}

#[test]
fn a_term_of_no_days_is_over_when_its_day_is_also_where_short_terms_are_hours() {
    let policy = Policy {
        hours_up_to: 5,
        ..Policy::default()
    };
    let cn = cn();
    let hours: OpeningHours = serde_json::from_str(r#"{"working_day": [["09:00", "17:00"]]}"#).unwrap();
    let shanghai: Zone = "Asia/Shanghai".parse().unwrap();
    let clock = Clock::new(day(3, 1), Term::WorkingDays(0), &policy, &cn);
    let started_at = "2010-03-01T11:00:00+08:00".parse().unwrap();
    let due_at = clock.due_at(started_at, &hours, &shanghai, day(3, 1)).unwrap();
    assert_eq!(shanghai.local(due_at).to_string(), "2010-03-01T17:00:00");
}

#[test]
fn a_day_is_left_out_by_the_first_pause_that_stops_the_clock_on_it() {
    let mut policy = under(SuspensionGround::Incomplete, Effect::Ignore, 0, None);
    policy
        .grounds
        .insert(SuspensionGround::ForceMajeure, Tolling::SUSPEND);
    let cn = cn();
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(20), &policy, &cn);
    // Given a pause on a ground that stops no clock, and two that overlap it and each other.
    clock.pauses = vec![
        Pause {
            ground: Some(SuspensionGround::Incomplete),
            ..pause(day(3, 4), day(3, 24))
        },
        pause(day(3, 8), day(3, 11)),
        pause(day(3, 10), day(3, 16)),
    ];
    let table = clock.table(day(3, 31), day(3, 31)).unwrap();
    let paused: Vec<_> = table
        .iter()
        .filter_map(|line| match line.reading {
            DayReading::Paused { pause } => Some((line.date, pause)),
            DayReading::Start
            | DayReading::Counted { .. }
            | DayReading::Off
            | DayReading::Void
            | DayReading::Rolled
            | DayReading::Late { .. } => None,
        })
        .collect();
    let (first, second) = (
        (9..=11).map(|d| (day(3, d), 1)),
        (12..=16).map(|d| (day(3, d), 2)),
    );
    assert_eq!(paused, first.chain(second).collect::<Vec<_>>());
}

fn readings(clock: &Clock<'_>, until: Date) -> Vec<DayReading> {
    let table = clock.table(until, until).unwrap();
    table.into_iter().map(|line| line.reading).collect()
}

#[test]
fn the_days_of_an_extension_are_told_apart_and_late_days_are_numbered() {
    let (cn, law) = (cn(), Policy::default());
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(2), &law, &cn);
    clock.extensions = vec![Term::WorkingDays(2)];
    let counted = |nth, extended| DayReading::Counted { nth, extended };
    let (off, late) = (DayReading::Off, |by| DayReading::Late { by });
    assert_eq!(
        readings(&clock, day(3, 9)),
        [
            DayReading::Start,
            counted(1, false),
            counted(2, false),
            counted(3, true),
            counted(4, true),
            off,
            off,
            late(1),
            late(2)
        ]
    );
}

#[test]
fn every_working_day_after_the_start_of_a_term_of_no_days_is_late() {
    let cn = cn();
    for &first_day in EdgeDay::ALL {
        let policy = Policy {
            first_day,
            ..Policy::default()
        };
        let clock = Clock::new(day(3, 1), Term::WorkingDays(0), &policy, &cn);
        let late = |by| DayReading::Late { by };
        assert_eq!(
            readings(&clock, day(3, 3)),
            [DayReading::Start, late(1), late(2)],
            "{first_day}"
        );
    }
}

// Warnings.

#[test]
fn a_warning_comes_when_nine_tenths_are_used_or_one_day_is_left() {
    let (cn, law) = (cn(), Policy::default());
    let warn_on = |term| {
        Clock::new(day(3, 1), term, &law, &cn)
            .run(day(3, 1))
            .unwrap()
            .warn_on
    };
    // 18 of 20 on the 25th; the day before the last of 5 on the 5th; a term of one day starts with its warning.
    assert_eq!(warn_on(Term::WorkingDays(20)), day(3, 25));
    assert_eq!(warn_on(Term::WorkingDays(5)), day(3, 5));
    assert_eq!(warn_on(Term::WorkingDays(1)), day(3, 1));
    // 18 of 20 calendar days on the 19th, the working day before Monday the 22nd too.
    assert_eq!(warn_on(Term::CalendarDays(20)), day(3, 19));
    assert_eq!(warn_on(Term::CalendarDays(60)), day(4, 24));
}

#[test]
fn a_suspension_moves_the_warning_with_the_due_date() {
    let (cn, law) = (cn(), Policy::default());
    let mut clock = Clock::new(day(3, 1), Term::WorkingDays(20), &law, &cn);
    clock.pauses = vec![first_pause()];
    let run = clock.run(day(3, 19)).unwrap();
    assert_eq!((run.warn_on, run.due_on), (day(4, 8), day(4, 12)));
}

// France: the decision comes by silence on the day after the last day.

fn under(ground: SuspensionGround, effect: Effect, at_least: u16, notice_within: Option<Term>) -> Policy {
    Policy {
        grounds: BTreeMap::from([(
            ground,
            Tolling {
                effect,
                at_least,
                notice_within,
            },
        )]),
        ..Policy::default()
    }
}

/// The French rule: calendar days from the day after the deposit, both edges of a correction left out; an incomplete file
/// starts the time anew. `resume` is what an incorrect one does.
fn french(resume: Effect) -> Policy {
    let mut policy = under(SuspensionGround::Incorrect, resume, 0, None);
    policy.grounds.insert(
        SuspensionGround::Incomplete,
        Tolling {
            effect: Effect::Reset,
            at_least: 0,
            notice_within: None,
        },
    );
    policy.month_end = MonthEnd::Eve;
    policy.roll = Roll::Stay;
    policy.suspended_day = EdgeDay::LeftOut;
    policy
}

fn every_day() -> Calendar {
    let covered = DayRange::new(date(2023, 1, 1), date(2024, 12, 31)).unwrap();
    let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("every-day").unwrap(), covered);
    facts.weekend_iso_days.clear();
    Calendar::new(facts).unwrap()
}

#[track_caller]
fn assert_tacit(deposit: Date, term: Term, resume: Effect, pauses: &[Pause], expected: Date) {
    let (calendar, policy) = (every_day(), french(resume));
    let mut clock = Clock::new(deposit, term, &policy, &calendar);
    clock.pauses = pauses.to_vec();
    assert_eq!(clock.due_on(date(2023, 6, 5)).unwrap().next(), expected);
}

fn y23(month: i8, day: i8) -> Date {
    date(2023, month, day)
}

fn correction(ground: SuspensionGround, since: (i8, i8), until: Option<(i8, i8)>) -> Pause {
    Pause {
        since: y23(since.0, since.1),
        until: until.map(|(month, day)| y23(month, day)),
        ground: Some(ground),
    }
}

fn incorrect(since: (i8, i8), until: (i8, i8)) -> Pause {
    correction(SuspensionGround::Incorrect, since, Some(until))
}

fn incomplete(since: (i8, i8), until: (i8, i8)) -> Pause {
    correction(SuspensionGround::Incomplete, since, Some(until))
}

const TWO_MONTHS: Term = Term::Months(2);

#[test]
fn the_tacit_decision_of_an_untouched_file() {
    let deposit = y23(5, 15);
    assert_tacit(deposit, TWO_MONTHS, Effect::Suspend, &[], y23(7, 16));
    assert_tacit(deposit, Term::CalendarDays(30), Effect::Suspend, &[], y23(6, 15));
    assert_tacit(deposit, Term::Weeks(8), Effect::Suspend, &[], y23(7, 11));
}

#[test]
fn corrections_suspend_the_tacit_decision() {
    let one = incorrect((5, 20), (5, 25));
    let two = [one.clone(), incorrect((5, 30), (6, 3))];
    let deposit = y23(5, 15);
    assert_tacit(
        deposit,
        TWO_MONTHS,
        Effect::Suspend,
        std::slice::from_ref(&one),
        y23(7, 22),
    );
    assert_tacit(deposit, TWO_MONTHS, Effect::Suspend, &two, y23(7, 27));
    // The second one not resolved: as if it were today, on 5 June.
    let open = [one, correction(SuspensionGround::Incorrect, (5, 30), None)];
    assert_tacit(deposit, TWO_MONTHS, Effect::Suspend, &open, y23(7, 29));
}

#[test]
fn an_incomplete_file_starts_the_tacit_decision_anew() {
    let one = incomplete((5, 20), (5, 25));
    let both = [one.clone(), incorrect((5, 30), (6, 3))];
    let deposit = y23(5, 15);
    assert_tacit(deposit, TWO_MONTHS, Effect::Suspend, &[one], y23(7, 26));
    assert_tacit(deposit, TWO_MONTHS, Effect::Suspend, &both, y23(7, 31));
}

#[test]
fn where_every_correction_resets_the_last_one_counts() {
    let two = vec![incorrect((5, 16), (5, 17)), incorrect((5, 20), (5, 25))];
    let mut open = two.clone();
    open.push(correction(SuspensionGround::Incorrect, (5, 30), None));
    let deposit = y23(5, 15);
    assert_tacit(deposit, TWO_MONTHS, Effect::Reset, &two, y23(7, 26));
    assert_tacit(deposit, TWO_MONTHS, Effect::Reset, &open, y23(8, 6));
}

#[test]
fn the_tacit_decision_at_the_ends_of_months() {
    let cases = [
        ((6, 29), (9, 1)),
        ((6, 30), (9, 3)),
        ((7, 30), (10, 2)),
        ((7, 31), (10, 3)),
    ];
    for (deposit, decided) in cases {
        let deposit = y23(deposit.0, deposit.1);
        let night = Pause {
            since: deposit.plus_days(1),
            until: Some(deposit.plus_days(2)),
            ground: Some(SuspensionGround::Incorrect),
        };
        let expected = y23(decided.0, decided.1);
        assert_tacit(deposit, TWO_MONTHS, Effect::Suspend, &[night], expected);
    }
}

#[test]
fn a_month_that_lacks_the_day_ends_on_its_last_or_its_eve() {
    let calendar = every_day();
    let due = |first_day, month_end| {
        let policy = Policy {
            first_day,
            month_end,
            roll: Roll::Stay,
            ..Policy::default()
        };
        let start = y23(1, 31);
        Clock::new(start, Term::Months(1), &policy, &calendar)
            .due_on(start)
            .unwrap()
    };
    assert_eq!(due(EdgeDay::LeftOut, MonthEnd::SameDay), y23(2, 28));
    assert_eq!(due(EdgeDay::Counted, MonthEnd::SameDay), y23(2, 27));
    assert_eq!(due(EdgeDay::Counted, MonthEnd::Eve), y23(2, 27));
    assert_eq!(due(EdgeDay::Counted, MonthEnd::EveOrLastDay), y23(2, 28));
    assert_eq!(due(EdgeDay::LeftOut, MonthEnd::EveOrLastDay), y23(2, 28));
}

// The United States: a notice has its effect only when it is given in time.

#[test]
fn a_notice_that_comes_late_stops_nothing() {
    let ten = Some(Term::CalendarDays(10));
    let mut policy = under(SuspensionGround::Incomplete, Effect::Reset, 0, ten);
    policy.roll = Roll::Stay;
    let calendar = every_day();
    let due = |notice: (i8, i8)| {
        let mut clock = Clock::new(y23(5, 1), Term::CalendarDays(60), &policy, &calendar);
        clock.pauses = vec![incomplete(notice, (5, 20))];
        clock.due_on(y23(6, 1)).unwrap()
    };
    assert_eq!(due((5, 11)), y23(7, 19));
    assert_eq!(due((5, 12)), y23(6, 30));
}

// Laws that the calendar ends.

#[test]
fn a_suspension_that_outlasts_the_calendar_is_an_error_and_one_after_the_due_date_is_none() {
    let (calendar, law) = (every_day(), Policy::default());
    let mut clock = Clock::new(y23(5, 1), Term::WorkingDays(10), &law, &calendar);
    clock.pauses = vec![pause(y23(5, 5), date(2025, 1, 10))];
    let error = clock.due_on(y23(6, 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "calendar every-day knows nothing of 2025-01-11: it covers 2023-01-01 to 2024-12-31; publish a version that covers that day"
    );
    clock.pauses = vec![pause(date(2025, 1, 1), date(2026, 1, 1))];
    assert_eq!(clock.due_on(y23(6, 1)), Ok(y23(5, 11)));
}

#[test]
fn the_day_that_a_term_asks_for_beyond_the_calendar_is_the_first_one_that_counts() {
    let (calendar, law) = (every_day(), Policy::default());
    let asked_for = |pause: Pause| {
        let mut clock = Clock::new(date(2024, 12, 20), Term::WorkingDays(20), &law, &calendar);
        clock.pauses = vec![pause];
        let error = clock.due_on(date(2024, 12, 20)).unwrap_err().to_string();
        let (day, _) = error.split_once(": it covers").unwrap();
        day.to_owned()
    };
    // A pause that begins later changes nothing; one from the last covered day on takes out the days up to its end.
    assert_eq!(
        asked_for(pause(date(2025, 2, 1), date(2025, 2, 10))),
        "calendar every-day knows nothing of 2025-01-01"
    );
    assert_eq!(
        asked_for(pause(date(2024, 12, 30), date(2025, 1, 10))),
        "calendar every-day knows nothing of 2025-01-11"
    );
}

#[test]
fn a_term_from_before_the_calendar_has_a_due_date_where_every_day_until_then_is_paused() {
    let (calendar, law) = (every_day(), Policy::default());
    let start = date(2022, 12, 20);
    let mut clock = Clock::new(start, Term::WorkingDays(10), &law, &calendar);
    clock.pauses = vec![pause(start, y23(1, 5))];
    assert_eq!(clock.due_on(start), Ok(y23(1, 15)));
}

// What a vendor's service desk does with its clocks (published behaviour, restated).

#[test]
fn another_term_with_a_retroactive_start_counts_from_the_first_instant_and_keeps_earlier_pauses() {
    let (cn, law) = (cn(), Policy::default());
    let hours: OpeningHours = serde_json::from_str(r#"{"working_day": [["09:00", "17:00"]]}"#).unwrap();
    let shanghai: Zone = "Asia/Shanghai".parse().unwrap();
    let due_at = |term: u16, pauses: &[Pause]| {
        let mut clock = Clock::new(day(3, 1), Term::WorkingHours(term), &law, &cn);
        clock.pauses = pauses.to_vec();
        let created = "2010-03-01T10:00:00+08:00".parse().unwrap();
        let due_at = clock.due_at(created, &hours, &shanghai, day(3, 31)).unwrap();
        shanghai.local(due_at).to_string()
    };
    let paused = [pause(day(3, 1), day(3, 3))];
    // Forty hours for a matter of the third rank; after three of them it becomes one of the first, with ten.
    assert_eq!(due_at(40, &[]), "2010-03-08T10:00:00");
    assert_eq!(due_at(10, &[]), "2010-03-02T12:00:00");
    assert_eq!(due_at(10, &paused), "2010-03-04T12:00:00");
}

#[test]
fn nearly_all_of_a_term_is_no_breach() {
    let (calendar, law) = (every_day(), Policy::default());
    let clock = Clock::new(y23(1, 1), Term::CalendarDays(700), &law, &calendar);
    let run = clock.run(y23(1, 1)).unwrap();
    // 699 of 700 days are 99.857 %, and the last one is in time as well.
    assert_eq!(clock.used(run.due_on.plus_days(-1)), Ok(699));
    for day in [run.due_on.plus_days(-1), run.due_on] {
        assert_eq!(light_on(&run, Light::Red, day), Light::Yellow, "{day}");
    }
    assert_eq!(light_on(&run, Light::Red, run.due_on.next()), Light::Red);
}

#[test]
fn what_happens_on_one_day_has_one_result_in_whatever_order_it_is_told() {
    let mut policy = under(SuspensionGround::Incomplete, Effect::Reset, 0, None);
    policy
        .grounds
        .insert(SuspensionGround::ForceMajeure, Tolling::SUSPEND);
    let pauses = [
        pause(day(3, 8), day(3, 19)),
        Pause {
            ground: Some(SuspensionGround::Incomplete),
            ..pause(day(3, 8), day(3, 10))
        },
        pause(day(3, 8), day(3, 8)),
    ];
    // The term starts anew on the 10th; of what follows, the 11th to the 19th are left out.
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let told = order.map(|at: usize| pauses[at].clone());
        assert_due_under(&policy, 20, &told, day(4, 19));
    }
}
