//! Every bound: a full queue, a full group, a full case, and commands too large for either.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use guichet::core::actor::Role;
use guichet::core::case::CaseCommand;
use guichet::core::case::event::CaseEvent;
use guichet::core::id::{Position, StreamId};
use guichet::core::time::Timestamp;
use guichet::log::codec;
use guichet::log::log::{Append, Expected, STREAM_RECORDS_MAX};
use guichet::log::testkit::draft;
use guichet::{Config, EngineError, Guichet};

use crate::common::{
    Faulty, HandTurned, MONDAY, Store, accepted, all_records, case, centre_over, command, note,
    over_both_logs, person, publish, refused, submission, taken,
};

over_both_logs!(
    a_full_queue_answers_busy_and_never_grows,
    refused_commands_fill_a_group_like_others,
    more_commands_than_a_group_holds_are_answered_in_order,
    commands_larger_than_a_group_together_go_into_several,
    what_no_record_can_hold_is_refused_alone,
    commands_that_wait_are_answered_before_the_engine_closes,
);

async fn a_full_queue_answers_busy_and_never_grows(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let config = Config::default()
        .time(HandTurned::at(MONDAY, 9))
        .queue_commands_max(8);
    let engine = Guichet::start(Arc::clone(&faulty) as _, config).await.unwrap();
    publish(&engine).await;
    accepted(&engine, submission("0", "a")).await;
    let begun = faulty.begun.load(Ordering::SeqCst);
    faulty.shut();
    let mut tasks = Vec::new();
    let mut busy = 0;
    for number in 0..3_000 {
        let (engine, command) = (engine.clone(), note(&format!("n{number}"), "a"));
        tasks.push(tokio::spawn(async move { engine.handle(command).await }));
        if number % 50 == 0 {
            tokio::task::yield_now().await;
        }
    }
    faulty.begun(begun + 1).await;
    while !tasks.iter().any(tokio::task::JoinHandle::is_finished) {
        tokio::task::yield_now().await;
    }
    faulty.open();
    let mut recorded = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => recorded += 1,
            Err(error @ EngineError::Busy { waiting: 8 }) => {
                assert!(error.is_retryable());
                busy += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(busy > 0 && recorded > 0, "{busy} busy, {recorded} recorded");
    // Busy means that nothing was recorded, and that it may be sent again.
    let records = all_records(&*store.log).await;
    let notes = records
        .iter()
        .filter(|record| record.command.as_str().starts_with('n'));
    assert_eq!(notes.count(), recorded);
    accepted(&engine, note("n-after", "a")).await;
    // More than the queue holds, from one asker, goes through in pieces.
    let many = (0..100).map(|number| note(&format!("m{number}"), "a")).collect();
    assert!(
        engine
            .handle_all(many)
            .await
            .into_iter()
            .all(|answer| answer.is_ok())
    );
}

async fn refused_commands_fill_a_group_like_others(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let config = Config::default()
        .time(HandTurned::at(MONDAY, 9))
        .queue_commands_max(100);
    let engine = Guichet::start(Arc::clone(&faulty) as _, config).await.unwrap();
    publish(&engine).await;
    let begun = faulty.begun.load(Ordering::SeqCst);
    faulty.shut();
    let under_way = tokio::spawn({
        let engine = engine.clone();
        async move { engine.handle(submission("0", "a")).await }
    });
    faulty.begun(begun + 1).await;
    // Nothing of these is recorded, yet while one group is under way no more than a group's worth of them is taken.
    let tasks: Vec<_> = (0..4_000)
        .map(|number| {
            let (engine, command) = (engine.clone(), refused(&format!("r{number}")));
            tokio::spawn(async move {
                loop {
                    match engine.handle(command.clone()).await {
                        Err(EngineError::Busy { .. }) => tokio::task::yield_now().await,
                        answer => return answer,
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let busy = engine.handle(refused("one-more")).await;
    assert!(matches!(busy, Err(EngineError::Busy { .. })), "{busy:?}");
    // And none of them is answered before what was staged ahead of it is durable.
    assert!(tasks.iter().all(|task| !task.is_finished()));
    faulty.open();
    taken(under_way.await.unwrap());
    for task in tasks {
        assert!(task.await.unwrap().unwrap().accepted().is_err());
    }
}

async fn more_commands_than_a_group_holds_are_answered_in_order(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let mut commands = vec![submission("s", "a")];
    commands.extend((0..3_000).map(|number| note(&number.to_string(), "a")));
    let answers: Vec<_> = engine.handle_all(commands).await.into_iter().map(taken).collect();
    assert_eq!(answers.len(), 3_001);
    assert!(answers.windows(2).all(|pair| pair[0].position < pair[1].position));
    assert!(engine.handle_all(Vec::new()).await.is_empty());
}

fn heavy(name: &str, of: &str, kilobytes: usize) -> guichet::core::case::Command {
    let attributes: BTreeMap<_, _> = (0..kilobytes / 4)
        .map(|number| (format!("attribute {number}"), "x".repeat(4_000)))
        .collect();
    let ask = CaseCommand::RecordStep {
        activity: "scanned".into(),
        by: None,
        group: None,
        attributes,
    };
    command(name, of, person("importer", Role::Importer), ask)
}

async fn commands_larger_than_a_group_together_go_into_several(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    accepted(&engine, submission("s", "a")).await;
    let commands = (0..100)
        .map(|number| heavy(&number.to_string(), "a", 50))
        .collect();
    let answers: Vec<_> = engine.handle_all(commands).await.into_iter().map(taken).collect();
    assert!(answers.windows(2).all(|pair| pair[0].position < pair[1].position));
    assert_eq!(engine.poisoned(), None);
}

async fn what_no_record_can_hold_is_refused_alone(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    accepted(&engine, submission("s", "a")).await;
    let mut nameless = note("2", "a");
    nameless.authority = Some("§".repeat(200));
    let commands = vec![heavy("1", "a", 2_000), nameless, note("3", "a")];
    let answers = engine.handle_all(commands).await;
    for answer in &answers[..2] {
        assert!(matches!(answer, Err(EngineError::TooLarge(_))), "{answer:?}");
    }
    taken(answers[2].clone());
    assert_eq!(engine.poisoned(), None);
}

async fn commands_that_wait_are_answered_before_the_engine_closes(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let engine = centre_over(Arc::clone(&faulty) as _).await;
    accepted(&engine, submission("s", "a")).await;
    let begun = faulty.begun.load(Ordering::SeqCst);
    faulty.shut();
    let mut tasks = Vec::new();
    for number in 0..50 {
        let (engine, command) = (engine.clone(), note(&number.to_string(), "a"));
        tasks.push(tokio::spawn(async move { engine.handle(command).await }));
    }
    faulty.begun(begun + 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let closings: Vec<_> = (0..3)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.close().await })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(closings.iter().all(|closing| !closing.is_finished()));
    assert!(matches!(
        engine.handle(note("late", "a")).await,
        Err(EngineError::Closed)
    ));
    faulty.open();
    for closing in closings {
        closing.await.unwrap().unwrap();
    }
    let mut positions = Vec::new();
    for task in tasks {
        positions.push(taken(task.await.unwrap()).position.unwrap());
    }
    positions.sort();
    positions.dedup();
    assert_eq!(positions.len(), 50);
    let store = store.reopened().await;
    assert_eq!(store.log.head(), positions.last().unwrap().next());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_full_is_refused_and_nothing_else() {
    let store = Store::in_memory();
    let engine = centre_over(Arc::clone(&store.log)).await;
    let handed_in = accepted(&engine, submission("s", "a")).await;
    engine.close().await.unwrap();
    let store = store.reopened().await;
    // Filled below the engine, which would take longer.
    let encoded = codec::encode(&step_recorded()).unwrap();
    let mut last = handed_in.revision.unwrap();
    let mut next = 0;
    while last.next().0 < STREAM_RECORDS_MAX {
        let count = (STREAM_RECORDS_MAX - last.next().0).min(10_000);
        let drafts = (0..count).map(|_| {
            next += 1;
            let mut draft = draft(&format!("filler-{next}"), &encoded.payload);
            (draft.kind, draft.version, draft.codec) = (encoded.kind.clone(), encoded.version, encoded.codec);
            draft
        });
        let append = Append {
            stream: StreamId::of_case(&case("a")),
            expected: Expected::At(last),
            drafts: drafts.collect(),
        };
        store
            .log
            .append(vec![append], Timestamp::from_micros(0))
            .await
            .unwrap();
        last = last.plus(count);
    }
    let engine = crate::common::engine_over(Arc::clone(&store.log), HandTurned::at(MONDAY, 9)).await;
    let commands = vec![note("1", "a"), submission("2", "b"), note("3", "b")];
    let answers = engine.handle_all(commands).await;
    let full = STREAM_RECORDS_MAX + 1;
    assert!(
        matches!(&answers[0], Err(EngineError::CaseFull { records, .. }) if *records == full),
        "{:?}",
        answers[0]
    );
    taken(answers[1].clone());
    taken(answers[2].clone());
    assert_eq!(engine.poisoned(), None);
}

fn step_recorded() -> CaseEvent {
    guichet::core::case::event::StepRecorded {
        activity: "noted".into(),
        by: None,
        group: None,
        attributes: BTreeMap::new(),
    }
    .into()
}

#[tokio::test]
async fn a_command_that_waits_for_a_slow_disk_is_decided_by_its_own_time() {
    let store = Store::in_memory();
    let faulty = Faulty::over(Arc::clone(&store.log));
    let time = HandTurned::at(MONDAY, 9);
    let engine = crate::common::engine_over(Arc::clone(&faulty) as _, Arc::clone(&time)).await;
    publish(&engine).await;
    accepted(&engine, submission("s", "a")).await;
    let begun = faulty.begun.load(Ordering::SeqCst);
    faulty.shut();
    let ask = |name: &'static str| {
        let engine = engine.clone();
        tokio::spawn(async move { taken(engine.handle(note(name, "a")).await) })
    };
    let first = ask("1");
    faulty.begun(begun + 1).await;
    let second = ask("2");
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    time.turn_to(crate::common::march(2), 9);
    let third = ask("3");
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    faulty.open();
    let mut days = Vec::new();
    for answer in [first, second, third] {
        let position = answer.await.unwrap().position.unwrap();
        let record = store.log.read_all(position, 1).await.unwrap().remove(0);
        days.push(record.occurred_at.date_at(crate::common::BEIJING));
    }
    assert_eq!(days, [MONDAY, MONDAY, crate::common::march(2)]);
    assert!(store.log.head() > Position::START);
}
