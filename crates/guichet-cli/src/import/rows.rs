//! The records of a CSV file: cut out of its bytes, bounded, and each with the line it begins in.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead, Read};

use ::csv::{ReaderBuilder, StringRecord};

use super::input::Input;
use super::mapping::{CsvNames, Mapping};
use super::source::{
    COLUMNS_MAX, Lost, Place, Problem, RECORD_BYTES_MAX, RECORD_LINES_MAX, Reason, Refused, Stop, excerpt,
    stop,
};

/// A column, by its place and its name.
#[derive(Clone)]
pub(super) struct Cell {
    pub(super) at: usize,
    pub(super) name: String,
}

/// The records of a file, each with the line it begins in.
pub(super) struct Rows {
    csv: ::csv::Reader<Frames>,
    width: usize,
    delimiter: char,
}

pub(super) type GoodRow = (Place, StringRecord);

impl Rows {
    pub(super) fn new(input: Input, names: &CsvNames) -> Self {
        // The mapping was checked: both are ASCII.
        let ascii = |mark: char, usual: u8| u8::try_from(mark).unwrap_or(usual);
        let (delimiter, quote) = (ascii(names.delimiter, b','), ascii(names.quote, b'"'));
        let csv = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .quote(quote)
            .from_reader(Frames::new(input, delimiter, quote));
        Self {
            csv,
            width: 0,
            delimiter: names.delimiter,
        }
    }

    pub(super) fn place(&self) -> Place {
        self.csv.get_ref().input.place()
    }

    pub(super) fn header(&mut self) -> Result<Header, Stop> {
        let refused = |place, why: String| Err(stop(place, Problem::Header(why)));
        let (place, record) = match self.next()? {
            Some(Ok(row)) => row,
            Some(Err(bad)) => return refused(bad.place, bad.reason.to_string()),
            None => return Err(stop(None, Problem::Empty)),
        };
        if record.len() > COLUMNS_MAX {
            return refused(
                place,
                format!("it has {} columns; at most {COLUMNS_MAX} are taken", record.len()),
            );
        }
        let mut seen = BTreeMap::new();
        let mut cells = Vec::with_capacity(record.len());
        for (at, name) in record.iter().enumerate() {
            // Exports of tables with row numbers leave the name of that column empty.
            let name = if name.trim().is_empty() {
                format!("column {}", at + 1)
            } else {
                name.trim().to_owned()
            };
            if let Some(first) = seen.insert(name.clone(), at) {
                let why = format!(
                    "`{}` stands twice, as column {} and {}",
                    excerpt(&name),
                    first + 1,
                    at + 1
                );
                return refused(place, why);
            }
            cells.push(name);
        }
        self.width = cells.len();
        Ok(Header {
            cells,
            delimiter: self.delimiter,
        })
    }

    /// The next record or refused line; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Result<GoodRow, Bad>>, Stop> {
        let mut record = StringRecord::new();
        let read = self.csv.read_record(&mut record);
        let frames = self.csv.get_mut();
        match read {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(error) => {
                return Err(frames.stop.take().unwrap_or_else(|| {
                    let error = io::Error::other(excerpt(&error.to_string()));
                    stop(frames.start, Problem::Unreadable(error))
                }));
            }
        }
        if let Some(bad) = frames.bad.take() {
            return Ok(Some(Err(bad)));
        }
        let place = frames.start;
        if self.width != 0 && record.len() != self.width {
            let reason = Reason::Ragged {
                found: record.len(),
                expected: self.width,
            };
            let excerpt = excerpt(&line_of(&record));
            return Ok(Some(Err(Bad {
                place,
                reason,
                excerpt,
            })));
        }
        Ok(Some(Ok((place, record))))
    }
}

/// A line or record that cannot be taken.
pub(super) struct Bad {
    place: Place,
    reason: Reason,
    excerpt: String,
}

impl Bad {
    pub(super) fn refused(self, what: Lost) -> Refused {
        Refused {
            what,
            place: self.place,
            reason: self.reason,
            excerpt: self.excerpt,
        }
    }
}

/// Cuts the bytes into records and gives them to the CSV parser one at a time.
///
/// The parser takes an open quote as text up to the end of the file, and has no bound on a record. Here a record that is
/// not rightly quoted is refused by its first line, and the lines behind it are read anew.
struct Frames {
    input: Input,
    delimiter: u8,
    quote: u8,
    /// Lines that were read ahead.
    ahead: VecDeque<Line>,
    frame: Vec<u8>,
    given: usize,
    /// Where the frame begins.
    start: Place,
    /// What is refused; the frame is then a stand-in, so that parser and frames stay in step.
    bad: Option<Bad>,
    stop: Option<Stop>,
}

struct Line {
    place: Place,
    /// The bytes with their line end; of a line that is too long, the beginning.
    bytes: Vec<u8>,
    is_too_long: bool,
}

/// Where in a record a scan stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scan {
    CellStart,
    Bare,
    Quoted,
    /// Behind a quote inside quotes: the end of the cell, or the first of two.
    QuoteInQuotes,
}

impl Frames {
    fn new(input: Input, delimiter: u8, quote: u8) -> Self {
        Self {
            start: input.place(),
            input,
            delimiter,
            quote,
            ahead: VecDeque::new(),
            frame: Vec::new(),
            given: 0,
            bad: None,
            stop: None,
        }
    }

    /// The next line, from what was read ahead or from the file. `None` at the end.
    fn line(&mut self) -> Result<Option<Line>, Stop> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let place = self.input.place();
        let mut bytes = Vec::new();
        self.input.allow(RECORD_BYTES_MAX);
        match self.input.read_until(b'\n', &mut bytes) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(Line {
                place,
                bytes,
                is_too_long: false,
            })),
            Err(_) if self.input.is_exhausted() => {
                self.input.allow(usize::MAX);
                self.input
                    .skip_until(b'\n')
                    .map_err(|error| self.unreadable(error))?;
                bytes.truncate(256);
                Ok(Some(Line {
                    place,
                    bytes,
                    is_too_long: true,
                }))
            }
            Err(error) => Err(self.unreadable(error)),
        }
    }

    fn unreadable(&self, error: io::Error) -> Stop {
        stop(self.input.place(), Problem::Unreadable(error))
    }

    /// Reads the next record into the frame, or a stand-in for a refused line. `false` at the end of the file.
    fn fill(&mut self) -> Result<bool, Stop> {
        self.frame.clear();
        self.given = 0;
        loop {
            let Some(line) = self.line()? else {
                return Ok(false);
            };
            if line.bytes.iter().all(u8::is_ascii_whitespace) && !line.is_too_long {
                continue;
            }
            if let Some(bad) = self.record(line)? {
                self.bad = Some(bad);
                self.frame.clear();
                self.frame.extend_from_slice(b"-\n");
            }
            return Ok(true);
        }
    }

    /// Reads a record that begins with this line, or says why it is refused.
    fn record(&mut self, first: Line) -> Result<Option<Bad>, Stop> {
        self.start = first.place;
        let mut lines = vec![first];
        let mut scan = Scan::CellStart;
        let mut bytes = 0;
        loop {
            let Some(line) = lines.last() else {
                return Ok(None);
            };
            if line.is_too_long {
                let reason = if lines.len() == 1 {
                    Reason::LineTooLong
                } else {
                    Reason::OpenQuote
                };
                return Ok(self.refuse(lines, reason));
            }
            check_utf8(line)?;
            bytes += line.bytes.len();
            scan = match self.scan(scan, &line.bytes) {
                Ok(Scan::Quoted) => Scan::Quoted,
                Ok(Scan::CellStart | Scan::Bare | Scan::QuoteInQuotes) => break,
                Err(reason) => return Ok(self.refuse(lines, reason)),
            };
            let next = if lines.len() < RECORD_LINES_MAX && bytes < RECORD_BYTES_MAX {
                self.line()?
            } else {
                None
            };
            match next {
                Some(line) => lines.push(line),
                None => return Ok(self.refuse(lines, Reason::OpenQuote)),
            }
        }
        for line in &lines {
            self.frame.extend_from_slice(&line.bytes);
        }
        while self.frame.last().is_some_and(|b| matches!(b, b'\r' | b'\n')) {
            self.frame.pop();
        }
        self.frame.push(b'\n');
        Ok(None)
    }

    /// Refuses the first of these lines and puts the others back.
    fn refuse(&mut self, lines: Vec<Line>, reason: Reason) -> Option<Bad> {
        let mut lines = lines.into_iter();
        let first = lines.next()?;
        for line in lines.rev() {
            self.ahead.push_front(line);
        }
        let excerpt = excerpt(String::from_utf8_lossy(&first.bytes).trim_end());
        Some(Bad {
            place: first.place,
            reason,
            excerpt,
        })
    }

    /// Goes over one line.
    fn scan(&self, mut scan: Scan, line: &[u8]) -> Result<Scan, Reason> {
        let column = |at: usize| line.iter().take(at + 1).filter(|b| **b & 0xc0 != 0x80).count();
        for (at, byte) in line.iter().copied().enumerate() {
            // A carriage return ends a line only before a line feed, or at the end of the file.
            let is_end =
                byte == b'\n' || (byte == b'\r' && line.get(at + 1).is_none_or(|next| *next == b'\n'));
            let is_text = byte >= b' ' || byte == b'\t' || byte == b'\n' || is_end;
            if !is_text && (byte != b'\r' || scan != Scan::Quoted) {
                return Err(Reason::ControlCharacter {
                    column: column(at),
                    code: byte,
                });
            }
            scan = match scan {
                Scan::CellStart | Scan::QuoteInQuotes if byte == self.quote => Scan::Quoted,
                Scan::Quoted if byte == self.quote => Scan::QuoteInQuotes,
                Scan::Quoted => Scan::Quoted,
                Scan::CellStart | Scan::Bare | Scan::QuoteInQuotes if byte == self.delimiter => {
                    Scan::CellStart
                }
                Scan::QuoteInQuotes if is_end => Scan::QuoteInQuotes,
                Scan::QuoteInQuotes => return Err(Reason::AfterQuote { column: column(at) }),
                Scan::CellStart | Scan::Bare => Scan::Bare,
            };
        }
        Ok(scan)
    }
}

fn check_utf8(line: &Line) -> Result<(), Stop> {
    match std::str::from_utf8(&line.bytes) {
        Ok(_) => Ok(()),
        Err(error) => {
            let before = line.bytes.get(..error.valid_up_to()).unwrap_or_default();
            let column = 1 + before.iter().filter(|b| **b & 0xc0 != 0x80).count() as u64;
            let byte = line.place.byte + before.len() as u64;
            let place = Place {
                column,
                byte,
                ..line.place
            };
            Err(stop(place, Problem::NotUtf8))
        }
    }
}

impl Read for Frames {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.frame.len() {
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return Ok(0),
                Err(stop) => {
                    self.stop = Some(stop);
                    return Err(io::Error::other("the file cannot be read on"));
                }
            }
        }
        let left = self.frame.get(self.given..).unwrap_or_default();
        let n = left.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..n), left.get(..n)) {
            to.copy_from_slice(from);
        }
        self.given += n;
        Ok(n)
    }
}

/// A row as it may have been written, for a report.
pub(super) fn line_of(record: &StringRecord) -> String {
    let cells: Vec<_> = record.iter().take(8).collect();
    cells.join(",")
}

/// The names in a header and where they are.
pub(super) struct Header {
    cells: Vec<String>,
    delimiter: char,
}

impl Header {
    fn find(&self, name: &str) -> Option<Cell> {
        let at = self.cells.iter().position(|cell| cell == name)?;
        Some(Cell {
            at,
            name: name.to_owned(),
        })
    }

    /// Finds what must be there, and notes what is not.
    pub(super) fn need(&self, name: &str, missing: &mut Vec<String>) -> Cell {
        self.find(name).unwrap_or_else(|| {
            missing.push(format!("`{name}`"));
            Cell {
                at: usize::MAX,
                name: name.to_owned(),
            }
        })
    }

    pub(super) fn check(&self, missing: &[String], mapping: &Mapping, place: Place) -> Result<(), Stop> {
        const SHOWN: usize = 12;
        if missing.is_empty() {
            return Ok(());
        }
        let mut found: Vec<_> = self
            .cells
            .iter()
            .take(SHOWN)
            .map(|cell| format!("`{}`", excerpt(cell)))
            .collect();
        if self.cells.len() > SHOWN {
            found.push(format!("{} more", self.cells.len() - SHOWN));
        }
        let problem = Problem::MissingColumns {
            missing: missing.join(", "),
            log: mapping.log.to_string(),
            found: found.join(", "),
            hint: self.hint(),
        };
        Err(stop(place, problem))
    }

    /// Whether the header looks as if another delimiter was used.
    fn hint(&self) -> String {
        let [only] = self.cells.as_slice() else {
            return String::new();
        };
        let other = [(';', ";"), ('\t', "\\t"), (',', ","), ('|', "|")]
            .into_iter()
            .filter(|(mark, _)| *mark != self.delimiter)
            .map(|(mark, written)| (only.matches(mark).count(), written))
            .max_by_key(|(count, _)| *count)
            .filter(|(count, _)| *count > 0);
        match other {
            Some((_, written)) => {
                format!(
                    "; it seems to be separated by `{written}`: say `delimiter: \"{written}\"` under `csv`"
                )
            }
            None => String::new(),
        }
    }

    /// The columns that no name of the mapping took.
    pub(super) fn rest(&self, taken: &[usize]) -> Vec<Cell> {
        self.cells
            .iter()
            .enumerate()
            .filter(|(at, _)| !taken.contains(at))
            .map(|(at, name)| Cell {
                at,
                name: name.clone(),
            })
            .collect()
    }
}
