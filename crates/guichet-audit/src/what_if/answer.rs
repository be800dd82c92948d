//! What would have been, as it is told.

use std::collections::BTreeSet;

use guichet_core::case::event::Timeliness;
use guichet_core::id::{CaseId, DepartmentId, Position, ProcedureId};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Term};
use guichet_stats::{Fraction, Period};
use serde::Serialize;

use super::measure::Standing;
use super::{Change, HeldFixed};

/// How many cases stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rates {
    /// Decisions.
    pub decisions: u64,
    /// Those that have a term to be measured by, and of them those within the promise, or else the law.
    pub on_time: Fraction,
    /// Of those that have a term: past the promise, within the law.
    pub overdue: Fraction,
    /// Of those that have a term: past the law.
    pub past_statute: Fraction,
    /// On time, with the cases in the whole that are open past the promise.
    pub on_time_strict: Fraction,
    /// Cases that are open.
    pub open: u64,
    /// Of those: past the promise.
    pub open_overdue: u64,
    /// Of those: past the law.
    pub open_past_statute: u64,
}

impl Rates {
    pub(super) fn add_decision(&mut self, timeliness: Timeliness) {
        self.decisions += 1;
        let (on_time, overdue, past) = match timeliness {
            Timeliness::Early | Timeliness::OnTime => (1, 0, 0),
            Timeliness::Overdue => (0, 1, 0),
            Timeliness::Illegal => (0, 0, 1),
            Timeliness::Unmeasured => return,
        };
        self.on_time.numerator += on_time;
        self.on_time_strict.numerator += on_time;
        self.overdue.numerator += overdue;
        self.past_statute.numerator += past;
        for whole in [
            &mut self.on_time,
            &mut self.on_time_strict,
            &mut self.overdue,
            &mut self.past_statute,
        ] {
            whole.denominator += 1;
        }
    }

    pub(super) fn add_open(&mut self, standing: Standing) {
        self.open += 1;
        self.open_overdue += u64::from(standing.late_by_promise());
        self.open_past_statute += u64::from(standing.late_by_statute());
        self.on_time_strict.denominator += u64::from(standing.late_by_promise());
    }
}

/// Before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// By the rules that were in force, with all cases.
    pub before: Rates,
    /// By the rules that are supposed, without the cases that are left out.
    pub after: Rates,
}

/// The last day of a term before and after, and whether it was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The last day before; nothing where there is no term, or nobody can say.
    pub before: Option<Date>,
    /// The last day after.
    pub after: Option<Date>,
    /// Whether it was missed before.
    pub late_before: bool,
    /// Whether it would have been missed after.
    pub late_after: bool,
}

/// A case that would have been late and was not, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// Which.
    pub case: CaseId,
    /// Of which item.
    pub procedure: ProcedureId,
    /// Of which department.
    pub department: DepartmentId,
    /// When it was decided; nothing for a case that is open.
    pub decided_on: Option<Date>,
    /// How it stood to its terms.
    pub before: &'static str,
    /// How it would have stood.
    pub after: &'static str,
    /// By promise.
    pub promise: Due,
    /// By law.
    pub statute: Due,
}

/// One item: its promise now and then, and how it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Which.
    pub procedure: ProcedureId,
    /// Its promise as it is, in its newest version.
    pub promise_now: Option<Term>,
    /// Its promise as it is supposed.
    pub promise_then: Option<Term>,
    /// Its term by law as it is supposed.
    pub statutory_then: Option<Term>,
    /// How its cases stand.
    #[serde(flatten)]
    pub rates: Compared,
    /// The shortest promise that 95 in 100 of its decisions would have kept, in the unit of its term.
    pub shortest_kept: Option<Term>,
}

/// One department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DepartmentRates {
    /// Which.
    pub department: DepartmentId,
    /// How its cases stand.
    #[serde(flatten)]
    pub rates: Compared,
}

/// A decision whose record says something else than the rules that were in force give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordedOtherwise {
    /// Which case.
    pub case: CaseId,
    /// When it was decided.
    pub decided_on: Date,
    /// What the record says.
    pub recorded: &'static str,
    /// What is counted.
    pub counted: &'static str,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Supposed {
    /// The version of this form.
    pub version: u16,
    /// How far the log was read.
    pub position: Position,
    /// Which decisions were looked at.
    pub period: Period,
    /// The day at whose close cases are open.
    pub open_on: Option<Date>,
    /// What is supposed.
    pub changes: Vec<Change>,
    /// The whole centre.
    pub centre: Compared,
    /// Each department.
    pub departments: Vec<DepartmentRates>,
    /// Each item.
    pub items: Vec<Item>,
    /// The cases that flip.
    pub flips: Vec<Flip>,
    /// How many cases have another last day, whether they flip or not.
    pub moved: u64,
    /// The cases that are left out.
    pub left_out: BTreeSet<CaseId>,
    /// The decisions whose record says something else than is counted as *before*.
    pub recorded_otherwise: Vec<RecordedOtherwise>,
    /// What was held fixed.
    pub held_fixed: Vec<HeldFixed>,
}

/// The answer, with the reference data whose names it uses.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What would have been.
    pub supposed: Supposed,
    /// Items and departments, for their names.
    pub directory: Directory,
}
