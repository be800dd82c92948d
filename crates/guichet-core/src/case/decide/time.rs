//! What lapses when time passes: the intake term, a correction, a member's answer, the decision.
//!
//! Each lapse carries the date on which it lapsed, and what follows from it begins on the day after, so that a timekeeper
//! that runs a week late writes the same events as one that ran every night.

use super::Ask;
use super::turn::{Turn, silence_consents};
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
    lapses(procedure, case).into_iter().map(|(day, _)| day).min()
}

/// Records everything that has lapsed before today, in the order in which it lapsed. Nothing lapsed: no event.
pub(super) fn note(ask: &Ask<'_>, state: &CaseState) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Timekeeper])?;
    let Some(case) = state.case() else {
        return Err(Rejection::NotSubmitted);
    };
    let mut turn = Turn::new(ask, case)?;
    for _ in 0..LAPSES_MAX {
        let lapsed = lapses(turn.counting.procedure, &turn.case)
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
fn lapses(procedure: &Procedure, case: &Case) -> Vec<(Date, Lapse)> {
    match &case.stage {
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
            let decision = procedure.silence.decision.filter(|_| !case.is_suspended());
            found.extend(
                decision
                    .zip(case.due.statutory)
                    .map(|(effect, due_on)| (due_on, Lapse::Decision(effect))),
            );
            found
        }
        Stage::Intake { .. }
        | Stage::Correction { .. }
        | Stage::Decided { .. }
        | Stage::Ended { .. }
        | Stage::Completed { .. }
        | Stage::Archived { .. } => Vec::new(),
    }
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
            let consents = flow
                .step(member)
                .is_some_and(|step| silence_consents(drawn, step));
            if let Some(until) = service.silent_until.filter(|_| open && consents) {
                found.push((until, Lapse::Member(id.clone(), member.clone())));
            }
        }
    }
    found
}
