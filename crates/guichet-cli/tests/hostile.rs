//! What must not go well: bad lines, bad calls, bad folders. Each has its error text in a snapshot.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::{Centre, assert_fits, command, guichet, told};
use serde_json::{Value, json};

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one hostile line after the other, each with its name"
)]
fn a_bad_line_gets_its_reason_and_the_rest_goes_on() {
    let centre = Centre::open();
    let good = |id: &str| {
        command(
            id,
            &format!("2010-{id}"),
            "clerk",
            &json!({"submit": {"procedure": "food-service", "applicant": "a"}}),
        )
    };
    let with = |field: &str, value: Value| {
        let mut line: Value = serde_json::from_str(&good("x")).unwrap();
        line[field] = value;
        line.to_string().into_bytes()
    };
    let asking = |ask: Value| with("command", ask);
    let mut deep = "[".repeat(200);
    deep.push_str(&"]".repeat(200));
    let lines: Vec<(&str, Vec<u8>)> = vec![
        ("text", b"hello".to_vec()),
        ("half an object", br#"{"id": "c-1", "case""#.to_vec()),
        ("two objects", [good("x"), good("y")].concat().into_bytes()),
        ("an array", b"[1, 2]".to_vec()),
        ("a number", b"17".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("a NUL", b"\0\0\0".to_vec()),
        ("a NUL in a text", with("case", json!("a\u{0}b"))),
        ("not UTF-8", b"{\"id\": \"\xff\xfe\"}".to_vec()),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf".as_slice(), good("x").as_bytes()].concat(),
        ),
        ("a lone surrogate", br#"{"id": "\ud800"}"#.to_vec()),
        ("too deep", deep.into_bytes()),
        (
            "too long",
            vec![b' '; 2 * 1024 * 1024 + 2].into_iter().chain(*b"x").collect(),
        ),
        ("no id", br#"{"case": "2010-1"}"#.to_vec()),
        ("an empty id", with("id", json!(""))),
        ("an id with a line break", with("id", json!("a\nb"))),
        ("an id that is too long", with("id", json!("x".repeat(129)))),
        ("a number for a case", with("case", json!(17))),
        ("an unknown field", with("urgent", json!(true))),
        ("the same field twice", br#"{"id": "a", "id": "b"}"#.to_vec()),
        (
            "an unknown role",
            with("actor", json!({"person": "s09", "role": "emperor"})),
        ),
        ("an unknown command", asking(json!({"teleport": {}}))),
        ("two commands", asking(json!({"accept": {}, "resume": {}}))),
        ("a command without its fields", asking(json!({"submit": {}}))),
        (
            "a command with a field too many",
            asking(json!({"resume": {"at": "once"}})),
        ),
        (
            "a negative amount",
            asking(json!({"pay_fee": {"fee": "f", "amount_fen": -1, "bank_reference": "b"}})),
        ),
        (
            "an amount that is too large",
            asking(json!({"pay_fee": {"fee": "f", "amount_fen": 1e300, "bank_reference": "b"}})),
        ),
        ("a day that is none", with("effective_on", json!("2010-02-30"))),
        ("an instant that is none", with("occurred_at", json!("yesterday"))),
        (
            "a term that is none",
            asking(json!({"request_extension": {"by": "ten days", "reason": "r"}})),
        ),
        (
            "a fact that is none",
            asking(
                json!({"submit": {"procedure": "food-service", "applicant": "a", "facts": {"area": 1.5}}}),
            ),
        ),
        ("a revision below 0", with("expected", json!(-1))),
        (
            "an unknown procedure",
            asking(json!({"submit": {"procedure": "teleport", "applicant": "a"}})),
        ),
        (
            "an unknown person",
            with(
                "actor",
                json!({"person": "nobody", "role": "clerk", "window": "w05"}),
            ),
        ),
        (
            "an unknown window",
            with(
                "actor",
                json!({"person": "s09", "role": "clerk", "window": "w99"}),
            ),
        ),
        ("a day in the future", with("effective_on", json!("2011-01-01"))),
        (
            "a text that is too long",
            asking(json!({"withdraw": {"reason": "x".repeat(70_000)}})),
        ),
    ];
    let mut input = Vec::new();
    for (_, line) in &lines {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    // The last one has no end of line, and is taken all the same.
    input.extend_from_slice(good("last").as_bytes());
    let output = centre
        .command(&["run", "--now", common::MONDAY])
        .write_stdin(input)
        .output()
        .unwrap();
    let answers: Vec<_> = String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(answers.len(), lines.len() + 1);
    let mut text = String::new();
    for ((what, _), answer) in lines.iter().zip(&answers) {
        assert_fits("answer.v1.schema.json", &serde_json::from_str(answer).unwrap());
        assert!(!answer.contains(r#""status":"accepted""#), "{what}: {answer}");
        writeln!(text, "{what}\n  {answer}").unwrap();
    }
    assert!(answers.last().unwrap().contains(r#""status":"accepted""#));
    insta::assert_snapshot!("bad_lines", text);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("bad_lines_remark", String::from_utf8(output.stderr).unwrap());
    // Nothing of them is in the log.
    let stats = common::parsed(&centre.call(&["stats", "--json"]));
    assert_eq!((&stats["cases"], &stats["events"]), (&json!(1), &json!(1)));
}

#[test]
fn a_bad_call_says_what_can_be_typed() {
    let mut text = String::new();
    for arguments in [
        &["teleport"][..],
        &["run"],
        &["run", "--data"],
        &["case", "list", "--data", "/nowhere", "--stage", "limbo"],
        &["case", "list", "--data", "/nowhere", "--limit", "-1"],
        &["case", "show", "--data", "/nowhere"],
        &["case", "show", "a\nb", "--data", "/nowhere"],
        &["export", "--data", "/nowhere", "--format", "xml"],
        &["export", "--data", "/nowhere", "--from", "first"],
        &["stats", "--data", "/nowhere", "--lang", "fr"],
        &["catalogue", "diagram", "harbin-2010"],
        &["catalogue", "diagram", "harbin-2010", "teleport"],
        &["catalogue", "diagram", "harbin-2010", "senior-card@9"],
        &["catalogue", "guide", "harbin-2010"],
        &["catalogue", "check", "atlantis"],
        &["catalogue", "check", "./atlantis"],
        &[
            "catalogue",
            "publish",
            "harbin-2010",
            "--data",
            "/nowhere",
            "--by",
            "",
        ],
        &["doctor", "--full"],
        &["completions", "tcsh"],
    ] {
        let output = guichet(arguments).output().unwrap();
        assert!(output.stdout.is_empty(), "{arguments:?}");
        writeln!(
            text,
            "$ guichet {}\n{}",
            arguments.join(" "),
            told(&output, Path::new("/nowhere/at/all"))
        )
        .unwrap();
    }
    insta::assert_snapshot!("bad_calls", text);
}

/// What several commands say about a folder, in both languages and in JSON.
fn about(centre: &Centre) -> String {
    centre.says_all(&[
        &["stats", "--lang", "en"],
        &["stats", "--lang", "zh"],
        &["stats", "--json"],
        &["run", "--lang", "en"],
        &[
            "catalogue",
            "publish",
            "harbin-2010",
            "--by",
            "s40",
            "--lang",
            "en",
        ],
    ])
}

#[test]
fn a_folder_that_is_not_there_is_not_made_by_looking() {
    let centre = Centre {
        dir: tempfile::TempDir::new().unwrap(),
    };
    let missing = centre.path().join("missing");
    let output = guichet(&["case", "list", "--data"])
        .arg(&missing)
        .output()
        .unwrap();
    insta::assert_snapshot!("missing_folder", told(&output, centre.path()));
    assert!(!missing.exists());
    insta::assert_snapshot!("empty_folder", centre.says(&["case", "list", "--lang", "zh"]));
    assert_eq!(fs::read_dir(centre.path()).unwrap().count(), 0);
    insta::assert_snapshot!("empty_folder_doctor", of_the_data(&centre.says(&["doctor"])));
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let centre = Centre {
        dir: tempfile::TempDir::new().unwrap(),
    };
    fs::write(centre.path().join("notes.txt"), "mine").unwrap();
    insta::assert_snapshot!("foreign_folder", about(&centre));
    assert_eq!(fs::read_dir(centre.path()).unwrap().count(), 1);

    // A folder of somebody who keeps a journal.
    fs::create_dir(centre.path().join("journal")).unwrap();
    fs::write(centre.path().join("journal/monday.md"), "rain").unwrap();
    insta::assert_snapshot!("foreign_journal", about(&centre));
    assert_eq!(
        fs::read_to_string(centre.path().join("journal/monday.md")).unwrap(),
        "rain"
    );

    let file = centre.path().join("notes.txt");
    let output = guichet(&["stats", "--data"]).arg(&file).output().unwrap();
    insta::assert_snapshot!("no_folder", told(&output, centre.path()));
}

#[test]
fn a_folder_that_another_process_has_open_is_refused() {
    let centre = Centre::open();
    let mut other = std::process::Command::new(assert_cmd::cargo::cargo_bin!("guichet"))
        .args(["run", "--data"])
        .arg(centre.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = other.stdin.take().unwrap();
    // Its answer shows that it has the folder open.
    writeln!(input, "?").unwrap();
    let mut answer = String::new();
    BufReader::new(other.stdout.take().unwrap())
        .read_line(&mut answer)
        .unwrap();
    let told = about(&centre);
    drop(input);
    other.wait().unwrap();
    insta::assert_snapshot!("locked", told);
}

fn journal(centre: &Centre) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(centre.path().join("journal"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files.pop().unwrap()
}

/// Changes the journal's bytes.
fn change(centre: &Centre, change: impl FnOnce(&mut Vec<u8>)) {
    let path = journal(centre);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_log_is_not_opened_and_the_doctor_says_so() {
    let centre = Centre::with_cases();
    // In the first frame: whole frames follow it, so this is no write that was interrupted.
    change(&centre, |bytes| bytes[3_000] ^= 0x40);
    insta::assert_snapshot!("damaged", about(&centre));
    let doctor = centre.call(&["doctor", "--full"]);
    assert_eq!(doctor.status.code(), Some(4));
    insta::assert_snapshot!("damaged_doctor", of_the_data(&told(&doctor, centre.path())));
}

/// What the doctor says of the data: the build, the machine and its hour are left out.
fn of_the_data(doctor: &str) -> String {
    let of_the_machine = ["version ", "open files ", "room ", "clock ", "address "];
    let lines = doctor.lines().filter(|line| {
        let name = line.get(8..).unwrap_or_default();
        !of_the_machine.iter().any(|other| name.starts_with(other))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_log_of_a_newer_build_is_left_to_it() {
    let centre = Centre::open();
    change(&centre, |bytes| {
        bytes[4] = 9;
        let sum = crc32c::crc32c(&bytes[..24]);
        bytes[24..28].copy_from_slice(&sum.to_le_bytes());
    });
    insta::assert_snapshot!("newer_format", about(&centre));
}

#[test]
fn a_journal_that_is_gone_is_missed() {
    let centre = Centre::open();
    fs::remove_dir_all(centre.path().join("sled")).unwrap();
    fs::write(journal(&centre), b"short").unwrap();
    insta::assert_snapshot!("short_journal", about(&centre));
}

#[test]
fn an_interrupted_write_is_cut_and_told() {
    let centre = Centre::with_cases();
    let before = common::parsed(&centre.call(&["stats", "--json"]));
    // Of the last frame only the beginning reached the disk.
    change(&centre, |bytes| {
        let frame = bytes.windows(4).rposition(|word| word == b"GFRM").unwrap();
        bytes[frame + 100..].fill(0);
    });
    let said = centre.says(&["stats", "--json"]);
    let remark = said.split("--- err\n").nth(1).unwrap_or_default().to_owned();
    // How the lines of a run fall into groups is chance, so where the last one begins is too.
    let after = common::parsed(&centre.call(&["stats", "--json"]));
    let position = after["position"].as_u64().unwrap();
    assert!(
        remark.starts_with(&format!("note: an interrupted write at position {position} (")),
        "{said}"
    );
    assert_eq!(before["position"], 276);
    assert!((268..276).contains(&position), "{position}");
}

#[test]
fn nobody_reading_the_output_is_no_failure() {
    let centre = Centre::with_cases();
    let mut export = std::process::Command::new(assert_cmd::cargo::cargo_bin!("guichet"))
        .args(["export", "--data"])
        .arg(centre.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(export.stdout.take());
    let output = export.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
