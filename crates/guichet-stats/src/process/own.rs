//! What the events of cases that were handled here are as activities: what somebody did for the case, in the words of the
//! trade. What the engine notes for itself, and what people say about a case afterwards, is none.

use guichet_core::actor::{Actor, Role};
use guichet_core::case::CaseEvent;
use guichet_core::id::{PersonId, StepId, WindowId};
use guichet_core::time::Date;

/// An activity of an event: its kind without `case.`, with the step where there is one, and who it was apart from the
/// actor of the record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Act<'e> {
    pub(super) step: Option<&'e StepId>,
    pub(super) by: Option<&'e PersonId>,
    pub(super) window: Option<&'e WindowId>,
}

impl<'e> Act<'e> {
    const PLAIN: Self = Self {
        step: None,
        by: None,
        window: None,
    };

    const fn of(step: &'e StepId, by: &'e PersonId) -> Self {
        Self {
            step: Some(step),
            by: Some(by),
            window: None,
        }
    }

    const fn at(window: &'e WindowId) -> Self {
        Self {
            step: None,
            by: None,
            window: Some(window),
        }
    }

    const fn step(step: &'e StepId) -> Self {
        Self {
            step: Some(step),
            by: None,
            window: None,
        }
    }
}

/// The activity that an event is, if it is one.
pub(super) fn act(event: &CaseEvent) -> Option<Act<'_>> {
    Some(match event {
        CaseEvent::StepOpinionGiven(e) => Act::of(&e.step, &e.by),
        CaseEvent::MemberOpinionGiven(e) => Act::of(&e.member, &e.by),
        CaseEvent::MemberConsentDeemed(e) => Act::step(&e.member),
        CaseEvent::StepSentBack(e) => Act::step(&e.from),
        CaseEvent::StepDelegated(e) => Act::of(&e.step, &e.to),
        CaseEvent::DecisionMade(e) => Act {
            by: Some(&e.by),
            ..Act::PLAIN
        },
        CaseEvent::TransferConfirmed(e) => Act::at(&e.window),
        CaseEvent::TransferReturned(e) => Act::at(&e.window),
        CaseEvent::CaseSubmitted(_)
        | CaseEvent::CorrectionRequested(_)
        | CaseEvent::CorrectionSubmitted(_)
        | CaseEvent::MaterialSupplied(_)
        | CaseEvent::CaseAccepted(_)
        | CaseEvent::AcceptanceDeemed(_)
        | CaseEvent::AcceptanceRefused(_)
        | CaseEvent::NoLicenceNeeded(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::DissentResolved(_)
        | CaseEvent::SpecialProcedureRequested(_)
        | CaseEvent::SpecialProcedureApproved(_)
        | CaseEvent::SpecialProcedureRefused(_)
        | CaseEvent::SpecialProcedureStarted(_)
        | CaseEvent::SpecialProcedureEnded(_)
        | CaseEvent::ClockSuspended(_)
        | CaseEvent::ClockResumed(_)
        | CaseEvent::ExtensionRequested(_)
        | CaseEvent::ExtensionGranted(_)
        | CaseEvent::ExtensionRefused(_)
        | CaseEvent::ExtensionRevoked(_)
        | CaseEvent::FeeNotified(_)
        | CaseEvent::FeePaid(_)
        | CaseEvent::FeeWaived(_)
        | CaseEvent::FeeRefunded(_)
        | CaseEvent::DecisionDeemed(_)
        | CaseEvent::CertificateIssued(_)
        | CaseEvent::CertificateDelivered(_)
        | CaseEvent::CaseCompleted(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::CaseTerminated(_)
        | CaseEvent::DecisionRevoked(_)
        | CaseEvent::CaseReopened(_) => Act::PLAIN,
        CaseEvent::PreCheckRecorded(_)
        | CaseEvent::CorrectionLapsed(_)
        | CaseEvent::StepStarted(_)
        | CaseEvent::StepClaimed(_)
        | CaseEvent::StepReleased(_)
        | CaseEvent::BlockSkipped(_)
        | CaseEvent::BranchChosen(_)
        | CaseEvent::ParallelOpened(_)
        | CaseEvent::ServiceProved(_)
        | CaseEvent::BranchArrived(_)
        | CaseEvent::BranchAdded(_)
        | CaseEvent::BranchRemoved(_)
        | CaseEvent::ParallelClosed(_)
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
        | CaseEvent::ProcedureMigrated(_)
        | CaseEvent::DueDateAnnounced(_)
        | CaseEvent::LightTurned(_)
        | CaseEvent::StepRecorded(_) => return None,
    })
}

/// Whether the actor is one of those who work on cases: not the applicant, and not the engine.
pub(super) const fn works(actor: &Actor) -> bool {
    match actor.role {
        Role::Clerk
        | Role::Handler
        | Role::Reviewer
        | Role::Approver
        | Role::AuthorityHead
        | Role::GovernmentHead
        | Role::Cashier
        | Role::Supervisor
        | Role::Director
        | Role::Agent => true,
        Role::Applicant | Role::Timekeeper | Role::Importer => false,
    }
}

/// What an event changes in the times by which a case is measured.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    None,
    /// The last days by law and by promise.
    Due(Option<Date>, Option<Date>),
    /// It is decided, or ends without a decision; after a decision the last days are as they were then.
    End(Option<(Option<Date>, Option<Date>)>),
    /// It goes on after its end.
    GoesOn(Option<Date>, Option<Date>),
}

/// What an event changes in the times by which a case is measured.
pub(super) fn change(event: &CaseEvent) -> Change {
    match event {
        CaseEvent::CaseAccepted(e) => Change::Due(e.statutory_due_on, e.promised_due_on),
        CaseEvent::AcceptanceDeemed(e) => Change::Due(e.statutory_due_on, e.promised_due_on),
        CaseEvent::ClockResumed(e) => Change::Due(e.statutory_due_on, e.promised_due_on),
        CaseEvent::ExtensionGranted(e) => Change::Due(e.statutory_due_on, e.promised_due_on),
        CaseEvent::ExtensionRevoked(e) => Change::Due(e.statutory_due_on, e.promised_due_on),
        CaseEvent::ProcedureMigrated(e) => Change::Due(e.statutory_due_on, e.promised_due_on),
        CaseEvent::DecisionMade(e) => Change::End(Some((e.statutory_due_on, e.promised_due_on))),
        CaseEvent::DecisionDeemed(_)
        | CaseEvent::AcceptanceRefused(_)
        | CaseEvent::NoLicenceNeeded(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::CaseTerminated(_) => Change::End(None),
        CaseEvent::CaseReopened(e) => Change::GoesOn(e.statutory_due_on, e.promised_due_on),
        CaseEvent::PreCheckRecorded(_)
        | CaseEvent::CaseSubmitted(_)
        | CaseEvent::CorrectionRequested(_)
        | CaseEvent::CorrectionSubmitted(_)
        | CaseEvent::CorrectionLapsed(_)
        | CaseEvent::MaterialSupplied(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::TransferConfirmed(_)
        | CaseEvent::TransferReturned(_)
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
        | CaseEvent::MemberConsentDeemed(_)
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
        | CaseEvent::CaseCompleted(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::DecisionRevoked(_)
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
        | CaseEvent::StepRecorded(_) => Change::None,
    }
}
