//! What holds for all opening hours, calendars, zones and instants.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::calendars::{calendars, day};
use guichet_core::calendar::{Calendar, DayRange};
use guichet_core::clock::DaySet;
use guichet_core::hours::{
    DateHours, HoursFacts, OpenInterval, OpeningHours, TimeOfDay, Timetable, WeekdayHours, WorkingTime,
};
use guichet_core::time::{Timestamp, date};
use guichet_core::zone::{LocalTime, Zone};
use proptest::prelude::*;

const COVERED_DAYS: i32 = 400;
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// With a clock change inside them, these days are 23, 24, 25 or 24.5 hours long; in Newfoundland it came a minute after
/// midnight, so that the date went back.
const ZONES: [&str; 5] = [
    "+08:00",
    "Europe/Amsterdam",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
];

struct Centre {
    hours: OpeningHours,
    calendar: Calendar,
    zone: Zone,
}

impl Centre {
    fn timetable(&self) -> Timetable<'_> {
        Timetable::new(&self.hours, &self.calendar, &self.zone)
    }

    /// An instant of a covered day, some days away from the ends.
    fn instant(&self, place: f64) -> Timestamp {
        let start = self.zone.instant(LocalTime::midnight(day(2))).as_micros();
        let days = f64::from(COVERED_DAYS - 4);
        #[expect(clippy::cast_possible_truncation, reason = "a place between the ends")]
        let micros = (place * days * 86_400.0 * 1e6) as i64;
        Timestamp::from_micros(start + micros)
    }

    /// Whether the centre is open at an instant, straight from the words of the document.
    fn is_open(&self, instant: Timestamp) -> bool {
        let local = self.zone.local(instant);
        let facts = self.hours.facts();
        let date = local.date();
        let open = facts
            .dates
            .iter()
            .find(|own| own.date == date)
            .map(|own| &own.open)
            .or_else(|| {
                let mut weekdays = facts.weekdays.iter();
                weekdays
                    .find(|own| own.iso_weekday == date.iso_weekday())
                    .map(|own| &own.open)
            })
            .unwrap_or(&facts.working_day);
        let minute = local.micros_of_day() / MINUTE;
        self.calendar.is_working_day(date).unwrap()
            && open.iter().any(|one| {
                i64::from(one.from().minutes()) <= minute && minute < i64::from(one.until().minutes())
            })
    }

    /// Open time minute by minute, for whole minutes.
    fn walk(&self, start: Timestamp, end: Timestamp, excluded: &DaySet) -> WorkingTime {
        let mut minutes = 0;
        let mut at = start;
        while at < end {
            let counts = !excluded.contains(self.zone.date(at));
            minutes += u32::from(counts && self.is_open(at));
            at = at.saturating_add_micros(MINUTE);
        }
        WorkingTime::minutes(minutes)
    }
}

impl std::fmt::Debug for Centre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let facts = self.calendar.facts();
        let days = (
            &facts.weekend_iso_days,
            &facts.working_weekend_dates,
            &facts.non_working_weekdays_dates,
        );
        write!(f, "{} {:?} {days:?}", self.zone, self.hours.facts())
    }
}

prop_compose! {
    /// Up to three times of the day, to the minute, anywhere from 00:00 to 24:00.
    fn open(least: usize)(times in prop::collection::btree_set(0_u16..=1440, 2 * least..=6)) -> Vec<OpenInterval> {
        let times: Vec<_> = times
            .into_iter()
            .map(|minutes| TimeOfDay::new(u8::try_from(minutes / 60).unwrap(), u8::try_from(minutes % 60).unwrap()).unwrap())
            .collect();
        let pairs = times.as_chunks::<2>().0.iter();
        pairs.map(|[from, until]| OpenInterval::new(*from, *until)).collect()
    }
}

prop_compose! {
    fn centres()(
        zone in prop::sample::select(ZONES.to_vec()),
        calendar in calendars(0..COVERED_DAYS),
        working_day in open(1),
        weekdays in prop::collection::btree_map(1_u8..=7, open(0), 0..=3),
        dates in prop::collection::btree_map(0..COVERED_DAYS, open(0), 0..=20),
    ) -> Centre {
        let weekdays = weekdays.into_iter().map(|(iso_weekday, open)| WeekdayHours { iso_weekday, open });
        let dates = dates.into_iter().map(|(place, open)| DateHours { date: day(place), open });
        Centre {
            hours: OpeningHours::new(HoursFacts {
                working_day,
                weekdays: weekdays.collect(),
                dates: dates.collect(),
            })
            .unwrap(),
            calendar,
            zone: zone.parse().unwrap(),
        }
    }
}

fn days() -> impl Strategy<Value = DaySet> {
    prop::collection::vec((0..COVERED_DAYS, 0..40_i32), 0..4).prop_map(|ranges| {
        ranges
            .into_iter()
            .filter_map(|(from, more)| DayRange::new(day(from), day(from + more)))
            .collect()
    })
}

/// The instant at the beginning of its minute.
fn whole(instant: Timestamp) -> Timestamp {
    Timestamp::from_micros(instant.as_micros().div_euclid(MINUTE) * MINUTE)
}

/// The instants near which a zone changes its clock, where mistakes are made.
fn near_changes() -> impl Strategy<Value = i64> {
    let noons = [(3, 14), (3, 28), (4, 4), (10, 3), (10, 31), (11, 7)].map(|(month, day)| {
        date(2010, month, day)
            .at(4, 0, guichet_core::time::Offset::UTC)
            .as_micros()
    });
    (prop::sample::select(noons.to_vec()), -2 * DAY..2 * DAY).prop_map(|(noon, by)| noon + by)
}

proptest! {
    #[test]
    fn open_time_is_what_a_walk_over_minutes_finds(
        centre in centres(), start in 0.0..1.0_f64, minutes in 0..4_000_i64, excluded in days(),
    ) {
        let start = whole(centre.instant(start));
        let end = start.saturating_add_micros(minutes * MINUTE);
        prop_assume!(centre.zone.date(end) < day(COVERED_DAYS));
        prop_assert_eq!(
            centre.timetable().used_time(start, end, &excluded),
            Ok(centre.walk(start, end, &excluded))
        );
    }

    #[test]
    fn open_time_is_what_a_walk_over_minutes_finds_where_clocks_change(
        centre in centres(), start in near_changes(), minutes in 0..4_000_i64,
    ) {
        let start = whole(Timestamp::from_micros(start));
        let end = start.saturating_add_micros(minutes * MINUTE);
        let none = DaySet::new();
        prop_assert_eq!(centre.timetable().open_time(start, end), Ok(centre.walk(start, end, &none)));
    }

    #[test]
    fn open_time_of_many_days_is_the_sum_over_each(centre in centres(), from in 0..200_i32, days in 0..190_i32) {
        let midnight = |place| centre.zone.instant(LocalTime::midnight(day(place)));
        let mut sum = WorkingTime::default();
        for place in from..from + days {
            let day = centre.timetable().open_time(midnight(place), midnight(place + 1)).unwrap();
            sum = sum.saturating_add(day);
        }
        prop_assert_eq!(centre.timetable().open_time(midnight(from), midnight(from + days)), Ok(sum));
    }

    #[test]
    fn open_time_is_the_sum_over_any_cut(
        centre in centres(), mut places in prop::collection::vec(0.0..1.0_f64, 2..8), excluded in days(),
    ) {
        places.sort_by(f64::total_cmp);
        let cuts: Vec<_> = places.into_iter().map(|place| centre.instant(place)).collect();
        let timetable = centre.timetable();
        let sum = cuts.windows(2).fold(WorkingTime::default(), |sum, part| {
            sum.saturating_add(timetable.used_time(part[0], part[1], &excluded).unwrap())
        });
        prop_assert_eq!(timetable.used_time(cuts[0], cuts[cuts.len() - 1], &excluded), Ok(sum));
    }

    #[test]
    fn when_time_is_due_exactly_that_time_has_passed_and_not_a_microsecond_sooner(
        centre in centres(), start in 0.0..1.0_f64, micros in 0..60 * 8 * 60 * MINUTE, excluded in days(),
    ) {
        let (start, time) = (centre.instant(start), WorkingTime::from_micros(u64::try_from(micros).unwrap()));
        let timetable = centre.timetable();
        let Ok(due_at) = timetable.due_at(start, time, &excluded) else {
            // The calendar ended first: all that it has left is not enough.
            let end = centre.zone.instant(LocalTime::midnight(day(COVERED_DAYS)));
            let left = timetable.used_time(start, end, &excluded).unwrap();
            prop_assert!(left < time || left == time && micros == 0, "{left} is left of {time}");
            return Ok(());
        };
        prop_assert!(start <= due_at);
        prop_assert_eq!(timetable.used_time(start, due_at, &excluded), Ok(time));
        if micros > 0 {
            let sooner = due_at.saturating_add_micros(-1);
            prop_assert!(timetable.used_time(start, sooner, &excluded).unwrap() < time);
        } else {
            prop_assert!(centre.is_open(due_at) && !excluded.contains(centre.zone.date(due_at)));
        }
    }

    #[test]
    fn more_time_is_never_due_sooner_and_a_later_start_never_ends_sooner(
        centre in centres(), start in 0.0..1.0_f64, later in 0..40 * DAY,
        micros in 0..60 * 8 * 60 * MINUTE, more in 0..600 * MINUTE, excluded in days(),
    ) {
        let (start, time) = (centre.instant(start), WorkingTime::from_micros(u64::try_from(micros).unwrap()));
        let timetable = centre.timetable();
        let due = |start, time| timetable.due_at(start, time, &excluded).ok();
        // Where the calendar ends there is no answer: none is later than all.
        let in_order = |one: Option<Timestamp>, other: Option<Timestamp>| {
            other.is_none() || one.is_some_and(|one| Some(one) <= other)
        };
        let more = time.saturating_add(WorkingTime::from_micros(u64::try_from(more).unwrap()));
        prop_assert!(in_order(due(start, time), due(start, more)));
        prop_assert!(in_order(due(start, time), due(start.saturating_add_micros(later), time)));
    }

    #[test]
    fn the_mirror_finds_the_last_start_that_leaves_the_time(
        centre in centres(), end in 0.0..1.0_f64, micros in 0..60 * 8 * 60 * MINUTE, excluded in days(),
    ) {
        let (end, time) = (centre.instant(end), WorkingTime::from_micros(u64::try_from(micros).unwrap()));
        let timetable = centre.timetable();
        let Ok(start_at) = timetable.start_at(end, time, &excluded) else {
            let begin = centre.zone.instant(LocalTime::midnight(day(0)));
            let left = timetable.used_time(begin, end, &excluded).unwrap();
            prop_assert!(left < time || left == time && micros == 0, "{left} is left of {time}");
            return Ok(());
        };
        prop_assert!(start_at <= end);
        prop_assert_eq!(timetable.used_time(start_at, end, &excluded), Ok(time));
        if micros > 0 {
            let later = start_at.saturating_add_micros(1);
            prop_assert!(timetable.used_time(later, end, &excluded).unwrap() < time);
        }
    }

    #[test]
    fn a_wall_that_shows_a_time_shows_it_at_its_instant(zone in prop::sample::select(ZONES.to_vec()), micros in near_changes()) {
        let zone: Zone = zone.parse().unwrap();
        let instant = Timestamp::from_micros(micros);
        let again = zone.instant(zone.local(instant));
        // Of a time that occurs twice the first is meant.
        prop_assert!(again <= instant);
        prop_assert_eq!(zone.local(again), zone.local(instant));
    }

    #[test]
    fn what_comes_in_counts_as_received_on_a_working_day_not_before_it_came(
        centre in centres(), place in 0.0..0.7_f64, closing in 0_u8..=24,
    ) {
        let (instant, closing) = (centre.instant(place), TimeOfDay::new(closing, 0).unwrap());
        let day = guichet_core::hours::day_of_receipt(instant, closing, &centre.calendar, &centre.zone).unwrap();
        let local = centre.zone.local(instant);
        let in_time = local.micros_of_day() < i64::from(closing.minutes()) * MINUTE;
        let mut walked = if in_time { local.date() } else { local.date().next() };
        while !centre.calendar.is_working_day(walked).unwrap() {
            walked = walked.next();
        }
        prop_assert_eq!(day, walked);
    }
}
