//! The timetable: counting open time, forwards and backwards, without a walk over days.

use super::{OpeningHours, TimeOfDay, WorkingTime};
use crate::calendar::{Calendar, CalendarError, DayRange};
use crate::clock::DaySet;
use crate::time::{DAY_MICROS, Date, Timestamp};
use crate::zone::{LocalTime, Stretch, Zone};

/// The opening hours on the days of a calendar, at the wall clock of a zone: what counts working time.
///
/// Counting takes no walk over days: whole days come from the calendar's index, and only weekdays and dates with hours of
/// their own, and clock changes, are looked at one by one.
///
/// ```
/// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, clock::DaySet, id::CalendarId, time::{Timestamp, date}};
/// # use guichet_core::hours::{OpeningHours, Timetable, WorkingTime};
/// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
/// # let calendar = Calendar::new(CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered))?;
/// let hours: OpeningHours = serde_json::from_str(r#"{"working_day": [["09:00", "12:00"], ["13:30", "17:00"]]}"#)?;
/// let zone = "Asia/Shanghai".parse()?;
/// let timetable = Timetable::new(&hours, &calendar, &zone);
///
/// // Three hours asked for on a Friday at 16:00 are over on Monday at 11:00.
/// let friday: Timestamp = "2010-03-05T16:00:00+08:00".parse()?;
/// let due_at = timetable.due_at(friday, WorkingTime::hours(3), &DaySet::new())?;
/// assert_eq!(due_at, "2010-03-08T11:00:00+08:00".parse()?);
/// assert_eq!(timetable.open_time(friday, due_at)?, WorkingTime::hours(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Timetable<'a> {
    hours: &'a OpeningHours,
    calendar: &'a Calendar,
    zone: &'a Zone,
}

impl<'a> Timetable<'a> {
    /// The timetable of these three.
    #[must_use]
    pub const fn new(hours: &'a OpeningHours, calendar: &'a Calendar, zone: &'a Zone) -> Self {
        Self {
            hours,
            calendar,
            zone,
        }
    }

    /// How long the centre is open from `start` up to `end`. Nothing when `end` is not after `start`.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when one of the days between is not covered.
    pub fn open_time(&self, start: Timestamp, end: Timestamp) -> Result<WorkingTime, CalendarError> {
        self.used_time(start, end, &DaySet::new())
    }

    /// As [`open_time`](Self::open_time), of the days outside `excluded`.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when one of these days is not covered.
    pub fn used_time(
        &self,
        start: Timestamp,
        end: Timestamp,
        excluded: &DaySet,
    ) -> Result<WorkingTime, CalendarError> {
        let mut micros = 0_i64;
        for stretch in self.zone.steady(start, end) {
            for (from, until) in counted(stretch, excluded) {
                micros = micros.saturating_add(self.on_the_wall(from, until)?);
            }
        }
        Ok(WorkingTime::of(micros))
    }

    /// The first instant at which the centre has been open for `working_time` since `start` on days outside `excluded`.
    ///
    /// Time that is used up exactly at closing is over at closing, and not when the doors open again. Of no time at all the
    /// end is `start` where the centre is open then, and else the next opening: an instant outside the hours moves forward
    /// into them.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar ends before the answer comes.
    pub fn due_at(
        &self,
        start: Timestamp,
        working_time: WorkingTime,
        excluded: &DaySet,
    ) -> Result<Timestamp, CalendarError> {
        // Of no time at all the end is where the first microsecond begins.
        let none = i64::from(working_time.0 == 0);
        let mut left = working_time.signed().max(1);
        let known = LocalTime::midnight(self.calendar.covered().last().next());
        for stretch in self.zone.steady(start, Timestamp::from_micros(i64::MAX)) {
            if stretch.from >= known {
                break;
            }
            for (from, until) in counted(stretch, excluded) {
                let until = until.min(known);
                let open = self.on_the_wall(from, until)?;
                if open >= left {
                    let due_at = stretch.instant(self.passed(from, until, left)?);
                    return Ok(due_at.saturating_add_micros(-none));
                }
                left -= open;
            }
        }
        Err(self.uncovered(self.zone.date(start).max(self.calendar.covered().last().next())))
    }

    /// The last instant from which the centre is open for `working_time` up to `end` on days outside `excluded`: the mirror
    /// of [`due_at`](Self::due_at).
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar begins after the answer.
    pub fn start_at(
        &self,
        end: Timestamp,
        working_time: WorkingTime,
        excluded: &DaySet,
    ) -> Result<Timestamp, CalendarError> {
        // From one microsecond further back the centre is open for one more, so no time at all ends where that begins.
        let none = i64::from(working_time.0 == 0);
        let wanted = WorkingTime(working_time.0.max(1));
        // What counts grows towards the past: step back until there is enough, then halve.
        let (mut enough, mut short) = (end, end);
        let mut days = 1_i32;
        while self.used_time(enough, end, excluded)? < wanted {
            let first = self
                .zone
                .instant(LocalTime::midnight(self.calendar.covered().first()));
            if enough <= first {
                let before = self.calendar.covered().first().plus_days(-1);
                return Err(self.uncovered(self.zone.date(end).min(before)));
            }
            short = enough;
            enough = self.zone.days_later(end, -days).max(first);
            days = days.saturating_mul(2);
        }
        while short.as_micros().saturating_sub(enough.as_micros()) > 1 {
            let between = Timestamp::from_micros(i64::midpoint(enough.as_micros(), short.as_micros()));
            if self.used_time(between, end, excluded)? < wanted {
                short = between;
            } else {
                enough = between;
            }
        }
        Ok(enough.saturating_add_micros(none))
    }

    /// The instant at which the centre closes for the day on `date`; none when it does not open.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar does not know that day.
    pub fn closes_at(&self, date: Date) -> Result<Option<Timestamp>, CalendarError> {
        if !self.calendar.is_working_day(date)? {
            return Ok(None);
        }
        let last = self.hours.on(date).last();
        Ok(last.map(|last| self.zone.instant(last.until().on(date))))
    }

    /// The day on which something counts as received that came in at `instant`: as [`day_of_receipt`], with the closing
    /// time of that day. What comes in on a working day without hours counts as received on the next one.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar ends before the answer comes.
    pub fn day_of_receipt(&self, instant: Timestamp) -> Result<Date, CalendarError> {
        let closing = self.hours.on(self.zone.date(instant)).last();
        let closing = closing.map_or(TimeOfDay(0), |last| last.until());
        day_of_receipt(instant, closing, self.calendar, self.zone)
    }

    fn uncovered(&self, date: Date) -> CalendarError {
        CalendarError::Uncovered {
            calendar: self.calendar.id().clone(),
            date,
            covered: self.calendar.covered(),
        }
    }

    /// How long the centre is open between two times on a wall whose clock does not change between them.
    fn on_the_wall(&self, from: LocalTime, until: LocalTime) -> Result<i64, CalendarError> {
        if until <= from {
            return Ok(0);
        }
        let (first, (last, until)) = (from.date(), until.as_end());
        let whole = if first < last {
            self.whole_days(first, last.plus_days(-1))?
        } else {
            0
        };
        Ok(whole + self.before(last, until)? - self.before(first, from.micros_of_day())?)
    }

    /// How long the centre is open on `date` before `micros` after its beginning.
    fn before(&self, date: Date, micros: i64) -> Result<i64, CalendarError> {
        Ok(if self.calendar.is_working_day(date)? {
            self.hours.day(date).before(micros)
        } else {
            0
        })
    }

    /// How long the centre is open on the days from `first` to `last`.
    fn whole_days(&self, first: Date, last: Date) -> Result<i64, CalendarError> {
        let days = self.calendar.working_days_between(first.plus_days(-1), last)?;
        let mut micros = i64::from(days).saturating_mul(self.hours.working_day.micros);
        for (weekday, own) in &self.hours.weekdays {
            let more = own.micros - self.hours.working_day.micros;
            micros += i64::from(self.weekdays(*weekday, first, last)).saturating_mul(more);
        }
        for (date, own) in self.hours.dates.range(first..=last) {
            if self.calendar.is_working_day(*date)? {
                micros += own.micros - self.hours.weekday(*date).micros;
            }
        }
        Ok(micros)
    }

    /// How many of the days from `first` to `last` are working days on this day of the week. All of them are covered.
    fn weekdays(&self, weekday: u8, first: Date, last: Date) -> u32 {
        let facts = self.calendar.facts();
        let listed = |dates: &[Date]| {
            let from = dates.partition_point(|date| *date < first);
            let until = dates.partition_point(|date| *date <= last);
            let dates = dates.get(from..until).unwrap_or_default();
            dates
                .iter()
                .filter(|date| date.iso_weekday() == weekday)
                .fold(0, |n, _| n + 1)
        };
        if facts.weekend_iso_days.contains(&weekday) {
            listed(&facts.working_weekend_dates)
        } else {
            occurrences(weekday, first, last).saturating_sub(listed(&facts.non_working_weekdays_dates))
        }
    }

    /// The first time from `from` on at which `left` of open time, and that is some, has passed; it has by `until`.
    fn passed(&self, from: LocalTime, until: LocalTime, left: i64) -> Result<LocalTime, CalendarError> {
        let (first, (last, _)) = (from.date(), until.as_end());
        let early = self.before(first, from.micros_of_day())?;
        let wanted = left.saturating_add(early);
        // The last day by which it has not passed lies below `short`, the first by which it has is `enough`.
        let has = |day: Date| Ok(self.whole_days(first, day)? >= wanted);
        let (mut short, mut step) = (first, 1_i32);
        let mut enough = first;
        while enough < last && !has(enough)? {
            short = enough.next();
            enough = first.plus_days(step).min(last);
            step = step.saturating_mul(2);
        }
        while short < enough {
            let between = Date::from_days(i32::midpoint(short.days(), enough.days()));
            if has(between)? {
                enough = between;
            } else {
                short = between.next();
            }
        }
        let before = if enough == first {
            0
        } else {
            self.whole_days(first, enough.plus_days(-1))?
        };
        let within = wanted - before;
        let at = self.hours.day(enough).after(within);
        Ok(LocalTime::new(enough, at.unwrap_or(DAY_MICROS)))
    }
}

/// The day on which something counts as received that came in at `instant`: its date on the wall, if that is a working day
/// and the time is before `closing`; the next working day otherwise.
///
/// # Errors
///
/// [`CalendarError::Uncovered`] when the calendar ends before the answer comes.
///
/// ```
/// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, time::date};
/// # use guichet_core::hours::day_of_receipt;
/// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
/// # let calendar = Calendar::new(CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered))?;
/// let late_on_friday = "2010-03-05T16:00:00+08:00".parse()?;
/// let received_on = day_of_receipt(late_on_friday, "16:00".parse()?, &calendar, &"+08:00".parse()?)?;
/// assert_eq!(received_on, date(2010, 3, 8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn day_of_receipt(
    instant: Timestamp,
    closing: TimeOfDay,
    calendar: &Calendar,
    zone: &Zone,
) -> Result<Date, CalendarError> {
    let local = zone.local(instant);
    if local.micros_of_day() < closing.micros() {
        calendar.working_day_from(local.date())
    } else {
        calendar.nth_working_day_after(local.date(), 1)
    }
}

/// The parts of a stretch that lie on days outside `excluded`, in order.
fn counted(stretch: Stretch, excluded: &DaySet) -> impl Iterator<Item = (LocalTime, LocalTime)> + '_ {
    let before = |range: DayRange| LocalTime::midnight(range.first());
    let after = |range: DayRange| LocalTime::midnight(range.last().next());
    // Between two ranges, before the first of them, and after the last.
    let starts = std::iter::once(stretch.from).chain(excluded.ranges().map(after));
    let ends = excluded
        .ranges()
        .map(before)
        .chain(std::iter::once(stretch.until));
    starts
        .zip(ends)
        .map(move |(start, end)| (start.max(stretch.from), end.min(stretch.until)))
        .filter(|(start, end)| start < end)
}

/// How often a day of the week occurs from `first` to `last`.
fn occurrences(weekday: u8, first: Date, last: Date) -> u32 {
    let days = i64::from(last.days()) - i64::from(first.days());
    let until_first = (i64::from(weekday) - i64::from(first.iso_weekday())).rem_euclid(7);
    u32::try_from((days - until_first).div_euclid(7) + 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{open, uneven};
    use super::*;
    use crate::calendar::CalendarFacts;
    use crate::id::CalendarId;
    use crate::time::{Offset, date};

    /// March 2010; Saturday the 13th is a make-up day for Wednesday the 10th.
    fn march() -> Calendar {
        let covered = DayRange::new(date(2010, 3, 1), date(2010, 3, 31)).unwrap();
        let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("march").unwrap(), covered);
        facts.non_working_weekdays_dates.push(date(2010, 3, 10));
        facts.working_weekend_dates.push(date(2010, 3, 13));
        Calendar::new(facts).unwrap()
    }

    fn local(day: i8, hour: u8, minute: u8) -> Timestamp {
        date(2010, 3, day).at(hour, minute, Offset::hours(8))
    }

    fn china() -> Zone {
        "+08:00".parse().unwrap()
    }

    #[test]
    fn hours_on_a_saturday_count_only_where_it_is_a_working_day() {
        let (hours, calendar, zone) = (uneven(), march(), china());
        let timetable = Timetable::new(&hours, &calendar, &zone);
        let day = |day| {
            timetable
                .open_time(local(day, 0, 0), local(day + 1, 0, 0))
                .unwrap()
        };
        assert_eq!(day(6), WorkingTime::default());
        assert_eq!(day(10), WorkingTime::default());
        assert_eq!(day(12), WorkingTime::minutes(390));
        assert_eq!(day(13), WorkingTime::hours(4));
        assert_eq!(day(17), WorkingTime::hours(3));
        assert_eq!(day(18), WorkingTime::hours(7));
    }

    #[test]
    fn a_month_is_the_sum_of_its_days() {
        let (hours, calendar, zone) = (uneven(), march(), china());
        let timetable = Timetable::new(&hours, &calendar, &zone);
        // Of 23 working days one is a Saturday of 4 h, four are Fridays of 6.5 h, one closes at noon, 17 have 7 h.
        let end = local(31, 0, 0).saturating_add_micros(DAY_MICROS);
        assert_eq!(
            timetable.open_time(local(1, 0, 0), end),
            Ok(WorkingTime::minutes(4 * 60 + 4 * 390 + 180 + 17 * 420))
        );
    }

    #[test]
    fn time_used_up_at_closing_is_over_at_closing_and_no_time_at_all_at_the_next_opening() {
        let (hours, calendar, zone) = (uneven(), march(), china());
        let timetable = Timetable::new(&hours, &calendar, &zone);
        let due = |from, time| timetable.due_at(from, time, &DaySet::new()).unwrap();
        let none = WorkingTime::default();
        assert_eq!(due(local(1, 9, 0), WorkingTime::hours(3)), local(1, 12, 0));
        assert_eq!(due(local(1, 12, 0), none), local(1, 13, 0));
        assert_eq!(due(local(1, 12, 30), none), local(1, 13, 0));
        assert_eq!(due(local(1, 16, 59), none), local(1, 16, 59));
        assert_eq!(due(local(1, 17, 0), none), local(2, 9, 0));
        assert_eq!(due(local(9, 17, 0), none), local(11, 9, 0));

        let start = |until, time| timetable.start_at(until, time, &DaySet::new()).unwrap();
        assert_eq!(start(local(1, 16, 0), WorkingTime::hours(3)), local(1, 13, 0));
        assert_eq!(start(local(1, 13, 0), none), local(1, 12, 0));
        assert_eq!(start(local(1, 16, 59), none), local(1, 16, 59));
        assert_eq!(start(local(11, 9, 0), none), local(9, 17, 0));
    }

    #[test]
    fn excluded_days_do_not_count() {
        let (hours, calendar, zone) = (uneven(), march(), china());
        let timetable = Timetable::new(&hours, &calendar, &zone);
        let excluded: DaySet = [(2, 3), (5, 9)]
            .into_iter()
            .filter_map(|(first, last)| DayRange::new(date(2010, 3, first), date(2010, 3, last)))
            .collect();
        let due_at = timetable.due_at(local(1, 16, 0), WorkingTime::hours(9), &excluded);
        assert_eq!(due_at, Ok(local(11, 10, 0)));
        assert_eq!(
            timetable.used_time(local(1, 16, 0), local(11, 10, 0), &excluded),
            Ok(WorkingTime::hours(9))
        );
        assert_eq!(
            timetable.start_at(local(11, 10, 0), WorkingTime::hours(9), &excluded),
            Ok(local(1, 16, 0))
        );
    }

    #[test]
    fn a_day_outside_the_covered_ones_is_an_error_and_no_guess() {
        let (hours, calendar, zone) = (uneven(), march(), china());
        let timetable = Timetable::new(&hours, &calendar, &zone);
        let uncovered = |date| CalendarError::Uncovered {
            calendar: CalendarId::new("march").unwrap(),
            date,
            covered: calendar.covered(),
        };
        let (february, april) = (local(1, 0, 0).saturating_add_micros(-1), local(31, 0, 0));
        let april = april.saturating_add_micros(DAY_MICROS);
        let hour = WorkingTime::hours(1);
        let none = DaySet::new();

        assert_eq!(
            timetable.open_time(february, april),
            Err(uncovered(date(2010, 2, 28)))
        );
        assert!(timetable.open_time(local(1, 0, 0), april).is_ok());
        assert_eq!(
            timetable.open_time(local(1, 0, 0), april.saturating_add_micros(1)),
            Err(uncovered(date(2010, 4, 1)))
        );
        assert_eq!(timetable.open_time(april, february), Ok(WorkingTime::default()));

        assert_eq!(
            timetable.due_at(february, hour, &none),
            Err(uncovered(date(2010, 2, 28)))
        );
        assert_eq!(
            timetable.due_at(local(31, 16, 0), hour, &none),
            Ok(local(31, 17, 0))
        );
        assert_eq!(
            timetable.due_at(local(31, 16, 1), hour, &none),
            Err(uncovered(date(2010, 4, 1)))
        );
        assert_eq!(
            timetable.due_at(april, hour, &none),
            Err(uncovered(date(2010, 4, 1)))
        );
        let (may, most) = (
            april.saturating_add_micros(30 * DAY_MICROS),
            WorkingTime::from_micros(u64::MAX),
        );
        assert_eq!(
            timetable.due_at(may, hour, &none),
            Err(uncovered(date(2010, 5, 1)))
        );
        assert_eq!(
            timetable.due_at(local(1, 0, 0), most, &none),
            Err(uncovered(date(2010, 4, 1)))
        );

        assert_eq!(
            timetable.start_at(local(1, 10, 0), hour, &none),
            Ok(local(1, 9, 0))
        );
        assert_eq!(
            timetable.start_at(local(1, 9, 59), hour, &none),
            Err(uncovered(date(2010, 2, 28)))
        );
        assert_eq!(
            timetable.start_at(may, hour, &none),
            Err(uncovered(date(2010, 4, 30)))
        );
        assert_eq!(
            timetable.start_at(local(1, 0, 0).saturating_add_micros(-DAY_MICROS), hour, &none),
            Err(uncovered(date(2010, 2, 28)))
        );
    }

    #[test]
    fn a_day_of_clock_change_is_an_hour_shorter_or_longer() {
        let hours = OpeningHours::daily([open(1, 5)]).unwrap();
        let zone: Zone = "Europe/Amsterdam".parse().unwrap();
        let covered = DayRange::new(date(2011, 1, 1), date(2011, 12, 31)).unwrap();
        let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("nights").unwrap(), covered);
        facts.weekend_iso_days = Vec::new();
        let calendar = Calendar::new(facts).unwrap();
        let timetable = Timetable::new(&hours, &calendar, &zone);
        let midnight = |month, day| zone.instant(LocalTime::midnight(date(2011, month, day)));
        let day = |month, day| {
            timetable
                .open_time(midnight(month, day), midnight(month, day + 1))
                .unwrap()
        };

        assert_eq!(day(3, 26), WorkingTime::hours(4));
        assert_eq!(day(3, 27), WorkingTime::hours(3));
        assert_eq!(day(10, 29), WorkingTime::hours(4));
        assert_eq!(day(10, 30), WorkingTime::hours(5));
        assert_eq!(
            timetable.due_at(midnight(3, 27), WorkingTime::minutes(90), &DaySet::new()),
            Ok("2011-03-27T03:30:00+02:00".parse().unwrap())
        );
        assert_eq!(
            timetable.due_at(midnight(10, 30), WorkingTime::minutes(150), &DaySet::new()),
            Ok("2011-10-30T02:30:00+01:00".parse().unwrap())
        );
        assert_eq!(
            timetable.closes_at(date(2011, 3, 27)),
            Ok(Some("2011-03-27T05:00:00+02:00".parse().unwrap()))
        );
    }

    #[test]
    fn closing_time_is_that_of_the_day() {
        let (hours, calendar, zone) = (uneven(), march(), china());
        let timetable = Timetable::new(&hours, &calendar, &zone);
        assert_eq!(
            timetable.closes_at(date(2010, 3, 12)),
            Ok(Some(local(12, 16, 30)))
        );
        assert_eq!(timetable.closes_at(date(2010, 3, 10)), Ok(None));
        // Before noon the 17th counts, after it the 18th; Saturday service moves nothing.
        let received = |instant| timetable.day_of_receipt(instant).unwrap();
        assert_eq!(received(local(17, 11, 59)), date(2010, 3, 17));
        assert_eq!(received(local(17, 12, 0)), date(2010, 3, 18));
        assert_eq!(received(local(12, 16, 30)), date(2010, 3, 13));
        assert_eq!(received(local(6, 9, 0)), date(2010, 3, 8));
    }

    #[test]
    fn a_weekday_occurs_as_often_as_a_walk_finds_it() {
        let first = date(2010, 3, 1);
        for days in 0..30 {
            for weekday in 1..=7 {
                let last = first.plus_days(days);
                let walked = (0..=days)
                    .filter(|n| first.plus_days(*n).iso_weekday() == weekday)
                    .count();
                assert_eq!(occurrences(weekday, first, last), u32::try_from(walked).unwrap());
            }
        }
    }
}
