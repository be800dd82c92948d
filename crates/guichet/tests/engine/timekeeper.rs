//! The timekeeper: what lapses is recorded once, with its own date, whenever somebody comes by.

use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet::core::actor::Role;
use guichet::core::case::CaseCommand;
use guichet::core::case::event::{CaseEvent, CorrectionItem, Opinion, SuspensionGround};
use guichet::core::procedure::DecisionSilence;
use guichet::core::time::{Date, Timestamp, date};
use guichet::log::record::Cause;
use guichet::{Guichet, Timekeeper};

use crate::common::{
    BEIJING, HandTurned, MONDAY, Store, acceptance, accepted, all_records, at_window, case, catalogue, clerk,
    command, director, engine_over, march, note, over_both_logs, person, plain, publish, submission, taken,
};

over_both_logs!(
    a_timekeeper_that_slept_writes_what_a_nightly_one_writes,
    a_second_tick_records_nothing,
    a_suspended_case_waits_and_is_not_forgotten,
    two_thousand_due_cases_let_others_through,
    what_lapsed_before_a_command_is_told_as_the_timekeeper_tells_it,
    an_amended_calendar_moves_the_days_of_open_cases,
);

async fn centre(store: &Store) -> (Guichet, Arc<HandTurned>) {
    let time = HandTurned::at(MONDAY, 9);
    let engine = engine_over(Arc::clone(&store.log), Arc::clone(&time)).await;
    publish(&engine).await;
    (engine, time)
}

fn correction(name: &str, of: &str) -> guichet::core::case::Command {
    let items = vec![CorrectionItem {
        material: "applicant-id".parse().unwrap(),
        defect: "the form is not signed".into(),
    }];
    command(name, of, clerk(), CaseCommand::RequestCorrection { items })
}

/// A food licence, whose intake is taken as accepted when nobody answers.
fn food(name: &str, of: &str) -> guichet::core::case::Command {
    let mut command = submission(name, of);
    command.actor = at_window("w05", "s09", Role::Clerk);
    if let CaseCommand::Submit { procedure, .. } = &mut command.ask {
        *procedure = "food-service".parse().unwrap();
    }
    command
}

/// Some cases that lapse on several days, in several ways.
async fn caseload(engine: &Guichet, time: &HandTurned) {
    for number in 0..12_i8 {
        let day = MONDAY.plus_days(i32::from(number) * 3);
        time.turn_to(day, 10);
        accepted(engine, food(&format!("f{number}"), &format!("food-{number}"))).await;
        let of = format!("seal-{number}");
        accepted(engine, submission(&format!("s{number}"), &of)).await;
        accepted(engine, correction(&format!("c{number}"), &of)).await;
    }
}

type Told = (String, u64, String, u16, Timestamp, Vec<u8>);

/// What was recorded by the timekeeper, without what may differ: when, where in the log, and by which command.
async fn told(store: &Store) -> Vec<Told> {
    let mut told: Vec<_> = all_records(&*store.log)
        .await
        .into_iter()
        .filter(|record| record.actor.role == Role::Timekeeper)
        .map(|record| {
            let (stream, kind) = (record.stream.to_string(), record.kind.as_str().to_owned());
            (
                stream,
                record.revision.0,
                kind,
                record.version,
                record.occurred_at,
                record.payload,
            )
        })
        .collect();
    told.sort();
    told
}

async fn a_timekeeper_that_slept_writes_what_a_nightly_one_writes(store: Store) {
    let (engine, time) = centre(&store).await;
    caseload(&engine, &time).await;
    let mut once = Timekeeper::new(engine.clone());
    time.turn_to(date(2010, 8, 1), 2);
    let lapsed = once.tick().await.unwrap();
    assert!(lapsed.events.len() >= 24, "{}", lapsed.events.len());

    let other = Store::in_memory();
    let (engine, time) = centre(&other).await;
    let mut nightly = Timekeeper::new(engine.clone());
    caseload(&engine, &time).await;
    let mut events = 0;
    let mut day = MONDAY.plus_days(33);
    while day <= date(2010, 8, 1) {
        time.turn_to(day, 2);
        events += nightly.tick().await.unwrap().events.len();
        day = day.next();
    }
    assert_eq!(events, lapsed.events.len());
    assert_eq!(told(&store).await, told(&other).await);
}

async fn a_second_tick_records_nothing(store: Store) {
    let (engine, time) = centre(&store).await;
    caseload(&engine, &time).await;
    time.turn_to(date(2010, 8, 1), 2);
    let mut timekeeper = Timekeeper::new(engine.clone());
    assert!(!timekeeper.tick().await.unwrap().events.is_empty());
    let head = engine.head();
    assert_eq!(timekeeper.tick().await.unwrap().events, []);
    // Neither does another one, that has read nothing yet.
    assert_eq!(Timekeeper::new(engine.clone()).tick().await.unwrap().events, []);
    assert_eq!(engine.head(), head);
    assert_eq!(timekeeper.next_due(), None);
}

async fn a_suspended_case_waits_and_is_not_forgotten(store: Store) {
    let (engine, time) = centre(&store).await;
    let mut timekeeper = Timekeeper::new(engine.clone());
    accepted(&engine, food("1", "a")).await;
    let intake = timekeeper_due(&mut timekeeper).await.unwrap();
    let approver = person("s10", Role::Approver);
    let suspend = CaseCommand::Suspend {
        ground: SuspensionGround::ForceMajeure,
        reason: "the house is flooded".into(),
        notice: None,
    };
    let suspended = engine
        .handle(command("2", "a", approver.clone(), suspend))
        .await
        .unwrap();
    time.turn_to(date(2010, 6, 1), 2);
    let told = timekeeper.tick().await.unwrap().events;
    // Whether intake stands still is for the rules; whatever they say, the case goes on when it is resumed.
    let resumed = engine
        .handle(command("3", "a", approver, CaseCommand::Resume {}))
        .await
        .unwrap();
    time.turn_to(date(2010, 12, 1), 2);
    let after = timekeeper.tick().await.unwrap().events;
    let deemed = told
        .iter()
        .chain(&after)
        .filter(|(_, event)| matches!(event, CaseEvent::AcceptanceDeemed(_)));
    let by_resuming = resumed
        .accepted()
        .map(|accepted| accepted.events)
        .unwrap_or_default()
        .into_iter()
        .filter(|event| matches!(event, CaseEvent::AcceptanceDeemed(_)));
    assert_eq!(deemed.count() + by_resuming.count(), 1, "{suspended:?}");
    assert!(intake > MONDAY);
    assert_eq!(timekeeper.tick().await.unwrap().events, []);
}

async fn timekeeper_due(timekeeper: &mut Timekeeper) -> Option<Date> {
    timekeeper.tick().await.unwrap();
    timekeeper.next_due()
}

async fn what_lapsed_before_a_command_is_told_as_the_timekeeper_tells_it(store: Store) {
    let (engine, time) = centre(&store).await;
    accepted(&engine, food("1", "a")).await;
    time.turn_to(march(29), 11);
    let clerk = at_window("w05", "s09", Role::Clerk);
    let opinion = CaseCommand::GiveOpinion {
        step: "intake".parse().unwrap(),
        opinion: Opinion::Agree,
        reasons: None,
    };
    let answer = accepted(&engine, command("2", "a", clerk.clone(), opinion)).await;
    let first = answer.position.unwrap();
    let records = store.log.read_all(first, 100).await.unwrap();
    let own = records.iter().position(|record| record.actor == clerk).unwrap();
    assert!(
        own >= 2,
        "acceptance is deemed, and its first step begins, before the clerk signs it"
    );
    let midnight = march(9).midnight_at(BEIJING);
    for (at, record) in records.iter().enumerate() {
        let expected = match at {
            // A light turned on the morning that it says, and all before the clerk came.
            at if at < own && record.kind.as_str() == "case.light_turned" => {
                assert!(record.occurred_at < march(29).midnight_at(BEIJING).saturating_add_micros(1));
                (Role::Timekeeper, record.occurred_at)
            }
            at if at < own => (Role::Timekeeper, midnight),
            _ => (Role::Clerk, march(29).at(11, 0, BEIJING)),
        };
        assert_eq!(
            (record.actor.role, record.occurred_at),
            expected,
            "{}",
            record.kind
        );
        let cause = match at {
            at if at == 0 || at == own => Cause::Asked,
            at if at < own => Cause::Followed(first),
            _ => Cause::Followed(first.plus(own as u64)),
        };
        assert_eq!(record.cause, cause, "{}", record.kind);
    }
    // Repeated, it is one answer all the same.
    let opinion = CaseCommand::GiveOpinion {
        step: "intake".parse().unwrap(),
        opinion: Opinion::Agree,
        reasons: None,
    };
    assert_eq!(
        plain(accepted(&engine, command("2", "a", clerk, opinion)).await),
        answer
    );
}

async fn an_amended_calendar_moves_the_days_of_open_cases(store: Store) {
    let (engine, time) = centre(&store).await;
    let mut amended = catalogue().clone();
    for procedure in &mut amended.procedures {
        procedure.version = procedure.version.next();
        procedure.silence.decision = Some(DecisionSilence::Refused);
    }
    engine.publish_catalogue(&amended, &director()).await.unwrap();
    let mut timekeeper = Timekeeper::new(engine.clone());
    let submitted = accepted(&engine, submission("1", "a")).await;
    accepted(&engine, acceptance("2", "a")).await;
    // What was promised for the same day is told late on the next morning, and no calendar moves that.
    time.turn_to(march(2), 2);
    timekeeper.tick().await.unwrap();
    let before = timekeeper_due(&mut timekeeper).await.unwrap();
    // A day off before that: the case has one working day less until the same date.
    let calendars = amended.calendars.iter().map(|calendar| {
        let mut facts = serde_json::to_value(&**calendar).unwrap();
        facts["version"] = 99.into();
        if calendar.id().as_str() == "CN" {
            let off = serde_json::to_value(calendar.working_day_until(before).unwrap()).unwrap();
            let days_off = facts["non_working_weekdays_dates"].as_array_mut().unwrap();
            days_off.push(off);
            days_off.sort_by_key(ToString::to_string);
        }
        Arc::new(serde_json::from_value(facts).unwrap())
    });
    amended.calendars = calendars.collect();
    engine.publish_catalogue(&amended, &director()).await.unwrap();
    let after = timekeeper_due(&mut timekeeper).await.unwrap();
    assert!(after > before, "{after} after {before}");
    assert_eq!(
        timekeeper_due(&mut Timekeeper::new(engine.clone())).await,
        Some(after)
    );
    time.turn_to(after.next(), 2);
    assert_eq!(timekeeper.tick().await.unwrap().events[0].0, submitted.case);
}

async fn two_thousand_due_cases_let_others_through(store: Store) {
    let (engine, time) = centre(&store).await;
    let cases = if cfg!(debug_assertions) { 1_000 } else { 2_000 };
    let mut commands: Vec<_> = (0..cases)
        .map(|number| food(&format!("f{number}"), &format!("food-{number}")))
        .collect();
    commands.push(submission("s", "other"));
    for answer in engine.handle_all(commands).await {
        taken(answer);
    }
    time.turn_to(march(20), 2);
    let mut timekeeper = Timekeeper::new(engine.clone());
    let ticking = tokio::spawn(async move {
        let began = Instant::now();
        let lapsed = timekeeper.tick().await.unwrap();
        (lapsed.events.len(), began.elapsed())
    });
    let (mut between, mut longest) = (0, Duration::ZERO);
    while !ticking.is_finished() {
        let began = Instant::now();
        accepted(&engine, note(&format!("n{between}"), "other")).await;
        longest = longest.max(began.elapsed());
        between += 1;
    }
    let (lapsed, took) = ticking.await.unwrap();
    assert!(lapsed >= cases, "{lapsed}");
    assert!(between >= 5, "only {between} commands came through in {took:?}");
    assert!(longest < took, "one command waited {longest:?} of {took:?}");
    // In the log too: others stand between the lapses, not only before and after.
    let roles: Vec<_> = all_records(&*store.log)
        .await
        .iter()
        .map(|record| record.actor.role)
        .collect();
    let first = roles.iter().position(|role| *role == Role::Timekeeper).unwrap();
    let last = roles.iter().rposition(|role| *role == Role::Timekeeper).unwrap();
    assert!(roles[first..last].contains(&Role::Importer));
    let other = engine.case(&case("other")).await.unwrap().unwrap();
    let asked = other
        .records
        .iter()
        .filter(|record| record.event.kind() != "case.light_turned");
    assert_eq!(asked.count(), between + 1);
}
