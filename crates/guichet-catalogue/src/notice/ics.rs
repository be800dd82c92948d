//! iCalendar (RFC 5545): days off and make-up days as events of whole days, read and written.
//!
//! Of the format only what such an event needs is read. What would need a guess is refused: hours, rules of repetition.

use std::ops::Range;

use guichet_core::calendar::{Calendar, CalendarError, DayKind, DayRange, LayerEffect};
use guichet_core::lang::Lang;
use guichet_core::time::Date;

use super::{Form, Mark, Notice, NoticeDay, NoticeError, chinese_name, holiday_name, place_of_bytes};

/// The longest event that is read, in days.
const EVENT_DAYS_MAX: i32 = 60;
/// The categories under which days are written, and known again.
const HOLIDAY: &str = "HOLIDAY";
const WORKDAY: &str = "WORKDAY";
const CLOSURE: &str = "CLOSURE";
const SERVICE: &str = "SERVICE";

/// A line after unfolding: its name and value, and the bytes it takes in the text.
struct Line<'a> {
    name: &'a str,
    parameters: &'a str,
    value: &'a str,
    bytes: Range<usize>,
}

#[derive(Default)]
struct Event {
    begin: Range<usize>,
    start: Option<(Date, Range<usize>)>,
    end: Option<(Date, Range<usize>)>,
    days: Option<i32>,
    summary: String,
    categories: String,
    cancelled: bool,
}

/// What an event makes of its days.
enum Meaning {
    Off,
    Worked,
    /// The centre is open, and nothing counts.
    Nothing,
}

pub(super) fn read(file: &str, text: &str) -> Result<Notice, NoticeError> {
    let refuse = |bytes: &Range<usize>, problem: String| {
        NoticeError::at(text, place_of_bytes(file, text, bytes.start, bytes.end), problem)
    };
    let mut notice = Notice::new(Form::ICalendar, file, text);
    let mut event: Option<Event> = None;
    // Inside an event stand other components, such as alarms, with fields of the same names.
    let mut inner = 0_u32;
    let mut calendar = false;
    for (unfolded, bytes) in unfold(text) {
        if unfolded.trim().is_empty() {
            continue;
        }
        let Some(line) = split(&unfolded, bytes.clone()) else {
            return Err(refuse(
                &bytes,
                "this is no line of iCalendar; expected a name, a colon and a value".to_owned(),
            ));
        };
        let is = |name: &str, value: &str| {
            line.name.eq_ignore_ascii_case(name) && line.value.trim().eq_ignore_ascii_case(value)
        };
        if is("BEGIN", "VCALENDAR") {
            calendar = true;
            if event.is_some() {
                return Err(refuse(
                    &bytes,
                    "an event began, and did not end before this line".to_owned(),
                ));
            }
        } else if !calendar {
            return Err(refuse(
                &bytes,
                "expected BEGIN:VCALENDAR before anything else".to_owned(),
            ));
        } else if is("BEGIN", "VEVENT") {
            if event.is_some() {
                return Err(refuse(
                    &bytes,
                    "an event began, and did not end before this line".to_owned(),
                ));
            }
            event = Some(Event {
                begin: bytes,
                ..Event::default()
            });
        } else if is("END", "VEVENT") {
            let Some(ended) = event.take() else {
                return Err(refuse(&bytes, "an event ends here that never began".to_owned()));
            };
            inner = 0;
            take(&ended, &mut notice).map_err(|(bytes, problem)| refuse(&bytes, problem))?;
        } else if let Some(event) = &mut event {
            if line.name.eq_ignore_ascii_case("BEGIN") {
                inner += 1;
            } else if line.name.eq_ignore_ascii_case("END") {
                inner = inner.saturating_sub(1);
            } else if inner == 0 {
                field(event, &line).map_err(|problem| refuse(&line.bytes, problem))?;
            }
        } else if let ("X-WR-CALNAME", false) = (line.name, line.value.trim().is_empty()) {
            notice.document = Some(unescape(line.value));
        }
    }
    if let Some(event) = event {
        return Err(refuse(
            &event.begin,
            "the event does not end; is the file cut off?".to_owned(),
        ));
    }
    if !calendar {
        return Err(NoticeError::whole(
            file,
            "the file is empty; expected BEGIN:VCALENDAR",
        ));
    }
    Ok(notice)
}

/// The lines of a text, those that were folded put together again, each with the bytes of its first part.
fn unfold(text: &str) -> Vec<(String, Range<usize>)> {
    let mut lines: Vec<(String, Range<usize>)> = Vec::new();
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end_matches(['\n', '\r']);
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some((last, _))) => last.push_str(more),
            (Some(_), None) | (None, _) => lines.push((line.to_owned(), at..at + line.len())),
        }
        at += raw.len();
    }
    lines
}

/// Name, parameters and value of a line. A colon between quotes belongs to a parameter.
fn split(line: &str, bytes: Range<usize>) -> Option<Line<'_>> {
    let mut quoted = false;
    let colon = line.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == ':' && !quoted).then_some(at)
    })?;
    let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    plain.then_some(Line {
        name,
        parameters,
        value,
        bytes,
    })
}

fn field(event: &mut Event, line: &Line<'_>) -> Result<(), String> {
    match line.name.to_ascii_uppercase().as_str() {
        "DTSTART" => event.start = Some((whole_day(line)?, line.bytes.clone())),
        "DTEND" => event.end = Some((whole_day(line)?, line.bytes.clone())),
        "DURATION" => event.days = Some(duration(line.value)?),
        "SUMMARY" => event.summary = unescape(line.value),
        "CATEGORIES" => {
            event.categories.push_str(&unescape(line.value).to_uppercase());
            event.categories.push(',');
        }
        "STATUS" => event.cancelled = line.value.trim().eq_ignore_ascii_case("CANCELLED"),
        "RRULE" | "RDATE" | "EXDATE" | "RECURRENCE-ID" => {
            return Err(
                "an event that repeats would be a guess at years nobody announced; write each day".to_owned(),
            );
        }
        _ => {}
    }
    Ok(())
}

/// A date without a time, such as `20100213`.
fn whole_day(line: &Line<'_>) -> Result<Date, String> {
    let text = line.value.trim();
    let shown: String = text.chars().take(60).collect();
    if text.contains('T') || line.parameters.to_ascii_uppercase().contains("VALUE=DATE-TIME") {
        return Err(format!(
            "`{shown}` has a time of day, and only whole days are off or worked; write it like 20100213"
        ));
    }
    let parts = || {
        let plain = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        let part = |range: Range<usize>| text.get(range).filter(|_| plain);
        let spelt = format!("{}-{}-{}", part(0..4)?, part(4..6)?, part(6..8)?);
        spelt.parse().ok()
    };
    parts().ok_or_else(|| format!("`{shown}` is no date; write it like 20100213"))
}

/// A length in whole days: `P3D` or `P1W`.
fn duration(text: &str) -> Result<i32, String> {
    let text = text.trim();
    let read = || {
        let rest = text.strip_prefix('P')?;
        let (number, days) = match rest.strip_suffix('D') {
            Some(number) => (number, 1),
            None => (rest.strip_suffix('W')?, 7),
        };
        number.parse::<u8>().ok().map(|number| i32::from(number) * days)
    };
    read().ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        format!("`{shown}` is no length in whole days; write it like P3D")
    })
}

fn take(event: &Event, notice: &mut Notice) -> Result<(), (Range<usize>, String)> {
    if event.cancelled {
        return Ok(());
    }
    let Some((first, bytes)) = &event.start else {
        return Err((
            event.begin.clone(),
            "the event has no DTSTART, so nobody knows its day".to_owned(),
        ));
    };
    // The end is the first day after the event.
    let after = match (&event.end, event.days) {
        (Some((end, _)), _) => *end,
        (None, days) => first.plus_days(days.unwrap_or(1)),
    };
    let end_bytes = event.end.as_ref().map_or(bytes, |(_, bytes)| bytes);
    let Some(days) = DayRange::new(*first, after.plus_days(-1)) else {
        return Err((
            end_bytes.clone(),
            format!(
                "the event ends on {after}, not after its first day {first}; DTEND is the day after the last one"
            ),
        ));
    };
    if i64::from(after.days()) - i64::from(first.days()) > i64::from(EVENT_DAYS_MAX) {
        return Err((
            end_bytes.clone(),
            format!("the event takes more than {EVENT_DAYS_MAX} days, and no holiday does"),
        ));
    }
    let works = match meaning(event) {
        Meaning::Off => false,
        Meaning::Worked => true,
        Meaning::Nothing => return Ok(()),
    };
    let name = name(&event.summary);
    for date in days.days() {
        notice.days.push(NoticeDay {
            date,
            works,
            name: name.clone(),
            mark: Mark::Bytes(bytes.clone()),
        });
    }
    Ok(())
}

/// Whether an event is worked: by its category, or else by the words in its summary.
fn meaning(event: &Event) -> Meaning {
    let says = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    let worked = ["班", "WORKDAY", "WORKING DAY", "MAKE-UP"];
    let category = event.categories.as_str();
    if category.split(',').any(|category| category.trim() == SERVICE) {
        return Meaning::Nothing;
    }
    if says(category, &worked) || says(category, &["调休"]) {
        return Meaning::Worked;
    }
    if category
        .split(',')
        .any(|category| [HOLIDAY, CLOSURE].contains(&category.trim()))
    {
        return Meaning::Off;
    }
    let summary = event.summary.to_uppercase();
    if says(&summary, &worked) {
        return Meaning::Worked;
    }
    // 调休 names both sides of the exchange; next to 休 or 放假 it means the day that is given.
    if says(&summary, &["放假", "（休）", "(休)"]) {
        return Meaning::Off;
    }
    if says(&summary, &["调休"]) {
        return Meaning::Worked;
    }
    Meaning::Off
}

/// The holiday's name in a summary, without what only says that the day is off.
fn name(summary: &str) -> String {
    let mut name = summary.trim();
    for mark in ["（休）", "(休)", "（班）", "(班)", "放假", "假期"] {
        name = name.strip_suffix(mark).unwrap_or(name).trim();
    }
    holiday_name(name, name)
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (true, 'n' | 'N') => {
                plain.push(' ');
                escaped = false;
            }
            (_, c) => {
                plain.push(c);
                escaped = false;
            }
        }
    }
    plain
}

/// The days of a calendar that differ from its weeks, as iCalendar: holidays, closures, make-up days, days of service.
/// The answer is the same to the byte for the same calendar, days and language.
///
/// # Errors
///
/// [`CalendarError::Uncovered`] when the calendar does not know all of these days.
///
/// ```
/// # use guichet_catalogue::{calendars, notice::ics};
/// # use guichet_core::{calendar::DayRange, lang::Lang, time::date};
/// let china = calendars::shipped("CN").ok_or("not shipped")?.calendar()?;
/// let year = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
/// let text = ics::write(&china, year, Lang::Zh)?;
/// assert!(text.contains("SUMMARY:春节\r\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(calendar: &Calendar, days: DayRange, lang: Lang) -> Result<String, CalendarError> {
    let mut text = String::new();
    line(&mut text, "BEGIN:VCALENDAR");
    line(&mut text, "VERSION:2.0");
    line(&mut text, "PRODID:-//Guichet//calendar//EN");
    line(&mut text, "CALSCALE:GREGORIAN");
    line(&mut text, &format!("X-WR-CALNAME:{}", escape(calendar.title())));
    // A stamp must be there. That of the facts keeps the file the same from run to run.
    let stamp = calendar
        .facts()
        .published_on
        .unwrap_or_else(|| calendar.covered().first());
    // A question about the last day answers for all of them, and before anything is written.
    calendar.day(days.last())?;
    let mut open: Option<Stretch> = None;
    for date in days.days() {
        let mut here = stretches(calendar, date, lang)?;
        // Only one thing at a time can go on; a second name of a day gets an event of its own.
        let going_on = open
            .as_ref()
            .and_then(|open| here.iter().position(|new| open.goes_on_with(new)));
        if let (Some(at), Some(open)) = (going_on, open.as_mut()) {
            here.remove(at);
            open.last = date;
        } else {
            if let Some(done) = open.take() {
                done.write(&mut text, calendar, stamp);
            }
            if !here.is_empty() {
                open = Some(here.remove(0));
            }
        }
        for alone in here {
            alone.write(&mut text, calendar, stamp);
        }
    }
    if let Some(done) = open {
        done.write(&mut text, calendar, stamp);
    }
    line(&mut text, "END:VCALENDAR");
    Ok(text)
}

/// Consecutive days with one name.
struct Stretch {
    first: Date,
    last: Date,
    category: &'static str,
    /// Which of the names of its first day it is, from 0.
    ordinal: usize,
    summary: String,
}

impl Stretch {
    fn goes_on_with(&self, next: &Self) -> bool {
        let year = |date: Date| date.ymd().0;
        self.last.next() == next.first
            && self.category == next.category
            && self.summary == next.summary
            && year(self.last) == year(next.first)
    }

    fn write(&self, text: &mut String, calendar: &Calendar, stamp: Date) {
        let day = |date: Date| date.to_string().replace('-', "");
        line(text, "BEGIN:VEVENT");
        // The same in every language, so that a second export takes the place of the first.
        let category = self.category.to_ascii_lowercase();
        let uid = format!("{}-{category}-{}@{}", self.first, self.ordinal, calendar.id());
        line(text, &format!("UID:{}", escape(&uid)));
        line(text, &format!("DTSTAMP:{}T000000Z", day(stamp)));
        line(text, &format!("SEQUENCE:{}", calendar.version().0));
        line(text, &format!("DTSTART;VALUE=DATE:{}", day(self.first)));
        line(text, &format!("DTEND;VALUE=DATE:{}", day(self.last.next())));
        line(text, &format!("SUMMARY:{}", escape(&self.summary)));
        line(text, &format!("CATEGORIES:{}", self.category));
        line(text, "TRANSP:TRANSPARENT");
        line(text, "END:VEVENT");
    }
}

/// What is to be said of a day.
fn stretches(calendar: &Calendar, date: Date, lang: Lang) -> Result<Vec<Stretch>, CalendarError> {
    let day = calendar.day(date)?;
    let say = |zh: &str, en: &str| match lang {
        Lang::Zh => zh.to_owned(),
        Lang::En => en.to_owned(),
    };
    let stretch = |category, summary| Stretch {
        first: date,
        last: date,
        category,
        ordinal: 0,
        summary,
    };
    let mut found = match day.kind {
        DayKind::Working | DayKind::Weekend => Vec::new(),
        DayKind::MakeUp => {
            let name = day.layer.map_or_else(
                || say("调休上班", "Make-up workday"),
                |layer| say(&layer.name.zh, &layer.name.en),
            );
            vec![stretch(WORKDAY, name)]
        }
        DayKind::Holiday => day
            .holidays
            .iter()
            .map(|holiday| {
                let zh = chinese_name(&holiday.name).unwrap_or(&holiday.name);
                stretch(HOLIDAY, say(zh, &holiday.name))
            })
            .collect(),
        DayKind::Closure => {
            let name = day.layer.map_or_else(
                || say("休息", "Day off"),
                |layer| say(&layer.name.zh, &layer.name.en),
            );
            vec![stretch(CLOSURE, name)]
        }
    };
    if let Some(service) = day.service {
        debug_assert_eq!(service.effect, LayerEffect::Service);
        found.push(stretch(SERVICE, say(&service.name.zh, &service.name.en)));
    }
    for (ordinal, stretch) in found.iter_mut().enumerate() {
        stretch.ordinal = ordinal;
    }
    Ok(found)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' => escaped.push_str("\\n"),
            '\r' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Appends a line, folded so that none has more than 75 bytes.
fn line(text: &mut String, line: &str) {
    const LINE_BYTES_MAX: usize = 75;

    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > LINE_BYTES_MAX {
            text.push_str("\r\n ");
            used = 1;
        }
        text.push(c);
        used += c.len_utf8();
    }
    text.push_str("\r\n");
}
