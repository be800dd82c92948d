//! The process view of small histories: which events are activities, in which order, and whose they are.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet_core::actor::{Actor, Role};
use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::case::CaseEvent;
use guichet_core::case::event::{
    CaseAccepted, CaseCompleted, CaseReopened, CaseSubmitted, CaseTransferred, Channel, DecisionMade,
    Opinion, StepClaimed, StepOpinionGiven, StepRecorded, Timeliness, TransferConfirmed, Verdict,
};
use guichet_core::condition::Facts;
use guichet_core::flow::Superseded;
use guichet_core::hours::OpenInterval;
use guichet_core::id::{
    CalendarId, CaseId, CommandId, DepartmentId, PersonId, Position, ProcedureId, Revision, StepId, StreamId,
    Version, WindowId,
};
use guichet_core::time::date;
use guichet_core::zone::Zone;
use guichet_log::projection::{Projection as _, Recorded};
use guichet_log::record::Cause;
use guichet_stats::process::{CaseRow, Measures, Process, ProcessView};

/// One record: of which case, when on 1 March 2010 in UTC, by whom, what led to it, and what happened.
type Entry = (&'static str, &'static str, Actor, Cause, CaseEvent);

fn clerk(window: &str) -> Actor {
    Actor::new(PersonId::new(&format!("at-{window}")).unwrap(), Role::Clerk)
        .at(WindowId::new(window).unwrap())
}

fn of_role(role: Role) -> Actor {
    Actor::new(PersonId::new("x").unwrap(), role)
}

fn submitted(facts: Facts) -> CaseEvent {
    CaseSubmitted {
        procedure: ProcedureId::new("p").unwrap(),
        version: Version(1),
        department: DepartmentId::new("d").unwrap(),
        applicant: PersonId::new("a-1").unwrap(),
        channel: Channel::Window,
        window: None,
        facts,
        materials: BTreeSet::new(),
        received_on: date(2010, 3, 1),
        intake_due_on: None,
        resubmits: None,
    }
    .into()
}

fn transferred(from: &str, to: &str) -> CaseEvent {
    CaseTransferred {
        from: WindowId::new(from).unwrap(),
        to: WindowId::new(to).unwrap(),
        department: None,
        reason: "why".to_owned(),
    }
    .into()
}

fn confirmed(window: &str) -> CaseEvent {
    TransferConfirmed {
        window: WindowId::new(window).unwrap(),
        on_behalf: false,
    }
    .into()
}

fn accepted(promised: i8, statutory: i8) -> CaseEvent {
    CaseAccepted {
        effective_on: date(2010, 3, 1),
        gaps: BTreeSet::new(),
        gaps_due_on: None,
        statutory_due_on: Some(date(2010, 3, statutory)),
        promised_due_on: Some(date(2010, 3, promised)),
    }
    .into()
}

fn decided() -> CaseEvent {
    DecisionMade {
        verdict: Verdict::Granted,
        reasons: None,
        by: PersonId::new("boss").unwrap(),
        decided_on: date(2010, 3, 1),
        step: None,
        used: None,
        timeliness: Timeliness::Unmeasured,
        statutory_due_on: Some(date(2010, 3, 1)),
        promised_due_on: Some(date(2010, 2, 28)),
        delivery_due_on: None,
    }
    .into()
}

fn step(activity: &str, attributes: &[(&str, &str)]) -> CaseEvent {
    let attributes = attributes
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    StepRecorded {
        activity: activity.to_owned(),
        by: None,
        group: None,
        attributes: attributes.collect(),
    }
    .into()
}

fn gathered(entries: impl IntoIterator<Item = Entry>) -> Process {
    let mut revisions: BTreeMap<&str, u64> = BTreeMap::new();
    let mut process = Process::default();
    for (position, (case, at, actor, cause, event)) in (0..).zip(entries) {
        let revision = revisions.entry(case).or_default();
        process.apply(&Recorded {
            position: Position(position),
            stream: StreamId::of_case(&CaseId::new(case).unwrap()),
            revision: Revision(*revision),
            recorded_at: "2010-03-05T00:00:00Z".parse().unwrap(),
            occurred_at: format!("2010-03-01T{at}Z").parse().unwrap(),
            actor,
            authority: None,
            cause,
            command: CommandId::new("c").unwrap(),
            event: event.into(),
        });
        *revision += 1;
    }
    process
}

fn calendar() -> Arc<Calendar> {
    let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).unwrap();
    let facts = CalendarFacts::monday_to_friday(CalendarId::new("MF").unwrap(), covered);
    Arc::new(Calendar::new(facts).unwrap())
}

fn measured(process: &Process) -> (ProcessView, Vec<CaseRow>) {
    let calendars = [calendar()];
    let hours = OpenInterval::new("09:00".parse().unwrap(), "17:00".parse().unwrap());
    let measures = Measures::new("log", &Zone::UTC, &calendars, hours).unwrap();
    (process.view(&measures), process.rows(&measures).collect())
}

/// The activities of the one case, in their order.
fn course(view: &ProcessView) -> Vec<&str> {
    assert_eq!(view.variants.distinct, 1);
    view.variants.top[0].sequence.iter().map(String::as_str).collect()
}

#[test]
fn a_file_that_goes_to_another_window_and_back_plays_ping_pong_between_windows_and_people() {
    let ask = Cause::Asked;
    let process = gathered([
        ("1", "09:00:00", clerk("w1"), ask, submitted(Facts::new())),
        ("1", "09:10:00", clerk("w1"), ask, transferred("w1", "w2")),
        ("1", "09:20:00", clerk("w2"), ask, confirmed("w2")),
        ("1", "09:30:00", clerk("w2"), ask, transferred("w2", "w1")),
        ("1", "09:40:00", clerk("w1"), ask, confirmed("w1")),
    ]);
    let (view, rows) = measured(&process);
    assert_eq!(
        course(&view),
        [
            "submitted",
            "transferred",
            "transfer_confirmed",
            "transferred",
            "transfer_confirmed"
        ]
    );
    let windows = &view.transfers.role;
    assert_eq!((windows.transfers, windows.ping_pongs_nulls_skipped), (2, 1));
    assert_eq!(
        windows.matrix,
        [
            ("w1".to_owned(), "w2".to_owned(), 1),
            ("w2".to_owned(), "w1".to_owned(), 1)
        ]
    );
    assert_eq!(view.transfers.resource.transfers, 2);
    assert_eq!(view.transfers.group.pairs_with_both_known, 0);
    assert_eq!((rows[0].rework_events, rows[0].transfers), (2, [2, 0, 2]));
}

#[test]
fn only_what_somebody_does_for_the_case_is_an_activity_and_applicants_are_no_staff() {
    let examine = StepId::new("examine").unwrap();
    let claimed = StepClaimed {
        step: examine.clone(),
        by: PersonId::new("h1").unwrap(),
    };
    let opinion = StepOpinionGiven {
        step: examine,
        opinion: Opinion::Agree,
        reasons: None,
        by: PersonId::new("h1").unwrap(),
    };
    let handler = of_role(Role::Handler).of(DepartmentId::new("d2").unwrap());
    let ask = Cause::Asked;
    let process = gathered([
        (
            "1",
            "09:00:00",
            of_role(Role::Applicant),
            ask,
            submitted(Facts::new()),
        ),
        ("1", "10:00:00", handler.clone(), ask, claimed.into()),
        ("1", "11:00:00", handler, ask, opinion.into()),
    ]);
    let (view, _) = measured(&process);
    assert_eq!(course(&view), ["submitted", "step_opinion_given examine"]);
    assert_eq!(view.counts.events_without_resource, 1);
    let done: Vec<_> = view
        .throughput
        .resource
        .iter()
        .map(|one| one.who.as_str())
        .collect();
    assert_eq!(done, ["h1"]);
    assert_eq!(view.throughput.group[0].who, "d2");
    assert_eq!(
        view.cases_by["responsible"],
        BTreeMap::from([("h1".to_owned(), 1)])
    );
}

#[test]
fn a_case_is_on_time_until_its_last_day_ends_and_open_again_once_it_is_reopened() {
    let ask = Cause::Asked;
    let reopened = CaseReopened {
        reopened_on: date(2010, 3, 1),
        reason: "a mistake".to_owned(),
        statutory_due_on: Some(date(2010, 3, 30)),
        promised_due_on: None,
        at: None,
        superseded: Superseded::default(),
    };
    let until_decided = [
        ("1", "09:00:00", clerk("w1"), ask, submitted(Facts::new())),
        ("1", "10:00:00", clerk("w1"), ask, accepted(2, 3)),
        ("1", "23:00:00", clerk("w1"), ask, decided()),
    ];
    let (view, _) = measured(&gathered(until_decided.clone()));
    let times = view.times.unwrap();
    assert_eq!(
        (times.deadline.figures.on_time, times.deadline.figures.late),
        (1, 0),
        "the last day by law is the day of the decision"
    );
    assert_eq!((times.planned_end.on_time, times.planned_end.late), (0, 1));
    assert_eq!(times.submitted_to_ended_ms.figures.unwrap().sum, 14 * 3_600_000);

    let again = ("1", "23:30:00", clerk("w1"), ask, reopened.into());
    let (view, _) = measured(&gathered(until_decided.into_iter().chain([again])));
    let times = view.times.unwrap();
    assert_eq!(
        (times.deadline.figures.with_both, times.open_cases_at_log_end.open),
        (0, 1)
    );
    assert_eq!(times.planned_end.no_deadline, 1);
}

#[test]
fn what_an_import_concludes_is_no_event_of_the_source_and_what_is_done_here_later_is_one() {
    let entry = |entry| Cause::Imported { entry };
    let importer = || of_role(Role::Importer);
    let completed: CaseEvent = CaseCompleted {
        completed_on: date(2010, 3, 1),
    }
    .into();
    let process = gathered([
        ("1", "09:00:00", importer(), Cause::Asked, submitted(Facts::new())),
        (
            "1",
            "09:00:00",
            importer(),
            entry(1),
            step("Receive", &[("org:role", "desk"), ("org:resource", " p 1")]),
        ),
        (
            "1",
            "10:00:00",
            importer(),
            entry(2),
            step("Close", &[("concept:name", "Close ")]),
        ),
        ("1", "10:00:00", importer(), Cause::Asked, completed),
        (
            "1",
            "11:00:00",
            clerk("w1"),
            Cause::Asked,
            transferred("w1", "w2"),
        ),
    ]);
    let (view, _) = measured(&process);
    assert_eq!(course(&view), ["Receive", "Close ", "transferred"]);
    assert_eq!(view.times, None, "the source says no time of the case as a whole");
    assert_eq!(view.throughput.role[0].who, "desk");
    let people: Vec<_> = view
        .throughput
        .resource
        .iter()
        .map(|one| one.who.as_str())
        .collect();
    assert_eq!(people, [" p 1", "at-w1"]);
    assert_eq!(
        view.cases_by,
        BTreeMap::new(),
        "a channel and a department would be the import's own"
    );
}

#[test]
fn equal_milliseconds_are_in_the_order_of_the_source_whatever_is_finer() {
    let entry = |entry| Cause::Imported { entry };
    let importer = || of_role(Role::Importer);
    let process = gathered([
        ("1", "09:00:00", importer(), Cause::Asked, submitted(Facts::new())),
        ("1", "09:00:00.000900", importer(), entry(1), step("A", &[])),
        ("1", "09:00:00.000100", importer(), entry(3), step("C", &[])),
        ("1", "09:00:00.000200", importer(), entry(2), step("B", &[])),
    ]);
    let (view, rows) = measured(&process);
    assert_eq!(course(&view), ["A", "B", "C"]);
    assert_eq!(view.counts.cases_whose_file_order_is_not_time_order, 0);
    assert_eq!(rows[0].times.as_ref().unwrap().duration_ms(), 0);
}

#[test]
fn a_case_without_events_is_a_case_and_nothing_else() {
    let process = gathered([(
        "1",
        "09:00:00",
        of_role(Role::Importer),
        Cause::Asked,
        submitted(Facts::new()),
    )]);
    let (view, rows) = measured(&process);
    assert_eq!((view.counts.cases, view.counts.cases_with_events), (1, 0));
    assert_eq!((view.duration_ms.n, view.variants.distinct), (0, 0));
    assert_eq!((rows[0].events, rows[0].times.clone()), (0, None));
    assert_eq!(process.view(&measures_of_nothing()).counts.first_event, None);
}

fn measures_of_nothing() -> Measures<'static> {
    let hours = OpenInterval::new("09:00".parse().unwrap(), "17:00".parse().unwrap());
    Measures::new("log", &Zone::UTC, &[], hours).unwrap()
}

#[test]
fn month_starts_run_from_the_second_month_to_the_one_after_the_last() {
    let entry = |entry| Cause::Imported { entry };
    let process = gathered([
        (
            "1",
            "09:00:00",
            of_role(Role::Importer),
            Cause::Asked,
            submitted(Facts::new()),
        ),
        ("1", "09:00:00", of_role(Role::Importer), entry(1), step("A", &[])),
    ]);
    let (view, _) = measured(&process);
    let starts: Vec<_> = view
        .work_in_progress_at_month_starts
        .iter()
        .map(|at| (at.instant.as_str(), at.open))
        .collect();
    assert_eq!(starts, [("2010-04-01T00:00:00.000Z", 0)]);
}
