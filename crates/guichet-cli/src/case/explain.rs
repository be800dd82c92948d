//! `guichet case explain`: why a due date is what it is, day by day.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use guichet::core::case::event::ClockKind;
use guichet::core::case::state::Case;
use guichet::core::case::{CaseState, ClockHistories, ClockHistory, Told};
use guichet::core::explain::explain;
use guichet::core::id::{BlockId, CaseId, StepId};
use guichet::core::reference::Directory;
use guichet::core::time::Date;
use guichet::{CaseView, Guichet};
use guichet_log::codec::Event;

use super::as_of::AsOf;
use super::{OneArgs, procedure_name, read};
use crate::context::{Context, Exit, Failure, Lang};
use crate::explain::{Explained, Layout, Sheet, html, text};
use crate::output;
use crate::table;

/// What `guichet case explain` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    one: OneArgs,
    #[command(flatten)]
    as_of: AsOf,
    /// Which clock; `all` for every one that ever ran [default: those of the decision, or the one that runs]
    #[arg(long, value_name = "CLOCK", value_parser = clocks())]
    clock: Option<String>,
    /// Of which step, group or special procedure, where the case has several clocks of the kind
    #[arg(long, value_name = "NAME", requires = "clock")]
    of: Option<BlockId>,
    /// In which form [default: text, with --json json]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Days that read alike share a line, in text
    #[arg(long)]
    brief: bool,
    /// Into which file; to standard output when absent
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The forms of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Html,
}

fn clocks() -> PossibleValuesParser {
    let mut names = vec![ALL];
    names.extend(ClockKind::ALL.iter().map(|kind| kind.as_str()));
    PossibleValuesParser::new(names)
}

const ALL: &str = "all";

pub(super) async fn run(args: &ExplainArgs, context: Context) -> Result<Exit, Failure> {
    let (engine, view) = read(&args.one, args.as_of, context).await?;
    let sheet = sheet(args, &engine, &view, context)?;
    let format = match (args.format, context.json) {
        (Some(format), _) => format,
        (None, true) => Format::Json,
        (None, false) => Format::Text,
    };
    let to_terminal =
        args.output.is_none() && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let written = match format {
        Format::Text => text(
            &sheet,
            context.lang,
            Layout {
                brief: args.brief,
                colours: to_terminal,
                columns: table::columns().filter(|_| args.output.is_none()),
            },
        ),
        Format::Html => html(&sheet, context.lang),
        Format::Json => {
            let json = serde_json::to_string_pretty(&sheet);
            json.map_err(|error| Failure::output(&error.into()))? + "\n"
        }
    };
    match &args.output {
        None => {
            let mut out = context.out();
            out.write_all(written.as_bytes())?;
            out.flush()?;
        }
        Some(path) => {
            output::save(path, written.as_bytes())?;
            context.remark(&match context.lang {
                Lang::Zh => format!("已写入 {}", path.display()),
                Lang::En => format!("written to {}", path.display()),
            });
        }
    }
    Ok(Exit::Ok)
}

fn sheet(args: &ExplainArgs, engine: &Guichet, view: &CaseView, context: Context) -> Result<Sheet, Failure> {
    let directory = engine.directory();
    let as_of = args.as_of.day(engine);
    let (histories, state) = histories(&directory, view);
    let CaseState::Known(case) = state else {
        return Err(no_clock(&view.case, None, &histories));
    };
    let clocks = chosen(args, &histories);
    if clocks.is_empty() {
        let name = args.clock.as_deref().filter(|name| *name != ALL);
        let asked = name.map(|name| match &args.of {
            Some(of) => format!("{name} {of}"),
            None => name.to_owned(),
        });
        return Err(no_clock(&view.case, asked.as_deref(), &histories));
    }
    let clocks = clocks
        .into_iter()
        .map(|clock| explained(&directory, &case, &histories, clock, as_of, context))
        .collect::<Result<_, _>>()?;
    let procedure = procedure_name(&directory, &case.procedure, context);
    Ok(Sheet::new(view.case.clone(), procedure, clocks))
}

/// The clocks of a case over its whole life, and the case.
pub(super) fn histories(directory: &Directory, view: &CaseView) -> (ClockHistories, CaseState) {
    let zone = directory.zone();
    let events = view.records.iter().filter_map(|recorded| match &recorded.event {
        Event::Case(event) => Some(Told {
            revision: recorded.revision,
            at: recorded.occurred_at,
            on: zone.date(recorded.occurred_at),
            event,
        }),
        Event::Reference(_) => None,
    });
    ClockHistories::of(directory, events)
}

/// The clocks that were asked for; without a question, those of the decision, or what runs before and after it.
fn chosen<'h>(args: &ExplainArgs, histories: &'h ClockHistories) -> Vec<&'h ClockHistory> {
    let kind = |history: &ClockHistory| history.clock.id.kind;
    let Some(asked) = args.clock.as_deref() else {
        let decision = [ClockKind::Promised, ClockKind::Statutory]
            .into_iter()
            .filter_map(|wanted| histories.clocks.iter().rfind(|history| kind(history) == wanted));
        let decision: Vec<_> = decision.collect();
        if !decision.is_empty() {
            return decision;
        }
        let last = |wanted: &dyn Fn(&&ClockHistory) -> bool| histories.clocks.iter().rfind(wanted);
        return last(&|history| history.stopped.is_none())
            .or_else(|| last(&|_| true))
            .into_iter()
            .collect();
    };
    let wanted = histories.clocks.iter().filter(|history| {
        (asked == ALL || kind(history).as_str() == asked)
            && args
                .of
                .as_ref()
                .is_none_or(|of| history.clock.id.of.as_ref() == Some(of))
    });
    wanted.collect()
}

fn explained(
    directory: &Directory,
    case: &Case,
    histories: &ClockHistories,
    clock: &ClockHistory,
    as_of: Date,
    context: Context,
) -> Result<Explained, Failure> {
    let procedure = directory.procedure(&case.procedure, case.version);
    let calendar = procedure.and_then(|procedure| directory.calendars.get(&procedure.calendar));
    let (Some(procedure), Some(calendar)) = (procedure, calendar) else {
        return Err(Failure::config(
            "no_calendar",
            format!("the calendar of procedure {} was not published", case.procedure),
        )
        .help("publish the catalogue that has it: `guichet catalogue publish`")
        .zh(
            format!("事项 {} 的工作日历尚未发布", case.procedure),
            Some("请发布含有该日历的目录：`guichet catalogue publish`"),
        ));
    };
    let explanation = explain(
        procedure,
        calendar,
        directory.centre.as_ref(),
        histories,
        clock,
        as_of,
    )
    .map_err(|error| {
        Failure::config("calendar_too_short", error.to_string())
            .help("ask about an earlier day with --as-of, or publish a newer version of the calendar")
            .zh(
                error.to_string(),
                Some("用 --as-of 指定更早的日期，或发布新版工作日历"),
            )
    })?;
    let flow = procedure.flow.as_ref();
    let names = explanation.of.as_ref().zip(flow).and_then(|(of, flow)| {
        let step = StepId::new(of.as_str())
            .ok()
            .and_then(|id| flow.step(&id)?.name.as_ref());
        step.or_else(|| flow.group(of)?.name.as_ref())
    });
    Ok(Explained {
        name: names.map(|names| context.name(names).to_owned()),
        explanation,
    })
}

/// No such clock, and those that there are.
fn no_clock(case: &CaseId, asked: Option<&str>, histories: &ClockHistories) -> Failure {
    let mut known: Vec<String> = Vec::new();
    for history in &histories.clocks {
        let name = history.clock.id.to_string();
        if !known.contains(&name) {
            known.push(name);
        }
    }
    let (english, chinese) = match asked {
        Some(asked) => (
            format!("case {case} has no clock `{asked}`"),
            format!("办件 {case} 没有时限“{asked}”"),
        ),
        None => (
            format!("no clock ever ran in case {case}"),
            format!("办件 {case} 从未计时"),
        ),
    };
    if known.is_empty() {
        return Failure::usage("no_clock", english)
            .help(
                "clocks run from the day an application is received, where its procedure sets terms: \
                 `guichet case timeline` shows what happened",
            )
            .zh(
                chinese,
                Some("收件后，事项设有时限的才计时；用 `guichet case timeline` 查看经过"),
            );
    }
    Failure::usage("no_such_clock", english)
        .help(format!(
            "it has {}; `--clock all` explains them all",
            known.join(", ")
        ))
        .zh(
            chinese,
            Some(&format!("现有：{}；`--clock all` 说明全部", known.join("、"))),
        )
}
