//! The demo centre's year: the same from the same seed, without a command refused that no story wants refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of tests fails them as a test does"
)]

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use guichet_cli::archive::AlsoArchive;
use guichet_cli::context::{Context, Exit};
use guichet_cli::demo::{DemoArgs, run};
use guichet_core::id::{CaseId, Position, Revision, StreamId};
use guichet_core::time::date;
use guichet_log::log::{EventLog, READ_RECORDS_MAX};
use guichet_log::merkle::{Frontier, Hash};
use guichet_sled::{Options, SledLog};
use serde_json::Value;
use tempfile::TempDir;

const CASES: u64 = 300;

fn args(dir: &Path, seed: u64) -> DemoArgs {
    DemoArgs {
        headless: true,
        speed: 0.0,
        from: date(2010, 6, 7),
        listen: ([127, 0, 0, 1], 0).into(),
        cases: CASES,
        seed,
        data: Some(dir.to_owned()),
        archive: AlsoArchive::default(),
    }
}

fn quiet() -> Context {
    Context {
        json: true,
        quiet: true,
        ..Context::default()
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// A year from a seed, in a folder that is removed afterwards.
fn year(seed: u64) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let exit = block_on(run(&args(dir.path(), seed), &quiet())).unwrap();
    assert_eq!(exit, Exit::Ok);
    dir
}

/// One year that several tests look at.
fn shared() -> &'static Path {
    static YEAR: OnceLock<TempDir> = OnceLock::new();
    YEAR.get_or_init(|| year(2_010)).path()
}

fn summary(dir: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(dir.join("guichet-demo.json")).unwrap()).unwrap()
}

/// The leaf hash of every record, and the tree over all of them as the last block has it.
async fn hashes(dir: &Path) -> (Vec<Hash>, Frontier) {
    let log = SledLog::open(dir, Options::default()).unwrap();
    let (mut hashes, mut next) = (Vec::new(), Position::START);
    while next < log.head() {
        for record in log.read_all(next, READ_RECORDS_MAX).await.unwrap() {
            assert_eq!(record.position, next);
            hashes.push(record.leaf_hash());
            next = next.next();
        }
    }
    let last = Position(log.head().0 - 1);
    let blocks = log.read_blocks(last, 1).await.unwrap();
    let tree = blocks.last().unwrap().frontier().clone();
    log.close().await.unwrap();
    (hashes, tree)
}

#[test]
fn the_same_seed_writes_the_same_log() {
    let again = year(2_010);
    block_on(async {
        let (first, first_tree) = hashes(shared_copy().path()).await;
        let (second, second_tree) = hashes(again.path()).await;
        assert!(first.len() > 3_000, "{}", first.len());
        assert_eq!(first, second);
        assert_eq!(first_tree, second_tree);
    });
}

/// The shared year in a folder of its own: a log is open once at a time.
fn shared_copy() -> TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &to.join(entry.file_name()));
            } else {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    copy(shared(), dir.path());
    dir
}

#[test]
fn nothing_is_refused_but_what_the_stories_want() {
    let summary = summary(shared());
    assert_eq!(summary["refused"], 0);
    assert_eq!(summary["refused_as_told"], 4);
    assert_eq!(summary["cases"], CASES);
}

#[test]
fn a_year_has_what_a_centre_meets() {
    let summary = summary(shared());
    let count = |group: &str, name: &str| summary[group][name].as_u64().unwrap_or(0);
    for kind in [
        "correction_requested",
        "transferred",
        "parallel_opened",
        "special_procedure_started",
        "fee_paid",
    ] {
        assert!(count("others", &format!("case.{kind}")) > 0, "{kind}");
    }
    assert!(count("lapses", "case.acceptance_deemed") > 0);
    assert!(count("decisions", "early") > count("decisions", "overdue") * 10);
    assert!(count("outcomes", "granted") > 200);
    assert!(summary["completed"].as_u64() > Some(CASES * 8 / 10));
}

#[test]
fn every_story_is_in_the_log_as_its_fixture_has_it() {
    let dir = shared_copy();
    let summary = summary(dir.path());
    let stories = summary["stories"].as_array().unwrap();
    assert_eq!(stories.len(), 18);
    block_on(async {
        let log = SledLog::open(dir.path(), Options::default()).unwrap();
        for story in stories {
            let name = story["story"].as_str().unwrap();
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../replay-fixtures")
                .join(name);
            let fixture = fs::read_to_string(path.join("events.jsonl")).unwrap();
            let fixture: Vec<Value> = fixture
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            for case in story["cases"].as_array().unwrap() {
                let stream = StreamId::of_case(&CaseId::new(case.as_str().unwrap()).unwrap());
                let records = log
                    .read_stream(&stream, Revision::START, READ_RECORDS_MAX)
                    .await
                    .unwrap();
                let found: Vec<&str> = records.iter().map(|record| record.kind.as_str()).collect();
                let expected = fixture.iter().filter(|line| line["stream"] == *stream.as_str());
                let expected: Vec<&str> = expected.map(|line| line["kind"].as_str().unwrap()).collect();
                assert_eq!(found, expected, "{name}");
            }
        }
        log.close().await.unwrap();
    });
}

#[test]
fn a_finished_demo_is_not_run_again_and_another_log_is_left_alone() {
    let dir = shared_copy();
    let before = fs::read(dir.path().join("guichet-demo.json")).unwrap();
    let again = block_on(run(&args(dir.path(), 2_010), &quiet())).unwrap();
    assert_eq!(again, Exit::Ok);
    let other = block_on(run(&args(dir.path(), 2_011), &quiet())).unwrap_err();
    assert_eq!((other.code, other.error), (5, "demo_folder"));
    assert_eq!(fs::read(dir.path().join("guichet-demo.json")).unwrap(), before);
}
