//! Whether cases were finished in time, as exact fractions of the cases that can be measured.

use guichet_core::case::event::Timeliness;
use serde::{Deserialize, Serialize};

use crate::fact::CaseFact;
use crate::fraction::Fraction;

/// How a case stands to its terms, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measured {
    /// By the decision, which was counted by the calendar.
    ByDecision(Timely),
    /// By two instants that an imported source gives: when the case ended, and its deadline. The source does not say
    /// whose deadline that is, so a late case is overdue and never more than that.
    BySource(Timely),
}

/// Early or on the last day; past the promise; past the statute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timely {
    /// Before the end of the last day.
    InTime,
    /// Past the promise, inside the statute.
    Overdue,
    /// Past the statute.
    Illegal,
}

impl Timely {
    /// What a decision's timeliness means here; nothing where it had no term to be measured by.
    #[must_use]
    pub const fn of(timeliness: Timeliness) -> Option<Self> {
        match timeliness {
            Timeliness::Early | Timeliness::OnTime => Some(Self::InTime),
            Timeliness::Overdue => Some(Self::Overdue),
            Timeliness::Illegal => Some(Self::Illegal),
            Timeliness::Unmeasured => None,
        }
    }
}

/// A sum over facts: how many cases were finished in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    in_time: u64,
    overdue: u64,
    illegal: u64,
    by_source: u64,
}

/// How many cases were finished in time, of those that can be measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TimelinessView {
    /// Inside the promise, or inside the statute where nothing was promised.
    pub on_time: Fraction,
    /// Past the promise, inside the statute; for an imported case, past the source's deadline.
    pub overdue: Fraction,
    /// Past the statute.
    pub illegal: Fraction,
    /// How many of the measured cases are measured by instants of an imported source.
    pub measured_by_source: u64,
}

impl Timings {
    /// Adds a case.
    pub fn add(&mut self, fact: &CaseFact) {
        let timely = match fact.measured() {
            Some(Measured::ByDecision(timely)) => timely,
            Some(Measured::BySource(timely)) => {
                self.by_source += 1;
                timely
            }
            None => return,
        };
        *match timely {
            Timely::InTime => &mut self.in_time,
            Timely::Overdue => &mut self.overdue,
            Timely::Illegal => &mut self.illegal,
        } += 1;
    }

    /// The rates.
    #[must_use]
    pub const fn view(&self) -> TimelinessView {
        let measured = self.in_time + self.overdue + self.illegal;
        TimelinessView {
            on_time: Fraction::new(self.in_time, measured),
            overdue: Fraction::new(self.overdue, measured),
            illegal: Fraction::new(self.illegal, measured),
            measured_by_source: self.by_source,
        }
    }
}
