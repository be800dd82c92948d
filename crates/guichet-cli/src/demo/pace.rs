//! The pace at which a year passes: as fast as it goes, or slowly enough to be watched from some day on.

use std::time::Duration;

use guichet::core::time::Date;

/// The longest that a night, or a day on which the counter stays closed, takes somebody who watches.
const NIGHT_MAX: Duration = Duration::from_secs(1);

/// How much of the time of a working day a night takes, where that is less.
const NIGHT_SHARE: u32 = 10;

/// How long days take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// A working day.
    day: Duration,
    /// The first day that is watched; those before pass as fast as they go.
    from: Option<Date>,
}

impl Pace {
    /// Nobody watches.
    pub(super) const HEADLESS: Self = Self {
        day: Duration::ZERO,
        from: None,
    };

    /// A working day takes so long, from a day on.
    pub(super) const fn watched(day: Duration, from: Date) -> Self {
        Self {
            day,
            from: Some(from),
        }
    }

    fn is_watched(self, day: Date) -> bool {
        self.from.is_some_and(|from| from <= day)
    }

    /// How long one of so many parts of a day takes.
    pub(super) fn part(self, day: Date, parts: usize) -> Duration {
        if !self.is_watched(day) {
            return Duration::ZERO;
        }
        match u32::try_from(parts) {
            // A day with one part is one on which the counter stays closed.
            Ok(0 | 1) => self.night(day),
            Ok(parts) => self.day / parts,
            Err(_) => Duration::ZERO,
        }
    }

    /// How long the night after a day takes.
    pub(super) fn night(self, day: Date) -> Duration {
        if self.is_watched(day) {
            NIGHT_MAX.min(self.day / NIGHT_SHARE)
        } else {
            Duration::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use guichet::core::time::date;

    use super::*;

    #[test]
    fn only_what_is_watched_takes_time() {
        let (before, monday) = (date(2010, 6, 6), date(2010, 6, 7));
        let pace = Pace::watched(Duration::from_secs(330), monday);
        assert_eq!(pace.part(before, 33), Duration::ZERO);
        assert_eq!(pace.part(monday, 33), Duration::from_secs(10));
        assert_eq!((pace.part(monday, 1), pace.night(monday)), (NIGHT_MAX, NIGHT_MAX));
        assert_eq!(Pace::HEADLESS.part(monday, 33), Duration::ZERO);
    }
}
