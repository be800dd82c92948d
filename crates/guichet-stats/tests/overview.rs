//! The figures of small histories, and that they agree with core's own fold.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::actor::{Actor, Role};
use guichet_core::case::event::{
    AcceptanceDeemed, CaseAccepted, CaseArchived, CaseCompleted, CaseReopened, CaseSubmitted, CaseTerminated,
    CaseWithdrawn, Channel, ConsentGround, CorrectionRequested, CorrectionSubmitted, DecisionMade,
    DecisionRevoked, MemberConsentDeemed, PreCheckRecorded, StepRecorded, Timeliness, Verdict,
};
use guichet_core::case::{CaseEvent, CaseState, fold};
use guichet_core::condition::{Fact, Facts};
use guichet_core::flow::Superseded;
use guichet_core::id::{
    BlockId, CaseId, CommandId, DepartmentId, PersonId, Position, ProcedureId, Revision, StepId, StreamId,
    Version,
};
use guichet_core::procedure::Names;
use guichet_core::reference::{Department, ReferenceEvent};
use guichet_core::time::{Date, Timestamp, date};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_log::record::Cause;
use guichet_stats::{Fraction, Overview, OverviewView};

fn day(day: i8) -> Date {
    date(2010, 3, day)
}

fn submitted(department: &str, facts: Facts) -> CaseEvent {
    CaseSubmitted {
        procedure: ProcedureId::new("food-service").unwrap(),
        version: Version(1),
        department: DepartmentId::new(department).unwrap(),
        applicant: PersonId::new("a-1").unwrap(),
        channel: Channel::Window,
        window: None,
        facts,
        materials: BTreeSet::new(),
        received_on: day(1),
        intake_due_on: Some(day(8)),
        resubmits: None,
    }
    .into()
}

fn accepted() -> CaseEvent {
    CaseAccepted {
        effective_on: day(2),
        gaps: BTreeSet::new(),
        gaps_due_on: None,
        statutory_due_on: Some(day(30)),
        promised_due_on: Some(day(17)),
    }
    .into()
}

fn decided(timeliness: Timeliness) -> CaseEvent {
    DecisionMade {
        verdict: Verdict::Granted,
        reasons: None,
        by: PersonId::new("s02").unwrap(),
        decided_on: day(10),
        step: None,
        used: None,
        timeliness,
        statutory_due_on: Some(day(30)),
        promised_due_on: Some(day(17)),
        delivery_due_on: None,
    }
    .into()
}

fn reopened() -> CaseEvent {
    CaseReopened {
        reopened_on: day(12),
        reason: "a mistake".to_owned(),
        statutory_due_on: Some(day(30)),
        promised_due_on: Some(day(17)),
        at: None,
        superseded: Superseded::default(),
    }
    .into()
}

fn completed() -> CaseEvent {
    CaseCompleted {
        completed_on: day(11),
    }
    .into()
}

/// A log, record by record: what happened, to which case, and what led to it.
fn log<'a>(entries: impl IntoIterator<Item = (&'a str, CaseEvent, Cause)>) -> Vec<Recorded> {
    let mut revisions: BTreeMap<&str, u64> = BTreeMap::new();
    let mut log = Vec::new();
    for (position, (case, event, cause)) in (0..).zip(entries) {
        let revision = revisions.entry(case).or_default();
        log.push(recorded(
            position,
            StreamId::of_case(&CaseId::new(case).unwrap()),
            *revision,
            event.into(),
            cause,
        ));
        *revision += 1;
    }
    log
}

fn recorded(position: u64, stream: StreamId, revision: u64, event: Event, cause: Cause) -> Recorded {
    Recorded {
        position: Position(position),
        stream,
        revision: Revision(revision),
        recorded_at: Timestamp::from_micros(0),
        occurred_at: Timestamp::from_micros(0),
        actor: Actor::new(PersonId::new("s01").unwrap(), Role::Clerk),
        authority: None,
        cause,
        command: CommandId::new("c-1").unwrap(),
        event,
    }
}

fn asked(case: &str, events: impl IntoIterator<Item = CaseEvent>) -> Vec<(&str, CaseEvent, Cause)> {
    events
        .into_iter()
        .map(|event| (case, event, Cause::Asked))
        .collect()
}

fn counted(log: &[Recorded]) -> OverviewView {
    let mut overview = Overview::default();
    for recorded in log {
        overview.apply(recorded);
    }
    overview.view()
}

#[test]
fn an_empty_log_has_no_rates() {
    let view = counted(&[]);
    assert_eq!((view.cases, view.events, view.position), (0, 0, Position::START));
    assert_eq!(view.timeliness.on_time, Fraction::new(0, 0));
    assert_eq!(view.timeliness.on_time.percent(), None);
}

#[test]
fn each_case_counts_where_it_stands_and_a_department_counts_its_own() {
    let view = counted(&log([
        asked(
            "1",
            [
                submitted("health", Facts::new()),
                accepted(),
                decided(Timeliness::Early),
                completed(),
            ],
        ),
        asked(
            "2",
            [
                submitted("health", Facts::new()),
                accepted(),
                decided(Timeliness::Overdue),
            ],
        ),
        asked(
            "3",
            [
                submitted("fire", Facts::new()),
                accepted(),
                decided(Timeliness::Illegal),
            ],
        ),
        asked(
            "4",
            [
                submitted("fire", Facts::new()),
                accepted(),
                decided(Timeliness::Unmeasured),
            ],
        ),
        asked("5", [submitted("fire", Facts::new()), accepted()]),
    ]
    .concat()));
    assert_eq!((view.cases, view.events, view.position), (5, 15, Position(15)));
    let standings = &view.standings;
    assert_eq!(
        (
            standings.open,
            standings.review,
            standings.decided,
            standings.completed
        ),
        (1, 1, 4, 1)
    );
    assert_eq!(standings.outcomes, BTreeMap::from([("granted", 4)]));
    // A case without a term is in no denominator.
    assert_eq!(view.timeliness.on_time, Fraction::new(1, 3));
    assert_eq!(view.timeliness.overdue, Fraction::new(1, 3));
    assert_eq!(view.timeliness.illegal, Fraction::new(1, 3));
    let health = &view.departments[&DepartmentId::new("health").unwrap()];
    assert_eq!(
        (health.cases, health.timeliness.on_time),
        (2, Fraction::new(1, 2))
    );
    let fire = &view.departments[&DepartmentId::new("fire").unwrap()];
    assert_eq!(
        (fire.cases, fire.standings.open, fire.timeliness.on_time),
        (3, 1, Fraction::new(0, 1))
    );
}

#[test]
fn a_case_that_is_opened_again_leaves_the_figures_until_it_is_decided_anew() {
    let mut events = vec![
        submitted("health", Facts::new()),
        accepted(),
        decided(Timeliness::Early),
        completed(),
        reopened(),
    ];
    let view = counted(&log(asked("1", events.clone())));
    assert_eq!(
        (
            view.standings.decided,
            view.standings.completed,
            view.standings.open
        ),
        (0, 0, 1)
    );
    assert_eq!(
        (view.standings.outcomes.len(), view.timeliness.on_time),
        (0, Fraction::new(0, 0))
    );
    events.push(decided(Timeliness::Overdue));
    let view = counted(&log(asked("1", events)));
    assert_eq!(
        (view.standings.decided, view.timeliness.on_time),
        (1, Fraction::new(0, 1))
    );
}

#[test]
fn a_decision_that_was_taken_back_is_not_measured() {
    let revoked = DecisionRevoked {
        revoked_on: day(20),
        reasons: "fraud".to_owned(),
    }
    .into();
    let view = counted(&log(asked(
        "1",
        [
            submitted("health", Facts::new()),
            accepted(),
            decided(Timeliness::Early),
            revoked,
        ],
    )));
    assert_eq!((view.standings.decided, view.standings.ended), (0, 1));
    assert_eq!(view.timeliness.on_time, Fraction::new(0, 0));
}

#[test]
fn silence_is_counted_apart() {
    let deemed = AcceptanceDeemed {
        effective_on: day(1),
        lapsed_on: day(8),
        statutory_due_on: None,
        promised_due_on: None,
    };
    let consent = MemberConsentDeemed {
        group: BlockId::new("joint").unwrap(),
        member: StepId::new("fire").unwrap(),
        ground: ConsentGround::Timeout,
        lapsed_on: day(12),
    };
    let view = counted(&log(asked(
        "1",
        [
            submitted("health", Facts::new()),
            deemed.into(),
            consent.clone().into(),
            consent.into(),
        ],
    )));
    assert_eq!(
        (view.standings.deemed_acceptances, view.standings.deemed_consents),
        (1, 2)
    );
}

#[test]
fn an_imported_case_is_measured_by_the_instants_of_its_source() {
    let facts = |ended: &str| {
        Facts::from([
            ("deadline".to_owned(), Fact::from("2011-12-06T12:41:31Z")),
            ("ended".to_owned(), Fact::from(ended)),
        ])
    };
    let step = |activity: &str| -> CaseEvent {
        StepRecorded {
            activity: activity.to_owned(),
            by: None,
            group: None,
            attributes: BTreeMap::new(),
        }
        .into()
    };
    let imported = |entry| Cause::Imported { entry };
    let mut log = log([
        ("1", submitted("town", facts("2011-12-06T12:41:31Z")), imported(0)),
        ("1", accepted(), Cause::Followed(Position(0))),
        ("1", step("T02"), imported(1)),
        (
            "2",
            submitted("town", facts("2011-12-06T12:41:31.001Z")),
            imported(2),
        ),
        ("3", submitted("town", facts("")), imported(3)),
    ]);
    for recorded in &mut log {
        recorded.actor.role = Role::Importer;
    }
    let names = Names {
        zh: "镇".to_owned(),
        en: "Town".to_owned(),
    };
    let town = Department {
        id: DepartmentId::new("town").unwrap(),
        name: names,
        opinion_only: false,
    };
    let town = Event::Reference(ReferenceEvent::DepartmentRegistered(town));
    log.push(recorded(
        5,
        StreamId::new("reference/departments").unwrap(),
        0,
        town,
        Cause::Asked,
    ));
    let view = counted(&log);
    assert_eq!((view.cases, view.events), (3, 4));
    let records = view.records;
    assert_eq!(
        (
            records.total,
            records.imported,
            records.concluded,
            records.handled,
            records.catalogue
        ),
        (6, 4, 1, 0, 1)
    );
    assert_eq!(
        (view.timeliness.on_time, view.timeliness.measured_by_source),
        (Fraction::new(1, 2), 2)
    );
    assert_eq!(view.timeliness.overdue, Fraction::new(1, 2));
}

#[test]
fn advice_before_an_application_is_no_case() {
    let advice = PreCheckRecorded {
        procedure: ProcedureId::new("food-service").unwrap(),
        note: None,
    };
    let view = counted(&log(asked("1", [advice.into()])));
    assert_eq!((view.cases, view.events), (0, 1));
}

#[test]
fn a_row_says_what_the_state_of_the_case_says() {
    let requested = CorrectionRequested {
        notice: 1,
        items: Vec::new(),
        served_on: day(2),
        respond_by: None,
    };
    let handed_in = |complete| CorrectionSubmitted {
        materials: BTreeSet::new(),
        complete,
        received_on: day(3),
        intake_due_on: Some(day(10)),
    };
    let ended = |lapsed| CaseTerminated {
        terminated_on: day(9),
        reason: "silent".to_owned(),
        lapsed,
    };
    let withdrawn = CaseWithdrawn {
        withdrawn_on: day(9),
        reason: "moved".to_owned(),
    };
    let archived = CaseArchived {
        retention: "10 years".to_owned(),
    };
    let histories: Vec<Vec<CaseEvent>> = vec![
        vec![
            requested.clone().into(),
            handed_in(false).into(),
            handed_in(true).into(),
            accepted(),
        ],
        vec![requested.clone().into(), ended(true).into()],
        vec![accepted(), ended(false).into()],
        vec![accepted(), withdrawn.into(), completed()],
        vec![
            accepted(),
            decided(Timeliness::Early),
            completed(),
            archived.into(),
            reopened(),
            decided(Timeliness::OnTime),
        ],
    ];
    for history in histories {
        let events = [vec![submitted("health", Facts::new())], history].concat();
        for end in 1..=events.len() {
            let events = &events[..end];
            let CaseState::Known(case) = fold(events) else {
                panic!("the case was submitted")
            };
            let mut overview = Overview::default();
            for recorded in log(asked("1", events.to_vec())) {
                overview.apply(&recorded);
            }
            let row = &overview.facts().case(&CaseId::new("1").unwrap()).unwrap().case;
            assert_eq!(row.standing.as_str(), case.stage.as_str(), "{events:?}");
            assert_eq!(row.outcome, case.outcome(), "{events:?}");
            assert_eq!(row.standing.is_open(), case.stage.is_open());
            assert_eq!(
                (row.statutory_due_on, row.promised_due_on),
                (case.due.statutory, case.due.promised)
            );
            assert_eq!(
                row.accepted_on,
                case.acceptance.as_ref().map(|acceptance| acceptance.effective_on)
            );
            assert_eq!(row.version, case.version);
        }
    }
}
