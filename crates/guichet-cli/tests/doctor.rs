//! What the doctor says of what a server needs: each finding with what was found, and what to do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::process::{Child, Command, Stdio};

use common::{Centre, TENTH, assert_fits, guichet, parsed};
use serde_json::{Value, json};

/// What the doctor says of one thing, and its exit code. Its form is checked on the way.
fn looked(centre: &Centre, check: &str, arguments: &[&str]) -> (Value, i32) {
    let mut call = vec!["doctor", "--json"];
    if !arguments.contains(&"--listen") {
        call.extend(["--listen", "127.0.0.1:0"]);
    }
    call.extend(arguments);
    let output = centre.call(&call);
    let report = parsed(&output);
    assert_fits("doctor.v1.schema.json", &report);
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|found| found["check"] == check);
    (
        found
            .unwrap_or_else(|| panic!("nothing of {check} in {report:#}"))
            .clone(),
        output.status.code().unwrap(),
    )
}

fn found(check: &Value) -> &str {
    check["found"].as_str().unwrap()
}

/// A server, ended when this is dropped.
struct Serving(Child, String);

impl Serving {
    fn of(centre: &Centre) -> Self {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("guichet"))
            .args(["serve", "--lang", "en", "--listen", "127.0.0.1:0", "--data"])
            .arg(centre.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap();
        let address = address.to_owned();
        // What it says later is read by nobody, and must not keep it waiting.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self(child, address)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn data_that_a_server_holds_are_in_good_hands() {
    let (centre, other) = (Centre::open(), Centre::open());
    let serving = Serving::of(&centre);
    let (store, _) = looked(&centre, "store", &["--listen", &serving.1]);
    assert_eq!(store["state"], "ok");
    assert!(found(&store).starts_with("in use by another process"), "{store}");
    let (address, _) = looked(&centre, "address", &["--listen", &serving.1]);
    assert_eq!(
        address,
        json!({"check": "address", "state": "ok", "found": format!("a Guichet server answers at {}", serving.1)})
    );
    // Whoever wants every record read is told that none was.
    let (store, code) = looked(&centre, "store", &["--full"]);
    assert_eq!((&store["state"], code), (&json!("warning"), 1));
    // The same address is of no use to another centre.
    let (address, code) = looked(&other, "address", &["--listen", &serving.1]);
    assert_eq!((&address["state"], code), (&json!("warning"), 1));
    assert!(
        found(&address).ends_with("over other data than these"),
        "{address}"
    );
}

#[test]
fn an_address_that_is_not_to_be_had_is_named() {
    let centre = Centre::open();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    // Somebody who takes connections and hangs up.
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let (address, code) = looked(&centre, "address", &["--listen", &taken]);
    assert_eq!((&address["state"], code), (&json!("warning"), 1));
    assert_eq!(found(&address), format!("another program listens on {taken}"));
    assert!(address["help"].as_str().unwrap().contains("--listen"));
    let (address, _) = looked(&centre, "address", &["--listen", "192.0.2.1:8640"]);
    assert!(
        found(&address).starts_with("cannot listen on 192.0.2.1:8640"),
        "{address}"
    );
    let (address, _) = looked(&centre, "address", &["--listen", &taken, "--lang", "zh"]);
    assert_eq!(found(&address), format!("{taken} 被其他程序占用"));
}

#[test]
fn tokens_are_counted_and_missed_where_they_are_needed() {
    let centre = Centre::open();
    let (tokens, _) = looked(&centre, "tokens", &[]);
    assert_eq!(
        (&tokens["state"], found(&tokens)),
        (&json!("ok"), "no tokens"),
        "this machine alone needs none"
    );
    let (tokens, code) = looked(&centre, "tokens", &["--listen", "0.0.0.0:0"]);
    assert_eq!((&tokens["state"], code), (&json!("warning"), 1));
    for (name, until) in [("audit", None), ("summer", Some("2010-08-31"))] {
        let mut arguments = vec!["token", "create", name, "--role", "supervisor"];
        arguments.extend(until.iter().flat_map(|until| ["--until", until]));
        assert_eq!(centre.call(&arguments).status.code(), Some(0));
    }
    let (tokens, _) = looked(&centre, "tokens", &["--listen", "0.0.0.0:0"]);
    assert_eq!(
        (&tokens["state"], found(&tokens)),
        (&json!("ok"), "2, of which are over: summer")
    );
    fs::write(centre.path().join("access.json"), "{").unwrap();
    let (tokens, code) = looked(&centre, "tokens", &[]);
    assert_eq!((&tokens["state"], code), (&json!("error"), 1));
    assert!(found(&tokens).contains("access.json"), "{tokens}");
}

#[test]
fn files_of_tokens_and_keys_are_their_owners_alone() {
    let centre = Centre::open();
    let (secrets, _) = looked(&centre, "secrets", &[]);
    assert_eq!(found(&secrets), "no files of tokens or keys yet");
    centre.call(&["token", "create", "audit", "--role", "supervisor"]);
    let (secrets, _) = looked(&centre, "secrets", &[]);
    assert_eq!(found(&secrets), "their owner's alone: access.json");
    let file = centre.path().join("access.json");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    let (secrets, code) = looked(&centre, "secrets", &[]);
    assert_eq!((&secrets["state"], code), (&json!("warning"), 1));
    assert_eq!(found(&secrets), "`access.json` has the mode 0640; expected 0600");
    assert_eq!(secrets["help"], format!("chmod 600 {}", file.display()));
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    // Made by root for a server that is not root: the server cannot read it.
    if chown(&file, Some(4_242), None).is_err() {
        println!("only root can give a file away: not tried");
        return;
    }
    let (secrets, _) = looked(&centre, "secrets", &[]);
    let owner = fs::metadata(centre.path()).unwrap().uid();
    assert_eq!(
        found(&secrets),
        format!("`access.json` belongs to the user 4242, the folder to the user {owner}")
    );
}

#[test]
fn a_clock_that_cannot_be_right_is_found() {
    let centre = Centre::open();
    let (clock, _) = looked(&centre, "clock", &["--now", "2031-05-01T08:00:00Z"]);
    assert_eq!(clock["state"], "ok");
    let (clock, code) = looked(&centre, "clock", &["--now", TENTH]);
    assert_eq!((&clock["state"], code), (&json!("warning"), 1));
    assert!(
        found(&clock).contains("before any build of this program"),
        "{clock}"
    );
    // Recorded on a machine whose clock ran ahead.
    let later = "2031-05-02T08:00:00Z";
    let published = centre.call(&[
        "catalogue",
        "publish",
        "harbin-2010-amended",
        "--by",
        "s40",
        "--now",
        later,
    ]);
    assert_eq!(published.status.code(), Some(0), "{published:?}");
    let (clock, _) = looked(&centre, "clock", &["--now", "2031-05-01T08:00:00Z"]);
    assert_eq!(clock["state"], "warning");
    assert_eq!(
        found(&clock),
        "the clock says 2031-05-01T08:00:00Z, and the last record is of 2031-05-02T08:00:00Z"
    );
}

#[test]
fn too_few_open_files_are_found() {
    let binary = assert_cmd::cargo::cargo_bin!("guichet").display().to_string();
    let said = |files: &str| {
        let script = format!("ulimit -S -n {files} && exec '{binary}' doctor --json --listen 127.0.0.1:0");
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let report = parsed(&output);
        let checks = report["checks"].as_array().unwrap().clone();
        checks
            .into_iter()
            .find(|check| check["check"] == "open_files")
            .unwrap()
    };
    let few = said("256");
    assert_eq!(few["state"], "warning");
    assert_eq!(
        found(&few),
        "256 at once: room for 192 connections of the 4096 that the server takes"
    );
    assert!(few["help"].as_str().unwrap().contains("LimitNOFILE"), "{few}");
    let usual = said("1024");
    assert_eq!(usual["state"], "ok", "{usual}");
    assert!(usual["help"].as_str().unwrap().contains("ulimit -n"), "{usual}");
}

#[test]
fn a_machine_without_data_is_looked_at_too() {
    let output = guichet(&["doctor", "--json", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    let report = parsed(&output);
    assert_fits("doctor.v1.schema.json", &report);
    let names: Vec<_> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["check"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["version", "terminal", "open_files", "pages", "clock", "address"]
    );
}
