//! What fails below the engine: writes, reads, time itself. Nothing unacknowledged is told as done, and reads go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use guichet::core::id::Position;
use guichet::core::time::{TimeSource, Timestamp};
use guichet::{Config, EngineError, Guichet, PublishError};

use crate::common::{
    BEIJING, Chance, Faulty, HandTurned, MONDAY, Store, acceptance, accepted, all_records, case, catalogue,
    centre_over, director, engine_over, grant, intake, note, over_both_logs, plain, publish, refused,
    submission, taken,
};

over_both_logs!(
    a_failed_write_poisons_the_engine_and_nothing_after_it_is_acknowledged,
    a_write_that_failed_but_is_there_is_answered_after_a_restart,
    a_failed_read_is_told_and_passes,
    what_was_staged_on_a_group_that_failed_is_refused_with_it,
    an_engine_survives_failures_at_any_write,
    a_panic_is_told_to_everybody_who_waits,
);

fn cause(error: &EngineError) -> String {
    if let EngineError::Poisoned { cause } = error {
        return cause.clone();
    }
    panic!("{error:?}")
}

async fn a_failed_write_poisons_the_engine_and_nothing_after_it_is_acknowledged(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let engine = centre_over(Arc::clone(&faulty) as _).await;
    let first = accepted(&engine, submission("1", "a")).await;
    faulty.appends_left.store(0, Ordering::SeqCst);
    let failed = engine.handle(acceptance("2", "a")).await.unwrap_err();
    assert!(cause(&failed).contains("the disk went away"), "{failed}");
    // The disk is back, and still nothing is taken: nobody knows what the failed write left.
    faulty.appends_left.store(usize::MAX, Ordering::SeqCst);
    let begun = faulty.begun.load(Ordering::SeqCst);
    for answer in engine.handle_all(vec![submission("3", "b"), refused("4")]).await {
        assert_eq!(cause(&answer.unwrap_err()), cause(&failed));
    }
    let publishing = engine.publish_catalogue(catalogue(), &director()).await;
    assert!(matches!(
        publishing,
        Err(PublishError::Engine(EngineError::Poisoned { .. }))
    ));
    assert_eq!(faulty.begun.load(Ordering::SeqCst), begun);
    assert_eq!(engine.poisoned(), Some(cause(&failed)));
    // Reads go on.
    let view = engine.case(&case("a")).await.unwrap().unwrap();
    assert_eq!(Some(view.revision), first.revision);
    let mut subscription = engine.subscribe(Position::START);
    assert_eq!(
        subscription.next().await.unwrap().unwrap().position,
        Position::START
    );
    engine.close().await.unwrap();
    drop((engine, faulty, subscription));

    let store = store.reopened().await;
    let engine = engine_over(Arc::clone(&store.log), HandTurned::at(MONDAY, 9)).await;
    assert_eq!(plain(accepted(&engine, submission("1", "a")).await), first);
    assert!(!accepted(&engine, acceptance("2", "a")).await.repeated);
}

async fn a_write_that_failed_but_is_there_is_answered_after_a_restart(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let engine = centre_over(Arc::clone(&faulty) as _).await;
    accepted(&engine, submission("1", "a")).await;
    faulty.fails_after_writing.store(true, Ordering::SeqCst);
    faulty.appends_left.store(0, Ordering::SeqCst);
    cause(&engine.handle(acceptance("2", "a")).await.unwrap_err());
    engine.close().await.unwrap();
    drop((engine, faulty));

    let store = store.reopened().await;
    let engine = engine_over(Arc::clone(&store.log), HandTurned::at(MONDAY, 9)).await;
    assert!(accepted(&engine, acceptance("2", "a")).await.repeated);
    accepted(&engine, intake("3", "a")).await;
}

async fn a_failed_read_is_told_and_passes(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let engine = centre_over(Arc::clone(&faulty) as _).await;
    accepted(&engine, submission("1", "a")).await;
    let head = engine.head();
    faulty.reads_fail.store(true, Ordering::SeqCst);
    let told = |error: EngineError| {
        assert!(
            matches!(&error, EngineError::Read(told) if told.contains("the disk does not answer")),
            "{error:?}"
        );
        assert!(error.is_retryable());
    };
    told(engine.handle(acceptance("2", "a")).await.unwrap_err());
    told(engine.case(&case("a")).await.unwrap_err());
    told(engine.dry_run(&acceptance("2", "a")).await.unwrap_err());
    let mut subscription = engine.subscribe(Position::START);
    told(subscription.next().await.unwrap_err());
    for answer in engine.handle_all(vec![note("3", "a"), note("4", "a")]).await {
        told(answer.unwrap_err());
    }
    assert_eq!(engine.head(), head);
    faulty.reads_fail.store(false, Ordering::SeqCst);
    assert_eq!(engine.poisoned(), None);
    assert_eq!(
        subscription.next().await.unwrap().unwrap().position,
        Position::START
    );
    accepted(&engine, acceptance("2", "a")).await;
}

async fn what_was_staged_on_a_group_that_failed_is_refused_with_it(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let engine = centre_over(Arc::clone(&faulty) as _).await;
    accepted(&engine, submission("1", "a")).await;
    let (head, begun) = (engine.head(), faulty.begun.load(Ordering::SeqCst));
    faulty.shut();
    let ask = |command| {
        let engine = engine.clone();
        tokio::spawn(async move { engine.handle(command).await })
    };
    let under_way = ask(acceptance("2", "a"));
    faulty.begun(begun + 1).await;
    // An answer of the rules to what is not durable yet is no answer: "it was accepted" may never have happened.
    let staged = [
        ask(grant("3", "a")),
        ask(acceptance("4", "a")),
        ask(acceptance("2", "a")),
        ask(refused("5")),
    ];
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(staged.iter().all(|task| !task.is_finished()));
    faulty.appends_left.store(0, Ordering::SeqCst);
    faulty.open();
    let failed = cause(&under_way.await.unwrap().unwrap_err());
    for task in staged {
        assert_eq!(cause(&task.await.unwrap().unwrap_err()), failed);
    }
    assert_eq!(engine.head(), head);
}

async fn an_engine_survives_failures_at_any_write(store: Store) {
    let mut store = store;
    let mut acknowledged = Vec::new();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for round in 0..12 {
        let faulty = Faulty::over(Arc::clone(&store.log));
        let engine = engine_over(Arc::clone(&faulty) as _, HandTurned::at(MONDAY, 9)).await;
        publish(&engine).await;
        faulty.appends_left.store(chance.below(12), Ordering::SeqCst);
        faulty.fails_after_writing.store(round % 2 == 0, Ordering::SeqCst);
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let engine = engine.clone();
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    let of = format!("c{round}-{task}");
                    for command in [submission, acceptance, intake, grant, note]
                        .into_iter()
                        .enumerate()
                    {
                        let (number, make) = command;
                        let command = make(&format!("k{round}-{task}-{number}"), &of);
                        match engine.handle(command.clone()).await {
                            Ok(answer) => taken.push((command, answer.accepted().unwrap())),
                            Err(error) => {
                                cause(&error);
                                return taken;
                            }
                        }
                    }
                    taken
                })
            })
            .collect();
        for task in tasks {
            acknowledged.extend(task.await.unwrap());
        }
        engine.close().await.unwrap();
        drop((engine, faulty));
        store = store.reopened().await;
    }
    let engine = engine_over(Arc::clone(&store.log), HandTurned::at(MONDAY, 9)).await;
    let records = all_records(&*store.log).await;
    assert!(acknowledged.len() > 20);
    for (command, answer) in acknowledged {
        let own = records
            .iter()
            .filter(|record| record.command == command.id)
            .count();
        assert_eq!(
            own,
            answer.events.len(),
            "{} is not there once and whole",
            command.id
        );
        assert_eq!(plain(accepted(&engine, command).await), answer);
    }
}

/// A time source that fails from some moment on, as a bug of a host or of ours would.
struct Failing {
    left: AtomicUsize,
}

impl TimeSource for Failing {
    fn now(&self) -> Timestamp {
        let count = |left: usize| left.checked_sub(1);
        let thread = std::thread::current();
        if thread.name() == Some("guichet-engine")
            && self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, count)
                .is_err()
        {
            panic!("the clock has stopped");
        }
        MONDAY.at(9, 0, BEIJING)
    }
}

async fn a_panic_is_told_to_everybody_who_waits(store: Store) {
    let time = Arc::new(Failing {
        left: AtomicUsize::new(usize::MAX),
    });
    let config = Config::default().time(Arc::clone(&time) as _);
    let engine = Guichet::start(Arc::clone(&store.log), config).await.unwrap();
    publish(&engine).await;
    let first = accepted(&engine, submission("1", "a")).await;
    time.left.store(20, Ordering::SeqCst);
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let (engine, command) = (engine.clone(), note(&format!("n{number}"), "a"));
            tokio::spawn(async move { engine.handle(command).await })
        })
        .collect();
    let mut told = 0;
    let mut taken_at = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(answer) => taken_at.push(taken(Ok(answer)).position.unwrap()),
            Err(error) => {
                assert_eq!(cause(&error), "the writer panicked: the clock has stopped");
                told += 1;
            }
        }
    }
    assert!(told >= 30, "{told}");
    assert!(engine.poisoned().is_some());
    cause(&engine.handle(note("after", "a")).await.unwrap_err());
    let view = engine.case(&case("a")).await.unwrap().unwrap();
    assert!(Some(view.revision) >= first.revision);
    for position in taken_at {
        assert_eq!(
            store.log.read_all(position, 1).await.unwrap()[0].stream.case(),
            Some(case("a"))
        );
    }
    engine.close().await.unwrap();
}
