//! `guichet archive`: written, gone on with, restored to the same root; and what it says when it cannot.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use guichet_log::archive::Archive;
use serde_json::{Value, json};
use tempfile::TempDir;

use common::{Centre, MONDAY, TUESDAY, assert_fits, command, guichet};

/// Everything that a call says, without what differs from run to run: folders, keys and hashes.
fn told(output: &Output, folders: &[(&Path, &str)]) -> String {
    let mut text = common::told(output, Path::new("no such folder"));
    for (path, name) in folders {
        text = text.replace(&path.display().to_string(), name);
    }
    let word = |word: &str| {
        let plain: String = word.chars().filter(char::is_ascii_hexdigit).collect();
        // The name of a key that was made without one.
        let digits = word
            .trim_matches('`')
            .trim_end_matches("`,")
            .strip_prefix("guichet-");
        if word.contains("guichet-") && word.contains('+') {
            "KEY".to_owned()
        } else if digits.is_some_and(|digits| digits.len() == 8 && plain.len() >= 8) {
            "LOG".to_owned()
        } else if plain.len() >= 64 {
            word.replace(&plain, "HASH")
        } else {
            word.to_owned()
        }
    };
    let lines = text
        .lines()
        .map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn call(arguments: &[&str]) -> Output {
    guichet(arguments).output().unwrap()
}

/// A case that is handed in.
fn submission(id: &str) -> String {
    let submit =
        json!({"submit": {"procedure": "food-service", "applicant": "a-7", "materials": [], "facts": {}}});
    command(id, &format!("2010-{id}"), "clerk", &submit)
}

struct Folders {
    centre: Centre,
    dir: TempDir,
}

impl Folders {
    fn new() -> Self {
        Self {
            centre: Centre::with_cases(),
            dir: TempDir::new().unwrap(),
        }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn data(&self) -> String {
        self.centre.dir.path().display().to_string()
    }

    fn archive(&self) -> Output {
        call(&[
            "archive",
            "--data",
            &self.data(),
            "--to",
            &self.path("archive"),
            "--json",
        ])
    }

    fn told(&self, output: &Output) -> String {
        told(
            output,
            &[(self.dir.path(), "DIR"), (self.centre.dir.path(), "DATA")],
        )
    }
}

#[test]
fn an_archive_is_written_gone_on_with_and_restored_to_the_same_root() {
    let folders = Folders::new();
    let first = common::parsed(&folders.archive());
    assert_fits("archive.v1.schema.json", &first);
    assert_eq!(
        (&first["records"], &first["version"]),
        (&first["new"], &Value::from(1))
    );

    folders.centre.run(TUESDAY, &[submission("later")]);
    let second = common::parsed(&folders.archive());
    assert_eq!(second["public_key"], first["public_key"]);
    assert!(second["new"].as_u64() > Some(0) && second["new"].as_u64() < first["records"].as_u64());

    let key = second["public_key"].as_str().unwrap();
    let [archive, restored] = ["archive", "restored"].map(|name| folders.path(name));
    let output = call(&[
        "archive", "restore", "--from", &archive, "--data", &restored, "--key", key, "--json",
    ]);
    let again = common::parsed(&output);
    assert_fits("archive-restore.v1.schema.json", &again);
    assert_eq!(
        (&again["root"], &again["records"]),
        (&second["root"], &second["records"])
    );

    // The restored log is the same log: its archive goes on where the other one ended.
    fs::copy(
        format!("{}/archive.key", folders.data()),
        format!("{restored}/archive.key"),
    )
    .unwrap();
    let third = common::parsed(&call(&[
        "archive", "--data", &restored, "--to", &archive, "--json",
    ]));
    assert_eq!(
        (&third["root"], &third["new"]),
        (&second["root"], &Value::from(0))
    );
}

#[test]
fn the_engine_writes_the_archive_while_it_takes_commands() {
    let folders = Folders::new();
    let archive = folders.path("archive");
    let output = guichet(&[
        "run",
        "--data",
        &folders.data(),
        "--archive",
        &archive,
        "--now",
        MONDAY,
        "--quiet",
    ])
    .write_stdin(submission("c-1"))
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let archived = Archive::open(&archive).unwrap();
    let later = common::parsed(&folders.archive());
    assert_eq!(
        (Some(archived.end().0), later["new"].as_u64()),
        (later["records"].as_u64(), Some(0))
    );
}

#[test]
fn what_people_are_told() {
    let folders = Folders::new();
    let [archive, key, foreign] = ["archive", "a.key", "foreign"].map(|name| folders.path(name));
    let data = folders.data();
    fs::create_dir(&foreign).unwrap();
    fs::write(format!("{foreign}/letter.txt"), "yours").unwrap();
    let other = Centre::open();
    other.run(MONDAY, &[submission("one"), submission("two")]);
    let other = other.dir.path().display().to_string();

    let mut text = String::new();
    for arguments in [
        vec!["archive", "--data", &data, "--to", &archive],
        vec!["archive", "--data", &data, "--to", &archive, "--lang", "zh"],
        vec!["archive", "key", "--name", "a log", "--to", &key],
        vec!["archive", "key", "--name", "guichet-test/log", "--to", &key],
        vec![
            "archive",
            "key",
            "--name",
            "guichet-test/log",
            "--to",
            &key,
            "--lang",
            "zh",
        ],
        vec!["archive", "--data", &data, "--to", &archive, "--key", &key],
        vec![
            "archive",
            "--data",
            &other,
            "--to",
            &archive,
            "--key",
            &format!("{data}/archive.key"),
        ],
        vec![
            "archive",
            "pack",
            "--archive",
            &archive,
            "--key",
            &format!("{data}/archive.key"),
        ],
        vec!["archive", "pack", "--archive", &foreign, "--key", &key],
        vec!["archive", "--data", &data, "--to", &foreign],
        vec!["archive", "restore", "--from", &archive, "--data", &foreign],
        vec![
            "archive",
            "restore",
            "--from",
            &foreign,
            "--data",
            &folders.path("new"),
        ],
        vec![
            "archive",
            "restore",
            "--from",
            &archive,
            "--data",
            &folders.path("new"),
            "--lang",
            "zh",
        ],
    ] {
        let asked = arguments.join(" ");
        let asked = told_line(&asked, &folders);
        let said = folders.told(&call(&arguments)).replace(&other, "OTHER");
        writeln!(text, "$ guichet {}\n{said}", asked.replace(&other, "OTHER")).unwrap();
    }
    insta::assert_snapshot!(text);
}

fn told_line(line: &str, folders: &Folders) -> String {
    line.replace(&folders.dir.path().display().to_string(), "DIR")
        .replace(&folders.data(), "DATA")
}
