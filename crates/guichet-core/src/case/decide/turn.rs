//! A turn: the events that one command leads to, with the case as it becomes while they are told.

use std::collections::BTreeSet;

use super::Ask;
use crate::actor::Role;
use crate::calendar::Calendar;
use crate::case::Rejection;
use crate::case::clocks::{ClockId, Running, group_term};
use crate::case::event::{
    BranchArrived, BranchChosen, CaseEvent, ClockKind, Joined, Member, ParallelClosed, ParallelOpened,
    RatingOffered, StepStarted,
};
use crate::case::evolve::apply;
use crate::case::state::{Case, DecisionDue};
use crate::clock::Clock;
use crate::flow::{
    Advance, Block, FLOW_STEPS_MAX, GroupOutcome, MemberSilence, Parallel, Reached, Step, advance,
};
use crate::hours::Timetable;
use crate::id::{BlockId, DepartmentId, OpportunityId, StepId};
use crate::policy::RepeatedStep;
use crate::procedure::{Procedure, RatingPoint, SourcedTerm};
use crate::reference::Directory;
use crate::time::{Date, Term};

/// How often a flow is asked what comes next within one turn. Each answer opens or closes at least one block, so a flow
/// of bounded size is through long before.
const ROUNDS_MAX: usize = 8 * FLOW_STEPS_MAX;

/// The events so far, and the case as they leave it.
pub(super) struct Turn<'a> {
    pub(super) counting: Counting<'a>,
    /// The day on which what follows begins.
    pub(super) day: Date,
    pub(super) case: Case,
    events: Vec<CaseEvent>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(ask: &Ask<'a>, case: &Case) -> Result<Self, Rejection> {
        let counting = Counting::new(ask.directory, ask.procedure(case)?);
        Ok(Self {
            counting,
            day: ask.day,
            case: case.clone(),
            events: Vec::new(),
        })
    }

    pub(super) fn push(&mut self, event: impl Into<CaseEvent>) {
        let event = event.into();
        apply(&mut self.case, &event);
        self.events.push(event);
    }

    pub(super) fn finish(self) -> Vec<CaseEvent> {
        self.events
    }

    /// Lets the flow go as far as it goes by itself: choices are made, steps and groups opened, groups closed.
    pub(super) fn advance(&mut self) -> Result<Reached, Rejection> {
        let Some(flow) = &self.counting.procedure.flow else {
            return Ok(Reached::Complete);
        };
        for _ in 0..ROUNDS_MAX {
            let progress = self.case.progress.clone();
            let (reached, asked) = advance(flow, &progress, &self.case.facts);
            if asked.is_empty() {
                return Ok(reached);
            }
            for next in asked {
                for event in self.follow(&next)? {
                    self.push(event);
                }
            }
        }
        // Only a flow past every bound comes here; what was opened so far stands.
        Ok(Reached::Waiting)
    }

    /// How far the flow has come, without letting it go on.
    pub(super) fn reached(&self) -> Reached {
        let flow = self.counting.procedure.flow.as_ref();
        flow.map_or(Reached::Complete, |flow| {
            advance(flow, &self.case.progress, &self.case.facts).0
        })
    }

    fn follow(&self, asked: &Advance<'_>) -> Result<Vec<CaseEvent>, Rejection> {
        Ok(match asked {
            Advance::Start(step, within) => vec![self.started(step, *within)?.into()],
            Advance::Choose(choice, taken) => vec![
                BranchChosen {
                    choice: choice.clone(),
                    taken: *taken,
                }
                .into(),
            ],
            Advance::Open(group) => vec![self.opened(group)?.into()],
            Advance::Arrive {
                group,
                branch,
                dissent,
            } => {
                vec![
                    BranchArrived {
                        group: group.id.clone(),
                        branch: branch.clone(),
                        dissent: *dissent,
                    }
                    .into(),
                ]
            }
            Advance::Close {
                group,
                outcome,
                steps,
                groups,
            } => {
                let inner = groups
                    .iter()
                    .map(|inner| (inner.clone(), GroupOutcome::Released, BTreeSet::new()));
                let outer = std::iter::once((group.id.clone(), *outcome, steps.clone()));
                let closed = inner.chain(outer);
                closed
                    .map(|(group, outcome, released)| {
                        ParallelClosed {
                            group,
                            outcome,
                            released,
                        }
                        .into()
                    })
                    .collect()
            }
        })
    }

    fn started(&self, step: &Step, within: Option<&Parallel>) -> Result<StepStarted, Rejection> {
        let first = self.case.steps.get(&step.id).map(|known| known.first_started_on);
        let start = match self.counting.procedure.policy.repeated_step {
            RepeatedStep::FirstEntry => first.unwrap_or(self.day),
            RepeatedStep::LastEntry => self.day,
        };
        let due_on = step.term.map(|term| self.counting.due(start, term)).transpose()?;
        Ok(StepStarted {
            step: step.id.clone(),
            group: within.map(|group| group.id.clone()),
            department: self.department_of(step),
            role: step.needed_role(),
            window: step.window,
            started_on: self.day,
            due_on,
        })
    }

    fn opened(&self, group: &Parallel) -> Result<ParallelOpened, Rejection> {
        let members = group
            .branches
            .iter()
            .filter_map(|branch| self.member(group, branch))
            .collect();
        Ok(ParallelOpened {
            group: group.id.clone(),
            lead: group.lead.clone().unwrap_or_else(|| self.case.department.clone()),
            join: Joined(group.join),
            members,
            opened_on: self.day,
            due_on: group_term(group)
                .map(|term| self.counting.due(self.day, term))
                .transpose()?,
        })
    }

    fn member(&self, group: &Parallel, branch: &Block) -> Option<Member> {
        let id = branch.id()?;
        // A branch may stand behind a choice; what counts is whether a single department answers it.
        let step = match branch.steps()[..] {
            [only] => Some(only),
            _ => None,
        };
        Some(Member {
            department: step.map(|step| self.department_of(step)),
            veto: group.veto.contains(&id),
            silence_consents: step.is_some_and(|step| silence_consents(group, step)),
            branch: id,
        })
    }

    pub(super) fn department_of(&self, step: &Step) -> DepartmentId {
        step.department
            .clone()
            .unwrap_or_else(|| self.case.department.clone())
    }

    /// The step with this id: drawn in the flow, or added to a group of this case.
    pub(super) fn step(&self, id: &StepId) -> Option<Step> {
        let drawn = self
            .counting
            .procedure
            .flow
            .as_ref()
            .and_then(|flow| flow.step(id))
            .cloned();
        let mut added = self
            .case
            .progress
            .groups
            .values()
            .flat_map(|group| group.added.values());
        drawn.or_else(|| added.find(|step| step.id == *id).cloned())
    }

    /// The group with this id, as the flow draws it.
    pub(super) fn group(&self, id: &BlockId) -> Option<&'a Parallel> {
        self.counting
            .procedure
            .flow
            .as_ref()
            .and_then(|flow| flow.group(id))
    }

    /// The due dates of the decision as they are now.
    pub(super) fn decision_due(&self, effective_on: Date) -> Result<DecisionDue, Rejection> {
        self.counting.decision_due(effective_on, &self.case, self.day)
    }

    /// Offers a rating, where the procedure asks for one at this point.
    pub(super) fn offer_rating(&mut self, ask: &Ask<'_>, point: RatingPoint) -> Result<(), Rejection> {
        let Some(rating) = self.counting.procedure.rates(point) else {
            return Ok(());
        };
        let number = self.case.ratings.len() + 1;
        let Ok(opportunity) = OpportunityId::new(&format!("{point}-{number}")) else {
            return Ok(());
        };
        let closes_on = self.counting.due(ask.today, rating.open_for)?;
        let staff = (ask.actor.role.is_staff() && ask.actor.role != Role::Supervisor)
            .then(|| ask.actor.person.clone());
        let window = ask.actor.window.clone();
        let department = self.case.department.clone();
        self.push(RatingOffered {
            opportunity,
            point,
            staff,
            window,
            department,
            closes_on,
        });
        Ok(())
    }
}

/// Whether the silence of this step's department may count as consent: the flow says so, and it guards no safety.
pub(super) fn silence_consents(group: &Parallel, step: &Step) -> bool {
    let covered = |silence: &MemberSilence| silence.only.is_empty() || silence.only.contains(&step.id);
    !step.safety && group.silence.as_ref().is_some_and(covered)
}

/// A procedure with the calendar its days follow.
#[derive(Clone, Copy)]
pub(super) struct Counting<'a> {
    pub(super) procedure: &'a Procedure,
    calendar: Option<&'a Calendar>,
}

impl<'a> Counting<'a> {
    pub(super) fn new(directory: &'a Directory, procedure: &'a Procedure) -> Self {
        Self {
            procedure,
            calendar: directory
                .calendars
                .get(&procedure.calendar)
                .map(|calendar| &**calendar),
        }
    }

    pub(super) fn calendar(&self) -> Result<&'a Calendar, Rejection> {
        self.calendar.ok_or_else(|| Rejection::UnknownCalendar {
            procedure: self.procedure.id.clone(),
        })
    }

    /// The day on which what comes in with this command is received: the business date, where the command gives one; else
    /// the next working day for what came in after closing, where the policy says so and the centre has opening hours.
    pub(super) fn day_of_receipt(&self, ask: &Ask<'_>) -> Result<Date, Rejection> {
        let hours = ask
            .directory
            .centre
            .as_ref()
            .and_then(|centre| centre.opening_hours.as_ref());
        match hours {
            Some(hours) if self.procedure.policy.late_receipt_rolls && !ask.dated => {
                let timetable = Timetable::new(hours, self.calendar()?, ask.directory.zone());
                Ok(timetable.day_of_receipt(ask.at)?)
            }
            Some(_) | None => Ok(ask.day),
        }
    }

    /// The clock of a term that starts on a day.
    pub(super) fn clock(&self, start: Date, term: Term) -> Result<Clock<'a>, Rejection> {
        Ok(Clock::new(start, term, &self.procedure.policy, self.calendar()?))
    }

    /// The last day of a term that starts on a day.
    pub(super) fn due(&self, start: Date, term: Term) -> Result<Date, Rejection> {
        Ok(self.clock(start, term)?.due_on(start)?)
    }

    /// The last day of a term that the procedure sets, if it sets one.
    pub(super) fn due_of(&self, start: Date, term: Option<&SourcedTerm>) -> Result<Option<Date>, Rejection> {
        term.map(|term| self.due(start, term.term)).transpose()
    }

    /// The clock of one of the terms for the decision of a case that is accepted with effect from a day.
    pub(super) fn decision_clock(
        &self,
        effective_on: Date,
        term: &SourcedTerm,
        case: &Case,
    ) -> Result<Clock<'a>, Rejection> {
        let policy = &self.procedure.policy;
        let running = Running {
            id: ClockId::only(ClockKind::Statutory),
            start: policy.decision_start.day(case.received_on, Some(effective_on)),
            term: term.term,
            source: None,
        };
        Ok(running.clock(case, policy, self.calendar()?))
    }

    /// The due dates of a decision.
    pub(super) fn decision_due(
        &self,
        effective_on: Date,
        case: &Case,
        as_of: Date,
    ) -> Result<DecisionDue, Rejection> {
        let due = |term: Option<&SourcedTerm>| {
            term.map(|term| Ok::<_, Rejection>(self.decision_clock(effective_on, term, case)?.due_on(as_of)?))
                .transpose()
        };
        let terms = &self.procedure.terms;
        Ok(DecisionDue {
            statutory: due(terms.statutory.as_ref())?,
            promised: due(terms.promised.as_ref())?,
        })
    }
}
