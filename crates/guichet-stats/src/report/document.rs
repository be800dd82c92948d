//! A document as data: headings, paragraphs, tables with notes. What it looks like is for whoever prints it.

use std::collections::BTreeMap;

use guichet_core::id::{CalendarId, CaseId, Position, Version};
use guichet_core::lang::Lang;
use serde::Serialize;

use crate::figure::{Told, Unit};
use crate::period::Period;

guichet_core::codes! {
    /// Which report.
    Report("report") {
        /// Departments and items ranked by actual speed-up (提速通报).
        SpeedUp = "speed-up",
        /// What the agents of the centre did (代办工作报告).
        Agency = "agency",
        /// Scores by a rule file (绩效评分).
        Performance = "performance",
        /// What a centre publishes of its year (政务公开年度报告).
        Annual = "annual",
    }
}

/// A report, as `schemas/report.v1.schema.json` describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The version of this form.
    pub version: u16,
    /// Which report.
    pub report: Report,
    /// The language of its texts.
    pub lang: &'static str,
    /// Its title.
    pub title: String,
    /// Whose it is, and over which period.
    pub subtitle: String,
    /// The period.
    pub period: Period,
    /// How far the log was read: one past the last position.
    pub position: Position,
    /// The calendars by which days were counted, with their versions.
    pub calendars: BTreeMap<CalendarId, Version>,
    /// What it says, from the top down.
    pub parts: Vec<Part>,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// A heading.
    Heading {
        /// How deep: 2 or 3.
        level: u8,
        /// What it says.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// What it says.
        text: String,
    },
    /// A command line.
    Command {
        /// As it is typed.
        text: String,
    },
    /// A table.
    Table(Table),
}

/// A table with what there is to say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// What the columns mean, and from which set of cases each is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Whether it holds numbers.
    pub numbers: bool,
}

/// A cell, with the number behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// As it is read.
    pub text: String,
    /// The figure, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<Told>,
    /// Whether a number is kept back, because it or another one would tell of fewer than five cases.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suppressed: bool,
    /// The cases behind it, each with the points that it has of them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cases: BTreeMap<CaseId, i64>,
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A number.
    #[must_use]
    pub fn number(number: impl std::fmt::Display + Copy) -> Self {
        Self::text(number.to_string())
    }

    /// A figure as it is read: `97.32 %`, `1.78`, `34`; a dash where there is no value.
    pub(super) fn figure(told: &Told) -> Self {
        Self {
            text: shown(told),
            figure: Some(told.clone()),
            ..Self::default()
        }
    }

    /// A figure with what it is made of: `97.32 % (1395/1434)`.
    pub(super) fn rate(told: &Told) -> Self {
        let mut cell = Self::figure(told);
        if let (Unit::Percent, Some(_), Some(part), Some(whole)) =
            (told.unit, &told.value, told.numerator, told.denominator)
        {
            cell.text = format!("{} ({part}/{whole})", cell.text);
        }
        cell
    }

    /// A number that is kept back.
    pub(super) fn suppressed() -> Self {
        Self {
            text: "*".to_owned(),
            suppressed: true,
            ..Self::default()
        }
    }
}

/// A figure as it is read.
fn shown(told: &Told) -> String {
    match (&told.value, told.unit) {
        (None, _) => "–".to_owned(),
        (Some(value), Unit::Percent) => format!("{value} %"),
        (Some(value), Unit::Count | Unit::WorkingDays | Unit::Points | Unit::Yuan) => value.clone(),
    }
}

impl Table {
    /// A table with these columns; a heading that begins with `#` stands over numbers.
    ///
    /// ```
    /// use guichet_stats::report::Table;
    /// let table = Table::new(["item", "#cases"]);
    /// assert!(table.columns.iter().map(|column| column.numbers).eq([false, true]));
    /// ```
    #[must_use]
    pub fn new<'n>(columns: impl IntoIterator<Item = &'n str>) -> Self {
        let columns = columns.into_iter().map(|name| {
            let (name, numbers) = name.strip_prefix('#').map_or((name, false), |name| (name, true));
            Column {
                name: capital(name),
                numbers,
            }
        });
        Self {
            columns: columns.collect(),
            ..Self::default()
        }
    }

    /// One more column, of numbers.
    pub fn number_column(&mut self, name: impl AsRef<str>) {
        self.columns.push(Column {
            name: capital(name.as_ref()),
            numbers: true,
        });
    }

    /// One more note under it.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// What each figure means, as a note.
    pub(super) fn explain(&mut self, figures: &[crate::figure::Figure], lang: Lang) {
        for figure in figures {
            self.notes.push(match lang {
                Lang::Zh => format!("{}：{}。", figure.name(lang), figure.meaning(lang)),
                Lang::En => format!("{}: {}", capital(figure.name(lang)), figure.meaning(lang)),
            });
        }
    }
}

/// A heading begins with a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
