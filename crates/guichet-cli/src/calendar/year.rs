//! `guichet calendar show`: a year at a glance.

use std::fmt::Write as _;
use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use clap::Args;
use guichet::core::calendar::{Calendar, CalendarError, Day, DayKind, DayRange};
use guichet::core::time::{Date, date};
use schemars::JsonSchema;
use serde::Serialize;

use super::words::{DayView, kind, names};
use super::{CalendarArg, heading, provisional, uncovered};
use crate::context::{Context, Exit, Failure, Lang};
use crate::table;

/// What `guichet calendar show` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct ShowArgs {
    /// The year
    #[arg(value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1..=9_998))]
    year: i16,
    #[command(flatten)]
    calendar: CalendarArg,
}

/// A year of a calendar.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "A year of a calendar", extend("$id" = "urn:guichet:schema:calendar-year:v1"))]
pub struct YearView {
    /// The version of this document.
    version: u16,
    /// The calendar.
    calendar: String,
    /// The version of its facts.
    calendar_version: u64,
    /// What people call it.
    title: String,
    /// Where its facts come from.
    source: String,
    /// The year.
    year: i16,
    /// How many working days it has.
    working_days: u32,
    /// The first day that nobody has officially announced yet.
    provisional_from: Option<String>,
    /// Its months.
    months: Vec<MonthView>,
}

/// A month of a calendar.
#[derive(Debug, Serialize, JsonSchema)]
struct MonthView {
    /// The month, from 1.
    #[schemars(range(min = 1, max = 12))]
    month: i8,
    /// How many working days it has.
    working_days: u32,
    /// Its days.
    days: Vec<DayView>,
}

pub(super) fn show(args: &ShowArgs, context: Context) -> Result<Exit, Failure> {
    let calendar = args.calendar.resolve()?;
    let shown = year(&calendar, args.year).map_err(|error| uncovered(&calendar, &error))?;
    let text = text(&calendar, &shown, context).map_err(|error| uncovered(&calendar, &error))?;
    context.answer(&shown, || text)?;
    Ok(Exit::Ok)
}

fn month_days(year: i16, month: i8) -> (Date, Date) {
    let first = date(year, month, 1);
    (first, first.plus_months(1).plus_days(-1))
}

fn year(calendar: &Calendar, year: i16) -> Result<YearView, CalendarError> {
    let mut months = Vec::new();
    for month in 1..=12 {
        let (first, last) = month_days(year, month);
        let mut days = Vec::new();
        for day in first.days()..=last.days() {
            days.push(DayView::of(&calendar.day(Date::from_days(day))?));
        }
        months.push(MonthView {
            month,
            working_days: calendar.working_days_between(first.plus_days(-1), last)?,
            days,
        });
    }
    Ok(YearView {
        version: 1,
        calendar: calendar.id().to_string(),
        calendar_version: calendar.version().0,
        title: calendar.title().to_owned(),
        source: calendar.source().to_owned(),
        year,
        working_days: months.iter().map(|month| month.working_days).sum(),
        provisional_from: calendar.provisional_from().map(|date| date.to_string()),
        months,
    })
}

/// How many columns a month takes: seven days of two digits and a sign each.
const MONTH_COLUMNS: usize = 21;
/// The blanks between months that stand side by side.
const GAP: usize = 3;

fn text(calendar: &Calendar, shown: &YearView, context: Context) -> Result<String, CalendarError> {
    let colours = std::io::stdout().is_terminal()
        && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    let beside = table::columns().map_or(3, |columns| {
        ((usize::from(columns) + GAP) / (MONTH_COLUMNS + GAP)).clamp(1, 3)
    });
    let (year, total) = (shown.year, shown.working_days);
    let mut text = heading(calendar, context);
    // Writing into a string does not fail.
    let _ = match context.lang {
        Lang::Zh => writeln!(text, "{year} 年：{total} 个工作日"),
        Lang::En => writeln!(text, "{year}: {total} working days"),
    };
    let announced_until = calendar.is_provisional(DayRange::year(year).last());
    text.push_str(&provisional(calendar, announced_until, context));

    for row in shown.months.chunks(beside) {
        text.push('\n');
        let blocks = row
            .iter()
            .map(|month| grid(calendar, shown, month, colours, context))
            .collect::<Result<Vec<_>, _>>()?;
        for line in 0..blocks.iter().map(Vec::len).max().unwrap_or(0) {
            let mut whole = String::new();
            let mut written = 0;
            for (at, block) in blocks.iter().enumerate() {
                let Some(cell) = block.get(line) else { continue };
                let start = at * (MONTH_COLUMNS + GAP);
                whole.push_str(&" ".repeat(start.saturating_sub(written)));
                whole.push_str(&cell.text);
                written = start.max(written) + cell.columns;
            }
            text.push_str(whole.trim_end());
            text.push('\n');
        }
    }
    text.push('\n');
    text.push_str(context.say(
        "* 放假   - 周末   + 调休上班   x 停办   s 开放但不计   ? 尚未正式公布\n",
        "* holiday   - weekend   + make-up day, worked   x closed   s open, does not count   ? not announced yet\n",
    ));
    let by_month: Vec<_> = shown
        .months
        .iter()
        .map(|month| month.working_days.to_string())
        .collect();
    let by_month = by_month.join(", ");
    // Writing into a string does not fail.
    let _ = match context.lang {
        Lang::Zh => writeln!(text, "各月工作日：{by_month}；合计 {total}"),
        Lang::En => writeln!(text, "working days by month: {by_month}; in all {total}"),
    };
    text.push_str(&stretches(calendar, year, context)?);
    Ok(text)
}

/// A line of a month, and how many columns it takes without its colours.
struct Cell {
    text: String,
    columns: usize,
}

fn grid(
    calendar: &Calendar,
    shown: &YearView,
    month: &MonthView,
    colours: bool,
    context: Context,
) -> Result<Vec<Cell>, CalendarError> {
    let (first, last) = month_days(shown.year, month.month);
    let mark = if calendar.is_provisional(last) { "?" } else { "" };
    let title = match context.lang {
        Lang::Zh => format!("{} 月{mark}（{} 天）", month.month, month.working_days),
        Lang::En => format!("{}{mark} ({})", english_month(month.month), month.working_days),
    };
    let margin = MONTH_COLUMNS.saturating_sub(table::width(&title)) / 2;
    let plain = |text: String| Cell {
        columns: table::width(&text),
        text,
    };
    let mut lines = vec![
        plain(format!("{}{title}", " ".repeat(margin))),
        plain(
            context
                .say("一 二 三 四 五 六 日", "Mo Tu We Th Fr Sa Su")
                .to_owned(),
        ),
    ];
    let mut line = plain(" ".repeat(3 * (usize::from(first.iso_weekday()) - 1)));
    for place in first.days()..=last.days() {
        let day = calendar.day(Date::from_days(place))?;
        let (sign, style) = sign(&day);
        let style = if colours { style } else { Style::new() };
        // Writing into a string does not fail.
        let _ = write!(line.text, "{style}{:>2}{sign}{style:#}", day.date.ymd().2);
        line.columns += 3;
        if day.date.iso_weekday() == 7 || day.date == last {
            lines.push(std::mem::replace(&mut line, plain(String::new())));
        }
    }
    Ok(lines)
}

/// The sign and the colour of a day.
fn sign(day: &Day<'_>) -> (char, Style) {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    match day.kind {
        DayKind::MakeUp => ('+', colour(AnsiColor::Green).bold()),
        DayKind::Closure => ('x', colour(AnsiColor::Magenta)),
        DayKind::Weekend | DayKind::Holiday if day.service.is_some() => ('s', colour(AnsiColor::Cyan)),
        DayKind::Holiday => ('*', colour(AnsiColor::Red)),
        DayKind::Weekend => ('-', colour(AnsiColor::BrightBlack)),
        DayKind::Working => (' ', Style::new()),
    }
}

const fn english_month(month: i8) -> &'static str {
    match month {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

/// The days that are neither ordinary working days nor ordinary weekends, those that belong together in one row.
fn stretches(calendar: &Calendar, year: i16, context: Context) -> Result<String, CalendarError> {
    struct Stretch {
        first: Date,
        last: Date,
        kind: DayKind,
        names: String,
    }

    let mut found: Vec<Stretch> = Vec::new();
    for date in DayRange::year(year).days() {
        let day = calendar.day(date)?;
        let ordinary = match day.kind {
            DayKind::Working => true,
            DayKind::Weekend => day.service.is_none(),
            DayKind::MakeUp | DayKind::Holiday | DayKind::Closure => false,
        };
        if ordinary {
            continue;
        }
        let names = names(&day, context);
        match found.last_mut() {
            Some(last) if last.last.next() == date && last.kind == day.kind && last.names == names => {
                last.last = date;
            }
            Some(_) | None => found.push(Stretch {
                first: date,
                last: date,
                kind: day.kind,
                names,
            }),
        }
    }
    if found.is_empty() {
        return Ok(String::new());
    }
    let mut table = table::table([
        context.say("起", "from"),
        context.say("止", "to"),
        context.say("天数", "days"),
        context.say("类别", "kind"),
        context.say("名称", "name"),
    ]);
    for stretch in &found {
        table.add_row(vec![
            stretch.first.to_string().into(),
            stretch.last.to_string().into(),
            table::number(stretch.last.days() - stretch.first.days() + 1),
            kind(stretch.kind, context).into(),
            stretch.names.as_str().into(),
        ]);
    }
    table::wrap_only(&mut table, &[4]);
    Ok(format!("\n{}", table::print(&table)))
}
