//! Rules about how a case is handled: A6, A7, A8, A9, A10, B5, B7, B8, B9, B12, B13.

use std::collections::BTreeSet;

use guichet_core::actor::{Actor, Role};
use guichet_core::case::event::{
    CaseTransferred, ConsentGround, DecisionMade, ExtensionGranted, MemberConsentDeemed,
};
use guichet_core::case::state::SpecialStatus;
use guichet_core::case::{Case, CaseEvent, Stage};
use guichet_core::clock::Clock;
use guichet_core::flow::Block;
use guichet_core::id::{FeeId, PersonId, SpecialProcedureId, StepId};
use guichet_core::procedure::{ProcedureKind, RatingPoint, SpecialKind};

use super::super::finding::{Fact, Interval, Milestone, Piece};
use super::super::rule::RuleId;
use super::super::turn::{Turn, over, working_days};
use super::Marks;
use super::time::{decision_clocks, knows_staff};

/// Rules that hold for whatever came into the log, and however.
pub(super) fn always(t: &mut Turn<'_>, case: &Case, marks: &Marks, event: &CaseEvent) {
    again(t, marks, event);
    intervals(t, case, marks, event);
}

/// Rules about what people did here.
pub(super) fn before(t: &mut Turn<'_>, case: &Case, marks: &Marks, event: &CaseEvent, actor: &Actor) {
    if let CaseEvent::FeeNotified(e) = event {
        for item in &e.fees {
            fee(t, &item.fee, item.amount_fen, false);
        }
    } else if let CaseEvent::FeePaid(e) = event {
        // What was told with another amount was found when it was told.
        if case
            .fees
            .get(&e.fee)
            .is_none_or(|known| known.owed_fen != e.amount_fen)
        {
            fee(t, &e.fee, e.amount_fen, true);
        }
    } else if let CaseEvent::FeeWaived(e) = event {
        if let (Some(decision), Some((decided, _))) = (&case.decision, marks.kept.decided) {
            let fact = Fact::WaivedAfterDecision {
                fee: e.fee.clone(),
                decided_on: decision.on,
                on: t.on,
            };
            t.find(RuleId::B13, [decided], fact);
        }
    } else if let CaseEvent::StepRecorded(e) = event {
        if t.procedure.is_some_and(|procedure| procedure.flow.is_some()) {
            let activity = e.activity.clone();
            t.find(RuleId::A7, [], Fact::OutsideTheFlow { activity });
        }
    } else if let CaseEvent::StepOpinionGiven(e) = event {
        entered(t, &e.by, actor);
        four_eyes(t, case, marks, &e.step, &e.by);
    } else if let CaseEvent::MemberOpinionGiven(e) = event {
        entered(t, &e.by, actor);
        four_eyes(t, case, marks, &e.member, &e.by);
    } else if let CaseEvent::DecisionMade(e) = event {
        entered(t, &e.by, actor);
        decided(t, case, marks, e);
    } else if let CaseEvent::MemberConsentDeemed(e) = event {
        deemed(t, case, marks, e);
    } else if let CaseEvent::CaseTransferred(e) = event {
        transferred(t, case, marks, e);
    } else if let CaseEvent::ExtensionGranted(e) = event {
        extended(t, case, marks, e);
    } else if let CaseEvent::CaseCompleted(_) = event {
        complete(t, case, marks);
    } else {
        special(t, case, marks, event);
    }
}

/// A6.
fn fee(t: &mut Turn<'_>, fee: &FeeId, amount_fen: u64, paid: bool) {
    let Some(procedure) = t.procedure else { return };
    let fact = match procedure.fees.iter().find(|listed| listed.id == *fee) {
        None => Fact::FeeNotListed {
            fee: fee.clone(),
            amount_fen,
            paid,
        },
        Some(listed) if listed.amount_fen.abs_diff(amount_fen) > u64::from(t.rules.of().a6.tolerance_fen) => {
            Fact::FeeNotStandard {
                fee: fee.clone(),
                amount_fen,
                standard_fen: listed.amount_fen,
                paid,
            }
        }
        Some(_) => return,
    };
    t.find(RuleId::A6, [], fact);
}

/// A7: who is said to have answered did not enter it.
fn entered(t: &mut Turn<'_>, by: &PersonId, actor: &Actor) {
    if *by != actor.person && actor.role.is_staff() {
        let fact = Fact::EnteredByAnother {
            by: by.clone(),
            entered_by: actor.person.clone(),
        };
        t.find(RuleId::A7, [], fact);
    }
}

/// A8.
fn again(t: &mut Turn<'_>, marks: &Marks, event: &CaseEvent) {
    let kept = &marks.kept;
    let accepted = kept.accepted.map(|(position, _)| position);
    let (what, first) = if let CaseEvent::CaseAccepted(_) | CaseEvent::AcceptanceDeemed(_) = event {
        (Milestone::Accepted, accepted)
    } else if let CaseEvent::DecisionMade(_) | CaseEvent::DecisionDeemed(_) = event {
        (Milestone::Decided, kept.decided.map(|(position, _)| position))
    } else if let CaseEvent::CaseCompleted(_) = event {
        (Milestone::Completed, kept.completed)
    } else {
        return;
    };
    if first.is_some() {
        t.find(RuleId::A8, first, Fact::Again { what, first });
    }
}

/// A9.
fn intervals(t: &mut Turn<'_>, case: &Case, marks: &Marks, event: &CaseEvent) {
    let correcting = matches!(case.stage, Stage::Correction { .. });
    let suspended = case
        .suspensions
        .iter()
        .any(|suspension| suspension.until.is_none());
    let is_running = |special: &SpecialProcedureId| {
        let status = case.specials.get(special).map(|special| &special.status);
        matches!(status, Some(SpecialStatus::Running { .. }))
    };
    let running = |kind: SpecialKind| {
        case.specials.iter().find(|(_, special)| {
            special.kind == kind && matches!(special.status, SpecialStatus::Running { .. })
        })
    };
    let ended = |what, name| Fact::EndedWithoutStart { what, name };
    let two = |what, name| Fact::TwoOpen { what, name };
    if let CaseEvent::CorrectionRequested(_) = event {
        if correcting {
            let first = marks.corrections.last().copied();
            t.find(RuleId::A9, first, two(Interval::Correction, None));
        }
    } else if let CaseEvent::CorrectionSubmitted(_) = event {
        if !correcting {
            t.find(RuleId::A9, [], ended(Interval::Correction, None));
        }
    } else if let CaseEvent::ClockSuspended(_) = event {
        if suspended {
            t.find(RuleId::A9, [], two(Interval::Suspension, None));
        }
    } else if let CaseEvent::ClockResumed(_) = event {
        if !suspended {
            t.find(RuleId::A9, [], ended(Interval::Suspension, None));
        }
    } else if let CaseEvent::SpecialProcedureStarted(e) = event {
        let kind = case.specials.get(&e.special).map(|special| special.kind);
        if let Some((other, _)) = kind.and_then(running) {
            let first = marks.special(other).and_then(|mark| mark.started);
            t.find(RuleId::A9, first, two(Interval::Special, Some(other.to_string())));
        }
    } else if let CaseEvent::SpecialProcedureEnded(e) = event {
        if !is_running(&e.special) {
            t.find(
                RuleId::A9,
                [],
                ended(Interval::Special, Some(e.special.to_string())),
            );
        }
    } else if let CaseEvent::CaseCompleted(_) | CaseEvent::CaseArchived(_) = event {
        let ended = matches!(case.stage, Stage::Ended { .. });
        if ended || (matches!(event, CaseEvent::CaseArchived(_)) && marks.kept.completed.is_some()) {
            return;
        }
        if correcting {
            let fact = Fact::NotClosed {
                what: Interval::Correction,
                name: None,
            };
            t.find(RuleId::A9, marks.corrections.last().copied(), fact);
        }
        if suspended {
            let fact = Fact::NotClosed {
                what: Interval::Suspension,
                name: None,
            };
            t.find(RuleId::A9, [], fact);
        }
        let open: Vec<_> = case
            .specials
            .keys()
            .filter(|special| is_running(special))
            .cloned()
            .collect();
        for special in open {
            let started = marks.special(&special).and_then(|mark| mark.started);
            let fact = Fact::NotClosed {
                what: Interval::Special,
                name: Some(special.to_string()),
            };
            t.find(RuleId::A9, started, fact);
        }
    }
}

/// A10.
fn complete(t: &mut Turn<'_>, case: &Case, marks: &Marks) {
    // What ended without a decision is complete without one.
    if matches!(case.stage, Stage::Ended { .. }) {
        return;
    }
    let set = &t.rules.of().a10;
    let mut missing = BTreeSet::new();
    let mut facts = BTreeSet::new();
    if let Some(procedure) = t.procedure {
        if procedure.kind == ProcedureKind::Recorded {
            return;
        }
        let granted = case
            .decision
            .as_ref()
            .is_some_and(|decision| decision.outcome.is_grant());
        let delivers = granted && procedure.terms.delivery.is_some();
        if set.certificate && delivers && case.certificate.is_none() {
            missing.insert(Piece::Certificate);
        }
        if set.delivery && delivers && case.delivered_on.is_none() {
            missing.insert(Piece::Delivery);
        }
        if set.rating && procedure.rates(RatingPoint::Decision).is_some() && marks.kept.ratings.is_empty() {
            missing.insert(Piece::Rating);
        }
        if set.facts
            && case.reopened == 0
            && let Some(flow) = &procedure.flow
        {
            flow.walk(&mut |block| {
                if let Block::Choice(choice) = block {
                    let asked = choice.when.facts().into_iter();
                    facts.extend(
                        asked
                            .filter(|fact| !case.facts.contains_key(*fact))
                            .map(str::to_owned),
                    );
                }
            });
            if !facts.is_empty() {
                missing.insert(Piece::Facts);
            }
        }
    } else {
        missing.insert(Piece::Procedure);
    }
    if case.acceptance.is_none() {
        missing.insert(Piece::Acceptance);
    }
    if case.decision.is_none() {
        missing.insert(Piece::Decision);
    }
    if !missing.is_empty() {
        t.find(RuleId::A10, [], Fact::Incomplete { missing, facts });
    }
}

/// A7, B8 and B13, for the decision.
fn decided(t: &mut Turn<'_>, case: &Case, marks: &Marks, e: &DecisionMade) {
    if let Some(flow) = t.procedure.and_then(|procedure| procedure.flow.as_ref()) {
        let others = flow.steps().into_iter().filter(|step| !step.decides).count();
        if others > 0
            && case.reopened == 0
            && case.progress.skipped.is_empty()
            && marks.opinions < t.rules.of().a7.opinions_min
        {
            let opinions = marks.opinions;
            t.find(
                RuleId::A7,
                marks.kept.accepted.map(|(at, _)| at),
                Fact::NoOpinions { opinions },
            );
        }
    }
    if let Some(step) = &e.step {
        four_eyes(t, case, marks, step, &e.by);
    }
    let examined = || {
        marks
            .answers
            .iter()
            .filter(|answer| matches!(answer.role, Role::Handler | Role::Reviewer))
    };
    let handled = examined().any(|answer| answer.role == Role::Handler);
    if handled && examined().all(|answer| answer.by == e.by) {
        let mut roles: BTreeSet<Role> = examined().map(|answer| answer.role).collect();
        roles.insert(Role::Approver);
        let person = e.by.clone();
        let others: Vec<_> = examined().map(|answer| answer.at).collect();
        t.find(RuleId::B8, others, Fact::OnePersonAlone { person, roles });
    }
    let mut members = BTreeSet::new();
    for (group, progress) in &case.progress.groups {
        if progress.entered && progress.outcome.is_none() {
            let open = case.progress.open.iter();
            let mut open = open
                .filter(|step| {
                    case.steps
                        .get(*step)
                        .is_some_and(|state| state.group.as_ref() == Some(group))
                })
                .peekable();
            if open.peek().is_none() {
                members.insert(group.to_string());
            }
            members.extend(open.map(ToString::to_string));
        }
    }
    if !members.is_empty() {
        let started: Vec<_> = members
            .iter()
            .filter_map(|member| marks.started(member))
            .collect();
        t.find(RuleId::B13, started, Fact::MembersOpen { members });
    }
    for (special, state) in &case.specials {
        if let SpecialStatus::Running { .. } = state.status {
            let started = marks.special(special).and_then(|mark| mark.started);
            let fact = Fact::SpecialOpen {
                special: special.clone(),
                kind: state.kind,
            };
            t.find(RuleId::B13, started, fact);
        }
    }
}

/// B8, where the flow wants other eyes.
fn four_eyes(t: &mut Turn<'_>, case: &Case, marks: &Marks, step: &StepId, by: &PersonId) {
    let drawn = t
        .procedure
        .and_then(|procedure| procedure.flow.as_ref()?.step(step));
    let Some(other) = drawn.and_then(|drawn| {
        let mut others = drawn.four_eyes.iter();
        others.find(|other| case.answered_by(other) == Some(by))
    }) else {
        return;
    };
    let fact = Fact::FourEyesBroken {
        person: by.clone(),
        step: step.clone(),
        other: other.clone(),
    };
    let answered = marks.answers.iter().rfind(|answer| answer.step == *other);
    t.find(RuleId::B8, answered.map(|answer| answer.at), fact);
}

/// B12.
fn deemed(t: &mut Turn<'_>, case: &Case, marks: &Marks, e: &MemberConsentDeemed) {
    if !matches!(e.ground, ConsentGround::Timeout | ConsentGround::Absence) {
        return;
    }
    let group = case.groups.get(&e.group);
    let others = marks.started(e.member.as_str());
    if group.is_none_or(|group| !group.served.contains_key(&e.member)) {
        let fact = Fact::NoProofOfService {
            member: e.member.clone(),
            ground: e.ground,
        };
        t.find(RuleId::B12, others, fact);
    }
    let member = group.and_then(|group| {
        let mut members = group.members.iter();
        members.find(|member| member.branch.as_str() == e.member.as_str())
    });
    let flow = t.procedure.and_then(|procedure| procedure.flow.as_ref());
    let safety = flow
        .and_then(|flow| flow.step(&e.member))
        .is_some_and(|step| step.safety);
    if safety || member.is_some_and(|member| !member.silence_consents) {
        let fact = Fact::MayNotConsent {
            member: e.member.clone(),
            ground: e.ground,
            safety,
        };
        t.find(RuleId::B12, others, fact);
    }
}

/// B7.
fn transferred(t: &mut Turn<'_>, case: &Case, marks: &Marks, e: &CaseTransferred) {
    let (a, b) = if e.from <= e.to {
        (&e.from, &e.to)
    } else {
        (&e.to, &e.from)
    };
    t.place.pair = Some((a.clone(), b.clone()));
    let before: Vec<_> = marks
        .transfers
        .iter()
        .filter(|known| known.a == *a && known.b == *b)
        .collect();
    let times = u32::try_from(before.len()).unwrap_or(u32::MAX).saturating_add(1);
    if times == t.rules.of().b7.transfers_min {
        let fact = Fact::ToAndFro {
            a: a.clone(),
            b: b.clone(),
            times,
        };
        t.find(RuleId::B7, before.iter().map(|known| known.at), fact);
    }
    if t.rules.of().b7.last_day
        && let Some((procedure, calendar)) = t.law()
    {
        let (on, least_days) = (t.on, t.rules.of().b7.last_day_of_min);
        let the_last = decision_clocks(t, case).into_iter().find_map(|clock| {
            let clock = clock.clock(case, &procedure.policy, calendar);
            let due_on = clock.due_on(on).ok()?;
            // Of a term of a day or two, every day is nearly the last.
            let long = working_days(Some(calendar), clock.start, due_on) >= least_days;
            (long && due_on == on && !clock.is_paused(on) && clock.start < on).then_some(due_on)
        });
        if let Some(due_on) = the_last {
            let fact = Fact::TransferredOnLastDay {
                from: e.from.clone(),
                to: e.to.clone(),
                due_on,
                on,
            };
            t.find(RuleId::B7, marks.kept.clock_from, fact);
        }
    }
    t.place.pair = None;
}

/// B9.
fn extended(t: &mut Turn<'_>, case: &Case, marks: &Marks, e: &ExtensionGranted) {
    let others: Vec<_> = marks.extensions.clone();
    let Some(procedure) = t.procedure else { return };
    let Some(rule) = &procedure.extension else {
        t.find(RuleId::B9, others, Fact::NoExtensionAllowed { by: e.by });
        return;
    };
    if e.approver_role != rule.approver {
        let fact = Fact::WrongLevel {
            approver: e.approver.clone(),
            role: e.approver_role,
            needed: rule.approver,
        };
        t.find(RuleId::B9, [], fact);
    }
    let known = t.directory.staff.get(&e.approver);
    if knows_staff(t.directory) && known.is_none_or(|staff| !staff.roles.contains(&e.approver_role)) {
        let fact = Fact::LevelNotHeld {
            approver: e.approver.clone(),
            role: e.approver_role,
        };
        t.find(RuleId::B9, [], fact);
    }
    let times = u32::try_from(case.extensions.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    if times > u32::from(rule.times) {
        let fact = Fact::ExtendedTooOften {
            times,
            allowed: u32::from(rule.times),
        };
        t.find(RuleId::B9, others, fact);
    }
    if !e.by.same_unit(rule.longest) || e.by.count() > rule.longest.count() {
        let fact = Fact::ExtendedTooLong {
            by: e.by,
            longest: rule.longest,
        };
        t.find(RuleId::B9, [], fact);
    }
    if let Some((procedure, calendar)) = t.law() {
        // The term of the law, or that of the promise where the law sets none.
        if let Some(clock) = decision_clocks(t, case).first() {
            let clock = clock.clock(case, &procedure.policy, calendar);
            if let Some(over) = over(&clock, t.on, false, 0) {
                let fact = Fact::ExtendedAfterTerm {
                    due_on: over.due_on,
                    on: t.on,
                };
                t.find(RuleId::B9, marks.kept.clock_from, fact);
            }
        }
    }
}

/// B5.
fn special(t: &mut Turn<'_>, case: &Case, marks: &Marks, event: &CaseEvent) {
    if let CaseEvent::SpecialProcedureRequested(e) = event {
        let Some(procedure) = t.procedure else { return };
        match procedure.special(e.kind) {
            None => {
                let fact = Fact::SpecialNotAllowed {
                    special: e.special.clone(),
                    kind: e.kind,
                };
                t.find(RuleId::B5, [], fact);
            }
            Some(rule) => {
                if let Some(longest) = rule.longest
                    && (!longest.same_unit(e.announced) || e.announced.count() > longest.count())
                {
                    let fact = Fact::AnnouncedTooLong {
                        special: e.special.clone(),
                        kind: e.kind,
                        announced: e.announced,
                        longest,
                    };
                    t.find(RuleId::B5, [], fact);
                }
            }
        }
    } else if let CaseEvent::SpecialProcedureStarted(e) = event {
        let Some(state) = case.specials.get(&e.special) else {
            return;
        };
        let (special, kind) = (e.special.clone(), state.kind);
        let mark = marks.special(&e.special);
        if mark.is_none_or(|mark| !mark.notice) {
            let fact = Fact::NoNotice {
                special: special.clone(),
                kind,
            };
            t.find(RuleId::B5, mark.and_then(|mark| mark.approved), fact);
        }
        let excluded = matches!(state.status, SpecialStatus::Approved { excluded: true });
        if let (true, Some((procedure, calendar))) = (excluded, t.law()) {
            // The promise comes last; it is the nearer one.
            let left = decision_clocks(t, case).into_iter().filter_map(|clock| {
                let clock = clock.clock(case, &procedure.policy, calendar);
                let due_on = clock.due_on(e.started_on).ok()?;
                let left = working_days(Some(calendar), e.started_on, due_on);
                (!clock.is_paused(e.started_on) && e.started_on > clock.start).then_some((left, due_on))
            });
            if let Some((days_left, due_on)) = left.min()
                && days_left < t.rules.of().b5.days_left_min
            {
                let fact = Fact::StartedLate {
                    special,
                    kind,
                    days_left,
                    due_on,
                };
                t.find(RuleId::B5, marks.kept.clock_from, fact);
            }
        }
    } else if let CaseEvent::SpecialProcedureEnded(e) = event {
        let Some(state) = case.specials.get(&e.special) else {
            return;
        };
        let (special, kind) = (e.special.clone(), state.kind);
        let started = marks.special(&e.special).and_then(|mark| mark.started);
        if let (SpecialStatus::Running { since, .. }, Some((procedure, calendar))) = (&state.status, t.law())
        {
            let clock = Clock::new(*since, state.announced, &procedure.policy, calendar);
            if let Some(over) = over(&clock, e.ended_on, false, 0) {
                let fact = Fact::TookLonger {
                    special: special.clone(),
                    kind,
                    announced: state.announced,
                    over,
                };
                t.find(RuleId::B5, started, fact);
            }
        }
        if e.result.is_none() {
            t.find(RuleId::B5, started, Fact::NoResult { special, kind });
        }
    }
}
