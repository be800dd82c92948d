//! The centre at a moment, and the days that one can go back to.

use guichet_audit::as_of::{Moment, Named};
use guichet_audit::replay::{Board, BoardView, DepartmentRow, EventLine, Order, WindowRow};
use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_core::zone::LocalTime;
use guichet_stats::AsOf;
use serde::Serialize;

use crate::call::{Answer, Call, blocking, json};
use crate::live::{DayMark, Live, Summary};
use crate::problem::Problem;
use crate::route::Right;
use crate::scope::Caller;

/// The centre at a moment, as `schemas/overview.v1.schema.json` describes it.
#[derive(Serialize)]
struct Overview {
    version: u16,
    /// How many records were taken in: the place of the next one.
    at: Position,
    end: Position,
    #[serde(flatten)]
    summary: Summary,
    /// Whether it is the centre of now.
    live: bool,
    /// How many records of the log are not in it yet.
    lag: u64,
    /// The root of the log's tree at that place, where the replay is in the order of the log.
    root: Option<String>,
    /// As of when figures are asked that belong to this moment.
    as_of: Named,
    windows: Vec<WindowRow>,
    departments: Vec<DepartmentRow>,
    events: Vec<EventLine>,
}

/// A board at a moment, with the instant that it is read as of.
pub(crate) struct Stood {
    pub(crate) board: Board,
    pub(crate) moment: Option<Timestamp>,
    pub(crate) as_of: AsOf,
}

/// The centre at a moment. Blocks where records are read.
pub(crate) fn stood(live: &Live, moment: Moment) -> Result<Stood, Problem> {
    let shown = live.now();
    if moment == Moment::Now {
        let (board, moment) = (shown.board.clone(), shown.view.now);
        return Ok(Stood {
            board,
            moment,
            as_of: AsOf::Now,
        });
    }
    let zone = shown.board.directory().zone().clone();
    let end_of = |day: guichet_core::time::Date| {
        let midnight = zone.instant(LocalTime::midnight(day.plus_days(1)));
        midnight.saturating_add_micros(-1)
    };
    let order = shown.board.order();
    let (place, asked) = {
        let reading = live.reading();
        let index = reading.course.index();
        match moment {
            Moment::Now => (shown.board.at(), None),
            Moment::Position(place) => (place, None),
            Moment::Instant(at) => (index.at(at), Some(at)),
            Moment::Wall(local) => (index.at(zone.instant(local)), Some(zone.instant(local))),
            Moment::Day(day) => (index.at(end_of(day)), Some(end_of(day))),
        }
    };
    let board = live.board_at(place)?;
    let moment = asked.or(board.now());
    // A log that is replayed as things happened has no position that stands for a moment: a day does.
    let as_of = match (order, moment) {
        (Order::Recorded, _) => AsOf::Position(board.at()),
        (Order::Occurred, Some(at)) => AsOf::Effective(zone.date(at)),
        (Order::Occurred, None) => AsOf::Position(Position::START),
    };
    Ok(Stood { board, moment, as_of })
}

/// How many cases of a window's queue are told; how many lie there is told beside them.
const QUEUE_MAX: usize = 20;

impl Overview {
    /// A view as somebody may see it. Its cases are not in it.
    fn of(view: &BoardView, caller: &Caller, live: bool, as_of: AsOf) -> Self {
        let cases = caller.role.has(Right::Cases);
        let windows = view.windows.iter().map(|window| {
            let own = caller.sees_all() || window.window.as_ref() == caller.window();
            let queue = if cases && own { QUEUE_MAX } else { 0 };
            WindowRow {
                queue: window.queue.iter().take(queue).cloned().collect(),
                departments: window.departments.clone(),
                window: window.window.clone(),
                ..*window
            }
        });
        let events = view.events.iter().map(|event| EventLine {
            case: event.case.clone().filter(|_| caller.sees_all()),
            ..*event
        });
        Self {
            version: 1,
            at: view.at,
            end: view.end,
            summary: Summary::of(view),
            live,
            lag: 0,
            root: None,
            as_of: Named(as_of),
            windows: windows.collect(),
            departments: view.departments.clone(),
            events: events.collect(),
        }
    }
}

pub(crate) async fn overview(call: Call) -> Answer {
    let moment: Moment = call.one("at")?.unwrap_or_default();
    let (server, caller) = (call.server.clone(), call.caller.clone());
    let (mut overview, order) = if moment == Moment::Now {
        let shown = server.live.now();
        let mut overview = Overview::of(&shown.view, &caller, true, AsOf::Now);
        overview.lag = server.live.lag();
        (overview, shown.board.order())
    } else {
        let server = server.clone();
        blocking(move || {
            let stood = stood(&server.live, moment)?;
            let end = server.live.now().board.at();
            let view = BoardView::of(&stood.board, end, stood.moment);
            let overview = Overview::of(&view, &caller, false, stood.as_of);
            Ok((overview, stood.board.order()))
        })
        .await?
    };
    if order == Order::Recorded {
        let root = server.live.engine().root(overview.at).await?;
        overview.root = root.map(|root| root.to_string());
    }
    json(&overview)
}

/// The days of the log, as `schemas/history.v1.schema.json` describes them.
#[derive(Serialize)]
struct History {
    version: u16,
    order: Order,
    start: Position,
    end: Position,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    days: Vec<DayMark>,
    findings: Vec<Mark>,
}

/// A place at which something was found.
#[derive(Serialize)]
struct Mark {
    position: Position,
    rule: guichet_audit::findings::RuleId,
    severity: guichet_audit::findings::Severity,
}

pub(crate) async fn history(call: Call) -> Answer {
    let marks = call.caller.sees_all();
    let history = blocking(move || {
        let live = &call.server.live;
        let found = marks.then(|| live.found());
        let reading = live.reading();
        let board = reading.course.board();
        let span = reading.course.index().span();
        let findings = found.iter().flat_map(|found| &found.findings);
        Ok(History {
            version: 1,
            order: board.order(),
            start: Position::START,
            end: board.at(),
            first: span.map(|(first, _)| first),
            last: span.map(|(_, last)| last),
            days: reading.days().collect(),
            findings: findings
                .filter_map(|finding| {
                    Some(Mark {
                        position: *finding.evidence.first()?,
                        rule: finding.rule,
                        severity: finding.severity,
                    })
                })
                .collect(),
        })
    })
    .await?;
    json(&history)
}
