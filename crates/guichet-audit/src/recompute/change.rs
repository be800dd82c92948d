//! What changed since a figure was published: the cases that count otherwise now, the events that made it so, the bulletins
//! that took another one's place.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::case::CaseEvent;
use guichet_core::id::{CaseId, DepartmentId, Position};
use guichet_core::reference::Bulletin;
use guichet_stats::{Figure, Period};

use super::answer::{Change, ChangedCase, Restatement, Why};
use super::chronicle::{Chronicle, Line, View};
use super::count::amounts;
use super::second::{Adds, Counted, of_case};
use super::story::Story;

/// The cases that count otherwise now than they did, whether or not the figure changed by that.
pub(super) fn changed(
    (figure, of): (Figure, Option<&DepartmentId>),
    period: Period,
    (since, before): (Position, &Counted),
    (now, after): (View<'_>, &Counted),
) -> Vec<ChangedCase> {
    let cases: BTreeSet<&CaseId> = before.cases.keys().chain(after.cases.keys()).collect();
    let other = cases
        .into_iter()
        .filter(|case| before.cases.get(*case) != after.cases.get(*case));
    let of_case = |case: &CaseId| {
        let adds = |counted: &Counted| counted.cases.get(case).map(amounts).unwrap_or_default();
        ChangedCase {
            case: case.clone(),
            then: adds(before),
            now: adds(after),
            by: causes(case, (figure, of), period, since, now),
        }
    };
    other.map(of_case).collect()
}

/// The events that changed what a case adds: the log is let grow by one event of the case, or one calendar, at a time.
fn causes(
    case: &CaseId,
    (figure, of): (Figure, Option<&DepartmentId>),
    period: Period,
    since: Position,
    now: View<'_>,
) -> Vec<Change> {
    let lines: BTreeMap<Position, &Line> = now.lines(case).map(|line| (line.position, line)).collect();
    let mut steps: BTreeSet<Position> = now.calendar_positions().collect();
    steps.extend(lines.keys().copied());
    let adds = |before: Position| {
        let story = Story::of(now.before(before), case);
        story.map_or_else(Adds::default, |story| {
            of_case(figure, &story, of, period).unwrap_or_default()
        })
    };
    let mut was = adds(since);
    let mut causes = Vec::new();
    for position in steps.into_iter().filter(|position| *position >= since) {
        let is = adds(position.next());
        if is == was {
            continue;
        }
        was = is;
        let line = lines.get(&position);
        causes.push(Change {
            position,
            event: line.map_or("calendar.published", |line| line.event.kind()),
            on: line.map(|line| line.on),
            recorded_at: line.map(|line| line.recorded_at),
            why: line.map_or(Why::Calendar, |line| why(line, period)),
        });
    }
    causes
}

fn why(line: &Line, period: Period) -> Why {
    if matches!(line.event, CaseEvent::RecordCorrected(_)) {
        Why::Correction
    } else if matches!(line.event, CaseEvent::CaseReopened(_)) {
        Why::Reopening
    } else if line.on <= period.last() {
        Why::LateRecord
    } else {
        Why::LaterEvent
    }
}

pub(super) fn restatements(chronicle: &Chronicle, bulletins: &[&Bulletin]) -> Vec<Restatement> {
    let all = &chronicle.directory.bulletins;
    let restated = bulletins.iter().filter_map(|bulletin| {
        let restates = bulletin.restates.clone()?;
        let before = all.iter().find(|earlier| earlier.name == restates);
        let place = all.iter().position(|known| known.name == bulletin.name);
        let recorded = place.and_then(|place| chronicle.published.get(place));
        let others = bulletin.figures.iter().filter(|told| {
            let earlier = before.and_then(|before| {
                let mut figures = before.figures.iter();
                figures.find(|was| was.figure == told.figure && was.department == told.department)
            });
            earlier != Some(*told)
        });
        Some(Restatement {
            bulletin: bulletin.name.clone(),
            restates,
            reason: bulletin.reason.clone(),
            position: bulletin.position,
            recorded: recorded.map(|publication| publication.position),
            recorded_at: recorded.map(|publication| publication.recorded_at),
            by: recorded.map(|publication| publication.by.clone()),
            figures_changed: others.count(),
        })
    });
    restated.collect()
}
