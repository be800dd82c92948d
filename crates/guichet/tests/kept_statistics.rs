//! Statistics over a restart: the same to the byte as counted anew, whatever became of the file that they were kept in.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use guichet::log::log::EventLog;
use guichet::log::memory::MemoryLog;
use guichet::stats::{AsOf, Statistics};
use guichet::{Config, Guichet, NotKept, testkit};

const ONE: NonZeroUsize = NonZeroUsize::MIN;
const THREE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

async fn submit(engine: &Guichet, cases: usize) {
    for _ in 0..cases {
        let answer = engine.submit(testkit::application()).await.unwrap();
        answer.accepted().unwrap();
    }
}

/// An engine over a log, which keeps its statistics in a folder as soon as anything is new.
async fn over(log: &Arc<dyn EventLog>, dir: &Path) -> Guichet {
    let config = Config::default().keep_statistics_in(dir).keep_statistics_every(1);
    Guichet::start(Arc::clone(log), config).await.unwrap()
}

/// A log with so many cases.
async fn log_with(cases: usize) -> Arc<dyn EventLog> {
    let (engine, _) = testkit::centre().await;
    submit(&engine, cases).await;
    Arc::clone(engine.log())
}

async fn now(engine: &Guichet, threads: NonZeroUsize) -> Statistics {
    engine.statistics(AsOf::Now, threads).await.unwrap()
}

/// Everything that statistics hold, as text.
fn written(statistics: &Statistics) -> String {
    let rows: Vec<_> = statistics.facts().rows().collect();
    let directory = statistics.facts().directory();
    format!(
        "{} {:?} {rows:?} {directory:?}",
        statistics.position(),
        statistics.cubes()
    )
}

async fn counted_anew(log: &Arc<dyn EventLog>) -> String {
    let engine = Guichet::start(Arc::clone(log), Config::default()).await.unwrap();
    written(&now(&engine, ONE).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_and_what_came_since_are_the_statistics_of_the_log_counted_anew() {
    let dir = tempfile::tempdir().unwrap();
    // More than fit into one part of the file.
    let log = log_with(1_100).await;
    now(&over(&log, dir.path()).await, THREE).await;
    let kept = fs::read(dir.path().join("kept")).unwrap();

    let engine = over(&log, dir.path()).await;
    submit(&engine, 3).await;
    let again = now(&engine, THREE).await;

    assert_eq!(engine.statistics_remark().map(|remark| remark.to_string()), None);
    assert_eq!(written(&again), counted_anew(&log).await);
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["kept"]);
    assert!(fs::read(dir.path().join("kept")).unwrap() != kept, "kept again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_changed_or_gone_is_counted_anew_with_a_remark() {
    let dir = tempfile::tempdir().unwrap();
    let log = log_with(3).await;
    let anew = counted_anew(&log).await;
    let path = dir.path().join("kept");
    now(&over(&log, dir.path()).await, ONE).await;
    let whole = fs::read(&path).unwrap();

    for end in (0..whole.len()).step_by(29) {
        let mut changed = whole.clone();
        changed[end] ^= 0x10;
        for damaged in [&whole[..end], &changed] {
            fs::write(&path, damaged).unwrap();
            let engine = over(&log, dir.path()).await;
            assert_eq!(written(&now(&engine, ONE).await), anew, "at {end}");
            let remark = engine.statistics_remark();
            assert!(
                matches!(
                    remark,
                    Some(NotKept::Damaged { .. } | NotKept::OtherBuild { .. } | NotKept::OtherLog { .. })
                ),
                "at {end}: {remark:?}"
            );
            assert_eq!(
                fs::read(&path).unwrap(),
                whole,
                "at {end}: what is counted anew is kept again"
            );
        }
    }
    fs::remove_file(&path).unwrap();
    let engine = over(&log, dir.path()).await;
    assert_eq!(written(&now(&engine, ONE).await), anew);
    assert_eq!(engine.statistics_remark().map(|remark| remark.to_string()), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_half_written_beside_the_kept_one_is_never_read() {
    let dir = tempfile::tempdir().unwrap();
    let log = log_with(2).await;
    now(&over(&log, dir.path()).await, ONE).await;
    let whole = fs::read(dir.path().join("kept")).unwrap();
    // A process that was killed while it wrote left this behind.
    fs::write(dir.path().join("kept.new"), &whole[..whole.len() / 2]).unwrap();

    let engine = over(&log, dir.path()).await;
    submit(&engine, 1).await;
    assert_eq!(written(&now(&engine, ONE).await), counted_anew(&log).await);
    assert_eq!(engine.statistics_remark().map(|remark| remark.to_string()), None);
    assert!(!dir.path().join("kept.new").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statistics_of_another_log_of_a_longer_one_or_of_another_build_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kept");
    let (one, other) = (log_with(5).await, log_with(4).await);
    now(&over(&one, dir.path()).await, ONE).await;
    let kept = fs::read(&path).unwrap();

    let engine = over(&other, dir.path()).await;
    assert_eq!(written(&now(&engine, ONE).await), counted_anew(&other).await);
    let remark = engine.statistics_remark().unwrap().to_string();
    assert!(remark.contains("of another log"), "{remark}");

    // As long as the one that was kept, and still another.
    fs::write(&path, &kept).unwrap();
    submit(&engine, 2).await;
    assert_eq!(written(&now(&engine, ONE).await), counted_anew(&other).await);
    let remark = engine.statistics_remark().unwrap().to_string();
    assert!(remark.contains("of another log"), "{remark}");

    let state = guichet::log::codec::state::KeptState::parse(kept.clone()).unwrap();
    let mut stamp = state.stamp();
    stamp.fingerprint ^= 1;
    let mut file = Vec::new();
    guichet::log::codec::state::write(&stamp, &[], &mut file).unwrap();
    fs::write(&path, file).unwrap();
    let engine = over(&one, dir.path()).await;
    assert_eq!(written(&now(&engine, ONE).await), counted_anew(&one).await);
    let remark = engine.statistics_remark().unwrap().to_string();
    assert!(remark.contains("of another build"), "{remark}");
    assert_eq!(fs::read(&path).unwrap(), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_kept_the_figures_are_the_same_and_a_remark_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let log = log_with(2).await;
    let no_folder = dir.path().join("file");
    fs::write(&no_folder, "").unwrap();
    let engine = over(&log, &no_folder).await;
    assert_eq!(written(&now(&engine, ONE).await), counted_anew(&log).await);
    let remark = engine.statistics_remark().unwrap().to_string();
    assert!(remark.contains("cannot be kept in"), "{remark}");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_statistics_go_on_from_what_was_kept_and_keep_what_they_counted() {
    let dir = tempfile::tempdir().unwrap();
    let log = log_with(2).await;
    let engine = over(&log, dir.path()).await;
    let mut live = engine.live_statistics(THREE).await.unwrap();
    let first = live.read(Statistics::position);
    submit(&engine, 3).await;
    let mut reached = first;
    while reached < engine.head() {
        reached = live.changed_since(reached).await.unwrap().position;
    }
    drop((live, engine));

    let engine = over(&log, dir.path()).await;
    let state = guichet::log::codec::state::KeptState::parse(fs::read(dir.path().join("kept")).unwrap());
    let kept_at = state.unwrap().stamp().position;
    assert!(kept_at > first, "{kept_at} after {first}");
    let live = engine.live_statistics(ONE).await.unwrap();
    assert_eq!(live.read(written), counted_anew(&log).await);
    assert_eq!(engine.statistics_remark().map(|remark| remark.to_string()), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_log_has_nothing_kept_and_an_empty_one_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::default().keep_statistics_in(dir.path());
    let engine = Guichet::start(Arc::clone(&log_with(2).await), config)
        .await
        .unwrap();
    now(&engine, ONE).await;
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    let empty: Arc<dyn EventLog> = Arc::new(MemoryLog::default());
    assert_eq!(
        written(&now(&over(&empty, dir.path()).await, ONE).await),
        counted_anew(&empty).await
    );
}
