//! From the counter to acceptance: what each command does, and each no it can give.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::*;
use guichet_core::actor::Role;
use guichet_core::case::decide::{ENTRIES_MAX, TEXT_BYTES_MAX};
use guichet_core::case::event::{
    AcceptanceDeemed, AcceptanceRefused, CaseAccepted, CaseEvent, Channel, CorrectionItem, CorrectionLapsed,
    CorrectionRequested, CorrectionSubmitted, MaterialSupplied, NoLicenceNeeded, Outcome, PreCheckRecorded,
    Verdict,
};
use guichet_core::case::{
    CaseCommand, CaseState, Command, Rejection, Stage, decide as decide_command, next_lapse,
};
use guichet_core::reference::Directory;
use guichet_core::testkit::{self, Furnish, given, id, noon, person, staff, submit};
use guichet_core::time::{Date, date};

fn correction(defect: &str) -> CaseCommand {
    CaseCommand::RequestCorrection {
        items: vec![CorrectionItem {
            material: id("form"),
            defect: text(defect),
        }],
    }
}

fn corrected(complete: bool) -> CaseCommand {
    CaseCommand::SubmitCorrection {
        materials: [id("form")].into(),
        complete,
    }
}

fn refuse(reasons: &str) -> CaseCommand {
    CaseCommand::RefuseAcceptance {
        reasons: text(reasons),
        remedies: Some(text("the county court")),
    }
}

#[test]
fn advice_before_an_application_starts_no_clock() {
    let ask = || CaseCommand::RecordPreCheck {
        procedure: id("licence"),
        note: None,
    };
    let advised = PreCheckRecorded {
        procedure: id("licence"),
        note: None,
    };
    let advised = given(&centre(), [])
        .when(&clerk(), ask(), MONDAY)
        .then([advised.into()]);
    assert_eq!(advised.state(), &CaseState::PreChecked);
    assert_eq!(next_lapse(advised.directory(), advised.state()), None);
    advised.after(&clerk(), submit("licence"), MONDAY);
    submitted()
        .when(&clerk(), ask(), MONDAY)
        .then_rejected(&Rejection::AlreadySubmitted { received_on: MONDAY });
    given(&centre(), [])
        .when(&reviewer(), ask(), MONDAY)
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Reviewer,
            allowed: &[Role::Clerk, Role::Handler],
        });
    given(&centre(), [])
        .when(
            &clerk(),
            CaseCommand::RecordPreCheck {
                procedure: id("no-such"),
                note: None,
            },
            MONDAY,
        )
        .then_rejected(&Rejection::UnknownProcedure {
            procedure: id("no-such"),
        });
}

#[test]
fn an_application_starts_the_intake_clock_in_the_newest_version() {
    let handed_in = submitted();
    assert_eq!(
        kinds(handed_in.events()),
        ["case.submitted", "case.rating_offered"]
    );
    assert_eq!(
        handed_in.case().stage,
        Stage::Intake {
            since: MONDAY,
            due_on: Some(march(8))
        }
    );
    assert_eq!(handed_in.case().channel, Channel::Window);
    let online = given(&centre(), []).after(&applicant(), submit("licence"), MONDAY);
    assert_eq!(online.case().channel, Channel::Online);
}

#[test]
fn an_application_is_refused_for_who_where_and_what_in_that_order() {
    let centre = centre();
    let ask = || submit("no-such");
    let at = |window: &str| person("clerk", Role::Clerk).at(id(window));
    let fresh = || given(&centre, []);
    fresh()
        .when(&person("nobody", Role::Clerk).at(id("NOWHERE")), ask(), MONDAY)
        .then_rejected(&Rejection::UnknownPerson { person: id("nobody") });
    fresh()
        .when(&person("handler", Role::Clerk), ask(), MONDAY)
        .then_rejected(&Rejection::RoleNotHeld {
            person: id("handler"),
            role: Role::Clerk,
        });
    fresh()
        .when(&handler().at(id("NOWHERE")), ask(), MONDAY)
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Handler,
            allowed: &[Role::Applicant, Role::Agent, Role::Clerk],
        });
    fresh()
        .when(&person("clerk", Role::Clerk), ask(), MONDAY)
        .then_rejected(&Rejection::WindowMissing);
    fresh()
        .when(&at("NOWHERE"), ask(), MONDAY)
        .then_rejected(&Rejection::UnknownWindow {
            window: id("NOWHERE"),
        });
    fresh()
        .when(&at("W2"), ask(), MONDAY)
        .then_rejected(&Rejection::NotAtWindow {
            person: id("clerk"),
            window: id("W2"),
        });
    fresh()
        .when_effective(&clerk(), ask(), MONDAY, march(2))
        .then_rejected(&Rejection::InFuture {
            given: march(2),
            today: MONDAY,
        });
    submitted()
        .when(&clerk(), ask(), MONDAY)
        .then_rejected(&Rejection::AlreadySubmitted { received_on: MONDAY });
    fresh()
        .when(&clerk(), ask(), MONDAY)
        .then_rejected(&Rejection::UnknownProcedure {
            procedure: id("no-such"),
        });
    fresh()
        .when(
            &person("fire-clerk", Role::Clerk).at(id("W2")),
            submit("licence"),
            MONDAY,
        )
        .then_rejected(&Rejection::NotOnDuty {
            window: id("W2"),
            department: id("licensing"),
            day: MONDAY,
        });
    fresh()
        .when(&person("other", Role::Applicant), submit("licence"), MONDAY)
        .then_rejected(&Rejection::NotTheApplicant { person: id("other") });
}

#[test]
fn somebody_who_has_left_acts_no_more() {
    let mut centre = centre();
    let left = centre.staff.get_mut("clerk").unwrap();
    left.until = Some(date(2010, 2, 26));
    given(&centre, [])
        .when(&clerk(), submit("licence"), MONDAY)
        .then_rejected(&Rejection::NoLongerStaff {
            person: id("clerk"),
            until: date(2010, 2, 26),
        });
}

#[test]
fn a_command_that_happened_after_it_was_recorded_is_refused() {
    let mut command = Command::new(id("c"), id("case-1"), clerk(), submit("licence"));
    command.occurred_at = Some(noon(march(2)));
    given(&centre(), [])
        .when_command(&command, noon(MONDAY))
        .then_rejected(&Rejection::InFuture {
            given: march(2),
            today: MONDAY,
        });
}

#[test]
fn what_is_handed_in_has_bounds() {
    let facts = |count: usize| CaseCommand::Submit {
        procedure: id("licence"),
        applicant: id("applicant"),
        channel: None,
        facts: (0..count).map(|n| (n.to_string(), true.into())).collect(),
        materials: [].into(),
        resubmits: None,
    };
    given(&centre(), []).after(&clerk(), facts(ENTRIES_MAX), MONDAY);
    given(&centre(), [])
        .when(&clerk(), facts(ENTRIES_MAX + 1), MONDAY)
        .then_rejected(&Rejection::TooMany {
            what: "facts",
            count: ENTRIES_MAX + 1,
            max: ENTRIES_MAX,
        });
    submitted()
        .when(&clerk(), refuse(&"x".repeat(TEXT_BYTES_MAX + 1)), MONDAY)
        .then_rejected(&Rejection::TextTooLong {
            field: "a refusal to accept",
            bytes: TEXT_BYTES_MAX + 1,
            max: TEXT_BYTES_MAX,
        });
}

#[test]
fn a_day_outside_the_calendar_is_refused_and_not_guessed() {
    let late = date(2012, 12, 31);
    let answer = given(&centre(), []).when(&clerk(), submit("licence"), late);
    let code = answer.answer().unwrap_err().code();
    assert_eq!(code, "calendar");
    let mut bare = centre();
    bare.calendars.clear();
    given(&bare, [])
        .when(&clerk(), submit("licence"), MONDAY)
        .then_rejected(&Rejection::UnknownCalendar {
            procedure: id("licence"),
        });
}

#[test]
fn a_rotating_window_serves_two_departments_on_one_day_and_one_on_the_next() {
    let rota = || person("rota-clerk", Role::Clerk).at(id("ROTA"));
    let fire = guichet_core::procedure::Procedure {
        department: id("fire"),
        ..testkit::procedure("fire-permit")
    };
    let centre = centre().with_procedure(fire);
    // Both departments are on duty on the first, only fire on the second, nobody on the third.
    given(&centre, []).after(&rota(), submit("licence"), march(1));
    given(&centre, []).after(&rota(), submit("fire-permit"), march(1));
    given(&centre, []).after(&rota(), submit("fire-permit"), march(2));
    for (procedure, department, day) in [("licence", "licensing", 2), ("fire-permit", "fire", 3)] {
        given(&centre, [])
            .when(&rota(), submit(procedure), march(day))
            .then_rejected(&Rejection::NotOnDuty {
                window: id("ROTA"),
                department: id(department),
                day: march(day),
            });
    }
    // Who names the department beside the window keeps to it.
    given(&centre, [])
        .when(&rota().of(id("fire")), submit("licence"), march(1))
        .then_rejected(&Rejection::WrongDepartment {
            person: id("rota-clerk"),
            department: id("licensing"),
        });
}

#[test]
fn the_one_notice_stops_the_intake_clock_and_a_second_one_is_counted() {
    let asked = |notice, served_on, respond_by| CorrectionRequested {
        notice,
        items: vec![CorrectionItem {
            material: id("form"),
            defect: text("not signed"),
        }],
        served_on,
        respond_by,
    };
    submitted()
        .when(&clerk(), correction("not signed"), march(3))
        .then([asked(1, march(3), Some(march(17))).into()])
        .when(&applicant(), corrected(false), march(4))
        .then_kinds(["case.correction_submitted", "case.rating_offered"])
        .when(&clerk(), accept(), march(4))
        .then_rejected(&Rejection::WrongStage {
            stage: "awaiting_correction",
            wanted: "intake",
        })
        .after(&applicant(), corrected(true), march(5))
        .when(&clerk(), correction("not signed"), march(8))
        .then([asked(2, march(8), Some(march(22))).into()]);
}

#[test]
fn a_complete_correction_starts_a_new_intake_clock_and_acceptance_counts_from_it() {
    let corrected = submitted()
        .after(&clerk(), correction("not signed"), march(3))
        .after(&applicant(), corrected(true), march(10));
    let expected = CorrectionSubmitted {
        materials: [id("form")].into(),
        complete: true,
        received_on: march(10),
        intake_due_on: Some(march(17)),
    };
    assert_eq!(corrected.events().first(), Some(&CaseEvent::from(expected)));
    corrected
        .when_effective(&clerk(), accept(), march(11), march(9))
        .then_rejected(&Rejection::TooEarly {
            given: march(9),
            earliest: march(10),
        });
}

#[test]
fn a_correction_notice_is_refused_for_stage_department_day_and_content_in_that_order() {
    let empty = || CaseCommand::RequestCorrection { items: vec![] };
    given(&centre(), [])
        .when(&handler_of("fire"), empty(), MONDAY)
        .then_rejected(&Rejection::NotSubmitted);
    submitted()
        .when_effective(&handler_of("fire"), empty(), MONDAY, date(2010, 2, 1))
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    submitted()
        .when_effective(&clerk(), empty(), MONDAY, date(2010, 2, 26))
        .then_rejected(&Rejection::TooEarly {
            given: date(2010, 2, 26),
            earliest: MONDAY,
        });
    submitted()
        .when(&clerk(), empty(), MONDAY)
        .then_rejected(&Rejection::NothingNamed {
            what: "a correction notice",
        });
    submitted()
        .when(&clerk(), correction("  "), MONDAY)
        .then_rejected(&reasons_missing("each item of a correction notice"));
}

#[test]
fn corrections_come_from_the_applicant_or_through_a_clerk_who_has_the_file() {
    let asked = || submitted().after(&clerk(), correction("not signed"), MONDAY);
    asked().after(&clerk(), corrected(true), march(2));
    asked()
        .when(&person("other", Role::Applicant), corrected(true), march(2))
        .then_rejected(&Rejection::NotTheApplicant { person: id("other") });
    asked()
        .when(
            &person("fire-clerk", Role::Clerk).at(id("W2")),
            corrected(true),
            march(2),
        )
        .then_rejected(&Rejection::NotOnDuty {
            window: id("W2"),
            department: id("licensing"),
            day: march(2),
        });
    submitted()
        .when(&applicant(), corrected(true), MONDAY)
        .then_rejected(&Rejection::WrongStage {
            stage: "intake",
            wanted: "awaiting_correction",
        });
}

#[test]
fn a_correction_that_never_comes_lapses_but_only_a_person_ends_the_case() {
    let lapsed = submitted()
        .after(&clerk(), correction("not signed"), MONDAY)
        .when(&timekeeper(), note_time(), march(15))
        .then([])
        .when(&timekeeper(), note_time(), march(16))
        .then([CorrectionLapsed { lapsed_on: march(15) }.into()])
        .when(&timekeeper(), note_time(), march(17))
        .then([]);
    assert!(lapsed.case().stage.is_open());
    let ended = lapsed.after(
        &handler(),
        CaseCommand::Terminate {
            reason: text("no answer"),
        },
        march(18),
    );
    assert_eq!(ended.case().outcome(), Some(Outcome::Lapsed));
}

#[test]
fn acceptance_starts_the_decision_clocks_and_the_first_step() {
    let accepted = CaseAccepted {
        effective_on: MONDAY,
        gaps: [].into(),
        gaps_due_on: None,
        statutory_due_on: Some(march(29)),
        promised_due_on: Some(march(15)),
    };
    let accepted_case = submitted().when(&clerk(), accept(), MONDAY);
    assert_eq!(accepted_case.events().first(), Some(&CaseEvent::from(accepted)));
    assert_eq!(
        kinds(accepted_case.events()),
        ["case.accepted", "case.step_started"]
    );
    assert_eq!(open_steps(&accepted_case), ["examine"]);
}

#[test]
fn acceptance_needs_the_material_that_the_case_asks_for() {
    let lacking =
        |materials: &[&str]| given(&centre(), []).after(&clerk(), submit_with("licence", materials), MONDAY);
    lacking(&["plan"])
        .when(&clerk(), accept(), MONDAY)
        .then_rejected(&Rejection::MaterialsMissing {
            materials: [id("form")].into(),
        });
    let with_gaps = |due_on: Date| CaseCommand::Accept {
        gaps_due_on: Some(due_on),
    };
    lacking(&["plan"])
        .when(&clerk(), with_gaps(march(10)), MONDAY)
        .then_rejected(&Rejection::MayNotFollow {
            materials: [id("form")].into(),
        });
    lacking(&["form"])
        .when(&clerk(), with_gaps(date(2010, 2, 1)), MONDAY)
        .then_rejected(&Rejection::TooEarly {
            given: date(2010, 2, 1),
            earliest: MONDAY,
        });
    submitted()
        .when(&clerk(), with_gaps(march(10)), MONDAY)
        .then_rejected(&Rejection::NoGaps);
    let gaps = lacking(&["form"]).after(&clerk(), with_gaps(march(10)), MONDAY);
    assert_eq!(gaps.case().acceptance.as_ref().unwrap().gaps, [id("plan")].into());
    // Only a large building needs the map.
    let mut large = submit_with("licence", &["form", "plan"]);
    if let CaseCommand::Submit { facts, .. } = &mut large {
        facts.insert(text("area"), 800.into());
    }
    given(&centre(), [])
        .after(&clerk(), large, MONDAY)
        .when(&clerk(), accept(), MONDAY)
        .then_rejected(&Rejection::MaterialsMissing {
            materials: [id("map")].into(),
        });
}

#[test]
fn promised_material_comes_in_before_or_after_the_decision() {
    let supply = || CaseCommand::SupplyMaterial {
        materials: [id("plan")].into(),
    };
    let gaps = || {
        given(&centre(), [])
            .after(&clerk(), submit_with("licence", &["form"]), MONDAY)
            .after(
                &clerk(),
                CaseCommand::Accept {
                    gaps_due_on: Some(march(10)),
                },
                MONDAY,
            )
    };
    let supplied = gaps()
        .when(&applicant(), supply(), march(2))
        .then([MaterialSupplied {
            materials: [id("plan")].into(),
            received_on: march(2),
        }
        .into()]);
    assert!(supplied.case().acceptance.as_ref().unwrap().gaps.is_empty());
    let granted = gaps()
        .after(&handler(), agree("examine"), MONDAY)
        .after(&reviewer(), agree("review"), MONDAY)
        .after(&approver(), decide(Verdict::GrantedWithGaps), march(2));
    granted.after(&applicant(), supply(), march(9));
    decided(Verdict::Granted)
        .when(&applicant(), supply(), march(9))
        .then_rejected(&Rejection::WrongStage {
            stage: "decided",
            wanted: "intake, review, or material still promised",
        });
    let nothing = CaseCommand::SupplyMaterial { materials: [].into() };
    gaps()
        .when_effective(&applicant(), nothing.clone(), march(2), date(2010, 2, 1))
        .then_rejected(&Rejection::TooEarly {
            given: date(2010, 2, 1),
            earliest: MONDAY,
        });
    gaps()
        .when(&applicant(), nothing, march(2))
        .then_rejected(&Rejection::NothingNamed {
            what: "a supply of material",
        });
}

#[test]
fn a_refusal_to_accept_gives_reasons_and_ends_the_case() {
    submitted()
        .when(&clerk(), refuse(" "), MONDAY)
        .then_rejected(&reasons_missing("a refusal to accept"));
    submitted()
        .when(&clerk(), refuse("the county decides this"), march(2))
        .then([AcceptanceRefused {
            refused_on: march(2),
            reasons: text("the county decides this"),
            remedies: Some(text("the county court")),
        }
        .into()])
        .when(&clerk(), accept(), march(3))
        .then_rejected(&Rejection::Ended {
            outcome: Outcome::NotAccepted,
            on: march(2),
        });
}

#[test]
fn where_nothing_is_to_be_licensed_the_case_ends_with_that_answer() {
    let say = |reasons: &str| CaseCommand::DeclareNoLicenceNeeded {
        reasons: text(reasons),
    };
    submitted()
        .when(&clerk(), say(""), MONDAY)
        .then_rejected(&reasons_missing("the answer that no licence is needed"));
    submitted()
        .when(&clerk(), say("a shed"), MONDAY)
        .then([NoLicenceNeeded {
            declared_on: MONDAY,
            reasons: text("a shed"),
        }
        .into()]);
}

/// Administrative License Law, art. 32(4), on the calendar of 2010.
#[test]
fn a_silent_counter_accepts_from_the_day_of_receipt() {
    let received = date(2010, 9, 13);
    let mut procedure = licence();
    procedure.calendar = id("CN");
    let centre = centre().with_procedure(procedure);
    let handed_in =
        || given(&centre, []).after(&clerk(), submit_with("licence", &["form", "plan"]), received);
    // The warning comes first: on Friday the 17th one working day is left.
    let lapses = next_lapse(&centre, handed_in().state());
    assert_eq!(lapses, Some(date(2010, 9, 16)));
    let deemed = CaseEvent::from(AcceptanceDeemed {
        effective_on: received,
        lapsed_on: date(2010, 9, 19),
        statutory_due_on: Some(date(2010, 10, 15)),
        promised_due_on: Some(date(2010, 9, 27)),
    });
    handed_in()
        .when(&timekeeper(), note_time(), date(2010, 9, 19))
        .without_lights()
        .then([]);
    let noted = handed_in()
        .when(&timekeeper(), note_time(), date(2010, 9, 20))
        .without_lights();
    assert_eq!(noted.events().first(), Some(&deemed));
    // A timekeeper that comes weeks late writes the same.
    let late = handed_in()
        .when(&timekeeper(), note_time(), date(2010, 10, 11))
        .without_lights();
    assert_eq!(late.events(), noted.events());
    // And so does one that never came: whoever acts next finds the case accepted.
    handed_in()
        .when(&clerk(), accept(), date(2010, 9, 20))
        .then_rejected(&Rejection::WrongStage {
            stage: "review",
            wanted: "intake",
        });
    let claimed = handed_in()
        .when(&handler(), claim("examine"), date(2010, 9, 20))
        .without_lights();
    assert_eq!(claimed.events().first(), Some(&deemed));
    assert_eq!(
        kinds(claimed.events()),
        ["case.acceptance_deemed", "case.step_started", "case.step_claimed"]
    );
    // What had lapsed and what was asked for are told apart.
    let command = Command::new(id("c1"), id("case-1"), handler(), claim("examine"));
    let decided = decide_command(&centre, handed_in().state(), &command, noon(date(2010, 9, 20))).unwrap();
    assert_eq!(without_lights(decided.lapsed), noted.events());
    assert_eq!(kinds(&decided.asked), ["case.step_claimed"]);
    let command = Command::new(id("c2"), id("case-1"), timekeeper(), note_time());
    let decided = decide_command(&centre, handed_in().state(), &command, noon(date(2010, 9, 20))).unwrap();
    assert_eq!(without_lights(decided.lapsed), noted.events());
    assert_eq!(decided.asked, []);
    // Its steps run from that day too.
    let started_on = noted.case().steps["examine"].started_on;
    assert_eq!(started_on, received);
}

fn without_lights(mut events: Vec<CaseEvent>) -> Vec<CaseEvent> {
    events.retain(|event| !matches!(event, CaseEvent::LightTurned(_)));
    events
}

#[test]
fn silence_at_the_counter_means_nothing_unless_the_procedure_says_so() {
    running_until_submitted("joint")
        .when(&timekeeper(), note_time(), date(2010, 6, 1))
        .without_lights()
        .then([]);
}

fn running_until_submitted(procedure: &str) -> testkit::Scenario {
    given(&centre(), []).after(&clerk(), submit(procedure), MONDAY)
}

#[test]
fn only_the_timekeeper_notes_the_time_and_only_of_a_case() {
    submitted()
        .when(&supervisor(), note_time(), MONDAY)
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Supervisor,
            allowed: &[Role::Timekeeper],
        });
    given(&centre(), [])
        .when(&timekeeper(), note_time(), MONDAY)
        .then_rejected(&Rejection::NotSubmitted);
}

#[test]
fn an_agent_hands_in_for_the_applicant_and_acts_for_them_once_appointed() {
    let agent = || person("agent", Role::Agent).acting_for(id("applicant"));
    let handed_in = given(&centre(), []).after(&agent(), submit("licence"), MONDAY);
    assert_eq!(handed_in.case().channel, Channel::Agent);
    let appoint = |scope: &str| CaseCommand::AppointAgent {
        agent: id("agent"),
        scope: text(scope),
    };
    let log = |entry: &str| CaseCommand::LogAgency { entry: text(entry) };
    let end = || CaseCommand::EndAgency { reason: text("done") };
    handed_in
        .clone()
        .when(&agent(), log("called"), MONDAY)
        .then_rejected(&Rejection::NoAgent);
    handed_in
        .clone()
        .when(&applicant(), end(), MONDAY)
        .then_rejected(&Rejection::NoAgent);
    handed_in
        .clone()
        .when(&applicant(), appoint(""), MONDAY)
        .then_rejected(&reasons_missing("an agency"));
    handed_in
        .clone()
        .when(&person("other", Role::Applicant), appoint("all"), MONDAY)
        .then_rejected(&Rejection::NotTheApplicant { person: id("other") });
    let appointed = handed_in.after(&applicant(), appoint("all of it"), MONDAY);
    appointed
        .clone()
        .when(&applicant(), appoint("all"), MONDAY)
        .then_rejected(&Rejection::AgentAppointed { agent: id("agent") });
    appointed
        .clone()
        .when(&person("other-agent", Role::Agent), log("called"), MONDAY)
        .then_rejected(&Rejection::NotTheApplicant {
            person: id("other-agent"),
        });
    let ended = appointed
        .when(&agent(), log("called"), MONDAY)
        .then_kinds(["case.agency_logged"])
        .when(&agent(), end(), MONDAY)
        .then_kinds(["case.agency_ended"]);
    assert_eq!(ended.case().agent, None);
    let green = || CaseCommand::MarkGreenChannel {
        reason: text("a key project"),
    };
    let marked = ended
        .when(&staff(Role::Director), green(), MONDAY)
        .then_kinds(["case.green_channel_marked"]);
    assert!(marked.case().green_channel);
    marked
        .when(&handler_of("fire"), green(), MONDAY)
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
}

// After closing.

/// The centre with opening hours, and a procedure whose law moves what comes in after closing to the next working day.
fn closing_at_five() -> Directory {
    let mut procedure = licence();
    procedure.policy.late_receipt_rolls = true;
    let mut centre = centre().with_procedure(procedure);
    let hours = r#"{"working_day": [["09:00", "12:00"], ["13:30", "17:00"]]}"#;
    if let Some(centre) = &mut centre.centre {
        centre.opening_hours = Some(serde_json::from_str(hours).unwrap());
    }
    centre
}

fn received_at(centre: &Directory, instant: &str) -> Date {
    let command = Command::new(
        id("c0"),
        id("case-1"),
        clerk(),
        submit_with("licence", &["form", "plan"]),
    );
    let handed_in = given(centre, []).when_command(&command, instant.parse().unwrap());
    handed_in.case().received_on
}

#[test]
fn what_comes_in_after_closing_is_received_on_the_next_working_day_where_the_law_says_so() {
    let centre = closing_at_five();
    assert_eq!(
        received_at(&centre, "2010-03-05T16:59:00+08:00"),
        date(2010, 3, 5)
    );
    assert_eq!(
        received_at(&centre, "2010-03-05T17:00:00+08:00"),
        date(2010, 3, 8)
    );
    assert_eq!(
        received_at(&centre, "2010-03-06T10:00:00+08:00"),
        date(2010, 3, 8)
    );
}

#[test]
fn a_business_date_that_is_given_and_a_law_that_says_nothing_leave_the_day_of_receipt() {
    let centre = closing_at_five();
    let mut command = Command::new(
        id("c0"),
        id("case-1"),
        clerk(),
        submit_with("licence", &["form", "plan"]),
    );
    command.effective_on = Some(date(2010, 3, 5));
    let handed_in = given(&centre, []).when_command(&command, "2010-03-05T17:30:00+08:00".parse().unwrap());
    assert_eq!(handed_in.case().received_on, date(2010, 3, 5));

    let mut silent = centre;
    for versions in silent.procedures.values_mut() {
        for procedure in versions.values_mut() {
            std::sync::Arc::make_mut(procedure).policy.late_receipt_rolls = false;
        }
    }
    assert_eq!(
        received_at(&silent, "2010-03-05T17:30:00+08:00"),
        date(2010, 3, 5)
    );
}
