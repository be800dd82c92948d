//! Lights: how near a clock is to its end, in one word (electronic supervision, 电子监察).

use crate::calendar::{Calendar, CalendarError};
use crate::case::clocks::{ClockId, Running, decision_start, running};
use crate::case::event::ClockKind;
use crate::case::{Case, Stage};
use crate::clock::Run;
use crate::code::codes;
use crate::procedure::Procedure;
use crate::time::Date;

codes! {
    /// How a clock stands. Later ones are worse, but for grey, which is no judgement.
    Light("light") {
        /// Time is left.
        Green = "green",
        /// Little is left.
        Yellow = "yellow",
        /// The promise, or a term without one, was not kept.
        Red = "red",
        /// The term of the law was not kept.
        Black = "black",
        /// The clock stands still.
        Grey = "grey",
    }
}

/// The light of a clock on `day`, past whose last day it shows `past`.
///
/// ```
/// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayRange}, id::CalendarId, policy::Policy};
/// # use guichet_core::{clock::Clock, light::{Light, light_on}, time::{Term, date}};
/// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
/// # let calendar = Calendar::new(CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered))?;
/// let policy = Policy::default();
/// let run = Clock::new(date(2010, 3, 1), Term::WorkingDays(20), &policy, &calendar).run(date(2010, 3, 1))?;
/// let light = |day| light_on(&run, Light::Red, date(2010, 3, day));
/// assert_eq!((light(24), light(25), light(29), light(30)), (Light::Green, Light::Yellow, Light::Yellow, Light::Red));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn light_on(run: &Run, past: Light, day: Date) -> Light {
    if day > run.due_on {
        past
    } else if day >= run.warn_on {
        Light::Yellow
    } else {
        Light::Green
    }
}

/// How a case stands on a day: the light of its worst clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLight {
    /// The light.
    pub light: Light,
    /// Of the clocks that run the one with the worst light; of several the one that is due first. None once nothing is due.
    pub clock: Option<ClockId>,
    /// The last day of that clock. While it stands still, as if it went on after the day that was asked for.
    pub due_on: Option<Date>,
}

/// Whether clocks of a kind warn, and what they show when their term is over; none for clocks that are not the centre's.
#[must_use]
pub const fn lights_of(procedure: &Procedure, kind: ClockKind) -> Option<(bool, Light)> {
    match kind {
        // Beside a promise, the term of the law only says when it is broken.
        ClockKind::Statutory => Some((procedure.terms.promised.is_none(), Light::Black)),
        ClockKind::Intake
        | ClockKind::Promised
        | ClockKind::Step
        | ClockKind::Group
        | ClockKind::Delivery => Some((true, Light::Red)),
        ClockKind::Correction | ClockKind::Special | ClockKind::Rectification | ClockKind::Complaint => None,
    }
}

/// The light of a case on `day`, with the clock behind it; none where no clock of the centre ever ran.
///
/// The worst of its clocks shows. While its clocks stand still it is grey, and so it is while the applicant corrects the
/// file: the day is then the applicant's. A decision keeps the colour it was made with, and so does what ended otherwise;
/// until the certificate is delivered that clock may still make it worse.
///
/// # Errors
///
/// [`CalendarError::Uncovered`] when the calendar ends before the answer does.
///
/// ```
/// # use guichet_core::{actor::Role, case::CaseCommand, time::date};
/// # use guichet_core::testkit::{centre, given, staff, submit};
/// use guichet_core::light::{Light, case_light};
/// let directory = centre();
/// let case = given(&directory, []).after(&staff(Role::Clerk), submit("permit"), date(2010, 3, 1));
/// let procedure = directory.newest(&case.case().procedure).ok_or("no procedure")?;
/// let calendar = directory.calendars.get(&procedure.calendar).ok_or("no calendar")?;
/// // Five working days to accept it: the 8th is the last one.
/// let light = case_light(procedure, calendar, case.case(), date(2010, 3, 9))?.ok_or("no clock")?;
/// assert_eq!((light.light, light.due_on), (Light::Red, Some(date(2010, 3, 8))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn case_light(
    procedure: &Procedure,
    calendar: &Calendar,
    case: &Case,
    day: Date,
) -> Result<Option<CaseLight>, CalendarError> {
    let mut worst = None;
    for running in running(procedure, case) {
        let shown = one(procedure, calendar, case, &running, day)?;
        worst = worse(worst, shown);
    }
    Ok(match (worst, ended(procedure, calendar, case)?) {
        (Some(runs), Some(kept)) => Some(CaseLight {
            light: if trouble(kept.light) > trouble(runs.light) {
                kept.light
            } else {
                runs.light
            },
            ..runs
        }),
        (runs, kept) => runs.or(kept),
    })
}

/// The light of one clock that runs.
fn one(
    procedure: &Procedure,
    calendar: &Calendar,
    case: &Case,
    running: &Running,
    day: Date,
) -> Result<Option<CaseLight>, CalendarError> {
    let clock = running.clock(case, &procedure.policy, calendar);
    let light = match (lights_of(procedure, running.id.kind), running.id.kind) {
        (Some(_), _) if clock.is_paused(day) => Light::Grey,
        (Some((warns, past)), _) => {
            let run = clock.run(day)?;
            return Ok(Some(CaseLight {
                light: shown(&run, warns, past, day),
                clock: Some(running.id.clone()),
                due_on: Some(run.due_on),
            }));
        }
        // Nothing of the centre's runs beside the applicant's time for a correction.
        (None, ClockKind::Correction) => Light::Grey,
        (
            None,
            ClockKind::Intake
            | ClockKind::Statutory
            | ClockKind::Promised
            | ClockKind::Step
            | ClockKind::Group
            | ClockKind::Delivery
            | ClockKind::Special
            | ClockKind::Rectification
            | ClockKind::Complaint,
        ) => return Ok(None),
    };
    Ok(Some(CaseLight {
        light,
        clock: Some(running.id.clone()),
        due_on: Some(clock.due_on(day)?),
    }))
}

/// As [`light_on`], for a clock that may not warn: its yellow is green.
pub(crate) fn shown(run: &Run, warns: bool, past: Light, day: Date) -> Light {
    let light = light_on(run, past, day);
    if light == Light::Yellow && !warns {
        Light::Green
    } else {
        light
    }
}

/// The colour with which the decision was made, or with which the case ended without one.
fn ended(
    procedure: &Procedure,
    calendar: &Calendar,
    case: &Case,
) -> Result<Option<CaseLight>, CalendarError> {
    let decided = case.decision.as_ref().map(|decision| decision.on);
    let (clocks, on) = match (&case.stage, decided) {
        (Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review, _)
        | (Stage::Decided { .. } | Stage::Archived { .. }, None) => return Ok(None),
        (
            Stage::Decided { .. } | Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. },
            Some(on),
        ) => (decision(procedure, case), on),
        (Stage::Ended { on, .. }, None) if case.acceptance.is_none() => (intake(procedure, case), *on),
        (Stage::Ended { on, .. } | Stage::Completed { on, .. }, None) => (decision(procedure, case), *on),
    };
    let mut worst = None;
    for (running, on) in clocks
        .into_iter()
        .map(|clock| (clock, on))
        .chain(delivery(procedure, case))
    {
        let light = one(procedure, calendar, case, &running, on)?;
        worst = worse(worst, light);
    }
    // Nothing is due any more.
    Ok(worst.map(|worst| CaseLight {
        light: worst.light,
        clock: None,
        due_on: None,
    }))
}

/// The clocks of the decision, whether or not they still run.
fn decision(procedure: &Procedure, case: &Case) -> Vec<Running> {
    let start = decision_start(procedure, case);
    let terms = &procedure.terms;
    [
        (ClockKind::Statutory, &terms.statutory),
        (ClockKind::Promised, &terms.promised),
    ]
    .into_iter()
    .filter_map(|(kind, term)| {
        Some(Running {
            id: ClockId::only(kind),
            start,
            term: term.as_ref()?.term,
            source: None,
        })
    })
    .collect()
}

/// The clock of a case that ended before it was accepted: the intake, unless it ended while the applicant corrected it.
fn intake(procedure: &Procedure, case: &Case) -> Vec<Running> {
    let corrected = case.corrections.last();
    let start = corrected.map_or(Some(case.received_on), |correction| correction.until);
    let running = start
        .zip(procedure.terms.intake.as_ref())
        .map(|(start, term)| Running {
            id: ClockId::only(ClockKind::Intake),
            start,
            term: term.term,
            source: None,
        });
    running.into_iter().collect()
}

/// The clock of a delivery that was made, and the day on which it was.
fn delivery(procedure: &Procedure, case: &Case) -> Option<(Running, Date)> {
    let running = Running {
        id: ClockId::only(ClockKind::Delivery),
        start: case.decision.as_ref()?.on,
        term: procedure.terms.delivery.as_ref()?.term,
        source: None,
    };
    Some((running, case.delivered_on?))
}

/// How bad a light is. Grey is no trouble, but it tells more than green.
const fn trouble(light: Light) -> u8 {
    match light {
        Light::Green => 0,
        Light::Grey => 1,
        Light::Yellow => 2,
        Light::Red => 3,
        Light::Black => 4,
    }
}

/// The one of two that shows more trouble; of two that show the same, the one that is due first.
fn worse(a: Option<CaseLight>, b: Option<CaseLight>) -> Option<CaseLight> {
    let key = |shown: &CaseLight| {
        let due_on = shown.due_on.unwrap_or(Date::MAX);
        (trouble(shown.light), std::cmp::Reverse(due_on))
    };
    match (a, b) {
        (Some(a), Some(b)) if key(&b) > key(&a) => Some(b),
        (Some(a), _) => Some(a),
        (None, b) => b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Role;
    use crate::case::CaseCommand;
    use crate::case::event::{CorrectionItem, Verdict};
    use crate::policy::SuspensionGround;
    use crate::testkit::{Furnish as _, Scenario, centre, given, id, procedure, sourced, staff, submit};
    use crate::time::{Term, date};

    const fn march(day: i8) -> Date {
        Date::from_days(14_668 + day as i32)
    }

    fn shown(case: &Scenario, day: Date) -> Option<(Light, Option<ClockKind>, Option<Date>)> {
        let directory = case.directory();
        let procedure = directory.newest(&case.case().procedure).unwrap();
        let calendar = &directory.calendars[&procedure.calendar];
        let shown = case_light(procedure, calendar, case.case(), day).unwrap()?;
        Some((shown.light, shown.clock.map(|clock| clock.kind), shown.due_on))
    }

    /// A case of twenty working days by law and ten by promise, accepted on Monday the first of March.
    fn accepted() -> Scenario {
        let mut permit = procedure("promised");
        permit.terms.promised = Some(sourced(Term::WorkingDays(10)));
        permit.terms.delivery = Some(sourced(Term::WorkingDays(3)));
        let clerk = staff(Role::Clerk);
        given(&centre().with_procedure(permit), [])
            .after(&clerk, submit("promised"), march(1))
            .after(&clerk, CaseCommand::Accept { gaps_due_on: None }, march(1))
    }

    fn decide() -> CaseCommand {
        CaseCommand::Decide {
            verdict: Verdict::Granted,
            reasons: None,
        }
    }

    #[test]
    fn an_open_case_shows_its_worst_clock_and_of_alike_ones_the_first_that_is_due() {
        let case = accepted();
        let (promised, statutory) = (Some(ClockKind::Promised), Some(ClockKind::Statutory));
        assert_eq!(march(1), date(2010, 3, 1));
        for (day, light, clock, due_on) in [
            (date(2010, 3, 2), Light::Green, promised, march(15)),
            (date(2010, 3, 12), Light::Yellow, promised, march(15)),
            (date(2010, 3, 15), Light::Yellow, promised, march(15)),
            (date(2010, 3, 16), Light::Red, promised, march(15)),
            // Beside a promise the term of the law does not warn.
            (date(2010, 3, 29), Light::Red, promised, march(15)),
            (date(2010, 3, 30), Light::Black, statutory, march(29)),
        ] {
            assert_eq!(shown(&case, day), Some((light, clock, Some(due_on))), "{day}");
        }
    }

    #[test]
    fn a_suspended_case_is_grey_and_due_as_if_it_went_on_after_the_day_asked_about() {
        let suspend = CaseCommand::Suspend {
            ground: SuspensionGround::ForceMajeure,
            reason: "flood".to_owned(),
            notice: None,
        };
        let case = accepted().after(&staff(Role::Handler), suspend, march(5));
        let promised = Some(ClockKind::Promised);
        assert_eq!(
            shown(&case, march(4)).map(|(light, ..)| light),
            Some(Light::Green)
        );
        assert_eq!(
            shown(&case, march(5)),
            Some((Light::Grey, promised, Some(march(15))))
        );
        assert_eq!(
            shown(&case, march(9)),
            Some((Light::Grey, promised, Some(march(17))))
        );
    }

    #[test]
    fn a_case_that_waits_for_the_applicant_is_grey() {
        let clerk = staff(Role::Clerk);
        let mut permit = procedure("corrected");
        permit.terms.correction = Some(sourced(Term::CalendarDays(30)));
        let ask = CaseCommand::RequestCorrection {
            items: vec![CorrectionItem {
                material: id("plan"),
                defect: "is missing".to_owned(),
            }],
        };
        let case = given(&centre().with_procedure(permit), [])
            .after(&clerk, submit("corrected"), march(1))
            .after(&clerk, ask, march(2));
        let correction = Some(ClockKind::Correction);
        assert_eq!(
            shown(&case, march(20)),
            Some((Light::Grey, correction, Some(date(2010, 4, 1))))
        );
    }

    #[test]
    fn a_decision_keeps_its_colour_and_a_late_delivery_makes_it_worse() {
        let approver = staff(Role::Approver);
        let delivery = Some(ClockKind::Delivery);
        let in_time = accepted().after(&approver, decide(), march(4));
        assert_eq!(
            shown(&in_time, march(5)),
            Some((Light::Green, delivery, Some(march(9))))
        );
        assert_eq!(
            shown(&in_time, march(30)),
            Some((Light::Red, delivery, Some(march(9))))
        );
        let late = accepted().after(&approver, decide(), march(17));
        assert_eq!(
            shown(&late, march(18)),
            Some((Light::Red, delivery, Some(march(22))))
        );
        let delivered = |case: &Scenario, day| {
            let clerk = staff(Role::Clerk);
            let certificate = CaseCommand::IssueCertificate {
                certificate: id("permit-1"),
            };
            let deliver = CaseCommand::Deliver {
                method: "at the window".to_owned(),
            };
            case.clone()
                .after(&approver, certificate, day)
                .after(&clerk, deliver, day)
        };
        for (day, kept) in [
            (march(5), Light::Green),
            (march(9), Light::Yellow),
            (march(10), Light::Red),
        ] {
            let delivered = delivered(&in_time, day);
            assert_eq!(shown(&delivered, date(2010, 12, 1)), Some((kept, None, None)));
        }
        let unlawful = accepted().after(&approver, decide(), march(31));
        assert_eq!(
            shown(&unlawful, date(2010, 12, 1)).map(|(light, ..)| light),
            Some(Light::Black)
        );
    }

    #[test]
    fn of_two_clocks_with_one_light_and_one_last_day_that_of_the_law_shows() {
        let mut permit = procedure("no-faster");
        permit.terms.promised = Some(sourced(Term::WorkingDays(20)));
        let clerk = staff(Role::Clerk);
        let case = given(&centre().with_procedure(permit), [])
            .after(&clerk, submit("no-faster"), march(1))
            .after(&clerk, CaseCommand::Accept { gaps_due_on: None }, march(1));
        assert_eq!(
            shown(&case, march(2)),
            Some((Light::Green, Some(ClockKind::Statutory), Some(march(29))))
        );
    }

    #[test]
    fn what_ends_without_a_decision_keeps_the_colour_that_it_had() {
        let applicant = staff(Role::Applicant);
        let withdraw = |case: Scenario, day| {
            case.after(
                &applicant,
                CaseCommand::Withdraw {
                    reason: "changed plans".to_owned(),
                },
                day,
            )
        };
        let early = withdraw(accepted(), march(3));
        assert_eq!(shown(&early, date(2010, 12, 1)), Some((Light::Green, None, None)));
        // The intake would have been late on the 10th, but it was over on the 1st.
        let promised = withdraw(accepted(), march(10));
        assert_eq!(
            shown(&promised, date(2010, 12, 1)),
            Some((Light::Green, None, None))
        );
        let late = withdraw(accepted(), march(18));
        assert_eq!(shown(&late, date(2010, 12, 1)), Some((Light::Red, None, None)));
        let submitted = given(&centre(), []).after(&staff(Role::Clerk), submit("permit"), march(1));
        let unread = withdraw(submitted, march(10));
        assert_eq!(shown(&unread, date(2010, 12, 1)), Some((Light::Red, None, None)));
    }
}
