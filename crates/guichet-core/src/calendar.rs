//! The calendar: which days a service centre works, and counting them.
//!
//! A calendar is dated facts, never an algorithm. Outside the days it covers every question is an error: a guessed day
//! would become someone's due date.

mod day;
mod facts;
mod layer;

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use self::day::{Day, DayKind};
pub use self::facts::{
    COVERED_DAYS_MAX, CalendarFacts, DayRange, DayRangeError, FactList, FactsError, Holiday,
};
pub use self::layer::{
    ClosedDays, Layer, LayerEffect, LayerError, LayerFault, LayerList, LayerProblem, LayerRef, LayeredDay,
    OpenedDays,
};
use crate::id::{CalendarId, Version};
use crate::time::Date;

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
        let covered = facts::check(&mut facts)?;
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

    /// The first day that nobody has officially announced yet.
    #[must_use]
    pub const fn provisional_from(&self) -> Option<Date> {
        self.facts.provisional_from
    }

    /// Whether an answer that ends on `date` is provisional: the calendar covers that day, but nobody has officially
    /// announced it, so a later version may move the answer. All days that lead there lie before it, so this is all there
    /// is to ask of a due date.
    ///
    /// ```
    /// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, time::date};
    /// # let covered = DayRange::new(date(2010, 1, 1), date(2011, 12, 31)).ok_or("backwards")?;
    /// let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered);
    /// facts.provisional_from = Some(date(2011, 1, 1));
    /// let calendar = Calendar::new(facts)?;
    /// assert!(!calendar.is_provisional(calendar.nth_working_day_after(date(2010, 12, 30), 1)?));
    /// assert!(calendar.is_provisional(calendar.nth_working_day_after(date(2010, 12, 30), 2)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_provisional(&self, date: Date) -> bool {
        self.covered.contains(date) && self.facts.provisional_from.is_some_and(|from| from <= date)
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
            .and_then(|nth| self.working_day_at(nth))
            .ok_or_else(|| self.uncovered(date.max(self.covered.last).next()))
    }

    /// The `n`-th working day strictly before `date`; `date` itself when `n` is 0.
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
    /// assert_eq!(calendar.nth_working_day_before(date(2010, 3, 8), 1)?, date(2010, 3, 5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn nth_working_day_before(&self, date: Date, n: u32) -> Result<Date, CalendarError> {
        if n == 0 {
            return Ok(date);
        }
        let before = self.working_before(date, date.plus_days(-1))?;
        before
            .checked_sub(n)
            .and_then(|nth| self.working_day_at(nth))
            .ok_or_else(|| self.uncovered(self.covered.first.plus_days(-1)))
    }

    /// `date` if it is a working day, else the next one that is.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when one of these days is not covered.
    pub fn working_day_from(&self, date: Date) -> Result<Date, CalendarError> {
        self.nth_working_day_after(date.plus_days(-1), 1)
    }

    /// `date` if it is a working day, else the last one before it that is.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when one of these days is not covered.
    pub fn working_day_until(&self, date: Date) -> Result<Date, CalendarError> {
        self.nth_working_day_before(date.next(), 1)
    }

    /// The covered working day with this many working days before it.
    fn working_day_at(&self, nth: u32) -> Option<Date> {
        let place = self.working.get(usize::try_from(nth).ok()?)?;
        Some(self.covered.first.plus_days(i32::try_from(*place).ok()?))
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
