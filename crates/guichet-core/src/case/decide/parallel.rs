//! Parallel approval (并联审批): branches added and removed, service shown, silence and disagreement. Rules: `docs/rules.md`.

use std::collections::BTreeSet;

use super::turn::{Turn, silence_consents};
use super::{Ask, one, under_review};
use crate::actor::Role;
use crate::case::event::{
    BranchAdded, BranchRemoved, CaseEvent, ConsentGround, DissentResolved, MemberConsentDeemed,
    ParallelClosed, Resolution, ServiceProved,
};
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState};
use crate::flow::{Block, GroupOutcome, Parallel, Step};
use crate::id::{BlockId, DepartmentId, DocumentId, StepId};
use crate::time::Term;

/// The lead that goes on in spite of a disagreement tells the member its reasons within ten days (`docs/rules.md`).
const TELL_REASONS_WITHIN: Term = Term::WorkingDays(10);

const LEADING: &[Role] = &[Role::Handler, Role::Reviewer, Role::Approver];

/// A branch to be added.
pub(super) struct Added<'a> {
    pub(super) group: &'a BlockId,
    pub(super) branch: &'a BlockId,
    pub(super) department: &'a DepartmentId,
    pub(super) term: Option<Term>,
    pub(super) safety: bool,
}

/// The lead asks one more department.
pub(super) fn add_branch(
    ask: &Ask<'_>,
    state: &CaseState,
    added: &Added<'_>,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (mut turn, _) = open_group(ask, state, added.group)?;
    if !ask.directory.departments.contains_key(added.department) {
        return Err(Rejection::UnknownDepartment {
            department: added.department.clone(),
        });
    }
    let exists = || Rejection::BlockExists {
        block: added.branch.clone(),
    };
    let step = StepId::new(added.branch.as_str()).map_err(|_| exists())?;
    let mut drawn = false;
    if let Some(flow) = &turn.counting.procedure.flow {
        flow.walk(&mut |block| drawn |= block.id().as_ref() == Some(added.branch));
    }
    if drawn || turn.step(&step).is_some() {
        return Err(exists());
    }
    lead(ask, &turn.case, added.group)?;
    let count = turn
        .case
        .progress
        .groups
        .values()
        .map(|group| group.added.len())
        .sum::<usize>();
    ask.day_in_review(&turn.case)?;
    Ask::count("added branches", count + 1)?;
    turn.push(BranchAdded {
        group: added.group.clone(),
        branch: added.branch.clone(),
        department: added.department.clone(),
        term: added.term,
        safety: added.safety,
        reason: Ask::reasons("an added branch", reason)?.to_owned(),
    });
    turn.advance()?;
    Ok(turn.finish())
}

/// The lead takes a branch out that has not arrived. A branch that guards safety stays.
pub(super) fn remove_branch(
    ask: &Ask<'_>,
    state: &CaseState,
    group: &BlockId,
    branch: &BlockId,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (mut turn, drawn) = open_group(ask, state, group)?;
    let standing = turn.case.progress.groups.get(group).cloned().unwrap_or_default();
    let not_a_member = || Rejection::NotAMember {
        group: group.clone(),
        branch: branch.to_string(),
    };
    let block = drawn
        .branches
        .iter()
        .find(|block| block.id().as_ref() == Some(branch));
    let steps: Vec<_> = match (block, standing.added.get(branch)) {
        (Some(block), _) => block.steps(),
        (None, Some(step)) => vec![step],
        (None, None) => return Err(not_a_member()),
    };
    lead(ask, &turn.case, group)?;
    if standing.removed.contains(branch) || standing.arrived.contains_key(branch) {
        return Err(Rejection::BranchSettled {
            branch: branch.clone(),
        });
    }
    if let Some(step) = steps.iter().find(|step| step.safety) {
        return Err(Rejection::SafetyBranch {
            step: step.id.clone(),
        });
    }
    if !others_remain(&turn.case, drawn, branch) {
        return Err(Rejection::LastBranch { group: group.clone() });
    }
    ask.day_in_review(&turn.case)?;
    let released: BTreeSet<StepId> = steps.into_iter().map(|step| step.id.clone()).collect();
    let released = released.intersection(&turn.case.progress.open).cloned().collect();
    let inner = block
        .map(|block| open_groups_in(block, &turn.case))
        .unwrap_or_default();
    let reason = Ask::reasons("a removed branch", reason)?.to_owned();
    for group in inner {
        turn.push(ParallelClosed {
            group,
            outcome: GroupOutcome::Released,
            released: BTreeSet::new(),
        });
    }
    turn.push(BranchRemoved {
        group: group.clone(),
        branch: branch.clone(),
        released,
        reason,
    });
    turn.advance()?;
    Ok(turn.finish())
}

/// Whether somebody beside this branch was asked in the group: a group that nobody answers would agree by itself.
fn others_remain(case: &Case, group: &Parallel, branch: &BlockId) -> bool {
    let Some(standing) = case.progress.groups.get(&group.id) else {
        return false;
    };
    let asked = |id: &BlockId, steps: &[&Step]| {
        let open = steps.iter().any(|step| case.progress.open.contains(&step.id));
        id != branch && !standing.removed.contains(id) && (open || standing.arrived.contains_key(id))
    };
    let drawn = group
        .branches
        .iter()
        .any(|block| block.id().is_some_and(|id| asked(&id, &block.steps())));
    drawn || standing.added.iter().any(|(id, step)| asked(id, &[step]))
}

pub(super) fn open_groups_in(block: &Block, case: &Case) -> Vec<BlockId> {
    let mut groups = Vec::new();
    block.walk(&mut |inner| {
        if let Block::Parallel(group) = inner {
            groups.push(group.id.clone());
        }
    });
    let open = |group: &BlockId| {
        case.progress
            .groups
            .get(group)
            .is_some_and(|standing| standing.entered && standing.outcome.is_none())
    };
    groups.retain(open);
    groups
}

/// It is shown that a member was notified and signed for it; from that day its silence counts, where the flow says so.
pub(super) fn prove_service(
    ask: &Ask<'_>,
    state: &CaseState,
    group: &BlockId,
    member: &StepId,
    evidence: &DocumentId,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (turn, drawn) = open_group(ask, state, group)?;
    let step = open_member(&turn, group, member)?;
    lead(ask, &turn.case, group)?;
    let started_on = turn
        .case
        .steps
        .get(member)
        .map_or(ask.day, |step| step.started_on);
    let served_on = ask.day_from(started_on)?;
    let silence = drawn.silence.as_ref().filter(|_| silence_consents(drawn, &step));
    let silent_until = silence
        .map(|rule| turn.counting.due(served_on, rule.after))
        .transpose()?;
    let (group, member, evidence) = (group.clone(), member.clone(), evidence.clone());
    Ok(one(ServiceProved {
        group,
        member,
        served_on,
        evidence,
        silent_until,
    }))
}

/// A member that stayed away, or answered in a form that does not count, has consented (缺席默认): only where the flow lets
/// its silence count, only when it was shown to be notified, and never for a step that guards safety.
pub(super) fn deem_consent(
    ask: &Ask<'_>,
    state: &CaseState,
    group: &BlockId,
    member: &StepId,
    ground: ConsentGround,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (mut turn, drawn) = open_group(ask, state, group)?;
    let step = open_member(&turn, group, member)?;
    lead(ask, &turn.case, group)?;
    if !silence_consents(drawn, &step) {
        return Err(Rejection::SilenceNotAllowed {
            member: member.clone(),
        });
    }
    let service = turn
        .case
        .groups
        .get(group)
        .and_then(|group| group.served.get(member))
        .cloned();
    let Some(service) = service else {
        return Err(Rejection::ServiceNotProved {
            member: member.clone(),
        });
    };
    let lapsed_on = match (ground, service.silent_until) {
        (ConsentGround::Timeout, Some(until)) if ask.day <= until => {
            return Err(Rejection::TooEarly {
                given: ask.day,
                earliest: until.next(),
            });
        }
        (ConsentGround::Timeout, Some(until)) => until,
        (
            ConsentGround::Timeout
            | ConsentGround::Absence
            | ConsentGround::NoReason
            | ConsentGround::InvalidForm,
            _,
        ) => ask.day_from(service.on)?,
    };
    turn.push(MemberConsentDeemed {
        group: group.clone(),
        member: member.clone(),
        ground,
        lapsed_on,
    });
    turn.advance()?;
    Ok(turn.finish())
}

/// After a reasoned disagreement the lead goes on and owes the member its reasons, or says no for the group (`docs/rules.md`).
/// To wait for an improvement, it suspends the clocks.
pub(super) fn resolve_dissent(
    ask: &Ask<'_>,
    state: &CaseState,
    group: &BlockId,
    resolution: Resolution,
    reasons: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (mut turn, _) = open_group(ask, state, group)?;
    lead(ask, &turn.case, group)?;
    ask.day_in_review(&turn.case)?;
    let standing = turn.case.progress.groups.get(group).cloned().unwrap_or_default();
    // What the lead went over once is answered; it can still say no for the group.
    let answered = standing.overridden && resolution == Resolution::Approve;
    if answered || !standing.arrived.values().any(|dissent| *dissent) {
        return Err(Rejection::NoDissent { group: group.clone() });
    }
    let reasons = Ask::reasons("the answer to a disagreement", reasons)?.to_owned();
    let tell_by = match resolution {
        Resolution::Approve => Some(turn.counting.due(ask.day, TELL_REASONS_WITHIN)?),
        Resolution::Refuse => None,
    };
    turn.push(DissentResolved {
        group: group.clone(),
        resolution,
        reasons,
        tell_by,
    });
    if resolution == Resolution::Refuse {
        let released = group_steps(&turn, group);
        for inner in turn.group(group).into_iter().flat_map(|group| &group.branches) {
            for group in open_groups_in(inner, &turn.case) {
                turn.push(ParallelClosed {
                    group,
                    outcome: GroupOutcome::Released,
                    released: BTreeSet::new(),
                });
            }
        }
        turn.push(ParallelClosed {
            group: group.clone(),
            outcome: GroupOutcome::Refused,
            released,
        });
    }
    turn.advance()?;
    Ok(turn.finish())
}

/// The steps of a group that are open.
fn group_steps(turn: &Turn<'_>, group: &BlockId) -> BTreeSet<StepId> {
    let drawn = turn
        .group(group)
        .into_iter()
        .flat_map(|group| group.branches.iter().flat_map(Block::steps));
    let added = turn
        .case
        .progress
        .groups
        .get(group)
        .into_iter()
        .flat_map(|group| group.added.values());
    let all: BTreeSet<StepId> = drawn.chain(added).map(|step| step.id.clone()).collect();
    all.intersection(&turn.case.progress.open).cloned().collect()
}

/// An open step that stands directly in the group.
fn open_member(turn: &Turn<'_>, group: &BlockId, member: &StepId) -> Result<Step, Rejection> {
    let not_a_member = || Rejection::NotAMember {
        group: group.clone(),
        branch: member.to_string(),
    };
    let inside = turn
        .case
        .steps
        .get(member)
        .is_some_and(|step| step.group.as_ref() == Some(group));
    let step = turn.step(member).filter(|_| inside).ok_or_else(not_a_member)?;
    if turn.case.progress.open.contains(member) {
        Ok(step)
    } else {
        let open = turn.case.progress.open.clone();
        Err(Rejection::StepNotOpen {
            step: member.clone(),
            found: "not open",
            open,
        })
    }
}

/// An open group of a case under review.
fn open_group<'a>(
    ask: &Ask<'a>,
    state: &CaseState,
    group: &BlockId,
) -> Result<(Turn<'a>, &'a Parallel), Rejection> {
    ask.role(LEADING)?;
    let case = under_review(state)?;
    let turn = Turn::new(ask, case)?;
    let not_open = || Rejection::GroupNotOpen { group: group.clone() };
    let drawn = turn.group(group).ok_or_else(not_open)?;
    let standing = case
        .progress
        .groups
        .get(group)
        .filter(|standing| standing.entered && standing.outcome.is_none());
    standing.ok_or_else(not_open)?;
    Ok((turn, drawn))
}

/// The actor belongs to the department that leads the group.
fn lead(ask: &Ask<'_>, case: &Case, group: &BlockId) -> Result<(), Rejection> {
    let lead = case
        .groups
        .get(group)
        .map_or(&case.department, |group| &group.lead);
    ask.department(lead)
}
