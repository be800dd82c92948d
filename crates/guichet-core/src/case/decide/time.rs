//! What lapses when time passes: the intake term, a correction, a member's answer, the decision.
//!
//! Each lapse carries the date on which it lapsed, and what follows from it begins on the day after, so that a timekeeper
//! that runs a week late writes the same events as one that ran every night.

use super::turn::{Counting, Turn, silence_consents};
use super::{Ask, accepted_on, known};
use crate::actor::Role;
use crate::case::event::{
    AcceptanceDeemed, CaseEvent, ConsentGround, CorrectionLapsed, DecisionDeemed, MemberConsentDeemed,
};
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState, Stage};
use crate::id::{BlockId, StepId};
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
}

/// The last day before something of this case lapses, if anything can.
///
/// The timekeeper sorts open cases by it; what it says is checked again when the day has passed.
#[must_use]
pub fn next_lapse(directory: &Directory, state: &CaseState) -> Option<Date> {
    let case = state.case()?;
    let procedure = directory.procedure(&case.procedure, case.version)?;
    let lapses = lapses(&Counting::new(directory, procedure), case).ok()?;
    lapses.into_iter().map(|(day, _)| day).min()
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
        let lapsed = lapses(&turn.counting, &turn.case)?
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
        }
        if matches!(turn.case.stage, Stage::Review) {
            turn.advance()?;
        }
    }
    Ok(turn.finish())
}

/// What of a case lapses, and the last day before it does.
fn lapses(counting: &Counting<'_>, case: &Case) -> Result<Vec<(Date, Lapse)>, Rejection> {
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
            if let Some(effect) = procedure.silence.decision.filter(|_| !case.is_suspended()) {
                // Counted anew: the end of a special procedure moves the day without telling a new one.
                let started_on = accepted_on(case);
                let due_on = counting.decision_due(started_on, case, started_on)?.statutory;
                // Silence speaks once: a case that was opened again after that day waits for a person.
                let due_on = due_on.filter(|due_on| case.reopened_on.is_none_or(|on| on <= *due_on));
                found.extend(due_on.map(|due_on| (due_on, Lapse::Decision(effect))));
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
