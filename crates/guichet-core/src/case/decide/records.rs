//! Records about records: corrections of earlier ones, due dates told, histories taken over.

use std::collections::BTreeMap;

use super::{Ask, known, one};
use crate::actor::Role;
use crate::case::event::{CaseEvent, ClockKind, DueDateAnnounced, RecordCorrected, StepRecorded};
use crate::case::rejection::Rejection;
use crate::case::state::CaseState;
use crate::id::{DocumentId, PersonId, Revision};
use crate::time::Date;

/// What a correction says.
pub(super) struct Correction<'a> {
    pub(super) field: &'a str,
    pub(super) old: &'a str,
    pub(super) new: &'a str,
    pub(super) reason: &'a str,
}

/// A mistake is put right by a later record, never by an edit. Which records there are is not the state's to know, so the
/// engine has seen to it that `target` exists.
pub(super) fn correct(
    ask: &Ask<'_>,
    state: &CaseState,
    target: Revision,
    correction: &Correction<'_>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Handler, Role::Approver, Role::Supervisor, Role::Director])?;
    let case = known(state)?;
    if ask.actor.role != Role::Supervisor {
        ask.department_or_director(&case.department)?;
    }
    Ok(one(RecordCorrected {
        target,
        field: Ask::reasons("the field of a correction", correction.field)?.to_owned(),
        old: Ask::text("the old value", correction.old)?.to_owned(),
        new: Ask::text("the new value", correction.new)?.to_owned(),
        reason: Ask::reasons("a correction", correction.reason)?.to_owned(),
    }))
}

/// A due date that was told to the applicant stays as the fact that it was told, whatever is counted later.
pub(super) fn announce_due_date(
    ask: &Ask<'_>,
    state: &CaseState,
    clock: ClockKind,
    due_on: Date,
    notice: Option<&DocumentId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Clerk, Role::Handler, Role::Approver])?;
    let case = known(state)?;
    ask.department(&case.department)?;
    Ok(one(DueDateAnnounced {
        clock,
        due_on,
        notice: notice.cloned(),
    }))
}

/// A step of another system's history is taken over as it is, wherever the case stands.
pub(super) fn record_step(
    ask: &Ask<'_>,
    state: &CaseState,
    activity: &str,
    by: Option<&PersonId>,
    group: Option<&str>,
    attributes: &BTreeMap<String, String>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Importer])?;
    known(state)?;
    Ask::count("attributes", attributes.len())?;
    for (name, value) in attributes {
        Ask::text("the name of an attribute", name)?;
        Ask::text("an attribute", value)?;
    }
    let group = group.map(|group| Ask::text("a group", group)).transpose()?;
    Ok(one(StepRecorded {
        activity: Ask::reasons("a recorded step", activity)?.to_owned(),
        by: by.cloned(),
        group: group.map(str::to_owned),
        attributes: attributes.clone(),
    }))
}
