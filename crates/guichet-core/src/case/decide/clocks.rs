//! What moves the decision clocks: special procedures, suspensions, extensions.

use super::turn::Turn;
use super::{Ask, accepted_on, one, under_review};
use crate::actor::Role;
use crate::case::event::{
    CaseEvent, ClockResumed, ClockSuspended, ExtensionGranted, ExtensionRefused, ExtensionRequested,
    ExtensionRevoked, SpecialProcedureApproved, SpecialProcedureEnded, SpecialProcedureRefused,
    SpecialProcedureRequested, SpecialProcedureStarted, SuspensionGround,
};
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState, Special, SpecialStatus};
use crate::id::{DocumentId, SpecialProcedureId};
use crate::procedure::{ExtensionRule, SpecialKind, SpecialRule};
use crate::time::Term;

const EXAMINING: &[Role] = &[Role::Handler, Role::Reviewer, Role::Approver];
const APPROVING: &[Role] = &[Role::Approver, Role::AuthorityHead];
const EXTENDING: &[Role] = &[Role::Approver, Role::AuthorityHead, Role::GovernmentHead];

/// Only kinds that the procedure names, one open of a kind, not longer than it allows.
pub(super) fn request_special(
    ask: &Ask<'_>,
    state: &CaseState,
    special: &SpecialProcedureId,
    kind: SpecialKind,
    name: Option<&str>,
    announced: Term,
) -> Result<Vec<CaseEvent>, Rejection> {
    let new = |known: Option<&Special>| known.is_none().then_some(());
    let (case, ()) = special_at(ask, state, EXAMINING, special, "new", new)?;
    let is_open = |known: &Special| match known.status {
        SpecialStatus::Requested | SpecialStatus::Approved { .. } | SpecialStatus::Running { .. } => true,
        SpecialStatus::Refused | SpecialStatus::Ended { .. } => false,
    };
    if case
        .specials
        .values()
        .any(|known| known.kind == kind && is_open(known))
    {
        return Err(Rejection::SpecialOpen { kind });
    }
    Ask::count("special procedures", case.specials.len() + 1)?;
    let rule = rule(ask, case, kind)?;
    if let Some(longest) = rule.longest {
        within(announced, longest)?;
    }
    let name = name
        .map(|name| Ask::text("the name of a special procedure", name))
        .transpose()?;
    if kind == SpecialKind::Other && name.is_none_or(|name| name.trim().is_empty()) {
        return Err(Rejection::NameMissing);
    }
    Ok(one(SpecialProcedureRequested {
        special: special.clone(),
        kind,
        name: name.map(str::to_owned),
        announced,
    }))
}

/// Approval fixes whether the time is left out of the clocks, as the procedure has it.
pub(super) fn approve_special(
    ask: &Ask<'_>,
    state: &CaseState,
    special: &SpecialProcedureId,
    notice: Option<&DocumentId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    let (case, kind) = special_at(ask, state, APPROVING, special, "requested", requested)?;
    let excluded = rule(ask, case, kind)?.excluded;
    Ok(one(SpecialProcedureApproved {
        special: special.clone(),
        excluded,
        notice: notice.cloned(),
    }))
}

/// A special procedure is refused with reasons.
pub(super) fn refuse_special(
    ask: &Ask<'_>,
    state: &CaseState,
    special: &SpecialProcedureId,
    reasons: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    special_at(ask, state, APPROVING, special, "requested", requested)?;
    let reasons = Ask::reasons("a refusal", reasons)?.to_owned();
    Ok(one(SpecialProcedureRefused {
        special: special.clone(),
        reasons,
    }))
}

/// From the day it starts, the decision clocks stand still if its time is excluded; that day itself still counts.
pub(super) fn start_special(
    ask: &Ask<'_>,
    state: &CaseState,
    special: &SpecialProcedureId,
) -> Result<Vec<CaseEvent>, Rejection> {
    let approved = |known: Option<&Special>| match known?.status {
        SpecialStatus::Approved { .. } => Some(known?.announced),
        SpecialStatus::Requested
        | SpecialStatus::Refused
        | SpecialStatus::Running { .. }
        | SpecialStatus::Ended { .. } => None,
    };
    let (case, announced) = special_at(ask, state, EXAMINING, special, "approved", approved)?;
    let started_on = ask.day_from(accepted_on(case))?;
    let turn = Turn::new(ask, case)?;
    let due_on = Some(turn.counting.due(started_on, announced)?);
    Ok(one(SpecialProcedureStarted {
        special: special.clone(),
        started_on,
        due_on,
    }))
}

/// Counting goes on the day after it ends.
pub(super) fn end_special(
    ask: &Ask<'_>,
    state: &CaseState,
    special: &SpecialProcedureId,
    result: Option<&DocumentId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    let running = |known: Option<&Special>| match known?.status {
        SpecialStatus::Running { since, .. } => Some(since),
        SpecialStatus::Requested
        | SpecialStatus::Approved { .. }
        | SpecialStatus::Refused
        | SpecialStatus::Ended { .. } => None,
    };
    let (_, since) = special_at(ask, state, EXAMINING, special, "running", running)?;
    let ended_on = ask.day_from(since)?;
    Ok(one(SpecialProcedureEnded {
        special: special.clone(),
        ended_on,
        result: result.cloned(),
    }))
}

/// The decision clocks stand still on a lawful ground only; that day itself still counts.
pub(super) fn suspend(
    ask: &Ask<'_>,
    state: &CaseState,
    ground: SuspensionGround,
    reason: &str,
    notice: Option<&DocumentId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(EXAMINING)?;
    let case = under_review(state)?;
    ask.department(&case.department)?;
    if let Some(running) = case
        .suspensions
        .iter()
        .find(|suspension| suspension.until.is_none())
    {
        return Err(Rejection::AlreadySuspended { since: running.since });
    }
    let suspended_on = ask.day_from(accepted_on(case))?;
    Ask::count("suspensions", case.suspensions.len() + 1)?;
    let reason = Ask::reasons("a suspension", reason)?.to_owned();
    Ok(one(ClockSuspended {
        ground,
        reason,
        suspended_on,
        notice: notice.cloned(),
    }))
}

/// Counting goes on the day after the resumption (`docs/rules.md`).
pub(super) fn resume(ask: &Ask<'_>, state: &CaseState) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(EXAMINING)?;
    let case = under_review(state)?;
    ask.department(&case.department)?;
    let running = case
        .suspensions
        .iter()
        .find(|suspension| suspension.until.is_none());
    let since = running.ok_or(Rejection::NotSuspended)?.since;
    let resumed_on = ask.day_from(since)?;
    // The due dates are those of the case once the suspension is over, so it is ended on a copy first.
    let mut turn = Turn::new(ask, case)?;
    let ended = turn
        .case
        .suspensions
        .iter_mut()
        .find(|suspension| suspension.until.is_none());
    if let Some(suspension) = ended {
        suspension.until = Some(resumed_on);
    }
    let due = turn.decision_due(accepted_on(case))?;
    Ok(one(ClockResumed {
        resumed_on,
        statutory_due_on: due.statutory,
        promised_due_on: due.promised,
    }))
}

/// An extension is asked for while the term still runs.
pub(super) fn request_extension(
    ask: &Ask<'_>,
    state: &CaseState,
    by: Term,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(EXAMINING)?;
    let case = under_review(state)?;
    let rule = extension_rule(ask, case)?;
    ask.department(&case.department)?;
    if let Some(by) = case.extension_requested {
        return Err(Rejection::ExtensionPending { by });
    }
    one_more(ask, case, rule)?;
    within(by, rule.longest)?;
    let reason = Ask::reasons("a request for more time", reason)?.to_owned();
    Ok(one(ExtensionRequested { by, reason }))
}

/// Only by the level that the rule names (Administrative License Law, art. 42), and before the statutory term is over.
pub(super) fn grant_extension(
    ask: &Ask<'_>,
    state: &CaseState,
    by: Term,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(EXTENDING)?;
    let case = under_review(state)?;
    let rule = extension_rule(ask, case)?;
    approves(ask, case, rule)?;
    one_more(ask, case, rule)?;
    within(by, rule.longest)?;
    let reason = Ask::reasons("an extension", reason)?.to_owned();
    let mut turn = Turn::new(ask, case)?;
    turn.case.extensions.push(by);
    let due = turn.decision_due(accepted_on(case))?;
    Ok(one(ExtensionGranted {
        by,
        approver: ask.actor.person.clone(),
        approver_role: ask.actor.role,
        reason,
        statutory_due_on: due.statutory,
        promised_due_on: due.promised,
    }))
}

/// An extension is refused with reasons.
pub(super) fn refuse_extension(
    ask: &Ask<'_>,
    state: &CaseState,
    reasons: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(EXTENDING)?;
    let case = under_review(state)?;
    approves(ask, case, extension_rule(ask, case)?)?;
    case.extension_requested.ok_or(Rejection::NoExtension {
        wanted: "waits for an answer",
    })?;
    Ok(one(ExtensionRefused {
        reasons: Ask::reasons("a refusal", reasons)?.to_owned(),
    }))
}

/// A revoked extension leaves every pause as it was: the due dates are counted anew (`docs/rules.md`).
pub(super) fn revoke_extension(
    ask: &Ask<'_>,
    state: &CaseState,
    reasons: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(EXTENDING)?;
    let case = under_review(state)?;
    approves(ask, case, extension_rule(ask, case)?)?;
    if case.extensions.is_empty() {
        return Err(Rejection::NoExtension { wanted: "stands" });
    }
    let reasons = Ask::reasons("taking an extension back", reasons)?.to_owned();
    let mut turn = Turn::new(ask, case)?;
    turn.case.extensions.pop();
    let due = turn.decision_due(accepted_on(case))?;
    Ok(one(ExtensionRevoked {
        reasons,
        statutory_due_on: due.statutory,
        promised_due_on: due.promised,
    }))
}

/// The rule on extensions, if the procedure has one.
fn extension_rule<'a>(ask: &Ask<'a>, case: &Case) -> Result<&'a ExtensionRule, Rejection> {
    let rule = ask.procedure(case)?.extension.as_ref();
    rule.ok_or(Rejection::NotExtensible)
}

/// The actor is of the level that answers for extensions. The head of the government does so for every department.
fn approves(ask: &Ask<'_>, case: &Case, rule: &ExtensionRule) -> Result<(), Rejection> {
    if ask.actor.role != rule.approver && !ask.is_import() {
        return Err(Rejection::WrongRole {
            needed: rule.approver,
            given: ask.actor.role,
        });
    }
    if ask.actor.role == Role::GovernmentHead {
        Ok(())
    } else {
        ask.department(&case.department)
    }
}

/// One more extension is allowed now.
fn one_more(ask: &Ask<'_>, case: &Case, rule: &ExtensionRule) -> Result<(), Rejection> {
    ask.day_in_review(case)?;
    if case.extensions.len() >= usize::from(rule.times) {
        return Err(Rejection::ExtensionsUsedUp { times: rule.times });
    }
    let turn = Turn::new(ask, case)?;
    let due = turn.decision_due(accepted_on(case))?;
    match due.statutory.or(due.promised) {
        Some(due_on) if due_on < ask.day => Err(Rejection::TermOver { due_on }),
        Some(_) | None => Ok(()),
    }
}

fn rule<'a>(ask: &Ask<'a>, case: &Case, kind: SpecialKind) -> Result<&'a SpecialRule, Rejection> {
    ask.procedure(case)?
        .special(kind)
        .ok_or(Rejection::SpecialNotAllowed { kind })
}

fn within(asked: Term, longest: Term) -> Result<(), Rejection> {
    if !asked.same_unit(longest) {
        Err(Rejection::UnitDiffers { asked, rule: longest })
    } else if asked.count() > longest.count() {
        Err(Rejection::TooLong { asked, longest })
    } else {
        Ok(())
    }
}

/// The kind of a special procedure that was asked for and not answered yet.
fn requested(known: Option<&Special>) -> Option<SpecialKind> {
    let known = known?;
    (known.status == SpecialStatus::Requested).then_some(known.kind)
}

/// What every command on a special procedure needs, in this order: one of the roles, a case under review, the special
/// procedure where the command `wanted` it, and somebody of the case's department. Answers with the case and with what
/// `standing` reads; it reads nothing from a special procedure that stands elsewhere.
fn special_at<'s, T>(
    ask: &Ask<'_>,
    state: &'s CaseState,
    allowed: &'static [Role],
    special: &SpecialProcedureId,
    wanted: &'static str,
    standing: impl Fn(Option<&Special>) -> Option<T>,
) -> Result<(&'s Case, T), Rejection> {
    ask.role(allowed)?;
    let case = under_review(state)?;
    let known = case.specials.get(special);
    let elsewhere = || Rejection::SpecialElsewhere {
        special: special.clone(),
        found: known.map_or("unknown", |known| known.status.as_str()),
        wanted,
    };
    let read = standing(known).ok_or_else(elsewhere)?;
    ask.department(&case.department)?;
    Ok((case, read))
}
