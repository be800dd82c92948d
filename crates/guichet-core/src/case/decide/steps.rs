//! Work on the steps of a flow: transfers between windows, claims, opinions, returns.

use std::collections::BTreeSet;

use super::authority::other_eyes;
use super::parallel::open_groups_in;
use super::turn::{Turn, silence_consents};
use super::{Ask, one, open, under_review};
use crate::actor::Role;
use crate::case::event::{
    BlockSkipped, CaseEvent, CaseTransferred, ConsentGround, MemberConsentDeemed, MemberOpinionGiven,
    Opinion, ParallelClosed, StepClaimed, StepDelegated, StepOpinionGiven, StepReleased, StepSentBack,
    TransferConfirmed, TransferReturned,
};
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState, PendingTransfer};
use crate::flow::{GroupOutcome, Step, Superseded};
use crate::id::{BlockId, PersonId, StepId, WindowId};

/// Who may take a step back from the person who holds it.
const TAKING_BACK: &[Role] = &[Role::Approver, Role::AuthorityHead, Role::Director];
const AT_A_WINDOW: &[Role] = &[Role::Clerk, Role::Handler, Role::Reviewer, Role::Approver];

/// The file goes to another window, which has to sign for it. No clock stops.
pub(super) fn transfer(
    ask: &Ask<'_>,
    state: &CaseState,
    to: &WindowId,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(AT_A_WINDOW)?;
    if !ask.directory.windows.contains_key(to) {
        return Err(Rejection::UnknownWindow { window: to.clone() });
    }
    if ask.actor.window.is_none() && state.case().is_some_and(|case| case.window.is_none()) {
        return Err(Rejection::WindowMissing);
    }
    let case = open(state)?;
    if let Some(PendingTransfer { from, to }) = case.transfer.clone() {
        return Err(Rejection::TransferPending { from, to });
    }
    let from = at_window(ask, case)?;
    if from == *to {
        return Err(Rejection::FileElsewhere { at: from });
    }
    let reason = Ask::reasons("a transfer", reason)?.to_owned();
    let mut served = ask.directory.on_duty(to, ask.today).into_iter();
    // A window that serves several departments that day leaves it to its own people for which one it signs.
    let department = served.next().filter(|_| served.next().is_none());
    Ok(one(CaseTransferred {
        from,
        to: to.clone(),
        department,
        reason,
    }))
}

/// The window at which the actor has the file. Who names no window acts for the department of the case.
fn at_window(ask: &Ask<'_>, case: &Case) -> Result<WindowId, Rejection> {
    if ask.actor.window.is_none() || case.window.is_none() {
        ask.department(&case.department)?;
    }
    let here = ask
        .actor
        .window
        .clone()
        .or_else(|| case.window.clone())
        .ok_or(Rejection::WindowMissing)?;
    match &case.window {
        Some(at) if *at != here && !ask.is_import() => Err(Rejection::FileElsewhere { at: at.clone() }),
        Some(_) | None => Ok(here),
    }
}

/// The receiver signs; if nobody does, the sender may sign for them (`docs/rules.md`).
pub(super) fn confirm_transfer(ask: &Ask<'_>, state: &CaseState) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(AT_A_WINDOW)?;
    let pending = pending(state)?;
    let here = ask.actor.window.as_ref();
    let on_behalf = here == Some(&pending.from);
    if here != Some(&pending.to) && !on_behalf && !ask.is_import() {
        return Err(Rejection::FileElsewhere {
            at: pending.to.clone(),
        });
    }
    Ok(one(TransferConfirmed {
        window: pending.to.clone(),
        on_behalf,
    }))
}

/// The receiver sends the file back, and says why.
pub(super) fn return_transfer(
    ask: &Ask<'_>,
    state: &CaseState,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(AT_A_WINDOW)?;
    let pending = pending(state)?;
    if ask.actor.window.as_ref() != Some(&pending.to) && !ask.is_import() {
        return Err(Rejection::FileElsewhere {
            at: pending.to.clone(),
        });
    }
    let reason = Ask::reasons("a returned transfer", reason)?.to_owned();
    Ok(one(TransferReturned {
        window: pending.from.clone(),
        reason,
    }))
}

fn pending(state: &CaseState) -> Result<&PendingTransfer, Rejection> {
    let case = open(state)?;
    let none = Rejection::WrongStage {
        stage: "at rest at a window",
        wanted: "a file on its way between windows",
    };
    case.transfer.as_ref().ok_or(none)
}

/// Somebody who may do a step takes it on.
pub(super) fn claim(ask: &Ask<'_>, state: &CaseState, step: &StepId) -> Result<Vec<CaseEvent>, Rejection> {
    let turn = at_step(ask, state, step)?;
    if let Some(holder) = turn.case.steps.get(step).and_then(|step| step.holder.clone()) {
        return Err(Rejection::HeldByAnother {
            step: step.clone(),
            holder,
        });
    }
    Ok(one(StepClaimed {
        step: step.clone(),
        by: ask.actor.person.clone(),
    }))
}

/// Who has a step gives it back. The heads of its department and the director can take it back from somebody who is away
/// or has left.
pub(super) fn release(
    ask: &Ask<'_>,
    state: &CaseState,
    step: &StepId,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (turn, drawn) = open_step(ask, state, step)?;
    let reached = turn.case.steps.get(step);
    let holds = reached.and_then(|reached| reached.holder.as_ref()) == Some(&ask.actor.person);
    if let Some(reached) = reached.filter(|_| TAKING_BACK.contains(&ask.actor.role) && !holds) {
        ask.department_or_director(&reached.department)?;
    } else {
        ask.step(&turn.case, step, Some(&drawn))?;
    }
    let by = holder(ask, &turn.case, step)?;
    ask.day_in_review(&turn.case)?;
    let reason = Ask::reasons("giving a step back", reason)?.to_owned();
    Ok(one(StepReleased {
        step: step.clone(),
        by,
        reason,
    }))
}

/// Who has a step hands it to somebody who may do it too.
pub(super) fn delegate(
    ask: &Ask<'_>,
    state: &CaseState,
    step: &StepId,
    to: &PersonId,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    let receiver = ask.present(to)?;
    let (turn, drawn) = open_step(ask, state, step)?;
    ask.step(&turn.case, step, Some(&drawn))?;
    let from = holder(ask, &turn.case, step)?;
    if let Some(reached) = turn.case.steps.get(step) {
        if !receiver.roles.contains(&reached.role) {
            return Err(Rejection::CannotReceive {
                person: to.clone(),
                role: reached.role,
            });
        }
        if !receiver.departments.contains(&reached.department) {
            return Err(Rejection::WrongDepartment {
                person: to.clone(),
                department: reached.department.clone(),
            });
        }
    }
    // Else nobody could do the step any more: they for having done another one, all others because they hold it.
    other_eyes(&turn.case, &drawn, to)?;
    let reason = Ask::reasons("handing a step over", reason)?.to_owned();
    Ok(one(StepDelegated {
        step: step.clone(),
        from,
        to: to.clone(),
        reason,
    }))
}

fn holder(ask: &Ask<'_>, case: &Case, step: &StepId) -> Result<PersonId, Rejection> {
    let not_held = || Rejection::NotHeld {
        step: step.clone(),
        person: ask.actor.person.clone(),
    };
    case.steps
        .get(step)
        .and_then(|step| step.holder.clone())
        .ok_or_else(not_held)
}

/// A step is answered with an opinion and its reasons, never with a name alone. A member of a parallel group has three
/// answers; where the flow lets its silence count, a disagreement without reasons counts as consent (`docs/rules.md`).
pub(super) fn give_opinion(
    ask: &Ask<'_>,
    state: &CaseState,
    step: &StepId,
    opinion: Opinion,
    reasons: Option<&str>,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (mut turn, drawn) = open_step(ask, state, step)?;
    if drawn.decides {
        return Err(Rejection::StepDecides { step: step.clone() });
    }
    ask.step(&turn.case, step, Some(&drawn))?;
    let reached = turn.case.steps.get(step);
    let earliest = reached.map_or(ask.day, |reached| reached.started_on);
    ask.day_from(earliest)?;
    let group = reached.and_then(|reached| reached.group.clone());
    let by = ask.actor.person.clone();
    let reasons = reasons.map(str::trim).filter(|reasons| !reasons.is_empty());
    let reasons = reasons
        .map(|reasons| Ask::text("reasons", reasons))
        .transpose()?
        .map(str::to_owned);
    match (group, opinion, reasons) {
        (Some(group), Opinion::Disagree, None) => {
            let counts = turn
                .group(&group)
                .is_some_and(|group| silence_consents(group, &drawn));
            if !counts {
                return Err(Rejection::ReasonsMissing {
                    what: "a disagreement",
                });
            }
            let (member, ground) = (step.clone(), ConsentGround::NoReason);
            turn.push(MemberConsentDeemed {
                group,
                member,
                ground,
                lapsed_on: ask.day,
            });
        }
        (Some(group), opinion, reasons) => {
            turn.push(MemberOpinionGiven {
                group,
                member: step.clone(),
                opinion,
                reasons,
                by,
            });
        }
        (None, Opinion::AgreeButForward, _) => return Err(Rejection::NotForwardable { step: step.clone() }),
        (None, Opinion::Disagree, None) => {
            return Err(Rejection::ReasonsMissing {
                what: "a disagreement",
            });
        }
        (None, opinion @ (Opinion::Agree | Opinion::Disagree), reasons) => {
            turn.push(StepOpinionGiven {
                step: step.clone(),
                opinion,
                reasons,
                by,
            });
        }
    }
    turn.advance()?;
    Ok(turn.finish())
}

/// A return to an earlier step makes void what came after it. It never resets the decision clock: work sent back is redone
/// inside the original limit (`docs/rules.md`).
pub(super) fn send_back(
    ask: &Ask<'_>,
    state: &CaseState,
    from: &StepId,
    to: &StepId,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (mut turn, drawn) = open_step(ask, state, from)?;
    step_exists(&turn, to)?;
    ask.step(&turn.case, from, Some(&drawn))?;
    ask.day_in_review(&turn.case)?;
    let superseded = superseded(&turn, to)?;
    let reason = Ask::reasons("a return", reason)?.to_owned();
    turn.push(StepSentBack {
        from: from.clone(),
        to: to.clone(),
        reason,
        superseded,
    });
    turn.advance()?;
    asked_again(&turn, to)?;
    Ok(turn.finish())
}

/// A return to a step is of no use where its group goes on without that branch at once.
pub(super) fn asked_again(turn: &Turn<'_>, step: &StepId) -> Result<(), Rejection> {
    if turn.case.progress.open.contains(step) {
        Ok(())
    } else {
        Err(Rejection::NotAskedAgain { step: step.clone() })
    }
}

/// The flow has this step, drawn or added.
pub(super) fn step_exists(turn: &Turn<'_>, step: &StepId) -> Result<(), Rejection> {
    turn.step(step)
        .map(drop)
        .ok_or_else(|| Rejection::UnknownStep { step: step.clone() })
}

/// What a return to `to` makes void: only what was reached.
pub(super) fn superseded(turn: &Turn<'_>, to: &StepId) -> Result<Superseded, Rejection> {
    let progress = &turn.case.progress;
    let flow = turn.counting.procedure.flow.as_ref();
    let added = progress.groups.iter().find_map(|(group, standing)| {
        let (branch, _) = standing.added.iter().find(|(_, step)| step.id == *to)?;
        Some((group, branch))
    });
    let mut void = flow
        .and_then(|flow| match added {
            Some((group, branch)) => flow.superseded_by_added(group, branch, to),
            None => flow.superseded_by(to),
        })
        .ok_or_else(|| Rejection::UnknownStep { step: to.clone() })?;
    if !progress.done.contains(to) {
        return Err(Rejection::NotDone { step: to.clone() });
    }
    let reached = |step: &StepId| {
        progress.open.contains(step) || progress.done.contains(step) || progress.released.contains(step)
    };
    let entered = |block: &BlockId| {
        progress.groups.contains_key(block)
            || progress.choices.contains_key(block)
            || progress.skipped.contains(block)
    };
    void.steps.retain(reached);
    void.blocks.retain(entered);
    // A group beside the target stands as it ended, unless it only ended because the group around both went on.
    let around = |block: &BlockId| {
        added.is_some_and(|(group, _)| turn.group(block).is_some_and(|outer| outer.holds_group(group)))
            || turn.group(block).is_some_and(|group| group.holds(to))
    };
    let went_on_without = |block: &BlockId| {
        let standing = progress.groups.get(block);
        standing.is_some_and(|standing| standing.outcome == Some(GroupOutcome::Released))
    };
    void.reopened
        .retain(|block| around(block) || went_on_without(block));
    void.revived.retain(|step| progress.released.contains(step));
    void.arrivals.retain(|(group, branch)| {
        progress
            .groups
            .get(group)
            .is_some_and(|group| group.arrived.contains_key(branch))
    });
    Ok(void)
}

/// An optional block is left out, with a reason.
pub(super) fn skip_block(
    ask: &Ask<'_>,
    state: &CaseState,
    block: &BlockId,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Handler, Role::Reviewer, Role::Approver])?;
    let case = under_review(state)?;
    let mut turn = Turn::new(ask, case)?;
    let flow = turn.counting.procedure.flow.as_ref();
    let optional = flow.and_then(|flow| flow.optional(block));
    let optional = optional.ok_or_else(|| Rejection::NotOptional { block: block.clone() })?;
    let inside: BTreeSet<StepId> = optional
        .block
        .steps()
        .into_iter()
        .map(|step| step.id.clone())
        .collect();
    let released: BTreeSet<StepId> = inside.intersection(&case.progress.open).cloned().collect();
    if released.is_empty() || inside.intersection(&case.progress.done).next().is_some() {
        return Err(Rejection::NotOptional { block: block.clone() });
    }
    ask.department(&case.department)?;
    ask.day_in_review(case)?;
    let reason = Ask::reasons("skipping a block", reason)?.to_owned();
    for group in open_groups_in(&optional.block, case) {
        turn.push(ParallelClosed {
            group,
            outcome: GroupOutcome::Released,
            released: BTreeSet::new(),
        });
    }
    turn.push(BlockSkipped {
        block: block.clone(),
        reason,
        released,
    });
    turn.advance()?;
    Ok(turn.finish())
}

/// The case at an open step that the actor may do.
fn at_step<'a>(ask: &Ask<'a>, state: &CaseState, step: &StepId) -> Result<Turn<'a>, Rejection> {
    let (turn, drawn) = open_step(ask, state, step)?;
    ask.step(&turn.case, step, Some(&drawn))?;
    Ok(turn)
}

/// The case at an open step, and the step as the flow draws it.
fn open_step<'a>(ask: &Ask<'a>, state: &CaseState, step: &StepId) -> Result<(Turn<'a>, Step), Rejection> {
    ask.place()?;
    let case = under_review(state)?;
    let turn = Turn::new(ask, case)?;
    let Some(drawn) = turn.step(step) else {
        return Err(Rejection::UnknownStep { step: step.clone() });
    };
    if !case.progress.open.contains(step) {
        let found = match (
            case.progress.done.contains(step),
            case.progress.released.contains(step),
        ) {
            (true, _) => "done",
            (false, true) => "not needed any more",
            (false, false) => "not reached",
        };
        return Err(Rejection::StepNotOpen {
            step: step.clone(),
            found,
            open: case.progress.open.clone(),
        });
    }
    Ok((turn, drawn))
}
