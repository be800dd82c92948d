//! From the counter to acceptance: submission, the one notice of what is missing, the intake decision.

use std::collections::BTreeSet;

use super::turn::{Counting, Turn};
use super::{Ask, at_stage, known, one};
use crate::actor::Role;
use crate::case::event::{
    AcceptanceRefused, CaseAccepted, CaseEvent, CaseSubmitted, Channel, CorrectionItem, CorrectionRequested,
    CorrectionSubmitted, MaterialSupplied, NoLicenceNeeded, PreCheckRecorded,
};
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState, Stage};
use crate::condition::{Fact, Facts};
use crate::id::{CaseId, DocumentId, MaterialId, PersonId, ProcedureId};
use crate::procedure::{Procedure, RatingPoint};
use crate::time::Date;

const COUNTER: &[Role] = &[Role::Clerk, Role::Handler];
const HANDING_IN: &[Role] = &[Role::Applicant, Role::Agent, Role::Clerk];

/// What somebody hands in.
pub(super) struct HandedIn<'a> {
    pub(super) procedure: &'a ProcedureId,
    pub(super) applicant: &'a PersonId,
    pub(super) facts: &'a Facts,
    pub(super) materials: &'a BTreeSet<MaterialId>,
    pub(super) resubmits: Option<&'a CaseId>,
}

/// Advice before an application: not yet a case in law, so no clock runs and no intake follows.
pub(super) fn record_pre_check(
    ask: &Ask<'_>,
    state: &CaseState,
    procedure: &ProcedureId,
    note: Option<&DocumentId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(COUNTER)?;
    match state {
        CaseState::Absent | CaseState::PreChecked => {}
        CaseState::Known(case) => {
            return Err(Rejection::AlreadySubmitted {
                received_on: case.received_on,
            });
        }
    }
    let known = ask.directory.newest(procedure);
    let known = known.ok_or_else(|| Rejection::UnknownProcedure {
        procedure: procedure.clone(),
    })?;
    ask.department(&known.department)?;
    Ok(one(PreCheckRecorded {
        procedure: procedure.clone(),
        note: note.cloned(),
    }))
}

/// An application is taken in whatever it lacks: what is missing is told afterwards, in one notice.
pub(super) fn submit(
    ask: &Ask<'_>,
    state: &CaseState,
    handed_in: &HandedIn<'_>,
    channel: Option<Channel>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(HANDING_IN)?;
    match state {
        CaseState::Absent | CaseState::PreChecked => {}
        CaseState::Known(case) => {
            return Err(Rejection::AlreadySubmitted {
                received_on: case.received_on,
            });
        }
    }
    let procedure = ask.directory.newest(handed_in.procedure);
    let procedure = procedure.ok_or_else(|| Rejection::UnknownProcedure {
        procedure: handed_in.procedure.clone(),
    })?;
    ask.department(&procedure.department)?;
    let entitled = match ask.actor.role {
        Role::Applicant => ask.actor.person == *handed_in.applicant,
        Role::Agent => ask.actor.acting_for.as_ref() == Some(handed_in.applicant),
        Role::Clerk
        | Role::Handler
        | Role::Reviewer
        | Role::Approver
        | Role::AuthorityHead
        | Role::GovernmentHead
        | Role::Cashier
        | Role::Supervisor
        | Role::Director
        | Role::Timekeeper
        | Role::Importer => true,
    };
    if !entitled {
        return Err(Rejection::NotTheApplicant {
            person: ask.actor.person.clone(),
        });
    }
    Ask::count("facts", handed_in.facts.len())?;
    Ask::count("materials", handed_in.materials.len())?;
    for (name, fact) in handed_in.facts {
        Ask::text("the name of a fact", name)?;
        if let Fact::Text(text) = fact {
            Ask::text("a fact", text)?;
        }
    }
    let counting = Counting::new(ask.directory, procedure);
    let received_on = counting.day_of_receipt(ask)?;
    let submitted = CaseSubmitted {
        procedure: procedure.id.clone(),
        version: procedure.version,
        department: procedure.department.clone(),
        applicant: handed_in.applicant.clone(),
        channel: channel.unwrap_or_else(|| usual_channel(ask.actor.role)),
        window: ask.actor.window.clone(),
        facts: handed_in.facts.clone(),
        materials: handed_in.materials.clone(),
        received_on,
        intake_due_on: counting.due_of(received_on, procedure.terms.intake.as_ref())?,
        resubmits: handed_in.resubmits.cloned(),
    };
    let mut events = one(submitted);
    // The rating looks at the case as the submission makes it.
    if let CaseState::Known(case) = crate::case::fold(&events) {
        let mut turn = Turn::new(ask, &case)?;
        turn.offer_rating(ask, RatingPoint::Submission)?;
        events.extend(turn.finish());
    }
    Ok(events)
}

fn usual_channel(role: Role) -> Channel {
    match role {
        Role::Applicant => Channel::Online,
        Role::Agent => Channel::Agent,
        Role::Clerk
        | Role::Handler
        | Role::Reviewer
        | Role::Approver
        | Role::AuthorityHead
        | Role::GovernmentHead
        | Role::Cashier
        | Role::Supervisor
        | Role::Director
        | Role::Timekeeper
        | Role::Importer => Channel::Window,
    }
}

/// One notice of all that is missing. A second one is lawful only as an exception, and the supervisors look at it, so it
/// is recorded and not refused. Source: Administrative License Law, art. 32(1)(4).
pub(super) fn request_correction(
    ask: &Ask<'_>,
    state: &CaseState,
    items: &[CorrectionItem],
) -> Result<Vec<CaseEvent>, Rejection> {
    let case = counter(ask, state)?;
    let served_on = ask.day_from(case.received_on)?;
    if items.is_empty() {
        return Err(Rejection::NothingNamed {
            what: "a correction notice",
        });
    }
    Ask::count("items", items.len())?;
    for item in items {
        Ask::reasons("each item of a correction notice", &item.defect)?;
    }
    let procedure = ask.procedure(case)?;
    let respond_by =
        Counting::new(ask.directory, procedure).due_of(served_on, procedure.terms.correction.as_ref())?;
    let notice = case.notices.saturating_add(1);
    Ok(one(CorrectionRequested {
        notice,
        items: items.to_vec(),
        served_on,
        respond_by,
    }))
}

/// Complete corrections start a new intake clock on the day they were all there.
pub(super) fn submit_correction(
    ask: &Ask<'_>,
    state: &CaseState,
    materials: &BTreeSet<MaterialId>,
    complete: bool,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(HANDING_IN)?;
    let case = at_stage(state, "awaiting_correction", |stage| {
        matches!(stage, Stage::Correction { .. })
    })?;
    ask.applicant(case)?;
    let served_on = match &case.stage {
        Stage::Correction { served_on, .. } => *served_on,
        Stage::Intake { .. }
        | Stage::Review
        | Stage::Decided { .. }
        | Stage::Ended { .. }
        | Stage::Completed { .. }
        | Stage::Archived { .. } => case.received_on,
    };
    let handed_in_on = ask.day_from(served_on)?;
    Ask::count("materials", materials.len() + case.materials.len())?;
    let mut turn = Turn::new(ask, case)?;
    let received_on = handed_in_on.max(turn.counting.day_of_receipt(ask)?);
    let intake = turn.counting.procedure.terms.intake.as_ref();
    let intake_due_on = if complete {
        turn.counting.due_of(received_on, intake)?
    } else {
        None
    };
    turn.push(CorrectionSubmitted {
        materials: materials.clone(),
        complete,
        received_on,
        intake_due_on,
    });
    turn.offer_rating(ask, RatingPoint::Correction)?;
    Ok(turn.finish())
}

/// Material that was promised at acceptance comes in.
pub(super) fn supply_material(
    ask: &Ask<'_>,
    state: &CaseState,
    materials: &BTreeSet<MaterialId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(HANDING_IN)?;
    let promised = known(state)?
        .acceptance
        .as_ref()
        .is_some_and(|acceptance| !acceptance.gaps.is_empty());
    // What was promised at acceptance may come in after the decision too: that is what a grant with gaps waits for.
    let case = at_stage(
        state,
        "intake, review, or material still promised",
        |stage| match stage {
            Stage::Intake { .. } | Stage::Review => true,
            Stage::Decided { .. } | Stage::Completed { .. } => promised,
            Stage::Correction { .. } | Stage::Ended { .. } | Stage::Archived { .. } => false,
        },
    )?;
    ask.applicant(case)?;
    let received_on = ask.day_from(case.received_on)?;
    if materials.is_empty() {
        return Err(Rejection::NothingNamed {
            what: "a supply of material",
        });
    }
    Ask::count("materials", materials.len() + case.materials.len())?;
    Ok(one(MaterialSupplied {
        materials: materials.clone(),
        received_on,
    }))
}

/// Acceptance needs all required material, or a promise for what may follow (容缺受理). It starts the decision clocks.
pub(super) fn accept(
    ask: &Ask<'_>,
    state: &CaseState,
    gaps_due_on: Option<Date>,
) -> Result<Vec<CaseEvent>, Rejection> {
    let case = counter(ask, state)?;
    let earliest = match &case.stage {
        Stage::Intake { since, .. } => *since,
        Stage::Correction { .. }
        | Stage::Review
        | Stage::Decided { .. }
        | Stage::Ended { .. }
        | Stage::Completed { .. }
        | Stage::Archived { .. } => case.received_on,
    };
    let effective_on = ask.day_from(earliest)?;
    let mut turn = Turn::new(ask, case)?;
    let (missing, may_follow) = missing_materials(turn.counting.procedure, case);
    let gaps = match gaps_due_on {
        Some(due_on) if due_on < effective_on => {
            return Err(Rejection::TooEarly {
                given: due_on,
                earliest: effective_on,
            });
        }
        Some(_) if missing.is_empty() => return Err(Rejection::NoGaps),
        Some(_) => {
            let never: BTreeSet<_> = missing.difference(&may_follow).cloned().collect();
            if !never.is_empty() {
                return Err(Rejection::MayNotFollow { materials: never });
            }
            missing
        }
        None if missing.is_empty() || ask.is_import() => BTreeSet::new(),
        None => return Err(Rejection::MaterialsMissing { materials: missing }),
    };
    let due = turn.decision_due(effective_on)?;
    turn.push(CaseAccepted {
        effective_on,
        gaps,
        gaps_due_on,
        statutory_due_on: due.statutory,
        promised_due_on: due.promised,
    });
    turn.advance()?;
    Ok(turn.finish())
}

/// The required material that a case lacks, and which of it may follow later.
fn missing_materials(procedure: &Procedure, case: &Case) -> (BTreeSet<MaterialId>, BTreeSet<MaterialId>) {
    let asked = procedure.materials.iter().filter(|material| {
        material.required && material.when.as_ref().is_none_or(|when| when.holds(&case.facts))
    });
    let missing = asked.filter(|material| !case.materials.contains(&material.id));
    let (mut all, mut may_follow) = (BTreeSet::new(), BTreeSet::new());
    for material in missing {
        all.insert(material.id.clone());
        if material.may_follow {
            may_follow.insert(material.id.clone());
        }
    }
    (all, may_follow)
}

/// Outside the authority's competence (不予受理): it takes reasons.
pub(super) fn refuse_acceptance(
    ask: &Ask<'_>,
    state: &CaseState,
    reasons: &str,
    remedies: Option<&str>,
) -> Result<Vec<CaseEvent>, Rejection> {
    let case = counter(ask, state)?;
    let refused_on = ask.day_from(case.received_on)?;
    let reasons = Ask::reasons("a refusal to accept", reasons)?.to_owned();
    let remedies = remedies
        .map(|remedies| Ask::text("remedies", remedies))
        .transpose()?;
    Ok(one(AcceptanceRefused {
        refused_on,
        reasons,
        remedies: remedies.map(str::to_owned),
    }))
}

/// Nothing needs to be licensed (不受理).
pub(super) fn declare_no_licence_needed(
    ask: &Ask<'_>,
    state: &CaseState,
    reasons: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    let case = counter(ask, state)?;
    let declared_on = ask.day_from(case.received_on)?;
    let reasons = Ask::reasons("the answer that no licence is needed", reasons)?.to_owned();
    Ok(one(NoLicenceNeeded { declared_on, reasons }))
}

/// The case at intake, for somebody of its department at the counter.
fn counter<'s>(ask: &Ask<'_>, state: &'s CaseState) -> Result<&'s Case, Rejection> {
    ask.role(COUNTER)?;
    let case = at_stage(state, "intake", |stage| matches!(stage, Stage::Intake { .. }))?;
    ask.department(&known(state)?.department)?;
    Ok(case)
}
