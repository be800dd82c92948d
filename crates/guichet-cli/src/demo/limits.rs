//! The limits of a case as the engine counts them: until when somebody has to act, and whether an act came too late.

use std::cmp::Ordering;

use guichet::core::calendar::Calendar;
use guichet::core::case::clocks::running;
use guichet::core::case::event::ClockKind;
use guichet::core::case::{Case, CaseEvent};
use guichet::core::id::StepId;
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
        let picked = clocks.filter(|clock| wanted(clock.id.kind, clock.id.of.as_ref().map(|of| of.as_str())));
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

    /// The last day for a step: its own, that of its group, and the one before the decision is due.
    pub(super) fn step_last_day(&self, step: &StepId, today: Date) -> Option<Date> {
        let group = self.case.steps.get(step).and_then(|step| step.group.as_ref());
        let own = self.clocks(
            |kind, of| match kind {
                ClockKind::Step => of == Some(step.as_str()),
                ClockKind::Group => of.is_some() && of == group.map(|group| group.as_str()),
                ClockKind::Intake
                | ClockKind::Promised
                | ClockKind::Statutory
                | ClockKind::Delivery
                | ClockKind::Correction
                | ClockKind::Special
                | ClockKind::Rectification
                | ClockKind::Complaint => false,
            },
            today,
        );
        let decides = self
            .procedure
            .flow
            .as_ref()
            .and_then(|flow| flow.step(step))
            .is_some_and(|step| step.decides);
        let decision = self
            .decision_last_day(today)
            .map(|day| if decides { day } else { day.plus_days(-1) });
        own.into_iter()
            .map(|(_, late, _)| late.last_day)
            .chain(decision)
            .min()
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
