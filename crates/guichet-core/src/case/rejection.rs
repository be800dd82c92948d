//! The rules' *no* to a command: an answer that states facts, ending the sentence "expected to …, but …".
//!
//! Where several rules say no, the first in the order of [`Precedence`] is told, so that the same command on the same
//! case is always refused for the same reason.

use std::collections::BTreeSet;

use crate::actor::Role;
use crate::calendar::CalendarError;
use crate::case::event::Outcome;
use crate::id::{
    BlockId, DepartmentId, FeeId, MaterialId, OpportunityId, PersonId, ProcedureId, SpecialProcedureId,
    StepId, Version, WindowId,
};
use crate::procedure::SpecialKind;
use crate::reference::WindowForm;
use crate::time::{Date, Term};

/// The order in which refusals are told: who, where, on which day, when in the case, on what, by whom, in which order, with
/// what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precedence {
    /// Who acts.
    Identity,
    /// At which window.
    Place,
    /// On which day: one that has come.
    Day,
    /// Where the case stands.
    Stage,
    /// What the command is about.
    Target,
    /// Whether this person may do it.
    Authority,
    /// Whether it is its turn.
    Order,
    /// What the command says.
    Content,
}

/// Why the rules say no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The directory does not know the person.
    #[error("the directory knows nobody as {person}")]
    UnknownPerson {
        /// Who.
        person: PersonId,
    },
    /// The person has left.
    #[error("{person} was on the staff until {until}")]
    NoLongerStaff {
        /// Who.
        person: PersonId,
        /// The last day.
        until: Date,
    },
    /// The person does not hold the role.
    #[error("{person} does not hold the role {role}")]
    RoleNotHeld {
        /// Who.
        person: PersonId,
        /// The role claimed.
        role: Role,
    },
    /// The role may not ask this.
    #[error("{role} may not do this; it takes {}", list(*.allowed))]
    RoleNotAllowed {
        /// The role.
        role: Role,
        /// The roles that may.
        allowed: &'static [Role],
    },
    /// The directory does not know the window.
    #[error("the directory knows no window {window}")]
    UnknownWindow {
        /// Which.
        window: WindowId,
    },
    /// It is done at a window.
    #[error("this is done at a window, and none was named")]
    WindowMissing,
    /// The person does not work at the window.
    #[error("{person} does not work at window {window}")]
    NotAtWindow {
        /// Who.
        person: PersonId,
        /// Where.
        window: WindowId,
    },
    /// The window does not serve the department on that day.
    #[error("window {window} does not serve {department} on {day}")]
    NotOnDuty {
        /// Where.
        window: WindowId,
        /// For whom.
        department: DepartmentId,
        /// When.
        day: Date,
    },

    /// There is no application yet.
    #[error("no application was handed in under this number")]
    NotSubmitted,
    /// There is one already.
    #[error("an application was handed in under this number on {received_on}")]
    AlreadySubmitted {
        /// When.
        received_on: Date,
    },
    /// The case stands elsewhere.
    #[error("the case stands at {stage}, and this needs {wanted}")]
    WrongStage {
        /// Where it stands.
        stage: &'static str,
        /// Where it would have to.
        wanted: &'static str,
    },
    /// The case has ended.
    #[error("the case ended on {on}: {outcome}")]
    Ended {
        /// How.
        outcome: Outcome,
        /// When.
        on: Date,
    },
    /// The file is under way.
    #[error("the file is on its way from window {from} to window {to}, and nobody has signed for it")]
    TransferPending {
        /// From where.
        from: WindowId,
        /// Where to.
        to: WindowId,
    },

    /// No such procedure was published.
    #[error("no procedure {procedure} was published")]
    UnknownProcedure {
        /// Which.
        procedure: ProcedureId,
    },
    /// No such version was published.
    #[error("procedure {procedure} has no version {version}")]
    UnknownVersion {
        /// Which procedure.
        procedure: ProcedureId,
        /// Which version.
        version: Version,
    },
    /// The procedure's calendar was not published.
    #[error("procedure {procedure} counts by a calendar that was not published")]
    UnknownCalendar {
        /// Which procedure.
        procedure: ProcedureId,
    },
    /// The department is not in the directory.
    #[error("the directory knows no department {department}")]
    UnknownDepartment {
        /// Which.
        department: DepartmentId,
    },
    /// The flow has no such step.
    #[error("the flow has no step {step}")]
    UnknownStep {
        /// Which.
        step: StepId,
    },
    /// The step is not open.
    #[error("step {step} is {}; open are {}", .found, list(.open))]
    StepNotOpen {
        /// Which.
        step: StepId,
        /// What it is.
        found: &'static str,
        /// What is open.
        open: BTreeSet<StepId>,
    },
    /// The step is the decision itself.
    #[error("step {step} is the decision itself, which takes the command decide")]
    StepDecides {
        /// Which.
        step: StepId,
    },
    /// The case has no such open group.
    #[error("no parallel group {group} is open")]
    GroupNotOpen {
        /// Which.
        group: BlockId,
    },
    /// The group has no such branch or member.
    #[error("{branch} is no member of group {group}")]
    NotAMember {
        /// Which group.
        group: BlockId,
        /// Which branch or step.
        branch: String,
    },
    /// The name is taken.
    #[error("the flow already has a block {block}")]
    BlockExists {
        /// Which.
        block: BlockId,
    },
    /// The block cannot be skipped.
    #[error("no optional block {block} is open")]
    NotOptional {
        /// Which.
        block: BlockId,
    },
    /// The case has no such special procedure, or it stands elsewhere.
    #[error("special procedure {special} is {found}, and this needs one that is {wanted}")]
    SpecialElsewhere {
        /// Which.
        special: SpecialProcedureId,
        /// Where it stands.
        found: &'static str,
        /// Where it would have to.
        wanted: &'static str,
    },
    /// The case has no such occasion for a rating.
    #[error("the case has no occasion {opportunity} for a rating")]
    UnknownOpportunity {
        /// Which.
        opportunity: OpportunityId,
    },
    /// No such fee was told.
    #[error("no fee {fee} was told to the applicant")]
    UnknownFee {
        /// Which.
        fee: FeeId,
    },
    /// No such complaint waits.
    #[error("no complaint {complaint} waits for an answer")]
    UnknownComplaint {
        /// Which.
        complaint: crate::id::ComplaintId,
    },
    /// A complaint has that number already.
    #[error("a complaint {complaint} was received already")]
    ComplaintExists {
        /// Which.
        complaint: crate::id::ComplaintId,
    },
    /// The case has no agent.
    #[error("the case has no agent")]
    NoAgent,
    /// The case has no such record.
    #[error("the case has no record {target} yet")]
    UnknownRecord {
        /// Which.
        target: crate::id::Revision,
    },

    /// Another role is needed.
    #[error("it takes the role {needed}, and {given} acts")]
    WrongRole {
        /// The role needed.
        needed: Role,
        /// The role given.
        given: Role,
    },
    /// Another department is needed.
    #[error("{person} does not act for {department}")]
    WrongDepartment {
        /// Who.
        person: PersonId,
        /// The department needed.
        department: DepartmentId,
    },
    /// Whoever takes a step over must be able to do it.
    #[error("{person} does not hold the role {role}, which the step takes")]
    CannotReceive {
        /// Who would take it over.
        person: PersonId,
        /// The role it takes.
        role: Role,
    },
    /// Another form of window is needed.
    #[error("it takes a window of the form {needed}")]
    WrongWindowForm {
        /// The form needed.
        needed: WindowForm,
    },
    /// Somebody else has the step.
    #[error("{holder} has taken step {step} on")]
    HeldByAnother {
        /// Which.
        step: StepId,
        /// Who.
        holder: PersonId,
    },
    /// Somebody else has to put the bad rating right.
    #[error("{to} has to put right what occasion {opportunity} was rated for")]
    AssignedToAnother {
        /// Which.
        opportunity: OpportunityId,
        /// Who.
        to: PersonId,
    },
    /// Nobody has the step.
    #[error("{person} has not taken step {step} on")]
    NotHeld {
        /// Which.
        step: StepId,
        /// Who asks.
        person: PersonId,
    },
    /// Four eyes.
    #[error("{person} has done {other}, and {step} takes another pair of eyes")]
    SamePerson {
        /// Who.
        person: PersonId,
        /// What they do now.
        step: StepId,
        /// What they did before.
        other: StepId,
    },
    /// The file is elsewhere.
    #[error("the file is at window {at}")]
    FileElsewhere {
        /// Where.
        at: WindowId,
    },
    /// It takes the applicant, or the agent who acts for them.
    #[error("{person} is neither the applicant nor an agent who acts for them")]
    NotTheApplicant {
        /// Who asks.
        person: PersonId,
    },
    /// A rating or a complaint is judged by somebody of another department.
    #[error("{person} belongs to {department}, whose work this is about")]
    OwnDepartment {
        /// Who.
        person: PersonId,
        /// Which department.
        department: DepartmentId,
    },

    /// The date lies ahead.
    #[error("{given} lies after {today}")]
    InFuture {
        /// The date given.
        given: Date,
        /// The day on which it is asked.
        today: Date,
    },
    /// The date lies before what it follows from.
    #[error("{given} lies before {earliest}")]
    TooEarly {
        /// The date given.
        given: Date,
        /// The first one possible.
        earliest: Date,
    },
    /// A special procedure of that kind is open.
    #[error("a special procedure of the kind {kind} is open")]
    SpecialOpen {
        /// Which kind.
        kind: SpecialKind,
    },
    /// The clocks stand still.
    #[error("the decision clocks stand still since {since}")]
    AlreadySuspended {
        /// Since when.
        since: Date,
    },
    /// The clocks run.
    #[error("the decision clocks run")]
    NotSuspended,
    /// An extension waits for an answer.
    #[error("an extension by {by} waits for an answer")]
    ExtensionPending {
        /// By how much.
        by: Term,
    },
    /// No extension waits, or none stands.
    #[error("no extension {wanted}")]
    NoExtension {
        /// What one would have to do.
        wanted: &'static str,
    },
    /// No further extension is allowed.
    #[error("the extensions that the procedure allows are used up: {times}")]
    ExtensionsUsedUp {
        /// How many.
        times: u8,
    },
    /// The term has passed.
    #[error("the term ended on {due_on}")]
    TermOver {
        /// When.
        due_on: Date,
    },
    /// Something has to be done first.
    #[error("these steps are still open: {}", list(.steps))]
    StepsOpen {
        /// Which.
        steps: BTreeSet<StepId>,
    },
    /// A group said no.
    #[error("a parallel group refused, so the case can only be refused")]
    FlowRefused,
    /// There is no reasoned disagreement to answer.
    #[error("no member of group {group} disagreed with reasons")]
    NoDissent {
        /// Which group.
        group: BlockId,
    },
    /// The step was not done yet, so nothing can be sent back to it.
    #[error("step {step} was not done yet")]
    NotDone {
        /// Which.
        step: StepId,
    },
    /// Nobody would do the step again: its group has its answer from other branches.
    #[error(
        "step {step} would not be done again, because its group has its answer without that branch; name a step of a branch \
         that answered, or one before the group"
    )]
    NotAskedAgain {
        /// Which.
        step: StepId,
    },
    /// The case was never accepted.
    #[error("the case was never accepted")]
    NeverAccepted,
    /// There is no certificate yet.
    #[error("no certificate was made out")]
    NoCertificate,
    /// The certificate or refusal has not been delivered.
    #[error("nothing was delivered to the applicant yet")]
    NotDelivered,
    /// It was delivered already.
    #[error("it was delivered on {on}")]
    AlreadyDelivered {
        /// When.
        on: Date,
    },
    /// A fee is owed.
    #[error("fee {fee} is not settled")]
    Unpaid {
        /// Which.
        fee: FeeId,
    },
    /// The case has an agent.
    #[error("{agent} acts for the applicant already")]
    AgentAppointed {
        /// Who.
        agent: PersonId,
    },
    /// The occasion was used.
    #[error("the occasion {opportunity} was used: one visit, one rating")]
    AlreadyRated {
        /// Which.
        opportunity: OpportunityId,
    },
    /// The occasion is over.
    #[error("the occasion {opportunity} closed on {closed_on}")]
    RatingClosed {
        /// Which.
        opportunity: OpportunityId,
        /// When.
        closed_on: Date,
    },
    /// There is no valid rating that this could be about.
    #[error("the occasion {opportunity} has no valid {wanted}")]
    NoSuchRating {
        /// Which.
        opportunity: OpportunityId,
        /// What it would need.
        wanted: &'static str,
    },
    /// The case already follows that version.
    #[error("the case already follows version {version}")]
    SameVersion {
        /// Which.
        version: Version,
    },
    /// The branch was removed already, or has arrived.
    #[error("branch {branch} has arrived or was removed")]
    BranchSettled {
        /// Which.
        branch: BlockId,
    },

    /// A branch that guards safety stays.
    #[error("step {step} guards safety, and its branch stays in the group")]
    SafetyBranch {
        /// The step.
        step: StepId,
    },
    /// A group without anybody to answer would agree by itself.
    #[error("it is the last branch of group {group} that was asked")]
    LastBranch {
        /// Which group.
        group: BlockId,
    },

    /// It takes reasons.
    #[error("{what} needs reasons in words")]
    ReasonsMissing {
        /// What.
        what: &'static str,
    },
    /// A notice that asks for nothing.
    #[error("{what} names nothing")]
    NothingNamed {
        /// What.
        what: &'static str,
    },
    /// A text of a command is too long, or holds what cannot be stored.
    #[error("{field} has {bytes} bytes, and {max} is the most")]
    TextTooLong {
        /// Which.
        field: &'static str,
        /// How long.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// More of something than a case may hold.
    #[error("{what} would be {count}, and {max} is the most")]
    TooMany {
        /// What.
        what: &'static str,
        /// How many.
        count: usize,
        /// The bound.
        max: usize,
    },
    /// Required material is missing.
    #[error("required material is missing: {}", list(.materials))]
    MaterialsMissing {
        /// Which.
        materials: BTreeSet<MaterialId>,
    },
    /// Material that may not follow later is missing.
    #[error("the procedure does not let this material follow later: {}", list(.materials))]
    MayNotFollow {
        /// Which.
        materials: BTreeSet<MaterialId>,
    },
    /// Promised material has not come.
    #[error("promised material has not come: {}; grant it with gaps, or wait", list(.materials))]
    GapsOpen {
        /// Which.
        materials: BTreeSet<MaterialId>,
    },
    /// Nothing is missing.
    #[error("no promised material is missing")]
    NoGaps,
    /// The procedure allows no extension.
    #[error("the procedure allows no extension")]
    NotExtensible,
    /// More than the rule allows.
    #[error("{asked} is more than the {longest} that the rule allows")]
    TooLong {
        /// What was asked.
        asked: Term,
        /// The most.
        longest: Term,
    },
    /// The units differ.
    #[error("{asked} and {rule} have different units")]
    UnitDiffers {
        /// What was asked.
        asked: Term,
        /// What the rule says.
        rule: Term,
    },
    /// The procedure allows no special procedure of this kind.
    #[error("the procedure allows no special procedure of the kind {kind}")]
    SpecialNotAllowed {
        /// Which kind.
        kind: SpecialKind,
    },
    /// A special procedure of another kind needs a name.
    #[error("a special procedure of the kind other needs a name")]
    NameMissing,
    /// Silence never counts here.
    #[error("the flow does not let the silence of {member} count")]
    SilenceNotAllowed {
        /// Whose.
        member: StepId,
    },
    /// Silence does not count before service is shown.
    #[error("it was not shown that {member} was notified")]
    ServiceNotProved {
        /// Who.
        member: StepId,
    },
    /// The opinion does not fit the step.
    #[error("only a member of a parallel group can agree and forward; {step} is none")]
    NotForwardable {
        /// Which step.
        step: StepId,
    },
    /// The amount is not the one owed.
    #[error("{given_fen} fen were given, and {expected_fen} fen are {what}")]
    WrongAmount {
        /// The amount given.
        given_fen: u64,
        /// The amount expected.
        expected_fen: u64,
        /// What that amount is.
        what: &'static str,
    },
    /// A date could not be counted out.
    #[error("a due date cannot be counted: {0}")]
    Calendar(#[from] CalendarError),
}

impl Rejection {
    /// Its place in the order in which refusals are told.
    #[must_use]
    pub const fn precedence(&self) -> Precedence {
        match self {
            Self::UnknownPerson { .. }
            | Self::NoLongerStaff { .. }
            | Self::RoleNotHeld { .. }
            | Self::RoleNotAllowed { .. } => Precedence::Identity,
            Self::UnknownWindow { .. } | Self::WindowMissing | Self::NotAtWindow { .. } => Precedence::Place,
            Self::InFuture { .. } => Precedence::Day,
            Self::NotSubmitted
            | Self::AlreadySubmitted { .. }
            | Self::WrongStage { .. }
            | Self::Ended { .. }
            | Self::TransferPending { .. } => Precedence::Stage,
            Self::UnknownProcedure { .. }
            | Self::UnknownVersion { .. }
            | Self::NotExtensible
            | Self::StepDecides { .. }
            | Self::ComplaintExists { .. }
            | Self::UnknownDepartment { .. }
            | Self::UnknownStep { .. }
            | Self::StepNotOpen { .. }
            | Self::GroupNotOpen { .. }
            | Self::NotAMember { .. }
            | Self::BlockExists { .. }
            | Self::NotOptional { .. }
            | Self::SpecialElsewhere { .. }
            | Self::UnknownOpportunity { .. }
            | Self::UnknownFee { .. }
            | Self::UnknownComplaint { .. }
            | Self::NoAgent
            | Self::UnknownRecord { .. } => Precedence::Target,
            Self::WrongRole { .. }
            | Self::NotOnDuty { .. }
            | Self::CannotReceive { .. }
            | Self::WrongDepartment { .. }
            | Self::WrongWindowForm { .. }
            | Self::HeldByAnother { .. }
            | Self::AssignedToAnother { .. }
            | Self::NotHeld { .. }
            | Self::SamePerson { .. }
            | Self::FileElsewhere { .. }
            | Self::NotTheApplicant { .. }
            | Self::OwnDepartment { .. } => Precedence::Authority,
            Self::TooEarly { .. }
            | Self::SilenceNotAllowed { .. }
            | Self::ServiceNotProved { .. }
            | Self::SafetyBranch { .. }
            | Self::LastBranch { .. }
            | Self::SpecialOpen { .. }
            | Self::AlreadySuspended { .. }
            | Self::NotSuspended
            | Self::ExtensionPending { .. }
            | Self::NoExtension { .. }
            | Self::ExtensionsUsedUp { .. }
            | Self::TermOver { .. }
            | Self::StepsOpen { .. }
            | Self::FlowRefused
            | Self::NoDissent { .. }
            | Self::NotDone { .. }
            | Self::NotAskedAgain { .. }
            | Self::NeverAccepted
            | Self::NoCertificate
            | Self::NotDelivered
            | Self::AlreadyDelivered { .. }
            | Self::Unpaid { .. }
            | Self::AgentAppointed { .. }
            | Self::AlreadyRated { .. }
            | Self::RatingClosed { .. }
            | Self::NoSuchRating { .. }
            | Self::SameVersion { .. }
            | Self::BranchSettled { .. } => Precedence::Order,
            Self::ReasonsMissing { .. }
            | Self::NothingNamed { .. }
            | Self::TextTooLong { .. }
            | Self::TooMany { .. }
            | Self::MaterialsMissing { .. }
            | Self::MayNotFollow { .. }
            | Self::GapsOpen { .. }
            | Self::NoGaps
            | Self::TooLong { .. }
            | Self::UnitDiffers { .. }
            | Self::SpecialNotAllowed { .. }
            | Self::NameMissing
            | Self::NotForwardable { .. }
            | Self::WrongAmount { .. }
            | Self::UnknownCalendar { .. }
            | Self::Calendar(_) => Precedence::Content,
        }
    }

    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> String {
        // The variant's own name in snake case, so that the two never drift apart.
        let debug = format!("{self:?}");
        let name = debug
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let mut code = String::new();
        for (at, letter) in name.char_indices() {
            if letter.is_ascii_uppercase() && at > 0 {
                code.push('_');
            }
            code.push(letter.to_ascii_lowercase());
        }
        code
    }
}

fn list<T: std::fmt::Display>(things: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = things.into_iter().map(|thing| thing.to_string()).collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}
