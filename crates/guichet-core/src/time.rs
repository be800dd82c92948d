//! Instants, dates and terms: the three kinds of time a case knows, and their text forms.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
///
/// Text form: RFC 3339 in UTC. In bytes: one signed integer.
///
/// ```
/// # use guichet_core::time::Timestamp;
/// let noon: Timestamp = "2010-03-01T12:00:00+08:00".parse()?;
/// assert_eq!(noon.to_string(), "2010-03-01T04:00:00Z");
/// # Ok::<(), guichet_core::time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant at `micros` microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The civil date of this instant at a fixed distance from UTC.
    ///
    /// ```
    /// # use guichet_core::time::{Offset, Timestamp, date};
    /// let late: Timestamp = "2010-03-01T20:00:00Z".parse()?;
    /// assert_eq!(late.date_at(Offset::hours(8)), date(2010, 3, 2));
    /// # Ok::<(), guichet_core::time::TimeError>(())
    /// ```
    #[must_use]
    pub fn date_at(self, offset: Offset) -> Date {
        let local = self.0.saturating_add(offset.as_micros());
        Date::from_days(i32::try_from(local.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX))
    }

    /// This instant moved by `micros`, held inside the representable range.
    #[must_use]
    pub const fn saturating_add_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
}

/// The length of a day without a clock change.
pub(crate) const DAY_MICROS: i64 = 86_400 * 1_000_000;

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant}"),
            Err(_) => write!(f, "{}µs", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        text.parse::<jiff::Timestamp>()
            .map(|instant| Self(instant.as_microsecond()))
            .map_err(|_| TimeError::Timestamp(excerpt(text)))
    }
}

/// A distance from UTC, in whole seconds: the wall clock of a service centre whose zone knows no clock change.
///
/// Text form: `+08:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Offset(i32);

impl Offset {
    /// UTC itself.
    pub const UTC: Self = Self(0);

    /// `hours` east of UTC.
    #[must_use]
    pub const fn hours(hours: i8) -> Self {
        Self(hours as i32 * 3_600)
    }

    const fn as_micros(self) -> i64 {
        self.0 as i64 * 1_000_000
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.abs() / 60;
        write!(
            f,
            "{}{:02}:{:02}",
            if self.0 < 0 { '-' } else { '+' },
            minutes / 60,
            minutes % 60
        )
    }
}

impl FromStr for Offset {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let read = || {
            let (sign, rest) = match text.split_at_checked(1)? {
                ("+", rest) => (1, rest),
                ("-", rest) => (-1, rest),
                _ => return None,
            };
            let (hours, minutes) = rest.split_once(':').filter(|_| rest.len() == 5)?;
            let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
            (hours < 24 && minutes < 60)
                .then_some(Self(sign * (i32::from(hours) * 60 + i32::from(minutes)) * 60))
        };
        read().ok_or_else(|| TimeError::Offset(excerpt(text)))
    }
}

impl Serialize for Offset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// A civil date, as a number of days since 1970-01-01, so that counting days is arithmetic.
///
/// Text form: `2010-03-01`. In bytes: one signed integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Date(i32);

/// The civil date `year`-`month`-`day`; a day that does not exist becomes the last one of its month.
///
/// ```
/// # use guichet_core::time::date;
/// assert_eq!(date(2010, 3, 1).to_string(), "2010-03-01");
/// assert_eq!(date(2010, 2, 31), date(2010, 2, 28));
/// ```
#[must_use]
pub fn date(year: i16, month: i8, day: i8) -> Date {
    let month = month.clamp(1, 12);
    let first = civil::Date::new(year.clamp(-9_998, 9_998), month, 1).unwrap_or(civil::Date::ZERO);
    let last = first.days_in_month();
    Date::of_civil(civil::Date::new(first.year(), month, day.clamp(1, last)).unwrap_or(first))
}

impl Date {
    /// A day after every other.
    pub const MAX: Self = Self(i32::MAX);

    /// The date `days` after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// This date moved by `days`, held inside the representable range.
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus_days(1)
    }

    /// The same day `months` later; where that month is shorter, its last day.
    ///
    /// ```
    /// # use guichet_core::time::date;
    /// assert_eq!(date(2010, 1, 31).plus_months(1), date(2010, 2, 28));
    /// ```
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let span = jiff::Span::new().try_months(months);
        match (self.civil(), span) {
            (Some(day), Ok(span)) => day.checked_add(span).map_or(self, Self::of_civil),
            (None, _) | (_, Err(_)) => self,
        }
    }

    /// The day of the week: Monday is 1, Sunday is 7 (ISO 8601).
    #[must_use]
    pub const fn iso_weekday(self) -> u8 {
        // 1970-01-01 was a Thursday. The remainder is in 0..7, so the cast keeps it.
        #[expect(clippy::cast_possible_truncation, reason = "rem_euclid(7) is in 0..7")]
        let weekday = (self.0 as i64 + 3).rem_euclid(7) as u8;
        weekday + 1
    }

    /// The year, month and day.
    #[must_use]
    pub fn ymd(self) -> (i16, i8, i8) {
        self.civil()
            .map_or((0, 1, 1), |day| (day.year(), day.month(), day.day()))
    }

    /// The instant at which this date begins at a fixed distance from UTC.
    #[must_use]
    pub const fn midnight_at(self, offset: Offset) -> Timestamp {
        Timestamp(
            (self.0 as i64)
                .saturating_mul(DAY_MICROS)
                .saturating_sub(offset.as_micros()),
        )
    }

    /// The instant `hour`:`minute` of this date at a fixed distance from UTC.
    #[must_use]
    pub const fn at(self, hour: u8, minute: u8, offset: Offset) -> Timestamp {
        let within = (hour as i64 * 60 + minute as i64) * 60_000_000;
        self.midnight_at(offset).saturating_add_micros(within)
    }

    fn civil(self) -> Option<civil::Date> {
        EPOCH.checked_add(jiff::Span::new().try_days(self.0).ok()?).ok()
    }

    fn of_civil(day: civil::Date) -> Self {
        Self(EPOCH.until(day).map_or(0, |span| span.get_days()))
    }
}

const EPOCH: civil::Date = civil::Date::constant(1970, 1, 1);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil() {
            Some(day) => write!(f, "{day}"),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl FromStr for Date {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        // Only the plain form: a date with a time or a zone behind it is a mistake worth naming.
        let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        plain
            .then(|| text.parse::<civil::Date>().ok())
            .flatten()
            .map(Self::of_civil)
            .ok_or_else(|| TimeError::Date(excerpt(text)))
    }
}

/// A length of time as a rule states it. The unit belongs to each term, never to a country.
///
/// Text form: a whole number and `wh` (working hours), `wd` (working days), `cd` (calendar days), `w` (weeks) or `mo`
/// (months).
///
/// ```
/// # use guichet_core::time::Term;
/// assert_eq!("20wd".parse::<Term>()?, Term::WorkingDays(20));
/// assert_eq!(Term::Months(2).to_string(), "2mo");
/// # Ok::<(), guichet_core::time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// Days on which the service centre works.
    WorkingDays(u16),
    /// Days of the calendar, whether anyone works or not.
    CalendarDays(u16),
    /// Weeks of seven calendar days.
    Weeks(u16),
    /// Months of the calendar.
    Months(u16),
    /// Hours during which the service centre is open.
    WorkingHours(u16),
}

impl Term {
    /// The number in front of the unit.
    #[must_use]
    pub const fn count(self) -> u16 {
        match self {
            Self::WorkingDays(n)
            | Self::CalendarDays(n)
            | Self::Weeks(n)
            | Self::Months(n)
            | Self::WorkingHours(n) => n,
        }
    }

    /// Whether two terms can be compared by their numbers.
    #[must_use]
    pub const fn same_unit(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::WorkingDays(_), Self::WorkingDays(_))
                | (Self::CalendarDays(_), Self::CalendarDays(_))
                | (Self::Weeks(_), Self::Weeks(_))
                | (Self::Months(_), Self::Months(_))
                | (Self::WorkingHours(_), Self::WorkingHours(_))
        )
    }

    /// This term made longer by `more`; another unit adds nothing.
    ///
    /// ```
    /// # use guichet_core::time::Term;
    /// assert_eq!(Term::WorkingDays(20).extended_by(Term::WorkingDays(10)), Term::WorkingDays(30));
    /// assert_eq!(Term::WorkingDays(20).extended_by(Term::Weeks(1)), Term::WorkingDays(20));
    /// ```
    #[must_use]
    pub const fn extended_by(self, more: Self) -> Self {
        match (self, more) {
            (Self::WorkingDays(n), Self::WorkingDays(m)) => Self::WorkingDays(n.saturating_add(m)),
            (Self::CalendarDays(n), Self::CalendarDays(m)) => Self::CalendarDays(n.saturating_add(m)),
            (Self::Weeks(n), Self::Weeks(m)) => Self::Weeks(n.saturating_add(m)),
            (Self::Months(n), Self::Months(m)) => Self::Months(n.saturating_add(m)),
            (Self::WorkingHours(n), Self::WorkingHours(m)) => Self::WorkingHours(n.saturating_add(m)),
            (
                Self::WorkingDays(_)
                | Self::CalendarDays(_)
                | Self::Weeks(_)
                | Self::Months(_)
                | Self::WorkingHours(_),
                _,
            ) => self,
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::WorkingDays(_) => "wd",
            Self::CalendarDays(_) => "cd",
            Self::Weeks(_) => "w",
            Self::Months(_) => "mo",
            Self::WorkingHours(_) => "wh",
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count(), self.unit())
    }
}

impl FromStr for Term {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::Term(excerpt(text));
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
        let number = number.parse().map_err(|_| wrong())?;
        match unit {
            "wd" => Ok(Self::WorkingDays(number)),
            "cd" => Ok(Self::CalendarDays(number)),
            "w" => Ok(Self::Weeks(number)),
            "mo" => Ok(Self::Months(number)),
            "wh" => Ok(Self::WorkingHours(number)),
            _ => Err(wrong()),
        }
    }
}

/// Text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// No RFC 3339 instant.
    #[error("`{0}` is no instant; write it with its distance from UTC, like 2010-03-01T09:30:00+08:00")]
    Timestamp(String),
    /// No ISO 8601 date.
    #[error("`{0}` is no date; write it like 2010-03-01")]
    Date(String),
    /// No distance from UTC.
    #[error("`{0}` is no distance from UTC; write it like +08:00")]
    Offset(String),
    /// No zone.
    #[error(
        "`{0}` is no zone; write an IANA name in its own letters like Europe/Amsterdam, or a distance from UTC like +08:00"
    )]
    Zone(String),
    /// No time of day.
    #[error("`{0}` is no time of day in whole minutes; write it like 09:30, 24:00 at the latest")]
    TimeOfDay(String),
    /// No term.
    #[error("`{0}` is no term; write a whole number up to 65535 and wh, wd, cd, w or mo, like 20wd")]
    Term(String),
}

/// The first characters of something hostile, for an error message of bounded length.
pub(crate) fn excerpt(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let mut short: String = text
        .chars()
        .take(CHARS_MAX)
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    if short.chars().count() < text.chars().count() {
        short.push('…');
    }
    short
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?
                .parse()
                .map_err(de::Error::custom)
        } else {
            i64::deserialize(deserializer).map(Self)
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?
                .parse()
                .map_err(de::Error::custom)
        } else {
            i32::deserialize(deserializer).map(Self)
        }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Tells the time. The only source of `now` in the house.
pub trait TimeSource: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_march_2010_was_a_monday() {
        assert_eq!(date(2010, 3, 1).iso_weekday(), 1);
        assert_eq!(date(1969, 12, 28).iso_weekday(), 7);
    }

    #[test]
    fn a_date_survives_its_text_and_its_number() {
        for day in [date(1969, 12, 31), date(2000, 2, 29), date(2026, 11, 23)] {
            assert_eq!(day.to_string().parse(), Ok(day));
            assert_eq!(Date::from_days(day.days()), day);
        }
    }

    #[test]
    fn what_is_no_date_is_named_in_the_error() {
        for text in ["2010-02-30", "2010-3-1", "01.03.2010", "", "2010-03-01T00:00"] {
            assert_eq!(text.parse::<Date>(), Err(TimeError::Date(text.to_owned())));
        }
    }

    #[test]
    fn a_term_needs_a_number_and_a_unit() {
        for text in ["", "20", "wd", "-1wd", "20 wd", "70000wd", "20days", "２０wd"] {
            assert_eq!(text.parse::<Term>(), Err(TimeError::Term(text.to_owned())));
        }
    }

    #[test]
    fn a_distance_from_utc_survives_its_text() {
        for text in ["+08:00", "-03:30", "+00:00"] {
            assert_eq!(
                text.parse::<Offset>().map(|offset| offset.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in ["", "8", "+8:00", "+24:00", "+08:60", "+08:00:00"] {
            assert_eq!(text.parse::<Offset>(), Err(TimeError::Offset(text.to_owned())));
        }
    }

    #[test]
    fn an_instant_without_its_distance_from_utc_is_refused() {
        assert_eq!(
            "2010-03-01T09:30:00".parse::<Timestamp>(),
            Err(TimeError::Timestamp("2010-03-01T09:30:00".into()))
        );
    }

    #[test]
    fn the_civil_date_follows_the_wall_clock_of_the_centre() {
        let eastern = Offset::hours(8);
        let opening = date(2010, 3, 1).at(8, 30, eastern);
        assert_eq!(opening.to_string(), "2010-03-01T00:30:00Z");
        assert_eq!(opening.date_at(eastern), date(2010, 3, 1));
        assert_eq!(
            date(2010, 3, 1).midnight_at(eastern).date_at(Offset::UTC),
            date(2010, 2, 28)
        );
    }
}
