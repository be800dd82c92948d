//! Findings that a supervisor took up: issued to a department, explained by it, upheld or cancelled.
//!
//! What the rules find is computed anew whenever somebody looks; what became of a finding was said by people, and is
//! recorded. A cancelled finding leaves the score and stays in the record, with its reason.

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, Position};
use crate::time::Date;

/// A supervisor took a finding up, and sent it to whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingIssued {
    /// Its id: rule, subject and the first record of its evidence, such as `B1:2010-000123@4711`.
    pub id: String,
    /// The rule, by its id.
    pub rule: String,
    /// What it is about: a case, a person, a window, a department, or the log.
    pub subject: String,
    /// The records that show it.
    pub evidence: Vec<Position>,
    /// What was sent.
    pub text: String,
    /// Who took it up.
    pub by: PersonId,
    /// When.
    pub on: Date,
}

/// The department answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingExplained {
    /// The id of the finding.
    pub id: String,
    /// What it said.
    pub text: String,
    /// Who answered.
    pub by: PersonId,
    /// When.
    pub on: Date,
}

/// A supervisor ruled on a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingRuling {
    /// The id of the finding.
    pub id: String,
    /// The number of the ruling on this finding, from 1.
    pub ruling: u16,
    /// The number of the ruling in whose place it comes, where there was one.
    #[serde(default)]
    pub replaces: Option<u16>,
    /// Why.
    pub reason: String,
    /// Who ruled.
    pub by: PersonId,
    /// When.
    pub on: Date,
}

/// What somebody does about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingAct {
    /// To take it up.
    Issue(FindingIssued),
    /// To answer it.
    Explain(FindingExplained),
    /// To uphold it.
    Uphold(FindingRuling),
    /// To cancel it: it leaves the score, and stays in the record.
    Cancel(FindingRuling),
}

/// What became of a finding that was taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRecord {
    /// How it was issued.
    pub issued: FindingIssued,
    /// What the department said, in order.
    pub explanations: Vec<FindingExplained>,
    /// How it was ruled on, in order: whether upheld, and why. The last one counts.
    pub rulings: Vec<(bool, FindingRuling)>,
}

crate::code::codes! {
    /// How a finding stands.
    FindingStanding("standing of a finding") {
        /// Nobody has taken it up.
        Open = "open",
        /// It was issued, and the department has not answered.
        Issued = "issued",
        /// The department has answered.
        Explained = "explained",
        /// It was upheld.
        Upheld = "upheld",
        /// It was cancelled.
        Cancelled = "cancelled",
    }
}

impl FindingRecord {
    /// How it stands: by the last ruling, or else by whether it was answered.
    #[must_use]
    pub fn standing(&self) -> FindingStanding {
        match (self.rulings.last(), self.explanations.last()) {
            (Some((true, _)), _) => FindingStanding::Upheld,
            (Some((false, _)), _) => FindingStanding::Cancelled,
            (None, Some(_)) => FindingStanding::Explained,
            (None, None) => FindingStanding::Issued,
        }
    }

    /// The number of its last ruling.
    #[must_use]
    pub fn ruling(&self) -> Option<u16> {
        self.rulings.last().map(|(_, ruling)| ruling.ruling)
    }
}
