//! The story of one case, as its events tell it: when it was open, how each time ended, and how long that took.
//!
//! Days are counted, and due dates found, by the clock of `guichet-core`, which has a proof of its own; everything else is read off
//! the events here.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question looks for the events that it is about"
)]

use guichet_core::calendar::Calendar;
use guichet_core::case::clocks::{ClockId, Running};
use guichet_core::case::event::{CaseSubmitted, ClockKind, Outcome, Timeliness};
use guichet_core::case::state::DecisionDue;
use guichet_core::case::{Case, CaseEvent, fold};
use guichet_core::clock::{Clock, Pause};
use guichet_core::id::{CaseId, DepartmentId, Position, Revision, StepId, Version};
use guichet_core::procedure::{DecisionSilence, Procedure, ProcedureKind};
use guichet_core::time::{Date, Term};

use super::chronicle::{Line, View};

/// A stretch over which a case was open.
#[derive(Clone, Debug)]
pub(super) struct Spell {
    /// The day on which it began.
    pub(super) from: Date,
    /// How it ended, once it has.
    pub(super) end: Option<End>,
    /// The last days by law and by promise, where they can be told.
    pub(super) due: DecisionDue,
}

/// How a stretch ended.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) on: Date,
    pub(super) outcome: Outcome,
    /// How long it took, where it was decided under a procedure with a term.
    pub(super) took: Option<Took>,
}

/// How long a decision took, and how that stands to its terms.
#[derive(Clone, Debug)]
pub(super) struct Took {
    /// How it stands to its terms, where it has any.
    pub(super) timeliness: Option<Timeliness>,
    /// Whether its days are working days.
    pub(super) working: bool,
    /// Days used, the pauses left out.
    pub(super) used: Option<u32>,
    /// Days, with nothing left out.
    pub(super) elapsed: Option<u32>,
    /// The promise as published.
    pub(super) promised: Option<u32>,
    /// The promise with what was granted beyond it.
    pub(super) allowed: Option<u32>,
    /// The term by law as published.
    pub(super) statutory: Option<u32>,
}

/// A case as its events tell it.
pub(super) struct Story<'a> {
    view: View<'a>,
    /// Its events from the submission on.
    pub(super) lines: Vec<&'a Line>,
    pub(super) submitted: &'a CaseSubmitted,
    /// When it was accepted first, and whether by silence.
    pub(super) accepted: Option<(Date, bool)>,
    pub(super) spells: Vec<Spell>,
    /// For whom the whole case counts: who decided, or else who answers for it.
    pub(super) department: &'a DepartmentId,
    pub(super) kind: Option<ProcedureKind>,
    /// The times over which its clocks stood still.
    pub(super) pauses: Vec<Pause>,
}

impl<'a> Story<'a> {
    /// The story of a case that was submitted.
    pub(super) fn of(view: View<'a>, id: &CaseId) -> Option<Self> {
        let is_submission = |line: &&Line| matches!(line.event, CaseEvent::CaseSubmitted(_));
        let lines: Vec<&Line> = view.lines(id).skip_while(|line| !is_submission(line)).collect();
        let first = lines.first()?;
        let CaseEvent::CaseSubmitted(submitted) = &first.event else {
            return None;
        };
        let kind = view
            .procedure(&submitted.procedure, submitted.version, first.position)
            .map(|procedure| procedure.kind);
        let mut story = Self {
            view,
            lines,
            submitted,
            accepted: None,
            spells: Vec::new(),
            department: &submitted.department,
            kind,
            pauses: Vec::new(),
        };
        story.pauses = story
            .state(story.lines.len())
            .map(|case| case.pauses())
            .unwrap_or_default();
        story.tell();
        Some(story)
    }

    /// What the events make of the case, the first so many of them.
    fn state(&self, events: usize) -> Option<Case> {
        let lines = self.lines.iter().take(events);
        fold(lines.map(|line| &line.event)).case().cloned()
    }

    fn tell(&mut self) {
        for (nth, line) in self.lines.clone().into_iter().enumerate() {
            if let CaseEvent::CaseAccepted(e) = &line.event {
                self.begin(e.effective_on, Some(false));
            } else if let CaseEvent::AcceptanceDeemed(e) = &line.event {
                self.begin(e.effective_on, Some(true));
            } else if let CaseEvent::CaseReopened(e) = &line.event {
                self.begin(e.reopened_on, None);
            } else if let CaseEvent::DecisionMade(e) = &line.event {
                // What was decided without a word on its acceptance was accepted by that.
                if self.spells.is_empty() {
                    self.begin(e.decided_on, Some(false));
                }
                let step = e.step.as_ref().and_then(|step| self.department_of(step, nth));
                self.department = step.or(line.department.as_ref()).unwrap_or(self.department);
                let told = e.used.map(|used| u32::from(used.count()));
                let timeliness = (e.timeliness != Timeliness::Unmeasured).then_some(e.timeliness);
                let took = self.took(nth, line.position, e.decided_on, told, timeliness);
                let due = DecisionDue {
                    statutory: e.statutory_due_on,
                    promised: e.promised_due_on,
                };
                self.end(e.decided_on, e.verdict.into(), took, Some(due));
            } else if let CaseEvent::DecisionDeemed(e) = &line.event {
                let outcome = match e.effect {
                    DecisionSilence::Granted => Outcome::DeemedGranted,
                    DecisionSilence::Refused => Outcome::DeemedRefused,
                };
                // Nobody answered inside the term by law.
                let took = self.took(nth, line.position, e.lapsed_on, None, Some(Timeliness::Illegal));
                let due = self.state(nth).map(|case| case.due);
                self.end(e.lapsed_on, outcome, took, due);
            } else if let Some((on, outcome)) = left(&line.event) {
                let due = self.due(nth, line.position);
                self.end(on, outcome, None, due);
            }
        }
        let due = self.due(self.lines.len(), self.view.end());
        if let (Some(spell), Some(due)) = (self.spells.last_mut(), due)
            && spell.end.is_none()
        {
            spell.due = due;
        }
    }

    fn begin(&mut self, from: Date, accepted: Option<bool>) {
        if let Some(deemed) = accepted {
            self.accepted.get_or_insert((from, deemed));
        }
        if self.spells.last().is_none_or(|spell| spell.end.is_some()) {
            let due = DecisionDue::default();
            self.spells.push(Spell { from, end: None, due });
        }
    }

    fn end(&mut self, on: Date, outcome: Outcome, took: Option<Took>, due: Option<DecisionDue>) {
        if let Some(spell) = self.spells.last_mut().filter(|spell| spell.end.is_none()) {
            spell.due = due.unwrap_or_default();
            spell.end = Some(End { on, outcome, took });
        }
    }

    /// The department that a step was last given to.
    pub(super) fn department_of(&self, step: &StepId, before: usize) -> Option<&'a DepartmentId> {
        let mut entered = self.lines.iter().take(before).rev();
        entered.find_map(|line| match &line.event {
            CaseEvent::StepStarted(e) if e.step == *step => Some(&e.department),
            _ => None,
        })
    }

    /// The rules that the case kept to after so many events, and the calendar of that moment.
    fn rules(&self, events: usize, at: Position) -> Option<(&'a Procedure, &'a Calendar)> {
        let mut migrated = self.lines.iter().take(events).rev();
        let version = migrated.find_map(|line| match &line.event {
            CaseEvent::ProcedureMigrated(e) => Some(e.to),
            _ => None,
        });
        let version: Version = version.unwrap_or(self.submitted.version);
        let procedure = self.view.procedure(&self.submitted.procedure, version, at)?;
        Some((procedure, self.view.calendar(&procedure.calendar, at)?))
    }

    /// The clock of a term for the decision, after so many events.
    fn clock<'c>(
        &self,
        case: &Case,
        term: Term,
        (procedure, calendar): (&'c Procedure, &'c Calendar),
    ) -> Clock<'c> {
        let accepted_on = self.accepted.map(|(on, _)| on);
        let running = Running {
            id: ClockId::only(ClockKind::Promised),
            start: procedure.policy.decision_start.day(case.received_on, accepted_on),
            term,
            source: None,
        };
        running.clock(case, &procedure.policy, calendar)
    }

    /// The last days of an open case. None while its clocks stand still, unless a term had run out before.
    fn due(&self, events: usize, at: Position) -> Option<DecisionDue> {
        let rules = self.rules(events, at)?;
        let case = self.state(events)?;
        let last_day = |term: Option<Term>| {
            let clock = self.clock(&case, term?, rules);
            match clock.pauses.iter().find(|pause| pause.until.is_none()) {
                None => clock.due_on(clock.start).ok(),
                Some(pause) => {
                    let due_on = clock.due_on(pause.since).ok()?;
                    let stands_still = clock.is_paused(Date::MAX);
                    (!stands_still || due_on < pause.since).then_some(due_on)
                }
            }
        };
        let terms = &rules.0.terms;
        Some(DecisionDue {
            statutory: last_day(terms.statutory.as_ref().map(|limit| limit.term)),
            promised: last_day(terms.promised.as_ref().map(|limit| limit.term)),
        })
    }

    /// How long a decision took that was made after so many events.
    fn took(
        &self,
        events: usize,
        at: Position,
        on: Date,
        told: Option<u32>,
        timeliness: Option<Timeliness>,
    ) -> Option<Took> {
        let rules = self.rules(events, at)?;
        let (procedure, _) = rules;
        let promised = procedure.terms.promised.as_ref().map(|limit| limit.term);
        let statutory = procedure.terms.statutory.as_ref().map(|limit| limit.term);
        let leading = promised.or(statutory)?;
        let case = self.state(events)?;
        let clock = self.clock(&case, leading, rules);
        let mut unbroken = clock.clone();
        unbroken.pauses.clear();
        let days = |term: Option<Term>| days(term?, procedure.policy.hours_per_day);
        // Days of two kinds are never compared.
        let of_kind = |term: Option<Term>| term.filter(|term| is_working(*term) == is_working(leading));
        Some(Took {
            timeliness,
            working: is_working(leading),
            used: told.or_else(|| clock.used(on).ok()),
            elapsed: unbroken.used(on).ok(),
            promised: days(of_kind(promised)),
            allowed: days(of_kind(promised).map(|term| {
                let more = case.extensions.iter();
                more.fold(term, |term, more| term.extended_by(*more))
            })),
            statutory: days(of_kind(statutory)),
        })
    }

    /// What a correction made of a field of an earlier record: the last text that is one of its kind.
    pub(super) fn corrected<T: std::str::FromStr>(&self, record: Revision, field: &str) -> Option<T> {
        self.corrections(record, field)
            .rev()
            .find_map(|new| new.parse().ok())
    }

    /// What a correction made of a field that may be empty.
    #[expect(
        clippy::option_option,
        reason = "whether there is a correction, and what is left by it"
    )]
    pub(super) fn corrected_optional<T: std::str::FromStr>(
        &self,
        record: Revision,
        field: &str,
    ) -> Option<Option<T>> {
        self.corrections(record, field).rev().find_map(|new| {
            if new.is_empty() {
                Some(None)
            } else {
                new.parse().ok().map(Some)
            }
        })
    }

    fn corrections(&self, record: Revision, field: &str) -> impl DoubleEndedIterator<Item = &'a str> {
        self.lines.iter().filter_map(move |line| match &line.event {
            CaseEvent::RecordCorrected(e)
                if e.target == record && record < line.revision && e.field == field =>
            {
                Some(e.new.as_str())
            }
            _ => None,
        })
    }
}

/// How an event ends a case without a decision.
fn left(event: &CaseEvent) -> Option<(Date, Outcome)> {
    if let CaseEvent::AcceptanceRefused(e) = event {
        Some((e.refused_on, Outcome::NotAccepted))
    } else if let CaseEvent::NoLicenceNeeded(e) = event {
        Some((e.declared_on, Outcome::NoLicenceNeeded))
    } else if let CaseEvent::CaseWithdrawn(e) = event {
        Some((e.withdrawn_on, Outcome::Withdrawn))
    } else if let CaseEvent::CaseTerminated(e) = event {
        let outcome = if e.lapsed {
            Outcome::Lapsed
        } else {
            Outcome::Terminated
        };
        Some((e.terminated_on, outcome))
    } else if let CaseEvent::DecisionRevoked(e) = event {
        Some((e.revoked_on, Outcome::Revoked))
    } else {
        None
    }
}

const fn is_working(term: Term) -> bool {
    matches!(term, Term::WorkingDays(_) | Term::WorkingHours(_))
}

/// How many days a term has; of months that hangs on when it begins.
pub(super) fn days(term: Term, hours_per_day: u16) -> Option<u32> {
    match term {
        Term::WorkingDays(n) | Term::CalendarDays(n) => Some(u32::from(n)),
        Term::Weeks(n) => Some(7 * u32::from(n)),
        Term::WorkingHours(n) => Some(u32::from(n).div_ceil(u32::from(hours_per_day.max(1)))),
        Term::Months(_) => None,
    }
}
