//! Notices: how a year's holidays and make-up days are published, and how they become the next version of a calendar.
//!
//! Four forms are read: the State Council's notice as TOML, the JSON of the `holiday-calendar` data set, iCalendar, and a
//! calendar document of the house. `docs/catalogue.md` shows each.

mod dataset;
mod document;
pub mod ics;
mod merge;
mod state_council;

use std::fmt;

use guichet_core::time::Date;

pub use self::merge::{Change, Merged, Terms, merge};
use crate::load::DOCUMENT_BYTES_MAX;
use crate::source::{Place, snippet};

/// The most days that one notice may name: some years of them.
pub const NOTICE_DAYS_MAX: usize = 5_000;

/// What a notice says, before anyone has compared it with a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// In which form it came.
    pub form: Form,
    /// Its number or name, such as 国办发明电〔2009〕27号.
    pub document: Option<String>,
    /// When it was published.
    pub issued: Option<Date>,
    /// The year that it is about, where it says so.
    pub year: Option<i16>,
    /// Whether it changes single days of an earlier notice, and leaves the rest of the year alone.
    pub amends: bool,
    /// Its days, in the order of the document.
    pub days: Vec<NoticeDay>,
    file: String,
    text: String,
}

impl Notice {
    fn new(form: Form, file: &str, text: &str) -> Self {
        Self {
            form,
            document: None,
            issued: None,
            year: None,
            amends: false,
            days: Vec::new(),
            file: file.to_owned(),
            text: text.to_owned(),
        }
    }

    /// What is wrong with one of its days.
    fn refuse(&self, day: &NoticeDay, problem: impl Into<String>) -> NoticeError {
        NoticeError::at(&self.text, day.mark.place(&self.file, &self.text), problem)
    }

    /// What is wrong with the notice as a whole.
    fn refuse_all(&self, problem: impl Into<String>) -> NoticeError {
        NoticeError::whole(&self.file, problem)
    }
}

/// The forms in which notices come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The State Council's notice, as TOML.
    StateCouncil,
    /// The JSON of the `holiday-calendar` data set.
    Dataset,
    /// iCalendar.
    ICalendar,
    /// A calendar document of the house.
    Calendar,
}

impl Form {
    /// Whether a document of this form may hold many years, of which the wanted one is taken.
    const fn holds_years(self) -> bool {
        match self {
            Self::ICalendar | Self::Calendar => true,
            Self::StateCouncil | Self::Dataset => false,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StateCouncil => "notice",
            Self::Dataset => "holiday-calendar",
            Self::ICalendar => "iCalendar",
            Self::Calendar => "calendar",
        })
    }
}

/// A day that a notice names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeDay {
    /// The day.
    pub date: Date,
    /// Whether it is worked: a make-up day. Else it is off.
    pub works: bool,
    /// What is celebrated, or made up for; empty where the notice does not say.
    pub name: String,
    mark: Mark,
}

/// Where a document says something. Lines are counted only when somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    Bytes(std::ops::Range<usize>),
    Line {
        line: usize,
        column: usize,
        length: usize,
    },
}

impl Mark {
    fn place(&self, file: &str, text: &str) -> Place {
        match self {
            Self::Bytes(bytes) => place_of_bytes(file, text, bytes.start, bytes.end),
            Self::Line { line, column, length } => Place {
                file: file.to_owned(),
                line: *line,
                column: *column,
                length: *length,
            },
        }
    }
}

/// A notice that cannot be read, or that no calendar can take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeError {
    /// Where, as far as it is known.
    pub place: Place,
    /// What is wrong, and what to do.
    pub problem: String,
    /// The line with a caret.
    pub snippet: String,
}

impl NoticeError {
    fn at(text: &str, place: Place, problem: impl Into<String>) -> Self {
        let line = text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
        let snippet = if line.trim().is_empty() {
            String::new()
        } else {
            snippet(line, &place)
        };
        Self {
            snippet,
            place,
            problem: problem.into(),
        }
    }

    fn whole(file: &str, problem: impl Into<String>) -> Self {
        Self {
            place: Place::start(file),
            problem: problem.into(),
            snippet: String::new(),
        }
    }
}

impl fmt::Display for NoticeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.snippet.is_empty() {
            return write!(f, "{}: {}", self.place.file, self.problem);
        }
        write!(f, "{}: {}\n{}", self.place, self.problem, self.snippet)
    }
}

impl std::error::Error for NoticeError {}

/// Reads a notice. Its form follows from the file's name and, for JSON, from what it holds.
///
/// # Errors
///
/// [`NoticeError`] with the line where the form has lines, when the text is of no form or says what cannot be.
///
/// ```
/// # use guichet_catalogue::notice;
/// let text = "document = '国办发明电〔2009〕27号'\nyear = 2010\n[[holidays]]\n\
///     name = { zh = '清明节', en = 'Tomb-sweeping Day' }\ndays_off = ['2010-04-03 to 2010-04-05']\n";
/// assert_eq!(notice::read("2010.toml", text)?.days.len(), 3);
/// let error = notice::read("2010.txt", text).unwrap_err();
/// assert!(error.to_string().starts_with("2010.txt: no notice is read from such a file"));
/// # Ok::<(), notice::NoticeError>(())
/// ```
pub fn read(file: &str, text: &str) -> Result<Notice, NoticeError> {
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > DOCUMENT_BYTES_MAX {
        return Err(NoticeError::whole(
            file,
            format!(
                "the notice has more than {DOCUMENT_BYTES_MAX} bytes; take out what does not belong there"
            ),
        ));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let suffix = file
        .rsplit_once('.')
        .map_or("", |(_, suffix)| suffix)
        .to_ascii_lowercase();
    let notice = match suffix.as_str() {
        "toml" => state_council::read(file, text),
        "ics" | "ical" => ics::read(file, text),
        "json" if document::fits(text) => document::read(file, text),
        "json" => dataset::read(file, text),
        _ => {
            return Err(NoticeError::whole(
                file,
                "no notice is read from such a file; name it .toml (a State Council notice), .json (a holiday-calendar \
                 data set, or a calendar of Guichet) or .ics (iCalendar)",
            ));
        }
    }?;
    if notice.days.len() > NOTICE_DAYS_MAX {
        return Err(NoticeError::whole(
            file,
            format!(
                "the notice names {} days, and {NOTICE_DAYS_MAX} is the most; split it by years",
                notice.days.len()
            ),
        ));
    }
    if notice.days.is_empty() {
        return Err(NoticeError::whole(
            file,
            "the notice names no day; a year without holidays is taken for a mistake",
        ));
    }
    Ok(notice)
}

/// The holidays of China as notices and as calendars call them.
const KNOWN: [(&str, &str); 7] = [
    ("元旦", "New Year's Day"),
    ("春节", "Spring Festival"),
    ("清明节", "Tomb-sweeping Day"),
    ("劳动节", "Labour Day"),
    ("端午节", "Dragon Boat Festival"),
    ("中秋节", "Mid-autumn Festival"),
    ("国庆节", "National Day"),
];

/// The Chinese name of a holiday whose English one the shipped calendar of China has.
///
/// ```
/// # use guichet_catalogue::notice;
/// assert_eq!(notice::chinese_name("Spring Festival"), Some("春节"));
/// assert_eq!(notice::chinese_name("Carnival"), None);
/// ```
#[must_use]
pub fn chinese_name(name: &str) -> Option<&'static str> {
    let known = KNOWN.iter().find(|(_, en)| *en == name);
    known.map(|(zh, _)| *zh)
}

/// The name under which calendars know a holiday: one spelling, whatever the notice calls it.
fn holiday_name(zh: &str, en: &str) -> String {
    let (zh, en) = (zh.trim(), en.trim());
    match KNOWN.iter().find(|(known, _)| *known == zh) {
        Some((_, known)) => (*known).to_owned(),
        None if en.is_empty() => zh.to_owned(),
        None => en.to_owned(),
    }
}

/// Where a stretch of bytes stands in a text.
fn place_of_bytes(file: &str, text: &str, start: usize, end: usize) -> Place {
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let value = text.get(start..end).unwrap_or_default();
    Place {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        length: value.lines().next().unwrap_or_default().chars().count().max(1),
    }
}
