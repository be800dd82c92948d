//! What is kept of each case: everything while it is open, and a small row once it is over.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::case::event::{Channel, Outcome};
use guichet_core::case::state::{Acceptance, Decision, DecisionDue, Special, Suspension};
use guichet_core::case::{Case, CaseState, Stage};
use guichet_core::clock::Pause;
use guichet_core::condition::Facts;
use guichet_core::flow::Progress;
use guichet_core::id::{
    CaseId, DepartmentId, PersonId, Position, ProcedureId, SpecialProcedureId, Version, WindowId,
};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Term};

use super::{Kept, Marks, Open};

/// A case.
#[derive(Clone, Debug)]
pub(in super::super) enum Row {
    /// It is open.
    Open(Box<Open>),
    /// It is over: what it takes to go on with it, should it be opened again, without its steps.
    Over(Box<Over>),
}

/// A case that is over.
#[derive(Clone, Debug)]
pub(in super::super) struct Over {
    kept: Kept,
    procedure: ProcedureId,
    version: Version,
    department: DepartmentId,
    applicant: PersonId,
    agent: Option<PersonId>,
    window: Option<WindowId>,
    resubmits: Option<CaseId>,
    channel: Channel,
    received_on: Date,
    accepted: Option<(Date, bool)>,
    end: End,
    decision: Option<Decision>,
    delivered_on: Option<Date>,
    reopened: u16,
    reopened_on: Option<Date>,
    notices: u16,
    specials: Box<[(SpecialProcedureId, Special)]>,
    suspensions: Box<[Suspension]>,
    corrections: Box<[Pause]>,
    extensions: Box<[Term]>,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Ended(Outcome, Date),
    Completed(Option<Outcome>, Date),
    Archived(Option<Outcome>),
}

impl Default for Row {
    fn default() -> Self {
        Self::Open(Box::default())
    }
}

impl Row {
    /// The case as it goes on.
    pub(in super::super) fn into_open(self) -> Box<Open> {
        match self {
            Self::Open(open) => open,
            Self::Over(over) => Box::new(over.open()),
        }
    }

    /// What is to be kept of a case.
    pub(in super::super) fn of(open: Box<Open>, directory: &Directory) -> Self {
        if !open.is_over() {
            return Self::Open(open);
        }
        let Open { state, marks } = *open;
        match state {
            CaseState::Known(case) => match Over::of(*case, marks, directory) {
                Ok(over) => Self::Over(Box::new(over)),
                Err(open) => Self::Open(open),
            },
            CaseState::Absent | CaseState::PreChecked => Self::Open(Box::new(Open { state, marks })),
        }
    }

    /// Who applied for what, when, and where that stands; nothing before an application.
    pub(in super::super) fn application(&self) -> Option<Application<'_>> {
        let (kept, applicant, procedure, received_on, resubmits) = match self {
            Self::Open(open) => {
                let case = open.state.case()?;
                (
                    &open.marks.kept,
                    &case.applicant,
                    &case.procedure,
                    case.received_on,
                    case.resubmits.as_ref(),
                )
            }
            Self::Over(over) => (
                &over.kept,
                &over.applicant,
                &over.procedure,
                over.received_on,
                over.resubmits.as_ref(),
            ),
        };
        Some(Application {
            applicant,
            procedure,
            received_on,
            resubmits,
            submitted: kept.submitted?,
            accepted: kept.accepted.map(|(position, _)| position),
        })
    }
}

/// An application, as far as another one may take it up again.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Application<'a> {
    pub(in super::super) applicant: &'a PersonId,
    pub(in super::super) procedure: &'a ProcedureId,
    pub(in super::super) received_on: Date,
    pub(in super::super) resubmits: Option<&'a CaseId>,
    pub(in super::super) submitted: Position,
    pub(in super::super) accepted: Option<Position>,
}

impl Over {
    fn of(case: Case, marks: Marks, directory: &Directory) -> Result<Self, Box<Open>> {
        let end = match &case.stage {
            Stage::Ended { outcome, on } => End::Ended(*outcome, *on),
            Stage::Completed { on, outcome } => End::Completed(*outcome, *on),
            Stage::Archived { outcome } => End::Archived(*outcome),
            Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review | Stage::Decided { .. } => {
                let state = CaseState::Known(Box::new(case));
                return Err(Box::new(Open { state, marks }));
            }
        };
        // Ids that a million cases share are kept once.
        let procedure = directory.procedures.get_key_value(&case.procedure);
        let department = directory.departments.get_key_value(&case.department);
        let window = case.window.map(|window| {
            let known = directory.windows.get_key_value(&window);
            known.map_or(window, |(known, _)| known.clone())
        });
        let mut kept = marks.kept;
        kept.ratings.shrink_to_fit();
        Ok(Self {
            kept,
            procedure: procedure.map_or(case.procedure, |(id, _)| id.clone()),
            version: case.version,
            department: department.map_or(case.department, |(id, _)| id.clone()),
            applicant: case.applicant,
            agent: case.agent,
            window,
            resubmits: case.resubmits,
            channel: case.channel,
            received_on: case.received_on,
            accepted: case
                .acceptance
                .map(|acceptance| (acceptance.effective_on, acceptance.deemed)),
            end,
            decision: case.decision,
            delivered_on: case.delivered_on,
            reopened: case.reopened,
            reopened_on: case.reopened_on,
            notices: case.notices,
            specials: case.specials.into_iter().collect(),
            suspensions: case.suspensions.into(),
            corrections: case.corrections.into(),
            extensions: case.extensions.into(),
        })
    }

    fn open(self) -> Open {
        let stage = match self.end {
            End::Ended(outcome, on) => Stage::Ended { outcome, on },
            End::Completed(outcome, on) => Stage::Completed { on, outcome },
            End::Archived(outcome) => Stage::Archived { outcome },
        };
        let case = Case {
            procedure: self.procedure,
            version: self.version,
            department: self.department,
            applicant: self.applicant,
            channel: self.channel,
            facts: Facts::new(),
            materials: BTreeSet::new(),
            received_on: self.received_on,
            resubmits: self.resubmits,
            stage,
            notices: self.notices,
            acceptance: self.accepted.map(|(effective_on, deemed)| Acceptance {
                effective_on,
                deemed,
                gaps: BTreeSet::new(),
                gaps_due_on: None,
            }),
            due: DecisionDue::default(),
            progress: Progress::default(),
            steps: BTreeMap::new(),
            groups: BTreeMap::new(),
            window: self.window,
            transfer: None,
            specials: self.specials.into_iter().collect(),
            suspensions: self.suspensions.into(),
            corrections: self.corrections.into(),
            lights: BTreeMap::new(),
            extension_requested: None,
            extensions: self.extensions.into(),
            fees: BTreeMap::new(),
            agent: self.agent,
            green_channel: false,
            ratings: BTreeMap::new(),
            complaints: BTreeMap::new(),
            decision: self.decision,
            certificate: None,
            delivered_on: self.delivered_on,
            reopened: self.reopened,
            reopened_on: self.reopened_on,
        };
        Open {
            state: CaseState::Known(Box::new(case)),
            marks: Marks {
                kept: self.kept,
                // It was examined once, and so sent up.
                sent_up: true,
                ..Marks::default()
            },
        }
    }
}
