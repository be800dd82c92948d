//! Facts: one row a case, folded from its events. Statistics are sums over such rows, and lists show them.

use std::collections::BTreeMap;

use guichet_core::case::CaseEvent;
use guichet_core::case::event::{CaseSubmitted, Outcome};
use guichet_core::condition::Fact;
use guichet_core::id::{CaseId, DepartmentId, ProcedureId, Version, WindowId};
use guichet_core::procedure::DecisionSilence;
use guichet_core::time::{Date, Timestamp};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};

use crate::timeliness::{Measured, Timely};

/// The fact under which an imported source says when a case ended, as an instant.
pub const ENDED: &str = "ended";
/// The fact under which an imported source says when a case should have ended, as an instant.
pub const DEADLINE: &str = "deadline";

/// Where a case stands: the stage, without what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It waits for the intake decision.
    Intake,
    /// It waits for corrections.
    AwaitingCorrection,
    /// It was accepted, and its flow runs.
    Review,
    /// It was decided, and waits for delivery and completion.
    Decided,
    /// It ended without a decision, or its decision was taken back.
    Ended,
    /// Everything about it is done.
    Completed,
    /// Its file is in the archive.
    Archived,
}

impl Standing {
    /// Every one, in the order of a case's life.
    pub const ALL: &'static [Self] = &[
        Self::Intake,
        Self::AwaitingCorrection,
        Self::Review,
        Self::Decided,
        Self::Ended,
        Self::Completed,
        Self::Archived,
    ];

    /// The word that answers and screens use for the stage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::AwaitingCorrection => "awaiting_correction",
            Self::Review => "review",
            Self::Decided => "decided",
            Self::Ended => "ended",
            Self::Completed => "completed",
            Self::Archived => "archived",
        }
    }

    /// Whether somebody still has to do something before the case is decided or ends.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Intake | Self::AwaitingCorrection | Self::Review => true,
            Self::Decided | Self::Ended | Self::Completed | Self::Archived => false,
        }
    }
}

/// One case, as far as it is counted or listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFact {
    /// Its procedure.
    pub procedure: ProcedureId,
    /// The version it keeps to.
    pub version: Version,
    /// The department that answers for it.
    pub department: DepartmentId,
    /// The window that has the file.
    pub window: Option<WindowId>,
    /// The day of receipt in law.
    pub received_on: Date,
    /// From which day it counts as accepted, once it does.
    pub accepted_on: Option<Date>,
    /// Whether it was accepted by silence.
    pub deemed_acceptance: bool,
    /// How many members of its parallel groups count as having consented.
    pub deemed_consents: u32,
    /// Where it stands.
    pub standing: Standing,
    /// How it was decided or ended.
    pub outcome: Option<Outcome>,
    /// The day of that.
    pub ended_on: Option<Date>,
    /// The last day of the decision by law, as last recorded.
    pub statutory_due_on: Option<Date>,
    /// The last day of the promise, as last recorded.
    pub promised_due_on: Option<Date>,
    /// How its decision stands to its terms.
    pub timely: Option<Timely>,
    /// How its end stands to its deadline, both as an imported source gives them.
    pub timely_by_source: Option<Timely>,
    /// How many records it has.
    pub records: u64,
    /// When something happened to it last.
    pub last_occurred_at: Timestamp,
}

impl CaseFact {
    fn submitted(event: &CaseSubmitted, recorded: &Recorded) -> Self {
        Self {
            procedure: event.procedure.clone(),
            version: event.version,
            department: event.department.clone(),
            window: event.window.clone(),
            received_on: event.received_on,
            accepted_on: None,
            deemed_acceptance: false,
            deemed_consents: 0,
            standing: Standing::Intake,
            outcome: None,
            ended_on: None,
            statutory_due_on: None,
            promised_due_on: None,
            timely: None,
            timely_by_source: by_source(event),
            records: 0,
            last_occurred_at: recorded.occurred_at,
        }
    }

    /// Whether it was decided on its merits, and that decision stands.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.outcome.is_some_and(Outcome::is_decision)
    }

    /// How it stands to its terms: by its decision, or else by what an imported source says. Nothing where it was not
    /// decided, had no term, or its decision does not stand.
    #[must_use]
    pub fn measured(&self) -> Option<Measured> {
        let by_decision = self
            .timely
            .filter(|_| self.is_decided())
            .map(Measured::ByDecision);
        by_decision.or_else(|| self.timely_by_source.map(Measured::BySource))
    }

    /// The last day that the case is measured by: of the promise, or else by law.
    #[must_use]
    pub fn due_on(&self) -> Option<Date> {
        self.promised_due_on.or(self.statutory_due_on)
    }

    fn due(&mut self, statutory: Option<Date>, promised: Option<Date>) {
        self.statutory_due_on = statutory;
        self.promised_due_on = promised;
    }

    fn end(&mut self, standing: Standing, outcome: Outcome, on: Date) {
        self.standing = standing;
        self.outcome = Some(outcome);
        self.ended_on = Some(on);
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm an event, and every event named: the compiler asks about new ones"
    )]
    fn apply(&mut self, event: &CaseEvent) {
        match event {
            CaseEvent::CorrectionRequested(_) => self.standing = Standing::AwaitingCorrection,
            CaseEvent::CorrectionSubmitted(e) => {
                if e.complete {
                    self.standing = Standing::Intake;
                }
            }
            CaseEvent::CaseAccepted(e) => {
                self.standing = Standing::Review;
                self.accepted_on = Some(e.effective_on);
                self.due(e.statutory_due_on, e.promised_due_on);
            }
            CaseEvent::AcceptanceDeemed(e) => {
                self.standing = Standing::Review;
                self.accepted_on = Some(e.effective_on);
                self.deemed_acceptance = true;
                self.due(e.statutory_due_on, e.promised_due_on);
            }
            CaseEvent::AcceptanceRefused(e) => self.end(Standing::Ended, Outcome::NotAccepted, e.refused_on),
            CaseEvent::NoLicenceNeeded(e) => {
                self.end(Standing::Ended, Outcome::NoLicenceNeeded, e.declared_on);
            }
            CaseEvent::TransferConfirmed(e) => self.window = Some(e.window.clone()),
            CaseEvent::TransferReturned(e) => self.window = Some(e.window.clone()),
            CaseEvent::MemberConsentDeemed(_) => {
                self.deemed_consents = self.deemed_consents.saturating_add(1);
            }
            CaseEvent::ClockResumed(e) => self.due(e.statutory_due_on, e.promised_due_on),
            CaseEvent::ExtensionGranted(e) => self.due(e.statutory_due_on, e.promised_due_on),
            CaseEvent::ExtensionRevoked(e) => self.due(e.statutory_due_on, e.promised_due_on),
            CaseEvent::DecisionMade(e) => {
                self.end(Standing::Decided, e.verdict.into(), e.decided_on);
                self.due(e.statutory_due_on, e.promised_due_on);
                self.timely = Timely::of(e.timeliness);
            }
            CaseEvent::DecisionDeemed(e) => {
                let outcome = match e.effect {
                    DecisionSilence::Granted => Outcome::DeemedGranted,
                    DecisionSilence::Refused => Outcome::DeemedRefused,
                };
                self.end(Standing::Decided, outcome, e.lapsed_on);
                // Silence decides when the last day has passed: nobody answered inside the term.
                self.timely = Some(Timely::Illegal);
            }
            CaseEvent::CaseCompleted(_) => self.standing = Standing::Completed,
            CaseEvent::CaseArchived(_) => self.standing = Standing::Archived,
            CaseEvent::CaseWithdrawn(e) => self.end(Standing::Ended, Outcome::Withdrawn, e.withdrawn_on),
            CaseEvent::CaseTerminated(e) => {
                let outcome = if e.lapsed {
                    Outcome::Lapsed
                } else {
                    Outcome::Terminated
                };
                self.end(Standing::Ended, outcome, e.terminated_on);
            }
            CaseEvent::DecisionRevoked(e) => self.end(Standing::Ended, Outcome::Revoked, e.revoked_on),
            CaseEvent::CaseReopened(e) => {
                self.standing = Standing::Review;
                self.outcome = None;
                self.ended_on = None;
                self.timely = None;
                self.due(e.statutory_due_on, e.promised_due_on);
            }
            CaseEvent::ProcedureMigrated(e) => {
                self.version = e.to;
                self.due(e.statutory_due_on, e.promised_due_on);
            }
            // Nothing that is counted or listed here.
            CaseEvent::PreCheckRecorded(_)
            | CaseEvent::CaseSubmitted(_)
            | CaseEvent::CorrectionLapsed(_)
            | CaseEvent::MaterialSupplied(_)
            | CaseEvent::CaseTransferred(_)
            | CaseEvent::StepStarted(_)
            | CaseEvent::StepClaimed(_)
            | CaseEvent::StepReleased(_)
            | CaseEvent::StepDelegated(_)
            | CaseEvent::StepOpinionGiven(_)
            | CaseEvent::StepSentBack(_)
            | CaseEvent::BlockSkipped(_)
            | CaseEvent::BranchChosen(_)
            | CaseEvent::ParallelOpened(_)
            | CaseEvent::ServiceProved(_)
            | CaseEvent::MemberOpinionGiven(_)
            | CaseEvent::BranchArrived(_)
            | CaseEvent::BranchAdded(_)
            | CaseEvent::BranchRemoved(_)
            | CaseEvent::DissentResolved(_)
            | CaseEvent::ParallelClosed(_)
            | CaseEvent::SpecialProcedureRequested(_)
            | CaseEvent::SpecialProcedureApproved(_)
            | CaseEvent::SpecialProcedureRefused(_)
            | CaseEvent::SpecialProcedureStarted(_)
            | CaseEvent::SpecialProcedureEnded(_)
            | CaseEvent::ClockSuspended(_)
            | CaseEvent::ExtensionRequested(_)
            | CaseEvent::ExtensionRefused(_)
            | CaseEvent::FeeNotified(_)
            | CaseEvent::FeePaid(_)
            | CaseEvent::FeeWaived(_)
            | CaseEvent::FeeRefunded(_)
            | CaseEvent::CertificateIssued(_)
            | CaseEvent::CertificateDelivered(_)
            | CaseEvent::AgencyAppointed(_)
            | CaseEvent::AgencyLogged(_)
            | CaseEvent::AgencyEnded(_)
            | CaseEvent::GreenChannelMarked(_)
            | CaseEvent::RatingOffered(_)
            | CaseEvent::RatingGiven(_)
            | CaseEvent::RatingAppended(_)
            | CaseEvent::RatingInvalidated(_)
            | CaseEvent::BadRatingAssigned(_)
            | CaseEvent::CallbackMade(_)
            | CaseEvent::RectificationDone(_)
            | CaseEvent::RectificationRated(_)
            | CaseEvent::ComplaintReceived(_)
            | CaseEvent::ComplaintAnswered(_)
            | CaseEvent::PraiseReceived(_)
            | CaseEvent::RecordCorrected(_)
            | CaseEvent::DueDateAnnounced(_)
            | CaseEvent::LightTurned(_)
            | CaseEvent::StepRecorded(_) => {}
        }
    }
}

/// Two instants of an imported source, where it gives both.
fn by_source(event: &CaseSubmitted) -> Option<Timely> {
    let instant = |name| match event.facts.get(name)? {
        Fact::Text(text) => text.parse::<Timestamp>().ok(),
        Fact::Number(_) | Fact::Flag(_) => None,
    };
    let (ended, deadline) = (instant(ENDED)?, instant(DEADLINE)?);
    Some(if ended <= deadline {
        Timely::InTime
    } else {
        Timely::Overdue
    })
}

/// The rows of all cases.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    rows: BTreeMap<CaseId, CaseFact>,
}

impl Facts {
    /// The row of each case.
    #[must_use]
    pub const fn rows(&self) -> &BTreeMap<CaseId, CaseFact> {
        &self.rows
    }

    /// Takes in a record. Answers with the row that it changed: as it was, if it was there, and as it is.
    pub fn apply_to(&mut self, recorded: &Recorded) -> Option<(Option<CaseFact>, &CaseFact)> {
        let Event::Case(event) = &recorded.event else {
            return None;
        };
        let case = recorded.stream.case()?;
        let before = self.rows.get(&case).cloned();
        let row = match (event, self.rows.entry(case)) {
            (_, std::collections::btree_map::Entry::Occupied(row)) => row.into_mut(),
            (CaseEvent::CaseSubmitted(submitted), std::collections::btree_map::Entry::Vacant(row)) => {
                row.insert(CaseFact::submitted(submitted, recorded))
            }
            // Advice before an application is no case yet.
            (_, std::collections::btree_map::Entry::Vacant(_)) => return None,
        };
        row.apply(event);
        row.records = row.records.saturating_add(1);
        row.last_occurred_at = row.last_occurred_at.max(recorded.occurred_at);
        Some((before, row))
    }
}

impl Projection for Facts {
    type View = BTreeMap<CaseId, CaseFact>;

    fn apply(&mut self, recorded: &Recorded) {
        self.apply_to(recorded);
    }

    fn view(&self) -> Self::View {
        self.rows.clone()
    }
}
