//! What moves the decision clocks: special procedures, suspensions, extensions, silence. Dates: the year 2010 of China.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::*;
use guichet_core::actor::Role;
use guichet_core::case::event::{
    CaseEvent, ClockKind, ClockResumed, ClockSuspended, CorrectionItem, DecisionDeemed, ExtensionGranted,
    ExtensionRefused, ExtensionRequested, ExtensionRevoked, LightTurned, Outcome, SpecialProcedureApproved,
    SpecialProcedureEnded, SpecialProcedureRefused, SpecialProcedureRequested, SpecialProcedureStarted,
    SuspensionGround,
};
use guichet_core::case::{CaseCommand, Rejection, next_lapse};
use guichet_core::light::Light;
use guichet_core::policy::{DecisionStart, Effect, Policy, RepeatedStep, Tolling};
use guichet_core::procedure::{DecisionSilence, SpecialKind};
use guichet_core::testkit::{Furnish, Scenario, given, id, person, staff};
use guichet_core::time::{Date, Term, date};
use proptest::prelude::*;

fn april(day: i8) -> Date {
    date(2010, 4, day)
}

fn suspend(reason: &str) -> CaseCommand {
    CaseCommand::Suspend {
        ground: SuspensionGround::ForceMajeure,
        reason: text(reason),
        notice: None,
    }
}

fn resume() -> CaseCommand {
    CaseCommand::Resume {}
}

fn request(special: &str, kind: SpecialKind, name: Option<&str>, days: u16) -> CaseCommand {
    CaseCommand::RequestSpecialProcedure {
        special: id(special),
        kind,
        name: name.map(text),
        announced: Term::WorkingDays(days),
    }
}

fn approve(special: &str) -> CaseCommand {
    CaseCommand::ApproveSpecialProcedure {
        special: id(special),
        notice: Some(id("notice")),
    }
}

fn start(special: &str) -> CaseCommand {
    CaseCommand::StartSpecialProcedure { special: id(special) }
}

fn end(special: &str) -> CaseCommand {
    CaseCommand::EndSpecialProcedure {
        special: id(special),
        result: Some(id("minutes")),
    }
}

fn ask_for(days: u16) -> CaseCommand {
    CaseCommand::RequestExtension {
        by: Term::WorkingDays(days),
        reason: text("a second survey"),
    }
}

fn extend(days: u16) -> CaseCommand {
    CaseCommand::GrantExtension {
        by: Term::WorkingDays(days),
        reason: text("a second survey"),
    }
}

/// A case on the calendar of China, accepted on Monday with twenty days.
fn chinese() -> Scenario {
    let mut procedure = licence();
    procedure.calendar = id("CN");
    procedure.terms.promised = None;
    let centre = centre().with_procedure(procedure);
    given(&centre, [])
        .after(&clerk(), submit_with("licence", &["form", "plan"]), MONDAY)
        .after(&clerk(), accept(), MONDAY)
}

fn statutory(case: &Scenario) -> Date {
    case.case().due.statutory.unwrap()
}

#[test]
fn a_suspension_takes_its_days_out() {
    let suspended = ClockSuspended {
        ground: SuspensionGround::ForceMajeure,
        reason: text("a flood"),
        suspended_on: march(8),
        notice: None,
    };
    let resumed = ClockResumed {
        resumed_on: march(19),
        statutory_due_on: Some(april(12)),
        promised_due_on: None,
    };
    chinese()
        .when(&handler(), suspend("a flood"), march(8))
        .without_lights()
        .then([suspended.into()])
        .when(&handler(), resume(), march(19))
        .then([resumed.into()]);
}

#[test]
fn overlapping_pauses_are_a_union_and_never_a_sum() {
    let hearing = chinese()
        .after(&handler(), request("h", SpecialKind::Hearing, None, 10), march(2))
        .after(&approver(), approve("h"), march(2))
        .after(&handler(), suspend("a flood"), march(8))
        .after(&handler(), start("h"), march(15))
        .after(&handler(), resume(), march(19))
        .after(&handler(), end("h"), march(24));
    let granted = hearing
        .after(&handler(), agree("examine"), march(25))
        .after(&reviewer(), agree("review"), march(25))
        .after(&approver(), grant(), march(25));
    assert_eq!(statutory(&granted), april(15));
}

#[test]
fn an_extension_comes_on_top_of_the_pauses_and_its_revocation_leaves_them() {
    let extended = chinese().after(&head(), extend(10), march(2));
    assert_eq!(statutory(&extended), april(13));
    let both = chinese()
        .after(&handler(), suspend("a flood"), march(8))
        .after(&handler(), resume(), march(19))
        .when(&head(), extend(10), march(22))
        .without_lights()
        .then([ExtensionGranted {
            by: Term::WorkingDays(10),
            approver: id("authority_head"),
            approver_role: Role::AuthorityHead,
            reason: text("a second survey"),
            statutory_due_on: Some(april(26)),
            promised_due_on: None,
        }
        .into()]);
    both.when(
        &head(),
        CaseCommand::RevokeExtension {
            reasons: text("not needed"),
        },
        march(23),
    )
    .then([ExtensionRevoked {
        reasons: text("not needed"),
        statutory_due_on: Some(april(12)),
        promised_due_on: None,
    }
    .into()]);
}

#[test]
fn a_suspension_is_refused_twice_early_and_without_a_reason() {
    submitted()
        .when(&handler(), suspend(""), MONDAY)
        .then_rejected(&Rejection::WrongStage {
            stage: "intake",
            wanted: "review",
        });
    let running = in_review().after(&handler(), suspend("a flood"), march(3));
    running
        .clone()
        .when(&handler_of("fire"), suspend(""), march(4))
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    running
        .clone()
        .when(&handler(), suspend(""), march(4))
        .then_rejected(&Rejection::AlreadySuspended { since: march(3) });
    running
        .when_effective(&handler(), resume(), march(4), march(2))
        .then_rejected(&Rejection::TooEarly {
            given: march(2),
            earliest: march(3),
        });
    in_review()
        .when_effective(&handler(), suspend(""), march(3), date(2010, 2, 26))
        .then_rejected(&Rejection::TooEarly {
            given: date(2010, 2, 26),
            earliest: MONDAY,
        });
    in_review()
        .when(&handler(), suspend(" "), march(3))
        .then_rejected(&reasons_missing("a suspension"));
    in_review()
        .when(&handler(), resume(), march(3))
        .then_rejected(&Rejection::NotSuspended);
    in_review()
        .when(&clerk(), resume(), march(3))
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Clerk,
            allowed: &[Role::Handler, Role::Reviewer, Role::Approver],
        });
}

#[test]
fn a_special_procedure_is_asked_for_approved_started_and_ended() {
    in_review()
        .when(&handler(), request("h", SpecialKind::Hearing, None, 10), march(2))
        .then([SpecialProcedureRequested {
            special: id("h"),
            kind: SpecialKind::Hearing,
            name: None,
            announced: Term::WorkingDays(10),
        }
        .into()])
        .when(&approver(), approve("h"), march(2))
        .then([SpecialProcedureApproved {
            special: id("h"),
            excluded: true,
            notice: Some(id("notice")),
        }
        .into()])
        .when(&handler(), start("h"), march(3))
        .then([SpecialProcedureStarted {
            special: id("h"),
            started_on: march(3),
            due_on: Some(march(17)),
        }
        .into()])
        .when(&handler(), end("h"), march(10))
        .then([SpecialProcedureEnded {
            special: id("h"),
            ended_on: march(10),
            result: Some(id("minutes")),
        }
        .into()]);
}

#[test]
fn a_special_procedure_keeps_to_its_stations() {
    let asked = || in_review().after(&handler(), request("h", SpecialKind::Hearing, None, 10), march(2));
    let elsewhere = |found, wanted| Rejection::SpecialElsewhere {
        special: id("h"),
        found,
        wanted,
    };
    in_review()
        .when(&approver(), approve("h"), march(2))
        .then_rejected(&elsewhere("unknown", "requested"));
    asked()
        .when(&handler(), request("h", SpecialKind::Hearing, None, 10), march(2))
        .then_rejected(&elsewhere("requested", "new"));
    asked()
        .when(&handler(), start("h"), march(2))
        .then_rejected(&elsewhere("requested", "approved"));
    asked()
        .when(&handler(), end("h"), march(2))
        .then_rejected(&elsewhere("requested", "running"));
    let refuse = |reasons: &str| CaseCommand::RefuseSpecialProcedure {
        special: id("h"),
        reasons: text(reasons),
    };
    asked()
        .when(&approver(), refuse(""), march(2))
        .then_rejected(&reasons_missing("a refusal"));
    asked()
        .when(&approver(), refuse("not needed"), march(2))
        .then([SpecialProcedureRefused {
            special: id("h"),
            reasons: text("not needed"),
        }
        .into()])
        .when(&approver(), approve("h"), march(2))
        .then_rejected(&elsewhere("refused", "requested"))
        .after(
            &handler(),
            request("h2", SpecialKind::Hearing, None, 10),
            march(3),
        );
    let started = asked()
        .after(&approver(), approve("h"), march(2))
        .after(&handler(), start("h"), march(3));
    started
        .clone()
        .when_effective(&handler(), end("h"), march(4), march(2))
        .then_rejected(&Rejection::TooEarly {
            given: march(2),
            earliest: march(3),
        });
    started
        .after(&handler(), end("h"), march(4))
        .when(&handler(), end("h"), march(5))
        .then_rejected(&elsewhere("ended", "running"));
}

#[test]
fn a_special_procedure_is_refused_for_order_before_content() {
    let asked = || in_review().after(&handler(), request("h", SpecialKind::Hearing, None, 10), march(2));
    asked()
        .when(
            &handler_of("fire"),
            request("x", SpecialKind::Hearing, None, 99),
            march(2),
        )
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    asked()
        .when(&handler(), request("x", SpecialKind::Hearing, None, 99), march(2))
        .then_rejected(&Rejection::SpecialOpen {
            kind: SpecialKind::Hearing,
        });
    asked()
        .when(&handler(), request("x", SpecialKind::Auction, None, 99), march(2))
        .then_rejected(&Rejection::SpecialNotAllowed {
            kind: SpecialKind::Auction,
        });
    asked()
        .when(&handler(), request("x", SpecialKind::Other, None, 99), march(2))
        .then_rejected(&Rejection::TooLong {
            asked: Term::WorkingDays(99),
            longest: Term::WorkingDays(20),
        });
    let months = CaseCommand::RequestSpecialProcedure {
        special: id("x"),
        kind: SpecialKind::Other,
        name: None,
        announced: Term::Months(1),
    };
    asked()
        .when(&handler(), months, march(2))
        .then_rejected(&Rejection::UnitDiffers {
            asked: Term::Months(1),
            rule: Term::WorkingDays(20),
        });
    asked()
        .when(
            &handler(),
            request("x", SpecialKind::Other, Some(" "), 9),
            march(2),
        )
        .then_rejected(&Rejection::NameMissing);
    asked().after(
        &handler(),
        request("x", SpecialKind::Other, Some("a dig"), 9),
        march(2),
    );
}

#[test]
fn a_special_procedure_that_is_not_excluded_moves_no_clock() {
    let case = chinese()
        .after(
            &handler(),
            request("i", SpecialKind::Inspection, None, 10),
            march(2),
        )
        .after(&approver(), approve("i"), march(2))
        .after(&handler(), start("i"), march(8))
        .after(&handler(), end("i"), march(19));
    assert_eq!(case.case().pauses(), []);
}

#[test]
fn more_time_is_asked_for_and_granted_by_the_level_that_the_rule_names() {
    let asked = in_review()
        .when(&handler(), ask_for(10), march(2))
        .then([ExtensionRequested {
            by: Term::WorkingDays(10),
            reason: text("a second survey"),
        }
        .into()]);
    asked
        .clone()
        .when(&handler(), ask_for(99), march(2))
        .then_rejected(&Rejection::ExtensionPending {
            by: Term::WorkingDays(10),
        });
    asked
        .clone()
        .when(&approver(), extend(99), march(2))
        .then_rejected(&Rejection::WrongRole {
            needed: Role::AuthorityHead,
            given: Role::Approver,
        });
    asked
        .clone()
        .when(
            &person("fire-authority_head", Role::AuthorityHead),
            extend(99),
            march(2),
        )
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-authority_head"),
            department: id("licensing"),
        });
    asked
        .clone()
        .when(&head(), extend(11), march(2))
        .then_rejected(&Rejection::TooLong {
            asked: Term::WorkingDays(11),
            longest: Term::WorkingDays(10),
        });
    let refuse = |reasons: &str| CaseCommand::RefuseExtension {
        reasons: text(reasons),
    };
    asked
        .clone()
        .when(&approver(), refuse("no"), march(2))
        .then_rejected(&Rejection::WrongRole {
            needed: Role::AuthorityHead,
            given: Role::Approver,
        });
    asked
        .clone()
        .when(&head(), refuse(" "), march(2))
        .then_rejected(&reasons_missing("a refusal"));
    asked
        .clone()
        .when(&head(), refuse("no need"), march(2))
        .then([ExtensionRefused {
            reasons: text("no need"),
        }
        .into()])
        .when(&head(), refuse("no need"), march(2))
        .then_rejected(&Rejection::NoExtension {
            wanted: "waits for an answer",
        });
    let twice = asked.after(&head(), extend(10), march(2));
    assert_eq!(twice.case().due.promised, Some(march(29)));
    assert_eq!(twice.case().extension_requested, None);
    twice
        .when(&head(), extend(10), march(3))
        .then_rejected(&Rejection::ExtensionsUsedUp { times: 1 });
    in_review()
        .when(
            &head(),
            CaseCommand::RevokeExtension { reasons: text("x") },
            march(3),
        )
        .then_rejected(&Rejection::NoExtension { wanted: "stands" });
}

#[test]
fn after_the_term_nothing_is_extended_and_without_a_rule_nothing_ever() {
    in_review()
        .when(&head(), extend(10), march(30))
        .then_rejected(&Rejection::TermOver { due_on: march(29) });
    in_review().after(&head(), extend(10), march(29));
    let joint = running(&centre(), "joint");
    joint
        .clone()
        .when(&handler_of("fire"), ask_for(1), march(2))
        .then_rejected(&Rejection::NotExtensible);
    joint
        .when(&head(), extend(1), march(2))
        .then_rejected(&Rejection::NotExtensible);
}

#[test]
fn the_head_of_the_government_extends_what_the_rule_leaves_to_them() {
    let mut procedure = licence();
    procedure.extension.as_mut().unwrap().approver = Role::GovernmentHead;
    let centre = centre().with_procedure(procedure);
    let case = given(&centre, [])
        .after(&clerk(), submit_with("licence", &["form", "plan"]), MONDAY)
        .after(&clerk(), accept(), MONDAY);
    case.clone()
        .when(&head(), extend(10), march(2))
        .then_rejected(&Rejection::WrongRole {
            needed: Role::GovernmentHead,
            given: Role::AuthorityHead,
        });
    case.after(&staff(Role::GovernmentHead), extend(10), march(2));
}

/// A case whose silence counts as a grant.
fn silent() -> Scenario {
    let mut procedure = licence();
    procedure.silence.decision = Some(DecisionSilence::Granted);
    let centre = centre().with_procedure(procedure);
    given(&centre, [])
        .after(&clerk(), submit_with("licence", &["form", "plan"]), MONDAY)
        .after(&clerk(), accept(), MONDAY)
}

fn deemed(lapsed_on: Date) -> CaseEvent {
    DecisionDeemed {
        effect: DecisionSilence::Granted,
        lapsed_on,
        source: text("set for a test"),
    }
    .into()
}

#[test]
fn silence_past_the_statute_decides_once() {
    silent()
        .when(&timekeeper(), note_time(), march(29))
        .without_lights()
        .then([]);
    let granted = silent()
        .when(&timekeeper(), note_time(), april(20))
        .without_lights()
        .then([deemed(march(29))]);
    assert_eq!(granted.case().outcome(), Some(Outcome::DeemedGranted));
    assert_eq!(open_steps(&granted), Vec::<&str>::new());
    granted
        .clone()
        .when(&timekeeper(), note_time(), april(21))
        .then([]);
    // Whoever acts after that day finds it decided.
    silent()
        .when(&handler(), agree("examine"), march(30))
        .then_rejected(&Rejection::WrongStage {
            stage: "decided",
            wanted: "review",
        });
    // Opened again after that day, it waits for a person.
    let reopened = granted.after(
        &head(),
        CaseCommand::Reopen {
            reason: text("forged"),
            at: None,
        },
        april(21),
    );
    assert_eq!(open_steps(&reopened), ["examine"]);
    reopened
        .when(&timekeeper(), note_time(), april(30))
        .without_lights()
        .then([]);
}

#[test]
fn silence_does_not_speak_while_the_clocks_stand_still_nor_before_the_days_taken_out_are_over() {
    let suspended = silent().after(&handler(), suspend("a flood"), march(8));
    assert_eq!(next_lapse(suspended.directory(), suspended.state()), None);
    suspended.when(&timekeeper(), note_time(), april(30)).then([]);
    // A hearing of nine working days moves the day, although its end tells no new one.
    let heard = silent()
        .after(&handler(), request("h", SpecialKind::Hearing, None, 10), march(2))
        .after(&approver(), approve("h"), march(2))
        .after(&handler(), start("h"), march(8))
        .after(&handler(), end("h"), march(19));
    heard
        .clone()
        .when(&timekeeper(), note_time(), april(9))
        .without_lights()
        .then([]);
    heard
        .when(&timekeeper(), note_time(), april(12))
        .without_lights()
        .then([deemed(april(9))]);
}

// The timekeeper: a night without it changes nothing.

/// What people do to a case, on some days; what is refused is left out.
fn asks() -> impl Strategy<Value = (u8, i8)> {
    (0_u8..14, 1_i8..60)
}

fn act(case: Scenario, what: u8, on: Date) -> Scenario {
    let (actor, ask) = match what {
        0 => (clerk(), accept()),
        1 => (
            clerk(),
            CaseCommand::RequestCorrection {
                items: vec![CorrectionItem {
                    material: id("form"),
                    defect: text("not signed"),
                }],
            },
        ),
        2 => (
            applicant(),
            CaseCommand::SubmitCorrection {
                materials: [id("form")].into(),
                complete: true,
            },
        ),
        3 => (handler(), agree("examine")),
        4 => (handler(), prove("health")),
        5 => (handler(), prove("culture")),
        6 => (handler_of("health"), agree("health")),
        7 => (handler_of("fire"), agree("fire")),
        8 => (handler(), suspend("a flood")),
        9 => (handler(), resume()),
        10 => (handler(), request("h", SpecialKind::Hearing, None, 10)),
        11 => (approver(), approve("h")),
        12 => (handler(), start("h")),
        _ => (handler(), end("h")),
    };
    case.when(&actor, ask, on)
}

fn kept(case: &Scenario) -> Vec<CaseEvent> {
    case.history().to_vec()
}

proptest! {
    #[test]
    fn a_timekeeper_that_runs_daily_or_never_leaves_the_same_history(
        mut asked in prop::collection::vec(asks(), 0..14),
        corrects in any::<bool>(),
    ) {
        let mut procedure = joint(guichet_core::flow::Join::All);
        procedure.silence.intake_accepts = true;
        procedure.silence.decision = Some(DecisionSilence::Refused);
        procedure.special_procedures = licence().special_procedures;
        procedure.terms.correction = licence().terms.correction.filter(|_| corrects);
        let centre = centre().with_procedure(procedure);
        asked.sort_by_key(|(_, day)| *day);
        let begin = || given(&centre, []).after(&clerk(), submit_with("joint", &[]), MONDAY);
        let (mut daily, mut never) = (begin(), begin());
        for day in 0..90_i8 {
            let today = MONDAY.plus_days(i32::from(day));
            daily = daily.after(&timekeeper(), note_time(), today);
            let told = daily.history().len();
            daily = daily.after(&timekeeper(), note_time(), today);
            prop_assert_eq!(told, daily.history().len(), "told twice on one day");
            for (what, _) in asked.iter().filter(|(_, on)| *on == day) {
                daily = act(daily, *what, today);
                never = act(never, *what, today);
            }
        }
        never = never.after(&timekeeper(), note_time(), MONDAY.plus_days(89));
        prop_assert_eq!(kept(&daily), kept(&never));
    }
}

// Lights.

fn turned(clock: ClockKind, of: Option<&str>, light: Light, turned_on: Date, due_on: Date) -> CaseEvent {
    LightTurned {
        clock,
        of: of.map(id),
        light,
        turned_on,
        due_on,
    }
    .into()
}

/// Reviewed to its end but for the decision: twenty working days by law, ten promised, from 1 March.
fn waiting() -> Scenario {
    before_decision()
}

#[test]
fn a_promise_turns_yellow_then_red_and_the_law_black_each_on_its_day() {
    let promise = |light, on| turned(ClockKind::Promised, None, light, on, march(15));
    let law = turned(ClockKind::Statutory, None, Light::Black, march(30), march(29));
    let yellow = promise(Light::Yellow, march(12));
    let red = promise(Light::Red, march(16));
    // A timekeeper that runs every night writes each turn on its morning, and nothing twice.
    let nightly = (2..=31).fold((waiting(), Vec::new()), |(case, mut told), day| {
        let noted = case.when(&timekeeper(), note_time(), march(day));
        told.extend(noted.events().iter().map(|event| (march(day), event.clone())));
        (noted, told)
    });
    assert_eq!(
        nightly.1,
        [(march(12), yellow), (march(16), red), (march(30), law)]
    );
    // One that sleeps through it writes the same.
    let once = waiting().when(&timekeeper(), note_time(), march(31));
    let all: Vec<CaseEvent> = nightly.1.into_iter().map(|(_, event)| event).collect();
    assert_eq!(once.events(), all);
}

#[test]
fn a_suspended_case_turns_no_light_and_makes_up_for_none_in_a_burst() {
    let suspended = waiting().after(&handler(), suspend("a flood"), march(2));
    suspended
        .clone()
        .when(&timekeeper(), note_time(), april(30))
        .then([]);
    // Resumed on 30 April with nine of ten days left: the next turn is days away.
    let resumed = suspended.after(&handler(), resume(), april(30));
    resumed
        .clone()
        .when(&timekeeper(), note_time(), april(30).next())
        .then([]);
    let day = next_lapse(resumed.directory(), resumed.state()).unwrap();
    assert!(day > april(30), "{day}");
}

#[test]
fn a_light_told_for_one_due_date_is_told_anew_for_another() {
    waiting()
        .when(&timekeeper(), note_time(), march(12))
        .then([turned(
            ClockKind::Promised,
            None,
            Light::Yellow,
            march(12),
            march(15),
        )])
        .after(&head(), extend(10), march(12))
        .when(&timekeeper(), note_time(), april(13))
        .then([
            turned(ClockKind::Promised, None, Light::Yellow, march(25), march(29)),
            turned(ClockKind::Promised, None, Light::Red, march(30), march(29)),
            turned(ClockKind::Statutory, None, Light::Black, april(13), april(12)),
        ]);
}

#[test]
fn a_step_overruns_by_itself_while_the_case_is_in_time() {
    in_review().when(&timekeeper(), note_time(), march(9)).then([
        turned(
            ClockKind::Step,
            Some("examine"),
            Light::Yellow,
            march(5),
            march(8),
        ),
        turned(ClockKind::Step, Some("examine"), Light::Red, march(9), march(8)),
    ]);
}

#[test]
fn a_case_that_is_done_turns_no_light() {
    let withdrawn = before_decision().after(
        &clerk(),
        CaseCommand::Withdraw {
            reason: text("moved away"),
        },
        march(2),
    );
    assert_eq!(next_lapse(withdrawn.directory(), withdrawn.state()), None);
    withdrawn.when(&timekeeper(), note_time(), april(30)).then([]);
}

// Switches of the policy, in a case.

/// A licence under a law of its own, handed in on Monday 1 March without its plan and asked to be completed.
fn asked_to_complete(change: impl FnOnce(&mut Policy)) -> Scenario {
    let mut procedure = licence();
    change(&mut procedure.policy);
    let centre = centre().with_procedure(procedure);
    let item = CorrectionItem {
        material: id("plan"),
        defect: text("missing"),
    };
    given(&centre, [])
        .after(&clerk(), submit_with("licence", &["form"]), MONDAY)
        .after(
            &clerk(),
            CaseCommand::RequestCorrection { items: vec![item] },
            march(2),
        )
}

fn completed(case: Scenario, on: Date) -> Scenario {
    let supply = CaseCommand::SubmitCorrection {
        materials: [id("plan")].into(),
        complete: true,
    };
    case.after(&clerk(), supply, on).after(&clerk(), accept(), on)
}

fn told_statutory(case: &Scenario) -> Option<Date> {
    case.case().due.statutory
}

#[test]
fn a_term_from_receipt_is_paused_by_the_corrections_before_acceptance() {
    let from_receipt = |effect| {
        move |policy: &mut Policy| {
            policy.decision_start = DecisionStart::Receipt;
            let tolling = Tolling {
                effect,
                ..Tolling::SUSPEND
            };
            policy.grounds.insert(SuspensionGround::Incomplete, tolling);
        }
    };
    // Asked on the 2nd, completed on the 9th: five working days do not count.
    let suspended = completed(asked_to_complete(from_receipt(Effect::Suspend)), march(9));
    assert_eq!(told_statutory(&suspended), Some(april(5)));
    let ignored = completed(asked_to_complete(from_receipt(Effect::Ignore)), march(9));
    assert_eq!(told_statutory(&ignored), Some(march(29)));
    let reset = completed(asked_to_complete(from_receipt(Effect::Reset)), march(9));
    assert_eq!(told_statutory(&reset), Some(april(6)));
    // From acceptance, the correction is no matter of the decision's clock.
    let accepted = completed(asked_to_complete(|_| ()), march(9));
    assert_eq!(told_statutory(&accepted), Some(april(6)));
}

#[test]
fn a_step_that_is_asked_for_again_counts_from_the_entry_that_the_policy_names() {
    let sent_back = |repeated_step| {
        let mut procedure = licence();
        procedure.policy.repeated_step = repeated_step;
        let centre = centre().with_procedure(procedure);
        given(&centre, [])
            .after(&clerk(), submit_with("licence", &["form", "plan"]), MONDAY)
            .after(&clerk(), accept(), MONDAY)
            .after(&handler(), agree("examine"), march(2))
            .after(&reviewer(), send_back("review", "examine"), march(3))
    };
    let due_on = |case: &Scenario| case.case().steps["examine"].due_on;
    assert_eq!(due_on(&sent_back(RepeatedStep::LastEntry)), Some(march(10)));
    assert_eq!(due_on(&sent_back(RepeatedStep::FirstEntry)), Some(march(8)));
    // Either way the clock of the decision goes on as it was.
    for repeated_step in [RepeatedStep::LastEntry, RepeatedStep::FirstEntry] {
        assert_eq!(told_statutory(&sent_back(repeated_step)), Some(march(29)));
    }
}

#[test]
fn a_suspension_on_a_ground_that_resets_starts_the_term_anew() {
    let mut procedure = licence();
    procedure.policy.grounds.insert(
        SuspensionGround::ForceMajeure,
        Tolling {
            effect: Effect::Reset,
            ..Tolling::SUSPEND
        },
    );
    let centre = centre().with_procedure(procedure);
    let case = given(&centre, [])
        .after(&clerk(), submit_with("licence", &["form", "plan"]), MONDAY)
        .after(&clerk(), accept(), MONDAY)
        .after(&handler(), suspend("a flood"), march(8))
        .after(&handler(), resume(), march(19));
    assert_eq!(told_statutory(&case), Some(april(16)));
}
