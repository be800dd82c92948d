//! `what-if`: the same events under other rules, or without some of the cases.
//!
//! The fold sees the log twice at once: with the reference data as they were published, and with those that are supposed. Each
//! decision is counted by `guichet-core` under both, with the calendar that was in force when it was made and the supposed change laid
//! over it; each case that is open at the end, under those of the end. Nothing else moves: what is held fixed is part of the answer.

mod answer;
mod change;
mod command;
mod fixed;
mod measure;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::actor::Role;
use guichet_core::case::event::Timeliness;
use guichet_core::case::{CaseEvent, CaseState, evolve};
use guichet_core::id::{CaseId, DepartmentId, PersonId, Position, ProcedureId, WindowId};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Term};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::{AsOf, Period};

use change::Changes;
use measure::{Standing, Under};

pub use answer::{Answer, Compared, DepartmentRates, Due, Flip, Item, Rates, RecordedOtherwise, Supposed};
pub use change::{Change, ChangeError, Impossible, Left, Whom};
pub use command::{WhatIfArgs, run};
pub use fixed::{Fixed, HeldFixed};
pub use text::text;

/// How many hundredths of the cases the shortest promise that is looked for keeps.
const SHORTEST_KEEPS_PERCENT: usize = 95;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is supposed to be otherwise.
    pub changes: Vec<Change>,
    /// Which decisions are looked at, by their day.
    pub period: Period,
    /// As of when the log is read.
    pub as_of: AsOf,
}

/// A case, as far as it is looked at.
#[derive(Debug, Default)]
struct Seen {
    state: CaseState,
    window: Option<WindowId>,
    department: Option<DepartmentId>,
    handler: Option<PersonId>,
    agent: Option<PersonId>,
    /// Whether it is open; nothing before it was.
    is_open: Option<bool>,
}

/// A decision, counted under both sets of rules.
#[derive(Debug)]
struct Decision {
    case: CaseId,
    on: Date,
    /// What was recorded with it.
    recorded: Timeliness,
    /// Whether silence made it: then it stays what it is.
    by_silence: bool,
    before: Standing,
    after: Standing,
    needed: Option<Term>,
}

impl Decision {
    fn timeliness(&self, standing: Standing) -> Timeliness {
        if self.by_silence {
            self.recorded
        } else {
            standing.timeliness()
        }
    }
}

/// The fold.
#[derive(Debug)]
pub struct WhatIf {
    changes: Changes,
    as_of: AsOf,
    period: Period,
    before: Directory,
    after: Directory,
    cases: BTreeMap<CaseId, Seen>,
    decisions: Vec<Decision>,
    last_day: Option<Date>,
    position: Position,
    impossible: Option<Impossible>,
}

impl WhatIf {
    /// Before the first record.
    #[must_use]
    pub fn new(question: Question) -> Self {
        Self {
            changes: Changes {
                all: question.changes,
            },
            as_of: question.as_of,
            period: question.period,
            before: Directory::default(),
            after: Directory::default(),
            cases: BTreeMap::new(),
            decisions: Vec::new(),
            last_day: None,
            position: Position::START,
            impossible: None,
        }
    }

    fn take(&mut self, recorded: &Recorded) {
        if !self.as_of.takes(recorded, &self.before) {
            return;
        }
        self.position = recorded.position.next();
        match &recorded.event {
            Event::Reference(event) => {
                self.before.apply(event);
                match self.changes.of(event) {
                    Ok(changed) => self.after.apply(changed.as_ref().unwrap_or(event)),
                    Err(source) => {
                        self.impossible.get_or_insert(Impossible {
                            position: recorded.position,
                            source,
                        });
                    }
                }
            }
            Event::Case(event) => {
                let day = self.before.zone().date(recorded.occurred_at);
                self.last_day = self.last_day.max(Some(day));
                if let Some(case) = recorded.stream.case() {
                    self.happened(case, event, recorded);
                }
            }
        }
    }

    fn happened(&mut self, id: CaseId, event: &CaseEvent, recorded: &Recorded) {
        // What another system called its steps moves no clock here.
        if matches!(event, CaseEvent::StepRecorded(_) | CaseEvent::LightTurned(_)) {
            return;
        }
        let seen = self.cases.entry(id.clone()).or_default();
        if let CaseEvent::CaseSubmitted(e) = event {
            seen.window.clone_from(&e.window);
            seen.department = Some(e.department.clone());
            let by_agent = recorded.actor.role == Role::Agent;
            seen.agent = by_agent.then(|| recorded.actor.person.clone());
        } else if let CaseEvent::AgencyAppointed(e) = event {
            seen.agent = Some(e.agent.clone());
        } else if let CaseEvent::CaseAccepted(_)
        | CaseEvent::AcceptanceDeemed(_)
        | CaseEvent::CaseReopened(_) = event
        {
            seen.is_open = Some(true);
        } else if let CaseEvent::AcceptanceRefused(_)
        | CaseEvent::NoLicenceNeeded(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::CaseTerminated(_)
        | CaseEvent::DecisionRevoked(_) = event
        {
            seen.is_open = seen.is_open.map(|_| false);
        } else if let CaseEvent::DecisionMade(e) = event {
            if let Some(case) = seen.state.case() {
                let by_step = e.step.as_ref().and_then(|step| case.steps.get(step));
                let department = by_step.map(|step| &step.department);
                if let Some(department) = department.or(recorded.actor.department.as_ref()) {
                    seen.department = Some(department.clone());
                }
                seen.handler = Some(e.by.clone());
                if seen.is_open != Some(false) && self.period.contains(e.decided_on) {
                    let (was, is) = (Under::new(case, &self.before), Under::new(case, &self.after));
                    self.decisions.push(Decision {
                        case: id,
                        on: e.decided_on,
                        recorded: e.timeliness,
                        by_silence: false,
                        before: was.decided(e.decided_on),
                        after: is.decided(e.decided_on),
                        needed: is.needed(e.decided_on),
                    });
                }
                seen.is_open = Some(false);
            }
        } else if let CaseEvent::DecisionDeemed(e) = event
            && let Some(case) = seen.state.case()
        {
            if seen.is_open == Some(true) && self.period.contains(e.lapsed_on) {
                let has_term = Under::new(case, &self.before).has_term();
                self.decisions.push(Decision {
                    case: id,
                    on: e.lapsed_on,
                    recorded: if has_term {
                        Timeliness::Illegal
                    } else {
                        Timeliness::Unmeasured
                    },
                    by_silence: true,
                    before: Standing::default(),
                    after: Standing::default(),
                    needed: None,
                });
            }
            seen.is_open = seen.is_open.map(|_| false);
        }
        seen.state = evolve(std::mem::take(&mut seen.state), event);
    }

    fn answer(&self) -> Result<Answer, Impossible> {
        if let Some(impossible) = &self.impossible {
            return Err(impossible.clone());
        }
        self.changes.check(&self.before).map_err(|source| Impossible {
            position: self.position,
            source,
        })?;
        let open_on = match self.as_of {
            AsOf::Effective(day) => Some(day),
            AsOf::Now | AsOf::Position(_) | AsOf::Recorded(_) => self.last_day,
        };
        let mut sums = Sums {
            left_out: self.left_out(),
            ..Sums::default()
        };
        let nobody = Seen::default();
        for decision in &self.decisions {
            let seen = self.cases.get(&decision.case).unwrap_or(&nobody);
            sums.decision(decision, seen);
        }
        if let Some(day) = open_on {
            for (id, seen) in &self.cases {
                let Some(case) = seen.state.case().filter(|_| seen.is_open == Some(true)) else {
                    continue;
                };
                let before = Under::new(case, &self.before).open(day);
                let after = Under::new(case, &self.after).open(day);
                sums.open(id, seen, before, after);
            }
        }
        let items = sums.items.iter().map(|(procedure, rates)| {
            let newest = |directory: &Directory| directory.newest(procedure).cloned();
            let (now, then) = (newest(&self.before), newest(&self.after));
            let term = |limit: Option<&guichet_core::procedure::SourcedTerm>| limit.map(|limit| limit.term);
            Item {
                procedure: procedure.clone(),
                promise_now: now.as_ref().and_then(|item| term(item.terms.promised.as_ref())),
                promise_then: then.as_ref().and_then(|item| term(item.terms.promised.as_ref())),
                statutory_then: then.as_ref().and_then(|item| term(item.terms.statutory.as_ref())),
                rates: *rates,
                shortest_kept: sums.shortest(procedure),
            }
        });
        let supposed = Supposed {
            version: 1,
            position: self.position,
            period: self.period,
            open_on,
            centre: sums.centre,
            departments: sums
                .departments
                .iter()
                .map(|(department, rates)| DepartmentRates {
                    department: department.clone(),
                    rates: *rates,
                })
                .collect(),
            items: items.collect(),
            flips: sums.flips,
            moved: sums.moved,
            left_out: sums.left_out,
            recorded_otherwise: sums.recorded_otherwise,
            held_fixed: fixed::of(&self.changes),
            changes: self.changes.all.clone(),
        };
        Ok(Answer {
            supposed,
            directory: self.before.clone(),
        })
    }

    /// The cases that are left out.
    fn left_out(&self) -> BTreeSet<CaseId> {
        let wanted = self.changes.left_out();
        let is_left_out = |seen: &Seen| {
            wanted.iter().any(|(by, values)| {
                let value = match by {
                    Left::Window => seen.window.as_ref().map(WindowId::as_str),
                    Left::Department => seen.department.as_ref().map(DepartmentId::as_str),
                    Left::Handler => seen.handler.as_ref().map(PersonId::as_str),
                    Left::Agent => seen.agent.as_ref().map(PersonId::as_str),
                    Left::Procedure => seen.state.case().map(|case| case.procedure.as_str()),
                };
                value.is_some_and(|value| values.contains(value))
            })
        };
        let left = self.cases.iter().filter(|(_, seen)| is_left_out(seen));
        left.map(|(id, _)| id.clone()).collect()
    }
}

impl Projection for WhatIf {
    /// What would have been, or why that cannot be supposed: the log has nothing of what is changed, or it cannot be made so.
    type View = Result<Answer, Impossible>;

    fn apply(&mut self, recorded: &Recorded) {
        self.take(recorded);
    }

    fn view(&self) -> Self::View {
        self.answer()
    }
}

/// Everything that is summed over the cases.
#[derive(Debug, Default)]
struct Sums {
    left_out: BTreeSet<CaseId>,
    centre: Compared,
    departments: BTreeMap<DepartmentId, Compared>,
    items: BTreeMap<ProcedureId, Compared>,
    /// Of each item and unit, the terms that its decisions would have needed.
    needed: BTreeMap<ProcedureId, Vec<Term>>,
    flips: Vec<Flip>,
    moved: u64,
    recorded_otherwise: Vec<RecordedOtherwise>,
}

impl Sums {
    fn decision(&mut self, decision: &Decision, seen: &Seen) {
        let (before, after) = (
            decision.timeliness(decision.before),
            decision.timeliness(decision.after),
        );
        let stays = self.stays(&decision.case);
        self.each(seen, |compared| {
            compared.before.add_decision(before);
            if stays {
                compared.after.add_decision(after);
            }
        });
        if before != decision.recorded {
            self.recorded_otherwise.push(RecordedOtherwise {
                case: decision.case.clone(),
                decided_on: decision.on,
                recorded: decision.recorded.as_str(),
                counted: before.as_str(),
            });
        }
        if !stays {
            return;
        }
        if let (Some(needed), Some(case)) = (decision.needed, seen.state.case()) {
            self.needed
                .entry(case.procedure.clone())
                .or_default()
                .push(needed);
        }
        let words = (before.as_str(), after.as_str());
        let standings = (decision.before, decision.after);
        self.flip(&decision.case, seen, Some(decision.on), words, standings);
    }

    fn open(&mut self, id: &CaseId, seen: &Seen, before: Standing, after: Standing) {
        let stays = self.stays(id);
        self.each(seen, |compared| {
            compared.before.add_open(before);
            if stays {
                compared.after.add_open(after);
            }
        });
        if stays {
            self.flip(
                id,
                seen,
                None,
                (open_word(before), open_word(after)),
                (before, after),
            );
        }
    }

    fn stays(&self, case: &CaseId) -> bool {
        !self.left_out.contains(case)
    }

    fn each(&mut self, seen: &Seen, add: impl Fn(&mut Compared)) {
        add(&mut self.centre);
        if let Some(department) = &seen.department {
            add(self.departments.entry(department.clone()).or_default());
        }
        if let Some(case) = seen.state.case() {
            add(self.items.entry(case.procedure.clone()).or_default());
        }
    }

    fn flip(
        &mut self,
        id: &CaseId,
        seen: &Seen,
        decided_on: Option<Date>,
        (before_word, after_word): (&'static str, &'static str),
        (before, after): (Standing, Standing),
    ) {
        let due = |limit: Option<measure::Limit>| limit.and_then(|limit| limit.due_on);
        let promise = Due {
            before: due(before.promise),
            after: due(after.promise),
            late_before: before.late_by_promise(),
            late_after: after.late_by_promise(),
        };
        let statute = Due {
            before: due(before.statute),
            after: due(after.statute),
            late_before: before.late_by_statute(),
            late_after: after.late_by_statute(),
        };
        let has_moved = |due: Due| due.before != due.after;
        self.moved += u64::from(has_moved(promise) || has_moved(statute));
        let flips = |due: Due| due.late_before != due.late_after;
        let (Some(case), Some(department)) = (seen.state.case(), &seen.department) else {
            return;
        };
        if flips(promise) || flips(statute) {
            self.flips.push(Flip {
                case: id.clone(),
                procedure: case.procedure.clone(),
                department: department.clone(),
                decided_on,
                before: before_word,
                after: after_word,
                promise,
                statute,
            });
        }
    }

    /// The shortest term that so many in a hundred of an item's decisions would have kept.
    fn shortest(&self, procedure: &ProcedureId) -> Option<Term> {
        let needed = self.needed.get(procedure)?;
        let unit = *needed.last()?;
        // Versions may differ in their unit; the newest one is told.
        let mut counts: Vec<u16> = needed
            .iter()
            .filter(|term| term.same_unit(unit))
            .map(|term| term.count())
            .collect();
        counts.sort_unstable();
        let nth = (counts.len() * SHORTEST_KEEPS_PERCENT).div_ceil(100);
        let count = counts.get(nth.checked_sub(1)?)?;
        Some(measure::with_count(unit, *count))
    }
}

fn open_word(standing: Standing) -> &'static str {
    if standing.late_by_statute() {
        "open_past_statute"
    } else if standing.late_by_promise() {
        "open_overdue"
    } else {
        "open"
    }
}
