//! A procedure (事项): the rule book of one kind of case, as its authority published it.
//!
//! A procedure is a document. It is stored and shown as it was published, and a case keeps to the version that was in
//! force when it was submitted.

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::code::codes;
use crate::condition::Condition;
use crate::flow::Block;
use crate::id::{CalendarId, DepartmentId, FeeId, MaterialId, PolicyId, ProcedureId, Version};
use crate::policy::Policy;
use crate::time::Term;

/// A name in the two languages of the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

codes! {
    /// The kind of item (办件类型), which decides how it is counted.
    ProcedureKind("kind of procedure") {
        /// Decided on the spot or on the same day (即办件).
        Immediate = "immediate",
        /// Decided within a promised term (承诺件).
        Promised = "promised",
        /// Examined here and sent up to a higher level (上报件).
        Forwarded = "forwarded",
        /// Handled by several departments together (联办件).
        Joint = "joint",
        /// A yearly inspection (年检).
        AnnualInspection = "annual_inspection",
        /// A history taken over from another system: it is recorded, not decided.
        Recorded = "recorded",
    }
}

codes! {
    /// A procedure outside the authority whose time may be left out of the clock.
    /// Source: Administrative License Law, art. 45.
    SpecialKind("kind of special procedure") {
        /// A hearing (听证).
        Hearing = "hearing",
        /// Bidding (招标).
        Bidding = "bidding",
        /// An auction (拍卖).
        Auction = "auction",
        /// An inspection (检验).
        Inspection = "inspection",
        /// Testing (检测).
        Testing = "testing",
        /// Quarantine (检疫).
        Quarantine = "quarantine",
        /// An appraisal (鉴定).
        Appraisal = "appraisal",
        /// A review by experts (专家评审).
        ExpertReview = "expert_review",
        /// A public notice (公示).
        PublicNotice = "public_notice",
        /// Another one, which must carry a name.
        Other = "other",
    }
}

codes! {
    /// What silence means once a term for the decision has passed.
    DecisionSilence("effect of silence") {
        /// The application counts as granted (视为准予).
        Granted = "granted",
        /// The application counts as refused.
        Refused = "refused",
    }
}

codes! {
    /// An encounter after which the applicant may rate the service.
    RatingPoint("rating point") {
        /// When the application is handed in.
        Submission = "submission",
        /// When missing material is handed in.
        Correction = "correction",
        /// When the decision is told.
        Decision = "decision",
        /// When the certificate is collected.
        Collection = "collection",
    }
}

/// A required document, as the procedure lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Its id, unique in the procedure.
    pub id: MaterialId,
    /// Its name.
    pub name: Names,
    /// Whether acceptance needs it; where `when` is written, only for the cases it holds for.
    #[serde(default = "yes")]
    pub required: bool,
    /// For which cases it is asked for; for all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Whether a case may be accepted while it is still missing, against a promise (容缺受理).
    #[serde(default, skip_serializing_if = "is_false")]
    pub may_follow: bool,
}

/// A fee, as the procedure lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Its id, unique in the procedure.
    pub id: FeeId,
    /// Its name.
    pub name: Names,
    /// The amount in fen (1/100 yuan).
    pub amount_fen: u64,
    /// The published standard it follows.
    pub source: String,
}

/// A term with the rule that sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcedTerm {
    /// The length.
    pub term: Term,
    /// Where it stands in law, or who promised it.
    pub source: String,
}

/// The terms of a case as a whole. Terms of steps and groups stand in the flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// From submission to the intake decision. Administrative License Law, art. 32: five days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake: Option<SourcedTerm>,
    /// From acceptance to the decision, by law (法定时限).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statutory: Option<SourcedTerm>,
    /// From acceptance to the decision, as the centre published it (承诺时限).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<SourcedTerm>,
    /// From the decision to the delivery of the certificate. Administrative License Law, art. 44: ten days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<SourcedTerm>,
    /// How long an applicant may take over a correction before the case can be terminated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<SourcedTerm>,
}

/// A special procedure that a case of this kind may go through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialRule {
    /// Which one.
    pub kind: SpecialKind,
    /// Whether its time is left out of the decision clocks. Being special and being excluded are two things.
    pub excluded: bool,
    /// The longest length that may be announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<Term>,
    /// The rule that provides for it.
    pub source: String,
}

/// How the term for the decision may be extended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionRule {
    /// The longest extension, in the unit of the statutory term.
    pub longest: Term,
    /// How often.
    #[serde(default = "once")]
    pub times: u8,
    /// Who may grant it.
    pub approver: Role,
    /// The rule that provides for it.
    pub source: String,
}

/// What silence of the authority means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Whether an application counts as accepted from the day it was received once the intake term has passed
    /// (视为受理). Administrative License Law, art. 32(4).
    #[serde(default)]
    pub intake_accepts: bool,
    /// What the application counts as once the statutory term has passed; nothing unless it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionSilence>,
}

/// When applicants are asked for a rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// After which encounters.
    pub points: Vec<RatingPoint>,
    /// How long each occasion stays open.
    pub open_for: Term,
    /// How long the centre has to put a bad rating right.
    pub rectify_within: Term,
}

/// The rule book of one kind of case, in one version.
///
/// As a document: YAML or JSON, described by `schemas/procedure.v1.schema.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Its id, the same over all versions.
    pub id: ProcedureId,
    /// Its version, from 1.
    pub version: Version,
    /// Its name.
    pub name: Names,
    /// The department that answers for it.
    pub department: DepartmentId,
    /// Its kind.
    pub kind: ProcedureKind,
    /// Whether its cases are never listed in public.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// The calendar its working days follow.
    pub calendar: CalendarId,
    /// The shipped policy whose law it follows. Whoever reads a catalogue puts that policy itself in its place, so that what
    /// is published needs nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<PolicyId>,
    /// How its law counts time; as the Administrative License Law of China does, when absent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub policy: Policy,
    /// What an applicant hands in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<Material>,
    /// What an applicant pays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// Whether an unpaid fee holds back the certificate. It never holds the decision clock.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fee_before_delivery: bool,
    /// The terms of the case as a whole.
    pub terms: Terms,
    /// The special procedures it may go through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special_procedures: Vec<SpecialRule>,
    /// How its term may be extended; not at all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<ExtensionRule>,
    /// What silence means.
    #[serde(default)]
    pub silence: Silence,
    /// When applicants are asked for a rating; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// Its flow. A recorded procedure has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Block>,
}

impl Procedure {
    /// The special rule for `kind`, if the procedure allows it.
    #[must_use]
    pub fn special(&self, kind: SpecialKind) -> Option<&SpecialRule> {
        self.special_procedures.iter().find(|rule| rule.kind == kind)
    }

    /// Whether an encounter of this kind asks for a rating.
    #[must_use]
    pub fn rates(&self, point: RatingPoint) -> Option<&Rating> {
        self.rating
            .as_ref()
            .filter(|rating| rating.points.contains(&point))
    }
}

const fn yes() -> bool {
    true
}

const fn once() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
pub(crate) const fn is_false(flag: &bool) -> bool {
    !*flag
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
