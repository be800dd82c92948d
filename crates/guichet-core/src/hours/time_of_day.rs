//! Times of day in whole minutes, and the intervals between them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::{Date, TimeError, excerpt};
use crate::zone::LocalTime;

const MINUTE_MICROS: i64 = 60 * 1_000_000;
const DAY_MINUTES: u16 = 24 * 60;

/// A time of day in whole minutes, from 00:00 to 24:00.
///
/// Text form: `09:30`. In bytes: the minutes since midnight.
///
/// ```
/// # use guichet_core::hours::TimeOfDay;
/// let closing: TimeOfDay = "17:30".parse()?;
/// assert_eq!(closing, TimeOfDay::new(17, 30).ok_or("no such time")?);
/// assert_eq!(TimeOfDay::new(24, 1), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(pub(super) u16);

impl TimeOfDay {
    /// The end of the day, 24:00.
    pub const MIDNIGHT: Self = Self(DAY_MINUTES);

    /// The time `hour`:`minute`; none after 24:00.
    #[must_use]
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        let minutes = hour as u16 * 60 + minute as u16;
        if minute < 60 && minutes <= DAY_MINUTES {
            Some(Self(minutes))
        } else {
            None
        }
    }

    /// Minutes since the beginning of the day.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }

    pub(super) const fn micros(self) -> i64 {
        self.0 as i64 * MINUTE_MICROS
    }

    /// This time of day on `date`.
    pub(super) const fn on(self, date: Date) -> LocalTime {
        LocalTime::new(date, self.micros())
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let read = || {
            let plain = text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
            let (hour, minute) = text
                .split_once(':')
                .filter(|(hour, _)| plain && hour.len() == 2)?;
            Self::new(hour.parse().ok()?, minute.parse().ok()?)
        };
        read().ok_or_else(|| TimeError::TimeOfDay(excerpt(text)))
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?
                .parse()
                .map_err(de::Error::custom);
        }
        let minutes = u16::deserialize(deserializer)?;
        if minutes > DAY_MINUTES {
            return Err(de::Error::custom(TimeError::TimeOfDay(format!(
                "minute {minutes}"
            ))));
        }
        Ok(Self(minutes))
    }
}

/// A time of the day during which a centre is open: from the first time up to the second.
///
/// In text a pair: `["09:00", "12:00"]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(expecting = "two times of day")]
pub struct OpenInterval(TimeOfDay, TimeOfDay);

impl OpenInterval {
    /// The time from `from` to `until`. Whether that is any time at all is asked when it becomes part of
    /// [`OpeningHours`](super::OpeningHours).
    #[must_use]
    pub const fn new(from: TimeOfDay, until: TimeOfDay) -> Self {
        Self(from, until)
    }

    /// When the doors open.
    #[must_use]
    pub const fn from(self) -> TimeOfDay {
        self.0
    }

    /// When they close.
    #[must_use]
    pub const fn until(self) -> TimeOfDay {
        self.1
    }
}

impl fmt::Display for OpenInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::Visitor;
    use serde::de::value::Error;

    use super::*;

    /// Bytes that hold so many minutes.
    struct Bytes(u16);

    impl<'de> Deserializer<'de> for Bytes {
        type Error = Error;

        fn is_human_readable(&self) -> bool {
            false
        }

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_u16(self.0)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    #[test]
    fn bytes_hold_a_time_of_day_up_to_midnight() {
        for minutes in [0, 570, 1440] {
            let read = TimeOfDay::deserialize(Bytes(minutes)).unwrap();
            assert_eq!(read.minutes(), minutes);
        }
        let refused = TimeOfDay::deserialize(Bytes(1441)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`minute 1441` is no time of day in whole minutes; write it like 09:30, 24:00 at the latest"
        );
    }

    #[test]
    fn a_time_of_day_survives_its_text() {
        for text in ["00:00", "09:30", "23:59", "24:00"] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
        }
        for text in [
            "", "9:30", "09.30", "24:01", "25:00", "09:60", "09:30:00", "+9:30", "０9:30",
        ] {
            assert_eq!(
                text.parse::<TimeOfDay>(),
                Err(TimeError::TimeOfDay(text.to_owned())),
                "{text}"
            );
        }
        assert_eq!(TimeOfDay::new(24, 0), Some(TimeOfDay::MIDNIGHT));
        assert_eq!(TimeOfDay::new(13, 30).map(TimeOfDay::minutes), Some(810));
        assert_eq!(TimeOfDay::new(12, 60), None);
    }
}
