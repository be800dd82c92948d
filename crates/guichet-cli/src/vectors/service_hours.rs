//! Vectors of opening hours: open time between two instants, and the day of receipt.

use std::collections::BTreeMap;

use guichet::core::hours::{self, HoursFacts, OpenInterval, OpeningHours, TimeOfDay, Timetable};
use guichet::core::time::Timestamp;
use guichet::core::zone::Zone;
use serde::Deserialize;
use serde_json::Value;

use super::{Asked, Books, Schedules, fields, named};

/// The opening hours that a file names: the times of every working day as a list, or hours as a centre publishes them.
pub(super) fn schedules(named: &BTreeMap<String, Value>) -> Schedules {
    let read = |schedule: &Value| {
        let hours = if schedule.is_array() {
            OpeningHours::daily(fields::<Vec<OpenInterval>>(schedule)?)
        } else {
            OpeningHours::new(fields::<HoursFacts>(schedule)?)
        };
        hours.map_err(|error| error.to_string())
    };
    named
        .iter()
        .map(|(name, schedule)| (name.clone(), read(schedule)))
        .collect()
}

#[derive(Deserialize)]
struct Open {
    calendar: String,
    timezone: Zone,
    schedule: String,
    start: Timestamp,
    end: Timestamp,
}

/// Milliseconds between two instants that lie in the opening hours of a working day.
pub(super) fn open_time(vector: &Value, schedules: &Schedules, books: &mut Books) -> Result<Asked, String> {
    let open: Open = fields(vector)?;
    let hours = match schedules.get(&open.schedule) {
        Some(Ok(hours)) => hours,
        Some(Err(reason)) => return Err(format!("schedule {}: {reason}", named(&open.schedule))),
        None => {
            return Err(format!("the file has no schedule {}", named(&open.schedule)));
        }
    };
    books.open(&open.calendar)?;
    let calendar = books.opened(&open.calendar)?;
    let got = Timetable::new(hours, calendar, &open.timezone).open_time(open.start, open.end);
    let millis = |micros: u64| {
        // Half a millisecond is not rounded away: it would hide a difference.
        if micros.is_multiple_of(1_000) {
            Value::from(micros / 1_000)
        } else {
            Value::from(format!("{}.{:03}", micros / 1_000, micros % 1_000))
        }
    };
    Ok(Asked::one("expect_ms", got.map(|open| millis(open.as_micros()))))
}

#[derive(Deserialize)]
struct Receipt {
    calendar: String,
    timezone: Zone,
    closing: TimeOfDay,
    instant: Timestamp,
}

/// The day on which something counts as received.
pub(super) fn day_of_receipt(vector: &Value, books: &mut Books) -> Result<Asked, String> {
    let receipt: Receipt = fields(vector)?;
    books.open(&receipt.calendar)?;
    let calendar = books.opened(&receipt.calendar)?;
    let got = hours::day_of_receipt(receipt.instant, receipt.closing, calendar, &receipt.timezone);
    Ok(Asked::one("expect", got.map(|day| day.to_string().into())))
}
