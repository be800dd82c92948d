//! How a law counts time: every switch in which one jurisdiction differs from another, as data.
//!
//! The one algorithm that reads these switches is [`Clock`](crate::clock::Clock). A procedure carries its policy, so a case
//! keeps to the one that was in force when it was submitted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::code::codes;
use crate::id::PolicyId;
use crate::procedure::Names;
use crate::time::{Date, Term};

codes! {
    /// Whether a day at the edge of a time belongs to the term.
    EdgeDay("reading of an edge day") {
        /// The day is one of the term.
        Counted = "counted",
        /// The day is none of the term.
        LeftOut = "left_out",
    }
}

codes! {
    /// On which day a term in months ends.
    MonthEnd("end of a month's term") {
        /// The day with the number of the start day; in a shorter month its last day. Source: Civil Code of China, art. 202.
        SameDay = "same_day",
        /// The eve of the day with the number of the first counted day, or of the last day of a shorter month.
        Eve = "eve",
        /// The eve of that day; in a shorter month its last day. Source: Civil Act of Korea, art. 160.
        EveOrLastDay = "eve_or_last_day",
    }
}

codes! {
    /// What happens when the last day of a term that counts no working days is none.
    Roll("end of a term on a day off") {
        /// The term ends on the next working day.
        NextWorkingDay = "next_working_day",
        /// The term ends there all the same.
        Stay = "stay",
    }
}

codes! {
    /// At which instant of its last day a term is over.
    EndOfDay("end of the last day") {
        /// At 24:00.
        Midnight = "midnight",
        /// When the centre closes; at 24:00 where it has no opening hours on that day.
        Closing = "closing",
        /// At the time of day at which the term began.
        SameTime = "same_time",
    }
}

codes! {
    /// From when the time for a decision runs.
    DecisionStart("start of the decision term") {
        /// From acceptance.
        Acceptance = "acceptance",
        /// From receipt of the application.
        Receipt = "receipt",
    }
}

impl DecisionStart {
    /// The day on which the terms for the decision begin; that of receipt while nothing is accepted.
    #[must_use]
    pub fn day(self, received_on: Date, accepted_on: Option<Date>) -> Date {
        match self {
            Self::Acceptance => accepted_on.unwrap_or(received_on),
            Self::Receipt => received_on,
        }
    }
}

codes! {
    /// From which of its entries a step that is asked for again counts.
    RepeatedStep("start of a repeated step") {
        /// From the last one.
        LastEntry = "last_entry",
        /// From the first one: what was sent back is redone inside the first term.
        FirstEntry = "first_entry",
    }
}

codes! {
    /// A lawful ground for a clock to stand still, other than a special procedure.
    SuspensionGround("ground of suspension") {
        /// Force majeure.
        ForceMajeure = "force_majeure",
        /// A court or another authority has to decide first.
        AwaitingDecision = "awaiting_decision",
        /// The applicant has to improve something after a reasoned disagreement.
        Improvement = "improvement",
        /// The applicant asked for it.
        ApplicantRequest = "applicant_request",
        /// The file lacks something that the applicant has to hand in.
        Incomplete = "incomplete",
        /// Something in the file is wrong, and the applicant has to put it right.
        Incorrect = "incorrect",
        /// Authority and applicant agreed on it.
        Agreement = "agreement",
    }
}

codes! {
    /// What a pause does to a term.
    Effect("effect of a pause") {
        /// The days of the pause are left out.
        Suspend = "suspend",
        /// The term starts anew when the pause ends.
        Reset = "reset",
        /// Nothing: the term runs on.
        Ignore = "none",
    }
}

/// What a pause on one ground does.
///
/// ```
/// # use guichet_core::policy::{Effect, Tolling};
/// let tolling: Tolling = serde_json::from_str(r#"{"effect": "reset", "notice_within": "10cd"}"#)?;
/// assert_eq!(tolling.effect, Effect::Reset);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolling {
    /// The effect.
    pub effect: Effect,
    /// How many units of the term are left at least once the pause is over; for a pause whose days are left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub at_least: u16,
    /// How long after the start of the term the pause may begin and still have this effect; later, it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_within: Option<Term>,
}

impl Tolling {
    /// The days are left out, whenever the pause began.
    pub const SUSPEND: Self = Self {
        effect: Effect::Suspend,
        at_least: 0,
        notice_within: None,
    };
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
const fn is_zero(n: &u16) -> bool {
    *n == 0
}

/// When a clock turns yellow: whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// Once so many hundredths of the term are used.
    pub used_percent: u8,
    /// Once no more than so many working days are left. Source: local rules on electronic supervision warn one working day
    /// before a promise expires.
    pub working_days_left: u16,
}

impl Default for Warning {
    fn default() -> Self {
        Self {
            used_percent: 90,
            working_days_left: 1,
        }
    }
}

/// How a law counts time.
///
/// As a document: YAML or JSON, described by `schemas/policy.v1.schema.json`. A switch that is not written is that of the
/// Administrative License Law of China with its Civil Code.
///
/// ```
/// # use guichet_core::policy::{EdgeDay, Policy};
/// let korea: Policy = serde_json::from_str(r#"{"id": "kr", "first_day": "counted"}"#)?;
/// assert_eq!(korea.first_day, EdgeDay::Counted);
/// assert_eq!(korea.roll, Policy::default().roll);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// By which name people find it.
    pub id: PolicyId,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Names>,
    /// The rules that it states, as their texts are cited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Whether the day on which a term begins is its first day.
    pub first_day: EdgeDay,
    /// On which day a term in months ends, where its first day is left out; where it is counted, always on an eve.
    pub month_end: MonthEnd,
    /// What happens when a term in days, weeks or months ends on a day off.
    pub roll: Roll,
    /// At which instant of its last day a term is over.
    pub end_of_day: EndOfDay,
    /// Whether what comes in after the centre has closed is received on the next working day.
    pub late_receipt_rolls: bool,
    /// Whether the day on which a pause begins is still one of the term.
    pub suspended_day: EdgeDay,
    /// Whether the day on which a pause ends is one of the term again.
    pub resumed_day: EdgeDay,
    /// What a pause does, by its ground; on a ground that is not named its days are left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub grounds: BTreeMap<SuspensionGround, Tolling>,
    /// Terms of at most so many working days are counted in working hours; none when 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub hours_up_to: u16,
    /// How many working hours a working day stands for, where days are counted in hours.
    pub hours_per_day: u16,
    /// From when the time for a decision runs.
    pub decision_start: DecisionStart,
    /// From which of its entries a step that is asked for again counts.
    pub repeated_step: RepeatedStep,
    /// When a clock turns yellow.
    pub warning: Warning,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            id: PolicyId::cn_all(),
            name: None,
            sources: Vec::new(),
            first_day: EdgeDay::LeftOut,
            month_end: MonthEnd::SameDay,
            roll: Roll::NextWorkingDay,
            end_of_day: EndOfDay::Closing,
            late_receipt_rolls: false,
            suspended_day: EdgeDay::Counted,
            resumed_day: EdgeDay::LeftOut,
            grounds: BTreeMap::new(),
            hours_up_to: 0,
            hours_per_day: 8,
            decision_start: DecisionStart::Acceptance,
            repeated_step: RepeatedStep::LastEntry,
            warning: Warning::default(),
        }
    }
}

impl Policy {
    /// What a pause on this ground does; a pause without one is a special procedure, whose days are left out.
    #[must_use]
    pub fn tolling(&self, ground: Option<SuspensionGround>) -> &Tolling {
        ground
            .and_then(|ground| self.grounds.get(&ground))
            .unwrap_or(&Tolling::SUSPEND)
    }

    /// How many working hours a term counts, where it is counted in hours.
    #[must_use]
    pub fn hours(&self, term: Term) -> Option<u32> {
        match term {
            Term::WorkingHours(n) => Some(u32::from(n)),
            Term::WorkingDays(n) if n > 0 && n <= self.hours_up_to => {
                Some(u32::from(n).saturating_mul(u32::from(self.hours_per_day)))
            }
            Term::WorkingDays(_) | Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_survives_its_document_which_says_nothing_of_zeros() {
        let tolling = Tolling {
            at_least: 10,
            ..Tolling::SUSPEND
        };
        let policy = Policy {
            hours_up_to: 5,
            grounds: BTreeMap::from([
                (SuspensionGround::ForceMajeure, tolling),
                (SuspensionGround::Agreement, Tolling::SUSPEND),
            ]),
            ..Policy::default()
        };
        let written = serde_json::to_value(&policy).unwrap();
        assert_eq!(written["hours_up_to"], 5);
        assert_eq!(
            written["grounds"],
            json!({"force_majeure": {"effect": "suspend", "at_least": 10}, "agreement": {"effect": "suspend"}})
        );
        assert_eq!(serde_json::from_value::<Policy>(written).unwrap(), policy);

        let law = serde_json::to_value(Policy::default()).unwrap();
        assert_eq!(law.get("hours_up_to"), None);
    }
}
