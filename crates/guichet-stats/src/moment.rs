//! A moment as a source knows it: an instant, or what a wall clock showed.

use guichet_core::time::{Date, Timestamp};
use guichet_core::zone::{LocalTime, Zone};

/// The milliseconds of a day without a clock change.
pub(crate) const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// A moment, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// What the wall showed, as milliseconds since 1970-01-01T00:00:00 on that wall: the source says no distance from UTC.
    Wall(i64),
}

impl Moment {
    /// An instant of the log.
    pub(crate) fn at(instant: Timestamp) -> Self {
        Self::Instant(millis(instant))
    }

    /// The last millisecond of a day by the clock of the centre.
    pub(crate) fn end_of(day: Date) -> Self {
        Self::Wall(i64::from(day.days()) * DAY_MS + DAY_MS - 1)
    }

    /// Reads RFC 3339, or the same without a distance from UTC.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(Self::at(instant));
        }
        let (day, time) = text.split_at_checked(10)?;
        let day: Date = day.parse().ok()?;
        let time = time.strip_prefix(['T', 't', ' '])?;
        Some(Self::Wall(i64::from(day.days()) * DAY_MS + millis_of_day(time)?))
    }

    /// The instant, by the clock of a zone.
    pub(crate) fn instant_ms(self, zone: &Zone) -> i64 {
        match self {
            Self::Instant(ms) => ms,
            Self::Wall(ms) => {
                let day = Date::from_days(i32::try_from(ms.div_euclid(DAY_MS)).unwrap_or(i32::MAX));
                millis(zone.instant(LocalTime::new(day, ms.rem_euclid(DAY_MS) * 1_000)))
            }
        }
    }

    /// What the wall shows in a zone, as milliseconds.
    pub(crate) fn wall_ms(self, zone: &Zone) -> i64 {
        match self {
            Self::Instant(ms) => {
                let local = zone.local(timestamp(ms));
                i64::from(local.date().days()) * DAY_MS + local.micros_of_day() / 1_000
            }
            Self::Wall(ms) => ms,
        }
    }

    /// The date on the wall.
    pub(crate) fn date(self, zone: &Zone) -> Date {
        match self {
            Self::Instant(ms) => zone.date(timestamp(ms)),
            Self::Wall(ms) => Date::from_days(i32::try_from(ms.div_euclid(DAY_MS)).unwrap_or(i32::MAX)),
        }
    }

    /// From this moment to another one, below zero where that comes first: between instants where both are, and else on
    /// the wall.
    pub(crate) fn until_ms(self, other: Self, zone: &Zone) -> i64 {
        match (self, other) {
            (Self::Instant(from), Self::Instant(to)) => to - from,
            (Self::Instant(_) | Self::Wall(_), _) => other.wall_ms(zone) - self.wall_ms(zone),
        }
    }
}

/// Whole milliseconds of an instant.
pub(crate) fn millis(instant: Timestamp) -> i64 {
    instant.as_micros().div_euclid(1_000)
}

/// The instant of some milliseconds.
pub(crate) fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_micros(ms.saturating_mul(1_000))
}

/// `HH:MM`, `HH:MM:SS` or that with a fraction.
fn millis_of_day(time: &str) -> Option<i64> {
    let mut parts = time.splitn(3, ':');
    let mut two_digits = |max: i64| {
        let part = parts.next()?;
        let (number, fraction) = part.split_once(['.', ',']).map_or((part, ""), |both| both);
        let is_number = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
        let number = is_number.then(|| number.parse::<i64>().ok()).flatten()?;
        (number <= max).then_some((number, fraction))
    };
    let ((hours, no), (minutes, fraction_too)) = (two_digits(23)?, two_digits(59)?);
    if !no.is_empty() || !fraction_too.is_empty() {
        return None;
    }
    let (seconds, fraction) = if time.len() == 5 { (0, "") } else { two_digits(59)? };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let millis = fraction
        .bytes()
        .chain([b'0'; 3])
        .take(3)
        .fold(0, |n, digit| n * 10 + i64::from(digit - b'0'));
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis)
}

/// An instant as statistics write it: RFC 3339 in UTC, always with three digits of milliseconds.
pub(crate) fn written(ms: i64) -> String {
    let (day, of_day) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    let day = Date::from_days(i32::try_from(day).unwrap_or(i32::MAX));
    let (seconds, millis) = (of_day / 1_000, of_day % 1_000);
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{day}T{hours:02}:{minutes:02}:{:02}.{millis:03}Z", seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Moment {
        Moment::read(text).unwrap()
    }

    #[test]
    fn a_moment_with_its_distance_from_utc_is_an_instant_and_one_without_is_a_wall() {
        assert_eq!(wall("1970-01-01T01:00:00.0129+01:00"), Moment::Instant(12));
        for text in [
            "1970-01-02T00:00:01.5",
            "1970-01-02 00:00:01.500",
            "1970-01-02T00:00:01.500999",
        ] {
            assert_eq!(wall(text), Moment::Wall(DAY_MS + 1_500), "{text}");
        }
        assert_eq!(wall("1970-01-02T00:01"), Moment::Wall(DAY_MS + 60_000));
        for text in [
            "",
            "1970-01-02",
            "1970-01-02T24:00:00",
            "1970-01-02T1:00:00",
            "1970-01-02T01:00:00.5x",
            "1970-01-02T01.5:00",
            "soon",
        ] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }

    #[test]
    fn walls_are_subtracted_as_they_stand_and_instants_as_time_passes() {
        let zone: Zone = "America/New_York".parse().unwrap();
        let (before, after) = (wall("2018-11-03T12:00:00"), wall("2018-11-04T12:00:00"));
        assert_eq!(before.until_ms(after, &zone), DAY_MS);
        let instants = [before, after].map(|moment| Moment::Instant(moment.instant_ms(&zone)));
        assert_eq!(instants[0].until_ms(instants[1], &zone), DAY_MS + 3_600_000);
        assert_eq!(
            instants[1].until_ms(before, &zone),
            -DAY_MS,
            "one wall is enough to count on the wall"
        );
    }

    #[test]
    fn instants_are_written_with_their_milliseconds() {
        assert_eq!(written(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(written(-1), "1969-12-31T23:59:59.999Z");
    }
}
