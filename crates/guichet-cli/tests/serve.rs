//! `guichet serve`, `guichet token` and a demo that is watched: who may ask is said at a terminal, and the server knows.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use common::guichet;
use serde_json::Value;

/// A server, ended when this is dropped.
struct Serving {
    child: Child,
    address: String,
    /// What it said after where it listens.
    later: Option<JoinHandle<String>>,
}

impl Serving {
    /// What it said after where it listens, once it has ended.
    fn said(&mut self) -> String {
        self.later.take().unwrap().join().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn data(dir: &Path) -> String {
    let data = dir.join("data").display().to_string();
    guichet(&["demo", "--headless", "--quiet", "--cases", "80", "--data", &data])
        .assert()
        .success();
    data
}

fn serve(data: &str) -> Serving {
    started(&["serve", "--data", data, "--listen", "127.0.0.1:0", "--lang", "en"])
}

fn started(arguments: &[&str]) -> Serving {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("guichet"))
        .args(arguments)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    let address = address
        .unwrap_or_else(|| panic!("no address in {line}"))
        .to_owned();
    // What it says later must not keep it waiting.
    let later = std::thread::spawn(move || {
        let mut later = String::new();
        // What came before an end that cannot be read is what there is.
        let _ = said.read_to_string(&mut later);
        later
    });
    Serving {
        child,
        address,
        later: Some(later),
    }
}

/// What a visitor is answered.
fn answer(address: &str, path: &str) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: centre\r\n\r\n").unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    serde_json::from_str(heard.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn status(address: &str, path: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: centre\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    heard.get(9..12).unwrap_or_default().to_owned()
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_token_is_made_shown_once_and_good_until_it_is_revoked() {
    let dir = tempfile::tempdir().unwrap();
    let data = data(dir.path());
    let serving = serve(&data);
    // The server runs: tokens are no matter of the log, and need not wait for it.
    let made = guichet(&[
        "token",
        "create",
        "audit",
        "--role",
        "supervisor",
        "--json",
        "--data",
        &data,
    ])
    .output()
    .unwrap();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let token = made["token"].as_str().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!(status(&serving.address, "/api/v1/events", token), "200");
    let list = guichet(&["token", "list", "--json", "--data", &data])
        .output()
        .unwrap();
    let text = String::from_utf8(list.stdout).unwrap();
    assert!(text.contains("\"audit\"") && !text.contains(token), "{text}");
    guichet(&["token", "revoke", "audit", "--data", &data])
        .assert()
        .success();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!(status(&serving.address, "/api/v1/events", token), "401");
}

#[test]
fn a_token_that_makes_no_sense_is_refused_and_none_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = data(dir.path());
    for (arguments, why) in [
        (&["--role", "clerk"][..], "say whose with --person"),
        (
            &["--role", "clerk", "--person", "s01"],
            "say at which with --window",
        ),
        (&["--role", "supervisor", "--person", "s01"], "leave --person out"),
        (
            &["--role", "handler", "--person", "s01", "--window", "w01"],
            "leave --window out",
        ),
        (&["--role", "public"], "takes no token"),
        (&["--role", "king"], "is no role"),
    ] {
        let all: Vec<&str> = ["token", "create", "one", "--data", &data]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        let refused = guichet(&all).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(said(&refused).contains(why), "{}", said(&refused));
    }
    let list = guichet(&["token", "list", "--data", &data]).output().unwrap();
    assert_eq!(String::from_utf8(list.stdout).unwrap(), "no tokens\n");
    let nowhere = guichet(&["token", "list", "--data", "nowhere"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(5));
}

#[test]
fn it_listens_elsewhere_only_with_tokens_and_never_twice() {
    let dir = tempfile::tempdir().unwrap();
    let data = data(dir.path());
    let refused = guichet(&["serve", "--data", &data, "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        said(&refused).contains("guichet token create"),
        "{}",
        said(&refused)
    );
    let refused = guichet(&["serve", "--data", &data, "--visitors", "clerk"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let serving = serve(&data);
    let locked = guichet(&["serve", "--data", &data, "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(locked.status.code(), Some(5), "{}", said(&locked));
    assert_eq!(
        status(&serving.address, "/health", ""),
        "401",
        "an empty token is none"
    );
}

#[test]
fn a_demo_that_is_watched_moves_and_ends_when_it_is_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data").display().to_string();
    let arguments = [
        "demo",
        "--cases",
        "80",
        "--speed",
        "0.05",
        "--from",
        "2010-01-04",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
        "--lang",
        "en",
    ];
    let mut serving = started(&arguments);
    let centre = answer(&serving.address, "/api/v1/centre");
    assert_eq!(
        (&centre["demo"]["seed"], &centre["demo"]["minutes_a_day"]),
        (&Value::from(2010), &Value::from(0.05))
    );
    let at = |serving: &Serving| {
        answer(&serving.address, "/api/v1/overview")["at"]
            .as_u64()
            .unwrap()
    };
    let first = at(&serving);
    // A day takes three seconds: within a minute many cases come in, also on a slow machine.
    let moved = (0..300).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        at(&serving) > first
    });
    assert!(moved, "the demo stands still at {first}");
    Command::new("kill")
        .args(["-TERM", &serving.child.id().to_string()])
        .status()
        .unwrap();
    let ended = serving.child.wait().unwrap();
    assert!(ended.success(), "{ended}: {}", serving.said());
    let again = guichet(&["demo", "--headless", "--cases", "80", "--data", &data])
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(5), "{}", said(&again));
    guichet(&["case", "list", "--data", &data]).assert().success();
}

#[test]
fn a_service_manager_is_told_when_the_server_is_ready_and_when_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let data = data(dir.path());
    let path = dir.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(std::time::Duration::from_secs(60)))
        .unwrap();
    let hear = || {
        let mut heard = [0; 1024];
        let length = socket.recv(&mut heard).unwrap();
        String::from_utf8(heard[..length].to_vec()).unwrap()
    };
    let child = Command::new(assert_cmd::cargo::cargo_bin!("guichet"))
        .args(["serve", "--data", &data, "--listen", "127.0.0.1:0", "--quiet"])
        .env("NOTIFY_SOCKET", &path)
        .spawn()
        .unwrap();
    let mut serving = Serving {
        child,
        address: String::new(),
        later: None,
    };
    let ready = hear();
    let address = ready
        .strip_prefix("READY=1\nSTATUS=serving at http://")
        .and_then(|rest| rest.strip_suffix("/\n"))
        .unwrap_or_else(|| panic!("not ready: {ready}"));
    assert_eq!(status(address, "/health/ready", "none"), "401");
    assert_eq!(answer(address, "/health")["status"], "ok");
    // At once: whoever is ready can be ended in order too.
    Command::new("kill")
        .args(["-TERM", &serving.child.id().to_string()])
        .status()
        .unwrap();
    assert_eq!(hear(), "STOPPING=1\n");
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
}
