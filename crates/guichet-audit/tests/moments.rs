//! What the tool tells of a case, as of any moment, for people in both languages and for programs.

mod stories;

use std::fmt::Write as _;
use std::fs;

use guichet_audit::as_of::Moment;
use guichet_audit::source::Seen;
use guichet_core::id::CaseId;
use serde_json::{Value, json};
use stories::{Centre, assert_fits, audit, in_memory, stamps, told};

/// What was typed in within nine minutes on 20 August, of a fortnight before.
const LATE: &str = "late-back-entry";

#[test]
fn every_command_explains_itself() {
    let mut text = String::new();
    for arguments in [
        &["--help"][..],
        &["timeline", "--help"],
        &["show", "--help"],
        &["explain", "--help"],
        &["version", "--help"],
    ] {
        let output = audit(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let help = String::from_utf8(output.stdout).unwrap();
        writeln!(text, "$ guichet-audit {}\n{help}", arguments.join(" ")).unwrap();
    }
    insta::assert_snapshot!("help", text);
}

#[test]
fn a_history_is_told_as_it_was_known_then() {
    let centre = Centre::with(LATE);
    insta::assert_snapshot!(
        "timeline",
        centre.in_all_forms(&["timeline", LATE, "--as-of", "2010-08-20T16:01"])
    );
    let events = |moment| {
        let told = centre.json(&["timeline", LATE, "--as-of", moment]);
        assert_fits("case-timeline.v1.schema.json", &told);
        told["events"].as_array().unwrap().len()
    };
    // What had happened by the 12th is known now, though nothing of it was taken before the 20th.
    let by_the_twelfth = events("2010-08-12");
    assert!(by_the_twelfth > 8, "{by_the_twelfth}");
    let all = events("now");
    assert!(by_the_twelfth < all);
    let last = centre.json(&["timeline", LATE]);
    let position = &last["events"].as_array().unwrap().last().unwrap()["position"];
    assert_eq!(events(&format!("position:{position}")), all - 1);
}

#[test]
fn a_case_of_which_nothing_was_known_is_told_so() {
    let centre = Centre::with(LATE);
    let mut text = String::new();
    for lang in ["en", "zh"] {
        let output = centre.call(&["show", LATE, "--as-of", "2010-08-19T10:00", "--lang", lang]);
        text.push_str(&told(&output, centre.dir.path()));
    }
    let unknown = centre.call(&["show", "nobody"]);
    text.push_str(&told(&unknown, centre.dir.path()));
    insta::assert_snapshot!("not_yet", text);
}

#[test]
fn a_case_is_shown_and_its_date_explained_as_of_a_moment() {
    let centre = Centre::with("calendar-amended");
    let case = "calendar-amended";
    insta::assert_snapshot!(
        "show",
        centre.in_all_forms(&["show", case, "--as-of", "2010-03-08T10:00"])
    );
    insta::assert_snapshot!(
        "explain",
        centre.in_all_forms(&[
            "explain",
            case,
            "promised",
            "--brief",
            "--as-of",
            "2010-03-08T10:00"
        ])
    );
    assert_fits("case.v1.schema.json", &centre.json(&["show", case]));
    let due = |moment| {
        let sheet = centre.json(&["explain", case, "promised", "--as-of", moment]);
        assert_fits("explanation.v1.schema.json", &sheet);
        sheet["clocks"][0]["due_on"].clone()
    };
    // The day was declared to be off on 5 March in the afternoon: a day more.
    assert_eq!(due("2010-03-05T16:00"), "2010-03-22");
    assert_eq!(due("2010-03-05T17:00"), "2010-03-23");
}

#[test]
fn the_difference_between_two_moments_names_the_event_that_made_it() {
    let centre = Centre::with(LATE);
    let asked = ["timeline", LATE, "--diff", "2010-08-20T16:01", "2010-08-20T16:03"];
    insta::assert_snapshot!("difference", centre.in_all_forms(&asked));
    let difference = centre.json(&asked);
    assert_fits("case-difference.v1.schema.json", &difference);
    let field = |name: &str| {
        let fields = difference["fields"].as_array().unwrap().iter();
        fields
            .clone()
            .find(|field| field["field"] == name)
            .cloned()
            .unwrap_or_default()
    };
    let changed = field("steps.intake.status");
    assert_eq!(
        (&changed["before"], &changed["after"]),
        (&json!("open"), &json!("done"))
    );
    assert_eq!(changed["because"], "events");
    assert_eq!(changed["changed_by"][0]["kind"], "case.step_opinion_given");
    assert_eq!(field("promised_due_on"), Value::Null, "nothing moved it");
}

#[test]
fn a_date_that_moved_with_the_calendar_is_laid_to_the_calendar() {
    let centre = Centre::with("calendar-amended");
    let asked = [
        "timeline",
        "calendar-amended",
        "--diff",
        "2010-03-05T16:00",
        "2010-03-05T17:00",
    ];
    insta::assert_snapshot!("difference_of_the_calendar", centre.in_all_forms(&asked));
    let difference = centre.json(&asked);
    assert_fits("case-difference.v1.schema.json", &difference);
    assert_eq!(difference["added"], json!([]));
    assert_eq!(difference["published"][0]["kind"], "reference.calendar_published");
    let clocks = difference["clocks"].as_array().unwrap();
    let promised = clocks.iter().find(|clock| clock["clock"] == "promised").unwrap();
    assert_eq!(promised["because"], "published");
    assert_eq!(promised["before"]["due_on"], "2010-03-22");
    assert_eq!(promised["after"]["due_on"], "2010-03-23");
}

#[test]
fn what_differs_backwards_is_taken_away_and_two_equal_moments_differ_in_nothing() {
    let centre = Centre::with(LATE);
    let back = centre.json(&["timeline", LATE, "--diff", "now", "2010-08-20T16:01"]);
    assert_fits("case-difference.v1.schema.json", &back);
    assert_eq!(back["added"], json!([]));
    assert!(!back["taken_away"].as_array().unwrap().is_empty());
    let because = back["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["because"].clone());
    assert!(because.clone().any(|because| because == "taken_away"));
    assert!(!because.into_iter().any(|because| because == "events"));
    let none = centre.json(&["timeline", LATE, "--diff", "now", "now"]);
    assert_eq!((&none["fields"], &none["clocks"]), (&json!([]), &json!([])));
    insta::assert_snapshot!(
        "no_difference",
        centre.in_all_forms(&["timeline", LATE, "--diff", "now", "now"])
    );
}

#[test]
fn the_hands_that_a_case_went_through_are_told_day_by_day() {
    let centre = Centre::with("transfer-ping-pong");
    let asked = ["timeline", "transfer-ping-pong", "--held"];
    insta::assert_snapshot!("held", centre.in_all_forms(&asked));
    let held = centre.json(&asked);
    assert_fits("case-held.v1.schema.json", &held);
    let stays = held["stays"].as_array().unwrap();
    // No gap, and no moment with two holders.
    for two in stays.windows(2) {
        assert_eq!(two[0]["until"], two[1]["from"]);
        assert_ne!(two[0]["until"], two[0]["from"]);
    }
    let seconds: i64 = held["windows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| sum["seconds"].as_i64().unwrap())
        .sum();
    // From 19 April at nine to 27 April at 9:35.
    assert_eq!(seconds, 8 * 86_400 + 35 * 60);
    let fire = held["windows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|sum| sum["window"] == "w11")
        .unwrap();
    // Signed for on 20 and 22 April and sent back in between; what came back unsigned never lay there.
    assert_eq!(fire["times"], 2);
    assert_eq!(fire["days"], 4);
    let fire = stays.iter().filter(|stay| stay["window"] == "w11");
    assert!(fire.clone().count() > 0 && fire.into_iter().all(|stay| stay["received_by"] == "s23"));
}

#[test]
fn a_case_that_is_held_still_is_counted_to_the_moment_asked_about() {
    let centre = Centre::with("transfer-ping-pong");
    let held = centre.json(&[
        "timeline",
        "transfer-ping-pong",
        "--held",
        "--as-of",
        "2010-04-20T12:00",
    ]);
    assert_fits("case-held.v1.schema.json", &held);
    let last = held["stays"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["until"], &last["window"], &last["until_on"]),
        (&Value::Null, &json!("w11"), &json!("2010-04-20"))
    );
    let fire = held["windows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|sum| sum["window"] == "w11")
        .unwrap();
    assert_eq!(fire["seconds"], 2 * 3_600);
}

#[test]
fn an_archive_a_closed_database_and_records_in_memory_tell_the_same() {
    let centre = Centre::with(LATE);
    let before = stamps(&centre.data());
    for arguments in [
        &["timeline", LATE][..],
        &["timeline", LATE, "--held"],
        &["timeline", LATE, "--diff", "2010-08-12", "now"],
        &["show", LATE],
        &["explain", LATE, "all"],
    ] {
        let archive = centre.call(arguments);
        let database = audit(arguments)
            .arg("--data")
            .arg(centre.data())
            .output()
            .unwrap();
        assert_eq!(
            told(&archive, centre.dir.path()),
            told(&database, centre.dir.path())
        );
    }
    assert_eq!(
        stamps(&centre.data()),
        before,
        "what is looked into is never written to"
    );
    let memory = in_memory(LATE);
    let seen = Seen::read(&memory, &CaseId::new(LATE).unwrap()).unwrap();
    let told = centre.json(&["timeline", LATE]);
    let known = seen.known(Moment::Now).unwrap();
    assert_eq!(known.records().len(), told["events"].as_array().unwrap().len());
    assert_eq!(
        json!(known.day.to_string()),
        centre.json(&["show", LATE])["as_of"]
    );
}

#[test]
fn a_log_that_is_not_there_or_damaged_is_told_with_its_exit_code() {
    let centre = Centre::with(LATE);
    let nowhere = centre.dir.path().join("nowhere");
    let mut text = String::new();
    let mut tell = |what: &str, output: &std::process::Output| {
        write!(text, "# {what}\n{}", told(output, centre.dir.path())).unwrap();
    };
    tell("no log", &audit(&["show", LATE]).output().unwrap());
    tell(
        "no archive",
        &audit(&["show", LATE, "--archive"])
            .arg(&nowhere)
            .output()
            .unwrap(),
    );
    tell(
        "no database",
        &audit(&["show", LATE, "--data"]).arg(&nowhere).output().unwrap(),
    );
    tell("no moment", &centre.call(&["show", LATE, "--as-of", "soon"]));
    let bundle = centre.archive().join("tile/entries/000");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[300] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    tell("a flipped bit", &centre.call(&["show", LATE]));
    fs::remove_file(&bundle).unwrap();
    tell("a file that is gone", &centre.call(&["show", LATE]));
    insta::assert_snapshot!("not_to_be_had", text);
}

#[test]
fn a_write_that_was_cut_off_is_told_and_never_believed() {
    let centre = Centre::with(LATE);
    let whole = audit(&["timeline", LATE, "--json", "--data"])
        .arg(centre.data())
        .output()
        .unwrap();
    let mut journals: Vec<_> = fs::read_dir(centre.data().join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "journal"))
        .collect();
    journals.sort();
    let journal = journals.last().unwrap();
    let mut bytes = fs::read(journal).unwrap();
    // The mark of an orderly end stands last; damaged, it reads like a frame that was cut off.
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[end] ^= 1;
    fs::write(journal, bytes).unwrap();
    let torn = audit(&["timeline", LATE, "--quiet", "--json", "--data"])
        .arg(centre.data())
        .output()
        .unwrap();
    let said = String::from_utf8(torn.stderr).unwrap();
    assert!(said.contains("was left out"), "{said}");
    assert_eq!(torn.status.code(), Some(0));
    assert_eq!(torn.stdout, whole.stdout, "what was acknowledged is there");
    assert!(!centre.data().join("cut").exists());
}

#[test]
fn an_archive_is_named_by_the_environment_too() {
    let centre = Centre::with(LATE);
    let named = audit(&["timeline", LATE])
        .env("GUICHET_ARCHIVE", centre.archive())
        .output()
        .unwrap();
    assert_eq!(named.stdout, centre.call(&["timeline", LATE]).stdout);
    let completions = audit(&["completions", "bash"]).output().unwrap();
    assert!(
        String::from_utf8(completions.stdout)
            .unwrap()
            .contains("guichet-audit")
    );
    let version: Value =
        serde_json::from_slice(&audit(&["version", "--json"]).output().unwrap().stdout).unwrap();
    assert_eq!(version["guichet"], env!("CARGO_PKG_VERSION"));
}
