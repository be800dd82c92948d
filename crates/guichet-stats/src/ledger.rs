//! What moved the decision clocks of a case: its pauses, corrections and extensions, as its events tell them.

use std::collections::BTreeSet;

use guichet_core::calendar::{Calendar, DayRange};
use guichet_core::case::event::SuspensionGround;
use guichet_core::clock::{Clock, DaySet, Pause};
use guichet_core::id::SpecialProcedureId;
use guichet_core::policy::{DecisionStart, Policy};
use guichet_core::time::{Date, Term};
use serde::{Deserialize, Serialize};

/// A time over which the clocks of a case stand still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    pause: Pause,
    /// The special procedure that holds them, where it is not a suspension.
    special: Option<SpecialProcedureId>,
}

/// Everything that moves the decision clocks of a case, so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    held: Vec<Held>,
    corrections: Vec<Pause>,
    extensions: Vec<Term>,
    /// Special procedures that were approved with their time left out.
    left_out: BTreeSet<SpecialProcedureId>,
}

impl Ledger {
    pub(crate) fn suspended(&mut self, ground: SuspensionGround, since: Date) {
        self.hold(Some(ground), since, None);
    }

    pub(crate) fn resumed(&mut self, until: Date) {
        self.release(until, |held| held.special.is_none());
    }

    pub(crate) fn special_approved(&mut self, special: &SpecialProcedureId, left_out: bool) {
        if left_out {
            self.left_out.insert(special.clone());
        }
    }

    pub(crate) fn special_started(&mut self, special: &SpecialProcedureId, since: Date) {
        if self.left_out.contains(special) {
            self.hold(None, since, Some(special.clone()));
        }
    }

    pub(crate) fn special_ended(&mut self, special: &SpecialProcedureId, until: Date) {
        self.release(until, |held| held.special.as_ref() == Some(special));
    }

    pub(crate) fn correction_requested(&mut self, since: Date) {
        self.corrections.push(Pause {
            since,
            until: None,
            ground: Some(SuspensionGround::Incomplete),
        });
    }

    pub(crate) fn corrected(&mut self, until: Date) {
        if let Some(correction) = self.corrections.last_mut() {
            correction.until = Some(until);
        }
    }

    pub(crate) fn extended(&mut self, by: Term) {
        self.extensions.push(by);
    }

    pub(crate) fn extension_revoked(&mut self) {
        self.extensions.pop();
    }

    fn hold(&mut self, ground: Option<SuspensionGround>, since: Date, special: Option<SpecialProcedureId>) {
        let until = None;
        let pause = Pause { since, until, ground };
        self.held.push(Held { pause, special });
    }

    fn release(&mut self, until: Date, which: impl Fn(&Held) -> bool) {
        let open = |held: &&mut Held| held.pause.until.is_none() && which(held);
        if let Some(held) = self.held.iter_mut().rev().find(open) {
            held.pause.until = Some(until);
        }
    }

    /// The pauses of the case.
    fn pauses(&self) -> impl Iterator<Item = &Pause> {
        self.held.iter().map(|held| &held.pause)
    }

    /// The clock of a term for the decision.
    pub(crate) fn decision_clock<'a>(
        &self,
        start: Date,
        term: Term,
        policy: &'a Policy,
        calendar: &'a Calendar,
    ) -> Clock<'a> {
        let mut clock = self.step_clock(start, term, policy, calendar);
        clock.extensions.clone_from(&self.extensions);
        if policy.decision_start == DecisionStart::Receipt {
            clock.pauses.extend(self.corrections.iter().cloned());
        }
        clock
    }

    /// The clock of the term of a step: the extensions of the decision do not move it.
    pub(crate) fn step_clock<'a>(
        &self,
        start: Date,
        term: Term,
        policy: &'a Policy,
        calendar: &'a Calendar,
    ) -> Clock<'a> {
        let mut clock = Clock::new(start, term, policy, calendar);
        clock.pauses = self.pauses().cloned().collect();
        clock
    }

    /// The term with the extensions that stand.
    pub(crate) fn limit(&self, term: Term) -> Term {
        self.extensions
            .iter()
            .fold(term, |term, by| term.extended_by(*by))
    }

    /// Whether the case was ever held.
    pub(crate) const fn was_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// The days at whose close the case was held: from the first day of a pause to the eve of its end, days of several
    /// pauses once. A pause that has not ended reaches to the last day that there is.
    pub(crate) fn held_days(&self) -> DaySet {
        let range = |pause: &Pause| {
            let last = pause.until.map_or(Date::MAX, |until| until.plus_days(-1));
            DayRange::new(pause.since, last)
        };
        self.pauses().filter_map(range).collect()
    }
}
