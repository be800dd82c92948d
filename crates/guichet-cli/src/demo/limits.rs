//! The limits of a case as the engine counts them: until when somebody has to act, and whether an act came too late.

use std::cmp::Ordering;

use guichet::core::calendar::Calendar;
use guichet::core::case::clocks::running;
use guichet::core::case::event::ClockKind;
use guichet::core::case::{Case, CaseEvent};
use guichet::core::flow::Block;
use guichet::core::id::{BlockId, StepId};
use guichet::core::procedure::Procedure;
use guichet::core::time::Date;

/// A case with what its limits hang on.
#[derive(Clone, Copy)]
pub(super) struct Limits<'a> {
    pub(super) case: &'a Case,
    pub(super) procedure: &'a Procedure,
    pub(super) calendar: &'a Calendar,
}

/// A limit that was let pass.
pub(super) struct Late {
    /// The step or the group; nothing for the decision.
    pub(super) of: Option<String>,
    pub(super) last_day: Date,
}

impl Limits<'_> {
    /// The running clocks that `wanted` picks, each with its last day as counted today and whether it is past.
    fn clocks(
        &self,
        wanted: impl Fn(ClockKind, Option<&str>) -> bool,
        on: Date,
    ) -> Vec<(ClockKind, Late, bool)> {
        let policy = &self.procedure.policy;
        let clocks = running(self.procedure, self.case).into_iter();
        let picked = clocks.filter(|clock| wanted(clock.id.kind, clock.id.of.as_ref().map(BlockId::as_str)));
        picked
            .filter_map(|running| {
                let clock = running.clock(self.case, policy, self.calendar);
                let last_day = clock.due_on(on).ok()?;
                let past = clock.kept(on).ok()? == Ordering::Greater;
                let of = running.id.of.map(|of| of.to_string());
                Some((running.id.kind, Late { of, last_day }, past))
            })
            .collect()
    }

    fn past(&self, kind: ClockKind, of: Option<&str>, on: Date) -> Option<Late> {
        let found = self.clocks(|known, name| known == kind && name == of, on);
        found.into_iter().find_map(|(_, late, past)| past.then_some(late))
    }

    /// Whether a decision on a day comes after the promise, or after the law where nothing is promised.
    pub(super) fn decision_past(&self, on: Date) -> Option<Late> {
        let promise = self.past(ClockKind::Promised, None, on);
        promise.or_else(|| self.past(ClockKind::Statutory, None, on))
    }

    /// What an act leaves too late: steps, groups.
    pub(super) fn left_late(&self, event: &CaseEvent, on: Date) -> Option<Late> {
        let step = |step: &StepId, on| self.past(ClockKind::Step, Some(step.as_str()), on);
        if let CaseEvent::DecisionMade(made) = event {
            step(made.step.as_ref()?, made.decided_on)
        } else if let CaseEvent::StepOpinionGiven(given) = event {
            step(&given.step, on)
        } else if let CaseEvent::MemberOpinionGiven(given) = event {
            step(&given.member, on)
        } else if let CaseEvent::MemberConsentDeemed(deemed) = event {
            step(&deemed.member, deemed.lapsed_on.next())
        } else if let CaseEvent::StepSentBack(sent) = event {
            step(&sent.from, on)
        } else if let CaseEvent::ParallelClosed(closed) = event {
            self.past(ClockKind::Group, Some(closed.group.as_str()), on)
        } else {
            None
        }
    }

    /// Steps and groups that are open and late on a day.
    pub(super) fn open_late(&self, on: Date) -> Vec<Late> {
        let found = self.clocks(|kind, _| matches!(kind, ClockKind::Step | ClockKind::Group), on);
        found
            .into_iter()
            .filter_map(|(_, late, past)| past.then_some(late))
            .collect()
    }

    /// The nearest last day for a decision, while its clocks run.
    pub(super) fn decision_last_day(&self, today: Date) -> Option<Date> {
        let found = self.clocks(
            |kind, _| matches!(kind, ClockKind::Promised | ClockKind::Statutory),
            today,
        );
        found.into_iter().map(|(_, late, _)| late.last_day).min()
    }

    /// How many working days are left for the decision.
    pub(super) fn days_left(&self, today: Date) -> Option<u32> {
        let last_day = self.decision_last_day(today)?;
        self.calendar.working_days_between(today, last_day).ok()
    }

    /// The last day for a step that leaves room for those that follow it: its own, those of the groups it stands in, and
    /// that of the decision.
    pub(super) fn step_last_day(&self, step: &StepId, today: Date) -> Option<Date> {
        let flow = self.procedure.flow.as_ref()?;
        let own = self.last_day(ClockKind::Step, step.as_str(), today);
        let item = |step: &StepId| step.as_str().rsplit_once('.').map(|(item, _)| item.to_owned());
        let steps = flow.steps().into_iter();
        let rest = steps.skip_while(|known| known.id != *step).skip(1);
        // The steps of one item follow each other, a day each.
        let following = rest.take_while(|known| item(&known.id) == item(step)).count();
        let room = i32::try_from(following).unwrap_or(0);
        let groups = self.case.groups.keys().filter(|group| {
            let drawn = flow.group(group);
            drawn.is_some_and(|drawn| {
                drawn
                    .branches
                    .iter()
                    .flat_map(Block::steps)
                    .any(|known| known.id == *step)
            })
        });
        let groups = groups.filter_map(|group| self.last_day(ClockKind::Group, group.as_str(), today));
        let decides = flow.step(step).is_some_and(|step| step.decides);
        let decision = self.decision_last_day(today);
        groups
            .map(|day| day.plus_days(-room))
            .chain(decision.map(|day| if decides { day } else { day.plus_days(-1) }))
            .chain(own)
            .min()
    }

    /// The last day of a clock that runs.
    fn last_day(&self, kind: ClockKind, of: &str, today: Date) -> Option<Date> {
        let found = self.clocks(|known, name| known == kind && name == Some(of), today);
        found.into_iter().map(|(_, late, _)| late.last_day).next()
    }

    /// How many working days are left for a step by its own term.
    pub(super) fn step_days_left(&self, step: &StepId, today: Date) -> Option<u32> {
        let last_day = self.last_day(ClockKind::Step, step.as_str(), today)?;
        self.calendar.working_days_between(today, last_day).ok()
    }

    /// The last day of a special procedure, as it was announced.
    pub(super) fn special_last_day(&self, special: &str, today: Date) -> Option<Date> {
        let found = self.clocks(
            |kind, of| kind == ClockKind::Special && of == Some(special),
            today,
        );
        found.into_iter().map(|(_, late, _)| late.last_day).next()
    }
}
