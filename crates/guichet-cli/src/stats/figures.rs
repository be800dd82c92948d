//! `guichet stats figures`: the published figures, by what and of what they are asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use guichet::core::id::{CaseId, Position};
use guichet::core::reference::Directory;
use guichet::core::time::{Date, Timestamp};
use guichet_stats::figure::{Told, Unit};
use guichet_stats::{
    Apart, AsOf, Ask, Behind, Dimension, Figure, FiguresView, Only, Period, Question, Statistics,
};
use serde::Serialize;

use crate::context::{Context, Exit, Failure};
use crate::data::{self, DataArg};
use crate::table::{self, number};
use crate::told::Told as _;

/// What `guichet stats figures` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct FiguresArgs {
    /// Which figures [default: all; by groups the first few]
    #[arg(value_name = "FIGURE")]
    figures: Vec<Figure>,
    #[command(flatten)]
    data: DataArg,
    /// Over which period: 2010, 2010-q3, 2010-03, 2010-03-15, 2010-03-01..2010-03-15 [default: from the first day to the last]
    #[arg(long = "in", value_name = "PERIOD")]
    period: Option<Period>,
    #[arg(long, value_name = "WHAT", value_delimiter = ',', help = by_help())]
    by: Vec<Apart>,
    /// Only cases with this value, such as department=food-drug; one of several values of a dimension is enough
    #[arg(long = "where", value_name = "WHAT=VALUE")]
    only: Vec<Only>,
    #[command(flatten)]
    as_of: AsOfArgs,
    /// List the cases behind one figure of one group: give the group with --where, the period with --in
    #[arg(long)]
    cases: bool,
    /// Write comma-separated values, one row a figure
    #[arg(long, conflicts_with = "cases")]
    csv: bool,
}

/// As of when figures are asked.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(multiple = false)]
pub(super) struct AsOfArgs {
    /// As it had happened by the end of this day, as it is known now
    #[arg(long = "as-of", value_name = "DATE")]
    effective: Option<Date>,
    /// As the log stood before this position
    #[arg(long = "as-of-position", value_name = "POSITION")]
    position: Option<u64>,
    /// As the log stood at this instant: what the centre knew then
    #[arg(long = "as-of-recorded", value_name = "INSTANT")]
    recorded: Option<Timestamp>,
}

impl AsOfArgs {
    pub(super) fn as_of(self) -> AsOf {
        let effective = self.effective.map(AsOf::Effective);
        let position = self.position.map(|position| AsOf::Position(Position(position)));
        effective
            .or(position)
            .or(self.recorded.map(AsOf::Recorded))
            .unwrap_or_default()
    }
}

/// The help of `--by`, with every dimension that there is.
fn by_help() -> String {
    let dimensions: Vec<&str> = Dimension::ALL
        .iter()
        .map(|dimension| dimension.as_str())
        .collect();
    format!("Set apart by these: {}; day or month", dimensions.join(", "))
}

/// Figures with the moment they are of.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    view: &'a FiguresView,
    as_of: AsOf,
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<&'a Behind>,
}

/// What a figure means, as programs read it.
#[derive(Debug, Serialize)]
struct Meaning {
    figure: Figure,
    unit: Unit,
    name: &'static str,
    means: &'static str,
}

/// Counts what is asked.
///
/// # Errors
///
/// [`Failure`] when the data does not open or cannot be read, or the cases of more than one figure are asked for.
pub(super) async fn run(args: &FiguresArgs, context: Context) -> Result<Exit, Failure> {
    if args.cases && args.figures.len() != 1 {
        return Err(
            Failure::usage("one_figure", "the cases of one figure are listed at a time")
                .zh(
                    "一次列出一项指标的办件",
                    Some("如：guichet stats figures on_time --cases --in 2010-03 …"),
                )
                .help("name one, as in: guichet stats figures on_time --cases --in 2010-03 …"),
        );
    }
    let engine = data::open(&args.data.data, &context).await?;
    let counted = super::counted(&engine, args.as_of.as_of(), context).await;
    engine.close().await.told()?;
    let statistics = counted?;
    let ask = args.ask(&statistics);
    let view = statistics.figures(&ask);
    let behind = args.cases.then(|| statistics.behind_all(&ask));
    let directory = statistics.facts().directory();
    if args.csv {
        return csv(&view, context);
    }
    let answer = Answer {
        view: &view,
        as_of: statistics.as_of(),
        cases: behind.as_ref(),
    };
    context.answer(&answer, || match &behind {
        Some(behind) => listed(&view, behind, context),
        None => text(&view, &ask, directory, context),
    })?;
    Ok(Exit::Ok)
}

impl FiguresArgs {
    fn ask(&self, statistics: &Statistics) -> Ask {
        let question = Question {
            figures: self.figures.clone(),
            by: self.by.clone(),
            period: self.period,
            only: self.only.clone(),
        };
        question.ask(statistics)
    }
}

/// Says what each figure means.
///
/// # Errors
///
/// [`Failure`] when the output cannot be written.
pub(super) fn glossary(context: Context) -> Result<Exit, Failure> {
    let lang = context.lang;
    let meanings: Vec<Meaning> = Figure::ALL
        .iter()
        .map(|figure| Meaning {
            figure: *figure,
            unit: figure.unit(),
            name: figure.name(lang),
            means: figure.meaning(lang),
        })
        .collect();
    context.answer(&meanings, || {
        let mut table = table::table([
            context.say("指标", "figure"),
            context.say("名称", "name"),
            context.say("含义", "meaning"),
        ]);
        for meaning in &meanings {
            table.add_row(vec![meaning.figure.as_str(), meaning.name, meaning.means]);
        }
        table::wrap_only(&mut table, &[2]);
        table::print(&table)
    })?;
    Ok(Exit::Ok)
}

/// A figure as people read it: `97.32 % (1395/1434)`, `1.78`, `34`.
fn shown(told: &Told) -> String {
    let Some(value) = &told.value else {
        return "–".to_owned();
    };
    match (told.unit, told.numerator, told.denominator) {
        (Unit::Percent, Some(part), Some(whole)) => {
            let between = told.interval.as_ref();
            let between = between.map_or_else(String::new, |(low, high)| format!(" [{low}–{high}]"));
            format!("{value} % ({part}/{whole}){between}")
        }
        (Unit::WorkingDays | Unit::Points, Some(sum), Some(cases)) => format!("{value} ({sum}/{cases})"),
        (Unit::WorkingDays, None, Some(cases)) => format!("{value} (n={cases})"),
        (Unit::Count | Unit::Percent | Unit::WorkingDays | Unit::Points | Unit::Yuan, _, _) => value.clone(),
    }
}

fn text(view: &FiguresView, ask: &Ask, directory: &Directory, context: Context) -> String {
    let lang = context.lang;
    let mut text = match view.rows.as_slice() {
        [only] if ask.by.is_empty() => {
            let mut table = table::table([
                context.say("指标", "figure"),
                context.say("数值", "value"),
                context.say("单位", "in"),
            ]);
            for told in &only.figures {
                let unit = match told.unit {
                    Unit::Count => "",
                    Unit::Percent => context.say("百分比", "percent"),
                    Unit::WorkingDays => context.say("工作日", "working days"),
                    Unit::Points => context.say("分", "points"),
                    Unit::Yuan => context.say("元", "yuan"),
                };
                table.add_row(vec![
                    told.figure.name(lang).into(),
                    number(shown(told)),
                    unit.into(),
                ]);
            }
            table::print(&table)
        }
        rows => {
            let by = ask.by.iter().map(|dimension| dimension.name(lang));
            let period = (ask.periods.len() > 1).then(|| context.say("时段", "period"));
            let figures = ask.figures.iter().map(|figure| figure.name(lang));
            let mut table = table::table(by.chain(period).chain(figures));
            for row in rows {
                let values = ask.by.iter().map(|dimension| {
                    let value = row.group.get(dimension.as_str()).and_then(Option::as_ref);
                    value
                        .map_or_else(
                            || context.say("（无）", "(none)").to_owned(),
                            |value| dimension.value_name(value, directory, lang),
                        )
                        .into()
                });
                let period = (ask.periods.len() > 1).then(|| row.period.to_string().into());
                let figures = row.figures.iter().map(|told| number(shown(told)));
                table.add_row(
                    values
                        .chain(period)
                        .chain(figures)
                        .collect::<Vec<comfy_table::Cell>>(),
                );
            }
            table::print(&table)
        }
    };
    let period = view.rows.first().zip(view.rows.last());
    let period = period.and_then(|(first, last)| Period::new(first.period.first(), last.period.last()));
    // Writing into a string does not fail.
    if let Some(period) = period.filter(|period| *period != Period::ALWAYS) {
        let _ = writeln!(text, "\n{}{period}", context.say("时段：", "period: "));
    }
    let calendars: Vec<String> = view
        .calendars
        .iter()
        .map(|(calendar, version)| format!("{calendar} v{version}"))
        .collect();
    let _ = writeln!(
        text,
        "{}{}{}{}",
        context.say("日志位置：", "log position: "),
        view.position,
        context.say("　日历：", "   calendars: "),
        calendars.join(", ")
    );
    text
}

/// The cases of a part, then those of the whole that are not in it.
fn listed(view: &FiguresView, behind: &Behind, context: Context) -> String {
    let lang = context.lang;
    let mut text = String::new();
    for told in view.rows.iter().flat_map(|row| &row.figures) {
        let _ = writeln!(text, "{}: {}", told.figure.name(lang), shown(told));
    }
    let mut table = table::table([
        context.say("办件", "case"),
        context.say("分子", "in the part"),
        context.say("分母", "in the whole"),
    ]);
    let all: std::collections::BTreeSet<&CaseId> =
        behind.numerator.keys().chain(behind.denominator.keys()).collect();
    let amount =
        |of: &BTreeMap<CaseId, i64>, case| of.get(case).map_or_else(String::new, ToString::to_string);
    for case in all {
        table.add_row(vec![
            case.to_string().into(),
            number(amount(&behind.numerator, case)),
            number(amount(&behind.denominator, case)),
        ]);
    }
    let _ = write!(text, "\n{}", table::print(&table));
    text
}

fn csv(view: &FiguresView, context: Context) -> Result<Exit, Failure> {
    let failed = |error: csv::Error| Failure::output(&std::io::Error::other(error));
    let mut out = csv::Writer::from_writer(context.out());
    let dimensions: Vec<&str> = view
        .rows
        .first()
        .map(|row| row.group.keys().copied().collect())
        .unwrap_or_default();
    let head = [
        "first_day",
        "last_day",
        "figure",
        "unit",
        "numerator",
        "denominator",
        "value",
    ];
    out.write_record(dimensions.iter().chain(head.iter()))
        .map_err(failed)?;
    for row in &view.rows {
        for told in &row.figures {
            let group = dimensions.iter().map(|dimension| {
                let value = row.group.get(dimension).cloned().flatten();
                value.unwrap_or_default()
            });
            let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
            let fields = [
                row.period.first().to_string(),
                row.period.last().to_string(),
                told.figure.to_string(),
                told.unit.to_string(),
                number(told.numerator),
                number(told.denominator),
                told.value.clone().unwrap_or_default(),
            ];
            out.write_record(group.chain(fields)).map_err(failed)?;
        }
    }
    out.flush().map_err(|error| Failure::output(&error))?;
    Ok(Exit::Ok)
}
