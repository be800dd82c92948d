//! How a case is decided, delivered, ended, and opened again.

use std::collections::BTreeSet;

use super::authority::other_eyes;
use super::steps::{asked_again, step_exists, superseded};
use super::turn::{Counting, Turn};
use super::{Ask, accepted_on, at_stage, one, open, under_review};
use crate::actor::Role;
use crate::case::event::{
    CaseArchived, CaseCompleted, CaseEvent, CaseReopened, CaseTerminated, CaseWithdrawn,
    CertificateDelivered, CertificateIssued, DecisionMade, DecisionRevoked, Outcome, ProcedureMigrated,
    Timeliness, Verdict,
};
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState, DecisionDue, Stage};
use crate::flow::{Block, Reached, Step, Superseded};
use crate::id::{BlockId, DocumentId, StepId, Version};
use crate::procedure::{RatingPoint, SourcedTerm};
use crate::time::{Date, Term};

/// Who may decide, where a step of the flow gives it to them.
const DECIDING: &[Role] = &[
    Role::Approver,
    Role::AuthorityHead,
    Role::GovernmentHead,
    Role::Reviewer,
    Role::Handler,
    Role::Clerk,
];
/// Who may decide where the flow has no step for it: a clerk does at the counter, for what is decided on the spot.
const DECIDING_WITHOUT_STEP: &[Role] = &[Role::Approver, Role::AuthorityHead, Role::Clerk];
const AT_THE_COUNTER: &[Role] = &[Role::Clerk, Role::Handler];
const HEADS: &[Role] = &[Role::Approver, Role::AuthorityHead, Role::Director];
const AGAINST_THE_APPLICANT: &[Role] = &[Role::Handler, Role::Approver, Role::AuthorityHead];

/// The decision comes when the flow has done everything before it. A refusal needs reasons; where a group of the flow
/// refused, only a refusal is left.
pub(super) fn make_decision(
    ask: &Ask<'_>,
    state: &CaseState,
    verdict: Verdict,
    reasons: Option<&str>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(DECIDING)?;
    let case = under_review(state)?;
    let mut turn = Turn::new(ask, case)?;
    let steps = deciding_steps(&turn);
    let step = steps
        .iter()
        .find(|step| case.progress.open.contains(&step.id))
        .cloned();
    match (&step, steps.first()) {
        (Some(step), _) => ask.step(case, &step.id, Some(step))?,
        // The flow never came to its decision, because a group refused: it still takes whom that step asks for.
        (None, Some(unreached)) => decides_instead(ask, &turn, unreached)?,
        (None, None) => {
            if !DECIDING_WITHOUT_STEP.contains(&ask.actor.role) && !ask.is_import() {
                return Err(Rejection::WrongRole {
                    needed: Role::Approver,
                    given: ask.actor.role,
                });
            }
            ask.department(&case.department)?;
        }
    }
    let accepted_on = accepted_on(case);
    let decided_on = ask.day_from(accepted_on)?;
    match turn.reached() {
        Reached::Empty | Reached::Complete => {}
        Reached::Refused if verdict == Verdict::Refused => {}
        Reached::Refused => return Err(Rejection::FlowRefused),
        Reached::Waiting => {
            let others: BTreeSet<StepId> = case
                .progress
                .open
                .iter()
                .filter(|open| step.as_ref().is_none_or(|step| step.id != **open))
                .cloned()
                .collect();
            if step.is_none() || !others.is_empty() {
                return Err(Rejection::StepsOpen {
                    steps: case.progress.open.clone(),
                });
            }
        }
    }
    let reasons = reasons.map(str::trim).filter(|reasons| !reasons.is_empty());
    if verdict == Verdict::Refused && reasons.is_none() {
        return Err(Rejection::ReasonsMissing { what: "a refusal" });
    }
    let reasons = reasons
        .map(|reasons| Ask::text("reasons", reasons))
        .transpose()?
        .map(str::to_owned);
    let gaps = case
        .acceptance
        .as_ref()
        .map(|acceptance| acceptance.gaps.clone())
        .unwrap_or_default();
    match verdict {
        Verdict::Granted if !gaps.is_empty() => return Err(Rejection::GapsOpen { materials: gaps }),
        Verdict::GrantedWithGaps if gaps.is_empty() => return Err(Rejection::NoGaps),
        Verdict::Granted | Verdict::GrantedWithGaps | Verdict::Refused => {}
    }
    let due = turn.decision_due(accepted_on)?;
    let measured = Measured::new(&turn.counting, case, decided_on)?;
    let delivery_due_on = turn
        .counting
        .due_of(decided_on, turn.counting.procedure.terms.delivery.as_ref())?;
    turn.push(DecisionMade {
        verdict,
        reasons,
        by: ask.actor.person.clone(),
        decided_on,
        step: step.map(|step| step.id),
        used: measured.used,
        timeliness: measured.timeliness,
        statutory_due_on: due.statutory,
        promised_due_on: due.promised,
        delivery_due_on,
    });
    turn.offer_rating(ask, RatingPoint::Decision)?;
    Ok(turn.finish())
}

/// The steps of the flow that are the decision itself: at most one on each way through it.
fn deciding_steps(turn: &Turn<'_>) -> Vec<Step> {
    let flow = turn.counting.procedure.flow.as_ref();
    let steps = flow.map(Block::steps).unwrap_or_default().into_iter();
    steps.filter(|step| step.decides).cloned().collect()
}

/// The actor may do this deciding step, although it was not reached.
fn decides_instead(ask: &Ask<'_>, turn: &Turn<'_>, step: &Step) -> Result<(), Rejection> {
    if ask.is_import() {
        return Ok(());
    }
    if ask.actor.role != step.needed_role() {
        return Err(Rejection::WrongRole {
            needed: step.needed_role(),
            given: ask.actor.role,
        });
    }
    ask.department(&turn.department_of(step))?;
    other_eyes(&turn.case, step, &ask.actor.person)
}

/// How a decision stands to its terms.
pub(super) struct Measured {
    pub(super) used: Option<Term>,
    pub(super) timeliness: Timeliness,
}

impl Measured {
    /// Days used, in the unit of the promise or else of the statute, and what that means. A term in working days is kept
    /// when no more working days were used than it has; any other term when its last day has not passed (`docs/rules.md`).
    pub(super) fn new(counting: &Counting<'_>, case: &Case, decided_on: Date) -> Result<Self, Rejection> {
        let accepted_on = accepted_on(case);
        let terms = &counting.procedure.terms;
        let (promised, statutory) = (terms.promised.as_ref(), terms.statutory.as_ref());
        let Some(leading) = promised.or(statutory) else {
            return Ok(Self {
                used: None,
                timeliness: Timeliness::Unmeasured,
            });
        };
        let used = counting
            .decision_clock(accepted_on, leading, case)?
            .used(decided_on)?;
        let used = u16::try_from(used).unwrap_or(u16::MAX);
        let used = match leading.term {
            Term::WorkingDays(_) | Term::WorkingHours(_) => Term::WorkingDays(used),
            Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) => Term::CalendarDays(used),
        };
        let kept = |term: Option<&SourcedTerm>| {
            let clock = counting.decision_clock(accepted_on, term?, case).ok()?;
            clock.kept(decided_on).ok()
        };
        let (promise, statute) = (kept(promised), kept(statutory));
        let timeliness = match (promise.or(statute), statute) {
            (_, Some(std::cmp::Ordering::Greater)) => Timeliness::Illegal,
            (Some(std::cmp::Ordering::Less), _) => Timeliness::Early,
            (Some(std::cmp::Ordering::Equal), _) => Timeliness::OnTime,
            (Some(std::cmp::Ordering::Greater), _) => Timeliness::Overdue,
            (None, _) => Timeliness::Unmeasured,
        };
        Ok(Self {
            used: Some(used),
            timeliness,
        })
    }
}

/// A certificate is made out for a grant.
pub(super) fn issue_certificate(
    ask: &Ask<'_>,
    state: &CaseState,
    certificate: &DocumentId,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Clerk, Role::Handler, Role::Approver])?;
    let case = at_stage(state, "decided", |stage| matches!(stage, Stage::Decided { .. }))?;
    if !case.outcome().is_some_and(Outcome::is_grant) {
        return Err(Rejection::WrongStage {
            stage: "refused",
            wanted: "a grant",
        });
    }
    ask.department(&case.department)?;
    Ok(one(CertificateIssued {
        certificate: certificate.clone(),
    }))
}

/// The certificate, or the refusal, reaches the applicant. An unpaid fee may hold the certificate, never the clock.
pub(super) fn deliver(ask: &Ask<'_>, state: &CaseState, method: &str) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(AT_THE_COUNTER)?;
    let case = at_stage(state, "decided", |stage| matches!(stage, Stage::Decided { .. }))?;
    ask.department(&case.department)?;
    if let Some(on) = case.delivered_on {
        return Err(Rejection::AlreadyDelivered { on });
    }
    let granted = case.outcome().is_some_and(Outcome::is_grant);
    if granted && case.certificate.is_none() && !ask.is_import() {
        return Err(Rejection::NoCertificate);
    }
    let mut turn = Turn::new(ask, case)?;
    if granted && turn.counting.procedure.fee_before_delivery {
        let unpaid = case.fees.iter().find(|(_, fee)| !fee.is_settled());
        unpaid.map_or(Ok(()), |(fee, _)| Err(Rejection::Unpaid { fee: fee.clone() }))?;
    }
    let delivered_on = ask.day_from(
        case.decision
            .as_ref()
            .map_or(case.received_on, |decision| decision.on),
    )?;
    turn.push(CertificateDelivered {
        delivered_on,
        method: Ask::reasons("a delivery", method)?.to_owned(),
    });
    turn.offer_rating(ask, RatingPoint::Collection)?;
    Ok(turn.finish())
}

/// A case is closed when its decision was delivered, or when it ended without one.
pub(super) fn complete(ask: &Ask<'_>, state: &CaseState) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(AT_THE_COUNTER)?;
    let case = at_stage(state, "decided or ended", |stage| match stage {
        Stage::Decided { .. } | Stage::Ended { .. } => true,
        Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review => ask.is_import(),
        Stage::Completed { .. } | Stage::Archived { .. } => false,
    })?;
    ask.department(&case.department)?;
    let delivered = case.delivered_on.is_some() || !matches!(case.stage, Stage::Decided { .. });
    if !delivered && !ask.is_import() {
        return Err(Rejection::NotDelivered);
    }
    let completed_on = ask.day_from(case.delivered_on.unwrap_or_else(|| ended_on(case)))?;
    Ok(one(CaseCompleted { completed_on }))
}

/// The file of a closed case goes into the archive.
pub(super) fn archive(
    ask: &Ask<'_>,
    state: &CaseState,
    retention: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(AT_THE_COUNTER)?;
    let case = at_stage(state, "completed", |stage| {
        matches!(stage, Stage::Completed { .. })
    })?;
    ask.department(&case.department)?;
    Ok(one(CaseArchived {
        retention: Ask::reasons("archiving", retention)?.to_owned(),
    }))
}

/// The applicant takes the application back before it is decided.
pub(super) fn withdraw(ask: &Ask<'_>, state: &CaseState, reason: &str) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Applicant, Role::Agent, Role::Clerk])?;
    let case = open(state)?;
    ask.applicant(case)?;
    let withdrawn_on = ask.day_from(case.received_on)?;
    Ok(one(CaseWithdrawn {
        withdrawn_on,
        reason: Ask::reasons("a withdrawal", reason)?.to_owned(),
    }))
}

/// The authority ends a case: the applicant is silent, or the object is gone. That is a person's act.
pub(super) fn terminate(ask: &Ask<'_>, state: &CaseState, reason: &str) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(AGAINST_THE_APPLICANT)?;
    let case = open(state)?;
    ask.department(&case.department)?;
    let terminated_on = ask.day_from(case.received_on)?;
    let lapsed = matches!(case.stage, Stage::Correction { lapsed: true, .. });
    Ok(one(CaseTerminated {
        terminated_on,
        reason: Ask::reasons("a termination", reason)?.to_owned(),
        lapsed,
    }))
}

/// The head of the authority takes a decision back.
pub(super) fn revoke(ask: &Ask<'_>, state: &CaseState, reasons: &str) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::AuthorityHead, Role::Approver])?;
    let decided = |stage: &Stage| match stage {
        Stage::Decided { .. } => true,
        Stage::Completed { outcome, .. } => outcome.is_some_and(Outcome::is_decision),
        Stage::Intake { .. }
        | Stage::Correction { .. }
        | Stage::Review
        | Stage::Ended { .. }
        | Stage::Archived { .. } => false,
    };
    let case = at_stage(state, "a decision that stands", decided)?;
    ask.department(&case.department)?;
    let Some(decision) = &case.decision else {
        return Err(Rejection::NeverAccepted);
    };
    let revoked_on = ask.day_from(decision.on)?;
    Ok(one(DecisionRevoked {
        revoked_on,
        reasons: Ask::reasons("a revocation", reasons)?.to_owned(),
    }))
}

/// A case that was decided, ended or closed is opened again. Its clocks go on from its acceptance, and what was done at
/// and after the step named is void.
pub(super) fn reopen(
    ask: &Ask<'_>,
    state: &CaseState,
    reason: &str,
    at: Option<&StepId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(HEADS)?;
    let closed = |stage: &Stage| match stage {
        Stage::Decided { .. } | Stage::Ended { .. } | Stage::Completed { .. } => true,
        Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review | Stage::Archived { .. } => false,
    };
    let case = at_stage(state, "decided, ended or completed", closed)?;
    let mut turn = Turn::new(ask, case)?;
    if let Some(at) = at {
        step_exists(&turn, at)?;
    }
    ask.department_or_director(&case.department)?;
    let Some(acceptance) = &case.acceptance else {
        return Err(Rejection::NeverAccepted);
    };
    let reopened_on = ask.day_from(ended_on(case))?;
    let asked_for = at;
    let at = at.cloned().or_else(|| {
        let mut decisions = deciding_steps(&turn).into_iter().map(|step| step.id);
        decisions.rfind(|step| case.progress.done.contains(step))
    });
    let mut void = match &at {
        Some(at) => superseded(&turn, at)?,
        None => Superseded::default(),
    };
    void.revived.extend(unanswered(case));
    let reason = Ask::reasons("reopening a case", reason)?.to_owned();
    let due = turn.decision_due(acceptance.effective_on)?;
    turn.push(CaseReopened {
        reopened_on,
        reason,
        statutory_due_on: due.statutory,
        promised_due_on: due.promised,
        at,
        superseded: void,
    });
    turn.advance()?;
    if let Some(step) = asked_for {
        asked_again(&turn, step)?;
    }
    Ok(turn.finish())
}

/// The day on which a case was decided, ended or closed.
fn ended_on(case: &Case) -> Date {
    match &case.stage {
        Stage::Ended { on, .. } | Stage::Completed { on, .. } => *on,
        Stage::Intake { .. }
        | Stage::Correction { .. }
        | Stage::Review
        | Stage::Decided { .. }
        | Stage::Archived { .. } => case
            .decision
            .as_ref()
            .map_or(case.received_on, |decision| decision.on),
    }
}

/// Steps that the end of the case closed although nobody had answered them: those outside every group that has ended.
fn unanswered(case: &Case) -> BTreeSet<StepId> {
    let closed = |group: &BlockId| {
        case.progress
            .groups
            .get(group)
            .is_some_and(|group| group.outcome.is_some())
    };
    let released = case.progress.released.iter().filter(|step| {
        case.steps
            .get(*step)
            .is_some_and(|step| step.answer.is_none() && !step.group.as_ref().is_some_and(closed))
    });
    released.cloned().collect()
}

/// The case follows another version of its procedure. Steps that the new flow does not have are void; what was done in
/// steps of the same id stands; the due dates are those of the new terms.
pub(super) fn migrate(
    ask: &Ask<'_>,
    state: &CaseState,
    to: Version,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(HEADS)?;
    let case = open(state)?;
    let unknown = || Rejection::UnknownVersion {
        procedure: case.procedure.clone(),
        version: to,
    };
    let target = ask.directory.procedure(&case.procedure, to).ok_or_else(unknown)?;
    ask.department_or_director(&case.department)?;
    ask.day_in_review(case)?;
    if case.version == to {
        return Err(Rejection::SameVersion { version: to });
    }
    let reason = Ask::reasons("a migration", reason)?.to_owned();
    let mut turn = Turn::new(ask, case)?;
    let from = std::mem::replace(&mut turn.case.version, to);
    turn.counting = Counting::new(ask.directory, target);
    // A step that is open must still be whose it was: with another department, role or window it starts anew.
    let lost = |id: &&StepId| {
        let Some(drawn) = turn.step(id) else { return true };
        let standing = case.steps.get(*id).filter(|_| case.progress.open.contains(*id));
        standing.is_some_and(|standing| {
            standing.department != turn.department_of(&drawn)
                || standing.role != drawn.needed_role()
                || standing.window != drawn.window
        })
    };
    let progress = &case.progress;
    let gone: BTreeSet<StepId> = progress
        .open
        .iter()
        .chain(&progress.done)
        .chain(&progress.released)
        .filter(lost)
        .cloned()
        .collect();
    let due = match &case.acceptance {
        Some(acceptance) => turn.decision_due(acceptance.effective_on)?,
        None => DecisionDue::default(),
    };
    turn.push(ProcedureMigrated {
        from,
        to,
        reason,
        superseded: gone,
        statutory_due_on: due.statutory,
        promised_due_on: due.promised,
    });
    if matches!(case.stage, Stage::Review) {
        turn.advance()?;
    }
    Ok(turn.finish())
}
