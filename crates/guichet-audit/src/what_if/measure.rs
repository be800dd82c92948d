//! How a case stands to its terms under some reference data: counted by `guichet-core`, as the decision itself was.

use std::cmp::Ordering;

use guichet_core::case::Case;
use guichet_core::case::clocks::{ClockId, Running, decision_start};
use guichet_core::case::event::{ClockKind, Timeliness};
use guichet_core::clock::Clock;
use guichet_core::procedure::SourcedTerm;
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Term};

/// The longest term that is tried when the shortest one is looked for that would have been kept.
const NEEDED_MAX: u16 = 4_096;

/// A term, and how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    /// Its last day, where that can be told.
    pub(super) due_on: Option<Date>,
    /// With time left, to the last day, or past it, where that can be told.
    pub(super) kept: Option<Ordering>,
}

impl Limit {
    pub(super) fn is_late(self) -> bool {
        self.kept == Some(Ordering::Greater)
    }
}

/// How a case stands to its two terms, where it has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) promise: Option<Limit>,
    pub(super) statute: Option<Limit>,
}

impl Standing {
    /// In the words of a decision.
    pub(super) fn timeliness(self) -> Timeliness {
        let kept = |limit: Option<Limit>| limit.and_then(|limit| limit.kept);
        let (promise, statute) = (kept(self.promise), kept(self.statute));
        match (promise.or(statute), statute) {
            (_, Some(Ordering::Greater)) => Timeliness::Illegal,
            (Some(Ordering::Less), _) => Timeliness::Early,
            (Some(Ordering::Equal), _) => Timeliness::OnTime,
            (Some(Ordering::Greater), _) => Timeliness::Overdue,
            (None, _) => Timeliness::Unmeasured,
        }
    }

    pub(super) fn late_by_promise(self) -> bool {
        self.promise.is_some_and(Limit::is_late)
    }

    pub(super) fn late_by_statute(self) -> bool {
        self.statute.is_some_and(Limit::is_late)
    }
}

/// A case under some reference data.
pub(super) struct Under<'a> {
    case: &'a Case,
    directory: &'a Directory,
}

impl<'a> Under<'a> {
    pub(super) const fn new(case: &'a Case, directory: &'a Directory) -> Self {
        Self { case, directory }
    }

    /// The clock of a term for the decision, with everything that moved it so far.
    fn clock(&self, kind: ClockKind, term: Term) -> Option<Clock<'a>> {
        let (case, directory) = (self.case, self.directory);
        let procedure = directory.procedure(&case.procedure, case.version)?;
        let calendar = directory.calendars.get(&procedure.calendar)?;
        let running = Running {
            id: ClockId::only(kind),
            start: decision_start(procedure, case),
            term,
            source: None,
        };
        Some(running.clock(case, &procedure.policy, calendar))
    }

    fn terms(&self) -> (Option<Term>, Option<Term>) {
        let procedure = self.directory.procedure(&self.case.procedure, self.case.version);
        let term = |limit: Option<&SourcedTerm>| limit.map(|limit| limit.term);
        procedure.map_or((None, None), |procedure| {
            let terms = &procedure.terms;
            (term(terms.promised.as_ref()), term(terms.statutory.as_ref()))
        })
    }

    /// Whether there is anything to measure a decision by.
    pub(super) fn has_term(&self) -> bool {
        let (promise, statute) = self.terms();
        let leading = promise.or(statute);
        leading.is_some_and(|term| self.clock(ClockKind::Promised, term).is_some())
    }

    /// How a decision on a day stands to its terms.
    pub(super) fn decided(&self, on: Date) -> Standing {
        self.standing(|clock| Limit {
            due_on: clock.due_on(on).ok(),
            kept: clock.kept(on).ok(),
        })
    }

    /// How a case that is open stands at the close of a day. While its clocks stand still nobody can say when a term ends,
    /// unless it had run out before.
    pub(super) fn open(&self, day: Date) -> Standing {
        self.standing(|clock| {
            let due_on = match clock.pauses.iter().find(|pause| pause.until.is_none()) {
                None => clock.due_on(clock.start).ok(),
                Some(pause) => {
                    let due_on = clock.due_on(pause.since).ok();
                    due_on.filter(|due_on| !clock.is_paused(Date::MAX) || *due_on < pause.since)
                }
            };
            Limit {
                due_on,
                kept: due_on.map(|due_on| day.cmp(&due_on)),
            }
        })
    }

    fn standing(&self, limit: impl Fn(&Clock<'_>) -> Limit) -> Standing {
        let (promise, statute) = self.terms();
        let of = |kind, term: Option<Term>| Some(limit(&self.clock(kind, term?)?));
        Standing {
            promise: of(ClockKind::Promised, promise),
            statute: of(ClockKind::Statutory, statute),
        }
    }

    /// The shortest term, in the unit of the promise or else of the law, that a decision on a day would have kept, what was
    /// granted beyond it left as it is.
    pub(super) fn needed(&self, on: Date) -> Option<Term> {
        let (promise, statute) = self.terms();
        let unit = promise.or(statute)?;
        let is_kept = |count: u16| {
            let clock = self.clock(ClockKind::Promised, with_count(unit, count))?;
            clock.kept(on).ok().map(Ordering::is_le)
        };
        // A longer term is kept wherever a shorter one is.
        let (mut low, mut high) = (0, 1);
        if is_kept(0)? {
            return Some(with_count(unit, 0));
        }
        while !is_kept(high)? {
            low = high;
            high *= 2;
            if high > NEEDED_MAX {
                return None;
            }
        }
        while high - low > 1 {
            let middle = low.midpoint(high);
            if is_kept(middle)? {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(with_count(unit, high))
    }
}

/// A term of the same unit with another number.
pub(super) const fn with_count(term: Term, count: u16) -> Term {
    match term {
        Term::WorkingDays(_) => Term::WorkingDays(count),
        Term::CalendarDays(_) => Term::CalendarDays(count),
        Term::Weeks(_) => Term::Weeks(count),
        Term::Months(_) => Term::Months(count),
        Term::WorkingHours(_) => Term::WorkingHours(count),
    }
}
