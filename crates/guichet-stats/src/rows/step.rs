//! Steps: one row each time a step of a case is entered. Those of a parallel group are its members' work.

use guichet_core::actor::Role;
use guichet_core::case::event::{ConsentGround, Opinion, StepStarted};
use guichet_core::id::{BlockId, DepartmentId, PersonId, StepId};
use guichet_core::time::{Date, Term};
use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;
use crate::timing::Measure;

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepEnd {
    /// Somebody gave an opinion.
    Answered(Opinion),
    /// Nobody did, and that counts as consent.
    Deemed(ConsentGround),
    /// It was not needed any more: its group went on, its branch was removed, or the case ended.
    Released,
    /// It was taken back by a return to an earlier step.
    Superseded,
}

impl StepEnd {
    /// The word for tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered(opinion) => opinion.as_str(),
            Self::Deemed(_) => "deemed_consent",
            Self::Released => "released",
            Self::Superseded => "superseded",
        }
    }
}

/// One entry into a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFact {
    /// The step.
    pub step: StepId,
    /// The parallel group whose member does it, if one does.
    pub group: Option<BlockId>,
    /// The department that does it.
    pub department: DepartmentId,
    /// The role that it takes.
    pub role: Role,
    /// From which day.
    pub started_on: Date,
    /// Its last day, as told when it began.
    pub due_on: Option<Date>,
    /// Its term.
    pub term: Option<Term>,
    /// Who has it, or answered.
    pub handler: Option<PersonId>,
    /// How it ended, once it has.
    pub end: Option<StepEnd>,
    /// The day of that.
    pub ended_on: Option<Date>,
    /// Days used, where it was answered or silence answered for it, and its calendar reaches that far.
    pub used: Option<u32>,
    /// Whether it was answered within its term, by the unit of the term, pauses left out. Silence is not within it.
    pub in_time: Option<bool>,
}

impl StepFact {
    pub(crate) fn started(event: &StepStarted, term: Option<Term>) -> Self {
        Self {
            step: event.step.clone(),
            group: event.group.clone(),
            department: event.department.clone(),
            role: event.role,
            started_on: event.started_on,
            due_on: event.due_on,
            term,
            handler: None,
            end: None,
            ended_on: None,
            used: None,
            in_time: None,
        }
    }

    pub(crate) fn end(&mut self, end: StepEnd, on: Date, ledger: &Ledger, measure: Option<&Measure<'_>>) {
        self.end = Some(end);
        self.ended_on = Some(on);
        let answered = match end {
            StepEnd::Answered(_) => true,
            StepEnd::Deemed(_) => false,
            StepEnd::Released | StepEnd::Superseded => return,
        };
        let (Some(term), Some(measure)) = (self.term, measure) else {
            return;
        };
        let clock = ledger.step_clock(self.started_on, term, &measure.procedure.policy, measure.calendar);
        self.used = clock.used(on).ok();
        self.in_time = clock.kept(on).ok().map(|kept| answered && kept.is_le());
    }

    /// Whether somebody still has to answer.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.end.is_none()
    }
}
