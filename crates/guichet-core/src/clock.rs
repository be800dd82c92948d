//! The clock: one term running on a case under a policy. Every due date comes from here.
//!
//! The days that do not count are a union of day sets, never a sum, and every answer takes a few steps a pause, however long
//! the term is.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, CalendarError, DayRange};
use crate::hours::{OpeningHours, Timetable, WorkingTime};
use crate::policy::{EdgeDay, Effect, EndOfDay, MonthEnd, Policy, Roll, SuspensionGround};
use crate::time::{Date, Term, Timestamp};
use crate::zone::{LocalTime, Zone};

/// Days that do not count: a union of ranges, so that a day named twice is still one day.
///
/// ```
/// # use guichet_core::{calendar::DayRange, clock::DaySet, time::date};
/// let march = |first, last| DayRange::new(date(2010, 3, first), date(2010, 3, last));
/// let excluded: DaySet = [march(9, 19), march(16, 24)].into_iter().flatten().collect();
/// assert_eq!(excluded, march(9, 24).into_iter().collect());
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

    /// How many days after `after` up to and with `until` are in the set.
    fn days_between(&self, after: Date, until: Date) -> u32 {
        let within = self
            .ranges_after(after)
            .filter_map(|held| DayRange::new(held.first(), held.last().min(until)));
        within.fold(0, |sum, held| {
            sum.saturating_add(days_after(held.first(), held.last()) + 1)
        })
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

/// A time over which a clock was paused, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pause {
    /// The day on which it began.
    pub since: Date,
    /// The day on which it ended, once it has.
    pub until: Option<Date>,
    /// Why; a special procedure has no ground beside itself.
    pub ground: Option<SuspensionGround>,
}

impl Pause {
    /// The days that this pause takes out under `policy`, where its days are left out at all.
    fn days(&self, policy: &Policy, as_of: Date) -> Option<DayRange> {
        let until = self.until.unwrap_or(as_of);
        if until <= self.since {
            return None;
        }
        let first = match policy.suspended_day {
            EdgeDay::Counted => self.since.next(),
            EdgeDay::LeftOut => self.since,
        };
        let last = match policy.resumed_day {
            EdgeDay::Counted => until.plus_days(-1),
            EdgeDay::LeftOut => until,
        };
        DayRange::new(first, last)
    }
}

/// A term that runs under a policy.
///
/// ```
/// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, policy::Policy};
/// # use guichet_core::{clock::{Clock, Pause}, time::{Term, date}};
/// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
/// # let calendar = Calendar::new(CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered))?;
/// let policy = Policy::default();
/// let mut clock = Clock::new(date(2010, 3, 1), Term::WorkingDays(20), &policy, &calendar);
/// assert_eq!(clock.due_on(date(2010, 3, 1))?, date(2010, 3, 29));
/// clock.pauses = vec![Pause { since: date(2010, 3, 8), until: Some(date(2010, 3, 19)), ground: None }];
/// assert_eq!(clock.due_on(date(2010, 3, 19))?, date(2010, 4, 9));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Clock<'a> {
    /// The day on which the term begins.
    pub start: Date,
    /// The term, as its rule states it.
    pub term: Term,
    /// What was added to it; another unit than the term's adds nothing.
    pub extensions: Vec<Term>,
    /// When it was paused, in any order.
    pub pauses: Vec<Pause>,
    /// How its law counts.
    pub policy: &'a Policy,
    /// Which days are worked.
    pub calendar: &'a Calendar,
}

/// A clock once its pauses are sorted out, as of some day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The day from which it counts: the start of the clock, or the end of the last pause that started it anew.
    pub start: Date,
    /// The term with its extensions.
    pub term: Term,
    /// The days that do not count.
    pub excluded: DaySet,
    /// The last day that is in time.
    pub due_on: Date,
    /// How many days the term has: working days, or days of the calendar for the units that count those.
    pub days: u32,
    /// The first day on which little is left; no earlier than the start.
    pub warn_on: Date,
    /// Counting begins on the day after this one.
    origin: Date,
}

impl<'a> Clock<'a> {
    /// A clock without pauses and extensions.
    #[must_use]
    pub const fn new(start: Date, term: Term, policy: &'a Policy, calendar: &'a Calendar) -> Self {
        Self {
            start,
            term,
            extensions: Vec::new(),
            pauses: Vec::new(),
            policy,
            calendar,
        }
    }

    /// The last day that is in time. A pause that has not ended counts as if it ended on `as_of`.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar ends before the answer does.
    pub fn due_on(&self, as_of: Date) -> Result<Date, CalendarError> {
        let sorted = self.sorted(as_of);
        self.counting(&sorted).map(|counting| counting.due_on)
    }

    /// How the clock stands. A pause that has not ended counts as if it ended on `as_of`.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar ends before the answer does.
    pub fn run(&self, as_of: Date) -> Result<Run, CalendarError> {
        let sorted = self.sorted(as_of);
        let counting = self.counting(&sorted)?;
        let warn_on = self.warn_on(&sorted, &counting)?;
        Ok(Run {
            start: sorted.start,
            term: counting.term,
            excluded: sorted.excluded,
            due_on: counting.due_on,
            days: counting.days,
            warn_on,
            origin: sorted.origin,
        })
    }

    /// The instant at which the term is over, for a clock that was started at an instant of its start day. A pause that has
    /// not ended counts as if it ended on `as_of`.
    ///
    /// A term in hours is over when the centre has been open for so long on days that count. Any other is over on its last
    /// day, at the hour that the policy names.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar ends before the answer does.
    ///
    /// ```
    /// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, time::{Term, Timestamp, date}};
    /// # use guichet_core::{clock::Clock, hours::OpeningHours, policy::{EndOfDay, Policy, Roll}, zone::Zone};
    /// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
    /// # let calendar = Calendar::new(CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered))?;
    /// # let hours: OpeningHours = serde_json::from_str(r#"{"working_day": [["09:00", "17:00"]]}"#)?;
    /// let policy = Policy { end_of_day: EndOfDay::SameTime, roll: Roll::Stay, ..Policy::default() };
    /// let amsterdam: Zone = "Europe/Amsterdam".parse()?;
    /// // Eight weeks over the start of summer time: the same hour of the day, one hour less.
    /// let clock = Clock::new(date(2010, 3, 1), Term::Weeks(8), &policy, &calendar);
    /// let due_at = clock.due_at("2010-03-01T10:00:00+01:00".parse()?, &hours, &amsterdam, date(2010, 3, 1))?;
    /// assert_eq!(due_at, "2010-04-26T10:00:00+02:00".parse::<Timestamp>()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn due_at(
        &self,
        started_at: Timestamp,
        hours: &OpeningHours,
        zone: &Zone,
        as_of: Date,
    ) -> Result<Timestamp, CalendarError> {
        let timetable = Timetable::new(hours, self.calendar, zone);
        if let Some(working_hours) = self.policy.hours(self.extended()) {
            let sorted = self.sorted(as_of);
            // A term that starts anew starts with the day after.
            let from = if sorted.start > self.start {
                zone.instant(LocalTime::midnight(sorted.start.next()))
            } else {
                started_at
            };
            return timetable.due_at(from, WorkingTime::hours(working_hours), &sorted.excluded);
        }
        let due_on = self.due_on(as_of)?;
        let midnight = || zone.instant(LocalTime::midnight(due_on.next()));
        Ok(match self.policy.end_of_day {
            EndOfDay::Midnight => midnight(),
            EndOfDay::Closing => timetable.closes_at(due_on)?.unwrap_or_else(midnight),
            EndOfDay::SameTime => {
                let at = zone.local(started_at).micros_of_day();
                zone.instant(LocalTime::new(due_on, at))
            }
        })
    }

    /// How many days of the term are used up on `day`, that day included: working days, or days of the calendar for the
    /// units that count those.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when a working day that must be counted is not covered.
    pub fn used(&self, day: Date) -> Result<u32, CalendarError> {
        let sorted = self.sorted(day);
        self.counted(sorted.origin, day, &sorted.excluded)
    }

    /// How the term was kept on a day: with time left, to the last day, or not. A term in working days is kept when no more
    /// working days were used than it has, any other term when its last day has not passed (`docs/rules.md`).
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar ends before that can be told.
    pub fn kept(&self, on: Date) -> Result<Ordering, CalendarError> {
        match self.term {
            Term::WorkingDays(_) => Ok(self.used(on)?.cmp(&u32::from(self.extended().count()))),
            Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) | Term::WorkingHours(_) => {
                Ok(on.cmp(&self.due_on(on)?))
            }
        }
    }

    /// Whether a pause that stops this clock runs on `day`.
    #[must_use]
    pub fn is_paused(&self, day: Date) -> bool {
        self.pauses.iter().any(|pause| {
            pause.since <= day
                && pause.until.is_none_or(|until| day < until)
                && self.effect(pause) != Effect::Ignore
        })
    }

    /// What a pause does to this clock, as long as it is told in time.
    #[must_use]
    pub fn effect(&self, pause: &Pause) -> Effect {
        let tolling = self.policy.tolling(pause.ground);
        // Where the calendar ends before that day, nobody can say that the notice was late.
        let late = tolling.notice_within.is_some_and(|within| {
            Clock::new(self.start, within, self.policy, self.calendar)
                .due_on(self.start)
                .is_ok_and(|until| pause.since > until)
        });
        if late { Effect::Ignore } else { tolling.effect }
    }

    /// The term with its extensions.
    #[must_use]
    pub fn extended(&self) -> Term {
        self.extensions
            .iter()
            .fold(self.term, |term, by| term.extended_by(*by))
    }

    fn sorted(&self, as_of: Date) -> Sorted {
        let mut pauses: Vec<&Pause> = self.pauses.iter().collect();
        pauses.sort_unstable();
        let mut sorted = Sorted {
            start: self.start,
            origin: self.start,
            excluded: DaySet::new(),
            floors: Vec::new(),
        };
        for pause in pauses {
            match self.effect(pause) {
                Effect::Ignore => {}
                Effect::Reset => sorted.start = sorted.start.max(pause.until.unwrap_or(as_of)),
                Effect::Suspend => {
                    sorted.excluded.extend(pause.days(self.policy, as_of));
                    let at_least = self.policy.tolling(pause.ground).at_least;
                    if at_least > 0 {
                        sorted.floors.push(Floor {
                            since: pause.since,
                            resumed_on: pause.until.unwrap_or(as_of),
                            at_least: u32::from(at_least),
                        });
                    }
                }
            }
        }
        sorted.origin = match self.policy.first_day {
            // Hours run from an instant, so the day on which they begin is never a whole one.
            EdgeDay::Counted if self.policy.hours(self.term).is_none() => sorted.start.plus_days(-1),
            EdgeDay::Counted | EdgeDay::LeftOut => sorted.start,
        };
        sorted
    }

    fn counting(&self, sorted: &Sorted) -> Result<Counting, CalendarError> {
        let (origin, term) = (sorted.origin, self.extended());
        let days = self.length(origin, sorted.start, term);
        let mut due_on = self.ends_on(origin, days, &sorted.excluded)?;
        let (mut counted_from, mut left) = (origin, days);
        if days == 0 {
            due_on = sorted.start;
        }
        for floor in &sorted.floors {
            // A reset after that pause has given the whole term back, and a term that had run out before it stays so.
            if floor.resumed_on <= sorted.start || floor.since > due_on {
                continue;
            }
            let later = self.ends_on(floor.resumed_on, floor.at_least, &sorted.excluded)?;
            if later > due_on {
                (due_on, counted_from, left) = (later, floor.resumed_on, floor.at_least);
            }
        }
        Ok(Counting {
            term,
            days,
            due_on,
            counted_from,
            left,
        })
    }

    /// How many days a term has that is counted from the day after `origin`.
    fn length(&self, origin: Date, start: Date, term: Term) -> u32 {
        match term {
            Term::WorkingDays(n) | Term::CalendarDays(n) => u32::from(n),
            Term::Weeks(n) => u32::from(n) * 7,
            Term::Months(n) => {
                let first = origin.next();
                let later = |day: Date| day.plus_months(i32::from(n));
                match (self.policy.first_day, self.policy.month_end) {
                    (EdgeDay::LeftOut, MonthEnd::SameDay) => days_after(start, later(start)),
                    (EdgeDay::LeftOut | EdgeDay::Counted, MonthEnd::EveOrLastDay)
                        if later(first).ymd().2 != first.ymd().2 =>
                    {
                        days_after(first, later(first)) + 1
                    }
                    (EdgeDay::Counted, MonthEnd::SameDay)
                    | (EdgeDay::LeftOut | EdgeDay::Counted, MonthEnd::Eve | MonthEnd::EveOrLastDay) => {
                        days_after(first, later(first))
                    }
                }
            }
            // Without the instants of its start and end, hours are the days that they fill: never fewer.
            Term::WorkingHours(n) => u32::from(n).div_ceil(u32::from(self.policy.hours_per_day.max(1))),
        }
    }

    /// The last of so many counted days after `origin`.
    fn ends_on(&self, origin: Date, days: u32, excluded: &DaySet) -> Result<Date, CalendarError> {
        if self.counts_working_days() {
            return nth_counted_day(origin, days, excluded, self.calendar);
        }
        let last = last_calendar_day(origin, i32::try_from(days).unwrap_or(i32::MAX), excluded);
        match self.policy.roll {
            Roll::Stay => Ok(last),
            Roll::NextWorkingDay => {
                if self.calendar.is_working_day(last)? {
                    Ok(last)
                } else {
                    // Counted, and not only worked: a clock does not run out while it stands still.
                    nth_counted_day(last, 1, excluded, self.calendar)
                }
            }
        }
    }

    const fn counts_working_days(&self) -> bool {
        match self.term {
            Term::WorkingDays(_) | Term::WorkingHours(_) => true,
            Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) => false,
        }
    }

    /// How many days after `after` up to and with `until` count.
    fn counted(&self, after: Date, until: Date, excluded: &DaySet) -> Result<u32, CalendarError> {
        if self.counts_working_days() {
            used_working_days(after, until, excluded, self.calendar)
        } else {
            Ok(days_after(after, until).saturating_sub(excluded.days_between(after, until)))
        }
    }

    /// The first day on which so much is used, or so little is left, that it is time for a warning.
    fn warn_on(&self, sorted: &Sorted, counting: &Counting) -> Result<Date, CalendarError> {
        let warning = self.policy.warning;
        let (from, days, excluded) = (counting.counted_from, counting.left, &sorted.excluded);
        let nth = |n: u32| {
            if self.counts_working_days() {
                nth_counted_day(from, n, excluded, self.calendar)
            } else {
                Ok(last_calendar_day(
                    from,
                    i32::try_from(n).unwrap_or(i32::MAX),
                    excluded,
                ))
            }
        };
        let used = nth((days * u32::from(warning.used_percent.min(100))).div_ceil(100))?;
        let left = u32::from(warning.working_days_left);
        let left = if self.counts_working_days() {
            nth(days.saturating_sub(left))?
        } else {
            self.calendar.nth_working_day_before(counting.due_on, left)?
        };
        Ok(used.min(left).max(sorted.start))
    }
}

/// One day of a clock's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayLine {
    /// The day.
    pub date: Date,
    /// What the clock makes of it.
    pub reading: DayReading,
}

/// What a clock makes of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayReading {
    /// The term began, and its first day is left out.
    Start,
    /// The day counts.
    Counted {
        /// As which day of the term.
        nth: u32,
        /// Whether it is one that an extension added.
        extended: bool,
    },
    /// Nobody works.
    Off,
    /// The day lies in a pause.
    Paused {
        /// Which one, in the order of [`Clock::pauses`]: the first of several.
        pause: usize,
    },
    /// What was counted until here is void: a later pause starts the term anew.
    Void,
    /// The term ended on a day off, and waits for the next working day.
    Rolled,
    /// The term is over, and the matter is not done.
    Late {
        /// By how many days.
        by: u32,
    },
}

impl Clock<'_> {
    /// Every day from the start to the due date, or to `until` if that is later, and what the clock makes of it: the proof
    /// of a due date, line by line. A pause that has not ended counts as if it ended on `as_of`.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when a day is not covered.
    pub fn table(&self, as_of: Date, until: Date) -> Result<Vec<DayLine>, CalendarError> {
        let run = self.run(as_of)?;
        let standing = self.length(run.origin, run.start, self.term);
        let (mut lines, mut counted, mut late) = (Vec::new(), 0, 0);
        let mut date = self.start;
        while date <= run.due_on.max(until) {
            let works = !self.counts_working_days() || self.calendar.is_working_day(date)?;
            let reading = if date < run.start {
                DayReading::Void
            } else if date <= run.origin || (run.days == 0 && date == run.start) {
                // Where a pause gave the whole term back, its last day is the new start.
                DayReading::Start
            } else if run.excluded.contains(date) {
                let holds = |pause: &Pause| {
                    self.effect(pause) == Effect::Suspend
                        && pause
                            .days(self.policy, as_of)
                            .is_some_and(|days| days.contains(date))
                };
                DayReading::Paused {
                    pause: self.pauses.iter().position(holds).unwrap_or_default(),
                }
            } else if !works {
                DayReading::Off
            } else if date > run.due_on {
                late += 1;
                DayReading::Late { by: late }
            } else if counted < run.days || self.counts_working_days() {
                counted += 1;
                DayReading::Counted {
                    nth: counted,
                    extended: counted > standing,
                }
            } else {
                DayReading::Rolled
            };
            lines.push(DayLine { date, reading });
            date = date.next();
        }
        Ok(lines)
    }
}

/// The pauses of a clock, by what they do.
struct Sorted {
    start: Date,
    origin: Date,
    excluded: DaySet,
    /// What the pauses leave at least, in the order in which they began.
    floors: Vec<Floor>,
}

/// How many days a pause leaves at least, whatever was left when it began.
struct Floor {
    since: Date,
    resumed_on: Date,
    at_least: u32,
}

/// A due date, and what it was counted from.
struct Counting {
    term: Term,
    days: u32,
    due_on: Date,
    /// What decided the due date: so many days after this one.
    counted_from: Date,
    left: u32,
}

/// How many days `until` is after `after`; none when it is not.
fn days_after(after: Date, until: Date) -> u32 {
    u32::try_from(i64::from(until.days()) - i64::from(after.days())).unwrap_or(0)
}

/// How many working days d with `after` < d <= `until` are outside `excluded`.
fn used_working_days(
    after: Date,
    until: Date,
    excluded: &DaySet,
    calendar: &Calendar,
) -> Result<u32, CalendarError> {
    let mut used = calendar.working_days_between(after, until)?;
    for range in excluded.ranges_after(after) {
        let lost =
            calendar.working_days_between(range.first().plus_days(-1).min(until), range.last().min(until))?;
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
    use crate::time::date;

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
    fn only_a_set_without_days_is_empty() {
        assert!(DaySet::new().is_empty());
        assert!(![march(1, 1)].into_iter().collect::<DaySet>().is_empty());
    }
}
