//! A case on the board: what its clocks, its place and its next step need, and nothing else.
//!
//! A row is much smaller than a case. It changes by the fold of the core alone: it is thawed into a case, which evolves, and
//! frozen again.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::actor::Role;
use guichet_core::case::clocks::{ClockId, running};
use guichet_core::case::event::{Channel, ConsentGround};
use guichet_core::case::state::{
    Acceptance, Case, Decision, DecisionDue, GroupState, PendingTransfer, Special, SpecialStatus, Stage,
    StepAnswer, StepState, Suspension,
};
use guichet_core::case::{CaseEvent, CaseState, evolve};
use guichet_core::clock::Pause;
use guichet_core::condition::Facts;
use guichet_core::flow::{GroupProgress, Progress};
use guichet_core::id::{
    BlockId, DepartmentId, PersonId, ProcedureId, SpecialProcedureId, StepId, Version, WindowId,
};
use guichet_core::light::{CaseLight, Light, light_on, lights_of};

use guichet_core::reference::{Directory, WindowForm};
use guichet_core::time::{Date, Term};

/// A case on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    procedure: ProcedureId,
    version: Version,
    department: DepartmentId,
    applicant: PersonId,
    channel: Channel,
    received_on: Date,
    window: Option<WindowId>,
    transfer: Option<PendingTransfer>,
    stage: Stage,
    accepted_on: Option<(Date, bool)>,
    due: DecisionDue,
    steps: Box<[OpenStep]>,
    /// Steps that were left: a law may count a step from the first time that it was reached.
    left: Box<[(StepId, Date)]>,
    groups: Box<[Group]>,
    specials: Box<[(SpecialProcedureId, Special)]>,
    suspensions: Box<[Suspension]>,
    corrections: Box<[Pause]>,
    extensions: Box<[Term]>,
    decision: Option<Decision>,
    delivered_on: Option<Date>,
}

/// A step that somebody has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStep {
    /// The step.
    pub id: StepId,
    /// Whose it is.
    pub department: DepartmentId,
    /// The role it needs.
    pub role: Role,
    /// The last day that was told for it.
    pub due_on: Option<Date>,
    /// Who has it.
    pub holder: Option<PersonId>,
    group: Option<BlockId>,
    window: Option<WindowForm>,
    first_started_on: Date,
    started_on: Date,
}

/// A parallel group, with how far it got.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    id: BlockId,
    opened: Option<Opened>,
    progress: GroupProgress,
}

/// When a group was opened, and until when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Opened {
    lead: DepartmentId,
    on: Date,
    due_on: Option<Date>,
}

impl Row {
    /// The row of a case.
    #[must_use]
    pub fn of(case: Case) -> Self {
        let Case { steps, progress, .. } = case;
        let (mut open, mut left) = (Vec::new(), Vec::new());
        for (id, step) in steps {
            if progress.open.contains(&id) {
                open.push(OpenStep {
                    id,
                    department: step.department,
                    role: step.role,
                    due_on: step.due_on,
                    holder: step.holder,
                    group: step.group,
                    window: step.window,
                    first_started_on: step.first_started_on,
                    started_on: step.started_on,
                });
            } else {
                left.push((id, step.first_started_on));
            }
        }
        let mut opened = case.groups;
        let groups: Box<[Group]> = progress
            .groups
            .into_iter()
            .map(|(id, mut progress)| {
                // Who arrived says how a group goes on, which the engine decided and recorded.
                progress.arrived.clear();
                let opened = opened.remove(&id).map(|group| Opened {
                    lead: group.lead,
                    on: group.opened_on,
                    due_on: group.due_on,
                });
                Group { id, opened, progress }
            })
            .collect();
        let stage = match case.stage {
            Stage::Correction {
                served_on,
                respond_by,
                lapsed,
                ..
            } => Stage::Correction {
                items: Vec::new(),
                served_on,
                respond_by,
                lapsed,
            },
            stage @ (Stage::Intake { .. }
            | Stage::Review
            | Stage::Decided { .. }
            | Stage::Ended { .. }
            | Stage::Completed { .. }
            | Stage::Archived { .. }) => stage,
        };
        Self {
            procedure: case.procedure,
            version: case.version,
            department: case.department,
            applicant: case.applicant,
            channel: case.channel,
            received_on: case.received_on,
            window: case.window,
            transfer: case.transfer,
            stage,
            accepted_on: case
                .acceptance
                .map(|acceptance| (acceptance.effective_on, acceptance.deemed)),
            due: case.due,
            steps: open.into(),
            left: left.into(),
            groups,
            specials: case.specials.into_iter().collect(),
            suspensions: case.suspensions.into(),
            corrections: case.corrections.into(),
            extensions: case.extensions.into(),
            decision: case.decision,
            delivered_on: case.delivered_on,
        }
    }

    /// The case again, as far as the row knows it: enough for its clocks, and for what happens next.
    #[must_use]
    pub fn case(&self) -> Case {
        let mut progress = Progress::default();
        let mut steps = BTreeMap::new();
        for step in &self.steps {
            progress.open.insert(step.id.clone());
            let state = StepState {
                group: step.group.clone(),
                department: step.department.clone(),
                role: step.role,
                window: step.window,
                first_started_on: step.first_started_on,
                started_on: step.started_on,
                due_on: step.due_on,
                holder: step.holder.clone(),
                answer: None,
            };
            steps.insert(step.id.clone(), state);
        }
        for (id, first_started_on) in &self.left {
            let state = StepState {
                group: None,
                department: self.department.clone(),
                role: Role::Handler,
                window: None,
                first_started_on: *first_started_on,
                started_on: *first_started_on,
                due_on: None,
                holder: None,
                // Of a step that was left only its first day counts.
                answer: Some(StepAnswer::Deemed {
                    ground: ConsentGround::Timeout,
                }),
            };
            steps.insert(id.clone(), state);
        }
        let mut groups = BTreeMap::new();
        for group in &self.groups {
            progress.groups.insert(group.id.clone(), group.progress.clone());
            if let Some(opened) = &group.opened {
                let state = GroupState {
                    lead: opened.lead.clone(),
                    opened_on: opened.on,
                    due_on: opened.due_on,
                    members: Vec::new(),
                    served: BTreeMap::new(),
                };
                groups.insert(group.id.clone(), state);
            }
        }
        Case {
            procedure: self.procedure.clone(),
            version: self.version,
            department: self.department.clone(),
            applicant: self.applicant.clone(),
            channel: self.channel,
            facts: Facts::default(),
            materials: BTreeSet::new(),
            received_on: self.received_on,
            resubmits: None,
            stage: self.stage.clone(),
            notices: 0,
            acceptance: self.accepted_on.map(|(effective_on, deemed)| Acceptance {
                effective_on,
                deemed,
                gaps: BTreeSet::new(),
                gaps_due_on: None,
            }),
            due: self.due,
            progress,
            steps,
            groups,
            window: self.window.clone(),
            transfer: self.transfer.clone(),
            specials: self.specials.iter().cloned().collect(),
            suspensions: self.suspensions.to_vec(),
            corrections: self.corrections.to_vec(),
            lights: BTreeMap::new(),
            extension_requested: None,
            extensions: self.extensions.to_vec(),
            fees: BTreeMap::new(),
            agent: None,
            green_channel: false,
            ratings: BTreeMap::new(),
            complaints: BTreeMap::new(),
            decision: self.decision.clone(),
            certificate: None,
            delivered_on: self.delivered_on,
            reopened: 0,
            reopened_on: None,
        }
    }

    /// The row after an event.
    #[must_use]
    pub fn after(&self, event: &CaseEvent) -> Self {
        match evolve(CaseState::Known(Box::new(self.case())), event) {
            CaseState::Known(case) => Self::of(*case),
            CaseState::Absent | CaseState::PreChecked => self.clone(),
        }
    }

    /// The light of the case on a day, by the clocks of the core. None where no clock of it ever ran, or where its calendar
    /// does not reach far enough to tell.
    #[must_use]
    pub fn light(&self, directory: &Directory, day: Date) -> Option<CaseLight> {
        crate::as_of::light(directory, &self.case(), day)
    }

    /// Its clocks that run on a day: which, its light where it has one, and its last day. In the order of the core.
    #[must_use]
    pub fn clocks(&self, directory: &Directory, day: Date) -> Vec<(ClockId, Option<Light>, Date)> {
        let case = self.case();
        let Some(procedure) = directory.procedure(&case.procedure, case.version) else {
            return Vec::new();
        };
        let Some(calendar) = directory.calendars.get(&procedure.calendar) else {
            return Vec::new();
        };
        let clocks = running(procedure, &case).into_iter().filter_map(|running| {
            let clock = running.clock(&case, &procedure.policy, calendar);
            let run = clock.run(day).ok()?;
            let light = lights_of(procedure, running.id.kind).map(|(warns, past)| {
                if clock.is_paused(day) {
                    return Light::Grey;
                }
                let light = light_on(&run, past, day);
                if light == Light::Yellow && !warns {
                    Light::Green
                } else {
                    light
                }
            });
            Some((running.id, light, run.due_on))
        });
        clocks.collect()
    }

    /// Its procedure.
    #[must_use]
    pub const fn procedure(&self) -> &ProcedureId {
        &self.procedure
    }

    /// The department that answers for it.
    #[must_use]
    pub const fn department(&self) -> &DepartmentId {
        &self.department
    }

    /// The window that has the file.
    #[must_use]
    pub const fn window(&self) -> Option<&WindowId> {
        self.window.as_ref()
    }

    /// The window that the file is on its way to.
    #[must_use]
    pub fn to(&self) -> Option<&WindowId> {
        self.transfer.as_ref().map(|transfer| &transfer.to)
    }

    /// Where it stands.
    #[must_use]
    pub const fn stage(&self) -> &Stage {
        &self.stage
    }

    /// When it was received.
    #[must_use]
    pub const fn received_on(&self) -> Date {
        self.received_on
    }

    /// Whether it was ever accepted.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        self.accepted_on.is_some()
    }

    /// The steps that somebody has to do.
    #[must_use]
    pub const fn steps(&self) -> &[OpenStep] {
        &self.steps
    }

    /// Who has an open step of it.
    #[must_use]
    pub fn holder(&self) -> Option<&PersonId> {
        self.steps.iter().find_map(|step| step.holder.as_ref())
    }

    /// The departments that have to do something: those of its open steps, or the one that answers for it.
    pub fn departments(&self) -> impl Iterator<Item = &DepartmentId> {
        let own = self.steps.is_empty().then_some(&self.department);
        let mut steps: Vec<_> = self.steps.iter().map(|step| &step.department).collect();
        steps.sort_unstable();
        steps.dedup();
        steps.into_iter().chain(own)
    }

    /// Whether the next move is not the centre's: the applicant corrects the file, or the clocks stand still.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self.stage, Stage::Correction { .. })
            || self
                .suspensions
                .iter()
                .any(|suspension| suspension.until.is_none())
            || self
                .specials
                .iter()
                .any(|(_, special)| matches!(special.status, SpecialStatus::Running { excluded: true, .. }))
    }

    /// Whether the case is over, and leaves the board.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        match self.stage {
            Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review | Stage::Decided { .. } => false,
            Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. } => true,
        }
    }

    /// About how much memory it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of_val(&*self.steps)
            + size_of_val(&*self.left)
            + size_of_val(&*self.groups)
            + size_of_val(&*self.specials)
            + size_of_val(&*self.suspensions)
            + size_of_val(&*self.corrections)
            + size_of_val(&*self.extensions)
            // The texts of its identifiers, shared or not.
            + 32 * (3 + 3 * self.steps.len() + self.left.len())
    }
}
