//! Publishing a catalogue beside commands.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use guichet::core::actor::Role;
use guichet::core::reference::{Catalogue, PublishRejection};
use guichet::log::log::GROUP_RECORDS_MAX;
use guichet::{EngineError, PublishError};

use crate::common::{
    BEIJING, Faulty, HandTurned, MONDAY, Store, accepted, catalogue, centre_over, director, engine_over,
    march, note, over_both_logs, person, publish, submission,
};

over_both_logs!(
    a_catalogue_is_published_once_and_read_again_as_it_was,
    a_catalogue_that_is_refused_waits_for_what_it_was_held_against,
    a_refused_catalogue_does_not_stop_the_time,
    a_procedure_published_before_a_command_counts_for_it,
    a_catalogue_beyond_one_commit_is_refused_alone,
);

/// The catalogue with every procedure in a version that has other rules under the same number.
fn contradicting() -> Catalogue {
    let mut catalogue = catalogue().clone();
    for procedure in &mut catalogue.procedures {
        procedure.name.en.push_str(" (changed)");
    }
    catalogue
}

async fn a_catalogue_is_published_once_and_read_again_as_it_was(store: Store) {
    let engine = engine_over(Arc::clone(&store.log), HandTurned::at(MONDAY, 9)).await;
    let published = engine.publish_catalogue(catalogue(), &director()).await.unwrap();
    assert_eq!(published.events as u64, engine.head().0);
    let again = engine.publish_catalogue(catalogue(), &director()).await.unwrap();
    assert_eq!((again.position, again.events), (None, 0));
    let running = engine.directory();
    engine.close().await.unwrap();
    drop(engine);
    let store = store.reopened().await;
    let reopened = engine_over(Arc::clone(&store.log), HandTurned::at(MONDAY, 9)).await;
    assert_eq!(reopened.directory(), running);
    // In the order in which it was decided: what is named comes before what names it.
    let kinds: Vec<_> = store
        .records()
        .await
        .iter()
        .map(|record| record.kind.clone())
        .collect();
    let first = |kind: &str| kinds.iter().position(|found| found.as_str() == kind).unwrap();
    assert!(first("reference.department_registered") < first("reference.window_registered"));
    assert!(first("reference.calendar_published") < first("reference.procedure_published"));
    assert!(first("reference.window_registered") < first("reference.staff_registered"));
}

async fn a_catalogue_that_is_refused_waits_for_what_it_was_held_against(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let engine = engine_over(Arc::clone(&faulty) as _, HandTurned::at(MONDAY, 9)).await;
    faulty.shut();
    let first = tokio::spawn({
        let engine = engine.clone();
        async move { engine.publish_catalogue(catalogue(), &director()).await }
    });
    faulty.begun(1).await;
    let second = tokio::spawn({
        let engine = engine.clone();
        async move { engine.publish_catalogue(&contradicting(), &director()).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(
        !second.is_finished(),
        "it was refused for something that is not durable yet"
    );
    assert_eq!(engine.directory().procedures.len(), 0);
    faulty.open();
    assert!(first.await.unwrap().unwrap().events > 0);
    let second = second.await.unwrap();
    assert!(
        matches!(
            second,
            Err(PublishError::Rejected(PublishRejection::VersionChanged { .. }))
        ),
        "{second:?}"
    );
    assert!(engine.directory().procedures.len() > 20);
}

async fn a_refused_catalogue_does_not_stop_the_time(store: Store) {
    let time = HandTurned::at(MONDAY, 9);
    let engine = engine_over(Arc::clone(&store.log), Arc::clone(&time)).await;
    publish(&engine).await;
    let clerk = person("s07", Role::Clerk);
    let refused = engine.publish_catalogue(&contradicting(), &clerk).await;
    assert!(matches!(
        refused,
        Err(PublishError::Rejected(PublishRejection::RoleNotAllowed {
            role: Role::Clerk
        }))
    ));
    time.turn_to(march(29), 9);
    let answer = accepted(&engine, submission("1", "a")).await;
    assert_eq!(answer.recorded_at.date_at(BEIJING), march(29));
    let engine_head = engine.head();
    accepted(&engine, note("2", "a")).await;
    assert_eq!(engine.head(), engine_head.next());
}

async fn a_procedure_published_before_a_command_counts_for_it(store: Store) {
    let faulty = Faulty::over(Arc::clone(&store.log));
    let engine = centre_over(Arc::clone(&faulty) as _).await;
    accepted(&engine, submission("0", "zero")).await;
    let begun = faulty.begun.load(Ordering::SeqCst);
    faulty.shut();
    // While a group is under way, a new version and an application under it are staged together.
    let waiting = tokio::spawn({
        let engine = engine.clone();
        async move { engine.handle(note("1", "zero")).await }
    });
    faulty.begun(begun + 1).await;
    let mut next = catalogue().clone();
    for procedure in &mut next.procedures {
        procedure.version = procedure.version.next();
    }
    let publishing = tokio::spawn({
        let engine = engine.clone();
        async move { engine.publish_catalogue(&next, &director()).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let submitting = tokio::spawn({
        let engine = engine.clone();
        async move { accepted(&engine, submission("2", "a")).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    faulty.open();
    waiting.await.unwrap().unwrap();
    let published = publishing.await.unwrap().unwrap();
    let answer = submitting.await.unwrap();
    assert!(published.position < answer.position);
    let view = engine.case(&answer.case).await.unwrap().unwrap();
    let newest = engine
        .directory()
        .newest(&"seal-filing".parse().unwrap())
        .unwrap()
        .version;
    assert_eq!(view.state.case().unwrap().version, newest);
}

async fn a_catalogue_beyond_one_commit_is_refused_alone(store: Store) {
    let engine = centre_over(Arc::clone(&store.log)).await;
    let head = engine.head();
    let mut crowded = catalogue().clone();
    let somebody = crowded.staff[0].clone();
    crowded.staff.extend((0..GROUP_RECORDS_MAX).map(|number| {
        let mut another = somebody.clone();
        another.id = format!("x{number}").parse().unwrap();
        another
    }));
    crowded.staff.push({
        let mut last = somebody.clone();
        last.id = "last".parse().unwrap();
        last
    });
    let refused = engine.publish_catalogue(&crowded, &director()).await;
    assert!(
        matches!(&refused, Err(PublishError::Engine(EngineError::TooLarge(told))) if told.contains("16385 records")),
        "{refused:?}"
    );
    assert_eq!((engine.head(), engine.poisoned()), (head, None));
    accepted(&engine, submission("1", "a")).await;
}
