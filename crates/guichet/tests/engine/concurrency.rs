//! Many at once: every answer is in the log exactly once, and every reader sees every record in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use guichet::core::id::Position;
use guichet::log::projection::Recorded;

use crate::common::{Chance, Store, accepted, case, centre_over, note, over_both_logs, submission};

over_both_logs!(
    sixty_four_tasks_and_readers_from_anywhere_see_one_log,
    commands_that_expect_a_revision_take_turns,
);

const TASKS: usize = 64;
const SHARED_CASES: usize = 4;

async fn sixty_four_tasks_and_readers_from_anywhere_see_one_log(store: Store) {
    let commands = if cfg!(debug_assertions) { 25 } else { 200 };
    let engine = centre_over(Arc::clone(&store.log)).await;
    for shared in 0..SHARED_CASES {
        accepted(
            &engine,
            submission(&format!("s{shared}"), &format!("shared-{shared}")),
        )
        .await;
    }
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let readers: Vec<_> = (0..16)
        .map(|_| {
            let from = Position(chance.below(usize::try_from(engine.head().0).unwrap() + 200) as u64);
            let wait = Duration::from_millis(chance.below(20) as u64);
            let engine = engine.clone();
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                let mut subscription = engine.subscribe(from);
                let mut seen: Vec<Recorded> = Vec::new();
                while let Some(recorded) = subscription.next().await.unwrap() {
                    seen.push(recorded);
                }
                (from, seen)
            })
        })
        .collect();
    let writers: Vec<_> = (0..TASKS)
        .map(|task| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let own = format!("own-{task}");
                let mut answers = vec![accepted(&engine, submission(&format!("o{task}"), &own)).await];
                for number in 0..commands {
                    let name = format!("t{task}-{number}");
                    let of = if number % 2 == 0 {
                        own.clone()
                    } else {
                        format!("shared-{}", (task + number) % SHARED_CASES)
                    };
                    answers.push(accepted(&engine, note(&name, &of)).await);
                }
                answers
            })
        })
        .collect();
    let mut answers = Vec::new();
    for writer in writers {
        answers.extend(writer.await.unwrap());
    }
    // Readers that are behind read on to the head before the engine is closed.
    let head = engine.head();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut last = engine.subscribe(Position(head.0 - 1));
    assert_eq!(last.next().await.unwrap().unwrap().position.next(), head);
    let log = store.records().await;
    engine.close().await.unwrap();

    assert_eq!(log.len() as u64, head.0);
    let mut by_stream: BTreeMap<_, u64> = BTreeMap::new();
    for (position, record) in log.iter().enumerate() {
        assert_eq!(record.position, Position(position as u64));
        let next = by_stream.entry(record.stream.clone()).or_default();
        assert_eq!(
            record.revision.0, *next,
            "a revision of {} is missing or twice",
            record.stream
        );
        *next += 1;
    }
    let mut taken = BTreeSet::new();
    for answer in &answers {
        let first = answer.position.unwrap().0;
        for position in first..first + answer.events.len() as u64 {
            assert!(taken.insert(position), "position {position} was answered twice");
            let record = &log[usize::try_from(position).unwrap()];
            assert_eq!(record.stream.case(), Some(answer.case.clone()));
        }
    }
    assert_eq!(answers.len(), TASKS * (commands + 1));
    for reader in readers {
        let (from, seen) = reader.await.unwrap();
        let positions: Vec<_> = seen.iter().map(|recorded| recorded.position.0).collect();
        assert_eq!(positions, (from.0..head.0).collect::<Vec<_>>());
        for recorded in seen {
            assert_eq!(
                recorded.command,
                log[usize::try_from(recorded.position.0).unwrap()].command
            );
        }
    }
}

async fn commands_that_expect_a_revision_take_turns(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let first = accepted(&engine, submission("s", "a")).await.revision.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let mut conflicts = 0;
                for number in 0..10 {
                    let mut attempt = 0;
                    loop {
                        let seen = engine.case(&case("a")).await.unwrap().unwrap().revision;
                        let mut command = note(&format!("t{task}-{number}-{attempt}"), "a");
                        command.expected = Some(seen);
                        match engine.handle(command).await {
                            Ok(answer) => {
                                assert_eq!(answer.accepted().unwrap().revision, Some(seen.next()));
                                break;
                            }
                            Err(guichet::EngineError::Conflict { expected, actual }) => {
                                assert_eq!(expected, seen);
                                assert!(actual > Some(seen));
                                conflicts += 1;
                                attempt += 1;
                            }
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
                conflicts
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let view = engine.case(&case("a")).await.unwrap().unwrap();
    assert_eq!(view.revision, first.plus(80));
}
