//! The source: cases and events as other systems recorded them, in one neutral form whatever the file is.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use guichet_core::time::Timestamp;

use super::csv::CsvReader;
use super::input::{Bytes, Input};
use super::mapping::{CaseFact, Format, Mapping};
use super::times::Times;
use super::xes::XesReader;

/// The longest XML tag and the longest text between two tags.
pub const ELEMENT_BYTES_MAX: usize = 1024 * 1024;

/// The longest CSV record, over all of its lines.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// The most lines of one CSV record. Past it a quote was left open, and reading goes on behind the line that opened it.
pub const RECORD_LINES_MAX: usize = 1_000;

/// The most columns of a CSV file.
pub const COLUMNS_MAX: usize = 4_096;

/// The longest trace, as bytes of XML: one trace is held in memory at a time.
pub const TRACE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The most events of one trace.
pub const TRACE_EVENTS_MAX: usize = 100_000;

/// The deepest XML element. Deeper files are not read on: the parser keeps the names of all open elements.
pub const ELEMENT_DEPTH_MAX: usize = 1_024;

/// The deepest attribute inside attributes that is taken.
pub const ATTRIBUTE_DEPTH_MAX: usize = 16;

/// The most attributes of one trace or event, nested ones counted.
pub const ATTRIBUTES_MAX: usize = 1_024;

/// The most attributes of one XML tag; XES knows three.
pub const TAG_ATTRIBUTES_MAX: usize = 64;

/// The memory that the second file of a CSV log may take: it is read first, and whole.
pub const CASE_TABLE_BYTES_MAX: usize = 512 * 1024 * 1024;

/// The longest id of a case.
pub const CASE_ID_BYTES_MAX: usize = 256;

/// The longest name of an activity.
pub const ACTIVITY_BYTES_MAX: usize = 1_024;

/// The characters of the source that a report shows.
pub const EXCERPT_CHARS_MAX: usize = 60;

/// Which of the files of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceFile {
    /// The log itself.
    #[default]
    Log,
    /// The second file of a CSV log, with one row a case.
    Cases,
}

/// A place in a file, after unpacking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which file.
    pub file: SourceFile,
    /// The line, from 1.
    pub line: u64,
    /// The character in the line, from 1.
    pub column: u64,
    /// The byte in the file, from 0, a byte order mark not counted.
    pub byte: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file {
            SourceFile::Log => write!(f, "line {}", self.line),
            SourceFile::Cases => write!(f, "line {} of the cases", self.line),
        }
    }
}

/// A value of the source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Text, and ids.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number as the source wrote it, because reading it as a float would change it.
    Float(String),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Instant {
        /// The instant.
        at: Timestamp,
        /// As the source wrote it, with its distance from UTC.
        text: String,
    },
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Float(text) | Self::Instant { text, .. } => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
        }
    }
}

/// A case of the source.
///
/// In every form of file a case stands before its events. Where a CSV log goes to and fro between cases, the case comes
/// again each time, with the same facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCase {
    /// Its id in the source.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// What is known of it, by the mapping's names.
    pub facts: BTreeMap<CaseFact, Value>,
    /// Everything else that the source says of it, by the source's names. A nested attribute has the name of the outer
    /// one, a slash and its own.
    pub attributes: BTreeMap<String, Value>,
}

/// An event of the source.
///
/// Events come in the order of the file. Their order in law is by `at`, and by `entry` where instants are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEvent {
    /// The id of its case.
    pub case: String,
    /// The number of the event in the file, from 1. Events that are refused have numbers too, and so have the empty
    /// cells of a row that is a case, so that the number stays when a file is mended.
    pub entry: u64,
    /// Where it stands.
    pub place: Place,
    /// What was done.
    pub activity: String,
    /// When.
    pub at: Timestamp,
    /// When, as the source wrote it, with its distance from UTC if it has one.
    pub at_text: String,
    /// Who did it.
    pub person: Option<String>,
    /// The group or department of that person.
    pub group: Option<String>,
    /// The role of that person.
    pub role: Option<String>,
    /// The place in the activity's own life.
    pub lifecycle: Option<String>,
    /// The id of the task or step.
    pub task: Option<String>,
    /// Everything else that the source says of it, by the source's names.
    pub attributes: BTreeMap<String, Value>,
}

/// What could not be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// A case, with as many events as could be counted.
    Case {
        /// Those events.
        events: u64,
    },
    /// One event.
    Event,
    /// One attribute; the case or event that it belongs to is taken.
    Attribute,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case { events: 0 } => f.write_str("case"),
            Self::Case { events: 1 } => f.write_str("case with 1 event"),
            Self::Case { events } => write!(f, "case with {events} events"),
            Self::Event => f.write_str("event"),
            Self::Attribute => f.write_str("attribute"),
        }
    }
}

/// Something that the source says and that could not be taken. Reading goes on behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What.
    pub what: Lost,
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
    /// The beginning of it.
    pub excerpt: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} not taken: {}", self.place, self.what, self.reason)?;
        if self.excerpt.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.excerpt)
        }
    }
}

/// Why something could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A trace or row does not say which case it is.
    #[error("`{0}` is missing or empty, so it has no case")]
    NoCase(String),
    /// An event does not say what was done.
    #[error("`{0}` is missing or empty, so it has no activity")]
    NoActivity(String),
    /// An event does not say when.
    #[error("`{0}` is missing or empty, so it has no time")]
    NoTime(String),
    /// Text that is no instant.
    #[error("`{0}` is no instant that exists; expected one like 2010-03-01T09:30:00+08:00")]
    NoInstant(String),
    /// A date where an instant belongs.
    #[error(
        "`{0}` is a date without a time of day; a `csv.time_format` such as %Y-%m-%d takes it as the day's beginning"
    )]
    NoTimeOfDay(String),
    /// Text in another form than the mapping says.
    #[error("`{text}` is no instant of the form `{format}` that the mapping gives in `csv.time_format`")]
    NotOfFormat {
        /// The text.
        text: String,
        /// The form.
        format: String,
    },
    /// An instant without a distance from UTC, and no zone in the mapping.
    #[error("`{0}` has no distance from UTC, and the mapping has no `time_zone`")]
    NoOffset(String),
    /// A local time that clocks skipped or showed twice.
    #[error("`{text}` {what} in {zone}, and the mapping's `local_time` refuses such times")]
    LocalTime {
        /// The text.
        text: String,
        /// What is the matter.
        what: &'static str,
        /// The zone.
        zone: String,
    },
    /// A value that is not of its type.
    #[error("`{text}` is no {expected}, as the attribute `{key}` says it is")]
    WrongType {
        /// The key of the attribute.
        key: String,
        /// The value.
        text: String,
        /// The type.
        expected: &'static str,
    },
    /// An XES attribute without key or value.
    #[error("the <{element}> has no `{wanted}`")]
    Incomplete {
        /// The element.
        element: String,
        /// What it lacks.
        wanted: &'static str,
    },
    /// Two attributes with the same key.
    #[error("the attribute `{0}` is there already; the first one counts")]
    Repeated(String),
    /// More attributes than one case or event may have.
    #[error("it has more than {ATTRIBUTES_MAX} attributes; those behind are left out")]
    TooManyAttributes,
    /// Attributes inside attributes, too deep.
    #[error("it lies deeper than {ATTRIBUTE_DEPTH_MAX} attributes in each other")]
    TooDeep,
    /// A trace that is too long.
    #[error("the trace is longer than {TRACE_BYTES_MAX} bytes or {TRACE_EVENTS_MAX} events")]
    TraceTooLong,
    /// A name that is too long.
    #[error("its {what} has {bytes} bytes; at most {max} are taken")]
    NameTooLong {
        /// Whose name.
        what: &'static str,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        max: usize,
    },
    /// An event that belongs to no trace.
    #[error("the event stands outside of any trace")]
    OutsideTrace,
    /// An element that XES does not have, or not there.
    #[error("<{0}> has no place here in XES")]
    UnknownElement(String),
    /// Text between elements.
    #[error("XES has no text between elements")]
    StrayText,
    /// A row with too few or too many cells.
    #[error(
        "the row has {found} cells, the header has {expected}; is a delimiter missing, or inside a cell without quotes?"
    )]
    Ragged {
        /// The cells of the row.
        found: usize,
        /// The cells of the header.
        expected: usize,
    },
    /// A quote that is opened and not closed.
    #[error(
        "a quote opened in this line is not closed within {RECORD_LINES_MAX} lines or {RECORD_BYTES_MAX} bytes"
    )]
    OpenQuote,
    /// Text behind a closing quote.
    #[error("column {column}: text follows a closing quote; a quote inside quotes is written twice")]
    AfterQuote {
        /// The character, from 1.
        column: usize,
    },
    /// A line that is too long.
    #[error("the line is longer than {RECORD_BYTES_MAX} bytes")]
    LineTooLong,
    /// A character that text does not have.
    #[error("column {column}: the line holds the control character U+{code:04X}")]
    ControlCharacter {
        /// The character, from 1.
        column: usize,
        /// Its code.
        code: u8,
    },
    /// A case that the second file has twice.
    #[error("the case `{case}` stands in line {line} already; the first one counts")]
    CaseRepeated {
        /// The case.
        case: String,
        /// Where it stands first.
        line: u64,
    },
}

/// What a reader yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A case; its events follow.
    Case(SourceCase),
    /// An event.
    Event(SourceEvent),
    /// Something that could not be taken.
    Refused(Refused),
}

/// What has been read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cases; one that comes again counts again.
    pub cases: u64,
    /// Events.
    pub events: u64,
    /// Cases that could not be taken.
    pub cases_refused: u64,
    /// Events that could not be taken, as far as they could be counted.
    pub events_refused: u64,
    /// Attributes that could not be taken.
    pub attributes_refused: u64,
    /// Instants that got their distance from UTC from the mapping's zone.
    pub local_times: u64,
    /// Of those, the ones that the zone does not have.
    pub local_times_missing: u64,
    /// Of those, the ones that the zone has twice.
    pub local_times_twice: u64,
}

/// A log that cannot be read on.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}{}", locate(.file, .place.as_ref()), before(.taken))]
pub struct FatalReadError {
    /// The file.
    pub file: String,
    /// Where, if it was anywhere.
    pub place: Option<Place>,
    /// What is wrong.
    pub problem: Box<Problem>,
    /// What was taken before.
    pub taken: Box<Tally>,
}

fn locate(file: &str, place: Option<&Place>) -> String {
    match place {
        Some(place) => format!("{file}:{}:{}", place.line, place.column),
        None => file.to_owned(),
    }
}

fn before(taken: &Tally) -> String {
    if taken.cases + taken.events == 0 {
        "; nothing was taken".to_owned()
    } else {
        format!(
            "; taken before it: cases {}, events {}",
            taken.cases, taken.events
        )
    }
}

/// What is wrong with a log that cannot be read on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The bytes do not come.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It is packed in a way that is not unpacked here.
    #[error("is {0}; unpack it first (gzip needs no unpacking)")]
    Container(&'static str),
    /// gzip in gzip.
    #[error("is gzip inside gzip; unpack it once")]
    PackedTwice,
    /// UTF-16.
    #[error("is UTF-16; save it as UTF-8")]
    Utf16,
    /// Not UTF-8.
    #[error("not UTF-8 from here on; save the file as UTF-8")]
    NotUtf8,
    /// The mapping takes another form.
    #[error("is {found}, but the mapping `{log}` {wanted}")]
    WrongFormat {
        /// The form of the file.
        found: &'static str,
        /// The log's name in the mapping.
        log: String,
        /// What the mapping takes.
        wanted: &'static str,
    },
    /// A second file that is not wanted.
    #[error("is a second file of cases, but {0}")]
    CasesUnwanted(&'static str),
    /// It is called XES and is no XML.
    #[error("is no XML: it begins with {0:?} instead of `<`")]
    NotXml(char),
    /// Broken XML.
    #[error("the XML is broken: {0}")]
    Xml(String),
    /// XML that is no XES.
    #[error("is no XES: its first element is <{0}>; expected <log>")]
    NotXes(String),
    /// A document type declaration.
    #[error("has a document type declaration; XES has none, and no entity is read from one")]
    Doctype,
    /// Another character encoding.
    #[error("says that it is written in {0}; save it as UTF-8")]
    Encoding(String),
    /// The XML ends too early.
    #[error("ends inside of <{0}>; the file is cut off")]
    CutOff(String),
    /// A tag or text that is too long.
    #[error("an element is longer than {ELEMENT_BYTES_MAX} bytes")]
    ElementTooLong,
    /// Elements in elements, too deep.
    #[error("elements lie deeper than {ELEMENT_DEPTH_MAX} in each other")]
    TooDeep,
    /// The header of a CSV file is no header.
    #[error("the header cannot be taken: {0}")]
    Header(String),
    /// Columns are missing.
    #[error("the header has no column {missing}, which the mapping `{log}` names; it has {found}{hint}")]
    MissingColumns {
        /// Which are missing.
        missing: String,
        /// The log's name in the mapping.
        log: String,
        /// Which are there.
        found: String,
        /// What may help.
        hint: String,
    },
    /// The second file is too long.
    #[error(
        "the file of cases takes more than {CASE_TABLE_BYTES_MAX} bytes of memory; put its columns into the events, or split it"
    )]
    CaseTableTooLong,
}

/// Reads a log, one case or event at a time, in memory that does not grow with the log.
///
/// It yields every case before its events. What cannot be taken comes as [`Item::Refused`], and reading goes on; an
/// error is the last thing it yields.
///
/// ```
/// # use guichet_cli::import::{mapping::Mapping, source::{Item, Reader}};
/// let mapping = Mapping::from_yaml("m.yaml", "log: m\ncsv: {case: id, activity: what, time: at}")?;
/// let log = "id,what,at\n7,Receive,2010-03-01T09:30:00+08:00\n";
/// let items: Vec<_> = Reader::of_bytes("log.csv", log.as_bytes(), None, &mapping)?.collect::<Result<_, _>>()?;
/// assert!(matches!(&items[1], Item::Event(event) if event.at.to_string() == "2010-03-01T01:30:00Z"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader {
    form: Form,
    name: String,
    cases_name: String,
    tally: Tally,
    done: bool,
}

enum Form {
    Xes(Box<XesReader>),
    Csv(Box<CsvReader>),
}

/// A problem and where it is.
pub(super) struct Stop {
    place: Option<Place>,
    problem: Box<Problem>,
}

pub(super) fn stop(place: impl Into<Option<Place>>, problem: Problem) -> Stop {
    Stop {
        place: place.into(),
        problem: Box::new(problem),
    }
}

impl Reader {
    /// Opens the log at `path`, with its second file `cases` if it has one. gzip is unpacked, whatever the names are.
    ///
    /// # Errors
    ///
    /// [`FatalReadError`] when a file cannot be opened, is no log, or has no columns by the mapping's names.
    pub fn open(path: &Path, cases: Option<&Path>, mapping: &Mapping) -> Result<Self, FatalReadError> {
        let name = path.display().to_string();
        let log = Input::open(path, SourceFile::Log).map_err(|problem| fatal(&name, stop(None, problem)))?;
        let cases = match cases {
            Some(path) => {
                let name = path.display().to_string();
                let input = Input::open(path, SourceFile::Cases)
                    .map_err(|problem| fatal(&name, stop(None, problem)))?;
                Some((name, input))
            }
            None => None,
        };
        Self::of_inputs(name, log, cases, mapping)
    }

    /// Reads a log from anything that gives bytes; `name` is what errors show, and its ending helps to tell the form.
    ///
    /// # Errors
    ///
    /// As [`Reader::open`].
    pub fn of_reader(
        name: &str,
        log: impl io::Read + Send + 'static,
        cases: Option<(&str, Box<dyn io::Read + Send>)>,
        mapping: &Mapping,
    ) -> Result<Self, FatalReadError> {
        let log: Bytes = Box::new(log);
        let log = Input::new(log, SourceFile::Log).map_err(|problem| fatal(name, stop(None, problem)))?;
        let cases = match cases {
            Some((name, bytes)) => {
                let input = Input::new(bytes, SourceFile::Cases)
                    .map_err(|problem| fatal(name, stop(None, problem)))?;
                Some((name.to_owned(), input))
            }
            None => None,
        };
        Self::of_inputs(name.to_owned(), log, cases, mapping)
    }

    /// Reads a log from memory.
    ///
    /// # Errors
    ///
    /// As [`Reader::open`].
    pub fn of_bytes(
        name: &str,
        log: &[u8],
        cases: Option<(&str, &[u8])>,
        mapping: &Mapping,
    ) -> Result<Self, FatalReadError> {
        let boxed = |bytes: &[u8]| -> Bytes { Box::new(io::Cursor::new(bytes.to_vec())) };
        Self::of_reader(
            name,
            boxed(log),
            cases.map(|(name, bytes)| (name, boxed(bytes))),
            mapping,
        )
    }

    fn of_inputs(
        name: String,
        mut log: Input,
        cases: Option<(String, Input)>,
        mapping: &Mapping,
    ) -> Result<Self, FatalReadError> {
        let is_xes = is_xes(&name, &mut log, mapping).map_err(|problem| fatal(&name, stop(None, problem)))?;
        let cases_name = cases.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        let form = if is_xes {
            if cases.is_some() {
                let problem = Problem::CasesUnwanted("an XES log holds its cases itself");
                return Err(fatal(&cases_name, stop(None, problem)));
            }
            let times = Times::new(mapping, None);
            Form::Xes(Box::new(XesReader::new(log, mapping.xes.clone(), times)))
        } else {
            let reader = CsvReader::new(log, cases.map(|(_, input)| input), mapping)
                .map_err(|stop| fatal(of_file(&name, &cases_name, stop.place), stop))?;
            Form::Csv(Box::new(reader))
        };
        Ok(Self {
            form,
            name,
            cases_name,
            tally: Tally::default(),
            done: false,
        })
    }

    /// What has been read so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let times = match &self.form {
            Form::Xes(reader) => reader.times(),
            Form::Csv(reader) => reader.times(),
        };
        Tally {
            local_times: times.local,
            local_times_missing: times.in_gap,
            local_times_twice: times.in_fold,
            ..self.tally
        }
    }

    /// How many bytes of the unpacked log have been read, for a progress bar.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        match &self.form {
            Form::Xes(reader) => reader.bytes_read(),
            Form::Csv(reader) => reader.bytes_read(),
        }
    }

    const fn count(&mut self, item: &Item) {
        match item {
            Item::Case(_) => self.tally.cases += 1,
            Item::Event(_) => self.tally.events += 1,
            Item::Refused(refused) => match refused.what {
                Lost::Case { events } => {
                    self.tally.cases_refused += 1;
                    self.tally.events_refused += events;
                }
                Lost::Event => self.tally.events_refused += 1,
                Lost::Attribute => self.tally.attributes_refused += 1,
            },
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Item, FatalReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = match &mut self.form {
            Form::Xes(reader) => reader.next(),
            Form::Csv(reader) => reader.next(),
        };
        match next {
            Ok(Some(item)) => {
                self.count(&item);
                Some(Ok(item))
            }
            Ok(None) => {
                self.done = true;
                None
            }
            Err(stop) => {
                self.done = true;
                let name = of_file(&self.name, &self.cases_name, stop.place);
                let mut error = fatal(name, stop);
                error.taken = Box::new(self.tally());
                Some(Err(error))
            }
        }
    }
}

fn of_file<'a>(log: &'a str, cases: &'a str, place: Option<Place>) -> &'a str {
    match place.map(|place| place.file) {
        Some(SourceFile::Cases) => cases,
        Some(SourceFile::Log) | None => log,
    }
}

fn fatal(file: &str, stop: Stop) -> FatalReadError {
    FatalReadError {
        file: file.to_owned(),
        place: stop.place,
        problem: stop.problem,
        taken: Box::default(),
    }
}

/// Tells the form of a file by its first character, and by the ending of its name where that does not settle it.
fn is_xes(name: &str, log: &mut Input, mapping: &Mapping) -> Result<bool, Problem> {
    let lower = name.to_ascii_lowercase();
    let plain = lower.strip_suffix(".gz").unwrap_or(&lower);
    let is_called_xes = [".xes", ".xml"].iter().any(|ending| plain.ends_with(ending));
    let first = log.first_byte()?;
    if is_called_xes && let Some(first) = first.filter(|first| *first != b'<') {
        return Err(Problem::NotXml(char::from(first)));
    }
    let is_xes = is_called_xes || first == Some(b'<');
    let misfit = |found, wanted| {
        Err(Problem::WrongFormat {
            found,
            log: mapping.log.to_string(),
            wanted,
        })
    };
    match mapping.format {
        Format::Csv if is_xes => misfit("XML", "takes CSV only"),
        Format::Xes if !is_xes => misfit("no XML", "takes XES only"),
        Format::Any if !is_xes && mapping.csv.is_none() => misfit("no XML", "has no `csv` section"),
        Format::Any | Format::Csv | Format::Xes => Ok(is_xes),
    }
}

/// The beginning of something that may be hostile, for a message of bounded length.
pub(super) fn excerpt(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(EXCERPT_CHARS_MAX)
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    if text.chars().nth(EXCERPT_CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}

/// Refuses an id or name that is too long.
pub(super) const fn check_length(what: &'static str, text: &str, max: usize) -> Result<(), Reason> {
    if text.len() > max {
        return Err(Reason::NameTooLong {
            what,
            bytes: text.len(),
            max,
        });
    }
    Ok(())
}
