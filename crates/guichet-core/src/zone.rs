//! The zone: where the wall clock of a service centre stands, clock changes included.
//!
//! Zones come from the copy of the IANA database that is built in, never from the machine: the same log gives the same
//! answer anywhere.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{self, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::{DAY_MICROS, Date, Offset, TimeError, Timestamp, excerpt};

/// A date and a time of day on a wall clock, to the microsecond: what people read, before anyone says where.
///
/// Text form: `2010-03-01T09:30:00`.
///
/// ```
/// # use guichet_core::{time::date, zone::LocalTime};
/// let noon = LocalTime::new(date(2010, 3, 1), 12 * 3_600 * 1_000_000);
/// assert_eq!(noon.date(), date(2010, 3, 1));
/// assert_eq!(noon.to_string(), "2010-03-01T12:00:00");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(i64);

impl LocalTime {
    /// The time `micros` microseconds after the beginning of `date`, held inside the representable range.
    #[must_use]
    pub const fn new(date: Date, micros: i64) -> Self {
        Self(
            (date.days() as i64)
                .saturating_mul(DAY_MICROS)
                .saturating_add(micros),
        )
    }

    /// The beginning of `date`.
    #[must_use]
    pub const fn midnight(date: Date) -> Self {
        Self::new(date, 0)
    }

    /// The date.
    #[must_use]
    pub fn date(self) -> Date {
        Date::from_days(i32::try_from(self.0.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX))
    }

    /// Microseconds since the beginning of the date: below those of 24 hours.
    #[must_use]
    pub const fn micros_of_day(self) -> i64 {
        self.0.rem_euclid(DAY_MICROS)
    }

    /// The date, and on it a time of day that may be 24:00: for a time that ends something.
    pub(crate) fn as_end(self) -> (Date, i64) {
        match self.micros_of_day() {
            0 => (self.date().plus_days(-1), DAY_MICROS),
            micros => (self.date(), micros),
        }
    }

    /// The same time of day `days` later.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self::new(self.date().plus_days(days), self.micros_of_day())
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.micros_of_day() / 1_000_000, self.micros_of_day() % 1_000_000);
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        write!(f, "{}T{hours:02}:{minutes:02}:{:02}", self.date(), seconds % 60)?;
        if micros > 0 {
            write!(f, ".{micros:06}")?;
        }
        Ok(())
    }
}

/// Where a wall clock stands: at a fixed distance from UTC, or by the rules of a named zone.
///
/// Text form: what was written, `+08:00` or a name of the IANA database in its own letters. Cheap to clone.
///
/// ```
/// # use guichet_core::{time::Timestamp, zone::Zone};
/// let amsterdam: Zone = "Europe/Amsterdam".parse()?;
/// let before: Timestamp = "2011-03-26T12:00:00Z".parse()?;
/// assert_eq!(amsterdam.local(before).to_string(), "2011-03-26T13:00:00");
/// // The clock goes forward in the night, so the same time of day comes an hour early.
/// assert_eq!(amsterdam.days_later(before, 1).to_string(), "2011-03-27T11:00:00Z");
/// # Ok::<(), guichet_core::time::TimeError>(())
/// ```
#[derive(Clone)]
pub struct Zone(Kind);

#[derive(Clone)]
enum Kind {
    Fixed(Offset),
    Named(TimeZone),
}

impl Zone {
    /// UTC itself.
    pub const UTC: Self = Self(Kind::Fixed(Offset::UTC));

    /// The distance from UTC, where it is fixed.
    #[must_use]
    pub const fn fixed(&self) -> Option<Offset> {
        match self.0 {
            Kind::Fixed(offset) => Some(offset),
            Kind::Named(_) => None,
        }
    }

    /// The date on the wall at an instant.
    #[must_use]
    pub fn date(&self, instant: Timestamp) -> Date {
        match &self.0 {
            Kind::Fixed(offset) => instant.date_at(*offset),
            Kind::Named(_) => self.local(instant).date(),
        }
    }

    /// The date and time on the wall at an instant.
    #[must_use]
    pub fn local(&self, instant: Timestamp) -> LocalTime {
        LocalTime(instant.as_micros().saturating_add(self.offset_micros(instant)))
    }

    /// The instant at which the wall shows `local`.
    ///
    /// A time that a clock change leaves out is read with the distance from UTC before the change, so it moves forward
    /// by the length of the gap; of a time that occurs twice the first one is meant. Source: RFC 5545, 3.3.5.
    ///
    /// ```
    /// # use guichet_core::{time::date, zone::{LocalTime, Zone}};
    /// let new_york: Zone = "America/New_York".parse()?;
    /// let half_past = |day, hour: i64| LocalTime::new(day, (hour * 60 + 30) * 60_000_000);
    /// // The two examples of the standard.
    /// let left_out = new_york.instant(half_past(date(2007, 3, 11), 2));
    /// assert_eq!(new_york.local(left_out), half_past(date(2007, 3, 11), 3));
    /// let twice = new_york.instant(half_past(date(2007, 11, 4), 1));
    /// assert_eq!(twice.to_string(), "2007-11-04T05:30:00Z");
    /// # Ok::<(), guichet_core::time::TimeError>(())
    /// ```
    #[must_use]
    pub fn instant(&self, local: LocalTime) -> Timestamp {
        let found = match &self.0 {
            Kind::Fixed(offset) => {
                return Timestamp::from_micros(local.0.saturating_sub(micros_of(*offset)));
            }
            Kind::Named(zone) => {
                let wall = tz::Offset::UTC.to_datetime(clamped(local.0));
                zone.to_ambiguous_timestamp(wall).compatible()
            }
        };
        match found {
            Ok(instant) if clamped(local.0).as_microsecond() == local.0 => {
                Timestamp::from_micros(instant.as_microsecond())
            }
            // At the ends of what has a civil date there is no clock change to look for.
            Ok(_) | Err(_) => {
                let offset = self.offset_micros(Timestamp::from_micros(local.0));
                Timestamp::from_micros(local.0.saturating_sub(offset))
            }
        }
    }

    /// The instant at which the wall shows the same time of day `days` later; as [`instant`](Self::instant) where a clock
    /// change leaves that time out or repeats it.
    #[must_use]
    pub fn days_later(&self, instant: Timestamp, days: i32) -> Timestamp {
        if days == 0 {
            // The second of two equal times would otherwise become the first.
            return instant;
        }
        self.instant(self.local(instant).plus_days(days))
    }

    /// The times from `start` to `end` during which the clock does not change, in order, each with its distance from UTC.
    pub(crate) fn steady(&self, start: Timestamp, end: Timestamp) -> Steady<'_> {
        Steady {
            offset: self.offset_micros(start),
            changes: match &self.0 {
                Kind::Fixed(_) => None,
                Kind::Named(zone) => Some(zone.following(clamped(start.as_micros()))),
            },
            start: start.as_micros(),
            end: end.as_micros(),
        }
    }

    fn offset_micros(&self, instant: Timestamp) -> i64 {
        match &self.0 {
            Kind::Fixed(offset) => micros_of(*offset),
            Kind::Named(zone) => jiff_micros(zone.to_offset(clamped(instant.as_micros()))),
        }
    }
}

/// A time during which the clock does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// What the wall shows at its beginning.
    pub(crate) from: LocalTime,
    /// What the wall would show at its end if the clock did not change then.
    pub(crate) until: LocalTime,
    offset: i64,
}

impl Stretch {
    /// The instant at which the wall shows `local` during this time.
    pub(crate) const fn instant(&self, local: LocalTime) -> Timestamp {
        Timestamp::from_micros(local.0.saturating_sub(self.offset))
    }
}

/// The iterator of [`Zone::steady`].
pub(crate) struct Steady<'z> {
    changes: Option<tz::TimeZoneFollowingTransitions<'z>>,
    offset: i64,
    start: i64,
    end: i64,
}

impl Iterator for Steady<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        if self.start >= self.end {
            return None;
        }
        // A change of name or of daylight saving alone is no clock change.
        let offset = self.offset;
        let change = self
            .changes
            .as_mut()
            .and_then(|changes| changes.find(|change| jiff_micros(change.offset()) != offset));
        let at = change.as_ref().map_or(self.end, |change| {
            change.timestamp().as_microsecond().min(self.end)
        });
        let stretch = Stretch {
            from: LocalTime(self.start.saturating_add(offset)),
            until: LocalTime(at.saturating_add(offset)),
            offset,
        };
        self.start = at;
        self.offset = change.map_or(offset, |change| jiff_micros(change.offset()));
        Some(stretch)
    }
}

const fn micros_of(offset: Offset) -> i64 {
    Date::from_days(0)
        .midnight_at(offset)
        .as_micros()
        .saturating_neg()
}

fn jiff_micros(offset: tz::Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000_000
}

/// The nearest instant that has a civil date.
fn clamped(micros: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl From<Offset> for Zone {
    fn from(offset: Offset) -> Self {
        Self(Kind::Fixed(offset))
    }
}

impl FromStr for Zone {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        if text.starts_with(['+', '-']) {
            return text.parse().map(|offset| Self(Kind::Fixed(offset)));
        }
        TimeZoneDatabase::bundled()
            .get(text)
            .ok()
            // Other letters for the same name would be another text for the same zone.
            .filter(|zone| zone.iana_name() == Some(text))
            .map(|zone| Self(Kind::Named(zone)))
            .ok_or_else(|| TimeError::Zone(excerpt(text)))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Fixed(offset) => offset.fmt(f),
            Kind::Named(zone) => f.write_str(zone.iana_name().unwrap_or_default()),
        }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({self})")
    }
}

impl PartialEq for Zone {
    /// Whether both were written alike: two names with the same rules today may part tomorrow.
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Fixed(one), Kind::Fixed(other)) => one == other,
            (Kind::Named(one), Kind::Named(other)) => one.iana_name() == other.iana_name(),
            (Kind::Fixed(_), Kind::Named(_)) | (Kind::Named(_), Kind::Fixed(_)) => false,
        }
    }
}

impl Eq for Zone {}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::date;

    const HOUR: i64 = 3_600 * 1_000_000;

    fn zone(text: &str) -> Zone {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_zone_survives_its_text_as_it_was_written() {
        for text in [
            "+08:00",
            "-03:30",
            "Europe/Amsterdam",
            "Asia/Shanghai",
            "UTC",
            "Asia/Calcutta",
        ] {
            let zone = zone(text);
            assert_eq!(zone.to_string(), text);
            let json = serde_json::to_string(&zone).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Zone>(&json).unwrap(), zone);
        }
    }

    #[test]
    fn two_spellings_are_two_zones() {
        assert_eq!(zone("Asia/Shanghai"), zone("Asia/Shanghai"));
        assert_ne!(zone("Asia/Kolkata"), zone("Asia/Calcutta"));
        assert_ne!(zone("Asia/Shanghai"), zone("+08:00"));
        assert_ne!(zone("+07:00"), zone("+08:00"));
    }

    #[test]
    fn what_names_no_zone_is_told_in_the_error() {
        for text in [
            "",
            "Europe/Atlantis",
            "europe/amsterdam",
            "Etc/Unknown",
            "CET ",
            "08:00",
            "Z",
        ] {
            assert_eq!(
                text.parse::<Zone>(),
                Err(TimeError::Zone(text.to_owned())),
                "{text}"
            );
        }
        assert_eq!("+8".parse::<Zone>(), Err(TimeError::Offset("+8".to_owned())));
        assert_eq!(
            "Europe/Atlantis".parse::<Zone>().unwrap_err().to_string(),
            "`Europe/Atlantis` is no zone; write an IANA name in its own letters like Europe/Amsterdam, or a distance \
             from UTC like +08:00"
        );
    }

    #[test]
    fn a_fixed_distance_and_a_zone_without_clock_changes_agree() {
        let (fixed, named) = (zone("+08:00"), zone("Asia/Shanghai"));
        assert_eq!(fixed.fixed(), Some(Offset::hours(8)));
        assert_eq!(named.fixed(), None);
        for text in [
            "2010-03-01T15:59:59.999999Z",
            "2010-03-01T16:00:00Z",
            "2026-01-01T00:00:00Z",
        ] {
            let instant = at(text);
            assert_eq!(fixed.local(instant), named.local(instant));
            assert_eq!(fixed.date(instant), named.date(instant));
            assert_eq!(fixed.instant(fixed.local(instant)), instant);
            assert_eq!(named.instant(named.local(instant)), instant);
            assert_eq!(fixed.days_later(instant, -40), named.days_later(instant, -40));
        }
    }

    #[test]
    fn a_time_left_out_moves_forward_over_the_gap() {
        let amsterdam = zone("Europe/Amsterdam");
        let left_out = LocalTime::new(date(2011, 3, 27), 2 * HOUR + HOUR / 2);
        assert_eq!(amsterdam.instant(left_out), at("2011-03-27T01:30:00Z"));
        assert_eq!(
            amsterdam.local(at("2011-03-27T01:30:00Z")).to_string(),
            "2011-03-27T03:30:00"
        );
    }

    #[test]
    fn of_a_time_that_occurs_twice_the_first_is_meant() {
        let amsterdam = zone("Europe/Amsterdam");
        let twice = LocalTime::new(date(2011, 10, 30), 2 * HOUR + HOUR / 2);
        assert_eq!(amsterdam.instant(twice), at("2011-10-30T00:30:00Z"));
        assert_eq!(amsterdam.local(at("2011-10-30T01:30:00Z")), twice);
        // No day later is the same instant, even the second of the two.
        assert_eq!(
            amsterdam.days_later(at("2011-10-30T01:30:00Z"), 0),
            at("2011-10-30T01:30:00Z")
        );
    }

    #[test]
    fn weeks_later_the_wall_shows_the_same_time() {
        let amsterdam = zone("Europe/Amsterdam");
        assert_eq!(
            amsterdam.days_later(at("2011-02-14T09:15:27.5Z"), 56),
            at("2011-04-11T08:15:27.5Z")
        );
        assert_eq!(
            amsterdam.days_later(at("2011-09-29T10:00:00Z"), 98),
            at("2012-01-05T11:00:00Z")
        );
        assert_eq!(
            amsterdam.days_later(at("2012-01-05T11:00:00Z"), -98),
            at("2011-09-29T10:00:00Z")
        );
    }

    #[test]
    fn between_two_clock_changes_time_is_steady() {
        let stockholm = zone("Europe/Stockholm");
        let stretches: Vec<_> = stockholm
            .steady(at("2011-03-26T23:00:00Z"), at("2011-11-01T00:00:00Z"))
            .map(|stretch| {
                let start = stretch.instant(stretch.from);
                format!("{} to {} from {start}", stretch.from, stretch.until)
            })
            .collect();
        assert_eq!(
            stretches,
            [
                "2011-03-27T00:00:00 to 2011-03-27T02:00:00 from 2011-03-26T23:00:00Z",
                "2011-03-27T03:00:00 to 2011-10-30T03:00:00 from 2011-03-27T01:00:00Z",
                "2011-10-30T02:00:00 to 2011-11-01T01:00:00 from 2011-10-30T01:00:00Z",
            ]
        );
        let none = at("2011-03-26T23:00:00Z");
        assert_eq!(stockholm.steady(none, none).count(), 0);
        assert_eq!(zone("+01:00").steady(none, at("2031-01-01T00:00:00Z")).count(), 1);
    }

    #[test]
    fn a_stretch_may_begin_at_a_clock_change_and_end_at_one() {
        let stockholm = zone("Europe/Stockholm");
        let (spring, autumn) = (at("2011-03-27T01:00:00Z"), at("2011-10-30T01:00:00Z"));
        let summer: Vec<_> = stockholm.steady(spring, autumn).collect();
        assert_eq!(summer.len(), 1);
        assert_eq!(summer[0].from.to_string(), "2011-03-27T03:00:00");
        assert_eq!(summer[0].until.to_string(), "2011-10-30T03:00:00");
    }

    #[test]
    fn at_the_ends_of_time_nothing_overflows() {
        let ends = [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX].map(Timestamp::from_micros);
        for zone in ["+23:59", "-23:59", "Europe/Amsterdam", "America/St_Johns"].map(zone) {
            for instant in ends {
                let local = zone.local(instant);
                let _ = (zone.date(instant), zone.instant(local), local.to_string());
                let _ = (
                    zone.days_later(instant, i32::MAX),
                    zone.days_later(instant, i32::MIN),
                );
                assert!(zone.steady(instant, instant).next().is_none());
                assert!(zone.steady(instant, ends[5]).take(3).count() <= 3);
            }
        }
    }
}
