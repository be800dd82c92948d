//! `guichet calendar import` and `calendar export`: published notices taken in, calendars given out.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use guichet::catalogue::DOCUMENT_BYTES_MAX;
use guichet::catalogue::notice::{self, Merged, Terms, ics};
use guichet::core::calendar::{Calendar, DayKind, DayRange};
use guichet::core::time::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::words::{kind, names, weekday};
use super::{CalendarArg, uncovered};
use crate::context::{Context, Exit, Failure, Lang};
use crate::output::deliver;
use crate::table;

/// What `guichet calendar import` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct ImportArgs {
    /// The notice: .toml (State Council), .json (holiday-calendar, or a calendar of Guichet) or .ics (iCalendar)
    #[arg(value_name = "NOTICE")]
    notice: PathBuf,
    #[command(flatten)]
    calendar: CalendarArg,
    /// The year of the notice, where it has days of several
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1..=9_998))]
    year: Option<i16>,
    /// When the new version is published; when the notice was issued if absent
    #[arg(long, value_name = "DATE")]
    published_on: Option<Date>,
    /// Only change the days that the notice names, and leave the rest of its year alone
    #[arg(long)]
    amend: bool,
    /// Into which file; to standard output when absent
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What `guichet calendar export` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    calendar: CalendarArg,
    /// Only this year; all that is covered when absent. A document is always whole
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1..=9_998))]
    year: Option<i16>,
    /// In which form: for calendar programs, or as the document of the calendar
    #[arg(long, value_enum, default_value_t = ExportFormat::Ics)]
    format: ExportFormat,
    /// Into which file; to standard output when absent
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    Ics,
    Json,
}

/// What an import changed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "What a notice changed", extend("$id" = "urn:guichet:schema:calendar-import:v1"))]
pub struct Imported {
    /// The version of this document.
    version: u16,
    /// The calendar.
    calendar: String,
    /// The version that the calendar has now.
    calendar_version: u64,
    /// The year of the notice.
    year: i16,
    /// Whether anything is different.
    changed: bool,
    /// The first and the last day that were not covered before.
    added: Option<[String; 2]>,
    /// The days that changed sides; of days that were not covered, those that differ from an ordinary week.
    changes: Vec<Changed>,
}

/// A day that changed.
#[derive(Debug, Serialize, JsonSchema)]
struct Changed {
    /// The day.
    date: String,
    /// What it was; null where it was not covered.
    before: Option<&'static str>,
    /// What it is.
    after: &'static str,
    /// Whether it is a working day now.
    works: bool,
}

pub(super) fn import(args: &ImportArgs, context: Context) -> Result<Exit, Failure> {
    let calendar = args.calendar.resolve()?;
    let file = args.notice.display().to_string();
    let text = read(&args.notice)?;
    let refused = |error: &dyn std::error::Error| {
        Failure::config("notice_refused", format!("the notice {file} was not taken"))
            .zh(format!("未采用通知 {file}"), None)
            .because_of(error)
    };
    let notice = notice::read(&file, &text).map_err(|error| refused(&error))?;
    let terms = Terms {
        year: args.year,
        published_on: args.published_on,
        amend: args.amend,
    };
    let merged = notice::merge(&calendar, &notice, terms).map_err(|error| refused(&error))?;
    let imported = Imported {
        version: 1,
        calendar: merged.calendar.id().to_string(),
        calendar_version: merged.calendar.version().0,
        year: merged.year,
        changed: merged.changed,
        added: merged
            .added
            .map(|days| [days.first().to_string(), days.last().to_string()]),
        changes: merged
            .changes
            .iter()
            .map(|change| Changed {
                date: change.date.to_string(),
                before: change.before.map(DayKind::as_str),
                after: change.after.as_str(),
                works: change.after.works(),
            })
            .collect(),
    };
    let difference = difference(&merged, context).map_err(|error| uncovered(&merged.calendar, &error))?;
    let document = document(&merged.calendar)?;
    if let Some(path) = &args.output {
        deliver(&document, Some(path), context)?;
        context.answer(&imported, || difference)?;
    } else {
        context.remark(difference.trim_end());
        deliver(&document, None, context)?;
    }
    Ok(Exit::Ok)
}

/// A calendar's document.
fn document(calendar: &Calendar) -> Result<String, Failure> {
    let mut document =
        serde_json::to_string_pretty(calendar).map_err(|error| Failure::output(&error.into()))?;
    document.push('\n');
    Ok(document)
}

fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error: &std::io::Error| Failure::file(path, "cannot read", error);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|open| open.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(&error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::config(
            "notice_refused",
            format!(
                "{} is no UTF-8 text: byte {at} does not belong there",
                path.display()
            ),
        )
        .zh(
            format!("{} 不是 UTF-8 文本：字节 {at} 有误", path.display()),
            None,
        )
    })
}

/// What changed, for people.
fn difference(merged: &Merged, context: Context) -> Result<String, guichet::core::calendar::CalendarError> {
    let (id, version, year) = (merged.calendar.id(), merged.calendar.version(), merged.year);
    if !merged.changed {
        return Ok(match context.lang {
            Lang::Zh => format!("{id} 第 {version} 版：{year} 年没有变化\n"),
            Lang::En => format!("{id}, version {version}: nothing changes in {year}\n"),
        });
    }
    let days = merged.changes.len();
    let mut text = match (context.lang, days) {
        (Lang::Zh, _) => format!("{id} 第 {version} 版：{year} 年，{days} 天变化\n"),
        (Lang::En, 1) => format!("{id}, version {version}: {year}, 1 day changes\n"),
        (Lang::En, _) => format!("{id}, version {version}: {year}, {days} days change\n"),
    };
    if let Some(days) = merged.added {
        // Writing into a string does not fail.
        let _ = match context.lang {
            Lang::Zh => writeln!(
                text,
                "新涵盖 {} 至 {}，以下为与平常一周不同的日子",
                days.first(),
                days.last()
            ),
            Lang::En => writeln!(
                text,
                "newly covered: {days}; below, the days that differ from an ordinary week"
            ),
        };
    }
    let mut table = table::fields();
    for change in &merged.changes {
        let day = merged.calendar.day(change.date)?;
        // As in any comparison of texts: a plus for what is worked now, a minus for what is off now.
        let sign = if change.after.works() { "+" } else { "-" };
        let before = change.before.map_or_else(
            || context.say("未涵盖", "not covered"),
            |before| kind(before, context),
        );
        table.add_row(vec![
            sign.to_owned(),
            change.date.to_string(),
            weekday(change.date, context.lang).to_owned(),
            format!("{before} → {}", kind(change.after, context)),
            names(&day, context),
        ]);
    }
    text.push_str(&table::print(&table));
    Ok(text)
}

pub(super) fn export(args: &ExportArgs, context: Context) -> Result<Exit, Failure> {
    let calendar = args.calendar.resolve()?;
    let exported = match args.format {
        ExportFormat::Json => document(&calendar)?,
        ExportFormat::Ics => {
            let days = args.year.map_or_else(|| calendar.covered(), DayRange::year);
            ics::write(&calendar, days, context.lang).map_err(|error| uncovered(&calendar, &error))?
        }
    };
    deliver(&exported, args.output.as_deref(), context)
}
