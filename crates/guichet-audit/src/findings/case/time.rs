//! Rules about time: A1, A2, A3, the second half of A5, B14.

use guichet_core::case::clocks::{Running, decision_start, group_term};
use guichet_core::case::event::{ClockKind, Opinion};
use guichet_core::case::{Case, CaseEvent, Stage};
use guichet_core::clock::Clock;
use guichet_core::procedure::ProcedureKind;
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Term};

use super::super::finding::Fact;
use super::super::rule::RuleId;
use super::super::turn::{Turn, over};
use super::Marks;

/// What time says about an event, before it changes anything.
pub(super) fn before(t: &mut Turn<'_>, case: &Case, marks: &Marks, event: &CaseEvent) {
    if let CaseEvent::DecisionMade(e) = event {
        decided(t, case, marks, e.decided_on, false);
        if let Some(step) = &e.step {
            step_left(t, case, marks, step.as_str(), e.decided_on, false);
        }
    } else if let CaseEvent::DecisionDeemed(e) = event {
        decided(t, case, marks, e.lapsed_on.next(), false);
    } else if let CaseEvent::CaseWithdrawn(e) = event {
        decided(t, case, marks, e.withdrawn_on, false);
    } else if let CaseEvent::CaseTerminated(e) = event {
        decided(t, case, marks, e.terminated_on, false);
    } else if let CaseEvent::StepOpinionGiven(e) = event {
        step_left(t, case, marks, e.step.as_str(), t.on, false);
        let examined = case
            .steps
            .get(&e.step)
            .is_some_and(|step| step.role == guichet_core::actor::Role::Handler);
        if examined || e.opinion == Opinion::AgreeButForward {
            sent_up(t, case, marks, t.on, false);
        }
    } else if let CaseEvent::MemberOpinionGiven(e) = event {
        step_left(t, case, marks, e.member.as_str(), t.on, false);
        if e.opinion == Opinion::AgreeButForward {
            sent_up(t, case, marks, t.on, false);
        }
    } else if let CaseEvent::MemberConsentDeemed(e) = event {
        step_left(t, case, marks, e.member.as_str(), e.lapsed_on.next(), false);
    } else if let CaseEvent::StepSentBack(e) = event {
        step_left(t, case, marks, e.from.as_str(), t.on, false);
    } else if let CaseEvent::CaseTransferred(e) = event {
        if e.department.as_ref().is_some_and(|to| *to != case.department) {
            sent_up(t, case, marks, t.on, false);
        }
    } else if let CaseEvent::ParallelClosed(e) = event {
        group_left(t, case, marks, e.group.as_str(), t.on, false);
    } else if let CaseEvent::CaseAccepted(_) = event {
        left_lying(t, case, marks, t.on, false);
    } else if let CaseEvent::CertificateDelivered(e) = event {
        delivered(t, case, marks, e.delivered_on);
    }
}

/// What is late of a case that still stands open, as of a day.
pub(super) fn open(t: &mut Turn<'_>, case: &Case, marks: &Marks, today: Date) {
    match &case.stage {
        Stage::Intake { .. } => left_lying(t, case, marks, today, true),
        Stage::Review => {
            decided(t, case, marks, today, true);
            sent_up(t, case, marks, today, true);
            for step in &case.progress.open {
                step_left(t, case, marks, step.as_str(), today, true);
            }
            for (group, progress) in &case.progress.groups {
                if progress.entered && progress.outcome.is_none() {
                    group_left(t, case, marks, group.as_str(), today, true);
                }
            }
        }
        Stage::Decided { .. } => {
            // Due whether or not the decision told a day for it.
            let undelivered = case
                .delivered_on
                .is_none()
                .then_some(case.decision.as_ref())
                .flatten();
            if let (Some(decision), Some((procedure, calendar))) = (undelivered, t.law())
                && let (true, Some(term)) = (decision.outcome.is_grant(), &procedure.terms.delivery)
            {
                let clock = Clock::new(decision.on, term.term, &procedure.policy, calendar);
                if let (Some(over), Some((decided, _))) = (over(&clock, today, true, 0), marks.kept.decided) {
                    t.find_at(RuleId::B14, decided, [], Fact::DeliveredLate { over });
                }
            }
        }
        Stage::Correction { .. } | Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. } => {
        }
    }
}

/// A1: the decision, against the computed last days of the promise and of the law.
fn decided(t: &mut Turn<'_>, case: &Case, marks: &Marks, on: Date, open: bool) {
    if case.stage != Stage::Review || t.rules.severity(RuleId::A1).is_none() {
        return;
    }
    for (clock, over) in late_decision(t, case, on, open) {
        let anchor = marks.kept.clock_from.unwrap_or(t.position);
        let until = (!open).then_some(t.position);
        t.find_at(RuleId::A1, anchor, until, Fact::DecisionLate { clock, over });
    }
}

fn late_decision(
    t: &Turn<'_>,
    case: &Case,
    on: Date,
    open: bool,
) -> Vec<(ClockKind, super::super::finding::Over)> {
    let Some((procedure, calendar)) = t.law() else {
        return Vec::new();
    };
    decision_clocks(t, case)
        .into_iter()
        .filter_map(|clock| {
            let counted = clock.clock(case, &procedure.policy, calendar);
            let over = over(&counted, on, open, t.rules.of().a1.grace_days)?;
            Some((clock.id.kind, over))
        })
        .collect()
}

/// The clocks of the promise and of the law, where they run.
pub(super) fn decision_clocks(t: &Turn<'_>, case: &Case) -> Vec<Running> {
    let Some(procedure) = t.procedure.filter(|_| case.stage == Stage::Review) else {
        return Vec::new();
    };
    let start = decision_start(procedure, case);
    let terms = &procedure.terms;
    [
        (ClockKind::Statutory, terms.statutory.as_ref()),
        (ClockKind::Promised, terms.promised.as_ref()),
    ]
    .into_iter()
    .filter_map(|(kind, term)| {
        let term = term?;
        Some(Running {
            id: guichet_core::case::clocks::ClockId::only(kind),
            start,
            term: term.term,
            source: None,
        })
    })
    .collect()
}

/// A2, for a step that is left.
fn step_left(t: &mut Turn<'_>, case: &Case, marks: &Marks, step: &str, on: Date, open: bool) {
    if t.rules.severity(RuleId::A2).is_none() || case.stage != Stage::Review {
        return;
    }
    let Some((procedure, calendar)) = t.law() else {
        return;
    };
    let Some((id, reached)) = case
        .steps
        .get_key_value(step)
        .filter(|(id, _)| case.progress.open.contains(*id))
    else {
        return;
    };
    let drawn = procedure.flow.as_ref().and_then(|flow| flow.step(id));
    let mut added = case
        .progress
        .groups
        .values()
        .flat_map(|group| group.added.values());
    let Some(term) = drawn
        .or_else(|| added.find(|step| step.id == *id))
        .and_then(|step| step.term)
    else {
        return;
    };
    let start = match procedure.policy.repeated_step {
        guichet_core::policy::RepeatedStep::FirstEntry => reached.first_started_on,
        guichet_core::policy::RepeatedStep::LastEntry => reached.started_on,
    };
    let mut clock = Clock::new(start, term, &procedure.policy, calendar);
    clock.pauses = case.pauses();
    let Some(over) = over(&clock, on, open, t.rules.of().a2.grace_days) else {
        return;
    };
    let started = marks.started(step).unwrap_or(t.position);
    let mut place = t.place.clone();
    place.department = Some(reached.department.clone());
    if open {
        place.handler.clone_from(&reached.holder);
    }
    let fact = Fact::StepLate {
        step: step.to_owned(),
        group: false,
        department: reached.department.clone(),
        over,
        case_in_time: late_decision(t, case, on, open).is_empty(),
    };
    t.find_in(RuleId::A2, started, (!open).then_some(t.position), fact, place);
}

/// A2, for a parallel group that is left.
fn group_left(t: &mut Turn<'_>, case: &Case, marks: &Marks, group: &str, on: Date, open: bool) {
    if t.rules.severity(RuleId::A2).is_none() || case.stage != Stage::Review {
        return;
    }
    let Some((procedure, calendar)) = t.law() else {
        return;
    };
    let Some((id, state)) = case.groups.get_key_value(group) else {
        return;
    };
    let drawn = procedure.flow.as_ref().and_then(|flow| flow.group(id));
    let Some(term) = drawn.and_then(group_term) else {
        return;
    };
    let mut clock = Clock::new(state.opened_on, term, &procedure.policy, calendar);
    clock.pauses = case.pauses();
    let Some(over) = over(&clock, on, open, t.rules.of().a2.grace_days) else {
        return;
    };
    let opened = marks.started(group).unwrap_or(t.position);
    let mut place = t.place.clone();
    place.department = Some(state.lead.clone());
    let fact = Fact::StepLate {
        step: group.to_owned(),
        group: true,
        department: state.lead.clone(),
        over,
        case_in_time: late_decision(t, case, on, open).is_empty(),
    };
    t.find_in(RuleId::A2, opened, (!open).then_some(t.position), fact, place);
}

/// A3: an item that a higher level decides was examined and sent up, or has still to be.
fn sent_up(t: &mut Turn<'_>, case: &Case, marks: &Marks, on: Date, open: bool) {
    let Some((procedure, calendar)) = t.law() else {
        return;
    };
    if marks.sent_up || procedure.kind != ProcedureKind::Forwarded || case.stage != Stage::Review {
        return;
    }
    let Some(acceptance) = &case.acceptance else {
        return;
    };
    let within = u16::try_from(t.rules.of().a3.within_days).unwrap_or(u16::MAX);
    let mut clock = Clock::new(
        decision_start(procedure, case),
        Term::WorkingDays(within),
        &procedure.policy,
        calendar,
    );
    clock.pauses = case.pauses();
    if let Some(over) = over(&clock, on, open, 0) {
        let anchor = marks.kept.clock_from.unwrap_or(t.position);
        let fact = Fact::ForwardedLate {
            accepted_on: acceptance.effective_on,
            over,
        };
        t.find_at(RuleId::A3, anchor, (!open).then_some(t.position), fact);
    }
}

/// A5: everything was there, and the intake term passed without an answer.
pub(super) fn left_lying(t: &mut Turn<'_>, case: &Case, marks: &Marks, on: Date, open: bool) {
    let Some((procedure, calendar)) = t.law() else {
        return;
    };
    let (Stage::Intake { since, .. }, Some(term)) = (&case.stage, &procedure.terms.intake) else {
        return;
    };
    if !super::intake::is_complete(procedure, case) {
        return;
    }
    let clock = Clock::new(*since, term.term, &procedure.policy, calendar);
    if let Some(over) = over(&clock, on, open, t.rules.of().a5.grace_days) {
        let anchor = marks.kept.submitted.unwrap_or(t.position);
        let fact = Fact::LeftLying {
            received_on: *since,
            over,
        };
        t.find_at(RuleId::A5, anchor, (!open).then_some(t.position), fact);
    }
}

/// B14: before the decision, or too long after it.
fn delivered(t: &mut Turn<'_>, case: &Case, marks: &Marks, on: Date) {
    let decision = case.decision.as_ref();
    if decision.is_none_or(|decision| on < decision.on) {
        let fact = Fact::DeliveredBeforeDecision {
            delivered_on: on,
            decided_on: decision.map(|decision| decision.on),
        };
        t.find(RuleId::B14, marks.kept.decided.map(|decided| decided.0), fact);
        return;
    }
    let (Some(decision), Some((procedure, calendar))) = (decision, t.law()) else {
        return;
    };
    if !decision.outcome.is_grant() || case.delivered_on.is_some() {
        return;
    }
    let within = u16::try_from(t.rules.of().b14.within_days).unwrap_or(u16::MAX);
    let term = procedure
        .terms
        .delivery
        .as_ref()
        .map_or(Term::WorkingDays(within), |delivery| delivery.term);
    let clock = Clock::new(decision.on, term, &procedure.policy, calendar);
    if let Some(over) = over(&clock, on, false, 0) {
        let anchor = marks.kept.decided.map_or(t.position, |decided| decided.0);
        t.find_at(RuleId::B14, anchor, [t.position], Fact::DeliveredLate { over });
    }
}

/// What is known of a directory's staff: nothing can be said of people where no staff was ever published.
pub(in super::super) fn knows_staff(directory: &Directory) -> bool {
    !directory.staff.is_empty()
}
