//! Opening hours: when a centre is open on its working days, and counting the time that it is.
//!
//! Two things make up the time that counts: a [`Calendar`](crate::calendar::Calendar) says which days do,
//! [`OpeningHours`] which hours of them. With the [`Zone`](crate::zone::Zone) of the centre they are a [`Timetable`], which
//! counts on the wall clock: a day whose clock change falls into the opening hours is an hour longer or shorter, and counts
//! as such.

mod time_of_day;
mod timetable;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use self::time_of_day::{OpenInterval, TimeOfDay};
pub use self::timetable::{Timetable, day_of_receipt};
use crate::time::Date;

/// The most dates that may have hours of their own: more than a year of them for each of ten years. It bounds what a
/// hostile document can ask to be walked through.
pub const OWN_DATES_MAX: usize = 4_096;

/// Opening hours as their document states them, before anyone has checked them.
///
/// ```
/// # use guichet_core::hours::{HoursFacts, OpeningHours};
/// let facts: HoursFacts = serde_json::from_str(r#"{
///     "working_day": [["09:00", "12:00"], ["13:30", "17:00"]],
///     "weekdays": [{"iso_weekday": 5, "open": [["09:00", "12:00"]]}],
///     "dates": [{"date": "2010-02-12", "open": []}]
/// }"#)?;
/// assert_eq!(OpeningHours::new(facts.clone())?.facts(), facts);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "opening hours, an object with `working_day`"
)]
pub struct HoursFacts {
    /// The hours of a working day without hours of its own.
    pub working_day: Vec<OpenInterval>,
    /// Days of the week with other hours.
    #[serde(default)]
    pub weekdays: Vec<WeekdayHours>,
    /// Dates with other hours: half days, a day that closes at noon.
    #[serde(default)]
    pub dates: Vec<DateHours>,
}

/// A day of the week with hours of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeekdayHours {
    /// The day: Monday is 1, Sunday is 7 (ISO 8601).
    pub iso_weekday: u8,
    /// Its hours; none when the centre stays closed.
    pub open: Vec<OpenInterval>,
}

/// A date with hours of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateHours {
    /// The date.
    pub date: Date,
    /// Its hours; none when the centre stays closed.
    pub open: Vec<OpenInterval>,
}

/// Which days a list of intervals speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoursOf {
    /// Every working day without hours of its own.
    WorkingDay,
    /// A day of the week, by its ISO number.
    Weekday(u8),
    /// A date.
    Date(Date),
}

impl fmt::Display for HoursOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkingDay => f.write_str("working_day"),
            Self::Weekday(day) => write!(f, "iso_weekday {day}"),
            Self::Date(date) => write!(f, "date {date}"),
        }
    }
}

/// Facts that make no opening hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HoursError {
    /// A working day without any hour.
    #[error("the hours of working_day are empty; name at least one time during which the centre is open")]
    NeverOpen,
    /// An interval that ends before, or when, it begins.
    #[error(
        "the hours of {of} have {interval}, which holds no time; write when the doors open, then when they close"
    )]
    NoTime {
        /// The list.
        of: HoursOf,
        /// The entry.
        interval: OpenInterval,
    },
    /// Intervals that overlap or come in the wrong order.
    #[error("the hours of {of} have {next} after {earlier}; write them in order, without overlap")]
    OutOfOrder {
        /// The list.
        of: HoursOf,
        /// The entry before.
        earlier: OpenInterval,
        /// The entry.
        next: OpenInterval,
    },
    /// A day that no week has.
    #[error("the hours name iso_weekday {found}; days go from 1 (Monday) to 7 (Sunday)")]
    Weekday {
        /// The entry.
        found: u8,
    },
    /// A day or date that is named twice.
    #[error("the hours of {of} are given twice; remove one")]
    Twice {
        /// The day.
        of: HoursOf,
    },
    /// More dates than may be walked through.
    #[error("the hours name {found} dates, and {OWN_DATES_MAX} is the most; leave out those long gone")]
    TooManyDates {
        /// How many dates the document has.
        found: usize,
    },
}

/// The hours of one day, with their sum.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Day {
    open: Vec<OpenInterval>,
    micros: i64,
}

impl Day {
    fn new(of: HoursOf, open: Vec<OpenInterval>) -> Result<Self, HoursError> {
        if let Some(interval) = open.iter().find(|interval| interval.until() <= interval.from()) {
            return Err(HoursError::NoTime {
                of,
                interval: *interval,
            });
        }
        let pairs = open.iter().zip(open.iter().skip(1));
        if let Some((earlier, next)) = pairs.into_iter().find(|(one, next)| next.from() < one.until()) {
            return Err(HoursError::OutOfOrder {
                of,
                earlier: *earlier,
                next: *next,
            });
        }
        let micros = open
            .iter()
            .map(|one| one.until().micros() - one.from().micros())
            .sum();
        Ok(Self { open, micros })
    }

    /// How long the day is open before `micros` after its beginning.
    fn before(&self, micros: i64) -> i64 {
        self.open
            .iter()
            .map(|one| (micros.min(one.until().micros()) - one.from().micros()).max(0))
            .sum()
    }

    /// Where on the day `micros` of open time have passed; none when the day has less.
    fn after(&self, micros: i64) -> Option<i64> {
        let mut left = micros;
        for one in &self.open {
            let length = one.until().micros() - one.from().micros();
            if left <= length {
                return Some(one.from().micros() + left);
            }
            left -= length;
        }
        None
    }
}

/// When a centre is open on its working days: checked facts.
///
/// A date's own hours come before those of its weekday, and those before the hours of a working day. Hours alone make no
/// working day: those of a Saturday count on the Saturdays that the calendar makes working days. In text it is its
/// [`HoursFacts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningHours {
    working_day: Day,
    weekdays: BTreeMap<u8, Day>,
    dates: BTreeMap<Date, Day>,
}

impl OpeningHours {
    /// The hours of these facts. Weekdays and dates may come in any order, and are kept sorted; times come in order.
    ///
    /// # Errors
    ///
    /// [`HoursError`] with the first entry that cannot be: a time that ends before it begins, times that overlap or are
    /// out of order, a weekday that is none, a day given twice.
    pub fn new(facts: HoursFacts) -> Result<Self, HoursError> {
        if facts.working_day.is_empty() {
            return Err(HoursError::NeverOpen);
        }
        if facts.dates.len() > OWN_DATES_MAX {
            return Err(HoursError::TooManyDates {
                found: facts.dates.len(),
            });
        }
        let working_day = Day::new(HoursOf::WorkingDay, facts.working_day)?;
        let mut weekdays = BTreeMap::new();
        for own in facts.weekdays {
            let (weekday, of) = (own.iso_weekday, HoursOf::Weekday(own.iso_weekday));
            if !(1..=7).contains(&weekday) {
                return Err(HoursError::Weekday { found: weekday });
            }
            if weekdays.insert(weekday, Day::new(of, own.open)?).is_some() {
                return Err(HoursError::Twice { of });
            }
        }
        let mut dates = BTreeMap::new();
        for own in facts.dates {
            let of = HoursOf::Date(own.date);
            if dates.insert(own.date, Day::new(of, own.open)?).is_some() {
                return Err(HoursError::Twice { of });
            }
        }
        Ok(Self {
            working_day,
            weekdays,
            dates,
        })
    }

    /// The same hours on every working day.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// ```
    /// # use guichet_core::hours::{OpenInterval, OpeningHours, TimeOfDay};
    /// let hours = |from, until| Some(OpenInterval::new(TimeOfDay::new(from, 0)?, TimeOfDay::new(until, 0)?));
    /// let nine_to_five = OpeningHours::daily([hours(9, 17).ok_or("no such time")?])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn daily(open: impl IntoIterator<Item = OpenInterval>) -> Result<Self, HoursError> {
        Self::new(HoursFacts {
            working_day: open.into_iter().collect(),
            weekdays: Vec::new(),
            dates: Vec::new(),
        })
    }

    /// The facts that these hours are made of, days and dates sorted.
    #[must_use]
    pub fn facts(&self) -> HoursFacts {
        let weekday = |(day, own): (&u8, &Day)| WeekdayHours {
            iso_weekday: *day,
            open: own.open.clone(),
        };
        let date = |(date, own): (&Date, &Day)| DateHours {
            date: *date,
            open: own.open.clone(),
        };
        HoursFacts {
            working_day: self.working_day.open.clone(),
            weekdays: self.weekdays.iter().map(weekday).collect(),
            dates: self.dates.iter().map(date).collect(),
        }
    }

    /// The hours that `date` has if it is a working day.
    #[must_use]
    pub fn on(&self, date: Date) -> &[OpenInterval] {
        &self.day(date).open
    }

    fn day(&self, date: Date) -> &Day {
        self.dates.get(&date).unwrap_or_else(|| self.weekday(date))
    }

    fn weekday(&self, date: Date) -> &Day {
        self.weekdays
            .get(&date.iso_weekday())
            .unwrap_or(&self.working_day)
    }
}

impl Serialize for OpeningHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.facts().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OpeningHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(HoursFacts::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A length of time during which a centre is open, to the microsecond.
///
/// ```
/// # use guichet_core::hours::WorkingTime;
/// assert_eq!(WorkingTime::hours(1), WorkingTime::minutes(60));
/// assert_eq!(WorkingTime::minutes(181).to_string(), "3 h 01 min");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WorkingTime(u64);

impl WorkingTime {
    /// `hours` hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self(hours as u64 * 3_600_000_000)
    }

    /// `minutes` minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self(minutes as u64 * 60_000_000)
    }

    /// `micros` microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Its microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Both lengths together, held inside the representable range.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of it when `other` is taken away.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// A sum of open time. It is never negative.
    fn of(micros: i64) -> Self {
        Self(u64::try_from(micros).unwrap_or_default())
    }

    /// No calendar holds more time than fits.
    fn signed(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for WorkingTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, micros) = (self.0 / 60_000_000, self.0 % 60_000_000);
        write!(f, "{} h {:02} min", minutes / 60, minutes % 60)?;
        match (micros / 1_000_000, micros % 1_000_000) {
            (0, 0) => Ok(()),
            (seconds, 0) => write!(f, " {seconds:02} s"),
            (seconds, rest) => write!(f, " {seconds:02}.{rest:06} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY_MICROS, date};

    fn at(hour: u8, minute: u8) -> TimeOfDay {
        TimeOfDay::new(hour, minute).unwrap()
    }

    pub(super) fn open(from: u8, until: u8) -> OpenInterval {
        OpenInterval::new(at(from, 0), at(until, 0))
    }

    fn facts(working_day: impl IntoIterator<Item = OpenInterval>) -> HoursFacts {
        OpeningHours::daily(working_day).unwrap().facts()
    }

    /// Half an hour less on Fridays, four hours on Saturdays, the 17th closed at noon and the 6th open all the same.
    pub(super) fn uneven() -> OpeningHours {
        let mut facts = facts([open(9, 12), open(13, 17)]);
        facts.weekdays = vec![
            WeekdayHours {
                iso_weekday: 6,
                open: vec![open(8, 12)],
            },
            WeekdayHours {
                iso_weekday: 5,
                open: vec![open(9, 12), OpenInterval::new(at(13, 0), at(16, 30))],
            },
        ];
        let noon = |day| DateHours {
            date: date(2010, 3, day),
            open: vec![open(9, 12)],
        };
        facts.dates = vec![noon(17), noon(6)];
        OpeningHours::new(facts).unwrap()
    }

    #[test]
    fn hours_survive_their_document_with_days_and_dates_sorted() {
        let hours = uneven();
        let text = serde_json::to_string(&hours).unwrap();
        assert_eq!(
            text,
            r#"{"working_day":[["09:00","12:00"],["13:00","17:00"]],"weekdays":[{"iso_weekday":5,"open":[["09:00","12:00"],["13:00","16:30"]]},{"iso_weekday":6,"open":[["08:00","12:00"]]}],"dates":[{"date":"2010-03-06","open":[["09:00","12:00"]]},{"date":"2010-03-17","open":[["09:00","12:00"]]}]}"#
        );
        assert_eq!(serde_json::from_str::<OpeningHours>(&text).unwrap(), hours);
    }

    #[test]
    fn a_document_that_makes_no_hours_is_refused_with_its_reason() {
        let read = |text: &str| {
            serde_json::from_str::<OpeningHours>(text)
                .unwrap_err()
                .to_string()
        };
        let day = |list: &str| format!(r#"{{"working_day": {list}}}"#);
        assert_eq!(
            read(&day("[]")),
            "the hours of working_day are empty; name at least one time during which the centre is open"
        );
        assert_eq!(
            read(&day(r#"[["12:00", "12:00"]]"#)),
            "the hours of working_day have 12:00–12:00, which holds no time; write when the doors open, then when they \
             close"
        );
        assert_eq!(
            read(&day(r#"[["09:00", "12:00"], ["11:59", "17:00"]]"#)),
            "the hours of working_day have 11:59–17:00 after 09:00–12:00; write them in order, without overlap"
        );
        let misspelt = read(r#"{"working_day": [["09:00", "12:00"]], "weekday": []}"#);
        assert!(misspelt.starts_with("unknown field `weekday`"), "{misspelt}");
        let seconds = read(&day(r#"[["09:00", "12:00:30"]]"#));
        assert!(
            seconds.starts_with(
                "`12:00:30` is no time of day in whole minutes; write it like 09:30, 24:00 at the latest"
            ),
            "{seconds}"
        );
    }

    #[test]
    fn a_day_that_cannot_be_is_named() {
        let with = |change: fn(&mut HoursFacts)| {
            let mut facts = facts([open(9, 17)]);
            change(&mut facts);
            OpeningHours::new(facts)
        };
        assert_eq!(
            with(|facts| facts.weekdays = vec![WeekdayHours {
                iso_weekday: 0,
                open: vec![]
            }]),
            Err(HoursError::Weekday { found: 0 })
        );
        assert_eq!(
            with(|facts| facts.weekdays = vec![WeekdayHours {
                iso_weekday: 8,
                open: vec![]
            }]),
            Err(HoursError::Weekday { found: 8 })
        );
        assert_eq!(
            with(|facts| facts.weekdays = vec![
                WeekdayHours {
                    iso_weekday: 7,
                    open: vec![]
                };
                2
            ]),
            Err(HoursError::Twice {
                of: HoursOf::Weekday(7)
            })
        );
        let day = date(2010, 3, 1);
        assert_eq!(
            with(|facts| facts.dates = vec![
                DateHours {
                    date: date(2010, 3, 1),
                    open: vec![]
                };
                2
            ]),
            Err(HoursError::Twice {
                of: HoursOf::Date(day)
            })
        );
        assert_eq!(
            with(|facts| facts.dates = vec![DateHours {
                date: date(2010, 3, 1),
                open: vec![open(9, 8)]
            }]),
            Err(HoursError::NoTime {
                of: HoursOf::Date(day),
                interval: open(9, 8)
            })
        );
        assert_eq!(
            HoursError::Twice {
                of: HoursOf::Date(day)
            }
            .to_string(),
            "the hours of date 2010-03-01 are given twice; remove one"
        );
        assert_eq!(
            HoursError::Twice {
                of: HoursOf::Weekday(7)
            }
            .to_string(),
            "the hours of iso_weekday 7 are given twice; remove one"
        );
    }

    #[test]
    fn dates_with_their_own_hours_have_a_bound() {
        let dates = |count: usize| {
            let mut facts = facts([open(9, 17)]);
            facts.dates = (0..i32::try_from(count).unwrap())
                .map(|days| DateHours {
                    date: Date::from_days(days),
                    open: vec![],
                })
                .collect();
            OpeningHours::new(facts).map(|hours| hours.dates.len())
        };
        assert_eq!(dates(OWN_DATES_MAX), Ok(OWN_DATES_MAX));
        assert_eq!(
            dates(OWN_DATES_MAX + 1),
            Err(HoursError::TooManyDates {
                found: OWN_DATES_MAX + 1
            })
        );
    }

    #[test]
    fn times_that_touch_are_in_order() {
        let hours = OpeningHours::daily([open(0, 12), open(12, 24)]).unwrap();
        assert_eq!(hours.working_day.micros, DAY_MICROS);
    }

    #[test]
    fn a_date_comes_before_its_weekday_and_a_weekday_before_the_working_day() {
        let hours = uneven();
        assert_eq!(hours.on(date(2010, 3, 4)), [open(9, 12), open(13, 17)]);
        assert_eq!(hours.on(date(2010, 3, 13)), [open(8, 12)]);
        assert_eq!(hours.on(date(2010, 3, 6)), [open(9, 12)]);
        assert_eq!(hours.on(date(2010, 3, 17)), [open(9, 12)]);
    }

    #[test]
    fn a_length_of_working_time_is_told_exactly() {
        for (micros, text) in [
            (0, "0 h 00 min"),
            (3_600_000_000, "1 h 00 min"),
            (61_000_000, "0 h 01 min 01 s"),
            (1, "0 h 00 min 00.000001 s"),
        ] {
            assert_eq!(WorkingTime::from_micros(micros).to_string(), text);
        }
        let (short, long) = (WorkingTime::minutes(1), WorkingTime::hours(2));
        assert_eq!(long.saturating_sub(short).as_micros(), 119 * 60_000_000);
        assert_eq!(short.saturating_sub(long), WorkingTime::default());
        assert_eq!(long.saturating_add(short), WorkingTime::minutes(121));
    }
}
