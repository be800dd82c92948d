//! What lapses when time passes: the intake term, a correction, a member's answer, the decision.
//!
//! Each lapse carries the date on which it lapsed, and what follows from it begins on the day after, so that a timekeeper
//! that runs a week late writes the same events as one that ran every night.

use super::turn::{Counting, Turn, silence_consents};
use super::{Ask, accepted_on, known};
use crate::actor::Role;
use crate::case::clocks::{ClockId, decision_start, running};
use crate::case::event::{
    AcceptanceDeemed, CaseEvent, ConsentGround, CorrectionLapsed, DecisionDeemed, LightTurned,
    MemberConsentDeemed,
};
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState, Stage};
use crate::id::{BlockId, StepId};
use crate::light::{Light, lights_of};
use crate::procedure::{DecisionSilence, Procedure};
use crate::reference::Directory;
use crate::time::Date;

/// The most lapses of one case in one turn: each closes a clock, and a case has fewer.
const LAPSES_MAX: usize = 1_000;

/// Something that lapses, by what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lapse {
    Intake,
    Correction,
    Member(BlockId, StepId),
    Decision(DecisionSilence),
    Light(ClockId, Turning),
}

/// A light that turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turning {
    light: Light,
    due_on: Date,
}

/// The last day before something of this case lapses, if anything can.
///
/// The timekeeper sorts open cases by it; what it says is checked again when the day has passed.
#[must_use]
pub fn next_lapse(directory: &Directory, state: &CaseState) -> Option<Date> {
    next_lapse_before(directory, state, Date::MAX)
}

/// As [`next_lapse`], for lapses before `today` only: cheap on a case to which everything happens on one day.
pub(super) fn next_lapse_before(directory: &Directory, state: &CaseState, today: Date) -> Option<Date> {
    let case = state.case()?;
    let procedure = directory.procedure(&case.procedure, case.version)?;
    if began_on_or_after(procedure, case, today) {
        return None;
    }
    let lapses = lapses(&Counting::new(directory, procedure), case, today).ok()?;
    let days = lapses.into_iter().map(|(day, _)| day);
    days.min().filter(|day| *day < today)
}

/// Whether every clock of a case began on `day` or later, so that nothing can have lapsed before it.
fn began_on_or_after(procedure: &Procedure, case: &Case, day: Date) -> bool {
    match &case.stage {
        Stage::Intake { since, .. } => *since >= day,
        Stage::Correction { served_on, .. } => *served_on >= day,
        Stage::Review => {
            let mut open = case.progress.open.iter().filter_map(|step| case.steps.get(step));
            decision_start(procedure, case) >= day
                && open.all(|step| step.first_started_on >= day)
                && case.groups.values().all(|group| group.opened_on >= day)
        }
        Stage::Decided { .. } => case.decision.as_ref().is_none_or(|decision| decision.on >= day),
        Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. } => true,
    }
}

/// Records everything that has lapsed before today, in the order in which it lapsed. Nothing lapsed: no event.
pub(super) fn note(ask: &Ask<'_>, state: &CaseState) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Timekeeper])?;
    known(state)?;
    lapsed(ask, state)
}

/// What has lapsed before today and was not told yet, in the order in which it lapsed, with what follows from it.
pub(super) fn lapsed(ask: &Ask<'_>, state: &CaseState) -> Result<Vec<CaseEvent>, Rejection> {
    let Some(case) = state.case() else {
        return Ok(Vec::new());
    };
    let mut turn = Turn::new(ask, case)?;
    for _ in 0..LAPSES_MAX {
        let lapsed = lapses(&turn.counting, &turn.case, ask.today)?
            .into_iter()
            .filter(|(day, _)| *day < ask.today)
            .min();
        let Some((lapsed_on, lapse)) = lapsed else { break };
        turn.day = lapsed_on.next();
        match lapse {
            Lapse::Intake => {
                let effective_on = match &turn.case.stage {
                    Stage::Intake { since, .. } => *since,
                    Stage::Correction { .. }
                    | Stage::Review
                    | Stage::Decided { .. }
                    | Stage::Ended { .. }
                    | Stage::Completed { .. }
                    | Stage::Archived { .. } => turn.case.received_on,
                };
                // Acceptance is retroactive, and so is everything that it starts.
                turn.day = effective_on;
                let due = turn.decision_due(effective_on)?;
                let (statutory_due_on, promised_due_on) = (due.statutory, due.promised);
                turn.push(AcceptanceDeemed {
                    effective_on,
                    lapsed_on,
                    statutory_due_on,
                    promised_due_on,
                });
            }
            Lapse::Correction => turn.push(CorrectionLapsed { lapsed_on }),
            Lapse::Member(group, member) => {
                turn.push(MemberConsentDeemed {
                    group,
                    member,
                    ground: ConsentGround::Timeout,
                    lapsed_on,
                });
            }
            Lapse::Decision(effect) => {
                let source = turn.counting.procedure.terms.statutory.as_ref();
                let source = source.map(|term| term.source.clone()).unwrap_or_default();
                turn.push(DecisionDeemed {
                    effect,
                    lapsed_on,
                    source,
                });
            }
            Lapse::Light(clock, Turning { light, due_on }) => {
                turn.push(LightTurned {
                    clock: clock.kind,
                    of: clock.of,
                    light,
                    turned_on: lapsed_on.next(),
                    due_on,
                });
                continue;
            }
        }
        if matches!(turn.case.stage, Stage::Review) {
            turn.advance()?;
        }
    }
    Ok(turn.finish())
}

/// What of a case lapses, and the last day before it does. Of the clocks that began on `today` or later nothing has lapsed,
/// and it is not counted.
fn lapses(counting: &Counting<'_>, case: &Case, today: Date) -> Result<Vec<(Date, Lapse)>, Rejection> {
    let mut found = silences(counting, case)?;
    lights(counting, case, today, &mut found)?;
    Ok(found)
}

/// Which lights of a case turn, and the last day before they do. A clock that stands still turns none: it shows grey, and
/// the pause itself is the record of that.
fn lights(
    counting: &Counting<'_>,
    case: &Case,
    today: Date,
    found: &mut Vec<(Date, Lapse)>,
) -> Result<(), Rejection> {
    let procedure = counting.procedure;
    for running in running(procedure, case) {
        let Some((warns, past)) = lights_of(procedure, running.id.kind) else {
            continue;
        };
        if running.start >= today {
            continue;
        }
        let clock = running.clock(case, &procedure.policy, counting.calendar()?);
        if clock.is_paused(today) {
            continue;
        }
        let run = clock.run(running.start)?;
        let told = case
            .lights
            .get(&running.id)
            .filter(|told| told.due_on == run.due_on);
        let mut turns = |day: Date, light: Light| {
            if told.is_none_or(|told| told.light < light) {
                let due_on = run.due_on;
                found.push((day, Lapse::Light(running.id.clone(), Turning { light, due_on })));
            }
        };
        // A clock that starts with its warning does not turn yellow: it is.
        if warns && run.warn_on > run.start {
            turns(run.warn_on.plus_days(-1), Light::Yellow);
        }
        turns(run.due_on, past);
    }
    Ok(())
}

/// What silence does to a case, and the last day before it does.
fn silences(counting: &Counting<'_>, case: &Case) -> Result<Vec<(Date, Lapse)>, Rejection> {
    let procedure = counting.procedure;
    Ok(match &case.stage {
        Stage::Intake {
            due_on: Some(due_on), ..
        } if procedure.silence.intake_accepts => vec![(*due_on, Lapse::Intake)],
        Stage::Correction {
            respond_by: Some(respond_by),
            lapsed: false,
            ..
        } => vec![(*respond_by, Lapse::Correction)],
        Stage::Review => {
            let mut found = members(procedure, case);
            if let (Some(effect), Some(term)) = (procedure.silence.decision, &procedure.terms.statutory) {
                let started_on = accepted_on(case);
                let clock = counting.decision_clock(started_on, term, case)?;
                // Nothing lapses while the clock stands still.
                if !clock.is_paused(Date::MAX) {
                    // Counted anew: the end of a special procedure moves the day without telling a new one.
                    let due_on = clock.due_on(started_on)?;
                    // Silence speaks once: a case that was opened again after that day waits for a person.
                    if case.reopened_on.is_none_or(|on| on <= due_on) {
                        found.push((due_on, Lapse::Decision(effect)));
                    }
                }
            }
            found
        }
        Stage::Intake { .. }
        | Stage::Correction { .. }
        | Stage::Decided { .. }
        | Stage::Ended { .. }
        | Stage::Completed { .. }
        | Stage::Archived { .. } => Vec::new(),
    })
}

/// Members of open groups that were served, have not answered, and whose silence the flow lets count.
fn members(procedure: &Procedure, case: &Case) -> Vec<(Date, Lapse)> {
    let Some(flow) = &procedure.flow else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (id, group) in &case.groups {
        let Some(drawn) = flow.group(id) else { continue };
        for (member, service) in &group.served {
            let open = case.progress.open.contains(member);
            let added = case
                .progress
                .groups
                .get(id)
                .into_iter()
                .flat_map(|group| group.added.values());
            let step = flow
                .step(member)
                .or_else(|| added.into_iter().find(|step| step.id == *member));
            let consents = step.is_some_and(|step| silence_consents(drawn, step));
            if let Some(until) = service.silent_until.filter(|_| open && consents) {
                found.push((until, Lapse::Member(id.clone(), member.clone())));
            }
        }
    }
    found
}
