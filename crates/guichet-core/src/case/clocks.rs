//! The clocks of a case: which of them run, since when, and under which term.
//!
//! A clock runs because of what the case is, never because somebody started it, so that no history can leave one behind.

use std::fmt;

use crate::calendar::Calendar;
use crate::case::codes::ClockKind;
use crate::case::state::{Case, SpecialStatus, Stage};
use crate::clock::Clock;
use crate::flow::{Block, Parallel};
use crate::id::{BlockId, StepId};
use crate::policy::{DecisionStart, Policy, RepeatedStep};
use crate::procedure::{Procedure, SourcedTerm};
use crate::reference::Directory;
use crate::time::{Date, Term};

/// One of the clocks of a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockId {
    /// What it measures.
    pub kind: ClockKind,
    /// Of what, where a case may have several: the step, the group, the special procedure, the rating.
    pub of: Option<BlockId>,
}

impl ClockId {
    /// The only clock of its kind.
    #[must_use]
    pub const fn only(kind: ClockKind) -> Self {
        Self { kind, of: None }
    }

    fn of(kind: ClockKind, name: &str) -> Self {
        Self {
            kind,
            of: BlockId::new(name).ok(),
        }
    }
}

impl fmt::Display for ClockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            Some(of) => write!(f, "{} {of}", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

/// A clock that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Which one.
    pub id: ClockId,
    /// The day on which its term began.
    pub start: Date,
    /// Its term.
    pub term: Term,
    /// The rule that sets the term, where the procedure names one.
    pub source: Option<String>,
}

impl Running {
    /// This clock with everything that moves it: the pauses of the case, and the extensions of its decision.
    #[must_use]
    pub fn clock<'a>(&self, case: &Case, policy: &'a Policy, calendar: &'a Calendar) -> Clock<'a> {
        let mut clock = Clock::new(self.start, self.term, policy, calendar);
        match self.id.kind {
            ClockKind::Statutory | ClockKind::Promised => {
                clock.extensions.clone_from(&case.extensions);
                clock.pauses = case.pauses();
                if policy.decision_start == DecisionStart::Receipt {
                    clock.pauses.extend(case.corrections.iter().cloned());
                }
            }
            ClockKind::Step | ClockKind::Group => clock.pauses = case.pauses(),
            ClockKind::Intake
            | ClockKind::Delivery
            | ClockKind::Correction
            | ClockKind::Special
            | ClockKind::Rectification
            | ClockKind::Complaint => {}
        }
        clock
    }

    /// Whether this clock stands still while the case is suspended.
    #[must_use]
    pub const fn pauses_with_the_case(&self) -> bool {
        match self.id.kind {
            ClockKind::Statutory | ClockKind::Promised | ClockKind::Step | ClockKind::Group => true,
            ClockKind::Intake
            | ClockKind::Delivery
            | ClockKind::Correction
            | ClockKind::Special
            | ClockKind::Rectification
            | ClockKind::Complaint => false,
        }
    }
}

/// The day on which the terms for the decision begin.
#[must_use]
pub fn decision_start(procedure: &Procedure, case: &Case) -> Date {
    let acceptance = case.acceptance.as_ref();
    procedure.policy.decision_start.day(
        case.received_on,
        acceptance.map(|acceptance| acceptance.effective_on),
    )
}

/// The clocks of `case` that run, in the order of their kinds. Complaints have no term, so they have no clock here.
#[must_use]
pub fn running(procedure: &Procedure, case: &Case) -> Vec<Running> {
    let mut found = Vec::new();
    let terms = &procedure.terms;
    let mut only = |kind, start, term: Option<&SourcedTerm>| {
        found.extend(term.map(|term| Running {
            id: ClockId::only(kind),
            start,
            term: term.term,
            source: Some(term.source.clone()),
        }));
    };
    match &case.stage {
        Stage::Intake { since, .. } => only(ClockKind::Intake, *since, terms.intake.as_ref()),
        Stage::Correction { served_on, .. } => {
            only(ClockKind::Correction, *served_on, terms.correction.as_ref());
        }
        Stage::Review => {
            let start = decision_start(procedure, case);
            only(ClockKind::Statutory, start, terms.statutory.as_ref());
            only(ClockKind::Promised, start, terms.promised.as_ref());
            found.extend(steps(procedure, case));
            found.extend(groups(procedure, case));
            found.extend(specials(case));
        }
        Stage::Decided {
            delivery_due_on: Some(_),
        } if case.delivered_on.is_none() => {
            if let Some(decision) = &case.decision {
                only(ClockKind::Delivery, decision.on, terms.delivery.as_ref());
            }
        }
        Stage::Decided { .. } | Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. } => {}
    }
    found
}

fn steps<'a>(procedure: &'a Procedure, case: &'a Case) -> impl Iterator<Item = Running> + 'a {
    case.progress.open.iter().filter_map(|id| {
        let state = case.steps.get(id)?;
        Some(Running {
            id: ClockId::of(ClockKind::Step, id.as_str()),
            start: match procedure.policy.repeated_step {
                RepeatedStep::FirstEntry => state.first_started_on,
                RepeatedStep::LastEntry => state.started_on,
            },
            term: step_term(procedure, case, id)?,
            source: None,
        })
    })
}

/// The term of a step: as the flow draws it, or as it was added to a group of this case.
fn step_term(procedure: &Procedure, case: &Case, id: &StepId) -> Option<Term> {
    let drawn = procedure.flow.as_ref().and_then(|flow| flow.step(id));
    let mut added = case
        .progress
        .groups
        .values()
        .flat_map(|group| group.added.values());
    drawn.or_else(|| added.find(|step| step.id == *id))?.term
}

fn groups<'a>(procedure: &'a Procedure, case: &'a Case) -> impl Iterator<Item = Running> + 'a {
    let open = |id: &BlockId| {
        let progress = case.progress.groups.get(id);
        progress.is_some_and(|group| group.entered && group.outcome.is_none())
    };
    case.groups
        .iter()
        .filter(move |(id, _)| open(id))
        .filter_map(|(id, state)| {
            Some(Running {
                id: ClockId::of(ClockKind::Group, id.as_str()),
                start: state.opened_on,
                term: group_term(procedure.flow.as_ref()?.group(id)?)?,
                source: None,
            })
        })
}

/// The term of a parallel group: its own, or the longest of its members (practice).
#[must_use]
pub fn group_term(group: &Parallel) -> Option<Term> {
    let members = group.branches.iter().flat_map(Block::steps);
    group
        .term
        .or_else(|| Directory::longest(members.filter_map(|step| step.term)))
}

fn specials(case: &Case) -> impl Iterator<Item = Running> + '_ {
    case.specials
        .iter()
        .filter_map(|(id, special)| match special.status {
            SpecialStatus::Running { since, .. } => Some(Running {
                id: ClockId::of(ClockKind::Special, id.as_str()),
                start: since,
                term: special.announced,
                source: None,
            }),
            SpecialStatus::Requested
            | SpecialStatus::Approved { .. }
            | SpecialStatus::Refused
            | SpecialStatus::Ended { .. } => None,
        })
}
