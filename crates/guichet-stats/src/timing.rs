//! How long a case took, and how that stands to its terms.

use guichet_core::calendar::Calendar;
use guichet_core::policy::Policy;
use guichet_core::procedure::Procedure;
use guichet_core::time::{Date, Term};
use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;
use crate::timeliness::Timely;

guichet_core::codes! {
    /// In which days a time is counted. Times in different days are never added.
    DayUnit("unit of days") {
        /// Working days.
        Working = "working_days",
        /// Calendar days.
        Calendar = "calendar_days",
    }
}

/// What a time is counted by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure<'a> {
    pub(crate) procedure: &'a Procedure,
    pub(crate) calendar: &'a Calendar,
}

/// The times of one decision, all in the unit of the leading term: of the promise, or else of the statute.
///
/// The words are those of the trade: `used` are counted days from effective acceptance to the decision with the pauses left
/// out, `elapsed` the same with nothing left out. A nominal limit is the term as published; a limit has the granted
/// extensions in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// The unit of all of them.
    pub unit: DayUnit,
    /// Counted days.
    pub used: Option<u32>,
    /// Days with nothing left out.
    pub elapsed: Option<u32>,
    /// The promise as published, where it is in this unit.
    pub promised: Option<u32>,
    /// The promise with its extensions, where it is in this unit.
    pub promised_limit: Option<u32>,
    /// The statutory term as published, where it is in this unit.
    pub statutory: Option<u32>,
    /// How the decision stands to the terms.
    pub timely: Option<Timely>,
    /// Whether it came with time left.
    pub early: bool,
}

impl Measure<'_> {
    /// The times of a decision. None where the procedure has no term for it.
    pub(crate) fn timing(
        &self,
        ledger: &Ledger,
        received_on: Date,
        accepted_on: Date,
        decided_on: Date,
    ) -> Option<Timing> {
        let terms = &self.procedure.terms;
        let promised = terms.promised.as_ref().map(|limit| limit.term);
        let statutory = terms.statutory.as_ref().map(|limit| limit.term);
        let unit = unit(promised.or(statutory)?);
        let policy = &self.procedure.policy;
        let start = policy.decision_start.day(received_on, Some(accepted_on));
        let leading = ledger.decision_clock(start, promised.or(statutory)?, policy, self.calendar);
        let used = leading.used(decided_on).ok();
        let elapsed = if leading.pauses.is_empty() {
            used
        } else {
            let mut unbroken = leading;
            unbroken.pauses.clear();
            unbroken.used(decided_on).ok()
        };
        let nominal = |term: Option<Term>| days_in(term?, unit, policy);
        Some(Timing {
            unit,
            used,
            elapsed,
            promised: nominal(promised),
            promised_limit: nominal(promised.map(|term| ledger.limit(term))),
            statutory: nominal(statutory),
            timely: None,
            early: false,
        })
    }
}

/// In which days a term is counted.
pub(crate) const fn unit(term: Term) -> DayUnit {
    match term {
        Term::WorkingDays(_) | Term::WorkingHours(_) => DayUnit::Working,
        Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) => DayUnit::Calendar,
    }
}

/// A term as a number of days of `wanted`. None where it is counted otherwise, or where its length depends on when it begins.
pub(crate) fn days_in(term: Term, wanted: DayUnit, policy: &Policy) -> Option<u32> {
    if unit(term) != wanted {
        return None;
    }
    match term {
        Term::WorkingDays(n) | Term::CalendarDays(n) => Some(u32::from(n)),
        Term::Weeks(n) => Some(u32::from(n) * 7),
        Term::Months(_) => None,
        Term::WorkingHours(n) => Some(u32::from(n).div_ceil(u32::from(policy.hours_per_day.max(1)))),
    }
}
