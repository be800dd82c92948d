//! Lateness on purpose: who is slow knows the limit that passes, and takes it down.

use guichet::core::calendar::Calendar;
use guichet::core::case::CaseEvent;
use guichet::core::case::state::Stage;
use guichet::core::id::CaseId;
use guichet::core::time::Date;

use super::habits::SILENT;
use super::limits::Late;
use super::open::Open;
use super::planted::{Planting, Subject};

/// Why something comes late.
fn why(open: &Open, of: Option<&str>) -> (&'static str, &'static str) {
    if of == Some(SILENT) {
        (
            "文化局有意不答复",
            "the culture department does not answer, on purpose",
        )
    } else if open.late {
        ("本办件被有意拖延", "a case that is meant to be slow")
    } else {
        ("当日排队，未能按时", "the queue of the day was too long")
    }
}

/// A decision, or what stands for it, past the promise.
fn decision(case: &CaseId, open: &Open, late: &Late, on: Date) -> Planting {
    let (zh, en) = why(open, None);
    let day = late.last_day;
    Planting::new(
        "A1",
        Subject::Case(case.clone()),
        format!("{zh}：应在 {day} 前作出决定，{on}"),
        format!("{en}: to be decided until {day}, and it is {on}"),
    )
}

/// A step or a group past its own term.
fn part(case: &CaseId, open: &Open, late: &Late, on: Date) -> Planting {
    let (zh, en) = why(open, late.of.as_deref());
    let (day, of) = (late.last_day, late.of.as_deref().unwrap_or_default());
    Planting::new(
        "A2",
        Subject::Case(case.clone()),
        format!("{zh}：{of} 应在 {day} 前完成，{on}"),
        format!("{en}: {of} to be done until {day}, and it is {on}"),
    )
}

/// What somebody plants by an act that comes when it comes. `open` is the case before it.
pub(super) fn seen(
    case: &CaseId,
    open: &Open,
    event: &CaseEvent,
    calendar: &Calendar,
    today: Date,
) -> Vec<Planting> {
    let mut planted = Vec::new();
    if let CaseEvent::AcceptanceDeemed(deemed) = event {
        planted.push(Planting::new(
            "B17",
            Subject::Case(case.clone()),
            format!("有意无人过问：{} 期满视为受理", deemed.lapsed_on),
            format!(
                "nobody looks at it on purpose, so silence accepts on {}",
                deemed.lapsed_on
            ),
        ));
    }
    let Some(limits) = open.limits(calendar) else {
        return planted;
    };
    let ends = matches!(
        event,
        CaseEvent::DecisionMade(_) | CaseEvent::CaseWithdrawn(_) | CaseEvent::CaseTerminated(_)
    );
    if let Some(late) = limits.decision_past(today).filter(|_| ends) {
        planted.push(decision(case, open, &late, today));
    }
    if let Some(late) = limits.left_late(event, today) {
        planted.push(part(case, open, &late, today));
    }
    planted
}

/// What is planted by leaving a case lie beyond the end of the year.
pub(super) fn left_open(case: &CaseId, open: &Open, calendar: &Calendar, today: Date) -> Vec<Planting> {
    let reviewed = open
        .state
        .case()
        .is_some_and(|case| matches!(case.stage, Stage::Review));
    let Some(limits) = open.limits(calendar).filter(|_| reviewed) else {
        return Vec::new();
    };
    let whole = limits.decision_past(today);
    let mut planted: Vec<_> = whole
        .iter()
        .map(|late| decision(case, open, late, today))
        .collect();
    planted.extend(
        limits
            .open_late(today)
            .iter()
            .map(|late| part(case, open, late, today)),
    );
    planted
}
