//! How an event changes what a case is. It knows no rules, never fails and never judges: an event that does not fit is
//! taken as far as it goes, so that every history folds.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::CaseEvent;
use crate::case::clocks::ClockId;
use crate::case::event::{
    AcceptanceDeemed, CaseAccepted, CaseReopened, CaseSubmitted, DecisionDeemed, DecisionMade, Opinion,
    Outcome, ParallelOpened, Resolution, StepStarted, SuspensionGround,
};
use crate::case::state::{
    Acceptance, Case, CaseState, ComplaintState, Decision, DecisionDue, FeeState, GroupState,
    PendingTransfer, RatingState, Service, Special, SpecialStatus, Stage, StepAnswer, StepState, Suspension,
    ToldLight,
};
use crate::clock::Pause;
use crate::flow::{Progress, Superseded};
use crate::id::{PersonId, StepId};
use crate::procedure::DecisionSilence;
use crate::time::Date;

/// The state after `event`.
#[must_use]
pub fn evolve(state: CaseState, event: &CaseEvent) -> CaseState {
    match (state, event) {
        (CaseState::Known(mut case), event) => {
            apply(&mut case, event);
            CaseState::Known(case)
        }
        (_, CaseEvent::CaseSubmitted(submitted)) => CaseState::Known(Box::new(opened(submitted))),
        (CaseState::Absent, CaseEvent::PreCheckRecorded(_)) => CaseState::PreChecked,
        (state @ (CaseState::Absent | CaseState::PreChecked), _) => state,
    }
}

/// The state after a whole history.
#[must_use]
pub fn fold<'a>(events: impl IntoIterator<Item = &'a CaseEvent>) -> CaseState {
    events.into_iter().fold(CaseState::Absent, evolve)
}

fn opened(submitted: &CaseSubmitted) -> Case {
    Case {
        procedure: submitted.procedure.clone(),
        version: submitted.version,
        department: submitted.department.clone(),
        applicant: submitted.applicant.clone(),
        channel: submitted.channel,
        facts: submitted.facts.clone(),
        materials: submitted.materials.clone(),
        received_on: submitted.received_on,
        resubmits: submitted.resubmits.clone(),
        stage: Stage::Intake {
            since: submitted.received_on,
            due_on: submitted.intake_due_on,
        },
        notices: 0,
        acceptance: None,
        due: DecisionDue::default(),
        progress: Progress::default(),
        steps: BTreeMap::new(),
        groups: BTreeMap::new(),
        window: submitted.window.clone(),
        transfer: None,
        specials: BTreeMap::new(),
        suspensions: Vec::new(),
        corrections: Vec::new(),
        lights: BTreeMap::new(),
        extension_requested: None,
        extensions: Vec::new(),
        fees: BTreeMap::new(),
        agent: None,
        green_channel: false,
        ratings: BTreeMap::new(),
        complaints: BTreeMap::new(),
        decision: None,
        certificate: None,
        delivered_on: None,
        reopened: 0,
        reopened_on: None,
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm an event, each a line or two: split, it would read worse"
)]
pub(super) fn apply(case: &mut Case, event: &CaseEvent) {
    match event {
        // Nothing of the case changes: the record itself is the fact.
        CaseEvent::PreCheckRecorded(_)
        | CaseEvent::CaseSubmitted(_)
        | CaseEvent::AgencyLogged(_)
        | CaseEvent::RatingAppended(_)
        | CaseEvent::CallbackMade(_)
        | CaseEvent::PraiseReceived(_)
        | CaseEvent::RecordCorrected(_)
        | CaseEvent::DueDateAnnounced(_)
        | CaseEvent::StepRecorded(_) => {}

        CaseEvent::CorrectionRequested(e) => {
            case.notices = e.notice;
            case.corrections.push(Pause {
                since: e.served_on,
                until: None,
                ground: Some(SuspensionGround::Incomplete),
            });
            let (items, served_on, respond_by) = (e.items.clone(), e.served_on, e.respond_by);
            case.stage = Stage::Correction {
                items,
                served_on,
                respond_by,
                lapsed: false,
            };
        }
        CaseEvent::CorrectionSubmitted(e) => {
            case.materials.extend(e.materials.iter().cloned());
            if e.complete {
                if let Some(correction) = case.corrections.last_mut() {
                    correction.until = Some(e.received_on);
                }
                case.stage = Stage::Intake {
                    since: e.received_on,
                    due_on: e.intake_due_on,
                };
            }
        }
        CaseEvent::CorrectionLapsed(_) => {
            if let Stage::Correction { lapsed, .. } = &mut case.stage {
                *lapsed = true;
            }
        }
        CaseEvent::MaterialSupplied(e) => {
            case.materials.extend(e.materials.iter().cloned());
            if let Some(acceptance) = &mut case.acceptance {
                acceptance.gaps.retain(|gap| !e.materials.contains(gap));
            }
        }
        CaseEvent::CaseAccepted(e) => accepted(case, e),
        CaseEvent::AcceptanceDeemed(e) => acceptance_deemed(case, e),
        CaseEvent::AcceptanceRefused(e) => ended(case, Outcome::NotAccepted, e.refused_on),
        CaseEvent::NoLicenceNeeded(e) => ended(case, Outcome::NoLicenceNeeded, e.declared_on),

        CaseEvent::CaseTransferred(e) => {
            case.transfer = Some(PendingTransfer {
                from: e.from.clone(),
                to: e.to.clone(),
            });
        }
        CaseEvent::TransferConfirmed(e) => {
            case.transfer = None;
            case.window = Some(e.window.clone());
        }
        CaseEvent::TransferReturned(e) => {
            case.transfer = None;
            case.window = Some(e.window.clone());
        }

        CaseEvent::StepStarted(e) => step_started(case, e),
        CaseEvent::StepClaimed(e) => hold(case, &e.step, Some(&e.by)),
        CaseEvent::StepReleased(e) => hold(case, &e.step, None),
        CaseEvent::StepDelegated(e) => hold(case, &e.step, Some(&e.to)),
        CaseEvent::StepOpinionGiven(e) => {
            answered(
                case,
                &e.step,
                StepAnswer::Given {
                    opinion: e.opinion,
                    by: e.by.clone(),
                },
            );
        }
        CaseEvent::StepSentBack(e) => void(case, &e.superseded),
        CaseEvent::BlockSkipped(e) => {
            case.progress.skipped.insert(e.block.clone());
            release(case, &e.released);
        }

        CaseEvent::BranchChosen(e) => {
            case.progress.choices.insert(e.choice.clone(), e.taken);
        }
        CaseEvent::ParallelOpened(e) => group_opened(case, e),
        CaseEvent::ServiceProved(e) => {
            if let Some(group) = case.groups.get_mut(&e.group) {
                group.served.insert(
                    e.member.clone(),
                    Service {
                        on: e.served_on,
                        silent_until: e.silent_until,
                    },
                );
            }
        }
        CaseEvent::MemberOpinionGiven(e) => {
            answered(
                case,
                &e.member,
                StepAnswer::Given {
                    opinion: e.opinion,
                    by: e.by.clone(),
                },
            );
        }
        CaseEvent::MemberConsentDeemed(e) => {
            answered(case, &e.member, StepAnswer::Deemed { ground: e.ground });
        }
        CaseEvent::BranchArrived(e) => {
            let group = case.progress.groups.entry(e.group.clone()).or_default();
            group.arrived.insert(e.branch.clone(), e.dissent);
            // The lead went over the disagreements that it knew; a new one waits for its answer.
            group.overridden &= !e.dissent;
        }
        CaseEvent::BranchAdded(e) => {
            if let Some(step) = e.step() {
                case.progress
                    .groups
                    .entry(e.group.clone())
                    .or_default()
                    .added
                    .insert(e.branch.clone(), step);
            }
        }
        CaseEvent::BranchRemoved(e) => {
            case.progress
                .groups
                .entry(e.group.clone())
                .or_default()
                .removed
                .insert(e.branch.clone());
            release(case, &e.released);
        }
        CaseEvent::DissentResolved(e) => {
            let group = case.progress.groups.entry(e.group.clone()).or_default();
            group.overridden = e.resolution == Resolution::Approve;
        }
        CaseEvent::ParallelClosed(e) => {
            case.progress.groups.entry(e.group.clone()).or_default().outcome = Some(e.outcome);
            release(case, &e.released);
        }

        CaseEvent::SpecialProcedureRequested(e) => {
            let special = Special {
                kind: e.kind,
                announced: e.announced,
                status: SpecialStatus::Requested,
            };
            case.specials.insert(e.special.clone(), special);
        }
        CaseEvent::SpecialProcedureApproved(e) => {
            if let Some(special) = case.specials.get_mut(&e.special) {
                special.status = SpecialStatus::Approved { excluded: e.excluded };
            }
        }
        CaseEvent::SpecialProcedureRefused(e) => {
            if let Some(special) = case.specials.get_mut(&e.special) {
                special.status = SpecialStatus::Refused;
            }
        }
        CaseEvent::SpecialProcedureStarted(e) => {
            if let Some(special) = case.specials.get_mut(&e.special) {
                let excluded = matches!(special.status, SpecialStatus::Approved { excluded: true });
                special.status = SpecialStatus::Running {
                    excluded,
                    since: e.started_on,
                };
            }
        }
        CaseEvent::SpecialProcedureEnded(e) => {
            if let Some(special) = case.specials.get_mut(&e.special)
                && let SpecialStatus::Running { excluded, since } = special.status
            {
                special.status = SpecialStatus::Ended {
                    excluded,
                    since,
                    until: e.ended_on,
                };
            }
        }
        CaseEvent::ClockSuspended(e) => {
            case.suspensions.push(Suspension {
                ground: e.ground,
                since: e.suspended_on,
                until: None,
            });
        }
        CaseEvent::ClockResumed(e) => {
            if let Some(suspension) = case
                .suspensions
                .iter_mut()
                .rfind(|suspension| suspension.until.is_none())
            {
                suspension.until = Some(e.resumed_on);
            }
            due(case, e.statutory_due_on, e.promised_due_on);
        }
        CaseEvent::ExtensionRequested(e) => case.extension_requested = Some(e.by),
        CaseEvent::ExtensionGranted(e) => {
            case.extension_requested = None;
            case.extensions.push(e.by);
            due(case, e.statutory_due_on, e.promised_due_on);
        }
        CaseEvent::ExtensionRefused(_) => case.extension_requested = None,
        CaseEvent::ExtensionRevoked(e) => {
            case.extensions.pop();
            due(case, e.statutory_due_on, e.promised_due_on);
        }

        CaseEvent::FeeNotified(e) => {
            for item in &e.fees {
                case.fees.entry(item.fee.clone()).or_default().owed_fen = item.amount_fen;
            }
        }
        CaseEvent::FeePaid(e) => {
            let fee = case.fees.entry(e.fee.clone()).or_default();
            fee.paid_fen = fee.paid_fen.saturating_add(e.amount_fen);
        }
        CaseEvent::FeeWaived(e) => {
            let waived = FeeState {
                waived: true,
                ..case.fees.remove(&e.fee).unwrap_or_default()
            };
            case.fees.insert(e.fee.clone(), waived);
        }
        CaseEvent::FeeRefunded(e) => {
            let fee = case.fees.entry(e.fee.clone()).or_default();
            fee.refunded_fen = fee.refunded_fen.saturating_add(e.amount_fen);
        }

        CaseEvent::DecisionMade(e) => decided(case, e),
        CaseEvent::DecisionDeemed(e) => decision_deemed(case, e),
        CaseEvent::CertificateIssued(e) => case.certificate = Some(e.certificate.clone()),
        CaseEvent::CertificateDelivered(e) => case.delivered_on = Some(e.delivered_on),
        CaseEvent::CaseCompleted(e) => {
            close_steps(case);
            case.stage = Stage::Completed {
                on: e.completed_on,
                outcome: case.outcome(),
            };
        }
        CaseEvent::CaseArchived(_) => {
            case.stage = Stage::Archived {
                outcome: case.outcome(),
            }
        }
        CaseEvent::CaseWithdrawn(e) => ended(case, Outcome::Withdrawn, e.withdrawn_on),
        CaseEvent::CaseTerminated(e) => {
            ended(
                case,
                if e.lapsed {
                    Outcome::Lapsed
                } else {
                    Outcome::Terminated
                },
                e.terminated_on,
            );
        }
        CaseEvent::DecisionRevoked(e) => ended(case, Outcome::Revoked, e.revoked_on),
        CaseEvent::CaseReopened(e) => reopened(case, e),
        CaseEvent::ProcedureMigrated(e) => {
            case.version = e.to;
            void(
                case,
                &Superseded {
                    steps: e.superseded.clone(),
                    ..Superseded::default()
                },
            );
            due(case, e.statutory_due_on, e.promised_due_on);
        }

        CaseEvent::LightTurned(e) => {
            let clock = ClockId {
                kind: e.clock,
                of: e.of.clone(),
            };
            let (light, due_on) = (e.light, e.due_on);
            case.lights.insert(clock, ToldLight { light, due_on });
        }

        CaseEvent::AgencyAppointed(e) => case.agent = Some(e.agent.clone()),
        CaseEvent::AgencyEnded(_) => case.agent = None,
        CaseEvent::GreenChannelMarked(_) => case.green_channel = true,

        CaseEvent::RatingOffered(e) => {
            let offered = RatingState {
                staff: e.staff.clone(),
                department: e.department.clone(),
                closes_on: e.closes_on,
                level: None,
                invalid: false,
                assigned_to: None,
                rectify_by: None,
                rectified_on: None,
                rectification_rated: false,
            };
            case.ratings.insert(e.opportunity.clone(), offered);
        }
        CaseEvent::RatingGiven(e) => {
            if let Some(rating) = case.ratings.get_mut(&e.opportunity) {
                rating.level = Some(e.level);
                rating.rectify_by = e.rectify_by;
            }
        }
        CaseEvent::RatingInvalidated(e) => {
            if let Some(rating) = case.ratings.get_mut(&e.opportunity) {
                rating.invalid = true;
            }
        }
        CaseEvent::BadRatingAssigned(e) => {
            if let Some(rating) = case.ratings.get_mut(&e.opportunity) {
                rating.assigned_to = Some(e.to.clone());
            }
        }
        CaseEvent::RectificationDone(e) => {
            if let Some(rating) = case.ratings.get_mut(&e.opportunity) {
                rating.rectified_on = Some(e.done_on);
            }
        }
        CaseEvent::RectificationRated(e) => {
            if let Some(rating) = case.ratings.get_mut(&e.opportunity) {
                rating.rectification_rated = true;
            }
        }
        CaseEvent::ComplaintReceived(e) => {
            let complaint = ComplaintState {
                department: e.department.clone(),
                answered: false,
            };
            case.complaints.insert(e.complaint.clone(), complaint);
        }
        CaseEvent::ComplaintAnswered(e) => {
            if let Some(complaint) = case.complaints.get_mut(&e.complaint) {
                complaint.answered = true;
            }
        }
    }
}

fn due(case: &mut Case, statutory: Option<Date>, promised: Option<Date>) {
    case.due = DecisionDue { statutory, promised };
}

fn accepted(case: &mut Case, e: &CaseAccepted) {
    case.stage = Stage::Review;
    let (effective_on, gaps) = (e.effective_on, e.gaps.clone());
    case.acceptance = Some(Acceptance {
        effective_on,
        deemed: false,
        gaps,
        gaps_due_on: e.gaps_due_on,
    });
    due(case, e.statutory_due_on, e.promised_due_on);
}

fn acceptance_deemed(case: &mut Case, e: &AcceptanceDeemed) {
    case.stage = Stage::Review;
    let gaps = BTreeSet::new();
    case.acceptance = Some(Acceptance {
        effective_on: e.effective_on,
        deemed: true,
        gaps,
        gaps_due_on: None,
    });
    due(case, e.statutory_due_on, e.promised_due_on);
}

fn step_started(case: &mut Case, e: &StepStarted) {
    case.progress.open.insert(e.step.clone());
    let first_started_on = case
        .steps
        .get(&e.step)
        .map_or(e.started_on, |step| step.first_started_on);
    let step = StepState {
        group: e.group.clone(),
        department: e.department.clone(),
        role: e.role,
        window: e.window,
        first_started_on,
        started_on: e.started_on,
        due_on: e.due_on,
        holder: None,
        answer: None,
    };
    case.steps.insert(e.step.clone(), step);
    // Who is asked anew has to be notified anew.
    if let Some(group) = e.group.as_ref().and_then(|group| case.groups.get_mut(group)) {
        group.served.remove(&e.step);
    }
}

fn hold(case: &mut Case, step: &StepId, holder: Option<&PersonId>) {
    if let Some(step) = case.steps.get_mut(step) {
        step.holder = holder.cloned();
    }
}

fn answered(case: &mut Case, step: &StepId, answer: StepAnswer) {
    case.progress.open.remove(step);
    case.progress.done.insert(step.clone());
    if matches!(
        answer,
        StepAnswer::Given {
            opinion: Opinion::Disagree,
            ..
        }
    ) {
        case.progress.dissenting.insert(step.clone());
    }
    if let Some(step) = case.steps.get_mut(step) {
        step.answer = Some(answer);
    }
}

fn release(case: &mut Case, steps: &BTreeSet<StepId>) {
    for step in steps {
        case.progress.open.remove(step);
        case.progress.released.insert(step.clone());
    }
}

fn group_opened(case: &mut Case, e: &ParallelOpened) {
    let progress = case.progress.groups.entry(e.group.clone()).or_default();
    progress.entered = true;
    let group = GroupState {
        lead: e.lead.clone(),
        opened_on: e.opened_on,
        due_on: e.due_on,
        members: e.members.clone(),
        served: BTreeMap::new(),
    };
    case.groups.insert(e.group.clone(), group);
}

/// Takes back what a return to an earlier step makes void.
fn void(case: &mut Case, void: &Superseded) {
    let progress = &mut case.progress;
    let mut steps = void.steps.clone();
    for block in &void.blocks {
        progress.choices.remove(block);
        progress.skipped.remove(block);
        if let Some(group) = progress.groups.get_mut(block) {
            group.entered = false;
            group.overridden = false;
            group.outcome = None;
            group.arrived.clear();
            steps.extend(group.added.values().map(|step| step.id.clone()));
        }
    }
    for step in &steps {
        progress.open.remove(step);
        progress.done.remove(step);
        progress.released.remove(step);
        progress.dissenting.remove(step);
    }
    for step in &void.revived {
        progress.released.remove(step);
    }
    for group in &void.reopened {
        if let Some(group) = progress.groups.get_mut(group) {
            group.outcome = None;
            group.overridden = false;
            let added: Vec<_> = group.added.values().map(|step| step.id.clone()).collect();
            for step in &added {
                progress.released.remove(step);
            }
        }
    }
    for (group, branch) in &void.arrivals {
        if let Some(group) = progress.groups.get_mut(group) {
            group.arrived.remove(branch);
        }
    }
}

fn decided(case: &mut Case, e: &DecisionMade) {
    let outcome = Outcome::from(e.verdict);
    case.decision = Some(Decision {
        outcome,
        verdict: Some(e.verdict),
        on: e.decided_on,
    });
    case.stage = Stage::Decided {
        delivery_due_on: e.delivery_due_on,
    };
    due(case, e.statutory_due_on, e.promised_due_on);
    // Whatever still stood open is closed with the decision.
    let open: Vec<_> = case.progress.open.iter().cloned().collect();
    for step in open {
        case.progress.open.remove(&step);
        if e.step.as_ref() != Some(&step) {
            case.progress.released.insert(step);
        }
    }
    if let Some(step) = &e.step {
        case.progress.done.insert(step.clone());
        if let Some(step) = case.steps.get_mut(step) {
            step.answer = Some(StepAnswer::Decided { by: e.by.clone() });
        }
    }
}

fn decision_deemed(case: &mut Case, e: &DecisionDeemed) {
    let outcome = match e.effect {
        DecisionSilence::Granted => Outcome::DeemedGranted,
        DecisionSilence::Refused => Outcome::DeemedRefused,
    };
    case.decision = Some(Decision {
        outcome,
        verdict: None,
        on: e.lapsed_on,
    });
    case.stage = Stage::Decided {
        delivery_due_on: None,
    };
    close_steps(case);
}

/// Whatever still stands open is closed with the case.
fn close_steps(case: &mut Case) {
    let open = case.progress.open.clone();
    release(case, &open);
}

fn ended(case: &mut Case, outcome: Outcome, on: Date) {
    case.stage = Stage::Ended { outcome, on };
    case.transfer = None;
    close_steps(case);
}

fn reopened(case: &mut Case, e: &CaseReopened) {
    case.reopened = case.reopened.saturating_add(1);
    case.reopened_on = Some(e.reopened_on);
    case.stage = Stage::Review;
    case.decision = None;
    case.certificate = None;
    case.delivered_on = None;
    due(case, e.statutory_due_on, e.promised_due_on);
    void(case, &e.superseded);
}
