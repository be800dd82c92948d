//! A finding: which rule, about whom, by which records, and the facts of it.

use std::collections::BTreeSet;

use guichet_core::actor::Role;
use guichet_core::case::event::{ClockKind, ConsentGround};
use guichet_core::id::{
    CaseId, DepartmentId, FeeId, MaterialId, OpportunityId, PersonId, Position, ProcedureId,
    SpecialProcedureId, StepId, Version, WindowId,
};
use guichet_core::procedure::{RatingPoint, SpecialKind};
use guichet_core::time::{Date, Term, Timestamp};
use guichet_stats::timing::DayUnit;
use serde::Serialize;

use super::rule::{RuleId, Severity};
use crate::verify::FindingKind;

/// The most positions that one finding names; beyond them it says how many there are.
pub const EVIDENCE_MAX: usize = 50;

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A case.
    Case(CaseId),
    /// A person, over many cases.
    Person(PersonId),
    /// A window, over many cases.
    Window(WindowId),
    /// A department, over many cases.
    Department(DepartmentId),
    /// The log itself.
    Log,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Case(case) => f.pad(case.as_str()),
            Self::Person(person) => f.pad(person.as_str()),
            Self::Window(window) => f.pad(window.as_str()),
            Self::Department(department) => f.pad(department.as_str()),
            Self::Log => f.pad("log"),
        }
    }
}

/// Where a finding belongs: by these it can be looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The item and its version.
    pub procedure: Option<(ProcedureId, Version)>,
    /// The department that answers for it.
    pub department: Option<DepartmentId>,
    /// The window.
    pub window: Option<WindowId>,
    /// The member of staff whose act it is.
    pub handler: Option<PersonId>,
    /// The agent of the case.
    pub agent: Option<PersonId>,
    /// The two windows that it lies between, the lesser id first.
    pub pair: Option<(WindowId, WindowId)>,
}

guichet_core::codes! {
    /// How an application was turned away.
    Refusal("refusal") {
        /// Not taken in.
        NotAccepted = "not_accepted",
        /// Said to need no licence.
        NoLicenceNeeded = "no_licence_needed",
        /// Refused.
        Refused = "refused",
    }
}

guichet_core::codes! {
    /// What happens to a case once.
    Milestone("milestone") {
        /// Acceptance.
        Accepted = "accepted",
        /// Decision.
        Decided = "decided",
        /// Completion.
        Completed = "completed",
    }
}

guichet_core::codes! {
    /// What begins and ends.
    Interval("interval") {
        /// The time of the applicant for a correction.
        Correction = "correction",
        /// A special procedure.
        Special = "special_procedure",
        /// A suspension.
        Suspension = "suspension",
    }
}

guichet_core::codes! {
    /// What a completed case should have.
    Piece("piece of a case") {
        /// The version of its item, published in this log.
        Procedure = "procedure",
        /// Its acceptance.
        Acceptance = "acceptance",
        /// Its decision.
        Decision = "decision",
        /// Its certificate.
        Certificate = "certificate",
        /// The delivery of it.
        Delivery = "delivery",
        /// An occasion for a rating.
        Rating = "rating",
        /// What its flow chooses by.
        Facts = "facts",
    }
}

guichet_core::codes! {
    /// Why somebody was out of place.
    OutOfPlace("ground") {
        /// Nobody of that id is on the staff.
        NotOnStaff = "not_on_staff",
        /// They had left.
        HasLeft = "has_left",
        /// They do not hold the role.
        RoleNotHeld = "role_not_held",
        /// No window has that id.
        UnknownWindow = "unknown_window",
        /// They do not work at that window on that day.
        NotAtWindow = "not_at_window",
    }
}

/// How far past a last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Over {
    /// The last day.
    pub due_on: Date,
    /// When it was done; as of when it was not, where it is still to be done.
    pub on: Date,
    /// How many days over.
    pub days: u32,
    /// In which days.
    pub unit: DayUnit,
    /// Whether it is still to be done.
    pub open: bool,
}

/// One fact of a finding, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each field is named for what it is; docs/findings.md has the table"
)]
pub enum Fact {
    /// A1
    DecisionLate { clock: ClockKind, over: Over },
    /// A2
    StepLate {
        step: String,
        group: bool,
        department: DepartmentId,
        over: Over,
        case_in_time: bool,
    },
    /// A3
    ForwardedLate { accepted_on: Date, over: Over },
    /// A4
    NoReasons { refusal: Refusal, reasons: String },
    /// A5
    TurnedAway {
        refusal: Refusal,
        on: Date,
        again: Option<CaseId>,
    },
    /// A5
    LeftLying { received_on: Date, over: Over },
    /// A6
    FeeNotListed { fee: FeeId, amount_fen: u64, paid: bool },
    /// A6
    FeeNotStandard {
        fee: FeeId,
        amount_fen: u64,
        standard_fen: u64,
        paid: bool,
    },
    /// A7
    NoOpinions { opinions: u32 },
    /// A7
    OutsideTheFlow { activity: String },
    /// A7
    EnteredByAnother { by: PersonId, entered_by: PersonId },
    /// A8
    Again {
        what: Milestone,
        first: Option<Position>,
    },
    /// A9
    NotClosed { what: Interval, name: Option<String> },
    /// A9
    TwoOpen { what: Interval, name: Option<String> },
    /// A9
    EndedWithoutStart { what: Interval, name: Option<String> },
    /// A10
    Incomplete {
        missing: BTreeSet<Piece>,
        facts: BTreeSet<String>,
    },
    /// A11
    EnteredLate {
        kind: &'static str,
        occurred_at: Timestamp,
        recorded_at: Timestamp,
        hours: u64,
    },
    /// B1
    AskedAgain { notice: u32 },
    /// B1
    AskedOnLastDay { due_on: Date, served_on: Date },
    /// B2
    MaterialNotListed { materials: BTreeSet<MaterialId> },
    /// B3
    MaterialMissing { materials: BTreeSet<MaterialId> },
    /// B4
    Backdated {
        kind: &'static str,
        effective_on: Date,
        recorded_on: Date,
        days: u32,
    },
    /// B4
    Burst { acts: u32, seconds: u64 },
    /// B5
    StartedLate {
        special: SpecialProcedureId,
        kind: SpecialKind,
        days_left: u32,
        due_on: Date,
    },
    /// B5
    TookLonger {
        special: SpecialProcedureId,
        kind: SpecialKind,
        announced: Term,
        over: Over,
    },
    /// B5
    NoNotice {
        special: SpecialProcedureId,
        kind: SpecialKind,
    },
    /// B5
    NoResult {
        special: SpecialProcedureId,
        kind: SpecialKind,
    },
    /// B5
    SpecialNotAllowed {
        special: SpecialProcedureId,
        kind: SpecialKind,
    },
    /// B5
    AnnouncedTooLong {
        special: SpecialProcedureId,
        kind: SpecialKind,
        announced: Term,
        longest: Term,
    },
    /// B6
    OftenSuspended {
        procedure: ProcedureId,
        cases: u64,
        excluded: u64,
        elapsed: u64,
        others_excluded: u64,
        others_elapsed: u64,
    },
    /// B7
    ToAndFro { a: WindowId, b: WindowId, times: u32 },
    /// B7
    TransferredOnLastDay {
        from: WindowId,
        to: WindowId,
        due_on: Date,
        on: Date,
    },
    /// B8
    OnePersonAlone { person: PersonId, roles: BTreeSet<Role> },
    /// B8
    FourEyesBroken {
        person: PersonId,
        step: StepId,
        other: StepId,
    },
    /// B9
    WrongLevel {
        approver: PersonId,
        role: Role,
        needed: Role,
    },
    /// B9
    LevelNotHeld { approver: PersonId, role: Role },
    /// B9
    ExtendedAfterTerm { due_on: Date, on: Date },
    /// B9
    ExtendedTooOften { times: u32, allowed: u32 },
    /// B9
    ExtendedTooLong { by: Term, longest: Term },
    /// B9
    NoExtensionAllowed { by: Term },
    /// B10
    DecidedAtOnce { seconds: u64 },
    /// B10
    LongAdvice { advised_on: Date, on: Date, days: u32 },
    /// B11
    WithdrawnAndBack {
        due_on: Date,
        withdrawn_on: Date,
        again: CaseId,
        again_on: Date,
    },
    /// B12
    NoProofOfService { member: StepId, ground: ConsentGround },
    /// B12
    MayNotConsent {
        member: StepId,
        ground: ConsentGround,
        safety: bool,
    },
    /// B12
    OftenSilent { deemed: u64, answers: u64 },
    /// B13
    MembersOpen { members: BTreeSet<String> },
    /// B13
    SpecialOpen {
        special: SpecialProcedureId,
        kind: SpecialKind,
    },
    /// B13
    WaivedAfterDecision { fee: FeeId, decided_on: Date, on: Date },
    /// B14
    DeliveredBeforeDecision {
        delivered_on: Date,
        decided_on: Option<Date>,
    },
    /// B14
    DeliveredLate { over: Over },
    /// B15
    ActedOutOfPlace {
        ground: OutOfPlace,
        role: Role,
        window: Option<WindowId>,
        first_on: Date,
        last_on: Date,
        records: u64,
        cases: u64,
    },
    /// B16
    RevisionGap { expected: u64, found: u64 },
    /// B16
    PositionGap { expected: u64, found: u64 },
    /// B16
    RecordedBackwards { before: Timestamp, after: Timestamp },
    /// B16
    OccurredAhead {
        occurred_at: Timestamp,
        recorded_at: Timestamp,
    },
    /// B16
    LogBroken { problem: FindingKind },
    /// B17
    AcceptedBySilence { received_on: Date, lapsed_on: Date },
    /// B18
    RatedBeforeTheEnd {
        opportunity: OpportunityId,
        point: Option<RatingPoint>,
    },
    /// B18
    RatedInBurst { ratings: u32, minutes: u32, on: Date },
    /// B18
    RatedByOne { cases: u32, on: Date },
    /// B18
    RatedByStaff {
        opportunity: OpportunityId,
        person: PersonId,
    },
    /// B18
    AllBest { offered: u64, given: u64, best: u64 },
    /// B18
    OnlySomeRated { given: u64, others: u64 },
    /// B18
    ChangedAfterCall { opportunity: OpportunityId, hours: u64 },
    /// B18
    LevelChanged { opportunity: OpportunityId },
    /// B18
    InvalidatedByTheRated {
        opportunity: OpportunityId,
        by: PersonId,
        department: DepartmentId,
    },
}

/// Something found out of order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that fired.
    pub rule: RuleId,
    /// How much it weighs.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The records that fired it, by position: first the one that it is named after, then the others in order.
    pub evidence: Vec<Position>,
    /// How many records there are; more than are named where there are too many.
    pub records: u64,
    /// The day of it.
    pub on: Date,
    /// Where it belongs.
    pub place: Place,
    /// What was found: one fact, or several that came with one record.
    pub facts: Vec<Fact>,
}

impl Finding {
    /// Its name, the same as long as the log says the same: rule, subject and the first record of its evidence.
    ///
    /// ```
    /// # use guichet_audit::findings::{Finding, Place, RuleId, Severity, Subject, Fact};
    /// # use guichet_core::{id::{CaseId, Position}, time::date};
    /// let finding = Finding {
    ///     rule: RuleId::B1,
    ///     severity: Severity::Warning,
    ///     subject: Subject::Case(CaseId::new("2010-000123")?),
    ///     evidence: vec![Position(4711), Position(4650)],
    ///     records: 2,
    ///     on: date(2010, 5, 14),
    ///     place: Place::default(),
    ///     facts: vec![Fact::AskedAgain { notice: 2 }],
    /// };
    /// assert_eq!(finding.id(), "B1:2010-000123@4711");
    /// # Ok::<(), guichet_core::id::IdError>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> String {
        let first = self.evidence.first().copied().unwrap_or_default();
        format!("{}:{}@{first}", self.rule, self.subject)
    }

    /// What findings are put in order by.
    pub(super) fn key(&self) -> (RuleId, &Subject, Position) {
        (
            self.rule,
            &self.subject,
            self.evidence.first().copied().unwrap_or_default(),
        )
    }
}
