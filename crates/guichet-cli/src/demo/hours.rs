//! Opening hours: when somebody is at the counter, and what lies some working time ahead.

use std::sync::Arc;

use guichet::core::calendar::Calendar;
use guichet::core::time::{Date, Offset, Timestamp};

/// The length of a slot: what happens in it is recorded at its end.
pub(super) const SLOT_MINUTES: i64 = 15;
const OPENS: i64 = 8 * 60 + 30;
const CLOSES: i64 = 16 * 60 + 30;
/// How long the centre is open on a working day, in minutes.
pub(super) const DAY_MINUTES: i64 = CLOSES - OPENS;
/// When the web office stops taking applications in for the day, in minutes.
const WEB_CLOSES: i64 = 21 * 60;
const LUNCH: std::ops::Range<i64> = 12 * 60..13 * 60;
const MINUTE_MICROS: i64 = 60_000_000;
/// How long it takes to decide something on the spot, everything between two slots included.
const ON_THE_SPOT_MINUTES: i64 = 90;
/// How far ahead the next working day is looked for: longer than the longest holiday.
const LOOK_AHEAD_DAYS: i32 = 20;

/// The hours of the centre, by its calendar.
#[derive(Clone, Debug)]
pub(super) struct Hours {
    pub(super) calendar: Option<Arc<Calendar>>,
    pub(super) offset: Offset,
}

impl Hours {
    pub(super) fn works_on(&self, day: Date) -> bool {
        self.calendar
            .as_ref()
            .is_some_and(|calendar| calendar.is_working_day(day).unwrap_or(false))
    }

    pub(super) const fn at(&self, day: Date, minute: i64) -> Timestamp {
        day.midnight_at(self.offset)
            .saturating_add_micros(minute * MINUTE_MICROS)
    }

    /// The slots of a day, as minutes of the day: those of the counter on a working day, and one for the web office.
    pub(super) fn slots(&self, day: Date) -> Vec<(Timestamp, Timestamp)> {
        let mut slots = Vec::new();
        let mut minute = OPENS;
        while self.works_on(day) && minute < CLOSES {
            slots.push((self.at(day, minute), self.at(day, minute + SLOT_MINUTES)));
            minute += SLOT_MINUTES;
        }
        slots.push((self.at(day, minute), self.at(day, WEB_CLOSES)));
        slots
    }

    fn day_and_minute(&self, at: Timestamp) -> (Date, i64) {
        let day = at.date_at(self.offset);
        let since = at.as_micros() - day.midnight_at(self.offset).as_micros();
        (day, since.div_euclid(MINUTE_MICROS))
    }

    /// The same instant if the counter is open then, or else the next opening.
    pub(super) fn open_from(&self, at: Timestamp) -> Timestamp {
        let (mut day, minute) = self.day_and_minute(at);
        if self.works_on(day) && minute < CLOSES {
            return if minute >= OPENS { at } else { self.at(day, OPENS) };
        }
        for _ in 0..LOOK_AHEAD_DAYS {
            day = day.next();
            if self.works_on(day) {
                break;
            }
        }
        self.at(day, OPENS)
    }

    /// The instant after so many minutes of open counter, never in the lunch hour.
    pub(super) fn after(&self, at: Timestamp, minutes: i64) -> Timestamp {
        let mut at = self.open_from(at);
        let mut left = minutes.max(0);
        loop {
            let (day, minute) = self.day_and_minute(at);
            let today = CLOSES - 1 - minute;
            if left <= today {
                let at = at.saturating_add_micros(left * MINUTE_MICROS);
                return if LUNCH.contains(&self.day_and_minute(at).1) {
                    at.saturating_add_micros((LUNCH.end - LUNCH.start) * MINUTE_MICROS)
                } else {
                    at
                };
            }
            left -= today + 1;
            at = self.open_from(self.at(day, CLOSES));
        }
    }

    /// The same instant, or the next morning where too little of the day is left to decide something on the spot.
    pub(super) fn early_enough(&self, at: Timestamp) -> Timestamp {
        let (day, minute) = self.day_and_minute(at);
        if minute < CLOSES - ON_THE_SPOT_MINUTES {
            return at;
        }
        self.open_from(self.at(day, CLOSES))
    }

    /// The same instant, or one on the last working day that is not after `last_day`; soon, where that is today or past.
    /// `spread` tells those apart that fall to one morning.
    pub(super) fn not_after(&self, at: Timestamp, last_day: Date, now: Timestamp, spread: i64) -> Timestamp {
        if self.day_and_minute(at).0 <= last_day {
            return at;
        }
        let (today, _) = self.day_and_minute(self.open_from(now));
        let mut day = last_day;
        while day > today && !self.works_on(day) {
            day = day.plus_days(-1);
        }
        if day > today {
            self.at(day, OPENS + spread)
        } else {
            self.after(now, SLOT_MINUTES)
        }
    }

    /// The instant after so many minutes, whoever is there.
    pub(super) const fn later(at: Timestamp, minutes: i64) -> Timestamp {
        at.saturating_add_micros(minutes * MINUTE_MICROS)
    }
}

/// How busy each quarter of an hour is: a morning peak, a dip at lunch, a small afternoon.
pub(super) const RUSH: [(i64, u64); 32] = {
    let weights: [u64; 32] = [
        6, 9, 12, 14, 15, 15, 14, 13, 11, 9, 7, 6, 5, 4, 2, 1, 1, 2, 4, 6, 8, 9, 9, 8, 7, 6, 5, 4, 3, 3, 2, 1,
    ];
    let mut rush = [(0, 0); 32];
    let mut at = 0;
    let mut minute = OPENS;
    while at < 32 {
        // The lint that guards against this cannot see the bound of the loop.
        #[expect(clippy::indexing_slicing, reason = "`at` is below the length of both")]
        {
            rush[at] = (minute, weights[at]);
        }
        at += 1;
        minute += SLOT_MINUTES;
    }
    rush
};

/// When somebody uses the web office, in minutes of the day.
pub(super) const WEB_HOURS: (i64, i64) = (7 * 60, WEB_CLOSES - 1);

#[cfg(test)]
mod tests {
    use super::*;
    use guichet::catalogue::calendars;
    use guichet::core::time::date;

    fn hours() -> Hours {
        let calendar = calendars::shipped("CN").unwrap().calendar().unwrap();
        Hours {
            calendar: Some(Arc::new(calendar)),
            offset: Offset::hours(8),
        }
    }

    #[test]
    fn work_that_does_not_fit_into_a_day_goes_on_at_the_next_opening() {
        let hours = hours();
        let friday = hours.at(date(2010, 2, 12), 16 * 60);
        // The Spring Festival ends on a working Saturday.
        assert_eq!(hours.after(friday, 60), hours.at(date(2010, 2, 20), 9 * 60));
        assert_eq!(hours.after(friday, 10), hours.at(date(2010, 2, 12), 16 * 60 + 10));
    }

    #[test]
    fn nobody_works_through_the_lunch_hour() {
        let hours = hours();
        let before = hours.at(date(2010, 3, 1), 11 * 60 + 50);
        assert_eq!(hours.after(before, 30), hours.at(date(2010, 3, 1), 13 * 60 + 20));
    }

    #[test]
    fn a_day_off_has_only_the_web_office() {
        let hours = hours();
        assert_eq!(hours.slots(date(2010, 10, 1)).len(), 1);
        assert_eq!(hours.slots(date(2010, 10, 9)).len(), 33);
    }
}
