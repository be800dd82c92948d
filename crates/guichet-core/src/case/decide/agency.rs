//! Agency (代办): who acts for the applicant, the log of what they do, and the green channel.

use super::{Ask, known, one, open};
use crate::actor::Role;
use crate::case::event::{AgencyAppointed, AgencyEnded, AgencyLogged, CaseEvent, GreenChannelMarked};
use crate::case::rejection::Rejection;
use crate::case::state::CaseState;
use crate::id::PersonId;

const APPOINTING: &[Role] = &[Role::Applicant, Role::Clerk, Role::Director];

/// One agent at a time acts for the applicant.
pub(super) fn appoint(
    ask: &Ask<'_>,
    state: &CaseState,
    agent: &PersonId,
    scope: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(APPOINTING)?;
    let case = open(state)?;
    if ask.actor.role != Role::Director {
        ask.applicant(case)?;
    }
    if let Some(agent) = &case.agent {
        return Err(Rejection::AgentAppointed { agent: agent.clone() });
    }
    Ok(one(AgencyAppointed {
        agent: agent.clone(),
        scope: Ask::reasons("an agency", scope)?.to_owned(),
    }))
}

/// The agent writes down what was done (代办日志).
pub(super) fn log(ask: &Ask<'_>, state: &CaseState, entry: &str) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Agent])?;
    let case = known(state)?;
    let agent = case.agent.as_ref().ok_or(Rejection::NoAgent)?;
    if ask.actor.person != *agent {
        return Err(Rejection::NotTheApplicant {
            person: ask.actor.person.clone(),
        });
    }
    Ok(one(AgencyLogged {
        agent: agent.clone(),
        entry: Ask::reasons("an entry of the agency log", entry)?.to_owned(),
    }))
}

/// The agency ends.
pub(super) fn end(ask: &Ask<'_>, state: &CaseState, reason: &str) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Applicant, Role::Agent, Role::Clerk, Role::Director])?;
    let case = known(state)?;
    let agent = case.agent.as_ref().ok_or(Rejection::NoAgent)?;
    if ask.actor.role != Role::Director {
        ask.applicant(case)?;
    }
    Ok(one(AgencyEnded {
        agent: agent.clone(),
        reason: Ask::reasons("the end of an agency", reason)?.to_owned(),
    }))
}

/// The case goes on the green channel (绿色通道).
pub(super) fn mark_green_channel(
    ask: &Ask<'_>,
    state: &CaseState,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Clerk, Role::Handler, Role::Approver, Role::Director])?;
    let case = open(state)?;
    ask.department_or_director(&case.department)?;
    Ok(one(GreenChannelMarked {
        reason: Ask::reasons("the green channel", reason)?.to_owned(),
    }))
}
