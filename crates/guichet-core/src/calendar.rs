//! The calendar: which days a service centre works, and counting them.
//!
//! A calendar is dated facts, never an algorithm. Outside the days it covers every question is an error: a guessed day
//! would become someone's due date.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::id::{CalendarId, Version};
use crate::time::{Date, Term};

/// The most days a calendar may cover: two centuries. It bounds the index that a hostile document can ask for.
pub const COVERED_DAYS_MAX: u32 = 200 * 366;

/// Consecutive days, both ends included.
///
/// ```
/// # use guichet_core::{calendar::DayRange, time::date};
/// let golden_week = DayRange::new(date(2010, 10, 1), date(2010, 10, 7)).ok_or("backwards")?;
/// assert!(golden_week.contains(date(2010, 10, 7)));
/// assert_eq!(golden_week.to_string(), "2010-10-01 to 2010-10-07");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayRange {
    first: Date,
    last: Date,
}

impl DayRange {
    /// The days from `first` to `last`; none when `last` comes before `first`.
    #[must_use]
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The first day.
    #[must_use]
    pub const fn first(self) -> Date {
        self.first
    }

    /// The last day.
    #[must_use]
    pub const fn last(self) -> Date {
        self.last
    }

    /// Whether `day` is one of these days.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.last)
    }
}

/// A calendar as its document states it, before anyone has checked it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFacts {
    /// The calendar's name in catalogues and commands.
    pub id: CalendarId,
    /// The version of these facts, from 1; a document that names none is the first.
    #[serde(default = "first_version")]
    pub version: Version,
    /// What people call it.
    pub title: String,
    /// When these facts were published.
    #[serde(default)]
    pub published_on: Option<Date>,
    /// The first day with facts.
    pub first_date: Date,
    /// The last day with facts.
    pub last_date: Date,
    /// The days of the week that are off, Monday being 1 (ISO 8601).
    pub weekend_iso_days: Vec<u8>,
    /// Where the facts come from.
    pub source: String,
    /// The reading of the lists below, for people.
    #[serde(default)]
    pub rule: String,
    /// Weekend days on which the centre works (make-up days, 调休).
    pub working_weekend_dates: Vec<Date>,
    /// Days outside the weekend on which the centre does not work.
    pub non_working_weekdays_dates: Vec<Date>,
    /// The holidays by name, those on weekends included.
    pub holidays: Vec<Holiday>,
}

const fn first_version() -> Version {
    Version(1)
}

/// A day with the name of what is celebrated. A day may have two names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// What people call it.
    pub name: String,
}

impl CalendarFacts {
    /// Monday to Friday without holidays: the start of a calendar built by hand.
    ///
    /// ```
    /// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, time::date};
    /// let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
    /// let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered);
    /// facts.non_working_weekdays_dates.push(date(2010, 3, 10));
    /// let calendar = Calendar::new(facts)?;
    /// assert!(!calendar.is_working_day(date(2010, 3, 10))?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn monday_to_friday(id: CalendarId, covered: DayRange) -> Self {
        Self {
            id,
            version: first_version(),
            title: "Monday to Friday, no holidays".to_owned(),
            published_on: None,
            first_date: covered.first,
            last_date: covered.last,
            weekend_iso_days: vec![6, 7],
            source: "definition".to_owned(),
            rule: String::new(),
            working_weekend_dates: Vec::new(),
            non_working_weekdays_dates: Vec::new(),
            holidays: Vec::new(),
        }
    }
}

/// One of the lists of a calendar's document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactList {
    /// `working_weekend_dates`.
    WorkingWeekendDates,
    /// `non_working_weekdays_dates`.
    NonWorkingWeekdaysDates,
    /// `holidays`.
    Holidays,
}

impl fmt::Display for FactList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WorkingWeekendDates => "working_weekend_dates",
            Self::NonWorkingWeekdaysDates => "non_working_weekdays_dates",
            Self::Holidays => "holidays",
        })
    }
}

/// Facts that make no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FactsError {
    /// The version is 0.
    #[error("calendar {calendar} has version 0; versions start at 1")]
    VersionZero {
        /// The calendar.
        calendar: CalendarId,
    },
    /// The covered days run backwards.
    #[error("calendar {calendar} covers no day: its last_date {last} is before its first_date {first}")]
    CoversNothing {
        /// The calendar.
        calendar: CalendarId,
        /// The document's `first_date`.
        first: Date,
        /// The document's `last_date`.
        last: Date,
    },
    /// More days than an index may hold.
    #[error(
        "calendar {calendar} covers {covered}, and {COVERED_DAYS_MAX} days is the most; split it by years"
    )]
    CoversTooMuch {
        /// The calendar.
        calendar: CalendarId,
        /// What it claims to cover.
        covered: DayRange,
    },
    /// A weekend day that no week has, or one named twice.
    #[error(
        "calendar {calendar} has {found} in weekend_iso_days; write each day once, from 1 (Monday) to 7 (Sunday)"
    )]
    WeekendDay {
        /// The calendar.
        calendar: CalendarId,
        /// The entry.
        found: u8,
    },
    /// An entry outside the covered days.
    #[error("calendar {calendar} has {date} in {list}, outside the {covered} that it covers")]
    OutsideCovered {
        /// The calendar.
        calendar: CalendarId,
        /// The list that holds the entry.
        list: FactList,
        /// The entry.
        date: Date,
        /// What the calendar covers.
        covered: DayRange,
    },
    /// An entry that stands in its list twice.
    #[error("calendar {calendar} has {date} twice in {list}; remove one")]
    Twice {
        /// The calendar.
        calendar: CalendarId,
        /// The list that holds the entry.
        list: FactList,
        /// The entry.
        date: Date,
    },
    /// A make-up day that is a working day anyway.
    #[error("calendar {calendar} has {date} in working_weekend_dates, but that day is on no weekend")]
    NotOnWeekend {
        /// The calendar.
        calendar: CalendarId,
        /// The entry.
        date: Date,
    },
    /// A day off that is off anyway.
    #[error("calendar {calendar} has {date} in non_working_weekdays_dates, but that day is on a weekend")]
    OnWeekend {
        /// The calendar.
        calendar: CalendarId,
        /// The entry.
        date: Date,
    },
}

/// A question that a calendar cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// The answer needs a day of which the calendar knows nothing.
    #[error(
        "calendar {calendar} knows nothing of {date}: it covers {covered}; publish a version that covers that day"
    )]
    Uncovered {
        /// The calendar.
        calendar: CalendarId,
        /// The first day that is missing.
        date: Date,
        /// What the calendar covers.
        covered: DayRange,
    },
}

/// Which days a service centre works: checked facts, and an index that counts working days without walking over them.
///
/// In text it is its [`CalendarFacts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    facts: CalendarFacts,
    covered: DayRange,
    /// How many working days come before the i-th covered day; one entry more than there are covered days.
    before: Vec<u32>,
    /// The working days in order, as places in the covered days.
    working: Vec<u32>,
}

impl Calendar {
    /// The calendar of these facts. Their lists may come in any order, and are kept sorted.
    ///
    /// # Errors
    ///
    /// [`FactsError`] with the first entry that cannot be: outside the covered days, twice in its list, a make-up day on
    /// no weekend, a day off on a weekend.
    pub fn new(mut facts: CalendarFacts) -> Result<Self, FactsError> {
        let covered = covered(&facts)?;
        check_weekend(&mut facts)?;
        check_lists(&mut facts, covered)?;
        let (before, working) = index(&facts, covered);
        Ok(Self {
            facts,
            covered,
            before,
            working,
        })
    }

    /// The calendar's name.
    #[must_use]
    pub const fn id(&self) -> &CalendarId {
        &self.facts.id
    }

    /// The version of its facts.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.facts.version
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.facts.title
    }

    /// Where its facts come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.facts.source
    }

    /// The days it knows.
    #[must_use]
    pub const fn covered(&self) -> DayRange {
        self.covered
    }

    /// The facts it was built from, their lists sorted: what an amended version starts from.
    #[must_use]
    pub const fn facts(&self) -> &CalendarFacts {
        &self.facts
    }

    /// Whether the centre works on `date`.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar does not know that day.
    pub fn is_working_day(&self, date: Date) -> Result<bool, CalendarError> {
        Ok(self.working_before(date.next(), date)? > self.working_before(date, date)?)
    }

    /// How many working days d there are with `after` < d <= `until`: the first day does not count. Zero when `until` is
    /// not after `after`.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when one of these days is not covered.
    ///
    /// ```
    /// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, time::date};
    /// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
    /// # let facts = CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered);
    /// let calendar = Calendar::new(facts)?;
    /// assert_eq!(calendar.working_days_between(date(2010, 3, 1), date(2010, 3, 8))?, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn working_days_between(&self, after: Date, until: Date) -> Result<u32, CalendarError> {
        if until <= after {
            return Ok(0);
        }
        let until = self.working_before(until.next(), until)?;
        let after = self.working_before(after.next(), after.next())?;
        Ok(until.saturating_sub(after))
    }

    /// The `n`-th working day strictly after `date`; `date` itself when `n` is 0.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when a day that must be counted is not covered.
    ///
    /// ```
    /// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, time::date};
    /// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
    /// # let facts = CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered);
    /// let calendar = Calendar::new(facts)?;
    /// assert_eq!(calendar.nth_working_day_after(date(2010, 3, 5), 1)?, date(2010, 3, 8));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn nth_working_day_after(&self, date: Date, n: u32) -> Result<Date, CalendarError> {
        let Some(more) = n.checked_sub(1) else {
            return Ok(date);
        };
        let before = self.working_before(date.next(), date.next())?;
        before
            .checked_add(more)
            .and_then(|nth| self.working.get(usize::try_from(nth).ok()?))
            .and_then(|place| i32::try_from(*place).ok())
            .map(|place| self.covered.first.plus_days(place))
            .ok_or_else(|| self.uncovered(date.max(self.covered.last).next()))
    }

    /// `date` if it is a working day, else the next one that is.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when one of these days is not covered.
    pub fn working_day_from(&self, date: Date) -> Result<Date, CalendarError> {
        self.nth_working_day_after(date.plus_days(-1), 1)
    }

    /// How many working days come before `day`, which may also be the day after the last covered one. `asked` is the day
    /// that the error names.
    fn working_before(&self, day: Date, asked: Date) -> Result<u32, CalendarError> {
        let place = i64::from(day.days()) - i64::from(self.covered.first.days());
        usize::try_from(place)
            .ok()
            .and_then(|place| self.before.get(place).copied())
            .ok_or_else(|| self.uncovered(asked))
    }

    fn uncovered(&self, date: Date) -> CalendarError {
        CalendarError::Uncovered {
            calendar: self.facts.id.clone(),
            date,
            covered: self.covered,
        }
    }
}

fn covered(facts: &CalendarFacts) -> Result<DayRange, FactsError> {
    let (first, last) = (facts.first_date, facts.last_date);
    if facts.version < first_version() {
        return Err(FactsError::VersionZero {
            calendar: facts.id.clone(),
        });
    }
    let covered = DayRange::new(first, last).ok_or_else(|| FactsError::CoversNothing {
        calendar: facts.id.clone(),
        first,
        last,
    })?;
    if i64::from(last.days()) - i64::from(first.days()) >= i64::from(COVERED_DAYS_MAX) {
        return Err(FactsError::CoversTooMuch {
            calendar: facts.id.clone(),
            covered,
        });
    }
    Ok(covered)
}

fn check_weekend(facts: &mut CalendarFacts) -> Result<(), FactsError> {
    let mut seen = BTreeSet::new();
    for day in &facts.weekend_iso_days {
        if !(1..=7).contains(day) || !seen.insert(*day) {
            return Err(FactsError::WeekendDay {
                calendar: facts.id.clone(),
                found: *day,
            });
        }
    }
    facts.weekend_iso_days.sort_unstable();
    Ok(())
}

fn check_lists(facts: &mut CalendarFacts, covered: DayRange) -> Result<(), FactsError> {
    facts.working_weekend_dates.sort_unstable();
    facts.non_working_weekdays_dates.sort_unstable();
    facts.holidays.sort_unstable();

    check_dates(
        facts,
        covered,
        FactList::WorkingWeekendDates,
        &facts.working_weekend_dates,
    )?;
    check_dates(
        facts,
        covered,
        FactList::NonWorkingWeekdaysDates,
        &facts.non_working_weekdays_dates,
    )?;
    let named: Vec<Date> = facts.holidays.iter().map(|holiday| holiday.date).collect();
    check_covered(facts, covered, FactList::Holidays, &named)?;
    if let Some(holiday) = first_repeated(&facts.holidays) {
        return Err(FactsError::Twice {
            calendar: facts.id.clone(),
            list: FactList::Holidays,
            date: holiday.date,
        });
    }

    let weekend = |date: &Date| facts.weekend_iso_days.contains(&date.iso_weekday());
    if let Some(date) = facts.working_weekend_dates.iter().find(|date| !weekend(date)) {
        return Err(FactsError::NotOnWeekend {
            calendar: facts.id.clone(),
            date: *date,
        });
    }
    if let Some(date) = facts.non_working_weekdays_dates.iter().find(|date| weekend(date)) {
        return Err(FactsError::OnWeekend {
            calendar: facts.id.clone(),
            date: *date,
        });
    }
    Ok(())
}

fn check_dates(
    facts: &CalendarFacts,
    covered: DayRange,
    list: FactList,
    dates: &[Date],
) -> Result<(), FactsError> {
    check_covered(facts, covered, list, dates)?;
    match first_repeated(dates) {
        Some(date) => Err(FactsError::Twice {
            calendar: facts.id.clone(),
            list,
            date: *date,
        }),
        None => Ok(()),
    }
}

fn first_repeated<T: PartialEq>(sorted: &[T]) -> Option<&T> {
    sorted
        .iter()
        .zip(sorted.iter().skip(1))
        .find_map(|(one, after)| (one == after).then_some(one))
}

fn check_covered(
    facts: &CalendarFacts,
    covered: DayRange,
    list: FactList,
    dates: &[Date],
) -> Result<(), FactsError> {
    match dates.iter().find(|date| !covered.contains(**date)) {
        Some(date) => Err(FactsError::OutsideCovered {
            calendar: facts.id.clone(),
            list,
            date: *date,
            covered,
        }),
        None => Ok(()),
    }
}

fn index(facts: &CalendarFacts, covered: DayRange) -> (Vec<u32>, Vec<u32>) {
    let made_up: BTreeSet<Date> = facts.working_weekend_dates.iter().copied().collect();
    let off: BTreeSet<Date> = facts.non_working_weekdays_dates.iter().copied().collect();
    let mut before = Vec::new();
    let mut working = Vec::new();
    let (mut day, mut place, mut count) = (covered.first, 0_u32, 0_u32);
    while day <= covered.last {
        before.push(count);
        let weekend = facts.weekend_iso_days.contains(&day.iso_weekday());
        if made_up.contains(&day) || (!weekend && !off.contains(&day)) {
            working.push(place);
            count += 1;
        }
        day = day.next();
        place += 1;
    }
    before.push(count);
    (before, working)
}

/// The last day that is in time for a term that starts on `start`.
///
/// The start day does not count (Civil Code of China, art. 201). Working days count as the calendar says. Of the other
/// units the last day is the same distance away whether anyone works or not, a month without that day ends on its last
/// day, and a last day that is no working day moves to the next one that is (art. 203). A term of 0 working days ends on
/// its start day.
///
/// # Errors
///
/// [`CalendarError::Uncovered`] when the calendar ends before the answer does.
///
/// ```
/// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange, due_on}, id::CalendarId, time::{Term, date}};
/// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
/// # let calendar = Calendar::new(CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered))?;
/// assert_eq!(due_on(date(2010, 3, 1), Term::WorkingDays(20), &calendar)?, date(2010, 3, 29));
/// // Twenty calendar days end on a Sunday, so the term ends on the Monday.
/// assert_eq!(due_on(date(2010, 3, 1), Term::CalendarDays(20), &calendar)?, date(2010, 3, 22));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn due_on(start: Date, term: Term, calendar: &Calendar) -> Result<Date, CalendarError> {
    match term {
        Term::WorkingDays(n) => calendar.nth_working_day_after(start, u32::from(n)),
        Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) => {
            calendar.working_day_from(start.plus_days(calendar_days(start, term)))
        }
    }
}

/// How many calendar days after `start` a term ends that counts no working days.
pub(crate) fn calendar_days(start: Date, term: Term) -> i32 {
    match term {
        Term::WorkingDays(_) => 0,
        Term::CalendarDays(n) => i32::from(n),
        Term::Weeks(n) => i32::from(n).saturating_mul(7),
        Term::Months(n) => start
            .plus_months(i32::from(n))
            .days()
            .saturating_sub(start.days()),
    }
}

impl Serialize for Calendar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.facts.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Calendar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(CalendarFacts::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::date;

    fn march(change: impl FnOnce(&mut CalendarFacts)) -> Result<Calendar, FactsError> {
        let covered = DayRange::new(date(2010, 3, 1), date(2010, 3, 31)).unwrap();
        let mut facts = CalendarFacts::monday_to_friday(id(), covered);
        change(&mut facts);
        Calendar::new(facts)
    }

    fn id() -> CalendarId {
        CalendarId::new("march").unwrap()
    }

    fn holiday(date: Date, name: &str) -> Holiday {
        Holiday {
            date,
            name: name.to_owned(),
        }
    }

    #[test]
    fn a_day_off_and_a_make_up_day_change_places() {
        let calendar = march(|facts| {
            facts.non_working_weekdays_dates = vec![date(2010, 3, 10)];
            facts.working_weekend_dates = vec![date(2010, 3, 13)];
        })
        .unwrap();

        assert_eq!(calendar.is_working_day(date(2010, 3, 10)), Ok(false));
        assert_eq!(calendar.is_working_day(date(2010, 3, 13)), Ok(true));
        assert_eq!(calendar.is_working_day(date(2010, 3, 14)), Ok(false));
        assert_eq!(
            calendar.nth_working_day_after(date(2010, 3, 9), 3),
            Ok(date(2010, 3, 13))
        );
    }

    #[test]
    fn a_day_outside_the_covered_ones_is_an_error_and_no_guess() {
        let calendar = march(|_| ()).unwrap();
        let uncovered = |date| CalendarError::Uncovered {
            calendar: id(),
            date,
            covered: calendar.covered(),
        };

        assert_eq!(
            calendar.is_working_day(date(2010, 2, 28)),
            Err(uncovered(date(2010, 2, 28)))
        );
        assert_eq!(
            calendar.is_working_day(date(2010, 4, 1)),
            Err(uncovered(date(2010, 4, 1)))
        );
        assert_eq!(
            calendar.working_days_between(date(2010, 3, 30), date(2010, 4, 1)),
            Err(uncovered(date(2010, 4, 1)))
        );
        assert_eq!(
            calendar.working_days_between(date(2010, 2, 20), date(2010, 3, 5)),
            Err(uncovered(date(2010, 2, 21)))
        );
        assert_eq!(
            calendar.nth_working_day_after(date(2010, 3, 30), 2),
            Err(uncovered(date(2010, 4, 1)))
        );
        assert_eq!(
            calendar.nth_working_day_after(date(2010, 3, 1), u32::MAX),
            Err(uncovered(date(2010, 4, 1)))
        );
        assert_eq!(
            uncovered(date(2010, 4, 1)).to_string(),
            "calendar march knows nothing of 2010-04-01: it covers 2010-03-01 to 2010-03-31; \
             publish a version that covers that day"
        );
    }

    #[test]
    fn the_start_day_need_not_be_covered_because_it_does_not_count() {
        let calendar = march(|_| ()).unwrap();
        assert_eq!(
            calendar.nth_working_day_after(date(2010, 2, 28), 1),
            Ok(date(2010, 3, 1))
        );
        assert_eq!(
            calendar.working_days_between(date(2010, 2, 28), date(2010, 3, 31)),
            Ok(23)
        );
    }

    #[test]
    fn nothing_lies_between_a_day_and_an_earlier_one() {
        let calendar = march(|_| ()).unwrap();
        assert_eq!(
            calendar.working_days_between(date(2010, 3, 9), date(2010, 3, 9)),
            Ok(0)
        );
        assert_eq!(
            calendar.working_days_between(date(2010, 3, 9), date(2009, 1, 1)),
            Ok(0)
        );
    }

    #[test]
    fn a_term_of_no_working_days_ends_on_its_start_day() {
        let calendar = march(|_| ()).unwrap();
        let sunday = date(2010, 3, 7);
        assert_eq!(due_on(sunday, Term::WorkingDays(0), &calendar), Ok(sunday));
    }

    #[test]
    fn a_term_in_calendar_units_ends_on_the_next_working_day() {
        let calendar = march(|facts| facts.non_working_weekdays_dates = vec![date(2010, 3, 22)]).unwrap();
        let monday = date(2010, 3, 1);
        assert_eq!(
            due_on(monday, Term::CalendarDays(20), &calendar),
            Ok(date(2010, 3, 23))
        );
        assert_eq!(due_on(monday, Term::Weeks(3), &calendar), Ok(date(2010, 3, 23)));
        assert_eq!(due_on(monday, Term::Weeks(1), &calendar), Ok(date(2010, 3, 8)));
        assert_eq!(
            due_on(date(2010, 1, 31), Term::Months(2), &calendar),
            Ok(date(2010, 3, 31))
        );
    }

    #[test]
    fn facts_in_any_order_make_the_same_calendar() {
        let (early, late) = (date(2010, 3, 10), date(2010, 3, 17));
        let sorted = march(|facts| facts.non_working_weekdays_dates = vec![early, late]);
        let unsorted = march(|facts| facts.non_working_weekdays_dates = vec![late, early]);
        assert_eq!(sorted, unsorted);
    }

    #[test]
    fn a_day_may_have_two_names_but_not_the_same_one_twice() {
        let day = date(2010, 3, 8);
        march(|facts| facts.holidays = vec![holiday(day, "Ascension Day"), holiday(day, "Liberation Day")])
            .unwrap();
        assert_eq!(
            march(|facts| facts.holidays = vec![holiday(day, "Ascension Day"), holiday(day, "Ascension Day")]),
            Err(FactsError::Twice {
                calendar: id(),
                list: FactList::Holidays,
                date: day
            })
        );
    }

    #[test]
    fn an_entry_that_cannot_be_is_named() {
        let covered = march(|_| ()).unwrap().covered();
        let (saturday, monday, april) = (date(2010, 3, 6), date(2010, 3, 8), date(2010, 4, 1));

        assert_eq!(
            march(|facts| facts.working_weekend_dates = vec![saturday, monday]),
            Err(FactsError::NotOnWeekend {
                calendar: id(),
                date: monday
            })
        );
        assert_eq!(
            march(|facts| facts.non_working_weekdays_dates = vec![saturday, monday]),
            Err(FactsError::OnWeekend {
                calendar: id(),
                date: saturday
            })
        );
        assert_eq!(
            march(|facts| facts.non_working_weekdays_dates = vec![april, monday]),
            Err(FactsError::OutsideCovered {
                calendar: id(),
                list: FactList::NonWorkingWeekdaysDates,
                date: april,
                covered
            })
        );
        assert_eq!(
            march(|facts| facts.working_weekend_dates = vec![saturday, saturday]),
            Err(FactsError::Twice {
                calendar: id(),
                list: FactList::WorkingWeekendDates,
                date: saturday
            })
        );
        assert_eq!(
            march(|facts| facts.holidays = vec![holiday(april, "Easter Monday")]),
            Err(FactsError::OutsideCovered {
                calendar: id(),
                list: FactList::Holidays,
                date: april,
                covered
            })
        );
    }

    #[test]
    fn a_week_has_the_days_1_to_7_once() {
        for (days, found) in [(vec![0], 0), (vec![6, 8], 8), (vec![6, 6], 6)] {
            assert_eq!(
                march(|facts| facts.weekend_iso_days = days),
                Err(FactsError::WeekendDay {
                    calendar: id(),
                    found
                })
            );
        }
    }

    #[test]
    fn a_calendar_covers_at_least_a_day_and_at_most_two_centuries() {
        let (first, before) = (date(2010, 3, 1), date(2010, 2, 28));
        march(|facts| facts.last_date = first).unwrap();
        assert_eq!(
            march(|facts| facts.last_date = before),
            Err(FactsError::CoversNothing {
                calendar: id(),
                first,
                last: before
            })
        );

        let longest = i32::try_from(COVERED_DAYS_MAX).unwrap();
        march(|facts| facts.last_date = first.plus_days(longest - 1)).unwrap();
        let last = first.plus_days(longest);
        assert_eq!(
            march(|facts| facts.last_date = last),
            Err(FactsError::CoversTooMuch {
                calendar: id(),
                covered: DayRange { first, last }
            })
        );
    }

    #[test]
    fn versions_start_at_1() {
        assert_eq!(march(|_| ()).unwrap().version(), Version(1));
        assert_eq!(
            march(|facts| facts.version = Version(0)),
            Err(FactsError::VersionZero { calendar: id() })
        );
    }

    #[test]
    fn a_calendar_survives_its_document() {
        let calendar = march(|facts| {
            facts.version = Version(2);
            facts.published_on = Some(date(2009, 12, 8));
            facts.holidays = vec![holiday(date(2010, 3, 8), "Women's Day")];
        })
        .unwrap();

        let text = serde_json::to_string(&calendar).unwrap();

        assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar);
    }

    #[test]
    fn a_document_with_an_unknown_field_or_an_impossible_entry_is_refused() {
        let text = serde_json::to_string(&march(|_| ()).unwrap()).unwrap();
        let misspelt = text.replace("working_weekend_dates", "working_weekends");
        let error = serde_json::from_str::<Calendar>(&misspelt)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("unknown field `working_weekends`"), "{error}");

        let monday = text.replace(
            "\"working_weekend_dates\":[]",
            "\"working_weekend_dates\":[\"2010-03-08\"]",
        );
        let error = serde_json::from_str::<Calendar>(&monday).unwrap_err().to_string();
        assert_eq!(
            error,
            "calendar march has 2010-03-08 in working_weekend_dates, but that day is on no weekend"
        );
    }
}
