//! The rules that look at one case: what is kept of it, and what each record of it is asked.

mod conduct;
mod intake;
mod ratings;
mod records;
mod row;
mod time;

use guichet_core::actor::Role;
use guichet_core::case::{Case, CaseEvent, CaseState, Stage, evolve};
use guichet_core::id::{BlockId, PersonId, Position, SpecialProcedureId, StepId, WindowId};
use guichet_core::time::{Date, Timestamp};
use guichet_log::projection::Recorded;
use guichet_log::record::Cause;

pub(super) use ratings::Occasion;
pub(super) use row::{Application, Row};
pub(super) use time::knows_staff;

use super::patterns::Patterns;
use super::turn::Turn;

/// What of a case is kept to its end and beyond.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) next: u64,
    pub(super) submitted: Option<Position>,
    pub(super) accepted: Option<(Position, Timestamp)>,
    /// The record from which its decision clocks are told: its acceptance, or its last reopening.
    pub(super) clock_from: Option<Position>,
    pub(super) decided: Option<(Position, Timestamp)>,
    pub(super) completed: Option<Position>,
    pub(super) handler: Option<PersonId>,
    pub(super) ratings: Vec<Occasion>,
}

/// An opinion that somebody gave.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) step: StepId,
    pub(super) role: Role,
    pub(super) by: PersonId,
    pub(super) at: Position,
}

/// A transfer, the lesser window first.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) a: WindowId,
    pub(super) b: WindowId,
    pub(super) at: Position,
}

/// The records of a special procedure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SpecialMark {
    pub(super) approved: Option<Position>,
    pub(super) notice: bool,
    pub(super) started: Option<Position>,
}

/// What of a case is kept while it is open, beside its state: where in the log things were.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    pub(super) kept: Kept,
    pub(super) advised: Option<(Position, Date)>,
    pub(super) corrections: Vec<Position>,
    begun: Vec<(BlockId, Position)>,
    specials: Vec<(SpecialProcedureId, SpecialMark)>,
    pub(super) transfers: Vec<Sent>,
    pub(super) extensions: Vec<Position>,
    pub(super) answers: Vec<Answer>,
    pub(super) opinions: u32,
    pub(super) burst: Vec<(Timestamp, Position)>,
    pub(super) sent_up: bool,
    /// The last act that was dated after it was recorded.
    ahead: Option<Position>,
    /// Whether a correction was found complete.
    pub(super) corrected: bool,
}

impl Marks {
    /// Where a step or a group was begun, the last time.
    pub(super) fn started(&self, of: &str) -> Option<Position> {
        let begun = self.begun.iter().rfind(|(id, _)| id.as_str() == of);
        begun.map(|(_, position)| *position)
    }

    pub(super) fn special(&self, id: &SpecialProcedureId) -> Option<&SpecialMark> {
        self.specials
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, mark)| mark)
    }

    fn special_mut(&mut self, id: &SpecialProcedureId) -> Option<&mut SpecialMark> {
        if self.special(id).is_none() {
            self.specials.push((id.clone(), SpecialMark::default()));
        }
        let mut specials = self.specials.iter_mut();
        specials.find(|(known, _)| known == id).map(|(_, mark)| mark)
    }

    fn begin(&mut self, of: &str, at: Position) {
        if let Ok(id) = BlockId::new(of) {
            self.begun.push((id, at));
        }
    }

    /// Takes down where an event is, once the rules have looked at it.
    fn note(&mut self, before: Option<&Case>, event: &CaseEvent, recorded: &Recorded, today: Date) {
        let at = recorded.position;
        let moment = (at, recorded.occurred_at);
        if let CaseEvent::PreCheckRecorded(_) = event {
            self.advised.get_or_insert((at, today));
        } else if let CaseEvent::CaseSubmitted(_) = event {
            self.kept.submitted.get_or_insert(at);
        } else if let CaseEvent::CorrectionRequested(_) = event {
            self.corrections.push(at);
            self.corrected = false;
        } else if let CaseEvent::CorrectionSubmitted(e) = event {
            self.corrected = e.complete;
        } else if let CaseEvent::CaseAccepted(_) | CaseEvent::AcceptanceDeemed(_) = event {
            self.kept.accepted.get_or_insert(moment);
            self.kept.clock_from.get_or_insert(at);
        } else if let CaseEvent::StepStarted(e) = event {
            self.begin(e.step.as_str(), at);
        } else if let CaseEvent::ParallelOpened(e) = event {
            self.begin(e.group.as_str(), at);
        } else if let CaseEvent::StepOpinionGiven(e) = event {
            self.answer(before, &e.step, &e.by, recorded);
        } else if let CaseEvent::MemberOpinionGiven(e) = event {
            self.answer(before, &e.member, &e.by, recorded);
        } else if let CaseEvent::MemberConsentDeemed(_) = event {
            self.opinions = self.opinions.saturating_add(1);
        } else if let CaseEvent::CaseTransferred(e) = event {
            let (a, b) = if e.from <= e.to {
                (&e.from, &e.to)
            } else {
                (&e.to, &e.from)
            };
            self.transfers.push(Sent {
                a: a.clone(),
                b: b.clone(),
                at,
            });
            let elsewhere = |case: &Case| e.department.as_ref().is_some_and(|to| *to != case.department);
            self.sent_up |= before.is_some_and(elsewhere);
        } else if let CaseEvent::SpecialProcedureApproved(e) = event {
            if let Some(mark) = self.special_mut(&e.special) {
                mark.approved = Some(at);
                mark.notice = e.notice.is_some();
            }
        } else if let CaseEvent::SpecialProcedureStarted(e) = event {
            if let Some(mark) = self.special_mut(&e.special) {
                mark.started = Some(at);
            }
        } else if let CaseEvent::ExtensionGranted(_) = event {
            self.extensions.push(at);
        } else if let CaseEvent::DecisionMade(_) | CaseEvent::DecisionDeemed(_) = event {
            self.kept.decided.get_or_insert(moment);
        } else if let CaseEvent::DecisionRevoked(_) = event {
            self.kept.decided = None;
        } else if let CaseEvent::CaseCompleted(_) = event {
            self.kept.completed.get_or_insert(at);
        } else if let CaseEvent::CaseReopened(_) = event {
            self.kept.clock_from = Some(at);
            self.kept.decided = None;
            self.kept.completed = None;
            self.answers.clear();
        }
    }

    fn answer(&mut self, before: Option<&Case>, step: &StepId, by: &PersonId, recorded: &Recorded) {
        self.opinions = self.opinions.saturating_add(1);
        let reached = before.and_then(|case| case.steps.get(step));
        let role = reached.map_or(recorded.actor.role, |step| step.role);
        self.sent_up |= role == Role::Handler;
        self.kept.handler.get_or_insert_with(|| by.clone());
        self.answers.push(Answer {
            step: step.clone(),
            role,
            by: by.clone(),
            at: recorded.position,
        });
    }
}

/// A case that is open, with everything that the rules ask of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    pub(super) state: CaseState,
    pub(super) marks: Marks,
}

impl Open {
    /// Asks the rules about a record, and takes it in.
    pub(super) fn apply(
        &mut self,
        t: &mut Turn<'_>,
        patterns: &mut Patterns,
        event: &CaseEvent,
        recorded: &Recorded,
    ) {
        if let Some(case) = self.state.case() {
            t.know(case);
        } else if let CaseEvent::CaseSubmitted(e) = event {
            t.know_item(&e.procedure, e.version);
            t.place.department = Some(e.department.clone());
        }
        t.place.handler = recorded
            .actor
            .role
            .is_staff()
            .then(|| recorded.actor.person.clone());
        records::order(t, &mut self.marks, recorded);
        self.marks.kept.next = recorded.revision.0.saturating_add(1);
        let before = self.state.case();
        if let Some(case) = before {
            conduct::always(t, case, &self.marks, event);
            time::before(t, case, &self.marks, event);
        }
        // What another system did is judged by its dates; who typed what and when, it does not say.
        let taken_over =
            recorded.actor.role == Role::Importer || matches!(recorded.cause, Cause::Imported { .. });
        if taken_over {
            if let Some(case) = before {
                intake::taken_over(t, case, event);
            }
        } else {
            if let Some(case) = before {
                intake::before(t, patterns, case, &self.marks, event, recorded.occurred_at);
                conduct::before(t, case, &self.marks, event, &recorded.actor);
                patterns.before(t, case, &self.marks, event);
            }
            records::entered(t, before, &mut self.marks, event, recorded);
            patterns.person(t, recorded);
            ratings::apply(t, patterns, before, &mut self.marks.kept, event, recorded);
        }
        self.marks.note(before, event, recorded, t.on);
        self.state = evolve(std::mem::take(&mut self.state), event);
    }

    /// Whether nothing more is asked of it unless something happens to it again.
    pub(super) fn is_over(&self) -> bool {
        let stage = self.state.case().map(|case| &case.stage);
        matches!(
            stage,
            Some(Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. })
        )
    }

    /// What is late of it as of a day.
    pub(super) fn as_of(&self, t: &mut Turn<'_>, today: Date) {
        if let Some(case) = self.state.case() {
            t.know(case);
            t.place.handler.clone_from(&self.marks.kept.handler);
            time::open(t, case, &self.marks, today);
        }
    }
}
