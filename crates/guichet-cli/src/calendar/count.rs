//! `guichet calendar due` and `calendar between`: days counted.

use std::fmt::Write as _;

use clap::Args;
use guichet::core::calendar::{Calendar, CalendarError, DayKind, DayRange};
use guichet::core::clock::Clock;
use guichet::core::policy::Policy;
use guichet::core::time::{Date, Term, TimeError};
use schemars::JsonSchema;
use serde::Serialize;

use super::words::{DayView, kind, names, weekday};
use super::{CalendarArg, heading, provisional, uncovered};
use crate::context::{Context, Exit, Failure, Lang};
use crate::table::{self, number};

/// What `guichet calendar due` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct DueArgs {
    /// The day on which the term begins; it does not count
    #[arg(value_name = "START")]
    start: Date,
    /// The term: a number and wd (working days), cd (calendar days), w (weeks) or mo (months); -5wd counts back
    #[arg(value_name = "TERM", allow_hyphen_values = true)]
    term: Signed,
    #[command(flatten)]
    calendar: CalendarArg,
}

/// What `guichet calendar between` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct BetweenArgs {
    /// The first day; it does not count
    #[arg(value_name = "FROM")]
    from: Date,
    /// The last day; it counts if it is a working day
    #[arg(value_name = "TO")]
    to: Date,
    #[command(flatten)]
    calendar: CalendarArg,
}

/// A term, forwards or back.
#[derive(Clone, Copy, Debug)]
struct Signed {
    back: bool,
    term: Term,
}

impl std::str::FromStr for Signed {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (back, length) = match text.strip_prefix('-') {
            Some(length) => (true, length),
            None => (false, text),
        };
        let term = length
            .parse()
            .map_err(|_| TimeError::Term(text.chars().take(60).collect()))?;
        Ok(Self { back, term })
    }
}

impl std::fmt::Display for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.back { "-" } else { "" }, self.term)
    }
}

/// When a term ends.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "The end of a term", extend("$id" = "urn:guichet:schema:calendar-due:v1"))]
pub struct TermEnd {
    /// The version of this document.
    version: u16,
    /// The calendar.
    calendar: String,
    /// The version of its facts.
    calendar_version: u64,
    /// The day on which the term begins; it does not count.
    start: String,
    /// The term, like `20wd`; one that counts back has a minus sign.
    term: String,
    /// The last day that is in time; of a term that counts back, the day that it leads to.
    due_on: String,
    /// Its day of the week, Monday being 1.
    #[schemars(range(min = 1, max = 7))]
    weekday: u8,
    /// Whether it rests on days that nobody has officially announced yet.
    provisional: bool,
    /// Every day from the start to the end, the start included.
    days: Vec<Counted>,
}

/// A day on the way.
#[derive(Debug, Serialize, JsonSchema)]
struct Counted {
    /// As which day of the term it counts; null where it does not.
    counted: Option<u32>,
    /// The day.
    day: DayView,
}

pub(super) fn due(args: &DueArgs, context: Context) -> Result<Exit, Failure> {
    let Signed { back, term } = args.term;
    match (term, back) {
        (Term::WorkingHours(_), _) => {
            return Err(Failure::usage(
                "hours_need_opening_hours",
                "a calendar of days cannot count working hours",
            )
            .help("write the term in days, weeks or months; hours count by the opening hours of a centre")
            .zh(
                "日历按天记录，无法计算工作小时",
                Some("请用日、周或月书写期限；小时按中心的办公时间计算"),
            ));
        }
        (Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_), true) => {
            return Err(Failure::usage(
                "only_working_days_back",
                format!(
                    "only working days are counted back, and the term is {}",
                    args.term
                ),
            )
            .help("write it like -5wd")
            .zh(
                format!("只有工作日可以倒数，而期限为 {}", args.term),
                Some("请写作 -5wd"),
            ));
        }
        (Term::WorkingDays(_), _) | (Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_), false) => {}
    }
    let calendar = args.calendar.resolve()?;
    let due = reckon(&calendar, args.start, args.term).map_err(|error| uncovered(&calendar, &error))?;
    let text = due_text(&calendar, args, &due, context).map_err(|error| uncovered(&calendar, &error))?;
    context.answer(&due, || text)?;
    Ok(Exit::Ok)
}

fn reckon(calendar: &Calendar, start: Date, signed: Signed) -> Result<TermEnd, CalendarError> {
    let Signed { back, term } = signed;
    let end = if back {
        calendar.nth_working_day_before(start, u32::from(term.count()))?
    } else {
        Clock::new(start, term, &Policy::default(), calendar).due_on(start)?
    };
    // Of a term in calendar units every day counts up to its last one; those after it only lead to a working day.
    let last_counted = match term {
        Term::WorkingDays(_) | Term::WorkingHours(_) => end,
        Term::CalendarDays(n) => start.plus_days(i32::from(n)),
        Term::Weeks(n) => start.plus_days(i32::from(n).saturating_mul(7)),
        Term::Months(n) => start.plus_months(i32::from(n)),
    };
    let by_working_days = matches!(term, Term::WorkingDays(_));
    let mut days = Vec::new();
    let mut count = 0;
    let step = if back { -1 } else { 1 };
    let mut date = start;
    loop {
        let day = match calendar.day(date) {
            Ok(day) => Some(day),
            // The start does not count, so it need not be known.
            Err(_) if date == start => None,
            Err(error) => return Err(error),
        };
        if let Some(day) = day {
            let counts = date != start
                && if by_working_days {
                    day.kind.works()
                } else {
                    date <= last_counted
                };
            count += u32::from(counts);
            days.push(Counted {
                counted: counts.then_some(count),
                day: DayView::of(&day),
            });
        }
        if date == end {
            break;
        }
        date = date.plus_days(step);
    }
    Ok(TermEnd {
        version: 1,
        calendar: calendar.id().to_string(),
        calendar_version: calendar.version().0,
        start: start.to_string(),
        term: signed.to_string(),
        due_on: end.to_string(),
        weekday: end.iso_weekday(),
        provisional: calendar.is_provisional(end) || (back && calendar.is_provisional(start)),
        days,
    })
}

fn due_text(
    calendar: &Calendar,
    args: &DueArgs,
    due: &TermEnd,
    context: Context,
) -> Result<String, CalendarError> {
    let on = |date: Date| format!("{} {date}", weekday(date, context.lang));
    let start = args.start;
    let end: Date = due.due_on.parse().unwrap_or(start);
    let term = words(args.term, context);
    let mark = if due.provisional {
        context.say("（暂定）", " (provisional)")
    } else {
        ""
    };
    let mut text = heading(calendar, context);
    // Writing into a string does not fail.
    let _ = match context.lang {
        Lang::Zh => writeln!(text, "自{} 起 {term}：{}{mark}", on(start), on(end)),
        Lang::En => writeln!(text, "{term} from {}: {}{mark}", on(start), on(end)),
    };
    text.push_str(&provisional(calendar, due.provisional, context));
    let mut table = table::table([
        context.say("第几天", "day"),
        context.say("日期", "date"),
        context.say("星期", "weekday"),
        context.say("类别", "kind"),
        context.say("名称", "name"),
    ]);
    for counted in &due.days {
        let day = calendar.day(counted.day.date())?;
        table.add_row(vec![
            number(table::or_dash(counted.counted)),
            day.date.to_string().into(),
            weekday(day.date, context.lang).into(),
            kind(day.kind, context).into(),
            names(&day, context).into(),
        ]);
    }
    table::wrap_only(&mut table, &[4]);
    text.push('\n');
    text.push_str(&table::print(&table));
    Ok(text)
}

/// A term as people say it.
fn words(signed: Signed, context: Context) -> String {
    let n = signed.term.count();
    let many = if n == 1 { "" } else { "s" };
    let length = match (signed.term, context.lang) {
        (Term::WorkingDays(_), Lang::Zh) => format!("{n} 个工作日"),
        (Term::WorkingDays(_), Lang::En) => format!("{n} working day{many}"),
        (Term::CalendarDays(_), Lang::Zh) => format!("{n} 日"),
        (Term::CalendarDays(_), Lang::En) => format!("{n} calendar day{many}"),
        (Term::Weeks(_), Lang::Zh) => format!("{n} 周"),
        (Term::Weeks(_), Lang::En) => format!("{n} week{many}"),
        (Term::Months(_), Lang::Zh) => format!("{n} 个月"),
        (Term::Months(_), Lang::En) => format!("{n} month{many}"),
        (Term::WorkingHours(_), Lang::Zh) => format!("{n} 个工作小时"),
        (Term::WorkingHours(_), Lang::En) => format!("{n} working hour{many}"),
    };
    match (signed.back, context.lang) {
        (false, _) => length,
        (true, Lang::Zh) => format!("倒数 {length}"),
        (true, Lang::En) => format!("{length} back"),
    }
}

/// How many days lie between two.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Days between two days", extend("$id" = "urn:guichet:schema:calendar-between:v1"))]
pub struct Between {
    /// The version of this document.
    version: u16,
    /// The calendar.
    calendar: String,
    /// The version of its facts.
    calendar_version: u64,
    /// The first day; it does not count.
    from: String,
    /// The last day; it counts if it is a working day.
    to: String,
    /// The working days after `from` up to `to`.
    working_days: u32,
    /// All days after `from` up to `to`.
    calendar_days: u32,
    /// How many of them are of each kind.
    by_kind: ByKind,
    /// Whether some of them are not officially announced yet.
    provisional: bool,
}

/// How many days are of each kind.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct ByKind {
    /// Ordinary working days.
    working: u32,
    /// Days worked that would be off.
    make_up: u32,
    /// Days off as every week.
    weekend: u32,
    /// Days off under a name.
    holiday: u32,
    /// Other days off.
    closure: u32,
}

pub(super) fn between(args: &BetweenArgs, context: Context) -> Result<Exit, Failure> {
    let (from, to) = (args.from, args.to);
    if to < from {
        return Err(
            Failure::usage("days_backwards", format!("{to} comes before {from}"))
                .help(format!(
                    "write the earlier day first: `guichet calendar between {to} {from}`"
                ))
                .zh(
                    format!("{to} 早于 {from}"),
                    Some(&format!(
                        "请先写较早的一天：`guichet calendar between {to} {from}`"
                    )),
                ),
        );
    }
    let calendar = args.calendar.resolve()?;
    let counted = count(&calendar, from, to).map_err(|error| uncovered(&calendar, &error))?;
    context.answer(&counted, || {
        let on = |date: Date| format!("{} {date}", weekday(date, context.lang));
        let (days, all) = (counted.working_days, counted.calendar_days);
        let mut text = heading(&calendar, context);
        // Writing into a string does not fail.
        let _ = match context.lang {
            Lang::Zh => writeln!(
                text,
                "{} 之后至 {}：{days} 个工作日（共 {all} 天）",
                on(from),
                on(to)
            ),
            Lang::En => writeln!(
                text,
                "after {} up to {}: {days} working days of {all} days",
                on(from),
                on(to)
            ),
        };
        text.push_str(&provisional(&calendar, counted.provisional, context));
        let mut table = table::fields();
        for (of, days) in [
            (DayKind::Working, counted.by_kind.working),
            (DayKind::MakeUp, counted.by_kind.make_up),
            (DayKind::Weekend, counted.by_kind.weekend),
            (DayKind::Holiday, counted.by_kind.holiday),
            (DayKind::Closure, counted.by_kind.closure),
        ] {
            table.add_row(vec![format!("  {}", kind(of, context)).into(), number(days)]);
        }
        text.push_str(&table::print(&table));
        text
    })?;
    Ok(Exit::Ok)
}

fn count(calendar: &Calendar, from: Date, to: Date) -> Result<Between, CalendarError> {
    let mut by_kind = ByKind::default();
    let working_days = calendar.working_days_between(from, to)?;
    if let Some(days) = DayRange::new(from.next(), to) {
        for date in days.days() {
            let day = calendar.day(date)?;
            *match day.kind {
                DayKind::Working => &mut by_kind.working,
                DayKind::MakeUp => &mut by_kind.make_up,
                DayKind::Weekend => &mut by_kind.weekend,
                DayKind::Holiday => &mut by_kind.holiday,
                DayKind::Closure => &mut by_kind.closure,
            } += 1;
        }
    }
    Ok(Between {
        version: 1,
        calendar: calendar.id().to_string(),
        calendar_version: calendar.version().0,
        from: from.to_string(),
        to: to.to_string(),
        working_days,
        calendar_days: to.days().abs_diff(from.days()),
        by_kind,
        provisional: from < to && calendar.is_provisional(to),
    })
}
