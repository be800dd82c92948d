//! `guichet calendar`: which days count, for people who ask.

mod count;
mod notice;
mod words;
mod year;

use std::path::Path;

use clap::{Args, Subcommand};
use guichet::catalogue::calendars::{self, SHIPPED};
use guichet::catalogue::{LoadError, calendar_file};
use guichet::core::calendar::{Calendar, CalendarError};
use schemars::JsonSchema;
use serde::Serialize;

pub use self::count::{Between, TermEnd};
pub use self::notice::Imported;
pub use self::year::YearView;
use crate::context::{Context, Exit, Failure, Lang};
use crate::table::{self, number};

/// What `guichet calendar` takes.
#[derive(Clone, Debug, Args)]
pub struct CalendarArgs {
    #[command(subcommand)]
    command: CalendarCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum CalendarCommand {
    /// List the calendars that ship
    List,
    /// Show a year: month by month, with holidays, make-up days and how many days are worked
    Show(year::ShowArgs),
    /// Say when a term ends, and count its days one by one
    Due(count::DueArgs),
    /// Count the working days after one day up to another
    Between(count::BetweenArgs),
    /// Merge a published notice into a calendar: its next version, and what changes
    Import(notice::ImportArgs),
    /// Write a calendar out, for calendar programs or as a document
    Export(notice::ExportArgs),
}

/// Which calendar is meant.
#[derive(Clone, Debug, Args)]
pub(crate) struct CalendarArg {
    /// The name of one that ships, or the file of a calendar or of a layer over one
    #[arg(long, value_name = "NAME|FILE", default_value = "CN")]
    calendar: String,
}

/// Lists, shows, counts, imports or exports.
///
/// # Errors
///
/// [`Failure`] when the calendar cannot be read or does not cover the days that are asked for, or the notice is wrong.
pub fn run(args: &CalendarArgs, context: Context) -> Result<Exit, Failure> {
    match &args.command {
        CalendarCommand::List => list(context),
        CalendarCommand::Show(args) => year::show(args, context),
        CalendarCommand::Due(args) => count::due(args, context),
        CalendarCommand::Between(args) => count::between(args, context),
        CalendarCommand::Import(args) => notice::import(args, context),
        CalendarCommand::Export(args) => notice::export(args, context),
    }
}

impl CalendarArg {
    /// The calendar that is meant.
    fn resolve(&self) -> Result<Calendar, Failure> {
        let name = self.calendar.as_str();
        let path = Path::new(name);
        if let Some(shipped) = calendars::shipped(name) {
            return shipped.calendar().map_err(|error| {
                Failure::config(
                    "calendar_unreadable",
                    format!("the calendar {name} cannot be read"),
                )
                .because_of(&error)
            });
        }
        if !path.exists() && path.components().count() == 1 && path.extension().is_none() {
            let shipped: Vec<_> = SHIPPED.iter().map(|shipped| shipped.id()).collect();
            let shipped = shipped.join(", ");
            return Err(Failure::usage(
                "no_such_calendar",
                format!("no calendar `{name}` ships, and there is no such file"),
            )
            .help(format!(
                "those that ship are {shipped}; a file is named with its suffix, like {name}.json"
            ))
            .zh(
                format!("没有名为“{name}”的内置日历，也没有这样的文件"),
                Some(&format!("内置日历：{shipped}；文件请写出扩展名，如 {name}.json")),
            ));
        }
        calendar_file(path).map_err(|error| {
            if let LoadError::Unreadable { source, .. } = &error {
                return Failure::file(path, "cannot read", source);
            }
            Failure::config(
                "calendar_unreadable",
                format!("the calendar {name} cannot be read"),
            )
            .zh(format!("无法读取日历 {name}"), None)
            .because_of(&error)
        })
    }
}

/// What to do when a day is not covered.
fn uncovered(calendar: &Calendar, error: &CalendarError) -> Failure {
    let (id, covered) = (calendar.id(), calendar.covered());
    let failure = Failure::usage("calendar_uncovered", error.to_string());
    match error {
        CalendarError::Uncovered { date, .. } => {
            let year = date.ymd().0;
            let import = format!("`guichet calendar import NOTICE --calendar {id} --year {year} -o FILE`");
            failure
                .help(format!(
                    "years without an official notice are never guessed; {import} makes a version that covers {year} out of \
                     its notice, and `--calendar FILE` uses it"
                ))
                .zh(
                    format!(
                        "日历 {id} 没有 {date} 的资料：它涵盖 {} 至 {}",
                        covered.first(),
                        covered.last()
                    ),
                    Some(&format!(
                        "没有正式通知的年份从不推测；有了 {year} 年的通知，用 {import} 生成涵盖该年的版本，再用 `--calendar FILE`"
                    )),
                )
        }
        _ => failure,
    }
}

/// The calendars that ship.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Calendars that ship", extend("$id" = "urn:guichet:schema:calendar-list:v1"))]
pub struct Calendars {
    /// The version of this document.
    version: u16,
    /// The calendars, by name.
    calendars: Vec<Listed>,
}

/// One calendar of the list.
#[derive(Debug, Serialize, JsonSchema)]
struct Listed {
    /// Its name.
    calendar: String,
    /// The version of its facts.
    calendar_version: u64,
    /// What people call it.
    title: String,
    /// The first day that it knows, like 2010-01-01.
    first_date: String,
    /// The last day that it knows.
    last_date: String,
    /// When its facts were published.
    published_on: Option<String>,
    /// Where its facts come from.
    source: String,
}

fn list(context: Context) -> Result<Exit, Failure> {
    let mut calendars = Vec::new();
    for shipped in SHIPPED {
        let calendar = CalendarArg {
            calendar: shipped.id().to_owned(),
        }
        .resolve()?;
        calendars.push(Listed {
            calendar: calendar.id().to_string(),
            calendar_version: calendar.version().0,
            title: calendar.title().to_owned(),
            first_date: calendar.covered().first().to_string(),
            last_date: calendar.covered().last().to_string(),
            published_on: calendar.facts().published_on.map(|date| date.to_string()),
            source: calendar.source().to_owned(),
        });
    }
    let calendars = Calendars {
        version: 1,
        calendars,
    };
    context.answer(&calendars, || {
        let say = |zh, en| context.say(zh, en);
        let mut table = table::table([
            say("日历", "calendar"),
            say("版", "v"),
            say("起", "from"),
            say("止", "to"),
            say("名称", "title"),
            say("来源", "source"),
        ]);
        for listed in &calendars.calendars {
            table.add_row(vec![
                listed.calendar.as_str().into(),
                number(listed.calendar_version),
                listed.first_date.as_str().into(),
                listed.last_date.as_str().into(),
                listed.title.as_str().into(),
                listed.source.as_str().into(),
            ]);
        }
        table::wrap_only(&mut table, &[4, 5]);
        table::print(&table)
    })?;
    Ok(Exit::Ok)
}

/// The line that names a calendar above an answer.
fn heading(calendar: &Calendar, context: Context) -> String {
    let (id, version, title) = (calendar.id(), calendar.version(), calendar.title());
    match context.lang {
        Lang::Zh => format!("{id} 第 {version} 版：{title}\n"),
        Lang::En => format!("{id}, version {version}: {title}\n"),
    }
}

/// What to know of an answer that rests on days nobody has announced; nothing where it does not.
fn provisional(calendar: &Calendar, provisional: bool, context: Context) -> String {
    match calendar.provisional_from() {
        Some(from) if provisional => match context.lang {
            Lang::Zh => format!("暂定：{from} 起的日期尚未正式公布，通知公布后结果可能改变\n"),
            Lang::En => {
                format!(
                    "provisional: the days from {from} on are not officially announced, and their notice may move this\n"
                )
            }
        },
        Some(_) | None => String::new(),
    }
}
