//! Rules about the ratings of a case: what of B18 one case shows.

use guichet_core::case::event::{CallbackMade, RatingGiven, RatingInvalidated, RatingOffered, Satisfaction};
use guichet_core::case::{Case, CaseEvent};
use guichet_core::id::{DepartmentId, OpportunityId, PersonId, Position, WindowId};
use guichet_core::procedure::RatingPoint;
use guichet_core::time::Timestamp;
use guichet_log::projection::Recorded;

use super::super::finding::Fact;
use super::super::patterns::{Patterns, Quick};
use super::super::rule::RuleId;
use super::super::turn::Turn;
use super::Kept;

/// An occasion for a rating.
#[derive(Clone, Debug)]
pub(in super::super) struct Occasion {
    id: OpportunityId,
    point: RatingPoint,
    staff: Option<PersonId>,
    window: Option<WindowId>,
    department: DepartmentId,
    offered: (Position, Timestamp),
    given: Option<(Position, Satisfaction)>,
    called_at: Option<(Position, Timestamp)>,
}

pub(super) fn apply(
    t: &mut Turn<'_>,
    patterns: &mut Patterns,
    case: Option<&Case>,
    kept: &mut Kept,
    event: &CaseEvent,
    recorded: &Recorded,
) {
    if let CaseEvent::RatingOffered(e) = event {
        offered(t, patterns, case, kept, e, recorded);
    } else if let CaseEvent::RatingGiven(e) = event {
        given(t, patterns, case, kept, e, recorded);
    } else if let CaseEvent::CallbackMade(e) = event {
        called(kept, e, recorded);
    } else if let CaseEvent::RatingInvalidated(e) = event {
        invalidated(t, kept, e, recorded);
    }
}

fn offered(
    t: &Turn<'_>,
    patterns: &mut Patterns,
    case: Option<&Case>,
    kept: &mut Kept,
    e: &RatingOffered,
    recorded: &Recorded,
) {
    let directory = t.directory;
    let shared = |window: &WindowId| {
        let known = directory.windows.get_key_value(window);
        known.map_or_else(|| window.clone(), |(known, _)| known.clone())
    };
    let department = directory.departments.get_key_value(&e.department);
    let staff = e.staff.as_ref().map(|staff| {
        let known = directory.staff.get_key_value(staff);
        known.map_or_else(|| staff.clone(), |(known, _)| known.clone())
    });
    let window = e.window.as_ref().map(shared);
    patterns.offered(t, window.as_ref(), e.point, case);
    kept.ratings.retain(|known| known.id != e.opportunity);
    kept.ratings.push(Occasion {
        id: e.opportunity.clone(),
        point: e.point,
        staff,
        window,
        department: department.map_or_else(|| e.department.clone(), |(known, _)| known.clone()),
        offered: (recorded.position, recorded.occurred_at),
        given: None,
        called_at: None,
    });
}

fn given(
    t: &mut Turn<'_>,
    patterns: &mut Patterns,
    case: Option<&Case>,
    kept: &mut Kept,
    e: &RatingGiven,
    recorded: &Recorded,
) {
    let rater = &recorded.actor.person;
    let at = recorded.position;
    let applicant = case.is_some_and(|case| case.applicant == *rater);
    if !applicant {
        patterns.rated_by(t, rater, recorded.position);
    }
    let decided_on = case
        .and_then(|case| case.decision.as_ref())
        .map(|decision| decision.on);
    let delivered_on = case.and_then(|case| case.delivered_on);
    let Some(occasion) = kept.ratings.iter_mut().find(|known| known.id == e.opportunity) else {
        let fact = Fact::RatedBeforeTheEnd {
            opportunity: e.opportunity.clone(),
            point: None,
        };
        t.find(RuleId::B18, [], fact);
        return;
    };
    t.place.window.clone_from(&occasion.window);
    t.place.handler.clone_from(&occasion.staff);
    t.place.department = Some(occasion.department.clone());
    let (offer, offered_at) = occasion.offered;
    let ended = match occasion.point {
        RatingPoint::Submission | RatingPoint::Correction => true,
        RatingPoint::Decision => decided_on.is_some(),
        RatingPoint::Collection => delivered_on.is_some(),
    };
    // A case that ended without a decision has nothing more to wait for.
    let over = case.is_some_and(|case| !case.stage.is_open() && decided_on.is_none());
    if !(ended || over) || recorded.occurred_at < offered_at {
        let fact = Fact::RatedBeforeTheEnd {
            opportunity: e.opportunity.clone(),
            point: Some(occasion.point),
        };
        t.find(RuleId::B18, [offer], fact);
    }
    let rated_person = occasion.staff.as_ref() == Some(rater);
    if rated_person || (!applicant && t.directory.staff.contains_key(rater)) {
        let fact = Fact::RatedByStaff {
            opportunity: e.opportunity.clone(),
            person: rater.clone(),
        };
        t.find(RuleId::B18, [offer], fact);
    }
    if let Some((before, level)) = occasion.given {
        if level.is_bad() && !e.level.is_bad() {
            let fact = Fact::LevelChanged {
                opportunity: e.opportunity.clone(),
            };
            t.find(RuleId::B18, [before], fact);
        }
        return;
    }
    occasion.given = Some((at, e.level));
    let micros = recorded
        .occurred_at
        .as_micros()
        .saturating_sub(offered_at.as_micros());
    let quick = (0..=i64::from(t.rules.of().b18.quick_seconds).saturating_mul(1_000_000)).contains(&micros);
    if let Some(window) = &occasion.window {
        let best = e.level == Satisfaction::VerySatisfied;
        patterns.given(t, window, occasion.point, case, best, at);
        if quick {
            patterns.quick(
                window,
                Quick {
                    at: recorded.occurred_at,
                    position: at,
                    on: t.on,
                },
            );
        }
    }
}

fn called(kept: &mut Kept, e: &CallbackMade, recorded: &Recorded) {
    if let Some(occasion) = kept.ratings.iter_mut().find(|known| known.id == e.opportunity) {
        occasion.called_at = Some((recorded.position, recorded.occurred_at));
    }
}

fn invalidated(t: &mut Turn<'_>, kept: &Kept, e: &RatingInvalidated, recorded: &Recorded) {
    let Some(occasion) = kept.ratings.iter().find(|known| known.id == e.opportunity) else {
        return;
    };
    t.place.window.clone_from(&occasion.window);
    t.place.department = Some(occasion.department.clone());
    let given = occasion.given.map(|(position, _)| position);
    let mut by = [&e.by, &recorded.actor.person].into_iter();
    let own = by.find(|by| {
        let staff = t.directory.staff.get(*by);
        let of_the_department = staff.is_some_and(|staff| staff.departments.contains(&occasion.department));
        of_the_department || occasion.staff.as_ref() == Some(*by)
    });
    if let Some(by) = own {
        let fact = Fact::InvalidatedByTheRated {
            opportunity: e.opportunity.clone(),
            by: by.clone(),
            department: occasion.department.clone(),
        };
        t.find(RuleId::B18, given, fact);
    }
    if let Some((call, called_at)) = occasion.called_at {
        let micros = recorded
            .occurred_at
            .as_micros()
            .saturating_sub(called_at.as_micros());
        let hours = u64::try_from(micros / 3_600_000_000).unwrap_or_default();
        if micros >= 0 && hours < u64::from(t.rules.of().b18.call_hours) {
            let fact = Fact::ChangedAfterCall {
                opportunity: e.opportunity.clone(),
                hours,
            };
            t.find(RuleId::B18, given.into_iter().chain([call]), fact);
        }
    }
}
