//! `guichet-audit what-if`.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use guichet_catalogue::{calendar_file, calendars, policies};
use guichet_core::calendar::Calendar;
use guichet_core::policy::Policy;
use guichet_core::time::Date;
use guichet_log::projection::Projection as _;
use guichet_stats::Period;
use guichet_terminal::context::{Context, Exit, Failure};

use super::{Change, ChangeError, Question, WhatIf, text};
use crate::args::LogArgs;
use crate::as_of::Moment;
use crate::source::zone;

/// What `guichet-audit what-if` takes.
#[derive(Clone, Debug, Args)]
pub struct WhatIfArgs {
    #[command(flatten)]
    log: LogArgs,
    /// Another promise: 10wd for every item that promises more, item:ID=10wd, department:ID=10wd
    #[arg(long, value_name = "[OF=]TERM", value_parser = Change::promise)]
    promise: Vec<Change>,
    /// Another term by law: ITEM=10wd
    #[arg(long, value_name = "ITEM=TERM", value_parser = Change::term)]
    term: Vec<Change>,
    /// Another calendar in the place of every one: a file, or the name of one that ships
    #[arg(long, value_name = "FILE|NAME")]
    calendar: Option<String>,
    /// A day on which nobody works
    #[arg(long, value_name = "DATE")]
    day_off: Vec<Date>,
    /// A day on which people work
    #[arg(long, value_name = "DATE")]
    working_day: Vec<Date>,
    /// Another law of counting for every item: a file, or the name of one that ships
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,
    /// One switch of the law of counting: `resumed_day=counted`, or `resume_day_counts` for that one
    #[arg(long, value_name = "NAME=VALUE", value_parser = Change::switch)]
    switch: Vec<Change>,
    /// Without the cases of a window, department, handler, agent or procedure: window=w12
    #[arg(long, value_name = "BY=ID", value_parser = Change::without)]
    without: Vec<Change>,
    /// Which decisions are looked at [default: all]
    #[arg(long, value_name = "PERIOD")]
    over: Option<Period>,
    /// As of when the log is read: a day, an instant, position:N
    #[arg(long, value_name = "MOMENT", default_value = "now", hide_default_value = true)]
    as_of: Moment,
}

/// Asks what would have been.
///
/// # Errors
///
/// [`Failure`] when something supposed cannot be read or is not in the log, or the log cannot be read.
pub fn run(args: &WhatIfArgs, context: Context) -> Result<Exit, Failure> {
    let changes = changes(args)?;
    let source = args.log.open(context)?;
    let mut what_if = WhatIf::new(Question {
        changes,
        period: args.over.unwrap_or(Period::ALWAYS),
        as_of: args.as_of.as_of(&zone(source.as_ref(), args.as_of)?),
    });
    for recorded in source.records(guichet_core::id::Position::START) {
        what_if.apply(&recorded?);
    }
    let answer = what_if.view().map_err(|impossible| failure(&impossible.source))?;
    context.answer(&answer.supposed, || text(&answer, context))?;
    Ok(Exit::Ok)
}

fn changes(args: &WhatIfArgs) -> Result<Vec<Change>, Failure> {
    // A policy as a whole comes before its switches, and a calendar before its days.
    let mut changes = Vec::new();
    if let Some(name) = &args.policy {
        changes.push(Change::Policy(Arc::new(policy(name)?)));
    }
    changes.extend(args.switch.iter().cloned());
    if let Some(name) = &args.calendar {
        changes.push(Change::Calendar {
            of: None,
            calendar: Arc::new(calendar(name)?),
        });
    }
    changes.extend(args.day_off.iter().copied().map(Change::DayOff));
    changes.extend(args.working_day.iter().copied().map(Change::WorkingDay));
    let rest = args.term.iter().chain(&args.promise).chain(&args.without);
    changes.extend(rest.cloned());
    Ok(changes)
}

fn calendar(name: &str) -> Result<Calendar, Failure> {
    let unusable = |error: &dyn std::error::Error| {
        Failure::config(
            "calendar_unusable",
            format!("the calendar `{name}` cannot be used"),
        )
        .zh(format!("日历 `{name}` 无法使用"), None)
        .because_of(error)
    };
    if let Some(shipped) = calendars::shipped(name) {
        return shipped.calendar().map_err(|error| unusable(&error));
    }
    calendar_file(Path::new(name)).map_err(|error| unusable(&error))
}

fn policy(name: &str) -> Result<Policy, Failure> {
    let unusable = |error: &dyn std::error::Error| {
        Failure::config("policy_unusable", format!("the policy `{name}` cannot be used"))
            .zh(format!("计时规则 `{name}` 无法使用"), None)
            .because_of(error)
    };
    if let Some(shipped) = policies::shipped(name) {
        return shipped.policy().map_err(|error| unusable(&error));
    }
    let text = std::fs::read_to_string(name)
        .map_err(|error| Failure::file(Path::new(name), "cannot read", &error))?;
    policies::parse(&text).map_err(|error| unusable(&error))
}

fn failure(error: &ChangeError) -> Failure {
    let failure = Failure::usage("not_to_be_supposed", error.to_string());
    let zh = match error {
        ChangeError::Text { found, expected, .. } => format!("`{found}` 写法不对，应为 {expected}"),
        ChangeError::Unknown { what, id } => {
            let what = match *what {
                "item" => "事项",
                "department" => "部门",
                _ => "日历",
            };
            format!("日志中的目录没有{what} `{id}`")
        }
        ChangeError::Uncovered(day) => format!("日志中没有日历包含 {day}"),
        ChangeError::Calendar { calendar, .. } => format!("日历 {calendar} 不能这样改"),
        ChangeError::Switch { name, value, .. } => format!("计时规则不能有 {name} = {value}"),
    };
    failure.zh(zh, None)
}
