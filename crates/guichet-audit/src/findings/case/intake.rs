//! Rules about the counter: A4, A5, B1, B2, B3, B10, B17.

use std::collections::BTreeSet;

use guichet_core::case::event::{CaseAccepted, CorrectionRequested, DecisionMade, Verdict};
use guichet_core::case::{Case, CaseEvent, Stage};
use guichet_core::clock::Clock;
use guichet_core::id::MaterialId;
use guichet_core::procedure::{Procedure, ProcedureKind};
use guichet_core::time::{Date, Timestamp};

use super::super::finding::{Fact, Refusal};
use super::super::patterns::Patterns;
use super::super::rule::RuleId;
use super::super::turn::{Turn, working_days};
use super::Marks;

pub(super) fn before(
    t: &mut Turn<'_>,
    patterns: &mut Patterns,
    case: &Case,
    marks: &Marks,
    event: &CaseEvent,
    at: Timestamp,
) {
    if let CaseEvent::CorrectionRequested(e) = event {
        correction(t, case, marks, e);
    } else if let CaseEvent::CaseAccepted(e) = event {
        accepted(t, case, e);
    } else if let CaseEvent::AcceptanceDeemed(e) = event {
        let fact = Fact::AcceptedBySilence {
            received_on: e.effective_on,
            lapsed_on: e.lapsed_on,
        };
        t.find(RuleId::B17, marks.kept.submitted, fact);
    } else if let CaseEvent::AcceptanceRefused(e) = event {
        turned_away(
            t,
            patterns,
            case,
            marks,
            Refusal::NotAccepted,
            &e.reasons,
            e.refused_on,
        );
    } else if let CaseEvent::NoLicenceNeeded(e) = event {
        turned_away(
            t,
            patterns,
            case,
            marks,
            Refusal::NoLicenceNeeded,
            &e.reasons,
            e.declared_on,
        );
    } else if let CaseEvent::DecisionMade(e) = event {
        if e.verdict == Verdict::Refused {
            reasons(t, Refusal::Refused, e.reasons.as_deref().unwrap_or_default());
        }
        at_once(t, case, marks, e, at);
    }
}

/// B1 and B2.
fn correction(t: &mut Turn<'_>, case: &Case, marks: &Marks, e: &CorrectionRequested) {
    let set = &t.rules.of().b1;
    let notice = u32::from(e.notice.max(case.notices.saturating_add(1)));
    if notice > set.notices_max {
        t.find(
            RuleId::B1,
            marks.corrections.iter().copied(),
            Fact::AskedAgain { notice },
        );
    }
    if set.last_day
        && let (Some((procedure, calendar)), Stage::Intake { since, .. }) = (t.law(), &case.stage)
        && let Some(term) = &procedure.terms.intake
        && let Ok(due_on) = Clock::new(*since, term.term, &procedure.policy, calendar).due_on(*since)
        && e.served_on >= due_on
        && due_on > *since
    {
        let fact = Fact::AskedOnLastDay {
            due_on,
            served_on: e.served_on,
        };
        t.find(RuleId::B1, marks.kept.submitted, fact);
    }
    if let Some(procedure) = t.procedure {
        let listed = |material: &MaterialId| procedure.materials.iter().any(|known| known.id == *material);
        let asked = e.items.iter().map(|item| item.material.clone());
        let materials: BTreeSet<MaterialId> = asked.filter(|material| !listed(material)).collect();
        if !materials.is_empty() {
            t.find(RuleId::B2, [], Fact::MaterialNotListed { materials });
        }
    }
}

/// The material that acceptance needs and that is not there.
pub(super) fn missing(procedure: &Procedure, case: &Case) -> BTreeSet<MaterialId> {
    required(procedure, case)
        .filter(|material| !case.materials.contains(*material))
        .cloned()
        .collect()
}

fn required<'a>(procedure: &'a Procedure, case: &'a Case) -> impl Iterator<Item = &'a MaterialId> {
    let for_this_case = |when: &Option<guichet_core::condition::Condition>| {
        when.as_ref().is_none_or(|when| when.holds(&case.facts))
    };
    let needed = procedure
        .materials
        .iter()
        .filter(move |material| material.required && for_this_case(&material.when));
    needed.map(|material| &material.id)
}

/// Whether everything that acceptance needs is there, of a list that asks for something.
pub(super) fn is_complete(procedure: &Procedure, case: &Case) -> bool {
    required(procedure, case).next().is_some() && missing(procedure, case).is_empty()
}

/// B3 again, for an acceptance that another system made: where it says what was handed in, it says what was not.
pub(super) fn taken_over(t: &mut Turn<'_>, case: &Case, event: &CaseEvent) {
    if let CaseEvent::CaseAccepted(e) = event
        && !case.materials.is_empty()
    {
        accepted(t, case, e);
    }
}

/// B3.
fn accepted(t: &mut Turn<'_>, case: &Case, e: &CaseAccepted) {
    let Some(procedure) = t.procedure else { return };
    let promised = |material: &MaterialId| e.gaps_due_on.is_some() && e.gaps.contains(material);
    let materials: BTreeSet<MaterialId> = missing(procedure, case)
        .into_iter()
        .filter(|material| !promised(material))
        .collect();
    if !materials.is_empty() {
        t.find(RuleId::B3, [], Fact::MaterialMissing { materials });
    }
}

/// A4 and A5, for an application that was not taken in.
fn turned_away(
    t: &mut Turn<'_>,
    patterns: &mut Patterns,
    case: &Case,
    marks: &Marks,
    refusal: Refusal,
    why: &str,
    on: Date,
) {
    reasons(t, refusal, why);
    let complete = t.procedure.is_some_and(|procedure| is_complete(procedure, case));
    if complete && case.acceptance.is_none() {
        // The counter itself had found it complete. Otherwise what the same applicant was told later shows it.
        if marks.corrected {
            let again = None;
            t.find(
                RuleId::A5,
                marks.kept.submitted,
                Fact::TurnedAway { refusal, on, again },
            );
        } else {
            patterns.turned_away(t, case, refusal, on);
        }
    }
}

/// A4.
fn reasons(t: &mut Turn<'_>, refusal: Refusal, why: &str) {
    let letters = why.chars().filter(|letter| letter.is_alphanumeric()).count();
    if u32::try_from(letters).unwrap_or(u32::MAX) < t.rules.of().a4.characters_min {
        let reasons = why.trim().to_owned();
        t.find(RuleId::A4, [], Fact::NoReasons { refusal, reasons });
    }
}

/// B10.
fn at_once(t: &mut Turn<'_>, case: &Case, marks: &Marks, e: &DecisionMade, at: Timestamp) {
    let (Some(procedure), Some((accepted, accepted_at))) = (t.procedure, marks.kept.accepted) else {
        return;
    };
    let Some(acceptance) = case.acceptance.as_ref().filter(|acceptance| !acceptance.deemed) else {
        return;
    };
    if procedure.kind != ProcedureKind::Promised {
        return;
    }
    let micros = at.as_micros().saturating_sub(accepted_at.as_micros());
    let seconds = u64::try_from(micros / 1_000_000).unwrap_or_default();
    if micros >= 0 && seconds <= u64::from(t.rules.of().b10.seconds) {
        t.find(RuleId::B10, [accepted], Fact::DecidedAtOnce { seconds });
    }
    if let Some((advised, advised_on)) = marks.advised
        && acceptance.effective_on == e.decided_on
    {
        let days = working_days(t.calendar, advised_on, e.decided_on);
        if days >= t.rules.of().b10.precheck_days {
            let fact = Fact::LongAdvice {
                advised_on,
                on: e.decided_on,
                days,
            };
            t.find(RuleId::B10, [advised, accepted], fact);
        }
    }
}
