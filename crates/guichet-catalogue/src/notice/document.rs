//! A calendar document of the house, read as a notice of the years that it covers.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::calendar::Calendar;
use guichet_core::time::Date;

use super::{Form, Mark, Notice, NoticeDay, NoticeError};
use crate::calendars;
use crate::source::Place;

/// Whether a JSON text is such a document.
pub(super) fn fits(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text)
        .is_ok_and(|document| document.get("weekend_iso_days").is_some())
}

pub(super) fn read(file: &str, text: &str) -> Result<Notice, NoticeError> {
    let calendar: Calendar = calendars::parse(text).map_err(|error| {
        let mut place = Place::start(file);
        place.line = error.line().max(1);
        place.column = error.column().max(1);
        // Where the values cannot be told apart, the whole document is meant.
        if error.line() == 0 {
            NoticeError::whole(file, error.to_string())
        } else {
            NoticeError::at(text, place, error.to_string())
        }
    })?;
    let facts = calendar.facts();
    // A date takes ten bytes, and stands between quotes.
    let mut marks = BTreeMap::new();
    for (at, _) in text.match_indices('"') {
        if let Some(quoted) = text.get(at + 1..at + 11) {
            marks.entry(quoted).or_insert(at);
        }
    }
    let day = |date: Date, works: bool, name: &str| {
        let at = marks.get(date.to_string().as_str()).copied().unwrap_or_default();
        NoticeDay {
            date,
            works,
            name: name.to_owned(),
            mark: Mark::Bytes(at..at + 12),
        }
    };
    let off: BTreeSet<Date> = facts.non_working_weekdays_dates.iter().copied().collect();
    let named: BTreeSet<Date> = facts.holidays.iter().map(|holiday| holiday.date).collect();
    // A name alone makes no day off: on a working day it is a name and nothing more, and a notice cannot say that.
    let holidays = facts
        .holidays
        .iter()
        .filter(|holiday| calendar.is_working_day(holiday.date) == Ok(false))
        .map(|holiday| day(holiday.date, false, &holiday.name));
    let unnamed = off.difference(&named).map(|date| day(*date, false, ""));
    let worked = facts
        .working_weekend_dates
        .iter()
        .map(|date| day(*date, true, ""));
    let mut notice = Notice::new(Form::Calendar, file, text);
    notice.document = Some(facts.source.clone());
    notice.issued = facts.published_on;
    notice.days = holidays.chain(unnamed).chain(worked).collect();
    Ok(notice)
}
