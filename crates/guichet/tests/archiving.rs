//! The archive of a running engine: it follows, it is taken up again, it does not follow another history.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;
use std::time::Duration;

use guichet::core::id::Position;
use guichet::log::archive::{Archive, ArchiveError};
use guichet::log::note::PrivateKey;
use guichet::log::sealed_head::SealedHead;
use guichet::{Archiving, ArchivingError, Guichet, testkit};

/// Longer than any test: heads are sealed only when they are asked for.
const NEVER: Duration = Duration::from_secs(3_600);

fn key() -> PrivateKey {
    PrivateKey::from_seed("centre.example/log", &[5; 32]).unwrap()
}

async fn archiving(engine: &Guichet, dir: &Path) -> Archiving {
    engine.archive_to(dir, key(), NEVER).await.unwrap()
}

async fn submit(engine: &Guichet, cases: u32) {
    for _ in 0..cases {
        engine
            .submit(testkit::application())
            .await
            .unwrap()
            .accepted()
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_follows_the_engine_and_says_how_far_it_is_behind() {
    let (dir, (engine, _)) = (tempfile::tempdir().unwrap(), testkit::centre().await);
    let archiving = archiving(&engine, dir.path()).await;
    submit(&engine, 3).await;
    let sealed = archiving.seal().await.unwrap();
    assert_eq!(sealed.size, engine.head().0);
    assert_eq!(archiving.status().lag, 0);

    submit(&engine, 2).await;
    let status = archiving.status();
    assert_eq!(
        (status.lag, status.head, status.failed),
        (engine.head().0 - sealed.size, Some(sealed.clone()), None)
    );
    let later = archiving.stop().await.unwrap();
    let archive = Archive::open(dir.path()).unwrap();
    assert_eq!(archive.head(), &later);
    assert_eq!(archive.heads().unwrap().last(), Some(&later.size));
    assert_eq!(SealedHead::verified(archive.note(), key().public()), Ok(later));
    assert!(
        archive
            .records(Position(sealed.size))
            .all(|record| record.is_ok())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_are_sealed_on_their_schedule_without_being_asked_for() {
    let (dir, (engine, _)) = (tempfile::tempdir().unwrap(), testkit::centre().await);
    let often = Duration::from_millis(5);
    let archiving = engine.archive_to(dir.path(), key(), often).await.unwrap();
    submit(&engine, 1).await;
    while archiving.status().lag > 0 {
        tokio::time::sleep(often).await;
    }
    assert_eq!(Archive::open(dir.path()).unwrap().end(), engine.head());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_taken_up_where_its_last_head_stands() {
    let (dir, (engine, _)) = (tempfile::tempdir().unwrap(), testkit::centre().await);
    let first = archiving(&engine, dir.path()).await.stop().await.unwrap();
    submit(&engine, 4).await;
    let second = archiving(&engine, dir.path()).await.stop().await.unwrap();
    assert!(second.size > first.size);
    assert_eq!(
        Archive::open(dir.path()).unwrap().heads().unwrap(),
        [first.size, second.size]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_of_a_longer_or_of_another_history_is_refused_and_left_alone() {
    let (dir, (engine, _)) = (tempfile::tempdir().unwrap(), testkit::centre().await);
    submit(&engine, 5).await;
    let sealed = archiving(&engine, dir.path()).await.stop().await.unwrap();

    let (shorter, _) = testkit::centre().await;
    let refused = shorter.archive_to(dir.path(), key(), NEVER).await.err();
    assert!(
        matches!(refused, Some(ArchivingError::Archive(ref error)) if matches!(**error, ArchiveError::Shorter { .. })),
        "{refused:?}"
    );
    // Commands of an engine have ids of their own, so the same work is another history.
    submit(&shorter, 9).await;
    let refused = shorter.archive_to(dir.path(), key(), NEVER).await.err();
    assert!(
        matches!(refused, Some(ArchivingError::Archive(ref error)) if matches!(**error, ArchiveError::Forked { .. })),
        "{refused:?}"
    );
    assert_eq!(Archive::open(dir.path()).unwrap().head(), &sealed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_stops_the_archive_and_not_the_engine() {
    let (dir, (engine, _)) = (tempfile::tempdir().unwrap(), testkit::centre().await);
    let archiving = archiving(&engine, dir.path()).await;
    archiving.seal().await.unwrap();
    // A file stands where a folder must be.
    std::fs::remove_dir_all(dir.path().join("tile")).unwrap();
    std::fs::write(dir.path().join("tile"), "in the way").unwrap();
    submit(&engine, 1).await;
    let failed = archiving.seal().await.unwrap_err();
    assert!(matches!(failed, ArchivingError::Archive(_)), "{failed}");
    while archiving.status().failed.is_none() {
        tokio::task::yield_now().await;
    }
    submit(&engine, 1).await;
    assert!(matches!(archiving.seal().await, Err(ArchivingError::Archive(_))));
}
