//! Rules about the record itself: A11, B4, and B16 as far as it is about one case.

use guichet_core::case::CaseEvent;
use guichet_core::case::{Case, Stage};
use guichet_core::time::{Date, Timestamp};
use guichet_log::projection::Recorded;
use guichet_log::record::Cause;

use super::super::finding::Fact;
use super::super::rule::RuleId;
use super::super::turn::{Turn, working_days};
use super::Marks;

/// B16: the numbers of a case's records follow each other, and nothing happens after it was written down.
pub(super) fn order(t: &mut Turn<'_>, marks: &mut Marks, recorded: &Recorded) {
    let (expected, found) = (marks.kept.next, recorded.revision.0);
    if expected != found {
        t.find(RuleId::B16, [], Fact::RevisionGap { expected, found });
    }
    let ahead = micros_between(recorded.recorded_at, recorded.occurred_at);
    // What follows from an act bears the time of the act, and was found with it.
    let followed = matches!(recorded.cause, Cause::Followed(act) if marks.ahead == Some(act));
    if !followed && ahead > i64::from(t.rules.of().b16.ahead_seconds).saturating_mul(1_000_000) {
        let fact = Fact::OccurredAhead {
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
        };
        marks.ahead = Some(recorded.position);
        t.find(RuleId::B16, [], fact);
    }
}

fn micros_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_micros().saturating_sub(from.as_micros())
}

/// A11 and B4.
pub(super) fn entered(
    t: &mut Turn<'_>,
    case: Option<&Case>,
    marks: &mut Marks,
    event: &CaseEvent,
    recorded: &Recorded,
) {
    let set = t.rules.of();
    let late = micros_between(recorded.occurred_at, recorded.recorded_at);
    let approval = matches!(
        event,
        CaseEvent::CaseAccepted(_)
            | CaseEvent::StepOpinionGiven(_)
            | CaseEvent::MemberOpinionGiven(_)
            | CaseEvent::DecisionMade(_)
            | CaseEvent::CertificateIssued(_)
    );
    let hours = u64::try_from(late / 3_600_000_000).unwrap_or_default();
    if approval && hours >= u64::from(set.a11.late_hours) {
        let fact = Fact::EnteredLate {
            kind: event.kind(),
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
            hours,
        };
        t.find(RuleId::A11, [], fact);
    } else if let Some(effective_on) = day_in_law(event, case) {
        let recorded_on = t.directory.zone().date(recorded.recorded_at);
        let days = working_days(t.calendar, effective_on, recorded_on);
        if days > set.b4.days_max {
            let fact = Fact::Backdated {
                kind: event.kind(),
                effective_on,
                recorded_on,
                days,
            };
            t.find(RuleId::B4, [], fact);
        }
    }
    burst(t, marks, recorded);
}

/// B4: many acts of people on one case within seconds. What follows from an act is no act.
fn burst(t: &mut Turn<'_>, marks: &mut Marks, recorded: &Recorded) {
    if !recorded.actor.role.is_staff() || recorded.cause != Cause::Asked {
        return;
    }
    let set = &t.rules.of().b4;
    let within = i64::from(set.burst_seconds).saturating_mul(1_000_000);
    let now = recorded.recorded_at;
    marks
        .burst
        .retain(|(at, _)| (0..=within).contains(&micros_between(*at, now)));
    marks.burst.push((now, recorded.position));
    let acts = u32::try_from(marks.burst.len()).unwrap_or(u32::MAX);
    if acts < set.burst_events {
        return;
    }
    let burst = std::mem::take(&mut marks.burst);
    let since = burst.first().map_or(now, |(at, _)| *at);
    let seconds = u64::try_from(micros_between(since, now) / 1_000_000).unwrap_or_default();
    let others = burst.into_iter().map(|(_, position)| position);
    t.find(RuleId::B4, others, Fact::Burst { acts, seconds });
}

/// The day on which something is so in law, as far as a person chose it.
fn day_in_law(event: &CaseEvent, case: Option<&Case>) -> Option<Date> {
    if let CaseEvent::CaseSubmitted(e) = event {
        Some(e.received_on)
    } else if let CaseEvent::CorrectionRequested(e) = event {
        Some(e.served_on)
    } else if let CaseEvent::CorrectionSubmitted(e) = event {
        Some(e.received_on)
    } else if let CaseEvent::MaterialSupplied(e) = event {
        Some(e.received_on)
    } else if let CaseEvent::CaseAccepted(e) = event {
        // After a correction the day of acceptance is the day on which all corrections were handed in.
        let corrected = case.filter(|case| case.notices > 0).map(|case| &case.stage);
        let lawful = matches!(corrected, Some(Stage::Intake { since, .. }) if *since == e.effective_on);
        (!lawful).then_some(e.effective_on)
    } else if let CaseEvent::AcceptanceRefused(e) = event {
        Some(e.refused_on)
    } else if let CaseEvent::NoLicenceNeeded(e) = event {
        Some(e.declared_on)
    } else if let CaseEvent::ServiceProved(e) = event {
        Some(e.served_on)
    } else if let CaseEvent::SpecialProcedureStarted(e) = event {
        Some(e.started_on)
    } else if let CaseEvent::SpecialProcedureEnded(e) = event {
        Some(e.ended_on)
    } else if let CaseEvent::ClockSuspended(e) = event {
        Some(e.suspended_on)
    } else if let CaseEvent::ClockResumed(e) = event {
        Some(e.resumed_on)
    } else if let CaseEvent::DecisionMade(e) = event {
        Some(e.decided_on)
    } else if let CaseEvent::CertificateDelivered(e) = event {
        Some(e.delivered_on)
    } else if let CaseEvent::CaseCompleted(e) = event {
        Some(e.completed_on)
    } else if let CaseEvent::CaseWithdrawn(e) = event {
        Some(e.withdrawn_on)
    } else if let CaseEvent::CaseTerminated(e) = event {
        Some(e.terminated_on)
    } else if let CaseEvent::DecisionRevoked(e) = event {
        Some(e.revoked_on)
    } else if let CaseEvent::CaseReopened(e) = event {
        Some(e.reopened_on)
    } else if let CaseEvent::RectificationDone(e) = event {
        Some(e.done_on)
    } else {
        None
    }
}
