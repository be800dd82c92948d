//! A case as programs read it.

use guichet_core::case::Stage;
use std::collections::BTreeMap;

use guichet_core::case::event::{Channel, Outcome, Satisfaction};
use guichet_core::case::state::{Case, FeeState, GroupState, RatingState, StepAnswer, StepState};
use guichet_core::condition::Facts;
use guichet_core::id::{
    BlockId, CaseId, DepartmentId, FeeId, MaterialId, OpportunityId, PersonId, ProcedureId, Revision, StepId,
    Version, WindowId,
};
use guichet_core::light::CaseLight;
use guichet_core::time::Date;
use serde::Serialize;

use crate::as_of::Lit;

/// A case, as `schemas/case.v1.schema.json` describes it.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    pub(super) version: u16,
    pub(super) case: &'a CaseId,
    pub(super) revision: Revision,
    pub(super) as_of: Date,
    #[serde(flatten)]
    pub(super) state: State<'a>,
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum State<'a> {
    /// Somebody was advised; no application yet.
    PreChecked,
    /// An application was handed in.
    Submitted(Box<Submitted<'a>>),
}

#[derive(Serialize)]
pub(super) struct Submitted<'a> {
    pub(super) procedure: &'a ProcedureId,
    pub(super) procedure_version: Version,
    pub(super) department: &'a DepartmentId,
    pub(super) applicant: &'a PersonId,
    pub(super) agent: Option<&'a PersonId>,
    pub(super) channel: Channel,
    pub(super) window: Option<&'a WindowId>,
    pub(super) transfer_to: Option<&'a WindowId>,
    pub(super) stage: &'static str,
    pub(super) outcome: Option<Outcome>,
    #[serde(flatten)]
    pub(super) shown: Lit,
    pub(super) received_on: Date,
    pub(super) intake_due_on: Option<Date>,
    pub(super) correction_due_on: Option<Date>,
    pub(super) accepted_on: Option<Date>,
    pub(super) acceptance_deemed: bool,
    pub(super) promised_due_on: Option<Date>,
    pub(super) statutory_due_on: Option<Date>,
    pub(super) suspended: bool,
    pub(super) decided_on: Option<Date>,
    pub(super) delivery_due_on: Option<Date>,
    pub(super) delivered_on: Option<Date>,
    pub(super) ended_on: Option<Date>,
    pub(super) green_channel: bool,
    pub(super) reopened: u16,
    pub(super) resubmits: Option<&'a CaseId>,
    pub(super) facts: &'a Facts,
    pub(super) materials: Vec<&'a MaterialId>,
    pub(super) gaps: Vec<&'a MaterialId>,
    pub(super) steps: BTreeMap<&'a StepId, Step<'a>>,
    pub(super) groups: BTreeMap<&'a BlockId, Group<'a>>,
    pub(super) fees: BTreeMap<&'a FeeId, Fee>,
    pub(super) ratings: BTreeMap<&'a OpportunityId, Rating<'a>>,
    pub(super) complaints: BTreeMap<&'a str, &'static str>,
}

#[derive(Serialize)]
pub(super) struct Step<'a> {
    pub(super) department: &'a DepartmentId,
    pub(super) group: Option<&'a BlockId>,
    pub(super) status: &'static str,
    pub(super) started_on: Date,
    pub(super) due_on: Option<Date>,
    pub(super) holder: Option<&'a PersonId>,
    pub(super) opinion: Option<&'static str>,
    pub(super) by: Option<&'a PersonId>,
}

#[derive(Serialize)]
pub(super) struct Group<'a> {
    pub(super) lead: &'a DepartmentId,
    pub(super) due_on: Option<Date>,
    pub(super) members: Vec<&'a BlockId>,
    pub(super) arrived: Vec<&'a BlockId>,
    pub(super) outcome: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Fee {
    pub(super) owed_fen: u64,
    pub(super) paid_fen: u64,
    pub(super) refunded_fen: u64,
    pub(super) waived: bool,
    pub(super) settled: bool,
}

#[derive(Serialize)]
pub(super) struct Rating<'a> {
    pub(super) department: &'a DepartmentId,
    pub(super) staff: Option<&'a PersonId>,
    pub(super) closes_on: Date,
    pub(super) level: Option<Satisfaction>,
    pub(super) counts: bool,
    pub(super) rectify_by: Option<Date>,
    pub(super) rectified_on: Option<Date>,
}

impl<'a> Submitted<'a> {
    pub(super) fn of(case: &'a Case, light: Option<CaseLight>) -> Self {
        let (mut intake_due_on, mut correction_due_on, mut delivery_due_on, mut ended_on) =
            (None, None, None, None);
        match &case.stage {
            Stage::Intake { due_on, .. } => intake_due_on = *due_on,
            Stage::Correction { respond_by, .. } => correction_due_on = *respond_by,
            Stage::Decided {
                delivery_due_on: due_on,
            } => delivery_due_on = *due_on,
            Stage::Ended { on, .. } | Stage::Completed { on, .. } => ended_on = Some(*on),
            Stage::Review | Stage::Archived { .. } => {}
        }
        Self {
            procedure: &case.procedure,
            procedure_version: case.version,
            department: &case.department,
            applicant: &case.applicant,
            agent: case.agent.as_ref(),
            channel: case.channel,
            window: case.window.as_ref(),
            transfer_to: case.transfer.as_ref().map(|transfer| &transfer.to),
            stage: case.stage.as_str(),
            outcome: case.outcome(),
            shown: Lit::from(light),
            received_on: case.received_on,
            intake_due_on,
            correction_due_on,
            accepted_on: case.acceptance.as_ref().map(|acceptance| acceptance.effective_on),
            acceptance_deemed: case
                .acceptance
                .as_ref()
                .is_some_and(|acceptance| acceptance.deemed),
            promised_due_on: case.due.promised,
            statutory_due_on: case.due.statutory,
            suspended: case.is_suspended(),
            decided_on: case.decision.as_ref().map(|decision| decision.on),
            delivery_due_on,
            delivered_on: case.delivered_on,
            ended_on,
            green_channel: case.green_channel,
            reopened: case.reopened,
            resubmits: case.resubmits.as_ref(),
            facts: &case.facts,
            materials: case.materials.iter().collect(),
            gaps: case
                .acceptance
                .iter()
                .flat_map(|acceptance| &acceptance.gaps)
                .collect(),
            steps: case
                .steps
                .iter()
                .map(|(id, step)| (id, Step::of(id, step, case)))
                .collect(),
            groups: case
                .groups
                .iter()
                .map(|(id, group)| (id, Group::of(id, group, case)))
                .collect(),
            fees: case.fees.iter().map(|(id, fee)| (id, Fee::of(fee))).collect(),
            ratings: case
                .ratings
                .iter()
                .map(|(id, rating)| (id, Rating::of(rating)))
                .collect(),
            complaints: case
                .complaints
                .iter()
                .map(|(id, complaint)| (id.as_str(), if complaint.answered { "answered" } else { "open" }))
                .collect(),
        }
    }
}

impl<'a> Step<'a> {
    pub(super) fn of(id: &StepId, step: &'a StepState, case: &Case) -> Self {
        let status = if case.progress.open.contains(id) {
            "open"
        } else if case.progress.done.contains(id) {
            "done"
        } else if case.progress.released.contains(id) {
            "released"
        } else {
            "superseded"
        };
        let (opinion, by) = match &step.answer {
            Some(StepAnswer::Given { opinion, by }) => (Some(opinion.as_str()), Some(by)),
            Some(StepAnswer::Deemed { .. }) => (Some("deemed_consent"), None),
            Some(StepAnswer::Decided { by }) => (Some("decided"), Some(by)),
            None => (None, None),
        };
        Self {
            department: &step.department,
            group: step.group.as_ref(),
            status,
            started_on: step.started_on,
            due_on: step.due_on,
            holder: step.holder.as_ref(),
            opinion,
            by,
        }
    }
}

impl<'a> Group<'a> {
    pub(super) fn of(id: &BlockId, group: &'a GroupState, case: &'a Case) -> Self {
        let progress = case.progress.groups.get(id);
        let members = group.members.iter().map(|member| &member.branch);
        let added = progress.into_iter().flat_map(|progress| progress.added.keys());
        Self {
            lead: &group.lead,
            due_on: group.due_on,
            members: members.chain(added).collect(),
            arrived: progress
                .into_iter()
                .flat_map(|progress| progress.arrived.keys())
                .collect(),
            outcome: progress
                .and_then(|progress| progress.outcome)
                .map(|outcome| outcome.to_string()),
        }
    }
}

impl Fee {
    const fn of(fee: &FeeState) -> Self {
        Self {
            owed_fen: fee.owed_fen,
            paid_fen: fee.paid_fen,
            refunded_fen: fee.refunded_fen,
            waived: fee.waived,
            settled: fee.is_settled(),
        }
    }
}

impl<'a> Rating<'a> {
    pub(super) fn of(rating: &'a RatingState) -> Self {
        Self {
            department: &rating.department,
            staff: rating.staff.as_ref(),
            closes_on: rating.closes_on,
            level: rating.level,
            counts: rating.level.is_some() && !rating.invalid,
            rectify_by: rating.rectify_by,
            rectified_on: rating.rectified_on,
        }
    }
}
