//! Figures counted again, as they are told.

use std::collections::BTreeMap;

use guichet_core::id::{CaseId, DepartmentId, PersonId, Position};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Timestamp};
use guichet_stats::{Figure, Period};
use serde::Serialize;

use super::Value;

/// Why a case counts otherwise than it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// An earlier record was put right.
    Correction,
    /// The case was taken up again.
    Reopening,
    /// Something that had happened by the end of the period was recorded later.
    LateRecord,
    /// A calendar was published.
    Calendar,
    /// Something happened after the period that the figure looks at.
    LaterEvent,
}

/// An event that changed what a case adds to a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its place in the log.
    pub position: Position,
    /// Its kind.
    pub event: &'static str,
    /// The day on which it happened.
    pub on: Option<Date>,
    /// When the log took it.
    pub recorded_at: Option<Timestamp>,
    /// What it is to the figure.
    pub why: Why,
}

/// A part and a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Amounts {
    /// What the case adds to the part.
    pub part: i64,
    /// What it adds to the whole.
    pub whole: i64,
}

/// A case that counts otherwise now than it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedCase {
    /// Which.
    pub case: CaseId,
    /// What it added when the figure was published.
    pub then: Amounts,
    /// What it adds now.
    pub now: Amounts,
    /// The events that changed it.
    pub by: Vec<Change>,
}

/// A case that the two paths count differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DisputedCase {
    /// Which.
    pub case: CaseId,
    /// What it adds by `guichet-stats`.
    pub first: Amounts,
    /// What it adds by the second path.
    pub second: Amounts,
}

/// One figure as of one moment, by both paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Both {
    /// As `guichet-stats` counts it.
    pub first: Value,
    /// As the second path counts it; nothing where it has none.
    pub second: Option<Value>,
    /// Whether the two agree; nothing where there is no second path.
    pub agree: Option<bool>,
    /// The cases that they count differently.
    pub disputed: Vec<DisputedCase>,
}

/// A published figure beside what the log gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AsPublished {
    /// The bulletin.
    pub bulletin: String,
    /// As of which position of the log it was counted.
    pub position: Position,
    /// The root of the log there, where whoever asks can tell it.
    pub root: Option<String>,
    /// The bulletin that restates this one, if there is one.
    pub restated_by: Option<String>,
    /// What was published.
    pub published: Value,
    /// From the log as it was then.
    pub then: Both,
    /// Whether what was published is what the log of then gives, by every path that there is.
    pub holds: bool,
    /// Whether the log of now gives another figure.
    pub changed_since: bool,
    /// The cases that count otherwise now.
    pub changed: Vec<ChangedCase>,
}

/// One figure of a department, or of the whole centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which figure.
    pub figure: Figure,
    /// Of which department; of the whole centre where none is named.
    pub department: Option<DepartmentId>,
    /// From the log as it is now.
    pub now: Both,
    /// The cases behind it now, by the second path, or else by `guichet-stats`; only where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<BTreeMap<CaseId, Amounts>>,
    /// As it was published, every time.
    pub published: Vec<AsPublished>,
}

impl Row {
    /// Whether there is any difference that a person has to look at.
    #[must_use]
    pub fn wants_an_eye(&self) -> bool {
        let of_published = self.published.iter().any(|published| {
            !published.holds
                || published.then.agree == Some(false)
                || (published.changed_since && published.restated_by.is_none())
        });
        of_published || self.now.agree == Some(false)
    }
}

/// A bulletin that took the place of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restatement {
    /// The new one.
    pub bulletin: String,
    /// The one that it restates.
    pub restates: String,
    /// Why.
    pub reason: Option<String>,
    /// As of which position of the log it was counted.
    pub position: Position,
    /// Where the log has it.
    pub recorded: Option<Position>,
    /// When it was recorded.
    pub recorded_at: Option<Timestamp>,
    /// Who published it.
    pub by: Option<PersonId>,
    /// How many of the figures are others than before.
    pub figures_changed: usize,
}

/// Figures counted again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recomputed {
    /// The version of this form.
    pub version: u16,
    /// The period.
    pub period: Period,
    /// How far the log was read for what is called now.
    pub position: Position,
    /// The figures.
    pub rows: Vec<Row>,
    /// The restatements of the period.
    pub restatements: Vec<Restatement>,
    /// How many published figures are not what the log of then gives.
    pub wrong: usize,
    /// How many of those that stand would be others now.
    pub changed: usize,
    /// How many times the two paths disagree.
    pub disputed: usize,
    /// How many figures have no second path.
    pub without_second_path: usize,
}

impl Recomputed {
    /// Whether there is any difference that a person has to look at.
    #[must_use]
    pub const fn differs(&self) -> bool {
        self.wrong + self.changed + self.disputed > 0
    }
}

/// The answer, with the reference data whose names it uses.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The figures.
    pub recomputed: Recomputed,
    /// The departments, for their names.
    pub directory: Directory,
}
