//! Worked examples of working time that others have published, the wrong ones among them.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::clock::DaySet;
use guichet_core::hours::{OpenInterval, OpeningHours, Timetable, WorkingTime};
use guichet_core::id::CalendarId;
use guichet_core::time::{Date, Timestamp, date};
use guichet_core::zone::Zone;

struct Centre {
    hours: OpeningHours,
    calendar: Calendar,
}

impl Centre {
    fn open(times: &[(&str, &str)], year: i16, holidays: &[Date]) -> Self {
        let covered = DayRange::new(date(year, 1, 1), date(year, 12, 31)).unwrap();
        let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("centre").unwrap(), covered);
        facts.non_working_weekdays_dates = holidays.to_vec();
        let interval =
            |(from, until): &(&str, &str)| OpenInterval::new(from.parse().unwrap(), until.parse().unwrap());
        Self {
            hours: OpeningHours::daily(times.iter().map(interval)).unwrap(),
            calendar: Calendar::new(facts).unwrap(),
        }
    }

    fn due(&self, start: &str, time: WorkingTime) -> String {
        let due_at = self.timetable().due_at(at(start), time, &DaySet::new()).unwrap();
        written(due_at)
    }

    fn start(&self, end: &str, time: WorkingTime) -> String {
        let start_at = self.timetable().start_at(at(end), time, &DaySet::new()).unwrap();
        written(start_at)
    }

    fn open_time(&self, start: &str, end: &str) -> WorkingTime {
        self.timetable().open_time(at(start), at(end)).unwrap()
    }

    fn timetable(&self) -> Timetable<'_> {
        Timetable::new(&self.hours, &self.calendar, &Zone::UTC)
    }
}

fn at(local: &str) -> Timestamp {
    format!("{local}:00Z").parse().unwrap()
}

fn written(instant: Timestamp) -> String {
    instant.to_string().replace(":00Z", "")
}

/// Germany's holidays of 2022 around the examples: Good Friday and Easter Monday.
fn kadai() -> Centre {
    let times = [("06:00", "12:00"), ("13:00", "18:00")];
    Centre::open(&times, 2022, &[date(2022, 4, 15), date(2022, 4, 18)])
}

#[test]
fn kadai_adds_within_a_day_over_the_break() {
    assert_eq!(
        kadai().due("2022-11-17T09:00", WorkingTime::minutes(181)),
        "2022-11-17T13:01"
    );
}

#[test]
fn kadai_adds_over_a_weekend() {
    assert_eq!(
        kadai().due("2022-11-18T09:00", WorkingTime::hours(11)),
        "2022-11-21T09:00"
    );
}

#[test]
fn kadai_adds_over_easter() {
    assert_eq!(
        kadai().due("2022-04-14T09:00", WorkingTime::hours(11)),
        "2022-04-19T09:00"
    );
}

#[test]
fn kadai_starts_a_holiday_on_the_next_working_day() {
    assert_eq!(
        kadai().due("2022-04-15T09:00", WorkingTime::hours(2)),
        "2022-04-19T08:00"
    );
}

#[test]
fn kadai_moves_no_time_at_all_to_the_next_opening() {
    assert_eq!(
        kadai().due("2022-04-16T09:00", WorkingTime::default()),
        "2022-04-19T06:00"
    );
}

#[test]
fn kadai_starts_at_the_opening_when_it_is_early() {
    assert_eq!(
        kadai().due("2022-11-17T05:00", WorkingTime::hours(1)),
        "2022-11-17T07:00"
    );
}

#[test]
fn kadai_starts_on_the_next_day_when_it_is_late() {
    assert_eq!(
        kadai().due("2022-11-17T19:00", WorkingTime::hours(1)),
        "2022-11-18T07:00"
    );
}

#[test]
fn kadai_subtracts_as_it_adds() {
    assert_eq!(
        kadai().start("2022-11-17T16:00", WorkingTime::minutes(181)),
        "2022-11-17T11:59"
    );
    assert_eq!(
        kadai().start("2022-11-21T09:00", WorkingTime::hours(11)),
        "2022-11-18T09:00"
    );
    assert_eq!(
        kadai().start("2022-04-19T09:00", WorkingTime::hours(11)),
        "2022-04-14T09:00"
    );
}

#[test]
fn servicenow_reads_24_hours_on_nine_to_five_as_three_working_days() {
    let centre = Centre::open(&[("09:00", "17:00")], 2017, &[]);
    // From Monday morning to Wednesday evening.
    assert_eq!(
        centre.due("2017-01-09T09:00", WorkingTime::hours(24)),
        "2017-01-11T17:00"
    );
    assert_eq!(
        centre.due("2017-01-09T14:00", WorkingTime::hours(24)),
        "2017-01-12T14:00"
    );
}

#[test]
fn servicenow_counts_one_hour_and_a_half_of_business_over_a_weekend_of_sixty() {
    let centre = Centre::open(&[("08:00", "17:00")], 2014, &[]);
    let (opened, seen) = ("2014-12-12T21:00", "2014-12-15T09:30");
    let business = centre.open_time(opened, seen);
    assert_eq!(business, WorkingTime::minutes(90));
    // Of eight hours that is 18.75 %, which is shown as 19 %; by the wall clock it would be more than 750 %.
    let eight = WorkingTime::hours(8).as_micros();
    assert_eq!(business.as_micros() * 10_000 / eight, 1_875);
    let elapsed = u64::try_from(at(seen).as_micros() - at(opened).as_micros()).unwrap();
    assert_eq!(elapsed, WorkingTime::minutes(60 * 60 + 30).as_micros());
    assert!(elapsed * 100 / eight > 750);
}

#[test]
fn servicenow_counts_three_hours_of_business_in_nineteen() {
    let centre = Centre::open(&[("09:00", "17:00")], 2017, &[]);
    assert_eq!(
        centre.open_time("2017-01-10T14:00", "2017-01-11T09:00"),
        WorkingTime::hours(3)
    );
    assert_eq!(
        at("2017-01-11T09:00").as_micros() - at("2017-01-10T14:00").as_micros(),
        19 * 3_600_000_000
    );
}

#[test]
fn servicenow_moves_a_due_date_outside_the_schedule_to_the_next_opening() {
    let centre = Centre::open(&[("08:00", "16:00")], 2017, &[]);
    assert_eq!(
        centre.due("2017-01-11T20:30", WorkingTime::default()),
        "2017-01-12T08:00"
    );
}

#[test]
fn servicenow_does_not_round_to_a_breach() {
    let centre = Centre::open(&[("09:00", "17:00")], 2017, &[]);
    let term = WorkingTime::hours(24);
    let due_at = centre
        .timetable()
        .due_at(at("2017-01-09T09:00"), term, &DaySet::new())
        .unwrap();
    // Given 99.951 % used, the term still runs: instants are compared, percentages never.
    let used = WorkingTime::from_micros(term.as_micros() * 99_951 / 100_000);
    let seen = centre
        .timetable()
        .due_at(at("2017-01-09T09:00"), used, &DaySet::new())
        .unwrap();
    assert!(seen < due_at);
    assert_eq!(
        centre.timetable().open_time(at("2017-01-09T09:00"), seen),
        Ok(used)
    );
}

#[test]
fn an_example_in_print_ends_on_monday_evening_and_not_on_monday_morning() {
    let centre = Centre::open(&[("09:00", "17:00")], 2025, &[]);
    // Given eight hours from Friday 17:00, print says Monday 09:00, when not a minute has passed.
    let (friday, print) = ("2025-03-07T17:00", "2025-03-10T09:00");
    assert_eq!(centre.open_time(friday, print), WorkingTime::default());
    assert_eq!(centre.due(friday, WorkingTime::hours(8)), "2025-03-10T17:00");
}

#[test]
fn an_example_in_print_ends_on_monday_and_not_on_tuesday() {
    let centre = Centre::open(&[("08:00", "17:00")], 2025, &[]);
    // Given four hours from Friday 16:00, print says Tuesday 11:00, when thirteen have passed.
    let (friday, print) = ("2025-03-07T16:00", "2025-03-11T11:00");
    assert_eq!(centre.open_time(friday, print), WorkingTime::hours(13));
    assert_eq!(centre.due(friday, WorkingTime::hours(4)), "2025-03-10T11:00");
}
