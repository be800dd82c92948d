//! A case file: it proves its case, and anything changed, left out or put in makes it prove nothing.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod stories;

use std::fs;
use std::path::{Path, PathBuf};

use guichet_audit::case_file::{CASE_FILE, Fault, NotProven, check, prove};
use guichet_core::id::{CaseId, Revision};
use guichet_log::archive::Archive;
use guichet_log::note::{PrivateKey, PublicKey};
use serde_json::{Value, json};
use tempfile::TempDir;

use stories::Centre;

/// A case file of a story, in a folder of its own.
struct Filed {
    dir: TempDir,
    case: CaseId,
    key: PublicKey,
}

impl Filed {
    fn new() -> Self {
        let centre = Centre::with("two-correction-notices");
        let archive = Archive::open(centre.archive()).unwrap();
        let key = archive.stated_key().unwrap();
        let case = first_case(&archive);
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("records")).unwrap();
        for (name, bytes) in prove(&archive, &case).unwrap().files {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        Self { dir, case, key }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn faults(&self) -> Vec<Fault> {
        check(self.dir.path(), &self.key).unwrap().faults
    }

    fn change(&self, change: impl FnOnce(&mut Value)) {
        let mut file: Value = serde_json::from_slice(&fs::read(self.path(CASE_FILE)).unwrap()).unwrap();
        change(&mut file);
        fs::write(self.path(CASE_FILE), file.to_string()).unwrap();
    }

    fn events(&self) -> u64 {
        check(self.dir.path(), &self.key).unwrap().events
    }
}

fn first_case(archive: &Archive) -> CaseId {
    archive
        .records(guichet_core::id::Position::START)
        .find_map(|record| record.unwrap().stream.case())
        .unwrap()
}

fn remove_event(dir: &Path, revision: u64) {
    for ending in ["record", "tlog-proof"] {
        fs::remove_file(dir.join(format!("records/{revision:06}.{ending}"))).unwrap();
    }
}

#[test]
fn a_case_file_proves_its_case_with_the_public_key_alone() {
    let filed = Filed::new();
    let checked = check(filed.dir.path(), &filed.key).unwrap();
    assert_eq!((checked.faults, checked.case), (Vec::new(), filed.case.clone()));
    assert!(checked.events > 5);
}

#[test]
fn an_event_left_out_at_the_end_is_told_even_when_every_other_one_is_proven() {
    let filed = Filed::new();
    let events = filed.events();
    filed.change(|file| drop(file["events"].as_array_mut().unwrap().pop()));
    remove_event(filed.dir.path(), events - 1);
    assert_eq!(
        filed.faults(),
        [Fault::LeftOut {
            expected: events,
            found: events - 1
        }]
    );
}

#[test]
fn an_event_left_out_in_the_middle_is_told() {
    let filed = Filed::new();
    let events = filed.events();
    // The later ones move up, as somebody would who hides one.
    filed.change(|file| drop(file["events"].as_array_mut().unwrap().remove(3)));
    remove_event(filed.dir.path(), 3);
    for revision in 4..events {
        for ending in ["record", "tlog-proof"] {
            let name = |revision: u64| filed.path(&format!("records/{revision:06}.{ending}"));
            fs::rename(name(revision), name(revision - 1)).unwrap();
        }
    }
    let faults = filed.faults();
    assert!(faults.contains(&Fault::LeftOut {
        expected: events,
        found: events - 1
    }));
    assert!(faults.iter().any(|fault| matches!(
        fault,
        Fault::Misplaced {
            revision: Revision(3),
            ..
        }
    )));
}

#[test]
fn a_lie_about_how_many_there_are_does_not_hide_one() {
    let filed = Filed::new();
    let events = filed.events();
    filed.change(|file| {
        file["events"].as_array_mut().unwrap().pop();
        file["completeness"]["records"] = json!(events - 1);
    });
    assert!(matches!(filed.faults()[..], [Fault::NotComplete { .. }]));
}

#[test]
fn a_changed_record_is_not_in_the_log() {
    let filed = Filed::new();
    let path = filed.path("records/000002.record");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let faults = filed.faults();
    assert!(
        faults.iter().any(|fault| matches!(
            fault,
            Fault::NotInLog {
                revision: Revision(2),
                ..
            }
        )),
        "{faults:?}"
    );
}

#[test]
fn what_people_read_must_be_what_the_record_says() {
    let filed = Filed::new();
    filed.change(|file| file["events"][1]["person"] = json!("somebody-else"));
    assert_eq!(
        filed.faults(),
        [Fault::ReadsOtherwise {
            revision: Revision(1)
        }]
    );
}

#[test]
fn a_missing_proof_is_told_by_its_name() {
    let filed = Filed::new();
    fs::remove_file(filed.path("records/000004.tlog-proof")).unwrap();
    let faults = filed.faults();
    assert!(matches!(&faults[..], [Fault::File { file, .. }] if file == "records/000004.tlog-proof"));
}

#[test]
fn another_key_proves_nothing() {
    let filed = Filed::new();
    let thief = PrivateKey::from_seed(filed.key.name(), &[99; 32]).unwrap();
    let faults = check(filed.dir.path(), thief.public()).unwrap().faults;
    assert!(matches!(faults.last(), Some(Fault::NotComplete { .. })));
    assert!(
        faults.len() > 5
            && faults
                .iter()
                .rev()
                .skip(1)
                .all(|fault| matches!(fault, Fault::NotInLog { .. }))
    );
}

#[test]
fn a_case_that_is_not_there_has_no_case_file() {
    let centre = Centre::with("two-correction-notices");
    let archive = Archive::open(centre.archive()).unwrap();
    let nobody = CaseId::new("1999-1").unwrap();
    assert!(matches!(prove(&archive, &nobody), Err(NotProven::NoCase(case)) if case == nobody));
}

#[test]
fn both_files_of_the_same_case_are_the_same_bytes() {
    let centre = Centre::with("two-correction-notices");
    let archive = Archive::open(centre.archive()).unwrap();
    let case = first_case(&archive);
    assert_eq!(prove(&archive, &case).unwrap(), prove(&archive, &case).unwrap());
}

#[test]
fn the_tool_proves_checks_and_verifies_in_both_languages_and_for_programs() {
    let centre = Centre::with("two-correction-notices");
    let archive = Archive::open(centre.archive()).unwrap();
    let (case, key) = (
        first_case(&archive).to_string(),
        archive.stated_key().unwrap().to_string(),
    );
    let folder = centre.dir.path().join("file").display().to_string();
    let proven = centre.json(&["prove", &case, "--to", &folder]);
    stories::assert_fits("proven.v1.schema.json", &proven);
    let file: Value = serde_json::from_slice(&fs::read(Path::new(&folder).join(CASE_FILE)).unwrap()).unwrap();
    stories::assert_fits("case-file.v1.schema.json", &file);
    let verification = centre.json(&["verify", "--key", &key]);
    stories::assert_fits("verification.v1.schema.json", &verification);

    let again = centre.call(&["prove", &case, "--to", &folder]);
    assert_eq!(
        again.status.code(),
        Some(2),
        "a folder that is there is left alone: {again:?}"
    );
    let checked = |form: &[&str]| {
        let arguments = [&["check-proof", &folder, "--key", &key], form].concat();
        stories::audit(&arguments).output().unwrap()
    };
    let honest = checked(&["--json"]);
    stories::assert_fits(
        "proof-check.v1.schema.json",
        &serde_json::from_slice(&honest.stdout).unwrap(),
    );
    assert_eq!(honest.status.code(), Some(0));
    remove_event(Path::new(&folder), 1);
    let faulty = checked(&["--json"]);
    stories::assert_fits(
        "proof-check.v1.schema.json",
        &serde_json::from_slice(&faulty.stdout).unwrap(),
    );
    assert_eq!(faulty.status.code(), Some(1));

    let tile = centre.archive().join("tile/entries/000");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[200] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let mut text = centre.in_all_forms(&["verify", "--key", &key]);
    for lang in ["en", "zh"] {
        text.push_str(&stories::told(&checked(&["--lang", lang]), centre.dir.path()));
    }
    insta::assert_snapshot!(text);
}
