//! Tables: what an export writes as rows, described so that a writer of CSV or Parquet knows no single one of them.
//!
//! A table is a file of this folder: its columns, each with the value that it takes from a row, and one function that says
//! what the rows are. [`all`] lists them.
//!
//! ```
//! use guichet_stats::table::{self, Rows};
//! use guichet_stats::Facts;
//!
//! let tables = table::all();
//! let cases = tables.iter().find(|table| table.name == "cases").ok_or("there is no such table")?;
//! assert_eq!(cases.columns[0].name, "case");
//! let Rows::Facts(rows) = cases.rows else { return Err("cases are facts".into()) };
//! assert_eq!(rows(&Facts::default()).count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cases;
mod complaints;
mod encounters;
mod events;
mod fees;
mod members;
mod praise;
mod ratings;
mod steps;

use guichet_core::time::{Date, Timestamp};
use guichet_log::projection::Recorded;

use crate::rows::{CaseRows, Facts};

/// Words for people, in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name, which is that of its file too.
    pub name: &'static str,
    /// What a row is.
    pub row: Words,
    /// Its columns, in their order. Every row has a cell for each.
    pub columns: Vec<Column>,
    /// The column, a date or an instant, whose month says to which part of a large export a row belongs.
    pub month_of: &'static str,
    /// Where its rows come from.
    pub rows: Rows,
}

/// Where the rows of a table come from.
#[derive(Clone, Copy, Debug)]
pub enum Rows {
    /// From each record as it is read: one row.
    Records(fn(&Recorded) -> Row),
    /// From the facts, once all records are read, in an order that is always the same.
    Facts(for<'f> fn(&'f Facts) -> Box<dyn Iterator<Item = Row> + 'f>),
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name: small letters and `_`, and never changed once released.
    pub name: &'static str,
    /// What its cells hold.
    pub kind: Type,
    /// The unit of its numbers, where they have one: `days`, `fen`.
    pub unit: Option<&'static str>,
    /// What it means.
    pub meaning: Words,
    /// Whether a cell may be empty.
    pub nullable: bool,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text: a name, an id, a code, words.
    Text,
    /// A whole number.
    Integer,
    /// Yes or no.
    Flag,
    /// A date in the centre's calendar.
    Date,
    /// An instant, exact to the microsecond.
    Instant,
    /// A number with so many decimal places.
    Decimal(u8),
}

impl Type {
    /// The word that data dictionaries use for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Flag => "flag",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::Decimal(_) => "decimal",
        }
    }
}

/// What stands in one cell. Each belongs to the [`Type`] of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// A date.
    Date(Date),
    /// An instant.
    Instant(Timestamp),
    /// A number, without its decimal point: 1234 with two places is 12.34.
    Decimal(i64),
}

/// The cells of a row: nothing where there is no value.
pub type Row = Vec<Option<Value>>;

macro_rules! values {
    ($($from:ty => |$value:ident| $made:expr;)+) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $made
            }
        }
    )+};
}
values! {
    &str => |text| Self::Text(text.to_owned());
    String => |text| Self::Text(text);
    i64 => |number| Self::Integer(number);
    u32 => |number| Self::Integer(i64::from(number));
    // Counts of things that are stored never come near the bound.
    u64 => |number| Self::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    bool => |flag| Self::Flag(flag);
    Date => |date| Self::Date(date);
    Timestamp => |instant| Self::Instant(instant);
}

/// What can stand in a cell: a value, or one that may be missing.
trait IntoCell {
    fn into_cell(self) -> Option<Value>;
}

impl<T: Into<Value>> IntoCell for T {
    fn into_cell(self) -> Option<Value> {
        Some(self.into())
    }
}

impl<T: Into<Value>> IntoCell for Option<T> {
    fn into_cell(self) -> Option<Value> {
        self.map(Into::into)
    }
}

/// Defines `columns()`, which describes the columns of a table, and `cells(row)`, which fills them: each column stands in one
/// place, with what it means and what it takes from the row.
///
/// `name: Type required|optional [in "unit"], "中文", "English" => value;`
macro_rules! columns {
    ($row:ident: &$of:ty; $(
        $name:ident: $type:ident $(($places:literal))? $null:ident $(in $unit:literal)?,
        $zh:literal, $en:literal => $value:expr;
    )+) => {
        fn columns() -> Vec<$crate::table::Column> {
            vec![$($crate::table::Column {
                name: stringify!($name),
                kind: $crate::table::Type::$type $(($places))?,
                unit: None $(.or(Some($unit)))?,
                meaning: $crate::table::Words { zh: $zh, en: $en },
                nullable: columns!(@$null),
            }),+]
        }

        fn cells($row: &$of) -> $crate::table::Row {
            use $crate::table::IntoCell as _;
            vec![$($value.into_cell()),+]
        }
    };
    (@required) => { false };
    (@optional) => { true };
}
use columns;

/// Something of a case that has a row of its own.
#[derive(Clone, Copy, Debug)]
struct OfCase<'f, T> {
    of: &'f CaseRows,
    /// Its place among those of the case, from 0.
    place: u64,
    row: &'f T,
}

impl<T> OfCase<'_, T> {
    fn case(&self) -> &str {
        self.of.id.as_str()
    }
}

/// The rows that the cases have of one sort: case by case in the order of their submission, those of a case in their own order.
fn of_cases<'f, T: 'f>(facts: &'f Facts, rows: fn(&CaseRows) -> &[T]) -> impl Iterator<Item = OfCase<'f, T>> {
    facts.rows().flat_map(move |of| {
        let places = (0..).zip(rows(of));
        places.map(move |(place, row)| OfCase { of, place, row })
    })
}

/// Every table, in the order in which people read them.
#[must_use]
pub fn all() -> Vec<Table> {
    vec![
        cases::table(),
        steps::table(),
        members::table(),
        ratings::table(),
        encounters::table(),
        fees::table(),
        complaints::table(),
        praise::table(),
        events::table(),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_table_and_column_has_a_name_of_its_own_and_says_what_it_means() {
        let plain = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let mut names = BTreeSet::new();
        for table in all() {
            assert!(plain(table.name) && names.insert(table.name), "{}", table.name);
            let mut columns = BTreeSet::new();
            for column in &table.columns {
                assert!(
                    plain(column.name) && columns.insert(column.name),
                    "{}",
                    column.name
                );
                assert!(
                    !column.meaning.zh.is_empty() && !column.meaning.en.is_empty(),
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
            let month = table.columns.iter().find(|column| column.name == table.month_of);
            assert!(
                month.is_some_and(|it| matches!(it.kind, Type::Date | Type::Instant) && !it.nullable),
                "{} has no column `{}` with a date in every row",
                table.name,
                table.month_of
            );
        }
    }
}
