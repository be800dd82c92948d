//! What a case is: the fold of its events, and nothing that is not in them.

use std::collections::{BTreeMap, BTreeSet};

use crate::actor::Role;
use crate::case::clocks::ClockId;
use crate::case::event::{
    Channel, ConsentGround, CorrectionItem, Member, Opinion, Outcome, Satisfaction, SuspensionGround, Verdict,
};
use crate::clock::Pause;
use crate::condition::Facts;
use crate::flow::Progress;
use crate::id::{
    BlockId, CaseId, ComplaintId, DepartmentId, DocumentId, FeeId, MaterialId, OpportunityId, PersonId,
    ProcedureId, SpecialProcedureId, StepId, Version, WindowId,
};
use crate::light::Light;
use crate::procedure::SpecialKind;
use crate::reference::WindowForm;
use crate::time::{Date, Term};

/// A case, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CaseState {
    /// Nothing was recorded.
    #[default]
    Absent,
    /// Somebody was advised; no application yet.
    PreChecked,
    /// An application was handed in.
    Known(Box<Case>),
}

impl CaseState {
    /// The case, once an application was handed in.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        match self {
            Self::Known(case) => Some(case),
            Self::Absent | Self::PreChecked => None,
        }
    }
}

/// An application and everything that came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its procedure.
    pub procedure: ProcedureId,
    /// The version it keeps to.
    pub version: Version,
    /// The department that answers for it.
    pub department: DepartmentId,
    /// Who applied.
    pub applicant: PersonId,
    /// How it came.
    pub channel: Channel,
    /// What is known of it.
    pub facts: Facts,
    /// The materials that were handed in.
    pub materials: BTreeSet<MaterialId>,
    /// The day of receipt in law.
    pub received_on: Date,
    /// An earlier case that this one takes up again.
    pub resubmits: Option<CaseId>,
    /// Where it stands.
    pub stage: Stage,
    /// How many correction notices were served.
    pub notices: u16,
    /// Its acceptance, once there is one.
    pub acceptance: Option<Acceptance>,
    /// The due dates of the decision, as they were last recorded.
    pub due: DecisionDue,
    /// Where in its flow it stands.
    pub progress: Progress,
    /// The steps it reached.
    pub steps: BTreeMap<StepId, StepState>,
    /// The parallel groups it reached.
    pub groups: BTreeMap<BlockId, GroupState>,
    /// The window that has the file.
    pub window: Option<WindowId>,
    /// A transfer nobody has signed for yet.
    pub transfer: Option<PendingTransfer>,
    /// Its special procedures.
    pub specials: BTreeMap<SpecialProcedureId, Special>,
    /// Its suspensions; the last one may still run.
    pub suspensions: Vec<Suspension>,
    /// The times over which the applicant corrected the file before it was accepted.
    pub corrections: Vec<Pause>,
    /// The last light of each clock that was told.
    pub lights: BTreeMap<ClockId, ToldLight>,
    /// An extension that was asked for and not answered.
    pub extension_requested: Option<Term>,
    /// The extensions that were granted and stand.
    pub extensions: Vec<Term>,
    /// Its fees.
    pub fees: BTreeMap<FeeId, FeeState>,
    /// Its agent, while there is one.
    pub agent: Option<PersonId>,
    /// Whether it is on the green channel.
    pub green_channel: bool,
    /// The occasions on which it may be rated.
    pub ratings: BTreeMap<OpportunityId, RatingState>,
    /// The complaints about it.
    pub complaints: BTreeMap<ComplaintId, ComplaintState>,
    /// Its decision, once there is one.
    pub decision: Option<Decision>,
    /// Its certificate, once it was made out.
    pub certificate: Option<DocumentId>,
    /// When the certificate or the refusal was delivered.
    pub delivered_on: Option<Date>,
    /// How often it was opened again.
    pub reopened: u16,
    /// When it was opened again, the last time.
    pub reopened_on: Option<Date>,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits for the intake decision.
    Intake {
        /// Since when.
        since: Date,
        /// The last day for that decision.
        due_on: Option<Date>,
    },
    /// It waits for corrections.
    Correction {
        /// What was asked for.
        items: Vec<CorrectionItem>,
        /// Since when.
        served_on: Date,
        /// The applicant's last day.
        respond_by: Option<Date>,
        /// Whether that day has passed and was noted.
        lapsed: bool,
    },
    /// It was accepted, and its flow runs.
    Review,
    /// It was decided, and waits for delivery and completion.
    Decided {
        /// The last day for the certificate.
        delivery_due_on: Option<Date>,
    },
    /// It ended without a decision, or its decision was taken back.
    Ended {
        /// How.
        outcome: Outcome,
        /// When.
        on: Date,
    },
    /// Everything about it is done.
    Completed {
        /// When.
        on: Date,
        /// How it was decided; a history of another system may not say.
        outcome: Option<Outcome>,
    },
    /// Its file is in the archive.
    Archived {
        /// How it was decided.
        outcome: Option<Outcome>,
    },
}

impl Stage {
    /// The stage in a word, as screens and answers show it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Intake { .. } => "intake",
            Self::Correction { .. } => "awaiting_correction",
            Self::Review => "review",
            Self::Decided { .. } => "decided",
            Self::Ended { .. } => "ended",
            Self::Completed { .. } => "completed",
            Self::Archived { .. } => "archived",
        }
    }

    /// Whether somebody still has to do something before the case is decided or ends.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Intake { .. } | Self::Correction { .. } | Self::Review => true,
            Self::Decided { .. } | Self::Ended { .. } | Self::Completed { .. } | Self::Archived { .. } => {
                false
            }
        }
    }
}

/// How a case was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// From which day in law.
    pub effective_on: Date,
    /// Whether by silence.
    pub deemed: bool,
    /// Material still promised.
    pub gaps: BTreeSet<MaterialId>,
    /// Until when it is promised.
    pub gaps_due_on: Option<Date>,
}

/// The due dates of the decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecisionDue {
    /// The last day by law.
    pub statutory: Option<Date>,
    /// The last day of the promise.
    pub promised: Option<Date>,
}

/// A step that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepState {
    /// The parallel group it stands in directly.
    pub group: Option<BlockId>,
    /// Whose step it is.
    pub department: DepartmentId,
    /// The role it needs.
    pub role: Role,
    /// The form of window it needs.
    pub window: Option<WindowForm>,
    /// When it was reached, the first time.
    pub first_started_on: Date,
    /// When it was reached, the last time.
    pub started_on: Date,
    /// Its last day.
    pub due_on: Option<Date>,
    /// Who has it.
    pub holder: Option<PersonId>,
    /// How it was answered.
    pub answer: Option<StepAnswer>,
}

/// How a step was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepAnswer {
    /// By a person.
    Given {
        /// The opinion.
        opinion: Opinion,
        /// By whom.
        by: PersonId,
    },
    /// By silence, or a fault that counts as consent.
    Deemed {
        /// Why.
        ground: ConsentGround,
    },
    /// With the decision itself.
    Decided {
        /// By whom.
        by: PersonId,
    },
}

/// A parallel group that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupState {
    /// The department answerable for it.
    pub lead: DepartmentId,
    /// When it was opened, the last time.
    pub opened_on: Date,
    /// Its last day.
    pub due_on: Option<Date>,
    /// The members asked at its opening.
    pub members: Vec<Member>,
    /// The members that were shown to be notified.
    pub served: BTreeMap<StepId, Service>,
}

/// That a member was notified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// When.
    pub on: Date,
    /// The last day before its silence counts, where it does.
    pub silent_until: Option<Date>,
}

/// A file under way between two windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTransfer {
    /// Where it was.
    pub from: WindowId,
    /// Where it goes.
    pub to: WindowId,
}

/// A special procedure of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Special {
    /// Its kind.
    pub kind: SpecialKind,
    /// How long it is to take.
    pub announced: Term,
    /// Where it stands.
    pub status: SpecialStatus,
}

/// Where a special procedure stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecialStatus {
    /// Applied for.
    Requested,
    /// Approved.
    Approved {
        /// Whether its time is left out of the decision clocks.
        excluded: bool,
    },
    /// Not approved.
    Refused,
    /// Running.
    Running {
        /// Whether its time is left out of the decision clocks.
        excluded: bool,
        /// Since when.
        since: Date,
    },
    /// Over.
    Ended {
        /// Whether its time is left out of the decision clocks.
        excluded: bool,
        /// The first day; it still counts.
        since: Date,
        /// The last day; counting goes on the day after.
        until: Date,
    },
}

impl SpecialStatus {
    /// The status in a word, as answers show it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved { .. } => "approved",
            Self::Refused => "refused",
            Self::Running { .. } => "running",
            Self::Ended { .. } => "ended",
        }
    }
}

/// A light as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldLight {
    /// The light.
    pub light: Light,
    /// The due date by which it was judged: with another one, the clock is judged anew.
    pub due_on: Date,
}

/// A time over which the decision clocks stood still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Why.
    pub ground: SuspensionGround,
    /// The day it began; it still counts.
    pub since: Date,
    /// The day it ended, once it has; counting goes on the day after.
    pub until: Option<Date>,
}

/// A fee of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeeState {
    /// What is owed, in fen (1/100 yuan).
    pub owed_fen: u64,
    /// What was paid.
    pub paid_fen: u64,
    /// What was paid back.
    pub refunded_fen: u64,
    /// Whether it was waived.
    pub waived: bool,
}

impl FeeState {
    /// Whether nothing is owed any more.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.waived || self.paid_fen >= self.owed_fen
    }
}

/// An occasion for a rating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingState {
    /// Whose work it was.
    pub staff: Option<PersonId>,
    /// Of which department.
    pub department: DepartmentId,
    /// The last day for a rating.
    pub closes_on: Date,
    /// The rating, once there is one.
    pub level: Option<Satisfaction>,
    /// Whether the rating does not count.
    pub invalid: bool,
    /// Who has to put it right.
    pub assigned_to: Option<PersonId>,
    /// The last day for that.
    pub rectify_by: Option<Date>,
    /// When it was put right.
    pub rectified_on: Option<Date>,
    /// Whether the applicant has judged that.
    pub rectification_rated: bool,
}

/// A complaint about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintState {
    /// The department it is about, where it names one.
    pub department: Option<DepartmentId>,
    /// Whether it was answered.
    pub answered: bool,
}

/// How a case was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// How.
    pub outcome: Outcome,
    /// By a person; silence decides without a verdict.
    pub verdict: Option<Verdict>,
    /// When.
    pub on: Date,
}

impl Case {
    /// The times over which the decision clocks are paused: suspensions, and special procedures whose time is left out.
    #[must_use]
    pub fn pauses(&self) -> Vec<Pause> {
        let suspensions = self.suspensions.iter().map(|suspension| Pause {
            since: suspension.since,
            until: suspension.until,
            ground: Some(suspension.ground),
        });
        let specials = self.specials.values().filter_map(|special| {
            let (since, until) = match special.status {
                SpecialStatus::Running {
                    excluded: true,
                    since,
                } => (since, None),
                SpecialStatus::Ended {
                    excluded: true,
                    since,
                    until,
                } => (since, Some(until)),
                SpecialStatus::Requested
                | SpecialStatus::Approved { .. }
                | SpecialStatus::Refused
                | SpecialStatus::Running { excluded: false, .. }
                | SpecialStatus::Ended { excluded: false, .. } => return None,
            };
            Some(Pause {
                since,
                until,
                ground: None,
            })
        });
        suspensions.chain(specials).collect()
    }

    /// Whether the decision clocks stand still: a suspension or an excluded special procedure runs.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.suspensions
            .iter()
            .any(|suspension| suspension.until.is_none())
            || self
                .specials
                .values()
                .any(|special| matches!(special.status, SpecialStatus::Running { excluded: true, .. }))
    }

    /// How the case was decided or ended, once it was.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.stage {
            Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review => None,
            Stage::Decided { .. } => self.decision.as_ref().map(|decision| decision.outcome),
            Stage::Ended { outcome, .. } => Some(*outcome),
            Stage::Completed { outcome, .. } | Stage::Archived { outcome } => *outcome,
        }
    }

    /// Who answered a step last, where a person did.
    #[must_use]
    pub fn answered_by(&self, step: &StepId) -> Option<&PersonId> {
        match self.steps.get(step)?.answer.as_ref()? {
            StepAnswer::Given { by, .. } | StepAnswer::Decided { by } => Some(by),
            StepAnswer::Deemed { .. } => None,
        }
    }
}
