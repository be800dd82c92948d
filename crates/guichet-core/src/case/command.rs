//! What may be asked of a case: commands in the imperative, each answered with events or with a rejection.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::case::event::{
    Channel, ClockKind, ComplaintFinding, ConsentGround, CorrectionItem, FeeItem, Opinion,
    RectificationLevel, Resolution, Satisfaction, SuspensionGround, Verdict,
};
use crate::condition::Facts;
use crate::id::{
    BlockId, CaseId, CommandId, ComplaintId, DepartmentId, DocumentId, FeeId, MaterialId, OpportunityId,
    PersonId, ProcedureId, Revision, SpecialProcedureId, StepId, Version, WindowId,
};
use crate::procedure::SpecialKind;
use crate::time::{Date, Term, Timestamp};

/// A command with everything around it: who asks, on which case, by which id, and when it was so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Its id: the same id gets the same answer, for ever.
    pub id: CommandId,
    /// The case.
    pub case: CaseId,
    /// Who asks.
    pub actor: Actor,
    /// The revision of the case's last record that the asker has seen, where a change since then must be noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Revision>,
    /// When it happened; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// The business date, where the law lets it differ from the day on which it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<Date>,
    /// The legal or organisational basis on which the actor acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// What is asked.
    #[serde(rename = "command")]
    pub ask: CaseCommand,
}

impl Command {
    /// A command of somebody on a case, happening now.
    #[must_use]
    pub const fn new(id: CommandId, case: CaseId, actor: Actor, ask: CaseCommand) -> Self {
        Self {
            id,
            case,
            actor,
            expected: None,
            occurred_at: None,
            effective_on: None,
            authority: None,
            ask,
        }
    }
}

/// Defines the commands on a case: one struct variant each, and their names.
macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident = $code:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })+) => {
        /// What may be asked of a case.
        ///
        /// JSON: an object with the command's name as its only key, such as `{"accept": {}}`.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub enum CaseCommand {
            $($(#[$doc])* #[serde(rename = $code)] $name { $($(#[$field_doc])* $field: $type,)* },)+
        }

        impl CaseCommand {
            /// Every command's name, in the order of this page.
            pub const NAMES: &'static [&'static str] = &[$($code),+];

            /// The command's name.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name { .. } => $code,)+ }
            }
        }
    };
}

commands! {
    /// Note that somebody was advised before applying.
    RecordPreCheck = "record_pre_check" {
        /// Under which procedure.
        procedure: ProcedureId,
        /// What was advised, by reference.
        #[serde(default)]
        note: Option<DocumentId>,
    }

    /// Hand an application in.
    Submit = "submit" {
        /// Under which procedure, in its newest version.
        procedure: ProcedureId,
        /// Who applies.
        applicant: PersonId,
        /// How it comes; at a window when absent.
        #[serde(default)]
        channel: Option<Channel>,
        /// What is known of the case.
        #[serde(default)]
        facts: Facts,
        /// The materials handed in.
        #[serde(default)]
        materials: BTreeSet<MaterialId>,
        /// An earlier case that this one takes up again.
        #[serde(default)]
        resubmits: Option<CaseId>,
    }

    /// Serve the one notice of all that is missing or wrong.
    RequestCorrection = "request_correction" {
        /// All that is missing or wrong.
        items: Vec<CorrectionItem>,
    }

    /// Hand corrections in.
    SubmitCorrection = "submit_correction" {
        /// The materials handed in.
        #[serde(default)]
        materials: BTreeSet<MaterialId>,
        /// Whether all that was asked for is there now.
        #[serde(default = "yes")]
        complete: bool,
    }

    /// Hand in material that was promised at acceptance.
    SupplyMaterial = "supply_material" {
        /// The materials handed in.
        materials: BTreeSet<MaterialId>,
    }

    /// Accept the application.
    Accept = "accept" {
        /// Until when missing material is promised, where the case is accepted with gaps.
        #[serde(default)]
        gaps_due_on: Option<Date>,
    }

    /// Refuse to take the application in: it is outside the authority's competence.
    RefuseAcceptance = "refuse_acceptance" {
        /// Why.
        reasons: String,
        /// Where the applicant can turn to.
        #[serde(default)]
        remedies: Option<String>,
    }

    /// Say that nothing needs to be licensed.
    DeclareNoLicenceNeeded = "declare_no_licence_needed" {
        /// Why.
        reasons: String,
    }

    /// Send the file to another window.
    Transfer = "transfer" {
        /// The window.
        to: WindowId,
        /// Why.
        reason: String,
    }

    /// Sign for a file that was sent.
    ConfirmTransfer = "confirm_transfer" {}

    /// Send back a file that was sent.
    ReturnTransfer = "return_transfer" {
        /// Why.
        reason: String,
    }

    /// Take a step on.
    Claim = "claim" {
        /// The step.
        step: StepId,
    }

    /// Give a step back.
    Release = "release" {
        /// The step.
        step: StepId,
        /// Why.
        reason: String,
    }

    /// Hand a step to another person.
    Delegate = "delegate" {
        /// The step.
        step: StepId,
        /// To whom.
        to: PersonId,
        /// Why.
        reason: String,
    }

    /// Answer a step.
    GiveOpinion = "give_opinion" {
        /// The step.
        step: StepId,
        /// The opinion.
        opinion: Opinion,
        /// Its reasons; a disagreement needs them.
        #[serde(default)]
        reasons: Option<String>,
    }

    /// Send the case back to an earlier step.
    SendBack = "send_back" {
        /// From which open step.
        from: StepId,
        /// To which step that was reached.
        to: StepId,
        /// Why.
        reason: String,
    }

    /// Skip an optional block.
    SkipBlock = "skip_block" {
        /// The block.
        block: BlockId,
        /// Why.
        reason: String,
    }

    /// Ask one more department in a group.
    AddBranch = "add_branch" {
        /// The group.
        group: BlockId,
        /// The name of the branch and of its step.
        branch: BlockId,
        /// The department.
        department: DepartmentId,
        /// Its term.
        #[serde(default)]
        term: Option<Term>,
        /// Whether it guards safety.
        #[serde(default)]
        safety: bool,
        /// Why.
        reason: String,
    }

    /// Take a branch out of a group.
    RemoveBranch = "remove_branch" {
        /// The group.
        group: BlockId,
        /// The branch.
        branch: BlockId,
        /// Why.
        reason: String,
    }

    /// Show that a member was notified and signed for it.
    ProveService = "prove_service" {
        /// The group.
        group: BlockId,
        /// The member, by its step.
        member: StepId,
        /// The proof.
        evidence: DocumentId,
    }

    /// Count a member as having consented, for another ground than silence.
    DeemConsent = "deem_consent" {
        /// The group.
        group: BlockId,
        /// The member, by its step.
        member: StepId,
        /// The ground.
        ground: ConsentGround,
    }

    /// Answer a reasoned disagreement, as the lead.
    ResolveDissent = "resolve_dissent" {
        /// The group.
        group: BlockId,
        /// How.
        resolution: Resolution,
        /// Why.
        reasons: String,
    }

    /// Apply for a special procedure.
    RequestSpecialProcedure = "request_special_procedure" {
        /// Its id.
        special: SpecialProcedureId,
        /// Its kind.
        kind: SpecialKind,
        /// Its name, where the kind is another one.
        #[serde(default)]
        name: Option<String>,
        /// How long it is to take.
        announced: Term,
    }

    /// Approve a special procedure.
    ApproveSpecialProcedure = "approve_special_procedure" {
        /// Its id.
        special: SpecialProcedureId,
        /// The written notice to the applicant.
        #[serde(default)]
        notice: Option<DocumentId>,
    }

    /// Refuse a special procedure.
    RefuseSpecialProcedure = "refuse_special_procedure" {
        /// Its id.
        special: SpecialProcedureId,
        /// Why.
        reasons: String,
    }

    /// Begin a special procedure.
    StartSpecialProcedure = "start_special_procedure" {
        /// Its id.
        special: SpecialProcedureId,
    }

    /// End a special procedure.
    EndSpecialProcedure = "end_special_procedure" {
        /// Its id.
        special: SpecialProcedureId,
        /// What came of it, by reference.
        #[serde(default)]
        result: Option<DocumentId>,
    }

    /// Stop the decision clocks on a lawful ground.
    Suspend = "suspend" {
        /// The ground.
        ground: SuspensionGround,
        /// In words.
        reason: String,
        /// The written notice.
        #[serde(default)]
        notice: Option<DocumentId>,
    }

    /// Let the decision clocks go on.
    Resume = "resume" {}

    /// Ask for more time for the decision.
    RequestExtension = "request_extension" {
        /// How much.
        by: Term,
        /// Why.
        reason: String,
    }

    /// Grant more time for the decision.
    GrantExtension = "grant_extension" {
        /// How much.
        by: Term,
        /// The reason told to the applicant.
        reason: String,
    }

    /// Refuse more time for the decision.
    RefuseExtension = "refuse_extension" {
        /// Why.
        reasons: String,
    }

    /// Take the last extension back.
    RevokeExtension = "revoke_extension" {
        /// Why.
        reasons: String,
    }

    /// Tell the applicant what to pay.
    NotifyFees = "notify_fees" {
        /// The fees.
        fees: Vec<FeeItem>,
    }

    /// Take a fee.
    PayFee = "pay_fee" {
        /// The fee.
        fee: FeeId,
        /// The amount in fen (1/100 yuan).
        amount_fen: u64,
        /// The bank's reference.
        bank_reference: String,
    }

    /// Waive a fee.
    WaiveFee = "waive_fee" {
        /// The fee.
        fee: FeeId,
        /// Why.
        reason: String,
    }

    /// Pay a fee back.
    RefundFee = "refund_fee" {
        /// The fee.
        fee: FeeId,
        /// The amount in fen (1/100 yuan).
        amount_fen: u64,
        /// Why.
        reason: String,
    }

    /// Decide the application.
    Decide = "decide" {
        /// How.
        verdict: Verdict,
        /// Why; a refusal needs it.
        #[serde(default)]
        reasons: Option<String>,
    }

    /// Make the certificate out.
    IssueCertificate = "issue_certificate" {
        /// The certificate, by reference.
        certificate: DocumentId,
    }

    /// Hand the certificate, or the refusal, to the applicant.
    Deliver = "deliver" {
        /// How.
        method: String,
    }

    /// Close the case: everything about it is done.
    Complete = "complete" {}

    /// Put the file into the archive.
    Archive = "archive" {
        /// How long it is kept, as the archive's rule calls it.
        retention: String,
    }

    /// Take the application back, as the applicant.
    Withdraw = "withdraw" {
        /// Why.
        reason: String,
    }

    /// End the case without a decision.
    Terminate = "terminate" {
        /// Why.
        reason: String,
    }

    /// Take the decision back.
    Revoke = "revoke" {
        /// Why.
        reasons: String,
    }

    /// Open a case that has ended again.
    Reopen = "reopen" {
        /// Why.
        reason: String,
        /// The step at which it goes on; where its flow stands when absent.
        #[serde(default)]
        at: Option<StepId>,
    }

    /// Let the case follow another version of its procedure.
    Migrate = "migrate" {
        /// The version.
        to: Version,
        /// Why.
        reason: String,
    }

    /// Appoint an agent.
    AppointAgent = "appoint_agent" {
        /// Who.
        agent: PersonId,
        /// For what.
        scope: String,
    }

    /// Write into the agency log.
    LogAgency = "log_agency" {
        /// What was done.
        entry: String,
    }

    /// End the agency.
    EndAgency = "end_agency" {
        /// Why.
        reason: String,
    }

    /// Put the case on the green channel.
    MarkGreenChannel = "mark_green_channel" {
        /// Why.
        reason: String,
    }

    /// Rate an encounter, as the applicant.
    Rate = "rate" {
        /// The occasion.
        opportunity: OpportunityId,
        /// How.
        level: Satisfaction,
        /// In words, by reference.
        #[serde(default)]
        comment: Option<DocumentId>,
    }

    /// Add to a rating.
    AppendRating = "append_rating" {
        /// The occasion.
        opportunity: OpportunityId,
        /// In words, by reference.
        comment: DocumentId,
    }

    /// Say that a rating does not count.
    InvalidateRating = "invalidate_rating" {
        /// The occasion.
        opportunity: OpportunityId,
        /// Why.
        reasons: String,
    }

    /// Give somebody a bad rating to put right.
    AssignBadRating = "assign_bad_rating" {
        /// The occasion.
        opportunity: OpportunityId,
        /// Who.
        to: PersonId,
    }

    /// Note a call back about a bad rating.
    RecordCallback = "record_callback" {
        /// The occasion.
        opportunity: OpportunityId,
        /// Whether the applicant was reached.
        reached: bool,
    }

    /// Note that what a bad rating was about has been put right.
    RecordRectification = "record_rectification" {
        /// The occasion.
        opportunity: OpportunityId,
        /// What was done, by reference.
        report: DocumentId,
    }

    /// Judge what was done about a bad rating, as the applicant.
    RateRectification = "rate_rectification" {
        /// The occasion.
        opportunity: OpportunityId,
        /// How.
        level: RectificationLevel,
    }

    /// Note a complaint.
    ReceiveComplaint = "receive_complaint" {
        /// Its id.
        complaint: ComplaintId,
        /// How it came.
        channel: String,
        /// What it says, by reference.
        #[serde(default)]
        content: Option<DocumentId>,
        /// The department it is about.
        #[serde(default)]
        department: Option<DepartmentId>,
    }

    /// Answer a complaint.
    AnswerComplaint = "answer_complaint" {
        /// Its id.
        complaint: ComplaintId,
        /// What was found.
        finding: ComplaintFinding,
        /// The answer, by reference.
        #[serde(default)]
        answer: Option<DocumentId>,
    }

    /// Note praise.
    ReceivePraise = "receive_praise" {
        /// How it came.
        channel: String,
        /// What it says, by reference.
        #[serde(default)]
        content: Option<DocumentId>,
    }

    /// Put an earlier record right.
    CorrectRecord = "correct_record" {
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

    /// Tell the applicant a due date.
    AnnounceDueDate = "announce_due_date" {
        /// Of which clock.
        clock: ClockKind,
        /// The date.
        due_on: Date,
        /// On which paper.
        #[serde(default)]
        notice: Option<DocumentId>,
    }

    /// Take over a step of another system's history.
    RecordStep = "record_step" {
        /// What was done, as that system called it.
        activity: String,
        /// By whom.
        #[serde(default)]
        by: Option<PersonId>,
        /// By which group of people.
        #[serde(default)]
        group: Option<String>,
        /// What else that system said.
        #[serde(default)]
        attributes: BTreeMap<String, String>,
    }

    /// Tell the case what time it is, as the timekeeper: what has lapsed is recorded, with the date on which it lapsed.
    NoteTime = "note_time" {}
}

const fn yes() -> bool {
    true
}
