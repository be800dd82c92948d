//! Cases: those that one may see, and one of them.

use std::sync::Arc;

use guichet_audit::as_of::Moment;
use guichet_audit::explain::{Asked, sheet};
use guichet_audit::held;
use guichet_audit::replay::{CaseRow, Row};
use guichet_audit::show;
use guichet_audit::source::Seen;
use guichet_audit::source::port::Port;
use guichet_audit::timeline::Timeline;
use guichet_core::id::{BlockId, CaseId, DepartmentId, Position, ProcedureId, WindowId};
use guichet_core::time::{Date, Timestamp};
use guichet_terminal::context::Context;
use serde::Serialize;

use crate::api::overview::stood;
use crate::call::{Answer, Call, blocking, json};
use crate::problem::{Both, Problem};

/// How many cases a page has where nobody says, and at most.
const PAGE: usize = 50;
const PAGE_MAX: usize = 500;

/// A page of cases, as `schemas/cases.v1.schema.json` describes it.
#[derive(Serialize)]
struct Page {
    version: u16,
    at: Position,
    now: Option<Timestamp>,
    day: Option<Date>,
    /// How many answer to the filters.
    total: usize,
    cases: Vec<CaseRow>,
    next: Option<String>,
}

pub(crate) async fn list(call: Call) -> Answer {
    let moment: Moment = call.one("at")?.unwrap_or_default();
    let departments: Vec<DepartmentId> = call.many("department")?;
    let windows: Vec<WindowId> = call.many("window")?;
    let procedures: Vec<ProcedureId> = call.many("procedure")?;
    let lights: Vec<String> = call.many("light")?;
    let stage: Option<String> = call.one("stage")?;
    let begins: Option<String> = call.one("q")?;
    let by_date = call.texts("sort").any(|sort| sort == "received");
    let limit = call.limit(PAGE, PAGE_MAX)?;
    let from: usize = call.one("cursor")?.unwrap_or_default();
    let page = blocking(move || {
        let stood = stood(&call.server.live, moment)?;
        let (board, day) = (
            &stood.board,
            stood.moment.map(|at| stood.board.directory().zone().date(at)),
        );
        let takes = |case: &CaseId, row: &Row| {
            call.caller.sees(row)
                && (departments.is_empty()
                    || departments.contains(row.department())
                    || row
                        .departments()
                        .any(|department| departments.contains(department)))
                && (windows.is_empty() || row.window().is_some_and(|window| windows.contains(window)))
                && (procedures.is_empty() || procedures.contains(row.procedure()))
                && match stage.as_deref() {
                    None | Some("open") => !row.is_finished(),
                    Some("any") => true,
                    Some(stage) => row.stage().as_str() == stage,
                }
                && begins
                    .as_deref()
                    .is_none_or(|begins| case.as_str().starts_with(begins))
        };
        // Cases that are over have left the board's list, and are found by their names.
        let names: Vec<CaseId> = if matches!(stage.as_deref(), None | Some("open")) {
            board.open().map(|(case, _)| case.clone()).collect()
        } else {
            let reading = call.server.live.reading();
            reading.course.index().cases().cloned().collect()
        };
        let mut rows: Vec<CaseRow> = names
            .iter()
            .filter_map(|case| Some((case, board.case(case.as_str())?)))
            .filter(|(case, row)| takes(case, row))
            .map(|(case, row)| CaseRow::of(board, case, row, day))
            .filter(|row| {
                let shown = row.light.map_or("none", |light| light.as_str());
                lights.is_empty() || lights.iter().any(|light| light == shown)
            })
            .collect();
        if by_date {
            rows.sort_by(|a, b| (b.received_on, &a.case).cmp(&(a.received_on, &b.case)));
        } else {
            CaseRow::sort_by_urgency(&mut rows);
        }
        let total = rows.len();
        let cases: Vec<CaseRow> = rows.into_iter().skip(from).take(limit).collect();
        let read = from.saturating_add(cases.len());
        Ok(Page {
            version: 1,
            at: board.at(),
            now: stood.moment,
            day,
            total,
            cases,
            next: (read < total).then(|| read.to_string()),
        })
    })
    .await?;
    json(&page)
}

/// No such case, or none that the asker may see: answered alike.
pub(crate) fn no_such_case(case: &CaseId) -> Problem {
    Problem::absent(
        "no_such_case",
        Both::new(
            format!("没有办件 {case}，或不在您的查看范围内"),
            format!("there is no case {case}, or none that you may see"),
        ),
    )
    .help(
        "请检查办件编号；窗口人员只能查看本窗口及当日值班部门的办件",
        "look at the case's number; a clerk sees the cases of the window and of the departments on duty there today",
    )
}

/// The case that is asked about, where the asker may see it.
pub(crate) fn seen(call: &Call) -> Result<CaseId, Problem> {
    let case: CaseId = call.part("case")?;
    if may_see(call, &case) {
        Ok(case)
    } else {
        Err(no_such_case(&case))
    }
}

/// Whether there is such a case, and the asker may see it.
pub(crate) fn may_see(call: &Call, case: &CaseId) -> bool {
    let reading = call.server.live.reading();
    let row = reading.course.board().case(case.as_str());
    row.is_some_and(|row| call.caller.sees(row))
}

/// What the audit tool's questions answer about a case at a moment.
async fn asked<T: Serialize>(
    call: Call,
    answer: impl FnOnce(&Call, &Seen<'_>, Moment) -> Result<T, Problem> + Send + 'static,
) -> Answer {
    let moment: Moment = call.one("at")?.unwrap_or_default();
    let value = blocking(move || {
        let case = seen(&call)?;
        let source = Port::new(Arc::clone(call.server.live.engine().log()));
        let seen = Seen::read(&source, &case)?;
        let answered = answer(&call, &seen, moment)?;
        serde_json::to_value(answered).map_err(|error| {
            Problem::new(
                axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                "unwritable",
                Both::new("结果无法写出", format!("the answer cannot be written: {error}")),
            )
        })
    })
    .await?;
    json(&value)
}

/// The day on which clocks are read: today for now, as a person at a window means it.
fn day(call: &Call, moment: Moment, known: Date) -> Date {
    if moment == Moment::Now {
        call.server.live.engine().today()
    } else {
        known
    }
}

pub(crate) async fn one(call: Call) -> Answer {
    asked(call, |call, seen, moment| {
        let (known, view) = seen.stood(moment)?;
        Ok(show::document(
            &view,
            &known.directory,
            day(call, moment, known.day),
        ))
    })
    .await
}

pub(crate) async fn timeline(call: Call) -> Answer {
    asked(call, |_, seen, moment| {
        let (_, view) = seen.stood(moment)?;
        Ok(serde_json::to_value(Timeline::of(&view)).unwrap_or_default())
    })
    .await
}

pub(crate) async fn explain(call: Call) -> Answer {
    let clock: Option<String> = call.one("clock")?;
    let of: Option<BlockId> = call.one("of")?;
    asked(call, move |call, seen, moment| {
        let (known, view) = seen.stood(moment)?;
        let asked = Asked {
            clock: clock.as_deref(),
            of: of.as_ref(),
            tool: "guichet case",
            all: "clock=all",
        };
        let context = Context {
            lang: call.lang,
            ..Context::default()
        };
        let day = day(call, moment, known.day);
        Ok(sheet(asked, &known.directory, &view, day, context)?)
    })
    .await
}

pub(crate) async fn held(call: Call) -> Answer {
    asked(call, |_, seen, moment| {
        let (known, view) = seen.stood(moment)?;
        Ok(held::held(&view, &known))
    })
    .await
}

/// What an applicant is given, as `schemas/receipt.v1.schema.json` describes it.
#[derive(Serialize)]
struct Receipt {
    version: u16,
    case: CaseId,
    number: String,
    secret: String,
}

pub(crate) async fn receipt(call: Call) -> Answer {
    let case = seen(&call)?;
    let receipt = {
        let reading = call.server.live.reading();
        let key = &reading.numbers.key;
        Receipt {
            version: 1,
            number: key.number(&case).to_string(),
            secret: key.secret(&case),
            case,
        }
    };
    json(&receipt)
}
