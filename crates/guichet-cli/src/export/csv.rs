//! CSV by RFC 4180: one table, or all of them with a data dictionary.
//!
//! Rows of records are written as they are read; the facts are kept in memory, in proportion to the cases.

use std::io::{self, Write};
use std::path::Path;

use ::csv::{ErrorKind, Terminator, Writer, WriterBuilder};
use guichet_log::projection::Projection as _;
use guichet_stats::Facts;
use guichet_stats::table::{Row, Rows, Table, Type, Value};

use super::{Counts, Source, dictionary};
use crate::context::Failure;
use crate::output::{self, WholeFile, WholeFolder};

/// How the CSV is written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    /// With a byte order mark.
    pub(super) bom: bool,
    /// Without the mark before what looks like a formula.
    pub(super) raw: bool,
}

/// Writes one table.
pub(super) async fn write(
    table: &Table,
    style: Style,
    source: &Source<'_>,
    out: &mut impl Write,
) -> Result<Counts, Failure> {
    let mut sheet = Sheet::begin(table, style, out)?;
    let mut facts = Facts::default();
    source
        .each_event(|recorded| {
            match table.rows {
                Rows::Records(row) => sheet.put(&row(&recorded))?,
                Rows::Facts(_) => facts.apply(&recorded),
            }
            Ok(())
        })
        .await?;
    if let Rows::Facts(rows) = table.rows {
        rows(&facts).try_for_each(|row| sheet.put(&row))?;
    }
    Ok(Counts {
        rows: Some(sheet.finish()?),
        ..Counts::default()
    })
}

/// Writes every table into a file of its name, and what they mean beside them.
pub(super) async fn write_all(
    folder: &Path,
    tables: &[Table],
    style: Style,
    source: &Source<'_>,
) -> Result<Counts, Failure> {
    let whole = WholeFolder::begin(folder)?;
    let mut sheets = Vec::new();
    for table in tables {
        let path = whole.place().join(format!("{}.csv", table.name));
        sheets.push(Sheet::begin(table, style, WholeFile::begin(&path)?)?);
    }
    let mut facts = Facts::default();
    let written = source
        .each_event(|recorded| {
            for (table, sheet) in tables.iter().zip(&mut sheets) {
                if let Rows::Records(row) = table.rows {
                    sheet.put(&row(&recorded))?;
                }
            }
            facts.apply(&recorded);
            Ok(())
        })
        .await;
    written.map_err(|failure| output::of_file(failure, folder))?;
    let mut rows = 0;
    for (table, mut sheet) in tables.iter().zip(sheets) {
        if let Rows::Facts(of) = table.rows {
            let put = of(&facts).try_for_each(|row| sheet.put(&row));
            put.map_err(|failure| output::of_file(failure, folder))?;
        }
        rows += sheet.rows;
        sheet.into_inner()?.finish()?;
    }
    dictionary::write(whole.place(), tables, style)?;
    whole.finish()?;
    Ok(Counts {
        tables: Some(tables.len() as u64),
        rows: Some(rows),
        ..Counts::default()
    })
}

/// A table as it is written.
pub(super) struct Sheet<W: Write> {
    csv: Writer<W>,
    raw: bool,
    places: Vec<u8>,
    rows: u64,
}

impl<W: Write> Sheet<W> {
    fn begin(table: &Table, style: Style, out: W) -> Result<Self, Failure> {
        let mut sheet = Self::of(style, out)?;
        sheet.places = table
            .columns
            .iter()
            .map(|column| match column.kind {
                Type::Decimal(places) => places,
                Type::Text | Type::Integer | Type::Flag | Type::Date | Type::Instant => 0,
            })
            .collect();
        let names = table.columns.iter().map(|column| column.name);
        sheet.csv.write_record(names).map_err(failed)?;
        Ok(sheet)
    }

    /// A sheet without anything in it.
    pub(super) fn of(style: Style, mut out: W) -> Result<Self, Failure> {
        if style.bom {
            out.write_all("\u{feff}".as_bytes())?;
        }
        Ok(Self {
            csv: WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out),
            raw: style.raw,
            places: Vec::new(),
            rows: 0,
        })
    }

    /// Writes texts, guarded.
    pub(super) fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) -> Result<(), Failure> {
        for text in texts {
            self.text(text)?;
        }
        self.end()
    }

    fn put(&mut self, row: &Row) -> Result<(), Failure> {
        for (at, cell) in row.iter().enumerate() {
            match cell {
                None => self.plain("")?,
                Some(Value::Text(text)) => self.text(text)?,
                Some(Value::Integer(number)) => self.plain(&number.to_string())?,
                Some(Value::Flag(flag)) => self.plain(if *flag { "true" } else { "false" })?,
                Some(Value::Date(date)) => self.plain(&date.to_string())?,
                Some(Value::Instant(instant)) => self.plain(&instant.to_string())?,
                Some(Value::Decimal(number)) => {
                    let places = self.places.get(at).copied().unwrap_or_default();
                    self.plain(&decimal(*number, places))?;
                }
            }
        }
        self.end()
    }

    fn text(&mut self, text: &str) -> Result<(), Failure> {
        if !self.raw && is_formula(text) {
            return self.plain(&format!("'{text}"));
        }
        self.plain(text)
    }

    fn plain(&mut self, text: &str) -> Result<(), Failure> {
        self.csv.write_field(text).map_err(failed)
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.rows += 1;
        self.csv.write_record(None::<&[u8]>).map_err(failed)
    }

    fn finish(mut self) -> Result<u64, Failure> {
        self.csv.flush()?;
        Ok(self.rows)
    }

    pub(super) fn into_inner(self) -> Result<W, Failure> {
        self.csv
            .into_inner()
            .map_err(|error| Failure::output(&error.into_error()))
    }
}

fn failed(error: ::csv::Error) -> Failure {
    let text = error.to_string();
    // As it is: a reader that has gone away is told by its kind.
    if let ErrorKind::Io(error) = error.into_kind() {
        return Failure::output(&error);
    }
    Failure::output(&io::Error::other(text))
}

/// Whether a spreadsheet would take a text for a formula, and run what a stranger wrote. The wide forms are those of Chinese
/// and Japanese keyboards, which some spreadsheets take for the narrow ones.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A number with its decimal point.
fn decimal(number: i64, places: u8) -> String {
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "-" } else { "" };
    let places = usize::from(places);
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_all_of_its_places() {
        assert_eq!(decimal(-1234, 2), "-12.34");
        assert_eq!(decimal(7, 3), "0.007");
        assert_eq!(decimal(7, 0), "7");
    }

    #[test]
    fn what_looks_like_a_formula_is_marked_unless_it_is_wanted_raw() {
        let written = |raw| {
            let mut sheet = Sheet::of(Style { bom: true, raw }, Vec::new()).unwrap();
            sheet.texts(["=1+1", "－1", "a,\"b\"\n件", "x=1", ""]).unwrap();
            String::from_utf8(sheet.into_inner().unwrap()).unwrap()
        };
        assert_eq!(written(false), "\u{feff}'=1+1,'－1,\"a,\"\"b\"\"\n件\",x=1,\r\n");
        assert_eq!(written(true), "\u{feff}=1+1,－1,\"a,\"\"b\"\"\n件\",x=1,\r\n");
    }
}
