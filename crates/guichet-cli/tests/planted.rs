//! What the demo did on purpose against what the audit tool finds: the demo knows what it planted, the tool does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests fails them as a test does"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use guichet_audit::findings::{RuleId, Rules, find};
use guichet_cli::archive::AlsoArchive;
use guichet_cli::context::{Context, Exit};
use guichet_cli::demo::{DemoArgs, run};
use guichet_core::id::Position;
use guichet_log::log::{EventLog, READ_RECORDS_MAX};
use guichet_log::projection::Recorded;
use guichet_sled::{Options, SledLog};
use guichet_stats::AsOf;
use serde_json::Value;

/// A rule and what its finding is about, with how often and in what words.
type Named = BTreeMap<(RuleId, String), Vec<String>>;

/// The year of a seed: what the demo planted, and what the rules find in its log.
fn year(cases: u64, seed: u64) -> (Named, Named) {
    let dir = tempfile::tempdir().unwrap();
    let args = DemoArgs {
        headless: true,
        speed: 0.0,
        from: guichet_core::time::date(2010, 6, 7),
        listen: ([127, 0, 0, 1], 0).into(),
        cases,
        seed,
        data: Some(dir.path().to_owned()),
        archive: AlsoArchive::default(),
    };
    let context = Context {
        json: true,
        quiet: true,
        ..Context::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    assert_eq!(runtime.block_on(run(&args, &context)).unwrap(), Exit::Ok);
    (planted(dir.path()), runtime.block_on(found(dir.path())))
}

fn planted(dir: &Path) -> Named {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/demo-planted.v1.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut planted = Named::new();
    for line in fs::read_to_string(dir.join("planted.jsonl")).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(schema.is_valid(&line), "{line}");
        let rule = line["rule"].as_str().unwrap().parse().unwrap();
        let done = line["en"].as_str().unwrap().to_owned();
        planted
            .entry((rule, line["subject"].to_string()))
            .or_default()
            .push(done);
    }
    planted
}

async fn found(dir: &Path) -> Named {
    let log = SledLog::open(dir, Options::default()).unwrap();
    let (mut records, mut next) = (Vec::new(), Position::START);
    while next < log.head() {
        let page = log.read_all(next, READ_RECORDS_MAX).await.unwrap();
        next = next.plus(page.len() as u64);
        records.extend(page.into_iter().map(Recorded::of_record));
    }
    log.close().await.unwrap();
    let found = find(records, Rules::default(), AsOf::Now, NonZeroUsize::MIN).unwrap();
    let mut named = Named::new();
    for finding in &found.findings {
        let subject = serde_json::to_value(&finding.subject).unwrap().to_string();
        let facts = format!("{:?}", finding.facts);
        named.entry((finding.rule, subject)).or_default().push(facts);
    }
    named
}

/// What stands on one side more often than on the other.
fn difference(ours: &Named, theirs: &Named) -> String {
    let mut text = String::new();
    for ((rule, subject), whys) in ours {
        let other = theirs.get(&(*rule, subject.clone())).map_or(0, Vec::len);
        if whys.len() > other {
            let _ = writeln!(
                text,
                "  {rule} {subject}: {} against {other}: {whys:?}",
                whys.len()
            );
        }
    }
    text
}

fn finds_what_was_planted(cases: u64, seed: u64) {
    let (planted, found) = year(cases, seed);
    let (missed, unplanted) = (difference(&planted, &found), difference(&found, &planted));
    assert!(
        missed.is_empty() && unplanted.is_empty(),
        "seed {seed}\nplanted and not found:\n{missed}\nfound and not planted:\n{unplanted}"
    );
    for rule in RuleId::ALL {
        assert!(
            planted.keys().any(|(known, _)| known == rule),
            "nothing was planted for {rule}"
        );
    }
    // Who is late means to be: nothing of the year is late for a queue.
    let accidents: Vec<_> = planted
        .values()
        .flatten()
        .filter(|why| why.contains("the queue"))
        .collect();
    assert!(accidents.is_empty(), "seed {seed}: {accidents:?}");
}

#[test]
fn the_findings_of_a_demo_year_are_what_it_planted() {
    finds_what_was_planted(600, 2_010);
}

#[test]
fn the_findings_of_a_small_demo_are_what_it_planted_whatever_the_seed() {
    for seed in [1, 7, 99] {
        finds_what_was_planted(150, seed);
    }
}
