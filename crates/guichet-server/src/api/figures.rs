//! Figures, the cases behind them, and the process view.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet_audit::as_of::Moment;
use guichet_core::hours::{OpenInterval, TimeOfDay};
use guichet_core::id::{CaseId, Position, ProcedureId};
use guichet_stats::process::{Measures, Process};
use guichet_stats::{AsOf, Behind, Figure, FiguresView, Question, Statistics};
use serde::Serialize;

use crate::call::{Answer, Call, blocking, json};
use crate::problem::{Both, Problem};
use crate::server::Shared;

/// How many cases a page has where nobody says, and at most.
const PAGE: usize = 100;
const PAGE_MAX: usize = 1_000;

/// How long the process view is shown before the log is gathered again.
const PROCESS_FOR: Duration = Duration::from_secs(10);

/// Figures with the moment they are of, as `schemas/stats-figures.v1.schema.json` describes them.
#[derive(Serialize)]
struct Figures {
    #[serde(flatten)]
    view: FiguresView,
    as_of: AsOf,
    /// The root of the log's tree at that position.
    root: Option<String>,
}

fn question(call: &Call) -> Result<Question, Problem> {
    let only: Result<_, Problem> = call
        .texts("where")
        .map(|text| {
            text.parse().map_err(|error: String| {
                Problem::bad_request(Both::new(format!("参数 where：{error}"), error))
            })
        })
        .collect();
    Ok(Question {
        figures: call.many("figure")?,
        by: call.many("by")?,
        period: call.one("in")?,
        only: only?,
    })
}

/// Asks the statistics as of a moment: those of now are counted as the log grows, others are counted when they are asked
/// for and kept a while.
async fn ask<T: Send + 'static>(
    server: &Arc<Shared>,
    moment: Moment,
    look: impl FnOnce(&Statistics) -> T + Send + 'static,
) -> Result<T, Problem> {
    let as_of = moment.as_of(server.live.engine().directory().zone());
    if as_of == AsOf::Now {
        let server = Arc::clone(server);
        return blocking(move || Ok(server.statistics.read(look))).await;
    }
    let statistics = past(server, as_of).await?;
    blocking(move || Ok(look(&statistics))).await
}

async fn past(server: &Arc<Shared>, as_of: AsOf) -> Result<Arc<Statistics>, Problem> {
    // One at a time: each takes all cores, and the next one may find what it wants.
    let mut past = server.past.lock().await;
    if let Some(known) = past.get(as_of) {
        return Ok(known);
    }
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let statistics = Arc::new(server.live.engine().statistics(as_of, threads).await?);
    past.keep(as_of, &statistics);
    Ok(statistics)
}

async fn root(server: &Arc<Shared>, position: Position) -> Result<Option<String>, Problem> {
    let root = server.live.engine().root(position).await?;
    Ok(root.map(|root| root.to_string()))
}

pub(crate) async fn figures(call: Call) -> Answer {
    let question = question(&call)?;
    let moment: Moment = call.one("as_of")?.unwrap_or_default();
    let (view, as_of) = ask(&call.server, moment, move |statistics| {
        let ask = question.ask(statistics);
        (statistics.figures(&ask), statistics.as_of())
    })
    .await?;
    let root = root(&call.server, view.position).await?;
    json(&Figures { view, as_of, root })
}

/// A page of the cases behind a figure, as `schemas/figure-cases.v1.schema.json` describes it.
#[derive(Serialize)]
struct Page {
    version: u16,
    figure: Figure,
    position: Position,
    root: Option<String>,
    /// The part and the whole, as the figure has them.
    numerator: i64,
    denominator: i64,
    /// How many cases there are, and how many of them the asker may see.
    total: usize,
    yours: usize,
    cases: Vec<BehindCase>,
    next: Option<String>,
}

#[derive(Serialize)]
struct BehindCase {
    case: CaseId,
    numerator: i64,
    denominator: i64,
}

pub(crate) async fn behind(call: Call) -> Answer {
    let question = question(&call)?;
    let [figure] = question.figures.as_slice() else {
        return Err(Problem::bad_request(Both::new(
            "一次列出一项指标的办件：请用 figure= 指定一项",
            "the cases of one figure are listed at a time: name it with figure=",
        )));
    };
    let figure = *figure;
    let moment: Moment = call.one("as_of")?.unwrap_or_default();
    let part: Option<String> = call.one("part")?;
    let limit = call.limit(PAGE, PAGE_MAX)?;
    let from: usize = call.one("cursor")?.unwrap_or_default();
    let (behind, position) = ask(&call.server, moment, move |statistics| {
        let ask = question.ask(statistics);
        (statistics.behind_all(&ask), statistics.position())
    })
    .await?;
    let root = root(&call.server, position).await?;
    let Behind {
        numerator,
        denominator,
    } = behind;
    let (whole_part, whole) = (numerator.values().sum(), denominator.values().sum());
    let names: BTreeSet<CaseId> = match part.as_deref() {
        Some("numerator") => numerator.keys().cloned().collect(),
        Some("denominator") => denominator.keys().cloned().collect(),
        _ => numerator.keys().chain(denominator.keys()).cloned().collect(),
    };
    let total = names.len();
    let yours: Vec<CaseId> = {
        let reading = call.server.live.reading();
        let board = reading.course.board();
        let sees = |case: &CaseId| board.case(case.as_str()).is_some_and(|row| call.caller.sees(row));
        names.into_iter().filter(sees).collect()
    };
    let of = |amounts: &std::collections::BTreeMap<CaseId, i64>, case: &CaseId| {
        amounts.get(case).copied().unwrap_or_default()
    };
    let cases: Vec<BehindCase> = yours
        .iter()
        .skip(from)
        .take(limit)
        .map(|case| BehindCase {
            numerator: of(&numerator, case),
            denominator: of(&denominator, case),
            case: case.clone(),
        })
        .collect();
    let read = from.saturating_add(cases.len());
    json(&Page {
        version: 1,
        figure,
        position,
        root,
        numerator: whole_part,
        denominator: whole,
        total,
        yours: yours.len(),
        cases,
        next: (read < yours.len()).then(|| read.to_string()),
    })
}

/// The log as it was gathered for the process view, and when.
pub(crate) struct Gathered {
    at: Instant,
    process: Arc<Process>,
}

async fn process_of_now(server: &Arc<Shared>) -> Result<Arc<Process>, Problem> {
    let mut gathered = server.process.lock().await;
    if let Some(known) = gathered.as_ref().filter(|known| known.at.elapsed() < PROCESS_FOR) {
        return Ok(Arc::clone(&known.process));
    }
    let process = Arc::new(server.live.engine().project_into(Process::default()).await?);
    *gathered = Some(Gathered {
        at: Instant::now(),
        process: Arc::clone(&process),
    });
    Ok(process)
}

pub(crate) async fn process(call: Call) -> Answer {
    let only: Option<ProcedureId> = call.one("procedure")?;
    let process = process_of_now(&call.server).await?;
    let view = blocking(move || {
        let directory = process.directory();
        if let Some(only) = &only
            && !process.procedures().contains(only)
        {
            return Err(Problem::absent(
                "unknown_procedure",
                Both::new(
                    format!("没有事项 {only} 的办件"),
                    format!("no case is of the procedure `{only}`"),
                ),
            ));
        }
        let calendars: Vec<_> = directory.calendars.values().cloned().collect();
        let centre = directory.centre.as_ref().map(|centre| centre.name.en.clone());
        let name = centre.unwrap_or_default();
        let hours = TimeOfDay::new(9, 0).zip(TimeOfDay::new(17, 0));
        let hours = hours.map(|(from, until)| OpenInterval::new(from, until));
        let Some(hours) = hours else {
            return Err(Problem::bad_request(Both::new(
                "开放时间有误",
                "no opening hours",
            )));
        };
        let measures = Measures::new(&name, directory.zone(), &calendars, hours)
            .map_err(|error| Problem::bad_request(Both::new(error.to_string(), error.to_string())))?;
        let measures = match &only {
            Some(only) => measures.of(only),
            None => measures,
        };
        serde_json::to_vec(&process.view(&measures))
            .map_err(|error| Problem::bad_request(Both::new("结果无法写出", error.to_string())))
    })
    .await?;
    Ok(crate::call::typed("application/json", "no-store", view))
}
