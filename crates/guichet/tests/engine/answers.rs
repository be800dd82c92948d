//! What a command is answered with: once, again, in a group, and after a restart.

use std::sync::Arc;

use guichet::core::case::{CaseCommand, Rejection};
use guichet::core::id::{Position, Revision};
use guichet::log::codec::Event;
use guichet::log::record::Cause;
use guichet::{Answer, EngineError};

use crate::common::{
    HandTurned, MONDAY, Store, acceptance, accepted, all_records, approver, case, centre_over, clerk,
    command, engine_over, grant, id, intake, march, note, note_of, over_both_logs, plain, publish, refused,
    submission, taken,
};

over_both_logs!(
    a_filing_goes_from_the_counter_to_the_archive,
    a_command_sent_again_gets_the_same_answer_for_ever,
    ten_tasks_with_one_command_get_one_set_of_records,
    a_command_twice_in_one_group_is_recorded_once,
    an_id_is_not_used_for_two_commands,
    what_a_case_must_end_at_counts_what_is_staged,
    a_rejection_records_nothing,
    what_follows_names_the_record_it_follows_from,
    recorded_time_never_goes_back,
    a_dry_run_says_what_would_be_and_records_nothing,
    a_subscription_ends_with_the_engine,
    an_answer_says_what_the_log_says,
    a_dropped_future_takes_nothing_back,
);

async fn a_filing_goes_from_the_counter_to_the_archive(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    accepted(&engine, submission("1", "a")).await;
    accepted(&engine, acceptance("2", "a")).await;
    accepted(&engine, intake("3", "a")).await;
    accepted(&engine, grant("4", "a")).await;
    let asks = [
        CaseCommand::IssueCertificate {
            certificate: "licence-1".parse().unwrap(),
        },
        CaseCommand::Deliver {
            method: "at the window".into(),
        },
        CaseCommand::Complete {},
        CaseCommand::Archive {
            retention: "10 years".into(),
        },
    ];
    for (number, ask) in asks.into_iter().enumerate() {
        accepted(&engine, command(&format!("after-{number}"), "a", clerk(), ask)).await;
    }
    let view = engine.case(&case("a")).await.unwrap().unwrap();
    assert_eq!(view.state.case().unwrap().stage.as_str(), "archived");
    assert_eq!(view.revision.next().0, view.records.len() as u64);
    assert_eq!(
        engine.case(&case("b")).await.unwrap().map(|view| view.revision),
        None
    );
}

async fn a_command_sent_again_gets_the_same_answer_for_ever(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let commands = [
        submission("1", "a"),
        acceptance("2", "a"),
        intake("3", "a"),
        grant("4", "a"),
    ];
    let mut answers = Vec::new();
    for command in &commands {
        answers.push(accepted(&engine, command.clone()).await);
    }
    let head = engine.head();
    for (command, first) in commands.iter().zip(&answers) {
        let again = accepted(&engine, command.clone()).await;
        assert!(again.repeated);
        assert_eq!(&plain(again), first);
    }
    engine.close().await.unwrap();
    drop(engine);

    let store = store.reopened().await;
    let engine = engine_over(Arc::clone(&store.log), HandTurned::at(march(20), 9)).await;
    for (command, first) in commands.iter().zip(&answers) {
        let again = accepted(&engine, command.clone()).await;
        assert!(again.repeated);
        assert_eq!(&plain(again), first);
    }
    assert_eq!(engine.head(), head);
}

async fn ten_tasks_with_one_command_get_one_set_of_records(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    for round in 0..20 {
        let (name, of) = (format!("k{round}"), format!("c{round}"));
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let (engine, command) = (engine.clone(), submission(&name, &of));
                tokio::spawn(async move { taken(engine.handle(command).await) })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
        let first = plain(answers[0].clone());
        assert!(answers.into_iter().all(|answer| plain(answer) == first));
        let records = store.log.find_command(&id(&name)).await.unwrap().unwrap();
        assert_eq!(records.len(), first.events.len());
    }
}

async fn a_command_twice_in_one_group_is_recorded_once(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let twice = vec![
        submission("1", "a"),
        submission("1", "a"),
        note("2", "a"),
        note("2", "a"),
    ];
    let answers: Vec<_> = engine.handle_all(twice).await.into_iter().map(taken).collect();
    assert_eq!(answers[0], plain(answers[1].clone()));
    assert_eq!(answers[2], plain(answers[3].clone()));
    assert_eq!(
        [false, true, false, true],
        [0, 1, 2, 3].map(|at: usize| answers[at].repeated)
    );
    let view = engine.case(&case("a")).await.unwrap().unwrap();
    assert_eq!(view.records.len(), answers[0].events.len() + 1);
}

async fn an_id_is_not_used_for_two_commands(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let reused = |answer: &Result<Answer, EngineError>| matches!(answer, Err(EngineError::CommandIdReused { id: found }) if *found == id("1"));
    let both = vec![submission("1", "a"), submission("1", "b")];
    let answers = engine.handle_all(both).await;
    assert!(answers[0].is_ok());
    assert!(reused(&answers[1]), "{:?}", answers[1]);
    assert!(reused(&engine.handle(submission("1", "c")).await));
    engine.close().await.unwrap();
    drop(engine);

    let store = store.reopened().await;
    let engine = engine_over(Arc::clone(&store.log), HandTurned::at(MONDAY, 9)).await;
    assert!(reused(&engine.handle(note("1", "a")).await));
    assert!(accepted(&engine, submission("1", "a")).await.repeated);
}

async fn what_a_case_must_end_at_counts_what_is_staged(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let expecting = |name: &str, revision: u64| {
        let mut command = note(name, "a");
        command.expected = Some(Revision(revision));
        command
    };
    let handed_in = accepted(&engine, submission("0", "a")).await;
    let last = handed_in.revision.unwrap().0;
    let group = vec![
        expecting("1", last),
        expecting("2", last + 1),
        expecting("3", last + 1),
    ];
    let answers = engine.handle_all(group).await;
    assert_eq!(taken(answers[0].clone()).revision, Some(Revision(last + 1)));
    assert_eq!(taken(answers[1].clone()).revision, Some(Revision(last + 2)));
    assert!(matches!(
        &answers[2],
        Err(EngineError::Conflict { expected, actual })
            if *expected == Revision(last + 1) && *actual == Some(Revision(last + 2))
    ));
    // A command that was accepted stays accepted, wherever the case ends by now.
    assert!(accepted(&engine, expecting("1", last)).await.repeated);
    let mut nobody = refused("4");
    nobody.expected = Some(Revision(0));
    assert!(matches!(
        engine.handle(nobody).await,
        Err(EngineError::Conflict { actual: None, .. })
    ));
}

async fn a_rejection_records_nothing(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    accepted(&engine, submission("1", "a")).await;
    let (head, before) = (engine.head(), engine.case(&case("a")).await.unwrap().unwrap());
    let early = engine.handle(grant("2", "a")).await.unwrap();
    assert_eq!(
        early,
        Answer::Rejected(Rejection::WrongStage {
            stage: "intake",
            wanted: "review"
        })
    );
    assert_eq!(engine.head(), head);
    assert_eq!(
        engine.case(&case("a")).await.unwrap().unwrap().state,
        before.state
    );
    // What was rejected may be asked again, and is decided anew.
    accepted(&engine, acceptance("3", "a")).await;
    accepted(&engine, intake("4", "a")).await;
    accepted(&engine, grant("2", "a")).await;
}

async fn what_follows_names_the_record_it_follows_from(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let mut commands = Vec::new();
    for number in 0..50 {
        let of = format!("c{number}");
        commands.push(submission(&format!("s{number}"), &of));
        commands.push(acceptance(&format!("a{number}"), &of));
        commands.push(refused(&format!("r{number}")));
        commands.push(intake(&format!("i{number}"), &of));
        commands.push(grant(&format!("g{number}"), &of));
    }
    engine.handle_all(commands).await;
    let records = all_records(&*store.log).await;
    let mut followed = 0;
    for record in records.iter().filter(|record| record.stream.case().is_some()) {
        let first = records
            .iter()
            .find(|other| other.command == record.command)
            .unwrap();
        if first.position == record.position {
            assert_eq!(record.cause, Cause::Asked);
        } else {
            followed += 1;
            assert_eq!(record.cause, Cause::Followed(first.position));
        }
    }
    assert!(followed >= 50, "{followed}");
}

async fn recorded_time_never_goes_back(store: Store) {
    let time = HandTurned::at(march(10), 9);
    let engine = engine_over(Arc::clone(&store.log), Arc::clone(&time)).await;
    publish(&engine).await;
    let first = accepted(&engine, submission("1", "a")).await;
    time.turn_to(march(5), 9);
    let second = accepted(&engine, submission("2", "b")).await;
    assert_eq!(second.recorded_at, first.recorded_at);
    time.turn_to(march(11), 9);
    let third = accepted(&engine, submission("3", "c")).await;
    assert!(third.recorded_at > second.recorded_at);
    let records = store.records().await;
    assert!(
        records
            .windows(2)
            .all(|pair| pair[0].recorded_at <= pair[1].recorded_at)
    );
}

async fn a_dry_run_says_what_would_be_and_records_nothing(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let head = engine.head();
    let would = engine
        .dry_run(&submission("1", "a"))
        .await
        .unwrap()
        .accepted()
        .unwrap();
    assert_eq!(engine.head(), head);
    let did = accepted(&engine, submission("1", "a")).await;
    assert_eq!(would.events, did.events);
    // What handling it would answer: the same as before, or that the case ends elsewhere.
    let again = engine
        .dry_run(&submission("1", "a"))
        .await
        .unwrap()
        .accepted()
        .unwrap();
    assert_eq!(plain(again), did);
    let mut late = note("2", "a");
    late.expected = Some(Revision(77));
    assert!(matches!(
        engine.dry_run(&late).await,
        Err(EngineError::Conflict {
            expected: Revision(77),
            ..
        })
    ));
    let correction = CaseCommand::CorrectRecord {
        target: Revision(99),
        field: "channel".into(),
        old: "window".into(),
        new: "post".into(),
        reason: "it came by post".into(),
    };
    let correction = command("3", "a", approver(), correction);
    let unknown = Answer::Rejected(Rejection::UnknownRecord { target: Revision(99) });
    assert_eq!(engine.dry_run(&correction).await.unwrap(), unknown);
    assert_eq!(engine.handle(correction).await.unwrap(), unknown);
}

async fn a_subscription_ends_with_the_engine(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    accepted(&engine, submission("1", "a")).await;
    let mut subscription = engine.subscribe(Position::START);
    let mut seen = 0;
    while subscription.lag() > 0 {
        seen = subscription.next().await.unwrap().unwrap().position.next().0;
    }
    assert_eq!(seen, engine.head().0);
    let waiting = tokio::spawn(async move { subscription.next().await });
    tokio::task::yield_now().await;
    engine.close().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), None);
    assert!(matches!(
        engine.handle(note("2", "a")).await,
        Err(EngineError::Closed)
    ));
}

async fn an_answer_says_what_the_log_says(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let mut commands = vec![submission("0", "a")];
    commands.extend((1..20).map(|number| note_of(&number.to_string(), "a", &format!("step {number}"))));
    for answer in engine.handle_all(commands.clone()).await {
        let answer = taken(answer);
        let from = answer.position.unwrap();
        let records = store.log.read_all(from, answer.events.len()).await.unwrap();
        assert_eq!(records.last().unwrap().revision, answer.revision.unwrap());
        for (record, event) in records.into_iter().zip(answer.events) {
            assert_eq!(record.recorded_at, answer.recorded_at);
            assert_eq!(
                guichet::log::codec::decode_record(&record).unwrap(),
                Event::Case(event)
            );
        }
    }
}

async fn a_dropped_future_takes_nothing_back(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    for number in 0..50 {
        let command = submission(&format!("k{number}"), &format!("c{number}"));
        let asking = tokio::spawn({
            let (engine, command) = (engine.clone(), command.clone());
            async move { engine.handle(command).await }
        });
        for _ in 0..number % 7 {
            tokio::task::yield_now().await;
        }
        asking.abort();
        let _ = asking.await;
        let answer = accepted(&engine, command.clone()).await;
        assert_eq!(plain(accepted(&engine, command).await), plain(answer));
        let view = engine.case(&case(&format!("c{number}"))).await.unwrap().unwrap();
        assert_eq!(
            view.records
                .iter()
                .filter(|record| record.revision == Revision(0))
                .count(),
            1
        );
        assert_eq!(view.records[0].command, id(&format!("k{number}")));
    }
}
