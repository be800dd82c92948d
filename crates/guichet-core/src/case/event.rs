//! What happens to a case: facts in the past tense, each with the conclusion that was drawn and told to people.
//!
//! The vocabulary and its effect on the clocks is `docs/rules.md`. A dated field (`effective_on`, `served_on` …) says
//! when something was so in law; the record around the event says when it happened and when it was written down.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::condition::Facts;
use crate::flow::{GroupOutcome, Join, Step, Superseded, Taken};
use crate::id::{
    BlockId, ComplaintId, DepartmentId, DocumentId, FeeId, MaterialId, OpportunityId, PersonId, ProcedureId,
    Revision, SpecialProcedureId, StepId, Version, WindowId,
};
use crate::light::Light;
use crate::procedure::{DecisionSilence, RatingPoint, SpecialKind};
use crate::reference::WindowForm;
use crate::time::{Date, Term};

pub use super::codes::{
    Channel, ClockKind, ComplaintFinding, ConsentGround, Opinion, Outcome, RectificationLevel, Resolution,
    Satisfaction, SuspensionGround, Timeliness, Verdict,
};

/// What one item of a correction notice asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionItem {
    /// The material, by the id in the procedure's list or another one.
    pub material: MaterialId,
    /// What is wrong with it.
    pub defect: String,
}

/// One fee of a fee notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeItem {
    /// The fee.
    pub fee: FeeId,
    /// The amount in fen (1/100 yuan).
    pub amount_fen: u64,
}

/// One department asked in a parallel group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The branch of the group.
    pub branch: BlockId,
    /// Its department, where the branch is a single step.
    pub department: Option<DepartmentId>,
    /// Whether a *no* of it ends the group.
    pub veto: bool,
    /// Whether its silence may count as consent.
    pub silence_consents: bool,
}

/// Defines the events of a case: a struct each, and the enum over them.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $kind:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

            impl From<$name> for CaseEvent {
                fn from(event: $name) -> Self {
                    Self::$name(Box::new(event))
                }
            }

            impl $name {
                /// The kind under which this event is recorded.
                pub const KIND: &'static str = $kind;
            }
        )+

        /// One event of a case.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum CaseEvent {
            $($(#[$doc])* $name(Box<$name>),)+
        }

        impl CaseEvent {
            /// Every kind, in the order of this page.
            pub const KINDS: &'static [&'static str] = &[$($kind),+];

            /// The kind under which this event is recorded.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)+ }
            }
        }

        /// Calls a macro once with every event of a case as `Name = "kind"`, so that a list of them is written once.
        #[macro_export]
        macro_rules! for_each_case_event {
            ($callback:ident) => { $callback! { $($name = $kind,)+ } };
        }
    };
}

events! {
    /// Somebody was advised before applying (预审). Not yet a case in law; no clock runs.
    PreCheckRecorded = "case.pre_check_recorded" {
        /// Under which procedure.
        procedure: ProcedureId,
        /// What was advised, by reference.
        note: Option<DocumentId>,
    }

    /// An application was handed in (收件). The intake clock starts.
    CaseSubmitted = "case.submitted" {
        /// Under which procedure.
        procedure: ProcedureId,
        /// In which version; the case keeps to it.
        version: Version,
        /// The department that answers for it.
        department: DepartmentId,
        /// Who applies.
        applicant: PersonId,
        /// How it came.
        channel: Channel,
        /// The window that took it in, if one did.
        window: Option<WindowId>,
        /// What is known of the case.
        facts: Facts,
        /// The materials handed in.
        materials: BTreeSet<MaterialId>,
        /// The day of receipt in law.
        received_on: Date,
        /// The last day for the intake decision, where the procedure sets a term.
        intake_due_on: Option<Date>,
        /// An earlier case that this one takes up again.
        resubmits: Option<crate::id::CaseId>,
    }

    /// One notice of all that is missing or wrong was served (一次性告知). The intake clock stops, the applicant's runs.
    CorrectionRequested = "case.correction_requested" {
        /// The how manieth notice, from 1.
        notice: u16,
        /// All that is missing or wrong.
        items: Vec<CorrectionItem>,
        /// When it was served.
        served_on: Date,
        /// The last day for the applicant, where the procedure sets a term.
        respond_by: Option<Date>,
    }

    /// The applicant handed in corrections (补正). When they are complete, a new intake clock starts.
    CorrectionSubmitted = "case.correction_submitted" {
        /// What was handed in.
        materials: BTreeSet<MaterialId>,
        /// Whether all that was asked for is there now.
        complete: bool,
        /// The day of receipt in law.
        received_on: Date,
        /// The last day of the new intake clock.
        intake_due_on: Option<Date>,
    }

    /// The applicant let the term for a correction pass. Ending the case is still a person's act.
    CorrectionLapsed = "case.correction_lapsed" {
        /// The last day that would have been in time.
        lapsed_on: Date,
    }

    /// Material that was promised at acceptance came in.
    MaterialSupplied = "case.material_supplied" {
        /// What came in.
        materials: BTreeSet<MaterialId>,
        /// The day of receipt in law.
        received_on: Date,
    }

    /// The application was accepted (受理). The decision clocks start.
    CaseAccepted = "case.accepted" {
        /// From which day in law.
        effective_on: Date,
        /// Material still promised (容缺受理).
        gaps: BTreeSet<MaterialId>,
        /// Until when that material is promised.
        gaps_due_on: Option<Date>,
        /// The last day by law, as announced.
        statutory_due_on: Option<Date>,
        /// The last day of the promise, as announced.
        promised_due_on: Option<Date>,
    }

    /// The intake clock lapsed, and the application counts as accepted from the day it was received (视为受理).
    AcceptanceDeemed = "case.acceptance_deemed" {
        /// From which day in law: the day of receipt.
        effective_on: Date,
        /// The last day that would have been in time for an intake decision.
        lapsed_on: Date,
        /// The last day for the decision by law.
        statutory_due_on: Option<Date>,
        /// The last day of the promise.
        promised_due_on: Option<Date>,
    }

    /// The application was not taken in: outside the authority's competence (不予受理).
    AcceptanceRefused = "case.acceptance_refused" {
        /// When.
        refused_on: Date,
        /// Why.
        reasons: String,
        /// Where the applicant can turn to, as it was told.
        remedies: Option<String>,
    }

    /// Nothing needs to be licensed (不受理).
    NoLicenceNeeded = "case.no_licence_needed" {
        /// When that was said.
        declared_on: Date,
        /// Why.
        reasons: String,
    }

    /// The file was sent from one window to another. No clock stops.
    CaseTransferred = "case.transferred" {
        /// Where it was.
        from: WindowId,
        /// Where it goes.
        to: WindowId,
        /// For which department there, on that day.
        department: Option<DepartmentId>,
        /// Why.
        reason: String,
    }

    /// The receiving window signed for the file.
    TransferConfirmed = "case.transfer_confirmed" {
        /// The window that has it now.
        window: WindowId,
        /// Whether the sender signed for the receiver.
        on_behalf: bool,
    }

    /// The receiving window sent the file back.
    TransferReturned = "case.transfer_returned" {
        /// The window that has it again.
        window: WindowId,
        /// Why.
        reason: String,
    }

    /// A step was reached. Its clock starts.
    StepStarted = "case.step_started" {
        /// The step.
        step: StepId,
        /// The parallel group it stands in directly.
        group: Option<BlockId>,
        /// Whose step it is.
        department: DepartmentId,
        /// The role it needs.
        role: Role,
        /// The form of window it needs.
        window: Option<WindowForm>,
        /// The first day, which is not counted.
        started_on: Date,
        /// Its last day, where it has a term.
        due_on: Option<Date>,
    }

    /// Somebody took a step on.
    StepClaimed = "case.step_claimed" {
        /// The step.
        step: StepId,
        /// Who.
        by: PersonId,
    }

    /// Somebody gave a step back.
    StepReleased = "case.step_released" {
        /// The step.
        step: StepId,
        /// Who had it.
        by: PersonId,
        /// Why.
        reason: String,
    }

    /// A step was handed to another person.
    StepDelegated = "case.step_delegated" {
        /// The step.
        step: StepId,
        /// Who had it.
        from: PersonId,
        /// Who has it now.
        to: PersonId,
        /// Why.
        reason: String,
    }

    /// A step was answered, with an opinion and not only a name.
    StepOpinionGiven = "case.step_opinion_given" {
        /// The step.
        step: StepId,
        /// The opinion.
        opinion: Opinion,
        /// Its reasons.
        reasons: Option<String>,
        /// By whom.
        by: PersonId,
    }

    /// A case was sent back to an earlier step. What was done after it is void; the decision clocks run on.
    StepSentBack = "case.step_sent_back" {
        /// From which step.
        from: StepId,
        /// To which.
        to: StepId,
        /// Why.
        reason: String,
        /// What that makes void.
        superseded: Superseded,
    }

    /// An optional block was skipped.
    BlockSkipped = "case.block_skipped" {
        /// The block.
        block: BlockId,
        /// Why.
        reason: String,
        /// Its steps that were open.
        released: BTreeSet<StepId>,
    }

    /// A choice was made by the facts of the case.
    BranchChosen = "case.branch_chosen" {
        /// The choice.
        choice: BlockId,
        /// The side.
        taken: Taken,
    }

    /// A parallel group was opened (并联审批). Its clock and its members' start.
    ParallelOpened = "case.parallel_opened" {
        /// The group.
        group: BlockId,
        /// The department answerable for it.
        lead: DepartmentId,
        /// When it is done, as the flow writes it.
        join: Joined,
        /// The members asked.
        members: Vec<Member>,
        /// The first day, which is not counted.
        opened_on: Date,
        /// Its last day, where it has a term.
        due_on: Option<Date>,
    }

    /// It was shown that a member was notified and signed for it.
    ServiceProved = "case.service_proved" {
        /// The group.
        group: BlockId,
        /// The member, by its step.
        member: StepId,
        /// When it was served.
        served_on: Date,
        /// The proof.
        evidence: DocumentId,
        /// The last day before its silence counts, where the flow says that it does.
        silent_until: Option<Date>,
    }

    /// A member of a group answered. Its clock stops.
    MemberOpinionGiven = "case.member_opinion_given" {
        /// The group.
        group: BlockId,
        /// The member, by its step.
        member: StepId,
        /// The opinion.
        opinion: Opinion,
        /// Its reasons.
        reasons: Option<String>,
        /// By whom.
        by: PersonId,
    }

    /// A member counts as having consented. The liability stays with it.
    MemberConsentDeemed = "case.member_consent_deemed" {
        /// The group.
        group: BlockId,
        /// The member, by its step.
        member: StepId,
        /// Why.
        ground: ConsentGround,
        /// The last day on which it could have answered, or the day of the fault.
        lapsed_on: Date,
    }

    /// A branch joined the group.
    BranchArrived = "case.branch_arrived" {
        /// The group.
        group: BlockId,
        /// The branch.
        branch: BlockId,
        /// Whether with a reasoned disagreement.
        dissent: bool,
    }

    /// A branch was added to a group of this case.
    BranchAdded = "case.branch_added" {
        /// The group.
        group: BlockId,
        /// The branch: one step.
        branch: BlockId,
        /// The department asked.
        department: DepartmentId,
        /// Its term.
        term: Option<Term>,
        /// Whether it guards safety.
        safety: bool,
        /// Why.
        reason: String,
    }

    /// A branch was taken out of a group of this case.
    BranchRemoved = "case.branch_removed" {
        /// The group.
        group: BlockId,
        /// The branch.
        branch: BlockId,
        /// Its steps that were open.
        released: BTreeSet<StepId>,
        /// Why.
        reason: String,
    }

    /// The lead answered a reasoned disagreement.
    DissentResolved = "case.dissent_resolved" {
        /// The group.
        group: BlockId,
        /// How.
        resolution: Resolution,
        /// Why.
        reasons: String,
        /// Until when the member has to be told, where the lead went on.
        tell_by: Option<Date>,
    }

    /// A group ended. Its clock stops.
    ParallelClosed = "case.parallel_closed" {
        /// The group.
        group: BlockId,
        /// How.
        outcome: GroupOutcome,
        /// Steps that need not be done any more.
        released: BTreeSet<StepId>,
    }

    /// A special procedure (特别程序) was applied for.
    SpecialProcedureRequested = "case.special_procedure_requested" {
        /// Its id.
        special: SpecialProcedureId,
        /// Its kind.
        kind: SpecialKind,
        /// Its name, where the kind is another one.
        name: Option<String>,
        /// How long it is to take.
        announced: Term,
    }

    /// A special procedure was approved, and its length told to the applicant in writing.
    SpecialProcedureApproved = "case.special_procedure_approved" {
        /// Its id.
        special: SpecialProcedureId,
        /// Whether its time is left out of the decision clocks.
        excluded: bool,
        /// The written notice.
        notice: Option<DocumentId>,
    }

    /// A special procedure was not approved.
    SpecialProcedureRefused = "case.special_procedure_refused" {
        /// Its id.
        special: SpecialProcedureId,
        /// Why.
        reasons: String,
    }

    /// A special procedure began.
    SpecialProcedureStarted = "case.special_procedure_started" {
        /// Its id.
        special: SpecialProcedureId,
        /// The first day; it still counts.
        started_on: Date,
        /// Its announced last day.
        due_on: Option<Date>,
    }

    /// A special procedure ended.
    SpecialProcedureEnded = "case.special_procedure_ended" {
        /// Its id.
        special: SpecialProcedureId,
        /// The last day; counting goes on the day after.
        ended_on: Date,
        /// What came of it, by reference.
        result: Option<DocumentId>,
    }

    /// The decision clocks were stopped on a lawful ground.
    ClockSuspended = "case.clock_suspended" {
        /// Why.
        ground: SuspensionGround,
        /// In words.
        reason: String,
        /// From which day; it still counts.
        suspended_on: Date,
        /// The written notice.
        notice: Option<DocumentId>,
    }

    /// The decision clocks went on.
    ClockResumed = "case.clock_resumed" {
        /// On which day; counting goes on the day after.
        resumed_on: Date,
        /// The last day for the decision by law, as it is now.
        statutory_due_on: Option<Date>,
        /// The last day of the promise, as it is now.
        promised_due_on: Option<Date>,
    }

    /// More time for the decision was asked for.
    ExtensionRequested = "case.extension_requested" {
        /// How much.
        by: Term,
        /// Why.
        reason: String,
    }

    /// More time for the decision was granted, and the applicant told why.
    ExtensionGranted = "case.extension_granted" {
        /// How much.
        by: Term,
        /// By whom.
        approver: PersonId,
        /// In which role.
        approver_role: Role,
        /// The reason told to the applicant.
        reason: String,
        /// The last day for the decision by law, as it is now.
        statutory_due_on: Option<Date>,
        /// The last day of the promise, as it is now.
        promised_due_on: Option<Date>,
    }

    /// More time for the decision was refused.
    ExtensionRefused = "case.extension_refused" {
        /// Why.
        reasons: String,
    }

    /// An extension was taken back.
    ExtensionRevoked = "case.extension_revoked" {
        /// Why.
        reasons: String,
        /// The last day for the decision by law, as it is now.
        statutory_due_on: Option<Date>,
        /// The last day of the promise, as it is now.
        promised_due_on: Option<Date>,
    }

    /// The applicant was told what to pay. No clock stops.
    FeeNotified = "case.fee_notified" {
        /// The fees, those of several departments together.
        fees: Vec<FeeItem>,
    }

    /// A fee was paid at the bank window.
    FeePaid = "case.fee_paid" {
        /// The fee.
        fee: FeeId,
        /// The amount in fen (1/100 yuan).
        amount_fen: u64,
        /// The bank's reference.
        bank_reference: String,
    }

    /// A fee was waived.
    FeeWaived = "case.fee_waived" {
        /// The fee.
        fee: FeeId,
        /// Why.
        reason: String,
    }

    /// A fee was paid back.
    FeeRefunded = "case.fee_refunded" {
        /// The fee.
        fee: FeeId,
        /// The amount in fen (1/100 yuan).
        amount_fen: u64,
        /// Why.
        reason: String,
    }

    /// The application was decided. The decision clocks stop, that of the delivery starts.
    DecisionMade = "case.decision_made" {
        /// How.
        verdict: Verdict,
        /// Why, as it was told.
        reasons: Option<String>,
        /// By whom.
        by: PersonId,
        /// The day of the decision.
        decided_on: Date,
        /// The step that it was, where the flow has one for it.
        step: Option<StepId>,
        /// Counted days from acceptance, in the unit of the promise or else of the statute.
        used: Option<Term>,
        /// How it stands to its terms.
        timeliness: Timeliness,
        /// The last day by law, as it was at the decision.
        statutory_due_on: Option<Date>,
        /// The last day of the promise, as it was at the decision.
        promised_due_on: Option<Date>,
        /// The last day for the certificate.
        delivery_due_on: Option<Date>,
    }

    /// The term for the decision passed, and the law says what that means.
    DecisionDeemed = "case.decision_deemed" {
        /// What it counts as.
        effect: DecisionSilence,
        /// The last day that would have been in time.
        lapsed_on: Date,
        /// The rule.
        source: String,
    }

    /// The certificate was made out.
    CertificateIssued = "case.certificate_issued" {
        /// The certificate, by reference.
        certificate: DocumentId,
    }

    /// The certificate, or the refusal, reached the applicant (送达).
    CertificateDelivered = "case.certificate_delivered" {
        /// When.
        delivered_on: Date,
        /// How.
        method: String,
    }

    /// Everything about the case is done (办完).
    CaseCompleted = "case.completed" {
        /// When.
        completed_on: Date,
    }

    /// The file went into the archive (归档).
    CaseArchived = "case.archived" {
        /// How long it is kept, as the archive's rule calls it.
        retention: String,
    }

    /// The applicant took the application back (撤回).
    CaseWithdrawn = "case.withdrawn" {
        /// When.
        withdrawn_on: Date,
        /// Why.
        reason: String,
    }

    /// The authority ended the case without a decision (终止).
    CaseTerminated = "case.terminated" {
        /// When.
        terminated_on: Date,
        /// Why.
        reason: String,
        /// Whether because a correction never came.
        lapsed: bool,
    }

    /// The authority took its decision back (撤销).
    DecisionRevoked = "case.decision_revoked" {
        /// When.
        revoked_on: Date,
        /// Why.
        reasons: String,
    }

    /// A case that had ended was opened again. Its decision clocks go on from its acceptance.
    CaseReopened = "case.reopened" {
        /// When.
        reopened_on: Date,
        /// Why.
        reason: String,
        /// The last day for the new decision by law.
        statutory_due_on: Option<Date>,
        /// The last day of the promise.
        promised_due_on: Option<Date>,
        /// The step at which it goes on.
        at: Option<StepId>,
        /// What that makes void.
        superseded: Superseded,
    }

    /// A case keeps to another version of its procedure from now on.
    ProcedureMigrated = "case.procedure_migrated" {
        /// The version so far.
        from: Version,
        /// The version from now on.
        to: Version,
        /// Why.
        reason: String,
        /// Steps that the new flow does not have, or that are void.
        superseded: BTreeSet<StepId>,
        /// The last day for the decision by law, as it is now.
        statutory_due_on: Option<Date>,
        /// The last day of the promise, as it is now.
        promised_due_on: Option<Date>,
    }

    /// An agent was appointed for the case (代办).
    AgencyAppointed = "case.agency_appointed" {
        /// Who.
        agent: PersonId,
        /// For what.
        scope: String,
    }

    /// The agent wrote down what was done (代办日志).
    AgencyLogged = "case.agency_logged" {
        /// Who.
        agent: PersonId,
        /// What was done.
        entry: String,
    }

    /// The agency ended.
    AgencyEnded = "case.agency_ended" {
        /// Who.
        agent: PersonId,
        /// Why.
        reason: String,
    }

    /// The case was put on the green channel (绿色通道).
    GreenChannelMarked = "case.green_channel_marked" {
        /// Why.
        reason: String,
    }

    /// The applicant may rate an encounter.
    RatingOffered = "case.rating_offered" {
        /// The occasion.
        opportunity: OpportunityId,
        /// The encounter.
        point: RatingPoint,
        /// Whose work it was.
        staff: Option<PersonId>,
        /// At which window.
        window: Option<WindowId>,
        /// Of which department.
        department: DepartmentId,
        /// The last day for a rating.
        closes_on: Date,
    }

    /// The applicant rated an encounter.
    RatingGiven = "case.rating_given" {
        /// The occasion.
        opportunity: OpportunityId,
        /// How.
        level: Satisfaction,
        /// In words, by reference.
        comment: Option<DocumentId>,
        /// The last day for putting a bad rating right.
        rectify_by: Option<Date>,
    }

    /// The applicant added to a rating. The first level stands.
    RatingAppended = "case.rating_appended" {
        /// The occasion.
        opportunity: OpportunityId,
        /// In words, by reference.
        comment: DocumentId,
    }

    /// A rating does not count: it was mistaken or malicious.
    RatingInvalidated = "case.rating_invalidated" {
        /// The occasion.
        opportunity: OpportunityId,
        /// Why.
        reasons: String,
        /// By whom: never somebody of the department that was rated.
        by: PersonId,
    }

    /// Somebody was given a bad rating to put right.
    BadRatingAssigned = "case.bad_rating_assigned" {
        /// The occasion.
        opportunity: OpportunityId,
        /// Who.
        to: PersonId,
    }

    /// The applicant was called back about a bad rating.
    CallbackMade = "case.callback_made" {
        /// The occasion.
        opportunity: OpportunityId,
        /// Whether the applicant was reached.
        reached: bool,
    }

    /// What a bad rating was about has been put right.
    RectificationDone = "case.rectification_done" {
        /// The occasion.
        opportunity: OpportunityId,
        /// What was done, by reference.
        report: DocumentId,
        /// When.
        done_on: Date,
    }

    /// The applicant judged what was done about a bad rating.
    RectificationRated = "case.rectification_rated" {
        /// The occasion.
        opportunity: OpportunityId,
        /// How.
        level: RectificationLevel,
    }

    /// Somebody complained about the case.
    ComplaintReceived = "case.complaint_received" {
        /// The complaint.
        complaint: ComplaintId,
        /// How it came: telephone, box, mailbox …
        channel: String,
        /// What it says, by reference.
        content: Option<DocumentId>,
        /// The department it is about.
        department: Option<DepartmentId>,
    }

    /// A complaint was answered.
    ComplaintAnswered = "case.complaint_answered" {
        /// The complaint.
        complaint: ComplaintId,
        /// What was found.
        finding: ComplaintFinding,
        /// The answer, by reference.
        answer: Option<DocumentId>,
    }

    /// Somebody praised the handling of the case: a letter, a banner.
    PraiseReceived = "case.praise_received" {
        /// How it came.
        channel: String,
        /// What it says, by reference.
        content: Option<DocumentId>,
    }

    /// An earlier record of this case was wrong. It stays as it is; from here on this counts.
    RecordCorrected = "case.record_corrected" {
        /// Which record.
        target: Revision,
        /// Which field of it.
        field: String,
        /// What it says.
        old: String,
        /// What it should have said.
        new: String,
        /// Why.
        reason: String,
    }

    /// A due date was told to the applicant.
    DueDateAnnounced = "case.due_date_announced" {
        /// Of which clock.
        clock: ClockKind,
        /// The date told.
        due_on: Date,
        /// On which paper.
        notice: Option<DocumentId>,
    }

    /// The light of a clock turned, because time had passed.
    LightTurned = "case.light_turned" {
        /// Of which clock.
        clock: ClockKind,
        /// Of which step or group, where the case has several clocks of that kind.
        of: Option<BlockId>,
        /// What it turned to.
        light: Light,
        /// The first day on which it showed that.
        turned_on: Date,
        /// The last day of the term, as it was counted then.
        due_on: Date,
    }

    /// Something was done that the flow does not know: a step of another system's history.
    StepRecorded = "case.step_recorded" {
        /// What was done, as that system called it.
        activity: String,
        /// By whom.
        by: Option<PersonId>,
        /// By which group of people.
        group: Option<String>,
        /// What else that system said.
        attributes: BTreeMap<String, String>,
    }
}

/// When a group is done, as its opening recorded it: `all`, `any`, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined(pub Join);

impl std::fmt::Display for Joined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Join::All => f.write_str("all"),
            Join::Any => f.write_str("any"),
            Join::Quorum(count) => write!(f, "{count}"),
        }
    }
}

impl Serialize for Joined {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Joined {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "all" => Ok(Self(Join::All)),
            "any" => Ok(Self(Join::Any)),
            count => count
                .parse()
                .map(|count| Self(Join::Quorum(count)))
                .map_err(serde::de::Error::custom),
        }
    }
}

impl BranchAdded {
    /// The branch as a step of the flow.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        let id = StepId::new(self.branch.as_str()).ok()?;
        let mut step = Step::new(id);
        step.department = Some(self.department.clone());
        step.term = self.term;
        step.safety = self.safety;
        Some(step)
    }
}

impl CaseEvent {
    /// The last day before the lapse that this event records, where it records one. In law it happened when that day
    /// ended, whenever it was written down.
    #[must_use]
    pub fn lapsed_on(&self) -> Option<Date> {
        if let Self::AcceptanceDeemed(event) = self {
            Some(event.lapsed_on)
        } else if let Self::CorrectionLapsed(event) = self {
            Some(event.lapsed_on)
        } else if let Self::DecisionDeemed(event) = self {
            Some(event.lapsed_on)
        } else if let Self::MemberConsentDeemed(event) = self {
            (event.ground == ConsentGround::Timeout).then_some(event.lapsed_on)
        } else if let Self::LightTurned(event) = self {
            Some(event.turned_on.plus_days(-1))
        } else {
            None
        }
    }
}
