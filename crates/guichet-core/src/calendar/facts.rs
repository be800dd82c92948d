//! The facts of a calendar: what its document states, and the checks that make a calendar of them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::layer::{LayerEffect, LayerRef, LayeredDay};
use crate::id::{CalendarId, Version};
use crate::time::{Date, TimeError, date};

/// The most days a calendar may cover: two centuries. It bounds the index that a hostile document can ask for.
pub const COVERED_DAYS_MAX: u32 = 200 * 366;

/// Consecutive days, both ends included.
///
/// Text form: `2010-10-01 to 2010-10-07`; one day alone may be written `2010-10-01`.
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
    pub(super) first: Date,
    pub(super) last: Date,
}

impl DayRange {
    /// The days from `first` to `last`; none when `last` comes before `first`.
    #[must_use]
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The days of a year.
    ///
    /// ```
    /// # use guichet_core::calendar::DayRange;
    /// assert_eq!(DayRange::year(2010).to_string(), "2010-01-01 to 2010-12-31");
    /// ```
    #[must_use]
    pub fn year(year: i16) -> Self {
        Self {
            first: date(year, 1, 1),
            last: date(year, 12, 31),
        }
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

    /// The days, one after the other.
    pub fn days(self) -> impl Iterator<Item = Date> {
        (self.first.days()..=self.last.days()).map(Date::from_days)
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.last)
    }
}

/// Text that is no [`DayRange`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayRangeError {
    /// An end is no date.
    #[error("{0}, or several days like 2010-10-01 to 2010-10-07")]
    Date(TimeError),
    /// The last day comes before the first.
    #[error("the days end on {last}, before they begin on {first}; put them in order")]
    Backwards {
        /// The first day.
        first: Date,
        /// The last day.
        last: Date,
    },
}

impl FromStr for DayRange {
    type Err = DayRangeError;

    fn from_str(text: &str) -> Result<Self, DayRangeError> {
        let (first, last) = text.split_once(" to ").unwrap_or((text, text));
        let first = first.trim().parse().map_err(DayRangeError::Date)?;
        let last = last.trim().parse().map_err(DayRangeError::Date)?;
        Self::new(first, last).ok_or(DayRangeError::Backwards { first, last })
    }
}

impl Serialize for DayRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.first == self.last {
            return self.first.serialize(serializer);
        }
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DayRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
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
    /// The first day that nobody has officially announced yet; all days are announced when absent. What falls on it or later is
    /// provisional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisional_from: Option<Date>,
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
    /// What the calendar was laid over, from the ground up; nothing for a calendar that stands by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerRef>,
    /// The days that a layer decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layered: Vec<LayeredDay>,
}

pub(super) const fn first_version() -> Version {
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
            provisional_from: None,
            source: "definition".to_owned(),
            rule: String::new(),
            working_weekend_dates: Vec::new(),
            non_working_weekdays_dates: Vec::new(),
            holidays: Vec::new(),
            layers: Vec::new(),
            layered: Vec::new(),
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
    /// `layered`.
    Layered,
}

impl fmt::Display for FactList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WorkingWeekendDates => "working_weekend_dates",
            Self::NonWorkingWeekdaysDates => "non_working_weekdays_dates",
            Self::Holidays => "holidays",
            Self::Layered => "layered",
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
    /// The day from which the facts are provisional is none of the covered ones.
    #[error("calendar {calendar} has provisional_from {date}, outside the {covered} that it covers")]
    ProvisionalUncovered {
        /// The calendar.
        calendar: CalendarId,
        /// The entry.
        date: Date,
        /// What the calendar covers.
        covered: DayRange,
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
    /// A day that a layer is said to have decided, and that the lists decide the other way.
    #[error("calendar {calendar} has {date} in layered as {effect}, but its lists say otherwise")]
    LayeredOtherwise {
        /// The calendar.
        calendar: CalendarId,
        /// The entry.
        date: Date,
        /// What the layer is said to have done.
        effect: LayerEffect,
    },
}

/// Checks facts and sorts their lists.
pub(super) fn check(facts: &mut CalendarFacts) -> Result<DayRange, FactsError> {
    let covered = covered(facts)?;
    if let Some(date) = facts.provisional_from
        && !covered.contains(date)
    {
        return Err(FactsError::ProvisionalUncovered {
            calendar: facts.id.clone(),
            date,
            covered,
        });
    }
    check_weekend(facts)?;
    check_lists(facts, covered)?;
    check_layered(facts, covered)?;
    Ok(covered)
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

fn check_layered(facts: &mut CalendarFacts, covered: DayRange) -> Result<(), FactsError> {
    let is_service = |layered: &LayeredDay| layered.effect == LayerEffect::Service;
    facts
        .layered
        .sort_by_key(|layered| (layered.date, is_service(layered)));
    let dates: Vec<Date> = facts.layered.iter().map(|layered| layered.date).collect();
    check_covered(facts, covered, FactList::Layered, &dates)?;
    // One layer has decided a day; opening for service decides nothing, and may come on top.
    let decided: Vec<(Date, bool)> = facts
        .layered
        .iter()
        .map(|layered| (layered.date, is_service(layered)))
        .collect();
    if let Some((date, _)) = first_repeated(&decided) {
        return Err(FactsError::Twice {
            calendar: facts.id.clone(),
            list: FactList::Layered,
            date: *date,
        });
    }
    let working: BTreeSet<Date> = facts.working_weekend_dates.iter().copied().collect();
    let off: BTreeSet<Date> = facts.non_working_weekdays_dates.iter().copied().collect();
    for layered in &facts.layered {
        let weekend = facts.weekend_iso_days.contains(&layered.date.iso_weekday());
        let works = working.contains(&layered.date) || (!weekend && !off.contains(&layered.date));
        if works != layered.effect.works() {
            return Err(FactsError::LayeredOtherwise {
                calendar: facts.id.clone(),
                date: layered.date,
                effect: layered.effect,
            });
        }
    }
    Ok(())
}
