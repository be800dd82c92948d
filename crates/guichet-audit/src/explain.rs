//! Why a due date is what it is, day by day.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use guichet_core::case::event::ClockKind;
use guichet_core::case::state::Case;
use guichet_core::case::{CaseState, ClockHistories, ClockHistory, Told};
use guichet_core::explain::explain;
use guichet_core::id::{BlockId, CaseId, StepId};
use guichet_core::reference::Directory;
use guichet_core::time::Date;
use guichet_log::codec::Event;
use guichet_log::history::CaseView;
use guichet_terminal::context::{Context, Exit, Failure, Lang};
use guichet_terminal::explain::{Explained, Layout, Sheet, html, text};
use guichet_terminal::words::procedure_name;
use guichet_terminal::{output, table};

/// In which form an explanation is wanted, and where it goes.
#[derive(Clone, Debug, Args)]
pub struct Paper {
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

/// What `--clock` takes.
#[must_use]
pub fn clocks() -> PossibleValuesParser {
    let mut names = vec![ALL];
    names.extend(ClockKind::ALL.iter().map(|kind| kind.as_str()));
    PossibleValuesParser::new(names)
}

const ALL: &str = "all";

/// Which clocks are asked about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Of which kind, or `all`; those of the decision when absent, or the one that runs.
    pub clock: Option<&'a str>,
    /// Of which step, group or special procedure.
    pub of: Option<&'a BlockId>,
    /// What is typed before `timeline`, for a failure that says what to do next.
    pub tool: &'a str,
    /// What is typed to have all clocks, likewise.
    pub all: &'a str,
}

impl Paper {
    /// Writes a sheet as it is wanted.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it cannot be written.
    pub fn deliver(&self, sheet: &Sheet, context: Context) -> Result<Exit, Failure> {
        let format = match (self.format, context.json) {
            (Some(format), _) => format,
            (None, true) => Format::Json,
            (None, false) => Format::Text,
        };
        let to_terminal = self.output.is_none()
            && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        let written = match format {
            Format::Text => text(
                sheet,
                context.lang,
                Layout {
                    brief: self.brief,
                    colours: to_terminal,
                    columns: table::columns().filter(|_| self.output.is_none()),
                },
            ),
            Format::Html => html(sheet, context.lang),
            Format::Json => {
                let json = serde_json::to_string_pretty(sheet);
                json.map_err(|error| Failure::output(&error.into()))? + "\n"
            }
        };
        match &self.output {
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
}

/// The explanations that are asked for, as of a day.
///
/// # Errors
///
/// [`Failure`] when the case has no such clock, or its calendar does not reach far enough.
pub fn sheet(
    asked: Asked<'_>,
    directory: &Directory,
    view: &CaseView,
    as_of: Date,
    context: Context,
) -> Result<Sheet, Failure> {
    let (histories, state) = histories(directory, view);
    let CaseState::Known(case) = state else {
        return Err(no_clock(&view.case, None, asked, &histories));
    };
    let clocks = chosen(asked, &histories);
    if clocks.is_empty() {
        let name = asked.clock.filter(|name| *name != ALL);
        let name = name.map(|name| match asked.of {
            Some(of) => format!("{name} {of}"),
            None => name.to_owned(),
        });
        return Err(no_clock(&view.case, name.as_deref(), asked, &histories));
    }
    let clocks = clocks
        .into_iter()
        .map(|clock| explained(directory, &case, &histories, clock, as_of, context))
        .collect::<Result<_, _>>()?;
    let procedure = procedure_name(directory, &case.procedure, context);
    Ok(Sheet::new(view.case.clone(), procedure, clocks))
}

/// The clocks of a case over its whole life, and the case.
#[must_use]
pub fn histories(directory: &Directory, view: &CaseView) -> (ClockHistories, CaseState) {
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
fn chosen<'h>(asked: Asked<'_>, histories: &'h ClockHistories) -> Vec<&'h ClockHistory> {
    let kind = |history: &ClockHistory| history.clock.id.kind;
    let Some(name) = asked.clock else {
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
        (name == ALL || kind(history).as_str() == name)
            && asked.of.is_none_or(|of| history.clock.id.of.as_ref() == Some(of))
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
fn no_clock(case: &CaseId, name: Option<&str>, asked: Asked<'_>, histories: &ClockHistories) -> Failure {
    let Asked { tool, all, .. } = asked;
    let mut known: Vec<String> = Vec::new();
    for history in &histories.clocks {
        let id = history.clock.id.to_string();
        if !known.contains(&id) {
            known.push(id);
        }
    }
    let (english, chinese) = match name {
        Some(name) => (
            format!("case {case} has no clock `{name}`"),
            format!("办件 {case} 没有时限“{name}”"),
        ),
        None => (
            format!("no clock ever ran in case {case}"),
            format!("办件 {case} 从未计时"),
        ),
    };
    if known.is_empty() {
        return Failure::usage("no_clock", english)
            .help(format!(
                "clocks run from the day an application is received, where its procedure sets terms: \
                 `{tool} timeline` shows what happened",
            ))
            .zh(
                chinese,
                Some(&format!(
                    "收件后，事项设有时限的才计时；用 `{tool} timeline` 查看经过"
                )),
            );
    }
    Failure::usage("no_such_clock", english)
        .help(format!("it has {}; `{all}` explains them all", known.join(", ")))
        .zh(
            chinese,
            Some(&format!("现有：{}；`{all}` 说明全部", known.join("、"))),
        )
}
