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
    pub(crate) live: bool,
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
            live: true,
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
    Ok(Stood {
        board,
        moment,
        live: false,
        as_of,
    })
}

/// A view as somebody may see it.
fn masked(mut view: BoardView, caller: &Caller) -> BoardView {
    let cases = caller.role.has(Right::Cases);
    for window in &mut view.windows {
        let own = caller.sees_all() || window.window.as_ref() == caller.window();
        if !cases || !own {
            window.queue.clear();
        }
    }
    for event in &mut view.events {
        if !caller.sees_all() {
            event.case = None;
        }
    }
    view
}

pub(crate) async fn overview(call: Call) -> Answer {
    let moment: Moment = call.one("at")?.unwrap_or_default();
    let server = call.server.clone();
    let (view, live, as_of, in_order) = blocking(move || {
        let live = &server.live;
        let stood = stood(live, moment)?;
        let in_order = stood.board.order() == Order::Recorded;
        let view = if stood.live {
            live.now().view.clone()
        } else {
            BoardView::of(&stood.board, live.now().board.at(), stood.moment)
        };
        Ok((view, stood.live, stood.as_of, in_order))
    })
    .await?;
    let root = if in_order {
        call.server.live.engine().root(view.at).await?
    } else {
        None
    };
    let view = masked(view, &call.caller);
    json(&Overview {
        version: 1,
        at: view.at,
        end: view.end,
        summary: Summary::of(&view),
        live,
        lag: if live { call.server.live.lag() } else { 0 },
        root: root.map(|root| root.to_string()),
        as_of: Named(as_of),
        windows: view.windows,
        departments: view.departments,
        events: view.events,
    })
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
