//! Where the cases stand, and how they ended.

use std::collections::BTreeMap;

use guichet_core::case::event::Outcome;
use serde::Serialize;

use crate::fact::{CaseFact, Standing};

/// A sum over facts: how many cases stand where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    by_stage: BTreeMap<Standing, u64>,
    outcomes: BTreeMap<Outcome, u64>,
    decided: u64,
    accepted: u64,
    deemed_acceptances: u64,
    deemed_consents: u64,
}

/// How many cases stand where. `intake`, `awaiting_correction` and `review` add up to `open`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StandingsView {
    /// Neither decided nor ended.
    pub open: u64,
    /// Open: waiting for the intake decision.
    pub intake: u64,
    /// Open: waiting for the applicant's corrections.
    pub awaiting_correction: u64,
    /// Open: accepted, the flow runs.
    pub review: u64,
    /// Accepted at least once, by a person or by silence.
    pub accepted: u64,
    /// Decided on their merits, by a person or by silence, and that decision stands.
    pub decided: u64,
    /// Everything about them is done; those in the archive too.
    pub completed: u64,
    /// Ended without a decision that stands: not accepted, withdrawn, terminated, lapsed, revoked.
    pub ended: u64,
    /// How the cases were decided or ended, by code.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Accepted by silence (视为受理).
    pub deemed_acceptances: u64,
    /// Members of parallel groups that count as having consented (超时默认 and its like).
    pub deemed_consents: u64,
}

impl Standings {
    /// Adds a case.
    pub fn add(&mut self, fact: &CaseFact) {
        *self.by_stage.entry(fact.standing).or_default() += 1;
        if let Some(outcome) = fact.outcome {
            *self.outcomes.entry(outcome).or_default() += 1;
        }
        self.decided += u64::from(fact.is_decided());
        self.accepted += u64::from(fact.accepted_on.is_some());
        self.deemed_acceptances += u64::from(fact.deemed_acceptance);
        self.deemed_consents += u64::from(fact.deemed_consents);
    }

    /// The counts.
    #[must_use]
    pub fn view(&self) -> StandingsView {
        let of = |standing| self.by_stage.get(&standing).copied().unwrap_or_default();
        let sum = |wanted: fn(Standing) -> bool| {
            Standing::ALL
                .iter()
                .copied()
                .filter(|at| wanted(*at))
                .map(of)
                .sum()
        };
        let outcomes = self.outcomes.iter();
        StandingsView {
            open: sum(Standing::is_open),
            intake: of(Standing::Intake),
            awaiting_correction: of(Standing::AwaitingCorrection),
            review: of(Standing::Review),
            accepted: self.accepted,
            decided: self.decided,
            completed: of(Standing::Completed) + of(Standing::Archived),
            ended: of(Standing::Ended),
            outcomes: outcomes
                .map(|(outcome, count)| (outcome.as_str(), *count))
                .collect(),
            deemed_acceptances: self.deemed_acceptances,
            deemed_consents: self.deemed_consents,
        }
    }
}
