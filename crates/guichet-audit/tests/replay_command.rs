//! What `guichet-audit replay` tells without a terminal: a picture for people, documents for programs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod stories;

use serde_json::Value;
use stories::{Centre, assert_fits, audit, in_memory, stamps, told};

const STORY: &str = "national-day-suspensions";

fn lines(centre: &Centre, arguments: &[&str]) -> Vec<Value> {
    let output = centre.call(&[&["replay", "--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_moment_is_told_to_people_and_to_programs() {
    let centre = Centre::with(STORY);
    let before = stamps(&centre.archive());
    let board = centre.json(&["replay", "--at", "2010-10-10"]);
    assert_fits("replay.v1.schema.json", &board);
    assert_eq!(board["day"], "2010-10-10");
    let totals = &board["totals"];
    let count = |name: &str| totals[name].as_u64().unwrap();
    assert_eq!(
        count("received"),
        count("in_hand") + count("waiting") + count("done")
    );
    for lang in ["en", "zh"] {
        let picture = centre.call(&["replay", "--at", "2010-10-10", "--lang", lang]);
        insta::assert_snapshot!(format!("picture_{lang}"), told(&picture, centre.dir.path()));
    }
    assert_eq!(
        stamps(&centre.archive()),
        before,
        "nothing is written to what is looked into"
    );
}

#[test]
fn between_two_moments_every_event_or_the_board_of_each_day_is_told() {
    let centre = Centre::with(STORY);
    let end = centre.json(&["replay"])["end"].as_u64().unwrap();
    let events = lines(&centre, &["--from", "position:0"]);
    assert_eq!(events.len() as u64, end);
    for (at, event) in events.iter().enumerate() {
        assert_fits("replay.v1.schema.json", event);
        assert_eq!(event["at"], at as u64);
    }
    let days = lines(&centre, &["--from", "position:0", "--every", "day"]);
    let hundreds = lines(&centre, &["--from", "position:0", "--every", "100"]);
    for boards in [&days, &hundreds] {
        for board in boards {
            assert_fits("replay.v1.schema.json", board);
        }
        assert_eq!(boards.last().unwrap()["at"], end);
    }
    assert_eq!(hundreds.len() as u64, end.div_ceil(100) + 1);
    assert!(
        days.windows(2)
            .all(|pair| pair[0]["day"].as_str() < pair[1]["day"].as_str())
    );
}

#[test]
fn the_same_moment_is_the_same_bytes_in_any_order_of_asking_and_the_boards_are_checked() {
    let centre = Centre::with(STORY);
    let once = centre.call(&["replay", "--json", "--at", "2010-10-10"]).stdout;
    let again = centre
        .call(&["replay", "--json", "--at", "2010-10-10", "--check"])
        .stdout;
    assert_eq!(once, again);
    let occurred = centre.json(&["replay", "--order", "occurred", "--at", "2010-10-10"]);
    assert_eq!(occurred["order"], "occurred");
    assert_fits("replay.v1.schema.json", &occurred);
}

#[test]
fn what_is_typed_wrongly_is_named() {
    let output = audit(&["replay", "--archive", "nowhere", "--every", "0", "--from", "now"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let log = in_memory(STORY);
    assert!(guichet_audit::source::Source::end(&log).0 > 0);
}
