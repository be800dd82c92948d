//! Both questions on the command line, of a centre's archive.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod archived;

use archived::Archived;
use assert_cmd::Command;
use guichet_audit::source::{Source, archive};
use guichet_core::id::Position;
use serde_json::Value;

/// What a command answers: its exit code, and its JSON.
fn answer(archived: &Archived, arguments: &[&str]) -> (Option<i32>, Value) {
    let mut command = Command::cargo_bin("guichet-audit").unwrap();
    command
        .args(arguments)
        .arg("--archive")
        .arg(archived.path())
        .arg("--json");
    let output = command.output().unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), json)
}

#[test]
fn an_archive_is_counted_again_and_asked_what_would_have_been() {
    let archived = Archived::of(6);
    let (code, counted) = answer(
        &archived,
        &[
            "recompute",
            "--figure",
            "received",
            "--over",
            "2000-01-01..2100-01-01",
        ],
    );
    let row = counted.pointer("/rows/0/now/second/value");
    assert_eq!((code, row.and_then(Value::as_str)), (Some(0), Some("6")));

    let (code, supposed) = answer(&archived, &["what-if", "--without", "window=W1"]);
    assert_eq!(
        (code, supposed.pointer("/version").and_then(Value::as_u64)),
        (Some(0), Some(1))
    );
    let (code, _) = answer(&archived, &["what-if", "--term", "passport=5wd"]);
    assert_eq!(code, Some(2));
    let (code, _) = answer(&archived, &["what-if", "--switch", "colour=red"]);
    assert_eq!(code, Some(2));
}

#[test]
fn an_archive_tells_its_root_at_any_position_up_to_its_end() {
    let archived = Archived::of(6);
    let archive = archive::open(archived.path()).unwrap();
    let end = archive.end();
    assert_eq!(Source::root(&archive, end), Some(archive.head().root.to_string()));
    assert!(Source::root(&archive, Position(1)).is_some_and(|root| root != archive.head().root.to_string()));
    assert_eq!(Source::root(&archive, end.next()), None);
}
