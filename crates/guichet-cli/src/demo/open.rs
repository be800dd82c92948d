//! An open case as the demo sees it: how it is meant to go, how fast, and what its limits are.

use std::sync::Arc;

use guichet::core::actor::Role;
use guichet::core::calendar::Calendar;
use guichet::core::case::CaseState;
use guichet::core::case::state::Stage;
use guichet::core::id::{PersonId, StepId};
use guichet::core::procedure::{Procedure, ProcedureKind};
use guichet::core::time::{Date, Term};

use super::chance::Chance;
use super::habits::Intent;
use super::hours::DAY_MINUTES;
use super::items;
use super::limits::Limits;

/// How a case is meant to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Ordinary,
    NotAccepted,
    NoLicenceNeeded,
    Withdrawn,
    Refused,
    /// Nobody looks at it before the intake term is over.
    Overlooked,
}

/// A case that somebody still has to do with.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) state: CaseState,
    pub(super) procedure: Arc<Procedure>,
    /// How many intentions about it wait.
    pub(super) waiting: u32,
    pub(super) applicant: PersonId,
    pub(super) agent: Option<PersonId>,
    pub(super) chance: Chance,
    pub(super) fate: Fate,
    /// How much of its terms each step takes, in thousandths.
    pub(super) pace: i64,
    /// Whether it is meant to be late: only then may anything about it take longer than it may.
    pub(super) late: bool,
    pub(super) sent_back: bool,
    /// Whether a file that was sent to another window has come back once.
    pub(super) returned: bool,
}

/// The most of a term that is used by a case that is not meant to be late, in thousandths.
const IN_TIME_MAX: i64 = 950;
const PACES: &[((i64, i64), u64)] = &[
    ((120, 500), 470),
    ((500, 800), 425),
    ((800, 960), 70),
    ((1_050, 1_500), 26),
    ((1_500, 3_500), 9),
];
const FATES: &[(Fate, u64)] = &[
    (Fate::Ordinary, 942),
    (Fate::NotAccepted, 7),
    (Fate::NoLicenceNeeded, 4),
    (Fate::Withdrawn, 16),
    (Fate::Refused, 31),
];

impl Open {
    /// A case that is about to be handed in.
    pub(super) fn new(
        procedure: Arc<Procedure>,
        applicant: PersonId,
        agent: Option<PersonId>,
        mut chance: Chance,
    ) -> Self {
        let (low, high) = chance.weighted(PACES).unwrap_or((500, 800));
        let immediate = items::is_immediate(&procedure);
        let pace = chance.between(low, high);
        let drawn = chance.weighted(FATES).unwrap_or(Fate::Ordinary);
        let fate = if !immediate && procedure.silence.intake_accepts && chance.happens(6) {
            Fate::Overlooked
        } else if immediate && drawn == Fate::Withdrawn {
            Fate::Ordinary
        } else {
            drawn
        };
        // An item of the kind that is sent up keeps its days, but for the one that is planted.
        let late = pace > 1_000 && procedure.kind != ProcedureKind::Forwarded;
        Self {
            state: CaseState::Absent,
            waiting: 0,
            applicant,
            agent,
            fate,
            pace: if late { pace } else { pace.min(IN_TIME_MAX) },
            late,
            sent_back: false,
            returned: false,
            procedure,
            chance,
        }
    }

    /// Nobody has anything to do with it any more.
    pub(super) fn is_over(&self) -> bool {
        let closed = self.state.case().is_some_and(|case| match case.stage {
            Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review | Stage::Decided { .. } => false,
            Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. } => true,
        });
        self.waiting == 0 && closed
    }

    /// It goes as it should, in half of its time.
    pub(super) fn keep_to_the_rules(&mut self) {
        self.fate = Fate::Ordinary;
        self.pace = 500;
        self.late = false;
    }

    /// Whether it was accepted by silence.
    pub(super) fn late_from_the_start(&self) -> bool {
        let acceptance = self.state.case().and_then(|case| case.acceptance.as_ref());
        acceptance.is_some_and(|acceptance| acceptance.deemed)
    }

    /// Its limits, as the engine counts them.
    pub(super) fn limits<'a>(&'a self, calendar: &'a Calendar) -> Option<Limits<'a>> {
        let case = self.state.case()?;
        Some(Limits {
            case,
            procedure: &self.procedure,
            calendar,
        })
    }

    /// The last day for an intention about a case that is not meant to be late; none while its clocks stand still.
    pub(super) fn last_day(&self, intent: &Intent, calendar: &Calendar, today: Date) -> Option<Date> {
        let limits = self.limits(calendar).filter(|_| !self.late)?;
        if let Intent::EndSpecial(special) = intent {
            limits.special_last_day(special.as_str(), today)
        } else if let Intent::Step(step) = intent {
            let still = limits.case.pauses().iter().any(|pause| pause.until.is_none());
            if still {
                None
            } else {
                limits.step_last_day(step, today)
            }
        } else {
            None
        }
    }

    /// Minutes between two bounds.
    pub(super) fn minutes(&mut self, low: i64, high: i64) -> i64 {
        self.chance.between(low, high)
    }

    pub(super) fn days(&mut self, low: i64, high: i64) -> i64 {
        self.chance.between(low * DAY_MINUTES, high * DAY_MINUTES)
    }

    /// So many thousandths of a term, in minutes of open counter.
    pub(super) fn share_of(term: Term, per_mille: i64) -> i64 {
        let days = match term {
            Term::WorkingDays(days) => i64::from(days),
            Term::CalendarDays(days) => i64::from(days) * 5 / 7,
            Term::Weeks(weeks) => i64::from(weeks) * 5,
            Term::Months(months) => i64::from(months) * 21,
            Term::WorkingHours(hours) => return i64::from(hours) * 60 * per_mille / 1_000,
        };
        days * DAY_MINUTES * per_mille / 1_000
    }

    pub(super) fn promised(&self, per_mille: i64) -> i64 {
        let terms = &self.procedure.terms;
        let term = terms.promised.as_ref().or(terms.statutory.as_ref());
        term.map_or(DAY_MINUTES, |term| Self::share_of(term.term, per_mille))
    }

    /// How long a step takes.
    pub(super) fn work_on(&mut self, step: &StepId, role: Role) -> i64 {
        let immediate = items::is_immediate(&self.procedure);
        let pace = self.pace * self.chance.between(75, 125) / 100;
        let pace = if self.late { pace } else { pace.min(IN_TIME_MAX) };
        if role == Role::Cashier {
            return self.minutes(60, 2 * DAY_MINUTES);
        }
        if role == Role::Clerk {
            let own = *step == *"intake";
            return if own {
                self.minutes(3, 8)
            } else {
                self.minutes(20, 200)
            };
        }
        if immediate {
            return self.minutes(4, 14);
        }
        let term = self
            .procedure
            .flow
            .as_ref()
            .and_then(|flow| flow.step(step))
            .and_then(|step| step.term);
        // Three steps without a term share the working day that they have together.
        term.map_or(DAY_MINUTES / 3 * pace / 1_000, |term| Self::share_of(term, pace))
    }
}
